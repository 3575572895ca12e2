"""The only user of `transitions`: a flow's state table, compiled once per revision and asked many times.

May not keep a conversation: the machine has no model of its own. Each question is put on a throw-away token, because a
Machine or a model per conversation costs a hundred times as much and would hold state outside the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transitions import Machine, MachineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.model import Flow

_compiled: dict[tuple[str, str], Machine] = {}
# What the machines answered, by flow, revision, state and trigger: as many as their tables have rows.
_moved: dict[tuple[str, str, str, str], str] = {}


class Stuck(Exception):
    """No row of the state table says where this trigger leads from this state."""


class _Token:
    """What `transitions` moves: a state and nothing else."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def compiled(flow: Flow) -> Machine:
    """The machine of a flow; all locales of one revision share it."""
    known = _compiled.get((flow.key, flow.revision))
    if known is not None:
        return known
    machine = Machine(model=None, states=list(flow.states), initial=flow.initial, auto_transitions=False)
    for row in flow.moves:
        machine.add_transition(row.trigger, list(row.sources), row.target)
    _compiled[flow.key, flow.revision] = machine
    return machine


def move(flow: Flow, state: str, trigger: str) -> str:
    """The state `trigger` leads to from `state`. Raises `Stuck` when the table has no such row."""
    row = flow.key, flow.revision, state, trigger
    known = _moved.get(row)
    if known is None:
        known = _moved[row] = _move(flow, state, trigger)
    return known


def _move(flow: Flow, state: str, trigger: str) -> str:
    event = compiled(flow).events.get(trigger)
    token = _Token(state)
    try:
        if event is None or not event.trigger(token):
            raise Stuck(f"flow {flow.key}, state {state}: no move for '{trigger}'")
    except MachineError:
        raise Stuck(f"flow {flow.key}, state {state}: no move for '{trigger}'") from None
    return token.state


def can(flow: Flow, state: str, trigger: str) -> bool:
    """Whether the table has a row for `trigger` in `state`."""
    event = compiled(flow).events.get(trigger)
    return event is not None and state in event.transitions


def table(flow: Flow) -> Mapping[str, Mapping[str, str]]:
    """What the machine holds: by trigger, where it leads from each state."""
    return {
        trigger: {state: str(rows[0].dest) for state, rows in event.transitions.items()}
        for trigger, event in compiled(flow).events.items()
    }
