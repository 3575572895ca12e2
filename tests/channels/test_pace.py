"""Once a second into one chat, thirty times a second in all; who has to wait is told for how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.pace import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_second_text_into_a_chat_waits_and_others_do_not() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.wait("a") == 0
    assert pace.wait("a") == pytest.approx(1.0)
    assert pace.wait("b") == 0
    clock.now += 1
    assert pace.wait("a") == 0


def test_thirty_a_second_in_all() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.wait(str(chat)) for chat in range(30)] == [0.0] * 30
    assert pace.wait("one more") == pytest.approx(1.0)
    clock.now += 1
    assert pace.wait("one more") == 0


def test_chats_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock)
    for chat in range(1000):
        clock.now += 0.1
        assert pace.wait(str(chat)) == 0
    assert len(pace._chats) <= 121


@given(st.lists(st.tuples(st.floats(0, 0.7), st.integers(0, 4)), max_size=120))
def test_never_faster_than_allowed(asked: list[tuple[float, int]]) -> None:
    clock = Clock()
    pace = Pace(clock, overall=3)
    left: list[tuple[float, int]] = []
    for step, chat in asked:
        clock.now += step
        again = pace.wait(str(chat))
        assert 0 <= again <= 1 + 1e-9
        if again == 0:
            left.append((clock.now, chat))
    for at, chat in left:
        assert sum(1 for other, _ in left if at - 1 + 1e-9 < other <= at) <= 3
        assert sum(1 for other, whose in left if whose == chat and at - 1 + 1e-9 < other <= at) == 1
