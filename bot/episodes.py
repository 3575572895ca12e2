"""When a child goes missing, is found, comes home, and when the episode is ended with all its fields (003:1855, 2059-2067).

May not say that a child is safe: that they are back says nothing of it (A6).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot import casework, clocks
from bot import episode_cells as columns
from bot.casework import NotPossible
from flows import over_time
from storage import audit, cases, notes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from bot.runner import House
    from storage.cases import Episode
    from storage.database import Transaction
    from storage.people import Person

_OF_BEGINNING = ("status", "police_ref", "flags", "location_from")


def missing(  # noqa: PLR0913 - who says it, of whom, since when
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    since: datetime,
    at: datetime,
    *,
    known: Mapping[str, str] | None = None,
) -> Episode:
    """A child is missing, or away without authorisation (`known`: `status` and what else the importer knows of an episode).
    Raises NotPossible when the time lies in the future or within another time missing.
    """
    if since > at:
        raise NotPossible("missing since a time that is still to come: give the time at which it began")
    for one in cases.episodes(tx, cases.root(tx, case)):
        end = _found(one)
        if one.missing_at <= since and (end is None or end > since):
            raise NotPossible("this child is recorded missing at that time already: say that they are back first")
        if one.missing_at > since:
            raise NotPossible(
                "a later time missing is recorded already: give its beginning and end in a file (waymark import)"
            )
    told = _checked(house, known or {}, _OF_BEGINNING, at)
    made = cases.add_episode(tx, case, since, details=told)
    audit.record(tx, at, who.id, "episode.began", made.id, case)
    clocks.refresh(tx, house, case, at)
    return made


def located(tx: Transaction, house: House, who: Person, case: str, since: datetime, at: datetime) -> Episode:
    """Somebody knows where the child is; the clock of two working days starts (003:1344). Raises NotPossible."""
    held = _still_out(tx, case, since, at)
    if "located_at" in held.details:
        raise NotPossible("where the child is was recorded already")
    known = {"located_at": since.isoformat(), "notified_at": held.details.get("notified_at") or at.isoformat()}
    found = replace(held, details={**held.details, **known})
    cases.save_episode(tx, found)
    audit.record(tx, at, who.id, "episode.located", held.id, case)
    clocks.refresh(tx, house, case, at)
    return found


def returned(
    tx: Transaction, house: House, case: str, at: datetime, by: str, *, back_at: datetime | None = None
) -> Episode | None:
    """Police or a carer say that the child is back: the interview's clocks start.

    The last episode that has no return; None when there is none. The child stays recorded missing until it is ended.
    `back_at`: when they came, if that was before we heard of it. Raises NotPossible for a time that cannot be.
    """
    came = back_at or at
    known = [
        one for one in cases.episodes(tx, cases.root(tx, case)) if one.returned_at is None and one.missing_at <= came
    ]
    if not known:
        return None
    if came > at:
        raise NotPossible("back at a time that is still to come: give the time at which they came")
    if (located := known[-1].details.get("located_at")) and came < datetime.fromisoformat(str(located)):
        raise NotPossible("back before it was known where the child is: give the time at which they came")
    notified = {"notified_at": known[-1].details.get("notified_at") or at.isoformat()}
    back = replace(known[-1], returned_at=came, details={**known[-1].details, **notified})
    cases.save_episode(tx, back)
    audit.record(tx, at, by, "episode.returned", back.id, case)
    clocks.refresh(tx, house, case, at)
    return back


def _still_out(tx: Transaction, case: str, since: datetime, at: datetime) -> Episode:
    if since > at:
        raise NotPossible("a time that is still to come: give the time at which it was")
    out = [
        one for one in cases.episodes(tx, cases.root(tx, case)) if one.returned_at is None and one.missing_at <= since
    ]
    if not out:
        raise NotPossible("this child has no time missing without a return that had begun by then")
    return out[-1]


def _found(one: Episode) -> datetime | None:
    located = one.details.get("located_at")
    return one.returned_at or (datetime.fromisoformat(str(located)) if located else None)


def end(  # noqa: PLR0913, PLR0917 - which episode, with what, by whom
    tx: Transaction, house: House, who: Person, case: str, episode: str, given: Mapping[str, str], at: datetime
) -> Episode:
    """End an episode: from then on the child is not recorded missing by it. Raises NotPossible naming what lacks.

    `given`: `location_found`, `outcome`, `risk_assessed` and `interviewed` (yes or no); with no, `not_done_reason` and
    `again_on`, a day or never (003:1855, 2059-2067).
    """
    held = next((one for one in cases.episodes(tx, cases.root(tx, case)) if one.id == episode), None)
    if held is None or held.ended_at is not None:
        raise NotPossible("there is no open episode of this id")
    wanted = [name for name in columns.ENDING if name != "ended"]
    said = _checked(house, given, (*wanted, *columns.WHY_NOT), at)
    if said.get("interviewed") == "no":
        wanted += columns.WHY_NOT
    lacks = [name for name in wanted if name not in said]
    if held.returned_at is None and "located_at" not in held.details:
        lacks.insert(0, "returned")
    if lacks:
        raise NotPossible(f"the child is recorded missing until all of it is known; there lacks {', '.join(lacks)}")
    if said["interviewed"] == "yes" and not _spoken(tx, case, held):
        raise NotPossible(
            "interviewed yes, but no talk is noted: note it first (waymark case spoke), or say no and why"
        )
    if said.get("not_done_reason") == casework.NOT_REACHED:
        casework.reached_for(tx, case, at)
    ended = replace(held, ended_at=at, details={**held.details, **said})
    cases.save_episode(tx, ended)
    audit.record(tx, at, who.id, "episode.ended", episode, case)
    clocks.refresh(tx, house, case, at)
    return ended


def _spoken(tx: Transaction, case: str, episode: Episode) -> bool:
    known = notes.of_case(tx, cases.root(tx, case))
    return any(
        one.kind == "talk" and one.details.get("trained") == "yes" and one.at >= episode.missing_at for one in known
    )


def end_last(tx: Transaction, house: House, who: Person, case: str, given: Mapping[str, str], at: datetime) -> Episode:
    """End the episode of a child that began last and is open, as `end`. Raises NotPossible."""
    still = [one.id for one in cases.episodes(tx, cases.root(tx, case)) if one.ended_at is None]
    if not still:
        raise NotPossible("this child is not recorded missing: no episode is open")
    return end(tx, house, who, case, still[-1], given, at)


def know(  # noqa: PLR0913 - which child, what, by whom, since when
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    given: Mapping[str, str],
    at: datetime,
    *,
    since: date | None = None,
) -> None:
    """Record what is known of a child, by the names the importer has for it; what changes over time from a day on. Of a case
    that is joined in both, for the one that is kept computes and the other may be split again. Raises NotPossible.
    """
    known = _checked(house, given, columns.CHILD, at)
    today = house.shelf.calendar.day(at)
    if since is not None and since > today:
        raise NotPossible("known from a day that is still to come: record it then")
    for one in dict.fromkeys((case, cases.root(tx, case))):
        held = cases.load(tx, one).details
        cases.set_details(tx, one, over_time.recorded(held, known, since or today, columns.CHANGING))
        audit.record(tx, at, who.id, "case.known", one, *sorted(known))
    clocks.refresh(tx, house, case, at)


def _checked(house: House, given: Mapping[str, str], names: Collection[str], at: datetime) -> dict[str, str]:
    try:
        return columns.by_hand(given, names, house.settings.timezone, at)
    except ValueError as wrong:
        raise NotPossible(str(wrong)) from None
