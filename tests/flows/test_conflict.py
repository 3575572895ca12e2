"""Who a concern may be about, and which ladder is left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot import app
from flows import concerns, conditions, conflict, namesakes
from flows.model import MANAGERS, Concern, Conversation, Guard, Hit, Level, OnDuty

TRUST = conflict.in_trust(app.source().categories)
CHAT = Conversation("", "", "", "en", "", "", "", datetime(2026, 11, 16, tzinfo=UTC))
STAFF = ("Rosa", "Ana Maria Silva", "Al", "Ben-Jo Lee", "Will", "Sue", "Rose", "Zo\u00eb")


def concern(category: str, start: int, end: int) -> Concern:
    hit = Hit(category, Level.L3, start, end, "a rule")
    return Concern(Level.L3, Level.L3, (category,), (hit,), Guard.LOCK, "because")


@pytest.mark.parametrize(("text", "names"), [
    ("rosa is nice", {"Rosa"}),
    ("ROSA?", {"Rosa"}),
    ("rosalind is nice", set()),
    ("prosa", set()),
    ("ana said", {"Ana Maria Silva"}),
    ("it was silva", {"Ana Maria Silva"}),
    ("al is a word too short to be somebody", set()),
    ("ben and rosa", {"Ben-Jo Lee", "Rosa"}),
    ("", set()),
    ("he will touch me", set()),
    ("Will you help me", set()),
    ("your worker Will touched me", {"Will"}),
    ("your worker sue touched me", {"Sue"}),
    ("a lady called rose came in my room", {"Rose"}),
    ("can i sue them", set()),
    ("the staff will hit me", set()),
    ("zoe touched me", {"Zo\u00eb"}),
    ("ZO\u00cb touched me", {"Zo\u00eb"}),
    ("zoe\u0308 touched me", {"Zo\u00eb"}),
])  # fmt: skip
def test_who_is_named(text: str, names: set[str]) -> None:
    assert set(conflict.named(text, STAFF)) == names


@pytest.mark.parametrize(("text", "locale", "names"), [
    # The pronoun is "mình", and without it nobody who writes accents leaves them out.
    ("Minh đánh em", "vi", {"Minh"}),
    ("hôm qua minh đánh em", "vi", {"Minh"}),
    ("Mình bị đánh", "vi", set()),
    ("mình sợ lắm", "vi", set()),
    ("Minh bi danh", "vi", set()),
    ("Ánh đánh em", "vi", {"Ánh"}),
    ("anh đánh em", "vi", set()),
    ("ana btedrebni", "ar", {"Ana"}),
    ("Ana darabetni embare7", "ar", {"Ana"}),
    ("ana khayfa baba byedrebni", "ar", set()),
    ("ana 3ayza amshi", "ar", set()),
    ("ben seni seviyorum", "tr", set()),
])  # fmt: skip
def test_a_namesake_of_a_word_of_another_language(text: str, locale: str, names: set[str]) -> None:
    assert set(conflict.named(text, ("Minh", "Ánh", "Ana", "Ben"), words=namesakes.of([locale]))) == names


@pytest.mark.parametrize(("text", "names"), [
    ("al from your team touched me", {"Al"}),
    ("the night staff sue", {"Sue"}),
    ("the staff will hit me", {"Will"}),
    ("ur worker rose", {"Rose"}),
    ("roses are red", set()),
])  # fmt: skip
def test_where_it_is_about_one_of_us_a_word_may_be_a_name(text: str, names: set[str]) -> None:
    assert set(conflict.named(text, STAFF, of_us=True)) == names


@pytest.mark.parametrize(("text", "harm", "wanted"), [
    ("you touched me", "touched me", True),
    ("why did u touch my leg", "touch my leg", True),
    ("it was you who raped me", "raped me", True),
    ("you\u2019ve hit me", "hit me", True),
    ("stop touching me", "touching me", True),
    ("youre always touching me", "touching me", True),
    ("can you help me my dad raped me", "dad raped me", False),
    ("thank you. he raped me", "he raped me", False),
    ("do you know that my uncle touched me", "uncle touched me", False),
    ("i told you he hit me", "he hit me", False),
    ("i told you dad raped me", "dad raped me", False),
])  # fmt: skip
def test_what_is_said_to_whoever_reads(text: str, harm: str, *, wanted: bool) -> None:
    at = text.index(harm)
    assert conflict.to_reader(text, concern("D05", at, at + len(harm))) is wanted


@pytest.mark.parametrize(("text", "wanted"), [
    ("it was you", True), ("u did it", True), ("i mean you", True), ("it was my dad", False), ("how are you", False),
])  # fmt: skip
def test_that_it_was_whoever_reads(text: str, *, wanted: bool) -> None:
    assert conflict.is_reader(text) is wanted


def test_the_library_says_which_concerns_may_be_about_us() -> None:
    assert {"D22"} == TRUST


def test_access_ends_only_of_who_is_named_beside_it() -> None:
    text = "your worker rosa asked me to meet"
    about = concern("D22", 0, len(text))
    assert conflict.accused(text, STAFF, about.evidence, TRUST) == ("Rosa",)
    turned_to = "the night staff come in my room" + ", " * 12 + "can i talk to rosa"
    about = concern("D22", 0, 31)
    assert conflict.accused(turned_to, STAFF, about.evidence, TRUST) == ()
    assert conflict.is_one(about, turned_to, STAFF, TRUST)


def test_a_name_beside_any_harm_keeps_away_and_accuses_nobody() -> None:
    text = "rosa raped me"
    about = concern("D05", 5, 13)
    assert conflict.is_one(about, text, STAFF, TRUST)
    assert conflict.accused(text, STAFF, about.evidence, TRUST) == ()
    assert not conflict.is_one(about, "my dad raped me", STAFF, TRUST)


@pytest.mark.parametrize(("text", "wanted"), [
    # Told of, or asked for.
    ("no i want rosa", False),
    ("no, Rosa knows.", False),
    ("no rosa knows hes here", False),
    ("no, wheres rosa gone", False),
    ("no i told rosa", False),
    ("no i told rosa he is here", False),
    ("i need rosa pls", False),
    # It is them, or may be.
    ("no its rosa", True),
    ("no because of rosa", True),
    ("no rosa is here", True),
    ("no dont tell rosa", True),
    ("no i dont want rosa", True),
    ("no i told rosa to stop", True),
    ("no i want rosa gone", True),
    ("i need rosa gone now", True),
    ("no its like rosa", True),
    ("i used to like rosa", True),
    ("thought i like rosa", True),
    ("no rosa knows what she did", True),
    ("rosa", True),
])  # fmt: skip
def test_a_name_beside_an_answer_that_means_harm(text: str, *, wanted: bool) -> None:
    assert conflict.is_one(concern("D01", 0, 0), text, STAFF, TRUST) is wanted


@pytest.mark.parametrize(("question", "chosen", "is_evidence"), [
    ("ts_human_off", "no", False),
    ("ok_start", "human", False),
    ("ts_menu", "doctor", True),
    ("avoid_person", "yes", True),
    ("safe_now", "no", True),
    ("ts_ask_ok", "very_bad", True),
])  # fmt: skip
def test_to_ask_for_a_person_is_no_evidence(question: str, chosen: str, *, is_evidence: bool) -> None:
    steps = {**app.source().flows["return_interview"].steps, **app.source().flows["text_safe"].steps}
    rows = [row for row in steps[question].outcomes if conditions.holds(row.when, {question: chosen})]
    meant = concerns.from_answer(rows, question, CHAT)
    assert meant is not None
    assert bool(meant.evidence) is is_evidence


@pytest.mark.parametrize("level", [Level.L2, Level.L3, Level.L4])
def test_the_managers_ladder_begins_at_once_and_keeps_its_distances(level: Level) -> None:
    whole = app.source().ladders[level]
    kept = conflict.ladder(whole)
    assert {role for rung in kept.rungs for role in rung.roles} <= set(MANAGERS)
    assert kept.rungs[0].after_minutes == 0
    assert [rung.after_minutes for rung in kept.rungs] == sorted(rung.after_minutes for rung in kept.rungs)
    assert (kept.again_after_minutes, kept.decision_minutes) == (whole.again_after_minutes, whole.decision_minutes)
    if level >= Level.L3:
        roles = {rung.roles for rung in kept.rungs}
        assert {rung.roles for rung in kept.rungs if rung.method == "voice"} == roles


def test_managers_before_anybody_and_anybody_before_nobody() -> None:
    there = (OnDuty("ana", "duty"), OnDuty("mel", "manager"))
    managers, anybody = conflict.tiers(there)
    assert managers == (OnDuty("mel", "manager"),)
    assert [one.name for one in anybody] == ["ana", "mel"]
    assert {one.role for one in anybody} == {"manager"}
