"""The interview everybody is measured with: eight questions of the return interview, in English and Vietnamese.

A choice, a scale, several of a list, yes or no, free words, one branch (`worry_more` is asked only of a child whom something
worries), one answer in twenty that fits nothing and is asked again. The texts, options and accepted words are the
library's own, so Waymark and its peers say and accept the same. May not know who is measured.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bot import app, i18n, localising, wording
from flows import composing, spelling
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.loader import Source
    from flows.model import Flow, Option, Step, Value

FLOW: Final = "return_interview"
LANGUAGES: Final = ("en", "vi")
GATE: Final = "gate"
QUESTIONS: Final = (
    "safe_now",
    "ok_start",
    "home_feel",
    "worry",
    "worry_more",
    "before_story",
    "planned",
    "safe_time",
)
ASKED: Final = (GATE, *QUESTIONS)
BRANCH: Final = "worry_more"
SAID: Final = ("msg_hello", "msg_end")
WRONG: Final = "77"
_GAPS: Final = {"persona": "Robin", "name": "Waymark", "day": "Monday", "emergency": "999"}
_FREE: Final = {
    "en": (
        "we had a row about my phone and i wanted some time to think",
        "school was too much so i went to my cousin and we watched films",
        "the exams and my friends, mostly. it was raining all day",
        "i took the bus to the park and then to the library until it closed",
    ),
    "vi": (
        "em muốn yên tĩnh một chút nên đi ra công viên",
        "ở trường nhiều bài quá, em sang nhà chị họ xem phim",
        "em với bạn cãi nhau về điện thoại, rồi trời mưa cả ngày",
        "em đi xe buýt tới thư viện và ở đó tới khi đóng cửa",
    ),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question as it is sent. `accepts`: folded text to value; empty for free words. `several`: of a list."""

    key: str
    text: str
    accepts: Mapping[str, str]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """One invented child: what they text, in order, and what must be on the record at the end."""

    number: int
    locale: str
    texts: tuple[str, ...]
    record: Mapping[str, Value]


# --- the flow ---------------------------------------------------------------------------------------------------------


@cache
def source() -> Source:
    """The library with a return interview of these eight questions; everything else is as it is shipped."""
    whole = app.source()
    return replace(whole, flows=MappingProxyType({**whole.flows, FLOW: _cut(whole.flows[FLOW])}))


def _cut(flow: Flow) -> Flow:
    kept = {*ASKED, *SAID}
    blocks = tuple(
        replace(block, steps=tuple(key for key in block.steps if key in kept)) if block.main else block
        for block in flow.blocks
    )
    steps = {
        key: replace(step, paths=step.paths | {"M"}) if key == BRANCH else step for key, step in flow.steps.items()
    }
    return replace(flow, revision=f"bench-{flow.revision}"[:64], blocks=blocks, steps=MappingProxyType(steps))


@cache
def _localised(locale: str) -> tuple[Mapping[str, Step], Mapping[str, str]]:
    made, catalogue = source(), i18n.load_catalogues(app.LOCALES)[locale]
    flow = made.flows[FLOW]
    if locale == localising.SOURCE_LOCALE:
        return flow.steps, made.common
    return localising.localise(flow, catalogue).steps, localising.common(made.common, catalogue)


# --- what is sent and what is accepted --------------------------------------------------------------------------------


@cache
def prompt(key: str, locale: str) -> Prompt:
    """The question `key` as a child of `locale` reads it."""
    steps, common = _localised(locale)
    step = steps[key]
    return Prompt(key, _filled(composing.composed(step, common)), _accepts(step), several=step.kind is Kind.MULTI)


@cache
def statement(key: str, locale: str) -> str:
    """The text `key` as a child of `locale` reads it."""
    return _filled(_localised(locale)[0][key].text)


def _filled(text: str) -> str:
    return wording.fill(text, _GAPS)


def _accepts(step: Step) -> Mapping[str, str]:
    if step.kind is Kind.FREE:
        return {}
    found: dict[str, str] = {}
    for number, option in composing.numbered(step):
        found |= {folded(word): option.value for word in (str(number), option.label, *option.words)}
    return MappingProxyType(found)


def folded(text: str) -> str:
    """What two spellings of one answer have in common."""
    return spelling.folded(text)


def value(asked: Prompt, text: str) -> Value:
    """What `text` answers, None when it answers nothing: all the validation a peer needs."""
    if not asked.accepts:
        return text.strip() or None
    if not asked.several:
        return asked.accepts.get(folded(text))
    found = [asked.accepts.get(folded(part)) for part in text.replace(",", " ").split()]
    return tuple(one for one in found if one is not None) if found and None not in found else None


def following(key: str, answer: object) -> str | None:
    """The question after `key`; None at the end. The one branch of the interview stands here, for the peers."""
    skipped = key == "worry" and answer == ("none",)
    at = ASKED.index(key) + (2 if skipped else 1)
    return ASKED[at] if at < len(ASKED) else None


# --- the children -----------------------------------------------------------------------------------------------------


@cache
def child(number: int) -> Child:
    """The `number`th child: the same texts in every run."""
    chance = random.Random(number)
    locale = LANGUAGES[number % len(LANGUAGES)]
    texts: list[str] = ["HI"]
    record: dict[str, Value] = {}
    key: str | None = GATE
    while key is not None:
        text, answer = _answer(chance, key, locale)
        if key in ("safe_now", "home_feel") and chance.random() < 0.25:
            texts.append(WRONG)
        texts.append(text)
        record[key] = answer
        key = following(key, answer)
    return Child(number, locale, tuple(texts), MappingProxyType(record))


_PICKS: Final[Mapping[str, tuple[str, ...]]] = {
    GATE: ("alone",),
    "safe_now": ("yes",),
    "ok_start": ("yes",),
    "home_feel": ("3", "4", "5"),
    "worry": ("none", "school", "friends", "money", "school friends"),
    "planned": ("planned", "unplanned", "unsure"),
    "safe_time": ("any", "day", "after4"),
}


def _answer(chance: random.Random, key: str, locale: str) -> tuple[str, Value]:
    step = _localised(locale)[0][key]
    if step.kind is Kind.FREE:
        text = chance.choice(_FREE[locale])
        return text, text
    picked = chance.choice(_PICKS[key]).split()
    numbered = {one.value: (number, one) for number, one in composing.numbered(step)}
    if step.kind is Kind.MULTI:
        return " ".join(str(numbered[one][0]) for one in picked), tuple(picked)
    number, option = numbered[picked[0]]
    return _typed(chance, number, option), picked[0]


def _typed(chance: random.Random, number: int, option: Option) -> str:
    """A number as a rule, sometimes the words of the answer."""
    return str(number) if chance.random() < 0.7 else option.label
