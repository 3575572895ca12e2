"""Who is trained: both dates, their last days included, and nobody before it was recorded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from storage import audit, people, training
from storage.training import Training
from tests.storage.invented import AT

if TYPE_CHECKING:
    from storage.database import Database

DAY = date(2028, 2, 29)


def test_both_dates_must_hold_and_the_last_day_counts(database: Database) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "Ana", "worker", AT)
        assert training.of(tx, ana.id) is None
        assert not training.in_date(tx, ana.id, DAY)
        training.record(tx, Training(ana.id, DAY, DAY + timedelta(1)), "cli", AT)
        found = [training.in_date(tx, ana.id, DAY + timedelta(days)) for days in (-1, 0, 1)]
    assert found == [True, True, False]


def test_what_is_recorded_last_counts_and_each_time_is_audited(database: Database) -> None:
    with database.transaction() as tx:
        ana, ben = (people.add(tx, name, "worker", AT) for name in ("Ana", "Ben"))
        training.record(tx, Training(ana.id, DAY, DAY), "cli", AT)
        training.record(tx, Training(ana.id, DAY, DAY - timedelta(1), regulated=True), ben.id, AT)
    with database.snapshot() as tx:
        assert training.of(tx, ana.id) == Training(ana.id, DAY, DAY - timedelta(1), regulated=True)
        assert not training.in_date(tx, ana.id, DAY)
        assert training.of(tx, ben.id) is None
        lines = [line for line in audit.about(tx, ana.id) if line.what == "staff.trained"]
    assert [(line.who, line.about[1:]) for line in lines] == [
        ("cli", ("until:2028-02-29", "dbs:2028-02-29")),
        (ben.id, ("until:2028-02-29", "dbs:2028-02-28")),
    ]
