"""Time and sending: timers that are due, messages that must be tried again, texts that must leave. Many may run.

May not decide: a timer is an event for the runner, a failed send is an event too. `except Exception` stands here
because what fails is put back and tried again; nothing is swallowed.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot import again, bouncing, bundling, left, paging, pressing, removing, waking, window
from bot.channels import voice
from bot.channels.base import PACED, Outgoing, Reason, SendFailed
from bot.ticked import Done
from storage import audit, due, inbox, leaving, outbox, timers
from storage.codes import Sending, Status
from storage.errors import StoreUnavailable, is_away

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.channels.base import Button, Channel
    from bot.runner import Runner
    from storage.claiming import Outgoing as Claimed
    from storage.database import Transaction

log = logging.getLogger(__name__)

# Sends of a batch follow each other: were each to wait out its provider's ten seconds, the lease must hold at the last.
BATCH = 5
# After hours of standing still everything is due: no page and no message waits for all of it.
TIMERS = 50
INBOX_BACKOFF = timedelta(seconds=30)


class Ticker:
    """`round` does what is due; call it again at once while it did something."""

    def __init__(self, runner: Runner, channels: Mapping[str, Channel]) -> None:
        self.runner = runner
        self.house = runner.house
        self.channels = channels
        self._stopping = threading.Event()

    def stop(self) -> None:
        """From another thread: send nothing more; what is claimed and not yet sent goes back."""
        self._stopping.set()

    def round(self, now: datetime) -> Done:
        """Everything that is due at `now`: one look says what there is, and another what has come of it."""
        look = partial(self.house.committer.submit, partial(due.look, now=now))
        there = look()
        timers = self.fire_due(now) if there.timers else 0
        there = look() if timers else there
        retried = self.retry_inbox(now) if there.inbox else 0
        there = look() if retried else there
        removed = self.remove_due(now) if there.removals else 0
        sent = self.send_pending(now) if there.outbox else 0
        return Done(timers, retried, removed + sent, there.any)

    # --- timers -------------------------------------------------------------------------------------------------------

    def fire_due(self, now: datetime) -> int:
        """Fire timers, one a transaction, at most `TIMERS`; returns how many: call again while it did."""
        fired, more = 0, True
        while more and fired < TIMERS:
            one, more = self._fire_one(now)
            fired += one
        return fired

    def _fire_one(self, now: datetime) -> tuple[int, bool]:
        """How many fired, one or none, and whether another is due. Whom somebody holds is passed over, for the others' sake."""
        tried: list[timers.Timer] = []

        def work(tx: Transaction) -> tuple[int, bool]:
            tried[:] = timers.due(tx, now, 1)
            for timer in tried:
                self.runner.timer(tx, timer, now)
            return len(tried), bool(tried) and timers.any_due(tx, now)

        try:
            return self.house.committer.submit(work)
        except Exception as error:
            if is_away(error) or not tried:
                raise
            log.exception("timer failed", extra={"timer": tried[0].id, "name_of_timer": tried[0].name})
            self._put_back(tried[0], now)
            return 1, True

    def _put_back(self, timer: timers.Timer, now: datetime) -> None:
        def work(tx: Transaction) -> None:
            if timers.failed(tx, timer.id, now + INBOX_BACKOFF):
                waking.failed(tx, self.house, timer, now)

        self.house.committer.submit(work)

    # --- messages that could not be handled ---------------------------------------------------------------------------

    def retry_inbox(self, now: datetime) -> int:
        """Handle messages whose handling failed, in the order of each person; the third failure wakes a human."""
        handled = 0
        while self._retry_one(now):
            handled += 1
        return handled

    def _retry_one(self, now: datetime) -> bool:
        tried: list[inbox.Kept] = []

        def work(tx: Transaction) -> bool:
            tried[:] = inbox.pending(tx, now, 1)
            for kept in tried:
                self.runner.retry(tx, kept)
            return bool(tried)

        try:
            return self.house.committer.submit(work)
        except Exception as error:
            if is_away(error) or not tried:
                raise
            log.exception("message not handled", extra={"inbox": tried[0].id})
            self._not_handled(tried[0], now)
            return True

    def _not_handled(self, kept: inbox.Kept, now: datetime) -> None:
        """Again later; after the third failure it goes to a person unheard, so that nobody waits behind a bug."""
        again = now + INBOX_BACKOFF * (kept.failures + 1)
        third = self.house.committer.submit(lambda tx: inbox.failed(tx, kept.id, again))
        if kept.failures + 1 < inbox.WAKE_AFTER:
            return
        try:
            talk = self.house.committer.submit(lambda tx: self.runner.to_person(tx, kept, now))
        except Exception as error:
            if is_away(error):
                raise
            log.exception("message not given to a person", extra={"inbox": kept.id})
            if third:
                self.house.committer.submit(lambda tx: waking.wake(tx, self.house, now))
            return
        if talk is not None:
            self.runner.tell_waiting(talk, now)

    def remove_due(self, now: datetime) -> int:
        """Take texts out of children's chats: what somebody asked for, and ours in time. Returns how many chats."""
        return removing.due(self.house.committer, self.channels, now)

    # --- sending ------------------------------------------------------------------------------------------------------

    def send_pending(self, now: datetime) -> int:
        """Claim, send, mark: one small batch, pages first. Returns how many that were; call again while it did."""
        began, names = time.monotonic(), tuple(self.channels)
        lost = self._let_go(now)
        claimed = self.house.committer.submit(lambda tx: bundling.claimed(tx, now, BATCH, names))
        for done, text in enumerate(claimed):
            if self._stopping.is_set():
                self._give_back(tuple(row for one in claimed[done:] for row in one.rows), now)
                break
            # A provider that lets us wait must not make the next try come sooner.
            self._leave_apart(text, now + timedelta(seconds=int(time.monotonic() - began)))
        return lost + len(claimed)

    def _leave_apart(self, text: bundling.Leaving, now: datetime) -> None:
        """One text, whose trouble is not the others'. What met a lock goes back if it may leave twice; else its lease ends."""
        try:
            self.leave(text, now)
        except Exception as error:
            if is_away(error):
                raise
            log.exception("not left", extra={"outbox": text.named[0].id})
            if isinstance(error, StoreUnavailable):
                self._give_back(tuple(one for one in text.rows if one.repeat_in_doubt), again.soon(text.named[0], now))

    def leave(self, text: bundling.Leaving, now: datetime) -> None:
        """One text. The facts of every page in it are read again first: taken meanwhile, it is not sent."""
        if text.named[0].sealed:
            self._unopened(text.named[0], now)
            return
        one, submit = text.named[0], self.house.committer.submit
        if again.is_old(one, now) and submit(lambda tx: again.dropped(tx, one, now)):
            return
        ready = submit(partial(bundling.ready, house=self.house, text=text)) if text.pages else text
        if ready is None:
            return
        now = max(now, ready.as_of or now)  # the code is for the level that it names, which may be newer than the round
        self._send(ready.named[0], now)
        if len(ready.rows) > 1:
            self.house.committer.submit(partial(bundling.follow, house=self.house, text=ready, now=now))

    def _let_go(self, now: datetime) -> int:
        """What came too late to be sent, or may have been sent by a process that died: each by itself, and somebody is told."""
        lost = self.house.committer.submit(partial(outbox.lost, now=now, limit=BATCH))
        for one in lost:
            mark = partial(bouncing.lose, one=one, now=now)
            self._or_untold(partial(bouncing.let_go, runner=self.runner, one=one, now=now), mark, now)
        return len(lost)

    def _give_back(self, unsent: tuple[Claimed, ...], at: datetime) -> None:
        whole = [one.id for one in unsent if not one.sealed]
        self.house.committer.submit(partial(leaving.free, sendings=whole, due=at))

    def _send(self, one: Claimed, now: datetime) -> None:
        if one.address is None:
            self._give_up(one, Reason.DEAD_NUMBER, now)
            return
        closes = None
        try:
            if one.channel in window.WINDOWS:
                passage = self.house.committer.submit(lambda tx: window.passage(tx, self.house, one, now))
                if not passage.leaves:
                    return
                closes = passage.closes
            if one.channel == voice.NAME and self.house.committer.submit(lambda tx: bundling.engaged(tx, one, now)):
                return
            outgoing = Outgoing(
                one.id,
                one.address,
                one.text,
                "",
                not_after=one.expires_at,
                window_until=closes,
                message=one.message,
                buttons=self._buttons(one),
            )
            sent = self.channels[one.channel].send(outgoing)
        except SendFailed as failure:
            self._failed(one, failure, now)
            return
        except StoreUnavailable:
            raise  # before it left: no channel asks the store
        except Exception:
            # A bug in a channel must not hold up everybody else's texts; whether this one left, nobody knows.
            log.exception("channel failed", extra={"outbox": one.id})
            self._failed(one, SendFailed(Reason.IN_DOUBT, code="bug"), now)
            return
        if sent.instead and closes is not None:
            # It closed while the text was on its way: the template left, the text did not.
            self._mark(one, left.template(self.house, one, sent, now))
        else:
            self._mark(one, left.sent(self.house, one, sent, now))

    def _mark(self, one: Claimed, what: left.Left) -> None:
        """Marked whatever becomes of what is kept beside that, or it would leave again."""
        try:
            self.house.committer.submit(what.whole)
        except Exception as error:
            if is_away(error):
                raise
            log.exception("not kept beside what left", extra={"outbox": one.id})
            self.house.committer.submit(what.later)

    def _buttons(self, one: Claimed) -> tuple[Button, ...]:
        if one.channel not in pressing.ON:
            return ()
        try:
            return self.house.committer.submit(lambda tx: pressing.offered(tx, self.house, one))
        except Exception as error:
            if is_away(error):
                raise
            # The numbers stand in the text: it can be answered without.
            log.exception("no buttons", extra={"outbox": one.id})
            return ()

    def _failed(self, one: Claimed, failure: SendFailed, now: datetime) -> None:
        if failure.code != PACED:
            log.warning("send failed", extra={"outbox": one.id, "reason": str(failure.reason), "code": failure.code})
        if failure.reason is Reason.WINDOW_CLOSED and one.kind is Sending.SAY and failure.code != window.NO_TEMPLATE:
            # The provider's clock is the one that counts; whoever answers for the child thought that this text was read.
            self.house.committer.submit(lambda tx: window.hold(tx, self.house, one, now))
            self._or_untold(
                lambda tx: bouncing.bounced(tx, self.runner, one.id, failure.reason, now), lambda _: None, now
            )
            return
        retry_at = self.house.committer.submit(lambda tx: again.at(tx, one, failure, now))
        if one.channel == voice.NAME and failure.retry:
            # One call asks about everything: where this one cannot be placed, the next would not be either.
            self.house.committer.submit(lambda tx: leaving.put_off(tx, one.staff or "", one.channel, retry_at))
        if failure.in_doubt and one.repeat_in_doubt and (one.kind is Sending.PAGE or one.attempts < len(again.BACKOFF)):
            mark = partial(outbox.in_doubt, outbox=one.id, retry_at=retry_at)
        elif failure.retry:
            mark = partial(outbox.failed, outbox=one.id, reason=failure.reason, retry_at=retry_at)
        else:
            self._give_up(one, failure.reason, now)
            return
        beside = partial(paging.stuck, house=self.house, outbox_id=one.id, reason=failure.reason, now=now)
        self._or_untold(lambda tx: (mark(tx), beside(tx)), mark, now)

    def _unopened(self, one: Claimed, now: datetime) -> None:
        """No key opens it: it is kept and tried again, and somebody is told in the same transaction."""
        mark = partial(outbox.failed, outbox=one.id, reason=outbox.SEALED, retry_at=now + outbox.LEASE)
        tell = partial(bouncing.unopened, runner=self.runner, one=one, now=now)
        self._or_untold(lambda tx: (tell(tx), mark(tx)), mark, now)

    def _give_up(self, one: Claimed, reason: Reason, now: datetime) -> None:
        """It will not leave, or nobody knows: whoever answers for the child is told, and nothing is shown as sent."""

        def mark(tx: Transaction) -> None:
            if reason.in_doubt:
                outbox.in_doubt(tx, one.id)
            else:
                outbox.failed(tx, one.id, reason)
            audit.record(tx, now, "ticker", "send.failed", one.id, reason)

        def work(tx: Transaction) -> None:
            mark(tx)
            bouncing.bounced(tx, self.runner, one.id, reason, now)

        self._or_untold(work, mark, now)

    def report(self, outbox_id: str, status: Status, reason: Reason | None, now: datetime) -> None:
        """What a provider says became of a text; reports arrive out of order and never move a status back."""

        def mark(tx: Transaction) -> bool:
            return outbox.status(tx, outbox_id, status, reason)

        def work(tx: Transaction) -> None:
            if not mark(tx):
                return
            if reason is not None:
                bouncing.bounced(tx, self.runner, outbox_id, reason, now)
            elif (one := outbox.look(tx, outbox_id)) is not None:
                left.has(tx, one, now)

        self._or_untold(work, mark, now)

    def _or_untold(
        self, work: Callable[[Transaction], object], mark: Callable[[Transaction], object], now: datetime
    ) -> None:
        """Mark and tell; when telling fails, mark alone and wake a person: nobody else is held up."""
        try:
            self.house.committer.submit(work)
        except Exception as error:
            if is_away(error):
                raise
            log.exception("not told")

            def without(tx: Transaction) -> None:
                mark(tx)
                waking.wake(tx, self.house, now, "untold")

            self.house.committer.submit(without)
