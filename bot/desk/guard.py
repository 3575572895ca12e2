"""Who may ask the desk for something, and what every answer says to the browser. Knows no view and no record.

A form is taken from our own page only: the browser says so, and a signed-in one carries what only its page knows.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from bot.site import Site

# Our own files and nothing else; nobody can put a page of ours into theirs.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# Signing in is by a passkey.
_USES: Final = frozenset({"publickey-credentials-get"})


def came_from_us(site: Site, headers: Mapping[str, str]) -> bool:
    """Whether a browser says that our own page sent this. One that says nothing is not believed: all of today's do."""
    origin, fetched = headers.get("origin"), headers.get("sec-fetch-site")
    if fetched not in (None, "same-origin"):
        return False
    if origin is not None:
        return site.is_our_page(origin, headers.get("host", ""))
    return fetched == "same-origin"


def is_marked(given: str, wanted: str) -> bool:
    """Whether a form carries what this session's forms carry."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def dressed(response: Response, site: Site, *, kept: bool = False) -> Response:
    """Add what every answer carries. `kept`: a file of ours, which a browser may keep."""
    response.headers.update(site.headers(POLICY, kept=kept, uses=_USES))
    return response
