"""Who may hold an interview with a returned child, and as what it counts (000:184; 003:1344, 1532, 1744-1748)."""

from __future__ import annotations

import pytest

from flows import independence


@pytest.mark.parametrize(
    ("relation", "chosen", "value", "allowed"),
    [
        ("youth_worker", True, "yes", True),
        ("youth_worker", False, "yes", True),
        ("liaison_officer", False, "yes", True),
        ("allocated_social_worker", True, "chosen_by_child", True),
        ("allocated_social_worker", False, "no", False),
        ("police_officer", True, "chosen_by_child", True),
        ("police_officer", False, "no", False),
        ("placement_staff", True, "no", False),
        ("family", True, "no", False),
    ],
)
def test_how_independent_somebody_is(relation: str, chosen: bool, value: str, allowed: bool) -> None:
    found = independence.of(relation, chosen_by_child=chosen)
    assert (found.value, found.allowed) == (value, allowed)
    assert bool(found.warning) is not allowed


def test_every_relation_has_an_answer_and_another_word_says_which_there_are() -> None:
    for relation in independence.RELATIONS:
        for chosen in (True, False):
            assert independence.of(relation, chosen_by_child=chosen).value in ("yes", "no", "chosen_by_child")
    with pytest.raises(ValueError, match="is no relation: use one of advocate, "):
        independence.of("neighbour", chosen_by_child=True)
