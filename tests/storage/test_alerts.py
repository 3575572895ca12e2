from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.model import Level
from storage import alerts, page_codes, people
from storage.codes import Role
from tests.storage import invented
from tests.storage.invented import AT, MINUTE, OTHER

if TYPE_CHECKING:
    from flows.model import Alert
    from storage.database import Database, Transaction
    from storage.people import Person


def raised(tx: Transaction) -> tuple[Alert, Person]:
    _, talk = invented.chat(tx)
    made = invented.alert(talk, id=alerts.new_id(), serial=1)
    alerts.add(tx, made)
    return made, people.add(tx, "ana", "duty", AT, phone="+447700900100")


def test_an_alert_is_kept_whole_and_found_while_open(database: Database) -> None:
    with database.transaction() as tx:
        made, _ = raised(tx)
        assert alerts.open_for(tx, made.conversation) == made
    with database.transaction() as tx:
        assert alerts.load(tx, made.id) == made
        taken = replace(made, state="acknowledged", taken_by="ana", taken_at=AT + MINUTE, serial=2, paged=("ana",))
        alerts.save(tx, taken)
        assert alerts.open_for(tx, made.conversation) == taken
        assert alerts.undecided(tx) == (taken,)
        closed = replace(taken, state="closed")
        alerts.save(tx, closed)
        assert alerts.open_for(tx, made.conversation) is None
        assert alerts.undecided(tx) == ()
        assert alerts.of(tx, made.conversation) == (closed,)


def test_the_gravest_come_first(database: Database) -> None:
    with database.transaction() as tx:
        low, _ = raised(tx)
        _, talk = invented.chat(tx, OTHER)
        high = invented.alert(talk, id=alerts.new_id(), level=Level.L4, opened_at=AT + MINUTE)
        alerts.add(tx, high)
        assert alerts.undecided(tx) == (high, low)


def test_a_code_fits_its_page_and_person_and_dies_with_its_rung(database: Database) -> None:
    with database.transaction() as tx:
        made, ana = raised(tx)
        ben = people.add(tx, "ben", "backup", AT, phone="+447700900101")
        page = alerts.paged(tx, made, ana.id, "duty", 0, "sms", AT)
        code = alerts.code(tx, made, ana.id, 0)
        match = page_codes.by_code(tx, ana.id, code.lower())
        assert match is not None
        assert match.live
        assert (match.page.id, match.page.alert, match.page.role, match.page.method) == (
            page,
            made.id,
            Role.DUTY,
            "sms",
        )
        assert page_codes.by_code(tx, ben.id, code) is None
        assert page_codes.by_code(tx, ana.id, "no code") is None

        again = replace(made, serial=2)
        alerts.paged(tx, again, ana.id, "duty", 0, "voice", AT + 3 * MINUTE)
        assert page_codes.by_code(tx, ana.id, code).live  # type: ignore[union-attr]

        climbed = replace(made, serial=3, rung=2)
        alerts.paged(tx, climbed, ben.id, "backup", 1, "sms", AT + 15 * MINUTE)
        assert not page_codes.by_code(tx, ana.id, code).live  # type: ignore[union-attr]
        assert page_codes.by_code(tx, ben.id, alerts.code(tx, climbed, ben.id, 1)).live  # type: ignore[union-attr]
        assert [one.method for one in alerts.pages(tx, made.id)] == ["sms", "voice", "sms"]


def test_a_code_is_used_once_and_not_after_the_decision(database: Database) -> None:
    with database.transaction() as tx:
        made, ana = raised(tx)
        page = alerts.paged(tx, made, ana.id, "duty", 0, "sms", AT)
        code = alerts.code(tx, made, ana.id, 0)
        assert alerts.used(tx, page, AT)
        assert not alerts.used(tx, page, AT)
        assert not page_codes.by_code(tx, ana.id, code).live  # type: ignore[union-attr]
        alerts.save(tx, replace(made, state="decided"))
        assert page_codes.by_code(tx, ana.id, code) is None
