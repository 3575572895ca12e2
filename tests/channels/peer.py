"""A server of real sockets on this machine that answers, refuses, stalls and hangs up exactly as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable

SID: Final = "SM" + "a" * 32


@dataclass(frozen=True)
class Asked:
    """One request as it came in, and on which connection (counted from 1)."""

    line: str
    headers: dict[str, str]
    body: str
    connection: int

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body, keep_blank_values=True).items()}


@dataclass
class Peer:
    """`will` holds what becomes of the next requests, one each; without it every request is answered with 201."""

    will: deque[Callable[[socket.socket], None]] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        # Closing alone does not wake a thread in accept.
        socket.create_connection(self._listening.getsockname()).close()
        for thread in self._threads:
            thread.join(5)
        self._listening.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _serve(self) -> None:
        while not self.stop.is_set():
            sock, _ = self._listening.accept()
            self.connections += 1
            self._threads.append(threading.Thread(target=self._talk, args=(sock, self.connections)))
            self._threads[-1].start()

    def _talk(self, sock: socket.socket, connection: int) -> None:
        sock.settimeout(0.05)
        with sock:
            waiting = b""
            while not self.stop.is_set():
                try:
                    came = sock.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    return
                if not came:
                    return
                waiting += came
                asked = _whole(waiting, connection)
                if asked is None:
                    continue
                waiting = b""
                self.asked.append(asked)
                try:
                    (self.will.popleft() if self.will else created)(sock)
                except OSError:
                    return

    def hang(self, sock: socket.socket) -> None:
        """Say nothing until the test is over."""
        del sock
        self.stop.wait(10)

    def drip(self, sock: socket.socket) -> None:
        """A byte now and then: each alone would be in time."""
        sock.sendall(b"HTTP/1.1 201 Created\r\nX-Slow: ")
        while not self.stop.wait(0.05):
            sock.sendall(b"z")


def answer(status: str, body: str, *headers: str) -> Callable[[socket.socket], None]:
    """Answer so."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers]
    raw = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
    return lambda sock: sock.sendall(raw)


def refuse(status: str, code: int, *headers: str) -> Callable[[socket.socket], None]:
    """Refuse as Twilio does, number quoted and all."""
    words = f"The 'To' number +447700900123 cannot be reached: {code}"
    return answer(status, json.dumps({"code": code, "message": words, "more_info": "", "status": 400}), *headers)


created: Final = answer("201 Created", json.dumps({"sid": SID, "status": "queued", "body": "x", "to": "+447700900123"}))


def reset(sock: socket.socket) -> None:
    """Hang up rudely."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def hang_up(sock: socket.socket) -> None:
    """Hang up politely, without a word."""
    sock.shutdown(socket.SHUT_RDWR)


def _whole(raw: bytes, connection: int) -> Asked | None:
    head, found, body = raw.partition(b"\r\n\r\n")
    if not found:
        return None
    line, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    if len(body) < int(headers.get("content-length", 0)):
        return None
    return Asked(line, headers, body.decode(), connection)
