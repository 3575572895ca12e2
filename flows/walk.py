"""A whole flow, walked with the real `engine.step`: every step on every path, and whatever may happen at it.

Breadth first along the answers, so that every step is met by the shortest way; at each the probes of `probes`, and what
they lead to is probed again where it is a situation not met before. May not change an engine's answer, only judge it.
What a walk proves: no event is without an answer and none breaks a promise of `proofs`; from every step a child comes to
an end by answering 1, and by skipping. Deterministic: no chance, no clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flows import agenda, engine, events, facts, flowfile, machine, probes, proofs
from flows.finding import Finding
from flows.language_names import OWN_NAMES
from flows.model import BOT, Conversation, Library, Privacy, changed
from flows.proofs import Seen
from flows.remembering import remembering

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from flows.loader import Source
    from flows.model import Flow
    from flows.probes import Probe

NOON: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
# How many events deep a situation is followed that no child meets by answering alone.
DEEPEST: Final = 2
# More answers than any path has questions: who is not at an end by then goes round in a circle.
LONGEST: Final = 150
# What a bug in the engine looks like from outside. Named one by one, so that nothing else is taken for one.
_BROKEN: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)

# Children whose records differ where conditions ask about it: together they meet every question.
CHILDREN: Final[Mapping[str, Mapping[str, str | int]]] = {
    "a child nothing is known of": {},
    "a child with a worker beside them": {
        "worker_present": "yes",
        "age": 15,
        "previous_worker": "Rosa",
        "crossed_midnight": "yes",
        "earlier_self_harm": "yes",
        "vital_medicine": "yes",
    },
    "a child of nine": {"age": 9},
    "a child with a learning disability": {"age": 14, "learning_disability": "yes"},
}


@dataclass(slots=True)
class Walked:
    """What a walk found. `met`: the steps that were asked or said; `transitions`: how often the engine was asked."""

    flow: str
    met: set[str] = field(default_factory=set)
    situations: int = 0
    transitions: int = 0
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)


def library(source: Source, flow: Flow) -> Library:
    """What the engine is handed for an English child, who may write in a language of which there is the emergency pack alone."""
    return Library(
        flow=flow,
        commands=source.commands,
        categories=source.categories,
        responses=source.responses,
        waiting=source.waiting,
        after_lock=source.after_lock,
        ladders=source.ladders,
        limits=source.limits,
        locales=("en",),
        tz=UTC,
        language_names=OWN_NAMES,
        packs={probes.PACKED: flow.steps},
    )


def walk(source: Source, key: str) -> Walked:
    """Walk one flow on every path with every child of `CHILDREN`, by text message and on the web."""
    flow = source.flows[key]
    walker = _Walker(source, library(source, flow))
    with remembering():  # some sixty texts, put to each question wherever it is met
        for path in flowfile.PATHS:
            for child, record in CHILDREN.items():
                walker.child = f"path {path}, {child}"
                for channel in ("sms", "web") if not record else ("sms",):
                    walker.from_start(begun(flow, path, record, channel))
    return walker.walked


def begun(flow: Flow, path: str, record: Mapping[str, str | int], channel: str = "sms") -> Conversation:
    """A conversation nobody has said anything in."""
    return Conversation("walk", flow.key, flow.revision, "en", channel, path, flow.initial, NOON, facts=record)


def situation(c: Conversation) -> Hashable:
    """What two conversations must share to be one to a walk: all that decides what is said next, but the answers."""
    holder = "worker" if c.held else c.holder
    waits = c.back_to is not None, c.begun, c.tries, c.followed_up
    return c.path, c.state, c.step, c.block, c.privacy, holder, c.guard, c.quiet, waits


def anywhere(c: Conversation) -> Hashable:
    """The same, of a situation that no answer led to: on which path that was, and how far, changes nothing there."""
    block = c.block if c.step is not None else None
    return situation(changed(c, path="", block=block, begun=c.begun or c.step is None, followed_up=False))


class _Walker:
    def __init__(self, source: Source, library: Library) -> None:
        self.source = source
        self.library = library
        self.walked = Walked(library.flow.key)
        self.child = ""
        self._probed: set[Hashable] = set()
        self._ends: set[Hashable] = set()

    # --- along the answers --------------------------------------------------------------------------------------------

    def from_start(self, c: Conversation) -> None:
        """Every step that answers lead to, each probed the first time it is met."""
        start = self.step(c, probes.Probe("comes in", events.Started(NOON, "chat")))
        waiting = deque([start] if start else [])
        known: set[Hashable] = set()
        self.invite(c)
        while waiting:
            here = waiting.popleft()
            place = situation(here), self._next(here)
            if place in known:
                continue
            known.add(place)
            self.probe(here, 0)
            for one in probes.advances(self.library, here):
                after = self.step(here, one)
                if after is not None and after.step is not None and after.holder == BOT:
                    waiting.append(after)

    def _next(self, c: Conversation) -> str:
        """What comes after a break: it is one question that stands in many places."""
        step = self.library.flow.steps.get(c.step or "")
        if step is None or "break" not in step.tags:
            return ""
        values = facts.names(c, probes.MANNED)
        return next((one.key for one in agenda.following(self.library.flow, c, values)), "")

    def invite(self, c: Conversation) -> None:
        """What we start ourselves: the invites, one after another, and the first text after them."""
        after = self.step(c, probes.Probe("is offered", events.Started(NOON, "offer")))
        for _ in range(self.library.limits["invite_max"]):
            if after is not None:
                self.probe(after, DEEPEST - 1)
                at = NOON if after.last_outbound_at is None else after.last_outbound_at
                timer = events.TimerFired(at + timedelta(days=1), "invite", after.turn)
                after = self.step(after, probes.Probe("the time to invite", timer))

    # --- whatever may happen ------------------------------------------------------------------------------------------

    def probe(self, c: Conversation, depth: int) -> None:
        """Everything that may happen here; what is new by it is probed in its turn, down to `DEEPEST`.

        On another path a question is answered in the same way, so what no answer led to is probed on one path only.
        """
        first = anywhere(c) not in self._probed
        if not first and (depth or situation(c) in self._probed):
            return
        for one, after in self._probe(c, depth, first=first):
            if self._leads_elsewhere(one, after):
                self.probe(after, depth + 1)

    def _probe(self, c: Conversation, depth: int, *, first: bool) -> Iterator[tuple[Conversation, Conversation]]:
        self._probed |= {situation(c), anywhere(c)}
        self.walked.situations += 1
        self.ends(c)
        events_here = [(c, one) for one in probes.every(self.library, c, whole=first and not depth)]
        events_here += self._besides(c, depth) if first and depth < DEEPEST else []
        for here, one in events_here:
            after = self.step(here, one)
            if after is not None and depth < DEEPEST:
                yield here, after

    def _besides(self, c: Conversation, depth: int) -> list[tuple[Conversation, Probe]]:
        """With nobody on duty, and at a question with somebody else reading, or nobody knows who."""
        found = [(c, one) for one in probes.disclosed(self.library, c, probes.EMPTY, probes.LEVELS[1::2])]
        if depth == 0:
            found += [(c, one) for one in probes.said(self.library, c, probes.EMPTY)]
            for read_by in (changed(c, privacy=privacy) for privacy in Privacy if privacy is not c.privacy):
                found += [(read_by, one) for one in probes.disclosed(self.library, read_by)]
                found += [(read_by, one) for one in probes.said(self.library, read_by)]
        return found

    def _leads_elsewhere(self, before: Conversation, after: Conversation) -> bool:
        """Whether answers alone do not lead there."""
        by_answer = after.holder == BOT and after.guard is before.guard and after.state == before.state
        return not by_answer or after.tries > 0 or after.followed_up

    def step(self, c: Conversation, one: Probe) -> Conversation | None:
        """Ask the engine and judge what it says; None when it broke."""
        self.walked.transitions += 1
        try:
            after, done = engine.step(self.library, c, one.event)
        except (machine.Stuck, *_BROKEN) as error:
            self.found(c, one, f"breaks: {type(error).__name__}: {error}", ())
            return None
        seen = Seen(self.library, c, one.event, after, done, one.verb)
        self.walked.met.update(key.partition(".")[0] for key in seen.said)
        for what in proofs.broken(seen):
            self.found(c, one, what, seen.said)
        return after

    # --- always an end ------------------------------------------------------------------------------------------------

    def ends(self, c: Conversation) -> None:
        """Answering 1 again and again, and skipping wherever that can be, must come to an end or to a person."""
        if c.step is None or c.holder != BOT:
            return
        for skips in (False, True):
            self._to_the_end(c, skips=skips)

    def _to_the_end(self, c: Conversation, *, skips: bool) -> None:
        way: list[Hashable] = []
        here = c
        while here.step is not None and here.holder == BOT:
            mark = skips, situation(here), len(here.answers)
            if mark in self._ends:
                break
            way.append(mark)
            step = self.library.flow.steps[here.step]
            text = "0" if skips and step.skippable else "1"
            one = probes.Probe(f"answers '{text}' to the end", probes.texting(here, text))
            after = self.step(here, one)
            if after is None or len(way) > LONGEST:
                self.found(c, one, f"comes to no end after {len(way)} answers, last at '{here.step}'", ())
                return
            here = after
        self._ends.update(way)

    # --- what is wrong ------------------------------------------------------------------------------------------------

    def found(self, c: Conversation, one: Probe, what: str, said: tuple[str, ...]) -> None:
        """Keep a finding; the same fault at the same step is told once."""
        step = self.library.flow.steps.get(c.step or c.back_to or "")
        at = step.key if step is not None else c.state
        if (what, at) in self.walked.findings:
            return
        flow = self.library.flow
        home = flow.key if step is None else self.source.homes[step.key]
        line = 1 if step is None else step.line
        told = f"; said: {', '.join(said)}" if said else ""
        where = f"{flow.key}, at '{c.step or '-'}' in {c.state} ({self.child}, {_who(c)})"
        message = f"{where}: the child {one.name}" if isinstance(one.event, _TEXT) else f"{where}: {one.name}"
        self.walked.findings[what, at] = Finding(f"{home}.yaml", line, "walk", f"{message}: {what}{told}")


_TEXT: Final = events.TextReceived


def _who(c: Conversation) -> str:
    lock = ", locked" if c.guard.locks else ""
    return f"read by {c.privacy.value}, held by {c.holder}{lock}{', quiet' if c.quiet else ''}"
