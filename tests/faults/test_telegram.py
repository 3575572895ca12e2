"""A process that dies with a text for Telegram in its hands: another sends it, once its lease is over."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot import app
from bot.channels.base import Inbound
from bot.channels.telegram import Config, Telegram
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from storage.outbox import LEASE
from tests.channels.telegram_double import CHILD, TOKEN, Double

if TYPE_CHECKING:
    from tests.forked import Seed

AT: Final = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CLAIMS: Final = """
import os, signal, sys
from datetime import datetime
from storage import claiming
from storage.database import Database
from storage.keys import Keys

url, keys, now = sys.argv[1:]
database = Database(url, Keys.load(keys))
with database.transaction() as tx:
    assert len(claiming.claim(tx, datetime.fromisoformat(now), 5, ["telegram"])) == 1
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_between_claim_and_send(database_url: str, seed: Seed) -> None:
    keys = Keys.new()
    database = Database(database_url, Keys.load(keys))
    committer = Committer(database)
    with Double() as double:
        door = Telegram(Config(TOKEN, api_base=double.url, timeout=5.0))
        runner = Runner(app.furnish(committer, Settings(draft_locales="allow", telegram_text_safe=True)))
        ticker = Ticker(runner, {"telegram": door})
        runner.accept(Inbound("telegram", "1", str(CHILD), "hi", None, AT))
        killed = seed.run("-c", CLAIMS, database_url, keys, AT.isoformat(), environ=os.environ)
        assert killed.returncode == -signal.SIGKILL
        ticker.round(AT + timedelta(seconds=1))
        assert double.calls == []
        ticker.round(AT + LEASE + timedelta(seconds=1))
        ticker.round(AT + 3 * LEASE)
        assert [one["text"][:15] for one in double.of("sendMessage")] == ["Hi, it's Robin."]
        door.close()
    committer.close()
    database.close()
