"""The small HTTP client under Twilio's library. It keeps one deadline for the whole exchange, and says what is known.

Three ways to fail are told apart, because they decide whether a text may be sent again: it did not leave (`Unsent`),
it left and nobody answered (`Unanswered`), it was answered with a refusal (`Declined`). Follows no redirect, uses no
proxy, logs nothing. Knows nothing of messages.
"""

from __future__ import annotations

import http.client
import io
import json
import selectors
import socket
import threading
import time
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bot import trust

if TYPE_CHECKING:
    from collections.abc import Mapping

# A connection left alone for longer may be gone at the other end, and a request lost on it would be in doubt.
MAX_IDLE = 4.0
MAX_ANSWER = 1 << 20
MAX_WAIT = 3600.0
TOO_LONG = "too_long"


class Failed(Exception):
    """An exchange did not end well. `code` is a class of error or a status, never anything that was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unsent(Failed):
    """The request did not leave whole, so nobody can have acted on it."""


class Unanswered(Failed):
    """The request left, and no whole answer came in time: it is in doubt."""


class Declined(Failed):
    """An answer that is no success. `error`: Twilio's own code; `retry_after`: seconds; None where not given."""

    def __init__(self, status: int, error: int | None, retry_after: float | None) -> None:
        super().__init__(str(error or f"http {status}"))
        self.status = status
        self.error = error
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """What Twilio's library reads of a success."""

    status_code: int
    text: str
    headers: Mapping[str, str]
    ok: bool = True


class Http:
    """Connections to one server, shared by threads, each used by one at a time. `base`: scheme and authority."""

    def __init__(self, base: str, timeout: float) -> None:
        parts = urlsplit(base)
        self._tls = trust.authorities() if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._timeout = timeout
        self._idle: list[tuple[http.client.HTTPConnection, float]] = []
        self._lock = threading.Lock()

    def request(  # noqa: PLR0913, PLR0917 - the shape is the library's
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> Answer:
        """Send to the configured server, whatever host `uri` names. Raises `Unsent`, `Unanswered` or `Declined`."""
        target = urlsplit(uri).path + (f"?{urlencode(params, doseq=True)}" if params else "")
        # A lone surrogate has no bytes to be sent as; the rest of the text does, and must not be held up by it.
        body = urlencode(data or {}, doseq=True, errors="replace").encode()
        deadline = time.monotonic() + (timeout or self._timeout)
        connection = self._leave(method, target, body, _with_auth(headers, auth), deadline)
        response, text = _answer(connection, deadline)
        self._give_back(connection, response)
        if not 200 <= response.status < 300:  # noqa: PLR2004
            raise Declined(response.status, _error(text), _seconds(response.headers.get("Retry-After")))
        return Answer(response.status, text, dict(response.headers))

    def _leave(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> http.client.HTTPConnection:
        """Write the request, on a used connection or else on a new one: a torn write reached nobody."""
        while True:
            used = self._take()
            connection = used or self._connect(deadline)
            try:
                connection.sock.settimeout(_left(deadline))
                connection.request(method, target, body, dict(headers))
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if used is None:
                    raise Unsent(type(error).__name__) from None
            else:
                return connection

    def _connect(self, deadline: float) -> http.client.HTTPConnection:
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            sock = _reach([address[:2] for *_, address in found], deadline)
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_hostname=self._host)
        except OSError as error:
            raise Unsent(type(error).__name__) from None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = http.client.HTTPConnection(self._host, self._port)
        connection.sock = sock
        return connection

    def _take(self) -> http.client.HTTPConnection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection, since = self._idle.pop()
            if time.monotonic() - since < MAX_IDLE and _silent(connection.sock):
                return connection
            connection.close()

    def _give_back(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        if response.will_close or connection.sock is None:
            connection.close()
            return
        with self._lock:
            self._idle.append((connection, time.monotonic()))

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()


class _Timed(io.RawIOBase):
    """Reads a socket and gives up at the deadline, however slowly the bytes drip."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response read through `_Timed`."""

    def __init__(self, sock: socket.socket, *, deadline: float, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock, deadline))


def _answer(connection: http.client.HTTPConnection, deadline: float) -> tuple[http.client.HTTPResponse, str]:
    connection.response_class = partial(_Response, deadline=deadline)  # type: ignore[assignment]
    try:
        response = connection.getresponse()
        raw = response.read(MAX_ANSWER)
        whole = not response.read(1)
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        raise Unanswered(type(error).__name__) from None
    if not whole:
        connection.close()
        raise Unanswered(TOO_LONG)
    return response, raw.decode("utf-8", "replace")


def _reach(addresses: list[Any], deadline: float) -> socket.socket:
    """Try each address for its share of the time, so that one dead address does not eat it all."""
    while True:
        address = addresses.pop(0)
        try:
            sock = socket.create_connection(address, timeout=_left(deadline) / (len(addresses) + 1))
        except OSError:
            if not addresses:
                raise
        else:
            sock.settimeout(_left(deadline))
            return sock


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _silent(sock: socket.socket) -> bool:
    """Nothing to read on an idle connection: the other end has not hung up."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return not selector.select(0)


def _with_auth(headers: Mapping[str, str] | None, auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return dict(headers or {})
    token = b64encode(":".join(auth).encode()).decode()
    return {**(headers or {}), "Authorization": f"Basic {token}"}


def _error(text: str) -> int | None:
    try:
        code = json.loads(text).get("code")
    except (ValueError, AttributeError, RecursionError):
        return None
    return code if isinstance(code, int) else None


def _seconds(retry_after: str | None) -> float | None:
    """Read seconds; the dated form of the header is not used by Twilio and counts as not given."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return min(float(retry_after), MAX_WAIT)
