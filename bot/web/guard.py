"""Who may ask for the child's page, and what every answer says to the browser. Decides nothing about a child.

The page is answered under its own name only; a form is taken only from the page itself; nothing is kept by the browser,
nothing is loaded from elsewhere, nobody can put the page into theirs.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.site import Site

# Where Exit leads: a page everybody in the country has open at times, of a site that is up, that asks for no consent before
# it shows something, and that looks right in a history. The weather gives no reason to ask "why that?".
EXIT_TO: Final = "https://www.bbc.co.uk/weather"


def may_post(site: Site, headers: Mapping[str, str], given: str, wanted: str) -> bool:
    """Whether a form was sent by our own page: the browser says so, or it carries what only the page knows.

    `given` is what the form carries, `wanted` what this visit's forms carry ("" before the first message). A browser that
    says another site sent it is believed whatever the form carries.
    """
    origin, fetched = headers.get("origin"), headers.get("sec-fetch-site")
    if fetched in ("cross-site", "same-site"):
        return False
    if origin not in (None, "null") and not site.is_our_page(origin or "", headers.get("host", "")):
        return False
    if fetched == "same-origin" or origin not in (None, "null"):
        return True
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def policy(exit_to: str) -> str:
    """What the browser may load for us: our own two files. `form-action` names the exit, for a form may lead there."""
    parts = urlsplit(exit_to)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            f"form-action 'self' {parts.scheme}://{parts.netloc}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def dressed(response: Response, site: Site, exit_to: str) -> Response:
    """Add what every answer of the page carries."""
    response.headers.update(site.headers(policy(exit_to)))
    return response


def is_own_navigation(request: Request) -> bool:
    """Whether a browser goes from our page to our page: by a form's redirect, or by Back to what one led to."""
    headers = request.headers
    return headers.get("sec-fetch-site") == "same-origin" and headers.get("sec-fetch-mode") == "navigate"
