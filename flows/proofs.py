"""What must hold of every turn, whatever the flow says: each proof looks at one event, before and after.

May not know a question or a category, and may not look further than one turn; what needs several is in `walk`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import effects, events
from flows.model import BOT, NOBODY, Kind, Level, Privacy
from flows.turn import WAIT_TOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.effects import Effect
    from flows.events import Event
    from flows.model import Conversation, Library

# decisions 1: messages without a child's turn; at the start three before the question, after a disclosure three.
MOST, MOST_AT_START, MOST_AFTER_DISCLOSURE = 2, 4, 3

# What a person does binds the bot no longer: these may say what a named person wants said.
_BY_PERSON: Final = (
    events.WorkerTook, events.WorkerSaid, events.WorkerLeft, events.ToldFirst, events.ConversationClosed,
)  # fmt: skip
_OF_CHILD: Final = (events.TextReceived, events.MediaReceived)


@dataclass(frozen=True, slots=True)
class Seen:
    """One event on one conversation. `verb`: what the text is as a command, if it is one."""

    library: Library
    before: Conversation
    event: Event
    after: Conversation
    done: tuple[Effect, ...]
    verb: str = ""
    # What every proof asks for, so found once: the keys of the texts that were sent, in order; the highest concern.
    said: tuple[str, ...] = field(init=False)
    raised: Level = field(init=False)

    def __post_init__(self) -> None:
        """Look through what was done."""
        said = tuple(one.key for one in self.done if isinstance(one, effects.Say))
        raised = [one.concern.level for one in self.done if isinstance(one, effects.RaiseConcern)]
        object.__setattr__(self, "said", said)
        object.__setattr__(self, "raised", max(raised, default=Level.L0))

    def tagged(self, key: str | None, *tags: str) -> bool:
        """Whether a step has one of the tags."""
        step = self.library.flow.steps.get(key.partition(".")[0]) if key else None
        return step is not None and not step.tags.isdisjoint(tags)


def broken(seen: Seen) -> Iterator[str]:
    """Every promise that this turn does not keep, in words."""
    for proof in PROOFS:
        yield from proof(seen)


# --- what is said -----------------------------------------------------------------------------------------------------


def _texts_exist(seen: Seen) -> Iterator[str]:
    for key in seen.said:
        name, _, variant = key.partition(".")
        step = seen.library.flow.steps.get(name)
        if step is None or (variant and (variant != "easier" or not step.easier)):
            yield f"says '{key}', which no file has"


def _silence(seen: Seen) -> Iterator[str]:
    """Decisions 4: quiet, or others reading: nothing is said; the gate and a goodbye may be, to whoever reads."""
    if isinstance(seen.event, _BY_PERSON):
        return
    if (seen.before.quiet or seen.after.quiet) and seen.said:
        yield "speaks in QUIET, where nothing may be said"
    if seen.before.privacy is Privacy.OTHERS and seen.after.privacy is Privacy.OTHERS:
        wrong = [key for key in seen.said if not seen.tagged(key, "gate", "parting")]
        if wrong:
            yield f"says '{wrong[0]}' though others may be reading"


def _held(seen: Seen) -> Iterator[str]:
    """While a person has the chat the bot says nothing, whatever happens; only that STOP was kept, and that once, and what this
    person has it say.
    """
    person = seen.before.held
    stops = seen.verb == "stop" and not seen.before.opted_out
    may = "by_person" if isinstance(seen.event, events.ToldFirst) else "parting" if stops else ""
    wrong = [key for key in seen.said if not seen.tagged(key, may)]
    if person and seen.after.holder == seen.before.holder and wrong:
        yield f"says '{wrong[0]}' while a person has the chat"


def _locked(seen: Seen) -> Iterator[str]:
    """Decisions 3: after a lock only the texts of `after_lock`, until a named person lifts it."""
    if isinstance(seen.event, (*_BY_PERSON, events.LockLifted)):
        return
    allowed = seen.library.after_lock
    was, now = seen.before.guard.locks, seen.after.guard.locks
    if was and not now:
        yield "opens the lock, which only a named person may"
    if now:
        wrong = [key for key in seen.said if key.partition(".")[0] not in allowed]
        if wrong:
            yield f"says '{wrong[0]}' after a lock; put it under after_lock or keep it back"
        step = seen.after.step
        if step is not None and step not in allowed and not seen.tagged(step, "gate"):
            yield f"leaves '{step}' open after a lock"


def _few(seen: Seen) -> Iterator[str]:
    most = MOST
    # Who asks who hears of it is told all that was said of that at the start.
    if seen.verb == "sharing" or (seen.said and seen.tagged(seen.said[-1], "each_session")):
        most = MOST_AT_START
    elif seen.raised >= Level.L2:
        most = MOST_AFTER_DISCLOSURE
    if len(seen.said) > most:
        yield f"sends {len(seen.said)} messages without a turn of the child; at most {most}"


def _answered(seen: Seen) -> Iterator[str]:
    """A child who texts gets an answer, or one of the few reasons for silence holds."""
    if not isinstance(seen.event, _OF_CHILD) or seen.said or any(silent(seen) for silent in _SILENCES):
        return
    yield "gets no answer, and nobody is told"


def _may_not_speak(seen: Seen) -> bool:
    return seen.after.quiet or Privacy.OTHERS in (seen.before.privacy, seen.after.privacy)


def _person_answers(seen: Seen) -> bool:
    held = seen.before.held
    return held or seen.raised >= Level.L2 or seen.before.holder != seen.after.holder


def _joined(seen: Seen) -> bool:
    """The text was put behind an earlier answer; the open question stays as it is (decisions 2)."""
    earlier = {one.answer.question for one in seen.done if isinstance(one, effects.Record)}
    return seen.after.step == seen.before.step and bool(earlier - {seen.before.step})


def _told_lately(seen: Seen) -> bool:
    last = seen.after.counts.get(WAIT_TOLD)
    return last is not None and int(seen.event.at.timestamp()) // 60 - last < seen.library.limits["wait_again_minutes"]


def _deleted(seen: Seen) -> bool:
    # What was deleted is not named again unless the child is alone (decisions 12).
    return seen.after.privacy is not Privacy.ALONE and any(isinstance(one, effects.DeleteMessages) for one in seen.done)


def _asked_for_silence(seen: Seen) -> bool:
    """STOP and LATER after a lock, and questions by whoever reads then: no reply may leave, but somebody is told."""
    told = any(isinstance(one, effects.TellHolder) for one in seen.done)
    asked_by_a_stranger = (
        seen.verb in ("who", "wrong_number", "not_theirs", "real", "delete", "code", "sharing")
        and seen.after.privacy is not Privacy.ALONE
    )
    return (seen.verb in ("stop", "later") or asked_by_a_stranger) and seen.after.guard.locks and told


_SILENCES: Final[tuple[Callable[[Seen], bool], ...]] = (
    _may_not_speak,
    _person_answers,
    _joined,
    _told_lately,
    _deleted,
    _asked_for_silence,
)


# --- what is done -----------------------------------------------------------------------------------------------------


def _heard(seen: Seen) -> Iterator[str]:
    """Decisions 2: words are heard at any step, and no rule makes them less worrying than they were."""
    if not isinstance(seen.event, events.TextReceived) or seen.verb:
        return
    least = max((hit.level for hit in seen.event.heard.hits), default=Level.L0)
    if seen.event.heard.unscreened:
        least = max(least, Level.L2)
    if least >= Level.L2 and seen.raised < least:
        yield f"hears {least.name} and raises {seen.raised.name}"
    if seen.after.level < max(seen.before.level, least):
        yield f"keeps {seen.after.level.name} where there was {max(seen.before.level, least).name}"


def _to_a_person(seen: Seen) -> Iterator[str]:
    if seen.verb in ("person", "help") and (seen.after.holder == BOT or seen.raised < Level.L2):
        yield "leads to no person: the chat must wait for one, and an alert of L2 must be raised"
    if seen.verb == "danger" and seen.raised < Level.L4:
        yield "raises no L4, though the child sent an emergency word"


def _opted_out(seen: Seen) -> Iterator[str]:
    if seen.verb == "stop" and not seen.before.quiet:
        kept = any(isinstance(one, effects.OptOut) for one in seen.done)
        if not (kept and seen.after.opted_out):
            yield "is not kept as STOP"


def _consistent(seen: Seen) -> Iterator[str]:
    """Effects and values say the same."""
    changes = [one.holder for one in seen.done if isinstance(one, effects.ChangeHolder)]
    if seen.before.holder != seen.after.holder and changes[-1:] != [seen.after.holder]:
        yield f"changes the holder to '{seen.after.holder}' without saying so"
    for one in seen.done:
        if isinstance(one, effects.SetTimer) and one.turn != seen.after.turn:
            yield f"sets the timer '{one.name}' for another turn"
        elif isinstance(one, effects.SetTimer) and one.at <= seen.event.at - timedelta(seconds=1):
            yield f"sets the timer '{one.name}' into the past"


def _open_question(seen: Seen) -> Iterator[str]:
    step = seen.library.flow.steps.get(seen.after.step) if seen.after.step else None
    if seen.after.step and step is None:
        yield f"opens '{seen.after.step}', which no file has"
    if step is not None and step.kind is Kind.STATEMENT:
        yield f"waits for an answer to the statement '{step.key}'"
    waits = seen.after.holder == NOBODY and seen.before.step != seen.after.step
    # Who is reading, whether they are safe, and after a lock what gets help: nothing else may stand between child and person.
    helps = seen.after.guard.locks and step is not None and step.key in seen.library.after_lock
    if waits and step is not None and not helps and not seen.tagged(step.key, "gate", "languages", "each_session"):
        yield f"asks '{step.key}' while a person is awaited"


PROOFS: Final[tuple[Callable[[Seen], Iterator[str]], ...]] = (
    _texts_exist,
    _silence,
    _held,
    _locked,
    _few,
    _answered,
    _heard,
    _to_a_person,
    _opted_out,
    _consistent,
    _open_question,
)
