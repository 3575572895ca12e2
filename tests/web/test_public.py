"""Everything the world can ask: a table of what each address takes, and what it refuses whoever asks."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_from_bytes

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from bot.site import Site
from bot.web import webhooks
from bot.web.app import create_app
from bot.web.taking import Links
from tests.web.asking import House
from tests.web.chatting import OURS, Chatting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

# Address, methods, what is taken there and what proves it. A route without a row fails.
TABLE: Final = {
    "/": ({"GET", "HEAD", "POST"}, "a child's form, from our own page by Origin, Sec-Fetch-Site or the form's mark"),
    "/live": ({"GET", "HEAD"}, "the cookie of a visit; gives ids, no text"),
    "/page.css": ({"GET", "HEAD"}, "nothing"),
    "/page.js": ({"GET", "HEAD"}, "nothing"),
    "/a/{link}": (
        {"GET", "HEAD", "POST"},
        "a press behind a page's link: the link, and our own page by Origin or the form",
    ),
    "/filing/{delivery}": ({"GET", "HEAD"}, "a signature over the delivery by who holds the secret of the webhook"),
    "/healthz": ({"GET", "HEAD"}, "nothing"),
    "/readyz": ({"GET", "HEAD"}, "nothing"),
    "/twilio/sms": ({"POST"}, "a message with Twilio's signature"),
    "/twilio/status/{outbox_id}": ({"POST"}, "a report with Twilio's signature"),
    "/twilio/voice/{outbox_id}": ({"POST"}, "a call in progress with Twilio's signature"),
    "/twilio/voice/status/{outbox_id}": ({"POST"}, "how a call ended with Twilio's signature"),
    "/telegram": ({"POST"}, "an update with the secret we gave Telegram"),
}
PAGE: Final = ("/", "/live", "/page.css", "/page.js")


@pytest.fixture(scope="module")
def chatting(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chatting]:
    """One store for all: what is refused changes nothing."""
    file = tmp_path_factory.mktemp("public") / "w.db"
    file.write_bytes(migrated_file.read_bytes())
    made = Chatting(f"sqlite:///{file}")
    yield made
    made.close()


async def nobody(*_: Any) -> None:
    """No link is open."""


def test_every_public_address_stands_in_the_table(chatting: Chatting) -> None:
    every = {hook.channel: object() for hook in webhooks.HOOKS}
    app = create_app(House().doors(channels=every), chatting.page, Links(nobody, nobody, Site.of("")), nobody)
    routes = {one.path: set(one.methods or ()) for one in app.routes if isinstance(one, Route)}
    assert len(routes) == len(app.routes)
    assert {path: TABLE[path][0] for path in routes} == routes


@pytest.mark.parametrize("path", PAGE)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST", "BREW"])
def test_another_method_is_refused(chatting: Chatting, path: str, method: str) -> None:
    if method in TABLE[path][0]:
        return
    assert chatting.child().ask(method, path).status_code == 405


@pytest.mark.parametrize("path", PAGE)
def test_every_answer_tells_the_browser_what_it_may_not(chatting: Chatting, path: str) -> None:
    for child in (chatting.child(), chatting.child(Cookie="page=nobody")):
        headers = child.ask("GET", path).headers
        rules = dict(one.strip().partition(" ")[::2] for one in headers["content-security-policy"].split(";"))
        assert rules == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "connect-src": "'self'",
            "form-action": "'self' https://www.bbc.co.uk",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        wanted = {
            "cache-control": "no-store, max-age=0",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
        }
        assert {name: headers[name] for name in wanted} == wanted
        assert "geolocation=()" in headers["permissions-policy"]
        assert not {"server", "x-powered-by", "access-control-allow-origin"} & set(headers)


def test_the_page_asks_for_nothing_of_others(chatting: Chatting) -> None:
    """Nothing from another site, no script or style in the page, nothing kept by a script."""
    child = chatting.child()
    for page in (child.get(), child.says("hello")):
        for word in ("http:", "//", "<style", " style=", " onclick", "javascript:", "<img", "<iframe"):
            assert word not in page.replace("https://www.bbc.co.uk/weather", ""), word
        assert page.count("<script") == 1
    script = child.ask("GET", "/page.js").text
    for word in (
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "caches",
        "serviceWorker",
        "eval(",
        "http",
    ):
        assert word not in script, word


# --- whose form it is -------------------------------------------------------------------------------------------------

OTHERS: Final = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://127.0.0.1:8000"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
    {"Origin": "http://127.0.0.1:8000@evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
]


@pytest.mark.parametrize("headers", OTHERS)
def test_another_site_s_form_is_refused(chatting: Chatting, headers: dict[str, str]) -> None:
    child = chatting.child()
    child.says("hello")
    before = len(chatting.talks())
    token, mark = child.cookies["page"], chatting.visiting.form_mark(child.cookies["page"])
    forged = {"text": "forged", "once": "abcdefgh", "form": mark}
    child.headers = {}
    for form in (forged, {"do": "exit", "form": mark}, {"do": "code_get", "form": mark}, {"do": "sleep", "form": mark}):
        assert child.ask("POST", data=form, headers=headers).status_code == 403
    assert child.cookies["page"] == token
    assert len(chatting.talks()) == before
    assert "forged" not in child.get()


@pytest.mark.parametrize(
    ("headers", "mark", "status"),
    [
        ({"Origin": "null"}, "", 403),
        ({"Origin": "null"}, "right", 303),
        ({}, "", 403),
        ({}, "wrong", 403),
        ({}, "right", 303),
        ({"Sec-Fetch-Site": "none"}, "", 403),
        ({"Sec-Fetch-Site": "none"}, "right", 303),
        ({"Origin": "http://127.0.0.1:8000"}, "", 303),
        ({"Sec-Fetch-Site": "same-origin"}, "", 303),
    ],
)
def test_where_the_browser_says_nothing_the_form_s_mark_counts(
    chatting: Chatting, headers: dict[str, str], mark: str, status: int
) -> None:
    child = chatting.child()
    child.says("hello")
    right = chatting.visiting.form_mark(child.cookies["page"])
    child.headers = {}
    form = {"text": "mine", "once": "abcdefgh", "form": right if mark == "right" else mark}
    assert child.ask("POST", data=form, headers=headers).status_code == status


def test_a_mark_is_worth_nothing_in_another_visit(chatting: Chatting) -> None:
    one, other = chatting.child(), chatting.child()
    one.says("hello")
    other.says("hello")
    other.headers = {}
    mark = chatting.visiting.form_mark(one.cookies["page"])
    assert other.ask("POST", data={"text": "x", "form": mark}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:80:80", "", "127.0.0.1:x", "localhost@evil", "[::2]"]
)
def test_another_name_is_refused(chatting: Chatting, host: str) -> None:
    for method, path in (("GET", "/"), ("POST", "/"), ("GET", "/live"), ("GET", "/page.js")):
        assert chatting.child().ask(method, path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    ("url", "host", "ours"),
    [
        ("https://text.example.org", "text.example.org", True),
        ("https://text.example.org", "TEXT.example.org:443", True),
        ("https://text.example.org", "text.example.org:8000", False),
        ("https://text.example.org", "127.0.0.1:8000", False),
        ("http://127.0.0.1:9000", "127.0.0.1:9000", True),
        ("", "127.0.0.1:8000", True),
        ("", "[::1]:8000", True),
        ("", "localhost", True),
        ("", "text.example.org", False),
    ],
)
def test_our_own_name(url: str, host: str, ours: bool) -> None:
    assert Site.of(url).is_ours(host) is ours


# --- too much, too slow, and tricks -----------------------------------------------------------------------------------


def test_too_long_is_refused_while_it_is_read(chatting: Chatting) -> None:
    read: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(1000):
            read.append(at)
            yield b"x" * 64 * 1024

    answer = chatting.child().ask("POST", content=pieces())
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert len(read) <= webhooks.BODY_LIMIT // (64 * 1024) + 2


def test_too_many_fields(chatting: Chatting) -> None:
    assert chatting.child().ask("POST", content=b"a=&" * 2000).status_code == 400


def asked(chatting: Chatting, scope: dict[str, Any], end: Any = None, **doors: Any) -> list[Any]:
    """One request below HTTP."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if end is not None:
            found: dict[str, Any] = await end()
            return found
        return {"type": "http.request", "body": scope.get("body", b""), "more_body": False}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:8000"), (b"sec-fetch-site", b"same-origin"), *scope.get("headers", ())]
    path = scope.get("path", "/")
    request = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": scope.get("method", "POST"),
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": scope.get("query", b""),
        "root_path": "",
        "headers": headers,
    }
    app = create_app(chatting.doors(**doors), chatting.page)
    asyncio.run(app(request, receive, send))
    return sent


def test_a_body_that_never_ends_is_given_up(chatting: Chatting) -> None:
    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    sent = asked(chatting, {}, never, body_seconds=0.05)
    assert sent[0]["status"] == HTTPStatus.REQUEST_TIMEOUT


def test_who_hangs_up_is_let_go(chatting: Chatting) -> None:
    async def gone() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    assert asked(chatting, {}, gone)[0]["status"] == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "path",
    [
        *(
            "//",
            "//evil.example",
            "/.",
            "/..",
            "/page.js/",
            "/page.js/..",
            "/%2e%2e/etc/passwd",
            "/..%2f..%2fetc/passwd",
        ),
        *("/static/page.js", "/templates/page.html", "/page.html", "/index.html", "/live/", "/LIVE", "/\\evil.example"),
        *("/;/", "/\x00", "/page.css\x00.html", "/page.js/../page.css", "*", "http://evil.example/"),
    ],
)
def test_no_other_path_leads_anywhere(chatting: Chatting, path: str) -> None:
    answer = asked(chatting, {"method": "GET", "path": path})[0]
    assert answer["status"] == 404
    assert b"location" not in dict(answer["headers"])


@pytest.mark.parametrize(
    "trick", ["en\r\nSet-Cookie: a=b", "\r\n\r\n<script>", "../../etc/passwd", "\x00", "x" * 10_000, "ar; a=b"]
)
def test_no_header_is_made_of_what_is_sent(chatting: Chatting, trick: str) -> None:
    for form in (
        {"do": "language", "lang": trick},
        {"text": "hi", "lang": trick, "once": trick},
        {"do": "code", "code": trick},
        {"do": trick},
    ):
        answer = chatting.child().ask("POST", data=form)
        assert answer.status_code in {200, 303}
        cookies = answer.headers.get_list("set-cookie")
        assert all(one.startswith("page=") for one in cookies)
        assert "a=b" not in " ".join(answer.headers.values())


# --- streams ----------------------------------------------------------------------------------------------------------


def test_a_stream_needs_a_visit(chatting: Chatting) -> None:
    for child in (chatting.child(), chatting.child(Cookie="page=nobody")):
        answer = child.ask("GET", "/live")
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_stream_says_that_there_is_something_and_not_what(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    token = child.cookies["page"]

    async def story() -> list[bytes]:
        found = await chatting.visiting.newest(token)
        assert found is not None
        stream = chatting.streams.open(token, found[0], "")
        heard = [await anext(stream), await anext(stream)]
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        await chatting.visiting.leave(token)
        chatting.streams.wake(found[0])
        return [*heard, await waiting]

    retry, new, gone = asyncio.run(story())
    assert retry == b"retry: 1000\n\n"
    assert new.startswith(b"id: ")
    assert new.endswith(b"\ndata: new\n\n")
    assert gone == b"event: gone\ndata: gone\n\n"


def test_a_page_that_was_left_open_closes_when_its_child_comes_back_elsewhere(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    token, code = child.cookies["page"], child.code()

    async def story() -> bytes:
        found = await chatting.visiting.newest(token)
        assert found is not None
        stream = chatting.streams.open(token, *found)
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        transport = httpx.ASGITransport(chatting.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as elsewhere:
            await elsewhere.post("/", data={"do": "code", "code": code}, headers=OURS)
        # Long before the breath in which a stream looks by itself.
        return await asyncio.wait_for(waiting, 10)

    assert asyncio.run(story()) == b"event: gone\ndata: gone\n\n"


# --- anything ---------------------------------------------------------------------------------------------------------

WIRE: Final = st.one_of(
    st.binary(max_size=200), st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
NAMES: Final = st.sampled_from(["do", "text", "once", "lang", "form", "question", "pick", "code", "greet", "x"])
DOES: Final = st.sampled_from([b"exit", b"sleep", b"language", b"code_get", b"code", b"check", b"say", b""])
FIELD: Final = st.one_of(st.tuples(st.just("do"), DOES), st.tuples(NAMES, WIRE))
HEADER: Final = st.tuples(
    st.sampled_from(
        [b"cookie", b"origin", b"accept-language", b"last-event-id", b"x-page", b"referer", b"content-type"]
    ),
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from([b"page=x", b"vi", b"null", b"http://127.0.0.1:8000", b"http://[", b"1" * 26]),
    ),
)
PATH: Final = st.one_of(
    st.sampled_from([*PAGE, "/healthz", "/readyz"]), st.text(max_size=20).map(lambda text: "/" + text)
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.sampled_from(["GET", "POST", "HEAD", "PUT"]),
    PATH,
    st.lists(FIELD, max_size=6),
    st.lists(HEADER, max_size=4),
    WIRE,
    st.booleans(),
)
def test_nothing_anybody_sends_is_a_fault(
    chatting: Chatting,
    method: str,
    path: str,
    fields: list[tuple[str, bytes]],
    headers: list[tuple[bytes, bytes]],
    query: bytes,
    known: bool,
) -> None:
    if known and path == "/live":
        # A stream that is given does not end by itself.
        return
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in fields).encode()
    more = list(headers)
    if known:
        child = chatting.child()
        child.says("hello")
        more = [(b"cookie", f"page={child.cookies['page']}".encode()), *(one for one in headers if one[0] != b"cookie")]
    sent = asked(chatting, {"method": method, "path": path, "body": body, "headers": more, "query": query})
    assert sent[0]["status"] < 500
    assert all(b"\r" not in value and b"\n" not in value for _, value in sent[0]["headers"])
