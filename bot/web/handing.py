"""Where a receiver fetches a record it was told of. May not tell who has no right to it whether there is one.

The receiver signs its asking with the secret it was told with (`bot.filing.webhook.is_receiver`).
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from bot.web.webhooks import Doors

    # Delivery and headers in, the record as JSON text out; None for whoever has no right to it.
    Fetch = Callable[[str, Mapping[str, str]], Awaitable[str | None]]

log = logging.getLogger(__name__)
_LONGEST = 26


def routes(fetch: Fetch, doors: Doors) -> list[Route]:
    """`GET /filing/{delivery}`: 200 with the record, 403 for everything else, 503 when the store is down."""

    async def answer(request: Request) -> Response:
        delivery = request.path_params["delivery"]
        try:
            text = await fetch(delivery, request.headers) if len(delivery) <= _LONGEST else None
        except doors.unavailable as down:
            log.warning("record not handed over: %s", type(down).__name__)
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})
        if text is None:
            return Response(status_code=HTTPStatus.FORBIDDEN)
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    return [Route("/filing/{delivery}", answer, methods=["GET"])]
