"""The lines of one child, and of what is owed, as a person reads them in a terminal. May not look anything up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Line = dict[str, Any]

_MARKS = {"red": "LATE", "amber": "soon"}


def owed(line: Line) -> str:
    """One thing that is owed."""
    what = f"{line['rule']} {line['what']}" if line["kind"] == "deadline" else line["what"].replace("_", " ")
    part = f" ({line['part']})" if line.get("part", "")[:1].isalpha() and ":" not in line["part"] else ""
    mark = _MARKS.get(line["colour"], line["status"] if line["status"] == "blocked" else "")
    late = f" [{_span(line['minutes_late'])} late]" if line.get("minutes_late") else ""
    role = line["for"].replace("_", " ")
    return f"{mark:<7} {_time(line['due'], 'no date'):<16}  {role:<15} {line['case'] or '-':<20} {what}{part}{late}"


def of_case(line: Line) -> str:
    """One line of one child."""
    return _TOLD.get(line["kind"], owed)(line)


def _child(line: Line) -> str:
    still = f"RECORDED MISSING since {_time(line['since'])}" if line["recorded_missing"] else "not recorded missing"
    age = f", {line['age']} years" if line["age"] is not None else ""
    known = "; ".join(f"{name.replace('_', ' ')} {line[name]}" for name in _OF_CHILD if line[name] is not None)
    lines = [f"{line['case']}{age}: {line['episodes']} times missing, {still}", known or "nothing known of the child"]
    for name in ("looked_after", "ethnicity"):
        history = line[f"{name}_over_time"]
        if len(history) > 1:
            over = ", ".join(f"{value} from {day}" for day, value in history.items())
            lines.append(f"{name.replace('_', ' ')} over time: {over}")
    if line["joined"]:
        lines.append(f"joined with {', '.join(line['joined'])}")
    return "\n  ".join(lines)


_OF_CHILD = (
    "looked_after", "ethnicity", "learning_disability", "social_worker", "trafficked", "responsible_authority",
    "host_authority", "worker",
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
    marks = f" [{', '.join(one.replace('_', ' ') for one in more)}]" if more else ""
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
    return f"    tried {_time(line['at'])} by {line['way']}: {line['result'].replace('_', ' ')} ({line['by']})"


def _promise(line: Line) -> str:
    kept = f"kept {_time(line['kept'])}" if line["kept"] else f"by {_time(line['due'], 'no date')}"
    return f"    promised by {line['by']}: {line['what']} - {kept}  {line['id']}"


def _note(line: Line) -> str:
    said = ", ".join(f"{name} {text}" for name, text in line["said"].items())
    more = f": {said}" if said else ""
    return f"    noted {_time(line['at'])} {line['what'].replace('_', ' ')} ({line['by']}){more}  {line['id']}"


def _deadline(line: Line) -> str:
    met = f", done {_time(line['met'])}" if line["met"] else ""
    why = f" ({', '.join(line['reasons'])})" if line["reasons"] else ""
    state = "" if line["colour"] != "plain" else f"{line['status']} "
    return f"    {state}{owed(line)}{met}{why}"


_TOLD: Mapping[str, Callable[[Line], str]] = {
    "child": _child,
    "pattern": _pattern,
    "episode": _episode,
    "interview": _interview,
    "attempt": _attempt,
    "promise": _promise,
    "note": _note,
    "deadline": _deadline,
}


def _time(text: str | None, otherwise: str = "-") -> str:
    return otherwise if text is None else text[:16].replace("T", " ")


def _span(minutes: int) -> str:
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004 - two days
