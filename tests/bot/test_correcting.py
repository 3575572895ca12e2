"""What was recorded of a time missing may be wrong: it is put right, every clock is computed again, what stood stays noted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import casework, casing, children, keeping
from bot.config import Settings
from bot.filing import annex_a, ssda903
from bot.play.stage import PLAY_KEYS
from storage import audit, bulk, cases, people, training
from storage.training import Training
from tests.filing.invented import LONDON

if TYPE_CHECKING:
    from storage.database import Transaction

NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
WHY = "the police log says so"
Line = dict[str, Any]


@pytest.fixture
def settings(database_url: str) -> Settings:
    """A child in care who was missing twice, and is back."""
    made = Settings(database_url=database_url, keys=PLAY_KEYS)

    def work(tx: Transaction) -> None:
        for name, role in (("Rosa", "worker"), ("Mel", "manager")):
            people.add(tx, name, role, NOW)
        cases.add(tx, "1001", NOW, {"birth_date": "2012-02-29", "looked_after": "yes", "child_ref": "1001"})

    keeping.within(made, work)
    for began, back in (("2026-11-10 18:00", "2026-11-11 09:00"), ("2026-11-15 18:00", "2026-11-16 10:00")):
        casing.missing(made, "1001", began, "Rosa", [], NOW, new=False)
        casing.returned(made, "1001", back, "Rosa", NOW)
    return made


def shown(settings: Settings, kind: str) -> list[Line]:
    return [line for line in casing.show(settings, "1001", NOW) if line["kind"] == kind]


def correct(settings: Settings, began: str | None = None, *, at: datetime = NOW, **given: str) -> list[str]:
    return casing.correct(settings, "1001", given, WHY, "Rosa", began, at)


def filed(settings: Settings) -> list[tuple[str, ...]]:
    def work(tx: Transaction) -> list[tuple[str, ...]]:
        rows, _ = ssda903.collect(children.everyone(tx, []), 2027, LONDON, [], date(2026, 11, 16))
        return [row[3:] for row in rows]

    return keeping.within(settings, work)


def test_a_corrected_return_moves_every_clock_and_what_stood_is_kept(settings: Settings) -> None:
    told = correct(settings, returned="2026-11-16 06:30")
    assert "  R01 running, due Tue 17 Nov 06:30" in told
    first, second = shown(settings, "interview")
    assert (first["R02"]["due"], second["R02"]["due"]) == ("2026-11-14T09:00:00+00:00", "2026-11-19T06:30:00+00:00")
    police = next(one for one in shown(settings, "deadline") if one["rule"] == "R01" and one["before"])
    assert police["before"] == [{"due": "2026-11-17T10:00:00+00:00", "status": "running"}]
    note = next(one for one in shown(settings, "note") if one["what"] == "episode_corrected")
    assert note["said"] == {"returned_was": "2026-11-16T10:00:00+00:00", "because": WHY}
    assert keeping.within(settings, audit.verify) is None


def test_a_corrected_beginning_is_what_is_filed(settings: Settings) -> None:
    correct(settings, "2026-11-10 18:00", missing="2026-11-09 23:30")
    assert filed(settings) == [("09/11/2026", "11/11/2026"), ("15/11/2026", "16/11/2026")]


def test_who_is_not_back_after_all_is_missing_with_every_clock(settings: Settings) -> None:
    correct(settings, returned="never")
    (child,) = shown(settings, "child")
    assert (child["recorded_missing"], child["since"]) == (True, "2026-11-15T18:00:00+00:00")
    running = {(one["rule"], one["part"]) for one in shown(settings, "deadline") if one["status"] == "running"}
    assert running >= {("R15", "service_manager"), ("R15", "director"), ("R17", ""), ("R19", "")}
    assert shown(settings, "interview")[-1]["R04"]["status"] == "blocked"
    # And back again, told of then.
    later = NOW + timedelta(hours=2)
    casing.located(settings, "1001", "2026-11-16 13:30", "Rosa", later)
    correct(settings, at=later, located="never")
    casing.located(settings, "1001", "2026-11-16 13:45", "Rosa", later)
    casing.returned(settings, "1001", "2026-11-16 14:00", "Rosa", later)
    assert shown(settings, "interview")[-1]["R02"]["due"] == "2026-11-19T14:00:00+00:00"
    offer = next(one for one in shown(settings, "deadline") if one["rule"] == "R05" and one["status"] == "running")
    assert offer["inputs"]["notified_at"] == later.isoformat()


def test_a_time_missing_that_never_was_counts_nowhere_and_owes_nothing(settings: Settings) -> None:
    with pytest.raises(casework.NotPossible, match="for a manager"):
        casing.never_missing(settings, "1001", "2026-11-10 18:00", "another child's", "Rosa", NOW)
    told = casing.never_missing(settings, "1001", "2026-11-10 18:00", "another child's", "Mel", NOW)
    assert any(line.startswith("  R04 withdrawn") for line in told)
    assert filed(settings) == [("15/11/2026", "16/11/2026")]
    (pattern,) = shown(settings, "pattern")
    assert (pattern["in_year"], pattern["second_in_a_year"]) == (1, False)
    assert keeping.within(settings, lambda tx: bulk.recorded_missing(tx, frozenset())) == 1
    note = next(one for one in shown(settings, "note") if one["what"] == "episode_never_was")
    assert note["said"]["missing_was"] == "2026-11-10T18:00:00+00:00"
    assert not [one for one in casing.show(settings, "1001", NOW) if one.get("what") == "plan_same_worker"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "say which time"),
        ({"located": "2026-11-16 09:00"}, "located is not recorded"),
        ({"missing": "never"}, "never-missing"),
        ({"returned": "2026-11-16 10:00"}, "recorded already"),
        ({"returned": "2026-11-15 17:00"}, "returned would be before missing"),
        ({"returned": "2026-11-17 10:00"}, "still to come"),
        ({"missing": "2026-11-11 08:00"}, "by another record"),
    ],
)
def test_what_cannot_have_been_is_refused(settings: Settings, given: dict[str, str], told: str) -> None:
    before = shown(settings, "episode")
    with pytest.raises(casework.NotPossible, match=told):
        casing.correct(settings, "1001", given, WHY, "Rosa", None, NOW)
    assert shown(settings, "episode") == before
    with pytest.raises(casework.NotPossible, match="no time missing"):
        correct(settings, "2026-11-12 18:00", returned="2026-11-12 19:00")


def test_one_absence_in_two_records_is_one_interview(settings: Settings) -> None:
    """Located and not back: away from that moment. Who speaks with the child then has spoken with them about both."""
    later = NOW + timedelta(days=3)

    def train(tx: Transaction) -> None:
        rosa = people.by_name(tx, "Rosa")
        assert rosa is not None
        training.record(tx, Training(rosa.id, later.date(), later.date()), "cli", NOW)

    keeping.within(settings, train)
    casing.missing(settings, "1001", "2026-11-17 18:00", "Rosa", [], later, new=False)
    casing.located(settings, "1001", "2026-11-18 09:00", "Rosa", later)
    casing.missing(settings, "1001", "2026-11-18 09:00", "Rosa", ["status=away"], later, new=False)
    casing.returned(settings, "1001", "2026-11-19 10:00", "Rosa", later)
    assert {one["R04"]["status"] for one in shown(settings, "interview")[-2:]} == {"running"}
    casing.spoke(settings, "1001", "phone", "Rosa", "2026-11-19 12:00", later)
    casing.note(settings, "1001", "form_signed", "Rosa", {}, None, later)
    assert {one["R04"]["status"] for one in shown(settings, "interview")[-2:]} == {"met"}
    assert not [one for one in shown(settings, "deadline") if one["rule"] == "R07" and one["status"] != "met"]

    def said(tx: Transaction) -> list[tuple[str | int, ...]]:
        return annex_a.collect(children.everyone(tx, []), date(2026, 11, 30), LONDON)

    assert [row[1:] for row in keeping.within(settings, said)] == [(3, 1, "a) Yes", "a) Yes")]
