from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows.model import Service
from storage import audit, cases, contacts, joining, notes, retention
from storage.database import Erased
from tests.storage.invented import AT, CHILD, MINUTE, OTHER

if TYPE_CHECKING:
    from storage.database import Database

DAY = 1440 * MINUTE


def test_joined_cases_are_read_as_one_child_and_split_again_as_they_were(database: Database) -> None:
    with database.transaction() as tx:
        kept, other = cases.add(tx, "LA-1", AT), cases.add(tx, "LA-2", AT)
        first = cases.add_episode(tx, kept.id, AT - 2 * DAY, AT - DAY)
        second = cases.add_episode(tx, other.id, AT)
        note = notes.add(tx, "meeting", AT, "staff", AT, case=other.id)
        joining.join_cases(tx, kept.id, other.id, "staff", AT)
        assert cases.episodes(tx, kept.id) == (first, second)
        assert notes.of_case(tx, kept.id) == (note,)
        assert cases.root(tx, other.id) == kept.id
        assert joining.split_case(tx, other.id, "staff", AT) == kept.id
        assert cases.episodes(tx, kept.id) == (first,)
        assert cases.episodes(tx, other.id) == (second,)
        assert notes.of_case(tx, kept.id) == ()
    with database.snapshot() as tx:
        assert [line.what for line in audit.about(tx, other.id)] == ["note.meeting", "case.joined", "case.split"]


def test_what_cannot_be_joined_says_why(database: Database) -> None:
    with database.transaction() as tx:
        one, two, three = (cases.add(tx, f"LA-{number}", AT).id for number in range(3))
        joining.join_cases(tx, one, two, "staff", AT)
        for kept, other, why in (
            (one, one, "one and the same"),
            (one, two, "joined already"),
            (two, three, "join to that one"),
            (three, one, "split them first"),
        ):
            with pytest.raises(joining.CannotJoin, match=why):
                joining.join_cases(tx, kept, other, "staff", AT)
        with pytest.raises(joining.CannotJoin, match="not joined"):
            joining.split_case(tx, one, "staff", AT)


def test_two_telephones_of_one_child_and_never_across_the_services(database: Database) -> None:
    with database.transaction() as tx:
        one = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT).id
        two = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", OTHER, AT).id
        safe = contacts.find(tx, Service.TEXT_SAFE, "sms", OTHER, AT).id
        with pytest.raises(joining.CannotJoin, match="only contacts of return interviews"):
            joining.join_contacts(tx, one, safe, "staff", AT)
        joining.join_contacts(tx, one, two, "staff", AT)
        assert joining.contacts_of(tx, one) == joining.contacts_of(tx, two) == (one, two)
        with pytest.raises(joining.CannotJoin, match="joined already"):
            joining.join_contacts(tx, two, one, "staff", AT)
        assert joining.split_contact(tx, two, "staff", AT) == one
        assert joining.contacts_of(tx, two) == (two,)
        with pytest.raises(joining.CannotJoin, match="not joined"):
            joining.split_contact(tx, two, "staff", AT)


def test_erasing_a_child_forgets_the_cases_joined_to_theirs(database: Database) -> None:
    with database.transaction() as tx:
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT)
        kept, other = cases.add(tx, "LA-1", AT), cases.add(tx, "LA-2", AT)
        cases.link(tx, kept.id, contact.id)
        joining.join_cases(tx, kept.id, other.id, "staff", AT)
        cases.hold(tx, other.id, on=True)
        with pytest.raises(retention.OnHold):
            retention.erase(tx, contact.id, AT)
        cases.hold(tx, other.id, on=False)
        retention.erase(tx, contact.id, AT)
    with database.transaction() as tx, pytest.raises(Erased):
        cases.load(tx, other.id)
