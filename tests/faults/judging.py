"""What must hold afterwards, read from the database itself and from what the provider was given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import select

from bot import app, bundling, watchdog
from bot.channels import sms, voice
from bot.channels.base import Inbound, Sent
from bot.config import load
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Level, Service
from storage import alerts, answers, audit, contacts, conversations, inbox, messages, tables
from storage.codes import Direction, Sending, Status
from storage.commit import Committer
from tests.faults.children import MOST, Child
from tests.faults.provider import FINE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from bot.channels.base import Arrived, Outgoing
    from storage.database import Database, Transaction
    from tests.faults.children import Crowd
    from tests.faults.program import Program
    from tests.faults.provider import Provider

# Leases of a process that was killed run out after a minute; nothing else of a conversation is due so soon.
LATER: Final = timedelta(seconds=61)
LEFT: Final = frozenset({Status.SENT, Status.DELIVERED})


@dataclass(frozen=True, slots=True)
class House:
    """The program's own parts on its database, in this process."""

    database: Database
    committer: Committer
    runner: Runner
    ticker: Ticker
    channel: sms.Sms

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.channel._client.http_client.close()
        self.committer.close()
        self.database.close()

    def settle(self, now: datetime, provider: Provider) -> None:
        """Do all that is due at a time."""
        # A long run outlasts the minutes after which a page that nobody answers rings.
        ticker = Ticker(self.runner, {name: ByHand(name, provider) for name in ("sms", voice.NAME)})
        for _ in range(10_000):
            if not ticker.round(now).any:
                return
        raise AssertionError("there is no end to it")

    def texts(self, child: Child, now: datetime) -> None:
        """A child texts all they have to say, with nothing going wrong."""
        for index, words in enumerate(child.texts):
            self.runner.accept(Inbound("sms", child.sid(index), child.address, words, None, now))


class ByHand:
    """Gives texts and calls to the provider without a connection: what is left over after a fault need not take its time."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name = name
        self.provider = provider

    def send(self, outgoing: Outgoing) -> Sent:
        form = {"StatusCallback": f"/{outgoing.outbox_id}", "To": outgoing.to, "Body": outgoing.text}
        assert self.provider.next(form) == FINE
        return Sent("by hand")

    def parse(self, arrived: Arrived) -> None:
        """Nothing comes in this way."""


def house(program: Program, timeout: float = 10.0) -> House:
    """`timeout`: seconds for one exchange with the provider."""
    settings = load(program.settings)
    database = program.database()
    committer = Committer(database)
    runner = Runner(app.furnish(committer, settings))
    config = app.twilio(settings)
    assert config is not None
    held = {name: getattr(config, name) for name in sms.Config.__slots__} | {"timeout": timeout}
    channel = sms.Sms(sms.Config(**held))
    return House(database, committer, runner, Ticker(runner, {"sms": channel}), channel)


def thread(tx: Transaction, address: str) -> tuple[messages.Message, ...]:
    """Every text with one number, of the one conversation it must have."""
    contact = contacts.known(tx, Service.TEXT_SAFE, "sms", address)
    assert contact is not None
    (only,) = conversations.of_contact(tx, contact.id)
    return messages.of(tx, only.id)


def turns(found: tuple[messages.Message, ...]) -> list[tuple[str, str, list[str | None]]]:
    """Each text of a child by its provider's id, its words, and the keys it was answered with."""
    made: list[tuple[str, str, list[str | None]]] = []
    for one in found:
        if one.direction is Direction.IN:
            made.append((one.external_id or "", one.text, []))
        # What time brings (a child who waits, who went quiet) comes minutes later and answers no text.
        elif one.at - next(held.at for held in reversed(found) if held.external_id == made[-1][0]) < LATER:
            made[-1][2].append(one.key)
    return made


def everyone_was_answered(ours: House, crowd: Crowd, now: datetime) -> None:
    """Each text of each child: once, in order, answered as when nothing goes wrong."""
    untroubled = Child(MOST), Child(MOST + 1)
    for child in untroubled:
        ours.texts(child, now)
    with ours.database.transaction() as tx:
        replies = {child.discloses: [keys for _, _, keys in turns(thread(tx, child.address))] for child in untroubled}
        for child in crowd.children:
            wanted = zip(
                (child.sid(index) for index in range(len(child.texts))),
                child.texts,
                replies[child.discloses],
                strict=True,
            )
            assert turns(thread(tx, child.address)) == list(wanted), child.number
        assert all(replies[True]), "every text has an answer"
        assert inbox.waiting(tx) == 0


def every_disclosure_was_paged(ours: House, crowd: Crowd, provider: Provider, now: datetime) -> int:
    """One alert each, whose pages reached the provider, but for calls to an engaged line; returns how many alerts."""
    given = {one.outbox for one in provider.taken}
    count = 0
    with ours.database.transaction() as tx:
        for child in crowd.children:
            contact = contacts.known(tx, Service.TEXT_SAFE, "sms", child.address)
            assert contact is not None
            (only,) = conversations.of_contact(tx, contact.id)
            raised = alerts.of(tx, only.id)
            assert len(raised) == child.discloses
            assert [heeded.concern.level for heeded in answers.concerns(tx, only.id)] == [Level.L3] * child.discloses
            for alert in raised:
                pages = alerts.pages(tx, alert.id)
                assert pages
                left = given | _grouped(tx)
                assert pages[0].outbox in left
                assert {page.outbox for page in pages} <= left | _engaged(tx, now)
                count += 1
    return count


def _grouped(tx: Transaction) -> set[str | None]:
    """Pages that left in one text with another."""
    outbox = tables.outbox.c
    asked = select(outbox.id).where(outbox.kind == Sending.PAGE, outbox.provider_id.is_(None), outbox.status.in_(LEFT))
    return set(tx.execute(asked).scalars())


def _engaged(tx: Transaction, now: datetime) -> set[str | None]:
    """Calls that wait because another to the same person may still ring (`bundling.engaged`)."""
    outbox = tables.outbox.c
    asked = select(outbox.id, outbox.staff_id, outbox.status, outbox.sent_at).where(outbox.channel == voice.NAME)
    calls = tx.execute(asked).all()
    busy = {call.staff_id for call in calls if call.sent_at is not None and call.sent_at > now - bundling.CALL}
    return {call.id for call in calls if call.status is Status.WAITING and call.staff_id in busy}


def what_was_sent_left(ours: House, provider: Provider, now: datetime) -> int:
    """Every text that is shown as sent was given to the provider, and every one was sent, but for calls to somebody whose
    telephone rings already; returns how many.
    """
    given = {one.outbox for one in provider.taken}
    with ours.database.transaction() as tx:
        outbox = tables.outbox.c
        asked = select(outbox.id, outbox.kind, outbox.status, outbox.channel)
        rows = tx.execute(asked.where(outbox.channel != watchdog.NAME)).all()
        grouped, engaged = _grouped(tx), _engaged(tx, now)
    # A call that was placed when the program was killed waits again, although it rang.
    wanted = {row.id for row in rows} - grouped - (engaged - given)
    assert _kinds(rows, {row.id for row in rows if row.status not in LEFT} - engaged) == {}, "not sent"
    assert _kinds(rows, wanted - given) == {}, "shown as sent, and never given to the provider"
    assert wanted == given - grouped
    return len(rows) - len(engaged)


def _kinds(rows: Sequence[Row[*tuple[Any, ...]]], of: set[str | None]) -> dict[tuple[str, str, str], int]:
    """How many of each kind, channel and status: what a failure tells."""
    return Counter((row.kind, row.channel, row.status) for row in rows if row.id in of)


def the_chain_is_whole(ours: House) -> int:
    """No line of the audit is broken; returns how many there are."""
    with ours.database.transaction() as tx:
        assert audit.verify(tx) is None
        return audit.head(tx)[0]
