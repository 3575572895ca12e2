"""Every request to the desk: whose host, whose form, who is signed in, may they - then the view, in one transaction.

What somebody may do is read anew each time, in the transaction the view runs in: a role that was taken away a moment ago
is gone. Reading holds nobody up; what was looked at is written down before it is shown. No line here logs a path's id, a
word or a name.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from bot import holding, logs
from bot.channels import forms
from bot.channels.base import Refused
from bot.clicks import NotPossible
from bot.desk import arriving, guard, roles
from bot.desk.asking import Ask, Data, Go, Live, Me, NotHeld, NotThere, Page, Plain, Unwelcome
from bot.desk.said import UNREADABLE
from storage import access, sessions
from storage.commit import StoreUnavailable, look
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from bot.desk.accounts import Accounts
    from bot.desk.asking import Answer
    from bot.desk.painting import Painting
    from bot.desk.passkeys import Passkeys
    from bot.desk.routes import Route
    from bot.desk.streams import Streams
    from bot.runner import Runner
    from bot.site import Site
    from storage.database import Database, Transaction

T = TypeVar("T")
log = logging.getLogger(__name__)

BODY_SECONDS: Final = 10.0
ONE_LOOK: Final = timedelta(minutes=10)
_LONGEST_TOKEN: Final = 100
# Behind the name of the session's cookie: what a browser keeps while it signs in at another service.
AWAY: Final = "-away"


class SignedOut(PermissionError):
    """Nobody is signed in, or not any more."""


class NotYours(PermissionError):
    """Somebody is signed in who may not ask for this."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk is built from. `address`: scheme and host as browsers write them; `demo`: nobody in it is real."""

    runner: Runner
    database: Database
    site: Site
    address: str
    passkeys: Passkeys
    painting: Painting
    streams: Streams
    demo: bool = False
    accounts: Accounts | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a request carries, read whole. `mark`: what its form says that this session's forms carry; `renews`: an open
    page asks for itself again, which nobody pressed.
    """

    ask: Ask
    token: str | None
    posted: bool = False
    mark: str = ""
    renews: bool = False


@dataclass(frozen=True, slots=True)
class _Given:
    """Who asked, what the view said, and which records on it are a new look."""

    me: Me | None
    answer: Answer
    unseen: tuple[tuple[str, str], ...]
    # Somebody who has a chat was not seen for a while: this is a sign of them.
    fading: bool = False
    # A person asked for this, not an open page by itself: a tab left open is no sign of anybody.
    by_hand: bool = True


class Door:
    """Answers every route of the table."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        # Who waits for another service waits here, and keeps no thread from those who read an alert.
        self._abroad = ThreadPoolExecutor(max_workers=2, thread_name_prefix="abroad")

    async def answer(self, request: Request, route: Route) -> Response:
        """What a browser gets. 400 another host's name, 401 and 403 not for you, 404, 409 not now, 413, 503 come again."""
        site, host = self.desk.site, request.headers.get("host", "")
        if not site.is_ours(host):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if site.host is None and f"http://{host.lower()}" != self.desk.address and not route.is_bare:
            # Passkeys know names, not numbers: on this machine the desk is called localhost.
            return self._dressed(RedirectResponse(self.desk.address + request.scope["path"], HTTPStatus.SEE_OTHER))
        return self._dressed(await self._answered(request, route), kept=route.is_kept)

    async def nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A path, or a method, that no row has."""
        if scope["type"] == "http":
            await self._dressed(self._wrong(HTTPStatus.NOT_FOUND, "not_there"))(scope, receive, send)

    async def no_such_method(self, request: Request, error: Exception) -> Response:
        """A path that has rows, none of them for this method."""
        del request, error
        return self._dressed(self._wrong(HTTPStatus.METHOD_NOT_ALLOWED, "not_there"))

    async def _answered(self, request: Request, route: Route) -> Response:
        token, began = self._token(request), time.monotonic()
        typed: tuple[str, ...] = ()
        try:
            arrived = await self._arrived(request, token)
            typed = arriving.typed(arrived.ask)
            given = await self._given(route, arrived)
            return await self._response(given.answer, given.me, arrived.ask, route, began)
        except SignedOut:
            return self._signed_out(request, route, typed)
        except (NotYours, Unwelcome):
            return self._wrong(HTTPStatus.FORBIDDEN, "not_yours", typed=typed)
        except (NotThere, Erased) as gone:
            code = "not_held" if isinstance(gone, NotHeld) else "not_there"
            return self._wrong(HTTPStatus.NOT_FOUND, code, typed=typed)
        except SealBroken:
            return self._wrong(HTTPStatus.CONFLICT, "not_possible", UNREADABLE, typed)
        except NotPossible as why:
            return self._wrong(HTTPStatus.CONFLICT, "not_possible", str(why), typed)
        except arriving.TooLong:
            return self._wrong(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long")
        except (Refused, ClientDisconnect, TimeoutError):
            return self._wrong(HTTPStatus.BAD_REQUEST, "not_understood")
        except StoreUnavailable as down:
            log.warning("desk: %s", type(down).__name__)
            return self._wrong(HTTPStatus.SERVICE_UNAVAILABLE, "down", typed=typed)
        except Exception as bug:  # noqa: BLE001 - whoever is on duty is told what to do instead of reading a trace
            log.error("desk: %s at %s", type(bug).__name__, logs.place(bug))  # noqa: TRY400 - it may quote a child
            return self._wrong(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", typed=typed)

    # --- asking -------------------------------------------------------------------------------------------------------

    async def _arrived(self, request: Request, token: str | None) -> Arrived:
        ask = Ask(
            at=self.desk.clock(),
            runner=self.desk.runner,
            passkeys=self.desk.passkeys,
            path={name: arriving.keepable(value) for name, value in request.path_params.items()},
            query={name: arriving.keepable(value) for name, value in request.query_params.items()},
            demo=self.desk.demo,
            accounts=self.desk.accounts,
            away=self._cookie(request, self.desk.site.cookie + AWAY),
        )
        if request.method != "POST":
            return Arrived(ask, token, renews=_renews(request))
        if not guard.came_from_us(self.desk.site, request.headers):
            raise Unwelcome(Unwelcome.__doc__)
        async with asyncio.timeout(BODY_SECONDS):
            body = await arriving.body(request)
        if request.headers.get("content-type", "").partition(";")[0] == "application/json":
            ask = replace(ask, body=arriving.json_of(body))
            return Arrived(ask, token, posted=True, mark=request.headers.get("x-form", ""))
        ask = replace(ask, form=forms.read(body))
        return Arrived(ask, token, posted=True, mark=ask.form.get("form"))

    async def _given(self, route: Route, arrived: Arrived) -> _Given:
        """Who asks, and what the view says: a form in a transaction of its own, a page by reading and then writing down."""
        writes = arrived.posted or route.fetch is not None
        if route.fetch is not None:
            fetching = asyncio.get_running_loop().run_in_executor(self._abroad, route.fetch, arrived.ask)
            arrived = replace(arrived, ask=replace(arrived.ask, fetched=await fetching))

        def work(tx: Transaction) -> _Given:
            me = roles.me(tx, arrived.token, arrived.ask.at) if arrived.token else None
            self._check(route, arrived, me)
            answer = route.view(tx, replace(arrived.ask, me=me))
            # A stream is opened again by the browser whenever the network blinks.
            by_hand = not (arrived.renews or isinstance(answer, Live))
            fading = by_hand and me is not None and self._fading(tx, me, arrived.ask.at)
            given = _Given(me, answer, _unseen(tx, me, answer, arrived.ask.at), fading, by_hand)
            if writes:
                self._note(tx, given, arrived.ask.at)
            return given

        if writes:
            return await self.desk.runner.house.committer.asubmit(work)
        given = await asyncio.to_thread(look, self.desk.database, work)
        if given.by_hand and isinstance(given.answer, Page) and (opened := given.answer.opened) is not None:
            await self.desk.runner.house.committer.asubmit(opened)
            given = await asyncio.to_thread(look, self.desk.database, work)
        if given.me is None:
            return given
        stale = given.by_hand and sessions.is_stale(given.me.session, arrived.ask.at)
        if given.unseen or given.fading or stale:
            await self.desk.runner.house.committer.asubmit(lambda tx: self._note(tx, given, arrived.ask.at))
        return given

    def _fading(self, tx: Transaction, me: Me, at: datetime) -> bool:
        return holding.fading(tx, self.desk.runner.house, me.person.id, at)

    def _note(self, tx: Transaction, given: _Given, at: datetime) -> None:
        """Write down that somebody was here, and what they looked at."""
        if given.me is None:
            return
        if given.by_hand and sessions.is_stale(given.me.session, at):
            sessions.see(tx, given.me.session, at)
        if given.fading:
            holding.seen(tx, self.desk.runner.house, given.me.person.id, at)
        for what, about in given.unseen:
            access.seen(tx, given.me.person.id, what, about, at)

    def _check(self, route: Route, arrived: Arrived, me: Me | None) -> None:
        if route.is_open and me is None:
            return
        if me is None:
            raise SignedOut(SignedOut.__doc__)
        if not (route.is_open or me.may(route.roles)):
            raise NotYours(NotYours.__doc__)
        if arrived.posted and not route.is_open and not guard.is_marked(arrived.mark, me.mark):
            raise Unwelcome(Unwelcome.__doc__)

    # --- answering ----------------------------------------------------------------------------------------------------

    async def _response(self, answer: Answer, me: Me | None, ask: Ask, route: Route, began: float) -> Response:
        match answer:
            case Page():
                html = await asyncio.to_thread(self.desk.painting.page, answer, me, ask)
                await asyncio.sleep(max(0.0, began + answer.no_sooner - time.monotonic()))
                painted = Response(html, answer.status, media_type="text/html; charset=utf-8")
                return self._with(painted, None, answer.away)
            case Go():
                to = (
                    f"{answer.to}{'&' if '?' in answer.to else '?'}done={quote(answer.done)}"
                    if answer.done
                    else answer.to
                )
                return self._with(RedirectResponse(to, HTTPStatus.SEE_OTHER), answer.cookie, answer.away)
            case Data():
                return self._with(JSONResponse(dict(answer.values), answer.status), answer.cookie)
            case Plain():
                named = {"Content-Disposition": f'attachment; filename="{answer.name}"'} if answer.name else None
                return Response(answer.body, media_type=answer.media, headers=named)
            case Live():
                assert me is not None
                stream = self.desk.streams.open(answer, self._still(me, route))
                headers = {"X-Accel-Buffering": "no"}
                return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    def _still(self, me: Me, route: Route) -> Callable[[Transaction], bool]:
        """Whether whoever listens may still: asked with every beat of the stream."""

        def still(tx: Transaction) -> bool:
            now = roles.me(tx, me.session.token, self.desk.clock())
            return now is not None and now.may(route.roles)

        return still

    def _signed_out(self, request: Request, route: Route, typed: tuple[str, ...]) -> Response:
        if request.method == "POST" or route.is_bare:
            return self._wrong(HTTPStatus.UNAUTHORIZED, "signed_out", typed=typed)
        if _renews(request):
            # The page may hold words that nobody has sent: it gives them back beside this one, where no form asks for a phrase.
            return self._wrong(HTTPStatus.UNAUTHORIZED, "over")
        asked = request.scope["path"]
        return RedirectResponse("/sign-in" if asked == "/" else f"/sign-in?to={quote(asked)}", HTTPStatus.SEE_OTHER)

    def _wrong(self, status: HTTPStatus, code: str, why: str = "", typed: tuple[str, ...] = ()) -> Response:
        html = self.desk.painting.wrong(code, why, typed)
        return Response(html, status, media_type="text/html; charset=utf-8")

    def _token(self, request: Request) -> str | None:
        return self._cookie(request, self.desk.site.cookie) or None

    def _cookie(self, request: Request, name: str) -> str:
        given = request.cookies.get(name, "")
        return given if given.isascii() and len(given) < _LONGEST_TOKEN else ""

    def _with(self, response: Response, cookie: str | None, away: str | None = None) -> Response:
        site = self.desk.site
        # "lax", or the link in a page that somebody opens from their mail would find them signed out.
        for name, value in ((site.cookie, cookie), (site.cookie + AWAY, away)):
            if value:
                response.set_cookie(name, value, httponly=True, secure=site.secure, samesite="lax")
            elif value == "":
                response.delete_cookie(name, httponly=True, secure=site.secure, samesite="lax")
        return response

    def _dressed(self, response: Response, *, kept: bool = False) -> Response:
        return guard.dressed(response, self.desk.site, kept=kept and response.status_code == HTTPStatus.OK)


def _unseen(tx: Transaction, me: Me | None, answer: Answer, at: datetime) -> tuple[tuple[str, str], ...]:
    """What on a page this person has not looked at these last minutes: a page that renews itself is one look."""
    if me is None or not isinstance(answer, Page):
        return ()
    since = at - ONE_LOOK
    return tuple(one for one in answer.seen if not access.has_seen(tx, me.person.id, *one, since))


def _renews(request: Request) -> bool:
    return request.headers.get("x-renews") == "yes"
