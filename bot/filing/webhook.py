"""A signed call to where records are filed: that there is one, with its outcome and deadlines, never what a child said.

Signed as the Standard Webhooks specification has it. Called is a public address over https and nothing else: the name is
resolved once, every address it has must be public, the call goes to the very address that was looked at, and nobody is
followed elsewhere. May not log or raise anything of a record.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot import trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

SECONDS: Final = 10
_HTTPS: Final = 443
_PREFIX: Final = "whsec_"
_SHORTEST: Final = 24  # bytes of a secret; the specification asks for 24 to 64
_OLDEST: Final = 300  # seconds a signature of the receiver is good for
_OK, _ENDED = 200, 300
# Networks that carry another address inside: whoever answers there is whoever stands in it.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class NotDelivered(Exception):
    """It did not arrive. `code` is one of a closed list and names nothing of the record or the place."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _dial(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True, slots=True)
class Net:
    """How the world is reached: the same in every program, another in tests."""

    resolve: Callable[[str, int], list[str]] = _resolve
    dial: Callable[[str, int, float], socket.socket] = _dial
    context: ssl.SSLContext = field(default_factory=trust.authorities)


# --- the signature ----------------------------------------------------------------------------------------------------


def key(secret: str) -> bytes:
    """The bytes of a secret: `whsec_` and base64 as the specification writes it, else the text itself. Raises NotDelivered
    for one too short to sign with.
    """
    try:
        found = (
            base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
            if secret.startswith(_PREFIX)
            else secret.encode()
        )
    except binascii.Error:
        raise NotDelivered("bad_secret") from None
    if len(found) < _SHORTEST:
        raise NotDelivered("short_secret")
    return found


def headers(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """What says who sent it and when: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": _signed(secret, message, stamp, body),
    }


def _signed(secret: str, message: str, stamp: str, body: bytes) -> str:
    signature = hmac.new(key(secret), f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signature).decode()}"


def is_receiver(secret: str, message: str, given: Mapping[str, str], now: datetime) -> bool:
    """Whether whoever asks for a record holds the secret: they sign their asking for this very delivery, with an empty
    body, within five minutes.
    """
    stamp = given.get("webhook-timestamp", "")
    if given.get("webhook-id") != message or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):  # noqa: PLR2004 - seconds
        return False
    if abs(now.astimezone(UTC).timestamp() - int(stamp)) > _OLDEST:
        return False
    wanted = _signed(secret, message, stamp, b"").encode()
    return any(hmac.compare_digest(wanted, one.encode()) for one in given.get("webhook-signature", "").split(" "))


# --- the call ---------------------------------------------------------------------------------------------------------


def send(url: str, secret: str, message: str, at: datetime, data: Mapping[str, object], net: Net) -> None:
    """Call once. 2xx is arrived; everything else raises NotDelivered, a redirect too."""
    host, port, path = _parts(url)
    body = json.dumps(
        {"type": "record.filed", "timestamp": at.astimezone(UTC).isoformat(), "data": data},
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
    sent = {
        "Content-Type": "application/json",
        "User-Agent": "Waymark",
        "Host": host if port == _HTTPS else f"{host}:{port}",
    }
    sent |= headers(secret, message, at, body)
    status = _call(host, port, path, body, sent, net)
    if not _OK <= status < _ENDED:
        raise NotDelivered(f"status_{status}")


def _parts(url: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTPS
    except ValueError:
        raise NotDelivered("bad_address") from None
    if parts.scheme != "https":
        raise NotDelivered("not_https")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise NotDelivered("bad_address")
    return parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _call(host: str, port: int, path: str, body: bytes, sent: Mapping[str, str], net: Net) -> int:
    connection = _Pinned(host, port, address(host, port, net), net)
    try:
        connection.request("POST", path, body=body, headers=dict(sent))
        answer = connection.getresponse()
        answer.read(1)
    except ssl.SSLError:
        raise NotDelivered("not_trusted") from None
    except TimeoutError:
        raise NotDelivered("too_slow") from None
    except (OSError, http.client.HTTPException):
        raise NotDelivered("not_reached") from None
    finally:
        connection.close()
    return answer.status


def address(host: str, port: int, net: Net) -> str:
    """The address to call: of a name of which every address is public. Raises NotDelivered."""
    try:
        found = net.resolve(host, port)
    except (OSError, UnicodeError):
        raise NotDelivered("not_resolved") from None
    if not found:
        raise NotDelivered("not_resolved")
    if not all(is_public(one) for one in found):
        raise NotDelivered("not_public")
    return found[0]


def is_public(text: str) -> bool:
    """Whether an address is anybody's to reach: not of this machine or network, nor one that only carries such a one."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        within = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64:
            within.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        if any(one is not None for one in within):
            return all(_plainly_public(one) for one in within if one is not None)
    return _plainly_public(found)


def _plainly_public(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    never = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback or found.is_link_local
    return found.is_global and not never and not found.is_private


class _Pinned(http.client.HTTPSConnection):
    """Connects to the address that was looked at; the certificate must still be the name's."""

    def __init__(self, host: str, port: int, address: str, net: Net) -> None:
        super().__init__(host, port, timeout=SECONDS, context=net.context)
        self._address, self._net = address, net

    def connect(self) -> None:
        """Dial without asking any name service again, so that no second answer can lead elsewhere."""
        plain = self._net.dial(self._address, self.port, SECONDS)
        self.sock = self._net.context.wrap_socket(plain, server_hostname=self.host)
