"""`waymark locales` and `waymark language`: how far each language has come, whether a child is offered it and why not, what a
chat costs in it; and turning one on whose texts are drafts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot import app, i18n, keeping, localising, spoken, staffing, switching
from bot.channels import segments
from bot.config import SettingsError
from flows import composing
from storage import commit
from storage.errors import StoreUnavailable
from storage.keys import SealBroken
from storage.migrating import SchemaNewer, SchemaOld, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.config import Settings
    from bot.i18n import Catalogue
    from flows.model import Flow
    from storage.database import Transaction

# What the longest substitution puts into a gap; a text is counted with it (domain 3.1).
LONGEST = {
    "persona": "Robinsonabcd",
    "name": "Alexandra",
    "worker": "Alexandra",
    "first_name": "Alexandra",
    "day": "Wednesday",
}


def table(settings: Settings) -> list[dict[str, object]]:
    """One row a language: translated, reviewed, offered, why not, what a manager turned on, longest text and cost of a whole chat
    in segments.
    """
    catalogues, on = i18n.load_catalogues(app.LOCALES), turned_on(settings)
    offered = app.offered(settings, catalogues, on)
    return [_row(settings, catalogue, on, offered=locale in offered) for locale, catalogue in catalogues.items()]


def turned_on(settings: Settings) -> Mapping[str, str]:
    """Of each language that a manager turned on: since when, and by whom. None where the service's own database cannot be read:
    whoever translates has no such thing, and of one that is broken `waymark doctor` says so.
    """
    file = settings.database_url.removeprefix("sqlite:///")
    if file != settings.database_url and not Path(file).exists():
        return {}
    try:
        database = app.database(settings)
    except SettingsError:
        return {}
    try:
        check(database.schema_version())
        return commit.look(database, lambda tx: switching.told_languages(tx, settings.timezone))
    except (SchemaOld, SchemaNewer, StoreUnavailable, SealBroken):
        return {}
    finally:
        database.close()


def turn(settings: Settings, locale: str, by: str, *, on: bool, because: str, now: datetime) -> None:
    """Turn a language on or off in the name of a manager. Raises what `switching` does, and NotFound for who is not known."""
    shelf = app.shelved(settings)

    def work(tx: Transaction) -> None:
        who = staffing.named(tx, by)
        if on:
            switching.turn_on_language(tx, shelf, who, locale, because, now)
        else:
            switching.turn_off_language(tx, who, locale, now)

    keeping.within(settings, work)


def _row(settings: Settings, catalogue: Catalogue, on: Mapping[str, str], *, offered: bool) -> dict[str, object]:
    standing = spoken.standing(app.source(), catalogue)
    flows = app.source().flows.values()
    counts = {flow.key: _counts(settings, catalogue, flow) for flow in flows}
    chat = app.source().flows["return_interview"]
    asked = (key for block in chat.blocks if block.main for key in block.steps if chat.path in chat.steps[key].paths)
    why = standing.refused(drafts=spoken.sends_drafts(settings, catalogue.locale, on))
    return {
        "locale": catalogue.locale,
        "texts": standing.total,
        "translated": standing.translated,
        "reviewed": standing.reviewed,
        "offered": offered,
        "why_not": why or None,
        "by_a_manager": on.get(catalogue.locale),
        "longest_segments": max(max(one.values()) for one in counts.values()),
        "chat_segments": sum(counts[chat.key][key] for key in dict.fromkeys(asked)),
    }


def _counts(settings: Settings, catalogue: Catalogue, flow: Flow) -> dict[str, int]:
    """Segments of every text of a flow, with the longest names in the gaps."""
    translated = localising.localise(flow, catalogue)
    common = localising.common(app.source().common, catalogue)
    gaps = {key: number.number for key, number in app.source().numbers.items()} | LONGEST
    gaps |= {"org": settings.service_name, "public_number": settings.public_number, "minutes": "60", "code": "34679C"}
    gaps |= {"next_name": "Alexandra", "who": "the council", "short": "that you may not be safe"}
    texts = {key: i18n.fill(composing.composed(step, common), gaps) for key, step in translated.steps.items()}
    return {key: segments.count(text).segments for key, text in texts.items()}


def told(row: dict[str, object]) -> str:
    """One line for a person."""
    state = "offered" if row["offered"] else f"not offered: {row['why_not'] or 'not among WAYMARK_LOCALES'}"
    if row["by_a_manager"]:
        state += f"; {row['by_a_manager']}"
    return (
        f"{row['locale']:<8} {row['translated']:>3}/{row['texts']} translated, {row['reviewed']} reviewed; "
        f"longest {row['longest_segments']} segments, a chat {row['chat_segments']}; {state}"
    )
