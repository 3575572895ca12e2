"""Languages of one script: which a text is weighed as, whatever language its writer chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows import listening
from flows.listening import language
from flows.model import Level

if TYPE_CHECKING:
    from flows.listening.model import Model

# Written in one language by a child who chose another: what is meant by each is that home is not safe or that they must marry.
CROSSED = (
    ("fa", "پلار مې وايي چې زه به هغه سړي ته واده کړم که نه وژني مې", "ps"),
    ("ti", "እንጀራ አባቴ ሁልጊዜ ይመታኛል", "am"),
    ("ar", "باوکم هەموو ڕۆژێک لێم دەدات", "ckb"),
)


@pytest.mark.parametrize(("chosen", "text", "written"), CROSSED)
def test_a_text_is_weighed_as_what_its_letters_tell_too(chosen: str, text: str, written: str, model: Model) -> None:
    found = language.guess(text, chosen, 0.0, len(text.split()), model.identifier, model.offered)
    assert found.likely[0] == found.languages[0]
    assert written in found.likely


@pytest.mark.parametrize(("chosen", "text", "written"), CROSSED)
def test_a_child_who_chose_a_neighbouring_language_is_paged_for(
    chosen: str, text: str, written: str, model: Model
) -> None:
    assert max(hit.level for hit in listening.listen(text, listening.Context(chosen, 14), model).hits) >= Level.L3, (
        written
    )


def test_english_words_among_others_are_weighed_as_english_too(model: Model) -> None:
    found = language.guess("بابا hits me كل يوم", "ar", 0.0, 5, model.identifier, model.offered)
    assert found.likely[0] == "ar"
    assert "en" in found.likely


# What a child may be answered in: told by letters that one language alone writes, by the script, or by several words that only
# it would have so; and what leaves it open, or is none of the service's languages.
CLEAR = (
    ("اوہ میرے ابا مجھے مارتے ہیں", "ur"),
    ("باوکم هەموو ڕۆژێک لێم دەدات", "ckb"),
    ("پلار مې هره شپه وهي ما", "ps"),
    ("والدي يضربني كل يوم ولا أستطيع العودة", "ar"),
    ("پدرم هر شب مرا کتک می زند کمکم کنید", "fa"),
    ("እንጀራ አባቴ ሁልጊዜ ይመታኛል", "am"),
    ("ኣቦይ መዓልታዊ ይወቅዓኒ", "ti"),
    ("Мене б'є", "uk"),
    ("βοήθεια", "el"),
    ("救命", "zh"),
    ("mój tata mnie bije pomocy", "pl"),
    ("waan baqayaa fadlan i caawi", "so"),
    ("my dad hits me every night", "en"),
    ("мой отчим бьёт меня помогите", None),
    ("سلام", None),
    ("ሰላም", None),
    ("pomozcie mi", None),
    ("hola", None),
    ("ok", None),
    ("mera baap mujhe maarta hai roz", None),
    ("abouya byedrabni kol yom", None),
    ("ji kerema xwe alîkariya min bike", None),
    ("mio padre mi picchia ogni giorno", None),
    ("お父さんに殴られる", None),
)


@pytest.mark.parametrize(("text", "told"), CLEAR)
def test_the_language_is_told_beyond_doubt_or_not_at_all(text: str, told: str | None, model: Model) -> None:
    assert listening.listen(text, listening.Context(), model).clear == told


def test_it_is_told_whatever_language_the_child_chose(model: Model) -> None:
    assert listening.listen("mój tata mnie bije pomocy", listening.Context("vi"), model).clear == "pl"
    assert listening.listen("xin hãy giúp tôi", listening.Context("vi"), model).clear == "vi"
    assert listening.listen("pomozcie mi", listening.Context("pl"), model).clear is None
