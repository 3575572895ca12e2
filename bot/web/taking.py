"""The page behind the link of a page by e-mail or text: one press takes an alert, or passes it on. Decides nothing.

Looking at it does nothing, whoever looks: mail scanners and previews follow links, and a press is a POST. The link names
no child and works once, until the next rung is tried; what it says after that is the same for a wrong one. It is a claim
like a code, never proof (decisions 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels import forms
from bot.web import guard, links, webhooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from bot.site import Site
    from bot.web.webhooks import Doors

TAKE, PASS_ON = "take", "pass"


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

    def __init__(self, open_links: Links, doors: Doors) -> None:
        self.links, self.doors = open_links, doors
        self.template = links.template("taking.html")

    def routes(self) -> list[Route]:
        """One address."""
        return [Route("/a/{link}", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """200 the page, 400 another host's name, 403 another site's form, 410 not open, 503 come again."""
        return await links.answered(request, self.links.site, self.doors, self._given, self._down)

    def _down(self) -> Response:
        return self._shown(None, HTTPStatus.SERVICE_UNAVAILABLE)

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
