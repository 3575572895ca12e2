"""`waymark listen`: what listening hears in a line, and what would happen. May not keep a word of it."""

from __future__ import annotations

from bot import app
from flows import listening


def hear(text: str, locale: str, age: int | None) -> dict[str, object]:
    """One line heard. `level`: what would happen; `detected`: what the words alone gave."""
    heard = listening.listen_safely(text, listening.Context(locale=locale, age=age), app.ears())
    detected = max((int(hit.level) for hit in heard.hits), default=0)
    raised = _raised(detected, heard, age)
    return {
        "level": f"L{max(raised, 2) if heard.unscreened else raised}",
        "detected": f"L{detected}",
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


def _raised(detected: int, heard: listening.Heard, age: int | None) -> int:
    """The age rule of decisions 6, as the engine applies it to asserted hits."""
    categories = app.source().categories
    under_13 = age is not None and age < 13  # noqa: PLR2004 - the rule's own number
    asserted = [hit for hit in heard.hits if hit.doubt is None and int(hit.level) == 2]  # noqa: PLR2004 - L2
    raises = under_13 and any(hit.category in categories and categories[hit.category].raised_by_age for hit in asserted)
    return max(detected, 3) if raises else detected


def told(found: dict[str, object]) -> str:
    """One line for a person."""
    categories = " ".join(str(one) for one in found["categories"]) if isinstance(found["categories"], list) else ""
    return f"{found['level']} {categories} {found['reason']}".rstrip()
