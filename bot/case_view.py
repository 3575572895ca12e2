"""One child in one view: every time missing as a pattern, both interview clocks side by side, tries, promises, notes, work.

May not compute a deadline, open a chat, or judge: a count is no reason to think less of an episode (004:1861-1865).
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from bot import clocks, offered, owing
from bot import episode_cells as columns
from bot.filing.times import stamp
from flows import deadline_windows, over_time
from flows.deadline_rules import BY_ID
from flows.deadlines import age, colour
from storage import cases, contacts, joining, notes, people, tasks
from storage import clocks as store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from flows.deadlines import Calendar, Deadline
    from storage.cases import Case, Episode
    from storage.database import Transaction
    from storage.notes import Note

    Line = dict[str, Any]

_INTERVIEW = ("R02", "R03", "R04")
_PARTS_OF_DAY = ("night 0-6", "morning 6-12", "afternoon 12-18", "evening 18-24")
_KNOWN = (
    "looked_after", "ethnicity", "learning_disability", "vital_medicine", "social_worker", "trafficked",
    "responsible_authority", "host_authority", "worker",
)  # fmt: skip
_OF_EPISODE = (
    "status", "flags", "police_ref", "location_from", "location_found", "outcome", "risk_assessed", "interviewed",
    "not_done_reason", "again_on",
)  # fmt: skip


class Two(owing.NoCase):
    """These words mean more than one child: give the council's reference, or open the case from the alert."""


def of_case(tx: Transaction, named: str, now: datetime, calendar: Calendar) -> Iterator[Line]:
    """As `of`, by what `found` finds. Raises NoCase, Two, Erased."""
    return of(tx, found(tx, named), now, calendar)


def of(tx: Transaction, case: Case, now: datetime, calendar: Calendar) -> Iterator[Line]:
    """Everything that is kept of a child outside the chats, as lines."""
    tz = calendar.tz
    known = cases.episodes(tx, case.id)
    owed = store.of_case(tx, case.id)
    noted = notes.of_case(tx, case.id)
    yield _child(tx, case, known, now, calendar)
    yield _pattern(known, now, calendar)
    for number, episode in enumerate(known, 1):
        yield episode_line(episode, number, case, noted, now, tz)
        if its := _interview(tx, episode, owed):
            yield {"kind": "interview", "episode": number, **{one.rule: _clock(one, tz) for one in its}}
    yield from attempts(tx, case, noted, tz)
    yield from (_of_case(case, one, now, tz) for one in owed if one.rule not in _INTERVIEW)
    given = [one for member in cases.members(tx, case.id) for one in tasks.of_case(tx, member)]
    yield from _promises(tx, noted, given, tz)
    yield from (_note(tx, one, tz) for one in noted if one.kind not in ("attempt", "promise"))
    yield from (owing.task(one, case.reference, now, tz) for one in given if one.done_at is None and owing.listed(one))


def found(tx: Transaction, named: str) -> Case:
    """The case to look at, by its two words, those of an alert or chat of the child, or the council's reference; of a joined one
    the one that is kept. Raises NoCase, Two, Erased.
    """
    case, contact = cases.named(tx, named), contacts.by_reference(tx, named)
    books = joining.child(tx, contact=contact.id)[1] if contact is not None else ()
    roots = {cases.root(tx, one) for one in (*([case] if case else []), *books)}
    if not roots:
        raise owing.NoCase(owing.NoCase.__doc__)
    # A text-safe child is nobody's case: to open another's under their words would be as wrong.
    if len(roots) > 1 or (case is not None and contact is not None and not books):
        raise Two(Two.__doc__)
    return cases.load(tx, roots.pop())


# --- the child and the pattern ----------------------------------------------------------------------------------------


def _child(tx: Transaction, case: Case, known: Sequence[Episode], now: datetime, calendar: Calendar) -> Line:
    still = [one for one in known if one.ended_at is None]
    today = calendar.day(now)
    born = date.fromisoformat(str(given)) if (given := case.details.get("birth_date")) else None
    others = [cases.load(tx, one).reference for one in cases.members(tx, case.id)[1:]]
    return {
        "kind": "child",
        "case": case.reference,
        "child_ref": case.child,
        "episodes": len(known),
        # Until it is ended with all its fields, whatever else is known (F2, F3).
        "recorded_missing": bool(still),
        "since": stamp(still[-1].missing_at, calendar.tz) if still else None,
        # A day that is still to come is somebody's slip: the page on which it is put right must open.
        "age": age(born, today) if born and born <= today else case.details.get("age"),
        **{name: _now(case, name, today) for name in _KNOWN},
        **{f"{name}_over_time": _history(case, name) for name in columns.CHANGING},
        "joined": others,
    }


def _now(case: Case, name: str, today: date) -> str | int | None:
    return over_time.held(case.details, name, today) if name in columns.CHANGING else case.details.get(name)


def _history(case: Case, name: str) -> dict[str, str]:
    return {day.isoformat(): value for day, value in over_time.history(over_time.line(case.details, name)).items()}


def _pattern(known: Sequence[Episode], now: datetime, calendar: Calendar) -> Line:
    """How often, when and how long: what a meeting about this child asks first (003:1553; 004:2100)."""
    starts = [one.missing_at for one in known]
    local = [at.astimezone(calendar.tz) for at in starts]
    hours = [owing.hours(one.missing_at, one.returned_at or now) for one in known]
    days = Counter(f"{at:%a}" for at in local)
    parts = Counter(_PARTS_OF_DAY[at.hour // 6] for at in local)
    return {
        "kind": "pattern",
        "in_month": deadline_windows.started_within(starts, now, calendar, months=1),
        "in_90_days": deadline_windows.started_within(starts, now, calendar, days=90),
        "in_year": deadline_windows.started_within(starts, now, calendar, months=12),
        "second_in_a_year": bool(starts) and deadline_windows.is_repeat_of_year(starts, starts[-1], calendar),
        "days": dict(days.most_common()),
        "hours": dict(parts.most_common()),
        "shortest_hours": min(hours, default=None),
        "usual_hours": median(hours) if hours else None,
        "longest_hours": max(hours, default=None),
    }


# --- one time missing -------------------------------------------------------------------------------------------------


def episode_line(one: Episode, number: int, case: Case, noted: Sequence[Note], now: datetime, tz: tzinfo) -> Line:
    """One time missing, the `number`th of this child."""
    located = one.details.get("located_at")
    refused = [stamp(note.at, tz) for note in noted if note.kind == "report_refused" and note.episode == one.id]
    return {
        "kind": "episode",
        "number": number,
        "case": case.reference,
        "missing": stamp(one.missing_at, tz),
        "located": stamp(datetime.fromisoformat(str(located)), tz) if located else None,
        "returned": stamp(one.returned_at, tz) if one.returned_at else None,
        "ended": stamp(one.ended_at, tz) if one.ended_at else None,
        "recorded_missing": one.ended_at is None,
        "hours": owing.hours(one.missing_at, one.returned_at or now),
        **{name: one.details.get(name) for name in _OF_EPISODE},
        "status": one.details.get("status", "missing"),
        "flags": str(one.details.get("flags", "") or "").split(),
        "wanted": "missing_and_wanted" in str(one.details.get("flags", "") or "").split(),
        "report_refused": refused,
    }


def _interview(tx: Transaction, episode: Episode, owed: Sequence[Deadline]) -> list[Deadline]:
    its = set(store.of(tx, store.Book(episode.id, case=episode.case)).values())
    return [one for one in owed if one.rule in _INTERVIEW and one in its]


def _clock(one: Deadline, tz: tzinfo) -> Line:
    return {
        "due": stamp(one.due, tz),
        "status": one.status.value,
        "met": stamp(one.met_at, tz) if one.met_at is not None else None,
        "minutes_late": one.minutes_late,
        "stopped_by": one.stopped_by,
    }


def _of_case(case: Case, deadline: Deadline, now: datetime, tz: tzinfo) -> Line:
    met = deadline.met_at
    return {
        "kind": "deadline",
        "case": case.reference,
        "rule": deadline.rule,
        "part": deadline.part,
        "what": BY_ID[deadline.rule].name,
        "for": deadline.role,
        "since": stamp(deadline.started_at, tz),
        "due": stamp(deadline.due, tz),
        "status": deadline.status.value,
        "colour": colour(deadline, now).value,
        "met": stamp(met, tz) if met is not None else None,
        "stopped_by": deadline.stopped_by,
        "reasons": list(deadline.reasons),
        "inputs": dict(deadline.inputs),
        "version": deadline.version,
        "before": [{"due": stamp(one.due, tz), "status": one.status.value} for one in deadline.superseded],
    }


# --- what people did --------------------------------------------------------------------------------------------------


def attempts(tx: Transaction, case: Case, noted: Sequence[Note], tz: tzinfo) -> Iterator[Line]:
    """Every time the interview was offered, oldest first."""
    lines: list[Line] = [
        {
            "kind": "attempt",
            "at": stamp(made.at or made.offer.offered_at, tz),
            "way": made.offer.channel,
            "by": "bot",
            "result": offered.result(tx, made, tz),
            "id": None,
        }
        for made in offered.of(tx, case.id, clocks.meaning().offered_by)
    ]
    lines += [
        {
            "kind": "attempt",
            "at": stamp(one.at, tz),
            "way": one.details.get("channel"),
            "by": _who(tx, one.by),
            "result": one.details.get("result"),
            "id": one.id,
        }
        for one in noted
        if one.kind == "attempt"
    ]
    yield from sorted(lines, key=lambda line: str(line["at"]))


def _promises(tx: Transaction, noted: Sequence[Note], given: Sequence[tasks.Given], tz: tzinfo) -> Iterator[Line]:
    work = {one.id: one for one in given}
    for one in noted:
        if one.kind == "promise":
            task = work.get(tasks.of_note(tx, "keep_promise", one.case or "", one.id, one.noted_at))
            kept = task.done_at if task is not None else None
            yield {
                "kind": "promise",
                "id": one.id,
                "what": one.details.get("what"),
                "by": _who(tx, one.by),
                "due": stamp(task.due_at, tz) if task is not None and task.due_at is not None else None,
                "kept": stamp(kept, tz) if kept is not None else None,
            }


def _note(tx: Transaction, one: Note, tz: tzinfo) -> Line:
    said = {name: text for name, text in one.details.items() if text}
    return {
        "kind": "note",
        "id": one.id,
        "what": one.kind,
        "at": stamp(one.at, tz),
        "by": _who(tx, one.by),
        "said": said,
    }


def _who(tx: Transaction, by: str) -> str:
    return people.load(tx, by).name if people.known(tx, by) else by
