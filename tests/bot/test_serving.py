"""One process: its doors, its two loops, and how it stops."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot import app, looping, owing, serving
from bot.channels.base import Inbound, Reason, Report
from bot.channels.base import Status as Said
from bot.config import Settings, SettingsError
from bot.serving import Serving
from flows.lines import LoadError
from storage.codes import Status
from storage.commit import StoreUnavailable
from storage.database import Database
from storage.keys import Keys
from storage.migrating import SchemaNewer, SchemaOld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def served(database_url: str) -> Iterator[Serving]:
    database = Database(database_url, Keys.load(Keys.new()))
    made = Serving(Settings(draft_locales="allow"), database, {})
    yield made
    made.committer.close()
    database.close()


def test_a_schema_that_is_not_ours_is_refused(empty_database_url: str) -> None:
    database = Database(empty_database_url, Keys.load(Keys.new()))
    with pytest.raises(SchemaOld, match="waymark migrate"):
        serving.check_schema(database)
    database.migrate()
    with database.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaNewer, match="newer Waymark"):
        serving.check_schema(database)
    with pytest.raises(SchemaNewer, match="newer Waymark"):
        database.migrate()
    database.close()


def test_a_port_that_somebody_has_is_a_setting_to_mend() -> None:
    with serving._listening(Settings(port=0)) as first:
        taken = first.getsockname()[1]
        with pytest.raises(SettingsError, match=f"WAYMARK_PORT.*{taken}"):
            serving._listening(Settings(port=taken))


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (Said.QUEUED, Status.SENT),
        (Said.SENT, Status.SENT),
        (Said.DELIVERED, Status.DELIVERED),
        (Said.READ, Status.READ),
        (Said.FAILED, Status.UNDELIVERED),
    ],
)
def test_every_report_means_something(
    served: Serving, monkeypatch: pytest.MonkeyPatch, said: Said, known: Status
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(served.ticker, "report", lambda *what: heard.append(what[:3]))
    reason = Reason.UNREACHABLE if said is Said.FAILED else None
    asyncio.run(served._report(Report("o1", said, reason)))
    assert heard == [("o1", known, reason)]


def test_a_provider_that_hangs_holds_up_no_timer(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, let_go = threading.Event(), threading.Event()

    def send_pending(_: Any) -> int:
        hanging.set()
        let_go.wait(20)
        return 0

    def fire_due(_: Any) -> int:
        if hanging.is_set():
            served.loops.stop()
            let_go.set()
        return 0

    monkeypatch.setattr(served.ticker, "send_pending", send_pending)
    monkeypatch.setattr(served.ticker, "fire_due", fire_due)
    began = time.monotonic()
    asyncio.run(served.tick())
    assert time.monotonic() - began < 19, "timers were looked at while a send hung"


def test_a_digest_that_cannot_be_kept_holds_up_no_timer(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, rounds = threading.Event(), set()

    def keep_digest(*_: Any) -> None:
        tried.set()
        raise LoadError("clocks.yaml", 23, "unknown role 'wroker'")

    def kept(name: str) -> int:
        if tried.is_set():
            rounds.add(name)
        if rounds == {"timers", "inbox"}:
            served.loops.stop()
        return 0

    monkeypatch.setattr(owing, "keep_digest", keep_digest)
    monkeypatch.setattr(served.ticker, "fire_due", lambda _: kept("timers"))
    monkeypatch.setattr(served.ticker, "retry_inbox", lambda _: kept("inbox"))
    asyncio.run(asyncio.wait_for(served.tick(), 20))
    assert rounds == {"timers", "inbox"}


def test_a_library_with_a_slip_opens_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def source() -> None:
        raise LoadError("clocks.yaml", 23, "unknown role 'wroker'; did you mean 'worker'?")

    monkeypatch.setattr(app, "source", source)
    monkeypatch.setattr(serving, "_listening", lambda *_, **__: pytest.fail("a port was opened"))
    with pytest.raises(LoadError, match=r"clocks\.yaml:23"):
        serving.serve(Settings(database_url="sqlite://"))


@pytest.mark.parametrize("trouble", [StoreUnavailable(), ZeroDivisionError()])
def test_trouble_in_a_round_is_not_the_end(
    served: Serving, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(looping, "DOWN_SECONDS", 0.01)
    rounds: list[int] = []

    def send_pending(_: Any) -> int:
        rounds.append(1)
        if len(rounds) < 3:
            raise trouble
        served.loops.stop()
        return 0

    monkeypatch.setattr(served.ticker, "send_pending", send_pending)
    asyncio.run(served.tick())
    assert len(rounds) == 3


def test_what_is_signed_is_filed_while_serving_and_only_where_there_is_somewhere(
    served: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def send_one(*_: Any) -> bool:
        tried.append("")
        served.stop()
        return False

    monkeypatch.setattr(serving, "send_one", send_one)
    asyncio.run(served._filing())
    assert tried == []
    served.settings = replace(served.settings, filing_dir=tmp_path)
    asyncio.run(served._filing())
    assert tried == [""]


def test_an_answer_is_looked_for_as_soon_as_a_text_was_taken(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    looked = asyncio.Event()

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def send_pending(_: Any) -> int:
            rounds.append(1)
            loop.call_soon_threadsafe(looked.set)
            return 0

        monkeypatch.setattr(served.ticker, "send_pending", send_pending)
        monkeypatch.setattr(served.runner, "aaccept", lambda _: asyncio.sleep(0))
        ticking = asyncio.create_task(served.loops.again_and_again(served._send, 30, stirred=True))
        await looked.wait()
        looked.clear()
        await served.doors().accept(Inbound("sms", "SM1", "+447700900123", "hi", None, datetime.now(UTC)))
        await asyncio.wait_for(looked.wait(), 10)
        served.stop()
        await asyncio.wait_for(ticking, 10)

    asyncio.run(main())
    assert len(rounds) == 2
