"""A copy of a record for somebody outside, logged with who, in which role, which parts, why and by whom. May not send it.

To a parent or carer nothing goes while what the child said forbids it (decisions 8); where a child is goes to nobody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot import called, casework, clockfacts, clocks, clockwork, recording, records
from bot.filing import copies
from bot.filing.copies import NotShared
from storage import cases, conversations, people, shares

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.people import Person


def copy(  # noqa: PLR0913, PLR0917 - who gets which parts, why, by whom
    tx: Transaction, house: House, who: Person, conversation: str, role: str, to: str, parts: Collection[str], because: str,
    at: datetime,
) -> str:  # fmt: skip
    """The copy as JSON text, noted before it can leave. Raises NotShared and NotRecorded."""
    recording.may_write(who)
    given = copies.chosen(role, parts)
    if not to.strip() or not because.strip():
        raise NotShared("say who is given the copy, and why")
    case = conversations.case_of(tx, conversation)
    if role == "parent":
        _not_forbidden(tx, case)
    record = records.build(tx, house, conversation)
    text = json.dumps(copies.build(record, recording.kit(), role, given), ensure_ascii=False, indent=2) + "\n"
    shares.add(tx, conversation, role, to.strip(), given, because.strip(), who.id, at)
    if role == "police" and case is not None:
        casework.note(tx, house, who, case, "police_copy", at, conversation=conversation)
    return text


def _not_forbidden(tx: Transaction, case: str | None) -> None:
    """Raises NotShared while an answer or a concern forbids contact with parents or carers."""
    if case is None:
        raise NotShared("this conversation belongs to no case: nobody is its parent or carer")
    if forbidden := parent_blocks(tx, case):
        raise NotShared(f"do not contact this adult: {'; '.join(map(called.words, forbidden))}")


def parent_blocks(tx: Transaction, case: str) -> tuple[str, ...]:
    """Why no parent or carer of this child is contacted, as codes; empty while nothing is known against it."""
    return clockfacts.Known(tx, cases.kept(tx, case), clockwork.meaning(), clocks.blocks()).parent_blocks


def log(tx: Transaction, conversation: str) -> list[dict[str, object]]:
    """Who was given what, oldest first, with the name of who gave it."""
    names = {one.id: one.name for one in people.everyone(tx)}
    return [
        {
            "kind": "copy", "at": one.at.isoformat(), "to": one.who, "role": one.role, "parts": list(one.parts),
            "because": one.because, "by": names.get(one.by, one.by),
        }
        for one in shares.of(tx, conversation)
    ]  # fmt: skip
