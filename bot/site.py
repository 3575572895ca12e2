"""Where one of our web apps stands: scheme and host, its cookie, whose request and whose form a header says it is.

May not know what the app shows: the child's page and the desk each have their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_NAMED: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::[0-9]{1,5})?", re.ASCII)
_PORTS: Final = {"http": "80", "https": "443"}
# What no page of ours uses, and nothing put into one may.
_OFF: Final = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection"),
    *("local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "usb", "web-share"),
    *("window-management", "xr-spatial-tracking"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """An app's own name: scheme and host as browsers write them. Without a public address, this machine only.

    `named`: what its cookie is called.
    """

    scheme: str
    host: str | None
    named: str = "page"

    @classmethod
    def of(cls, public_url: str, named: str = "page") -> Site:
        """From the setting, such as `https://text.example.org`."""
        parts = urlsplit(public_url)
        return cls(parts.scheme, parts.netloc.lower(), named) if parts.netloc else cls("http", None, named)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.scheme == "https"

    @property
    def cookie(self) -> str:
        """The name of the one cookie: with the prefix no other name of the domain can set it."""
        return f"__Host-{self.named}" if self.secure else self.named

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names us."""
        given = _NAMED.fullmatch(host.lower())
        if given is None:
            return False
        if self.host is not None:
            return _plain(given[0], self.scheme) == _plain(self.host, self.scheme)
        return given[1] in LOOPBACK

    def is_our_page(self, origin: str, host: str) -> bool:
        """Whether an Origin header is that of the page which was asked for under `host`."""
        scheme, _, named = origin.lower().partition("://")
        return scheme == self.scheme and _plain(named, scheme) == _plain(host.lower(), scheme)

    def headers(self, policy: str, *, kept: bool = False, uses: frozenset[str] = frozenset()) -> dict[str, str]:
        """What every answer carries. `policy`: its CSP; `kept`: a browser may keep it; `uses`: features the app needs."""
        named = {
            "Cache-Control": "public, max-age=86400" if kept else "no-store, max-age=0",
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{name}=()" for name in _OFF if name not in uses),
            # With "no-referrer" a browser would not say which page a form came from.
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "X-Robots-Tag": "noindex",
        }
        return named | ({"Strict-Transport-Security": "max-age=31536000"} if self.secure else {})


def _plain(host: str, scheme: str) -> str:
    return host.removesuffix(f":{_PORTS.get(scheme, '')}")
