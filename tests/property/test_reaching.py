"""Whoever works here, is kept from a child or has no telephone: an L3 or L4 goes on until somebody who may know of it has it.

One house on SQLite with fake phones. People are of any role, on shift or at home, with any ways or none, one above another;
children tell of harm, of a worker by name, of a worker afterwards; staff answer by code, at the desk, or not at all.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import alarms, answering, app, clicks, conflict
from bot.channels.base import Inbound, Sent
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events, standing
from flows.model import Level
from storage import alerts, lines, methods, people, timers
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from tests import migrated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Outgoing
    from flows.model import Alert
    from storage.database import Transaction

AT = datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
KEYS = Keys.new()
NAMES = ("rosa", "tariq", "mona", "petra", "sven")
WAYS = ("sms", "voice", "telegram", "email")
ROLES = ("worker", "duty", "backup", "manager", "service_manager")
CHILDREN = ("+447700900101", "+447700900102")

names = st.sampled_from(NAMES)
ways = st.just(("sms", "voice")) | st.just(()) | st.lists(st.sampled_from(WAYS), max_size=2, unique=True).map(tuple)
person = st.tuples(st.sampled_from(ROLES), st.booleans(), ways, st.lists(names, max_size=2))
houses = st.lists(person, min_size=1, max_size=len(NAMES))
words = (
    st.sampled_from(["my stepdad raped me", "hes got a knife wont let me out"])
    | names.map("your worker {} asked me to meet her alone".format)
    | names.map("it was {}".format)
)
acts = st.lists(
    st.tuples(st.just("texts"), st.sampled_from(CHILDREN), words)
    | st.tuples(st.sampled_from(["takes", "passes_on", "takes_at_desk", "is_taken_off", "loses_their_ways"]), names)
    | st.tuples(st.just("minutes_pass"), st.sampled_from([1, 4, 16, 31, 61])),
    max_size=8,
)


@pytest.fixture(scope="module")
def empty() -> Iterator[Path]:
    """A database that was set up and holds nobody; every example gets a copy."""
    with tempfile.TemporaryDirectory(prefix="waymark-reaching-") as folder:
        made = Path(folder) / "empty.db"
        made.write_bytes(migrated.file())
        yield made


@dataclass
class Phone:
    name: str
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Sent:
        self.sent.append(outgoing)
        return Sent(f"id-{len(self.sent)}")

    def parse(self, arrived: Any) -> None:
        """Nothing comes in here."""


class Place:
    def __init__(self, path: Path, staff: list[tuple[str, bool, tuple[str, ...], list[str]]]) -> None:
        self.database = Database(f"sqlite:///{path}", Keys.load(KEYS))
        self.committer = Committer(self.database, writers=1)
        house = app.furnish(self.committer, Settings(draft_locales="allow"), page_methods=WAYS)
        self.runner = Runner(house)
        self.phones = {name: Phone(name) for name in WAYS}
        self.ticker = Ticker(self.runner, self.phones)
        self.now, self.number = AT, 0
        self.ids: dict[str, str] = {}
        self.committer.submit(lambda tx: self._hire(tx, staff))

    def _hire(self, tx: Transaction, staff: list[tuple[str, bool, tuple[str, ...], list[str]]]) -> None:
        for name, (role, on, held, _) in zip(NAMES, staff, strict=False):
            self.ids[name] = people.add(tx, name, role, AT).id
            if on:
                people.add_shift(tx, self.ids[name], role, AT - timedelta(days=1), AT + timedelta(days=9))
            for way in held:
                methods.add(tx, self.ids[name], way, self.address(name, way), AT, proof=methods.INVENTED)
        for name, (_, _, _, above) in zip(NAMES, staff, strict=False):
            lines.put(tx, self.ids[name], *(self.ids[one] for one in above if one in self.ids and one != name))

    def address(self, name: str, way: str) -> str:
        at = NAMES.index(name)
        return {"telegram": f"70090020{at}", "email": f"{name}@example.org"}.get(way, f"+44770090020{at}")

    # --- what happens ---

    def texts(self, child: str, said: str) -> None:
        self.number += 1
        self.runner.accept(Inbound("sms", f"SM{self.number}", child, said, None, self.now))

    def takes(self, name: str) -> None:
        self._by_code(name, "")

    def passes_on(self, name: str) -> None:
        self._by_code(name, " NO")

    def _by_code(self, name: str, more: str) -> None:
        def work(tx: Transaction) -> None:
            who = people.load(tx, self.ids[name])
            for page in alerts.pages_to(tx, who.id)[:1]:
                answering.by_code(tx, self.runner.house, who, alerts.code_of(tx, page) + more, self.now)

        self.committer.submit(work)

    def takes_at_desk(self, name: str) -> None:
        def work(tx: Transaction) -> None:
            for alert in self.live(tx):
                if name not in conflict.kept_from(tx, alert.conversation):
                    taken = events.AlertTaken(self.now, name, by_desk=True)
                    alarms.step(tx, self.runner.house, alerts.load(tx, alert.id), taken)

        self.committer.submit(work)

    def is_taken_off(self, name: str) -> None:
        def work(tx: Transaction) -> None:
            for alert in self.live(tx)[:1]:
                who = people.load(tx, self.ids[name])
                clicks.remove(tx, self.runner, "bot", alert.conversation, who, self.now)

        self.committer.submit(work)

    def loses_their_ways(self, name: str) -> None:
        def work(tx: Transaction) -> None:
            for way in WAYS:
                methods.remove(tx, self.ids[name], way)

        self.committer.submit(work)

    def minutes_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def rounds(self) -> None:
        while self.ticker.round(self.now).any:
            pass

    # --- what is there ---

    def live(self, tx: Transaction) -> list[Alert]:
        return list(alerts.undecided(tx))

    def kept(self) -> dict[str, frozenset[str]]:
        """Who is kept from which case."""
        with self.database.transaction() as tx:
            return {one.case_name: conflict.kept_from(tx, one.conversation) for one in alerts.undecided(tx)}

    def pending(self, tx: Transaction, alert: Alert) -> dict[str, datetime]:
        return {one.name: one.at for one in timers.of(tx, alert.id) if one.turn == alert.serial}

    def could_be_reached(self, tx: Transaction, alert: Alert) -> bool:
        kept, known = conflict.kept_from(tx, alert.conversation), methods.known_of_all(tx)
        return any(one.active and one.name not in kept and known.get(one.id) for one in people.everyone(tx))


@contextmanager
def opened(empty: Path, staff: list[tuple[str, bool, tuple[str, ...], list[str]]]) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="waymark-reaching-") as folder:
        place = Place(Path(shutil.copy(empty, folder)), staff)
        try:
            yield place
        finally:
            place.committer.close()
            place.database.close()


def still_climbing(place: Place) -> None:
    with place.database.transaction() as tx:
        for alert in place.live(tx):
            there = place.pending(tx, alert)
            assert ("climb" if standing.climbs(alert) else "decay") in there
            assert alert.taken_by not in conflict.kept_from(tx, alert.conversation)
            if alert.level >= Level.L3:
                assert min(there.values()) <= place.now + timedelta(minutes=61)


def nobody_kept_away_was_told(place: Place, kept: dict[str, frozenset[str]], since: dict[str, int]) -> None:
    for way, phone in place.phones.items():
        for one in phone.sent[since[way] :]:
            for case, away in kept.items():
                told = case in one.text or case.replace("-", ", ") in one.text
                assert not (told and one.to in {place.address(name, way) for name in away}), one.text


def somebody_is_reached(place: Place) -> None:
    """With nobody answering any more: who may know of it and can be reached is paged; without one it is tried every minute."""
    with place.database.transaction() as tx:
        before = {one.id: len(alerts.pages(tx, one.id)) for one in place.live(tx) if one.level >= Level.L3}
    quiet = list(before)
    for _ in range(12):
        with place.database.transaction() as tx:
            left = [alerts.peek(tx, one) for one in quiet if before[one] == len(alerts.pages(tx, one))]
            quiet = [one.id for one in left]
            if not left:
                return
            place.now = max(place.now, *(min(place.pending(tx, one).values()) for one in left))
        place.rounds()
    with place.database.transaction() as tx:
        for alert in (alerts.peek(tx, one) for one in quiet):
            assert not place.could_be_reached(tx, alert)
            assert min(place.pending(tx, alert).values()) <= place.now + timedelta(minutes=1)


@given(staff=houses, done=acts, first=words)
@settings(max_examples=15, deadline=None)
def test_it_goes_on_until_somebody_who_may_know_of_it_has_it(
    empty: Path, staff: list[Any], done: list[tuple[str, ...]], first: str
) -> None:
    with opened(empty, staff) as place:
        for act, *of in [("texts", CHILDREN[0], first), *done]:
            if act not in ("texts", "minutes_pass") and of[0] not in place.ids:
                continue
            kept, since = place.kept(), {way: len(phone.sent) for way, phone in place.phones.items()}
            getattr(place, act)(*of)
            place.rounds()
            still_climbing(place)
            nobody_kept_away_was_told(place, kept, since)
        somebody_is_reached(place)
