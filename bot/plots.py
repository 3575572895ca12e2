"""The numbers behind the pictures that managers look at: the twelve months up to now, children's and alerts'. May not draw, nor
name a child.

A number from 1 to 4, and whatever one could be worked out from, is not shown: a picture is soon on somebody's wall.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

from bot import app, children, counting
from bot.children import Answer
from flows import deadline_return, report, suppression
from flows.model import Level
from storage import conversations, gauges, registers
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.children import Child
    from flows.deadlines import Facts
    from flows.working_time import Calendar
    from storage.cases import Episode
    from storage.database import Transaction

MONTHS: Final = 12
HIDDEN: Final = "not shown"
NOT_RECORDED: Final = "not recorded"
BY_THEMSELVES: Final = "came by themselves"
MOST_REASONS: Final = 12
_TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar. `value`: how long it is drawn, None where it is not to be known; `told`: what stands at it."""

    value: float | None
    told: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture and the table behind it. `series`: what bars beside each other are; `rows`: (label, a bar a series); `unit`: of
    the numbers; `note`: what they are of.
    """

    key: str
    title: str
    note: str
    unit: str
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Bar, ...]], ...]


@dataclass(slots=True)
class _Seen:
    """What is counted of the children while they pass by."""

    returns: Counter[str] = field(default_factory=Counter)
    in_72h: Counter[str] = field(default_factory=Counter)
    in_2wd: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


STAGES: Final = ("returned", "offered", "accepted, and held with a person", "record signed")


def months(today: date) -> tuple[str, ...]:
    """The twelve months up to this one, as 2026-11."""
    last = today.year * MONTHS + today.month - 1
    return tuple(f"{number // MONTHS}-{number % MONTHS + 1:02d}" for number in range(last - MONTHS + 1, last + 1))


@dataclass(frozen=True, slots=True)
class Counted:
    """Every picture, and who is in none of them because no key opens them: the ids of cases, and of chats."""

    plots: tuple[Plot, ...]
    cases: tuple[str, ...]
    talks: tuple[str, ...]


def lacking(tx: Transaction, of: Counted) -> tuple[str, ...]:
    """The two words of who is in no picture; whoever was forgotten since is not named."""
    talks = (conversations.contact_of(tx, one) for one in of.talks)
    return tuple(sorted({*registers.references(tx, of.cases), *(one.reference for one in talks if not one.erased)}))


def everything(tx: Transaction, calendar: Calendar, at: datetime) -> Counted:
    """Every picture, without whom no key opens."""
    span = months(calendar.day(at))
    year, month = map(int, span[0].split("-"))
    first = datetime.combine(date(year, month, 1), time(), calendar.tz)
    seen, lost, talks = _Seen(), list[str](), list[str]()
    for child in children.everyone(tx, lost):
        _count(tx, seen, child, calendar, first, at)
    pictures = (
        _in_time(seen, span), _stages(seen), _reasons(seen), _minutes(tx, first, at), _reach(tx, first, at, talks),
    )  # fmt: skip
    return Counted(pictures, tuple(lost), tuple(talks))


# --- children ---------------------------------------------------------------------------------------------------------


def _count(tx: Transaction, seen: _Seen, child: Child, calendar: Calendar, first: datetime, at: datetime) -> None:
    for episode in child.episodes:
        found = children.found_at(episode)
        if found is None or not first <= found <= at:
            continue
        facts = child.facts(episode)
        month = f"{calendar.day(found):%Y-%m}"
        seen.returns[month] += 1
        seen.in_72h[month] += bool(deadline_return.in_time(deadline_return.interview_72h, facts, calendar))
        seen.in_2wd[month] += bool(deadline_return.in_time(deadline_return.interview_2wd, facts, calendar))
        for stage in _reached(child, episode, facts):
            seen.stages[stage] += 1
        for reason in counting.reasons(tx, child, episode) or ():
            seen.reasons[reason] += 1


def _reached(child: Child, episode: Episode, facts: Facts) -> Iterator[str]:
    yield STAGES[0]
    if children.offered(child, episode) is Answer.YES:
        yield STAGES[1]
    if children.accepted(child, episode) is Answer.YES:
        yield STAGES[2]
        if facts.form_signed_at is not None:
            yield STAGES[3]


def _in_time(seen: _Seen, span: tuple[str, ...]) -> Plot:
    rows = []
    for month in span:
        of = seen.returns[month]
        rows.append((month, (_share(seen.in_72h[month], of), _share(seen.in_2wd[month], of))))
    return Plot(
        "in_time",
        "Talked with a person in time, by month of the return",
        "Of the times a child came back in the month. An account by text alone is not a talk with a person.",
        "%",
        ("within 72 hours", "within 2 working days"),
        tuple(rows),
    )


def _share(number: int, of: int) -> Bar:
    """So many in a hundred; not shown where it, or the rest, is of fewer than five."""
    if of == 0:
        return Bar(None, "none")
    if small(number) or small(of - number) or small(of):
        return Bar(None, HIDDEN)
    share = 100 * number / of
    return Bar(share, f"{share:.0f}% ({number} of {of})")


def _stages(seen: _Seen) -> Plot:
    bars, last = [], seen.stages[STAGES[0]]
    for stage in STAGES:
        number = seen.stages[stage]
        # The step down from the last number that is shown is a number of children too.
        if small(number) or small(last - number):
            bars.append(Bar(None, HIDDEN))
        else:
            bars.append(Bar(number, str(number)))
            last = number
    return Plot(
        "stages",
        "From the return to the signed record",
        "Times a child came back in the last twelve months.",
        "",
        ("times",),
        tuple((stage, (bar,)) for stage, bar in zip(STAGES, bars, strict=True)),
    )


def _reasons(seen: _Seen) -> Plot:
    known = _reason_names()
    several = [(name, seen.reasons[name]) for name in known if seen.reasons[name]]
    several.sort(key=lambda one: (-one[1], one[0]))
    return Plot(
        "reasons",
        "Why they went, as they chose or told it",
        "Times a reason was named; a child may name several. What nobody was asked is not here.",
        "",
        ("times",),
        tuple((known[name], (_bar(number),)) for name, number in several[:MOST_REASONS]),
    )


def _reason_names() -> dict[str, str]:
    steps, form = app.source().flows["return_interview"].steps, report.load().fields
    found: dict[str, str] = {}
    for asked in counting.ASKED_WHY:
        towards = "from" if asked == "push" else "to"
        for value in (*(one.value for one in steps[asked].options), *form[asked].options):
            found[f"{asked}.{value}"] = f"{value.replace('_', ' ')} ({towards})"
    return found


# --- alerts and check-ins ---------------------------------------------------------------------------------------------


def _minutes(tx: Transaction, first: datetime, at: datetime) -> Plot:
    took: dict[int, list[float]] = {}
    for level, opened, taken in gauges.taken(tx, first, at):
        if taken is not None:
            took.setdefault(level, []).append((taken - opened).total_seconds() / 60)
    rows = []
    for level in (Level.L4, Level.L3, Level.L2):
        several = sorted(took.get(int(level), ()))
        rows.append((level.name, (_minute(several, _middle), _minute(several, _nine_of_ten))))
    return Plot(
        "minutes",
        "Minutes until somebody took an alert",
        "Alerts of the last twelve months that were taken, by the level they have now.",
        " min",
        ("half of them sooner than", "nine of ten sooner than"),
        tuple(rows),
    )


def _minute(several: list[float], measure: Callable[[list[float]], float]) -> Bar:
    if not several:
        return Bar(None, "none")
    if len(several) < suppression.LEAST:
        return Bar(None, HIDDEN)
    found = measure(several)
    return Bar(found, f"{found:.1f} min (of {len(several)})")


def _middle(several: list[float]) -> float:
    return median(several)


def _nine_of_ten(several: list[float]) -> float:
    return quantiles(several, n=_TENTHS, method="inclusive")[-1]


def _reach(tx: Transaction, first: datetime, at: datetime, lost: list[str]) -> Plot:
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for talk in gauges.check_ins(tx, first, at):
        try:
            c = conversations.peek(tx, talk)
        except Erased:
            continue
        except SealBroken:
            lost.append(talk)
            continue
        where = str(c.facts.get("borough", BY_THEMSELVES)) or NOT_RECORDED
        asked[where] += 1
        answered[where] += c.last_inbound_at is not None
    rows = [(where, (_bar(asked[where]), _within(answered[where], asked[where]))) for where in sorted(asked)]
    return Plot(
        "reach",
        "Text-safe check-ins by borough",
        "By the borough that asked for the check-in. Whose child it is, nobody knows.",
        "",
        ("check-ins", "answered by the child"),
        tuple(rows),
    )


def _bar(number: int) -> Bar:
    return Bar(None, HIDDEN) if small(number) else Bar(number, str(number))


def _within(number: int, of: int) -> Bar:
    return Bar(None, HIDDEN) if small(of) or small(number) or small(of - number) else Bar(number, str(number))


def small(number: int) -> bool:
    """Whether a number is too small to be shown; a nought is shown, for nobody stands behind it."""
    return 0 < number < suppression.LEAST
