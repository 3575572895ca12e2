"""The lines of one child, and of what is owed, as a person reads them in a terminal. May not look anything up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.called import several, words
from flows.deadline_meaning import OVERDUE
from flows.deadline_rules import BY_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    Line = dict[str, Any]

_DAY: Final = 24 * 60
_LONG_LATE: Final = 90 * _DAY
_FAR: Final = timedelta(days=14)
_MARKS = {"red": "LATE", "amber": "soon"}
_WITHDRAWN: Final = "withdrawn"
# What a note says by a code; the rest is somebody's words.
_CODED: Final = frozenset({"channel", "mode", "result", "sort", "relation"})


def owed(line: Line) -> str:
    """One thing that is owed."""
    mark = _MARKS.get(line["colour"], line["status"] if line["status"] == "blocked" else "")
    return f"{mark:<7} {_owed(line)}"


def plain(line: Line) -> str:
    """As `of_case`, on the page of the child: without the ids and codes by which commands name things."""
    if line["kind"] in ("deadline", "task"):
        return _owed_here(line)
    return of_case(line | {"id": None}).strip()


def _owed_here(line: Line) -> str:
    mark = _MARKS.get(line["colour"]) or _state(line)
    met = f", done {_time(line['met'])}" if line.get("met") else ""
    late = f", {_span(line['minutes_late'])} late" if line.get("minutes_late") else ""
    part = f" ({words(line['part'])})" if _is_told(line) else ""
    why = "" if mark == _WITHDRAWN else "".join(f"; {words(one)}" for one in line.get("reasons", ()))
    return (
        f"{mark}: {words(line['what'])}{part}, {words(_whom(line))}, by {_time(line['due'], 'no date')}{late}{met}{why}"
    )


def _state(line: Line) -> str:
    if line["kind"] == "task":
        return "to do"
    return _WITHDRAWN if line["reasons"] == [_WITHDRAWN] else str(line["status"])


def _is_told(line: Line) -> bool:
    """Whether the part of a clock is one that people know, and no id of what it is about."""
    part = line.get("part", "")
    return bool(part[:1].isalpha() and ":" not in part)


def board(lines: Sequence[Line], now: datetime, tz: tzinfo, *, everything: bool = False) -> Iterator[str]:
    """What is owed as whoever is on duty reads it: late first, then what is due today, then the rest; one line an interview.
    What is late for months, or due in weeks, is counted unless `everything` is wanted.
    """
    shown = list(lines) if everything else [one for one in lines if not _is_part(one, lines)]
    old = [] if everything else [one for one in shown if one["minutes_late"] > _LONG_LATE]
    far = [] if everything else [one for one in shown if one["due"] and _due(one) > now + _FAR]
    rest = sorted((one for one in shown if one not in old and one not in far), key=lambda one: one["due"] or "9")
    late = [one for one in rest if one["colour"] == "red"]
    yield f"{len(late)} late, {len(rest) - len(late)} more"
    for one in (*late, *(one for one in rest if one["colour"] != "red")):
        today = one["due"] and _due(one).astimezone(tz).date() == now.astimezone(tz).date()
        mark = _MARKS.get(one["colour"], "blocked" if one["status"] == "blocked" else "today" if today else "")
        yield f"{mark:<7} {_owed(one)}"
    if old:
        yield f"and {len(old)} late for more than {_LONG_LATE // _DAY} days: waymark due --all"
    if far:
        yield f"and {len(far)} due in more than {_FAR.days} days: waymark due --all"


def _is_part(line: Line, lines: Sequence[Line]) -> bool:
    """The two clocks of an interview stand in the earlier of them, and in the view of the child side by side."""
    return line.get("rule") in ("R02", "R03") and any(
        one.get("rule") == "R04" and (one["case"], one["since"]) == (line["case"], line["since"]) for one in lines
    )


def _due(line: Line) -> datetime:
    return datetime.fromisoformat(line["due"])


def _owed(line: Line) -> str:
    what = f"{line['rule']} {line['what']}" if line["kind"] == "deadline" else _work(line["what"])
    part = f" ({line['part']})" if _is_told(line) else ""
    late = f" [{_span(line['minutes_late'])} late]" if line.get("minutes_late") else ""
    return f"{_time(line['due'], 'no date'):<16}  {_whom(line):<15} {line['case'] or '-':<20} {what}{part}{_chased(line)}{late}"


def _whom(line: Line) -> str:
    """Whoever was told reports it themselves, so they are named."""
    return str(line.get("who") or line["for"]).replace("_", " ")


def _chased(line: Line) -> str:
    """What somebody else does about what one owes."""
    role = line.get("work_for")
    return f": {line['work'].replace('_', ' ')} ({role.replace('_', ' ')})" if role and role != line["for"] else ""


def _work(what: str) -> str:
    """That a clock is late is told with what the clock is."""
    rule = BY_ID.get(what.removeprefix(OVERDUE))
    return f"{rule.id} is late: {rule.name}" if rule is not None else what.replace("_", " ")


def of_case(line: Line) -> str:
    """One line of one child."""
    return _TOLD.get(line["kind"], owed)(line)


def _child(line: Line) -> str:
    still = f"RECORDED MISSING since {_time(line['since'])}" if line["recorded_missing"] else "not recorded missing"
    age = f", {several(line['age'], 'year')}" if line["age"] is not None else ""
    known = "; ".join(f"{words(name)} {line[name]}" for name in _OF_CHILD if line[name] is not None)
    child = f" ({line['child_ref']})" if line["child_ref"] else ""
    lines = [
        f"{line['case']}{child}{age}: {several(line['episodes'], 'time')} missing, {still}",
        known or "nothing known of the child",
    ]
    for name in ("looked_after", "ethnicity", "responsible_authority"):
        history = line[f"{name}_over_time"]
        if len(history) > 1:
            over = ", ".join(f"{value} from {day}" for day, value in history.items())
            lines.append(f"{words(name)} over time: {over}")
    if line["joined"]:
        lines.append(f"joined with {', '.join(line['joined'])}")
    return "\n  ".join(lines)


_OF_CHILD = (
    "looked_after", "ethnicity", "learning_disability", "vital_medicine", "social_worker", "trafficked",
    "responsible_authority", "host_authority", "worker",
)  # fmt: skip


def _pattern(line: Line) -> str:
    if line["usual_hours"] is None:
        return "  no time missing is recorded"
    second = (
        "; the second or more in a year" if line["second_in_a_year"] else "; the first in a year: ask what is behind it"
    )
    return (
        f"  started {line['in_month']} in a month, {line['in_90_days']} in 90 days, {line['in_year']} in a year{second}\n"
        f"  days: {_counts(line['days'])}; hours: {_counts(line['hours'])}\n"
        f"  length: {line['shortest_hours']} to {line['longest_hours']} h, usually {line['usual_hours']:g} h"
    )


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counted.items())


def _episode(line: Line) -> str:
    state = "open, recorded missing" if line["recorded_missing"] else f"ended {_time(line['ended'])}"
    found = f", located {_time(line['located'])}" if line["located"] else ""
    more = [*line["flags"], *(f"report refused {_time(at)}" for at in line["report_refused"])]
    marks = f" [{', '.join(map(words, more))}]" if more else ""
    until = _time(line["returned"], "not back")
    return f"{line['number']:>2}. {_time(line['missing'])} - {until}{found}, {line['hours']} h, {line['status']}, {state}{marks}"


def _interview(line: Line) -> str:
    """Both clocks side by side; each tells its own story."""
    return "    interview: " + " | ".join(
        f"{name} {line[rule]['status']}, due {_time(line[rule]['due'])}{_met(line[rule])}"
        for rule, name in (("R02", "72 hours"), ("R03", "2 working days"))
        if rule in line
    )


def _met(clock: Line) -> str:
    met = f", done {_time(clock['met'])}" if clock["met"] else ""
    return met + (f" ({_span(clock['minutes_late'])} late)" if clock["minutes_late"] else "")


def _attempt(line: Line) -> str:
    return f"    tried {_time(line['at'])} by {words(line['way'])}: {words(line['result'])} ({line['by']})"


def _promise(line: Line) -> str:
    kept = f"kept {_time(line['kept'])}" if line["kept"] else f"by {_time(line['due'], 'no date')}"
    return f"    promised by {line['by']}: {line['what']} - {kept}{_id(line)}"


def _note(line: Line) -> str:
    said = ", ".join(f"{words(name)} {words(text) if name in _CODED else text}" for name, text in line["said"].items())
    more = f": {said}" if said else ""
    return f"    noted {_time(line['at'])} {words(line['what'])} ({line['by']}){more}{_id(line)}"


def _id(line: Line) -> str:
    """By which a command takes it back."""
    return f"  {line['id']}" if line["id"] else ""


def _deadline(line: Line) -> str:
    met = f", done {_time(line['met'])}" if line["met"] else ""
    why = f" ({', '.join(line['reasons'])})" if line["reasons"] else ""
    mark = _MARKS.get(line["colour"]) or _state(line)
    return f"    {mark:<9} {_owed(line)}{met}{why if mark != _WITHDRAWN else ''}"


def _task(line: Line) -> str:
    return f"    {_MARKS.get(line['colour'], 'to do'):<9} {_owed(line)}"


_TOLD: Mapping[str, Callable[[Line], str]] = {
    "child": _child,
    "pattern": _pattern,
    "episode": _episode,
    "interview": _interview,
    "attempt": _attempt,
    "promise": _promise,
    "note": _note,
    "deadline": _deadline,
    "task": _task,
}


def _time(text: str | None, otherwise: str = "-") -> str:
    return otherwise if text is None else text[:16].replace("T", " ")


def _span(minutes: int) -> str:
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004 - two days
