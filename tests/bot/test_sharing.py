"""Who is given what of a record: no more than they need, never where a child is, and every copy in the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot import recording, sharing
from bot.filing import copies
from bot.filing.copies import NotShared
from bot.play import script
from bot.play.stage import Stage
from flows.deadlines import Status
from flows.report import NotRecorded
from storage import clocks, conversations, people, shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction

HEAD = """flow: return_interview
now: 2026-11-16 12:00
path: full
child: age=15 looked_after=no learning_disability=no worker=Rosa
episode: missing="2026-11-14 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker
"""
# What a child says while a worker holds the chat is set by the worker, word for word.
TALK = """child > 1
child > 1
child > 1
child > PERSON
desk > rosa takes
desk > rosa sets where = the flat on mill lane
desk > rosa sets law = yes
desk > rosa sets d_where = behind the station
desk > rosa sets want_now = a quiet place
"""
WORDS = ("mill lane", "behind the station", "quiet place", "jay lets us")


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    made = Stage(script.parse(HEAD + TALK), database_url)
    made.__enter__()
    for line in made.play.lines:
        made.line(line)
    act(made, recording.add_intelligence, "place", "flat over the chip shop", "the flat where jay lets us stay")
    act(made, recording.confirm, ("L01", "M01"))
    act(made, recording.set_fields, {"engaged": "willing", "support_given": "a helpline", "wish_short": "quiet place"})
    yield made
    made.__exit__()


def act(stage: Stage, do: Any, *given: Any) -> Any:
    def work(tx: Transaction) -> Any:
        return do(tx, people.by_name(tx, "rosa"), stage.conversation, *given, stage.now)

    return stage.committer.submit(work)


def copy(
    stage: Stage, role: str, *parts: str, to: str = "PC Grey", because: str = "to keep the child safe"
) -> dict[str, Any]:
    def work(tx: Transaction) -> str:
        who = people.by_name(tx, "rosa")
        assert who is not None
        return sharing.copy(tx, stage.house, who, stage.conversation, role, to, parts, because, stage.now)

    found: dict[str, Any] = json.loads(stage.committer.submit(work))
    return found


def said(given: dict[str, Any]) -> str:
    return json.dumps(given).lower()


def test_the_police_get_outcome_risks_and_what_can_be_passed_on(stage: Stage) -> None:
    given = copy(stage, "police")
    assert [*given] == ["schema", "case", "for", "signed", "outcome", "risks", "intelligence"]
    assert given["intelligence"] == [{"kind": "place", "what": "flat over the chip shop"}]
    assert set(given["risks"]["indicators"]) == {"L01", "M01"}
    assert "law" not in said(given)
    assert not any(words in said(given) for words in WORDS)
    assert given["signed"] is False


def test_the_law_stays_out_of_what_police_get_whatever_is_asked_for(stage: Stage) -> None:
    """A child who is missing and wanted: their safety comes first, and a worry about the law is no evidence (G-10)."""
    assert copy(stage, "police", "answers")["answers"] == []
    act(stage, recording.share, "where", ("police",))
    assert [one["question"] for one in copy(stage, "police", "answers")["answers"]] == ["where"]
    for question in ("law", "d_where"):
        with pytest.raises(NotRecorded, match="never goes to police"):
            act(stage, recording.share, question, ("police",))
    act(stage, recording.share, "where", ())
    assert copy(stage, "police", "answers")["answers"] == []


def test_what_the_child_took_back_goes_out_no_more_and_what_it_put_right_stands_beside(stage: Stage) -> None:
    def correct(question: str, words: str, *, withdraws: bool = False) -> None:
        def work(tx: Transaction) -> None:
            who = people.by_name(tx, "rosa")
            assert who is not None
            given = (who, stage.conversation, question, words, stage.now)
            recording.correct(tx, stage.house, *given, withdraws=withdraws)

        stage.committer.submit(work)

    for question in ("where", "want_now"):
        act(stage, recording.share, question, ("police",))
    correct("where", "", withdraws=True)
    correct("want_now", "my own bed")
    [row] = copy(stage, "police", "answers")["answers"]
    assert (row["said"], row["corrects"]) == ("a quiet place", "my own bed")
    council = {one["question"]: one for one in copy(stage, "social_care", "answers")["answers"]}
    assert council["where"]["withdraws"] == stage.now.isoformat()
    # Said anew, it is an answer again.
    correct("where", "at my nan's")
    assert "at my nan's" in said(copy(stage, "police", "answers"))


def test_where_a_child_is_goes_to_nobody(stage: Stage) -> None:
    for role in copies.DEFAULTS:
        if role != "parent":
            assert "behind the station" not in said(copy(stage, role)), role
    assert "mill lane" in said(copy(stage, "social_care"))


def test_a_parent_gets_no_word_of_the_child_and_not_what_they_chose(stage: Stage) -> None:
    given = copy(stage, "parent", to="Mum")
    assert given["outcome"] == {"interview": "offered"}
    assert [*given][4:] == ["outcome", "support"]
    assert not any(words in said(given) for words in (*WORDS, "chip shop", "l01", "willing"))
    for part in ("answers", "risks", "intelligence", "wishes", "actions", "worker"):
        with pytest.raises(NotShared, match=part):
            copy(stage, "parent", part)


def test_nothing_goes_to_a_parent_while_the_child_has_somebody_to_avoid(stage: Stage) -> None:
    for line in script.parse(HEAD + "desk > rosa sets avoid_person = yes\n").lines:
        stage.line(line)
    with pytest.raises(NotShared, match="do not contact this adult: there is somebody the child does not want to see"):
        copy(stage, "parent")
    with stage.database.snapshot() as tx:
        assert shares.of(tx, stage.conversation) == ()


@pytest.mark.parametrize(
    ("role", "parts", "to", "because", "told"),
    [
        ("press", (), "A", "b", "'press' is no role: use one of police"),
        ("police", ("everything",), "A", "b", "'everything' is no part"),
        ("police", (), " ", "b", "say who is given the copy, and why"),
        ("police", (), "A", "", "say who is given the copy, and why"),
        ("placement", ("answers",), "A", "b", "answers: never goes to somebody who is a placement"),
    ],
)
def test_what_may_not_be_given_is_refused_and_not_logged(
    stage: Stage, role: str, parts: tuple[str, ...], to: str, because: str, told: str
) -> None:
    with pytest.raises(NotShared) as refused:
        copy(stage, role, *parts, to=to, because=because)
    assert told in str(refused.value)
    with stage.database.snapshot() as tx:
        assert sharing.log(tx, stage.conversation) == []


def test_every_copy_is_logged_with_who_which_parts_why_and_by_whom(stage: Stage) -> None:
    copy(stage, "police")
    copy(stage, "health", "support", to="Nurse Ade", because="a check-up")
    with stage.database.snapshot() as tx:
        log = sharing.log(tx, stage.conversation)
    assert [(one["to"], one["role"], one["parts"], one["because"], one["by"]) for one in log] == [
        ("PC Grey", "police", ["outcome", "risks", "intelligence"], "to keep the child safe", "rosa"),
        ("Nurse Ade", "health", ["support"], "a check-up", "rosa"),
    ]


def test_a_copy_for_the_police_meets_its_clock(stage: Stage) -> None:
    with stage.database.transaction() as tx:
        case = conversations.case_of(tx, stage.conversation)
        assert case is not None
    for line in script.parse(HEAD + "desk > rosa notes form_signed\n").lines:
        stage.line(line)
    copy(stage, "police")
    with stage.database.snapshot() as tx:
        (due,) = [one for one in clocks.of_case(tx, case) if one.rule == "R08"]
        assert due.status is Status.MET
