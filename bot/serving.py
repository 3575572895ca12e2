"""`serve` and `tick`: the public web app over uvicorn, and the ticker beside it. May not decide; stops cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn

from bot import app, logs
from bot.runner import Runner
from bot.ticker import Ticker
from bot.web.app import create_app
from bot.web.webhooks import Doors
from storage.codes import Status
from storage.commit import Committer, StoreUnavailable
from storage.lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.base import Channel, Inbound, Report
    from bot.config import Settings
    from storage.database import Database

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
GRACE_SECONDS = 10


class SchemaOld(RuntimeError):
    """The database is not at this program's version: run `waymark migrate` first."""


def _now() -> datetime:
    return datetime.now(UTC)


def check_schema(database: Database) -> None:
    """Raises SchemaOld when the database is older (or newer) than this program."""
    if not database.is_current():
        raise SchemaOld(SchemaOld.__doc__)


class Serving:
    """One process: what it needs, and its two loops."""

    def __init__(self, settings: Settings, database: Database, channels: Mapping[str, Channel] | None = None) -> None:
        self.settings = settings
        self.database = database
        self.committer = Committer(database)
        self.house = app.furnish(self.committer, settings)
        self.runner = Runner(self.house)
        self.channels = dict(app.channels(settings) if channels is None else channels)
        self.ticker = Ticker(self.runner, self.channels)
        self.stopping = asyncio.Event()

    async def web(self) -> None:
        """Answer webhooks until told to stop."""
        config = uvicorn.Config(
            create_app(self.doors()),
            host=self.settings.host,
            port=self.settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = uvicorn.Server(config)
        await server.serve()
        self.stopping.set()

    def doors(self) -> Doors:
        """What the web app may call."""
        twilio = app.twilio(self.settings)
        return Doors(
            accept=self._accept,
            report=self._report,
            ready=self._ready,
            twilio=app.sms.Sms(twilio) if twilio else None,
            unavailable=(StoreUnavailable,),
        )

    async def _accept(self, inbound: Inbound) -> None:
        await self.runner.aaccept(inbound)

    async def _report(self, report: Report) -> None:
        status = Status.UNDELIVERED if report.status.value == "failed" else Status(_STATUS[report.status.value])
        await asyncio.to_thread(self.ticker.report, report.outbox_id, status, report.reason, _now())

    async def _ready(self) -> bool:
        return await asyncio.to_thread(self.database.is_current)

    async def tick(self) -> None:
        """Do what is due until told to stop; a store that is down is waited for."""
        while not self.stopping.is_set():
            busy = False
            try:
                busy = (await asyncio.to_thread(self.ticker.round, _now())).any
            except StoreUnavailable:
                log.warning("store unavailable")
            except Exception:
                log.exception("round failed")
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), IDLE_SECONDS)

    async def run(self, *, web: bool = True) -> None:
        """Both loops (or the ticker alone), until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        if not web:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stopping.set)
        ticking = asyncio.create_task(self.tick())
        if web:
            await self.web()
        await ticking
        self.committer.close()


_STATUS = {"queued": "sent", "sent": "sent", "delivered": "delivered", "read": "read"}


def serve(settings: Settings, *, web: bool = True) -> None:
    """Run until stopped. Raises SchemaOld, AlreadyWriting, SettingsError before anything is opened to the world."""
    logs.set_up()
    database = app.database(settings)
    check_schema(database)
    lock = contextlib.nullcontext() if database.postgresql else WriterLock(settings.database_url.removeprefix("sqlite:///"))
    with lock:
        asyncio.run(_run(settings, database, web=web))
    database.close()


async def _run(settings: Settings, database: Database, *, web: bool) -> None:
    await Serving(settings, database).run(web=web)
