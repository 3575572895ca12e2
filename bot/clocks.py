"""Keeps every deadline of a child as it stands: computed again in the transaction of whatever changed a fact.

May not say what a rule is (that is `flows.deadlines`) nor write to a child. A text that changes no fact of a clock costs
nothing here: `after` looks at what was carried out and goes.
"""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from bot import clockfacts, clockwork, later, learnt
from bot.clockfacts import Known
from bot.clockwork import meaning, runs
from flows import deadline_blocks, deadline_gaps, deadline_meaning, deadlines, effects, events, facts, quiet_hours
from flows.deadlines import Facts
from flows.model import Service
from storage import audit, cases, conversations, messages, notes, people, timers, training
from storage import clocks as store
from storage.clocks import Book
from storage.codes import Direction, Subject
from storage.database import Erased
from storage.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bot.carrying import Scene
    from bot.runner import House
    from flows.deadline_blocks import Blocks
    from flows.deadlines import Deadline
    from flows.effects import Effect
    from flows.model import Alert, Conversation
    from storage.database import Transaction

__all__ = [
    "BY",
    "LOOK_IN",
    "TIMERS",
    "after",
    "alert_changed",
    "blocks",
    "due",
    "keep_up",
    "meaning",
    "of_conversation",
    "refresh",
    "set_aside",
    "still_asked",
]

TIMER, NOTED = "clocks", "noted"
TIMERS: Final = frozenset({TIMER, NOTED})
# A check-in the child asked for: the engine begins it at the gate (decisions 8), `R37` is the clock it meets.
LOOK_IN, CHECK_IN = "look_in", clockwork.CHECK_IN
BY = "clock"
_FILED = ("done", "partly_done")
_ANEW = events.Started | events.EpisodeEnded | events.SendBounced
_MOST_NAMED = 8  # deadlines in one line of the audit


@lru_cache(maxsize=1)
def blocks() -> Blocks:
    """What forbids asking a parent, read once a process."""
    return deadline_blocks.load()


@lru_cache(maxsize=1)
def _questions() -> frozenset[str]:
    return deadline_meaning.of_answers(meaning().questions, blocks().answers)


# --- what happened in a conversation ----------------------------------------------------------------------------------


def after(tx: Transaction, house: House, scene: Scene, todo: Iterable[Effect]) -> None:
    """Compute again when what was carried out changed a fact of a clock; else nothing is read."""
    ours = scene.contact.store is Service.RETURN_INTERVIEW
    if not (_changes(todo) or (_changes_ours(scene, todo) if ours else isinstance(scene.event, events.WorkerSaid))):
        return
    case = conversations.case_of(tx, scene.after.id) if ours else None
    if case is not None:
        for what in _proved(tx, scene, todo):
            timer = Timer(0, Subject.CONVERSATION, scene.after.id, NOTED, scene.at, 0, about=what)
            later.if_not_now(tx, partial(_note, tx, house, timer), timer)
    keep_up(tx, house, scene.after.id, case, scene.at)


def keep_up(tx: Transaction, house: House, conversation: str, case: str | None, at: datetime) -> None:
    """Compute again with what happened, which no clock keeps from being kept: a page and a take matter more. What cannot be
    computed now is tried in its own time, where somebody is told that it fails.
    """
    subject = (Subject.CONVERSATION, conversation) if case is None else (Subject.CASE, cases.root(tx, case))
    work = partial(_of_either, tx, house, conversation, case, at)
    later.if_not_now(tx, work, Timer(0, *subject, TIMER, at, 0))


def _of_either(tx: Transaction, house: House, conversation: str, case: str | None, at: datetime) -> None:
    if case is None:
        of_conversation(tx, house, conversations.peek(tx, conversation), at)
    else:
        refresh(tx, house, case, at, conversation)


def _changes(todo: Iterable[Effect]) -> bool:
    return any(isinstance(effect, effects.RaiseConcern) for effect in todo)


def _changes_ours(scene: Scene, todo: Iterable[Effect]) -> bool:
    """Of a return interview: it began, it was filed, an answer counts, a person is talking with the child, or a text, which may
    have been its offer, did not arrive.
    """
    if isinstance(scene.event, _ANEW) or _is_with_person(scene) or _looks_in(scene):
        return True
    if any(isinstance(effect, effects.FileRecord) for effect in todo):
        return True
    asked = any(isinstance(effect, effects.Record) and effect.answer.question in _questions() for effect in todo)
    return asked and any(_means_something(facts.answered(c)) for c in (scene.before, scene.after))


def _means_something(answered: Mapping[str, object]) -> bool:
    """Whether these answers start, stop or forbid anything: "yes, that is fine" to a question that could have, does not."""
    return (
        any(meaning().says(what, answered) for what in meaning().said)
        or bool(meaning().check_in_days(answered))
        or bool(deadline_blocks.standing(blocks(), answered, ()))
    )


def _is_with_person(scene: Scene) -> bool:
    return isinstance(scene.event, events.TextReceived) and scene.before.held


def _looks_in(scene: Scene) -> bool:
    return isinstance(scene.event, events.TimerFired) and scene.event.name == LOOK_IN


def _proved(tx: Transaction, scene: Scene, todo: Iterable[Effect]) -> Iterator[str]:
    """What the conversation itself proves: the child told their side; a named person spoke with them in it, or looked in."""
    if any(isinstance(effect, effects.FileRecord) and effect.outcome in _FILED for effect in todo):
        yield "account"
    if _is_with_person(scene):
        person = people.by_name(tx, scene.before.holder)
        yield f"talk {person.id if person is not None else ''}"
    if _looks_in(scene) and any(isinstance(effect, effects.Say) for effect in todo):
        yield f"logged {getattr(scene.event, 'about', '')}"
    if any(_picks_same_worker(effect, scene.after) for effect in todo):
        yield "worker"


def _note(tx: Transaction, house: House, proved: Timer) -> None:
    """Note what `_proved` found, as of when it was: at once, or when that could not be done in its own time."""
    c, at, (kind, _, about) = proved.subject_id, proved.at, proved.about.partition(" ")
    case = conversations.case_of(tx, c)
    if kind == "account":
        if not any(one.kind == kind for one in notes.of_conversation(tx, c)):
            notes.add(tx, kind, at, "bot", at, case=case, conversation=c)
    elif kind == "talk":
        _note_talk(tx, house, proved, case, about)
    elif kind == "logged":
        details = {"rule": f"{CHECK_IN}.{about}"}
        notes.add(tx, kind, at, "bot", at, case=case, conversation=c, details=details)
    elif case is not None and (worker := conversations.peek(tx, c).facts.get("previous_worker")):
        cases.set_details(tx, case, {"worker": worker})


def _note_talk(tx: Transaction, house: House, proved: Timer, case: str | None, staff: str) -> None:
    """A live chat counts once the person has written and the child has answered them, if they are trained (decisions 8)."""
    c, at = proved.subject_id, proved.at
    who = people.load(tx, staff).name if staff else conversations.peek(tx, c).holder
    trained = "yes" if staff and training.in_date(tx, staff, house.shelf.calendar.day(at)) else "no"
    noted = notes.of_conversation(tx, c)
    known = {one.details.get("trained") for one in noted if one.kind == "talk" and one.details.get("who") == who}
    if {trained, "yes"} & known:
        return
    if any(one.direction is Direction.OUT and one.by == who for one in messages.of(tx, c)):
        details = {"who": who, "mode": "live_chat", "trained": trained}
        notes.add(tx, "talk", at, staff or BY, at, case=case, conversation=c, details=details)


def _picks_same_worker(effect: Effect, c: Conversation) -> bool:
    asked = meaning().asked("keeps_worker")
    if not isinstance(effect, effects.Record) or effect.answer.question not in asked:
        return False
    return meaning().says("keeps_worker", facts.answered(c))


def text_left(tx: Transaction, message: str, conversation: str, at: datetime) -> None:
    """A provider has a text of ours. If it offers an interview that was made with it: computed in its own time, for nothing here
    may keep a text from being marked as sent.
    """
    if messages.key_of(tx, message, conversation) not in meaning().offered_by:
        return
    if (case := conversations.case_of(tx, conversation)) is not None:
        timers.add(tx, Subject.CASE, cases.root(tx, case), TIMER, at, 0)


def alert_changed(tx: Transaction, house: House, alert: Alert, at: datetime) -> None:
    """An alert was taken, decided, raised or let go of outside a child's text."""
    keep_up(tx, house, alert.conversation, conversations.case_of(tx, alert.conversation), at)


# --- computing --------------------------------------------------------------------------------------------------------


def refresh(tx: Transaction, house: House, case: str, now: datetime, about: str = "") -> None:
    """Compute every clock of a child again, keep what changed, and set the one timer. `about`: the conversation that
    caused it, for who watches. Raises Erased.
    """
    case = _locked(tx, case)
    known = Known(tx, cases.load(tx, case), meaning(), blocks(), house.settings.timezone)
    about = about or (known.talks[-1].id if known.talks else "")
    lacking: dict[str, None] = {}
    for book, its in _books(known):
        _compute(tx, house, book, its, now, about)
        lacking |= dict.fromkeys(deadline_gaps.lacking(its))
    clockwork.ask_for(tx, house, case, tuple(lacking), now, about)
    clockwork.plan_again(tx, house, known, now, about)
    clockwork.tell_placing(tx, house, known, now, about)
    learnt.tell(tx, house, known.talks, now)
    _set_timer(tx, case, now)


def _locked(tx: Transaction, case: str) -> str:
    """The case to look at, which nobody else computes now; it may have been joined while we waited."""
    root = cases.root(tx, case)
    tx.lock_name(f"clocks {root}")
    again = cases.root(tx, case)
    return root if again == root else _locked(tx, again)


def set_aside(tx: Transaction, house: House, case: str, now: datetime, episode: str | None = None) -> None:
    """A case was joined to another, which counts its episodes from now on: what it counted by itself is withdrawn. With `episode`
    what that one made owed: it never was.
    """
    _compute(tx, house, Book(episode or case, case=case), Facts(), now, "")
    if episode is None:
        clockwork.ask_for(tx, house, case, (), now, "")


def _books(known: Known) -> Iterator[tuple[Book, Facts]]:
    # What a note began is withdrawn when the note is taken back, so a book that holds a clock is looked at without it.
    case, held = known.case.id, store.books(known.tx, known.case.id)
    if known.episodes or known.notes or case in held:
        yield Book(case, case=case), clockfacts.of_case(known)
    for episode in known.episodes:
        yield Book(episode.id, case=episode.case), clockfacts.of_episode(known, episode)
    for c in known.talks:
        told = any(one.conversation == c.id for one in known.notes)
        if c.level or told or c.id in held or known.about(c.started_at) is None:
            yield (
                # Sealed under the case it was begun about, also while that is joined to another.
                Book(c.id, case=conversations.case_of(known.tx, c.id), conversation=c.id),
                clockfacts.of_conversation(known.tx, known.meaning, c, known),
            )


def of_conversation(tx: Transaction, house: House, c: Conversation, now: datetime) -> None:
    """The clocks of a conversation that belongs to no case: its alerts, and what was told in it."""
    book = Book(c.id, conversation=c.id)
    current = _compute(tx, house, book, clockfacts.of_conversation(tx, meaning(), c, None), now, c.id)
    at = deadlines.next_change(current, now)
    # The one that fires now is still there, and is not the next.
    if at is not None and not any(one.name == TIMER and now < one.at <= at for one in timers.of(tx, c.id)):
        timers.add(tx, Subject.CONVERSATION, c.id, TIMER, at, c.turn)


def _compute(tx: Transaction, house: House, book: Book, its: Facts, now: datetime, about: str) -> tuple[Deadline, ...]:
    before = store.of(tx, book)
    current = deadlines.compute(its, house.shelf.calendar, now, before.values())
    written = store.keep(tx, book, before, current, now)
    changed = deadlines.changed(before.values(), current)
    for deadline in changed:
        house.observe("deadline", about, deadline=deadline)
    if changed:
        named = (f"{one.rule}:{one.status.value}" for one in changed[:_MOST_NAMED])
        audit.record(tx, now, BY, "deadlines.changed", book.id, *named)
    for row, deadline in written.items():
        if clockwork.begin(tx, house, book, row, before.get(row), deadline, now, about):
            _set_check_in(tx, house, deadline, now, about)
    return current


# --- time -------------------------------------------------------------------------------------------------------------


def _set_check_in(tx: Transaction, house: House, deadline: Deadline, now: datetime, about: str) -> None:
    """The child said yes to this day: a text at an hour that is safe for them, unless they want none by then."""
    c = conversations.peek(tx, about)
    hour = meaning().safe_hour(facts.answered(c))
    if hour is None:
        return
    tz = house.settings.timezone
    at = quiet_hours.next_at(datetime.combine(deadline.due.astimezone(tz).date(), time(), tz), tz, hour)
    if at > now:
        timers.add(tx, Subject.CONVERSATION, about, LOOK_IN, at, c.turn, about=deadline.part)


def still_asked(tx: Transaction, timer: Timer) -> bool:
    """Whether the child still wants the check-in a timer was set for: their answer may have changed since."""
    case = conversations.case_of(tx, timer.subject_id)
    return case is not None and any(
        one.rule == CHECK_IN and one.part == timer.about and runs(one)
        for one in store.of_case(tx, cases.root(tx, case))
    )


def _set_timer(tx: Transaction, case: str, now: datetime) -> None:
    """One timer at the next change. One that fires earlier stays: when it does, it sets the next."""
    at, pending = store.next_change(tx, case, now), cases.clocks_at(tx, case)
    if at is None or (pending is not None and now < pending <= at):
        return
    timers.add(tx, Subject.CASE, case, TIMER, at, 0)
    cases.set_clocks_at(tx, case, at)


def due(tx: Transaction, house: House, timer: Timer, now: datetime) -> None:
    """A deadline turns amber or late, or facts were imported. Of an erased child nothing is owed any more."""
    try:
        if timer.name == NOTED:
            _note(tx, house, timer)
            keep_up(tx, house, timer.subject_id, conversations.case_of(tx, timer.subject_id), now)
            return
        if timer.subject is Subject.CONVERSATION:
            of_conversation(tx, house, conversations.peek(tx, timer.subject_id), now)
            return
        pending = cases.clocks_at(tx, timer.subject_id)
        if pending is not None and pending <= now:
            cases.set_clocks_at(tx, timer.subject_id, None)
        refresh(tx, house, timer.subject_id, now)
    except Erased:
        audit.record(tx, now, BY, "deadlines.erased", timer.subject_id)
