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
# Words of one language alone, in Roman letters and without accents: there they are no name, anywhere else they are.
_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        language: _list(words)
        for language, words in {
            "ar": "ana inta enta inti enti hiya howa huwa hana lina mina wala hala layla leila lila laila nour noor amal kan",
            "tr": "ben sen kim can ana anne abla dede deniz umut su ece bora hala eda alt kat",
            "bn": "ami amar tumi tomar ma mina kono kare tara rana rani didi",
            "hi": "mai main meri mera mere jo kai roz sara maya asha man bina tina abu ali mare din raj",
            "ur": "mai main meri mera mere jo kai roz sara maya asha man bina tina abu ali mare din raj",
            "pa": "mai main meri mera mere jo kai roz sara maya man bina tina jad jay",
            "gu": "hu mane mara mari tara tari maru roz jay bina",
            "ro": "mai mia sara sora dan eu ana dana ion mama",
            "pl": "kim sam mam mia ten tam pan ada",
            "uk": "sam ten tam mama",
            "so": "ina ani isha ali aan nin hana ayaan",
            "sq": "ana mira dita nata dola besa era ema une",
            "vi": "em anh con mai minh an lan nam kim my hai thu hoa long van tu chi tam may",
            "es": "ella ellos mar luz sol rosa clara linda blanca nina paz angel sara eva dolores",
            "pt": "ela ele mar luz sol rosa clara linda nina paz sara",
            "fr": "elle claire rose marine pierre jean blanche aurore pascal",
            "el": "mia mina ena den eva",
            "fa": "man to ma mina sara jan nur",
            "ckb": "min ez jan",
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
