"""Telegram's server as its documentation describes it: every call is held against `bot_api.json`, and refused in its words.

It takes nothing that the description does not name, so that a call we make by mistake fails here first.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qs, urlsplit

import httpx

from bot import trust

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN: Final = "123456:AAinvented-token_of-nobody-0123456789"
SECRET: Final = "an-invented-secret_of-nobody"
CHILD: Final = 700900111
_API: Final = json.loads(Path(__file__).with_name("bot_api.json").read_text("utf-8"))
_TYPES: Final[dict[str, Any]] = {
    "integer": int,
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
    "rows": list,
}
_PHRASES: Final = {400: "Bad Request", 403: "Forbidden", 409: "Conflict", 500: "Internal Server Error"}
_NO_CHAT: Final = {"blocked": "bot was blocked by the user", "deactivated": "user is deactivated",
                   "never_started": "bot can't initiate conversation with a user"}  # fmt: skip


class Refusal(Exception):
    """What Telegram answers instead of a result."""

    def __init__(self, status: int, said: str, **parameters: int) -> None:
        super().__init__(said)
        self.status, self.parameters = status, parameters
        self.said = said if status in (401, 404, 429) else f"{_PHRASES[status]}: {said}"

    @property
    def body(self) -> dict[str, Any]:
        more = {"parameters": self.parameters} if self.parameters else {}
        return {"ok": False, "error_code": self.status, "description": self.said, **more}


@dataclass
class Double:
    """One bot. `chats`: how each private chat stands (`open`, `blocked`, `deactivated`, `never_started`).

    `will`: what becomes of the next calls, one each: a `Refusal`, raw bytes, `hang`, `drop` or `empty`. `calls`: what was
    taken, in order. `shown`: the texts that stand in each chat, by id.
    """

    chats: dict[int, str] = field(default_factory=lambda: {CHILD: "open"})
    will: deque[Any] = field(default_factory=deque)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    shown: dict[int, dict[int, str]] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    queries: set[str] = field(default_factory=set)
    fixed: set[int] = field(default_factory=set)
    webhook: dict[str, Any] | None = None
    http_webhooks: bool = True
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._number = 1000
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _calls(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def of(self, method: str) -> list[dict[str, Any]]:
        """What was asked by this method."""
        return [asked for name, asked in self.calls if name == method]

    def called(self, method: str, form: Mapping[str, str]) -> Any:
        asked = _validated(method, form)
        with self._lock:
            self.calls.append((method, asked))
        return getattr(self, f"_{method}")(**asked)

    # --- what the methods do ---

    def _sendMessage(self, chat_id: int, text: str, **_: Any) -> dict[str, Any]:  # noqa: N802 - their names
        self._open(chat_id)
        with self._lock:
            self._number += 1
            self.shown.setdefault(chat_id, {})[self._number] = text
            return {"message_id": self._number, "date": int(time.time()), "text": text,
                    "chat": {"id": chat_id, "type": "private", "first_name": "Invented"}}  # fmt: skip

    def _deleteMessages(self, chat_id: int, message_ids: list[int]) -> bool:  # noqa: N802
        self._open(chat_id)
        if self.fixed & set(message_ids):
            raise Refusal(400, "message can't be deleted")
        for one in message_ids:
            self.shown.get(chat_id, {}).pop(one, None)
        return True

    def _answerCallbackQuery(self, callback_query_id: str) -> bool:  # noqa: N802
        if callback_query_id not in self.queries:
            raise Refusal(400, "query is too old and response timeout expired or query ID is invalid")
        self.queries.remove(callback_query_id)
        return True

    def _setWebhook(self, url: str, **more: Any) -> bool:  # noqa: N802
        parts = urlsplit(url)
        if parts.scheme != "https" and not self.http_webhooks:
            raise Refusal(400, "bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = {"url": url, **more}
        return True

    def _deleteWebhook(self, drop_pending_updates: bool = False) -> bool:  # noqa: N802
        self.webhook = None
        if drop_pending_updates:
            self.waiting.clear()
        return True

    def _getUpdates(  # noqa: N802
        self, offset: int = 0, timeout: int = 0, allowed_updates: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(
                409,
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        with self._lock:
            self.waiting[:] = [one for one in self.waiting if one["update_id"] >= offset]
        until = time.monotonic() + timeout
        while not self.stop.is_set():
            with self._lock:
                found = [one for one in self.waiting if not allowed_updates or set(allowed_updates) & set(one)][:100]
            if found or time.monotonic() >= until:
                return found
            self.stop.wait(0.02)
        return []

    def _open(self, chat: int) -> None:
        state = self.chats.get(chat)
        if state is None:
            raise Refusal(400, "chat not found")
        if state != "open":
            raise Refusal(403, _NO_CHAT[state])

    # --- what a child does ---

    def bring(self, update: Mapping[str, Any]) -> int:
        """Bring an update to the webhook, as Telegram does; returns the status it was answered with."""
        assert self.webhook is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        return httpx.post(
            self.webhook["url"], json=update, headers=headers, timeout=10, verify=trust.authorities()
        ).status_code


def _validated(method: str, form: Mapping[str, str]) -> dict[str, Any]:
    known = _API["methods"].get(method)
    if known is None:
        raise Refusal(404, "Not Found")
    given = {}
    for name, text in form.items():
        kind = known.get(name, {}).get("type")
        try:
            given[name] = text if kind in (None, "string") else json.loads(text)
        except ValueError:
            raise Refusal(400, f"can't parse {name}") from None
    _hold(given, known)
    return given


def _hold(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in given:
        if name not in known:
            raise Refusal(400, f"there is no parameter {name}")
    for name, rule in known.items():
        if name in given:
            _one(name, given[name], rule)
        elif rule.get("required"):
            raise Refusal(400, rule.get("short", f"parameter {name} is required"))


def _size(limit: str, value: Any) -> int:
    match limit:
        case "units":
            return len(value.encode("utf-16-le")) // 2
        case "bytes":
            return len(value.encode())
        case "count":
            return len(value)
    return int(value)


def _one(name: str, value: Any, rule: Mapping[str, Any]) -> None:
    if not isinstance(value, _TYPES[rule["type"]]) or (rule["type"] == "integer" and isinstance(value, bool)):
        raise Refusal(400, f"{name} must be of type {rule['type']}")
    for limit in ("units", "bytes", "count", "range"):
        if limit in rule and not rule[limit][0] <= _size(limit, value) <= rule[limit][1]:
            which = "short" if _size(limit, value) < rule[limit][0] else "long"
            raise Refusal(400, rule.get(which, f"{name} is out of range"))
    if "matches" in rule and not re.fullmatch(rule["matches"], value):
        raise Refusal(400, f"{name} has signs that are not allowed")
    if rule["type"] == "array":
        for item in value:
            _one(name, item, {"type": rule["items"]})
            if "one_of" in rule and item not in rule["one_of"]:
                raise Refusal(400, f"{name}: unknown {item}")
    if rule["type"] == "object":
        _hold(value, _API["objects"][rule["of"]])
    if rule["type"] == "rows":
        for row in value:
            for item in row:
                _hold(item, _API["objects"][rule["of"]])


def _calls(double: Double) -> type[BaseHTTPRequestHandler]:
    class Call(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
            found = re.fullmatch(r"/bot([^/]+)/(\w+)", self.path)
            ordered = double.will.popleft() if double.will else None
            if ordered == "drop":
                self.close_connection = True
                return
            if ordered == "hang":
                double.stop.wait(30)
                return
            if isinstance(ordered, bytes):
                self._answer(200, ordered)
                return
            try:
                result = self._result(found, ordered, form)
            except Refusal as no:
                double.refused.append(no.said)
                self._answer(no.status, json.dumps(no.body).encode())
            else:
                self._answer(200, json.dumps({"ok": True, "result": result}).encode())

        def _result(self, found: re.Match[str] | None, ordered: object, form: dict[str, str]) -> Any:
            if found is None or found[1] != TOKEN:
                raise Refusal(401, "Unauthorized")
            if isinstance(ordered, Refusal):
                raise ordered
            return double.called(found[2], form)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Call
