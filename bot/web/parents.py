"""The page on which a parent or carer gives their view, behind a link of their own. Decides nothing, shows nothing of a child.

Looking at it does nothing: previews follow links. It is answered once; a link that is used, closed, too old, wrong or not to be
shown any more says the same.
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
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from bot.site import Site
    from bot.web.webhooks import Doors
    from flows.parents import Form

log = logging.getLogger(__name__)

PATH: Final = "/p/{link}"
ROWS: Final = 4
_SECONDS_AGAIN: Final = "5"


@dataclass(frozen=True, slots=True)
class Views:
    """What the page may call. `look`: whether a link shows its form; `give`: answers and rows in, whether they were taken."""

    form: Form
    service: str
    danger: str
    look: Callable[[str], Awaitable[bool]]
    give: Callable[[str, Mapping[str, str], tuple[tuple[str, str], ...]], Awaitable[bool]]
    site: Site


class Parents:
    """The route of the page, on what it needs."""

    def __init__(self, views: Views, doors: Doors) -> None:
        self.views, self.doors = views, doors
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.template = environment.get_template("parents.html")

    def routes(self) -> list[Route]:
        """One address."""
        return [Route(PATH, self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """200 the page, 400 another host's name, 403 another site's form, 410 not open, 503 come again."""
        if not self.views.site.is_ours(request.headers.get("host", "")):
            return PlainTextResponse("", status_code=HTTPStatus.BAD_REQUEST)
        try:
            response = await self._given(request)
        except Refused as refused:
            status = webhooks.REFUSALS.get(type(refused), HTTPStatus.BAD_REQUEST)
            response = Response(status_code=status, headers={"Connection": "close"})
        except self.doors.unavailable as down:
            log.warning("form not answered: %s", type(down).__name__)
            response = self._shown("down", HTTPStatus.SERVICE_UNAVAILABLE)
            response.headers["Retry-After"] = _SECONDS_AGAIN
        return guard.dressed(response, self.views.site, guard.EXIT_TO)

    async def _given(self, request: Request) -> Response:
        link = request.path_params["link"]
        if request.method != "POST":
            if await self.views.look(link):
                return self._shown("form", HTTPStatus.OK, link)
            return self._shown("closed", HTTPStatus.GONE)
        form = forms.read((await webhooks.arrived(self.doors, request)).body)
        if not guard.may_post(self.views.site, request.headers, form.get("form"), link):
            return PlainTextResponse("", status_code=HTTPStatus.FORBIDDEN)
        known = self.views.form.questions
        answers = {
            name: ",".join(form.getlist(name)) if question.several else form.get(name)
            for name, question in known.items()
        }
        rows = tuple((form.get(f"kind-{number}"), form.get(f"what-{number}")) for number in range(1, ROWS + 1))
        if await self.views.give(link, answers, rows):
            return self._shown("thanks", HTTPStatus.OK)
        return self._shown("closed", HTTPStatus.GONE)

    def _shown(self, state: str, status: HTTPStatus, link: str = "") -> Response:
        html = self.template.render(
            state=state, link=link, form=self.views.form, service=self.views.service, danger=self.views.danger,
            rows=range(1, ROWS + 1), exit_to=guard.EXIT_TO,
        )  # fmt: skip
        return HTMLResponse(html, status_code=status)
