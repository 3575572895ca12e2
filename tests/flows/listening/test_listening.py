"""What must be heard, at which level, and what must not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import listening
from flows.model import Level
from tests.listening import measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.listening.model import Model
    from flows.model import Heard


def top(heard: Heard) -> Level:
    return max((hit.level for hit in heard.hits), default=Level.L0)


MUST_HEAR = [
    ("me and mums bf had a fight, he touches me at night so I went", "D05", Level.L3),
    ("he does it to my sis too", "D21", Level.L3),
    ("hes got a knife wont let me out", "D01", Level.L4),
    ("he said he'll post my nudes if I dont meet him tonight, I cant do this", "D07", Level.L4),
    ("there's this house we all go to", "D06", Level.L2),
    ("flying friday they want me cut", "D14", Level.L4),
    ("is my daughter there", "D29", Level.L2),
    ("he reads my texts", "D28", Level.L2),
    ("i owe him a bag", "D12", Level.L3),
    ("this is goodbye thanks for being nice to me", "D02", Level.L4),
    ("by tmrw u wont have to worry about me", "D02", Level.L4),
    ("dad hits me", "D08", Level.L3),
    ("they want to make me marry my cousin", "D15", Level.L3),
    ("im on the night bus with nowhere to go", "D20", Level.L3),
]


@pytest.mark.parametrize(("text", "category", "level"), MUST_HEAR)
def test_a_disclosure_is_heard_at_its_level(text: str, category: str, level: Level, hear: Callable[..., Heard]) -> None:
    heard = hear(text)
    assert category in {hit.category for hit in heard.hits}
    assert max(hit.level for hit in heard.hits if hit.category == category) >= level
    assert heard.reason


def test_abuse_that_is_not_now_is_not_danger_now(hear: Callable[..., Heard]) -> None:
    assert top(hear("me and mums bf had a fight, he touches me at night so I went")) == Level.L3


@pytest.mark.parametrize(
    "text",
    [
        "this homework is killing me lol", "he shot a sick pic of me", "exams and my mates falling out",
        "chilled watched films", "mum cried then we talked", "fine", "dunno", "space after school", "own room",
        "my aunt", "sunt bine", "ok", "👍", "2", "...", "mum took my phone so i left", "they took my phone off me so i left",
        "they wouldnt let me go out so i left", "my mum takes my phone every night", "she does my head in",
    ],
)  # fmt: skip
def test_an_everyday_answer_alarms_nobody(text: str, hear: Callable[..., Heard]) -> None:
    assert top(hear(text)) <= Level.L1


HOLDERS = ("some guy", "the man", "someone", "these lads", "the taxi driver", "his mates", "he", "my uncle")


@pytest.mark.parametrize("who", [*HOLDERS, "dad", "mum"])
def test_who_is_held_is_in_danger_however_it_is_told(who: str, hear: Callable[..., Heard]) -> None:
    for end in ("so i ran upstairs", "so i went to the bathroom", "so i left the room and hid", ""):
        assert top(hear(f"{who} wouldnt let me leave {end}")) == Level.L4, end
        assert top(hear(f"{who} wont let me out {end}")) == Level.L4, end
    gone = top(hear(f"{who} wouldnt let me leave so i ran"))
    assert gone == (Level.L4 if who in HOLDERS else Level.L2)


@pytest.mark.parametrize("who", ["he", "they", "dad", "mum", "my boyfriend", "the man"])
def test_what_stands_beside_a_phone_that_was_taken_is_heard(who: str, hear: Callable[..., Heard]) -> None:
    for end in ("locked the door", "keys", "my passport", "drove off with me", "put me to work", "im stuck here"):
        assert top(hear(f"{who} took my phone and {end}")) >= Level.L3, end
    for end in ("couldnt get away", "cant ring the police", "cant get help", "cant call for help", "cant leave"):
        assert top(hear(f"{who} took my phone so i {end}")) == Level.L4, end


@pytest.mark.parametrize("who", ["he", "the man", "my boyfriend", "this older lad", "some guy"])
def test_not_let_go_is_held_in_whatever_words(who: str, hear: Callable[..., Heard]) -> None:
    for said in (
        "wouldnt let me go",
        "didnt let me leave",
        "refused to let me go",
        "wudnt let me out",
        "kept me in his flat",
    ):
        assert top(hear(f"{who} {said}")) == Level.L4, said


@pytest.mark.parametrize("who", ["mum", "dad", "they", "my foster carer", "staff"])
def test_what_is_taken_as_a_punishment_is_no_danger(who: str, hear: Callable[..., Heard]) -> None:
    ends = (
        "so i cant go to the party",
        "so i cant get help with my homework",
        "so i slammed the door",
        "and put me in detention",
    )
    for end in (*ends, "and i cant go on tiktok", "and then my sister let me go on hers"):
        assert top(hear(f"{who} took my phone {end}")) <= Level.L2, end  # the weights alone
    assert top(hear(f"{who} wouldnt let me go out so i left")) <= Level.L1
    assert top(hear(f"{who} wont let me leave the table")) <= Level.L1


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("my friend didnt let me leave the party lol", Level.L0),
        ("took my shoes so i left", Level.L0),
        ("mum took my shoes so i left", Level.L1),
        ("some guys didnt let me leave the party", Level.L4),
        ("my friend didnt let me leave his house lol", Level.L4),
        ("he wont let me leave the table hes got a knife", Level.L4),
        ("he took my shoes so i left", Level.L4),
        ("he took my shoes so i couldnt go out", Level.L4),
        ("some guy wouldnt let me leave so i ran", Level.L4),
        ("they wouldnt let me out the flat", Level.L4),
    ],
)
def test_only_a_table_a_party_of_friends_and_shoes_left_behind_are_no_danger(
    text: str, level: Level, hear: Callable[..., Heard]
) -> None:
    assert top(hear(text)) == level


@pytest.mark.parametrize(
    ("text", "doubt", "most"),
    [
        ("he DIDN'T hit me", "negated", Level.L2),
        ("he didnt hit me this time", "past", Level.L2),
        ("he didn't hit me today", "past", Level.L2),
        ("my mum cant see my phone so its ok", "negated", Level.L1),
        ("will my mum see these texts", "asked", Level.L1),
        ("what if someone's dad hit them?", "hypothetical", Level.L2),
        ("asking for a friend, what if your dad hits you", "hypothetical", Level.L2),
        ("a lad in my year got stabbed", "hearsay", Level.L2),
        ("he hit me when i was 6", "past", Level.L2),
        ("kms lol", "idiom", Level.L2),
    ],
)
def test_a_doubt_is_named_and_caps_the_level(text: str, doubt: str, most: Level, hear: Callable[..., Heard]) -> None:
    heard = hear(text)
    assert doubt in {hit.doubt for hit in heard.hits}
    assert all(hit.level <= most for hit in heard.hits if hit.doubt == doubt)


@pytest.mark.parametrize(
    ("text", "level"),
    [("will my dad see this he hits me", Level.L3), ("no he hits me", Level.L3), ("my mum can see my texts", Level.L2)],
)
def test_a_question_or_a_no_beside_it_doubts_nothing_else(text: str, level: Level, hear: Callable[..., Heard]) -> None:
    assert any(hit.doubt is None and hit.level >= level for hit in hear(text).hits)


@pytest.mark.parametrize(
    "text",
    [
        "not my dad he hits me", "not mum she beats me", "3 but not at home he beats me", "not my fault he hits me",
        "not really my dad hits me sometimes", "aint gonna lie he hits me", "nobody knows he touches me",
        "no idea why he touches me", "anyone not my dad he touches me", "not school the teacher touches me",
        "wait no he hits me", "umm no my stepdad hits me", "idk no he just hits me sometimes", "sorry i lied no im not safe",
        "wait no hes got a knife", "actually no he raped me", "lol no i wanna die", "wait no dad hits me", "nope they beat me",
        "nie on mnie bije", "stai nu el ma bate", "nahi abbu mujhe marte hain", "hayır babam beni dövüyor", "لا هو يضربني",
    ],
)  # fmt: skip
def test_a_not_before_who_did_it_denies_nothing_of_it(text: str, hear: Callable[..., Heard]) -> None:
    assert any(hit.doubt is None and hit.level >= Level.L3 for hit in hear(text).hits)


@pytest.mark.parametrize(
    "text",
    [
        "dont worry he never hits me", "its not true that he hits me", "not that he hits me", "not once has he hit me",
        "never has my mum hit me", "no way would he hit me", "my mum isnt mean she never hits me", "no he doesnt hit me",
        "wait no he doesnt hit me", "no teacher hits me", "no my dad doesnt hit me lol", "nie tata mnie nie bije",
    ],
)  # fmt: skip
def test_a_not_that_reaches_who_did_it_denies(text: str, hear: Callable[..., Heard]) -> None:
    assert all(hit.doubt == "negated" for hit in hear(text).hits)


def test_what_was_taken_is_heard_after_what_was_wished(hear: Callable[..., Heard]) -> None:
    for text in ("i took them", "i took them all", "yeah i took loads", "already did", "too late", "yes i have"):
        found = hear(text, recent=("i want to kill myself",)).hits
        assert {hit.category for hit in found if hit.level is Level.L4} == {"D02"}, text
        assert "D17" not in {hit.category for hit in found}, text


def test_what_befell_a_friend_keeps_the_level_of_the_harm(hear: Callable[..., Heard]) -> None:
    """Domain 3.3: "my friend" may be the child, at the same level."""
    heard = hear("my mate got raped")
    assert "third_person" in {hit.doubt for hit in heard.hits}
    assert top(heard) >= Level.L3


@pytest.mark.parametrize(
    "text",
    [
        "i took two paracetamol for my headache", "cant breathe lol that was funny", "i cut myself shaving",
        "got a new phone from nan", "my teacher called me out for talking",
    ],
)  # fmt: skip
def test_everyday_words_with_a_dangerous_ring_are_not_heard(text: str, hear: Callable[..., Heard]) -> None:
    assert top(hear(text)) <= Level.L1


@pytest.mark.parametrize("text", ["dont hurt me", "pls dont hit me", "i said dont hurt me"])
def test_a_plea_is_asserted_not_denied(text: str, hear: Callable[..., Heard]) -> None:
    heard = hear(text)
    assert any(hit.level >= Level.L3 and hit.doubt is None for hit in heard.hits)


@pytest.mark.parametrize("text", ["i dont want him to touch me", "he wont stop hitting me", "no joke he hit me"])
def test_a_not_that_denies_something_else_leaves_the_harm_asserted(text: str, hear: Callable[..., Heard]) -> None:
    assert top(hear(text)) >= Level.L3


@pytest.mark.parametrize(
    "text",
    [
        "dad hitts me",
        "dad h1ts me",
        "DAD HITS MEEEE",
        "dad  hits\u200b me",
        "dad hits me😭😭",
        "gonna k1ll myself",
        "i wana dye",
    ],
)
def test_it_reads_as_children_write(text: str, hear: Callable[..., Heard]) -> None:
    assert top(hear(text)) >= Level.L2


def test_a_correction_is_told(hear: Callable[..., Heard]) -> None:
    heard = hear("hes hittng me evry nite")
    assert any("~" in hit.rule for hit in heard.hits)
    assert "hittng -> hitting" in heard.reason


@pytest.mark.parametrize("text", ["hes 6'0 and he just isnt built for it", "he’s 5’11"])
def test_a_height_is_nobodys_age(text: str, hear: Callable[..., Heard]) -> None:
    assert not hear(text).hits


def test_evidence_counts_code_points_of_the_stored_text(hear: Callable[..., Heard]) -> None:
    text = "🙂\u200b ok so… ｄａｄ hits me!!"
    hit = max(hear(text).hits, key=lambda hit: hit.level)
    assert text[hit.start : hit.end] == "ｄａｄ hits me"


def test_words_split_over_two_texts_are_heard_in_the_second(hear: Callable[..., Heard]) -> None:
    text = "me at night"
    heard = hear(text, recent=("he touches",))
    assert top(heard) >= Level.L3
    assert all(0 <= hit.start < hit.end <= len(text) for hit in heard.hits)
    assert not hear("ok thanks", recent=("he touches me at night",)).hits


@pytest.mark.parametrize(
    "texts",
    [
        ("he makes me do stuff i dont want", "actually hes nice forget it", "im fine"),
        ("my step dad touches me", "pls dont tell my mum", "will u tell her"),
        ("my step dad touches me", "i dont wanna talk", "actually hes nice forget it"),
    ],
)
def test_what_follows_a_disclosure_makes_no_other_harm_of_it(
    texts: tuple[str, ...], hear: Callable[..., Heard]
) -> None:
    assert not hear(texts[-1], recent=texts[:-1]).hits


def test_a_child_under_thirteen_raises_sexual_harm(hear: Callable[..., Heard]) -> None:
    assert top(hear("he touches me", age=12)) == Level.L4
    assert top(hear("he touches me", age=13)) == Level.L3


@pytest.mark.parametrize("text", ["Привет как дела", "ich bin sehr traurig heute leider", "abbu mujhe marte hain roz"])
def test_a_language_nobody_can_read_here_goes_to_a_person(text: str, hear: Callable[..., Heard]) -> None:
    assert hear(text).unscreened in {"unknown_language", "unreviewed_language"}


def test_a_text_too_long_is_read_so_far_and_given_to_a_person(hear: Callable[..., Heard]) -> None:
    heard = hear("dad hits me. " + "ok " * 5000)
    assert heard.unscreened == "too_long"
    assert top(heard) >= Level.L3


def test_a_failure_brings_a_person() -> None:
    heard = listening.listen_safely("dad hits me", listening.Context(), None)
    assert heard.unscreened == "failed"
    assert "person" in heard.reason


def test_words_of_every_child_are_heard_in_the_language_of_the_one_who_sends_them(model: Model) -> None:
    english, other = listening.Context("en"), listening.Context("vi")
    alone = [listening.listen("Oui ", context, model) for context in (english, other)]
    assert alone[0] != alone[1]
    for _ in range(2):
        assert [listening.listen_safely("Oui ", context, model) for context in (english, other)] == alone


def test_words_of_every_child_are_heard_with_those_before_and_by_the_model_in_use(model: Model) -> None:
    after = listening.Context(recent=("does he hit you",))
    assert listening.listen_safely("no", after, model) == listening.listen("no", after, model)
    assert listening.listen_safely("yes", listening.Context(), model).unscreened is None
    assert listening.listen_safely("yes", listening.Context(), replace(model, lexicons={})).unscreened is not None


def test_no_words_of_one_child_are_remembered(model: Model) -> None:
    again = listening._listen_again
    held = again.cache_info().currsize
    for text, recent in (("he hits me", ()), ("yes", ("he hits me",)), ("im at 4 mill lane", ())):
        listening.listen_safely(text, listening.Context(recent=recent), model)
    assert again.cache_info().currsize == held


def test_what_could_not_be_heard_is_heard_when_it_can_be(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(model)
    with monkeypatch.context() as patched:
        patched.setattr(listening, "listen", lambda *_: 1 / 0)
        assert listening.listen_safely("yes", listening.Context(), other).unscreened == "failed"
    assert listening.listen_safely("yes", listening.Context(), other).unscreened is None


def test_a_joke_is_shown_as_set_aside(hear: Callable[..., Heard]) -> None:
    heard = hear("i got killed by the final boss with a gun and someone shot me in fortnite")
    assert not [hit for hit in heard.hits if hit.level >= Level.L3]
    assert heard.suppressed


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_has_an_answer_and_its_evidence_lies_in_it(text: str) -> None:
    heard = listening.listen(text, listening.Context(), measure.model())
    assert all(0 <= hit.start < hit.end <= len(text) for hit in (*heard.hits, *heard.suppressed))
    assert heard == listening.listen(text, listening.Context(), measure.model())


@pytest.mark.parametrize(
    "piece", ["he hit me ", "me ", "a", "wont let me ", "🔪", "\u202e\x00", "htiting ", "ضربني ", "他打我"]
)
def test_cost_grows_with_the_length_not_faster(piece: str, model: Model) -> None:
    """Counted in finds, not in seconds: a repeated text yields no more than a few finds of each rule."""
    short = listening.listen((piece * 10_000)[:1_000], listening.Context(), model)
    long = listening.listen((piece * 10_000)[:10_000], listening.Context(), model)
    assert len(long.hits) <= len(short.hits) + 3


@pytest.mark.parametrize(
    ("locale", "text", "level"),
    [
        ("fa", "منو ببخشید خداحافظ", Level.L4),  # forgive me, goodbye
        ("fa", "این آخرین بار است که مینویسم", Level.L4),  # the last time I write
        ("fa", "من زندانی هستم", Level.L3),
        ("bn", "শ্বাস নিতে পারতেছিনা", Level.L4),
        ("bn", "shash nite partesina", Level.L4),
        ("pt", "não sei onde estou", Level.L3),
        ("pt", "o pastor diz que tenho espírito", Level.L3),
        ("ro", "dat afara din casa", Level.L3),
        ("tr", "eve gitmek yok", Level.L3),
    ],
)
def test_what_also_stands_in_everyday_sentences_still_pages(
    locale: str, text: str, level: Level, hear: Callable[..., Heard]
) -> None:
    assert max(hit.level for hit in hear(text, locale=locale).hits) >= level


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("fr", "mon bus passe que toutes les 30 min"),
        ("ro", "atacantul a tras in bara"),
        ("tr", "iniyorum iki durak sonra im on the bus"),
    ],
)
def test_a_word_of_another_language_is_not_put_right_to_be_an_english_one(
    locale: str, said: str, hear: Callable[..., Heard]
) -> None:
    assert [hit.rule for hit in hear(said, locale=locale).hits if hit.rule.startswith("en.")] == []
