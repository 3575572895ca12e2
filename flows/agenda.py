"""Which question comes next: the first one in the flow's order that was not asked, is on the path and whose conditions
hold. May not say anything or change a conversation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import conditions
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flows.model import Block, Conversation, Flow, Step


# Tags of what each session begins with: it is asked of whoever holds the telephone now.
OPENING: Final = frozenset({"gate", "each_session"})


def tagged(flow: Flow, tag: str) -> tuple[Step, ...]:
    """The steps with a tag, in the order of the file. Tags are how the engine finds a step without knowing its key."""
    return tuple(step for step in flow.steps.values() if tag in step.tags)


def is_gate(step: Step | None) -> bool:
    """Whether a step asks who is reading: nothing else is asked before that is known (decisions 1)."""
    return step is not None and "gate" in step.tags


def block(flow: Flow, key: str) -> Block:
    """A block by its key; the loader has made sure that it is there."""
    return next(one for one in flow.blocks if one.key == key)


def _wanted(step: Step, conversation: Conversation, values: Mapping[str, object], *, anyway: bool) -> bool:
    if step.key in conversation.order or step.key in conversation.answers:
        return False
    if not anyway and conversation.path not in step.paths:
        return False
    if "worker_only" in step.tags and not values.get("worker_present"):
        return False
    return holds(step, values)


def holds(step: Step, values: Mapping[str, object]) -> bool:
    """Whether a step's own conditions let it be asked or said now."""
    if step.ask_when is not None and not conditions.holds(step.ask_when, values):
        return False
    return step.skip_when is None or not conditions.holds(step.skip_when, values)


def following(flow: Flow, conversation: Conversation, values: Mapping[str, object]) -> Iterator[Step]:
    """What is left to ask, in order. In a branch only the branch is looked at; its steps are on every path."""
    if conversation.block is not None:
        branch = block(flow, conversation.block)
        keys: Iterator[str] = iter(branch.steps)
        anyway = True
    else:
        keys = (key for one in flow.blocks if one.main for key in one.steps)
        anyway = False
    for key in keys:
        step = flow.steps[key]
        if _wanted(step, conversation, values, anyway=anyway):
            yield step


def ending(flow: Flow, conversation: Conversation) -> str:
    """The trigger that is fired when nothing is left to ask."""
    if conversation.block is not None:
        return block(flow, conversation.block).then
    return next((one.then for one in reversed(flow.blocks) if one.main), "finish")


def previous(flow: Flow, conversation: Conversation) -> Step | None:
    """The last question that was answered, for "back"; who goes on with the chat was settled by its answer, and a break or a
    person who was offered is nothing to go back to.
    """
    for key in reversed(conversation.order):
        step = flow.steps.get(key)
        if step is not None and step.tags & {"human_off", "break", "offer"}:
            continue
        if key in conversation.answers and key != conversation.step and step and step.kind is not Kind.STATEMENT:
            return step
    return None
