"""A garbled sentence is read by its other words; a strange word in a sentence, and another language, are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from flows import loader
from flows.listening import model as models
from flows.listening import normalise, respelling, statistical
from flows.listening.scan import scan
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flows.listening.model import Model
    from flows.model import Heard

LIBRARY = loader.LIBRARY / "listening"


@pytest.mark.parametrize(
    ("garbled", "level"),
    [
        ("my stpedad hitts me evry nihgt", Level.L3),
        ("im goign to ikll mysefl tongiht", Level.L4),
        ("shes touhcing me whne mum slepes", Level.L3),
        ("he lokced me ni the celalr agian", Level.L3),
    ],
)
def test_a_garbled_disclosure_is_heard(garbled: str, level: Level, hear: Callable[..., Heard]) -> None:
    assert max(hit.level for hit in hear(garbled).hits) >= level


@pytest.mark.parametrize(
    ("language", "garbled"),
    [
        ("hi", "मेरे पपा मुझे रज़ो मारेत हैं"),
        ("pl", "oojczym bije mine codizennie"),
        ("fr", "mon beua pere me farppe tuos les sorirs"),
        ("ar", "زوج اميي يضبرني كل لليلة"),
    ],
)
def test_a_garbled_disclosure_is_heard_in_other_languages(
    language: str, garbled: str, hear: Callable[..., Heard]
) -> None:
    assert max(hit.level for hit in hear(garbled, locale=language).hits) >= Level.L3


def test_a_manager_reads_what_was_guessed_also_where_no_phrase_rests_on_it(hear: Callable[..., Heard]) -> None:
    heard = hear("hwen he is drnuk i hied udner teh bde")
    assert {hit.rule for hit in heard.hits if hit.level >= Level.L2} == {"statistical"}
    assert "Spelling was guessed: " in heard.reason


def _read(text: str, model: Model, language: str = "en") -> dict[int, str]:
    """What the phrases' own reader could not tell already."""
    made = scan(normalise.read(text), model.lexicons[language][-1])
    return {at: word for at, word in made.corrected.items() if word != made.reading.plain[at]}


def test_the_words_beside_it_tell_which_is_meant(model: Model) -> None:
    assert _read("she bougth me choclate at the satation", model) == {1: "bought", 3: "chocolate", 6: "station"}
    assert _read("he brpke my wirst on purpoose", model) == {1: "broke", 3: "wrist", 5: "purpose"}


@pytest.mark.parametrize(
    "text",
    [
        "we saw quokkas at the zoo today",  # one word that nobody has written: a thing
        "zaynabu and thandiwe came over to play",  # two names in seven words
        "mergem acasa dupa scoala cu fratele meu",  # Romanian without its accents
        "kal subah stesan par milenge bhaiya",
    ],
)
def test_names_things_and_other_languages_are_left_as_they_are(text: str, model: Model) -> None:
    assert _read(text, model) == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "gestern waren wir mit meiner schwester im kino"),
        ("ro", "cheguei ontem da escola e joguei futebol"),
        ("hi", "आज शुभांगिनी और ऋत्विक खेल रहे हैं"),
    ],
)
def test_so_they_are_in_other_languages(language: str, text: str, model: Model) -> None:
    assert _read(text, model, language) == {}


def test_what_is_guessed_takes_less_to_be_read_and_no_less_to_page(model: Model) -> None:
    assert model.weights is not None
    for text, less in (("my stpedad hitts me evry nihgt", True), ("my stepdad hits me evry night", False)):
        made = scan(normalise.read(text), model.lexicons["en"][-1])
        read, page = (model.weights.thresholds["en"] - statistical.thresholds(model.weights.thresholds, made)).tolist()
        assert (made.guessed > 0, read > 0, page) == (less, less, 0.0)


def test_what_was_written_stays_the_evidence(model: Model) -> None:
    made = scan(normalise.read("im goign to ikll mysefl"), model.lexicons["en"][-1])
    assert made.reading.plain[3] == "ikll"
    assert (made.words[3], made.corrected[3]) == ("kill", "kill")


def test_many_strange_words_cost_no_more_than_a_few(model: Model) -> None:
    speller = model.lexicons["en"][-1].speller
    assert speller is not None
    for times, read in ((20, 40), (100, 0)):
        words = ("we stattion satation we " * times).split()
        strange = [at for at, word in enumerate(words) if word != "we"]
        assert len(respelling.respelt(words, strange, speller)) == read


def test_counts_that_were_changed_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_bytes((LIBRARY / "rules.yaml").read_bytes())
    (tmp_path / "en.yaml").write_text("entries: []\n", encoding="utf-8")
    with np.load(LIBRARY / "en.spelling.npz", allow_pickle=False) as data:
        held = {name: data[name] for name in data.files}
    held["counts"] = held["counts"] + np.uint32(1)
    np.savez_compressed(tmp_path / "en.spelling.npz", **held)
    with pytest.raises(models.LexiconError, match=r"en\.spelling\.npz: cannot be used: restore it"):
        models.load(tmp_path)


def test_a_word_is_likelier_where_it_is_often_written(model: Model) -> None:
    speller = model.lexicons["en"][-1].speller
    assert speller is not None
    assert speller.follows("my", "mum") > speller.follows("very", "mum") > speller.follows("very", "nightmares")
