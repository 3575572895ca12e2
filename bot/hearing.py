"""`waymark listen`: what listening hears in a line, and what would happen. May not keep a word of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import app
from flows import concerns, listening
from flows.facts import RAISED_BELOW
from flows.model import Conversation, Level

if TYPE_CHECKING:
    from flows.model import Heard

# Whom a child's line may be heard as: to 17, and to 25 for those who leave care.
AGES = range(26)


def hear(text: str, locale: str, age: int | None) -> dict[str, object]:
    """One line heard. `level`: what would happen; `detected`: what the words alone gave."""
    heard = listening.listen_safely(text, listening.Context(locale=locale, age=age), app.ears())
    detected = max((hit.level for hit in heard.hits), default=Level.L0)
    raised = _raised(heard, age)
    return {
        "level": (max(raised, Level.L2) if heard.unscreened else raised).name,
        "detected": detected.name,
        "categories": sorted({hit.category for hit in heard.hits}),
        "evidence": [
            {"start": hit.start, "end": hit.end, "rule": hit.rule, "category": hit.category, "doubt": hit.doubt}
            for hit in heard.hits
        ],
        "suppressed": [{"start": hit.start, "end": hit.end, "rule": hit.rule} for hit in heard.suppressed],
        "locale": heard.locale,
        "unscreened": heard.unscreened,
        "reason": heard.reason,
    }


def _raised(heard: Heard, age: int | None) -> Level:
    """What would happen to these words in a chat with a child of this age: the engine's own rules (decisions 6)."""
    facts = {} if age is None else {"age": age}
    now = datetime.now(UTC)
    nobody = Conversation("", "", "", "en", "", "", "", now, facts={"age": 14} | facts)
    values: dict[str, object] = {"age": age, "under_13": age is not None and age < RAISED_BELOW, "night": False}
    found = [concerns.raised(hit, app.source().categories.get(hit.category), nobody, values) for hit in heard.hits]
    return max(found, default=Level.L0)


def has_list(locale: str) -> bool:
    """Whether there are phrases in this language."""
    return locale.replace("_", "-").partition("-")[0].lower() in app.ears().offered


def told(found: dict[str, object]) -> str:
    """One line for a person."""
    categories = " ".join(str(one) for one in found["categories"]) if isinstance(found["categories"], list) else ""
    return f"{found['level']} {categories} {found['reason']}".rstrip()
