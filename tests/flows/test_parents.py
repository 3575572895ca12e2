"""What a parent or carer is asked: the file as it stands, and what is told of one that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows import parents
from flows.lines import LoadError

if TYPE_CHECKING:
    from pathlib import Path

FORM = parents.load()


def test_the_nine_questions_are_there_and_one_pages() -> None:
    assert {"who", "language", "led", "back", "new", "help", "risk"} <= set(FORM.questions)
    assert FORM.alarming == {"risk": frozenset({"yes", "unsure"})}
    assert FORM.questions["new"].several
    assert FORM.rows.options.keys() == {"person", "place", "phone", "vehicle", "online_name"}


def test_an_answer_is_told_in_words() -> None:
    assert parents.told(FORM, "new", "phone,mood") == "A phone or messages, How they are in themselves"
    assert parents.told(FORM, "led", "a row") == "a row"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('risk: ["yes", unsure]', "risk: [maybe]", "'maybe'"),
        ("alarming: {risk", "alarming: {rsk", "rsk"),
        ("banner:", "baner:", "baner"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = parents.FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "parents.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(LoadError, match=r"parents\.yaml:\d+") as wrong:
        parents.load(file)
    assert told in str(wrong.value)
