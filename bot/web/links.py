"""What every page behind a link of its own does alike: our host alone, and "come again" while the store is down or something
of ours fails. Decides nothing of what a link opens.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import PlainTextResponse, Response

from bot import logs
from bot.channels.base import Refused
from bot.web import guard, webhooks
from bot.web.page import HERE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jinja2 import Template
    from starlette.requests import Request

    from bot.site import Site
    from bot.web.webhooks import Doors

log = logging.getLogger(__name__)

_SECONDS_AGAIN: Final = "5"


def template(name: str) -> Template:
    """A template of the page, read once."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


async def answered(
    request: Request,
    site: Site,
    doors: Doors,
    given: Callable[[Request], Awaitable[Response]],
    down: Callable[[], Response],
) -> Response:
    """What `given` answers; 400 for another host's name, what a webhook refuses as it does, 503 `down` without a store, and where
    `given` fails: of that a line is logged, without anything that somebody wrote.
    """
    if not site.is_ours(request.headers.get("host", "")):
        return PlainTextResponse("", status_code=HTTPStatus.BAD_REQUEST)
    try:
        response = await given(request)
    except Refused as refused:
        status = webhooks.REFUSALS.get(type(refused), HTTPStatus.BAD_REQUEST)
        response = Response(status_code=status, headers={"Connection": "close"})
    except doors.unavailable as error:
        log.warning("link not answered: %s", type(error).__name__)
        response = _again(down())
    except Exception as bug:  # noqa: BLE001 - whoever pressed is told to press again, and keeps what they wrote
        log.error("link not answered: %s at %s", type(bug).__name__, logs.place(bug))  # noqa: TRY400 - it may quote
        response = _again(down())
    return guard.dressed(response, site, guard.EXIT_TO)


def _again(response: Response) -> Response:
    response.headers["Retry-After"] = _SECONDS_AGAIN
    return response
