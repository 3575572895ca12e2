"""Yes, no, not sure, alone and not now, in every language of every chat, at the questions that must be answered."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from bot import app, i18n, localising
from flows import commands
from flows.matching import Reading, match
from tests.library import SOURCE

if TYPE_CHECKING:
    from flows.model import Command, Step

CATALOGUES = i18n.load_catalogues(app.LOCALES)
LANGUAGES = sorted(set(CATALOGUES) - {"en"})


@cache
def steps(locale: str) -> dict[str, Step]:
    flow = localising.localise(SOURCE.flows["text_safe"], CATALOGUES[locale])
    return dict(localising.understood(flow, CATALOGUES.values()).steps)


def words(locale: str, context: str) -> list[str]:
    # Persian and Arabic write another comma.
    listed = CATALOGUES[locale].words[context].replace("،", ",")
    return [word.strip() for word in listed.split(",")]


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("question", ["safe_now", "safe_now_2"])
def test_every_language_has_its_answers(locale: str, question: str) -> None:
    for value in ("yes", "no", "unsure"):
        listed = words(locale, f"shared.common.{value}.words")
        shared = {"no"} if locale == "pl" else set()  # yes and no in Polish
        assert [one for one in listed if one not in shared and match(steps(locale)[question], one).value != value] == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_has_its_answers_at_the_gate(locale: str) -> None:
    for value in ("alone", "later"):
        listed = words(locale, f"shared.gate.{value}.words")
        shared = {"no"} if locale == "pl" else set()
        assert [one for one in listed if one not in shared and match(steps(locale)["gate"], one).value != value] == []


@pytest.mark.parametrize("locale", ["en", *LANGUAGES])
def test_no_word_for_an_answer_to_the_offer_ends_the_session(locale: str) -> None:
    known = localising.commands(SOURCE.commands, CATALOGUES.values())
    labels = {option.label for option in steps("en")["person_offer"].options}  # what was offered, by its name
    listed = {word for option in steps(locale)["person_offer"].options for word in option.words} - labels
    found = {word: commands.find(known, word) for word in listed}
    assert [word for word, one in found.items() if one and one.verb in {"stop", "later"}] == []


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("evet", "yes"), ("hayır", "no"), ("hayir", "no"), ("da", "yes"), ("nu", "no"), ("ہاں", "yes"), ("نہیں", "no"),
        ("بله", "yes"), ("نه", "no"), ("tak", "yes"), ("nie", "no"), ("maya", "no"), ("po", "yes"), ("jo", "no"),
        ("হ্যাঁ", "yes"), ("না", "no"), ("بەڵێ", "yes"), ("نەخێر", "no"), ("так", "yes"), ("ні", "no"), ("是的", "yes"),
        ("不", "no"), ("እወ", "yes"), ("አይ", "no"), ("όχι", "no"), ("لا", "no"), ("نعم", "yes"), ("không", "no"),
        ("oui", "yes"), ("non", "no"), ("sim", "yes"), ("não", "no"), ("bilmiyorum", "unsure"), ("nie wiem", "unsure"),
        ("hayır korkuyorum", "no"), ("no tengo miedo", "no"), ("nie boję się", "no"), ("maya waan baqayaa", "no"),
        ("ні мені страшно", "no"), ("نہیں مجھے ڈر لگ رہا ہے", "no"), ("no da hits me", "no"),
    ],
)  # fmt: skip
def test_an_english_chat_knows_them(said: str, value: str) -> None:
    assert match(steps("en")["safe_now"], said).value == value


@pytest.mark.parametrize(
    "said",
    [
        "haan sirf main", "haan sirf mein", "haan bas main", "haan main akela hoon", "haa keliya aniga", "chỉ mình em",
        "vâng chỉ mình em", "aywa bas ana", "na3am la7ali", "evet sadece ben", "tak tylko ja", "نعم انا لحالي",
    ],
)  # fmt: skip
def test_a_yes_and_an_only_me_are_alone(said: str) -> None:
    assert (match(steps("en")["gate"], said).value, match(steps("en")["gate"], said).whole) == ("alone", True)


@pytest.mark.parametrize(
    "said", ["haan sirf main aur abbu", "yes only me and my dad", "haan nahi", "yes da", "bas ana w emmi"]
)
def test_with_more_behind_it_alone_is_not_all(said: str) -> None:
    assert not match(steps("en")["gate"], said).whole


@pytest.mark.parametrize(
    "said",
    [
        "haha", "event", "shite", "hair", "ha", "k", "um", "he", "da hits me", "sim ran out", "si viene mi padre", "ne", "nai",
        "هو في البيت", "nan is here", "co",
    ],
)  # fmt: skip
def test_what_may_be_another_word_is_asked_again(said: str) -> None:
    assert match(steps("en")["safe_now"], said).kind is Reading.UNCLEAR


@pytest.mark.parametrize(("locale", "said", "value"), [("pl", "no", None), ("kmr", "ne", "no"), ("el", "ne", "yes")])
def test_where_two_languages_clash_that_of_the_chat_decides(locale: str, said: str, value: str | None) -> None:
    assert match(steps(locale)["safe_now"], said).value == value


@pytest.mark.parametrize("said", ["نعم بس ابوي في البيت", "ايوه بس خايف", "aywa bas khayef", "evet ama korkuyorum"])
def test_but_takes_something_from_a_yes(said: str) -> None:
    assert match(steps("en")["safe_now"], said).limited


def test_questions_that_may_be_skipped_keep_to_their_language() -> None:
    assert match(steps("en")["hurt_now"], "evet").kind is Reading.UNCLEAR
    assert match(steps("tr")["hurt_now"], "evet").value == "yes"


@pytest.mark.parametrize("locale", [*LANGUAGES, "en"])
def test_a_yes_and_i_took_them_answer_if_you_have_taken_something(locale: str) -> None:
    rows = localising.commands(SOURCE.commands, CATALOGUES.values())
    listed = words(locale, "commands.taken") if locale != "en" else ["i took them"]
    assert [one for one in listed if not is_done(rows, one)] == []
    assert locale == "en" or any(is_done(rows, one) for one in words(locale, "shared.common.yes.words"))


@pytest.mark.parametrize("said", ["no", "nie", "hayır", "nahi", "nai", "maya", "ha", "um", "không", "لا"])
def test_a_no_and_an_everyday_word_do_not(said: str) -> None:
    assert not is_done(localising.commands(SOURCE.commands, CATALOGUES.values()), said)


def is_done(rows: tuple[Command, ...], said: str) -> bool:
    found = commands.find(rows, said)
    return found is not None and found.verb == "done"
