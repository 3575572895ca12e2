"""People and how they are reached, from the command line: what is said, what is audited, what leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot import app, keeping, serving, staffing, waking
from bot.channels.addresses import NotAPhone
from bot.config import Settings
from bot.keeping import NotFound
from storage import audit, claiming, methods, people, rotation, tables
from storage.commit import Committer
from storage.keys import Keys, Sealed

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
ANA = {"sms": "07700 900201", "voice": "07700 900201"}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    made = Settings(database_url=database_url, keys_file=tmp_path / "keys")
    keeping.new_keys(made)
    database = app.database(made)
    if not database.is_current():
        database.migrate()
    database.close()
    staffing.add(made, "Mel", "manager", {}, AT)
    return made


def texted(settings: Settings) -> list[tuple[str | None, str]]:
    kinds = ["sms", "voice", "telegram", "email"]
    found = keeping.within(settings, lambda tx: claiming.claim(tx, LATER, 10, kinds))
    return [(one.address, one.text) for one in found]


def audited(settings: Settings, name: str) -> list[tuple[str, ...]]:
    who = keeping.within(settings, lambda tx: {one.id: one.name for one in people.everyone(tx)})
    ana = next(staff for staff, one in who.items() if one == name)
    lines = keeping.within(settings, lambda tx: list(audit.about(tx, ana)))
    return [(who.get(one.who, one.who), one.what, *one.about[1:]) for one in lines]


def test_whoever_is_taken_on_is_sent_a_code_that_verifies_text_and_call(settings: Settings) -> None:
    told = staffing.add(settings, "Ana", "duty", ANA, AT)
    assert [line for line in told if "waymark staff verify Ana CODE" in line] == told[:1]
    ((address, said),) = texted(settings)
    assert address == "+447700900201"
    assert "Ana" not in said
    code = said.partition("code is ")[2][:6]
    assert staffing.verify(settings, "ana", code, LATER) == ["sms", "voice"]
    assert [one["verified"] for one in staffing.everyone(settings)] == [[], ["sms", "voice"]]
    assert audited(settings, "Ana") == [
        ("cli", "staff.added", "duty"),
        ("cli", "method.added", "sms"),
        ("cli", "method.added", "voice"),
        ("cli", "method.verified", "sms", "code"),
        ("cli", "method.verified", "voice", "code"),
    ]
    with pytest.raises(NotFound, match="wrong, used or too old"):
        staffing.verify(settings, "Ana", code, LATER)


def test_whom_nothing_reaches_is_told_of_at_once(settings: Settings) -> None:
    assert staffing.add(settings, "Bob", "duty", {}, AT) == [
        "Bob: reached by nothing yet; `waymark staff method Bob --sms NUMBER`"
    ]


def test_five_wrong_codes_are_counted_though_each_is_refused(settings: Settings) -> None:
    staffing.add(settings, "Ana", "duty", ANA, AT)
    code = texted(settings)[0][1].partition("code is ")[2][:6]
    for _ in range(methods.MOST_TRIES):
        with pytest.raises(NotFound):
            staffing.verify(settings, "Ana", "WRONG2", LATER)
    with pytest.raises(NotFound):
        staffing.verify(settings, "Ana", code, LATER)


def test_a_managers_word_verifies_and_is_kept_under_their_name(settings: Settings) -> None:
    staffing.add(settings, "Ana", "duty", {}, AT)
    told = staffing.add_ways(settings, "Ana", {"voice": "07700 900202"}, "Mel", AT)
    assert told == ["Ana: voice ...202 verified by the word of Mel"]
    assert texted(settings) == []
    assert audited(settings, "Ana")[-1] == ("Mel", "method.verified", "voice", "by_word")
    assert staffing.ways(settings, "Ana") == ["voice    ...202               verified by the word of Mel"]


def test_the_word_of_anybody_else_verifies_nothing(settings: Settings) -> None:
    staffing.add(settings, "Ana", "duty", ANA, AT)
    for by in ("Ana", "Nobody"):
        with pytest.raises(NotFound):
            staffing.vouch(settings, "Ana", by, AT)
    staffing.add(settings, "Sue", "service_manager", {}, AT)
    staffing.disable(settings, "Sue", AT)
    with pytest.raises(NotFound, match="active"):
        staffing.vouch(settings, "Ana", "Sue", AT)
    assert staffing.vouch(settings, "Ana", "Mel", AT) == ["sms", "voice"]
    with pytest.raises(NotFound, match="nothing that is not verified"):
        staffing.vouch(settings, "Ana", "Mel", AT)


def test_a_line_that_cannot_be_texted_says_how_it_is_proved(settings: Settings) -> None:
    staffing.add(settings, "Ana", "duty", {}, AT)
    (told,) = staffing.add_ways(settings, "Ana", {"voice": "07700 900202"}, None, AT)
    assert "--by MANAGER" in told
    assert texted(settings) == []


def test_an_e_mail_and_a_chat_get_their_code_there(settings: Settings) -> None:
    staffing.add(settings, "Ana", "duty", {}, AT)
    staffing.add_ways(settings, "Ana", {"email": "Ana@Example.org", "telegram": "700900201"}, None, AT)
    assert {address for address, _ in texted(settings)} == {"ana@example.org", "700900201"}


@pytest.mark.parametrize(
    ("kind", "address", "error"),
    [("sms", "999", NotAPhone), ("email", "ana", NotFound), ("telegram", "@ana", NotFound)],
)
def test_what_is_no_address_is_refused_and_nothing_is_kept(
    settings: Settings, kind: str, address: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        staffing.add(settings, "Ana", "duty", {kind: address}, AT)
    assert [one["name"] for one in staffing.everyone(settings)] == ["Mel"]


def test_the_same_number_again_within_the_minute_sends_no_second_code(settings: Settings) -> None:
    staffing.add(settings, "Ana", "duty", ANA, AT)
    with pytest.raises(methods.TooSoon):
        staffing.add_ways(settings, "Ana", {"sms": "07700900201"}, None, AT)
    staffing.remove_ways(settings, "Ana", "sms", AT)
    with pytest.raises(NotFound, match="has no sms"):
        staffing.remove_ways(settings, "Ana", "sms", AT)


def test_another_manager_lets_a_person_in_again_and_nobody_themselves(settings: Settings) -> None:
    staffing.add(settings, "Rosa", "worker", {"sms": "07700900211"}, AT)
    staffing.disable(settings, "Rosa", AT)
    with pytest.raises(NotFound, match="--by Rosa"):
        staffing.restore(settings, "Rosa", "Rosa", AT)
    with pytest.raises(NotFound, match="nobody lets themselves in"):
        staffing.restore(settings, "Mel", "Mel", AT)
    staffing.restore(settings, "Rosa", "Mel", AT)
    assert {one["name"]: one["active"] for one in staffing.everyone(settings)}["Rosa"]


@pytest.mark.parametrize("name", ["", "  ", "Ana\nBen", "Ana ", "A" * 41])
def test_a_name_is_one_line_that_can_be_typed(settings: Settings, name: str) -> None:
    with pytest.raises(NotFound, match="at most 40 characters"):
        staffing.add(settings, name, "duty", ANA, AT)
    assert [one["name"] for one in staffing.everyone(settings)] == ["Mel"]


def test_whose_name_no_key_opens_is_let_go_and_added_anew(settings: Settings) -> None:
    staffing.add(settings, "Ben", "duty", {}, AT)
    ben = keeping.within(settings, lambda tx: people.by_name(tx, "ben"))
    assert ben is not None
    broken = update(tables.staff).where(tables.staff.c.id == ben.id)
    keeping.within(settings, lambda tx: tx.execute(broken.values(name=Sealed(b"\x00" * 60))))
    staffing.disable(settings, f"{people.UNREADABLE}{ben.id}", LATER)
    assert keeping.within(settings, people.unreadable) == ()
    staffing.add(settings, "Ben", "duty", {}, LATER)
    found = keeping.within(settings, lambda tx: people.by_name(tx, "ben"))
    assert found is not None
    assert found.id != ben.id


def test_a_service_whose_key_is_lost_is_told_of_and_goes_on(settings: Settings) -> None:
    ring = settings.keys_file
    assert ring is not None
    old = ring.read_text("utf-8")
    ring.write_text(Keys.load(old).rotated(), "utf-8")
    for name in ("Ben", "Cat"):
        staffing.add(settings, name, "duty", {}, AT)
    ring.write_text(old, "utf-8")
    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    house = app.furnish(committer, settings)
    for hours in (0, 1, 25):
        committer.submit(partial(waking.lost_keys, house=house, now=AT + timedelta(hours=hours)))
    with database.snapshot() as tx:
        assert [one.what for one in audit.about(tx, "keys")] == ["failed", "failed"], "once a day"
        gone = people.unreadable(tx)
    committer.close()
    database.close()
    for one in gone:
        staffing.disable(settings, f"{people.UNREADABLE}{one}", LATER)
    assert not keeping.within(settings, rotation.lacks)
    with pytest.raises(NotFound, match=r"a key is missing from it, which sealed 2 values \(staff .*--lost"):
        keeping.rotate_keys(settings)
    assert ring.read_text("utf-8") == old, "two rings that each lack a key would open nothing whole"
    added, done = keeping.rotate_keys(settings, lost=True)
    assert added
    assert {*done.unopened} == {f"staff {one}" for one in gone}
