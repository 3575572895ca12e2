"""Time and sending: timers that are due, messages that must be tried again, texts that must leave. Any number of these may run.

May not decide: a timer is an event for the runner, a failed send is an event too. `except Exception` stands here because
what fails is put back and tried again; nothing is swallowed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import alarms, pages
from bot.channels.base import Outgoing, Reason, SendFailed
from flows import events
from storage import audit, claiming, conversations, inbox, outbox, people, timers
from storage.codes import Sending, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.channels.base import Channel
    from bot.runner import Runner
    from storage.claiming import Outgoing as Claimed
    from storage.database import Transaction

log = logging.getLogger(__name__)

BATCH = 8
# Seconds until a send is tried again, by attempts so far; a page is never given up, a text to a child after the last.
BACKOFF = (5, 15, 60, 300, 900)
PAGE_BACKOFF = (2, 5, 10, 20, 30)
INBOX_BACKOFF = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Done:
    """What one round did."""

    timers: int
    retried: int
    sent: int

    @property
    def any(self) -> bool:
        """Whether there may be more to do at once."""
        return bool(self.timers or self.retried or self.sent)


class Ticker:
    """`round` does what is due; call it again at once while it did something."""

    def __init__(self, runner: Runner, channels: Mapping[str, Channel]) -> None:
        self.runner = runner
        self.house = runner.house
        self.channels = channels

    def round(self, now: datetime) -> Done:
        """Everything that is due at `now`."""
        return Done(self.fire_due(now), self.retry_inbox(now), self.send_pending(now))

    # --- timers -------------------------------------------------------------------------------------------------------

    def fire_due(self, now: datetime) -> int:
        """Fire timers, one a transaction, until none is due; returns how many."""
        fired = 0
        while self._fire_one(now):
            fired += 1
        return fired

    def _fire_one(self, now: datetime) -> bool:
        tried: list[timers.Timer] = []

        def work(tx: Transaction) -> bool:
            tried[:] = timers.due(tx, now, 1)
            for timer in tried:
                self.runner.timer(tx, timer, now)
            return bool(tried)

        try:
            return self.house.committer.submit(work)
        except Exception:
            if not tried:
                raise
            log.exception("timer failed", extra={"timer": tried[0].id, "name_of_timer": tried[0].name})
            self._put_back(tried[0], now)
            return True

    def _put_back(self, timer: timers.Timer, now: datetime) -> None:
        def work(tx: Transaction) -> None:
            if timers.failed(tx, timer.id, now + INBOX_BACKOFF):
                _wake(tx, self.runner, now)

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
        except Exception:
            if not tried:
                raise
            log.exception("message not handled", extra={"inbox": tried[0].id})
            kept = tried[0]

            def put_back(tx: Transaction) -> None:
                if inbox.failed(tx, kept.id, now + INBOX_BACKOFF * (kept.failures + 1)):
                    _wake(tx, self.runner, now)

            self.house.committer.submit(put_back)
            return True

    # --- sending ------------------------------------------------------------------------------------------------------

    def send_pending(self, now: datetime) -> int:
        """Claim, send, mark: in small batches, pages first. Returns how many were tried."""
        tried = 0
        names = tuple(self.channels)
        self.house.committer.submit(lambda tx: (outbox.expire(tx, now), outbox.strand(tx, now)))
        while True:
            claimed = self.house.committer.submit(lambda tx: claiming.claim(tx, now, BATCH, names))
            if not claimed:
                return tried
            for one in claimed:
                self._send(one, now)
            tried += len(claimed)

    def _send(self, one: Claimed, now: datetime) -> None:
        """One text. The facts of a page are read again first: taken meanwhile, it is not sent."""
        if one.kind is Sending.PAGE and not self._page_is_wanted(one):
            self.house.committer.submit(lambda tx: outbox.status(tx, one.id, Status.CANCELLED))
            return
        if one.address is None:
            self._mark_failed(one, Reason.DEAD_NUMBER, now)
            return
        outgoing = Outgoing(one.id, one.address, one.text, "", not_after=one.expires_at)
        try:
            sent = self.channels[one.channel].send(outgoing)
        except SendFailed as failure:
            self._failed(one, failure, now)
            return
        self.house.committer.submit(lambda tx: outbox.sent(tx, one.id, sent.external_id, now))

    def _page_is_wanted(self, one: Claimed) -> bool:
        def work(tx: Transaction) -> bool:
            if one.alert is None or one.serial is None or one.staff is None:
                return True
            return alarms.still_wanted(tx, one.alert, one.serial, people.load(tx, one.staff).name)

        return self.house.committer.submit(work)

    def _failed(self, one: Claimed, failure: SendFailed, now: datetime) -> None:
        log.warning("send failed", extra={"outbox": one.id, "reason": str(failure.reason), "code": failure.code})
        steps = PAGE_BACKOFF if one.kind is Sending.PAGE else BACKOFF
        last = one.attempts >= len(steps) and one.kind is not Sending.PAGE
        wait = failure.retry_after or steps[min(one.attempts, len(steps)) - 1]
        again = now + timedelta(seconds=wait)
        if failure.in_doubt:
            repeat = again if one.repeat_in_doubt and not last else None
            self.house.committer.submit(lambda tx: outbox.in_doubt(tx, one.id, repeat))
        elif failure.retry and not last:
            self.house.committer.submit(lambda tx: outbox.failed(tx, one.id, failure.reason, again))
        else:
            self._mark_failed(one, failure.reason, now)

    def _mark_failed(self, one: Claimed, reason: Reason, now: datetime) -> None:
        """It will not leave: whoever answers for the child is told, and nothing is shown as sent."""

        def work(tx: Transaction) -> None:
            outbox.failed(tx, one.id, reason)
            audit.record(tx, now, "ticker", "send.failed", one.id, reason)
            if one.conversation is not None and one.contact is not None:
                bounced = events.SendBounced(now, reason)
                self.runner.handle(tx, conversations.load(tx, one.conversation), bounced)

        self.house.committer.submit(work)

    def report(self, outbox_id: str, status: Status, reason: Reason | None, now: datetime) -> None:
        """What a provider says became of a text; reports arrive out of order and never move a status back."""

        def work(tx: Transaction) -> None:
            if not outbox.status(tx, outbox_id, status, reason) or reason is None:
                return
            shown = outbox.look(tx, outbox_id)
            if shown is not None and shown.conversation is not None and shown.contact is not None:
                conversation = conversations.load(tx, shown.conversation)
                self.runner.handle(tx, conversation, events.SendBounced(now, reason))

        self.house.committer.submit(work)


def _wake(tx: Transaction, runner: Runner, now: datetime) -> None:
    """Something failed three times: a person must look; a child's text is not lost to a bug."""
    text = pages.about("unhandled", "")
    for person in people.on_duty(tx, now):
        alarms.notice(tx, runner.house, person.name, text, now)
    audit.record(tx, now, "ticker", "unhandled")
