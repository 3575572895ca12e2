"""The reader of sentences is the one that was taught, cuts words as it was taught, and hears who did what to whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from flows import listening, loader
from flows.listening import lexicon, normalise, sentences, statistical
from flows.listening import model as models
from flows.listening.scan import scan
from flows.model import Level
from tests.listening import measure

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from flows.listening.model import Model
    from flows.listening.sentences import Reader
    from flows.listening.statistical import Verdict

FILE = loader.LIBRARY / "listening" / "sentences.npz"
OTHERS = (FILE.with_suffix(".onnx"), FILE.with_suffix(".words.npy"))


@pytest.fixture(scope="module")
def reader(model: Model) -> Reader:
    assert model.sentences is not None
    return model.sentences


def level(text: str, model: Model, locale: str = "en") -> Level:
    hits = listening.listen(text, listening.Context(locale, 14), model).hits
    return max((hit.level for hit in hits), default=Level.L0)


def copied(folder: Path) -> Path:
    for path in (FILE, *OTHERS):
        (folder / path.name).symlink_to(path)
    return folder / FILE.name


@pytest.mark.parametrize("name", ["thresholds", "scores", "onnx"])
def test_what_was_changed_is_refused(name: str, tmp_path: Path) -> None:
    held = statistical.unsealed(FILE)
    held[name] = held[name].copy()
    held[name].flat[-1] = "x" if held[name].dtype.kind == "U" else held[name].flat[-1] + held[name].dtype.type(1)
    path = copied(tmp_path)
    path.unlink()
    np.savez(path, **held)  # type: ignore[arg-type]
    with pytest.raises(statistical.WeightsError, match=r"sentences\.npz: not the weights that were trained"):
        sentences.load(path)


@pytest.mark.parametrize("other", OTHERS, ids=lambda path: path.name)
def test_a_part_that_was_changed_is_refused(other: Path, tmp_path: Path) -> None:
    path = copied(tmp_path)
    content = bytearray(other.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / other.name).unlink()
    (tmp_path / other.name).write_bytes(content)
    with pytest.raises(statistical.WeightsError, match=f"{other.name}: not the weights that were trained"):
        sentences.load(path)


def test_a_part_that_is_gone_is_said_before_a_child_is_heard(tmp_path: Path) -> None:
    for path in (loader.LIBRARY / "listening").iterdir():
        if path not in OTHERS:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(models.LexiconError, match=r"sentences\.npz: cannot be used: restore it"):
        models.load(tmp_path, late=True)


def test_there_need_be_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sentences.load(tmp_path / FILE.name) is None
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert sentences.load(FILE) is None


def test_without_it_the_sums_judge_alone(model: Model) -> None:
    alone = replace(model, sentences=None)
    assert level("he has a knife and he is at the door", alone) == Level.L4
    assert level("my uncle keeps coming in when im in the shower", alone) >= Level.L2


def test_it_knows_every_language_the_sums_know(model: Model, reader: Reader) -> None:
    assert model.weights is not None
    assert set(reader.thresholds) == set(model.weights.thresholds)


@pytest.mark.parametrize("word", ["mum", "secret", "xqzvk", "\U00013000", "a" * 400, "مجھے", "我很害怕"])
def test_the_pieces_of_a_word_are_the_word(reader: Reader, word: str) -> None:
    names = list(reader.pieces)
    cut = sentences.cut(reader, word)
    spelt = "".join("?" if piece == reader.unknown else names[piece] for piece in cut)
    assert spelt in {"\u2581" + word, "\u2581?"}


@pytest.mark.parametrize(
    ("text", "locale", "words"),
    [
        ("hes hittng me agan \U0001f62d", "en", ("hes", "hitting", "me", "again")),
        ("Il me frappe, à la Maison", "fr", ("il", "me", "frappe", "à", "la", "maison")),
        ("میرا باپ مجھے مارتا ہے", "ur", ("میرا", "باپ", "مجھے", "مارتا", "ہے")),
        ("他昨天打了我，ok", "zh", ("他昨天打了我", "ok")),
    ],
)
def test_words_are_read_as_they_were_taught(text: str, locale: str, words: tuple[str, ...], model: Model) -> None:
    reading = normalise.read(text)
    made = scan(reading, lexicon.reading_of(model.lexicons[locale], reading))
    assert sentences.words_of(text, made, statistical.said(made, 0, len(made.signs))) == words


def test_a_common_word_is_one_piece(reader: Reader) -> None:
    assert [len(sentences.cut(reader, word)) for word in ("mum", "home", "afraid", "police")] == [1, 1, 1, 1]


def test_capitals_and_faces_change_nothing(model: Model) -> None:
    text = "my uncle keeps coming in when im in the shower"
    assert level(text, model) == level(text.upper(), model) == level(f"\U0001f62d {text} \U0001f602", model) >= Level.L2


def test_who_did_what_to_whom_is_told_apart(reader: Reader) -> None:
    told = [float(sentences.odds(reader, text.split())[0][0]) for text in ("he hit me again", "i hit the ball again")]
    assert told[0] > told[1] + 2


def test_what_the_sums_find_least_telling_is_left_to_them(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, ...]] = []
    asked = sentences.odds

    def odds(reader: Reader, words: tuple[str, ...]) -> list[NDArray[np.float32]]:
        read.append(words)
        return asked(reader, words)

    monkeypatch.setattr(sentences, "odds", odds)
    text = "we had lunch and the weather was fine and then we went to see the boats on the river " * 60
    assert level(text + "my uncle keeps coming in when im in the shower and says not to tell", model) >= Level.L2
    assert 0 < len(read) <= sentences.MOST
    assert any("uncle" in words for words in read)


def test_how_much_it_says_at_most_was_measured_of_these_weights() -> None:
    """Whoever teaches it anew measures `MOST_TOLD` anew: what it says of every training row, and of the same garbled."""
    measured = "ad0caf661d7a504829366699086ad54caf64b207596eea87c2c6b4b9f9b270f9"
    assert str(statistical.unsealed(FILE)["onnx"]) == measured


def test_not_asking_it_takes_nothing_away(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, spared, real = [0], [0], sentences.judge

    def judge(*given: Any) -> Verdict:
        before = asked[0]
        told = real(*given)
        if asked[0] == before:
            spared[0] += 1
            with monkeypatch.context() as patch:
                patch.setattr(sentences, "MOST_TOLD", np.array([np.inf, np.inf], np.float32))
                assert max((whole := real(*given)).read, whole.page) <= 0
        return told

    def odds(reader: Reader, words: tuple[str, ...]) -> list[NDArray[np.float32]]:
        asked[0] += 1
        return real_odds(reader, words)

    real_odds = sentences.odds
    monkeypatch.setattr(sentences, "odds", odds)
    monkeypatch.setattr(sentences, "judge", judge)
    for language in measure.languages("train"):
        for row in measure.rows("train", language)[::400]:
            listening.listen(row.text, listening.Context(language, 14), model)
    assert spared[0] > 100


def test_a_reader_of_other_categories_than_the_sums_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(reader, categories=reader.categories[::-1])
    monkeypatch.setattr(sentences, "load", lambda _path: other)
    with pytest.raises(models.LexiconError, match=r"its categories are not those of statistical\.npz"):
        models.load(loader.LIBRARY / "listening", late=True)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("my uncle keeps coming in when im in the shower and says not to tell", "D05"),
        ("they said if i dont sell it all by friday my brother pays", "D12"),
        ("they booked my ticket and a dress and nobody asks me if i want him", "D15"),
    ],
)
def test_what_is_heard_is_named(text: str, category: str, model: Model) -> None:
    hits = listening.listen(text, listening.Context("en", 14), model).hits
    assert category in {hit.category for hit in hits if hit.level >= Level.L2}


def test_a_long_text_of_nothing_calls_nobody(model: Model) -> None:
    assert level("the weather is nice and we had lunch " * 40, model) == Level.L0


def test_what_a_game_would_hide_is_read_if_the_whole_is_no_game(model: Model) -> None:
    alone = replace(model, sentences=None)
    text = "we played football then he locked me in and wont let me leave"
    assert (level(text, alone), level(text, model)) == (Level.L0, Level.L2)
    assert level("he killed me in fortnite", model) == Level.L0


def test_the_words_it_goes_by_are_told(model: Model) -> None:
    context = listening.Context("en", 14)
    text = "we played football then he locked me in and wont let me leave"
    marked = [text[start:end] for start, end in listening.telling(text, "D01", context, model).spans]
    assert "locked" in " ".join(marked)
    assert len(" ".join(marked).split()) <= sentences.MARKED
    assert listening.telling(text, "D01", context, replace(model, sentences=None)).spans == ()
    assert listening.telling("\U0001f62d", "D01", context, model).spans == ()
    chinese = "他说这是我们的秘密，不能告诉妈妈"
    spans = listening.telling(chinese, "D05", listening.Context("zh", 14), model).spans
    assert spans
    assert all(0 <= start < end <= len(chinese) for start, end in spans)


def test_no_thread_runs_beside_it() -> None:
    """From 1.29 on onnxruntime tells its makers what it is used for, from a thread of its own."""
    program = f"""
from pathlib import Path
import numpy
from flows.listening import sentences
before = set(Path("/proc/self/task").iterdir())
reader = sentences.load(Path({str(FILE)!r}))
sentences.odds(reader, ("he", "hit", "me"))
raise SystemExit(len(set(Path("/proc/self/task").iterdir()) - before))
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=measure.ROOT, check=False).returncode == 0


def test_nothing_that_phrases_found_is_lowered(model: Model) -> None:
    phrases = replace(model, sentences=None, weights=None)
    for row in measure.rows("train", "en")[::97]:
        context = listening.Context("en", 14)
        found = listening.listen(row.text, context, phrases).hits
        assert set(found) <= set(listening.listen(row.text, context, model).hits)


class Broken:
    """A session that fails, or says what is no number."""

    def __init__(self, told: float | None) -> None:
        self.told = told

    def run(self, _names: None, given: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        if self.told is None:
            message = "out of memory"
            raise RuntimeError(message)
        return [np.full((len(given["x"]), 32), self.told, np.float32)]


@pytest.mark.parametrize("told", [None, float("nan")])
def test_where_it_fails_the_sums_judge_and_a_person_reads(told: float | None, model: Model, reader: Reader) -> None:
    text, context = "my uncle keeps coming in when im in the shower and says not to tell", listening.Context("en", 14)
    broken = replace(model, sentences=replace(reader, session=Broken(told)))
    heard = listening.listen(text, context, broken)
    assert heard.hits == listening.listen(text, context, replace(model, sentences=None)).hits
    assert heard.hits
    assert heard.unscreened == "failed"
    shown = listening.telling(text, "D05", context, broken)
    assert shown == listening.telling(text, "D05", context, replace(model, sentences=None))
    assert shown.spans == ()


def test_every_word_of_a_stretch_is_read(reader: Reader) -> None:
    words = ["ከቤት"] * 30 + ["መታኝ"] * 5
    parts = list(sentences._parts(reader, words))
    assert [piece for part in parts for piece in part] == [
        piece for word in words for piece in sentences.cut(reader, word)
    ]
    assert all(len(part) <= sentences.LONGEST for part in parts)
    assert len(sentences.odds(reader, words)) == len(parts) > 1


@pytest.mark.parametrize(
    "text",
    [
        "today we had maths and lunch and then we took the bus to the pool and it was warm and nice " * 2
        + "and my uncle keeps coming in when im in the shower and says not to tell",
        "lovely weather today and we had lunch",
    ],
)
def test_what_cannot_be_told_word_by_word_is_not_marked(text: str, model: Model) -> None:
    assert listening.telling(text, "D05", listening.Context("en", 14), model).spans == ()


def test_the_thresholds_are_those_that_stand_in_the_trainer(reader: Reader) -> None:
    """Read as text: what it imports to teach is not installed for the tests."""
    source = (measure.ROOT / "tests" / "listening" / "train_sentences.py").read_text(encoding="utf-8")
    named = {
        node.target.id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    }
    thresholds = ast.literal_eval(named["THRESHOLDS"])
    assert {name: tuple(held.tolist()) for name, held in reader.thresholds.items()} == {
        name: tuple(np.array(pair, np.float32).tolist()) for name, pair in thresholds.items()
    }
    assert reader.share == ast.literal_eval(named["SHARE"])


def test_a_damaged_file_is_said_before_a_child_is_heard(tmp_path: Path) -> None:
    for path in (loader.LIBRARY / "listening").iterdir():
        if path != FILE:
            (tmp_path / path.name).symlink_to(path)
    for content in (b"", FILE.read_bytes()[:2000]):
        (tmp_path / FILE.name).write_bytes(content)
        with pytest.raises(models.LexiconError, match=r"sentences\.npz: cannot be used: restore it"):
            models.load(tmp_path, late=True)
