"""Builds everything once: settings -> database -> library -> channels -> runner. May not run anything."""

from __future__ import annotations

import contextlib
import gc
import re
import unicodedata
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot import calendar, i18n, spoken
from bot.channels import email, sms, voice, webchat
from bot.config import Settings, SettingsError, key_text
from bot.runner import House, unobserved
from bot.shelf import Shelf
from flows import listening, loader, tongues, whole
from flows.listening import model as listening_model
from flows.model import Heard
from storage.commit import look
from storage.database import Database
from storage.keys import Keys, KeysMalformed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from bot.carrying import Observe
    from bot.channels.base import Channel
    from flows.listening.model import Model
    from flows.loader import Source
    from storage.commit import Committer

# A text longer than this is not marked word by word for the manager: all of it is to be read.
_TOLD = 400
_DRAFT = "No native reader has signed what we write in this language yet, so a person must read what is answered."
_NUMBERS = re.compile(r"[\d\s.,()#-]{1,40}")
# In the order in which one stands in for another.
PAGE_METHODS = ("sms", "voice", "telegram", "email")
# How often garbage is looked for while serving, as Python comes: seldom would be long at a time.
_SERVING = (700, 10, 10)
LOCALES = Path(__file__).resolve().parent.parent / "locales"


def source() -> Source:
    """The flow files, read once a process, with whatever else would be read later. Raises LoadError (`file:line`)."""
    return whole.ours()


@lru_cache(maxsize=1)
def ears() -> Model:
    """What listening knows, read once a process."""
    return listening_model.load(loader.LIBRARY / "listening", late=True)


def offered(
    settings: Settings, catalogues: Mapping[str, i18n.Catalogue], turned_on: Collection[str] = ()
) -> tuple[str, ...]:
    """The languages a child is answered in; `turned_on`: those a manager answers for."""
    return spoken.offered(source(), settings, catalogues, turned_on)


def furnish(
    committer: Committer,
    settings: Settings,
    *,
    observe: Observe = unobserved,
    page_methods: tuple[str, ...] = ("sms",),
) -> House:
    """The house everything runs in, on a database that is open."""
    shelf = shelved(settings, page_methods)
    look(committer.database, shelf.look_again)
    listen, tell = partial(_listen_in, shelf, ears()), partial(_tell, ears())
    return House(committer=committer, shelf=shelf, listen=listen, settings=settings, tell=tell, observe=observe)


def shelved(settings: Settings, page_methods: tuple[str, ...] = ("sms",)) -> Shelf:
    """Every flow and text in every language there is; what a manager turned on is not looked up yet."""
    catalogues = i18n.load_catalogues(LOCALES)
    days = calendar.load(settings.timezone)
    return Shelf(source(), catalogues, settings, days, offered(settings, catalogues), LOCALES, page_methods)


def page_methods(channels: Iterable[str]) -> tuple[str, ...]:
    """The ways in which staff can be paged through these channels."""
    return tuple(method for method in PAGE_METHODS if method in channels)


def settle() -> None:
    """Call once when a process that serves is built: what it has then stays to its end, and is not walked again.

    The catalogues, flows and phrases are some 180,000 objects; each full collection stopped every child for a tenth of
    a second and more to find that nothing of it had become garbage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SERVING)


def unheard(committer: Committer, settings: Settings) -> House:
    """A house in which nobody texts and nothing is said: for commands that work on cases, without the second it takes to
    read every language.
    """
    shelf = Shelf(source(), {}, settings, calendar.load(settings.timezone), (), LOCALES)
    return House(committer=committer, shelf=shelf, listen=lambda _text, _context: Heard(), settings=settings)


def _tell(model: Model, text: str, category: str, context: listening.Context) -> listening.Telling:
    return listening.telling(text, category, context, model) if len(text) <= _TOLD else listening.Telling()


def _listen_in(shelf: Shelf, model: Model, text: str, context: listening.Context) -> Heard:
    """As `_listen`. Where our own texts are drafts a person reads every free text, whatever was heard in it and whoever has
    signed the phrases: what the child was asked may have been another question (decisions 9).
    """
    heard = _listen(model, text, context)
    if heard.unscreened is not None or not any(one.isalpha() for one in text) or listening.is_everybodys(text):
        return heard
    reason = " ".join(filter(None, (heard.reason, _DRAFT)))
    if shelf.is_draft(context.locale):
        # A few words in another language that nothing was heard in are to be read, and leave the chat in its own.
        locale = heard.locale if heard.hits else context.locale
        return replace(heard, locale=locale, unscreened="draft_language", reason=reason)
    spoken = tongues.spoken(heard.locale, context.locale, text)
    if spoken in shelf.offered and shelf.is_draft(spoken):
        return replace(heard, unscreened="draft_language", reason=reason)
    return heard


def _listen(model: Model, text: str, context: listening.Context) -> Heard:
    """Listen, in bounded time: one character can be written as eighteen, so a text is measured as it would be read."""
    if _NUMBERS.fullmatch(text):
        # Nothing is said in numbers alone; what they answer is the flow's to know, and 999 is a command.
        return Heard(locale=context.locale)
    read = text[: listening.LONGEST]
    while len(unicodedata.normalize("NFKC", read)) > 2 * listening.LONGEST:
        read = read[: len(read) // 2]
    heard = listening.listen_safely(read, context, model)
    if len(read) == len(text) or heard.unscreened is not None:
        return heard
    return replace(heard, unscreened="too_long", reason=heard.reason or "The text is too long to be heard whole.")


def keys(settings: Settings) -> Keys:
    """The key ring, read again when it was rotated meanwhile. Raises SettingsError with what to do when there is none."""
    read = partial(key_text, settings)
    try:
        return Keys.load(read(), read)
    except KeysMalformed as error:
        where = "WAYMARK_KEYS" if settings.keys else "WAYMARK_KEYS_FILE"
        raise SettingsError(f"{where}: {error}") from None


def database(settings: Settings) -> Database:
    """The database of the settings; its folder is made when it is a file, and the file for this user alone."""
    if settings.database_url.startswith("sqlite:///"):
        file = Path(settings.database_url.removeprefix("sqlite:///"))
        # Nobody else on this machine may read it, nor what SQLite keeps beside it; where it cannot be made SQLite says so.
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600, exist_ok=False)
    return Database(settings.database_url, keys(settings))


def twilio(settings: Settings) -> sms.Config | None:
    """What SMS and WhatsApp need, when an account is set."""
    if not settings.twilio_account_sid:
        return None
    return sms.Config(
        account_sid=settings.twilio_account_sid,
        tokens=settings.twilio_auth_tokens,
        public_url=settings.public_url,
        sender=settings.twilio_from,
        messaging_service=settings.twilio_messaging_service_sid,
        whatsapp_sender=settings.twilio_whatsapp_from,
        whatsapp_template=settings.twilio_whatsapp_template,
        api_base=settings.twilio_api_base,
    )


def _sms(settings: Settings) -> Channel | None:
    config = twilio(settings)
    return sms.Sms(config) if config else None


def _whatsapp(settings: Settings) -> Channel | None:
    config = twilio(settings)
    return sms.WhatsApp(config) if config and config.whatsapp_sender else None


def _voice(settings: Settings) -> Channel | None:
    config = twilio(settings)
    return voice.Voice(config) if config and voice.can_call(config) else None


def _email(settings: Settings) -> Channel | None:
    return email.Email(email.Config.of(settings.smtp_url)) if settings.smtp_url else None


def _web(_: Settings) -> Channel | None:
    return webchat.Webchat()


def _telegram(settings: Settings) -> Channel | None:
    if not settings.telegram_token:
        return None
    # Imported here: it takes a quarter of a second, which whoever does not use it need not pay.
    from bot.channels.telegram import Config, Telegram  # noqa: PLC0415

    return Telegram(Config(settings.telegram_token, settings.telegram_webhook_secret, settings.telegram_api_base))


# One line a channel; each gives None while what it needs is not set.
CHANNELS: tuple[Callable[[Settings], Channel | None], ...] = (
    _sms,
    _voice,
    _whatsapp,
    _web,
    _telegram,
    _email,
)


def channels(settings: Settings) -> dict[str, Channel]:
    """Every channel that has what it needs, by its name."""
    opened = [channel for channel in (open_one(settings) for open_one in CHANNELS) if channel is not None]
    return {channel.name: channel for channel in opened}
