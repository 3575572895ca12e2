"""No text may break listening, or make it slow: four times the text costs about four times as much, not sixteen.

CPU time of a length is compared with that of its fourth part, measured in turn, so that a slower or busier machine
changes nothing.
"""

from __future__ import annotations

import math
import time
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import listening
from flows.listening import Context
from tests.listening import measure

LONGEST: Final = listening.LONGEST
TIMES: Final = 4
BOUND: Final = 8.0  # linear gives 4, quadratic 16
ROUNDS: Final = 4
LANGUAGES: Final = measure.languages("train")

REPEATED: Final = {
    "one letter": "a",
    "a word without spaces": "hit",
    "short words": "a b ",
    "negations": "dont not never no ",
    "openings of phrases": "he she my i want to ",
    "a disclosure": "he hits me every night ",
    "quotes": "\"he said 'i will ",
    "punctuation": "?!.,;:-",
    "emoji": "😭🔪 ",
    "combining marks": "e\u0301\u0327",
    "only combining marks": "\u0301",
    "zero width": "h\u200bi\u200dt\u2060 ",
    "written both ways": "\u202ehit\u202c me ",
    "lines": "hit\nme\n",
    "digits in four scripts": "12٣٤५६৭৮ ",
    "leetspeak": "h1t m3 k1ll ",
    "drawn out": "heeeeelp ",
    "spelled out": "h i t s ",
    "every script": "hit ضرب मारा 打我 ገደለኝ βια бьёт ",
    "misspelled": "hittng beatn killde abusd rapd ",
}

DENSE: Final = {"one letter", "every script", "only combining marks", "emoji"}  # at full length in every language


def long(pattern: str, length: int) -> str:
    return (pattern * (length // len(pattern) + 1))[:length]


def cost(text: str, context: Context) -> float:
    """CPU seconds."""
    begun = time.process_time()
    listening.listen(text, context, measure.model())
    return time.process_time() - begun


def bounded(pattern: str, context: Context) -> None:
    """The least of a few rounds counts: what others do on this machine only ever adds. Two that agree are enough."""
    part = whole = math.inf
    for done in range(ROUNDS):
        part = min(part, cost(long(pattern, LONGEST // TIMES), context))
        whole = min(whole, cost(long(pattern, LONGEST), context))
        if done and whole <= BOUND * part:
            return
    pytest.fail(f"{whole / part:.1f} times the cost for {TIMES} times the text")


@pytest.mark.parametrize("pattern", REPEATED)
def test_cost_grows_with_the_length_and_no_faster(pattern: str) -> None:
    bounded(REPEATED[pattern], Context(measure.ENGLISH, measure.AGE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_cost_grows_with_the_length_in_every_language(language: str) -> None:
    """A few disclosures of the language, over and over: every rule begins again and again."""
    told = [row.text for row in measure.rows("train", language) if row.level >= measure.PAGED][:8]
    bounded(" ".join(told) + " ", Context(language, measure.AGE))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pattern", REPEATED)
def test_nothing_breaks_at_full_length(language: str, pattern: str) -> None:
    text = long(REPEATED[pattern], LONGEST if language == measure.ENGLISH or pattern in DENSE else LONGEST // 8)
    heard = listening.listen(text, Context(language, measure.AGE, (text[:200],)), measure.model())
    assert all(0 <= hit.start < hit.end <= len(text) for hit in heard.hits + heard.suppressed)


def test_what_is_too_long_is_read_so_far_and_given_to_a_person() -> None:
    text = "he hits me every night. " + long("and then ", 2 * LONGEST)
    heard = listening.listen(text, Context(measure.ENGLISH, measure.AGE), measure.model())
    assert heard.unscreened == "too_long"
    assert max(hit.level for hit in heard.hits) >= measure.HEARD


ANYTHING: Final = st.text(max_size=80) | st.text(alphabet="hits me dont'.,!?\n😭\u0301\u200b\u202e١२", max_size=80)


@settings(max_examples=300, deadline=None)
@given(ANYTHING, st.lists(ANYTHING, max_size=3), st.sampled_from([*LANGUAGES, "zh-Hant", "fa-AF", "xx", ""]))
def test_no_text_breaks_it(text: str, recent: list[str], locale: str) -> None:
    heard = listening.listen(text, Context(locale, measure.AGE, tuple(recent)), measure.model())
    for hit in heard.hits + heard.suppressed:
        assert 0 <= hit.start <= hit.end <= len(text)
