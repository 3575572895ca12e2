"""What earlier times missing say of a child to a chat that begins: what a question is left out or put by, and who comes again.

May not write, nor keep a chat from beginning: what of it nobody can read is not known.
"""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING, Final

from bot import children, notefacts, shelf
from flows.model import Level
from storage import answers, board, cases, conversations, notes, people
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime, tzinfo

    from bot.runner import House
    from storage.cases import Case, Episode
    from storage.database import Transaction

log = logging.getLogger(__name__)

_MARKER: Final = "self_harm"  # of a time missing, as the file of the council flags it


def of(tx: Transaction, house: House, case: Case, at: datetime) -> dict[str, str]:
    """The facts that no field of the record holds, as of `at`."""
    kept = cases.root(tx, case.id)
    try:
        return dict(_of(tx, house, kept, at))
    except (Erased, ValueError):  # sealed under no key of ours
        log.exception("earlier times not read: the chat begins without them", extra={"case": kept})
        return {}


def _of(tx: Transaction, house: House, case: str, at: datetime) -> Iterator[tuple[str, str]]:
    episodes = cases.episodes(tx, case)
    crossed = _crossed_midnight([one for one in episodes if one.missing_at <= at], house.shelf.calendar.tz)
    if crossed is not None:
        yield "crossed_midnight", "yes" if crossed else "no"
    own_life = {one.code for one in house.shelf.source.categories.values() if one.own_life}
    if any(_MARKER in notefacts.flags(one.details) for one in episodes) or _told(tx, case, own_life):
        yield "earlier_self_harm", "yes"
    if (worker := _worker(tx, case, at)) is not None:
        yield "previous_worker", worker


def _crossed_midnight(begun: list[Episode], tz: tzinfo) -> bool | None:
    """Of the last time missing; None while nobody knows when it ended."""
    found = children.found_at(begun[-1]) if begun else None
    return None if found is None else children.day(begun[-1].missing_at, tz) != children.day(found, tz)


def _told(tx: Transaction, case: str, codes: Collection[str]) -> bool:
    """Whether the child told of it in an earlier chat. A denial or a doubt is an L1."""
    talks = chain.from_iterable(conversations.of_case(tx, one) for one in cases.members(tx, case))
    heard = (one.concern for talk in talks for one in answers.concerns(tx, talk))
    return any(one.level >= Level.L2 and not set(codes).isdisjoint(one.categories) for one in heard)


def _worker(tx: Transaction, case: str, at: datetime) -> str | None:
    """Who spoke with the child last, if they are still here and not kept from them."""
    talked = [one for one in notes.of_case(tx, case) if one.kind == "talk" and one.at <= at]
    person = people.by_name(tx, str(talked[-1].details.get("who", ""))) if talked else None
    if person is None or not person.active or not shelf.short_name(person.name):
        return None
    return None if case in board.kept_from(tx, person.id) else person.name
