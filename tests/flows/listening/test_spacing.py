"""Words written as one are read as the words they are, and what is a word stays one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows import listening
from flows.listening import normalise, spacing
from flows.model import Level

if TYPE_CHECKING:
    from flows.listening.model import Model


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("myunclehitsme", ("my", "uncle", "hits", "me")),
        ("he touchesme", ("he", "touches", "me")),
        ("therapist", ("therapist",)),
        ("therapists", ("therapists",)),
        ("grandparents welcome", ("grandparents", "welcome")),
        ("qzxvqzxvqzxv", ("qzxvqzxvqzxv",)),
    ],
)
def test_run_together_words_are_parted(text: str, words: tuple[str, ...], model: Model) -> None:
    assert spacing.spaced(normalise.read(text), model.lexicons["en"][-1]).forms == words


def test_the_pieces_stand_where_they_were_written(model: Model) -> None:
    text = "ok. myuncle hitsme, sometimes"
    reading = spacing.spaced(normalise.read(text), model.lexicons["en"][-1])
    pieces = [text[start:end] for start, end in zip(reading.starts, reading.ends, strict=True)]
    assert pieces == ["ok", "my", "uncle", "hits", "me", "sometimes"]
    assert reading.breaks == (2, 2, 0, 0, 0, 1)


def test_a_disclosure_without_spaces_is_heard(model: Model) -> None:
    hits = listening.listen("myunclehitsme", listening.Context("en", 14), model).hits
    assert max(hit.level for hit in hits) >= Level.L3
