"""Who is with a child, kept as a lease: begun and ended with the holder, lengthened by every sign of the worker.

May not decide who holds a chat (that is `flows.holding`) or who is next (that is `flows.queue`): here both are looked up,
kept, and carried out in the transaction of the event.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import alarms, calling, clocks, conflict, ending, giving, noticing, pages
from flows import events, facts, queue, rota, second_reading, standing
from flows.model import BOT, NOBODY, Level, Task
from storage import (
    alerts,
    audit,
    conversations,
    leases,
    messages,
    notes,
    people,
    second_reads,
    sessions,
    tasks,
    timers,
    training,
    waits,
)
from storage.codes import Bar, Direction, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from bot.carrying import Scene
    from bot.runner import House, Runner
    from flows.model import Alert, Conversation
    from storage.database import Transaction
    from storage.leases import Lease
    from storage.people import Person
    from storage.timers import Timer

# The timer of a lease; `about` is the lease it was set for.
LEASE = "lease"
# The timer of a lease whose worker signed out: it need not run out first.
SIGNED_OUT = "signed_out"
# After which somebody who had a chat may have it no more.
TIMERS = frozenset({LEASE, SIGNED_OUT, ending.GONE})
# Asked for while a person has a chat.
INTERPRETER = Task("interpreter", "duty", "30m")
# Of a child who was told that somebody joins, and for whom it was decided what happens before anybody came.
JOIN = Task("join_chat", "duty", "now")
# A second time with the same child within a day needs no second talk.
_SAME_DAY = timedelta(hours=24)
# A page that renews itself with every text is one sign a while, not a hundred writes.
_WORTH = timedelta(seconds=30)


def presence(house: House) -> timedelta:
    """How long a worker may be unseen."""
    return timedelta(minutes=house.shelf.limits["presence_minutes"])


def seen(tx: Transaction, house: House, staff: str, now: datetime) -> None:
    """A sign of a worker (by id): whatever they have is theirs for another while."""
    leases.seen(tx, staff, now + presence(house))


def fading(tx: Transaction, house: House, staff: str, now: datetime) -> bool:
    """Whether it is worth writing down that this worker (by id) was seen."""
    return leases.fading(tx, staff, now + presence(house) - _WORTH)


def named(tx: Transaction, c: Conversation, who: Person) -> Person:
    """Somebody as they are called in a chat. Whoever has it has it under the name by which they took it, whether that can be read
    now or not: a child is not left with a holder who may neither write nor go.
    """
    if c.holder in (BOT, NOBODY, who.name):
        return who
    lease = leases.of(tx, c.id)
    return replace(who, name=c.holder) if lease is not None and lease.staff == who.id else who


def has(tx: Transaction, c: Conversation, who: Person) -> bool:
    """Whether somebody has a chat."""
    return named(tx, c, who).name == c.holder


def signed_out(tx: Transaction, house: House, staff: str, now: datetime) -> None:
    """A worker (by id) went: unless they are at the desk elsewhere too, the children they have wait for somebody at once."""
    if staff in sessions.seen_since(tx, now - presence(house)):
        return
    for one in leases.by(tx, staff):
        timers.add(tx, Subject.CONVERSATION, one.conversation, SIGNED_OUT, now, 0, about=one.id)


# --- with the holder --------------------------------------------------------------------------------------------------


def follow(tx: Transaction, house: House, scene: Scene, holder: str) -> None:
    """The holder changed: what was kept of the one before ends, what is kept of the one after begins."""
    c = scene.after
    ended = leases.end(tx, c.id)
    dropped = isinstance(scene.event, events.WorkerLeft) and scene.event.dropped
    removed = isinstance(scene.event, events.WorkerLeft) and scene.event.removed
    if ended is not None and leases.worst(tx, c.id) >= Level.L3:
        _rest(tx, house, scene, ended, dropped=dropped)
    if ended is not None and (why := second_reading.why(c)) is not None:
        second_reads.owe(tx, c.id, why, scene.at)
    if ended is not None and isinstance(scene.event, events.WorkerLeft) and holder in (BOT, NOBODY):
        _tell_alone(tx, house, scene, given_back=not (dropped or removed))
    if holder == NOBODY:
        # Who dropped out may come back to the child; nobody else is let in by that. For who must not go on it is not kept.
        gone = ended.staff if removed and ended is not None else None
        wanted = ended.staff if dropped and ended is not None else _wanted(tx, c, None if removed else ended)
        kept_for = None if wanted == gone else wanted
        waits.begin(tx, c.id, scene.at, dropped=dropped or removed, wanted_staff=kept_for, left_by=gone)
        return
    waits.end(tx, c.id)
    if holder == BOT:
        _no_more(tx, c.id, INTERPRETER, scene.at)
    else:
        _no_more(tx, c.id, JOIN, scene.at)
        _begin(tx, house, c.id, holder, scene.at, c.turn)
        _hand_on(tx, scene, holder)


def _tell_alone(tx: Transaction, house: House, scene: Scene, *, given_back: bool) -> None:
    """Whoever took an alert, or is still called for it, thinks that the child has company: they hear that it is so no more. That
    somebody is gone tells those who are called by what it does to the ladder.
    """
    worker, told = scene.before.holder, set[str]()
    for alert in alerts.open_of(tx, scene.after.id):
        if given_back and standing.climbs(alert):
            alarms.given_back(tx, house, alert, worker, scene.at)
        elif standing.is_taken(alert) and (name := alert.taken_by or "") not in ("", worker, *told):
            text = pages.about("given_back" if given_back else "child_alone", alert.case_name, alert.level.name)
            noticing.notice(tx, house, name, text, scene.at, alert.id)
            told.add(name)


def has_written(tx: Transaction, conversation: str, since: datetime) -> bool:
    """Whether a person has written to the child since then."""
    ours = (one for one in messages.of(tx, conversation) if one.direction is Direction.OUT)
    return any(one.by != BOT and one.at >= since for one in ours)


def still_promised(tx: Transaction, house: House, alert: Alert, at: datetime) -> None:
    """An L3 or L4 was decided. The child was told that somebody joins the chat, and with the decision they are in no queue any
    more: while nobody has written to them or told them otherwise it is work, once for each alert.
    """
    c, since = conversations.peek(tx, alert.conversation), alert.opened_at
    if alert.level < Level.L3 or c.holder != BOT or c.quiet or c.opted_out:
        return
    given = any(one.what == JOIN.what and one.created_at >= since for one in tasks.of(tx, c.id))
    told = any(one.kind == "told_child" and one.at >= since for one in notes.of_conversation(tx, c.id))
    if not (given or told or has_written(tx, c.id, since)):
        giving.work(tx, house, JOIN, at, conversation=c.id)


def _no_more(tx: Transaction, conversation: str, work: Task, at: datetime) -> None:
    """Nobody speaks with the child any more, so that nobody looks for who interprets; or somebody has joined them."""
    for one in tasks.open_of(tx, conversation, work.what):
        tasks.done(tx, one.id, "bot", at)


def _begin(tx: Transaction, house: House, conversation: str, name: str, at: datetime, turn: int) -> None:
    person = people.by_name(tx, name)
    if person is None:
        return
    lease = leases.begin(tx, conversation, person.id, at, at + presence(house))
    timers.add(tx, Subject.CONVERSATION, conversation, LEASE, lease.expires_at, turn, about=lease.id)


def _hand_on(tx: Transaction, scene: Scene, to: str) -> None:
    """What they have of its alerts goes with the chat: whoever went home is not asked for a decision half an hour later. To who
    may not decide it does not go.
    """
    person = people.by_name(tx, to)
    if person is None:
        return
    is_manager = people.is_manager(tx, person, scene.at)
    for alert in alerts.open_of(tx, scene.after.id):
        theirs = standing.is_taken(alert) and alert.taken_by == scene.before.holder
        if theirs and (is_manager if alert.for_manager else calling.may_decide(tx, person, alert, scene.at)):
            alerts.save(tx, replace(alert, taken_by=to))
            audit.record(tx, scene.at, "bot", "alert.handed_on", alert.id)


def _wanted(tx: Transaction, c: Conversation, ended: Lease | None) -> str | None:
    """Whom this child is kept for, by id: who they said, else who had them last."""
    if clocks.meaning().says("keeps_worker", facts.answered(c)):
        asked = people.by_name(tx, str(c.facts.get("previous_worker", "")))
        if asked is not None:
            return asked.id
    return ended.staff if ended is not None else None


def _rest(tx: Transaction, house: House, scene: Scene, ended: Lease, *, dropped: bool) -> None:
    """Ten minutes off, and a talk with a supervisor, after a chat with an L3 or L4 (domain 3.2).

    Who dropped out may come back to the child at once; the talk is owed all the same.
    """
    minutes = 0 if dropped else house.shelf.limits["rest_minutes"]
    until = scene.at + timedelta(minutes=minutes)
    if leases.rest_again(tx, ended.staff, scene.after.id, scene.at - _SAME_DAY, until):
        return
    made = giving.work(tx, house, Task("debrief", "supervisor", "1wd"), scene.at, conversation=scene.after.id)
    leases.rest(tx, ended.staff, scene.after.id, made.id, scene.at, until)


def crowded(tx: Transaction, house: House, scene: Scene, level: Level) -> None:
    """A worker's chat has become an L3 or L4 beside others: whoever is on duty hears that those need somebody; where all of them
    are kept from this child, those behind them.
    """
    lease = leases.of(tx, scene.after.id) if level >= Level.L3 else None
    if lease is None or len(leases.by(tx, lease.staff)) == 1:
        return
    text = pages.about("not_alone_with_it", scene.contact.reference, level.name)
    not_them = {scene.after.holder, *conflict.kept_from(tx, scene.after.id)}
    there = [one for one in people.on_duty(tx, scene.at) if one.name not in not_them]
    first = [one for one in there if one.role in ("supervisor", "duty")]
    for one in first or [one for one in there if one.role in rota.LADDER]:
        noticing.notice(tx, house, one.name, text, scene.at)


def bar(tx: Transaction, scene: Scene, worker: str) -> None:
    """The child asked for a different person: this one is never given to them again."""
    person = people.by_name(tx, worker)
    if person is not None:
        waits.bar(tx, scene.after.id, person.id, Bar.DIFFERENT, scene.at)


# --- drop-out ---------------------------------------------------------------------------------------------------------


def due(tx: Transaction, runner: Runner, timer: Timer, now: datetime) -> None:
    """Whoever has a chat may have it no more."""
    (_gone_due if timer.name == ending.GONE else _lease_due)(tx, runner, timer, now)


def _lease_due(tx: Transaction, runner: Runner, timer: Timer, now: datetime) -> None:
    """A lease may have run out. Lengthened meanwhile, it is looked at again, unless its worker signed out; another one by now,
    nothing happens.
    """
    c = conversations.load(tx, timer.subject_id)
    lease = leases.of(tx, c.id)
    if lease is None or lease.id != timer.about:
        return
    if lease.expires_at > now and timer.name == LEASE:
        timers.add(tx, Subject.CONVERSATION, c.id, LEASE, lease.expires_at, c.turn, about=lease.id)
        return
    if timer.name == SIGNED_OUT and lease.staff in sessions.seen_since(tx, now - presence(runner.house)):
        return  # back before anybody looked
    audit.record(tx, now, "timer", "chat.dropped_out", c.id, lease.staff)
    runner.handle(tx, c, events.WorkerLeft(now, c.holder, dropped=True))


def _gone_due(tx: Transaction, runner: Runner, timer: Timer, now: datetime) -> None:
    """Whoever had this chat is of the service no more: the child waits for somebody else, and hears so."""
    c = conversations.load(tx, timer.subject_id)
    person = named(tx, c, people.load(tx, timer.about))
    if c.holder != person.name:
        return
    audit.record(tx, now, "timer", "chat.removed", c.id, person.id)
    runner.handle(tx, c, events.WorkerLeft(now, person.name, removed=True))


def adopt(tx: Transaction, house: House, now: datetime) -> int:
    """Chats that were held before there were leases: who has them is given a while to be seen. Returns how many."""
    found = leases.without(tx)
    for one in found:
        tx.lock_conversation(one)
        c = conversations.readable(tx, one)
        if c is not None and c.holder not in (BOT, NOBODY):
            _begin(tx, house, c.id, c.holder, now, c.turn)
    return len(found)


# --- the queue --------------------------------------------------------------------------------------------------------


def children(tx: Transaction) -> tuple[queue.Child, ...]:
    """Everybody who waits, as the core needs them; without those whom no key opens, for nobody could be with them."""
    return tuple(
        queue.Child(
            one.conversation,
            Level(one.level),
            one.since,
            one.locale,
            one.dropped,
            one.wanted_staff,
            one.barred,
            one.left_by,
        )
        for one in waits.queue(tx)
        if conversations.readable(tx, one.conversation) is not None
    )


def child(tx: Transaction, c: Conversation) -> queue.Child:
    """One child, waiting or not, as the core needs them."""
    alert = alerts.undecided_of(tx, c.id)
    wait = waits.of(tx, c.id)
    return queue.Child(
        c.id,
        alert.level if alert is not None else Level.L0,
        wait.since if wait is not None else c.started_at,
        c.locale,
        wait is not None and wait.dropped,
        wait.wanted_staff if wait is not None else None,
        waits.barred(tx, c.id),
        wait.left_by if wait is not None else None,
    )


def worker(tx: Transaction, house: House, person: Person, now: datetime, role: str | None = None) -> queue.Worker:
    """A person of the staff as somebody who could take a child. `role`: of the shift, where they stand in for another."""
    return queue.Worker(
        person.id,
        role or person.role.value,
        frozenset({queue.base(person.locale)}),
        tuple(Level(one) for chat, one in leases.levels(tx, person.id) if tx.opens(chat)),
        leases.rests_until(tx, person.id),
        training.in_date(tx, person.id, now.astimezone(house.settings.timezone).date()),
    )


def on_shift(tx: Transaction, house: House, now: datetime) -> tuple[queue.Worker, ...]:
    """Everybody who is on now and could take a child, each once."""
    found: dict[str, queue.Worker] = {}
    at_desk = sessions.seen_since(tx, now - presence(house))
    for one in people.on_duty(tx, now):
        person = people.by_name(tx, one.name)
        if person is not None and person.id not in found:
            found[person.id] = replace(worker(tx, house, person, now, one.role), here=person.id in at_desk)
    return tuple(found.values())


def order_for(tx: Transaction, house: House, person: Person, now: datetime) -> tuple[queue.Child, ...]:
    """Whom `next` may give this worker, first to last. Two who ask at once are answered in turn."""
    tx.lock_name("queue")
    everybody = on_shift(tx, house, now)
    asking = next((one for one in everybody if one.id == person.id), None) or worker(tx, house, person, now)
    return queue.order(children(tx), asking, now, house.shelf.limits, everybody)
