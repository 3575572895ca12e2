"""What a child's answers mean for the clocks, and what work a clock makes, as `library/clocks.yaml` says it.

May not name a question or a category, nor compute a deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import claims, conditions, lines, naming, noting
from flows.deadline_rules import BY_ID, RULES, Sort

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flows.conditions import Condition
    from flows.deadlines import Deadline
    from flows.lines import Node
    from flows.model import Step

FILE: Final = Path(__file__).parent / "library" / "clocks.yaml"
SAID: Final = ("refused", "declined_person", "keeps_worker", "wants_another")
ROLES: Final = ("worker", "duty", "backup", "manager", "service_manager")
_KEYS: Final = (
    "said", "check_ins", "told_of_abuse", "told_of_staff", "repeat_days", "report_abuse", "tasks", "overdue", "closes",
    "digest_hour", "safe_hours", "soon", "offered_by",
)  # fmt: skip
_HEARS: Final = frozenset(rule.breach for rule in RULES)
_LONGEST: Final = 366
RUNNING, AMBER, LATE = "running", "amber", "late"
WHEN: Final = (RUNNING, AMBER, LATE)
NONE: Final = "none"
# Before a rule: the work of whoever is told that its clock is late.
OVERDUE: Final = "overdue_"
# What is more than a note has a command of its own.
COMMANDS: Final = {
    "not_done": "use waymark case not-done",
    "tried": "use waymark case tried (or waymark offer)",
    "decided": "decide the alert at the desk",
    "interviewer": "use waymark case plan",
    "attempt": "use waymark case tried",
    "talk": "use waymark case spoke",
}
# Who owes a clock in the words of the rules -> who of the service is given the work.
STAFF: Final = {"team_manager": "manager", "director": "service_manager", "recorder": "worker"}


@dataclass(frozen=True, slots=True)
class Work:
    """What a clock asks somebody to do: `role` None is who owes it. `part` with a colon at its end: all that begin so.
    `by`: the note that stops the clock, None where its being done is logged. `at`: when the work begins.
    """

    rule: str
    part: str
    what: str
    role: str | None
    by: str | None = None
    at: str = RUNNING

    def of(self, deadline: Deadline) -> bool:
        """Whether it is about this clock."""
        mine = deadline.part.startswith(self.part) if self.part.endswith(":") else self.part in ("", deadline.part)
        return self.rule == deadline.rule and mine


@dataclass(frozen=True, slots=True)
class Meaning:
    """The file as values. `repeat_days` None: repeats are counted over a month only (R24b is off). `soon`: the rules of which
    somebody hears when they turn amber. `offered_by`: the texts that offer an interview.
    """

    said: Mapping[str, Condition]
    check_ins: tuple[tuple[Condition, tuple[int, ...]], ...]
    told_of_abuse: frozenset[str]
    told_of_staff: frozenset[str]
    repeat_days: int | None
    report_abuse: bool
    works: tuple[Work, ...]
    overdue: Mapping[str, str]
    closes: Mapping[str, str]
    digest_hour: int
    safe_hours: tuple[tuple[Condition, int], ...]
    soon: frozenset[str]
    offered_by: frozenset[str]

    @property
    def questions(self) -> frozenset[str]:
        """The questions whose answers a clock depends on."""
        found = (*self.said.values(), *(when for when, _ in self.check_ins))
        return frozenset(name for when in found for name, _ in conditions.literals(when))

    def says(self, what: str, answers: Mapping[str, object]) -> bool:
        """Whether these answers mean one of `SAID`."""
        return conditions.holds(self.said[what], answers)

    def asked(self, what: str) -> frozenset[str]:
        """The questions that `what` is known by."""
        return frozenset(name for name, _ in conditions.literals(self.said[what]))

    def check_in_days(self, answers: Mapping[str, object]) -> tuple[int, ...]:
        """The days the child chose; empty without a yes (decisions 8)."""
        return next((days for when, days in self.check_ins if conditions.holds(when, answers)), ())

    def safe_hour(self, answers: Mapping[str, object]) -> int | None:
        """The local hour at which this child may be texted; None when they said never."""
        return next((hour or None for when, hour in self.safe_hours if conditions.holds(when, answers)), None)

    def work(self, deadline: Deadline, at: str = RUNNING) -> tuple[str, str] | None:
        """What is to be done for a clock from when it runs (or is amber, or late), and by which role of the service; None
        when it makes no work then.
        """
        found = next((one for one in self.works if one.at == at and one.of(deadline)), None)
        return None if found is None or found.what == NONE else (found.what, staff(found.role or deadline.role))

    def noted_by(self, what: str) -> str | None:
        """The note (or command) that says this work was done; None where a log or a tick is enough."""
        known = {one.what: one.by for one in self.works if one.by is not None}
        return known.get(what) or next((kind for kind, task in self.closes.items() if task == what), None)

    def hears(self, deadline: Deadline) -> str | None:
        """The role that is given a task when this clock is late; None when the board alone shows it."""
        rule = BY_ID[deadline.rule]
        return self.overdue.get(rule.breach) if rule.sort is Sort.OWED else None


def staff(role: str) -> str:
    """The role of the service that does the work of `role` of a rule; whoever is outside is chased by the worker."""
    named = STAFF.get(role, role)
    return named if named in ROLES else "worker"


def load(path: Path = FILE) -> Meaning:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    parts = lines.read(path).mapping(_KEYS, need=_KEYS)
    said = parts["said"].mapping(SAID, need=SAID)
    days = parts["repeat_days"].number(0, _LONGEST)
    return Meaning(
        said={name: claims.parsed(node) for name, node in said.items()},
        check_ins=tuple(_check_in(row) for row in parts["check_ins"].items()),
        told_of_abuse=frozenset(parts["told_of_abuse"].words()),
        told_of_staff=frozenset(parts["told_of_staff"].words()),
        repeat_days=days or None,
        report_abuse=parts["report_abuse"].flag(),
        works=_works(parts["tasks"]),
        overdue={name: node.one_of(ROLES, "role") for name, node in parts["overdue"].mapping(_HEARS).items()},
        closes={name: node.text() for name, node in parts["closes"].mapping((*noting.KINDS, *COMMANDS)).items()},
        digest_hour=parts["digest_hour"].number(0, 23),
        safe_hours=tuple(_hour(row) for row in parts["safe_hours"].items()),
        soon=frozenset(row.one_of(BY_ID, "rule") for row in parts["soon"].items()),
        offered_by=frozenset(parts["offered_by"].words()),
    )


def check(node: Node, steps: Mapping[str, Step], categories: Collection[str]) -> None:
    """LoadError for a question, an answer or a category that there is not: the clock it starts or stops never would."""
    parts = node.mapping(_KEYS, need=_KEYS)
    rows = (row.mapping()["when"] for name in ("check_ins", "safe_hours") for row in parts[name].items())
    for when in (*parts["said"].mapping().values(), *rows):
        naming.check(when, claims.parsed(when), steps, {})
    for name, known in (("told_of_abuse", categories), ("told_of_staff", categories), ("offered_by", steps)):
        for word in parts[name].items():
            word.one_of(known, "question" if known is steps else "category")


def _works(node: Node) -> tuple[Work, ...]:
    """Every row, each of its own clock and time. LoadError for a clock without: whom nobody gives work, nobody does it."""
    works: list[Work] = []
    for row in node.items():
        work = _work(row)
        if any((work.rule, work.part, work.at) == (one.rule, one.part, one.at) for one in works):
            raise row.error(
                f"the work of {work.rule} stands here twice; take one row out, or name another part or time"
            )
        works.append(work)
    # Of what others owe, it is enough that they are chased.
    known = {(one.rule, one.part) for one in works if one.at != LATE or BY_ID[one.rule].sort is not Sort.OWED}
    for rule in (one for one in RULES if one.clocks is not None):
        whole = ("",) if all(part.endswith(":") for part in rule.parts) else ()
        for part in (*rule.parts, *whole):
            if (rule.id, part) not in known:
                written = f"{{rule: {rule.id}, {f'part: {part}, ' if part.strip(':') else ''}what: ...}}"
                raise node.error(
                    f"no work for {rule.id} ({rule.name}); add - {written}, with 'none' where there is to be none"
                )
    return tuple(works)


def _work(row: Node) -> Work:
    parts = row.mapping(("rule", "part", "what", "for", "by", "at"), need=("rule", "what"))
    rule = parts["rule"].one_of(BY_ID, "rule")
    role = parts["for"].one_of(ROLES, "role") if "for" in parts else None
    by = parts["by"].one_of((*noting.KINDS, *COMMANDS), "note") if "by" in parts else None
    at = parts["at"].one_of(WHEN, "time") if "at" in parts else RUNNING
    part = parts["part"].one_of(BY_ID[rule].parts, "part") if "part" in parts else ""
    return Work(rule, part, parts["what"].text(), role, by, at)


def _check_in(row: Node) -> tuple[Condition, tuple[int, ...]]:
    parts = row.mapping(("when", "days"), need=("when", "days"))
    days = parts["days"].words()
    if not all(day.isascii() and day.isdigit() for day in days):
        raise parts["days"].error("write whole days with commas between them, as in '1, 3, 7'")
    return claims.parsed(parts["when"]), tuple(int(day) for day in days)


def _hour(row: Node) -> tuple[Condition, int]:
    parts = row.mapping(("when", "hour"), need=("when", "hour"))
    return claims.parsed(parts["when"]), parts["hour"].number(0, 21)


def of_answers(questions: Collection[str], blocks: Collection[tuple[str, Condition]]) -> frozenset[str]:
    """Every question whose answer changes a clock: those with a meaning, and those that forbid asking a parent."""
    named = (name for _, when in blocks for name, _ in conditions.literals(when))
    return frozenset((*questions, *named))
