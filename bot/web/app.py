"""The public web app: what providers and watchers may call. Nothing of the staff desk is reachable from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from bot.web import webhooks
from bot.web.handing import routes as handing_routes
from bot.web.page import Pages
from bot.web.parents import Parents
from bot.web.taking import Taking

if TYPE_CHECKING:
    from bot.web.handing import Fetch
    from bot.web.page import Page
    from bot.web.parents import Views
    from bot.web.taking import Links
    from bot.web.webhooks import Doors


def create_app(
    doors: Doors,
    page: Page | None = None,
    links: Links | None = None,
    records: Fetch | None = None,
    views: Views | None = None,
) -> Starlette:
    """Build the app from what it is handed; it opens nothing itself. Without `page` there is none for children, without
    `links` none behind the link of a page to staff, and without `views` none for parents and carers.
    """
    pages = Pages(page, doors).routes() if page is not None else []
    taking = Taking(links, doors).routes() if links is not None else []
    handing = handing_routes(records, doors) if records is not None else []
    parents = Parents(views, doors).routes() if views is not None else []
    app = Starlette(routes=[*webhooks.routes(doors), *pages, *taking, *handing, *parents])
    # A redirect to the same path with a slash would be built from the Host header, which anybody can set.
    app.router.redirect_slashes = False
    return app
