"""What people do about a child, at the command line as in a play: noted under their name, told what it meant, refused in a
line."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from bot import __main__, app, casework, casing, forgetting, holding, joined, keeping, starting
from bot.channels.base import Inbound
from bot.config import Settings
from bot.faults import user_mistakes
from bot.play import script
from bot.play.stage import PLAY_KEYS, Stage
from flows import noting
from flows.model import Service
from storage import (
    audit,
    cases,
    clocks,
    contacts,
    conversations,
    joining,
    messages,
    people,
    registers,
    tasks,
    training,
    waits,
)
from storage.codes import Bar
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from storage.training import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

    from storage.database import Transaction
    from tests import postgres

NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
HEAD = """flow: return_interview
now: 2026-11-16 13:00
child: looked_after=no learning_disability=no social_worker=no worker=rosa
episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"
rota: ana=duty mel=manager sue=service_manager rosa=worker
"""
NUMBERS = ("+447700900121", "+447700900122")


@pytest.fixture
def settings(database_url: str) -> Settings:
    """A service with three people, of whom Vic's training ran out yesterday."""
    made = Settings(database_url=database_url, keys=PLAY_KEYS)

    def work(tx: Transaction) -> None:
        for name, role in (("Rosa", "worker"), ("Mel", "manager"), ("Vic", "worker")):
            person = people.add(tx, name, role, NOW)
            until = NOW.date() - timedelta(days=name == "Vic")
            training.record(tx, Training(person.id, until, until), "cli", NOW)
        people.set_active(tx, people.add(tx, "Gone", "worker", NOW).id, on=False)
        cases.add(tx, "LA-1", NOW, {"birth_date": "2012-02-29", "looked_after": "no", "social_worker": "no"})

    keeping.within(made, work)
    casing.missing(made, "LA-1", "2026-11-15 18:00", "Rosa", ["flags=missing_and_wanted"], NOW, new=False)
    casing.returned(made, "LA-1", "2026-11-16 10:00", "Rosa", NOW)
    return made


def shown(settings: Settings, kind: str, named: str = "LA-1", at: datetime = NOW) -> list[dict[str, Any]]:
    return [line for line in casing.show(settings, named, at) if line["kind"] == kind]


def interview(settings: Settings) -> list[tuple[str, str]]:
    (line,) = shown(settings, "interview")
    return [(line[rule]["status"], line[rule]["stopped_by"]) for rule in ("R02", "R03", "R04")]


# --- who spoke --------------------------------------------------------------------------------------------------------


def test_the_talk_of_a_trained_person_ends_the_interviews_clocks(settings: Settings) -> None:
    told = casing.spoke(settings, "LA-1", "phone", "rosa", "2026-11-16 12:30", NOW)
    assert told[0] == "noted talk by phone"
    assert {"  R02 met, due Thu 19 Nov 10:00", "  R07 running, due Tue 17 Nov 23:59"} <= set(told)
    assert interview(settings) == [("met", "spoken")] * 3


def test_the_talk_of_somebody_untrained_is_kept_stops_nothing_and_says_so(settings: Settings) -> None:
    told = casing.spoke(settings, "LA-1", "face_to_face", "Vic", None, NOW)
    assert told[-1].startswith("kept, but R02 to R04 run on: no training and background check of Vic in date")
    assert "  task record_training for manager, by Tue 17 Nov 23:59" in told
    assert interview(settings) == [("running", "")] * 3
    # What was in date on the day of the talk counts, not what is today.
    casing.spoke(settings, "LA-1", "face_to_face", "Vic", "2026-11-16 10:30", NOW)
    assert interview(settings) == [("running", "")] * 3


def test_a_live_chat_with_somebody_untrained_stops_nothing(database_url: str) -> None:
    talk = (
        "desk > mel records rosa trained until 2026-11-15 dbs 2027-11-15\nchild > 1\nchild > 1\nchild > 1\nchild > PERSON\n"
        "desk > rosa takes\ndesk > rosa says Hi, it's Rosa. How are you?\nchild > ok thanks\n"
    )
    with Stage(script.parse(HEAD + talk), database_url) as stage:
        for line in stage.play.lines:
            stage.line(line)
        with stage.database.snapshot() as tx:
            case = next(registers.children(tx))
            found = {one.rule: one.stopped_by for one in clocks.of_case(tx, case) if one.rule in ("R02", "R03", "R04")}
    assert found == {"R02": "", "R03": "", "R04": ""}


# --- refused in one line ----------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[Callable[[Settings], object], str]] = {
    "nobody": (lambda s: casing.spoke(s, "LA-1", "phone", "Bob", None, NOW), "--by Bob: nobody active of that name"),
    "who left": (lambda s: casing.spoke(s, "LA-1", "phone", "Gone", None, NOW), "--by Gone: nobody active"),
    "no case": (lambda s: casing.note(s, "LA-9", "review", "Mel", {}, None, NOW), "LA-9: No such case"),
    "no kind": (
        lambda s: casing.note(s, "LA-1", "chatted", "Mel", {}, None, NOW),
        "is nothing that is noted: use one of",
    ),
    "needs": (
        lambda s: casing.note(s, "LA-1", "council_answer", "Mel", {}, None, NOW),
        "needs decision (what was decided)",
    ),
    "too much": (
        lambda s: casing.note(s, "LA-1", "review", "Mel", {"sort": "serious"}, None, NOW),
        "a note 'review' says no 'sort': it can say decision, because",
    ),
    "no sort": (
        lambda s: casing.note(s, "LA-1", "strategy_wanted", "Mel", {"sort": "big"}, None, NOW),
        "sort 'big': use one of serious",
    ),
    "too long": (
        lambda s: casing.note(s, "LA-1", "review", "Mel", {"because": "x" * 2001}, None, NOW),
        "because is longer than 2000",
    ),
    "for a manager": (
        lambda s: casing.note(s, "LA-1", "manager_considered", "Rosa", {"decision": "offer again"}, None, NOW),
        "'manager_considered' is for a manager or service manager to note",
    ),
    "nothing open": (
        lambda s: casing.note(s, "LA-1", "strategy_held", "Mel", {}, None, NOW),
        "no open 'strategy_wanted' that a 'strategy_held' could end",
    ),
    "future": (
        lambda s: casing.spoke(s, "LA-1", "phone", "Rosa", "2026-11-16 13:01", NOW),
        "give a time that has passed",
    ),
    "no time": (lambda s: casing.spoke(s, "LA-1", "phone", "Rosa", "yesterday", NOW), "--at yesterday: is no time"),
    "no hour": (
        lambda s: casing.spoke(s, "LA-1", "phone", "Rosa", "2026-03-29 01:30", NOW),
        "is an hour that the change of the clocks left out",
    ),
    "no way": (lambda s: casing.spoke(s, "LA-1", "letter", "Rosa", None, NOW), "'letter' is no way of talking"),
    "no result": (lambda s: casing.tried(s, "LA-1", "phone", "maybe", "Rosa", None, NOW), "'maybe' is no result"),
    "too few": (
        lambda s: casing.not_done(s, "LA-1", "not_reached", "2026-11-20", "Rosa", NOW),
        "there lacks: attempts",
    ),
    "past day": (lambda s: casing.not_done(s, "LA-1", "ill", "2026-11-15", "Rosa", NOW), "has passed: give one"),
    "no day": (lambda s: casing.not_done(s, "LA-1", "ill", "20/11/2026", "Rosa", NOW), "is no day: write it like"),
    "no relation": (lambda s: casing.plan(s, "LA-1", "friend", "Rosa", NOW, chosen=True), "'friend' is no relation"),
    "kept before": (
        lambda s: casing.promise(s, "LA-1", "call", "2026-11-16 13:00", "Rosa", NOW),
        "a promise is kept later than it is made",
    ),
    "no note": (lambda s: casing.take_back(s, "LA-1", "01ABC", "Rosa", NOW), "no note of this id stands"),
    "no task": (lambda s: casing.did(s, "LA-1", "sing", "Rosa", {}, NOW), "no open task 'sing' for this child; open: "),
    "not by log": (lambda s: casing.did(s, "LA-1", "R04", "Rosa", {}, NOW), "'R04' is not stopped by saying so"),
    "not running": (lambda s: casing.did(s, "LA-1", "R17", "Rosa", {}, NOW), "R17 is not running for this child"),
    "missing twice": (
        lambda s: casing.missing(s, "LA-1", "2026-11-15 20:00", "Rosa", [], NOW, new=False),
        "is recorded missing at that time already",
    ),
    "a name": (
        lambda s: casing.missing(s, "Sam Smith", "2026-11-15 20:00", "Rosa", [], NOW, new=True),
        "the child's reference has no digit and may be a name: give the council's own number",
    ),
    "no pair": (lambda s: casing.end(s, "LA-1", ["home"], "Mel", NOW), "'home': write name=value"),
    "half an end": (
        lambda s: casing.end(s, "LA-1", ["location_found=home"], "Mel", NOW),
        "there lacks outcome, risk_assessed, interviewed",
    ),
    "not spoken": (
        lambda s: casing.end(
            s, "LA-1", ["location_found=home", "outcome=ok", "risk_assessed=yes", "interviewed=yes"], "Mel", NOW
        ),
        "interviewed yes, but no talk is noted",
    ),
    "no field": (
        lambda s: casing.know(s, "LA-1", ["mood=low"], "Mel", None, NOW),
        "'mood' is nothing that is recorded",
    ),
    "not yes": (
        lambda s: casing.know(s, "LA-1", ["looked_after=maybe"], "Mel", None, NOW),
        "looked_after write yes or no",
    ),
    "born tomorrow": (
        lambda s: casing.know(s, "LA-1", ["birth_date=2026-11-17"], "Mel", None, NOW),
        "birth_date lies in the future",
    ),
    "born long ago": (
        lambda s: casing.know(s, "LA-1", ["birth_date=1912-02-29"], "Mel", None, NOW),
        "birth_date makes them older than 25",
    ),
    "a slip in the case": (lambda s: starting.offer(s, "LA-l", NUMBERS[0], NOW), "case 'LA-l': not known"),
    "with itself": (lambda s: casing.join(s, "LA-1", "LA-1", "Mel", NOW), "these are one and the same"),
    "not joined": (lambda s: casing.split(s, "LA-1", "Mel", NOW), "is not joined to another"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_done(settings: Settings, name: str) -> None:
    act, message = WRONG[name]
    before = casing.show(settings, "LA-1", NOW)
    with pytest.raises(user_mistakes()) as told:
        act(settings)
    assert message in str(told.value)
    assert "\n" not in str(told.value)
    assert casing.show(settings, "LA-1", NOW) == before


# --- what is noted ----------------------------------------------------------------------------------------------------


def test_every_kind_of_note_can_be_noted_as_its_list_says(settings: Settings) -> None:
    given = {"sort": "complex", "ref": "R-1", "because": "so it was", "decision": "to wait", "told_by": "Mrs Adeyemi"}
    for kind in noting.KINDS.values():
        casing.note(settings, "LA-1", kind.name, "Mel", {field: given[field] for field in kind.needs}, None, NOW)
    noted = {line["what"] for line in shown(settings, "note")}
    assert noted == set(noting.KINDS)
    assert len(list(casing.kinds())) == len(noting.KINDS)


def test_a_strategy_discussion_and_a_disagreement_end_the_oldest_that_is_open(settings: Settings) -> None:
    for minute in (0, 1):
        casing.note(
            settings, "LA-1", "strategy_wanted", "Mel", {"sort": "complex"}, None, NOW + timedelta(minutes=minute)
        )
    casing.note(settings, "LA-1", "strategy_held", "Mel", {}, None, NOW + timedelta(minutes=2))
    states = [line["met"] is not None for line in shown(settings, "deadline") if line["rule"] == "R12"]
    assert sorted(states) == [False, False, True, True]  # each has the police's own marker beside it
    casing.note(settings, "LA-1", "disagreement", "Rosa", {"because": "he is not safe there"}, None, NOW)
    told = casing.note(settings, "LA-1", "disagreement_settled", "Mel", {"decision": "assess"}, None, NOW)
    assert "  R11 met, due Tue 17 Nov 23:59" in told


def test_fgm_starts_its_report_only_for_whoever_must_make_it(settings: Settings) -> None:
    assert not [line for line in casing.note(settings, "LA-1", "fgm_done", "Rosa", {}, None, NOW) if "R31" in line]

    def regulate(tx: Transaction) -> None:
        mel = people.by_name(tx, "Mel")
        assert mel is not None
        training.record(tx, Training(mel.id, NOW.date(), NOW.date(), regulated=True), "cli", NOW)

    keeping.within(settings, regulate)
    later = NOW + timedelta(minutes=1)
    told = casing.note(settings, "LA-1", "fgm_done", "Mel", {}, None, later)
    assert "  task fgm_report for worker, by Tue 17 Nov 23:59" in told
    told = casing.did(settings, "LA-1", "fgm_report", "Mel", {"ref": "CAD-9"}, later)
    assert "  R31 met, due Tue 17 Nov 23:59" in told


def test_why_one_report_waited_holds_back_no_later_one(settings: Settings) -> None:
    def owed(at: datetime) -> list[tuple[str, str]]:
        found = [one for one in shown(settings, "deadline", at=at) if one["rule"] == "R32"]
        return [(one["status"], one["due"]) for one in sorted(found, key=lambda one: str(one["since"]))]

    casing.note(settings, "LA-1", "abuse_told", "Rosa", {}, None, NOW)
    held = NOW + timedelta(hours=1)
    casing.note(settings, "LA-1", "report_held_back", "Rosa", {"because": "he would know it was her"}, None, held)
    assert owed(held) == [("running", "2026-11-23T13:00:00+00:00")]
    casing.note(settings, "LA-1", "abuse_reported", "Rosa", {"ref": "R-1"}, None, NOW + timedelta(hours=2))
    again = NOW + timedelta(days=60)
    casing.note(settings, "LA-1", "abuse_told", "Rosa", {}, None, again)
    assert owed(again) == [("met", "2026-11-23T13:00:00+00:00"), ("running", "2027-01-16T13:00:00+00:00")]


def test_low_assessed_low_again_is_owed_again(settings: Settings) -> None:
    casing.note(settings, "LA-1", "cse_low", "Mel", {}, None, NOW)
    again = NOW + timedelta(days=30)
    casing.note(settings, "LA-1", "cse_assessed", "Mel", {"decision": "low"}, None, again)
    (clock,) = [line for line in shown(settings, "deadline", at=again) if line["rule"] == "R28"]
    assert clock["status"] == "met"
    casing.note(settings, "LA-1", "cse_low", "Mel", {}, None, again)
    (clock,) = [line for line in shown(settings, "deadline", at=again) if line["rule"] == "R28"]
    assert (clock["status"], clock["before"][-1]["status"]) == ("running", "met")


def test_two_promises_of_one_moment_are_two_and_one_that_is_taken_back_is_no_work(settings: Settings) -> None:
    for what in ("ring after school", "bring the form"):
        casing.promise(settings, "LA-1", what, "2026-11-17 16:00", "Rosa", NOW)
    first, second = shown(settings, "promise")
    casing.take_back(settings, "LA-1", first["id"], "Rosa", NOW)
    assert [line["what"] for line in shown(settings, "promise")] == [second["what"]]
    casing.did(settings, "LA-1", "keep_promise", "Rosa", {}, NOW + timedelta(hours=1))
    (kept,) = shown(settings, "promise")
    assert kept["kept"] == "2026-11-16T14:00:00+00:00"
    with pytest.raises(casework.NotPossible, match="no open task"):
        casing.did(settings, "LA-1", "keep_promise", "Rosa", {}, NOW)


def test_a_note_that_is_taken_back_counts_no_more_and_can_be_noted_again(settings: Settings) -> None:
    casing.spoke(settings, "LA-1", "phone", "Rosa", None, NOW)
    (note,) = [line for line in shown(settings, "note") if line["what"] == "talk"]
    casing.take_back(settings, "LA-1", note["id"], "Mel", NOW)
    assert interview(settings) == [("running", "")] * 3
    with pytest.raises(casework.NotPossible):
        casing.take_back(settings, "LA-1", note["id"], "Mel", NOW)
    casing.spoke(settings, "LA-1", "phone", "Rosa", None, NOW + timedelta(minutes=1))
    assert interview(settings) == [("met", "spoken")] * 3


def test_a_note_on_a_chat_that_is_taken_back_takes_its_clock_with_it(database_url: str) -> None:
    def owed(tx: Transaction) -> list[str]:
        return [one.rule for one in clocks.unmet(tx) if one.rule == "R32"]

    with Stage(script.parse(HEAD + "child > 1\nchild > 1\n"), database_url) as stage:
        for line in stage.play.lines:
            stage.line(line)

        def work(tx: Transaction) -> None:
            rosa, case = people.by_name(tx, "rosa"), conversations.case_of(tx, stage.conversation)
            assert rosa is not None
            assert case is not None
            told = {"because": "said so"}
            made = casework.note(
                tx, stage.house, rosa, case, "abuse_told", stage.now, conversation=stage.conversation, details=told
            )
            assert owed(tx) == ["R32"]
            casework.take_back(tx, stage.house, rosa, case, made.id, stage.now)
            assert owed(tx) == []

        stage.committer.submit(work)


def test_the_only_note_of_a_child_never_missing_takes_its_clock_with_it(settings: Settings) -> None:
    keeping.within(settings, lambda tx: cases.add(tx, "LA-7", NOW, {"looked_after": "no", "social_worker": "no"}))
    casing.note(settings, "LA-7", "abuse_told", "Rosa", {"because": "said so"}, None, NOW)

    def owed(tx: Transaction) -> list[str]:
        case = cases.find(tx, "LA-7")
        assert case is not None
        return [one.rule for one in clocks.of_case(tx, case.id) if not one.withdrawn]

    assert keeping.within(settings, owed) == ["R32"]
    (line,) = shown(settings, "note", "LA-7")
    casing.take_back(settings, "LA-7", line["id"], "Rosa", NOW)
    assert keeping.within(settings, owed) == []


def test_a_child_is_not_back_before_it_was_known_where_they_are(settings: Settings) -> None:
    casing.missing(settings, "LA-1", "2026-11-16 10:30", "Rosa", [], NOW, new=False)
    casing.located(settings, "LA-1", "2026-11-16 12:00", "Rosa", NOW)
    with pytest.raises(user_mistakes(), match="before it was known where"):
        casing.returned(settings, "LA-1", "2026-11-16 11:00", "Rosa", NOW)
    assert casing.returned(settings, "LA-1", "2026-11-16 12:00", "Rosa", NOW)


def test_r06_not_reached_needs_tries_of_this_time_missing(settings: Settings) -> None:
    for way in ("phone", "visit"):
        casing.tried(settings, "LA-1", way, "no_answer", "Rosa", None, NOW)
    casing.tried(settings, "LA-1", "phone", "no_answer", "Rosa", None, NOW + timedelta(minutes=1))
    casing.not_done(settings, "LA-1", "not_reached", "2026-11-17", "Rosa", NOW + timedelta(minutes=2))
    assert [line["what"] for line in shown(settings, "task")].count("try_again") == 1
    casing.tried(settings, "LA-1", "phone", "no_answer", "Rosa", None, NOW + timedelta(minutes=3))
    assert "try_again" not in [line["what"] for line in shown(settings, "task")]
    later = NOW + timedelta(days=2)
    casing.missing(settings, "LA-1", "2026-11-17 18:00", "Rosa", [], later, new=False)
    casing.returned(settings, "LA-1", "2026-11-18 08:00", "Rosa", later)
    with pytest.raises(casework.NotPossible, match="there lacks: attempts, channels, person"):
        casing.not_done(settings, "LA-1", "not_reached", "never", "Rosa", later)


def test_a_text_safe_chat_is_noted_on_by_the_words_of_its_contact(database_url: str) -> None:
    play = HEAD.replace("return_interview", "text_safe") + "child > I feel a bit sad today\n"
    with Stage(script.parse(play), database_url) as stage:
        stage.child("he hits me with a belt", "sms")
        stage.settle()
        with stage.database.snapshot() as tx:
            words = conversations.contact_of(tx, stage.conversation).reference
        stage.committer.close()
        made = Settings(database_url=database_url, keys=PLAY_KEYS)
        said = {"sort": "serious"}
        told = casing.note(made, words, "strategy_wanted", "ana", said, None, stage.now)
        assert "  task strategy_discussion for manager, by Mon 16 Nov 23:59" in told
        assert "  R12 met, due Mon 16 Nov 23:59" in casing.note(
            made, words, "strategy_held", "mel", {}, None, stage.now
        )
        chat = stage.conversation
        keeping.within(made, lambda tx: tasks.add(tx, holding.INTERPRETER, stage.now, stage.now, conversation=chat))
        assert casing.did(made, words, "interpreter", "ana", {}, stage.now) == ["done: interpreter"]
        with pytest.raises(casework.NotPossible, match="no open task"):
            casing.did(made, words, "interpreter", "ana", {}, stage.now)


# --- the end of an episode --------------------------------------------------------------------------------------------


def test_an_episode_is_ended_with_all_its_fields(settings: Settings) -> None:
    ending = ["location_found=at a friend's", "outcome=talked", "risk_assessed=yes"]
    told = casing.end(
        settings, "LA-1", [*ending, "interviewed=no", "not_done_reason=did not want", "again_on=never"], "Mel", NOW
    )
    assert told[0] == "episode ended"
    (child,) = shown(settings, "child")
    (episode,) = shown(settings, "episode")
    assert (child["recorded_missing"], episode["outcome"], episode["wanted"]) == (False, "talked", True)
    with pytest.raises(casework.NotPossible, match="not recorded missing"):
        casing.end(settings, "LA-1", ending, "Mel", NOW)
    # The reason stands: that there was no interview in time needs no other.
    assert not [line for line in shown(settings, "deadline", at=NOW + timedelta(days=9)) if line["rule"] == "R14"]


def test_what_was_so_at_an_earlier_time_stays_so(settings: Settings) -> None:
    casing.know(settings, "LA-1", ["looked_after=yes", "ethnicity=WBRI"], "Mel", "2026-11-16", NOW)
    (child,) = shown(settings, "child")
    assert child["looked_after_over_time"] == {"0001-01-01": "no", "2026-11-16": "yes"}
    assert (child["looked_after"], child["ethnicity"], child["age"]) == ("yes", "WBRI", 14)
    rules = {line["rule"] for line in shown(settings, "deadline")}
    assert "R19" not in rules
    casing.missing(settings, "LA-1", "2026-11-16 12:00", "Rosa", [], NOW, new=False)
    assert "R19" in {line["rule"] for line in shown(settings, "deadline")}


def test_a_birth_that_is_still_to_come_does_not_close_the_page_on_which_it_is_put_right(settings: Settings) -> None:
    keeping.within(settings, lambda tx: cases.add(tx, "LA-9", NOW, {"birth_date": "2027-02-28"}))
    assert [one["age"] for one in shown(settings, "child", "LA-9")] == [None]


def test_the_pattern_counts_by_local_days(settings: Settings) -> None:
    (line,) = shown(settings, "pattern")
    assert (line["in_month"], line["in_90_days"], line["second_in_a_year"]) == (1, 1, False)
    assert (line["days"], line["hours"], line["usual_hours"]) == ({"Sun": 1}, {"evening 18-24": 1}, 16)
    later = NOW + timedelta(days=40)
    casing.missing(settings, "LA-1", "2026-12-26 00:30", "Rosa", [], later, new=False)
    (line,) = shown(settings, "pattern", at=later)
    assert (line["in_month"], line["in_90_days"], line["second_in_a_year"]) == (1, 2, True)


# --- one child under two cases ----------------------------------------------------------------------------------------


@pytest.fixture
def two(database_url: str) -> Iterator[Stage]:
    """A play with a second case of the same child, from whose telephone an interview was offered."""
    with Stage(script.parse(HEAD), database_url) as stage:

        def work(tx: Transaction) -> None:
            other = cases.add(tx, "LA-2", stage.now)
            for days in (20, 10):
                gone = stage.now - timedelta(days=days)
                cases.add_episode(tx, other.id, gone, gone + timedelta(hours=5), {"looked_after": "no"})
            from bot import beginning

            beginning.offer(tx, stage.runner, "LA-2", "sms", NUMBERS[0], stage.now, how="chat")

        stage.committer.submit(work)
        stage.settle()
        yield stage


def ids(stage: Stage) -> tuple[str, str]:
    with stage.database.snapshot() as tx:
        kept, other = cases.by_child(tx, "PLAY-1"), cases.by_child(tx, "LA-2")
    assert kept is not None
    assert other is not None
    return kept.id, other.id


def standing(stage: Stage) -> list[tuple[str, str, str, str]]:
    with stage.database.snapshot() as tx:
        owed = [(one.case or "", one.rule, one.part, one.status.value) for one in clocks.unmet(tx)]
        work = [(given.case or "", given.what, given.role, "") for given, _ in tasks.listed(tx)]
    return sorted(owed + work)


def as_mel(stage: Stage, act: Callable[[Transaction, people.Person], object]) -> None:
    def work(tx: Transaction) -> None:
        mel = people.by_name(tx, "mel")
        assert mel is not None
        act(tx, mel)

    stage.committer.submit(work)


def text_from(stage: Stage, number: str, text: str) -> str:
    """Who was answered, and in which case."""
    before = len(stage.outcomes)
    stage.runner.accept(Inbound("sms", f"other-{stage.now}-{text}", number, text, None, stage.now))
    stage.settle()
    assert [one for one in stage.outcomes[before:] if one["kind"] == "say"]
    with stage.database.transaction() as tx:
        (contact,) = contacts.known_anywhere(tx, "sms", number)
        talk = conversations.latest(tx, contact.id)
        assert talk is not None
        case = conversations.case_of(tx, talk.id)
        assert case is not None
        return cases.root(tx, case)


def test_joined_cases_count_as_one_child_and_split_stand_as_before(two: Stage) -> None:
    kept, other = ids(two)
    before = standing(two)
    assert not [one for one in before if one[1] == "R24"]
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))
    together = standing(two)
    assert [one[0] for one in together if one[1] == "R24"] == [kept]
    # An alert in the chat of the other telephone is a clock of the child, opened and computed again without a fault.
    assert text_from(two, NUMBERS[0], "1") == kept
    as_mel(two, lambda tx, mel: joined.split(tx, two.house, mel, other, two.now))
    assert standing(two) == before
    with two.database.snapshot() as tx:
        lines = [line.what for line in audit.about(tx, other)]
        assert lines[-1] == "case.split"
        assert "case.joined" in lines
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))
    assert standing(two) == together


@pytest.mark.parametrize("whose", ["kept", "other"])
def test_a_new_telephone_since_they_were_joined_leaves_no_other_joined_after_a_split(two: Stage, whose: str) -> None:
    kept, other = ids(two)
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))

    def offer_again(tx: Transaction) -> tuple[str, str]:
        before = tuple(cases.load(tx, one).contact or "" for one in (kept, other))
        new = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", NUMBERS[1], two.now)
        cases.link(tx, kept if whose == "kept" else other, new.id)
        return before[0], before[1]

    one, another = two.committer.submit(offer_again)
    as_mel(two, lambda tx, mel: joined.split(tx, two.house, mel, other, two.now))
    with two.database.snapshot() as tx:
        assert joining.contacts_of(tx, one) == (one,)
        assert joining.contacts_of(tx, another) == (another,)
        # Whoever erases the one child leaves the other be.
        assert another not in joining.whole(tx, one)


def test_what_is_recorded_of_a_joined_case_is_its_own_after_a_split(settings: Settings) -> None:
    keeping.within(settings, lambda tx: cases.add(tx, "LA-2", NOW, {"looked_after": "no", "social_worker": "no"}))
    casing.join(settings, "LA-1", "LA-2", "Mel", NOW)
    casing.missing(settings, "LA-2", "2026-11-16 11:00", "Rosa", [], NOW, new=False)
    casing.promise(settings, "LA-2", "ring on Tuesday", "2026-11-17 09:00", "Rosa", NOW)
    casing.know(settings, "LA-2", ["social_worker=yes"], "Rosa", None, NOW)
    assert [len(shown(settings, kind)) for kind in ("episode", "promise")] == [2, 1]
    (child,) = shown(settings, "child")
    assert child["social_worker"] == "yes"
    casing.split(settings, "LA-2", "Mel", NOW)
    assert [len(shown(settings, kind)) for kind in ("episode", "promise")] == [1, 0]
    assert [len(shown(settings, kind, "LA-2")) for kind in ("episode", "promise")] == [1, 1]
    (child,) = shown(settings, "child", "LA-2")
    assert child["social_worker"] == "yes"


def test_a_text_from_the_joined_telephone_is_heard_for_the_kept_case(two: Stage) -> None:
    kept, other = ids(two)
    assert text_from(two, NUMBERS[0], "1") == other
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))
    assert text_from(two, NUMBERS[0], "he hits me with a belt") == kept
    with two.database.snapshot() as tx:
        assert {one.rule for one in clocks.of_case(tx, kept)} >= {"R09", "R10", "R04"}
    as_mel(two, lambda tx, mel: joined.split(tx, two.house, mel, other, two.now))
    assert text_from(two, NUMBERS[0], "0") == other
    with two.database.snapshot() as tx:
        assert "R09" not in {one.rule for one in clocks.of_case(tx, kept)}
        assert "R09" in {one.rule for one in clocks.of_case(tx, other)}


def test_a_joined_telephone_without_a_chat_gets_one_of_its_own_about_the_same_case(two: Stage) -> None:
    kept, _ = ids(two)

    def add(tx: Transaction) -> None:
        new = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", NUMBERS[1], two.now)
        theirs = cases.load(tx, kept).contact
        assert theirs is not None
        joining.join_contacts(tx, theirs, new.id, "mel", two.now)

    two.committer.submit(add)
    assert text_from(two, NUMBERS[1], "hi") == kept
    said = [one for one in two.outcomes if one["kind"] == "say"][-1]
    assert said["key"] == "gate", "who reads this telephone is asked first"
    with two.database.transaction() as tx:
        (new,) = contacts.known_anywhere(tx, "sms", NUMBERS[1])
        (talk,) = conversations.of_contact(tx, new.id)
        assert next(iter(messages.of(tx, talk.id))).text == "hi"


def test_a_chat_begun_by_a_joined_telephone_stays_with_its_own_child_after_a_split(database_url: str) -> None:
    with Stage(script.parse(HEAD), database_url) as stage:

        def add(tx: Transaction) -> None:
            own = cases.add(tx, "LA-2", stage.now, {"looked_after": "no", "social_worker": "no"})
            new = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", NUMBERS[1], stage.now)
            cases.link(tx, own.id, new.id)

        stage.committer.submit(add)
        kept, other = ids(stage)
        as_mel(stage, lambda tx, mel: joined.join(tx, stage.house, mel, kept, other, stage.now))
        assert text_from(stage, NUMBERS[1], "he hits me with a belt") == kept
        as_mel(stage, lambda tx, mel: joined.split(tx, stage.house, mel, other, stage.now))
        with stage.database.snapshot() as tx:
            assert len(conversations.of_case(tx, other)) == 1
            assert "R09" not in {one.rule for one in clocks.of_case(tx, kept)}
            assert "R09" in {one.rule for one in clocks.of_case(tx, other)}


def test_a_split_takes_apart_telephones_that_older_lines_of_the_audit_joined(two: Stage) -> None:
    kept, other = ids(two)

    def as_before(tx: Transaction, mel: people.Person) -> None:
        one, another = (cases.load(tx, case).contact or "" for case in (kept, other))
        joining.join_cases(tx, kept, other, mel.id, two.now)
        joining.join_contacts(tx, one, another, mel.id, two.now)

    as_mel(two, as_before)
    as_mel(two, lambda tx, mel: joined.split(tx, two.house, mel, other, two.now))
    with two.database.snapshot() as tx:
        one, another = (cases.load(tx, case).contact or "" for case in (kept, other))
        assert joining.contacts_of(tx, one) == (one,)
        assert joining.contacts_of(tx, another) == (another,)
        assert joined.share_telephone(tx, kept, other) is None


def test_a_split_says_so_when_one_telephone_is_still_both_childrens(settings: Settings) -> None:
    def add(tx: Transaction) -> str:
        own = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", NUMBERS[1], NOW)
        for child in ("LA-1", "LA-2"):
            cases.link(tx, cases.add(tx, child, NOW).id, own.id)
        return own.reference

    words = keeping.within(settings, add)
    casing.join(settings, "LA-1", "LA-2", "Mel", NOW)
    told = casing.split(settings, "LA-2", "Mel", NOW)
    assert told[-1].startswith(f"the telephone {words} still stands for both children")


def test_whoever_is_kept_from_a_child_is_kept_from_every_chat_they_turn_out_to_have(two: Stage) -> None:
    kept, other = ids(two)

    def barred(tx: Transaction) -> list[bool]:
        ana = people.by_name(tx, "ana")
        assert ana is not None
        talks = [talk for case in (kept, other) for talk in conversations.of_case(tx, case)]
        return [waits.is_barred(tx, talk, ana.id) for talk in talks]

    def bar(tx: Transaction, _mel: people.Person) -> None:
        ana = people.by_name(tx, "ana")
        assert ana is not None
        waits.bar(tx, conversations.of_case(tx, other)[0], ana.id, Bar.CONFLICT, two.now)

    as_mel(two, bar)
    assert two.committer.submit(barred) == [False, True]
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))
    assert two.committer.submit(barred) == [True, True]
    as_mel(two, lambda tx, mel: joined.split(tx, two.house, mel, other, two.now))
    assert two.committer.submit(barred) == [True, True], "a split loses nobody who was kept away"


def test_what_is_joined_already_or_both_ways_is_refused(two: Stage) -> None:
    kept, other = ids(two)
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))

    def again(one: str, another: str) -> None:
        as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, one, another, two.now))

    for pair in ((other, kept), (kept, other)):
        with pytest.raises(casework.NotPossible, match="joined"):
            again(*pair)


def test_an_erased_child_is_gone_from_every_list_with_all_they_were(two: Stage, database_url: str) -> None:
    kept, other = ids(two)
    as_mel(
        two, lambda tx, mel: casework.promise(tx, two.house, mel, other, "ring", two.now + timedelta(days=1), two.now)
    )
    as_mel(two, lambda tx, mel: joined.join(tx, two.house, mel, kept, other, two.now))
    with two.database.snapshot() as tx:
        contact = cases.load(tx, other).contact
        words = contacts.load(tx, contact or "").reference
    two.committer.close()
    made = Settings(database_url=database_url, keys=PLAY_KEYS)
    forgetting.erase(made, words, two.now)
    assert standing(two) == []
    for named in ("PLAY-1", "LA-2"):
        with pytest.raises(user_mistakes(), match="erased"):
            casing.show(made, named, two.now)
        with pytest.raises(user_mistakes(), match="erased"):
            casing.note(made, named, "review", "mel", {}, None, two.now)


# --- the command ------------------------------------------------------------------------------------------------------


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("WAYMARK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WAYMARK_KEYS", PLAY_KEYS)
    return CliRunner().invoke(__main__.app, ["case", *words])


def test_the_commands_do_what_they_say(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    by = ("--by", "Mel")
    for words, told in (
        (("tried", "LA-1", "visit", "no_answer", *by), "noted try by visit"),
        (("note", "LA-1", "police_checked", *by, "--because", "they came at noon"), "noted police_checked"),
        (("note", "LA-1", "review", *by, "--decision", "search again"), "noted review"),
        (("plan", "LA-1", "placement_staff", *by), "independent: no"),
        (("promise", "LA-1", "ring", "--due", "2090-11-17 16:00", *by), "promise kept in mind"),
        (("did", "LA-1", "find_independent_interviewer", *by), "done: find_independent_interviewer"),
        (("not-done", "LA-1", "--because", "ill", "--again", "2090-11-20", *by), "noted why not"),
        (("know", "LA-1", "worker=Rosa", *by), "recorded worker"),
        (("missing", "LA-7", "--since", "2026-01-01 20:00", "status=away", "--new", *by), "recorded missing"),
        (("located", "LA-7", "--since", "2026-01-01 22:00", *by), "recorded located"),
        (("returned", "LA-7", "--since", "2026-01-02 08:00", *by), "recorded back"),
        (("join", "LA-1", "LA-7", *by), "LA-7 is joined to LA-1"),
        (("split", "LA-7", *by), "a case of its own again"),
        (("kinds",), "strategy_wanted         needs sort"),
    ):
        done = run(settings, monkeypatch, *words)
        assert done.exit_code == 0, (words, done.output, done.exception)
        assert told in done.stdout, words
    note = next(line for line in shown(settings, "note") if line["what"] == "review")
    assert "taken back" in run(settings, monkeypatch, "take-back", "LA-1", note["id"], *by).stdout
    shown_lines = run(settings, monkeypatch, "show", "LA-1").stdout
    for part in (
        "RECORDED MISSING",
        "started",
        "interview: 72 hours late",
        "tried",
        "promised by Mel: ring",
        "missing and wanted",
    ):
        assert part in shown_lines, shown_lines
    kinds = {
        json.loads(line)["kind"] for line in run(settings, monkeypatch, "show", "LA-1", "--json").stdout.splitlines()
    }
    assert kinds >= {"child", "pattern", "episode", "interview", "attempt", "promise", "note", "deadline"}


def test_two_processes_that_note_the_same_note_it_once(settings: Settings) -> None:
    for _ in range(2):
        casing.note(settings, "LA-1", "review", "Mel", {}, "2026-11-16 12:00", NOW)
    assert [line["what"] for line in shown(settings, "note")] == ["review"]


def test_of_two_processes_that_join_the_same_two_cases_both_ways_one_does(
    postgres_server: postgres.Server, migrated_template: str
) -> None:
    url = postgres_server.create("two_joins", migrated_template)
    keys = Keys.load(PLAY_KEYS)
    setting_up = Database(url, keys)
    with setting_up.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", NOW)
        one, two = cases.add(tx, "LA-1", NOW), cases.add(tx, "LA-2", NOW)
    setting_up.close()
    together = threading.Barrier(2)
    told: list[str] = []

    def join(kept: str, other: str) -> None:
        database = Database(url, keys)
        committer = Committer(database, writers=1)
        house = app.unheard(committer, Settings(database_url=url, keys=PLAY_KEYS))
        together.wait(30)
        try:
            committer.submit(lambda tx: joined.join(tx, house, mel, kept, other, NOW))
            told.append("joined")
        except casework.NotPossible:
            told.append("refused")
        finally:
            committer.close()
            database.close()

    threads = [threading.Thread(target=join, args=pair) for pair in ((one.id, two.id), (two.id, one.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == ["joined", "refused"]
    postgres_server.drop("two_joins")


def test_a_night_on_which_the_clocks_change_is_noted_by_the_wall(settings: Settings) -> None:
    late = datetime(2027, 3, 28, 12, 0, tzinfo=UTC)
    casing.missing(settings, "LA-1", "2027-03-28 00:30", "Rosa", [], late, new=False)
    casing.returned(settings, "LA-1", "2027-03-28 02:30", "Rosa", late)
    episode = shown(settings, "episode", at=late)[-1]
    assert (episode["missing"], episode["returned"]) == ("2027-03-28T00:30:00+00:00", "2027-03-28T02:30:00+01:00")
    assert episode["hours"] == 1
    autumn = datetime(2027, 10, 31, 12, 0, tzinfo=UTC)
    casing.missing(settings, "LA-1", "2027-10-31 01:30", "Rosa", [], autumn, new=False)
    # Of the hour that is shown twice the first counts, so that no clock ends later than it should.
    assert shown(settings, "episode", at=autumn)[-1]["missing"] == "2027-10-31T01:30:00+01:00"


def test_the_last_day_of_training_is_the_local_one(settings: Settings) -> None:
    def until_june(tx: Transaction) -> None:
        rosa = people.by_name(tx, "Rosa")
        assert rosa is not None
        last = datetime(2027, 6, 30, tzinfo=UTC).date()
        training.record(tx, Training(rosa.id, last, last), "cli", NOW)

    keeping.within(settings, until_june)
    late = datetime(2027, 7, 2, 12, 0, tzinfo=UTC)
    # Half past eleven in the evening UTC is half past midnight here: the day after.
    told = casing.spoke(settings, "LA-1", "phone", "Rosa", "2027-07-01 00:30", late)
    assert told[-1].startswith("kept, but")
    told = casing.spoke(settings, "LA-1", "phone", "Rosa", "2027-06-30 23:30", late)
    assert not told[-1].startswith("kept, but")
