"""A provider of texts on this machine: notes every send, and answers as it is told, well or badly."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlencode

from twilio.request_validator import RequestValidator

ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "an invented token"
SENDER: Final = "+447700900999"
PUBLIC: Final = "https://text.example.org"

# What the provider may do with a send. `took` ones note it before things go wrong: the text is on its way.
FINE, BUSY, BROKEN, HANG, RESET, TOOK_AND_RESET, NO_SUCH_NUMBER = (
    *("fine", "busy", "broken", "hang", "reset", "took_and_reset", "no_such_number"),
)


# What stands for the words of a call: nobody hears any before it is picked up.
CALL: Final = "(call)"


@dataclass(frozen=True, slots=True)
class Taken:
    """A text the provider took, or a call it placed."""

    outbox: str
    to: str
    text: str
    at: float


class Provider:
    """`taken` grows; `will` holds what the next sends meet, then all is fine. `hang` seconds before it lets go."""

    def __init__(self, hang: float = 2.0) -> None:
        self.taken: list[Taken] = []
        self.will: deque[str] = deque()
        self.always = FINE
        self.met: Counter[str] = Counter()
        self.hang = hang
        self.retry_after = ""
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Answer)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next(self, form: dict[str, str]) -> str:
        with self._lock:
            act = self.will.popleft() if self.will else self.always
            self.met[act] += 1
            if act in (FINE, TOOK_AND_RESET):
                outbox = form["StatusCallback"].rpartition("/")[2]
                self.taken.append(Taken(outbox, form["To"], form.get("Body", CALL), time.monotonic()))
            return act

    def duplicates(self) -> int:
        """How many sends were one too many."""
        counted = Counter(one.outbox for one in self.taken)
        return sum(count - 1 for count in counted.values())

    def to(self, number: str) -> list[str]:
        """The texts a phone was sent, in order."""
        return [one.text for one in self.taken if one.to == number]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    provider: Provider

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed is no news."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(raw, keep_blank_values=True).items()}
        provider = self.server.provider
        match provider.next(form):
            case "fine":
                self._say(201, {"sid": f"SM{len(provider.taken):032x}", "status": "queued"})
            case "busy":
                self._say(429, {"code": 20429, "message": "slow down"}, provider.retry_after)
            case "broken":
                self._say(503, {"code": 20503, "message": "not now"})
            case "no_such_number":
                self._say(400, {"code": 21211, "message": "no such number"})
            case "hang":
                time.sleep(provider.hang)
                self.close_connection = True
            case _:
                self._reset()

    def _say(self, status: int, said: dict[str, object], retry_after: str = "") -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.rfile.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Quiet."""


def signed(path: str, form: dict[str, str], token: str = TOKEN) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook as the provider sends it."""
    signature = RequestValidator(token).compute_signature(PUBLIC + path, form)
    return urlencode(form).encode(), {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature,
    }


def message(sid: str, number: str, text: str) -> dict[str, str]:
    """The form of an inbound text, with what the provider adds and we must not keep."""
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "AccountSid": ACCOUNT,
        "From": number,
        "To": SENDER,
        "Body": text,
        "NumMedia": "0",
        "FromCity": "NOWHERE",
        "FromCountry": "GB",
    }
