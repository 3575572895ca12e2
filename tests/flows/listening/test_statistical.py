"""The second detector: its weights are those that were trained; it only raises, says that it is unsure, and stops questions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from flows import concerns, listening, loader
from flows.listening import model as models
from flows.listening import normalise, statistical, weighing
from flows.listening.statistical import Verdict
from flows.model import Guard, Hit, Level
from tests.listening import measure

if TYPE_CHECKING:
    from pathlib import Path

    from flows.listening.model import Model
    from flows.listening.scan import Scan

LIBRARY = loader.LIBRARY / "listening"


def _held() -> dict[str, np.ndarray]:
    with np.load(LIBRARY / "statistical.npz", allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


@pytest.mark.parametrize("name", ["heads", "thresholds", "biases"])
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


def _statistical(text: str, model: Model) -> Hit | None:
    hits = listening.listen(text, listening.Context("en", 14), model).hits
    return next((hit for hit in hits if hit.rule == "statistical"), None)


def test_it_knows_every_language_there_is(model: Model) -> None:
    assert model.weights is not None
    assert set(model.weights.thresholds) == set(model.lexicons) - {models.ANY}
    for least in model.weights.thresholds.values():
        assert (least > model.weights.biases).all(), "a text of which nothing is known would call somebody"


@pytest.mark.parametrize("row", [row for row in measure.rows("train", "en") if row.source.startswith("train-d")][::40])
def test_what_it_finds_is_said_to_be_unsure_and_is_never_the_highest_level(row: measure.Row, model: Model) -> None:
    hit = _statistical(row.text, model)
    if hit is not None:
        assert (hit.doubt, hit.level) in {("statistical", Level.L2), ("statistical", Level.L3)}
        assert (hit.start, hit.end) == (0, len(row.text))
        assert hit.category


def test_it_never_takes_away_what_the_phrases_found(model: Model) -> None:
    alone = replace(model, weights=None)
    for row in measure.rows("train", "en")[::60]:
        context = listening.Context("en", 14)
        phrases = listening.listen(row.text, context, alone).hits
        assert set(phrases) <= set(listening.listen(row.text, context, model).hits)


def test_what_pages_locks_as_a_phrase_would_and_what_asks_to_be_read_does_not() -> None:
    """If it is true, the next question would be a leading one; a find in any other doubt never locks (domain T20)."""
    categories = loader.load().categories
    for level, doubt, guard in (
        (Level.L2, "statistical", Guard.NONE),
        (Level.L3, "statistical", Guard.LOCK),
        (Level.L3, "third_person", Guard.NONE),
    ):
        hit = Hit("D05", level, 0, 4, "statistical", doubt)
        assert concerns.guard_of([(hit, level)], categories) is guard


@pytest.mark.parametrize(
    ("aside", "telling"),
    [
        ("my mate got stabbed in gta.", "he takes pictures of me asleep"),
        ("my mate got stabbed in gta.", "my step dad gets weird when hes had a drink and locks the door"),
        ("no one hit me or anything but", "my step dad gets weird when hes had a drink and locks the door"),
    ],
)
def test_a_game_or_a_denial_hides_no_other_words(aside: str, telling: str, model: Model) -> None:
    context = listening.Context("en", 14)
    assert max(hit.level for hit in listening.listen(f"{aside} {telling}", context, model).hits) >= Level.L2
    after = listening.Context("en", 14, (aside,))
    assert max(hit.level for hit in listening.listen(telling, after, model).hits) >= Level.L2


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


@pytest.mark.parametrize(
    ("before", "this", "both", "level"), [(-1, -1, 0.5, 0), (-1, -1, 1.5, 2), (0.2, -1, 1.5, 0), (-1, 0.2, 0.5, 2)]
)
def test_texts_heard_together_are_asked_for_more(
    before: float, this: float, both: float, level: int, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two texts are more words than one; what the first told by itself was heard when it came."""

    def verdict(_model: Model, made: Scan, said: weighing.Said, span: tuple[int, int]) -> Verdict:
        parts = said.before and made.reading.ends[span[0]] <= said.before
        told = this if not parts else both if made.reading.ends[span[1] - 1] > said.before else before
        return Verdict(told, -9, "D24")

    monkeypatch.setattr(weighing, "_verdict", verdict)
    heard = listening.listen("the bus was late", listening.Context("en", 14, ("we played chess",)), model)
    assert max((hit.level for hit in heard.hits), default=0) == level


@pytest.mark.parametrize(
    "said", ["kuch nahi", "pata nahi", "msh 3aref", "ابوي", "اخوي", "ما بدي احكي", "كيف عرفتوا رقمي", "بدي اكل"]
)
def test_an_everyday_word_by_itself_calls_nobody(said: str, model: Model) -> None:
    assert listening.listen(said, listening.Context(locale="ar"), model).hits == ()


def test_an_everyday_word_takes_nothing_from_what_was_said_before_it(model: Model) -> None:
    context = listening.Context(locale="ar", recent=("مين بيضربني",))
    assert any(hit.level >= Level.L3 for hit in listening.listen("ابوي بيضربني", context, model).hits)


def test_no_short_disclosure_to_learn_from_is_an_everyday_word(model: Model) -> None:
    rows = [row for language in model.offered for row in measure.rows("train", language) if row.level >= Level.L2]
    assert [row.text for row in rows if normalise.folded(row.text) in model.everyday] == []


@pytest.mark.parametrize(
    ("locale", "said"),
    [("ar", "امي هنا"), ("vi", "mẹ em đang ở đây"), ("en", "ammi aa gayi"), ("en", "mama hon"), ("tr", "annem geldi")],
)
def test_somebody_came_is_no_more_than_that(locale: str, said: str, model: Model) -> None:
    found = listening.listen(said, listening.Context(locale=locale), model).hits
    assert {(hit.category, hit.level) for hit in found} == {("D28", Level.L1)}


@pytest.mark.parametrize(("locale", "said"), [("pl", "mi amigo vive aca"), ("kmr", "Wo ez dizanim ku ew baş e")])
@pytest.mark.parametrize("page", [-9, 9])
def test_of_a_language_nobody_can_be_sure_of_the_weights_may_only_page(
    page: int, locale: str, said: str, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to a person as it is. Of a child's own language that no weights know they are not asked as if it were another."""

    def verdict(_model: Model, made: Scan, *_: object) -> Verdict:
        return Verdict(-9, -9, "") if made.lexicon.language == locale else Verdict(9, page, "D24")

    monkeypatch.setattr(weighing, "_verdict", verdict)
    heard = listening.listen(said, listening.Context(locale, 14), model)
    assert heard.unscreened == "unknown_language"
    assert [hit.level for hit in heard.hits] == ([Level.L3] if page > 0 and locale == "pl" else [])


def test_what_is_a_saying_as_a_whole_is_not_weighed(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "_verdict", lambda *_: Verdict(9, -9, "D07"))
    saying, context = "he shot a sick pic of me", listening.Context("en", 14)
    assert listening.listen(saying, context, model).hits == ()
    assert listening.listen(f"{saying} and then he said other things to everybody", context, model).hits
