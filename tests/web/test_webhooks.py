"""A provider hears 2xx only after the commit; whatever it or anybody else brings, the answer is never a 500."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_from_bytes

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Inbound, Reason, Report, Status
from bot.channels.sms import Sms
from bot.web.app import create_app
from bot.web.webhooks import BODY_LIMIT, Doors
from tests.channels import twilio
from tests.channels.twilio import NOW, PUBLIC, SMS_PATH, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

CHILD: Final = "+447700900123"
SECRET: Final = "hello, it is me"
HELLO: Final = b"MessageSid=SM01&From=%2B447700900123&Body=hello%2C+it+is+me"
STATUS: Final = "/twilio/status/0190aaaa"


class Down(Exception):
    """What the store raises when it cannot be reached."""


@dataclass
class House:
    """What stands behind the doors. `trouble` is raised where something would be committed."""

    trouble: BaseException | None = None
    accepted: list[Inbound] = field(default_factory=list)
    reported: list[Report] = field(default_factory=list)
    is_ready: bool = True

    async def accept(self, inbound: Inbound) -> None:
        await self._commit()
        self.accepted.append(inbound)

    async def report(self, report: Report) -> None:
        await self._commit()
        self.reported.append(report)

    async def ready(self) -> bool:
        await self._commit()
        return self.is_ready

    async def _commit(self) -> None:
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble

    def doors(self, **changes: Any) -> Doors:
        given = {"twilio": Sms(twilio.config()), "unavailable": (Down,), "clock": lambda: NOW}
        return Doors(self.accept, self.report, self.ready, **{**given, **changes})


@pytest.fixture
def house() -> House:
    return House()


def signature(body: bytes, target: str = SMS_PATH) -> dict[str, str]:
    return {"X-Twilio-Signature": twilio.signature(PUBLIC + target, body)}


async def _call(doors: Doors, method: str, target: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(doors))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        return await client.request(method, target, **more)


def call(doors: Doors, method: str, target: str, **more: Any) -> httpx.Response:
    """Ask as from outside; an error that the app lets through reaches the test."""
    return asyncio.run(_call(doors, method, target, **more))


def post(doors: Doors, body: bytes, target: str = SMS_PATH, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Post what Twilio would, signed, unless headers are given."""
    return call(doors, "POST", target, content=body, headers=signature(body, target) if headers is None else headers)


# --- taken ---


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

        doors = Doors(slow, House().report, House().ready, twilio=Sms(twilio.config()))
        answer = asyncio.create_task(_call(doors, "POST", SMS_PATH, content=HELLO, headers=signature(HELLO)))
        await begun.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        assert not answer.done()
        committed.set()
        assert (await answer).status_code == 204

    asyncio.run(story())


@pytest.mark.parametrize(("form", "reports"), [
    (b"MessageSid=SM9&MessageStatus=delivered", [Report("0190aaaa", Status.DELIVERED)]),
    (b"MessageSid=SM9&MessageStatus=undelivered&ErrorCode=30003", [Report("0190aaaa", Status.FAILED, Reason.UNREACHABLE, "30003")]),
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


# --- refused ---


@pytest.mark.parametrize("headers", [
    {}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "forged"}, signature(HELLO + b"x"), signature(HELLO, STATUS),
    {"X-Twilio-Signature": twilio.signature("http://127.0.0.1:8080" + SMS_PATH, HELLO)},
    {"X-Twilio-Signature": twilio.signature("https://evil.example" + SMS_PATH, HELLO), "Host": "evil.example",
     "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    {"X-Twilio-Signature": twilio.signature(PUBLIC + SMS_PATH, HELLO, "another token")},
])  # fmt: skip
def test_forged(headers: dict[str, str], house: House) -> None:
    for target in (SMS_PATH, STATUS + "?"):
        answer = post(house.doors(), HELLO, target, headers)
        assert (answer.status_code, answer.content) == (403, b"")
    assert (house.accepted, house.reported) == ([], [])


def test_of_two_signatures_one_must_not_smuggle_the_other(house: House) -> None:
    """Proxies differ over which of two equal headers counts; with ours first it is ours, else it is forged."""
    right, wrong = twilio.signature(PUBLIC + SMS_PATH, HELLO), "forged"
    name = "X-Twilio-Signature"
    answer = call(house.doors(), "POST", SMS_PATH, content=HELLO, headers=[(name, wrong), (name, wrong)])
    assert answer.status_code == 403
    joined = call(house.doors(), "POST", SMS_PATH, content=HELLO, headers={name: f"{wrong}, {right}"})
    assert joined.status_code == 403


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
        return await _call(
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


def asgi(
    doors: Doors,
    chunks: Iterable[bytes],
    headers: Mapping[str, str],
    end: Callable[[], Awaitable[dict[str, Any]]] | None = None,
    **scope: Any,
) -> list[dict[str, Any]]:
    """One request below HTTP, where a caller can stall or hang up. `end`: what comes in place of the last piece."""
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        return await end() if end else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    request = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": SMS_PATH,
        "raw_path": SMS_PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        **scope,
    }
    asyncio.run(create_app(doors)(request, receive, send))
    return sent


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
    assert asgi(house.doors(), [HELLO], signature(HELLO, target), **scope)[0]["status"] == 204


# --- come again ---

TROUBLES: Final = [
    Down("+447700900123"), TimeoutError(SECRET), ValueError(SECRET), KeyError(SECRET), OSError(SECRET), RuntimeError(SECRET),
    asyncio.InvalidStateError(SECRET), UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET), RecursionError(SECRET), StopAsyncIteration(SECRET),
]  # fmt: skip


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
    ("GET", "/", 404), ("GET", "/twilio", 404), ("POST", "/twilio/sms/", 404), ("POST", "/twilio/status/", 404), ("POST", "/twilio/status/a/b", 404),
    ("POST", "/TWILIO/SMS", 404), ("GET", "/desk", 404), ("GET", "/docs", 404), ("GET", "/twilio/sms", 405), ("PUT", "/twilio/sms", 405),
    ("DELETE", STATUS, 405), ("HEAD", "/twilio/sms", 405), ("OPTIONS", "/twilio/sms", 405), ("POST", "/healthz", 405), ("POST", "/readyz", 405),
    ("HEAD", "/healthz", 200), ("GET", "/%00", 404), ("GET", "/..%2f..%2fetc", 404), ("TRACE", "/healthz", 405),
])  # fmt: skip
def test_what_is_not_here(method: str, target: str, status: int, house: House) -> None:
    answer = call(house.doors(), method, target, content=HELLO if method == "POST" else None)
    assert answer.status_code == status
    assert "location" not in answer.headers


def test_a_channel_that_is_not_configured_has_no_door(house: House) -> None:
    for target in (SMS_PATH, STATUS):
        assert post(house.doors(twilio=None), HELLO, target).status_code == 404


# --- anything at all ---

WIRE = st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))


@given(WIRE)
def test_any_bytes_in_a_text_are_kept_as_far_as_they_are_text(raw: bytes) -> None:
    house = House()
    body = b"MessageSid=SM01&From=%2B447700900123&Body=" + quote_from_bytes(raw).encode()
    assert post(house.doors(), body).status_code == 204
    text = house.accepted[0].text
    assert text is not None
    assert "\0" not in text
    assert not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        # Each broken place is one U+FFFD or more, and no letter around it is lost.
        assert "\ufffd" in text or raw.decode("utf-8", "surrogatepass") >= "\ud800"
        assert [char for char in text if char < "\x80"] == [chr(byte) for byte in raw if 0 < byte < 0x80]
    else:
        assert text == whole.replace("\0", "\ufffd")


NAMES = st.sampled_from(
    [
        "x-twilio-signature",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "host",
        "i-twilio-idempotency-token",
    ]
)
HEADERS = st.dictionaries(NAMES, st.text(st.characters(max_codepoint=255), max_size=40), max_size=4)
TARGETS = st.one_of(
    st.sampled_from([SMS_PATH, STATUS, "/healthz", "/readyz"]),
    st.binary(max_size=30).map(lambda raw: "/" + quote_from_bytes(raw)),
)


@given(WIRE, HEADERS, TARGETS, st.binary(max_size=30), st.booleans())
def test_nothing_anybody_sends_is_a_500_and_nothing_unsigned_is_taken(
    body: bytes, headers: dict[str, str], target: str, query: bytes, signed: bool
) -> None:
    house = House()
    whole = target + ("?" + query.decode("latin-1") if query else "")
    given = headers | ({"x-twilio-signature": twilio.signature(PUBLIC + whole, body)} if signed else {})
    scope = {"path": target, "raw_path": target.encode(), "query_string": query}
    sent = asgi(house.doors(), [body], given, **scope)
    assert sent[0]["status"] in {204, 400, 403, 404, 405}
    if not signed:
        assert sent[0]["status"] != 204
        assert (house.accepted, house.reported) == ([], [])


@given(st.dictionaries(st.sampled_from(["MessageSid", "From", "Body", "NumMedia", "MediaContentType0", "Latitude", "OptOutType", "MessageStatus",
                                        "SmsStatus", "ErrorCode"]), WIRE), st.sampled_from([SMS_PATH, STATUS]))  # fmt: skip
def test_signed_nonsense_is_taken_or_malformed(values: dict[str, bytes], target: str) -> None:
    house = House()
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in values.items()).encode()
    assert post(house.doors(), body, target).status_code in {204, 400}
