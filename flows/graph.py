"""A flow as a picture in Mermaid: its states as the machine has them, its blocks, its steps and where each answer leads.

Pure text, the same for the same flow. May not decide anything: what leads where is read from the machine and from the flow.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from flows import conditions, machine
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.model import Block, Flow, Outcome, Step

# A move from most states is drawn once, from here: twelve arrows that say one thing hide the one that does not.
ANY: Final = "any"
_SHAPES: Final = {Kind.STATEMENT: ("(", ")"), Kind.FREE: ("[/", "/]")}


def mermaid(flow: Flow) -> str:
    """The flow as a Mermaid flowchart; steps as boxes (statements rounded, free questions slanted), states as pills."""
    lines = [f"%% {flow.key}, drawn from its state machine and its file", "flowchart LR"]
    lines += _states(flow)
    lines += _blocks(flow)
    lines += _loose(flow)
    lines += _leads(flow)
    return "\n".join(lines) + "\n"


# --- states -----------------------------------------------------------------------------------------------------------


def _states(flow: Flow) -> Iterator[str]:
    yield '    subgraph states ["states"]'
    yield f'        {_state(ANY)}(["any other state"])'
    for state in flow.states:
        shape = ('(["', '"])') if state != flow.initial else ('[["', '"]]')
        yield f"        {_state(state)}{shape[0]}{state}{shape[1]}"
    for (source, target), triggers in _arrows(flow).items():
        yield f"        {_state(source)} -->|{_quoted(', '.join(triggers))}| {_state(target)}"
    yield "    end"


def _arrows(flow: Flow) -> dict[tuple[str, str], list[str]]:
    """Which triggers lead from where to where; one that leads most states to the same is drawn from `ANY`."""
    found: dict[tuple[str, str], list[str]] = {}
    for trigger, rows in machine.table(flow).items():
        targets = list(rows.values())
        common = max(dict.fromkeys(targets), key=targets.count)
        most = targets.count(common) > len(flow.states) // 2
        if most:
            found.setdefault((ANY, common), []).append(trigger)
        for source, target in rows.items():
            if not (most and target == common):
                found.setdefault((source, target), []).append(trigger)
    return dict(sorted(found.items()))


def _state(name: str) -> str:
    return f"state_{name}"


# --- steps ------------------------------------------------------------------------------------------------------------


def _blocks(flow: Flow) -> Iterator[str]:
    """Main blocks in the order in which they are asked, then those that are entered by an answer or a concern."""
    for block in (*_main(flow), *(one for one in flow.blocks if not one.main)):
        yield f"    subgraph {_block(block.key)} [{_quoted(block.key)}]"
        own = _own(flow, block)
        yield from (f"        {_node(flow.steps[key])}" for key in own)
        yield from (f"        {_step(before)} --> {_step(after)}" for before, after in pairwise(own))
        yield "    end"


def _main(flow: Flow) -> tuple[Block, ...]:
    return tuple(one for one in flow.blocks if one.main)


def _own(flow: Flow, block: Block) -> list[str]:
    """A step that stands in several blocks is drawn in the one it belongs to."""
    return [key for key in block.steps if flow.steps[key].block == block.key]


def _loose(flow: Flow) -> Iterator[str]:
    """What is said by a command, an outcome or the engine, and so stands in no block."""
    yield '    subgraph any_time ["said when it happens"]'
    placed = {key for block in flow.blocks for key in _own(flow, block)}
    yield from (f"        {_node(step)}" for key, step in flow.steps.items() if key not in placed)
    yield "    end"


def _block(key: str) -> str:
    return f"block_{key}"


def _step(key: str) -> str:
    return f"step_{key}"


def _node(step: Step) -> str:
    left, right = _SHAPES.get(step.kind, ("[", "]"))
    return f"{_step(step.key)}{left}{_quoted(step.key)}{right}"


# --- where it leads ---------------------------------------------------------------------------------------------------


def _leads(flow: Flow) -> Iterator[str]:
    main = _main(flow)
    for before, after in pairwise(main):
        yield f"    {_block(before.key)} ==> {_block(after.key)}"
    for block in flow.blocks:
        if block.then:
            yield _ending(flow, block)
    for step in flow.steps.values():
        for outcome in step.outcomes:
            yield from _leads_from(flow, _step(step.key), outcome)
    for outcome in flow.outcomes:
        name = f"pattern_{outcome.line}"
        drawn = list(_leads_from(flow, name, outcome))
        if drawn:
            yield f'    {name}{{{{"several answers, line {outcome.line}"}}}}'
            yield from drawn


def _ending(flow: Flow, block: Block) -> str:
    if block.then in machine.table(flow):
        return f"    {_block(block.key)} ==>|{_quoted(block.then)}| {_state(_reached(flow, block.then))}"
    return f"    {_block(block.key)} ==>|{_quoted(_ENDS[block.then])}| {_state(ANY)}"


# How a block ends without a move of its own (`loader.ENDS`).
_ENDS: Final = {"resume": "back to the open question", "again": "the menu again"}


def _leads_from(flow: Flow, source: str, outcome: Outcome) -> Iterator[str]:
    when = conditions.written(outcome.when)
    if outcome.goto:
        yield f"    {source} -->|{_quoted(when)}| {_block(outcome.goto)}"
    if outcome.ask:
        yield f"    {source} -->|{_quoted(when)}| {_step(outcome.ask)}"
    for said in outcome.say:
        yield f"    {source} -.->|{_quoted(when)}| {_step(said)}"
    trigger = outcome.trigger or ("wait" if outcome.to_person else None)
    if trigger:
        yield f"    {source} -->|{_quoted(f'{when}: {trigger}')}| {_state(_reached(flow, trigger))}"


def _reached(flow: Flow, trigger: str) -> str:
    """The state a trigger leads most states to."""
    targets = list(machine.table(flow).get(trigger, {}).values())
    return max(dict.fromkeys(targets), key=targets.count) if targets else ANY


def _quoted(text: str) -> str:
    """A label in quotation marks: within them only these three would be read as something else."""
    return '"' + text.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;") + '"'
