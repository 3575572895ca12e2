"""A flow's picture: everything is in it, it comes out of the machine, and it is Mermaid by the letter of its flowcharts."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from flows import conditions, graph, loader, machine
from tests.library import SOURCE

if TYPE_CHECKING:
    from flows.model import Flow
    from tests.forked import Seed

FLOWS: Final = tuple(SOURCE.flows.values())

# What Mermaid's flowchart grammar takes of what we use; a word of its own is no id.
ID: Final = r"[A-Za-z_][A-Za-z0-9_]*"
LABEL: Final = r'"(?:[^"<>#;]|#(?:quot|lt|gt);)*"'
RESERVED: Final = {
    "end",
    "graph",
    "flowchart",
    "subgraph",
    "style",
    "class",
    "click",
    "default",
    "linkStyle",
    "direction",
}
SHAPES: Final = (("[", "]"), ("(", ")"), ("([", "])"), ("[[", "]]"), ("[/", "/]"), ("{{", "}}"))
NODE: Final = re.compile(
    "|".join(f"(?:(?P<id{n}>{ID}){re.escape(a)}{LABEL}{re.escape(z)})" for n, (a, z) in enumerate(SHAPES))
)
EDGE: Final = re.compile(rf"(?P<a>{ID}) (?:-->|==>|-\.->)(?:\|(?P<label>{LABEL})\|)? (?P<b>{ID})")
SUBGRAPH: Final = re.compile(rf"subgraph (?P<id>{ID}) \[{LABEL}\]")


class Drawn:
    """A text read as Mermaid would; AssertionError for what it would refuse."""

    def __init__(self, text: str) -> None:
        self.ids: list[str] = []
        self.edges: list[tuple[str, str, str]] = []
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("%%")]
        assert lines[0] == "flowchart LR"
        depth = 0
        for line in map(str.strip, lines[1:]):
            if line == "end":
                depth -= 1
                assert depth >= 0
            elif found := SUBGRAPH.fullmatch(line):
                depth += 1
                self.ids.append(found["id"])
            elif found := EDGE.fullmatch(line):
                self.edges.append((found["a"], (found["label"] or '""')[1:-1], found["b"]))
            else:
                found = NODE.fullmatch(line)
                assert found, line
                self.ids.append(next(value for value in found.groupdict().values() if value))
        assert depth == 0
        assert len(set(self.ids)) == len(self.ids)
        assert not RESERVED & set(self.ids)
        assert {end for a, _, b in self.edges for end in (a, b)} <= set(self.ids)


@pytest.fixture(params=FLOWS, ids=lambda flow: flow.key)
def flow(request: pytest.FixtureRequest) -> Flow:
    found: Flow = request.param
    return found


def test_every_step_block_and_state_is_drawn_once(flow: Flow) -> None:
    drawn = Drawn(graph.mermaid(flow))
    wanted = {f"step_{key}" for key in flow.steps} | {f"block_{block.key}" for block in flow.blocks}
    assert wanted | {f"state_{state}" for state in flow.states} <= set(drawn.ids)


def test_every_answer_that_leads_somewhere_is_drawn(flow: Flow) -> None:
    drawn = Drawn(graph.mermaid(flow))
    leads = {(a, b) for a, _, b in drawn.edges}
    every = [(f"step_{step.key}", row) for step in flow.steps.values() for row in step.outcomes]
    every += [(f"pattern_{row.line}", row) for row in flow.outcomes]
    for source, row in every:
        if row.goto:
            assert (source, f"block_{row.goto}") in leads
        if row.ask:
            assert (source, f"step_{row.ask}") in leads
        if row.to_person:
            assert (source, "state_WAITING") in leads
    assert len([row for _, row in every if row.goto or row.ask]) > 3


def test_the_states_are_those_of_the_machine(flow: Flow) -> None:
    """From each state each trigger leads where the machine takes it: by its own arrow, or by that from any other state."""
    edges = [edge for edge in Drawn(graph.mermaid(flow)).edges if edge[0].startswith("state_")]
    own = {(a, trigger): b for a, label, b in edges for trigger in label.split(", ")}
    for trigger, rows in machine.table(flow).items():
        for state in rows:
            drawn = own.get((f"state_{state}", trigger)) or own[f"state_{graph.ANY}", trigger]
            assert drawn == f"state_{machine.move(flow, state, trigger)}"


def test_a_row_that_changes_in_the_machine_changes_the_picture(flow: Flow) -> None:
    (stop,) = [row for row in flow.moves if row.trigger == "stop" and len(row.sources) > 1]
    rows = tuple(replace(row, target="DONE") if row is stop else row for row in flow.moves)
    assert graph.mermaid(replace(flow, moves=rows, revision="another")) != graph.mermaid(flow)


def test_it_is_the_same_for_the_same_flow(flow: Flow) -> None:
    again = loader.load().flows[flow.key]
    assert graph.mermaid(again) == graph.mermaid(flow)


@pytest.mark.parametrize(
    "text", ["flowchart LR\n  a[", "flowchart LR\n  end", "flowchart LR\n  a --> b", 'graph TD\n  a["a"]']
)
def test_what_is_not_mermaid_is_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        Drawn(text)


def test_every_condition_is_written_so_that_it_reads_the_same() -> None:
    every = [row.when for flow in FLOWS for step in flow.steps.values() for row in step.outcomes]
    every += [
        when for flow in FLOWS for step in flow.steps.values() for when in (step.ask_when, step.skip_when) if when
    ]
    assert len(every) > 50
    for condition in every:
        assert conditions.parse(conditions.written(condition)) == condition


def test_the_command_prints_it_and_names_what_there_is(seed: Seed) -> None:
    right = seed.run("-m", "bot", "graph", "text_safe", environ=os.environ)
    assert right.stdout == graph.mermaid(SOURCE.flows["text_safe"])
    wrong = seed.run("-m", "bot", "graph", "interview", environ=os.environ)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "waymark: flow 'interview': use one of return_interview, text_safe\n"
