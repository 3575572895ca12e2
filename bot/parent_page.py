"""What the page of a parent's or carer's link may call, on a program that runs. Opens nothing itself.

What they wrote is kept though something of ours fails in it: a person is called to read it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot import logs, parent_view, parents
from bot.site import Site
from bot.web.parents import Views
from storage.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.runner import Runner

log = logging.getLogger(__name__)

_DANGER: Final = "emergency"


def _now() -> datetime:
    return datetime.now(UTC)


def views(runner: Runner, clock: Callable[[], datetime] = _now) -> Views:
    """What a link shows, and what is done with what they send."""
    house = runner.house

    async def look(link: str) -> bool:
        return await house.committer.asubmit(lambda tx: parents.opened(tx, link, clock()))

    async def give(link: str, answers: Mapping[str, str], rows: tuple[tuple[str, str], ...]) -> bool:
        try:
            return await house.committer.asubmit(lambda tx: parents.answered(tx, runner, link, answers, rows, clock()))
        except StoreUnavailable:
            raise
        except Exception as bug:  # noqa: BLE001 - what they wrote is kept without what failed
            log.error("form not handled: %s at %s", type(bug).__name__, logs.place(bug))  # noqa: TRY400 - it may quote it
        return await house.committer.asubmit(lambda tx: parents.kept(tx, runner, link, answers, rows, clock()))

    danger = house.shelf.source.numbers[_DANGER].number
    return Views(
        parent_view.form(), house.settings.service_name, danger, look, give, Site.of(house.settings.public_url)
    )
