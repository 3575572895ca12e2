"""The thread: every text in and out, under the contact's own key. May not change or drop one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, insert, select

from storage import codec, ids, tables
from storage.codes import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_M: Final = tables.messages.c
_ADD: Final = insert(tables.messages)
_COLUMNS: Final = (
    _M.id,
    _M.conversation_id,
    _M.direction,
    _M.channel,
    _M.at,
    _M.external_id,
    _M.key,
    _M.locale,
    _M.value,
)
_BY_ID: Final = select(*_COLUMNS).where(_M.id == bindparam("message"))
_IN_ITS_THREAD: Final = _BY_ID.where(_M.conversation_id == bindparam("conversation"))
_KEY: Final = _IN_ITS_THREAD.with_only_columns(_M.key)
_SINCE: Final = (
    select(*_COLUMNS).where(_M.conversation_id == bindparam("conversation"), _M.id > bindparam("since")).order_by(_M.id)
)
_NEWEST: Final = select(_M.id).where(_M.conversation_id == bindparam("conversation")).order_by(_M.id.desc()).limit(1)
_OF: Final = select(*_COLUMNS).where(_M.conversation_id == bindparam("conversation")).order_by(_M.id)

_AT_ONCE: Final = (
    select(_M.id)
    .where(_M.conversation_id == bindparam("conversation"), _M.at == bindparam("at"), _M.direction == Direction.IN)
    .limit(1)
)
_OF_CONTACT: Final = select(tables.conversations.c.id).where(tables.conversations.c.contact_id == bindparam("contact"))
_LAST: Final = select(func.max(_M.at)).where(
    _M.conversation_id.in_(_OF_CONTACT), _M.channel == bindparam("channel"), _M.direction == bindparam("direction")
)
_LAST_OF_KEY: Final = _LAST.where(_M.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Message:
    """One text. `by`: `child`, `bot`, or the worker who wrote it; `key`: the catalogue entry it was made from."""

    id: str
    conversation: str
    direction: Direction
    channel: str
    text: str
    at: datetime
    by: str
    external_id: str | None = None
    key: str | None = None
    locale: str | None = None


def add(  # noqa: PLR0913 - a text has this many parts
    tx: Transaction,
    conversation: str,
    direction: Direction,
    channel: str,
    text: str,
    at: datetime,
    *,
    by: str | None = None,
    external_id: str | None = None,
    key: str | None = None,
    locale: str | None = None,
) -> str:
    """Keep a text; returns its id. `by` is the child for what came in and the bot for what went out, unless named."""
    named = by or ("child" if direction is Direction.IN else "bot")
    given = Message(ids.new(), conversation, direction, channel, text, at, named, external_id, key, locale)
    tx.write(_ADD, _row(tx, given))
    return given.id


def load(tx: Transaction, message: str, conversation: str | None = None) -> Message:
    """One text. Name its conversation where it is known: without it every text there is has to be looked through."""
    if conversation is None:
        return _message(tx, tx.execute(_BY_ID, {"message": message}).one())
    return _message(tx, tx.execute(_IN_ITS_THREAD, {"message": message, "conversation": conversation}).one())


def last_at(
    tx: Transaction, contact: str, channel: str, direction: Direction, key: str | None = None
) -> datetime | None:
    """When a contact last wrote on a channel, or we last wrote there (under a key); None for never."""
    asked = {"contact": contact, "channel": channel, "direction": direction}
    found = tx.execute(_LAST, asked) if key is None else tx.execute(_LAST_OF_KEY, asked | {"key": key})
    at: datetime | None = found.scalar()
    return at


def find(tx: Transaction, message: str, conversation: str) -> Message | None:
    """One text of a conversation; None for an id that is none of its texts, from wherever it came."""
    row = tx.execute(_IN_ITS_THREAD, {"message": message, "conversation": conversation}).first()
    return None if row is None else _message(tx, row)


def key_of(tx: Transaction, message: str, conversation: str) -> str | None:
    """Under which key of the catalogue a text of a conversation was said; None for a person's words. Opens nothing."""
    rows = tx.read(_KEY, {"message": message, "conversation": conversation})
    return rows[0][0] if rows else None


def of(tx: Transaction, conversation: str) -> tuple[Message, ...]:
    """The thread, oldest first."""
    return tuple(_message(tx, row) for row in tx.execute(_OF, {"conversation": conversation}).all())


def after(tx: Transaction, conversation: str, since: str) -> tuple[Message, ...]:
    """What came into the thread after a message, oldest first."""
    rows = tx.execute(_SINCE, {"conversation": conversation, "since": since}).all()
    return tuple(_message(tx, row) for row in rows)


def newest(tx: Transaction, conversation: str) -> str:
    """The id of the last text of a thread; empty when nothing was said."""
    return str(tx.execute(_NEWEST, {"conversation": conversation}).scalar() or "")


def _row(tx: Transaction, message: Message) -> dict[str, Any]:
    value = codec.dump_plain([message.text, message.by])
    return {
        "id": message.id,
        "conversation_id": message.conversation,
        "direction": message.direction,
        "channel": message.channel,
        "external_id": None if message.external_id is None else message.external_id[:80],
        "key": message.key,
        "locale": message.locale,
        "value": tx.key_of(message.conversation).seal(value, "messages", message.id),
        "at": message.at,
    }


def _message(tx: Transaction, row: Any) -> Message:  # noqa: ANN401 - a row
    text, by = codec.load_plain(tx.key_of(row.conversation_id).open_bytes(row.value, "messages", row.id))
    return Message(
        id=row.id,
        conversation=row.conversation_id,
        direction=row.direction,
        channel=row.channel,
        text=text,
        at=row.at,
        by=by,
        external_id=row.external_id,
        key=row.key,
        locale=row.locale,
    )


def is_reply(tx: Transaction, conversation: str, at: datetime) -> bool:
    """Whether something that was said at a time answered a text of the child of that very moment."""
    return tx.execute(_AT_ONCE, {"conversation": conversation, "at": at}).first() is not None
