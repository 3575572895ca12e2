"""The six figures of an authenticator (RFC 6238: SHA-1, 30 seconds). May not keep a secret or look at the clock."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

if TYPE_CHECKING:
    from datetime import datetime

SECRET_BYTES: Final = 20
FIGURES: Final = 6
_SECONDS: Final = 30
# A telephone's clock may be half a minute off, either way.
_DRIFT: Final = (0, -1, 1)


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Which half minute a code belongs to, of this one and its neighbours; None when it is no code of theirs."""
    given = "".join(code.split())
    here = int(now.timestamp()) // _SECONDS
    fits = [step for step in (here + drift for drift in _DRIFT) if _is(secret, step, given)]
    return fits[0] if fits else None


def written(secret: bytes) -> str:
    """A secret as it is typed into an authenticator: letters and figures, in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _is(secret: bytes, step: int, given: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), _code(secret, step).encode())


def _code(secret: bytes, step: int) -> str:
    # Authenticators on telephones know SHA-1 only; RFC 6238 needs no more of it than that it is hard to invert.
    return TOTP(secret, FIGURES, SHA1(), _SECONDS).generate(step * _SECONDS).decode()  # noqa: S303
