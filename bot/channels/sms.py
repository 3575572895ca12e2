"""SMS and WhatsApp by Twilio: the only file that imports `twilio`. Translates, and decides nothing.

What comes in is believed only under Twilio's signature over our own public address; what goes out carries the outbox id
in its `StatusCallback`, because Twilio has no other way to know a repeated send. Twilio's exceptions quote telephone
numbers, so none of them leaves this file.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from twilio.base.exceptions import TwilioException
from twilio.request_validator import RequestValidator

from bot.channels import forms, twilio_codes, twilio_http
from bot.channels.base import Forged, Inbound, Malformed, Reason, Report, SendFailed, Sent, Status, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.channels.base import Arrived, Outgoing
    from bot.channels.forms import Form

API = "https://api.twilio.com"
SIGNATURE = "x-twilio-signature"
WHATSAPP = "whatsapp:"

# All that is read of a message. Names, cities and postcodes of the sender are in the same form and are left there.
_PLACE = ("Label", "Address", "Latitude", "Longitude")
KEPT = ("MessageSid", "From", "Body", "NumMedia", "MediaContentType0", *_PLACE, "OptOutType")

# What Twilio's carriers take for an opt-out when it is the whole text, whether or not the console lets them act on it.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})

# What lets our texts through again. "YES" does so too where a console lets it, but here it is an answer to a question.
START_WORDS = frozenset({"START", "UNSTOP"})

# Seconds. Twilio takes 1 to 36,000; under five it may drop a text that could still leave in time.
SHORTEST, LONGEST = 5, 36_000
# A text handed over in the last minute of WhatsApp's window may reach Meta after it.
WINDOW_MARGIN = timedelta(minutes=1)

# A short number may be rented, but never one of 116: those are the help lines of all Europe, missing children's first.
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}|(?!116)[0-9]{5,6}")
_SID = re.compile(r"[A-Za-z0-9]{2,64}")
_LONGEST_ADDRESS = 64


class BadSetting(ValueError):
    """A setting that Twilio's channel cannot start with: its name, and how to mend it; never its value."""


@dataclass(frozen=True, slots=True)
class Config:
    """Twilio's settings. `tokens`: the one our requests use first; signatures by any of them are believed.

    One of `sender` and `messaging_service` is needed for SMS, `whatsapp_sender` for WhatsApp; without
    `whatsapp_template` (the id of the approved neutral text) nothing leaves outside WhatsApp's window. `timeout`:
    seconds for one whole exchange.
    """

    account_sid: str
    tokens: tuple[str, ...] = field(repr=False)
    public_url: str
    sender: str = ""
    messaging_service: str = ""
    whatsapp_sender: str = ""
    whatsapp_template: str = ""
    api_base: str = API
    timeout: float = 10.0

    def __post_init__(self) -> None:
        for fine, complaint in _complaints(self):
            if not fine:
                raise BadSetting(complaint)


@dataclass(frozen=True, slots=True)
class Console:
    """What the provider's console holds. `webhook`: the address called for a text, with its overrides; None: not known."""

    status: str
    webhook: str | None


class Sms:
    """Texts by SMS. `clock` gives the time, aware."""

    name = "sms"

    def __init__(self, config: Config, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.config = config
        self._clock = clock
        self._http = twilio_http.Http(config.api_base, config.timeout)
        self._signed_by = [(token.encode(), RequestValidator(token)) for token in config.tokens]

    # --- in ---

    def parse(self, arrived: Arrived) -> Inbound:
        """Read a message of either channel; `Inbound.channel` says which. Raises `Forged` or `Malformed`."""
        return _inbound(strip(self._verified(arrived)), arrived.at)

    def report(self, outbox_id: str, arrived: Arrived) -> Report | None:
        """Read a status callback; None for a status that says nothing of our text. Raises `Forged`, `Malformed`."""
        form = self._verified(arrived)
        status = twilio_codes.status(form.get("MessageStatus") or form.get("SmsStatus"))
        if status is None:
            return None
        code = form.get("ErrorCode") if status is Status.FAILED else ""
        known = int(code) if re.fullmatch("[0-9]{4,6}", code) else None
        return Report(
            outbox_id, status, twilio_codes.reason(known) if status is Status.FAILED else None, str(known or "")
        )

    def _verified(self, arrived: Arrived) -> Form:
        form = forms.read(arrived.body)
        url = self.config.public_url.rstrip("/") + arrived.target
        signature = arrived.headers.get(SIGNATURE, "")
        if not any(_signed(token, validator, url, form, signature) for token, validator in self._signed_by):
            raise Forged(SIGNATURE)
        return form

    # --- out ---

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand one text to Twilio. Raises `SendFailed`; says `in_doubt` when it left and no answer came back."""
        fields, instead = self._fields(outgoing, self._clock())
        try:
            message = self._create(fields)
        except twilio_http.Failed as error:
            failed = _failure(error)
        except (ValueError, TypeError, AttributeError):
            # A success that is no message: it was taken, and nobody can say as what.
            failed = SendFailed(Reason.IN_DOUBT, code="unreadable")
        else:
            if isinstance(message.sid, str):
                return Sent(message.sid, instead=instead)
            failed = SendFailed(Reason.IN_DOUBT, code="no_sid")
        # Raised out here so that no cause with an answer of Twilio's hangs on it.
        raise failed

    # --- the account ---

    def ask(self) -> Console:
        """Ask Twilio how the account stands and which address it calls. Raises `SendFailed`."""
        try:
            status = str(self._client.api.v2010.accounts(self.config.account_sid).fetch().status)
            numbers = self._client.incoming_phone_numbers.list(phone_number=self.config.sender, limit=1)
        except twilio_http.Failed as error:
            failed = _failure(error)
        except (ValueError, TypeError, AttributeError, KeyError, TwilioException):
            # The last: a page of numbers that is no page.
            failed = SendFailed(Reason.UNKNOWN, code="unreadable")
        else:
            # A messaging service may call another address than its number does; only the console shows which.
            known = bool(numbers) and not self.config.messaging_service
            return Console(status, str(numbers[0].sms_url or "") if known else None)
        raise failed

    def close(self) -> None:
        """Close the connections that wait for the next text."""
        self._http.close()

    def _create(self, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - the library has no types
        return self._client.messages.create(**fields)

    def _fields(self, outgoing: Outgoing, now: datetime) -> tuple[dict[str, Any], bool]:
        fields = {"to": outgoing.to, "body": outgoing.text, "smart_encoded": False, **self._sender()}
        return fields | self._common(outgoing, now), False

    def _sender(self) -> dict[str, str]:
        if self.config.messaging_service:
            return {"messaging_service_sid": self.config.messaging_service}
        return {"from_": _given(self.config.sender)}

    def _common(self, outgoing: Outgoing, now: datetime) -> dict[str, Any]:
        callback = f"{self.config.public_url.rstrip('/')}/twilio/status/{quote(outgoing.outbox_id, safe='')}"
        return {"status_callback": callback} | _validity(outgoing.not_after, now)

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - the library has no types
        # Imported here: it takes a fifth of a second, which a command that sends nothing need not pay.
        from twilio.rest import Client  # noqa: PLC0415

        # A full environment of its own, or the library would read ours for an edge and a region.
        nothing = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
        return Client(self.config.account_sid, self.config.tokens[0], http_client=self._http, environment=nothing)


class WhatsApp(Sms):
    """Texts by WhatsApp: free words within 24 hours of the person's last, one approved template outside."""

    name = "whatsapp"

    def _fields(self, outgoing: Outgoing, now: datetime) -> tuple[dict[str, Any], bool]:
        fields = {"to": WHATSAPP + outgoing.to, "from_": WHATSAPP + _given(self.config.whatsapp_sender)}
        fields |= self._common(outgoing, now)
        if outgoing.window_until is not None and now < outgoing.window_until - WINDOW_MARGIN:
            return fields | {"body": outgoing.text}, False
        if not self.config.whatsapp_template:
            raise SendFailed(Reason.WINDOW_CLOSED, code="no_template")
        return fields | {"content_sid": self.config.whatsapp_template}, True


def strip(form: Form) -> Mapping[str, str]:
    """Keep what a message is made of and drop what Twilio adds about its sender."""
    return {name: form.get(name) for name in KEPT}


def _inbound(kept: Mapping[str, str], at: datetime) -> Inbound:
    sid, sender, text = kept["MessageSid"], kept["From"], kept["Body"]
    if not _SID.fullmatch(sid):
        raise Malformed(_NO_ID)
    channel = WhatsApp.name if sender.startswith(WHATSAPP) else Sms.name
    address = sender.removeprefix(WHATSAPP).strip()
    if not 0 < len(address) <= _LONGEST_ADDRESS:
        raise Malformed(_NO_SENDER)
    media = _media(kept)
    took, word = kept["OptOutType"].upper(), text.strip().upper()
    opt_out, opt_in = took == "STOP" or word in STOP_WORDS, took == "START" or word in START_WORDS
    said, place = None if media and not text else text, _place(kept) if media == LOCATION else None
    return Inbound(channel, sid, address, said, media, at, opt_out, bool(took), opt_in, place=place)


_NO_ID, _NO_SENDER = "no_message_id", "no_sender"
LOCATION = "location"
_MEDIA = {"image": "photo", "audio": "voice", "video": "video"}
_MEDIA_WHOLE = {"image/webp": "sticker", "text/vcard": "contact", "text/x-vcard": "contact"}


def _media(kept: Mapping[str, str]) -> str | None:
    """Name the kind of what came with the text, by its declared type alone; a place is media."""
    kind = kept["MediaContentType0"].partition(";")[0].strip().lower()
    if kind or kept["NumMedia"].strip() not in ("", "0"):
        return _MEDIA_WHOLE.get(kind) or _MEDIA.get(kind.partition("/")[0], "file")
    return LOCATION if kept["Latitude"] else None


def _place(kept: Mapping[str, str]) -> str | None:
    label, address, latitude, longitude = (kept[name] for name in _PLACE)
    return placed((label, address), latitude, longitude)


def _signed(token: bytes, validator: RequestValidator, url: str, form: Form, signature: str) -> bool:
    """By Twilio's own rule; and for a body that is not UTF-8, which that cannot read, by the same rule on its bytes."""
    if validator.validate(url, form, signature):
        return True
    digest = hmac.digest(token, url.encode() + form.signed_bytes(), "sha1")
    return hmac.compare_digest(b64encode(digest), signature.encode())


def _given(sender: str) -> str:
    if not sender:
        raise SendFailed(Reason.ACCOUNT, code="no_sender")
    return sender


def _validity(not_after: datetime | None, now: datetime) -> dict[str, int]:
    """Seconds the text may wait in Twilio's queue. What can no longer be in time is not sent."""
    if not_after is None:
        return {}
    seconds = int((not_after - now).total_seconds())
    if seconds < SHORTEST:
        raise SendFailed(Reason.EXPIRED, code="not_after")
    return {"validity_period": min(seconds, LONGEST)}


def _failure(error: twilio_http.Failed) -> SendFailed:
    match error:
        case twilio_http.Declined():
            why = twilio_codes.reason(error.error, error.status)
            return SendFailed(why, code=error.code, retry_after=error.retry_after)
        case twilio_http.Unanswered():
            return SendFailed(Reason.IN_DOUBT, code=error.code)
    return SendFailed(Reason.TRANSIENT, code=error.code)


def _complaints(config: Config) -> list[tuple[bool, str]]:
    senders = [number for number in (config.sender, config.whatsapp_sender) if number]
    return [
        (
            _is_sid("AC", config.account_sid),
            "WAYMARK_TWILIO_ACCOUNT_SID: must be the account's id, AC and 32 hexadecimal digits",
        ),
        (
            bool(config.tokens) and all(token.strip() == token != "" for token in config.tokens),
            "WAYMARK_TWILIO_AUTH_TOKEN: is empty, or one of the two is: anybody could then sign in Twilio's name",
        ),
        (
            _is_address(config.public_url),
            "WAYMARK_PUBLIC_URL: must be the address Twilio calls, such as https://text.example.org",
        ),
        (_is_address(config.api_base), f"WAYMARK_TWILIO_API_BASE: must be an address such as {API}"),
        (
            bool(config.messaging_service or senders),
            "WAYMARK_TWILIO_FROM or WAYMARK_TWILIO_MESSAGING_SERVICE_SID: one of them is needed to send",
        ),
        (
            all(_NUMBER.fullmatch(number) for number in senders),
            "WAYMARK_TWILIO_FROM or _WHATSAPP_FROM: must be a number such as +447700900001; letters cannot be answered",
        ),
        (
            not config.messaging_service or _is_sid("MG", config.messaging_service),
            "WAYMARK_TWILIO_MESSAGING_SERVICE_SID: must be MG and 32 hexadecimal digits",
        ),
        (
            not config.whatsapp_template or _is_sid("HX", config.whatsapp_template),
            "WAYMARK_TWILIO_WHATSAPP_TEMPLATE: must be HX and 32 hexadecimal digits",
        ),
    ]


def _is_sid(kind: str, sid: str) -> bool:
    return bool(re.fullmatch(kind + "[0-9a-fA-F]{32}", sid))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
