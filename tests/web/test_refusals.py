"""Who did not sign, who sends too much, and who never finishes is sent away, and nothing of it is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

import pytest

from bot.web.webhooks import BODY_LIMIT
from tests.channels import twilio
from tests.channels.twilio import PUBLIC, SMS_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
from tests.web.asking import HELLO, STATUS, House, acall, asgi, call, post, signature


@pytest.mark.parametrize("headers", [
    {}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "forged"}, signature(HELLO + b"x"), signature(HELLO, STATUS + "2"),
    {"X-Twilio-Signature": twilio.signature("http://127.0.0.1:8080" + SMS_PATH, HELLO)},
    {"X-Twilio-Signature": twilio.signature("https://evil.example" + SMS_PATH, HELLO), "Host": "evil.example",
     "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    {"X-Twilio-Signature": twilio.signature(PUBLIC + SMS_PATH, HELLO, "another token")},
])  # fmt: skip
def test_forged(headers: dict[str, str], house: House) -> None:
    for target in (SMS_PATH, STATUS):
        answer = post(house.doors(), HELLO, target, headers)
        assert (answer.status_code, answer.content) == (403, b"")
    assert (house.accepted, house.reported) == ([], [])


@pytest.mark.parametrize(("first", "status"), [(True, 204), (False, 403)])
def test_of_two_signatures_the_first_counts_and_no_other_is_tried(first: bool, status: int, house: House) -> None:
    both = [*signature(HELLO).items(), ("X-Twilio-Signature", "forged")]
    headers = both if first else both[::-1]
    assert call(house.doors(), "POST", SMS_PATH, content=HELLO, headers=headers).status_code == status
    joined = {"X-Twilio-Signature": ", ".join(value for _, value in headers)}
    assert call(house.doors(), "POST", SMS_PATH, content=HELLO, headers=joined).status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"&", b"Body=hi", b"MessageSid=SM1&Body=hi", b"MessageSid=../x&From=%2B44", b"a=&" * 2000]
)
def test_signed_and_malformed(body: bytes, house: House) -> None:
    assert post(house.doors(), body).status_code == 400
    assert house.accepted == []


def test_too_many_fields_are_refused_before_anything_is_hashed(house: House) -> None:
    assert post(house.doors(), b"a=&" * 2000, headers={}).status_code == 400


async def pieces(number: int, size: int, read: list[int]) -> AsyncIterator[bytes]:
    for at in range(number):
        read.append(at)
        yield b"x" * size


def test_too_long_is_refused_while_it_is_read(house: House) -> None:
    """No length is declared, and the end is never asked for."""
    read: list[int] = []

    async def story() -> httpx.Response:
        return await acall(
            house.doors(), "POST", SMS_PATH, content=pieces(1000, 64 * 1024, read), headers=signature(b"")
        )

    answer = asyncio.run(story())
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert len(read) <= BODY_LIMIT // (64 * 1024) + 2
    assert house.accepted == []


@pytest.mark.parametrize(("more", "status"), [(0, 204), (1, 413)])
def test_the_limit_to_the_byte(more: int, status: int, house: House) -> None:
    doors = house.doors(body_limit=len(HELLO) + 100)
    assert post(doors, HELLO + b"x" * (100 + more)).status_code == status
    assert len(house.accepted) == (status == 204)


def test_a_declared_length_is_only_a_claim(house: House) -> None:
    sent = asgi(house.doors(body_limit=100), [b"x" * 101], {"content-length": "1"})
    assert sent[0]["status"] == 413
    assert asgi(house.doors(), [HELLO], {"content-length": "999999999"} | signature(HELLO))[0]["status"] == 204


def test_a_hundred_thousand_emoji_fit(house: House) -> None:
    text = "\U0001f61f" * 100_000
    body = b"MessageSid=SM01&From=%2B447700900123&Body=" + quote_from_bytes(text.encode()).encode()
    assert post(house.doors(), body).status_code == 204
    assert house.accepted[0].text == text


def test_a_body_that_never_ends_is_given_up(house: House) -> None:
    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    sent = asgi(house.doors(body_seconds=0.05), [HELLO[:10]], signature(HELLO), never)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert house.accepted == []


def test_a_body_that_drips_is_given_up(house: House) -> None:
    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert asgi(house.doors(body_seconds=0.1), [], {}, drip)[0]["status"] == 408


def test_a_caller_who_hangs_up_halfway_leaves_nothing(house: House) -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    # The half that came is, by itself, a whole signed message.
    assert asgi(house.doors(), [HELLO], signature(HELLO), gone)[0]["status"] == 400
    assert house.accepted == []


def test_a_server_that_keeps_no_raw_path(house: House) -> None:
    target = "/twilio/status/a%20b"
    scope = {"path": "/twilio/status/a b", "raw_path": None}
    assert asgi(house.doors(), [HELLO], signature(HELLO, target), scope=scope)[0]["status"] == 204
