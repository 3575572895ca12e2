"""`waymark doctor`: what it sees of an installation that is right, and of each thing that can be wrong with one."""

from __future__ import annotations

import json
import os
import resource
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from sqlalchemy import text, update

from bot import app, backing, doctor, doctor_kept, finding, i18n, keeping, languages
from bot.channels import sms
from bot.channels.base import Reason, SendFailed, Sent
from bot.channels.sms import Console
from bot.config import Settings
from bot.finding import Seen, Weight
from flows.lines import LoadError
from flows.listening.model import LexiconError
from flows.model import MANAGERS
from storage import audit, engines, outbox, people, rotation, tables
from storage.codes import Sending
from storage.keys import Keys, Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Outgoing
    from storage.database import Transaction
    from tests.forked import Seed

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PUBLIC = "https://text.example.org"
ACCOUNT: dict[str, Any] = {
    "public_url": PUBLIC,
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_tokens": ("an invented token",),
    "twilio_from": "+447700900999",
}
CATALOGUES = i18n.load_catalogues(app.LOCALES)
RIGHT = f"{PUBLIC}/twilio/sms{doctor.OVERRIDE}"


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "load_catalogues", lambda _: CATALOGUES)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation with nothing to complain of: somebody in each role for ten days."""
    made = Settings(database_url=database_url, keys_file=tmp_path / "keys", draft_locales="allow", **ACCOUNT)
    keeping.new_keys(made)
    database = app.database(made)
    with database.transaction() as tx:
        for number, role in enumerate(("duty", "backup", "manager", "service_manager")):
            person = people.add(tx, f"Ana {role}", role, NOW, phone=f"+4477009002{number:02d}", proof="invented")
            people.add_shift(tx, person.id, role, NOW - timedelta(days=1), NOW + timedelta(days=10))
    database.close()
    return made


def seen(settings: Settings, **more: Any) -> list[Seen]:
    return list(doctor.examine(settings, NOW, **more))


def fails(found: list[Seen]) -> list[str]:
    return [one.topic for one in found if one.weight is Weight.FAIL]


def test_an_installation_that_is_right_has_no_fail(settings: Settings) -> None:
    found = seen(settings)
    assert fails(found) == []
    assert {one.topic for one in found} >= {
        "settings",
        "channels",
        "confirm",
        "help numbers",
        "languages",
        "keys",
        "rota",
    }
    assert [one.topic for one in found if one.weight is Weight.WARN] == [
        "confirm",
        "confirm",
        "WAYMARK_PUBLIC_NUMBER",
        "languages",
        "backup",
    ]
    assert any(doctor.OVERRIDE in one.message for one in found)


def test_what_listens_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.weight for one in seen(settings) if one.topic == "listening"] == [Weight.OK]
    alone = replace(app.ears(), sentences=None)
    monkeypatch.setattr(app, "ears", lambda: alone)
    (one,) = (one for one in seen(settings) if one.topic == "listening")
    assert one.weight is Weight.WARN
    assert "pip install '.[sentences]'" in one.message


def test_a_library_with_a_slip_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise LoadError("clocks.yaml", 23, "unknown role 'wroker'; did you mean 'worker'?")

    monkeypatch.setattr(app, "source", broken)
    (one,) = (one for one in seen(settings) if one.weight is Weight.FAIL)
    assert str(one).startswith("fail library: clocks.yaml:23: unknown role 'wroker'; did you mean 'worker'?")


def test_a_list_that_cannot_be_read_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        message = "en.yaml:3: not a list: mend it"
        raise LexiconError(message)

    monkeypatch.setattr(app, "ears", broken)
    assert ("listening", "en.yaml:3: not a list: mend it") in [
        (one.topic, one.message) for one in seen(settings) if one.weight is Weight.FAIL
    ]


def test_nothing_it_says_is_a_secret_or_a_number(settings: Settings) -> None:
    told = "\n".join(map(str, seen(settings)))
    assert not [one for one in ("invented token", "+4477009", "AC000", str(settings.keys_file)) if one in told]


def test_what_it_wrote_to_try_is_gone(settings: Settings) -> None:
    seen(settings)
    database = app.database(settings)
    with database.snapshot() as tx:
        assert audit.head(tx) == (0, "")
    database.close()


@pytest.mark.parametrize(
    ("changes", "topic", "says"),
    [
        ({"twilio_account_sid": "", "twilio_from": ""}, "channels", "staff cannot be paged"),
        ({"twilio_from": "12"}, "channels", "WAYMARK_TWILIO_FROM"),
        ({"draft_locales": "refuse", "locales": ("vi",)}, "languages", "no child would be answered"),
        ({"keys_file": None}, "keys", "waymark keys new"),
        ({"keys_file": None, "keys": Keys.new()}, "keys", "do not open what this database keeps"),
        ({"database_url": "sqlite:///build/not/there.db"}, "database", "waymark migrate"),
        ({"database_url": "postgresql://nobody@127.0.0.1:1/nowhere"}, "database", "cannot be reached"),
    ],
)
def test_what_keeps_a_child_from_being_served_fails(
    settings: Settings, changes: dict[str, Any], topic: str, says: str
) -> None:
    found = seen(replace(settings, **changes))
    assert [one for one in found if one.weight is Weight.FAIL and one.topic == topic and says in one.message]


def test_keys_with_another_pepper_fail(settings: Settings) -> None:
    keeping.within(settings, lambda tx: audit.record(tx, NOW, "cli", "staff.added"))
    assert settings.keys_file is not None
    ring = ";".join([Keys.new().split(";")[0], *settings.keys_file.read_text("utf-8").split(";")[1:]])
    (told,) = [one for one in seen(replace(settings, keys_file=None, keys=ring)) if one.weight is Weight.FAIL]
    assert (told.topic, "entry `pepper=`" in told.message) == ("keys", True)


def test_what_no_key_opens_waits_and_fails(settings: Settings) -> None:
    def work(tx: Transaction) -> None:
        person = people.everyone(tx)[0]
        made = outbox.add(tx, outbox.Draft(Sending.PAGE, "sms", "L3", NOW, staff=person.id), NOW)
        outbox.failed(tx, made, outbox.SEALED, NOW)

    keeping.within(settings, work)
    (told,) = [one for one in seen(settings) if one.weight is Weight.FAIL]
    assert (told.topic, "put back the keys" in told.message) == ("outbox", True)


def test_an_empty_database_is_told_what_it_needs(settings: Settings, empty_database_url: str) -> None:
    found = seen(replace(settings, database_url=empty_database_url))
    assert fails(found) == ["database"]


def test_a_key_file_that_others_may_read(settings: Settings) -> None:
    assert settings.keys_file is not None
    settings.keys_file.chmod(0o644)
    assert any(one.topic == "keys" and one.weight is Weight.WARN for one in seen(settings))


@pytest.mark.parametrize(
    ("more", "topic", "says"),
    [
        ({}, "WAYMARK_PUBLIC_NUMBER", "nobody knows of us"),
        ({"public_number": "07700 900001"}, "WAYMARK_PUBLIC_NUMBER", ""),
        ({"locales": ("en", "xx")}, "languages", "WAYMARK_LOCALES names xx"),
        ({"filing_dir": Path("/nowhere/at/all")}, "filing", "WAYMARK_FILING_DIR is no folder"),
        ({"filing_webhook_url": "http://127.0.0.1/in"}, "filing", "not https"),
    ],
)
def test_a_setting_that_does_not_do_what_it_seems_to_is_said(
    settings: Settings, more: dict[str, Any], topic: str, says: str
) -> None:
    told = [one for one in seen(replace(settings, **more)) if one.topic == topic and one.weight is Weight.WARN]
    assert bool(told) == bool(says)
    assert not says or any(says in one.message for one in told)


@pytest.mark.parametrize(
    ("secret", "said"), [("tiny!", "shorter than 24 bytes"), ("whsec_%%%", "no base64"), ("long enough, " * 3, "")]
)
def test_a_secret_that_signs_nothing_is_told(secret: str, said: str) -> None:
    told = list(doctor._filing(Settings(filing_webhook_url="https://example.org/in", filing_webhook_secret=secret)))
    assert [(one.weight, said in one.message) for one in told] == [(Weight.WARN if said else Weight.OK, True)]
    assert secret not in str(told[0])
    assert list(doctor._filing(Settings())) == []


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(filing_dir=tmp_path)
    assert list(doctor._filing(given)) == []
    assert list(tmp_path.iterdir()) == []

    def refused(**_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    [one] = doctor._filing(given)
    assert "cannot be written (Permission denied)" in one.message


def test_help_numbers_that_nobody_checked(settings: Settings) -> None:
    late = list(doctor.examine(settings, NOW + timedelta(days=200)))
    assert "help numbers" in fails(late)


def test_a_backup_that_is_old_or_was_never_made(settings: Settings, tmp_path: Path) -> None:
    def told() -> tuple[Weight, str]:
        return next((one.weight, one.message) for one in seen(settings) if one.topic == "backup")

    assert told()[0] is Weight.WARN
    assert "none was made" in told()[1]
    backing.back_up(settings, tmp_path / "old.waymark", NOW - timedelta(days=3))
    assert told()[0] is Weight.WARN
    assert "2026-11-18" in told()[1]
    backing.back_up(settings, tmp_path / "new.waymark", NOW - timedelta(hours=3))
    assert told() == (Weight.OK, "made 2026-11-21 09:00 UTC")


def test_hours_with_nobody_are_a_fail_beforehand(settings: Settings) -> None:
    assert fails(list(doctor.examine(settings, NOW + timedelta(days=8)))) == ["rota"] * 4
    assert fails(list(doctor.examine(settings, NOW + timedelta(days=11)))) == ["rota"] * 5


def test_who_stands_there_and_has_proved_no_telephone_is_a_fail(settings: Settings) -> None:
    database = app.database(settings)
    with database.transaction() as tx:
        ben = people.add(tx, "Ben", "backup", NOW, phone="+447700900209")
        people.add_shift(tx, ben.id, "backup", NOW, NOW + timedelta(days=1))
    database.close()
    said = [one.message for one in seen(settings) if one.weight is Weight.FAIL]
    assert [line.partition(";")[0] for line in said] == [
        "backup: Ben has no verified sms",
        "backup: Ben has no verified voice",
    ]


def test_a_name_that_no_key_opens_is_a_fail(settings: Settings) -> None:
    database = app.database(settings)
    with database.transaction() as tx:
        zoe = people.add(tx, "Zoe", "worker", NOW)
        tx.execute(update(tables.staff).where(tables.staff.c.id == zoe.id).values(name=Sealed(b"changed" * 9)))
        named = people.by_name(tx, f"{people.UNREADABLE}{zoe.id}")
        assert named is not None
        assert named.id == zoe.id
    database.close()
    assert fails(seen(settings)) == ["staff"]


def test_a_disk_that_takes_nothing_more_is_a_fail(tmp_path: Path, migrated_file: Path) -> None:
    file = tmp_path / "full.db"
    file.write_bytes(migrated_file.read_bytes())
    full = Settings(database_url=f"sqlite:///{file}", keys_file=tmp_path / "keys", draft_locales="allow", **ACCOUNT)
    keeping.new_keys(full)
    database = app.database(full)
    with database.snapshot() as tx:
        people.everyone(tx)  # whoever reads keeps the log from being begun anew, in the room it has
        for number in range(20):
            with database.transaction() as writing:
                people.add(writing, f"Ana {number}", "duty", NOW, phone=f"+4477009002{number:02d}", proof="invented")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.with_name("full.db-wal").stat().st_size, hard))
        try:
            found = seen(full)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    database.close()
    (said,) = (one.message for one in found if one.topic == "database")
    assert "make room on its disk" in said


def test_a_look_that_fails_takes_no_other_along(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> NoReturn:
        message = "the words of a child"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("flows.checks.numbers", broken)
    monkeypatch.setattr(outbox, "sealed", broken)
    found = seen(settings)
    failed = [one for one in found if one.weight is Weight.FAIL]
    assert [one.topic for one in failed] == ["help numbers", "outbox"]
    assert all("cannot be looked at (ZeroDivisionError at test_doctor.py:" in one.message for one in failed)
    assert found[-1].topic == "rota"


def test_a_look_that_never_ends_is_the_last_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def found() -> Iterator[Seen]:
        yield Seen(Weight.OK, "settings", "all can be read")
        release.wait()

    monkeypatch.setattr(finding, "SECONDS", 0.05)
    told = list(finding.timely(found()))
    release.set()
    assert [(one.weight, one.topic) for one in told] == [(Weight.OK, "settings"), (Weight.FAIL, "doctor")]
    assert list(finding.timely(iter(told))) == told


def test_what_is_raised_outside_every_look_is_a_finding() -> None:
    def broken() -> Iterator[finding.Seen]:
        yield finding.Seen(finding.Weight.OK, "settings", "read")
        raise PermissionError

    assert [one.weight for one in finding.timely(broken())] == [finding.Weight.OK, finding.Weight.FAIL]


def test_a_database_that_is_held_is_told_and_by_whom(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines._LIMITS, "lock_timeout", "50ms")
    monkeypatch.setattr(engines, "_PRAGMAS", ("PRAGMA busy_timeout=0",))
    holder = app.database(settings)
    with holder.transaction() as tx:
        tx.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE") if holder.postgresql else text("SELECT 1"))
        if holder.postgresql:
            tx.execute(text("SELECT pg_sleep(3.1)"))
        found = seen(settings)
    holder.close()
    (failed,) = (one for one in found if one.weight is Weight.FAIL)
    assert (failed.topic, "held by another program" in failed.message) == ("database", True)
    who = [one.message for one in found if (one.weight, one.topic) == (Weight.WARN, "database")]
    assert len(who) == holder.postgresql
    assert all("(waymark, idle in transaction) has been at work for 3 s" in one for one in who)
    assert found[-1].topic == "rota"


def test_a_rotation_that_was_cut_off_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "rewrap", cut)
    with pytest.raises(KeyboardInterrupt):
        keeping.rotate_keys(settings)
    monkeypatch.undo()
    monkeypatch.setattr(i18n, "load_catalogues", lambda _: CATALOGUES)

    def told() -> list[str]:
        return [one.message for one in seen(settings) if (one.weight, one.topic) == (Weight.WARN, "keys")]

    assert [one.split(":")[0] for one in told()] == ["a rotation was cut off"]
    keeping.rotate_keys(settings)
    assert told() == []
    assert settings.keys_file is not None
    keeping.aside(settings.keys_file).write_text("half", "utf-8")
    assert [one.split(" ")[0] for one in told()] == ["keys.new"]


def test_a_service_without_a_manager_is_a_fail(settings: Settings) -> None:
    database = app.database(settings)
    with database.transaction() as tx:
        for one in people.everyone(tx):
            people.set_active(tx, one.id, on=one.role.value not in MANAGERS)
        people.add(tx, "Vic", "worker", NOW, phone="+447700900210")
    database.close()
    assert "managers" in fails(seen(settings))


def test_with_no_staff_at_all(settings: Settings, tmp_path: Path) -> None:
    empty = replace(settings, database_url=f"sqlite:///{tmp_path / 'empty.db'}")
    database = app.database(empty)
    database.migrate()
    database.close()
    assert fails(seen(empty)) == ["rota"]


@pytest.mark.parametrize(
    ("console", "weight", "says"),
    [
        (Console("active", RIGHT), Weight.OK, "comes again after a 503"),
        (Console("active", f"{PUBLIC}/twilio/sms#rc=2&rp=ct,5xx"), Weight.OK, "comes again"),
        (Console("active", f"{PUBLIC}/twilio/sms"), Weight.WARN, "does not bring a text again"),
        (Console("active", f"{PUBLIC}/twilio/sms#rc=5&rp=ct"), Weight.WARN, "does not bring a text again"),
        (Console("active", "https://demo.example.org/welcome"), Weight.FAIL, "another address"),
        (Console("active", None), Weight.WARN, "cannot be seen"),
        (Console("suspended", RIGHT), Weight.FAIL, "suspended"),
    ],
)
def test_online_the_console_is_looked_at(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, console: Console, weight: Weight, says: str
) -> None:
    monkeypatch.setattr(sms.Sms, "ask", lambda _: console)
    found = [one for one in seen(settings, online=True) if one.topic == "twilio"]
    assert [one for one in found if one.weight is weight and says in one.message]


def test_online_and_not_let_in(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: sms.Sms) -> Console:
        raise SendFailed(Reason.ACCOUNT, code="20003")

    monkeypatch.setattr(sms.Sms, "ask", refused)
    assert fails(seen(settings, online=True)) == ["twilio"]


class Phone:
    name = "sms"

    def __init__(self, failure: SendFailed | None = None) -> None:
        self.sent: list[Outgoing] = []
        self.failure = failure

    def send(self, outgoing: Outgoing) -> Sent:
        if self.failure:
            raise self.failure
        self.sent.append(outgoing)
        return Sent("id")

    def parse(self, arrived: Any) -> None:
        """Nothing comes in here."""


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    made = Phone()
    monkeypatch.setattr(app, "channels", lambda _: {"sms": made})
    return made


def test_a_test_page_goes_the_way_of_every_page(settings: Settings, phone: Phone) -> None:
    found = seen(settings, page="ana DUTY")
    assert found[-1] == Seen(Weight.OK, "page", "the provider took it; ask whether it arrived")
    (page,) = phone.sent
    assert (page.to, page.text) == ("+447700900200", doctor_kept.TEST_PAGE)


@pytest.mark.parametrize("failure", [SendFailed(Reason.DEAD_NUMBER, code="21211"), SendFailed(Reason.ACCOUNT)])
def test_a_test_page_that_does_not_leave_fails(settings: Settings, phone: Phone, failure: SendFailed) -> None:
    phone.failure = failure
    found = seen(settings, page="Ana duty")
    assert fails(found) == ["page"]
    assert failure.reason in found[-1].message


def test_a_test_page_to_nobody(settings: Settings, phone: Phone) -> None:
    assert fails(seen(settings, page="Zed")) == ["page"]
    assert phone.sent == []


@pytest.mark.parametrize(("arguments", "code"), [(["--json"], 1), ([], 1)])
def test_on_the_command_line(seed: Seed, tmp_path: Path, arguments: list[str], code: int) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WAYMARK_")}
    environ |= {"WAYMARK_DATABASE_URL": f"sqlite:///{tmp_path / 'w.db'}", "WAYMARK_KEYS_FILE": str(tmp_path / "keys")}
    ran = seed.run("-m", "bot", "doctor", *arguments, environ=environ)
    assert (ran.returncode, ran.stderr) == (code, "")
    if arguments:
        rows = [json.loads(line) for line in ran.stdout.splitlines()]
        assert {frozenset(row) for row in rows} == {frozenset({"weight", "topic", "message"})}
        assert {row["weight"] for row in rows} >= {"ok", "fail"}
    else:
        assert all(line.startswith(("ok   ", "warn ", "fail ")) for line in ran.stdout.splitlines())
    assert not (tmp_path / "w.db").exists()


def test_accounts_kept_elsewhere(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    changes: dict[str, Any] = {
        "desk_oidc_issuer": "http://127.0.0.1:9",
        "desk_oidc_client_id": "x",
        "desk_oidc_client_secret_file": file,
    }
    made = replace(settings, **changes)

    def told(**more: Any) -> list[Seen]:
        return list(doctor._accounts(made, **more))

    [one] = told(online=False)
    assert (one.weight, "CLIENT_SECRET_FILE" in one.message) == (Weight.FAIL, True)
    file.write_text("s3cret", "utf-8")
    [one] = told(online=False)
    assert (one.weight, "http://localhost:8001/sign-in/account/back" in one.message) == (Weight.OK, True)
    [one] = told(online=True)
    assert (one.weight, "does not answer" in one.message) == (Weight.WARN, True)
    assert "s3cret" not in str(one)
    assert [one.topic for one in seen(settings) if one.topic == "accounts"] == []


def test_a_language_that_a_manager_turned_on_is_said(settings: Settings) -> None:
    languages.turn(
        replace(settings, draft_locales="refuse"), "vi", "Ana manager", on=True, because="nobody else", now=NOW
    )
    for locales, says in (((), "not signed by a reviewer"), (("en",), "yet not offered")):
        found = seen(replace(settings, draft_locales="refuse", locales=locales))
        told = [one.message for one in found if (one.topic, one.weight) == ("languages", Weight.WARN)]
        assert len(told) == 1
        assert told[0].startswith("vi is on since ")
        assert says in told[0]
        assert "nobody else" not in told[0]
