"""The child's page: one address, one cookie after the first word, forms that work without a script. Decides nothing.

Every form is a POST to `/`. What changes the chat is answered by a redirect to the page, so that a reload sends nothing
again; a script asks for the page itself instead (`X-Page: 1`). No log line here holds a word, a cookie or an address.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot import i18n, logs
from bot.channels import forms
from bot.channels.base import Refused
from bot.visiting import Post
from bot.web import corrections, guard, webhooks
from flows.language_names import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.channels.forms import Form
    from bot.reading import Opened
    from bot.showing import Shown
    from bot.site import Site
    from bot.visiting import Visiting
    from bot.web.streams import Streams
    from bot.web.webhooks import Doors

log = logging.getLogger(__name__)

HERE: Final = Path(__file__).parent
# A page nobody touches goes blank after ten minutes, a minute after it said so (WCAG 2.2.1); a press keeps it.
BLANK_SECONDS: Final = 600
WARN_SECONDS: Final = 60
# What the button for a child without words sends: the word that opens a chat on every channel.
GREETING: Final = "HI"
_STATIC: Final = {"/page.css": "text/css; charset=utf-8", "/page.js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Page:
    """What the page is built from. `our_number`: where its code can be texted, or empty."""

    visiting: Visiting
    streams: Streams
    site: Site
    our_number: str = ""
    exit_to: str = guard.EXIT_TO
    blank_seconds: int = BLANK_SECONDS
    warn_seconds: int = WARN_SECONDS


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says beside the chat. `kept`: words that did not reach us and must not be typed again. `read`: what became
    of a reading, `thanks` or `over`.
    """

    code: str = ""
    wrong_code: bool = False
    closed: bool = False
    trouble: bool = False
    kept: str = ""
    read: str = ""


class Pages:
    """The routes of the page, on what they need."""

    def __init__(self, page: Page, doors: Doors) -> None:
        self.page, self.doors = page, doors
        self.visiting, self.site = page.visiting, page.site
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.files = {path: (HERE / "static" / path[1:]).read_bytes() for path in _STATIC}

    def routes(self) -> list[Route]:
        """One page, its two files, its stream."""
        return [
            Route("/", self.answer, methods=["GET", "POST"]),
            Route("/live", self.live, methods=["GET"]),
            *(Route(path, self.file, methods=["GET"]) for path in self.files),
        ]

    # --- every request ------------------------------------------------------------------------------------------------

    async def answer(self, request: Request) -> Response:
        """The page. 400 another host's name, 403 another site's form, 408 and 413 a body, 503 come again."""
        return await self._guarded(request, self._post if request.method == "POST" else self._get)

    async def live(self, request: Request) -> Response:
        """The stream of a page. 204: there is nothing to wait for (browsers stop asking). 503: ask for the page instead."""
        return await self._guarded(request, self._live)

    async def file(self, request: Request) -> Response:
        """A style sheet, a script."""

        async def give(request: Request) -> Response:
            path = request.scope["path"]
            return Response(self.files[path], media_type=_STATIC[path])

        return await self._guarded(request, give)

    async def _guarded(self, request: Request, give: Any) -> Response:  # noqa: ANN401 - a coroutine function of this class
        if not self.site.is_ours(request.headers.get("host", "")):
            return PlainTextResponse("", status_code=HTTPStatus.BAD_REQUEST)
        try:
            response: Response = await give(request)
        except Refused as refused:
            log.warning("page refused: %s", refused.code)
            status = webhooks.REFUSALS.get(type(refused), HTTPStatus.BAD_REQUEST)
            response = Response(status_code=status, headers={"Connection": "close"})
        except self.doors.unavailable as down:
            log.warning("page not given: %s", type(down).__name__)
            response = await self._start(request, Told(trouble=True), status=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as bug:  # noqa: BLE001 - a child is told to try again, and keeps their words
            log.error("page not given: %s at %s", type(bug).__name__, logs.place(bug))  # noqa: TRY400 - it may quote
            response = await self._start(request, Told(trouble=True), status=HTTPStatus.SERVICE_UNAVAILABLE)
        return guard.dressed(response, self.site, self.page.exit_to)

    # --- GET ----------------------------------------------------------------------------------------------------------

    async def _get(self, request: Request) -> Response:
        token = self._token(request)
        shown = await self.visiting.look(token) if token else None
        if shown is not None and token is not None:
            return await self._chat(token, shown)
        if token is None and guard.is_own_navigation(request):
            # They left, and somebody goes back: what a form of ours once led to leads away. Nobody else comes like this,
            # for whoever has sent a form has a cookie.
            return RedirectResponse(self.page.exit_to, HTTPStatus.SEE_OTHER)
        return await self._start(request, Told(closed=token is not None))

    async def _live(self, request: Request) -> Response:
        token = self._token(request)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        found = await self.visiting.newest(token) if token else None
        if token is None or found is None or not found[0]:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        stream = self.page.streams.open(
            token, found[0], after if after.isalnum() and len(after) == len(found[1]) else ""
        )
        return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    # --- POST ---------------------------------------------------------------------------------------------------------

    async def _post(self, request: Request) -> Response:
        form = forms.read((await webhooks.arrived(self.doors, request)).body)
        token = self._token(request)
        wanted = self.visiting.form_mark(token) if token else ""
        if not guard.may_post(self.site, request.headers, form.get("form"), wanted):
            return Response(status_code=HTTPStatus.FORBIDDEN)
        does = {
            "exit": self._exit,
            "sleep": self._sleep,
            "language": self._language,
            "code_get": self._give_code,
            "code": self._enter,
            "check": self._check,
            "read": self._read,
            "read_right": self._read_answer,
            "read_send": self._read_answer,
        }.get(form.get("do"), self._say)
        return await does(request, form, token)

    async def _say(self, request: Request, form: Form, token: str | None) -> Response:
        try:
            taken = await self._taken(form, token)
        except self.doors.unavailable as down:
            log.warning("message not taken: %s", type(down).__name__)
            told = Told(trouble=True, kept=self._posted(form).text)
            return await self._start(request, told, form, HTTPStatus.SERVICE_UNAVAILABLE)
        if taken is None:
            return await self._again(request, token)
        after, talk = taken
        self.page.streams.wake(talk)
        return self._with(await self._again(request, after), after if after != token else None)

    async def _taken(self, form: Form, token: str | None) -> tuple[str, str] | None:
        """Whose page it is then, and the chat that has the words or the press now; None where there was nothing to take."""
        post = self._posted(form)
        if post.question:
            # A button of an old page answers nothing; the page that comes has the question of now.
            post = replace(post, numbers=await self.visiting.pressed(token, post.question, post.numbers))
        if not (post.numbers or (post.text.strip() and not post.question)):
            return None
        return await self.visiting.post(token, post)

    def _posted(self, form: Form) -> Post:
        return Post(
            text=GREETING if form.get("greet") else form.get("text"),
            once=form.get("once"),
            question=form.get("question"),
            numbers=tuple(form.getlist("pick")),
            locale=self.visiting.locale(form.get("lang"), ""),
        )

    async def _again(self, request: Request, token: str | None) -> Response:
        """The page after a form: by a redirect, or at once for a script."""
        if "x-page" not in request.headers:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        shown = await self.visiting.look(token) if token else None
        if shown is None or token is None:
            return await self._start(request, Told(closed=token is not None))
        return await self._chat(token, shown)

    async def _check(self, request: Request, form: Form, token: str | None) -> Response:
        del form
        return await self._again(request, token)

    async def _exit(self, request: Request, form: Form, token: str | None) -> Response:
        """Leave: the visit, then the cookie, then the page; what was on its way is taken first, each a form of its own.

        Clear-Site-Data says no "cache": nothing of ours is in it, and browsers take seconds to look.
        """
        if token:
            for also in form.getlist("also"):
                await self._taken(forms.read(also.encode(errors="replace")), token)
            self.page.streams.wake(await self.visiting.leave(token, pressed=True) or "-")
        response: Response = RedirectResponse(self.page.exit_to, HTTPStatus.SEE_OTHER)
        if "x-page" in request.headers:
            response = Response(status_code=HTTPStatus.NO_CONTENT)
        response.headers["Clear-Site-Data"] = '"cookies", "storage"'
        return self._without(response)

    async def _sleep(self, request: Request, form: Form, token: str | None) -> Response:
        """The page went blank: the visit ends. The cookie stays, worth nothing, so that the page knows what to say."""
        del request, form
        if token:
            self.page.streams.wake(await self.visiting.leave(token) or "-")
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _language(self, request: Request, form: Form, token: str | None) -> Response:
        if token and await self.visiting.look(token) is not None:
            return await self._again(request, token)
        # No redirect: before the first word there is no cookie that could carry the choice.
        return await self._start(request, Told(), form)

    async def _give_code(self, request: Request, form: Form, token: str | None) -> Response:
        del form
        code = await self.visiting.code(token) if token else None
        shown = await self.visiting.look(token) if token else None
        if token is None or code is None or shown is None:
            return await self._again(request, token)
        return await self._chat(token, shown, Told(code=code))

    async def _enter(self, request: Request, form: Form, token: str | None) -> Response:
        locale = await self.visiting.reading(form.get("code"))
        if locale is not None:
            # Nothing is used up yet: first whether only the child can see it.
            return self._words(locale, token, code=form.get("code"))
        after = await self.visiting.enter(form.get("code"), self._locale(request, form))
        if after is None:
            shown = await self.visiting.look(token) if token else None
            if shown is not None and token is not None:
                return await self._chat(token, shown, Told(wrong_code=True))
            return await self._start(request, Told(wrong_code=True), form)
        # Where the chat stood open it closes at once: somebody else may sit there now.
        for talk in (await self.visiting.leave(token) if token else None, await self.visiting.talk(after)):
            self.page.streams.wake(talk or "-")
        return self._with(await self._again(request, after), after)

    # --- its own words, once ------------------------------------------------------------------------------------------

    async def _read(self, request: Request, form: Form, token: str | None) -> Response:
        """The words themselves, as the answer to a form and never at an address: nothing leads back to them."""
        opened = await self.visiting.read(form.get("code"))
        if opened is None:
            return await self._start(request, Told(read="over"), form)
        return self._words(opened.locale, token, opened=opened)

    async def _read_answer(self, request: Request, form: Form, token: str | None) -> Response:
        del token
        locale = await self.visiting.read_answer(form.get("read"), *corrections.given(form))
        return await self._start(request, Told(read="over" if locale is None else "thanks"), form)

    def _words(self, locale: str, token: str | None, code: str = "", opened: Opened | None = None) -> Response:
        mark = self.visiting.form_mark(token) if token else ""
        words = {"code": code, "opened": opened}
        return self._rendered(locale, Told(), HTTPStatus.OK, offered=[], shown=None, mark=mark, words=words)

    # --- what is shown ------------------------------------------------------------------------------------------------

    async def _start(
        self, request: Request, told: Told, form: Form | None = None, status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        """The page before the first word."""
        locale = self._locale(request, form)
        offered = [(tag, NAMES[tag][0]) for tag in self.visiting.house.shelf.offered]
        # A cookie that is worth nothing any more stays: by it a reload is told from somebody going back after Exit.
        return self._rendered(locale, told, status, offered=offered, shown=None, mark="")

    async def _chat(self, token: str, shown: Shown, told: Told | None = None) -> Response:
        mark = self.visiting.form_mark(token)
        return self._rendered(shown.locale, told or Told(), HTTPStatus.OK, offered=[], shown=shown, mark=mark)

    def _rendered(self, locale: str, told: Told, status: HTTPStatus, **more: Any) -> Response:  # noqa: ANN401 - a template's
        words: Mapping[str, str] = self.visiting.showing.words(locale)
        html = self.templates.get_template("page.html").render(
            w=words,
            locale=locale,
            direction=i18n.direction(locale),
            told=told,
            page=self.page,
            once=secrets.token_hex(12),
            reading=more.pop("words", None),
            by_text=words["code_by_text"].replace("{our_number}", self.page.our_number) if self.page.our_number else "",
            **more,
        )
        return HTMLResponse(html, status_code=status)

    def _locale(self, request: Request, form: Form | None) -> str:
        wanted = form.get("lang") if form is not None else ""
        return self.visiting.locale(wanted, request.headers.get("accept-language", ""))

    # --- the cookie ---------------------------------------------------------------------------------------------------

    def _token(self, request: Request) -> str | None:
        given = request.cookies.get(self.site.cookie)
        return given if given and given.isascii() and len(given) < 100 else None  # noqa: PLR2004 - ours have 43

    def _with(self, response: Response, token: str | None) -> Response:
        if token is not None:
            response.set_cookie(self.site.cookie, token, httponly=True, secure=self.site.secure, samesite="strict")
        return response

    def _without(self, response: Response) -> Response:
        response.delete_cookie(self.site.cookie, httponly=True, secure=self.site.secure, samesite="strict")
        return response
