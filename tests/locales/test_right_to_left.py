"""How a line of a right-to-left script is shown when digits and Latin words stand in it.

By the Unicode bidirectional algorithm (UAX 9) a line goes by its first letter, and a number goes with the letter before
it. So a number in parts ("116 000") is shown as it is dialled only after a Latin letter or a left-to-right mark, and the
number of an answer stands beside its own answer only after a letter of the script or a right-to-left mark.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from bot import i18n
from tests.library import SOURCE

CATALOGUES = i18n.load_catalogues(Path(__file__).resolve().parents[2] / "locales")
RIGHT_TO_LEFT = ("ar", "ckb", "fa", "prs", "ps", "ur")

FILLED = {"org": "Lewisham Return Team", "persona": "Robin", "name": "Rosa", "worker": "Rosa", "day": "Wednesday"}
FILLED |= {"first_name": "Ana", "next_name": "Ben", "who": "the council", "short": "that you may not be safe"}
FILLED |= {"minutes": "15", "code": "3H3JJT"} | {key: number.number for key, number in SOURCE.numbers.items()}
FILLED |= {"public_number": "07700 900 000", "our_number": "+447700900100"}

# On the web page the way back looks like a phone number.
ON_THE_PAGE = FILLED | {"code": "07700 900 123"}

TRANSLATED = [
    pytest.param(
        i18n.fill(written.text, ON_THE_PAGE if context.startswith("page.") else FILLED), id=f"{locale}-{context}"
    )
    for locale in RIGHT_TO_LEFT
    for (context, _), written in CATALOGUES[locale].lines.items()
    if written.text
    and not context.endswith(".words")
    and not context.startswith(("commands.", "return_interview.lang."))
]


def composed(locale: str) -> dict[str, str]:
    common = i18n.common(SOURCE.common, CATALOGUES[locale])
    flows = [i18n.localise(flow, CATALOGUES[locale]) for flow in SOURCE.flows.values()]
    return {key: i18n.fill(i18n.compose(step, common), FILLED) for flow in flows for key, step in flow.steps.items()}


def direction_before(text: str, at: int) -> str:
    strong = (way for char in reversed(text[:at]) if (way := unicodedata.bidirectional(char)) in {"L", "R", "AL"})
    return next(strong, "none")


@pytest.mark.parametrize("text", TRANSLATED)
def test_a_line_begins_at_the_right(text: str) -> None:
    ways = (way for char in text if (way := unicodedata.bidirectional(char)) in {"L", "R", "AL"})
    assert next(ways, "none") in {"R", "AL"}


@pytest.mark.parametrize("text", TRANSLATED)
def test_a_number_in_parts_is_shown_as_it_is_dialled(text: str) -> None:
    for found in re.finditer(r"\+?\d+(?: \d+)+|\+\d+", text):
        assert direction_before(text, found.start()) == "L", found.group()


@pytest.mark.parametrize(("key", "text"), composed("ar").items())
def test_the_number_of_an_answer_stands_before_its_answer(key: str, text: str) -> None:
    numbers = [found.start() for found in re.finditer(r"(?<= )\d(?= )", text)]
    assert [at for at in numbers if direction_before(text, at) == "L"] == [], key


def test_it_would_be_seen() -> None:
    assert direction_before("اتصل على 116 000", 9) == "AL"
    assert direction_before("ما لغتك؟ 1 English 2 عربي", 19) == "L"
