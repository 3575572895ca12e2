"""The clocks in the program: computed in the transaction of what changed them, on one timer, with work for the right role."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import casework, clocks
from flows.deadlines import Status
from storage import cases, conversations, people, retention, tasks, timers, waits
from storage import clocks as store
from storage.codes import Bar
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage
    from flows.deadlines import Deadline
    from storage.database import Transaction

HEAD = """flow: return_interview
now: 2026-11-16 12:00
child: age=15 looked_after=no learning_disability=no social_worker=no worker=Rosa
episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker
"""
OPEN = ("child > 1", "child > 1", "child > 1")


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD) as open_stage:
        yield open_stage


def case_of(stage: Stage, tx: Transaction) -> str:
    found = conversations.case_of(tx, stage.conversation)
    assert found is not None
    return found


def rows(stage: Stage) -> dict[tuple[str, str], Deadline]:
    with stage.database.snapshot() as tx:
        return {(one.rule, one.part): one for one in store.of_case(tx, case_of(stage, tx))}


def open_work(stage: Stage) -> set[str]:
    with stage.database.snapshot() as tx:
        return {one.what for one in tasks.of_case(tx, case_of(stage, tx)) if one.done_at is None}


@pytest.mark.parametrize(
    ("kept", "hears"),
    [((), {"rosa"}), (("rosa",), {"ana"}), (("rosa", "ana"), {"mel"}), (("rosa", "ana", "mel"), {"sue"})],
)
def test_whoever_is_kept_from_the_child_is_not_told_what_is_due_soon(
    stage: Callable[..., Stage], kept: tuple[str, ...], hears: set[str]
) -> None:
    made = stage()
    with made.database.transaction() as tx:
        for one in people.everyone(tx):
            if one.name in kept:
                waits.bar(tx, made.conversation, one.id, Bar.CONFLICT, made.now)
    found = play(made, "---- until 2026-11-19 09:59")
    assert {one["to"] for one in found if one["kind"] == "notice" and "due soon" in one["text"]} == hears


def test_an_offer_starts_the_clocks_of_the_return_and_sets_one_timer(stage: Callable[..., Stage]) -> None:
    made = stage()
    found = rows(made)
    assert found["R04", ""].status is Status.RUNNING
    assert found["R05", ""].status is Status.MET
    with made.database.snapshot() as tx:
        pending = timers.of(tx, case_of(made, tx))
        assert [one.name for one in pending] == [clocks.TIMER]
        # One that was set while the offer had not left fires earlier, and sets the next.
        assert made.now < pending[0].at <= (store.next_change(tx, case_of(made, tx), made.now) or made.now)


def test_a_text_that_changes_no_fact_reads_and_writes_no_clock(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stage(*OPEN)

    computed: list[object] = []
    monkeypatch.setattr(clocks, "refresh", lambda *given: computed.append(given))
    monkeypatch.setattr(clocks, "of_conversation", lambda *given: computed.append(given))
    said = play(made, "child > 1\nchild > 5\nchild > 3")
    assert not computed
    assert [one["kind"] for one in said if one["kind"] == "answer"]


def test_whoever_must_be_asked_first_blocks_the_parents_limb_and_its_work(stage: Callable[..., Stage]) -> None:
    made = stage("child > 1", "child > 1", "child > 3")
    assert {"parent_view", "manager_consider"} <= open_work(made)
    play(made, "child > 2\nchild > 5\nchild > 3")
    assert rows(made)["R13", "parent"].reasons == ("no_parent",)
    assert rows(made)["R13", "manager"].status is Status.RUNNING
    assert "parent_view" not in open_work(made)
    assert "manager_consider" in open_work(made)


def test_a_concern_at_home_blocks_it_too_whenever_it_is_heard(stage: Callable[..., Stage]) -> None:
    made = stage("child > 1", "child > 1", "child > 3", "child > 2", "child > 5", "child > 1")
    assert rows(made)["R13", "parent"].status is Status.RUNNING
    play(made, "---- 2 hours\nchild > my dad hits me")
    assert rows(made)["R13", "parent"].status is Status.BLOCKED
    assert "parent_view" not in open_work(made)


def test_a_live_chat_counts_when_the_person_wrote_and_the_child_answered(stage: Callable[..., Stage]) -> None:
    made = stage(*OPEN, "child > PERSON", "desk > rosa takes", "child > hello?")
    assert rows(made)["R04", ""].status is Status.RUNNING
    play(made, "desk > rosa says Hi, it's Rosa. How are you?")
    assert rows(made)["R04", ""].status is Status.RUNNING
    said = play(made, "child > ok thanks")
    assert rows(made)["R04", ""].stopped_by == "spoken"
    assert {"R02", "R03", "R04"} <= {
        one["rule"] for one in said if one["kind"] == "deadline" and one["status"] == "met"
    }


def test_an_alert_has_its_clocks_met_by_a_person_and_late_without(stage: Callable[..., Stage]) -> None:
    made = stage(*OPEN, "child > he hits me with a belt")
    due = {one.rule: one for one in rows(made).values() if one.rule in ("R09", "R10")}
    assert due["R10"].due == made.now + timedelta(minutes=15)
    assert due["R09"].due == made.now + timedelta(minutes=30)
    play(made, "---- 5 minutes\ndesk > ana acknowledges 1")
    assert {one.status for one in rows(made).values() if one.rule == "R10"} == {Status.MET}
    play(made, "---- 31 minutes")
    assert {one.status for one in rows(made).values() if one.rule == "R09"} == {Status.LATE}
    assert "overdue_R09" in open_work(made)
    play(made, "desk > mel decides 1 refer because of what was said")
    late = next(one for one in rows(made).values() if one.rule == "R09")
    assert late.met_at == made.now
    assert "overdue_R09" not in open_work(made)
    # Referred: the council owes an answer by the end of the next working day.
    assert next(one for one in rows(made).values() if one.rule == "R11").status is Status.RUNNING
    assert "chase_council_answer" in open_work(made)
    play(
        made,
        "desk > rosa notes council_answer decision=no_further_action because=known told_by='Mrs Adeyemi, referral office'",
    )
    assert next(one for one in rows(made).values() if one.rule == "R11").status is Status.MET


def test_what_is_told_after_the_report_was_made_is_reported_too(stage: Callable[..., Stage]) -> None:
    made = stage(*OPEN, "child > my stepdad comes in my room at night and touches me")
    play(made, "---- 1 minute\nchild > he touches me every night")
    assert [one.status for one in rows(made).values() if one.rule == "R32"] == [Status.RUNNING]
    play(made, "---- 2 minutes\ndesk > ana did csa_report ref=R-1")
    assert [one.status for one in rows(made).values() if one.rule == "R32"] == [Status.MET]
    play(made, "---- 10 minutes\nchild > my uncle makes me touch him")
    found = sorted((one for one in rows(made).values() if one.rule == "R32"), key=lambda one: one.started_at)
    assert [(one.status, one.due - one.started_at) for one in found] == [
        (Status.MET, timedelta(hours=24)),
        (Status.RUNNING, timedelta(hours=24)),
    ]
    assert "csa_report" in open_work(made)


@pytest.mark.parametrize(("first", "too"), [("refer", "police"), ("police", "refer")])
def test_a_referral_is_chased_whatever_a_manager_decides_beside_it(
    stage: Callable[..., Stage], first: str, too: str
) -> None:
    made = stage(*OPEN, "child > my stepdad hits me every night")
    play(
        made, f"desk > ana decides 1 {first} because of the belt\n---- 1 minute\ndesk > mel decides 1 {too} because too"
    )
    answer = next(one for one in rows(made).values() if one.rule == "R11")
    assert answer.status is Status.RUNNING
    assert dict(answer.inputs)["referred_at"] == f"2026-11-16T12:0{0 if first == 'refer' else 1}:00+00:00"
    assert "chase_council_answer" in open_work(made)


def test_whoever_decides_without_taking_it_first_has_acknowledged_it(stage: Callable[..., Stage]) -> None:
    made = stage(*OPEN, "child > he hits me with a belt")
    play(made, "---- 1 minute\ndesk > mel decides 1 refer because of what was said")
    (seen,) = (one for one in rows(made).values() if one.rule == "R10")
    assert (seen.status, seen.met_at) == (Status.MET, made.now)
    said = play(made, "---- 1 day")
    assert "R10" not in {one["rule"] for one in said if one["kind"] == "deadline"}


def test_a_text_safe_chat_has_its_clocks_without_a_case(stage: Callable[..., Stage]) -> None:
    made = stage("child > he hits me with a belt", head=HEAD.replace("return_interview", "text_safe"))
    with made.database.snapshot() as tx:
        owed = {one.rule: one for one in store.unmet(tx)}
    assert set(owed) >= {"R09", "R10", "R35"}
    assert {one.case for one in owed.values()} == {None}
    late = play(made, "---- 16 minutes")
    assert ("R10", "late") in {(one["rule"], one["status"]) for one in late if one["kind"] == "deadline"}


def test_every_clock_of_a_text_safe_chat_turns_late_by_itself(stage: Callable[..., Stage]) -> None:
    made = stage("child > he hits me with a belt", head=HEAD.replace("return_interview", "text_safe"))
    said = play(made, "---- 16 minutes") + play(made, "---- 20 minutes")
    late = [one["rule"] for one in said if one["kind"] == "deadline" and one["status"] == "late"]
    assert late.index("R10") < late.index("R09")
    with made.database.snapshot() as tx:
        work = {one.what for one in tasks.of(tx, made.conversation) if one.done_at is None}
        pending = [one.at for one in timers.of(tx, made.conversation) if one.name == clocks.TIMER]
    assert "overdue_R09" in work
    assert len(pending) <= 1
    assert all(at > made.now for at in pending)


def test_a_reply_is_owed_until_a_manager_has_decided_and_one_written_after_that_is_kept(
    stage: Callable[..., Stage],
) -> None:
    made = stage("child > he hits me with a belt", head=HEAD.replace("return_interview", "text_safe"))

    def owed() -> set[str]:
        with made.database.snapshot() as tx:
            return {one.rule for one in store.unmet(tx)} | {
                one.what for one in tasks.of(tx, made.conversation) if one.done_at is None
            }

    play(made, "---- 20 minutes\ndesk > ana decides 1 refer because I rang the council")
    assert owed() >= {"R35", "overdue_R35"}
    play(made, "---- 1 minute\ndesk > mel decides 1 no_further_action because they are safe")
    assert not owed() & {"R35", "overdue_R35"}
    late = play(
        made, "---- 10 minutes\ndesk > ana steps in\ndesk > ana says Hello, this is Ana. The council has told you."
    )
    assert [(one["rule"], one["status"]) for one in late if one["kind"] == "deadline"] == [("R35", "late")]
    assert not owed() & {"R35", "overdue_R35"}


def test_a_corrected_return_computes_again_and_keeps_what_stood(stage: Callable[..., Stage]) -> None:
    made = stage()
    before = rows(made)["R04", ""]

    def correct(tx: Transaction) -> None:
        case = case_of(made, tx)
        (episode,) = cases.episodes(tx, case)
        cases.save_episode(tx, replace(episode, returned_at=datetime(2026, 11, 16, 8, 0, tzinfo=UTC)))
        clocks.refresh(tx, made.house, case, made.now)

    made.committer.submit(correct)
    after = rows(made)["R02", ""]
    assert after.due == datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    assert [one.due for one in after.superseded] == [datetime(2026, 11, 19, 10, 0, tzinfo=UTC)]
    assert rows(made)["R04", ""].due == before.due


def test_a_clock_that_cannot_be_computed_says_what_is_missing_until_it_is_known(stage: Callable[..., Stage]) -> None:
    head = HEAD.replace('returned="2026-11-16 10:00"', "").replace("looked_after=no ", "")
    made = stage(head=head)
    assert {"record_return", "record_looked_after"} <= open_work(made)
    play(made, "police > returned")
    assert not {"record_return", "record_looked_after"} & open_work(made)
    assert rows(made)["R04", ""].status is Status.RUNNING


def test_not_reached_needs_enough_tries_and_not_done_a_reason_and_a_day(stage: Callable[..., Stage]) -> None:
    made = stage(*OPEN)

    def work(tx: Transaction, act: Callable[[Transaction, Any, str], object]) -> None:
        from storage import people

        rosa = people.by_name(tx, "rosa")
        act(tx, rosa, case_of(made, tx))

    def record(reason: str, day: str) -> None:
        made.committer.submit(
            lambda tx: work(tx, lambda t, who, case: casework.not_done(t, made.house, who, case, reason, day, made.now))
        )

    with pytest.raises(casework.NotPossible, match="say why"):
        record(" ", "2026-11-20")
    with pytest.raises(casework.NotPossible, match="on which day"):
        record("not_reached", "")
    with pytest.raises(casework.NotPossible, match="attempts, channels, person"):
        record("not_reached", "2026-11-20")
    play(made, "---- 1 minute\ndesk > rosa tried phone: no_answer\n---- 1 day\ndesk > rosa tried visit: no_answer")
    record("not_reached", "2026-11-20")


def test_a_promise_is_work_with_a_time(stage: Callable[..., Stage]) -> None:
    made = stage()
    said = play(made, "desk > rosa promises a call after school by 2026-11-17 16:00")
    assert [(one["what"], one["due"]) for one in said if one["kind"] == "task"] == [
        ("keep_promise", "2026-11-17T16:00:00+00:00")
    ]


def test_of_an_erased_child_nothing_is_owed_and_no_timer_fails(stage: Callable[..., Stage]) -> None:
    made = stage()

    def erase(tx: Transaction) -> None:
        contact = conversations.contact_of(tx, made.conversation)
        retention.erase(tx, contact.id, made.now)

    made.committer.submit(erase)
    with made.database.snapshot() as tx:
        pending = [one for one in timers.of(tx, case_of(made, tx)) if one.name == clocks.TIMER]
    for one in pending:
        made.now = max(made.now, one.at)
        made.settle()
    with made.database.snapshot() as tx:
        assert timers.next_at(tx) is None
