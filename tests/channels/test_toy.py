"""A new channel is one file, one line in `CHANNELS`, one in `HOOKS`, one folder of captured payloads: CONTRIBUTING says so."""

from __future__ import annotations

import asyncio
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from bot import app
from bot.channels.base import Channel, Inbound, Outgoing, Reason, SendFailed
from bot.config import Settings
from bot.play import judge, script
from bot.serving import Serving
from bot.web import webhooks
from bot.web.app import create_app
from bot.web.webhooks import Hook
from storage.database import Database
from storage.keys import Keys
from tests.channels import toy, twilio

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
PAYLOADS: Final = HERE / "payloads" / "toy"
SETTINGS: Final = Settings(public_url="https://text.example.org", draft_locales="allow")
EXPECTED: Final = {
    "text": Inbound("toy", "1", "child-7", "hello", None, twilio.NOW),
    "photo": Inbound("toy", "2", "child-7", None, "photo", twilio.NOW),
    "typing": None,
}
PLAY: Final = """
flow: text_safe
now: 2026-11-16 12:00
rota: ana=duty
child > hello
child > 1
child > 1
child > 3
child > he hits me
"""


@pytest.fixture
def serving(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """The whole program with one more channel, by the two lines of CONTRIBUTING."""
    monkeypatch.setattr(app, "CHANNELS", (*app.CHANNELS, toy.open_toy))
    monkeypatch.setattr(toy, "TAKEN", [])
    database = Database(database_url, Keys.load(Keys.new()))
    made = Serving(SETTINGS, database)
    yield made
    made.committer.close()
    database.close()


def post(serving: Serving, body: bytes, *, signed: bool = True) -> int:
    doors = replace(serving.doors(), hooks=(*webhooks.HOOKS, Hook("/toy", "toy")), clock=lambda: twilio.NOW)
    headers = {"x-toy-signature": hmac.digest(toy.SECRET, body, "sha256").hex()} if signed else {}

    async def ask() -> int:
        transport = httpx.ASGITransport(create_app(doors))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.post("/toy", content=body, headers=headers)).status_code

    return asyncio.run(ask())


def rounds(serving: Serving) -> None:
    while serving.ticker.round(twilio.NOW).any:
        pass


def test_every_captured_payload_becomes_what_is_expected_of_it() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == set(EXPECTED)
    channel: Channel = toy.Toy()
    for case, expected in EXPECTED.items():
        body = (PAYLOADS / f"{case}.json").read_bytes()
        headers = {"x-toy-signature": hmac.digest(toy.SECRET, body, "sha256").hex()}
        assert channel.parse(replace(twilio.arrived(b""), headers=headers, body=body)) == expected


def test_a_play_says_on_it_what_it_says_anywhere(serving: Serving) -> None:
    play = script.parse(PLAY)
    wanted = [one["text"] for one in judge.perform(play).outcomes if one["kind"] == "say"]
    assert len(wanted) > 5
    for number, line in enumerate(line for line in play.lines if line.who == "child"):
        body = json.dumps({"id": str(number), "from": "child-7", "text": line.text, "nickname": "Invented Name"})
        assert post(serving, body.encode()) == 204
        rounds(serving)
    assert [text for to, text in toy.TAKEN if to == "child-7"] == wanted


def test_its_door_is_like_every_door(serving: Serving) -> None:
    body = (PAYLOADS / "text.json").read_bytes()
    assert post(serving, body, signed=False) == 403
    assert post(serving, b"{") == 400
    assert post(serving, (PAYLOADS / "typing.json").read_bytes()) == 204
    assert post(serving, body) == post(serving, body) == 204
    rounds(serving)
    assert len(toy.TAKEN) == 1


def test_it_is_not_there_while_its_settings_are_not() -> None:
    assert toy.open_toy(Settings()) is None


def test_it_fails_by_the_closed_list() -> None:
    with pytest.raises(SendFailed) as failed:
        toy.Toy().send(Outgoing("1", "nobody", "hello", "en"))
    assert failed.value.reason in set(Reason)


def test_contributing_shows_this_very_channel() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## A new channel")[2].partition("\n## ")[0]
    shown = [line.strip() for line in told.splitlines() if line.startswith("    ")]
    held = {line.strip() for file in (HERE / "toy.py", Path(__file__)) for line in file.read_text("utf-8").splitlines()}
    assert len(shown) > 15
    assert [line for line in shown if line and line not in held and not line.startswith(("bot/", "tests/"))] == []
