"""The languages of the house and how far each has come: what is translated, what a native reader has signed. A manager may have
children offered one that is complete though its texts are drafts, and says why (decisions 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot import i18n, spoken, switching
from bot.desk.asking import Go, Page
from bot.desk.routes import MANAGERS, Route
from flows import canned
from flows.language_names import NAMES
from storage import draft_languages, interpreters, people

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from bot.shelf import Shelf
    from flows.model import Conversation
    from storage.database import Transaction
    from storage.interpreters import Interpreter


def show(tx: Transaction, ask: Ask) -> Answer:
    """Every language, those that children are offered first."""
    shelf = ask.house.shelf
    # Whoever has just turned one on sees it on, and so does this process's next child.
    shelf.look_again(tx)
    on = {one.locale: {"by": people.load(tx, one.by).name, "turned": one} for one in draft_languages.shown(tx)}
    rows = [_row(shelf, tag) | {"on": on.get(tag)} for tag in shelf.catalogues]
    rows.sort(key=lambda row: (not row["offered"], row["standing"].locale))
    drafts = shelf.settings.draft_locales == "allow"
    values = {"here": "/languages", "rows": rows, "drafts": drafts, "longest": switching.LONGEST_REASON}
    return Page("languages.html", "Languages", values)


def turn(tx: Transaction, ask: Ask) -> Answer:
    """Turn a language on, with the reason, or off."""
    on, locale, shelf = ask.form.get("on") == "yes", ask.form.get("locale"), ask.house.shelf
    if on:
        switching.turn_on_language(tx, shelf, ask.who, locale, ask.form.get("reason"), ask.at)
    else:
        switching.turn_off_language(tx, ask.who, locale, ask.at)
    return Go("/languages", "switched_on" if on else "switched_off")


def _row(shelf: Shelf, locale: str) -> dict[str, Any]:
    standing = spoken.standing(shelf.source, shelf.catalogues[locale])
    replies = [one for one in canned.load() if locale in one.texts]
    return {
        "standing": standing,
        "offered": locale in shelf.offered,
        "names": NAMES[locale][0] if locale in NAMES else locale,
        "english": i18n.called(locale),
        "why_not": standing.refused(drafts=False, named=False),
        "may_be_turned_on": not switching.in_the_way(shelf, locale),
        "sends_drafts": shelf.sends_drafts(locale),
        "replies": len(replies),
        "replies_total": len(canned.load()),
        "replies_signed": sum(locale in one.signed for one in replies),
    }


def interpreted(tx: Transaction, ask: Ask, c: Conversation) -> list[tuple[str, tuple[Interpreter, ...]]]:
    """Who can be rung now for each language of this child that is not English."""
    tags = dict.fromkeys(tag for tag in (c.locale, c.reads) if tag and tag.partition("-")[0] != "en")
    return [(tag, interpreters.on_call(tx, tag, ask.at, ask.zone)) for tag in tags]


ROUTES: Final = (Route("GET", "/languages", MANAGERS, show), Route("POST", "/languages", MANAGERS, turn))
