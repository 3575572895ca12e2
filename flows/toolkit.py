"""The risk toolkit: which level the indicators that a person confirmed make, why, and what is then to be done.

It guides judgement and takes nobody's place (003:815): the program only proposes an indicator, a person confirms it; a level
goes up freely, and down only by a manager with a reason and never below a floor. May not say that there is no risk: without a
confirmed indicator the level is `none`, which says that nothing was confirmed (D9, 004:3204). Codes and texts stand in
`library/toolkit.yaml`; sources are lines of the council's toolkit (003:723-934) unless another is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import claims, conditions, lines, naming, working_time
from flows.model import MANAGERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flows.conditions import Condition
    from flows.lines import Node
    from flows.model import Step

FILE: Final = Path(__file__).parent / "library" / "toolkit.yaml"
_LISTS: Final = ("low", "medium", "high", "vulnerability", "trafficking")
_KEYS: Final = (*_LISTS, "under_13", "proposals", "actions")
UNDER_13: Final = "H01"
CHILD, TEEN, ADULT = 13, 16, 18
# More than five in the source's words, yet four is the most that is low: five is read as medium (868, 854; G3).
LOW_MOST: Final = 4
_OPENS, _DUE = timedelta(days=28), timedelta(days=42)


class Level(IntEnum):
    """What the confirmed indicators make. NONE: none is confirmed, which is not the same as no risk."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Toolkit:
    """The file as values. `groups`: list -> code -> what it means to a worker."""

    groups: Mapping[str, Mapping[str, str]]
    under_13: frozenset[str]
    proposals: tuple[tuple[str, Condition], ...]
    actions: Mapping[Level, tuple[str, ...]]

    def text(self, code: str) -> str:
        """What a code means. KeyError for one there is not."""
        return (
            next(group[code] for group in self.groups.values() if code in group) if self.knows(code) else _unknown(code)
        )

    def knows(self, code: str) -> bool:
        """Whether there is such an indicator."""
        return any(code in group for group in self.groups.values())


@dataclass(frozen=True, slots=True)
class Findings:
    """What a person found. `confirmed`: codes they confirmed; `age`: whole years on the day; None where nobody knows.

    `sexual`: there is evidence of sexual activity or grooming; `at_risk`: at risk of exploitation or involved in it;
    `continuing`: the harm goes on; `significant_harm`: reasonable cause to suspect it; `trafficked`: believed trafficked.
    """

    confirmed: frozenset[str] = frozenset()
    age: int | None = None
    learning_disability: bool | None = None
    sexual: bool = False
    at_risk: bool = False
    continuing: bool = False
    significant_harm: bool = False
    trafficked: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`floor`: below which nobody may set it; `provisional`: something was not known, and the safer reading was taken.

    `flags`: what must be considered, as codes; `actions`: what is to be done, in order.
    """

    level: Level
    floor: Level
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    actions: tuple[str, ...]
    provisional: bool = False


class NotAllowed(ValueError):
    """This level cannot be set so; the message says why and who can."""


def load(path: Path = FILE) -> Toolkit:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    parts = lines.read(path).mapping(_KEYS, need=_KEYS)
    groups = {name: {code: node.text() for code, node in parts[name].mapping().items()} for name in _LISTS}
    known = [code for group in groups.values() for code in group]
    for name in _LISTS:
        for code, node in parts[name].mapping().items():
            if known.count(code) > 1:
                raise node.error(f"'{code}' stands in two lists")
    actions = parts["actions"].mapping(("low", "medium", "high"), need=("low", "medium", "high"))
    return Toolkit(
        groups,
        frozenset(code.one_of(known, "indicator") for code in parts["under_13"].items()),
        tuple(_proposal(row, known) for row in parts["proposals"].items()),
        {Level[name.upper()]: tuple(one.text() for one in node.items()) for name, node in actions.items()},
    )


def check(node: Node, steps: Mapping[str, Step]) -> None:
    """LoadError for a question or an answer that there is not: the indicator would never be proposed."""
    for row in node.mapping()["proposals"].items():
        when = row.mapping()["when"]
        naming.check(when, claims.parsed(when), steps, {"episode": frozenset({"first", "repeat"})})


def _proposal(row: Node, known: Collection[str]) -> tuple[str, Condition]:
    parts = row.mapping(("code", "when"), need=("code", "when"))
    when = claims.parsed(parts["when"])
    return parts["code"].one_of(known, "indicator"), when


def propose(toolkit: Toolkit, answers: Mapping[str, object], *, episodes: int) -> tuple[str, ...]:
    """Indicators the answers point to, for a worker to confirm or leave. `answers`: as `facts.answered` gives them."""
    known = {**answers, "episode": "repeat" if episodes > 1 else "first"}
    return tuple(code for code, when in toolkit.proposals if conditions.holds(when, known))


def assess(toolkit: Toolkit, found: Findings) -> Result:
    """The level and what follows from it, by the rules in their order. ValueError for a code there is not."""
    for code in sorted(found.confirmed):
        if not toolkit.knows(code):
            _unknown(code)
    confirmed, reasons = _with_under_13(toolkit, found)
    low, medium, high = (sum(code in toolkit.groups[name] for code in confirmed) for name in ("low", "medium", "high"))
    level = _level(low, medium, high, reasons)
    raised, why, provisional = _floor(level, found)
    if raised > level:
        level = raised
        reasons.append(why)
    harm = level is Level.MEDIUM and found.significant_harm
    if harm:
        reasons.append("medium with reasonable cause to suspect significant harm: the actions of high")  # 815
    actions = toolkit.actions.get(Level.HIGH if harm else level, ())
    return Result(
        level, _least(found, confirmed, level), tuple(reasons), _flags(found, confirmed), actions, provisional
    )


def _with_under_13(toolkit: Toolkit, found: Findings) -> tuple[frozenset[str], list[str]]:
    """Below 13 any sexual activity is an offence against the child, whatever else was confirmed (764, 834, 924)."""
    evidence = found.sexual or bool(found.confirmed & toolkit.under_13)
    if found.age is not None and found.age < CHILD and evidence:
        return found.confirmed | {UNDER_13}, ["under 13 with sexual activity or grooming: high, never low"]
    return found.confirmed, []


def _level(low: int, medium: int, high: int, reasons: list[str]) -> Level:
    """Rules 2 to 6: counts of confirmed indicators."""
    if high:
        reasons.append(f"{high} of the high list")  # 885
        return Level.HIGH
    if medium:
        reasons.append(f"{medium} of the medium list")  # 815, 868
        return Level.MEDIUM
    if low > LOW_MOST:
        reasons.append(f"{low} low: the toolkit has a gap at five, treated as medium")  # 868
        return Level.MEDIUM
    if low:
        reasons.append(f"{low} of the low list")  # 801, 854
        return Level.LOW
    return Level.NONE


def _floor(level: Level, found: Findings) -> tuple[Level, str, bool]:
    """Rule 7: what would be low is medium for a child under 13 or with a learning disability, and while either is not
    known (804; G7).
    """
    if level is not Level.LOW:
        return Level.NONE, "", False
    if found.age is not None and found.age < CHILD:
        return Level.MEDIUM, "under 13 cannot be low", False
    if found.learning_disability:
        return Level.MEDIUM, "a child with a learning disability cannot be low", False
    unknown = [
        what for what, held in (("age", found.age), ("learning disability", found.learning_disability)) if held is None
    ]
    if unknown:
        return Level.MEDIUM, f"{' and '.join(unknown)} not known: medium until it is", True
    return Level.NONE, "", False


def _least(found: Findings, confirmed: Collection[str], level: Level) -> Level:
    """Below which not even a manager goes: what age and disability demand, and low while anything is confirmed."""
    if level is Level.NONE:
        return Level.NONE
    young = found.age is None or found.age < CHILD
    if UNDER_13 in confirmed and found.age is not None and young:
        return Level.HIGH
    return Level.MEDIUM if young or found.learning_disability is not False else Level.LOW


def _flags(found: Findings, confirmed: Collection[str]) -> tuple[str, ...]:
    flags = [*_by_age(found)]
    if UNDER_13 in confirmed or found.significant_harm or found.trafficked:
        flags.append("consider_s47")
    if found.continuing:
        flags.append("refer_to_panel")  # 926: at any level, while the harm goes on
    if found.trafficked or "H09" in confirmed:
        # 003:494-498, 1561: consent is not needed, the child is told, and it does not replace child protection
        flags += ["ask_a_first_responder", "tell_the_child", "review_within_one_working_day"]
    elif any(code.startswith("T") for code in confirmed):
        flags.append("decide_whether_trafficked")
    return tuple(dict.fromkeys(flags))


def _by_age(found: Findings) -> tuple[str, ...]:
    """Rules 9 and 10 (925, 928-932); of an age nobody knows the younger is assumed."""
    if not found.sexual or (found.age is not None and found.age >= ADULT):
        return ()
    if found.age is None or found.age < CHILD:
        return ("consider_s47",) if found.age is not None or found.at_risk else ("find_out_the_age",)
    if not found.at_risk:
        return ("sexually_active_guidelines",) if found.age >= TEEN else ()
    return ("consider_s47",) if found.age < TEEN else ("exploitation_procedure",)


def years(born: date, on: date) -> int | None:
    """The age on a day; None for a day before the birth, where one of the two is wrong."""
    return None if on < born else working_time.age(born, on)


def again(result: Result, assessed: date) -> tuple[date, date] | None:
    """From and by which day a low level is assessed again (R28, 861-863); None for every other."""
    return (assessed + _OPENS, assessed + _DUE) if result.level is Level.LOW else None


def override(result: Result, to: Level, role: str, reason: str) -> Level:
    """Set another level than the indicators make: up is free, down needs a manager and a reason. Raises NotAllowed."""
    if to >= result.level:
        return to
    if to < result.floor:
        why = "; ".join(result.reasons) or "indicators are confirmed"
        raise NotAllowed(f"{to.name} is not possible here: {why}")
    if role not in MANAGERS:
        raise NotAllowed(f"only a manager sets {result.level.name} down to {to.name}")
    if not reason.strip():
        raise NotAllowed(f"{result.level.name} is set down to {to.name} only with a reason: say why")
    return to


def _unknown(code: str) -> str:
    message = f"'{code}' is no indicator of the toolkit"
    raise ValueError(message)
