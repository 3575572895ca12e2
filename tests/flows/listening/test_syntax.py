from __future__ import annotations

import pytest

from flows.listening import normalise, spelling, syntax


def _ways(text: str) -> set[tuple[str, ...]]:
    lists = {"mum": frozenset({("mum",), ("step", "mum")})}
    return {
        tuple(" ".join(sorted(map(" ".join, piece.choice))[:1]) for piece in phrase.pieces)
        for phrase in syntax.parse(text, lists, lambda word: word)
    }


def test_a_choice_may_hold_several_words_and_brackets() -> None:
    (phrase,) = syntax.parse("(a (b|c)|$mum) d", {"mum": frozenset({("mum",)})}, lambda word: word)
    assert phrase.pieces[0].choice == {("a", "b"), ("a", "c"), ("mum",)}


def test_an_optional_word_makes_two_ways() -> None:
    assert _ways("a b? c") == {("a", "b", "c"), ("a", "c")}


def test_a_gap_inside_a_choice_becomes_phrases_of_their_own() -> None:
    phrases = syntax.parse("x (a ~2 b|c)", {}, lambda word: word)
    assert sorted(len(phrase.pieces) for phrase in phrases) == [2, 3]
    assert max(piece.gap for phrase in phrases for piece in phrase.pieces) == 2


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Don’t", ("dont",)),
        ("hi.he hit me", ("hi", "he", "hit", "me")),
        ("k i l l me", ("kill", "me")),
        ("u r a g", ("urag",)),
        ("r*pe", ("r*pe",)),
        ("a\u200bb\u202e c", ("ab", "c")),
        ("他打我", ("他", "打", "我")),
        ("كتاب", ("کتاب",)),
        ("٢ ok", ("2", "ok")),
        ("ΑΣ", ("ασ",)),
        ("می خواهم", ("میخواهم",)),
    ],
)
def test_words_as_they_are_compared(text: str, forms: tuple[str, ...]) -> None:
    assert normalise.read(text).forms == forms


def test_an_accent_is_kept_beside_the_plain_word() -> None:
    reading = normalise.read("đánh Żółw й")
    assert reading.plain == ("danh", "zolw", "й")
    assert reading.accented


@pytest.mark.parametrize(
    ("word", "read"), [("hittng", "hitting"), ("htiting", "hitting"), ("r*pe", "rape"), ("suicde", "suicide")]
)
def test_a_slip_is_read(word: str, read: str) -> None:
    near = spelling.neighbours(["hitting", "rape", "suicide"])
    assert spelling.correct(word, near, frozenset()) == read


@pytest.mark.parametrize("word", ["rate", "rope", "cape", "heating", "hat", "1234", "x" * 40])
def test_an_ordinary_word_is_not_read_as_a_dangerous_one(word: str) -> None:
    near = spelling.neighbours(["hitting", "rape", "suicide", "hit"])
    assert spelling.correct(word, near, frozenset({"rate", "rope", "heating"})) is None


@pytest.mark.parametrize(("a", "b", "far"), [("", "", 0), ("ab", "ba", 1), ("kitten", "sitting", 3), ("a", "", 1)])
def test_distance(a: str, b: str, far: int) -> None:
    assert spelling.distance(a, b) == far


def test_parts_joined_by_and_may_come_in_any_order() -> None:
    phrases = syntax.parse("a & b", {}, lambda word: word)
    orders = {tuple(min(piece.choice)[0] for piece in phrase.pieces) for phrase in phrases}
    assert orders == {("a", "b"), ("b", "a")}
    with pytest.raises(syntax.PhraseError, match="joins more than 3"):
        syntax.parse("a & b & c & d", {}, lambda word: word)
