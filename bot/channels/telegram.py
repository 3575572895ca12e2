"""Telegram: the only file that imports `telegram`, for its `Bot` and its reading of updates. Translates, decides nothing.

What comes in is believed only under the secret we gave Telegram, or when we fetched it ourselves. Of a person only the
numeric id leaves this file. The token is part of every address that is called, so no error of the library and no line of
its log leaves it either. It has no state: what was taken is known by what is stored.

`protect_content` is set: with two taps a text could else be passed on to somebody the child fears. Numbers in it can
still be called. There is no preview, no markup, and nothing in groups or channels, where others read along.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.channels import pace, telegram_codes, telegram_reading, telegram_words
from bot.channels.base import PACED, Forged, Malformed, Reason, SendFailed, Sent
from bot.channels.one_loop import OneLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from bot.channels.base import Arrived, Button, Inbound, Outgoing
    from bot.channels.telegram_reading import Taken

log = logging.getLogger(__name__)

API: Final = "https://api.telegram.org"
SECRET: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
WANTED: Final = ("message", "edited_message", "callback_query")
_WIDE: Final = 24  # signs on the buttons of one row; beyond, each has a row of its own
_NOT_SENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"})

# Whatever the library may trip over in what it has never seen (its warnings too, where those are errors).
_ODD: Final = (
    *(TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RuntimeError, AssertionError),
    *(TelegramError, CancelledError, Warning),
)


class BadSetting(ValueError):
    """A setting that Telegram's channel cannot start with: its name, and how to mend it; never its value."""


@dataclass(frozen=True, slots=True)
class Config:
    """Telegram's settings. Without `secret` nothing that is brought to us is believed. `timeout`: seconds an exchange."""

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    api_base: str = API
    timeout: float = 10.0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{30,}", self.token):
            raise BadSetting("WAYMARK_TELEGRAM_TOKEN: must be the token as BotFather gave it")
        if self.secret and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", self.secret):
            raise BadSetting("WAYMARK_TELEGRAM_WEBHOOK_SECRET: must be 16 to 256 letters, digits, _ or -")


class Telegram:
    """Texts by Telegram. `clock`: seconds that only rise, for pacing."""

    name = "telegram"

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.config = config
        self._pace = pace.Pace(clock)
        self._loop = OneLoop("telegram")

    # --- in ---

    def parse(self, arrived: Arrived) -> Inbound | None:
        """Read what was brought to us. Raises `Forged` or `Malformed`."""
        return self.take(arrived).inbound

    def take(self, arrived: Arrived) -> Taken:
        """As `parse`, with what is needed to answer a pressed button."""
        given = arrived.headers.get(SECRET, "")
        if not self.config.secret or not hmac.compare_digest(given.encode(), self.config.secret.encode()):
            raise Forged(SECRET)
        try:
            raw = json.loads(arrived.body)
        except (ValueError, RecursionError):
            raise Malformed("not_json") from None
        return read(raw, arrived.at)

    def fetch(self, offset: int | None, wait: int) -> tuple[Any, ...]:
        """Raw updates from `offset` on, which tells Telegram that all before are stored; waits for one up to `wait` s."""
        asked: dict[str, Any] = {"timeout": wait, "allowed_updates": list(WANTED)}
        if offset is not None:
            asked["offset"] = offset
        got = self._ask(lambda: self._bot.raw("getUpdates", asked, wait + self.config.timeout), extra=wait)
        return tuple(got) if isinstance(got, list) else ()

    def read(self, raw: object, at: datetime) -> Taken:
        """One update that was fetched. Raises `Malformed`."""
        return read(raw, at)

    # --- out ---

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand one text to Telegram. Raises `SendFailed`; `in_doubt` when it left and no answer came back."""
        if not outgoing.text.strip() or telegram_words.units(outgoing.text) > telegram_words.LONGEST:
            raise SendFailed(Reason.REJECTED, code="length")
        chat = _chat(outgoing.to)
        if again := self._pace.wait(outgoing.to):
            raise SendFailed(Reason.THROTTLED, code=PACED, retry_after=again)
        message = self._ask(
            lambda: self._bot.send_message(
                chat_id=chat,
                text=telegram_words.keepable(outgoing.text),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                protect_content=True,
                reply_markup=_keyboard(outgoing.message, outgoing.buttons),
            )
        )
        return Sent(str(message.message_id))

    def remove(self, to: str, external_ids: Sequence[str]) -> None:
        """Take up to 100 texts, theirs or ours, out of a private chat; of what is older than 48 hours nothing goes."""
        chat, numbers = _chat(to), [int(one) for one in external_ids]
        try:
            self._ask(lambda: self._bot.delete_messages(chat, numbers))
        except SendFailed as failure:
            if failure.reason is not Reason.REJECTED or len(numbers) == 1:
                raise
        else:
            return
        # One that cannot be removed must not keep the others.
        for number in numbers:
            self._remove_one(chat, number)

    def _remove_one(self, chat: int, number: int) -> None:
        try:
            self._ask(lambda: self._bot.delete_messages(chat, [number]))
        except SendFailed as failure:
            if failure.reason is not Reason.REJECTED:
                raise

    def taken(self, arrived: Arrived) -> None:
        """Let a button that was pressed come to rest, if it was one."""
        self.answer(self.take(arrived).query)

    def answer(self, query: str | None) -> None:
        """Let a pressed button come to rest. Whatever goes wrong harms nobody: it comes to rest by itself."""
        if query is None:
            return
        try:
            self._ask(lambda: self._bot.answer_callback_query(query))
        except SendFailed as failure:
            log.info("button not answered", extra={"reason": str(failure.reason), "code": failure.code})

    # --- how updates come ---

    def bring_to(self, url: str) -> None:
        """Have updates brought to `url`, with our secret; those that wait are kept. Raises `SendFailed`."""
        self._ask(
            lambda: self._bot.set_webhook(
                url, secret_token=self.config.secret, allowed_updates=WANTED, max_connections=40
            )
        )

    def bring_nowhere(self) -> None:
        """Have updates wait until they are fetched. Raises `SendFailed`."""
        self._ask(lambda: self._bot.delete_webhook(drop_pending_updates=False))

    def close(self) -> None:
        """Close the connections and the thread."""
        if "_bot" in self.__dict__:
            self._loop.run(self._bot.ended(), self.config.timeout)
            del self.__dict__["_bot"]
        self._loop.close()

    @cached_property
    def _bot(self) -> _Bot:
        return _Bot(self.config)

    def _ask(self, call: Callable[[], Coroutine[Any, Any, Any]], extra: float = 0.0) -> Any:  # noqa: ANN401 - Telegram's answer
        """One call, from a plain thread. Whatever goes wrong is a `SendFailed` that nothing of the library hangs on."""
        try:
            return self._loop.run(call(), self.config.timeout + extra)
        except _Declined as declined:
            failed = declined.failure
        except TelegramError as error:
            failed = _unanswered(error)
        except _ODD as error:
            # It was taken, or nobody can say; the error's own text has the token in it.
            failed = SendFailed(Reason.IN_DOUBT, code=type(error).__name__)
        raise failed


# --- the library, held ------------------------------------------------------------------------------------------------


class _Declined(TelegramError):
    """Telegram said no, in its own words, which stay here."""

    def __init__(self, failure: SendFailed) -> None:
        super().__init__("declined")
        self.failure = failure


class _Request(HTTPXRequest):
    """The library's own way out, without its reading of refusals: it drops their codes, and logs what it cannot read."""

    async def do_request(self, *args: Any, **more: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the library has it
        status, body = await super().do_request(*args, **more)
        if not 200 <= status <= 299:  # noqa: PLR2004 - HTTP's successes
            raise _Declined(_refused(status, body))
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            read = json.loads(payload)
        except (ValueError, RecursionError):
            read = None
        if not isinstance(read, dict) or "result" not in read:
            # It answered, and nobody can say what.
            raise _Declined(SendFailed(Reason.IN_DOUBT, code="unreadable"))
        return read


class _Bot(Bot):
    """The library's bot on our way out. It is never started: that would only ask who we are."""

    def __init__(self, config: Config) -> None:
        ways = [_request(config) for _ in range(2)]
        super().__init__(
            config.token, base_url=f"{config.api_base.rstrip('/')}/bot", request=ways[0], get_updates_request=ways[1]
        )
        self._ways = ways

    async def raw(self, method: str, asked: dict[str, Any], seconds: float) -> object:
        """An answer as it came: the library's own `get_updates` logs updates that it cannot read, words and all."""
        return await self._post(method, asked, read_timeout=seconds)

    async def ended(self) -> None:
        """Close what is open."""
        for way in self._ways:
            await way.shutdown()


def _request(config: Config) -> _Request:
    return _Request(
        connection_pool_size=8,
        read_timeout=config.timeout,
        write_timeout=config.timeout,
        connect_timeout=config.timeout / 2,
        pool_timeout=config.timeout / 2,
        # A proxy named in the environment would see the token, and every child's words.
        httpx_kwargs={"trust_env": False, "follow_redirects": False},
    )


def _refused(status: int, body: bytes) -> SendFailed:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = None
    said = read if isinstance(read, dict) else {}
    more = said.get("parameters")
    after = more.get("retry_after") if isinstance(more, dict) else None
    why, code = telegram_codes.reason(status, str(said.get("description", "")))
    wait = float(min(after, 3600)) if isinstance(after, int) and not isinstance(after, bool) and after > 0 else None
    return SendFailed(why, code=code, retry_after=wait)


def _unanswered(error: TelegramError) -> SendFailed:
    """Surely not sent when no connection came to be; else it may have left."""
    cause = type(error.__cause__).__name__ if isinstance(error, NetworkError | TimedOut) else type(error).__name__
    return SendFailed(Reason.TRANSIENT if cause in _NOT_SENT else Reason.IN_DOUBT, code=cause)


def _chat(to: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,15}", to):
        raise SendFailed(Reason.DEAD_NUMBER, code="no_chat")
    return int(to)


def _keyboard(message: str | None, buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Short answers side by side, long ones under each other; the numbers stay on them, for those who type."""
    if message is None or not buttons:
        return None
    made = [
        InlineKeyboardButton(f"{one.number} {one.label}", callback_data=telegram_words.mark(message, one.number))
        for one in buttons
    ]
    wide = sum(len(one.text) for one in made) > _WIDE
    return InlineKeyboardMarkup([[one] for one in made] if wide else [made])


def read(raw: object, at: datetime) -> Taken:
    """One update as Telegram describes it. Raises `Malformed` for what is none; what is not for us is `Taken` empty."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not telegram_reading.is_id(number, least=0):
        raise Malformed("no_update_id")
    try:
        return telegram_reading.taken(Update.de_json(raw, None), raw, at)
    except _ODD:
        # The library has never seen the like; a child may have sent it all the same.
        return telegram_reading.unread(raw, at)
