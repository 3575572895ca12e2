"""`serve` and `tick`: the public web app over uvicorn, and the ticker beside it. May not decide.

Stops cleanly on SIGTERM: what is being done is finished, what was claimed and not sent goes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvicorn

from bot import answering, app, companions, holding, linking, logs, owing, parent_page, reminding, waking, watchdog
from bot.channels import webchat
from bot.channels.base import SendFailed
from bot.config import SettingsError
from bot.delivering import fetch, is_receiver, places, send_one
from bot.desk import app as desk_app
from bot.desk.streams import Streams as DeskStreams
from bot.fetching import Fetching
from bot.filing import webhook
from bot.looping import DOWN_SECONDS, IDLE_SECONDS, Loops
from bot.probing import Probe
from bot.runner import Runner
from bot.site import Site
from bot.ticker import Ticker
from bot.visiting import Visiting
from bot.web.app import create_app
from bot.web.page import Page
from bot.web.streams import Streams
from bot.web.taking import Links
from bot.web.webhooks import Doors
from storage import migrating, rotation
from storage.codes import Status
from storage.commit import Committer, StoreUnavailable, look
from storage.lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping

    from bot.channels.base import Channel, Inbound, Pressed, Report, Spoken
    from bot.config import Settings
    from bot.web.taking import Asked
    from storage.database import Database

log = logging.getLogger(__name__)

FILING_SECONDS = 5.0
TELEGRAM_SECONDS = 3.0
GRACE_SECONDS = 10
WATCH_AFTER_SECONDS = 20.0


def _now() -> datetime:
    return datetime.now(UTC)


def check_schema(database: Database) -> None:
    """Raises SchemaOld or SchemaNewer where the database is not of this program's version, SettingsError where these keys
    are not its own: what they sealed nobody else could read, and whom it knows they would not find.
    """
    migrating.check(database.schema_version())
    with database.snapshot() as tx:
        wrong = rotation.misfit(tx)
    if wrong:
        raise SettingsError(f"WAYMARK_KEYS_FILE: {wrong}")


class Serving:
    """One process: what it needs, and its two loops."""

    def __init__(self, settings: Settings, database: Database, channels: Mapping[str, Channel] | None = None) -> None:
        self.settings = settings
        self.database = database
        self.committer = Committer(database)
        self.channels = dict(app.channels(settings) if channels is None else channels)
        self.house = app.furnish(self.committer, settings, page_methods=app.page_methods(self.channels))
        self.runner = Runner(self.house)
        sent = {name: one for name, one in self.channels.items() if name != webchat.NAME}  # a page asks for itself
        self.ticker = Ticker(self.runner, sent | {watchdog.NAME: watchdog.DeadEnd()})
        self.watchdog = watchdog.Watchdog(self.runner, self.channels, settings.watchdog_url)
        self.visiting = Visiting(self.runner, database)
        self.streams = Streams(
            self.visiting.newest, self.visiting.fresh, self.visiting.mark, unavailable=(StoreUnavailable,)
        )
        self.desk_streams = DeskStreams(database)
        self.demo = False
        self.net = webhook.Net()
        self.loops = Loops()
        self._digest_kept = False
        self._probe = Probe(self._look)

    async def web(self, listening: socket.socket) -> None:
        """Answer webhooks and the child's page until told to stop."""
        await self._answer(
            create_app(self.doors(), self.page(), self.links(), self._record, parent_page.views(self.runner)),
            listening,
            self.streams.watch(),
        )

    async def desk(self, listening: socket.socket) -> None:
        """Answer staff until told to stop."""
        desk = desk_app.furnish(
            self.runner, self.database, self.desk_streams, listening.getsockname()[1], demo=self.demo
        )
        await self._answer(desk_app.create_app(desk), listening, self.desk_streams.watch())

    async def _answer(self, built: Any, listening: socket.socket, watch: Coroutine[Any, Any, None]) -> None:  # noqa: ANN401 - an ASGI app
        config = uvicorn.Config(
            built, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_SECONDS
        )
        server = _Server(config)
        waiting = asyncio.create_task(self._then_exit(server))
        watching = asyncio.create_task(watch)
        try:
            await server.serve([listening])
        finally:
            self.stop()
            await waiting
            await watching

    async def _then_exit(self, server: uvicorn.Server) -> None:
        await self.loops.stopping.wait()
        server.should_exit = True

    def stop(self) -> None:
        """Finish what is being done and begin nothing more."""
        self.ticker.stop()
        self.streams.close()
        self.desk_streams.close()
        self.loops.stop()

    def doors(self) -> Doors:
        """What the web app may call."""
        return Doors(
            accept=self._accept,
            report=self._report,
            ready=self._probe.ready,
            call=self._call,
            channels=self.channels,
            unavailable=(StoreUnavailable,),
        )

    def page(self) -> Page:
        """The child's page, when this process answers the world."""
        return Page(self.visiting, self.streams, Site.of(self.settings.public_url), self.settings.twilio_from)

    def links(self) -> Links:
        """What stands behind the link of a page, and what a press there does."""

        async def look(link: str) -> Asked | None:
            return await self.committer.asubmit(lambda tx: linking.look(tx, link))

        async def press(link: str, taking: bool) -> Asked | None:  # noqa: FBT001 - what was pressed
            return await self.committer.asubmit(lambda tx: linking.press(tx, self.house, link, _now(), taking=taking))

        return Links(look, press, Site.of(self.settings.public_url))

    async def _record(self, delivery: str, given: Mapping[str, str]) -> str | None:
        # Who cannot sign costs the store nothing.
        if not is_receiver(self.settings, delivery, given, _now()):
            return None
        return await self.committer.asubmit(lambda tx: fetch(tx, self.house, delivery, _now()))

    async def _accept(self, inbound: Inbound) -> None:
        await self.runner.aaccept(inbound)
        self.loops.stir()  # there is an answer to send

    async def _report(self, report: Report) -> None:
        status = Status.UNDELIVERED if report.status.value == "failed" else Status(_STATUS[report.status.value])
        await asyncio.to_thread(self.ticker.report, report.outbox_id, status, report.reason, _now())

    async def _call(self, pressed: Pressed) -> Spoken:
        return await self.committer.asubmit(lambda tx: answering.by_call(tx, self.house, pressed))

    async def _look(self) -> None:
        # Keys that do not open what is kept answer nobody, whatever the schema; nor does a disk that takes nothing.
        await asyncio.to_thread(check_schema, self.database)
        await self.committer.asubmit(migrating.touch)

    async def tick(self) -> None:
        """Do what is due until told to stop. Time does not wait for sending: who hangs holds up no ladder."""
        rounds = map(self.loops.again_and_again, (self._begin, self._keep_time))
        sending = self.loops.again_and_again(self._send, stirred=True)
        await asyncio.gather(*rounds, sending, self._watch(), self._filing())

    async def _filing(self) -> None:
        """File what is signed, where there is somewhere: apart, so that whoever keeps us waiting there holds up nobody."""
        if places(self.settings):
            await self.loops.again_and_again(lambda: int(send_one(self.house, self.net, _now())), FILING_SECONDS)

    async def _watch(self) -> None:
        """Look whether a child would be heard now; a moment after the start, then every few minutes."""
        await self.loops.pause(WATCH_AFTER_SECONDS)
        while not self.loops.stopping.is_set():
            await asyncio.to_thread(self.watchdog.round, _now())
            due = self.watchdog.due or _now()
            await self.loops.pause(max((due - _now()).total_seconds(), IDLE_SECONDS))

    def _begin(self) -> int:
        """What begins once, and what a manager did in another process. A round of its own: no ladder waits for a digest."""
        look(self.database, self.house.shelf.look_again)
        if not self._digest_kept:
            self.committer.submit(lambda tx: waking.lost_keys(tx, self.house, _now()))
            self.committer.submit(lambda tx: holding.adopt(tx, self.house, _now()))
            self.committer.submit(lambda tx: reminding.keep(tx, _now()))
            self.committer.submit(lambda tx: owing.keep_digest(tx, self.house, _now()))
            self._digest_kept = True
        return 0

    def _keep_time(self) -> int:
        return self.ticker.fire_due(_now()) + self.ticker.retry_inbox(_now())

    def _send(self) -> int:
        # What a child asked to be gone goes before the text that says so.
        return self.ticker.remove_due(_now()) + self.ticker.send_pending(_now())

    async def run(self, listening: socket.socket | None = None, desk: socket.socket | None = None) -> None:
        """Both web apps and the ticker (without sockets the ticker alone), until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        ticking = asyncio.create_task(self.tick())
        coming = asyncio.create_task(self.telegram()) if listening is not None else None
        try:
            apps = [self.web(listening)] if listening is not None else []
            await asyncio.gather(*apps, *([self.desk(desk)] if desk is not None else []))
            await ticking
            if coming is not None:
                await coming
        finally:
            self.stop()
            await asyncio.to_thread(self.committer.close)
            for channel in self.channels.values():
                if (close := getattr(channel, "close", None)) is not None:
                    await asyncio.to_thread(close)

    # --- Telegram -----------------------------------------------------------------------------------------------------

    async def telegram(self) -> None:
        """Have Telegram's updates brought to us, or fetch them, until told to stop. One process at a time may fetch."""
        door: Any = self.channels.get("telegram")
        if door is None:
            return
        if not companions.fetches(self.settings):
            url = f"{self.settings.public_url}/telegram"
            await self._until_done(lambda: door.bring_to(url))
            return
        if await self._until_done(door.bring_nowhere):
            fetching = Fetching(door, self._accept)
            while not self.loops.stopping.is_set():
                await self._try(fetching.round())

    async def _until_done(self, work: Callable[[], None]) -> bool:
        while not self.loops.stopping.is_set():
            if await self._try(asyncio.to_thread(work)):
                return True
        return False

    async def _try(self, work: Awaitable[object]) -> bool:
        """Whether it could be done; after what went wrong, a breath."""
        try:
            await work
        except SendFailed as failure:
            log.warning("Telegram not asked", extra={"reason": str(failure.reason), "code": failure.code})
            await self.loops.pause(failure.retry_after or TELEGRAM_SECONDS)
        except StoreUnavailable:
            log.warning("store unavailable")
            await self.loops.pause(DOWN_SECONDS)
        except Exception:
            log.exception("update not stored")
            await self.loops.pause(DOWN_SECONDS)
        else:
            return True
        return False


class _Server(uvicorn.Server):
    """Uvicorn without its signals, by which it would end the process before the ticker has put back what it claimed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


_STATUS = {"queued": "sent", "sent": "sent", "delivered": "delivered", "read": "read"}


def serve(settings: Settings, *, web: bool = True) -> None:
    """Run until stopped. Raises LoadError, SchemaOld, AlreadyWriting, SettingsError before anything is opened to the world."""
    logs.set_up()
    app.source()
    if web:
        desk_app.accounts(settings)
    database = app.database(settings)
    check_schema(database)
    with contextlib.ExitStack() as stack:
        stack.callback(database.close)
        if not database.postgresql:
            stack.enter_context(WriterLock(settings.database_url.removeprefix("sqlite:///")))
        listening = stack.enter_context(_listening(settings)) if web else None
        desk = stack.enter_context(_listening(settings, desk=True)) if web else None
        asyncio.run(_run(settings, database, listening, desk))


def _listening(settings: Settings, *, desk: bool = False) -> socket.socket:
    """The socket everybody, or staff, will call. Raises SettingsError when it cannot be had."""
    host, port = (settings.desk_host, settings.desk_port) if desk else (settings.host, settings.port)
    which = "DESK_" if desk else ""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = error.strerror or type(error).__name__
        mend = "stop what has it, or set another"
        raise SettingsError(
            f"WAYMARK_{which}HOST, WAYMARK_{which}PORT: cannot listen on {host} port {port} ({why}): {mend}"
        ) from None


async def _run(
    settings: Settings, database: Database, listening: socket.socket | None, desk: socket.socket | None
) -> None:
    serving = Serving(settings, database)
    app.settle()
    await serving.run(listening, desk)
