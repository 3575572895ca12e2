"""What is owed for no one child becomes a manager's work once and ends with its reason; invites keep their distance; a second
time missing in a year is planned first."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot import __main__, beginning, calendar, casework, children, owing, reporting, rounds
from bot.play.stage import PLAY_KEYS
from storage import audit, cases, clocks, conversations, notes, offers, registers, retention, tasks, timers
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from bot.play.stage import Stage
    from storage.database import Transaction

HEAD = """flow: {flow}
now: {now}
child: age=15 looked_after=yes learning_disability=no worker=rosa
{episodes}
rota: ana=duty mel=manager sue=service_manager rosa=worker
"""


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, "") as opened:

        def open_stage(
            now: str = "2026-11-16 12:00", flow: str = "text_safe", episodes: str = "", more: str = ""
        ) -> Stage:
            return opened(head=HEAD.format(flow=flow, now=now, episodes=episodes) + more)

        yield open_stage


def open_work(stage: Stage) -> list[str]:
    with stage.database.snapshot() as tx:
        return sorted(one.what for one in tasks.of_house(tx) if one.done_at is None)


def look(stage: Stage, at: datetime) -> list[str]:
    stage.committer.submit(lambda tx: rounds.daily(tx, stage.house, at))
    return open_work(stage)


def test_r38_the_weekly_list_is_a_mondays_work_until_it_is_filed(stage: Callable[..., Stage]) -> None:
    made = stage()
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert look(made, monday - timedelta(days=1)) == []
    assert look(made, monday) == look(made, monday) == ["run_weekly_list"]
    # Nobody ran it: it is there still, and not there twice.
    assert look(made, monday + timedelta(days=7)) == ["run_weekly_list"]
    assert made.committer.submit(lambda tx: rounds.filed(tx, "weekly", "mel", monday)) == 1
    assert open_work(made) == []
    assert look(made, monday + timedelta(days=8)) == []


def test_r39_annex_a_is_owed_when_somebody_asks(stage: Callable[..., Stage]) -> None:
    made = stage()
    due = made.committer.submit(lambda tx: rounds.want(tx, made.house, "annex-a", made.now, "mel"))
    assert due == datetime(2026, 11, 17, 23, 59, 59, tzinfo=UTC)
    assert open_work(made) == ["file_annex_a"]
    made.committer.submit(lambda tx: rounds.filed(tx, "annex-a", "mel", made.now))
    assert open_work(made) == []
    with pytest.raises(casework.NotPossible, match="use one of weekly, annex-a, year"):
        made.committer.submit(lambda tx: rounds.filed(tx, "monthly", "mel", made.now))


def test_r40_the_years_return_is_owed_once_from_april(stage: Callable[..., Stage]) -> None:
    made = stage()
    assert "file_903_return" not in look(made, datetime(2027, 3, 31, 8, 0, tzinfo=UTC))
    assert "file_903_return" in look(made, datetime(2027, 4, 1, 8, 0, tzinfo=UTC))
    made.committer.submit(lambda tx: rounds.filed(tx, "year", "mel", datetime(2027, 4, 20, 8, 0, tzinfo=UTC)))
    assert "file_903_return" not in look(made, datetime(2027, 4, 21, 8, 0, tzinfo=UTC))
    assert "file_903_return" in look(made, datetime(2028, 4, 2, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kind", "day", "asked", "written", "ended"),
    [
        ("annex-a", "2026-10-31", "2026-11-16", "2026-11-17", (1, 0)),
        ("annex-a", "2026-11-17", "2026-11-16", "2026-11-17", (1, 0)),
        ("annex-a", "2026-03-31", "2026-11-16", "2026-11-17", (0, 1)),  # an old one, written for another reason
        ("year", "2027-03-31", "2027-04-01", "2027-05-04", (1, 0)),
        ("year", "2026-03-31", "2027-04-01", "2027-05-04", (0, 1)),
        ("year", "2028-03-31", "2027-04-01", "2027-05-04", (0, 1)),  # a year that is not over
        ("year", "2026-03-31", "2027-03-31", "2027-03-31", (1, 0)),  # asked on a year's last day: for the one before
    ],
)
def test_a_file_ends_the_work_that_asked_for_it_and_no_other(
    stage: Callable[..., Stage], kind: str, day: str, asked: str, written: str, ended: tuple[int, int]
) -> None:
    made = stage()
    days = calendar.load(_london(made))
    at, then = (datetime.fromisoformat(f"{one}T09:00+00:00") for one in (asked, written))
    made.committer.submit(lambda tx: rounds.want(tx, made.house, kind, at, "mel"))
    on = date.fromisoformat(day)
    assert made.committer.submit(lambda tx: rounds.exported(tx, kind, on, days, "cli", then)) == ended
    assert bool(open_work(made)) is bool(ended[1])
    with made.database.snapshot() as tx:
        noted = [(line.who, line.at) for line in audit.about(tx, rounds.LISTS[kind]) if line.what == "list.filed"]
    assert noted == [("cli", then)] * ended[0]


def test_r41_records_past_their_time_are_work_until_they_are_gone(stage: Callable[..., Stage]) -> None:
    made = stage()
    play(made, "child > hi")
    late = made.now + timedelta(days=31)
    assert "run_retention" not in look(made, made.now + timedelta(days=30))
    assert "run_retention" in look(made, late)

    def erase(tx: Transaction) -> None:
        retention.erase(tx, conversations.contact_of(tx, made.conversation).id, late)

    made.committer.submit(erase)
    assert "run_retention" not in look(made, late)


def test_r41_what_is_kept_until_a_manager_decides_is_no_work_of_it(stage: Callable[..., Stage]) -> None:
    made = stage()
    play(made, "child > he hits me with a belt")
    assert "run_retention" not in look(made, made.now + timedelta(days=90))


def test_r42_help_numbers_nobody_verified_are_work_until_somebody_does(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stage("2026-11-24 12:00")
    old = made.now + timedelta(days=400)
    assert "verify_help_numbers" not in look(made, made.now)
    assert "verify_help_numbers" in look(made, old)
    monkeypatch.setattr(rounds, "stale", lambda _today: ())
    assert "verify_help_numbers" not in look(made, old)


def test_all_of_it_is_looked_at_with_the_daily_counts(stage: Callable[..., Stage]) -> None:
    made = stage()
    made.committer.submit(lambda tx: owing.keep_digest(tx, made.house, made.now))
    play(made, "---- until 2026-11-23 09:00")
    assert open_work(made) == ["run_weekly_list"]


def test_r35_an_answer_of_the_bot_that_came_late_is_noted_and_a_manager_looks_why(stage: Callable[..., Stage]) -> None:
    made = stage()
    for text, seconds in (("hi", 30), ("1", 31), ("1", 31)):
        made.child(text, "sms")
        made.now += timedelta(seconds=seconds)
        made.settle()
    assert open_work(made) == ["look_why_replies_are_slow"]
    with made.database.snapshot() as tx:
        known = clocks.of(tx, clocks.Book(made.conversation, conversation=made.conversation)).values()
        late = [(one.status.value, one.met_at - one.started_at) for one in known if one.rule == "R35" and one.met_at]
    assert late == [("late", timedelta(seconds=31))] * 2


# --- R34 --------------------------------------------------------------------------------------------------------------


def ask(stage: Stage) -> bool:
    return stage.committer.submit(
        lambda tx: beginning.request(tx, stage.runner, "pc", "M-1", "sms", "+447700900111", stage.now)
    )


def said(outcomes: list[dict[str, str]]) -> list[str]:
    return [one["at"] for one in outcomes if one["kind"] == "say"]


def test_r34_a_new_request_keeps_a_day_from_the_last_invite_of_another(stage: Callable[..., Stage]) -> None:
    made = stage(more="start: invite\n")
    assert said(made.outcomes) == ["2026-11-16T12:00:00+00:00"]
    play(made, "---- 1 hour")
    assert not ask(made), "one request is open"
    play(made, "police > returned")
    assert ask(made)
    assert said(play(made, "---- until 2026-11-17 11:59")) == []
    assert said(play(made, "---- 1 minute")) == ["2026-11-17T12:00:00+00:00"]


def test_r34_three_invites_in_a_week_are_enough_for_another_request_too(stage: Callable[..., Stage]) -> None:
    made = stage(more="start: invite\n")
    play(made, "---- 3 days\npolice > returned")
    assert not ask(made)
    play(made, "---- 7 days")
    assert ask(made)


def test_r34_a_stop_closes_the_request_and_no_other_is_accepted(stage: Callable[..., Stage]) -> None:
    made = stage(more="start: invite\n")
    play(made, "child > STOP")
    with made.database.snapshot() as tx:
        assert not offers.has_open_request(tx, conversations.contact_of(tx, made.conversation).id)
    assert not ask(made)


def test_r34_a_return_is_told_at_the_command_line_and_ends_what_we_start(
    stage: Callable[..., Stage], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stage(more="start: invite\n")
    play(made, "---- 1 hour")
    monkeypatch.setenv("WAYMARK_DATABASE_URL", database_url)
    monkeypatch.setenv("WAYMARK_KEYS", PLAY_KEYS)
    made.committer.close()
    told = [
        CliRunner().invoke(__main__.app, ["returned", "--number", number]).stdout
        for number in ("07700 900111", "07700 900119")
    ]
    assert told[0] == told[1], "whether anybody knows the number is not told"
    with made.database.snapshot() as tx:
        assert not offers.has_open_request(tx, conversations.contact_of(tx, made.conversation).id)
        assert "episode_ended" in conversations.peek(tx, made.conversation).counts
    assert CliRunner().invoke(__main__.app, ["returned", "--number", "no"]).exit_code != 0


# --- R25 --------------------------------------------------------------------------------------------------------------

TWICE = (
    'episode: missing="2025-12-01 18:00" returned="2025-12-02 10:00"\n'
    'episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"'
)


@pytest.mark.parametrize(("episodes", "planned"), [(TWICE, True), (TWICE.partition("\n")[2], False)])
def test_r25_a_second_time_in_a_year_is_planned_first(
    stage: Callable[..., Stage],
    episodes: str,
    planned: bool,
) -> None:
    made = stage(flow="return_interview", episodes=episodes)
    given = [one for one in made.outcomes if one["kind"] == "task" and one["what"] == "plan_same_worker"]
    assert [one["due"] for one in given] == ["2026-11-17T23:59:59+00:00"] * planned
    assert not [one for one in play(made, "desk > rosa plans liaison_officer") if one["kind"] == "task"]
    assert not [
        one for one in play(made, "---- 1 hour\ndesk > rosa notes action") if one.get("what") == "plan_same_worker"
    ]
    with made.database.snapshot() as tx:
        case = next(registers.children(tx))
        assert not [one for one in tasks.of_case(tx, case) if one.what == "plan_same_worker" and one.done_at is None]


# --- the lists --------------------------------------------------------------------------------------------------------


def test_what_belongs_in_a_list_is_shown_by_case_names_alone(
    stage: Callable[..., Stage], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stage(flow="return_interview", episodes=TWICE)
    with made.database.snapshot() as tx:
        days = calendar.load(_london(made))
        listed = {kind: len(list(rounds.listed(tx, kind, made.now, days))) for kind in rounds.LISTS}
        assert timers.next_at(tx) is not None
    assert listed == {"weekly": 1, "annex-a": 2, "year": 1}
    monkeypatch.setenv("WAYMARK_DATABASE_URL", database_url)
    monkeypatch.setenv("WAYMARK_KEYS", PLAY_KEYS)
    made.committer.close()
    run = CliRunner()
    done = run.invoke(__main__.app, ["lists", "show", "weekly", "--at", "2026-11-16 12:00", "--json"])
    (line,) = [json.loads(one) for one in done.stdout.splitlines()]
    assert set(line) == {"kind", "case", "missing", "returned", "status"}
    assert "PLAY" not in done.stdout
    assert "by" in run.invoke(__main__.app, ["lists", "want", "annex-a", "--by", "Mel"]).stdout
    assert "noted as filed" in run.invoke(__main__.app, ["lists", "filed", "annex-a", "--by", "Mel"]).stdout


@pytest.mark.parametrize("kind", ["reported_to_police", "report_refused"])
def test_r38_who_was_reported_this_week_is_listed_though_gone_for_longer(
    stage: Callable[..., Stage], kind: str
) -> None:
    made = stage(flow="return_interview", episodes=TWICE)
    days = calendar.load(_london(made))
    with made.database.transaction() as tx:
        gone = cases.add(tx, "L-9", made.now, {})
        cases.add_episode(tx, gone.id, made.now - timedelta(days=12))

        def listed() -> bool:
            return gone.reference in {one["case"] for one in rounds.listed(tx, "weekly", made.now, days)}

        assert not listed()
        notes.add(tx, kind, made.now - timedelta(days=2), "cli", made.now, case=gone.id)
        assert listed()


def test_the_host_sees_whom_others_placed_here_and_files_none_of_them(
    stage: Callable[..., Stage], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stage(flow="return_interview", episodes=TWICE)
    with made.database.transaction() as tx:
        known = {"looked_after": "yes", "responsible_authority": "Kent", "host_authority": "Lewisham"}
        placed = cases.add(tx, "K-1", made.now, known)
        cases.add(tx, "L-1", made.now, known | {"responsible_authority": "lewisham"})
        for days in (400, 20, 3):
            cases.add_episode(tx, placed.id, made.now - timedelta(days=days))
        ours = reporting.ours(children.everyone(tx, []), "Lewisham")
        assert placed.reference not in {child.reference for child in ours}
    monkeypatch.setenv("WAYMARK_DATABASE_URL", database_url)
    monkeypatch.setenv("WAYMARK_KEYS", PLAY_KEYS)
    made.committer.close()
    at = ("lists", "show", "hosted", "--at", "2026-11-16 12:00")
    lines = [json.loads(one) for one in CliRunner().invoke(__main__.app, [*at, "--json"]).stdout.splitlines()]
    assert [(one["case"], one["responsible"], one["host"], one["times"]) for one in lines] == [
        (placed.reference, "Kent", "Lewisham", 2)
    ] * 2
    assert "Kent in Lewisham, 2 in a year" in CliRunner().invoke(__main__.app, list(at)).stdout


def _london(stage: Stage) -> ZoneInfo:
    return stage.house.settings.timezone
