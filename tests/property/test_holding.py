"""Whatever children, workers and time do: one holder at most, nobody lost from the queue, and a bot that keeps silent."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import app, clicks, holding, saying
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Service
from storage import contacts, conversations, leases, messages, people, training, waits
from storage.codes import Direction
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from storage.training import Training
from tests import migrated

if TYPE_CHECKING:
    from storage.database import Transaction
    from storage.people import Person

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
STAFF = {"Ann": "worker", "Dev": "worker", "Ana": "duty", "Mel": "manager"}
names = st.sampled_from(sorted(STAFF))
children = st.sampled_from(["+447700900301", "+447700900302", "+447700900303"])
words = st.sampled_from(
    ["hi", "1", "2", "PERSON", "STOP", "HELP", "999", "code mango", "mango", "he hits me", "he raped me", "ok", "LATER"]
)
acts = st.sampled_from(["take", "step_in", "hand_back", "hand_over", "call_person", "close", "suspect"])


class Holding(RuleBasedStateMachine):
    """One house on SQLite; every rule is a click, a text or time, and most of them may be refused."""

    @initialize()
    def opens(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="waymark-holding-")
        file = Path(self.folder.name) / "h.db"
        file.write_bytes(migrated.file())
        self.database = Database(f"sqlite:///{file}", Keys.load(Keys.new()))
        self.committer = Committer(self.database, writers=1)
        self.runner = Runner(app.furnish(self.committer, Settings(draft_locales="allow")))
        self.now, self.number = AT, 0
        self.committer.submit(self._hire)

    def _hire(self, tx: Transaction) -> None:
        for name, role in STAFF.items():
            one = people.add(tx, name, role, AT)
            people.add_shift(tx, one.id, role, AT - timedelta(hours=1), AT + timedelta(days=30))
            training.record(tx, Training(one.id, date(2099, 1, 1), date(2099, 1, 1)), one.id, AT)

    def teardown(self) -> None:
        if hasattr(self, "committer"):
            self.committer.close()
            self.database.close()
            self.folder.cleanup()

    # --- what happens ---

    @rule(child=children, said=words)
    def a_child_writes(self, child: str, said: str) -> None:
        self.number += 1
        with self._silent_while_held():
            self.runner.accept(Inbound("sms", f"SM{self.number}", child, said, None, self.now))

    @rule(name=names, child=children, act=acts)
    def somebody_clicks(self, name: str, child: str, act: str) -> None:
        def work(tx: Transaction) -> None:
            talk = _talk(tx, child)
            if talk is not None:
                getattr(clicks, act)(tx, self.runner, _who(tx, name), talk, self.now)

        self._try(work)

    @rule(name=names)
    def next_child(self, name: str) -> None:
        self._try(lambda tx: clicks.take_next(tx, self.runner, _who(tx, name), self.now))

    @rule(name=names, child=children, text=st.sampled_from(["I'm here.", "Who is he?"]))
    def somebody_writes(self, name: str, child: str, text: str) -> None:
        def work(tx: Transaction) -> None:
            talk = _talk(tx, child)
            if talk is not None:
                saying.say(tx, self.runner, _who(tx, name), talk, text, self.now)

        self._try(work)

    @rule(name=names, to=names, child=children)
    def somebody_transfers(self, name: str, to: str, child: str) -> None:
        def work(tx: Transaction) -> None:
            talk = _talk(tx, child)
            if talk is not None:
                clicks.transfer(tx, self.runner, _who(tx, name), talk, _who(tx, to), self.now)

        self._try(work)

    @rule(name=names)
    def somebody_is_seen(self, name: str) -> None:
        self.committer.submit(lambda tx: holding.seen(tx, self.runner.house, _who(tx, name).id, self.now))

    @rule(minutes=st.sampled_from([1, 4, 6, 31, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        with self._silent_while_held():
            Ticker(self.runner, {}).fire_due(self.now)

    # --- what must hold ---

    @invariant()
    def one_holder_and_nobody_lost(self) -> None:
        if not hasattr(self, "committer"):
            return

        def work(tx: Transaction) -> None:
            queue = {one.conversation for one in waits.queue(tx)}
            for child in ("+447700900301", "+447700900302", "+447700900303"):
                talk = _talk(tx, child)
                if talk is None:
                    continue
                c, lease = conversations.peek(tx, talk), leases.of(tx, talk)
                if c.holder == "nobody":
                    assert talk in queue, "a child who waits is in the queue"
                    assert lease is None
                elif c.holder == "bot":
                    assert lease is None
                else:
                    assert lease is not None, "who has a chat has it until they are not seen"
                    assert people.load(tx, lease.staff).name == c.holder
                    assert not waits.is_barred(tx, talk, lease.staff), "nobody has a child who asked for somebody else"
                    assert talk not in queue

        self.committer.submit(work)

    def _try(self, work: Any) -> None:
        try:
            self.committer.submit(work)
        except clicks.NotPossible:
            return

    def _silent_while_held(self) -> Any:
        return _Silence(self)


class _Silence:
    """Between a take and a hand back nothing is said but by people."""

    def __init__(self, machine: Holding) -> None:
        self.machine = machine

    def _seen(self) -> dict[str, tuple[str, int]]:
        def work(tx: Transaction) -> dict[str, tuple[str, int]]:
            found = {}
            for child in ("+447700900301", "+447700900302", "+447700900303"):
                talk = _talk(tx, child)
                if talk is not None:
                    thread = messages.of(tx, talk)
                    ours = sum(one.direction is Direction.OUT and one.by == "bot" for one in thread)
                    found[talk] = (conversations.peek(tx, talk).holder, ours)
            return found

        return self.machine.committer.submit(work)

    def __enter__(self) -> None:
        self.before = self._seen()

    def __exit__(self, *error: object) -> None:
        after = self._seen()
        for talk, (holder, ours) in self.before.items():
            if holder in STAFF and after[talk][0] == holder:
                assert after[talk][1] == ours, "the bot spoke while a person had the chat"


def _talk(tx: Transaction, child: str) -> str | None:
    contact = contacts.known(tx, Service.TEXT_SAFE, "sms", child)
    found = conversations.latest(tx, contact.id) if contact is not None else None
    return found.id if found is not None else None


def _who(tx: Transaction, name: str) -> Person:
    found = people.by_name(tx, name)
    assert found is not None
    return found


TestHolding = Holding.TestCase
TestHolding.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
