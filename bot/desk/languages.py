"""The languages of the house and how far each has come: what is translated, what a native reader has signed. May not change
which are offered: that is the settings' (decisions 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from bot import i18n, review
from bot.desk.asking import Page
from bot.desk.routes import MANAGERS, Route
from flows import canned
from flows.languages import NAMES

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from bot.runner import House
    from bot.shelf import Shelf
    from storage.database import Transaction

# Catalogues are read once, at start: what they lack does not change while the house runs.
_COUNTED: Final[WeakKeyDictionary[Shelf, list[dict[str, Any]]]] = WeakKeyDictionary()


def show(tx: Transaction, ask: Ask) -> Answer:
    """Every language, those that children are offered first."""
    del tx
    drafts = ask.house.settings.draft_locales == "allow"
    values = {"here": "/languages", "rows": _rows(ask.house), "drafts": drafts}
    return Page("languages.html", "Languages", values)


def _rows(house: House) -> list[dict[str, Any]]:
    shelf = house.shelf
    if shelf not in _COUNTED:
        entries = tuple(i18n.messages(shelf.source))
        _COUNTED[shelf] = [_row(review.standing(entries, one)) for one in shelf.catalogues.values()]
    rows = [
        row | {"offered": row["standing"].locale in shelf.offered, "names": _names(row["standing"].locale)}
        for row in _COUNTED[shelf]
    ]
    return sorted(rows, key=lambda row: (not row["offered"], row["standing"].locale))


def _row(standing: review.Standing) -> dict[str, Any]:
    replies = [one for one in canned.load() if standing.locale in one.texts]
    signed = [one for one in replies if standing.locale in one.signed]
    return {
        "standing": standing,
        "why_not": standing.refused(drafts=False),
        "replies": len(replies),
        "replies_total": len(canned.load()),
        "replies_signed": len(signed),
    }


def _names(locale: str) -> str:
    return NAMES[locale][0] if locale in NAMES else locale


ROUTES: Final = (Route("GET", "/languages", MANAGERS, show),)
