"""`waymark locales`: how far each language has come, whether a child is offered it and why not, what a chat costs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import app, i18n, localising, review
from bot.channels import segments
from flows import composing

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.i18n import Catalogue
    from flows.model import Flow

# What the longest substitution puts into a gap; a text is counted with it (domain 3.1).
LONGEST = {
    "persona": "Robinsonabcd",
    "name": "Alexandra",
    "worker": "Alexandra",
    "first_name": "Alexandra",
    "day": "Wednesday",
}


def table(settings: Settings) -> list[dict[str, object]]:
    """One row a language: translated, reviewed, offered, why not, longest text and cost of a whole chat in segments."""
    catalogues = i18n.load_catalogues(app.LOCALES)
    offered = app.offered(settings, catalogues)
    return [_row(settings, catalogue, locale in offered) for locale, catalogue in catalogues.items()]


def _row(settings: Settings, catalogue: Catalogue, offered: bool) -> dict[str, object]:  # noqa: FBT001 - a column
    standing = review.standing(tuple(i18n.messages(app.source())), catalogue)
    flows = app.source().flows.values()
    counts = {flow.key: _counts(settings, catalogue, flow) for flow in flows}
    chat = app.source().flows["return_interview"]
    asked = (key for block in chat.blocks if block.main for key in block.steps if chat.path in chat.steps[key].paths)
    why = standing.refused(drafts=settings.draft_locales == "allow")
    return {
        "locale": catalogue.locale,
        "texts": standing.total,
        "translated": standing.translated,
        "reviewed": standing.reviewed,
        "offered": offered,
        "why_not": why or None,
        "longest_segments": max(max(one.values()) for one in counts.values()),
        "chat_segments": sum(counts[chat.key][key] for key in dict.fromkeys(asked)),
    }


def _counts(settings: Settings, catalogue: Catalogue, flow: Flow) -> dict[str, int]:
    """Segments of every text of a flow, with the longest names in the gaps."""
    spoken = localising.localise(flow, catalogue)
    common = localising.common(app.source().common, catalogue)
    gaps = {key: number.number for key, number in app.source().numbers.items()} | LONGEST
    gaps |= {"org": settings.service_name, "public_number": settings.public_number, "minutes": "60", "code": "34679C"}
    gaps |= {"next_name": "Alexandra", "who": "the council", "short": "that you may not be safe"}
    texts = {key: i18n.fill(composing.composed(step, common), gaps) for key, step in spoken.steps.items()}
    return {key: segments.count(text).segments for key, text in texts.items()}


def told(row: dict[str, object]) -> str:
    """One line for a person."""
    state = "offered" if row["offered"] else f"not offered: {row['why_not'] or 'not among WAYMARK_LOCALES'}"
    return (
        f"{row['locale']:<8} {row['translated']:>3}/{row['texts']} translated, {row['reviewed']} reviewed; "
        f"longest {row['longest_segments']} segments, a chat {row['chat_segments']}; {state}"
    )
