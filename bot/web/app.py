"""The public web app: what providers and watchers may call. Nothing of the staff desk is reachable from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from bot.web import webhooks

if TYPE_CHECKING:
    from bot.web.webhooks import Doors


def create_app(doors: Doors) -> Starlette:
    """Build the app from what it is handed; it opens nothing itself."""
    app = Starlette(routes=webhooks.routes(doors))
    # A redirect to the same path with a slash would be built from the Host header, which anybody can set.
    app.router.redirect_slashes = False
    return app
