"""What a text answers: rows of question, text and reading, and what must hold of every text there is."""

from __future__ import annotations

import string
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows import languages, matching, spelling
from flows.matching import Match, Reading
from flows.model import Kind, Option, Step

ANSWER, SKIPPED, UNCLEAR, BESIDE = Reading.ANSWER, Reading.SKIPPED, Reading.UNCLEAR, Reading.BESIDE


def asked(kind: Kind, *options: Option, skippable: bool = True) -> Step:
    return Step(key="asked", kind=kind, block="block", line=1, text="?", options=options, skippable=skippable)


YESNO = asked(
    Kind.YESNO,
    Option("yes", "Yes", ("yeah", "yep", "👍")),
    Option("no", "No", ("nope", "nah")),
    Option("unsure", "Not sure", ("maybe", "idk", "no idea")),
)
WHERE = asked(
    Kind.CHOICE,
    Option("home", "Home"),
    Option("school", "School"),
    Option("cafe_park", "Cafe or park", ("cafe", "park")),
    Option("youth_club", "Youth club"),
    Option("other", "Other"),
)
AGE = asked(
    Kind.CHOICE,
    Option("under_13", "Under 13", span=(5, 12)),
    Option("13_15", "13 to 15", span=(13, 15)),
    Option("16_17", "16 or 17", span=(16, 17)),
    Option("adult", "18 or more", ("adult",), span=(18, 99)),
)
START = asked(
    Kind.CHOICE,
    Option("yes", "Yes"),
    Option("later", "Another time"),
    Option("no", "No thanks", ("no",)),
    Option("human", "I want a person"),
    skippable=False,
)
MENU = asked(Kind.CHOICE, Option("chat", "Chat"), Option("food", "Food"), Option("end", "End", number=9))
WORRY = asked(
    Kind.MULTI,
    Option("home", "Home"),
    Option("school", "School"),
    Option("friends", "Friends"),
    Option("money", "Money"),
    Option("person", "A person"),
    Option("none", "No", ("none", "nothing")),
    Option("other", "Other"),
)
TEN = asked(Kind.MULTI, *(Option(f"v{at}", f"Label{chr(64 + at)}") for at in range(1, 13)))
FEEL = asked(
    Kind.SCALE, *(Option(str(at), name) for at, name in enumerate(("Very bad", "Bad", "OK", "Good", "Very good"), 1))
)
BARE_SCALE = asked(Kind.SCALE)
FREE = asked(Kind.FREE)
MUST = asked(Kind.FREE, skippable=False)
TOLD = asked(Kind.STATEMENT)
VIET = asked(Kind.YESNO, Option("yes", "Có"), Option("no", "Không"), Option("unsure", "Không chắc"))
GATE = asked(
    Kind.CHOICE,
    Option("alone", "Yes, only I can see this", ("yes", "yeah")),
    Option("later", "Not now"),
    Option("fast", "I need help fast"),
    skippable=False,
)
STEPS = (GATE, YESNO, WHERE, AGE, START, MENU, WORRY, TEN, FEEL, BARE_SCALE, FREE, MUST, TOLD, VIET)
CHOSEN_ONE = (YESNO, WHERE, AGE, START, MENU, VIET)


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        *(
            (YESNO, text, "yes")
            for text in ("1", "Yes", "YES!!", "yeah", " yes. ", "1 yes", "yes 1", "👍", "👍👍", "yes, yes")
        ),
        *(
            (YESNO, text, "no")
            for text in ("2", "no", "2.", "2)", "(2)", "#2", "2!!", "“2”", "*2*", "no 2", "no. 2", "２", "2️⃣")
        ),
        *((YESNO, text, "unsure") for text in ("3", "③", "٣", "not sure", "Not  sure?", "idk", "no idea", "maybe")),
        *(
            (WHERE, text, "school")
            for text in ("2", "option 2", "Option2", "no. 2", "number 2", "№ 2", "2 school", "2: School")
        ),
        *((WHERE, text, "cafe_park") for text in ("cafe", "Cafe or park", "Café", "3 cafe or park")),
        *((AGE, text, "13_15") for text in ("2", "13 to 15", "14", "13 - to - 15")),
        (AGE, "1 Under 13", "under_13"),
        *(
            (AGE, text, "under_13")
            for text in ("11", "im 11", "i'm only 12", "eleven", "I am nine", "１１", "10 years old")
        ),
        *(
            (AGE, text, "13_15")
            for text in (
                "im 14",
                "14yo",
                "14 y old",
                "em 14 tuổi",
                "我14岁",
                "Just turned fifteen",
                "انا عمري ١٤ سنة",
                "15 سنه",
            )
        ),
        *((AGE, text, "adult") for text in ("18", "25 years", "adult")),
        (START, "no", "no"),
        (START, "no thanks", "no"),
        *((MENU, text, "end") for text in ("9", "End", "9 end")),
        *(
            (GATE, text, "alone")
            for text in ("yes", "yes only i", "Yes, only I", "Yes only I can see.", "yes, only i can see this")
        ),
        *((VIET, text, "no") for text in ("không", "khong", "KHÔNG", "2")),
        *((VIET, text, "unsure") for text in ("khong chac", "Không chắc", "3")),
        *((FEEL, text, 1) for text in ("1", "very bad", "1 Very bad", "Very bad.")),
        *((FEEL, text, 2) for text in ("2", "bad")),
        *((FEEL, text, 3) for text in ("ok", "OK!")),
        *((BARE_SCALE, text, 5) for text in ("5", "५")),
        *(
            (WORRY, text, ("home", "friends"))
            for text in ("1 3", "1,3", "1and3", "13", "31", "3 & 1", "1 and 3", "1/3", "1.3")
        ),
        *(
            (WORRY, text, ("home", "friends"))
            for text in ("home friends", "Home, friends", "home and friends", "1 friends")
        ),
        *(
            (WORRY, text, ("home", "friends"))
            for text in ("1 و 3", "1和3", "1️⃣3️⃣", "١،٣", "1\n3", "home/friends", "1 1 3")
        ),
        *((WORRY, text, ("home", "school")) for text in ("1-2", "1 - 2")),
        *((WORRY, text, ("none",)) for text in ("6", "no", "nothing", "6 no", "no no")),
        *((TEN, text, ("v1", "v3")) for text in ("1 3", "1, 3")),
        *((TEN, text, ("v12",)) for text in ("12", "labell")),
    ],
)
def test_wholly_an_answer(step: Step, text: str, value: object) -> None:
    assert matching.match(step, text) == Match(ANSWER, value, whole=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        *(
            (step, text)
            for step in (YESNO, WHERE, WORRY, FEEL, FREE)
            for text in ("0", "0.", "(0)", "٠", "0️⃣", "🄀", " 0 ")
        ),
    ],
)
def test_skipped(step: Step, text: str) -> None:
    assert matching.match(step, text) == Match(SKIPPED, whole=True)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        *(
            (YESNO, text)
            for text in ("10", "1 2", "12", "1,2", "yes no", "yes and no", "1 no", "01", "1.5", "-1", "½", "£2", "11")
        ),
        *(
            (YESNO, text)
            for text in ("2nite", "at 2", "2pm", "2 pm", "2 o'clock", "1st", "1/2/2026", "1:30", "1 or 2", "2 sorry 1")
        ),
        *(
            (YESNO, text)
            for text in ("now", "not", "note", "nose", "yet", "yes i mean no", "no i am not sure", "4", "00", "0 1")
        ),
        *(
            (YESNO, text)
            for text in ("", " ", "\x00", "\ud800", "?", "!!!", "😢", "b4", "me 2", "i am 2", "2026-11-16")
        ),
        *(
            (WHERE, text)
            for text in ("family friends house", "home is where he hits me", "home school", "mother", "some home", "10")
        ),
        *((START, text) for text in ("0", "no 2", "2 no")),
        *((MENU, text) for text in ("3", "10", "99")),
        *(
            (WORRY, text)
            for text in (
                "1 6",
                "no friends",
                "16",
                "0 1",
                "10",
                "113",
                "8",
                "1-3",
                "1 to 3",
                "1 not 3",
                "1 or 3",
                "1:30",
            )
        ),
        *(
            (WORRY, text)
            for text in ("12/3/2026", "2026", "999", "i am 13", "13 and scared", "-1 3", "1 -3", "friends of my mum")
        ),
        *((TEN, text) for text in ("13", "31", "123")),
        *(
            (AGE, text)
            for text in ("nearly 13", "13 soon", "14 weeks", "11 men hurt me", "he is 14", "my brother is 14", "11pm")
        ),
        *((AGE, text) for text in ("14 or 16", "13, nearly 14", "-11", "i am 3", "200", "adult hit me", "11 of them")),
        *((FEEL, text) for text in ("6", "10", "12", "not bad", "1.5", "3/5", "bad good")),
        *((FREE, text) for text in ("", "  ", "\u200b", "...", "\x00")),
        (GATE, "yes only 2"),
        (TOLD, "yes"),
        (VIET, "bạn"),
    ],
)
def test_unclear_is_never_guessed(step: Step, text: str) -> None:
    assert matching.match(step, text) == matching.UNCLEAR


@pytest.mark.parametrize(
    ("step", "text", "value", "rest"),
    [
        (YESNO, "2 he hits me", "no", "he hits me"),
        (AGE, "11 my uncle touches me", "under_13", "my uncle touches me"),
        (AGE, "14 and scared", "13_15", "and scared"),
        (AGE, "im twelve, he hits me", "under_13", "he hits me"),
        (AGE, "13 and my brother is 9", "13_15", "and my brother is 9"),
        (YESNO, "2 - He HITS me!", "no", "He HITS me!"),
        (YESNO, "2️⃣ he hits me", "no", "he hits me"),
        (YESNO, "٢ هو يضربني", "no", "هو يضربني"),
        (YESNO, "2 he hit me 3 times", "no", "he hit me 3 times"),
        (YESNO, "2 i am scared", "no", "i am scared"),
        (YESNO, "no i am scared", "no", "i am scared"),
        (YESNO, "no. 2 he hits me", "no", "he hits me"),
        (YESNO, "not sure if he is here", "unsure", "if he is here"),
        (YESNO, "0 leave me alone", None, "leave me alone"),
        (WHERE, "school, but he waits there", "school", "but he waits there"),
        (WHERE, "youth club is ok", "youth_club", "is ok"),
        (WHERE, "option 1 but dad is there", "home", "but dad is there"),
        (WORRY, "1 3 my brother hits me", ("home", "friends"), "my brother hits me"),
        (WORRY, "friends and school is bad", ("school", "friends"), "is bad"),
        (FEEL, "1 he locked me in", 1, "he locked me in"),
        (FEEL, "very bad day", 1, "day"),
        (GATE, "yes, only he can see this", "alone", "only he can see this"),
        (GATE, "yes only i can see this room", "alone", "room"),
    ],
)
def test_an_answer_with_words_beside_it(step: Step, text: str, value: object, rest: str) -> None:
    assert matching.match(step, text) == Match(BESIDE, value, rest=rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "limited"),
    [
        ("yes until he gets home", True),
        ("yes if you dont tell mum", True),
        ("yes as long as mum doesnt know", True),
        ("yes nếu không nói với mẹ", True),
        ("no until he gets home", True),
        ("no if im honest", False),
        ("yes my mum is asleep here, if you ask me", False),
    ],
)
def test_words_beside_a_yes_or_no_may_take_something_from_it(text: str, limited: bool) -> None:
    assert matching.match(YESNO, text).limited is limited


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        (WHERE, "scool", "school"),
        (WHERE, "shcool", "school"),
        (WHERE, "schoool", "school"),
        (WHERE, "yuoth club", "youth_club"),
        (WHERE, "youthclub", "youth_club"),
        (YESNO, "nooo", "no"),
        (YESNO, "notsure", "unsure"),
        (YESNO, "mayb", "unsure"),
        (YESNO, "no 😢", "no"),
        (YESNO, "1 😢", "yes"),
        (START, "i want a persn", "human"),
        (WORRY, "freinds", ("friends",)),
        (FEEL, "very baaad", 1),
    ],
)
def test_a_close_answer_counts_and_is_listened_to(step: Step, text: str, value: object) -> None:
    assert matching.match(step, text) == Match(ANSWER, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["3", "yes", "he hits me", "  او من رو می‌زند ", "0 idea", "0 0", "-0", "👍", "skip"])
def test_free_words_are_kept_as_typed(text: str) -> None:
    assert matching.match(FREE, text) == Match(ANSWER, text)


def test_a_free_answer_that_must_be_given_may_be_nought() -> None:
    assert matching.match(MUST, "0") == Match(ANSWER, "0")


def test_a_long_free_answer_is_shown_to_its_limit_and_the_rest_is_not_lost() -> None:
    found = matching.match(FREE, "ab" * matching.LIMIT)
    assert isinstance(found.value, str)
    assert len(found.value) == matching.LIMIT
    assert found.value + found.rest == "ab" * matching.LIMIT


def test_words_far_behind_a_number_are_still_beside_it() -> None:
    found = matching.match(YESNO, "1" + " " * matching.LIMIT + "he hits me")
    assert found == Match(BESIDE, "yes", rest="he hits me")


def test_two_options_with_one_word_are_asked_again() -> None:
    step = asked(Kind.CHOICE, Option("a", "Red", ("blood",)), Option("b", "Green", ("blood",)))
    assert matching.match(step, "blood") == matching.UNCLEAR


def test_a_slip_between_two_options_is_asked_again() -> None:
    step = asked(Kind.CHOICE, Option("a", "There"), Option("b", "Three"))
    assert matching.match(step, "thre") == matching.UNCLEAR


def test_every_number_is_itself_in_every_script() -> None:
    scripts = [[chr(zero + digit) for digit in range(10)] for zero in range(sys.maxunicode) if _is_zero(zero)]
    assert len(scripts) > 60
    for step in (*CHOSEN_ONE, WORRY, TEN, FEEL):
        for at, option in enumerate(step.options, 1):
            number = str(option.number or at)
            expected = matching.match(step, number)
            assert expected.whole
            assert expected.kind is ANSWER
            for script in scripts:
                assert matching.match(step, "".join(script[int(digit)] for digit in number)) == expected


def _is_zero(point: int) -> bool:
    return unicodedata.category(chr(point)) == "Nd" and unicodedata.decimal(chr(point)) == 0


@pytest.mark.parametrize("step", [YESNO, WHERE, AGE, START, MENU, WORRY, TEN, FEEL, VIET])
def test_every_label_is_its_option(step: Step) -> None:
    for option in step.options:
        for said in (option.label, option.label.upper(), f" {option.label}! "):
            found = matching.match(step, said)
            assert found.whole
            assert found == matching.match(step, str(option.number or step.options.index(option) + 1))


# --- every text there is ----------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "1",
            "2",
            "3",
            "0",
            "13",
            "10",
            "٢",
            "2️⃣",
            "🔟",
            "yes",
            "no",
            "not sure",
            "home",
            "school",
            "friends",
            "very bad",
            "nope",
        ),
        *(
            " ",
            ",",
            ", ",
            ".",
            "-",
            "/",
            "\n",
            " and ",
            " or ",
            "\u200b",
            "\u202e",
            "\x00",
            "\ud800",
            "😢",
            "he hits me",
            "pm",
        ),
    ],
)
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.lists(PIECES, max_size=8).map("".join)


@given(st.sampled_from(STEPS), ANY_TEXT)
def test_any_text_is_read_as_one_of_four(step: Step, text: str) -> None:
    found = matching.match(step, text)
    assert (found.kind in {SKIPPED, UNCLEAR}) <= (found.value is None)
    assert (found.kind is ANSWER) <= (found.value is not None)
    assert not (found.whole and found.rest)
    assert not (found.whole and found.kind in {UNCLEAR, BESIDE})
    assert found.rest in text


@given(st.sampled_from(CHOSEN_ONE), ANY_TEXT)
def test_one_choice_has_one_value(step: Step, text: str) -> None:
    value = matching.match(step, text).value
    assert value is None or value in {option.value for option in step.options}


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=5),
    st.sampled_from([" ", ",", ", ", ".", "-", "/", " and ", " or ", "\n"]),
)
def test_two_numbers_are_never_one_choice(numbers: list[int], between: str) -> None:
    assert matching.match(WHERE, between.join(map(str, numbers))) == matching.UNCLEAR


@given(ANY_TEXT)
def test_none_of_these_stands_alone(text: str) -> None:
    value = matching.match(WORRY, text).value
    assert not (isinstance(value, tuple) and "none" in value and len(value) > 1)


@given(st.sets(st.integers(1, 7), min_size=1), st.sampled_from([" ", ",", ", ", "\n", " and ", "&", ""]))
def test_a_list_of_numbers_in_any_form_is_the_same_list(numbers: set[int], between: str) -> None:
    chosen = tuple(WORRY.options[number - 1].value for number in sorted(numbers))
    found = matching.match(WORRY, between.join(map(str, numbers)))
    assert found == (matching.UNCLEAR if 6 in numbers and len(numbers) > 1 else Match(ANSWER, chosen, whole=True))


@example(WHERE, ":NO0")
@example(WHERE, "NO0\x1b")
@example(WHERE, "NO\u200b1")
@given(st.sampled_from((GATE, YESNO, WHERE, FEEL, WORRY)), ANY_TEXT)
def test_whole_means_that_there_is_nothing_to_listen_to(step: Step, text: str) -> None:
    """A whole answer stays when its digits, labels and words are taken away: then no letter, digit or emoji is left. Or it is
    how a label begins.
    """
    if not matching.match(step, text).whole:
        return
    said = [spelling.bare(token.text) for token in spelling.tokens(text)]
    if any(
        [spelling.bare(token.text) for token in spelling.tokens(option.label)][: len(said)] == said
        for option in step.options
    ):
        return
    left = text.casefold()
    for spelled in sorted((s for o in step.options for s in (o.label, *o.words)), key=len, reverse=True):
        left = left.replace(spelled.casefold(), " ")
    left = "".join(char for char in left if unicodedata.digit(char, None) is None and char != "🔟")
    left = "".join(char for char in left if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf"})
    marks = languages.AND | languages.MARKS
    words = {word for word in left.split() if not {word, word.strip(string.punctuation)} & marks}
    assert not any(char.isalpha() or unicodedata.category(char) == "So" for word in words for char in word)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.kind}-{len(step.options)}")
@pytest.mark.parametrize(
    "heap", ["1 ", "yes ", "no", "\u0300\u0316", "\ufdfa", "1,", "😢", "\u200b", "a", "\ud800", "\x00", "1", "-"]
)
def test_a_hundred_thousand_characters_are_read(step: Step, heap: str) -> None:
    found = matching.match(step, heap * (100_000 // len(heap)))
    assert not found.whole or found.value is not None
