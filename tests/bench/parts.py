"""Rows of single parts: the engine's step, listening, the start, from commit to send, and the crash test."""

from __future__ import annotations

import asyncio
import csv
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.request import urlopen

from transitions import Machine

from bot.channels.base import Inbound, Outgoing, Sent
from bot.config import Settings
from bot.serving import Serving
from bot.ticker import Ticker
from flows import engine, events, listening
from flows.model import Heard
from storage import conversations
from storage.database import Database
from storage.keys import Keys
from tests import postgres
from tests.bench import interview, ours, raw, table
from tests.bench.load import ROOT
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.plan import Plan

KILLS_MEANT: Final = 200
FAULTS: Final = ROOT / "tests" / "faults"
CORPUS: Final = ROOT / "tests" / "listening" / "corpus"
_NUMBERS: Final = re.compile(r"^.*\bkills\b.*$", re.MULTILINE)


# --- the engine -------------------------------------------------------------------------------------------------------


def step(plan: Plan, folder: Path) -> Row:
    """One answered question through the engine, nothing listened to, beside a bare trigger of `transitions`."""
    with ours.opened(f"sqlite:///{folder / 'step.db'}") as waymark:
        one = interview.child(0)
        waymark.invite([one])
        for inbound in list(ours.messages(one))[:4]:
            waymark.runner.accept(inbound)
        with waymark.database.snapshot() as tx:
            conversation = conversations.peek(tx, waymark.begun[0])
            library = waymark.house.shelf.library(tx, conversation)
    event = events.TextReceived(at=ours.NOON, text="3", message="m", listen=Heard)
    assert engine.step(library, conversation, event)[1], "an open question is answered"
    machine = Machine(states=["one", "two"], initial="one", auto_transitions=False)
    machine.add_transition("go", ["one", "two"], "two")
    mine, theirs = table.alternate(
        plan.rounds,
        [
            lambda _: _each(plan.steps, lambda: engine.step(library, conversation, event)),
            lambda _: _each(plan.steps, machine.go),
        ],
    )
    return Row(
        table.STEP,
        "-",
        table.rate(mine, " us"),
        f"bare trigger {table.rate(theirs, ' us')}",
        table.ratio(mine, theirs),
        spread=table.spread(mine, theirs),
    )


def _each(many: int, work: Callable[[], object]) -> float:
    """Microseconds of one."""
    began = time.perf_counter()
    for _ in range(many):
        work()
    return (time.perf_counter() - began) / many * 1e6


# --- listening --------------------------------------------------------------------------------------------------------


def heard(plan: Plan) -> Row:
    """Labelled texts of every language, each heard once."""
    texts = [text for file in sorted(CORPUS.rglob("*.tsv")) for text in _texts(file)]
    texts = texts[:: max(1, len(texts) // plan.texts)]
    model, taken = ours.ears(), []
    for text in texts:
        began = time.perf_counter()
        listening.listen(text, listening.Context(), model)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    p50, p95 = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    return Row(table.LISTEN, "-", f"p50 {p50:.2f} ms, p95 {p95:.2f} ms", f"{len(texts)} texts", p95)


def _texts(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as opened:
        return [row["text"] for row in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE)]


# --- the start --------------------------------------------------------------------------------------------------------


def start(plan: Plan, folder: Path) -> list[Row]:
    """`waymark --help` beside importing sqlmodel; and how long until the server says it is ready."""
    mine, theirs = table.alternate(
        plan.starts,
        [lambda _: _runs("-m", "bot", "--help"), lambda _: _runs("-c", "import sqlmodel")],
    )
    ready = sorted(_ready(folder) for _ in range(plan.starts))[plan.starts // 2]
    return [
        Row(
            table.HELP,
            "-",
            table.rate(mine, " s"),
            f"import sqlmodel {table.rate(theirs, ' s')}",
            table.ratio(mine, theirs),
            spread=table.spread(mine, theirs),
        ),
        Row(table.READY, "SQLite", f"{ready:.2f} s", "", ready),
    ]


def _runs(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=_environment(), check=True, capture_output=True)
    return time.perf_counter() - began


def _environment(**more: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("WAYMARK_")}
    return mine | {f"WAYMARK_{name}": value for name, value in more.items()}


def _ready(folder: Path) -> float:
    url, keys, port = f"sqlite:///{folder / 'ready.db'}", Keys.new(), postgres._free_port()
    with closing(Database(url, Keys.load(keys))) as database:
        database.migrate()
    environment = _environment(DATABASE_URL=url, KEYS=keys, PORT=str(port))
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and time.perf_counter() - began < 60:
            try:
                with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - began
            except (URLError, OSError):
                time.sleep(0.01)
        raise RuntimeError("the server did not become ready")
    finally:
        process.terminate()
        process.wait(30)


# --- from commit to send ----------------------------------------------------------------------------------------------


class _Phone:
    """A channel that notes when it was handed a text."""

    name = ours.CHANNEL

    def __init__(self) -> None:
        self.handed = threading.Event()
        self.at = 0.0

    def send(self, outgoing: Outgoing) -> Sent:
        if not self.handed.is_set():
            self.at = time.perf_counter()
            self.handed.set()
        return Sent(f"bench-{outgoing.outbox_id}")

    def parse(self, arrived: object) -> None:
        del arrived


def send(plan: Plan, folder: Path) -> Row:
    """From the commit of a child's text until a channel is handed the reply, with the serving loop beside it."""
    phone = _Phone()
    url = f"sqlite:///{folder / 'send.db'}"
    with ours.opened(url) as waymark, closing(raw.Sqlite(folder / "commit.db")) as plain:
        some = [interview.child(number) for number in range(plan.interviews)]
        waymark.invite(some)
        serving = Serving(Settings(database_url=url), waymark.database, {ours.CHANNEL: phone})
        serving.ticker = Ticker(waymark.runner, serving.channels)
        while serving.ticker.send_pending(datetime.now(UTC)):
            continue
        running: list[asyncio.AbstractEventLoop] = []

        async def tick() -> None:
            running.append(asyncio.get_running_loop())
            await serving.tick()

        loop = threading.Thread(target=lambda: asyncio.run(tick()))
        loop.start()
        while not running:
            time.sleep(0.01)
        waits = sorted(_wait(serving, running[0], phone, one.number) for one in some)
        commits = sorted(plain.commits(plan.interviews * 5))
        running[0].call_soon_threadsafe(serving.loops.stop)
        loop.join()
        serving.committer.close()
    p50, commit = waits[len(waits) // 2] * 1000, commits[len(commits) // 2] * 1000
    return Row(table.SEND, "SQLite", f"{p50:.1f} ms", f"raw commit {commit:.2f} ms", p50 / commit)


def _wait(serving: Serving, loop: asyncio.AbstractEventLoop, phone: _Phone, number: int) -> float:
    time.sleep((number * 37 % 100) / 400)
    phone.handed.clear()
    text = Inbound(ours.CHANNEL, f"SM{number}", ours.address(number), "HI", None, datetime.now(UTC))

    async def arrive() -> float:
        await serving.doors().accept(text)
        return time.perf_counter()

    committed = asyncio.run_coroutine_threadsafe(arrive(), loop).result()
    if not phone.handed.wait(10):
        raise RuntimeError("nothing was sent within ten seconds")
    return max(0.0, phone.at - committed)


# --- crashes ----------------------------------------------------------------------------------------------------------


def crash(plan: Plan) -> Row:
    """Runs the kill -9 tests and shows what they print; `plan.kills` is how often each database is killed."""
    files = [file for file in sorted(FAULTS.glob("test_*.py")) if "kill -9" in file.read_text("utf-8")]
    if not files:
        return table.unmeasured(table.CRASH, "both", "tests/faults has no kill -9 test")
    if not plan.kills:
        return table.unmeasured(table.CRASH, "both", "left out of a quick run: leave out --quick, or give --kills 200")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, files)]
    environment = _environment(TEST_KILLS=str(plan.kills))
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = "; ".join(found.group().strip() for found in _NUMBERS.finditer(done.stdout))
    last = (done.stdout.strip().splitlines() or ["no output"])[-1]
    shown = "passed" if done.returncode == 0 else "FAILED"
    few = done.returncode == 0 and plan.kills < KILLS_MEANT
    return Row(table.CRASH, "both", shown, "its own test", float(done.returncode == 0), said or last, small=few)
