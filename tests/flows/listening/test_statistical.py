"""The second detector: its weights are those that were trained, and it asks for a person and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from flows import listening, loader
from flows.listening import model as models
from flows.listening import normalise, statistical
from flows.model import Level

if TYPE_CHECKING:
    from pathlib import Path

    from flows.listening.model import Model

LIBRARY = loader.LIBRARY / "listening"


def _held() -> dict[str, np.ndarray]:
    with np.load(LIBRARY / "statistical.npz", allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


@pytest.mark.parametrize("name", ["telling", "thresholds", "bias"])
def test_weights_that_were_changed_are_refused(name: str, tmp_path: Path) -> None:
    held = _held()
    held[name] = held[name] + held[name].dtype.type(1)
    np.savez_compressed(tmp_path / "statistical.npz", **held)  # type: ignore[arg-type]
    with pytest.raises(statistical.WeightsError, match=r"statistical\.npz: not the weights that were trained"):
        statistical.load(tmp_path / "statistical.npz")


def test_the_model_says_how_to_mend_broken_weights(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_bytes((LIBRARY / "rules.yaml").read_bytes())
    (tmp_path / "statistical.npz").write_bytes(b"nothing of the kind")
    with pytest.raises(models.LexiconError, match=r"statistical\.npz: cannot be used: restore it"):
        models.load(tmp_path)


def test_no_weights_is_no_second_detector(tmp_path: Path) -> None:
    assert statistical.load(tmp_path / "statistical.npz") is None


def test_it_asks_for_a_person_and_never_pages(model: Model) -> None:
    """Any number of words it knows as telling stays a level a person reads within the hour."""
    weights = model.weights
    assert weights is not None
    assert set(weights.thresholds) <= set(model.lexicons)
    heard = [
        hit
        for text in ("he keeps saying its our thing and i hate nights now", "they come up and we have to go down after")
        for hit in listening.listen(text, listening.Context("en", 14), model).hits
        if hit.rule == "statistical"
    ]
    assert all(hit.level == Level.L2 for hit in heard)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("he 😭 hits me 😂", ("he", "hits", "me", "😭", "😂")),
        ("ok. 💀 he hit me, 🥺 again", ("ok", "he", "hit", "me", "💀", "again", "🥺")),
        ("he has a 🔪 here", ("he", "has", "a", "🔪", "here")),
    ],
)
def test_a_face_stands_behind_the_words_of_its_clause(text: str, words: tuple[str, ...]) -> None:
    reading = normalise.read(text)
    assert reading.forms == words
    assert [text[start:end].lower() for start, end in zip(reading.starts, reading.ends, strict=True)] == list(words)


def test_a_find_across_faces_is_marked_where_it_stands(model: Model) -> None:
    text = "my 😭 dad 💔 hits 🥺 me"
    (hit,) = [hit for hit in listening.listen(text, listening.Context("en", 14), model).hits if hit.level >= Level.L3]
    assert text[hit.start : hit.end] == "dad 💔 hits 🥺 me"
