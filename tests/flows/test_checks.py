"""A library with one thing wrong is told where, and what to change; the one we ship has nothing wrong."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flows import checks, conditions, loader, reaching
from flows.finding import Finding, Weight

if TYPE_CHECKING:
    from pathlib import Path

    from flows.model import Flow, Move

TODAY = date(2026, 11, 21)


def errors(folder: Path | None, today: date = TODAY) -> list[Finding]:
    return [one for one in checks.found(loader.load(folder), today) if one.weight is Weight.ERROR]


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(loader.LIBRARY, folder, dirs_exist_ok=True)
    text = (folder / file).read_text("utf-8")
    assert old in text, "what is to be changed has gone from the file"
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return folder


def test_our_own_library_has_nothing_wrong() -> None:
    assert list(map(str, errors(None))) == []


RETURN, SHARED, SAFE = "return_interview.yaml", "shared.yaml", "text_safe.yaml"
EARLY = "      - {key: early_list, kind: multi, area: q2, text: Which?, options: {a: A, b: B}}\n"
WRONG = {
    "a step nobody gets": (
        SAFE,
        "steps:\n  - key: ts_invite_1",
        "steps:\n  - {key: ts_lost, kind: statement, text: Hi}\n  - key: ts_invite_1",
        "no child ever gets 'ts_lost'",
    ),
    "a block nobody enters": (
        RETURN,
        "  - block: refusal_easy",
        "  - block: lost\n    then: refuse\n    steps:\n      - {key: lost_one, kind: free, text: Hi}\n  - block: refusal_easy",
        "nothing leads into the block 'lost'",
    ),
    "a question whose conditions exclude each other": (
        RETURN,
        "ask_when: given_things in (yes, unsure)\n        skip_when: locked",
        "ask_when: given_things in (yes, unsure)\n        skip_when: given_things in (yes, unsure)",
        "'wanted_back' can never be asked",
    ),
    "an outcome that cannot be": (
        RETURN,
        "{when: planned = felt_forced, level: L2",
        "{when: planned = felt_forced and planned = unplanned, level: L2",
        "this outcome of 'planned' can never hold",
    ),
    "a pattern that cannot be": (
        RETURN,
        "{when: not_ok = skipped and pressured = skipped,",
        "{when: mood > 5,",
        "this pattern can never hold",
    ),
    "a row of responses behind one that takes all": (
        "categories.yaml",
        "  - {when: quiet or privacy = others, to_person: true}",
        "  - {when: always, to_person: true}",
        "this row of responses is never taken",
    ),
    "a child who waits and hears nothing": (
        "categories.yaml",
        "  - {when: always, say: ts_wait}",
        "  - {when: night, say: ts_wait}",
        "a child may wait and hear nothing",
    ),
    "a trigger without a row": (
        RETURN,
        "  - {on: refuse, from: any, to: REFUSED}",
        "  - {on: refuse, from: [ASKING], to: REFUSED}",
        "no move for 'refuse' from OFFERED",
    ),
    "a state nothing leads to": (
        RETURN,
        "states: [OFFERED,",
        "states: [LIMBO, OFFERED,",
        "no move leads to LIMBO",
    ),
    "a question that cannot be skipped": (
        RETURN,
        "- key: home_feel\n        kind: scale",
        "- key: home_feel\n        skip: false\n        kind: scale",
        "'home_feel' cannot be skipped",
    ),
    "a word carriers keep as an answer": (
        SHARED,
        'stop: "stop now, enough, ',
        'stop: "stop, enough, ',
        "'stop' as an accepted answer of 'd_next'",
    ),
    "a label carriers swallow": (
        RETURN,
        'busy: "Busy"',
        'busy: "Cancel"',
        "the answer 'Cancel' of 'no_why'",
    ),
    "a child told to send what a carrier answers": (
        SHARED,
        "To chat to a person, send PERSON.",
        "To chat to a person, send HELP.",
        "tells a child to send HELP",
    ),
    "a word that may not be sent": (
        RETURN,
        "Where did you go?",
        "Where did you go when you were missing?",
        "'missing' in 'where'",
    ),
    "blame": (RETURN, "What was going on before you went?", "Why did you go?", "'Why did you' in 'before_story'"),
    "words for older readers": (
        RETURN,
        "What would you like to happen now, this week?",
        "What intervention would you consider appropriate immediately?",
        "'want_now' needs a reader of grade",
    ),
    "a list before the child's own words": (
        RETURN,
        "      - key: before_story\n        kind: free\n        path: M\n        area: q2",
        f"{EARLY}      - key: before_story\n        kind: free\n        path: M\n        area: q2",
        "'before_story' asks for own words after the list 'early_list'",
    ),
    "no command for a person": ("commands.yaml", "does: person", "does: help", "no command does 'person'"),
    "a number rung on a day to come": (
        "directory.yaml",
        '"2026-11-21"',
        '"2027-01-01"',
        "'emergency' was checked on a day",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_one_thing_wrong_is_told(what: str, tmp_path: Path) -> None:
    file, old, new, told = WRONG[what]
    found = errors(changed(tmp_path, file, old, new))
    assert [one for one in found if told in str(one)], list(map(str, found))
    assert all(one.line >= 1 and one.file.endswith(".yaml") for one in found)


def test_a_state_that_nobody_comes_out_of_and_one_without_a_way_to_a_person() -> None:
    flow = loader.load().flows["return_interview"]
    kept = [replace(move, target="WAITING") if move.sources == ("WAITING",) else move for move in _apart(flow)]
    stuck = [move for move in kept if move.trigger != "take" or move.sources != ("WAITING",)]
    found = [str(one) for one in checks._table(replace(flow, moves=tuple(stuck)))]
    assert any("nobody comes out of WAITING" in one for one in found)
    assert any("no way to a person from WAITING" in one for one in found)


def _apart(flow: Flow) -> list[Move]:
    return [replace(move, sources=(state,)) for move in flow.moves for state in move.sources]


def test_ten_answers_are_one_too_many(tmp_path: Path) -> None:
    old = 'activities: "Fun things"'
    found = errors(changed(tmp_path, RETURN, old, f'{old}\n          more: "More"'))
    assert ["'help_want' has 10 answers" in str(one) for one in found] == [True]


def test_a_finding_names_the_line_of_the_step(tmp_path: Path) -> None:
    folder = changed(tmp_path, RETURN, "Where did you go?", "Where did you go, gang?")
    (found,) = errors(folder)
    assert "key: where" in (folder / found.file).read_text("utf-8").splitlines()[found.line - 1]


@pytest.mark.parametrize(("later", "stale"), [(180, False), (181, True)])
def test_a_help_number_goes_stale_after_180_days(later: int, stale: bool) -> None:
    found = errors(None, date.fromordinal(TODAY.toordinal() + later))
    assert bool(found) is stale
    assert all("was last checked 181 days ago" in str(one) for one in found)


def test_what_cannot_be_skipped_is_listed_with_its_reason() -> None:
    notes = [str(one) for one in checks.found(loader.load(), TODAY) if one.weight is Weight.NOTE]
    assert any("'gate' cannot be skipped: it asks who is reading" in one for one in notes)
    assert any("'safe_now_2' cannot be skipped: it gets help after a disclosure" in one for one in notes)


@pytest.mark.parametrize("text", ["gang", "He was Groomed", "a VICTIM of", "abused", "why did you"])
def test_banned(text: str) -> None:
    assert checks.banned(text)


@pytest.mark.parametrize("text", ["{missing_people}", "gangway", "grape", "I missed it", "groomsman", "why you did"])
def test_not_banned(text: str) -> None:
    assert checks.banned(text) == []


def rows(*texts: str) -> list[conditions.Condition]:
    return [conditions.parse(text) for text in texts]


def test_a_row_that_comes_too_late_is_found() -> None:
    assert list(reaching.never_taken(rows("level >= L3", "locked", "level = L4 and locked", "always"))) == [2]
    assert list(reaching.never_taken(rows("night", "not night", "always"))) == [2]


def test_rows_that_leave_nothing_out_are_known() -> None:
    assert reaching.one_always_holds(rows("night", "not night"))
    assert not reaching.one_always_holds(rows("night", "open"))


def test_more_names_than_can_be_tried_are_taken_to_hold() -> None:
    flow = loader.load().flows["return_interview"]
    lists = ["worry", "push", "pull", "help_want", "travel", "comm_help", "place", "nights"]
    assert reaching.can_hold(flow, conditions.parse(" and ".join(f"{name} = unknown" for name in lists)))
