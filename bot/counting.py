"""What a year of missing episodes is counted by: one value a property, for each time missing and for each child.

A child counts once in every table, in the group of their last episode of the year (domain H8: one resolved value a child and
period, the latest confirmed), so that individuals add up. What nobody recorded is a group of its own. May not add up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot import children
from bot.children import Answer
from bot.filing import ssda903
from flows import deadline_return, over_time
from flows.model import Level
from flows.report import Report
from flows.suppression import Line, Table
from storage import alerts, registers, reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from bot.children import Child
    from flows.deadline_rules import Formula
    from flows.deadlines import Facts
    from flows.working_time import Calendar
    from storage.cases import Episode
    from storage.database import Transaction

NOT_RECORDED: Final = "not recorded"
TIMES: Final = "times in the year"
YES, NO = "yes", "no"
_AGES: Final = ("11 and under", *map(str, range(12, 18)), "18 and over")
_YOUNGEST, _OLDEST = 12, 17
_ETHNIC: Final = {"A": "Asian", "C": "Asian", "B": "Black", "W": "White", "M": "Other", "O": "Other"}
_NOT_SAID: Final = ("REFU", "NOBT")
_GENDERS: Final = {"female": "female", "male": "male", "trans": "transgender", "other": "other"}
_TIMES: Final = (("1", 1), ("2", 2), ("3 or 4", 4), ("5 to 9", 9))
_TEN: Final = "10 or more"
_HOURS_SHORT: Final = timedelta(hours=48)
_DAYS_LONG: Final = timedelta(days=7)
_MODES: Final = {"face_to_face": "face to face", "phone": "phone", "video": "video", "live_chat": "live chat"}
_ENGAGED: Final = {
    "willing": "willingly", "partly": "in part", "declined": "declined", "not_reached": "not reached or not offered",
}  # fmt: skip
ASKED_WHY: Final = ("push", "pull")
_REASON: Final = "reason: "
NONE_OF_THESE: Final = "none"


@dataclass(frozen=True, slots=True)
class Property:
    """Something that is counted: its name and its groups, in the order they are shown."""

    name: str
    groups: tuple[str, ...]


PROPERTIES: Final = tuple(
    Property(name, groups if name == TIMES else (*groups, NOT_RECORDED))
    for name, groups in {
        "age": _AGES,
        "gender": tuple(_GENDERS.values()),
        "ethnicity": ("Asian", "Black", "White", "Other"),
        "care": ("looked after", "not looked after"),
        TIMES: (*(group for group, _ in _TIMES), _TEN),
        "kind": ("missing", "away without authorisation"),
        "duration": (
            "resolved within 48 hours", "resolved in 48 hours to 7 days", "resolved after 7 days",
            "open at the end of the year, up to 7 days", "open at the end of the year, over 7 days",
        ),
        "return interview offered": (YES, NO, "child still missing"),
        "return interview": (
            "held with a person", "declined", "account by text or web only, a person still owed", "offered, not held yet",
            "not offered", "child still missing",
        ),
        "how it was held": (*_MODES.values(), "text or web only", "another way", "not held"),
        "within 72 hours": ("within", "later", "not held"),
        "within 2 working days": ("within", "later", "not held"),
        "with whom": (
            "the child", "the child, and the parents' or carers' view", "the parents' or carers' view alone", "nobody",
        ),
        "engaged": ("willingly", "in part", "declined", "not reached or not offered"),
        "significant disclosure": (YES, "none recorded", "no interview or account"),
        "outcome of a disclosure": (
            "referred to children's social care", "police", "referred as a trafficked child", "something else",
            "no further action, with a reason", "not decided yet", "no alert",
        ),
    }.items()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One time missing in a year: property -> group. `reasons`: what the child chose of why they went, None without a
    word of it.
    """

    groups: Mapping[str, str]
    reasons: frozenset[str] | None


def within(tx: Transaction, everyone: Iterable[Child], ends: int, calendar: Calendar) -> Iterator[tuple[Seen, ...]]:
    """Child after child with an episode that began in the year, what is counted of each of them."""
    first, last = ssda903.year(ends)
    end = datetime.combine(last + timedelta(days=1), time(), calendar.tz)
    for child in everyone:
        its = [one for one in child.episodes if first <= calendar.day(one.missing_at) <= last]
        if its:
            of_child = _of_child(child, its, last, calendar)
            yield tuple(_seen(tx, child, one, of_child, end, calendar) for one in its)
    # Of who was erased only the number is left, and it stays in every total.
    start = datetime.combine(first, time(), calendar.tz)
    for number in registers.forgotten(tx, start, end):
        yield (Seen({TIMES: _times(number)}, None),) * number


def tables(counted: Iterable[tuple[Seen, ...]], options: Mapping[str, tuple[str, ...]]) -> tuple[Table, ...]:
    """Every property as a table, and one for each reason a child may give (`options`: question -> its options)."""
    properties = (*PROPERTIES, *(_reason(asked, option) for asked, several in options.items() for option in several))
    people: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    for child in counted:
        for one in properties:
            groups = [_group(seen, one) for seen in child]
            people[one.name, groups[-1]] += 1
            times.update((one.name, group) for group in groups)
    return tuple(
        Table(one.name, tuple(Line(group, people[one.name, group], times[one.name, group]) for group in one.groups))
        for one in properties
    )


def _reason(asked: str, option: str) -> Property:
    return Property(f"{_REASON}{option} ({asked})", ("named", "not named", "no account"))


def _group(seen: Seen, of: Property) -> str:
    if not of.name.startswith(_REASON):
        return seen.groups.get(of.name, NOT_RECORDED)
    if seen.reasons is None:
        return "no account"
    option, _, asked = of.name.removeprefix(_REASON).partition(" (")
    return "named" if f"{asked.rstrip(')')}.{option}" in seen.reasons else "not named"


# --- of a child -------------------------------------------------------------------------------------------------------


def _of_child(child: Child, its: list[Episode], last: date, calendar: Calendar) -> dict[str, str]:
    """What is one value a child and year, whichever episode it is."""
    care = child.looked_after(its[-1])
    return {
        "age": _age(child.age_on(calendar.day(its[-1].missing_at))),
        "gender": _GENDERS.get(str(child.details.get("gender")), NOT_RECORDED),
        "ethnicity": _ethnic(over_time.held(child.details, "ethnicity", last)),
        "care": {True: "looked after", False: "not looked after", None: NOT_RECORDED}[care],
        TIMES: _times(len(its)),
    }


def _times(number: int) -> str:
    return next((group for group, most in _TIMES if number <= most), _TEN)


def _age(years: int | None) -> str:
    if years is None:
        return NOT_RECORDED
    if years < _YOUNGEST:
        return _AGES[0]
    return str(years) if years <= _OLDEST else "18 and over"


def _ethnic(code: str | None) -> str:
    """The group of the collection's code: WBRI is White, MWBC is Other with all who are mixed."""
    if code is None or code.upper() in _NOT_SAID:
        return NOT_RECORDED
    return _ETHNIC.get(code[:1].upper(), NOT_RECORDED)


# --- of an episode ----------------------------------------------------------------------------------------------------


def _seen(
    tx: Transaction, child: Child, episode: Episode, of_child: dict[str, str], end: datetime, calendar: Calendar
) -> Seen:
    facts = child.facts(episode)
    offered = children.offered(child, episode)
    held = _interview(child, facts, episode, offered)
    written = _written(tx, child, episode)
    groups = {
        "kind": "away without authorisation" if children.is_away(episode) else "missing",
        "duration": _duration(episode, end),
        "return interview offered": _offered(offered),
        "return interview": held,
        "how it was held": _how(facts, held),
        "within 72 hours": _in_time(facts, held, deadline_return.interview_72h, calendar),
        "within 2 working days": _in_time(facts, held, deadline_return.interview_2wd, calendar),
        "with whom": _with_whom(facts),
        "engaged": _engaged(child, episode, held, written),
        "significant disclosure": _disclosure(child, episode, facts, written),
        "outcome of a disclosure": _outcome(tx, child, episode),
    }
    return Seen(of_child | groups, _reasons(child, episode, written))


def _duration(episode: Episode, end: datetime) -> str:
    """How long nobody knew where the child was; an absence that outlasts the year is open in it."""
    away = children.is_away(episode)
    over = (episode.returned_at or episode.ended_at) if away else children.found_at(episode)
    if over is None or over >= end:
        long = end - episode.missing_at > _DAYS_LONG
        return f"open at the end of the year, {'over' if long else 'up to'} 7 days"
    took = over - episode.missing_at
    if took <= _HOURS_SHORT:
        return "resolved within 48 hours"
    return "resolved in 48 hours to 7 days" if took <= _DAYS_LONG else "resolved after 7 days"


def _offered(answer: Answer) -> str:
    return {Answer.YES: YES, Answer.NO: NO, Answer.NOT_YET: "child still missing"}.get(answer, NOT_RECORDED)


def _interview(child: Child, facts: Facts, episode: Episode, offered: Answer) -> str:
    """Held is with a person (decisions 8); a chat that nobody held is an account, and counted apart."""
    if facts.spoken_at is not None or (offered is Answer.YES and episode.details.get("interviewed") == YES):
        return "held with a person"
    if children.declined(child, episode):
        return "declined"
    if facts.child_account_at is not None:
        return "account by text or web only, a person still owed"
    return {Answer.YES: "offered, not held yet", Answer.NO: "not offered", Answer.NOT_YET: "child still missing"}.get(
        offered, NOT_RECORDED
    )


def _how(facts: Facts, held: str) -> str:
    if held.startswith("account"):
        return "text or web only"
    if held != "held with a person":
        return NOT_RECORDED if held == NOT_RECORDED else "not held"
    if facts.spoken_at is None:
        return NOT_RECORDED
    mode = next(one.mode for one in facts.talks if one.at == facts.spoken_at)
    return _MODES.get(mode, "another way")


def _in_time(facts: Facts, held: str, rule: Formula, calendar: Calendar) -> str:
    if held != "held with a person":
        return NOT_RECORDED if held == NOT_RECORDED else "not held"
    return {None: NOT_RECORDED, True: "within", False: "later"}[deadline_return.in_time(rule, facts, calendar)]


def _with_whom(facts: Facts) -> str:
    parent = facts.parent_view_at is not None
    if facts.spoken_at is not None or facts.child_account_at is not None:
        return "the child, and the parents' or carers' view" if parent else "the child"
    return "the parents' or carers' view alone" if parent else "nobody"


def _written(tx: Transaction, child: Child, episode: Episode) -> Mapping[str, str]:
    """What a worker recorded of the interview: the last record of this return."""
    found: dict[str, str] = {}
    for talk in child.talks(episode):
        report, _ = reports.last(tx, talk.id, Report)
        found |= report.fields if report is not None else {}
    return found


def _engaged(child: Child, episode: Episode, held: str, written: Mapping[str, str]) -> str:
    """As the worker recorded it, else as the conversation ended."""
    if (recorded := _ENGAGED.get(written.get("engaged", ""))) is not None:
        return recorded
    outcomes = {one.outcome for one in child.talks(episode)}
    if held == "declined":
        return "declined"
    if held == "held with a person" or "done" in outcomes:
        return "willingly"
    if "partly_done" in outcomes or held.startswith("account"):
        return "in part"
    return NOT_RECORDED if held == NOT_RECORDED else "not reached or not offered"


def _disclosure(child: Child, episode: Episode, facts: Facts, written: Mapping[str, str]) -> str:
    """Whether something a child said reached the level at which people are called at any hour. Nothing recorded is not
    "no": nobody can say that.
    """
    if written.get("disclosure") == YES or any(one.level >= Level.L3 for one in child.talks(episode)):
        return YES
    spoken = facts.spoken_at is not None or facts.child_account_at is not None
    return "none recorded" if spoken else "no interview or account"


def _outcome(tx: Transaction, child: Child, episode: Episode) -> str:
    """What was decided on the last alert that has a decision."""
    held = [one for talk in child.talks(episode) for one in alerts.of(tx, talk.id)]
    if not held:
        return "no alert"
    decided = [one.decision for one in held if one.decision]
    if not decided:
        return "not decided yet"
    return {
        "refer": "referred to children's social care",
        "police": "police",
        "nrm": "referred as a trafficked child",
        "no_further_action": "no further action, with a reason",
    }.get(decided[-1], "something else")


def reasons(tx: Transaction, child: Child, episode: Episode) -> frozenset[str] | None:
    """What a child chose of why they went this time, and what a worker coded of their words: `push.unsafe_there` ...; None
    without a word of it.
    """
    return _reasons(child, episode, _written(tx, child, episode))


def _reasons(child: Child, episode: Episode, written: Mapping[str, str]) -> frozenset[str] | None:
    """`push.unsafe_there` ...; a question that was not answered says nothing, and neither does "none" of one."""
    chosen = {f"{name}.{one}" for name in ASKED_WHY for one in written.get(name, "").split(",") if one}
    asked = bool(chosen)
    for talk in child.talks(episode):
        for name in ASKED_WHY:
            answer = talk.answers.get(name)
            if answer is not None and isinstance(answer.value, tuple):
                asked = True
                chosen |= {f"{name}.{option}" for option in answer.value if option != NONE_OF_THESE}
    return frozenset(chosen) if asked else None
