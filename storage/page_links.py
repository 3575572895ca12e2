"""The link of a page, by which whoever it was sent to answers it. Nothing of it is stored."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from storage import alerts, keys, page_codes

if TYPE_CHECKING:
    from storage.database import Transaction


def link(tx: Transaction, page: str) -> str:
    """What stands at the end of a page's link: its id and a mark that nobody else can make. Nothing is stored."""
    return f"{page}-{_link_mark(tx, page)}"


def by_link(tx: Transaction, given: str) -> page_codes.Match | None:
    """Which page a link belongs to; None when we did not make it, or its alert does not wait for this answer."""
    page, _, mark = given.partition("-")
    found = alerts.page(tx, page) if keys.same_mark(mark, _link_mark(tx, page)) else None
    alert = alerts.readable(tx, found.alert) if found is not None else None
    if found is None or alert is None or not alerts.counts(found, alert):
        return None
    return page_codes.Match(found, found.used_at is None and page_codes.is_current(tx, found))


def _link_mark(tx: Transaction, page: str) -> str:
    return base64.urlsafe_b64encode(tx.keys.mac("page link", page)[:15]).decode()
