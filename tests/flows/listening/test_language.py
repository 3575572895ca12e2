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
