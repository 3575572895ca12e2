"""A language that nobody speaks: every text with accents and a third longer, so that what no catalogue reaches is seen."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bot import wording
from bot.i18n import Catalogue, Written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.i18n import Entry

_NAME: Final = "qps"
_VOWELS: Final = {ord(plain): accented * 2 for plain, accented in zip("aeiouAEIOU", "áéíóúÁÉÍÓÚ", strict=True)}


def catalogue(entries: Iterable[Entry]) -> Catalogue:
    """Of these texts."""
    made = ((one, _text(one.text) if one.sent else one.text) for one in entries)
    lines = {(one.context, one.text): Written(text, "", 1) for one, text in made}
    words = {context: written.text for (context, _), written in lines.items()}
    return Catalogue(_NAME, _NAME, MappingProxyType(lines), MappingProxyType(words))


def _text(text: str) -> str:
    """Vowels doubled and accented, outside of gaps."""
    return "".join(piece.translate(_VOWELS) + (f"{{{gap}}}" if gap else "") for piece, gap in wording.pieces(text))
