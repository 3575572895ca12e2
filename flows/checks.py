"""Whether a flow is a good one, as far as its files say: what nobody can reach, what has no way out, what may not be said.

May not run the engine (that is `walk`), read a file or know a catalogue: translations, lengths and who signed what are
for whoever has them. Every finding says where, what, and what to change.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from flows import conditions, reaching, reading, spelling
from flows.commands import VERBS
from flows.conditions import ALWAYS
from flows.deadline_windows import FRESH_DAYS
from flows.finding import Finding, Weight
from flows.loader import ENDS
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flows.loader import Source
    from flows.model import Block, Flow, Outcome, Step

# A reader of ten (domain 3.1).
GRADE_BELOW: Final = 6
# One digit answers a question on any keypad (domain 3.1).
MOST_OPTIONS: Final = 9

# Carriers keep these for themselves: some never reach us, some are answered by the carrier, some sign a child up again.
# An option has a number, so "Yes" as a label is answered by 1, and YES, which carriers hand on, is still understood. What
# no text may do is name one of these as the thing to send, or list one as a further accepted answer; and no label may be
# one that is swallowed, unless what the carrier then does is what the child chose: to END is to end.
SWALLOWED: Final = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "help", "info"}
)
HANDED_ON: Final = frozenset({"yes"})
RESERVED: Final = SWALLOWED | HANDED_ON | {"start", "unstop"}
_ENDING: Final = frozenset({"finish", "leave", "stop"})
_TOLD_TO_SEND: Final = re.compile(r"\b(?:[Ss]end|[Rr]eply|[Tt]ext|[Tt]ype)\s+(?:us\s+)?([A-Z]{2,})\b")

# domain 3.1: in nothing that is sent. "missing" marks a child to whoever sees the phone; "why did you" blames.
_BANNED: Final = re.compile(
    r"(?i)\b(missing|abus(?:e|ed|er|ive|ing)|rap(?:e|ed|ist)|victims?|gangs?|groom(?:s|ed|er|ing)?|why did you)\b"
)
_GAP: Final = re.compile(r"\{[a-z_]*\}")

# Tags that say what a text is like; by every other the engine or the staff find a text that stands in no block.
_NOT_FOUND_BY: Final = frozenset(
    {
        *(
            "each_session",
            "consent",
            "permission",
            "wish",
            "any_yes",
            "parting",
            "worker_only",
            "everyday",
            "verbatim",
            "sensitive",
            "lock",
            "skip_unsaid",
            "own_words",
            "age",
        ),
        *("support", "sharing", "purpose", "voluntary", "not_for_police", "whereabouts"),
    }
)
# Why a question may have no skip: each was looked at in review (decisions 1, 3, 12).
NO_SKIP: Final[Mapping[str, str]] = {
    "gate": "it asks who is reading",
    "each_session": "it asks whether the child is safe",
    "consent": "it asks whether to start, and no is an answer",
    "break": "it offers a break",
    "offer": "it offers a person",
    "again": "it is the menu, which has a way out",
    "human_off": "it asks whether the next person is all right",
}
AFTER_LOCK_NO_SKIP: Final = "it gets help after a disclosure"


def found(source: Source, today: date) -> Iterator[Finding]:
    """Every finding about the files of a library. `today`: for the age of help numbers."""
    for flow in source.flows.values():
        yield from _reach(source, flow)
        yield from _table(flow)
        yield from _order(source, flow)
    for key, step in _steps(source).items():
        yield from _question(source, key, step)
        yield from _english(source, key, step)
    yield from _house(source)
    yield from numbers(source, today)


def _steps(source: Source) -> dict[str, Step]:
    return {key: step for flow in source.flows.values() for key, step in flow.steps.items()}


def _at(source: Source, step: Step, topic: str, message: str, weight: Weight = Weight.ERROR) -> Finding:
    return Finding(f"{source.homes[step.key]}.yaml", step.line, topic, message, weight)


# --- what nobody can reach --------------------------------------------------------------------------------------------


def _reach(source: Source, flow: Flow) -> Iterator[Finding]:
    entered = _entered(source, flow)
    own = [block for block in flow.blocks if not block.main and block.key not in entered]
    for block in own:
        if _is_of(source, flow, block):
            change = f"lead to it with 'goto: {block.key}', or take it out"
            yield Finding(
                f"{flow.key}.yaml", block.line, "reach", f"nothing leads into the block '{block.key}'; {change}"
            )
    reached = _reached(source, flow, entered)
    for key, step in flow.steps.items():
        if key not in reached and source.homes[key] == flow.key:
            change = "list it in a block, say or ask it in an outcome, or take it out"
            yield _at(source, step, "reach", f"no child ever gets '{key}' in {flow.key}; {change}")
        yield from _conditions(source, flow, step)
    for row in flow.outcomes:
        if not reaching.can_hold(flow, row.when):
            yield Finding(f"{flow.key}.yaml", row.line, "reach", "this pattern can never hold; mend its 'when:'")


def _is_of(source: Source, flow: Flow, block: Block) -> bool:
    """A shared block may be of use to the other flow alone; one of whose steps a flow has itself is its own."""
    return all(source.homes[key] == flow.key for key in block.steps) and bool(block.steps)


def _entered(source: Source, flow: Flow) -> set[str]:
    entered = {block.key for block in flow.blocks if block.main}
    entered |= {row.goto for row in _outcomes(flow) if row.goto}
    return entered | {row.goto for row in source.responses if row.goto}


def _outcomes(flow: Flow) -> Iterator[Outcome]:
    yield from flow.outcomes
    for step in flow.steps.values():
        yield from step.outcomes


def _reached(source: Source, flow: Flow, entered: set[str]) -> set[str]:
    rows = list(_outcomes(flow))
    found = {key for block in flow.blocks if block.key in entered for key in block.steps}
    found |= {key for row in rows for key in row.say} | {key for row in source.responses for key in row.say}
    found |= {row.ask for row in rows if row.ask} | {row.ask for row in source.responses if row.ask}
    found |= {row.say for row in source.waiting}
    found |= {command.say for command in source.commands if command.say}
    return found | {key for key, step in flow.steps.items() if step.tags - _NOT_FOUND_BY}


def _conditions(source: Source, flow: Flow, step: Step) -> Iterator[Finding]:
    if source.homes[step.key] != flow.key and flow is not next(iter(source.flows.values())):
        return
    if not reaching.can_hold(flow, step.ask_when or ALWAYS, step.skip_when):
        yield _at(source, step, "reach", f"'{step.key}' can never be asked; mend its ask_when and skip_when")
    for row in step.outcomes:
        if not reaching.can_hold(flow, row.when):
            message = f"this outcome of '{step.key}' can never hold; mend its 'when:' or take it out"
            yield Finding(f"{source.homes[step.key]}.yaml", row.line, "reach", message)


# --- the state table --------------------------------------------------------------------------------------------------


def _table(flow: Flow) -> Iterator[Finding]:
    """From every state a person can be reached and the chat goes on after one; every trigger has a row everywhere."""
    to = {(move.trigger, state): move for move in flow.moves for state in move.sources}
    triggers = {row.trigger for row in _outcomes(flow) if row.trigger} | {one.then for one in flow.blocks if one.then}
    for trigger in sorted(triggers - ENDS):
        for state in (state for state in flow.states if (trigger, state) not in to):
            row = f"- {{on: {trigger}, from: [{state}], to: ...}}"
            yield Finding(f"{flow.key}.yaml", 1, "states", f"no move for '{trigger}' from {state}; add {row}")
    held = {move.target for move in flow.moves if move.trigger == "take"}
    yield from _no_way(flow, held)
    for state in flow.states:
        if state != flow.initial and not any(one.target == state for one in flow.moves):
            yield Finding(f"{flow.key}.yaml", 1, "states", f"no move leads to {state}; add one, or take the state out")
    for state in sorted({move.target for move in flow.moves if move.trigger == "wait"} | held):
        if not any(move.target not in {state, *held} for move in flow.moves if state in move.sources):
            message = f"nobody comes out of {state}; add a move for 'resume' or 'begin' from it"
            yield Finding(f"{flow.key}.yaml", 1, "states", message)


def _no_way(flow: Flow, held: set[str]) -> Iterator[Finding]:
    known = set(held)
    while more := {state for move in flow.moves if move.target in known for state in move.sources} - known:
        known |= more
    for state in flow.states:
        if state not in known:
            message = f"no way to a person from {state}; add a move for 'take' from it"
            yield Finding(f"{flow.key}.yaml", 1, "states", message)


# --- questions --------------------------------------------------------------------------------------------------------


def _question(source: Source, key: str, step: Step) -> Iterator[Finding]:
    if len(step.options) > MOST_OPTIONS:
        message = f"'{key}' has {len(step.options)} answers; keep {MOST_OPTIONS}, so that one digit names each"
        yield _at(source, step, "questions", message)
    if step.kind is not Kind.STATEMENT and not step.skippable:
        reason = next((why for tag, why in NO_SKIP.items() if tag in step.tags), "")
        reason = reason or (AFTER_LOCK_NO_SKIP if key in source.after_lock else "")
        if reason:
            yield _at(source, step, "skip", f"'{key}' cannot be skipped: {reason}", Weight.NOTE)
        else:
            message = f"'{key}' cannot be skipped; take out 'skip: false', or tag it as one of: {', '.join(NO_SKIP)}"
            yield _at(source, step, "skip", message)
    yield from _carrier(source, key, step)


def _carrier(source: Source, key: str, step: Step) -> Iterator[Finding]:
    for option in step.options:
        ends = any(row.trigger in _ENDING for row in step.outcomes)
        if spelling.folded(option.label) in SWALLOWED and not ends:
            message = f"the answer '{option.label}' of '{key}' is a word carriers swallow; give it another label"
            yield _at(source, step, "carrier", message)
        kept = [word for word in option.words if spelling.folded(word) in RESERVED - HANDED_ON]
        if kept:
            message = f"'{kept[0]}' as an accepted answer of '{key}' is a word carriers keep; take it out"
            yield _at(source, step, "carrier", message)
    stops = {spelling.folded(word) for one in source.commands if one.does == "stop" for word in one.words}
    for text in (step.text, step.after, step.easier):
        for word in _TOLD_TO_SEND.findall(text):
            if spelling.folded(word) in RESERVED - stops:
                message = f"'{key}' tells a child to send {word}, which carriers keep; name another word"
                yield _at(source, step, "carrier", message)


def _order(source: Source, flow: Flow) -> Iterator[Finding]:
    """The child's own words before any list on the same thing, so that no list gives the answer (domain 3.1)."""
    for block in flow.blocks:
        steps = [flow.steps[key] for key in block.steps]
        for at, step in enumerate(steps):
            lists = [one for one in steps[:at] if one.kind is Kind.MULTI and one.area == step.area is not None]
            asked = any(one.kind is Kind.FREE and one.area == step.area for one in steps[:at])
            if step.kind is Kind.FREE and lists and not asked and not _follows(step, lists):
                message = f"'{step.key}' asks for own words after the list '{lists[0].key}'; ask it before"
                yield _at(source, step, "order", message)


def _follows(step: Step, lists: list[Step]) -> bool:
    """Whether a question asks for more about what was chosen in one of the lists."""
    named = conditions.names(step.ask_when or ALWAYS) | conditions.names(step.skip_when or ALWAYS)
    return any(one.key in named for one in lists)


# --- words ------------------------------------------------------------------------------------------------------------


def _english(source: Source, key: str, step: Step) -> Iterator[Finding]:
    texts = (step.text, step.after, step.easier, *(option.label for option in step.options))
    for word in banned(" / ".join(texts)):
        yield _at(source, step, "words", f"'{word}' in '{key}' may not be sent; say it in other words")
    gaps = {name: number.number for name, number in source.numbers.items()}
    for stem in filter(None, (step.text, step.easier)):
        grade = reading.grade(_GAP.sub(lambda gap: gaps.get(gap.group()[1:-1], "Robin"), stem))
        if grade >= GRADE_BELOW:
            message = f"'{key}' needs a reader of grade {grade:.1f}; shorter words and sentences, below {GRADE_BELOW}"
            yield _at(source, step, "words", message)


def banned(text: str) -> list[str]:
    """The words of a text that may not be sent; what fills a gap is no word of the text."""
    return [match.group() for match in _BANNED.finditer(_GAP.sub(" ", text))]


# --- the house --------------------------------------------------------------------------------------------------------


def _house(source: Source) -> Iterator[Finding]:
    for verb in sorted(VERBS - {command.does for command in source.commands}):
        yield Finding("commands.yaml", 1, "commands", f"no command does '{verb}'; add a row with its words")
    for name, rows in (("responses", source.responses), ("waiting", source.waiting)):
        for at in reaching.never_taken([row.when for row in rows]):
            message = f"this row of {name} is never taken: rows above it hold first; move it up or take it out"
            yield Finding("categories.yaml", rows[at].line, "reach", message)
    if not reaching.one_always_holds([row.when for row in source.waiting]):
        line = source.waiting[-1].line if source.waiting else 1
        yield Finding("categories.yaml", line, "reach", "a child may wait and hear nothing; end with 'when: always'")


def numbers(source: Source, today: date) -> Iterator[Finding]:
    """Help numbers that nobody has checked for so long that they may be another's (R42)."""
    for number in source.numbers.values():
        age = today - date.fromisoformat(number.verified_on)
        if age > timedelta(days=FRESH_DAYS):
            message = f"'{number.key}' was last checked {age.days} days ago; ring it, then write the day in verified_on"
            yield Finding("directory.yaml", number.line, "numbers", message)
        elif age < timedelta(0):
            message = f"'{number.key}' was checked on a day to come; write the day it was rung in verified_on"
            yield Finding("directory.yaml", number.line, "numbers", message)
