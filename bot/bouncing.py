"""Who hears that a text or a page did not reach whom it was for. May not send or mark anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import conflict, paging, waking, window
from bot.channels.base import Reason
from flows import events
from storage import audit, conversations, outbox
from storage.codes import Sending
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import Runner
    from storage.claiming import Outgoing
    from storage.database import Transaction


def bounced(tx: Transaction, runner: Runner, outbox_id: str, reason: str, now: datetime) -> None:
    """A text to a child did not reach them: an event of their conversation. Of an erased child nobody is told, of one whom no key
    opens whoever is on duty.

    A page did not reach its person: they are tried once more, by what there is.
    """
    shown = outbox.look(tx, outbox_id)
    if shown is not None and shown.kind is Sending.PAGE:
        paging.failed(tx, runner.house, outbox_id, reason, now)
    if shown is None or shown.conversation is None or shown.contact is None:
        return
    try:
        conversation = conversations.load(tx, shown.conversation)
    except Erased:
        return
    except SealBroken:
        kept = conflict.kept_from(tx, shown.conversation)
        case = conversations.contact_of(tx, shown.conversation).reference
        waking.wake(tx, runner.house, now, "cannot_text_back", case, kept)
        return
    runner.handle(tx, conversation, events.SendBounced(now, reason))


def unopened(tx: Transaction, runner: Runner, one: Outgoing, now: datetime) -> None:
    """No key opens a text or its address. Of a child's whoever answers for them is told, once; whoever a page was for is tried by
    another way of theirs, each time anew. Call it before the row is marked.
    """
    shown = outbox.look(tx, one.id)
    if one.kind is Sending.PAGE:
        paging.stuck(tx, runner.house, one.id, outbox.SEALED, now)
    if shown is None or shown.error == outbox.SEALED:
        return
    audit.record(tx, now, "ticker", "send.failed", one.id, outbox.SEALED)
    if one.kind is Sending.SAY:
        bounced(tx, runner, one.id, outbox.SEALED, now)


def let_go(tx: Transaction, runner: Runner, one: str, now: datetime) -> None:
    """One that came too late to be sent, or may have been sent by a process that died."""
    reason = lose(tx, one, now)
    if reason is None:
        return
    audit.record(tx, now, "ticker", "send.failed", one, reason)
    if not is_told(tx, one):
        bounced(tx, runner, one, reason, now)


def lose(tx: Transaction, one: str, now: datetime) -> Reason | None:
    """Mark it so; None when it is neither, or another process has it."""
    if outbox.expire(tx, one, now):
        return Reason.EXPIRED
    return Reason.IN_DOUBT if outbox.strand(tx, one, now) else None


def is_told(tx: Transaction, outbox_id: str) -> bool:
    """Whether nobody need hear that a text came too late: it was the bot's and held, or somebody heard that no key opens it."""
    shown = outbox.look(tx, outbox_id)
    return shown is not None and (shown.error == outbox.SEALED or window.bots_own(tx, shown))
