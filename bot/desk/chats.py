"""The worker's pages: "next", the chats they have, and one chat with all that is known in it. May not send or change.

There is no list to pick from, no search and no past: a volunteer sees the chats they hold, a supervisor every chat, and
nobody one that they are kept away from. A child is two words here; no address is read at all.
"""

from __future__ import annotations

import heapq
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import attached, clicks, holding, saying
from bot.channels import segments
from bot.desk import board, by_hand, languages, proposed, reached
from bot.desk.asking import Go, Live, NotHeld, Page
from bot.desk.routes import DUTY, MANAGERS, STAFF, SUPERVISORS, Route
from bot.desk.said import HELD
from flows import agenda, canned, queue, sessions
from flows.model import NOBODY, Kind, Level, Privacy, changed
from storage import alerts, answers, conversations, held_words, leases, messages, people, waits, worker_notes
from storage.codes import Bar, Direction
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.desk.asking import Answer, Ask
    from flows.model import Conversation
    from storage.database import Transaction
    from storage.messages import Message

SEE_ALL: Final = SUPERVISORS | DUTY
AWAY: Final = {
    Bar.DIFFERENT: "the child asked for somebody else",
    Bar.CONFLICT: "a concern may be about them, or about somebody they answer to or for",
}
# A finger or a slow network that sends one form twice.
SAME_PRESS: Final = timedelta(seconds=5)


def mine(tx: Transaction, ask: Ask) -> Conversation:
    """The chat of the path, if it is for whoever asks: theirs, or any for who sees all; never one they are kept from."""
    chat = ask.path["chat"]
    if not conversations.known(tx, chat) or waits.is_barred(tx, chat, ask.who.id):
        raise NotHeld(NotHeld.__doc__)
    if not (_has(tx, chat, ask.who.id) or ask.may(SEE_ALL)):
        raise NotHeld(NotHeld.__doc__)
    try:
        return conversations.peek(tx, chat)
    except Erased:
        raise NotHeld(NotHeld.__doc__) from None


def _has(tx: Transaction, chat: str, staff: str) -> bool:
    lease, wait = leases.of(tx, chat), waits.of(tx, chat)
    left_by_them = wait is not None and wait.dropped and wait.wanted_staff == staff
    return left_by_them or (lease is not None and lease.staff == staff)


# --- the chats somebody has -------------------------------------------------------------------------------------------


def chats(tx: Transaction, ask: Ask) -> Answer:
    """What a worker has, and "next". Of who waits, numbers alone."""
    children, worker = holding.children(tx), holding.worker(tx, ask.house, ask.who, ask.at)
    off = queue.off(worker, ask.at, ask.house.shelf.limits)
    held = [found for one in leases.by(tx, ask.who.id) if (found := _held(tx, ask, one.conversation)) is not None]
    values = {
        "held": held,
        "here": "/chats",
        "off": clicks.WHY.get(off, "") if off else "",
        "waiting": board.waiting(tx, ask, children),
        # Who is to stay with one child is not asked to hand them over.
        "urgent": off != "urgent_held" and queue.waits_beyond(children, worker),
        "rests": worker.rests_until if off == "rest" else None,
        "others": _others(tx, ask) if ask.may(SEE_ALL) else None,
    }
    return Page("chats.html", "Chats", values)


def _held(tx: Transaction, ask: Ask, chat: str) -> dict[str, Any] | None:
    c = conversations.readable(tx, chat)
    if c is None:
        return None
    last = messages.of(tx, chat)
    unread = bool(last) and last[-1].direction is Direction.IN
    return {
        "id": chat,
        "name": conversations.contact_of(tx, chat).reference,
        "level": _level(tx, chat),
        "waits_for_you": unread,
        "minutes": int((ask.at - (c.last_inbound_at or c.started_at)).total_seconds() // 60),
    }


def _others(tx: Transaction, ask: Ask) -> list[dict[str, Any]]:
    """For supervisors: every chat that a person has or waits for one, with held words first."""
    with_words = held_words.chats(tx)
    found = []
    for one in (*(child.conversation for child in holding.children(tx)), *leases.everyone(tx)):
        c = conversations.readable(tx, one)
        if c is None or waits.is_barred(tx, one, ask.who.id):
            continue
        name = conversations.contact_of(tx, one).reference
        words = one in with_words
        found.append({"id": one, "name": name, "level": _level(tx, one), "holder": c.holder, "words": words})
    return sorted(found, key=lambda one: (not one["words"], -one["level"], one["name"]))


def _level(tx: Transaction, chat: str) -> int:
    alert = alerts.undecided_of(tx, chat)
    return int(alert.level) if alert is not None else 0


# --- one chat ---------------------------------------------------------------------------------------------------------


def chat(tx: Transaction, ask: Ask) -> Answer:
    """One child: the thread in their language and in English, what they have answered, and everything one can do."""
    c = mine(tx, ask)
    # Who could read an hour ago is not shown as if it were so now.
    c = changed(c, privacy=sessions.privacy(c, ask.at, ask.house.shelf.limits))
    thread = messages.of(tx, c.id)
    locked = c.guard.locks
    reference = conversations.contact_of(tx, c.id).reference
    promised = saying.promised(tx, ask.house, thread, c.id)
    hard = _hard(tx, c.id)
    have = holding.has(tx, c, ask.who)
    values = {
        "chat": c,
        "name": reference,
        "level": _level(tx, c.id),
        "locked": locked,
        "in_drafts": ask.house.shelf.is_draft(c.locale),
        "have": have,
        "held_by": c.holder if c.held else "",
        "waits": c.holder == NOBODY,
        "sees_all": ask.may(SEE_ALL),
        "may_pass_on": ask.may(MANAGERS),
        "thread": _thread(tx, ask, c, thread, hard),
        "interpreters": languages.interpreted(tx, ask, c),
        "unsent": reached.unsent(tx, c.id),
        "leaves": reached.LEAVES,
        "left": reached.has_left(tx, c, ask.at),
        "blocked": reached.blocked(tx, c.id, thread),
        "was_refused": reached.was_refused(tx, c.id),
        "answers": _answered(tx, ask, c, hard),
        "notes": [(people.load(tx, one.staff).name, one) for one in worker_notes.of(tx, c.id)],
        "words": [_words(tx, ask, c, one) for one in held_words.of(tx, c.id)],
        "canned": (ready := saying.ready(ask.house, c)),
        "unsigned": len(canned.fitting(locked=locked)) - len(ready),
        "colleagues": _colleagues(tx, ask, c),
        "askable": _askable(tx, ask, c),
        "kept_away": _kept_away(tx, ask, c),
        "promised": promised,
        "owed": by_hand.of_chat(tx, c.id),
        "newest": thread[-1].id if thread else "",
        "endings": [proposed.told(tx, one) for one in proposed.of_chat(tx, c.id)] if ask.may(SEE_ALL) else [],
        "staff": others_of_staff(tx, ask),
        "bar": others_of_staff(tx, ask, waits.barred(tx, c.id)) if ask.may(MANAGERS) else [],
        "draft": (draft := _draft(tx, ask, c)),
        # Who has just sent something, or took it back, goes on writing: the keyboard finds the box again.
        "writes": have and (ask.query.get("done") == "sent" or bool(draft)),
        "longest": saying.LONGEST,
        "stop": saying.stop_read(c),
    }
    return Page("chat.html", reference, values, seen=(("chat", c.id),))


def _hard(tx: Transaction, chat: str) -> dict[str, int]:
    """The texts that were heard as L3 or L4: they are folded until somebody opens them."""
    heard = [one for one in answers.concerns(tx, chat) if one.message and one.concern.level >= Level.L3]
    return {one.message or "": int(one.concern.level) for one in heard}


def _thread(
    tx: Transaction, ask: Ask, c: Conversation, thread: tuple[Message, ...], hard: dict[str, int]
) -> list[dict[str, Any]]:
    """The texts, and among them when the child pressed Exit."""
    texts = ({"exit": False} | _shown(tx, ask, c, one, hard) for one in thread)
    exits = ({"exit": True, "at": at} for at in reached.exits(tx, c.id))
    return list(heapq.merge(texts, exits, key=lambda row: row["at"]))


def _shown(tx: Transaction, ask: Ask, c: Conversation, one: Message, hard: dict[str, int]) -> dict[str, Any]:
    english = None
    if one.key is not None and one.locale not in {None, "en"}:
        english = ask.house.shelf.source_of_sent(tx, c, one.key, one.locale, one.text)
    came = one.direction is Direction.IN
    return {
        "id": one.id,
        "who": "Child" if came else (ask.house.settings.persona if one.by == "bot" else one.by),
        "came": came,
        "at": one.at,
        "text": one.text,
        "locale": one.locale or c.locale,
        "english": english,
        "media": came and attached.kind(one.text) is not None,
        "hard": hard.get(one.id, 0) if came else 0,
        "segments": 0 if came or c.channel != "sms" else segments.count(one.text).segments,
    }


def _answered(tx: Transaction, ask: Ask, c: Conversation, hard: dict[str, int]) -> list[dict[str, Any]]:
    """What the child has answered: the question in English, the answer in English, their own words. `hard`: as `_shown`."""
    flow = ask.house.shelf.newest(c.flow, "en")
    found = []
    for key in c.order:
        step, answer = flow.steps.get(key), c.answers.get(key)
        if step is None or answer is None or (agenda.is_gate(step) and c.privacy is not Privacy.ALONE):
            continue
        meant = ask.house.shelf.meaning(tx, c, key, answer.value)
        value = "chose not to say" if answer.value is None else meant
        found.append(
            {
                "key": key,
                "question": ask.house.shelf.source_of(tx, c, key),
                "value": value,
                # What a worker chose from the list is kept as the code of it.
                "said": answer.said if answer.said not in {value, str(answer.value)} else "",
                "hard": max((hard.get(one, 0) for one in answer.messages), default=0),
            }
        )
    return found


def _words(tx: Transaction, ask: Ask, c: Conversation, one: held_words.Held) -> dict[str, Any]:
    by, why = people.load(tx, one.staff).name, saying.reasons(ask.house, c, one)
    return {
        "id": one.id,
        "text": one.text,
        "reasons": [(each, HELD[each]) for each in why],
        "at": one.at,
        "by": by,
        "own": one.staff == ask.who.id,
        "before_stop": saying.is_before_stop(c, one),
    }


def _draft(tx: Transaction, ask: Ask, c: Conversation) -> str:
    """What a worker took back to change: it stands in the box again, so that nothing typed is lost."""
    held = held_words.find(tx, ask.query.get("again", ""), c.id)
    return held.text if held is not None and held.staff == ask.who.id else ""


def _colleagues(tx: Transaction, ask: Ask, c: Conversation) -> list[tuple[str, bool]]:
    """Who could have this chat now, by name, and whether they are at the desk: who is not may not see the child for minutes."""
    child, limits = holding.child(tx, c), ask.house.shelf.limits
    fit = [one for one in holding.on_shift(tx, ask.house, ask.at) if queue.refused(child, one, ask.at, limits) is None]
    found = [(people.load(tx, one.id).name, one.here) for one in fit if one.id != ask.who.id]
    return sorted(found, key=lambda one: (not one[1], one[0]))


def _askable(tx: Transaction, ask: Ask, c: Conversation) -> list[dict[str, Any]]:
    """Every question of the interview that has no answer, in English: what a child told a worker is written down under it."""
    if not holding.has(tx, c, ask.who):
        return []
    flow = ask.house.shelf.newest(c.flow, "en")
    keys = [key for block in flow.blocks if block.main for key in block.steps]
    steps = [
        flow.steps[key]
        for key in dict.fromkeys(keys)
        if key not in c.answers and not agenda.OPENING & flow.steps[key].tags
    ]
    return [
        {
            "question": ask.house.shelf.source_of(tx, c, one.key),
            "free": one.kind is Kind.FREE,
            "key": one.key,
            "options": [(option.value, option.label) for option in one.options],
        }
        for one in steps
        if one.kind is not Kind.STATEMENT
    ]


def _kept_away(tx: Transaction, ask: Ask, c: Conversation) -> list[tuple[str, str]]:
    """For managers: who is never given this child, and why. Nobody else learns of whom a concern speaks."""
    if not ask.may(MANAGERS):
        return []
    return [(people.load(tx, staff).name, AWAY[why]) for staff, why in waits.reasons(tx, c.id)]


def others_of_staff(tx: Transaction, ask: Ask, out: Collection[str] = ()) -> list[str]:
    """Everybody who works here, by name, but who asks and who is `out`, by id. For a worker nobody is: from a list that lacks who
    is kept away they would learn whom a concern is about.
    """
    return sorted(one.name for one in people.of_service(tx) if one.id not in {ask.who.id, *out})


def live(tx: Transaction, ask: Ask) -> Answer:
    """Tells an open page that something was said or decided."""
    c = mine(tx, ask)
    return Live(f"chat:{c.id}", lambda tx: version(tx, c.id))


def version(tx: Transaction, chat: str) -> str:
    """What of a chat an open page shows; it asks for itself again when this is another."""
    now, words = conversations.peek(tx, chat), len(held_words.of(tx, chat))
    of_texts = f"{messages.newest(tx, chat)} {reached.version(tx, chat)} {by_hand.open_of(tx, chat)}"
    return f"{of_texts} {now.turn} {now.holder} {now.privacy} {now.quiet} {words} {_level(tx, chat)}"


def all_live(tx: Transaction, ask: Ask) -> Answer:
    """Tells an open list that somebody waits, wrote, or was taken."""
    del tx
    who = ask.who.id

    def version(tx: Transaction) -> str:
        mine = [f"{one.conversation} {messages.newest(tx, one.conversation)}" for one in leases.by(tx, who)]
        waiting = [f"{one.conversation} {one.level}" for one in waits.queue(tx)]
        return "|".join((*mine, "", *waiting, "", *leases.everyone(tx), *sorted(held_words.chats(tx))))

    return Live(f"chats:{who}", version)


def take_next(tx: Transaction, ask: Ask) -> Answer:
    """One child, the most urgent this worker may have."""
    found = _just_taken(tx, ask) or clicks.take_next(tx, ask.runner, ask.who, ask.at)
    return Go("/chats", "nobody_waits") if found is None else now_mine(tx, ask, found)


def now_mine(tx: Transaction, ask: Ask, chat: str) -> Go:
    """To a chat that has just become theirs, with whether the child knows."""
    return Go(f"/chats/{chat}", "taken" if reached.knows_name(tx, ask, chat, "human_on") else "taken_untold")


def _just_taken(tx: Transaction, ask: Ask) -> str | None:
    """The chat that the same press has brought already: a child who is told that a person is there has one."""
    for one in leases.by(tx, ask.who.id):
        c = conversations.readable(tx, one.conversation) if ask.at - one.taken_at < SAME_PRESS else None
        if c is None:
            continue
        name = holding.named(tx, c, ask.who).name
        if not any(said.by == name and said.key is None for said in messages.of(tx, c.id)):
            return c.id
    return None


ROUTES: Final = (
    Route("GET", "/chats", STAFF, chats),
    Route("POST", "/chats/next", STAFF, take_next),
    Route("GET", "/chats/live", STAFF, all_live, is_bare=True),
    Route("GET", "/chats/{chat}", STAFF, chat),
    Route("GET", "/chats/{chat}/live", STAFF, live, is_bare=True),
)
