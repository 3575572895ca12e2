"""What a child's page may ask for and do: look on a conversation, write in it, get a code, come back, leave.

May not know HTTP, and shows nothing of a conversation but its own texts: no name, number, case or level. Every time of the
day comes from `clock`. What must last goes through the one writer; looking on blocks nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from bot import beginning, i18n, noticing, pages, reading, returning, showing
from bot.channels import webchat
from flows.model import BOT, Service
from storage import (
    audit,
    commit,
    contacts,
    conversations,
    messages,
    notes,
    offers,
    onpage,
    outbox,
    people,
    reentry,
    visits,
)
from storage.codes import Direction, Status
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.reading import Opened
    from bot.runner import Runner
    from bot.showing import Shown
    from storage.database import Database, Transaction
    from storage.visits import Visit

T = TypeVar("T")
log = logging.getLogger(__name__)

# So many new chats in so short a time are no ordinary evening: a person is told, and every chat is answered all the same.
FLOOD: Final = 200
FLOOD_WINDOW: Final = timedelta(minutes=10)
# What stood on a page is written down this often, all at once.
_REMEMBERED: Final = 20_000


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """What a child sent: words, or the `numbers` pressed under the question with the id `question`."""

    text: str = ""
    once: str = ""
    question: str = ""
    numbers: tuple[str, ...] = ()
    locale: str = ""


class Visiting:
    """The page's side of the house."""

    def __init__(self, runner: Runner, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self.runner = runner
        self.house = runner.house
        self.database = database
        self.clock = clock
        self.showing = showing.Showing(runner.house)
        self._unmarked: dict[str, None] = {}
        self._marked: dict[str, None] = {}

    # --- looking on ---------------------------------------------------------------------------------------------------

    async def look(self, token: str) -> Shown | None:
        """What the page of this cookie shows; None when the visit is over. What is shown counts as delivered."""
        now = self.clock()
        visit, shown = await self._read(lambda tx: self._look(tx, token, now))
        if visit is not None and visits.is_stale(visit, now):
            await self._write(lambda tx: visits.see(tx, visit, now))
        if shown is not None:
            self._unmarked.update((one, None) for one in shown.delivered if one not in self._marked)
        return shown

    def _look(self, tx: Transaction, token: str, now: datetime) -> tuple[Visit | None, Shown | None]:
        visit = visits.find(tx, token, now)
        return visit, None if visit is None else self.showing.of(tx, visit)

    async def newest(self, token: str) -> tuple[str, str] | None:
        """(conversation, id of its newest text) behind a cookie; None when the visit is over."""
        now = self.clock()

        def read(tx: Transaction) -> tuple[str, str] | None:
            visit = visits.find(tx, token, now)
            if visit is None:
                return None
            talk = visits.conversation_of(tx, token)
            return (talk, messages.newest(tx, talk)) if talk else ("", "")

        return await self._read(read)

    async def talk(self, token: str) -> str:
        """The conversation behind a cookie, or ""."""
        return (await self.newest(token) or ("", ""))[0]

    async def fresh(self, after: int) -> tuple[tuple[int, str], ...]:
        """(number, conversation) of what was put out for pages, by any process, after a number; below 0: where it ends."""
        if after < 0:
            return ((await self._read(onpage.newest), ""),)
        return await self._read(lambda tx: onpage.fresh(tx, after))

    async def mark(self) -> None:
        """Note as sent what is stored for pages, and as delivered what has stood on one since the last time."""
        several, now = tuple(self._unmarked), self.clock()
        if not several and not await self._read(onpage.is_any):
            return

        def work(tx: Transaction) -> None:
            onpage.stored(tx, now)
            onpage.shown(tx, several)

        await self._write(work)
        for one in several:
            self._unmarked.pop(one, None)
            self._marked[one] = None
        while len(self._marked) > _REMEMBERED:
            del self._marked[next(iter(self._marked))]

    # --- writing ------------------------------------------------------------------------------------------------------

    async def post(self, token: str | None, post: Post) -> tuple[str, str]:
        """Take what a child sent, once; returns the token of the visit, a new one for a first message, and the conversation.

        Raises StoreUnavailable: nothing was taken, try again.
        """
        now = self.clock()
        guessing = False
        if offers.looks_like_code(post.text) or reentry.looks_like_code(returning.figures(post.text)):
            guessing = await self._read(lambda tx: reentry.is_throttled(tx, reentry.mark_of(tx, post.text), now))
        token = await self._visiting(token, post, now)
        name = visits.address(self.database.keys, token)
        inbound = (
            webchat.pressed(name, post.question, post.numbers, now)
            if post.numbers
            else webchat.said(name, post.once, post.text, now, guessing=guessing)
        )
        await self.runner.aaccept(inbound)
        talk, noted = await self._read(lambda tx: _spoken_in(tx, token, now))
        if not noted:
            await self._write(lambda tx: visits.attach(tx, token, talk, now))
        return token, talk

    async def _visiting(self, token: str | None, post: Post, now: datetime) -> str:
        if token is not None and await self._read(lambda tx: visits.find(tx, token, now)) is not None:
            return token
        return await self._write(lambda tx: self._begin(tx, post, now))

    def _begin(self, tx: Transaction, post: Post, now: datetime) -> str:
        made = visits.new_token()
        visits.begin(tx, made, now, locale=post.locale or None)
        self._watch_flood(tx, now)
        if post.locale and post.locale != self.house.shelf.default_locale and not offers.looks_like_code(post.text):
            # Whoever chose a language before the first word is asked who is reading in that language.
            name = visits.address(tx.keys, made)
            contact = contacts.find(tx, Service.TEXT_SAFE, webchat.NAME, name, now)
            flow = "text_safe"
            beginning.begin(tx, self.house, contact, flow, webchat.NAME, now, how="inbound", locale=post.locale)
        return made

    def _watch_flood(self, tx: Transaction, now: datetime) -> None:
        """A flood of chats may be an attack, or a night in which many need us: attention, never a closed door."""
        if visits.begun_since(tx, now - FLOOD_WINDOW) != FLOOD:
            return
        log.warning("many new chats", extra={"count": FLOOD})
        audit.record(tx, now, "bot", "web.flood")
        for person in people.on_duty(tx, now):
            noticing.notice(tx, self.house, person.name, pages.about("many_chats", ""), now)

    async def pressed(self, token: str | None, question: str, numbers: tuple[str, ...]) -> tuple[str, ...]:
        """The numbers that answer a question, while it is the one that is open; else none."""
        shown = await self.look(token) if token else None
        if shown is None or shown.answers is None or shown.answers.question != question:
            return ()
        return showing.numbers(numbers, shown.answers)

    # --- coming back and leaving --------------------------------------------------------------------------------------

    async def code(self, token: str) -> str | None:
        """A code to come back by; None before anything was said."""
        now = self.clock()

        def work(tx: Transaction) -> str | None:
            talk = visits.conversation_of(tx, token)
            if visits.find(tx, token, now) is None or talk is None:
                return None
            conversations.load(tx, talk)
            audit.record(tx, now, f"child:{conversations.contact_of(tx, talk).id}", "code.given", talk)
            return reentry.new(tx, talk, now)

        return await self._write(work)

    async def enter(self, text: str, locale: str) -> str | None:
        """Come in by a code, that of an offer or one of ours; the new visit's token, or None: wrong, used, throttled."""
        now, digits = self.clock(), returning.figures(text)
        if not reentry.looks_like_code(digits):
            return await self._by_offer(text, locale, now)
        await self.mark()
        return await self._write(lambda tx: self._back(tx, digits, now))

    async def _by_offer(self, text: str, locale: str, now: datetime) -> str | None:
        def check(tx: Transaction) -> bool:
            mark = reentry.mark_of(tx, text.strip().upper()[:80])
            if reentry.is_throttled(tx, mark, now):
                return False
            if offers.looks_like_code(text) and offers.is_open(tx, text, now):
                return True
            reentry.guessed(tx, mark, now)
            return False

        if not await self._write(check):
            return None
        token, _ = await self.post(None, Post(text=text, once=visits.new_token()[:20], locale=locale))
        return token

    def _back(self, tx: Transaction, digits: str, now: datetime) -> str | None:
        token = visits.new_token()
        found = returning.moved(tx, digits, webchat.NAME, visits.address(tx.keys, token), now)
        if found is None:
            return None
        _, conversation = found
        thread = messages.of(tx, conversation.id)
        question = showing.open_question(conversation, thread)
        unseen = _unseen(tx, thread) if conversation.holder != BOT and not conversation.quiet else 0
        since = thread[-1 - unseen].id if len(thread) > unseen else ""
        visits.begin(
            tx,
            token,
            now,
            conversation=conversation.id,
            locale=conversation.locale,
            since=since,
            question=question.id if question else None,
        )
        return token

    async def leave(self, token: str, *, pressed: bool = False) -> str | None:
        """End a visit at once; the conversation and its alerts go on. Returns the conversation that was looked on. `pressed`:
        by the child's own Exit, which whoever has the chat is shown, for the phone may have had to be hidden.
        """
        now = self.clock()

        def work(tx: Transaction) -> str | None:
            talk = visits.conversation_of(tx, token)
            if not visits.end(tx, token):
                return None
            if talk is not None and pressed:
                # Whatever cannot be noted: who wants to be gone is gone.
                with contextlib.suppress(Erased, SealBroken):
                    notes.add(tx, visits.LEFT, now, BOT, now, conversation=talk)
            return talk

        return await self._write(work)

    # --- its own words, once ------------------------------------------------------------------------------------------

    async def reading(self, text: str) -> str | None:
        """The language of the child whose words a code shows, for the question before; None: no such code."""
        now = self.clock()
        return await self._read(lambda tx: reading.asked_for(tx, text, now))

    async def read(self, text: str) -> Opened | None:
        """A child's words by the code, which is used up; None when it leads nowhere any more."""
        now = self.clock()
        return await self._write(lambda tx: reading.opened(tx, self.house, text, now))

    async def read_answer(self, token: str, given: Mapping[str, str | None], written: str) -> str | None:
        """What the child says of its words, and everything it has `written` there; its language, or None: too late."""
        now = self.clock()
        return await self._write(lambda tx: reading.answered(tx, self.runner, token, given, written, now))

    def form_mark(self, token: str) -> str:
        """What the forms of this visit carry."""
        return visits.form_mark(self.database.keys, token)

    def locale(self, wanted: str, accepted: str) -> str:
        """The language of a page before anything was said: the one that was chosen, else one the browser asks for."""
        offered = self.house.shelf.offered
        asked = [wanted, *(part.partition(";")[0] for part in accepted.split(",")[:20])]
        found = (i18n.negotiate(tag.strip()[:40], offered) for tag in asked if tag.strip())
        return next((one for one in found if one), self.house.shelf.default_locale)

    # --- the store ----------------------------------------------------------------------------------------------------

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        return await self.house.committer.asubmit(work)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.to_thread(commit.look, self.database, work)


def _spoken_in(tx: Transaction, token: str, now: datetime) -> tuple[str, bool]:
    """The conversation of a visit, and whether it is noted with it."""
    visit = visits.find(tx, token, now)
    talk = visits.conversation_of(tx, token) or "-"
    return talk, visit is None or talk in (visit.conversation, "-")


def _unseen(tx: Transaction, thread: tuple[messages.Message, ...]) -> int:
    """How many texts at the end of a thread came by this page and never stood on it: what a person wrote meanwhile."""
    number = 0
    for message in reversed(thread):
        sent = outbox.of_message(tx, message.id)
        if message.direction is Direction.IN or message.channel != webchat.NAME or not sent:
            break
        if any(one.status in (Status.DELIVERED, Status.READ) for one in sent):
            break
        number += 1
    return number
