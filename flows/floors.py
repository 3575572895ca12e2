"""What no library may go below, whoever writes it: which harm ends the asking, which answer or word calls a person.

May not read a file. Asked of the library of today alone: a chat that began with an earlier one goes on with that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import agenda, concerns, conditions
from flows.lines import LoadError
from flows.model import Guard, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flows.loader import Source
    from flows.model import Flow, Outcome

# decisions 3: after harm by others nothing more is asked; of what a child does to themselves only when they say go on.
_LOCKS: Final = ("D01", *(f"D{number:02}" for number in range(5, 18)), "D21", "D22", "D23", "D24")
_PAUSES: Final = ("D02", "D03", "D04", "D20", "D26", "D27")
GUARDS: Final[Mapping[str, Guard]] = {**dict.fromkeys(_LOCKS, Guard.LOCK), **dict.fromkeys(_PAUSES, Guard.PAUSE)}
# decisions 6: for a child under 13, or of no known age, L2 of these is L3. What goes past a worker, and what silences.
FLAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "raised_by_age": (*(one for one in _LOCKS if one not in {"D17", "D23"}), "D20", "D28"),
    "own_life": ("D02", "D03"),
    "conflict": ("D22",),
    "quiet": ("D28", "D29"),
}
# What an answer to a question of this tag does at least.
ANSWERS: Final = (
    ("gate", "help", Level.L4, Guard.LOCK),
    ("each_session", "no", Level.L4, Guard.LOCK),
    ("each_session", "unsure", Level.L3, Guard.NONE),
    ("lock", "yes", Level.L3, Guard.LOCK),
    ("lock", "unsure", Level.L2, Guard.SOFT_LOCK),
)
COMMANDS: Final = {"danger": Level.L4, "person": Level.L2, "help": Level.L2, "adult": Level.L2}


def check(source: Source) -> None:
    """LoadError for the first thing that is below."""
    for found in (_categories(source), _commands(source), *(_flow(source, flow) for flow in source.flows.values())):
        for error in found:
            raise error


def _categories(source: Source) -> Iterator[LoadError]:
    file = "categories.yaml"
    for code, least in GUARDS.items():
        one = source.categories.get(code)
        if one is None:
            line = max((other.line for other in source.categories.values() if other.code < code), default=1)
            yield LoadError(file, line, f"{code} is missing (the floor); write its row again")
        elif concerns.stronger(one.guard, least) != one.guard:
            yield LoadError(file, one.line, f"{code} must end the asking (the floor); write 'guard: {least}'")
        elif one.guard_from > Level.L2:
            yield LoadError(file, one.line, f"{code} must end the asking from L2 (the floor); write 'guard_from: L2'")
    for name, codes in FLAGS.items():
        for code in codes:
            one = source.categories.get(code)
            if one is None or not getattr(one, name):
                yield LoadError(file, one.line if one else 1, f"{code} must have '{name}: true' (the floor); write it")


def _commands(source: Source) -> Iterator[LoadError]:
    for verb, least in COMMANDS.items():
        rows = [one for one in source.commands if one.does == verb]
        if not rows:
            yield LoadError("commands.yaml", 1, f"no command does '{verb}'; write its row again")
        for one in rows:
            if one.level < least:
                said = f"'{one.key}' must call somebody at {least.name} (the floor); write 'level: {least.name}'"
                yield LoadError("commands.yaml", one.line, said)


def _flow(source: Source, flow: Flow) -> Iterator[LoadError]:
    for tag, answer, level, guard in ANSWERS:
        for step in agenda.tagged(flow, tag):
            rows = [row for row in step.outcomes if conditions.holds(row.when, {step.key: answer})]
            if any(option.value == answer for option in step.options) and not any(
                _does(row, level, guard) for row in rows
            ):
                does = f"level: {level.name}, {f'guard: {guard}, ' if guard is not Guard.NONE else ''}asserted: true"
                said = f"'{answer}' to '{step.key}' must do this at least (the floor): {does}; write it in its outcome"
                line = next((row.line for row in rows or step.outcomes), step.line)
                yield LoadError(f"{source.homes[step.key]}.yaml", line, said)
    for step in flow.steps.values():
        for row in step.outcomes:
            harm = [code for code in row.categories if GUARDS.get(code) is Guard.LOCK]
            if harm and row.level >= Level.L2 and not (row.guard is Guard.LOCK and row.asserted):
                said = f"{harm[0]} ends the asking (the floor); write 'guard: lock, asserted: true'"
                yield LoadError(f"{source.homes[step.key]}.yaml", row.line, said)


def _does(row: Outcome, level: Level, guard: Guard) -> bool:
    return row.asserted and row.level >= level and concerns.stronger(row.guard, guard) == row.guard
