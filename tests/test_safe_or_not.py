"""What a child texts to whether they are safe: a plain yes goes on, a no is L4, what is neither is not sure: L3 (decisions 1)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.play import script
from bot.play.script import Line
from bot.play.stage import Stage
from flows import effects, engine, events
from flows.listening import Context
from flows.model import Level
from storage import conversations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.model import Conversation

HEAD = "flow: text_safe\nnow: 2026-11-16 12:00\nrota: ana=duty ben=backup mel=manager sue=service_manager\n"

YES = (
    "1|yes|Yes.|YES|yes!!|yess|yesss|yes x|yes 👍|y|yh|ye|yea|yeah|yeahh|yep|yup|ya|yes please|yes im safe|im safe|"
    "I'm safe|i am safe|safe|safe x|1 yes|yes 1|1.|(1)|yes i am|yeah i am|yh im safe|yes im at home|yes at my mates|"
    "yeah im at my nans house|yes safe|yes im not scared|yes im not in danger|yeah im not hurt|yes never better|"
    "yes i wasnt scared|yes with my sister|yes thank you|yes thx|yep all good|yeah im fine|haan|ji|aywa|"
    "1 im at home|yeh|yhh|ofc|of course|obvs|all good"
)
NO = (
    "2|no|No.|nope|nah|n|no im not|not safe|im not safe|unsafe|not really|i dont think so|dont think so|not at all|"
    "im not|i am not|definitely not|never|no i dont feel safe|i dont feel safe|I don't feel safe|i never feel safe|"
    "i do not feel safe here|far from it|nowhere is safe|i dont feel safe at home|no i am scared|no hes outside|"
    "nope not rn|no not now|nah not right now|ليس آمنا|2 im scared|im in danger|nahi|la|no not really"
)
UNSURE = (
    "3|not sure|idk|i dont know|maybe|kind of|kinda|sorta|sort of|i suppose|i think so|depends|not yet|im scared|"
    "im really scared|i wish|hiding|as long as he dont come back|for now|yes for now|yes but im scared|"
    "yes im scared|yes until he is back|yes not really|yes apart from him|yes aside from my ex|"
    "yes he told me to say yes|yes i have to say yes|"
    "i really dont feel that ok|nobody is nice here|no one can help|no idea|help im scared|probably|yes i think so|"
    "i cant say|not when he is here|not now|not rn|Not right now!|not atm|مش دلوقتي"
)
AGAIN = (
    "hello|what|who|hi robin|ok|dont tell anyone|dont tell my mum|no worries|dont worry|lol|"
    "im not scared|im not in danger|nah im good|no im ok thanks|no i dont need anything"
)


class Child:
    """A child at an open question: what one more text would make of it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.at = stage.now
        self.c = stage.committer.submit(lambda tx: conversations.peek(tx, stage.conversation))
        self.library = stage.committer.submit(lambda tx: stage.house.shelf.library(tx, self.c))

    def texts(self, *said: str) -> tuple[Conversation, Level, tuple[effects.Effect, ...]]:
        """The conversation, the highest level and what is done after texts seconds apart."""
        c, level = self.c, Level.L0
        done: tuple[effects.Effect, ...] = ()
        for text in said:
            self.at += timedelta(seconds=5)
            context = Context(locale=c.locale, age=None, recent=tuple(one.text for one in c.recent))
            listen = partial(self.stage.house.listen, text, context)
            c, done = engine.step(self.library, c, events.TextReceived(self.at, text, "m", listen))
            level = max([level, *(one.concern.level for one in done if isinstance(one, effects.RaiseConcern))])
        return c, level, done


@pytest.fixture(scope="module")
def at_safe_now() -> Iterator[Callable[[], Child]]:
    with Stage(script.parse(HEAD)) as stage:
        stage.line(Line(0, "child", "hi"))
        stage.line(Line(0, "child", "1"))
        yield lambda: Child(stage)


@pytest.mark.parametrize("text", YES.split("|"))
def test_a_plain_yes_goes_on(at_safe_now: Callable[[], Child], text: str) -> None:
    after, level, _ = at_safe_now().texts(text)
    assert (after.step, after.answers["safe_now"].value, level < Level.L2) == ("ts_age", "yes", True)


@pytest.mark.parametrize(("text", "value", "least"), [(one, "no", Level.L4) for one in NO.split("|")])
def test_a_no_is_heard_at_once(at_safe_now: Callable[[], Child], text: str, value: str, least: Level) -> None:
    after, level, _ = at_safe_now().texts(text)
    assert (after.answers["safe_now"].value, level) == (value, least)


@pytest.mark.parametrize("text", UNSURE.split("|"))
def test_what_is_no_yes_and_no_no_is_not_sure(at_safe_now: Callable[[], Child], text: str) -> None:
    after, level, done = at_safe_now().texts(text)
    assert (after.answers["safe_now"].value, level) == ("unsure", Level.L3)
    assert sum(isinstance(one, effects.RaiseConcern) for one in done) == 1


@pytest.mark.parametrize("text", AGAIN.split("|"))
def test_what_says_nothing_of_it_is_asked_again_once_and_then_not_sure(
    at_safe_now: Callable[[], Child], text: str
) -> None:
    after, level, _ = at_safe_now().texts(text)
    assert (after.step, "safe_now" in after.answers, level < Level.L3) == ("safe_now", False, True)
    after, level, done = at_safe_now().texts(text, text)
    assert (after.answers["safe_now"].value, level) == ("unsure", Level.L3)
    assert sum(isinstance(one, effects.RaiseConcern) for one in done) == 1
    after, level, _ = at_safe_now().texts(text, "yes")
    assert (after.answers["safe_now"].value, level < Level.L3) == ("yes", True)


@pytest.mark.parametrize("text", ["yeah im not safe", "yes but i dont feel safe"])
def test_outright_words_weigh_more_than_the_yes_before_them(at_safe_now: Callable[[], Child], text: str) -> None:
    after, level, _ = at_safe_now().texts(text)
    assert ("safe_now" in after.answers, level) == (False, Level.L4)


@pytest.mark.parametrize(
    ("said", "value", "least"),
    [
        (("not", "safe"), "unsure", Level.L4),
        (("im", "not safe"), "no", Level.L4),
        (("un", "safe"), "no", Level.L4),
        (("im", "safe"), "yes", Level.L0),
        (("yes", "but hes coming back"), "unsure", Level.L3),
        (("1", "sorry i meant no"), "no", Level.L4),
        (("1", "wait no"), "no", Level.L4),
        (("1", "jk no"), "no", Level.L4),
        (("1", "actually im not safe"), "no", Level.L4),
        (("1", "no"), "unsure", Level.L3),
        (("1", "actually im not sure"), "unsure", Level.L3),
        (("1", "wait idk"), "unsure", Level.L3),
        (("1", "i lied"), "unsure", Level.L3),
        (("1", "i lied im not safe"), "no", Level.L4),
        (("1", "i was lying no"), "no", Level.L4),
        (("1", "but not for long"), "unsure", Level.L3),
        (("1", "but im scared"), "unsure", Level.L3),
        (("1", "no im fine but hes here"), "unsure", Level.L3),
        (("nah im good", "yes"), "yes", Level.L0),
        (("nah im good", "no"), "no", Level.L4),
        (("no im fine but hes here",), "no", Level.L4),
        (("3", "wait no"), "no", Level.L4),
        (("1", "wait idk", "actually no"), "no", Level.L4),
        (("1", "but why"), "yes", Level.L0),
        (("1", "but can i stop whenever"), "yes", Level.L0),
        (("1", "nah im good"), "yes", Level.L0),
        (("1", "no i dont need anything ty"), "yes", Level.L0),
        (("1", "idk"), "yes", Level.L0),
        (("1", "lol idk"), "yes", Level.L0),
        (("1", "i lied about my age"), "yes", Level.L0),
        (("1", "no thanks"), "yes", Level.L0),
        (("1", "im 14"), "yes", Level.L0),
        (("1", "sorry 14"), "yes", Level.L0),
        (("1", "nearly 13"), "yes", Level.L0),
        (("1", "not telling you"), "yes", Level.L0),
        (("1", "why do you want to know"), "yes", Level.L0),
    ],
)
def test_two_texts_are_one_answer(
    at_safe_now: Callable[[], Child], said: tuple[str, ...], value: str, least: Level
) -> None:
    after, level, _ = at_safe_now().texts(*said)
    assert (after.answers["safe_now"].value, level) == (value, least)
