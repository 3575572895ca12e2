"""After a backup was read back no child is texted out of the past: a person looks, and alerts ring again."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import app, backing, beginning, restored
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events
from storage import conversations, leases, people, tasks, timers, waits
from storage.commit import Committer
from storage.keys import Keys
from tests.bot.phones import Ground, Phone, talk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = AT + 27 * HOUR
CHILD, OTHER, ANA, VIC = "+447700900101", "+447700900102", "+447700900200", "+447700900201"


@dataclass
class Place(Ground):
    phone: Phone

    def texts(self, words: str, at: datetime, address: str = CHILD) -> None:
        self.runner.accept(Inbound("sms", f"SM{at.timestamp()}{address}", address, words, None, at))
        self.rounds(at)

    def to(self, address: str) -> list[str]:
        return [one.text for one in self.phone.sent if one.to == address]

    def asked(self) -> list[str | None]:
        """The chats that somebody must look at."""
        with self.database.transaction() as tx:
            return [one.conversation for one, _ in tasks.listed(tx) if one.what == restored.WORK.what]


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[Place]:
    database = app.database(settings)
    committer, phone = Committer(database), Phone("sms")
    runner = Runner(app.furnish(committer, settings))
    yield Place(database, runner, Ticker(runner, {"sms": phone}), phone)
    committer.close()
    database.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    made = Settings(database_url=database_url, keys=Keys.new(), draft_locales="allow")
    database = app.database(made)
    database.migrate()
    with database.transaction() as tx:
        ana = people.add(tx, "Ana", "duty", AT, phone=ANA)
        people.add_shift(tx, ana.id, "duty", AT - HOUR, AT + 48 * HOUR)
        vic = people.add(tx, "Vic", "worker", AT, phone=VIC)
        people.add_shift(tx, vic.id, "worker", AT - HOUR, AT + 200 * HOUR)
    database.close()
    return made


@pytest.fixture
def back(settings: Settings, empty_database_url: str) -> Settings:
    """Where the backup is read back: a database of the same kind."""
    return Settings(database_url=empty_database_url, keys=settings.keys, draft_locales="allow")


def invited(place: Place) -> None:
    with place.database.transaction() as tx:
        assert beginning.request(tx, place.runner, "cli", "LA-1", "sms", CHILD, AT)
    place.rounds(AT)


def test_an_invitation_that_left_since_does_not_leave_again(settings: Settings, back: Settings, tmp_path: Path) -> None:
    with serving(settings) as place:
        invited(place)
        backing.back_up(settings, tmp_path / "one.waymark", AT + HOUR)
        place.rounds(AT + 24 * HOUR)
        assert len(place.to(CHILD)) == 2
    backing.restore(back, tmp_path / "one.waymark", LATER)
    with serving(back) as place:
        for hours in range(0, 100, 5):
            place.rounds(LATER + hours * HOUR)
        assert place.to(CHILD) == []
        assert len(place.asked()) == 1
        assert [one for one in place.to(ANA) if "a backup was read back" in one] == place.to(ANA)[:1]
        assert not [one for one in place.to(VIC) if "a backup" in one], "a volunteer cannot open what waits"
        place.texts("hi", LATER + 101 * HOUR)
        assert len(place.to(CHILD)) == 1, "whoever writes is answered"


def test_an_alert_nobody_took_rings_again_and_its_child_is_not_written_to(
    settings: Settings, back: Settings, tmp_path: Path
) -> None:
    with serving(settings) as place:
        place.texts("he raped me", AT)
        backing.back_up(settings, tmp_path / "one.waymark", AT + HOUR / 60)
    backing.restore(back, tmp_path / "one.waymark", AT + HOUR)
    with serving(back) as place:
        for minutes in range(0, 60, 5):
            place.rounds(AT + HOUR + timedelta(minutes=minutes))
        assert any("Waymark L3" in text for text in place.to(ANA))
        assert place.to(CHILD) == []
        assert len(place.asked()) == 1, "once, whatever was to be said"


def test_whoever_held_a_chat_holds_it_no_more_and_nothing_is_said(
    settings: Settings, back: Settings, tmp_path: Path
) -> None:
    with serving(settings) as place:
        place.texts("hello", AT)
        with place.database.transaction() as tx:
            place.runner.handle(tx, conversations.load(tx, talk(tx, CHILD).id), events.WorkerTook(AT, "Ana"))
        place.rounds(AT)
        backing.back_up(settings, tmp_path / "one.waymark", AT + HOUR / 60)
    backing.restore(back, tmp_path / "one.waymark", AT + HOUR)
    with serving(back) as place:
        place.rounds(AT + HOUR)
        with place.database.transaction() as tx:
            c = talk(tx, CHILD)
            assert (c.holder, leases.of(tx, c.id)) == ("nobody", None)
            assert waits.of(tx, c.id) is not None
            assert [one.name for one in timers.of(tx, c.id) if one.name.startswith(restored.MARK)] == []
        assert place.asked() == [c.id]
        assert place.to(CHILD) == []
        place.texts("are you still there", AT + 2 * HOUR)
        assert place.to(CHILD), "whoever writes is answered"


def test_a_text_that_waited_is_looked_at_and_what_counts_no_more_is_dropped(
    settings: Settings, back: Settings, tmp_path: Path
) -> None:
    with serving(settings) as place:
        place.texts("hello", AT)
        place.texts("STOP", AT + HOUR)
        place.texts("hello", AT, OTHER)
        place.runner.accept(Inbound("sms", "SM9", OTHER, "1", None, AT + HOUR))
        with place.database.transaction() as tx:
            waiting = talk(tx, OTHER).id
        backing.back_up(settings, tmp_path / "one.waymark", AT + HOUR)
    backing.restore(back, tmp_path / "one.waymark", AT + 2 * HOUR)
    with serving(back) as place:
        place.rounds(AT + 2 * HOUR)
        assert {one.to for one in place.phone.sent} == {ANA}
        assert waiting in place.asked()


def test_a_backup_of_what_was_read_back_is_as_good(settings: Settings, back: Settings, tmp_path: Path) -> None:
    with serving(settings) as place:
        invited(place)
    backing.back_up(settings, tmp_path / "one.waymark", AT + HOUR)
    backing.restore(back, tmp_path / "one.waymark", LATER)
    backing.back_up(back, tmp_path / "two.waymark", LATER)
    again = Settings(database_url=f"sqlite:///{tmp_path / 'again.db'}", keys=settings.keys, draft_locales="allow")
    backing.restore(again, tmp_path / "two.waymark", LATER)
    with serving(again) as place:
        place.rounds(LATER)
        assert (place.to(CHILD), len(place.asked())) == ([], 1)
