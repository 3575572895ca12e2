"""What an update of Telegram's is to us: a text, media, a pressed button, or nothing. Pure; sees the library's values only.

May not keep anything of a person but the numeric id, nor of a thing that was sent but its kind, and of a place what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.channels import telegram_words
from bot.channels.base import Inbound, placed

if TYPE_CHECKING:
    from datetime import datetime

Made: TypeAlias = Any  # a value of the library's, known by its attributes: the library itself stays in its one file

CHANNEL: Final = "telegram"
LOCATION: Final = "location"
_HIGHEST: Final = 2**53  # ids have at most 52 significant bits
_KINDS: Final = (
    ("photo", "photo"),
    ("voice", "voice"),
    ("audio", "voice"),
    ("video", "video"),
    ("video_note", "video"),
    ("animation", "video"),
    ("sticker", "sticker"),
    ("dice", "sticker"),
    ("venue", LOCATION),
    ("location", LOCATION),
    ("contact", "contact"),
)
# What Telegram itself says in a chat: nobody wrote it. Whatever is none of these and no text is something a child sent.
_SERVICE: Final = re.compile(
    r"(?:new|left|delete|migrate|group|channel|supergroup|forum|general_forum|video_chat|giveaway|boost|chat)_\w+"
    r"|pinned_message|message_auto_delete_timer_changed|write_access_allowed|connected_website|proximity_alert_triggered"
    r"|users_shared|web_app_data|successful_payment|refunded_payment|passport_data"
)
_FRAME: Final = frozenset(
    re.findall(
        r"\w+",
        """message_id from chat date edit_date via_bot reply_to_message forward_origin quote media_group_id author_signature
        has_protected_content is_from_offline sender_business_bot effect_id reply_markup link_preview_options entities
        show_caption_above_media has_media_spoiler external_reply reply_to_story caption_entities caption sender_tag
        is_automatic_forward message_thread_id paid_star_count sender_boost_count""",
    )
)


@dataclass(frozen=True, slots=True)
class Taken:
    """One update, read. `inbound` is None for what is not for us; `query`: a pressed button that waits to be answered."""

    update: int
    inbound: Inbound | None = None
    query: str | None = None


def taken(update: Made, raw: dict[str, Any], at: datetime) -> Taken:
    """An update as the library read it and as it came. What is not a private chat's, or nobody wrote, is `Taken` empty."""
    query = update.callback_query
    if query is not None:
        return Taken(update.update_id, _from_button(update.update_id, query, at), str(query.id))
    message = update.message or update.edited_message
    if message is None or message.from_user is None or not _private(message.chat, message.from_user):
        return Taken(update.update_id)
    return Taken(update.update_id, _from_message(update, raw, at))


def _private(chat: Made, sender: Made) -> bool:
    """A chat of one person with us: in it both have the same id. Nothing else is read, kept or answered."""
    return chat.type == "private" and chat.id == sender.id and not sender.is_bot and is_id(chat.id)


def is_id(given: object, least: int = 1) -> bool:
    """Whether it is a number as Telegram numbers things."""
    return isinstance(given, int) and not isinstance(given, bool) and least <= given < _HIGHEST


def _from_message(update: Made, raw: dict[str, Any], at: datetime) -> Inbound | None:
    message = update.message or update.edited_message
    said = message.text if message.text is not None else message.caption
    media = None if message.text is not None else media_of(raw.get("message") or raw["edited_message"])
    if said is None and media is None:
        return None
    text = None if said is None else telegram_words.keepable(said)
    return Inbound(
        channel=CHANNEL,
        external_id=str(update.update_id),
        address=str(message.chat.id),
        text=telegram_words.plain(text) if text is not None and media is None else text,
        media=media,
        at=at,
        opt_in=text is not None and update.message is not None and telegram_words.starts(text),
        edited=update.message is None,
        removable=str(message.message_id) if is_id(message.message_id) else None,
        place=_place(raw.get("message")) if media == LOCATION else None,
    )


def media_of(raw: dict[str, Any]) -> str | None:
    """The kind of what came, never the thing: whose number it was is not even looked at."""
    kind = next((kind for name, kind in _KINDS if raw.get(name)), None)
    unknown = (name for name in raw if name not in _FRAME and not _SERVICE.fullmatch(name))
    return kind or ("file" if next(unknown, None) else None)


def _place(message: Any) -> str | None:  # noqa: ANN401 - as it came
    """A place in words. What moves on by itself is sent again and again as changed: only where it began is read."""
    venue = message.get("venue") if isinstance(message, dict) else None
    point = message.get("location") if isinstance(message, dict) else None
    named, at = venue if isinstance(venue, dict) else {}, point if isinstance(point, dict) else {}
    found = placed((named.get("title"), named.get("address")), at.get("latitude"), at.get("longitude"))
    return None if found is None else telegram_words.keepable(found)


def _from_button(number: int, query: Made, at: datetime) -> Inbound | None:
    """A pressed button, as the number a child would have typed. One of another chat, or not of ours, is nothing."""
    found = telegram_words.pressed(query.data or "")
    if found is None or query.message is None or not _private(query.message.chat, query.from_user):
        return None
    text, option = found
    return Inbound(CHANNEL, str(number), str(query.from_user.id), option, None, at, pressed=text)


def unread(raw: dict[str, Any], at: datetime) -> Taken:
    """What the library cannot read (it knows no newer Telegram than itself), by hand: words, or that something came."""
    number, message = raw["update_id"], raw.get("message") or raw.get("edited_message")
    if not isinstance(message, dict) or not _private_raw(message.get("chat"), message.get("from")):
        return Taken(number)
    said, of = message.get("text", message.get("caption")), message.get("message_id")
    text = telegram_words.keepable(said) if isinstance(said, str) else None
    media = None if text is not None and "text" in message else media_of(message)
    if text is None and media is None:
        return Taken(number)
    inbound = Inbound(
        channel=CHANNEL,
        external_id=str(number),
        address=str(message["chat"]["id"]),
        text=text,
        media=media,
        at=at,
        edited="message" not in raw,
        removable=str(of) if is_id(of) else None,
        place=_place(raw.get("message")) if media == LOCATION else None,
    )
    return Taken(number, inbound)


def _private_raw(chat: object, sender: object) -> bool:
    if not isinstance(chat, dict) or not isinstance(sender, dict) or chat.get("type") != "private":
        return False
    return is_id(chat.get("id")) and chat["id"] == sender.get("id") and sender.get("is_bot") is not True
