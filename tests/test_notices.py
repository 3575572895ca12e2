"""What children are given to read is plain enough for a ten-year-old, and what a service must fill in says so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

DOCS: Final = Path(__file__).parents[1] / "docs"
FOR_CHILDREN: Final = ("notice-for-children.md", "complaint.md")
ALL: Final = (*FOR_CHILDREN, "dpia-template.md")
LONGEST_SENTENCE: Final = 22
# School year 5 of the Flesch-Kincaid scale is read at about ten.
HARDEST: Final = 5.0


def prose(name: str) -> list[str]:
    """The sentences, without marks of layout and what is still to be filled in."""
    text = (DOCS / name).read_text("utf-8")
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", re.sub(r"\{[^}]*\}", "it", text))
    text = re.sub(
        r"^(#+ .*|[-0-9.]+ )",
        lambda m: m[0].lstrip("#-0123456789. ") + (". " if "#" in m[0] else ""),
        text,
        flags=re.MULTILINE,
    )
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[A-Z*])", text.replace("*", "")))
    return [
        one for paragraph in paragraphs for one in re.split(r"(?<=[.!?:])\s+", paragraph) if re.search("[a-z]", one)
    ]


def syllables(word: str) -> int:
    plain = re.sub(r"(?:[^laeiouy]es|[^laeiouy]ed|[^laeiouy]e)$", lambda m: m[0][0], word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", plain)))


def grade(sentences: list[str]) -> float:
    """Flesch-Kincaid, as it was published in 1975."""
    words = [word for one in sentences for word in re.findall(r"[A-Za-z']+", one)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize("name", FOR_CHILDREN)
def test_a_ten_year_old_can_read_it(name: str) -> None:
    sentences = prose(name)
    assert len(sentences) > 15
    assert grade(sentences) <= HARDEST
    long = [one for one in sentences if len(one.split()) > LONGEST_SENTENCE]
    assert long == []


def test_the_scale_knows_hard_words_from_easy_ones() -> None:
    assert grade(["We keep what you text us.", "You can ask to see it."]) < 3
    assert (
        grade(["Notwithstanding applicable legislation, organisational confidentiality considerations predominate."])
        > 15
    )


@pytest.mark.parametrize("name", ALL)
def test_what_only_the_service_knows_is_left_to_be_filled_in(name: str) -> None:
    assert re.search(r"\{[^}]*\}", (DOCS / name).read_text("utf-8"))


@pytest.mark.parametrize("name", ALL)
def test_what_is_linked_is_there(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (DOCS / name).read_text("utf-8")):
        assert (DOCS / target).exists(), target


def test_nothing_a_child_reads_says_that_all_is_confidential() -> None:
    for name in FOR_CHILDREN:
        text = (DOCS / name).read_text("utf-8").lower()
        for promise in ("confidential", "we will never tell", "secret", "no risk"):
            assert promise not in text, (name, promise)
