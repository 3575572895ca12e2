"""A backup is worth nothing without the keys, is read back whole or not at all, and brings nobody back who was erased."""

from __future__ import annotations

import errno
import io
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot import __main__, app, backing, forgetting, keeping
from bot.config import Settings
from bot.faults import user_mistakes
from flows.model import Service
from storage import (
    audit,
    backup,
    cases,
    claiming,
    contacts,
    conversations,
    inbox,
    migrating,
    outbox,
    people,
    sealed_file,
    tables,
)  # fmt: skip
from storage.backup import NotEmpty, WrongKeys
from storage.codes import Sending, Status
from storage.database import Database, Erased
from storage.keys import Keys
from storage.sealed_file import FileBroken
from tests.storage import invented

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction

NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
STEPS = Path(__file__).parents[2] / "docs" / "restore.md"


@pytest.fixture
def settings(database_url: str) -> Settings:
    """A database that is up to date, and empty."""
    made = Settings(database_url=database_url, keys=Keys.new())
    database = app.database(made)
    database.migrate()
    database.close()
    return made


@pytest.fixture
def other(tmp_path: Path, settings: Settings) -> Settings:
    """An empty database, always SQLite: what PostgreSQL held is read back there too."""
    return Settings(database_url=f"sqlite:///{tmp_path / 'other.db'}", keys=settings.keys)


def filled(settings: Settings) -> tuple[str, str, str]:
    def work(tx: Transaction) -> tuple[str, str, str]:
        contact, talk = invented.chat(tx)
        rosa = people.add(tx, "Rosa", "worker", NOW, phone="+447700900100")
        case = cases.add(tx, "LA-1", NOW, {"worker": "Rosa", "note": "\ud83d"})  # half a face, as broken phones send it
        say = outbox.Draft(Sending.SAY, "sms", invented.WORDS, NOW, contact=contact.id, repeat_in_doubt=True)
        outbox.add(tx, say, NOW)
        inbox.keep(tx, "sms", "SM1", invented.CHILD, invented.WORDS, NOW)
        outbox.add(tx, outbox.Draft(Sending.PAGE, "sms", "L3", NOW, staff=rosa.id, repeat_in_doubt=True), NOW)
        audit.record(tx, NOW, rosa.id, "case.opened", case.id)
        return contact.id, talk.id, case.id

    return keeping.within(settings, work)


def everything(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but three: the audit chain, which tells of the restore, and what was going out or coming in."""
    database = app.database(settings)
    with database.snapshot() as tx:
        told = {
            table.name: sorted(map(tuple, tx.execute(select(table)).all()), key=repr)
            for table in tables.contacts.metadata.sorted_tables
            if table.name not in {"audit", "outbox", "inbox"}
        }
    database.close()
    return told


def test_what_was_there_is_there_again(settings: Settings, other: Settings, tmp_path: Path) -> None:
    contact, talk, case = filled(settings)
    file = tmp_path / "one.waymark"
    told = backing.back_up(settings, file, LATER)
    assert told.rows["contacts"] == 1
    assert told.rows["outbox"] == 2
    assert file.stat().st_mode & 0o077 == 0
    back, again = backing.restore(other, file, LATER)
    assert (back.made, dict(back.rows), again) == (LATER, told.rows, 0)
    assert everything(other) == everything(settings)
    assert keeping.within(other, lambda tx: conversations.peek(tx, talk)) == keeping.within(
        settings, lambda tx: conversations.peek(tx, talk)
    )
    assert keeping.within(other, lambda tx: cases.load(tx, case).details["note"]) == "\ud83d"
    assert keeping.within(other, lambda tx: contacts.addresses(tx, contact)) == (("sms", invented.CHILD),)
    assert keeping.within(other, audit.verify) is None
    lines = keeping.within(
        other, lambda tx: [tx.execute(select(tables.audit.c.what).order_by(tables.audit.c.number)).scalars().all()]
    )
    assert lines == [["case.opened", "backup.restored"]]


def test_a_child_is_not_texted_out_of_the_past_and_a_page_goes_again(
    settings: Settings, other: Settings, tmp_path: Path
) -> None:
    filled(settings)
    file = tmp_path / "one.waymark"
    backing.back_up(settings, file, LATER)
    backing.restore(other, file, LATER)
    assert keeping.within(other, lambda tx: [one.text for one in claiming.claim(tx, LATER, 10, ["sms"])]) == ["L3"]
    of_child = select(tables.outbox.c.status, tables.outbox.c.text).where(tables.outbox.c.contact_id.is_not(None))
    assert keeping.within(other, lambda tx: [tuple(row) for row in tx.execute(of_child)]) == [(Status.IN_DOUBT, None)]


def test_what_is_written_after_a_restore_is_numbered_on(settings: Settings, tmp_path: Path) -> None:
    """Back into the kind of database it came from: PostgreSQL gives numbers by itself."""
    filled(settings)
    file = tmp_path / "one.waymark"
    backing.back_up(settings, file, LATER)
    database = app.database(settings)
    database.migrate("base")
    database.close()
    backing.restore(settings, file, LATER)
    filled_again = keeping.within(
        settings,
        lambda tx: outbox.add(tx, outbox.Draft(Sending.PAGE, "sms", "L4", NOW, staff=people.everyone(tx)[0].id), NOW),
    )
    assert filled_again
    assert (
        keeping.within(settings, lambda tx: tx.execute(select(func.count()).select_from(tables.outbox)).scalar()) == 3
    )


def test_whoever_was_erased_is_gone_from_every_older_backup(
    settings: Settings, other: Settings, tmp_path: Path
) -> None:
    contact, talk, case = filled(settings)
    old, new, gone = tmp_path / "old.waymark", tmp_path / "new.waymark", {contact, case}

    def freeze(tx: Transaction) -> None:
        contacts.hold(tx, contact, on=True)
        cases.hold(tx, case, on=True)

    keeping.within(settings, freeze)
    backing.back_up(settings, old, NOW)

    def free(tx: Transaction) -> tuple[str, str]:
        contacts.hold(tx, contact, on=False)
        cases.hold(tx, case, on=False)
        return contacts.load(tx, contact).reference, cases.load(tx, case).reference

    for named in keeping.within(settings, free):
        forgetting.erase(settings, named, LATER)
    backing.back_up(settings, new, LATER)
    _, again = backing.restore(other, old, LATER)
    assert again == 2
    with pytest.raises(Erased):
        keeping.within(other, lambda tx: conversations.load(tx, talk))
    assert keeping.within(other, lambda tx: contacts.addresses(tx, contact)) == ()
    assert keeping.within(other, lambda tx: cases.is_erased(tx, case)) is True
    assert keeping.within(other, audit.verify) is None
    said = select(tables.audit.c.about).where(tables.audit.c.what.in_(["contact.erased", "case.erased"]))
    assert keeping.within(other, lambda tx: {one for (one,) in tx.execute(said)}) == {f"{one} again" for one in gone}


def test_a_case_that_was_split_off_before_the_erasure_stays(
    settings: Settings, other: Settings, tmp_path: Path
) -> None:
    """The backup still has it joined to the child who was erased."""
    _, _, case = filled(settings)

    def join(tx: Transaction) -> tuple[str, str]:
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", "+447700900177", NOW).id
        sister = cases.add(tx, "LA-2", NOW, {"worker": "Rosa"})
        cases.link(tx, case, contact)
        cases.set_joined(tx, sister.id, case)
        cases.hold(tx, sister.id, on=True)
        return contact, sister.id

    contact, sister = keeping.within(settings, join)
    backing.back_up(settings, tmp_path / "old.waymark", NOW)
    keeping.within(settings, lambda tx: cases.set_joined(tx, sister, None))
    named = keeping.within(settings, lambda tx: contacts.load(tx, contact).reference)
    forgetting.erase(settings, named, LATER)
    backing.back_up(settings, tmp_path / "new.waymark", LATER)
    assert backing.restore(other, tmp_path / "old.waymark", LATER)[1] == 2
    assert keeping.within(other, lambda tx: (cases.is_erased(tx, case), cases.is_erased(tx, sister))) == (True, False)
    assert keeping.within(other, lambda tx: cases.is_held(tx, sister)) is True


def test_data_keys_that_are_older_or_another_s_are_refused(settings: Settings, other: Settings, tmp_path: Path) -> None:
    filled(settings)
    old = tmp_path / "old"
    old.mkdir()
    backing.back_up(settings, old / "one.waymark", NOW)
    file, keys = tmp_path / "two.waymark", tmp_path / "data-keys.waymark"
    backing.back_up(settings, file, LATER)
    with pytest.raises(WrongKeys, match="older than the backup"):
        backing.restore(other, file, LATER, old / "data-keys.waymark")
    with pytest.raises(keeping.NotFound, match="--data-keys"):
        backing.restore(other, file, LATER, tmp_path / "none")
    stranger = Settings(database_url=f"sqlite:///{tmp_path / 'stranger.db'}", keys=settings.keys)
    database = app.database(stranger)
    database.migrate()
    database.close()
    filled(stranger)
    before = keys.read_bytes()
    with pytest.raises(WrongKeys, match="another database's"):
        backing.back_up(stranger, tmp_path / "three.waymark", LATER)
    assert keys.read_bytes() == before
    backing.back_up(stranger, tmp_path / "three.waymark", LATER, tmp_path / "its keys")
    with pytest.raises(WrongKeys, match="another database's"):
        backing.restore(other, tmp_path / "three.waymark", LATER, keys)
    with pytest.raises(keeping.NotFound, match="data keys"):
        backing.back_up(settings, keys, LATER)
    # Who went back to an older one goes on from there, in the same folder.
    backing.restore(other, old / "one.waymark", LATER, keys)
    backing.back_up(other, tmp_path / "four.waymark", LATER)


def test_what_came_in_and_was_not_answered_is_answered_by_hand(
    settings: Settings, other: Settings, tmp_path: Path
) -> None:
    filled(settings)
    file = tmp_path / "one.waymark"
    assert backing.back_up(settings, file, LATER).waiting == 1
    told, _ = backing.restore(other, file, LATER)
    assert told.waiting == 1
    rows = select(tables.inbox.c.payload, tables.inbox.c.handled_at)
    assert keeping.within(other, lambda tx: [tuple(row) for row in tx.execute(rows)]) == [(None, LATER)]


def test_a_backup_that_failed_was_not_made(settings: Settings, tmp_path: Path) -> None:
    filled(settings)
    (tmp_path / "data-keys.waymark").write_bytes(b"\0" * 400)
    with pytest.raises(FileBroken):
        backing.back_up(settings, tmp_path / "one.waymark", LATER)
    assert not (tmp_path / "one.waymark").exists()
    assert keeping.within(settings, lambda tx: audit.last(tx, "backup.made")) is None


def test_without_the_keys_it_is_worth_nothing(settings: Settings, other: Settings, tmp_path: Path) -> None:
    filled(settings)
    file = tmp_path / "one.waymark"
    backing.back_up(settings, file, LATER)
    raw = file.read_bytes() + (tmp_path / "data-keys.waymark").read_bytes()
    for word in (b"Rosa", b"LA-1", invented.CHILD.encode(), invented.WORDS.encode(), b"contacts"):
        assert word not in raw
    with pytest.raises(FileBroken, match="WAYMARK_KEYS_FILE"):
        backing.restore(Settings(database_url=other.database_url, keys=Keys.new()), file, LATER)


def test_the_right_keys_with_another_pepper_are_refused(settings: Settings, other: Settings, tmp_path: Path) -> None:
    filled(settings)
    backing.back_up(settings, tmp_path / "one.waymark", LATER)
    ring = ";".join([Keys.new().split(";")[0], *str(settings.keys).split(";")[1:]])
    with pytest.raises(WrongKeys, match="pepper="):
        backing.restore(Settings(database_url=other.database_url, keys=ring), tmp_path / "one.waymark", LATER)
    backing.restore(other, tmp_path / "one.waymark", LATER)


@pytest.mark.parametrize("hurt", ["cut", "cut at a piece", "changed", "no backup", "empty"])
def test_a_broken_file_is_refused_and_nothing_is_kept(
    settings: Settings, other: Settings, tmp_path: Path, hurt: str
) -> None:
    filled(settings)
    file = tmp_path / "one.waymark"
    backing.back_up(settings, file, LATER)
    raw = file.read_bytes()
    last = _ends(raw)[-2]
    broken = {
        "cut": raw[:-20],
        "cut at a piece": raw[:last],
        "changed": raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:],
        "no backup": b"SQLite format 3\0" + raw,
        "empty": b"",
    }[hurt]
    file.write_bytes(broken)
    with pytest.raises(FileBroken, match=r"another copy of it|no backup file"):
        backing.restore(other, file, LATER)
    opened = Database(other.database_url, Keys.load(str(other.keys)))
    assert opened.schema_version() is None
    opened.close()


def _ends(raw: bytes) -> list[int]:
    """Where each piece ends."""
    at, found = raw.index(b"\n") + 1, []
    while at < len(raw):
        at += 4 + int.from_bytes(raw[at : at + 4], "big")
        found.append(at)
    return found


def test_an_older_program_s_backup_is_brought_up_and_a_newer_one_s_is_refused(other: Settings, tmp_path: Path) -> None:
    ring, before = Keys.load(str(other.keys)), migrating.chain()[-2]
    first = {"made": "2026-11-16T13:00:00+00:00", "audit": [0, ""], "first": "", "waiting": 0}
    with (tmp_path / "data-keys.waymark").open("wb") as out:
        sealed_file.write(out, ring, "data keys", iter([first, [0]]))

    def of(schema: str) -> Path:
        row = [{"b": "c3RvcA=="}, {"t": "2026-11-16T13:00:00.000000+00:00"}]
        held, told = ["stops", ["fingerprint", "at"], [row]], {"rows": {"stops": 1}, "audit": [0, ""]}
        with (tmp_path / f"{schema}.waymark").open("wb") as out:
            sealed_file.write(out, ring, "backup", iter([first | {"schema": schema}, held, told]))
        return tmp_path / f"{schema}.waymark"

    with pytest.raises(FileBroken, match="newer program"):
        backing.restore(other, of("9999"), LATER)
    backing.restore(other, of(before), LATER)
    kept = select(tables.stops.c.fingerprint, tables.stops.c.at)
    assert keeping.within(other, lambda tx: [tuple(row) for row in tx.execute(kept)]) == [(b"stop", NOW)]


def test_nothing_is_written_over(settings: Settings, tmp_path: Path) -> None:
    filled(settings)
    file = tmp_path / "one.waymark"
    backing.back_up(settings, file, LATER)
    with pytest.raises(keeping.NotFound, match="never written over"):
        backing.back_up(settings, file, LATER)
    before = everything(settings)
    with pytest.raises(NotEmpty):
        backing.restore(settings, file, LATER)
    assert everything(settings) == before


def test_at_the_command_line(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, file = tmp_path / "keys", tmp_path / "one.waymark"
    keys.write_text(Keys.new())
    monkeypatch.setenv("WAYMARK_DATABASE_URL", database_url)
    monkeypatch.setenv("WAYMARK_KEYS_FILE", str(keys))
    run = CliRunner()
    assert run.invoke(__main__.app, ["migrate"]).exit_code == 0
    done = run.invoke(__main__.app, ["backup", str(file)])
    assert done.exit_code == 0, done.output
    assert "WAYMARK_KEYS_FILE is in neither" in done.output
    monkeypatch.setenv("WAYMARK_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    done = run.invoke(__main__.app, ["restore", str(file)])
    assert done.exit_code == 0, done.output
    assert "the audit chain holds" in done.output
    missing = run.invoke(__main__.app, ["restore", str(tmp_path / "none")])
    assert isinstance(missing.exception, user_mistakes())
    assert isinstance(run.invoke(__main__.app, ["restore", str(file)]).exception, NotEmpty)


def test_a_folder_is_no_backup(settings: Settings, other: Settings, tmp_path: Path) -> None:
    with pytest.raises(keeping.NotFound, match="is a folder"):
        backing.restore(other, tmp_path, NOW)
    assert not (tmp_path / "other.db").exists()


def test_where_a_backup_cannot_be_written_the_rows_are_let_go(settings: Settings) -> None:
    """What is still open when the transaction ends is told by the driver, in a trace behind our one line."""
    filled(settings)
    database = app.database(settings)
    pieces: list[object] = []

    def full(_out: object, _keys: object, _kind: str, found: Iterator[object]) -> NoReturn:
        pieces.extend((found, next(found), next(found)))
        raise OSError(errno.ENOSPC, "full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_file, "write", full)
        with pytest.raises(OSError, match="full"), database.snapshot() as tx:
            backup.write(tx, io.BytesIO(), io.BytesIO(), NOW)
    assert getattr(pieces[0], "gi_frame", 1) is None
    database.close()


def test_the_steps_for_a_new_machine_bring_it_back_word_by_word(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of the document in their order, with its folders in the test's; `serve`, which does not end, apart."""
    assert settings.keys
    for folder in ("media", "etc/waymark", "srv"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "media" / "keys").write_text(settings.keys, "utf-8")
    filled(settings)
    backing.back_up(settings, tmp_path / "media" / "2026-11-16.waymark", NOW)
    steps = [line.strip() for line in STEPS.read_text("utf-8").splitlines() if line.startswith("       ")]
    ended = []
    for step in steps:
        for folder in ("/media", "/etc", "/srv"):
            step = step.replace(folder, f"{tmp_path}{folder}")  # noqa: PLW2901
        program, *arguments = shlex.split(step)
        if program == "export":
            monkeypatch.setenv(*arguments[0].split("=", 1))
        elif program == "waymark" and arguments != ["serve"]:
            ended.append((arguments[0], CliRunner().invoke(__main__.app, arguments)))
        elif program != "waymark":
            subprocess.run([program, *arguments], check=True)
    assert [name for name, _ in ended] == ["restore", "doctor", "due", "backup"]
    assert [name for name, done in ended if done.exit_code] == ["doctor"], "no account for texts is set here"
    assert "the audit chain holds" in ended[0][1].output
    assert f"ok   database: schema {migrating.head()}, can be written" in ended[1][1].output
