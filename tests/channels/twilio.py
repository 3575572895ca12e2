"""Twilio as it looks from our side: an invented account, captured bodies, and signatures made without its library."""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from bot.channels.base import Arrived
from bot.channels.sms import Config

TOKEN: Final = "an invented token"
OLD_TOKEN: Final = "another invented token"
PUBLIC: Final = "https://text.example.org"
SMS_PATH: Final = "/twilio/sms"
NOW: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
PAYLOADS: Final = Path(__file__).with_name("payloads")
CASES: Final = tuple(sorted(path.stem for path in PAYLOADS.glob("*.txt")))


def config(**other: Any) -> Config:
    """The settings of an account that nobody has."""
    given = {"account_sid": "AC" + "0" * 32, "tokens": (TOKEN,), "public_url": PUBLIC, "sender": "+447700900999"}
    return Config(**{**given, **other})


def payload(case: str) -> bytes:
    """A captured body; the file has one field a line."""
    return (PAYLOADS / f"{case}.txt").read_bytes().replace(b"\n", b"")


def signature(url: str, body: bytes, token: str = TOKEN) -> str:
    """Twilio's rule, written down once more: URL, then names and values in order, HMAC-SHA1, base64."""
    fields = (part.replace(b"+", b" ").partition(b"=") for part in body.split(b"&") if part)
    pairs = sorted({(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in fields})
    signed = url.encode() + b"".join(name + value for name, value in pairs)
    return b64encode(hmac.digest(token.encode(), signed, "sha1")).decode()


def arrived(body: bytes, *, target: str = SMS_PATH, token: str = TOKEN, url: str | None = None) -> Arrived:
    """A signed request, as the web app hands it on."""
    headers = {"x-twilio-signature": signature(url or PUBLIC + target, body, token)}
    return Arrived(target, headers, body, NOW)
