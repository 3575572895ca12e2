"""How the service keeps to its own clocks (domain H10), for those who run it. Talks with a person and accounts that nobody
held are never added together (decisions 8). May not name a child; it is not for publication, so nothing is hidden.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from bot import children
from bot.children import Answer
from bot.filing import ssda903
from flows import deadline_return

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.children import Child
    from bot.filing.cells import Cell
    from flows.deadline_rules import Formula
    from flows.deadlines import Facts
    from flows.working_time import Calendar
    from storage.cases import Episode

HEADER: Final = ("measure", "number", "of", "percent")
_INDEPENDENT: Final = ("yes", "chosen_by_child")
_HOUR: Final = 3600


class _Tally:
    """Numbers and what they are of, in the order they were first named."""

    def __init__(self) -> None:
        self.held: dict[str, list[int]] = {}
        self.hours: dict[str, list[float]] = {}

    def add(self, measure: str, *, so: bool, among: bool = True) -> None:
        counted = self.held.setdefault(measure, [0, 0])
        counted[0] += so and among
        counted[1] += among

    def took(self, measure: str, start: datetime | None, end: datetime | None) -> None:
        several = self.hours.setdefault(measure, [])
        if start is not None and end is not None:
            several.append((end - start).total_seconds() / _HOUR)


def rows(everyone: Iterable[Child], ends: int, calendar: Calendar) -> Iterator[tuple[Cell, ...]]:
    """One measure a row. Counted are the episodes of the year after which the child was found."""
    first, last = ssda903.year(ends)
    tally = _Tally()
    for child in everyone:
        before: str | None = None
        for episode in child.episodes:
            found = children.found_at(episode)
            if found is None or not first <= calendar.day(found) <= last:
                continue
            facts = child.facts(episode)
            _count(tally, child, episode, facts, calendar)
            before = _same_worker(tally, facts, before)
    for measure, (number, among) in tally.held.items():
        yield measure, number, among, f"{100 * number / among:.1f}" if among else None
    for measure, hours in tally.hours.items():
        yield measure, f"{median(hours):.1f}" if hours else None, len(hours), None


def _count(tally: _Tally, child: Child, episode: Episode, facts: Facts, calendar: Calendar) -> None:
    offered = children.offered(child, episode) is Answer.YES
    spoke, account = facts.spoken_at, facts.child_account_at
    held = children.accepted(child, episode) is Answer.YES
    refused = children.declined(child, episode) and not held
    tally.add("returns", so=True)
    tally.add("offered a return interview", so=offered)
    tally.add("accepted, of those offered", so=held, among=offered)
    tally.add("held with a person", so=held)
    tally.add(
        "within 72 hours, of those held with a person at a known time",
        **_timely(facts, deadline_return.interview_72h, calendar),
    )
    tally.add(
        "within 2 working days, of those held with a person at a known time",
        **_timely(facts, deadline_return.interview_2wd, calendar),
    )
    tally.add("account by text or web only, a person still owed", so=account is not None and not held)
    tally.add("declined", so=refused)
    tally.add("reason given, of those declined", so=_has_reason(child, episode), among=refused)
    tally.add("manager considered it, of those declined", so=facts.manager_considered_at is not None, among=refused)
    tally.add("parents' or carers' view, of those declined", so=facts.parent_view_at is not None, among=refused)
    tally.add("parents' or carers' view", so=facts.parent_view_at is not None)
    form = next((clock.due for clock in deadline_return.form(facts, calendar)), None)
    signed = facts.form_signed_at
    in_time = form is not None and signed is not None and signed.replace(microsecond=0) <= form
    tally.add("record signed within 1 working day, of those due", so=in_time, among=form is not None)
    tally.add("independent, of those held with a person", so=_is_independent(child, episode), among=held)
    tally.took("median hours from the return to a talk with a person", facts.found_at, spoke)
    tally.took("median hours from the return to an account by text or web", facts.found_at, account)


def _timely(facts: Facts, rule: Formula, calendar: Calendar) -> dict[str, bool]:
    return {"so": bool(deadline_return.in_time(rule, facts, calendar)), "among": facts.spoken_at is not None}


def _has_reason(child: Child, episode: Episode) -> bool:
    if episode.details.get("not_done_reason"):
        return True
    said = any(
        one.value is not None for talk in child.talks(episode) for name, one in talk.answers.items() if name == "no_why"
    )
    return said or any(
        one.kind in ("refused", "declined_person") and one.details.get("reason") for one in child.notes(episode)
    )


def _is_independent(child: Child, episode: Episode) -> bool:
    planned = [one for one in child.notes(episode) if one.kind == "interviewer"]
    return bool(planned) and planned[-1].details.get("independent") in _INDEPENDENT


def _same_worker(tally: _Tally, facts: Facts, before: str | None) -> str | None:
    """Who held it, for the child's next; counted where the same child was spoken with before."""
    who = next((one.by for one in facts.talks if one.at == facts.spoken_at), None)
    tally.add("same worker as before, of repeats held with a person", so=who == before, among=bool(who and before))
    return who or before
