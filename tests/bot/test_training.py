"""`waymark staff trained`: two dates, one line of mistake, and who counts today."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot import __main__, app, keeping, staffing, training
from bot.config import Settings
from bot.keeping import NotFound

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    made = Settings(database_url=database_url, keys_file=tmp_path / "keys")
    keeping.new_keys(made)
    app.database(made).close()
    staffing.add(made, "Ana", "worker", {}, AT)
    return made


def test_the_last_day_of_both_counts_by_the_local_date(settings: Settings) -> None:
    assert "counts as trained today" in training.record(
        settings, "ana", "2026-11-30", "2027-05-31", AT, regulated=False
    )
    (line,) = training.everyone(settings, AT)
    assert (line["counts"], line["trained_until"], line["regulated"]) == (True, "2026-11-30", False)
    (line,) = training.everyone(settings, AT.replace(month=12, day=1, hour=0, minute=30))
    assert not line["counts"]
    assert "NOT" in training.record(settings, "Ana", "2027-11-30", "2026-11-29", AT, regulated=True)


@pytest.mark.parametrize(
    ("name", "until", "message"),
    [("Bob", "2027-11-30", "nobody called 'Bob'"), ("Ana", "30/11/2027", "--until 30/11/2027: is no day")],
)
def test_a_mistake_says_what_to_write(settings: Settings, name: str, until: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        training.record(settings, name, until, "2027-11-30", AT, regulated=False)
    assert [one["counts"] for one in training.everyone(settings, AT)] == [False]


def test_the_command_tells_who_counts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYMARK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WAYMARK_KEYS_FILE", str(settings.keys_file))
    runner = CliRunner()
    done = runner.invoke(__main__.app, ["staff", "trained", "Ana", "--until", "2090-11-30", "--dbs", "2090-05-31"])
    assert (done.exit_code, done.stdout) == (0, "Ana: counts as trained today\n")
    (line,) = runner.invoke(__main__.app, ["staff", "training", "--json"]).stdout.splitlines()
    assert json.loads(line)["dbs_until"] == "2090-05-31"
    assert "Ana                  counts " in runner.invoke(__main__.app, ["staff", "training"]).stdout
