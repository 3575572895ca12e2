"""What WhatsApp adds about a person reaches neither the store nor a log."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bot.channels import sms
from bot.config import Settings
from bot.runner import Runner
from bot.serving import Serving
from bot.web.app import create_app
from flows.model import Service
from storage import contacts, conversations, inbox, messages
from storage.codes import Direction
from storage.database import Database
from storage.keys import Keys
from tests.channels import twilio

if TYPE_CHECKING:
    from storage.database import Transaction

TOLD = ("Invented", "Name", "ProfileName", "WaId", "ButtonPayload")


@pytest.mark.parametrize("case", [case for case in twilio.CASES if case.startswith("whatsapp")])
@pytest.mark.parametrize("broken", [False, True])
def test_a_profile_reaches_neither_store_nor_log(
    case: str, broken: bool, database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when all is well, and not when a bug leaves the request in the inbox."""
    kept: list[str] = []
    keep = inbox.keep

    def noted(tx: Transaction, *given: Any) -> int | None:
        kept.extend(map(str, given))
        return keep(tx, *given)

    monkeypatch.setattr(inbox, "keep", noted)
    if broken:
        monkeypatch.setattr(Runner, "receive", lambda *_: (_ for _ in ()).throw(RuntimeError("a bug")))
    caplog.set_level(logging.DEBUG)
    database = Database(database_url, Keys.load(Keys.new()))
    channel = sms.Sms(twilio.config())
    serving = Serving(Settings(draft_locales="allow"), database, {"sms": channel})
    body = twilio.payload(case)
    headers = {"X-Twilio-Signature": twilio.signature(twilio.PUBLIC + twilio.SMS_PATH, body)}

    async def post() -> int:
        transport = httpx.ASGITransport(create_app(serving.doors()))
        async with httpx.AsyncClient(transport=transport, base_url=twilio.PUBLIC) as client:
            return (await client.post(twilio.SMS_PATH, content=body, headers=headers)).status_code

    assert asyncio.run(post()) == 204
    with database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "whatsapp", "+447700900123")
        thread = [] if contact is None else messages.of(tx, talk_of(tx, contact.id))
        kept.extend(text for one in thread if one.direction is Direction.IN for text in (one.text, one.by))
        assert (inbox.waiting(tx) == 1) is broken
    serving.committer.close()
    database.close()
    assert kept
    assert not [word for word in TOLD for text in [*kept, caplog.text] if word in text]
    assert "900123" not in caplog.text


def talk_of(tx: Transaction, contact: str) -> str:
    found = conversations.latest(tx, contact)
    assert found is not None
    return found.id
