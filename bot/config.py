"""The settings: read from the environment here and nowhere else, once, into one frozen value.

May not open a file, a database or a connection when it loads, and never shows a value it was given in an error: a line
on stderr ends in logs, and half of these are secrets.
"""

# ruff: noqa: RUF009 - `_setting` is `field` with the reader beside the default
from __future__ import annotations

import difflib
import re
import zoneinfo
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from bot import companions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

PREFIX: Final = "WAYMARK_"
# These belong to the tests, which may be run from a shell that has them set.
TESTS: Final = "WAYMARK_TEST_"

# Names stand in texts of one SMS; `waymark check` counts every text with the longest these allow.
LONGEST_PERSONA: Final = 12
LONGEST_SERVICE_NAME: Final = 30

_HIGHEST_PORT: Final = 65_535
_DATABASES: Final = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")


class SettingsError(ValueError):
    """A setting that nothing can start with; `str()` is one line: which name, what is wrong, how to mend it."""


# --- how one value is read: each returns the value or raises ValueError with what is wrong and how to mend it ---------


def _text(given: str) -> str:
    if not given.isprintable():
        raise ValueError("has a character that cannot be printed; type it again")
    return given


def _name(longest: int) -> Callable[[str], str]:
    def read(given: str) -> str:
        if len(given) > longest or "{" in given or "}" in given:
            raise ValueError(f"must be at most {longest} characters without braces, for it stands in texts of one SMS")
        return _text(given)

    return read


def _port(given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", given) or int(given) > _HIGHEST_PORT:
        raise ValueError(f"must be a whole number from 0 (any free port) to {_HIGHEST_PORT}, such as 8000")
    return int(given)


def _database(given: str) -> str:
    if not given.startswith(_DATABASES) or given == "sqlite:///" or ":memory:" in given:
        raise ValueError("must be sqlite:///var/waymark.db (a file) or postgresql://user@host/database")
    return given


def _endpoint(given: str) -> str:
    parts = _split(given)
    if parts is None or parts.scheme not in ("http", "https") or parts.fragment:
        raise ValueError("must be an address such as https://text.example.org")
    if parts.scheme == "http" and parts.hostname not in companions.LOOPBACK:
        raise ValueError("must begin with https://; http:// is only for this machine (127.0.0.1)")
    return given


def _base(given: str) -> str:
    if "?" in given or "@" in given:
        raise ValueError("must be an address that paths can be added to, such as https://text.example.org")
    return _endpoint(given).rstrip("/")


def _issuer(given: str) -> str:
    if "?" in given or "@" in given:
        raise ValueError("must be the issuer as its service writes it, such as https://login.example.org/")
    return _endpoint(given)


def _smtp(given: str) -> str:
    parts = _split(given)
    if parts is None or parts.scheme not in ("smtp", "smtps"):
        raise ValueError("must be smtps://user:password@mail.example.org:465, or smtp:// for STARTTLS")
    return given


def _split(given: str) -> SplitResult | None:
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        return None
    return parts if parts.hostname else None


def _zone(given: str) -> ZoneInfo:
    try:
        return ZoneInfo(given)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        near = _nearest(given, zoneinfo.available_timezones()) or "Europe/London"
        raise ValueError(f"is no time zone; did you mean {near}?") from None


def _tags(given: str) -> tuple[str, ...]:
    tags = tuple(tag.strip() for tag in given.split(",") if tag.strip())
    if not all(re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", tag) for tag in tags):
        raise ValueError("must be language tags with commas between them, such as en,vi,ar")
    return tuple(tag.replace("_", "-") for tag in tags)


def _sender(given: str) -> str:
    number = given.removeprefix("whatsapp:")
    if any(mark.isalpha() for mark in number):
        raise ValueError("is a name, and a name cannot be answered: the child's text would reach nobody; use a number")
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}|[0-9]{5,6}", number):
        raise ValueError("must be a number such as +447700900001, without spaces, or a short code")
    return number


def _shown_number(given: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ]{1,18}[0-9]", given):
        raise ValueError("must be a telephone number as people write it, such as 07700 900000")
    return given


def _sid(kind: str) -> Callable[[str], str]:
    def read(given: str) -> str:
        if not re.fullmatch(kind + "[0-9a-fA-F]{32}", given):
            raise ValueError(f"must be {kind} and 32 hexadecimal digits, as the provider's console shows it")
        return given

    return read


def _tokens(given: str) -> tuple[str, ...]:
    tokens = tuple(token.strip() for token in given.split(","))
    if not all(tokens):
        raise ValueError("is empty, or one of the two is, and anybody could sign with an empty token; set or remove it")
    if len(tokens) > 2:  # noqa: PLR2004 - the old and the new, while rotating
        raise ValueError("holds more than two tokens; while rotating give the new one and the old one")
    return tokens


def _telegram_token(given: str) -> str:
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{30,}", given):
        raise ValueError("must be the token as BotFather gave it: digits, a colon and at least 30 characters")
    return given


def _webhook_secret(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", given):
        raise ValueError("must be 16 to 256 letters, digits, _ or -")
    return given


def _yes(given: str) -> bool:
    if given.lower() not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return given.lower() == "yes"


def _drafts(given: str) -> str:
    if given not in ("refuse", "allow"):
        raise ValueError("must be refuse (children are offered reviewed languages only) or allow")
    return given


# --- the settings -----------------------------------------------------------------------------------------------------


def _setting(
    default: T, read: Callable[[str], T] | None = None, *, secret: bool = False, variable: str | None = None
) -> T:
    value: T = field(default=default, repr=not secret, metadata={"read": read or _text, "variable": variable})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, typed (interfaces, "Settings"). The variable of a field is its name in capitals after `WAYMARK_`.

    An empty text or None means not set. Secrets are left out of `repr`. `public_url` has no slash at its end.
    """

    database_url: str = _setting("sqlite:///var/waymark.db", _database, secret=True)
    keys: str = _setting("", secret=True)
    keys_file: Path | None = _setting(None, Path)
    public_url: str = _setting("", _base)
    host: str = _setting("127.0.0.1")
    port: int = _setting(8000, _port)
    desk_host: str = _setting("127.0.0.1")
    desk_port: int = _setting(8001, _port)
    desk_url: str = _setting("", _base)
    desk_oidc_issuer: str = _setting("", _issuer)
    desk_oidc_client_id: str = _setting("")
    desk_oidc_client_secret_file: Path | None = _setting(None, Path)
    desk_oidc_name: str = _setting("your work account", _name(40))
    service_name: str = _setting("Waymark", _name(LONGEST_SERVICE_NAME))
    public_number: str = _setting("", _shown_number)
    persona: str = _setting("Robin", _name(LONGEST_PERSONA))
    timezone: ZoneInfo = _setting(ZoneInfo("Europe/London"), _zone)
    locales: tuple[str, ...] = _setting((), _tags)
    draft_locales: str = _setting("refuse", _drafts)
    twilio_account_sid: str = _setting("", _sid("AC"))
    twilio_auth_tokens: tuple[str, ...] = _setting((), _tokens, secret=True, variable="TWILIO_AUTH_TOKEN")
    twilio_from: str = _setting("", _sender)
    twilio_messaging_service_sid: str = _setting("", _sid("MG"))
    twilio_whatsapp_from: str = _setting("", _sender)
    twilio_whatsapp_template: str = _setting("", _sid("HX"))
    twilio_api_base: str = _setting("https://api.twilio.com", _base)
    telegram_token: str = _setting("", _telegram_token, secret=True)
    telegram_webhook_secret: str = _setting("", _webhook_secret, secret=True)
    telegram_api_base: str = _setting("https://api.telegram.org", _base)
    telegram_polling: bool = _setting(default=False, read=_yes)
    telegram_text_safe: bool = _setting(default=False, read=_yes)
    smtp_url: str = _setting("", _smtp, secret=True)
    watchdog_url: str = _setting("", _endpoint, secret=True)
    filing_webhook_url: str = _setting("", _endpoint, secret=True)
    filing_webhook_secret: str = _setting("", secret=True)
    filing_dir: Path | None = _setting(None, Path)

    def offers_text_safe(self, channel: str) -> bool:
        """Whether the bot may check in with children there; on Telegram only where a service says so (decisions 11)."""
        return channel != "telegram" or self.telegram_text_safe


def _variables() -> Iterator[tuple[str, str, Callable[[str], Any]]]:
    for item in fields(Settings):
        yield PREFIX + (item.metadata["variable"] or item.name.upper()), item.name, item.metadata["read"]


VARIABLES: Final = tuple(variable for variable, _, _ in _variables())


def load(environ: Mapping[str, str], *, drafts: str = "refuse") -> Settings:
    """The settings of `environ`; `drafts` is what DRAFT_LOCALES is when not set (`play`, `talk`, `demo`: allow).

    A variable set to nothing counts as not set. Raises SettingsError for the first name that is unknown, cannot be
    read, or lacks its companion.
    """
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(TESTS) and name not in VARIABLES:
            raise SettingsError(_unknown(name))
    values: dict[str, Any] = {"draft_locales": drafts}
    for variable, name, read in _variables():
        if given := environ.get(variable, "").strip():
            values[name] = _one(variable, read, given)
    settings = Settings(**values)
    for wrong, complaint in companions.wrong(settings):
        if wrong:
            raise SettingsError(complaint)
    return settings


def key_text(settings: Settings) -> str:
    """The text of the key ring, from the setting or its file. Raises SettingsError when there is none to read."""
    if settings.keys:
        return settings.keys
    if settings.keys_file is None:
        message = "WAYMARK_KEYS_FILE: no keys are set; name a file here and make them with `waymark keys new`"
        raise SettingsError(message)
    try:
        return settings.keys_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        message = "WAYMARK_KEYS_FILE: cannot be read; make the file with `waymark keys new`, or let this user read it"
        raise SettingsError(message) from None


def oidc_secret(settings: Settings) -> str:
    """The secret we prove ourselves with to the service that keeps staff's accounts. Raises SettingsError."""
    try:
        found = (settings.desk_oidc_client_secret_file or Path()).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found:
        message = (
            "WAYMARK_DESK_OIDC_CLIENT_SECRET_FILE: cannot be read or is empty; write the secret in it, for this user"
        )
        raise SettingsError(message)
    return found


def _one(variable: str, read: Callable[[str], Any], given: str) -> object:
    try:
        return read(given)
    except ValueError as error:
        message = f"{variable}: {error}"
        raise SettingsError(message) from None


def _unknown(name: str) -> str:
    near = _nearest(name, VARIABLES)
    return f"{name}: no such setting; " + (f"did you mean {near}?" if near else "remove it (the README lists them all)")


def _nearest(given: str, known: Any) -> str | None:  # noqa: ANN401 - any collection of names
    return next(iter(difflib.get_close_matches(given, sorted(known), n=1, cutoff=0.6)), None)
