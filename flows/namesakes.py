"""Names of people that are also everyday words, by language: "may", "ben" (Turkish "I"), "ana" (Arabic "I"). Says nothing about
anybody, and reads no text: whether a word is meant as a name `conflict` decides.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.model import Hit

_ENGLISH: Final = "en"


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


# English, which every child may mix in: "he will" names nobody.
ALWAYS: Final = _list(
    """
    amber april art august autumn basil bill black brown can chase christian daisy dawn dean don drew duke earl faith frank gene
    grace grant gray green guy heath holly hope hunter iris ivy jack jade jasmine jay jean jet joy june king lance lee lily long
    love mark mason may mercy miles misty nick norm olive page pat pearl penny pierce pip prince queen ray reed rich rob robin
    rock rod rose ruby rusty sage sandy sky stone storm sue summer sunny ted terry tiger trinity viola violet wade ward white
    will willow winter wood young
    """
)
# What stands for somebody or links words in one language alone, in Roman letters and with its accents, without which no text that
# has any writes it: there it is no name, anywhere else it is. No name that is only a thing there (Rosa, Clara, Kim): whoever is
# accused by their name must not be paged.
_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        language: _list(words)
        for language, words in {
            "ar": "ana inta enta inti enti hiya howa huwa wala kan",
            "tr": "ben sen",
            "bn": "ami amar tumi tomar",
            "hi": "mai main meri mera mere jo",
            "ur": "mai main meri mera mere jo",
            "pa": "mai main meri mera mere jo jad",
            "gu": "hu mane mara mari tari maru",
            "ro": "mai eu",
            "pl": "sam mam ten tam",
            "uk": "sam ten tam",
            "so": "ani aan",
            "sq": "une un\u00eb",
            "vi": "em anh con m\u00ecnh",
            "es": "ella ellos",
            "pt": "ela ele",
            "fr": "elle",
            "el": "mia ena den",
            "fa": "man to ma",
            "ckb": "min ez",
        }.items()
    }
)


def of(tongues: Iterable[str]) -> frozenset[str]:
    """The names that are words in a text of these languages."""
    return ALWAYS.union(*(_OF.get(one, frozenset()) for one in tongues))


def tongues(hits: Iterable[Hit], read_in: str | None) -> frozenset[str]:
    """The languages in which a text was heard, English aside: where English was heard too, "ben" is a name."""
    told = {hit.rule.partition(".")[0].partition("-")[0] for hit in hits} & {_ENGLISH, *_OF}
    return frozenset() if _ENGLISH in told else frozenset(told or ({read_in} if read_in else set()))
