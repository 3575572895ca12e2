"""The page on which a parent or carer gives their view, behind a link of their own. Decides nothing, shows nothing of a child.

Looking at it does nothing: previews follow links. It is answered once; a link that is used, closed, too old, wrong or not to be
shown any more says the same.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels import forms
from bot.web import guard, links, webhooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from bot.site import Site
    from bot.web.webhooks import Doors
    from flows.parents import Form

PATH: Final = "/p/{link}"
ROWS: Final = 4
# Where a request keeps what was written on the page, for when it cannot be taken.
WRITTEN: Final = "written"


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
        self.template = links.template("parents.html")

    def routes(self) -> list[Route]:
        """One address."""
        return [Route(PATH, self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """200 the page, 400 another host's name, 403 another site's form, 410 not open, 503 come again."""
        return await links.answered(
            request, self.views.site, self.doors, self._given, functools.partial(self._down, request)
        )

    def _down(self, request: Request) -> Response:
        """Browsers lose what was typed on the way back, for nothing of ours is kept: so it stands in the form again."""
        written: forms.Form | None = getattr(request.state, WRITTEN, None)
        if written is None:
            return self._shown("down", HTTPStatus.SERVICE_UNAVAILABLE)
        return self._shown("form", HTTPStatus.SERVICE_UNAVAILABLE, request.path_params["link"], written)

    async def _given(self, request: Request) -> Response:
        link = request.path_params["link"]
        if request.method != "POST":
            if await self.views.look(link):
                return self._shown("form", HTTPStatus.OK, link)
            return self._shown("closed", HTTPStatus.GONE)
        form = forms.read((await webhooks.arrived(self.doors, request)).body)
        if not guard.may_post(self.views.site, request.headers, form.get("form"), link):
            return PlainTextResponse("", status_code=HTTPStatus.FORBIDDEN)
        setattr(request.state, WRITTEN, form)
        known = self.views.form.questions
        answers = {
            name: ",".join(form.getlist(name)) if question.several else form.get(name)
            for name, question in known.items()
        }
        rows = tuple((form.get(f"kind-{number}"), form.get(f"what-{number}")) for number in range(1, ROWS + 1))
        if await self.views.give(link, answers, rows):
            return self._shown("thanks", HTTPStatus.OK)
        return self._shown("closed", HTTPStatus.GONE)

    def _shown(self, state: str, status: HTTPStatus, link: str = "", written: forms.Form | None = None) -> Response:
        html = self.template.render(
            state=state, link=link, form=self.views.form, service=self.views.service, danger=self.views.danger,
            rows=range(1, ROWS + 1), exit_to=guard.EXIT_TO, again=written is not None, written=written or forms.Form(()),
        )  # fmt: skip
        return HTMLResponse(html, status_code=status)
