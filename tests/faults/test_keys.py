"""Keys that are rotated while children text, keys of another database, and a value that does not open."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.channels.base import Inbound
from storage import audit, inbox, tables
from storage.keys import Keys, Sealed
from tests.faults import judging
from tests.faults.program import ANA

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.program import Program
    from tests.faults.provider import Provider

CHILD, OTHER = "+447700900130", "+447700900131"
SOON_SECONDS = 30


@pytest.fixture
def ring(program: Program, tmp_path: Path) -> Path:
    """A key file that is this test's own to change."""
    own = tmp_path / "ring"
    shutil.copyfile(program.settings["WAYMARK_KEYS_FILE"], own)
    program.settings["WAYMARK_KEYS_FILE"] = str(own)
    return own


def test_a_rotation_while_serving_keeps_no_child_waiting(program: Program, ring: Path, provider: Provider) -> None:
    program.start()
    assert program.text("SM1", CHILD, "hello") == 204
    code, said, complaint = program.run("keys", "rotate")
    assert (code, complaint) == (0, "")
    assert "reads the new key by itself" in said
    assert ring.read_text("utf-8").count("key=") == 2

    assert program.text("SM2", CHILD, "my stepdad raped me last night") == 204
    assert program.text("SM3", OTHER, "he hits me") == 204
    until = time.monotonic() + SOON_SECONDS
    while len(provider.to(ANA)) < 2:
        assert time.monotonic() < until, program.log()
        time.sleep(0.1)
    assert program.get("/readyz") == 200
    program.stop()
    with judging.house(program) as ours, ours.database.transaction() as tx:
        assert inbox.waiting(tx) == 0


def test_two_rotations_at_once_lose_no_key(program: Program, ring: Path) -> None:
    before, aside = ring.read_text("utf-8"), ring.with_name("ring.new")
    aside.write_text("", "utf-8")
    code, _, complaint = program.run("keys", "rotate")
    assert (code, complaint.count("\n")) == (2, 1)
    assert str(aside) in complaint
    assert ring.read_text("utf-8") == before


@pytest.mark.parametrize("command", [("serve",), ("erase", "LA-0042"), ("keys", "rotate"), ("retain",)])
def test_keys_of_another_database_open_nothing_and_change_nothing(
    program: Program, ring: Path, command: tuple[str, ...]
) -> None:
    ours = ring.read_text("utf-8")
    ring.write_text(other := Keys.new(), "utf-8")
    code, said, complaint = program.run(*command)
    assert (code, said) == (2, "")
    assert complaint.count("\n") == 1
    assert "WAYMARK_KEYS_FILE: these keys do not open what this database keeps" in complaint
    assert ring.read_text("utf-8") == other
    ring.write_text(ours, "utf-8")
    with judging.house(program) as house, house.database.transaction() as tx:
        assert audit.verify(tx) is None


def another_pepper(ring: Path) -> str:
    """The same keys under another pepper; returns the ring as it was."""
    ours = ring.read_text("utf-8")
    ring.write_text(";".join([Keys.new().split(";")[0], *ours.strip().split(";")[1:]]), "utf-8")
    return ours


@pytest.mark.parametrize("command", [("serve",), ("keys", "rotate"), ("erase", "LA-0042")])
def test_another_pepper_knows_nobody_and_changes_nothing(
    program: Program, ring: Path, command: tuple[str, ...]
) -> None:
    with judging.house(program) as house:
        house.runner.accept(Inbound("sms", "SM1", CHILD, "hello", None, datetime.now(UTC)))
    ours = another_pepper(ring)
    code, said, complaint = program.run(*command)
    assert (code, said) == (2, "")
    assert complaint.count("\n") == 1
    assert "WAYMARK_KEYS_FILE: its entry `pepper=` is not the one this database was made with" in complaint
    ring.write_text(ours, "utf-8")
    with judging.house(program) as house, house.database.transaction() as tx:
        assert audit.verify(tx) is None


def test_keys_that_no_longer_open_what_is_kept_are_not_ready(program: Program, ring: Path) -> None:
    program.start()
    ours = ring.read_text("utf-8")
    assert program.run("keys", "rotate")[0] == 0
    ring.write_text(ours, "utf-8")  # an older copy, put back
    until = time.monotonic() + SOON_SECONDS
    while program.get("/readyz") != 503:
        assert time.monotonic() < until, program.log()
        time.sleep(0.1)


def test_one_that_does_not_open_holds_up_its_own_child_alone(program: Program, provider: Provider) -> None:
    now = datetime.now(UTC)
    with judging.house(program) as ours:
        kept = Inbound("sms", "SM1", CHILD, "hello", None, now)
        later = Inbound("sms", "SM2", OTHER, "he raped me", None, now)
        with ours.database.transaction() as tx:
            stranger = Keys.load(Keys.new())
            for one in (kept, later):
                inbox.keep(
                    tx, "sms", one.external_id, one.address, json.dumps(asdict(one) | {"at": now.isoformat()}), now
                )
            foreign = stranger.seal("?", "inbox", "sms", "SM1")
            tx.execute(update(tables.inbox).where(tables.inbox.c.external_id == "SM1").values(payload=foreign))
        for seconds in (0, 31, 95):
            ours.settle(now + timedelta(seconds=seconds), provider)
        assert any("Waymark L3" in text for text in provider.to(ANA)), "who came after is heard"
        assert any("could not be handled" in text for text in provider.to(ANA)), "and a person knows of the first"
        with ours.database.transaction() as tx:
            assert inbox.waiting(tx) == 1, "it is not lost"


def test_a_text_that_does_not_open_holds_up_nobody_elses(program: Program, provider: Provider) -> None:
    now = datetime.now(UTC)
    with judging.house(program) as ours:
        for sid, address in (("SM1", CHILD), ("SM2", OTHER)):
            ours.runner.accept(Inbound("sms", sid, address, "hello", None, now))
        with ours.database.transaction() as tx:
            first = tables.outbox.c.seq == 1
            (whole,) = tx.execute(tables.outbox.select().with_only_columns(tables.outbox.c.text).where(first)).one()
            tx.execute(update(tables.outbox).where(first).values(text=Sealed(bytes(len(whole)))))
        ours.settle(now, provider)
        assert (len(provider.to(CHILD)), len(provider.to(OTHER))) == (0, 1)
        with ours.database.transaction() as tx:
            tx.execute(update(tables.outbox).where(first).values(text=Sealed(whole)))
        ours.settle(now + timedelta(seconds=61), provider)
        assert len(provider.to(CHILD)) == 1, "kept until it opens"
