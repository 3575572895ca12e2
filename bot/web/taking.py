"""The page behind the link of a page by e-mail or text: one press takes an alert, or passes it on. Decides nothing.

Looking at it does nothing, whoever looks: mail scanners and previews follow links, and a press is a POST. The link names
no child and works once, until the next rung is tried; what it says after that is the same for a wrong one. It is a claim
like a code, never proof (decisions 7).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels import forms
from bot.channels.base import Refused
from bot.web import guard, webhooks
from bot.web.page import HERE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from bot.site import Site
    from bot.web.webhooks import Doors

log = logging.getLogger(__name__)

TAKE, PASS_ON = "take", "pass"
_SECONDS_AGAIN: Final = "5"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands behind a link that is open: `level` and the name of the case; `word` is what a press came to, if any."""

    level: str
    case_name: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """What the page may call. Both give None for a link that is not open (any more)."""

    look: Callable[[str], Awaitable[Asked | None]]
    press: Callable[[str, bool], Awaitable[Asked | None]]
    site: Site


class Taking:
    """The route of the page, on what it needs."""

    def __init__(self, links: Links, doors: Doors) -> None:
        self.links, self.doors = links, doors
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self.template = environment.get_template("taking.html")

    def routes(self) -> list[Route]:
        """One address."""
        return [Route("/a/{link}", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """200 the page, 400 another host's name, 403 another site's form, 410 not open, 503 come again."""
        if not self.links.site.is_ours(request.headers.get("host", "")):
            return PlainTextResponse("", status_code=HTTPStatus.BAD_REQUEST)
        try:
            response = await self._given(request)
        except Refused as refused:
            status = webhooks.REFUSALS.get(type(refused), HTTPStatus.BAD_REQUEST)
            response = Response(status_code=status, headers={"Connection": "close"})
        except self.doors.unavailable as down:
            log.warning("link not answered: %s", type(down).__name__)
            response = self._shown(None, HTTPStatus.SERVICE_UNAVAILABLE)
            response.headers["Retry-After"] = _SECONDS_AGAIN
        return guard.dressed(response, self.links.site, guard.EXIT_TO)

    async def _given(self, request: Request) -> Response:
        link = request.path_params["link"]
        if request.method != "POST":
            asked = await self.links.look(link)
        else:
            arrived = await webhooks.arrived(self.doors, request)
            form = forms.read(arrived.body)
            if not guard.may_post(self.links.site, request.headers, form.get("form"), link):
                return PlainTextResponse("", status_code=HTTPStatus.FORBIDDEN)
            if form.get("do") not in (TAKE, PASS_ON):
                return PlainTextResponse("", status_code=HTTPStatus.BAD_REQUEST)
            asked = await self.links.press(link, form.get("do") == TAKE)
        return self._shown(asked, HTTPStatus.GONE if asked is None else HTTPStatus.OK, link)

    def _shown(self, asked: Asked | None, status: HTTPStatus, link: str = "") -> Response:
        down = status is HTTPStatus.SERVICE_UNAVAILABLE
        return HTMLResponse(self.template.render(asked=asked, link=link, down=down), status_code=status)
