"""Asking the web app as providers and strangers do: over HTTP, or below it, where a caller can stall and hang up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx

from bot.channels.sms import Sms
from bot.web.app import create_app
from bot.web.webhooks import Doors
from tests.channels import twilio
from tests.channels.twilio import NOW, PUBLIC, SMS_PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from bot.channels.base import Inbound, Report

CHILD: Final = "+447700900123"
SECRET: Final = "hello, it is me"
HELLO: Final = b"MessageSid=SM01&From=%2B447700900123&Body=hello%2C+it+is+me"
STATUS: Final = "/twilio/status/0190aaaa"
TWILIO: Final = Sms(twilio.config())


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
        given = {"channels": {"sms": TWILIO}, "unavailable": (Down,), "clock": lambda: NOW}
        return Doors(self.accept, self.report, self.ready, **{**given, **changes})


def signature(body: bytes, target: str = SMS_PATH) -> dict[str, str]:
    return {"X-Twilio-Signature": twilio.signature(PUBLIC + target, body)}


async def acall(doors: Doors, method: str, target: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(doors))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        return await client.request(method, target, **more)


def call(doors: Doors, method: str, target: str, **more: Any) -> httpx.Response:
    """Ask as from outside; an error that the app lets through reaches the test."""
    return asyncio.run(acall(doors, method, target, **more))


def post(doors: Doors, body: bytes, target: str = SMS_PATH, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Post what Twilio would, signed, unless headers are given."""
    return call(doors, "POST", target, content=body, headers=signature(body, target) if headers is None else headers)


def asgi(
    doors: Doors,
    chunks: Iterable[bytes],
    headers: Mapping[str, str],
    end: Callable[[], Awaitable[dict[str, Any]]] | None = None,
    scope: Mapping[str, Any] | None = None,
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
        **(scope or {}),
    }
    asyncio.run(create_app(doors)(request, receive, send))
    return sent
