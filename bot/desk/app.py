"""The staff desk as an ASGI app: the table's routes, each behind the one door. Opens nothing itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route as Served

from bot.config import SettingsError, oidc_secret
from bot.desk import elsewhere, table
from bot.desk.door import Desk, Door
from bot.desk.painting import Painting
from bot.desk.passkeys import Passkeys
from bot.site import Site

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.config import Settings
    from bot.desk.accounts import Accounts
    from bot.desk.routes import Route
    from bot.desk.streams import Streams
    from bot.runner import Runner
    from storage.database import Database


def furnish(runner: Runner, database: Database, streams: Streams, port: int, *, demo: bool = False) -> Desk:
    """What the desk of a process needs. `port`: where it listens, when it has no public address."""
    settings = runner.house.settings
    address = settings.desk_url or f"http://localhost:{port}"
    menu = tuple((path, words, table.BY_PATH[path]) for path, words in table.MENU)
    return Desk(
        accounts=accounts(settings, f"{address}{elsewhere.BACK}"),
        runner=runner,
        database=database,
        site=Site.of(settings.desk_url, "desk"),
        address=address,
        passkeys=Passkeys(address, settings.service_name),
        painting=Painting(settings.service_name, settings.timezone, menu),
        streams=streams,
        demo=demo,
    )


def accounts(settings: Settings, back: str = "") -> Accounts | None:
    """The accounts kept elsewhere by which staff may sign in, where a service is set. Raises SettingsError."""
    if not settings.desk_oidc_issuer:
        return None
    try:
        from bot.desk.accounts import Accounts  # noqa: PLC0415 - an extra that not everybody installs
    except ImportError:
        message = "WAYMARK_DESK_OIDC_ISSUER: needs the extra oidc: pip install 'waymark[oidc]'"
        raise SettingsError(message) from None
    secret = oidc_secret(settings)
    return Accounts(settings.desk_oidc_issuer, settings.desk_oidc_client_id, secret, back)


def create_app(desk: Desk) -> Starlette:
    """The app. A path that no row has is answered as the others are: by a page, dressed as every page."""
    door = Door(desk)
    routes = [_served(door, route) for route in table.ROUTES]
    app = Starlette(routes=routes, exception_handlers={HTTPStatus.METHOD_NOT_ALLOWED: door.no_such_method})
    app.router.redirect_slashes = False
    app.router.default = door.nowhere
    return app


def _served(door: Door, route: Route) -> Served:
    async def answer(request: Request) -> Response:
        return await door.answer(request, route)

    return Served(route.path, answer, methods=[route.method])
