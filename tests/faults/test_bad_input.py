"""Anything a phone or a stranger can send, by the whole real path: taken, kept, answered or refused; nothing lost."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels import forms
from bot.config import load
from bot.serving import Serving
from bot.web.app import create_app
from flows.model import Service
from storage import audit, contacts, conversations, inbox, messages
from storage.codes import Direction
from tests.faults import provider as mock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.program import Program

CHILD: Final = "+447700900150"
OFTEN: Final = 60
BROUGHT: Final = 5  # times in all that a provider tries a text (`#rc=5`)
COME_AGAIN: Final = 503
NASTY: Final = (
    "",
    " ",
    "\0",
    "he raped me\0",
    "a" * 100_000,
    "😭" * 50_000,
    "👨‍👩‍👧‍👦" * 2_000,
    "\u202e" + "dna" * 10 + "\u202c",
    "\ud800",
    "x\udfffy",
    "\ufeff\ufffe\uffff",
    "e" + "\u0301" * 5_000,
    "1" * 100_000,
    "\n" * 100_000,
    "'; DROP TABLE messages; --",
    "{code} {name} %s %(x)s",
    "<script>alert(1)</script>",
    "ﷺ" * 200,
    "١",
    "\u2067مرحبا\u2069",
    "STOP" + " " * 10_000,
    "999 " * 25_000,
)


class Door:
    """The public app on its database, called as the provider calls it."""

    def __init__(self, program: Program) -> None:
        self.serving = Serving(load(program.settings), program.database())
        self.app = create_app(self.serving.doors())
        self.numbers = itertools.count(1)
        self.loop = asyncio.new_event_loop()
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=mock.PUBLIC)

    def close(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        self.loop.close()
        self.serving.committer.close()
        self.serving.database.close()

    def post(self, fields: dict[str, bytes]) -> int:
        """A signed form of raw bytes, as a gateway writes them."""
        body = "&".join(
            f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in fields.items()
        )
        read = forms.read(body.encode())
        signature = RequestValidator(mock.TOKEN).compute_signature(mock.PUBLIC + "/twilio/sms", read)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        sent = self.client.post("/twilio/sms", content=body.encode(), headers=headers)
        return self.loop.run_until_complete(sent).status_code

    def text(self, raw: bytes) -> str:
        """One text of the child; its provider's id. It must be taken, if it has to be brought again as the provider would."""
        sid = f"SM{next(self.numbers):032d}"
        form = {"MessageSid": sid.encode(), "From": CHILD.encode(), "Body": raw, "NumMedia": b"0"}
        # A starved machine may hold the store up past its limit: "come again" is what keeps the text then.
        assert (
            next((status for status in (self.post(form) for _ in range(BROUGHT)) if status != COME_AGAIN), None) == 204
        )
        return sid

    def kept(self, sid: str) -> str:
        """The words that stand in the thread under an id, once."""
        with self.serving.database.transaction() as tx:
            contact = contacts.known(tx, Service.TEXT_SAFE, "sms", CHILD)
            assert contact is not None
            assert inbox.waiting(tx) == 0
            talks = conversations.of_contact(tx, contact.id)
            found = [one for talk in talks for one in messages.of(tx, talk.id) if one.external_id == sid]
        (only,) = found
        assert only.direction is Direction.IN
        return only.text


@pytest.fixture
def door(program: Program) -> Iterator[Door]:
    made = Door(program)
    yield made
    made.close()


def test_what_is_known_to_be_nasty(door: Door) -> None:
    for words in NASTY:
        raw = words.encode("utf-8", "surrogatepass")
        kept = door.kept(door.text(raw))
        assert kept == forms.keepable(raw)
    with door.serving.database.transaction() as tx:
        assert audit.verify(tx) is None


@settings(max_examples=OFTEN, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=400))
)
@example(b"\xed\xa0\xbd\xed\xb8\xad")
@example(b"\xff\xfe\x00")
def test_any_text_and_any_bytes(door: Door, raw: bytes) -> None:
    assert door.kept(door.text(raw)) == forms.keepable(raw)


def test_a_form_of_anything_is_taken_or_refused_and_never_breaks_us(door: Door) -> None:
    chance = random.Random(7)
    names = ["MessageSid", "From", "Body", "NumMedia", "MediaContentType0", "OptOutType", "Latitude", "X"]
    answers = set()
    for _ in range(OFTEN):
        fields = {
            name: chance.choice([b"", b"+447700900151", b"SM1", b"\xff", b"0", b"9" * 40, chance.randbytes(30)])
            for name in chance.sample(names, chance.randrange(len(names)))
        }
        answers.add(door.post(fields))
    assert answers <= {204, 400}
    assert door.kept(door.text(b"hello")) == "hello"
