"""A provider hears 2xx only after the commit, and comes again when nothing could be kept."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final

import pytest

from bot.channels.base import Inbound, Reason, Report, Status
from bot.web import webhooks
from bot.web.webhooks import Doors
from tests.channels import twilio
from tests.channels.twilio import NOW, SMS_PATH, TOKEN
from tests.web.asking import CHILD, HELLO, SECRET, STATUS, TWILIO, Down, House, acall, call, post, signature


def test_a_text_is_taken(house: House) -> None:
    answer = post(house.doors(), HELLO)
    assert (answer.status_code, answer.content) == (204, b"")
    assert house.accepted == [Inbound("sms", "SM01", CHILD, SECRET, None, NOW)]


@pytest.mark.parametrize("case", [case for case in twilio.CASES if not case.startswith("status")])
def test_every_captured_message_is_taken(case: str, house: House) -> None:
    assert post(house.doors(), twilio.payload(case)).status_code == 204
    assert len(house.accepted) == 1


def test_no_answer_before_it_is_committed() -> None:
    async def story() -> None:
        begun, committed = asyncio.Event(), asyncio.Event()

        async def slow(_: Inbound) -> None:
            begun.set()
            await committed.wait()

        doors = Doors(slow, House().report, House().ready, channels={"sms": TWILIO})
        answer = asyncio.create_task(acall(doors, "POST", SMS_PATH, content=HELLO, headers=signature(HELLO)))
        await begun.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        assert not answer.done()
        committed.set()
        assert (await answer).status_code == 204

    asyncio.run(story())


@pytest.mark.parametrize(("form", "reports"), [
    (b"MessageSid=SM9&MessageStatus=delivered", [Report("0190aaaa", Status.DELIVERED)]),
    (b"MessageSid=SM9&MessageStatus=undelivered&ErrorCode=30003",
     [Report("0190aaaa", Status.FAILED, Reason.UNREACHABLE, "30003")]),
    (b"MessageSid=SM9&MessageStatus=new+to+us", []),
    (b"", []),
])  # fmt: skip
def test_a_status_is_reported(form: bytes, reports: list[Report], house: House) -> None:
    assert post(house.doors(), form, STATUS).status_code == 204
    assert house.reported == reports
    assert house.accepted == []


def test_the_address_that_was_sent_is_what_was_signed(house: House) -> None:
    for target in (SMS_PATH + "?a=%2Fb&c=", "/twilio/sms?%E2%82%AC", "/twilio/status/a%20b%2Dc"):
        assert post(house.doors(), HELLO, target).status_code == 204
    assert post(house.doors(), HELLO, SMS_PATH + "?a=1", signature(HELLO)).status_code == 403


# --- come again ---

TROUBLES: Final = [
    Down("+447700900123"),
    UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
    *(
        kind(SECRET)
        for kind in (TimeoutError, ValueError, KeyError, OSError, RuntimeError, RecursionError, StopAsyncIteration)
    ),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("target", [SMS_PATH, STATUS])
def test_what_could_not_be_kept_comes_again(
    target: str, trouble: Exception, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.trouble = trouble
    body = HELLO + b"&MessageStatus=sent"
    with caplog.at_level(logging.DEBUG):
        answer = post(house.doors(), body, target)
    assert (answer.status_code, answer.content) == (503, b"")
    assert int(answer.headers["retry-after"]) > 0
    assert type(trouble).__name__ in caplog.text
    house.trouble = None
    assert post(house.doors(), body, target).status_code == 204


@pytest.mark.parametrize("target", [SMS_PATH, STATUS])
def test_what_is_held_up_is_answered_before_the_provider_gives_up(target: str, house: House) -> None:
    assert webhooks.ANSWER_SECONDS < 12

    async def held(_: object) -> None:
        await asyncio.Event().wait()

    doors = replace(house.doors(), accept=held, report=held, answer_seconds=0.05)
    answer = post(doors, HELLO + b"&MessageStatus=sent", target)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_nothing_of_a_request_reaches_a_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for trouble in (None, *TROUBLES):
            house.trouble = trouble
            for body in (HELLO, HELLO + b"&x", HELLO.replace(b"SM01", b"")):
                for target in (SMS_PATH, STATUS):
                    call(house.doors(), "POST", target, content=body, headers=signature(body, target))
                    call(house.doors(), "POST", target, content=body)
            call(house.doors(), "GET", "/readyz")
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert len(ours) > 20
    for record in ours:
        line = logging.Formatter("%(message)s").format(record)
        assert not any(word in line for word in (SECRET, "7700900123", "SM01", TOKEN, "0190aaaa"))


def test_a_server_that_is_stopped_does_not_call_it_taken(house: House) -> None:
    house.trouble = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        post(house.doors(), HELLO)


# --- the rest of the house ---


@pytest.mark.parametrize(("is_ready", "trouble", "status"), [
    (True, None, 200), (False, None, 503), (True, Down(SECRET), 503), (True, RuntimeError(SECRET), 503),
])  # fmt: skip
def test_whoever_watches(is_ready: bool, trouble: Exception | None, status: int, house: House) -> None:
    house.is_ready, house.trouble = is_ready, trouble
    assert call(house.doors(), "GET", "/readyz").status_code == status
    assert SECRET not in call(house.doors(), "GET", "/readyz").text
    alive = call(house.doors(), "GET", "/healthz")
    assert (alive.status_code, alive.text) == (200, "ok")


@pytest.mark.parametrize(("method", "target", "status"), [
    *(("GET", path, 404) for path in ("/", "/twilio", "/desk", "/docs", "/%00", "/..%2f..%2fetc")),
    *(("POST", path, 404) for path in ("/twilio/sms/", "/twilio/status/", "/twilio/status/a/b", "/TWILIO/SMS", "//twilio/sms")),
    *((method, path, 405) for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE") for path in (SMS_PATH, STATUS)),
    *((method, path, 405) for method in ("POST", "PUT", "DELETE", "TRACE") for path in ("/healthz", "/readyz")),
    ("HEAD", "/healthz", 200),
])  # fmt: skip
def test_what_is_not_here(method: str, target: str, status: int, house: House) -> None:
    answer = call(house.doors(), method, target, content=HELLO if method == "POST" else None)
    assert answer.status_code == status
    assert "location" not in answer.headers


def test_a_channel_that_is_not_configured_has_no_door(house: House) -> None:
    for target in (SMS_PATH, STATUS):
        assert post(house.doors(channels={}), HELLO, target).status_code == 404
