"""Whose what is owed is: of a role, of a child's own worker, of whoever was told; what others owe once it is chased."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from bot import __main__, casing, keeping, owing
from bot.config import Settings
from bot.play import script
from bot.play.stage import PLAY_KEYS, Stage
from storage import cases, people, tables
from storage.keys import Sealed

if TYPE_CHECKING:
    from storage.database import Transaction

LOST = b"\x01\x02\x03\x04" + b"x" * 80
NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
HEAD = """flow: return_interview
now: 2026-11-16 12:00
child: age=15 looked_after=no learning_disability=no social_worker=no worker=Rosa
episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"
rota: ana=duty mel=manager sue=service_manager rosa=worker wim=worker
"""


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Two workers, a manager, duty; LA-1's worker is Rosa, LA-2 has none that is still here."""
    made = Settings(database_url=database_url, keys=PLAY_KEYS)

    def work(tx: Transaction) -> None:
        for name, role in (("Rosa", "worker"), ("Wim", "worker"), ("Mel", "manager"), ("Ana", "duty")):
            people.add(tx, name, role, NOW)
        people.set_active(tx, people.add(tx, "Gone", "worker", NOW).id, on=False)
        for child, worker in (("LA-1", "rosa"), ("LA-2", "Gone")):
            known = {"birth_date": "2012-02-29", "looked_after": "no", "social_worker": "no", "worker": worker}
            cases.add(tx, child, NOW, known)

    keeping.within(made, work)
    return made


def of(settings: Settings, name: str, at: datetime = NOW) -> set[tuple[str | None, str]]:
    lines = keeping.within(settings, lambda tx: owing.of_person(tx, name, at, settings.timezone))
    assert lines is not None
    return {(line["case"], str(line.get("rule", line["what"]))) for line in lines}


def named(settings: Settings, child: str) -> str:
    case = keeping.within(settings, lambda tx: cases.find(tx, child))
    assert case is not None
    return case.reference


def test_a_childs_own_worker_has_their_clocks_and_anybody_those_of_a_worker_who_left(settings: Settings) -> None:
    for child in ("LA-1", "LA-2"):
        casing.missing(settings, child, "2026-11-15 18:00", "Rosa", [], NOW, new=False)
        casing.returned(settings, child, "2026-11-16 10:00", "Rosa", NOW)
    theirs, free = named(settings, "LA-1"), named(settings, "LA-2")
    assert {(theirs, "R04"), (free, "R04"), (free, "R05")} <= of(settings, "Rosa")
    assert {case for case, _ in of(settings, "wim")} == {free}
    assert of(settings, "Mel") == set()
    # What the police owe is nobody's here, until it is late and somebody chases it.
    assert "R01" not in {rule for _, rule in of(settings, "Rosa")}
    late = NOW + timedelta(days=1)
    casing.note(settings, "LA-1", "action", "Rosa", {}, None, late)
    assert (theirs, "R01") in of(settings, "Rosa", late)


def test_whoever_was_told_reports_it_and_their_role_sees_it_too(settings: Settings) -> None:
    casing.note(settings, "LA-1", "abuse_told", "Wim", {}, None, NOW)
    child = named(settings, "LA-1")
    assert (child, "R32") in of(settings, "Wim")
    assert (child, "R32") in of(settings, "Ana"), "the work stands with whoever is on duty"
    assert (child, "R32") not in of(settings, "Rosa")
    with pytest.raises(AssertionError):
        of(settings, "Gone")


def test_one_child_whom_no_key_opens_stops_nobodys_list(settings: Settings) -> None:
    for child in ("LA-1", "LA-2"):
        casing.missing(settings, child, "2026-11-15 18:00", "Rosa", [], NOW, new=False)
        casing.returned(settings, child, "2026-11-16 10:00", "Rosa", NOW)
    broken, whole = named(settings, "LA-1"), named(settings, "LA-2")
    change = update(tables.cases).where(tables.cases.c.reference == broken).values(data_key=Sealed(LOST))
    keeping.within(settings, lambda tx: [tx.execute(change)])
    assert {(broken, "R04"), (whole, "R04")} <= of(settings, "Rosa")
    assert {(broken, "R04"), (whole, "R04")} <= of(settings, "Wim"), (
        "of whom nobody can read whose they are, it is everybody's"
    )


def test_one_chat_that_no_key_opens_stops_nobodys_list(database_url: str) -> None:
    with Stage(script.parse(HEAD), database_url) as stage:
        for line in script.parse(HEAD + "child > 1\nchild > 1\nchild > 1\nchild > my uncle touched me\n").lines:
            stage.line(line)
        change = update(tables.contacts).values(data_key=Sealed(LOST))
        stage.committer.submit(lambda tx: [tx.execute(change)])
        with stage.database.snapshot() as tx:
            owed = list(owing.owed(tx, stage.now, stage.house.settings.timezone))
        assert [one["who"] for one in owed if one.get("rule") == "R32"] == [None]


@pytest.mark.parametrize(("before", "who"), [("", None), ("desk > wim takes\ndesk > wim says Hi\n", "wim")])
def test_whoever_was_talking_with_the_child_was_told(database_url: str, before: str, who: str | None) -> None:
    with Stage(script.parse(HEAD), database_url) as stage:
        lines = f"child > 1\nchild > 1\nchild > 1\n{before}child > my uncle touched me\n"
        for line in script.parse(HEAD + lines).lines:
            stage.line(line)
        with stage.database.snapshot() as tx:
            owed = [one for one in owing.owed(tx, stage.now, stage.house.settings.timezone) if one.get("rule") == "R32"]
        assert [(one["who"], one["for"], one["work_for"]) for one in owed] == [(who, "recorder", "duty")]


def test_the_command_takes_a_role_or_a_name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYMARK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WAYMARK_KEYS", PLAY_KEYS)
    now = datetime.now(UTC)
    casing.note(settings, "LA-1", "abuse_told", "Wim", {}, None, now)
    told = {}
    for who in ("recorder", "duty", "Wim", "ana", "Rosa", "manager"):
        done = CliRunner().invoke(__main__.app, ["due", "--for", who, "--json"])
        told[who] = [json.loads(line).get("rule") for line in done.stdout.splitlines()]
    assert {who: "R32" in rules for who, rules in told.items()} == {
        "recorder": True, "duty": True, "Wim": True, "ana": True, "Rosa": False, "manager": False,
    }  # fmt: skip
    shown = CliRunner().invoke(__main__.app, ["due", "--for", "Wim"]).stdout
    assert "Wim " in shown
    assert "R32 report of child sexual abuse: csa report (duty)" in shown
    assert "nobody of this name" in CliRunner().invoke(__main__.app, ["due", "--for", "Nobody"]).stderr
