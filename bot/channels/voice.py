"""Telephone calls by Twilio, for pages: fixed words are spoken, and a key is the answer. May not speak a word of a child.

A call is only placed here; what is spoken is the answer of our own signed callback (`/twilio/voice/{outbox id}`), so that
the facts are those of the moment in which somebody picks up. No detector of answering machines is asked for: it makes a
person who picks up wait, it takes some for a machine, and it is not needed - a machine presses no key, and what it keeps
of the call names nobody. Should a console have one on, its word is heard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from bot.channels.base import Malformed, Pressed, Reason, Report, SendFailed, Status
from bot.channels.sms import Config, Sms

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Arrived, Inbound, Outgoing, Spoken

NAME: Final = "voice"
# Seconds. Most mailboxes pick up after thirty: a call that rings out was not answered by a machine.
RING: Final = 25
LONGEST_CALL: Final = 180
_KEY_SECONDS: Final = 8
_CALLER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_PAGE: Final = re.compile(r"[0-9a-f]{26}")
_STATUSES: Final = {
    "queued": Status.QUEUED,
    "initiated": Status.QUEUED,
    "ringing": Status.SENT,
    "in-progress": Status.SENT,
    "completed": Status.DELIVERED,
    "busy": Status.FAILED,
    "no-answer": Status.FAILED,
    "canceled": Status.FAILED,
    "failed": Status.FAILED,
}


def can_call(config: Config) -> bool:
    """Whether the account's sender is a number that can place calls: a short code and a messaging service cannot."""
    return bool(_CALLER.fullmatch(config.sender))


class Voice(Sms):
    """Pages by telephone. `Outgoing.text` is for whoever looks at it; what is spoken is made when somebody picks up."""

    name = NAME

    def parse(self, arrived: Arrived) -> Inbound:
        """Nobody texts by voice. Raises `Forged` or `Malformed`."""
        self._verified(arrived)
        raise Malformed("no_text_by_voice")

    def pressed(self, outbox_id: str, arrived: Arrived) -> Pressed:
        """Read a callback of a call in progress. Raises `Forged`."""
        form = self._verified(arrived)
        asked = parse_qs(urlsplit(arrived.target).query).get("page", [""])[0]
        page = asked if _PAGE.fullmatch(asked) else None
        return Pressed(outbox_id, form.get("Digits")[:8], page, arrived.at)

    def report(self, outbox_id: str, arrived: Arrived) -> Report | None:
        """Read how a call ended. Rung out, engaged or a machine: the person was not reached, and the ladder goes on."""
        form = self._verified(arrived)
        status = _STATUSES.get(form.get("CallStatus"))
        if status is None:
            return None
        if status is Status.DELIVERED and form.get("AnsweredBy").startswith(("machine", "fax")):
            return Report(outbox_id, Status.FAILED, Reason.UNREACHABLE, "machine")
        if status is not Status.FAILED:
            return Report(outbox_id, status)
        word = form.get("CallStatus")
        return Report(outbox_id, status, Reason.DEAD_NUMBER if word == "failed" else Reason.UNREACHABLE, word)

    def spoken(self, outbox_id: str, said: Spoken) -> str:
        """The words as Twilio reads them; twice, for whoever was asleep, while a key is waited for."""
        if said.page is None:
            return _response(_say(said.words))
        action = quoteattr(f"{self._place(outbox_id)}?page={said.page}")
        gather = f'<Gather numDigits="1" timeout="{_KEY_SECONDS}" method="POST" action={action}>'
        return _response(f"{gather}{_say(said.words, times=2)}</Gather>")

    def _place(self, outbox_id: str) -> str:
        return f"{self.config.public_url.rstrip('/')}/twilio/voice/{quote(outbox_id, safe='')}"

    def _create(self, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - the library has no types
        return self._client.calls.create(**fields)

    def _fields(self, outgoing: Outgoing, now: datetime) -> tuple[dict[str, Any], bool]:
        if not can_call(self.config):
            raise SendFailed(Reason.ACCOUNT, code="no_sender")
        if outgoing.not_after is not None and now >= outgoing.not_after:
            raise SendFailed(Reason.EXPIRED, code="not_after")
        place = self._place(outgoing.outbox_id)
        over = place.replace("/twilio/voice/", "/twilio/voice/status/")
        fields = {"to": outgoing.to, "from_": self.config.sender, "url": place, "status_callback": over}
        return fields | {"timeout": RING, "time_limit": LONGEST_CALL}, False


def _response(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


def _say(words: str, times: int = 1) -> str:
    return f'<Say language="en-GB" loop="{times}">{escape(words)}</Say>'
