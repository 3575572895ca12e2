"""What providers call: a message, a status. Answers 2xx only when the message is committed; keeps and decides nothing.

No address, text or name reaches a log line here: what went wrong is named by its class.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import logs
from bot.channels.base import Answering, Arrived, Forged, Malformed, Refused, Reporting, Speaking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from bot.channels.base import Channel, Inbound, Pressed, Report, Spoken

log = logging.getLogger(__name__)

# 100,000 characters of emoji, percent-encoded, and room; Twilio's own limit is 1,600 characters.
BODY_LIMIT = 2 * 1024 * 1024
# Twilio itself gives up after fifteen, and then nothing that we answer reaches it: what is held up longer is brought again. Work
# that has begun goes on, and is known by the id of the message when it comes.
BODY_SECONDS = 10.0
ANSWER_SECONDS = 11.0

TOO_LARGE, TOO_SLOW, GONE = "too_large", "too_slow", "gone"


class _TooLarge(Refused):
    """The body passed its limit while it was read."""


class _TooSlow(Refused):
    """The body was not there in time."""


class _Gone(Refused):
    """The caller hung up before the body was whole."""


REFUSALS: dict[type[Refused], HTTPStatus] = {
    Forged: HTTPStatus.FORBIDDEN,
    Malformed: HTTPStatus.BAD_REQUEST,
    _TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    _TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    _Gone: HTTPStatus.BAD_REQUEST,
}


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that a channel's provider posts to: messages, or with `reports` what became of texts of ours.

    A path that reports, or that `speaks` into a call, names `{outbox_id}`, by which the channel had the provider call it.
    """

    path: str
    channel: str
    reports: bool = False
    speaks: bool = False


# One line for each address; it answers only while its channel is configured.
HOOKS = (
    Hook("/twilio/sms", "sms"),
    Hook("/twilio/status/{outbox_id}", "sms", reports=True),
    Hook("/telegram", "telegram"),
    Hook("/twilio/voice/status/{outbox_id}", "voice", reports=True),
    Hook("/twilio/voice/{outbox_id}", "voice", speaks=True),
)


@dataclass(frozen=True, slots=True)
class Doors:
    """What the web app is handed. Every coroutine returns once its work is committed.

    Whatever `accept` or `report` raises is answered 503, so that the provider comes again: a text that nobody could keep
    must not be called taken. One of `unavailable` says that the store is down; anything else is a bug, and is logged as one.
    """

    accept: Callable[[Inbound], Awaitable[None]]
    report: Callable[[Report], Awaitable[None]]
    ready: Callable[[], Awaitable[bool]]
    call: Callable[[Pressed], Awaitable[Spoken]] | None = None
    channels: Mapping[str, Channel] = field(default_factory=dict)
    hooks: tuple[Hook, ...] = HOOKS
    unavailable: tuple[type[Exception], ...] = ()
    body_limit: int = BODY_LIMIT
    body_seconds: float = BODY_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def routes(doors: Doors) -> list[Route]:
    """List the addresses of every channel that is configured, and the two for whoever watches."""

    async def readyz(_: Request) -> Response:
        return await _ready(doors)

    hooks = [_hook(doors, hook, doors.channels[hook.channel]) for hook in doors.hooks if hook.channel in doors.channels]
    return [*hooks, Route("/healthz", _healthz), Route("/readyz", readyz)]


def _hook(doors: Doors, hook: Hook, channel: Channel) -> Route:
    async def message(_: Request, arrived: Arrived) -> BackgroundTask | None:
        inbound = channel.parse(arrived)
        if inbound is not None:
            await doors.accept(inbound)
        return BackgroundTask(channel.taken, arrived) if isinstance(channel, Answering) else None

    async def report(request: Request, arrived: Arrived) -> None:
        assert isinstance(channel, Reporting)
        said = channel.report(request.path_params["outbox_id"], arrived)
        if said is not None:
            await doors.report(said)

    async def call(request: Request, arrived: Arrived) -> Response:
        assert isinstance(channel, Speaking)
        assert doors.call is not None
        outbox = request.path_params["outbox_id"]
        return Response(
            channel.spoken(outbox, await doors.call(channel.pressed(outbox, arrived))), media_type="text/xml"
        )

    async def answer(request: Request) -> Response:
        return await _answer(doors, request, call if hook.speaks else report if hook.reports else message)

    return Route(hook.path, answer, methods=["POST"])


async def _answer(
    doors: Doors, request: Request, take: Callable[[Request, Arrived], Awaitable[Response | BackgroundTask | None]]
) -> Response:
    """Carry one request in. 200 with the words of a call, 204 done; 400 malformed, 403 forged, 408 too slow, 413 too long;
    503 come again.
    """
    held_up: tuple[type[Exception], ...] = (TimeoutError, *doors.unavailable)
    try:
        async with asyncio.timeout(doors.answer_seconds):
            after = await take(request, await arrived(doors, request))
    except Refused as refused:
        return _refused(REFUSALS.get(type(refused), HTTPStatus.BAD_REQUEST), refused.code)
    except held_up as down:
        log.warning("webhook not taken: %s", type(down).__name__)
        return _come_again()
    except Exception as bug:  # noqa: BLE001 - the provider keeps the message and brings it again
        log.error("webhook not taken: %s at %s", type(bug).__name__, logs.place(bug))  # noqa: TRY400 - a trace may quote it
        return _come_again()
    return after if isinstance(after, Response) else Response(status_code=HTTPStatus.NO_CONTENT, background=after)


async def arrived(doors: Doors, request: Request) -> Arrived:
    """Read a request as it came. Raises Refused: too long, too slow, gone."""
    try:
        async with asyncio.timeout(doors.body_seconds):
            body = await _body(request, doors.body_limit)
    except TimeoutError:
        raise _TooSlow(TOO_SLOW) from None
    except ClientDisconnect:
        raise _Gone(GONE) from None
    return Arrived(_target(request), request.headers, body, doors.clock())


async def _body(request: Request, limit: int) -> bytes:
    """Read what really comes: a declared length is a claim."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _TooLarge(TOO_LARGE)
    return bytes(body)


def _target(request: Request) -> str:
    """Path and query as they were sent, for a signature is over those."""
    raw = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    query = request.scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def _refused(status: HTTPStatus, code: str) -> Response:
    log.warning("webhook refused: %s", code)
    # Whatever is still unread of the body must not be taken for the next request.
    return Response(status_code=status, headers={"Connection": "close"})


def _come_again() -> Response:
    return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _ready(doors: Doors) -> Response:
    try:
        ready = await doors.ready()
    except Exception as error:  # noqa: BLE001 - whatever stands in the way, we are not ready
        log.error("not ready: %s", type(error).__name__)  # noqa: TRY400 - a trace may quote what it failed on
        ready = False
    if ready:
        return PlainTextResponse("ready")
    return PlainTextResponse("not ready", status_code=HTTPStatus.SERVICE_UNAVAILABLE)
