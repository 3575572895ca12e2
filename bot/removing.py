"""Takes texts out of children's chats where the provider lets us: what a child asked for, and our own by hour 40.

May not choose which: `storage.removals` knows what is due. Telegram lets nobody remove what is older than 48 hours, so eight
hours are left for what goes wrong (decisions 11). What may have left without our hearing of it has no number and stays.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.channels.base import Removing, SendFailed
from storage import removals
from storage.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.channels.base import Channel
    from storage.commit import Committer
    from storage.database import Transaction

log = logging.getLogger(__name__)

ON: Final = frozenset({"telegram"})
OURS_GO_AFTER: Final = timedelta(hours=40)
TOO_LATE: Final = timedelta(hours=48)


def due(committer: Committer, channels: Mapping[str, Channel], now: datetime) -> int:
    """One chat's texts; returns how many chats, so call again while it did. Raises StoreUnavailable."""
    able = {name: channel for name, channel in channels.items() if isinstance(channel, Removing)}
    if not able:
        return 0

    def claim(tx: Transaction) -> removals.Due | None:
        found = removals.claim(tx, now, tuple(able))
        if found is not None:
            removals.forget(tx, now - TOO_LATE)
        return found

    found = committer.submit(claim)
    if found is None:
        return 0
    if found.address is None or _gone(able[found.channel], found.address, found):
        committer.submit(lambda tx: removals.done(tx, found.ids))
    return 1


def _gone(channel: Removing, address: str, found: removals.Due) -> bool:
    """Whether nothing is left to do. What could not be asked comes again when its lease is over."""
    try:
        channel.remove(address, found.external_ids)
    except SendFailed as failure:
        log.warning("texts not removed", extra={"reason": str(failure.reason), "code": failure.code})
        return not (failure.retry or failure.in_doubt)
    except StoreUnavailable:
        raise
    except Exception:
        log.exception("texts not removed")
        return False
    return True
