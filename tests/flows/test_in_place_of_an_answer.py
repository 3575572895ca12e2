"""What a child writes where an answer was asked for: it is filed with the answer, and read by a person where it may be harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows import deadline_blocks, effects, engine, events, facts, loader, walk
from flows.model import BOT, NOBODY, WEIGHED, Answer, Guard, Heard, Hit, Level, Privacy

if TYPE_CHECKING:
    from flows.model import Conversation

SOURCE = loader.load()
LIBRARY = walk.library(SOURCE, SOURCE.flows["return_interview"])


def asked(question: str) -> Conversation:
    begun = walk.begun(LIBRARY.flow, "full", {"age": 14})
    return replace(
        begun,
        state="ASKING",
        begun=True,
        privacy=Privacy.ALONE,
        step=question,
        last_inbound_at=walk.NOON,
        order=(question,),
    )


def told(c: Conversation, *texts: str, apart: timedelta = timedelta(minutes=2)) -> tuple[Conversation, list[Level]]:
    levels: list[Level] = []
    for number, text in enumerate(texts):
        at = walk.NOON + timedelta(minutes=1) + apart * number
        c, done = engine.step(LIBRARY, c, events.TextReceived(at, text, f"m{number}", listen=Heard))
        levels += [one.concern.level for one in done if isinstance(one, effects.RaiseConcern)]
    return c, levels


@pytest.mark.parametrize(("last", "value"), [("3", 3), ("0", None), ("skip", None), ("its a flat", "its a flat")])
def test_the_words_before_the_answer_stand_before_it(last: str, value: object) -> None:
    c, _ = told(asked("home_feel"), "we live with my nan", last)
    answer = c.answers["home_feel"]
    assert (answer.value, answer.said, answer.messages) == (value, f"we live with my nan\n{last}", ("m0", "m1"))
    assert not c.unread


@pytest.mark.parametrize("question", ["not_ok", "pressured", "other_child", "hurt_self", "hurt_now", "avoid_person"])
def test_words_that_answer_no_question_about_harm_are_read_by_a_person(question: str) -> None:
    c, levels = told(asked(question), "the one with the hat", "from before")
    assert c.answers[question].unclear
    assert max(levels, default=Level.L0) == Level.L2


@pytest.mark.parametrize(
    ("first", "then", "asks"),
    [
        ("2 no wait 1", "1", "safe_now_2"),
        ("2 no wait 1", "im safe it was a typo", "safe_now_2"),
        ("2", "sorry i meant yes", "safe_now_2"),
        ("no", "no im safe", "safe_now_2"),
        ("2", "sorry pressed 2 by mistake i meant 1", "safe_now_2"),
        # The number they pressed, and not whose telephone it is.
        ("2", "wrong number", "safe_now_2"),
        ("2", "sorry wrong number", "safe_now_2"),
        ("no", "yes", "d_where"),
        # A place stands as it was said, and a number may be a bus.
        *(
            ("no", text, "hurt_now")
            for text in ("1", "yes by the shop", "yes im at mums", "safe house on mill lane", "12", "number 2")
        ),
    ],
)
@pytest.mark.parametrize("later", [30, 600])
def test_a_yes_to_being_safe_is_no_place(first: str, then: str, asks: str, later: int) -> None:
    c, levels = told(asked("safe_now"), first)
    at = walk.NOON + timedelta(minutes=1, seconds=later)
    c, done = engine.step(LIBRARY, c, events.TextReceived(at, then, "m9", listen=Heard))
    assert (c.step, levels, c.answers["safe_now"].value) == (asks, [Level.L4], "no")
    where = c.answers.get("d_where")
    assert (where.said if where else None) == (then if asks == "hurt_now" else None)
    assert [one.key for one in done if isinstance(one, effects.Say)] == [asks]


@pytest.mark.parametrize("text", ["everything", "all of them"])
def test_nobody_needs_every_way_to_talk_at_once(text: str) -> None:
    c, _ = told(asked("comm_help"), text)
    assert (c.step, c.path, c.answers) == ("comm_help", "full", {})
    c, _ = told(c, "5")
    assert c.answers["comm_help"].value == ("none",)


@pytest.mark.parametrize("text", ["sorry wrong one", "wrong button", "mistake", "jk"])
def test_a_yes_to_being_safe_that_was_a_slip_is_asked_again(text: str) -> None:
    for then, level in (("2", Level.L4), ("dunno tbh", Level.L3)):
        c, levels = told(asked("safe_now"), "1", text, apart=timedelta(seconds=20))
        assert (c.step, levels) == ("safe_now", [])
        _, levels = told(c, then)
        assert level in levels


@pytest.mark.parametrize("text", ["sorry wrong one", "i meant 2", "wrong button"])
def test_who_says_that_who_reads_was_a_slip_is_asked_that_again(text: str) -> None:
    c, _ = told(replace(asked("gate"), state="GATE", privacy=Privacy.UNKNOWN), "1", text, apart=timedelta(seconds=20))
    assert (c.step, c.state, c.privacy) == ("gate", "GATE", Privacy.UNKNOWN)
    c, levels = told(c, "2")
    assert (c.state, c.privacy, levels) == ("PAUSED", Privacy.OTHERS, [])


@pytest.mark.parametrize(
    ("question", "slip", "text", "meant", "level"),
    [
        ("not_ok", "2", "sorry wrong one", "1", Level.L3),
        ("hurt_self", "3", "mistake", "1", Level.L4),
        ("pressured", "no", "jk", "yes", Level.L3),
        ("home_feel", "1", "i meant 4", "4", None),
    ],
)
def test_what_was_meant_answers_nothing_that_was_asked_since(
    question: str, slip: str, text: str, meant: str, level: Level | None
) -> None:
    c, _ = told(asked(question), slip, text, apart=timedelta(seconds=20))
    assert c.step == question
    c, levels = told(c, meant)
    assert levels[:1] == ([level] if level is not None else [])
    assert c.answers.keys() == {question}


def test_what_a_slip_led_to_and_made_known_is_past() -> None:
    c, _ = told(replace(asked("ok_start"), block=None), "3", "sorry wrong one", apart=timedelta(seconds=20))
    assert (c.step, c.block) == ("ok_start", None)
    c, _ = told(c, "1")
    assert c.step not in ("no_why", "no_other_way", "no_parent")
    c, _ = told(asked("safe_time"), "5", "sorry wrong one", apart=timedelta(seconds=20))
    assert "no_texts" in c.facts  # until they have said when
    c, _ = told(c, "1")
    assert "no_texts" not in c.facts


@pytest.mark.parametrize("text", ["wait", "hang on", "it was a mistake", "it was an accident"])
def test_a_breath_or_what_happened_is_no_slip(text: str) -> None:
    c, _ = told(asked("not_ok"), "2", text, apart=timedelta(seconds=20))
    assert c.step != "not_ok"


def test_the_number_that_was_meant_is_no_wish_for_a_call() -> None:
    c, levels = told(asked("safe_now"), "1", "i meant 2", apart=timedelta(seconds=20))
    assert (levels, {*c.answers}) == ([Level.L3], {"safe_now"})
    c, _ = told(asked("ok_start"), "call me")
    assert (c.step, c.answers["who_talk"].value, c.answers["who_talk"].said) == ("ok_start", "phone", "call me")


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (("yes", "yes"), "day_7"),
        (("ok", "yeah sure"), "day_7"),
        (("whatever", "yes"), "day_7"),
        (("yes", "1"), "days_1_3_7"),
        (("yes", "no"), "no"),
    ],
)
def test_a_yes_said_twice_is_the_least_that_is_one(texts: tuple[str, ...], value: str) -> None:
    c, _ = told(asked("check_in"), texts[0])
    assert (c.step, c.tries) == ("check_in", 1)
    c, _ = told(c, texts[1])
    assert c.answers["check_in"].value == value


@pytest.mark.parametrize("text", ["yes", "if mum doesnt see", "idk"])
def test_what_agrees_to_nothing_clearly_is_asked_about_by_a_worker(text: str) -> None:
    c, _ = told(asked("check_in"), text)
    assert "check_in" not in c.answers
    c, done = engine.step(
        LIBRARY, c, events.TextReceived(walk.NOON + timedelta(minutes=9), "yes if u dont ring", "m9", listen=Heard)
    )
    assert c.answers["check_in"].unclear
    assert [one.task.what for one in done if isinstance(one, effects.AddTask)] == ["ask_about_check_in"]


ALL = ("home", "school", "friends", "money", "online", "health", "person", "other")


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("worry", "a and c", ("home", "friends")),
        ("worry", "A, C", ("home", "friends")),
        ("worry", "a c i", ("home", "friends", "other")),
        ("worry", "one and three", ("home", "friends")),
        ("worry", "all of them", ALL),
        ("worry", "Everything!", ALL),
        # One letter may be a scrap of a word, "e" and "i" an "and" of elsewhere; "no" goes with nothing, and no list has a "k".
        *(("worry", text, None) for text in ("a", "b", "a e c", "a and h", "a and k", "a a", "both", "all my mates")),
        # Whom they were with, and what they had or lacked: "all" may be said of that.
        *((question, "all of them", None) for question in ("with", "needs")),
        ("needs", "everything", None),
        ("needs", "a n c", ("food", "money")),
        # Of one answer alone no letter is a number.
        *((question, "a and c", None) for question in ("safe_now", "who_talk", "not_ok")),
    ],
)
def test_a_list_is_answered_by_letters_and_by_all_of_it(question: str, text: str, value: object) -> None:
    c, _ = told(asked(question), text)
    assert (c.answers[question].value if question in c.answers else None) == value
    assert (c.step == question) is (value is None)


@pytest.mark.parametrize("question", ["safe_now", "home_feel", "where", "not_ok"])
def test_what_is_asked_back_is_answered_once_and_is_no_try(question: str) -> None:
    c, _ = told(asked(question), "why u asking", "do i have to", "how long will it take")
    assert (c.step, c.tries, c.answers, c.unread) == (question, 0, {}, ())
    c, _ = told(c, "what do u mean")
    assert (c.step, c.tries, c.answers, c.unread) == (question, 1, {}, ())


def test_what_is_asked_back_twice_is_an_unclear_answer() -> None:
    c, levels = told(asked("not_ok"), "what do u mean", "what do u mean")
    assert (c.answers["not_ok"].unclear, c.answers["not_ok"].said, levels) == (True, "what do u mean", [Level.L2])
    c, _ = told(asked("home_feel"), "why u asking", "why u asking")
    assert (c.step, c.tries) == ("home_feel", 1)


def test_nothing_said_by_a_word_is_what_it_is_by_a_nought() -> None:
    first, _ = told(asked("not_ok"), "skip")
    c, levels = told(replace(first, step="pressured"), "skip it")
    assert (c.answers["not_ok"].value, c.answers["pressured"].value, levels) == (None, None, [Level.L1])


@pytest.mark.parametrize("text", ["tomorrow", "in 3 days"])
def test_who_asked_for_more_than_the_least_is_asked_by_a_worker(text: str) -> None:
    c, _ = told(asked("check_in"), text)
    c, done = engine.step(LIBRARY, c, events.TextReceived(walk.NOON + timedelta(minutes=9), "yes", "m9", listen=Heard))
    assert c.answers["check_in"].unclear
    assert "ask_about_check_in" in [one.task.what for one in done if isinstance(one, effects.AddTask)]


def test_who_wants_to_be_left_alone_is_no_place_and_asked_nothing_else() -> None:
    c, levels = told(asked("safe_now"), "2", "leave me alone", apart=timedelta(seconds=30))
    assert (levels[0], c.step, c.answers.get("d_where")) == (Level.L4, None, None)
    c, _ = told(asked("safe_now"), "2", "the park leave me alone there", apart=timedelta(seconds=30))
    assert c.answers["d_where"].value == "the park leave me alone there"
    for text, state in (("leave me alone", "PAUSED"), ("fuck off", "PAUSED"), ("stop texting me ffs", "STOPPED")):
        c, _ = told(asked("before_story"), text)
        assert (c.step, c.state, c.answers) == (None, state, {})


@pytest.mark.parametrize("text", ["no problem", "no worries"])
def test_no_trouble_is_no_refusal_of_leave(text: str) -> None:
    c, _ = told(asked("no_parent"), text)
    assert (c.step, c.answers) == ("no_parent", {})


@pytest.mark.parametrize("texts", [("skip",), ("not with my dad", "only my nan")])
def test_who_did_not_say_that_we_may_ask_the_family_is_asked_first(texts: tuple[str, ...]) -> None:
    c, _ = told(asked("no_parent"), *texts)
    assert "no_parent" in deadline_blocks.standing(deadline_blocks.load(), facts.answered(c), ())


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("not_ok", "kinda", "unsure"),
        ("not_ok", "bit scary in the dark", "unsure"),
        ("not_ok", "no comment", None),
        ("not_ok", "no apart from that one night", "unsure"),
        ("pressured", "nobody apart from tyler", "unsure"),
        ("not_ok", "nah no comment", None),
        ("not_ok", "no, no comment", None),
        ("not_ok", "nah next", "no"),
        ("pressured", "im not a snitch", None),
        ("pressured", "no im not telling", None),
        ("pressured", "ask my solicitor", None),
        ("safe_now", "no, no comment", "no"),
        ("not_ok", "nothing happened", "no"),
        ("other_child", "my little brother", "yes"),
        ("avoid_person", "my dad", "yes"),
        ("hurt_self", "no but i think about it", "sometimes"),
        ("hurt_self", "not now", "sometimes"),
        ("hurt_self", "no", "no"),
        ("comm_help", "nah im good thanks", ("none",)),
        ("comm_help", "im ok", ("none",)),
        ("worry", "none of them", ("none",)),
        ("worry", "home n school", ("home", "school")),
        ("worry", "two and three", ("school", "friends")),
        ("home_feel", "three", 3),
        ("not_ok", "two", "no"),
        ("needs", "nothing", ("had_all",)),
        ("safe_time", "not at night", "day"),
        ("safe_time", "any time", "any"),
        ("no_parent", "dont ask my dad", "no"),
        ("break_offer", "nah im good", "go_on"),
        ("break_offer", "yeah keep going", "go_on"),
    ],
)
def test_plain_words_are_the_answer_they_are(question: str, text: str, value: object) -> None:
    c, _ = told(asked(question), text)
    assert c.answers[question].value == value


@pytest.mark.parametrize(("question", "then"), [("not_share", "safe_time"), ("no_parent", "safe_time")])
@pytest.mark.parametrize("more", ["pls", "sorry", "thanks x"])
def test_a_courtesy_behind_an_answer_takes_nothing_from_it(question: str, then: str, more: str) -> None:
    said = "yes" if question == "not_share" else "no"
    c, _ = told(asked(question), said)
    c, _ = told(replace(c, step=then), more, apart=timedelta(seconds=10))
    assert (c.answers[question].value, c.answers[question].said) == (said, f"{said}\n{more}")
    assert deadline_blocks.standing(deadline_blocks.load(), facts.answered(c), ())


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("not_ok", "nothing i want to talk about"),
        ("not_ok", "no nothing that u would get"),
        ("not_ok", "nothing bad just him"),
        ("not_ok", "no i cant say"),
        ("not_ok", "no im not a snitch"),
        ("not_ok", "no dont snitch"),
        ("not_ok", "no hes not saying"),
        ("not_ok", "no he said not to say"),
        ("not_ok", "no cause i was scared to"),
        ("pressured", "no i promised not to"),
        ("hurt_self", "no not telling u"),
        ("pressured", "nobody u would know"),
        ("pressured", "no one would believe me"),
        ("avoid_person", "noone i can say"),
        ("hurt_self", "no one cares if i do"),
        ("hurt_self", "no im scared i will"),
        ("hurt_self", "no not today"),
        ("hurt_now", "no im not ok"),
        ("hurt_now", "no just a bit"),
        ("not_ok", "no im scared"),
        ("not_ok", "no snitching"),
        ("not_ok", "no its private"),
        ("not_ok", "no just my uncle"),
        ("pressured", "no not at first"),
        ("pressured", "no just the once"),
        ("pressured", "no more than usual"),
        ("pressured", "no because i wanted it"),
        ("not_ok", "no entiendo"),
        ("not_ok", "no i dont understand it"),
        ("pressured", "no hablo ingles"),
    ],
)
def test_a_no_that_leaves_it_unsaid_is_none(question: str, text: str) -> None:
    c, _ = told(asked(question), text)
    assert (question in c.answers, c.step) == (False, question)
    c, levels = told(c, text)
    assert c.answers[question].unclear
    assert Level.L2 in levels


@pytest.mark.parametrize("text", ["my sister is ok", "my mates are fine", "my little brother hes alright"])
def test_who_is_said_to_be_well_worries_nobody(text: str) -> None:
    c, levels = told(asked("other_child"), text)
    assert (c.step, c.answers, levels) == ("other_child", {}, [])
    c, levels = told(asked("other_child"), "my sister is not ok")
    assert (c.answers["other_child"].value, levels) == ("yes", [Level.L3])


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("not_ok", "nothing tbh"),
        ("not_ok", "nah nothing really"),
        ("not_ok", "nothing bad happened to me"),
        ("pressured", "no one made me do anything"),
        ("pressured", "nobody, thanks"),
        ("not_ok", "no it wasnt that scary"),
        ("not_ok", "no i dont need help"),
        ("not_ok", "no im ok"),
        ("not_ok", "nah never scared"),
        ("hurt_now", "no im not hurt"),
        ("other_child", "no just me"),
        ("avoid_person", "no one"),
        ("looked_after", "no one cared"),
    ],
)
def test_nobody_and_nothing_are_a_no_by_themselves(question: str, text: str) -> None:
    c, _ = told(asked(question), text)
    assert c.answers[question].value == "no"


@pytest.mark.parametrize(
    ("question", "said", "then", "text"),
    [("hurt_self", "sometimes", "not_ok", "kinda"), ("looked_after", "sometimes", "not_ok", "a bit")],
)
def test_what_answers_the_question_that_is_open_is_no_more_of_the_one_before(
    question: str, said: str, then: str, text: str
) -> None:
    c, _ = told(asked(question), said)
    c, levels = told(replace(c, step=then, order=(question, then)), text, apart=timedelta(seconds=10))
    assert (c.answers[question].said, c.answers[then].value, levels[0]) == (said, "unsure", Level.L2)


@pytest.mark.parametrize("holder", [BOT, NOBODY])
@pytest.mark.parametrize("text", ["\U0001f62d", "\U0001f44e", "??", "...", "pls", "sorry", "ok"])
@pytest.mark.parametrize("question", ["safe_now", "safe_now_2", "hurt_now", "pressured"])
def test_whether_they_are_safe_or_hurt_is_asked_again_at_once(question: str, text: str, holder: str) -> None:
    gate = Answer("gate", "alone", "yes", walk.NOON + timedelta(seconds=50), "en", messages=("m",))
    c = replace(asked(question), holder=holder, order=("gate", question), answers={"gate": gate})
    c, _ = told(c, text)
    assert (c.tries, c.step, c.answers["gate"].said) == (1, question, "yes")


@pytest.mark.parametrize(
    "text",
    [
        "any time but not when dads home",
        "after school but not fridays",
        "any time not weekends",
        "any time dads at work",
        "in the morning before mum is up",
    ],
)
def test_a_time_that_is_not_safe_is_not_lost_beside_one_that_is(text: str) -> None:
    c, _ = told(asked("safe_time"), text)
    assert "safe_time" not in c.answers
    c, _ = told(c, text)
    assert c.answers["safe_time"].unclear


@pytest.mark.parametrize("text", ["please dont text me", "dont text me my dad reads it", "dont text me ever"])
def test_whoever_is_not_to_be_texted_is_not_asked_again_by_text(text: str) -> None:
    c, _ = told(asked("safe_time"), text)
    assert (c.answers["safe_time"].value, c.facts["no_texts"]) == ("never", "yes")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("not_share", "no please dont tell mum"),
        ("not_ok", "no dont tell anyone"),
        ("no_parent", "yes not him"),
        ("no_parent", "ok never ask my dad"),
        ("no_parent", "its ok she wont help"),
    ],
)
def test_what_asks_us_to_keep_it_is_neither_a_no_nor_a_yes(question: str, text: str) -> None:
    c, _ = told(asked(question), text)
    assert question not in c.answers
    c, _ = told(c, text)
    assert c.answers[question].unclear
    if question != "not_ok":
        assert deadline_blocks.standing(deadline_blocks.load(), facts.answered(c), ())


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("not_share", "no they know", "no"),
        ("no_parent", "no dont tell them", "no"),
        ("ok_start", "no dont tell anyone", "no"),
        ("no_parent", "yeah thats fine", "yes"),
        ("ok_start", "yeah why not", "yes"),
    ],
)
def test_a_refusal_stands_whatever_it_asks(question: str, text: str, value: str) -> None:
    c, _ = told(asked(question), text)
    assert c.answers[question].value == value


@pytest.mark.parametrize(
    ("question", "then", "text", "value", "level"),
    [
        ("not_ok", "pressured", "actually yes", "yes", Level.L3),
        ("not_ok", "pressured", "actually yes to the last one", "yes", Level.L3),
        ("not_ok", "break_offer", "wait no i meant yes", "yes", Level.L3),
        ("not_ok", "pressured", "i lied", "unsure", Level.L2),
        ("pressured", "back_story", "actually yeah", "yes", Level.L3),
        ("hurt_now", "medical_want", "wait i meant yes it hurts", "yes", Level.L2),
        ("hurt_self", "not_ok", "actually sometimes", "sometimes", Level.L2),
        ("not_ok", "pressured", "sorry 1 for the one before", "yes", Level.L3),
    ],
)
def test_what_worries_more_is_the_answer_after_all(
    question: str, then: str, text: str, value: str, level: Level
) -> None:
    c, levels = told(asked(question), "no")
    c, levels = told(replace(c, step=then, order=(question, then)), text)
    assert (c.answers[question].value, c.answers[question].said, max(levels)) == (value, f"no\n{text}", level)
    assert then not in c.answers


@pytest.mark.parametrize(
    "text", ["actually no", "actually mum hugged me and i lied to her about it all", "actually it was ok"]
)
def test_what_worries_no_more_changes_no_answer(text: str) -> None:
    c, _ = told(asked("pressured"), "no")
    c, levels = told(replace(c, step="back_story", order=("pressured", "back_story")), text)
    assert (c.answers["pressured"].value, c.answers["back_story"].value, levels) == ("no", text, [])


@pytest.mark.parametrize(
    ("question", "first", "then", "more"),
    [
        ("safe_now", "ye", "ok_start", "s"),
        ("safe_now", "ye", "ok_start", "safe"),
        ("safe_now", "yes", "ok_start", "safe"),
        ("who_talk", "chat", "comm_help", "pls"),
    ],
)
def test_more_of_the_answer_just_given_is_asked_about_by_nobody(
    question: str, first: str, then: str, more: str
) -> None:
    c, _ = told(asked(question), first)
    c = replace(c, step=then, order=(question, then))
    at = walk.NOON + timedelta(minutes=1, seconds=20)
    c, done = engine.step(LIBRARY, c, events.TextReceived(at, more, "m9", listen=Heard))
    assert c.answers[question].said == f"{first}\n{more}"
    assert "\n" not in str(c.answers[question].value)
    assert not [one for one in done if isinstance(one, effects.Say)]
    assert (c.step, c.tries) == (then, 0)


def test_who_wants_to_say_more_is_left_room_to() -> None:
    c, _ = told(asked("worry_more"), "yes", "my nan is ill")
    assert c.answers["worry_more"].said == "yes\nmy nan is ill"


@pytest.mark.parametrize("text", ["u feds", "are you the police"])
def test_who_tests_us_is_told_every_time(text: str) -> None:
    c = asked("worry")
    for number in range(4):
        at = walk.NOON + timedelta(minutes=number + 1)
        c, done = engine.step(LIBRARY, c, events.TextReceived(at, text, f"m{number}", listen=Heard))
        assert "ts_who" in [one.key for one in done if isinstance(one, effects.Say)]


def test_somebody_elses_words_are_no_part_of_the_answer() -> None:
    guess = Heard(hits=(Hit("D29", Level.L2, 0, 9, "statistical", doubt=WEIGHED),))
    at = walk.NOON + timedelta(minutes=1)
    c, _ = engine.step(
        LIBRARY, asked("home_feel"), events.TextReceived(at, "this is jades mum", "m1", listen=lambda: guess)
    )
    assert not c.unread


@pytest.mark.parametrize("text", ["i dont want to say", "leave it"])
def test_who_wishes_to_say_no_more_on_leaving_is_asked_nothing_and_told_goodbye(text: str) -> None:
    c = replace(asked("not_share"), guard=Guard.LOCK, state="LOCKED", block="leave_after")
    c, done = engine.step(LIBRARY, c, events.TextReceived(walk.NOON + timedelta(minutes=1), text, "m", listen=Heard))
    assert [one.key for one in done if isinstance(one, effects.Say)] == ["msg_end"]
    assert c.outcome == "partly_done"


@pytest.mark.parametrize("holder", [BOT, NOBODY, "ana"])
def test_what_gets_help_is_asked_once_more_also_of_whoever_waits_for_a_person(holder: str) -> None:
    c = replace(
        asked("d_where"), guard=Guard.LOCK, state="LOCKED", block="after_disclosure", level=Level.L4, holder=BOT
    )
    c, _ = told(c, "by the park", "near tesco", apart=timedelta(seconds=20))
    assert (c.step, c.answers["d_where"].said) == ("hurt_now", "by the park\nnear tesco")
    after = walk.NOON + timedelta(minutes=3)
    waits = replace(c, holder=holder)
    _, done = engine.step(LIBRARY, waits, events.TimerFired(after, "told_on", c.turn, "hurt_now"))
    assert [one.key for one in done if isinstance(one, effects.Say)] == (["hurt_now"] if holder != "ana" else [])


@pytest.mark.parametrize(
    "text", ["none of these i need help", "thats it i cant take it", "none of them its about my mate"]
)
def test_what_ends_the_talk_ends_it_alone(text: str) -> None:
    library = walk.library(SOURCE, SOURCE.flows["text_safe"])
    c = replace(walk.begun(library.flow, "M", {}), state="MENU", begun=True, privacy=Privacy.ALONE, step="ts_menu")
    c = replace(c, last_inbound_at=walk.NOON, order=("ts_menu",))
    for said, step in ((text, "ts_menu"), ("none of them thanks", None)):
        at = (c.last_inbound_at or walk.NOON) + timedelta(minutes=2)
        c, _ = engine.step(library, c, events.TextReceived(at, said, f"m{at:%M}", listen=Heard))
        assert c.step == step
    assert c.state == "DONE"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (text, None)
            for text in ("im ok but scared", "no im not ok", "no im scared", "no help me", "nah someone else")
        ),
        *((text, "no") for text in ("im ok thanks", "no im just tired", "no i dont need help", "no dont need u")),
    ],
)
def test_a_fear_declines_no_person(text: str, value: str | None) -> None:
    c, _ = told(asked("person_offer"), text)
    answer = c.answers.get("person_offer")
    assert (answer.value if answer is not None else None) == value
