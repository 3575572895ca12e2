"""The numbers behind the pictures: what is counted, of which months, and that no small number can be read from them."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot import casework, plots
from bot.desk import plotting
from bot.plots import HIDDEN, Bar, Plot
from storage import alerts, cases, registers, retention, tables
from storage.keys import Sealed
from tests.desk.at_desk import AtDesk, seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flows.working_time import Calendar
    from storage.database import Transaction

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.fixture
def here(migrated_file: Path, tmp_path: Path) -> Iterator[AtDesk]:
    shutil.copyfile(migrated_file, file := tmp_path / "desk.db")
    made = AtDesk(f"sqlite:///{file}")
    yield made
    made.close()


def found(desk: AtDesk) -> dict[str, Plot]:
    calendar = desk.house.shelf.calendar
    several = desk.read(lambda tx: plots.everything(tx, calendar, desk.now))
    return {one.key: one for one in several.plots}


def bars(plot: Plot) -> dict[str, tuple[str, ...]]:
    return {label: tuple(bar.told for bar in row) for label, row in plot.rows}


def came_back(desk: AtDesk, number: int, *, spoken: int, returned: datetime = NOW - timedelta(days=10)) -> None:
    """So many children came back, and so many of them were talked with an hour later."""
    from storage.training import Training, record

    def work(tx: Transaction) -> None:
        ana = desk.people["duty"]
        record(tx, Training(ana.id, date(2027, 1, 1), date(2027, 1, 1)), "test", returned)
        for one in range(number):
            case = cases.add(tx, f"C-{returned:%m%d}-{one}", returned, {"birth_date": "2012-03-14"})
            cases.add_episode(tx, case.id, returned - timedelta(days=1), returned)
            if one < spoken:
                casework.spoke(tx, desk.house, ana, case.id, "phone", NOW, when=returned + timedelta(hours=1))

    desk.do(work)


def test_twelve_months_up_to_this_one() -> None:
    assert plots.months(date(2026, 1, 31)) == (*(f"2025-{month:02d}" for month in range(2, 13)), "2026-01")
    assert len(plots.months(date(2026, 11, 16))) == 12


def test_in_time_by_month_and_the_stages(here: AtDesk) -> None:
    came_back(here, 12, spoken=6)
    came_back(here, 5, spoken=5, returned=datetime(2026, 3, 10, 12, tzinfo=UTC))
    came_back(here, 3, spoken=3, returned=datetime(2026, 5, 12, 12, tzinfo=UTC))
    came_back(here, 9, spoken=0, returned=datetime(2025, 11, 20, 12, tzinfo=UTC))
    shown = found(here)
    told = bars(shown["in_time"])
    assert told["2026-11"] == ("50% (6 of 12)", "50% (6 of 12)")
    assert told["2026-03"] == ("100% (5 of 5)", "100% (5 of 5)")
    assert told["2026-05"] == (HIDDEN, HIDDEN)
    assert told["2026-04"] == ("none", "none")
    assert "2025-11" not in told
    # What is older than the twelve months is nowhere.
    assert bars(shown["stages"]) == {
        "returned": ("20",), "offered": ("14",), "accepted, and held with a person": ("14",), "record signed": ("0",),
    }  # fmt: skip


@pytest.mark.parametrize(("number", "of"), [(1, 20), (17, 20), (3, 3), (4, 8)])
def test_a_share_of_which_a_small_number_could_be_worked_out_is_not_shown(number: int, of: int) -> None:
    assert plots._share(number, of) == Bar(None, HIDDEN)


def test_a_step_down_of_a_few_is_not_shown(here: AtDesk) -> None:
    came_back(here, 12, spoken=10)
    told = bars(found(here)["stages"])
    assert told["returned"] == ("12",)
    assert told["offered"] == told["accepted, and held with a person"] == (HIDDEN,)
    assert told["record signed"] == ("0",)


def test_minutes_until_an_alert_was_taken(here: AtDesk) -> None:
    for number in range(6):
        alert = here.alert(address=f"+4477009005{number:02d}")

        def take(tx: Any, alert: str = alert.id, number: int = number) -> None:
            from dataclasses import replace

            held = alerts.load(tx, alert)
            alerts.save(
                tx, replace(held, state="acknowledged", taken_by="ana", taken_at=here.now + timedelta(minutes=number))
            )

        here.do(take)
    here.alert("hi", "1", "help he has a knife and i cant get out", address="+447700900599")
    here.now += timedelta(hours=1)
    told = bars(found(here)["minutes"])
    assert told["L3"] == ("2.5 min (of 6)", "4.5 min (of 6)")
    assert told["L4"] == ("none", "none")


def test_check_ins_by_the_borough_that_asked(here: AtDesk) -> None:
    for number in range(11):
        address = f"07700 9006{number:02d}"
        given = {"number": address, "reference": "MP 123", "age_band": "13_15", "safe": "yes", "borough": "Lewisham"}
        given |= {"trafficked": "no", "read_by_others": "no"}
        assert "Accepted" in seen(here.post("/request", "requester", **given))
        if number < 6:
            here.child_says("hi", f"+4477009006{number:02d}")
    refused = here.post("/request", "requester", number="07700 900699", reference="MP 1", safe="yes", borough="Kent")
    assert refused.status_code == 400
    here.now += timedelta(minutes=1)
    assert bars(found(here)["reach"]) == {"Lewisham": ("11", "6")}


def test_the_page_draws_what_the_table_says_and_hides_what_is_small(here: AtDesk) -> None:
    came_back(here, 9, spoken=3)
    page = here.get("/plots", "manager")
    assert page.status_code == 200
    assert 'style="' not in page.text
    assert "<script" not in page.text.split("<main", 1)[1]
    told = seen(page)
    assert told.count(HIDDEN) > 2
    assert "3 of 9" not in told
    assert here.get("/plots", "duty").status_code == 403


def test_it_is_counted_once_a_quarter_of_an_hour_and_nobody_waits_for_it(
    here: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[datetime] = []
    everything = plots.everything

    def counts(tx: Transaction, calendar: Calendar, at: datetime) -> plots.Counted:
        counted.append(at)
        # Whoever opens the page meanwhile is shown what there was.
        others.append(seen(here.get("/plots", "service_manager")))
        return everything(tx, calendar, at)

    others: list[str] = []
    monkeypatch.setattr(plots, "everything", counts)
    assert "As it was" in seen(here.get("/plots", "manager"))
    for minutes in (14, 2):
        here.now += timedelta(minutes=minutes)
        here.get("/plots", "manager")
    assert [at - counted[0] for at in counted] == [timedelta(), timedelta(minutes=16)]
    assert ["It is being counted" in one for one in others] == [True, False]


def test_whom_no_key_opens_is_said_to_be_in_no_picture(here: AtDesk) -> None:
    came_back(here, 12, spoken=6)

    def lose(tx: Transaction) -> tuple[str, str]:
        one, other = (cases.load(tx, case) for case, _ in zip(registers.children(tx), range(2), strict=False))
        change = update(tables.cases).where(tables.cases.c.id == one.id)
        tx.execute(change.values(data_key=Sealed(b"\x01\x02\x03\x04" + b"x" * 80)))
        return one.reference, other.reference

    lost, whole = here.do(lose)
    page = here.get("/plots", "manager")
    assert page.status_code == 200
    assert f"may be too low by, {lost}: no key opens it" in seen(page)
    assert whole not in seen(page)
    assert bars(found(here)["stages"])["returned"] == ("11",)
    here.do(lambda tx: retention.erase_case(tx, here.read(lambda tx: cases.named(tx, lost)) or ""))
    assert lost not in seen(here.get("/plots", "manager"))


def test_a_bar_is_as_long_as_its_number() -> None:
    plot = Plot(
        "k",
        "t",
        "n",
        "",
        ("one", "two"),
        (("a", (Bar(10, "10"), Bar(5, "5"))), ("b", (Bar(None, HIDDEN), Bar(0, "0")))),
    )
    drawn = plotting.drawn(plot)
    widths = [[bar.width for bar in row] for _, _, row in drawn.rows]
    assert widths == [[470.0, 235.0], [0.0, 0.0]]
    assert [pattern for pattern, _ in drawn.legend] == ["solid", "lines"]
    assert drawn.height >= max(bar.y + plotting.BAR for _, _, row in drawn.rows for bar in row)
