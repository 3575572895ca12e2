"""A time missing that was recorded wrongly is put right: when it began, when the child was located or back, or that it never was.
Every clock is computed again and keeps what it was (domain 3.4); what stood and why it is another stays noted.

May not end an episode, nor record what was never recorded: that is `episodes`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bot import clocks, clockwork
from bot.casework import NotPossible
from bot.filing.times import stamp
from flows.model import MANAGERS
from storage import audit, cases, notes, tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.runner import House
    from storage.cases import Episode
    from storage.database import Transaction
    from storage.people import Person

TIMES: Final = ("missing", "located", "returned")
_ONCE: Final = (clockwork.PLAN_AGAIN, clockwork.TELL_PLACING)  # work of one time missing, known by when it began


def correct(  # noqa: PLR0913, PLR0917 - which time missing, what of it, why, by whom
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    given: Mapping[str, datetime | None],
    because: str,
    at: datetime,
    began: datetime | None = None,
) -> Episode:
    """Put right when a time missing began, was located or back; None for what never happened, by which the child may be recorded
    missing again. `began`: which one, as it is recorded; the last, when left out. Raises NotPossible.
    """
    before, others = _found(tx, case, began)
    held = _held(before)
    if not given or not because.strip():
        raise NotPossible(
            "say which time is another (--missing, --located, --returned) and why it was wrong (--because)"
        )
    for name, time in given.items():
        if held[name] is None:
            raise NotPossible(
                f"{name} is not recorded of this time missing: record it first, there is nothing to correct"
            )
        if name == "missing" and time is None:
            raise NotPossible("a time missing that never was is taken away by a manager: waymark case never-missing")
    after = _with(before, held | dict(given))
    if after == before:
        raise NotPossible("that is what is recorded already")
    _fits(after, others, at)
    _unplan(tx, before)
    cases.save_episode(tx, after)
    stood = {f"{name}_was": stamp(one, house.settings.timezone) for name in given if (one := held[name]) is not None}
    _noted(tx, who, before, "episode_corrected", stood, because, at)
    clocks.refresh(tx, house, case, at)
    return after


def never(  # noqa: PLR0913, PLR0917 - as `correct`
    tx: Transaction, house: House, who: Person, case: str, because: str, at: datetime, began: datetime
) -> None:
    """A time missing was recorded that never was, or of another child: it counts nowhere. Raises NotPossible."""
    if who.role.value not in MANAGERS:
        raise NotPossible("that a time missing never was is for a manager to say")
    if not because.strip():
        raise NotPossible("say why it was recorded though it never was (--because)")
    gone, _ = _found(tx, case, began)
    _unplan(tx, gone)
    stood = {f"{name}_was": stamp(one, house.settings.timezone) for name, one in _held(gone).items() if one is not None}
    clocks.set_aside(tx, house, gone.case, at, episode=gone.id)
    cases.drop_episode(tx, gone)
    _noted(tx, who, gone, "episode_never_was", stood, because, at)
    clocks.refresh(tx, house, case, at)
    clockwork.unplan(tx, house, cases.root(tx, case))


def _found(tx: Transaction, case: str, began: datetime | None) -> tuple[Episode, tuple[Episode, ...]]:
    known = cases.episodes(tx, cases.root(tx, case))
    # By the minute: whoever names it reads it to the minute.
    meant = [one for one in known if began is None or one.missing_at.replace(second=0, microsecond=0) == began]
    if not meant:
        raise NotPossible(
            "no time missing of this child is recorded to have begun then: `waymark case show` lists them"
        )
    return meant[-1], tuple(one for one in known if one.id != meant[-1].id)


def _held(one: Episode) -> dict[str, datetime | None]:
    located = one.details.get("located_at")
    return {
        "missing": one.missing_at,
        "located": datetime.fromisoformat(str(located)) if located else None,
        "returned": one.returned_at,
    }


def _with(before: Episode, times: Mapping[str, datetime | None]) -> Episode:
    missing, located, returned = (times[name] for name in TIMES)
    assert missing is not None
    found = located is not None or returned is not None
    known = {**before.details, "located_at": located.isoformat() if located else None}
    if not found:
        known |= {"notified_at": None}  # nobody told us of a return
    # What is not known is not there, as it was never recorded.
    kept = {name: value for name, value in known.items() if value is not None}
    return replace(
        before, missing_at=missing, returned_at=returned, details=kept, ended_at=before.ended_at if found else None
    )


def _fits(after: Episode, others: Sequence[Episode], at: datetime) -> None:
    """Each time after the one before, none to come, and no other time missing of this child within."""
    held = [(name, time) for name, time in (*_held(after).items(), ("ended", after.ended_at)) if time is not None]
    for (name, first), (following, then) in pairwise(held):
        if then < first:
            raise NotPossible(f"{following} would be before {name}: give both")
    if any(time > at for _, time in held):
        raise NotPossible("a time that is still to come: give the time at which it was")
    for one in others:
        earlier, later = sorted((one, after), key=lambda each: each.missing_at)
        times = _held(earlier)
        over = times["returned"] or times["located"]
        if over is None or over > later.missing_at or earlier.missing_at == later.missing_at:
            raise NotPossible("this child is recorded missing at that time by another record: correct that one first")


def _unplan(tx: Transaction, one: Episode) -> None:
    for what in _ONCE:
        tasks.forget(tx, tasks.of_note(tx, what, one.case, one.id, one.missing_at))


def _noted(  # noqa: PLR0913, PLR0917 - what stood, why it does no more, by whom
    tx: Transaction, who: Person, one: Episode, kind: str, stood: Mapping[str, str], because: str, at: datetime
) -> None:
    notes.add(tx, kind, at, who.id, at, case=one.case, details={**stood, "because": because.strip()})
    audit.record(tx, at, who.id, kind.replace("_", ".", 1), one.id, one.case)
