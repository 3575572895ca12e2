"""A call: what is asked of Twilio, what it brings back, and what is said into it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from bot.channels.base import Forged, Malformed, Outgoing, Pressed, Reason, SendFailed, Sent, Speaking, Spoken, Status
from bot.channels.voice import LONGEST_CALL, RING, Voice, can_call
from tests.channels import twilio
from tests.channels.peer import SID, Peer
from tests.channels.twilio import NOW, OLD_TOKEN, PUBLIC, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Arrived

ANA = "+447700900200"
PAGE = "0190aaaabbbbccccddddeeee01"
CALLED = {
    "CallSid": "CA" + "a" * 32,
    "AccountSid": "AC" + "0" * 32,
    "From": "+447700900999",
    "To": ANA,
    "Direction": "outbound-api",
}


@pytest.fixture
def server() -> Iterator[Peer]:
    with Peer() as running:
        yield running


@pytest.fixture
def voice(server: Peer) -> Iterator[Voice]:
    config = twilio.config(api_base=server.url, timeout=5.0, tokens=(TOKEN, OLD_TOKEN))
    made = Voice(config, clock=lambda: NOW)
    yield made
    made.close()


def call(**changes: Any) -> Outgoing:
    return Outgoing(**{"outbox_id": "out1", "to": ANA, "text": "Waymark. Level 4.", "locale": "", **changes})


def came(target: str, token: str = TOKEN, **form: str) -> Arrived:
    return twilio.arrived(urlencode(CALLED | form).encode(), target=target, token=token)


def test_what_is_asked_of_twilio(server: Peer, voice: Voice) -> None:
    assert voice.send(call()) == Sent(SID)
    (asked,) = server.asked
    assert asked.line.startswith(f"POST /2010-04-01/Accounts/AC{'0' * 32}/Calls.json ")
    assert asked.form == {
        "To": ANA,
        "From": "+447700900999",
        "Url": f"{PUBLIC}/twilio/voice/out1",
        "StatusCallback": f"{PUBLIC}/twilio/voice/status/out1",
        "Timeout": str(RING),
        "TimeLimit": str(LONGEST_CALL),
    }


def test_no_word_of_the_page_is_given_to_twilio_before_somebody_picks_up(server: Peer, voice: Voice) -> None:
    voice.send(call(text="Waymark. Level 4. fluffy, quill."))
    assert "fluffy" not in server.asked[0].body


def test_a_call_that_came_too_late_is_not_placed(server: Peer, voice: Voice) -> None:
    with pytest.raises(SendFailed) as failed:
        voice.send(call(not_after=NOW - timedelta(seconds=1)))
    assert failed.value.reason is Reason.EXPIRED
    assert server.asked == []


@pytest.mark.parametrize(("sender", "can"), [("+447700900999", True), ("60006", False), ("", False)])
def test_who_can_call(sender: str, can: bool) -> None:
    service = {"messaging_service": "MG" + "0" * 32}
    assert can_call(twilio.config(sender=sender, **service)) is can


def test_a_short_code_cannot_call_and_says_so() -> None:
    with pytest.raises(SendFailed) as failed:
        Voice(twilio.config(sender="60006"), clock=lambda: NOW).send(call())
    assert failed.value.reason is Reason.ACCOUNT


# --- what comes back ---


@pytest.mark.parametrize("token", [TOKEN, OLD_TOKEN])
def test_a_key_by_either_token_while_rotating(voice: Voice, token: str) -> None:
    target = f"/twilio/voice/out1?page={PAGE}"
    assert voice.pressed("out1", came(target, token, Digits="1")) == Pressed("out1", "1", PAGE, NOW)


def test_a_call_that_is_picked_up_has_pressed_nothing(voice: Voice) -> None:
    assert voice.pressed("out1", came("/twilio/voice/out1", CallStatus="in-progress")) == Pressed("out1", "", None, NOW)


@pytest.mark.parametrize("page", ["", "x", "../../secret", PAGE + "0", PAGE.upper()])
def test_what_is_no_page_is_none(voice: Voice, page: str) -> None:
    assert voice.pressed("out1", came(f"/twilio/voice/out1?page={page}", Digits="1")).page is None


@pytest.mark.parametrize("verb", ["pressed", "report"])
def test_nobody_else_is_believed(voice: Voice, verb: str) -> None:
    forged = came("/twilio/voice/out1", token="somebody else's", Digits="1", CallStatus="completed")
    with pytest.raises(Forged):
        getattr(voice, verb)("out1", forged)


def test_a_key_is_signed_with_the_page_it_answers(voice: Voice) -> None:
    moved = came(f"/twilio/voice/out1?page={PAGE}", Digits="1")
    other = type(moved)(moved.target.replace("01", "02"), moved.headers, moved.body, moved.at)
    with pytest.raises(Forged):
        voice.pressed("out1", other)


@pytest.mark.parametrize(("form", "status", "reason"), [
    ({"CallStatus": "ringing"}, Status.SENT, None),
    ({"CallStatus": "completed"}, Status.DELIVERED, None),
    ({"CallStatus": "completed", "AnsweredBy": "human"}, Status.DELIVERED, None),
    ({"CallStatus": "completed", "AnsweredBy": "machine_start"}, Status.FAILED, Reason.UNREACHABLE),
    ({"CallStatus": "completed", "AnsweredBy": "fax"}, Status.FAILED, Reason.UNREACHABLE),
    ({"CallStatus": "busy"}, Status.FAILED, Reason.UNREACHABLE),
    ({"CallStatus": "no-answer"}, Status.FAILED, Reason.UNREACHABLE),
    ({"CallStatus": "canceled"}, Status.FAILED, Reason.UNREACHABLE),
    ({"CallStatus": "failed"}, Status.FAILED, Reason.DEAD_NUMBER),
])  # fmt: skip
def test_how_a_call_ended(voice: Voice, form: dict[str, str], status: Status, reason: Reason | None) -> None:
    said = voice.report("out1", came("/twilio/voice/status/out1", **form))
    assert said is not None
    assert (said.outbox_id, said.status, said.reason) == ("out1", status, reason)


@pytest.mark.parametrize("status", ["", "sideways"])
def test_a_status_nobody_knows_says_nothing(voice: Voice, status: str) -> None:
    assert voice.report("out1", came("/twilio/voice/status/out1", CallStatus=status)) is None


def test_nobody_texts_by_voice(voice: Voice) -> None:
    with pytest.raises(Malformed):
        voice.parse(came("/twilio/voice/out1"))


# --- what is said ---


def test_words_that_want_a_key(voice: Voice) -> None:
    assert isinstance(voice, Speaking)
    root = ET.fromstring(voice.spoken("a b/c", Spoken("Level 4. <fluffy> & quill.", PAGE)).encode())  # noqa: S314 - our own
    (gather,) = root
    assert gather.attrib == {
        "numDigits": "1",
        "timeout": "8",
        "method": "POST",
        "action": f"{PUBLIC}/twilio/voice/a%20b%2Fc?page={PAGE}",
    }
    (say,) = gather
    assert (say.tag, say.text, say.attrib) == ("Say", "Level 4. <fluffy> & quill.", {"language": "en-GB", "loop": "2"})


def test_words_that_end_the_call(voice: Voice) -> None:
    root = ET.fromstring(voice.spoken("out1", Spoken("It is yours. Goodbye.")).encode())  # noqa: S314 - our own
    assert [(one.tag, one.text) for one in root] == [("Say", "It is yours. Goodbye.")]
