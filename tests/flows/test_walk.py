"""What a walk proves of our flows, and that it would see it if it were not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from flows import effects, engine, events, flowfile, machine, probes, proofs, walk
from flows.model import Answer, Concern, Guard, Heard, Hit, Level, Privacy
from flows.proofs import Seen
from tests.library import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.effects import Effect
    from flows.model import Conversation, Library
    from flows.walk import Walked

FLOW = SOURCE.flows["return_interview"]
LIBRARY = walk.library(SOURCE, FLOW)
START = walk.begun(FLOW, "M", {})
AT = walk.NOON + timedelta(minutes=5)


@pytest.fixture(scope="module", params=sorted(SOURCE.flows))
def walked(request: pytest.FixtureRequest) -> Walked:
    return walk.walk(SOURCE, request.param)


def test_every_promise_holds_at_every_step(walked: Walked) -> None:
    assert [str(one) for one in walked.findings.values()] == []


def test_every_step_of_every_block_is_met(walked: Walked) -> None:
    # What stands in blocks of the other flow alone is met there.
    flow = SOURCE.flows[walked.flow]
    own = {key for block in flow.blocks for key in block.steps if SOURCE.homes[key] == walked.flow}
    assert own - walked.met == set()
    assert walked.transitions > 10_000
    assert walked.situations > 200


# --- it would see it --------------------------------------------------------------------------------------------------


def short_walk(monkeypatch: pytest.MonkeyPatch, change: Callable[..., Any]) -> set[str]:
    """The minimum path of the check-in alone, with an engine that has a fault."""
    real = engine.step

    def faulty(library: Library, c: Conversation, event: events.Event) -> tuple[Conversation, tuple[Effect, ...]]:
        after, done = real(library, c, event)
        found: tuple[Conversation, tuple[Effect, ...]] = change(c, event, after, done)
        return found

    monkeypatch.setattr(engine, "step", faulty)
    monkeypatch.setattr(walk, "DEEPEST", 0)
    monkeypatch.setattr(flowfile, "PATHS", {"M": flowfile.PATHS["M"]})
    monkeypatch.setattr(walk, "CHILDREN", {"a child": {}})
    return {what for what, _ in walk.walk(SOURCE, "text_safe").findings}


def test_an_engine_without_a_fault_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert short_walk(monkeypatch, lambda _c, _event, after, done: (after, done)) == set()


def test_a_lost_concern_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(_c: Conversation, _event: events.Event, after: Conversation, done: tuple[Effect, ...]) -> Any:
        return after, tuple(one for one in done if not isinstance(one, effects.RaiseConcern))

    found = short_walk(monkeypatch, deaf)
    assert {"hears L2 and raises L0", "hears L3 and raises L0", "hears L4 and raises L0"} <= found
    assert "raises no L4, though the child sent an emergency word" in found


def test_a_question_after_a_lock_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def curious(_c: Conversation, _event: events.Event, after: Conversation, done: tuple[Effect, ...]) -> Any:
        return after, (*done, effects.Say("ts_talk", "en")) if after.guard is Guard.LOCK else done

    assert any("says 'ts_talk' after a lock" in what for what in short_walk(monkeypatch, curious))


def test_a_text_without_an_answer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def dumb(_c: Conversation, _event: events.Event, after: Conversation, done: tuple[Effect, ...]) -> Any:
        return after, tuple(one for one in done if not isinstance(one, effects.Say))

    assert "gets no answer, and nobody is told" in short_walk(monkeypatch, dumb)


def test_a_circle_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(c: Conversation, event: events.Event, after: Conversation, done: tuple[Effect, ...]) -> Any:
        answered = isinstance(event, events.TextReceived) and event.text == "1" and c.step == "ts_menu"
        asked = (*c.order, f"again_{len(c.answers)}")
        more = {**after.answers, f"again_{len(after.answers)}": Answer("x", "1", "1", event.at, "en")}
        return (replace(c, turn=c.turn + 1, order=asked, answers=more), done) if answered else (after, done)

    assert any("comes to no end" in what for what in short_walk(monkeypatch, again))


@pytest.mark.parametrize("error", [machine.Stuck("no row"), KeyError("gone")])
def test_an_engine_that_breaks_is_seen(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def breaks(_c: Conversation, event: events.Event, after: Conversation, done: tuple[Effect, ...]) -> Any:
        if isinstance(event, events.MediaReceived):
            raise error
        return after, done

    assert f"breaks: {type(error).__name__}: {error}" in short_walk(monkeypatch, breaks)


# --- one turn ---------------------------------------------------------------------------------------------------------


def says(*keys: str) -> tuple[Effect, ...]:
    return tuple(effects.Say(key, "en") for key in keys)


def raised(level: Level) -> effects.RaiseConcern:
    return effects.RaiseConcern(Concern(level, level, (), (), Guard.NONE, "a test"), "m")


def text(words: str = "words", heard: Heard | None = None) -> events.TextReceived:
    return events.TextReceived(AT, words, "m", lambda: heard or Heard())


ASKING = replace(START, state="ASKING", step="home_feel", privacy=Privacy.ALONE, begun=True)
LOCKED = replace(ASKING, guard=Guard.LOCK, step="safe_now_2")
HIT = Heard(hits=(Hit("D08", Level.L3, 0, 5, "a test"),))

TURNS: dict[str, tuple[Conversation, events.Event, Conversation, tuple[Effect, ...], str]] = {
    "an unknown text": (ASKING, text(), ASKING, says("lost"), "says 'lost', which no file has"),
    "words in QUIET": (
        replace(ASKING, quiet=True),
        text(),
        replace(ASKING, quiet=True),
        says("ts_wait"),
        "speaks in QUIET",
    ),
    "words to others": (
        replace(ASKING, privacy=Privacy.OTHERS),
        text(),
        replace(ASKING, privacy=Privacy.OTHERS),
        says("msg_danger"),
        "says 'msg_danger' though others",
    ),
    "a lock that opens": (LOCKED, text(), replace(LOCKED, guard=Guard.NONE), says("ts_wait"), "opens the lock"),
    "a question left open": (LOCKED, text(), replace(LOCKED, step="mood"), says("ts_wait"), "leaves 'mood' open after"),
    "three messages": (ASKING, text(), ASKING, says("unclear", "media", "mood"), "sends 3 messages"),
    "four after a disclosure": (
        ASKING,
        text(heard=HIT),
        replace(LOCKED, level=Level.L3),
        (*says("msg_d1", "msg_d2", "msg_danger", "safe_now_2"), raised(Level.L3)),
        "sends 4 messages without a turn of the child; at most 3",
    ),
    "silence": (ASKING, text(), ASKING, (), "gets no answer"),
    "a level made less": (ASKING, text(heard=HIT), ASKING, (*says("mood"), raised(Level.L2)), "hears L3 and raises L2"),
    "a level forgotten": (replace(ASKING, level=Level.L3), text(), ASKING, says("mood"), "keeps L0 where there was L3"),
    "a holder in secret": (
        ASKING,
        text(),
        replace(ASKING, holder="nobody", step=None),
        says("ts_wait"),
        "changes the holder",
    ),
    "a timer of another turn": (
        ASKING,
        text(),
        ASKING,
        (*says("mood"), effects.SetTimer("idle", AT, 7)),
        "sets the timer 'idle' for another turn",
    ),
    "a timer in the past": (
        ASKING,
        text(),
        ASKING,
        (*says("mood"), effects.SetTimer("idle", AT - timedelta(hours=1), ASKING.turn)),
        "sets the timer 'idle' into the past",
    ),
    "a statement that waits": (
        ASKING,
        text(),
        replace(ASKING, step="msg_d1"),
        says("msg_d1"),
        "to the statement 'msg_d1'",
    ),
    "a question while a person is awaited": (
        replace(ASKING, holder="nobody", step=None),
        text(),
        replace(ASKING, holder="nobody", step="mood"),
        says("mood"),
        "asks 'mood' while a person is awaited",
    ),
}


@pytest.mark.parametrize("what", TURNS)
def test_a_broken_promise_is_told(what: str) -> None:
    before, event, after, done, told = TURNS[what]
    found = list(proofs.broken(Seen(LIBRARY, before, event, after, done)))
    assert [one for one in found if one.startswith(told) or told in one], found


@pytest.mark.parametrize(
    ("verb", "told"), [("person", "leads to no person"), ("danger", "raises no L4"), ("stop", "is not kept")]
)
def test_a_command_that_is_not_obeyed_is_told(verb: str, told: str) -> None:
    found = list(proofs.broken(Seen(LIBRARY, ASKING, text(), ASKING, says("mood"), verb)))
    assert any(told in one for one in found), found


def test_the_start_may_be_four_messages() -> None:
    start = replace(ASKING, step="safe_now")
    done = says("msg_hello", "msg_share_rhi", "msg_share_rhi2", "safe_now")
    assert list(proofs.broken(Seen(LIBRARY, replace(ASKING, step="gate"), text("1"), start, done))) == []


def test_the_probes_hold_every_command_every_level_and_every_guard() -> None:
    found = list(probes.every(LIBRARY, ASKING))
    # Here 0 and "fine" are answers to the open question, and no commands.
    assert {command.does for command in SOURCE.commands} - {"skip", "vague"} == {one.verb for one in found if one.verb}
    assert "answers '0'" in {one.name for one in found}
    hits = {
        (LIBRARY.categories[hit.category].guard, hit.level)
        for one in found
        if isinstance(one.event, events.TextReceived)
        for hit in one.event.heard.hits
    }
    guards = {category.guard for category in SOURCE.categories.values()}
    assert hits >= {(guard, level) for guard in guards for level in Level if level}


def test_two_walks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "DEEPEST", 0)
    monkeypatch.setattr(flowfile, "PATHS", {"E": flowfile.PATHS["E"]})
    one, other = walk.walk(SOURCE, "text_safe"), walk.walk(SOURCE, "text_safe")
    assert (one.transitions, one.situations, one.met) == (other.transitions, other.situations, other.met)
