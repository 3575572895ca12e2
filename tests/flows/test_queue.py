from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import queue
from flows.model import Level
from flows.queue import Child, Worker

NOW = datetime(2026, 11, 16, 21, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = {
    "chats_most": 3, "own_worker_minutes": 5, "own_language_minutes": 10, "rest_minutes": 10, "leaver_minutes": 30,
}  # fmt: skip


def child(name: str, **given: Any) -> Child:
    waited = given.pop("waited", 0)
    return Child(**{"conversation": name, "level": Level.L0, "since": NOW - waited * MINUTE, "locale": "en"} | given)


def worker(name: str = "ann", **given: Any) -> Worker:
    return Worker(**{"id": name, "role": "worker", "languages": frozenset({"en"})} | given)


def order(children: list[Child], who: Worker | None = None, on_shift: tuple[Worker, ...] = ()) -> list[str]:
    return [one.conversation for one in queue.order(children, who or worker(), NOW, LIMITS, on_shift)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (child("a", level=Level.L4), child("b", level=Level.L3, dropped=True, waited=60)),
        (child("a", level=Level.L2), child("b", waited=600, dropped=True)),
        (child("a", level=Level.L2, dropped=True), child("b", level=Level.L2, waited=60)),
        (child("a", dropped=True), child("b", wanted="ann", waited=60)),
        (child("a", wanted="ann"), child("b", waited=60)),
        (child("a"), child("b", locale="ar", waited=9)),
        (child("a", locale="ar", waited=11), child("b", waited=10)),
        (child("a", waited=2), child("b", waited=1)),
        (child("a", waited=1, locale="en-GB"), child("b", waited=9, locale="vi")),
        (child("a"), child("b", left_by="ann", dropped=True, waited=29)),
        (child("a", left_by="ann", dropped=True, waited=30), child("b", waited=31)),
        (child("a", level=Level.L2, left_by="ann", dropped=True), child("b", waited=60)),
        (child("a", left_by="dev", dropped=True), child("b", waited=60)),
    ],
)
def test_who_comes_before_whom(before: Child, after: Child) -> None:
    assert order([after, before]) == ["a", "b"]
    assert order([before, after]) == ["a", "b"]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (worker(), None),
        (worker(holds=(Level.L0, Level.L2)), None),
        (worker(holds=(Level.L0, Level.L2, Level.L1)), "full"),
        (worker(holds=(Level.L3,)), "urgent_held"),
        (worker(holds=(Level.L0, Level.L4)), "urgent_held"),
        (worker(rests_until=NOW + MINUTE), "rest"),
        (worker(rests_until=NOW), None),
        (worker(in_date=False), "training"),
        (worker(in_date=False, rests_until=NOW + MINUTE, holds=(Level.L4,) * 3), "training"),
    ],
)
def test_when_next_is_off(who: Worker, why: str | None) -> None:
    assert queue.off(who, NOW, LIMITS) == why
    assert order([child("a")], who) == ([] if why else ["a"])
    assert queue.refused(child("a"), who, NOW, LIMITS) == why


def test_an_urgent_child_is_not_given_beside_others() -> None:
    urgent, calm = child("u", level=Level.L3), child("c")
    assert order([urgent, calm], worker(holds=(Level.L0,))) == ["c"]
    assert queue.refused(urgent, worker(holds=(Level.L0,)), NOW, LIMITS) == "urgent"
    assert queue.waits_beyond([urgent, calm], worker(holds=(Level.L0,)))
    assert not queue.waits_beyond([urgent, calm], worker())
    assert not queue.waits_beyond([child("u", level=Level.L3, barred=frozenset({"ann"}))], worker(holds=(Level.L0,)))


@pytest.mark.parametrize("role", sorted(queue.MAY_STEP_IN))
def test_no_cap_keeps_a_supervisor_from_a_child_but_a_bar_does(role: str) -> None:
    busy = worker("mel", role=role, holds=(Level.L4, Level.L3, Level.L0), rests_until=NOW + MINUTE, in_date=False)
    assert queue.refused(child("a", level=Level.L4), busy, NOW, LIMITS) is None
    assert queue.refused(child("a", barred=frozenset({"mel"})), busy, NOW, LIMITS) == "barred"


def test_a_child_is_kept_for_the_worker_they_want_while_that_worker_could_come() -> None:
    rosa = worker("rosa")
    wants = child("a", wanted="rosa", waited=4)
    assert order([wants], on_shift=(rosa,)) == []
    assert order([wants], rosa, (rosa,)) == ["a"]
    assert order([wants]) == ["a"]  # she is not on
    assert order([wants], on_shift=(worker("rosa", holds=(Level.L3,)),)) == ["a"]
    assert order([child("a", wanted="rosa", waited=5)], on_shift=(rosa,)) == ["a"]
    assert order([child("a", wanted="rosa", level=Level.L3)], on_shift=(rosa,)) == ["a"]
    assert order([child("a", wanted="rosa", dropped=True)], on_shift=(rosa,)) == ["a"]
    assert order([child("a", wanted="rosa", barred=frozenset({"rosa"}))], on_shift=(rosa,)) == ["a"]


def test_a_child_is_not_given_back_to_who_put_them_in_the_queue_while_somebody_else_could_come() -> None:
    dev = worker("dev")
    left = child("a", left_by="ann", dropped=True, waited=29)
    assert order([left], on_shift=(dev,)) == []
    assert order([left, child("b")], on_shift=(dev,)) == ["b"]
    assert order([left], dev, (worker(), dev)) == ["a"]
    assert order([left], on_shift=(worker(),)) == ["a"], "nobody else is on"
    assert order([left], on_shift=(worker("dev", rests_until=NOW + MINUTE),)) == ["a"]
    assert order([left], on_shift=(worker("ana", role="duty"),)) == ["a"], "on call, and not at the desk"
    assert order([left], on_shift=(worker("ana", role="duty", here=True),)) == []
    assert order([child("a", left_by="ann", barred=frozenset({"dev"}))], on_shift=(dev,)) == ["a"]
    assert order([child("a", left_by="ann", level=Level.L3)], on_shift=(dev,)) == ["a"], "somebody must come at once"
    assert order([child("a", left_by="ann", waited=30)], on_shift=(dev,)) == ["a"]


def test_who_is_next_on() -> None:
    free, busy, manager = worker("dev"), worker("eve", holds=(Level.L0,)), worker("mel", role="manager")
    speaks, asked = (
        worker("fay", languages=frozenset({"ar"}), holds=(Level.L0,)),
        worker("gil", holds=(Level.L0, Level.L0)),
    )
    everybody = (worker("ann"), busy, manager, speaks, asked, free)

    def next_on(one: Child) -> str | None:
        found = queue.next_on(one, "ann", everybody, NOW, LIMITS)
        return found.id if found else None

    assert next_on(child("a")) == "dev"
    there = worker("kit", role="manager", here=True)
    assert queue.next_on(child("a", wanted="gil"), "ann", (*everybody, there), NOW, LIMITS) == there
    assert next_on(child("a", locale="ar")) == "fay"
    assert next_on(child("a", wanted="gil")) == "gil"
    assert next_on(child("a", wanted="gil", barred=frozenset({"gil", "dev", "eve", "fay"}))) == "mel"
    assert queue.next_on(child("a"), "ann", (worker("ann"),), NOW, LIMITS) is None


names = st.sampled_from(["ann", "dev", "mel", "rosa"])
children = st.builds(
    child,
    st.uuids().map(str),
    level=st.sampled_from(Level),
    waited=st.integers(0, 2000),
    locale=st.sampled_from(["en", "ar", "zh-Hant", "vi"]),
    dropped=st.booleans(),
    wanted=st.none() | names,
    barred=st.frozensets(names, max_size=2),
    left_by=st.none() | names | st.just("zoe"),
)
workers = st.builds(
    worker,
    names,
    role=st.sampled_from(["worker", "duty", "manager"]),
    holds=st.lists(st.sampled_from(Level), max_size=4).map(tuple),
    rests_until=st.none() | st.just(NOW + MINUTE) | st.just(NOW - MINUTE),
    in_date=st.booleans(),
)


@given(st.lists(children, max_size=8, unique_by=lambda one: one.conversation), workers, st.lists(workers, max_size=4))
def test_nobody_is_given_who_must_not_be_and_the_gravest_come_first(
    waiting: list[Child], who: Worker, others: list[Worker]
) -> None:
    found = queue.order(waiting, who, NOW, LIMITS, others)
    assert all(who.id not in one.barred for one in found)
    assert [one.level for one in found] == sorted((one.level for one in found), reverse=True)
    assert not (who.holds and any(one.level >= Level.L3 for one in found))
    assert not found or queue.off(who, NOW, LIMITS) is None
    for one in found:
        role_free = Worker(who.id, "worker", who.languages, who.holds, who.rests_until, who.in_date)
        assert queue.refused(one, role_free, NOW, LIMITS) is None


@given(
    st.lists(children, min_size=1, max_size=8, unique_by=lambda one: one.conversation), st.lists(workers, max_size=4)
)
def test_no_child_is_kept_back_for_good(waiting: list[Child], others: list[Worker]) -> None:
    """A free worker of the house, whom nobody refused, is given every child within the minutes of the limits."""
    someone = worker("zoe")
    later = NOW + 30 * MINUTE
    found = queue.order(waiting, someone, later, LIMITS, others)
    assert {one.conversation for one in found} == {one.conversation for one in waiting}
