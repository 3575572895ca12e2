"""Records on their way to where they are filed: a signed call, and a folder. Tried again until they are there.

May not send a record to a place that two managers have not said to be right, nor hold a transaction open while the world is
waited for. Every try carries the same id, so that whoever receives it twice knows it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import giving, records
from bot.filing import folder, plain, webhook
from bot.filing.times import stamp
from bot.filing.webhook import NotDelivered
from flows.model import Task
from storage import audit, conversations, deliveries, tasks
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.config import Settings
    from bot.runner import House
    from flows.record import Record
    from storage.database import Transaction
    from storage.deliveries import Delivery

log = logging.getLogger(__name__)

WEBHOOK, FOLDER = "webhook", "folder"
UNCONFIRMED: Final = "unconfirmed"
OVERTAKEN: Final = "overtaken"
_CLAIMED: Final = timedelta(minutes=5)
_AGAIN: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=6)
_TELL_AT: Final = 5
STUCK: Final = Task("filing_stuck", "manager", "today")
BY: Final = "filing"


def places(settings: Settings) -> Mapping[str, str]:
    """Where records are filed: target -> address, as the settings say."""
    found = {WEBHOOK: settings.filing_webhook_url, FOLDER: str(settings.filing_dir or "")}
    return {target: address for target, address in found.items() if address}


def queue(  # noqa: PLR0913, PLR0917 - which record, for whom, from when on
    tx: Transaction, settings: Settings, conversation: str, digest: str, by: str, at: datetime, leaves: datetime
) -> int:
    """Have a record filed everywhere; what was filed with this content is not filed again. Returns to how many places."""
    for target in places(settings):
        deliveries.add(tx, conversation, target, digest, by, at, leaves)
    return len(places(settings))


def confirm(tx: Transaction, settings: Settings, target: str, by: str, at: datetime) -> bool:
    """A manager says that a place is the right one; True when it is the second. Raises SamePerson and KeyError."""
    done = deliveries.confirm(tx, _mark(tx, settings, target), target, by, at)
    if done:
        deliveries.soon(tx, at)
    return done


def is_confirmed(tx: Transaction, settings: Settings, target: str) -> bool:
    """Whether two managers have said that a place is the right one."""
    return deliveries.is_confirmed(tx, _mark(tx, settings, target))


def _mark(tx: Transaction, settings: Settings, target: str) -> bytes:
    secret = settings.filing_webhook_secret if target == WEBHOOK else ""
    return deliveries.mark(tx, target, f"{places(settings)[target]} {secret}")


def send_one(house: House, net: webhook.Net, now: datetime) -> bool:
    """Try one delivery that is due; False when there is none."""
    one = house.committer.submit(lambda tx: _claimed(tx, now))
    if one is None:
        return False
    try:
        there = _deliver(house, one, net, now)
    except Erased:
        # The child was forgotten meanwhile: nothing is left to file.
        house.committer.submit(lambda tx: deliveries.dropped(tx, one, "erased", now))
    except NotDelivered as failure:
        _failed(house, one, failure.code, now)
    else:
        if there:
            house.committer.submit(lambda tx: _arrived(tx, one, now))
    return True


def _claimed(tx: Transaction, now: datetime) -> Delivery | None:
    """One that nobody else tries for a while: a process that dies holds nothing up for longer."""
    one = deliveries.due(tx, now)
    if one is not None:
        deliveries.claim(tx, one, now + _CLAIMED)
    return one


def _deliver(house: House, one: Delivery, net: webhook.Net, now: datetime) -> bool:
    """False where the record says something else by now than what was to arrive: that leaves under a number of its own."""
    settings = house.settings

    def read(tx: Transaction) -> tuple[bool, Record | None]:
        ready = one.target in places(settings) and deliveries.is_confirmed(tx, _mark(tx, settings, one.target))
        record = records.build(tx, house, one.conversation)
        return ready, None if ready and _is_overtaken(tx, one, record, now) else record

    if one.target not in places(settings):
        raise NotDelivered("no_place")
    ready, record = house.committer.submit(read)
    if not ready:
        raise NotDelivered(UNCONFIRMED)
    if record is None:
        return False
    if one.target == FOLDER:
        assert settings.filing_dir is not None
        folder.put(settings.filing_dir, record.case, one.digest, _written(record))
    else:
        told = _told(settings, one, record)
        webhook.send(settings.filing_webhook_url, settings.filing_webhook_secret, one.id, now, told, net)
    return True


def _is_overtaken(tx: Transaction, one: Delivery, record: Record, now: datetime) -> bool:
    """Whether a record says something else than when it was to be filed. It goes as it is now, and waits no longer for that."""
    said = records.digest(record, whole=True)
    if said == one.digest:
        return False
    newer = deliveries.add(tx, one.conversation, one.target, said, one.asked_by, now, now)
    if newer.done_at is None and newer.due_at > now:
        deliveries.claim(tx, newer, now)
    deliveries.dropped(tx, one, OVERTAKEN, now)
    return True


def _written(record: Record) -> str:
    """What a receiver is given, with the digest of just that: between being told and fetching it more may have been said."""
    return plain.write(record, records.digest(record, whole=True))


def _told(settings: Settings, one: Delivery, record: Record) -> dict[str, object]:
    """What the call says: the case by its two words, the outcome, the deadlines, and where the record is fetched."""
    return {
        "case": record.case,
        "outcome": record.outcome,
        "deadlines": [{"rule": d.rule, "due": stamp(d.due), "status": d.status.value} for d in record.deadlines],
        "digest": one.digest,
        "record": f"{settings.public_url}/filing/{one.id}",
    }


def _arrived(tx: Transaction, one: Delivery, now: datetime) -> None:
    if deliveries.arrived(tx, one, now):
        outcome = conversations.peek(tx, one.conversation).outcome or "open"
        tasks.filed(tx, one.conversation, one.target, outcome, one.digest, BY, now)
    if all(other.done_at is not None for other in deliveries.of(tx, one.conversation)):
        for task in tasks.open_of(tx, one.conversation, STUCK.what):
            tasks.done(tx, task.id, BY, now)


def _failed(house: House, one: Delivery, code: str, now: datetime) -> None:
    log.warning("record not delivered", extra={"delivery": one.id, "target": one.target, "reason": code})
    tried = one.attempts + 1
    wait = min(_AGAIN * 2 ** min(one.attempts, 10), _LONGEST)

    def work(tx: Transaction) -> None:
        deliveries.failed(tx, one, code, now + wait)
        # One a record, however many places and versions wait.
        if tried == _TELL_AT and not tasks.open_of(tx, one.conversation, STUCK.what):
            giving.work(tx, house, STUCK, now, conversation=one.conversation)

    house.committer.submit(work)


def is_receiver(settings: Settings, delivery: str, given: Mapping[str, str], now: datetime) -> bool:
    """Whether whoever asks holds the secret of the webhook, and asks for this delivery now."""
    secret = settings.filing_webhook_secret
    try:
        return bool(secret) and webhook.is_receiver(secret, delivery, given, now)
    except NotDelivered:  # a secret that signs nothing lets nobody in
        return False


def fetch(tx: Transaction, house: House, delivery: str, now: datetime) -> str | None:
    """The record of a delivery, for its receiver; None for what is not there, not confirmed or erased."""
    one = deliveries.find(tx, delivery)
    if one is None or one.target != WEBHOOK or WEBHOOK not in places(house.settings):
        return None
    if not is_confirmed(tx, house.settings, WEBHOOK) or conversations.contact_of(tx, one.conversation).erased:
        return None
    audit.record(tx, now, BY, "record.fetched", one.conversation, one.id)
    return _written(records.build(tx, house, one.conversation))
