"""What stands behind the link of a page, and what a press there comes to. Knows no HTTP; the press is `answering`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import answering, pages
from bot.web.taking import Asked
from storage import alerts, page_links, people

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.page_codes import Match


def look(tx: Transaction, link: str) -> Asked | None:
    """What a link that is open asks about; changes nothing."""
    match = page_links.by_link(tx, link)
    return _asked(tx, match) if match is not None and _is_open(tx, match) else None


def press(tx: Transaction, house: House, link: str, at: datetime, *, taking: bool) -> Asked | None:
    """Take it or pass it on, once. The same press again is told that the link is not open any more."""
    match = page_links.by_link(tx, link)
    if match is None or not _is_open(tx, match):
        return None
    person, asked = people.load(tx, match.page.staff), _asked(tx, match)
    after = answering.claim(tx, house, person, match.page, "by_link", at, taking=taking)
    word = pages.SPOKEN[answering.stands(after, person)]
    return Asked(asked.level, asked.case_name, word)


def _is_open(tx: Transaction, match: Match) -> bool:
    person = people.load(tx, match.page.staff)
    return match.live and person.active and answering.may_know(tx, match.page, person)


def _asked(tx: Transaction, match: Match) -> Asked:
    alert = alerts.peek(tx, match.page.alert)
    return Asked(alert.level.name, alert.case_name)
