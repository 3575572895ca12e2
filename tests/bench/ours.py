"""Waymark, measured: the real runner on a real database. Sealing, commands, audit and listening are on; nothing is sent."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from bot import app, beginning, calendar, i18n
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import House, Runner
from bot.shelf import Shelf
from storage import answers, cases, people
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from tests.bench import interview

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flows.listening.model import Model
    from storage.database import Transaction
    from tests.bench.interview import Child

NOON: Final = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
BETWEEN: Final = timedelta(seconds=40)
CHANNEL: Final = "sms"
TOGETHER: Final = 200


class Wrong(AssertionError):
    """What stands on the record is not what the child said: a fast wrong answer is no answer."""


@cache
def ears() -> Model:
    """What listening knows, with both languages signed: a draft language would be read by a person, not by a program."""
    model = app.ears()
    signed = {
        code: tuple(replace(one, signed=one.signed or "bench") for one in found)
        for code, found in model.lexicons.items()
        if code in interview.LANGUAGES
    }
    return replace(model, lexicons={**model.lexicons, **signed})


def house(committer: Committer) -> House:
    """The house of `app.furnish`, with the eight-question flow."""
    settings, catalogues = Settings(draft_locales="allow"), i18n.load_catalogues(app.LOCALES)
    shelf = Shelf(
        interview.source(),
        catalogues,
        settings,
        calendar.load(settings.timezone),
        interview.LANGUAGES,
        app.LOCALES,
    )
    return House(committer=committer, shelf=shelf, listen=partial(app._listen, ears()), settings=settings)


class Waymark:
    """One process of it. `invite` first, unmeasured; then `one_at_a_time` or `in_flight`; then `check`."""

    name = "waymark"

    def __init__(self, url: str, *, writers: int = 8, keys: str | None = None, digits: int = 5) -> None:
        self.digits = digits
        self.database = Database(url, Keys.load(keys or Keys.new()), pool_size=writers)
        self.database.migrate()
        self.committer = Committer(self.database, writers=writers)
        self.house = house(self.committer)
        self.runner = Runner(self.house)
        # As `serve` does. A peer measured in the same process gains as much: nobody walks what is ours.
        app.settle()
        self.begun: dict[int, str] = {}

    def close(self) -> None:
        """Give everything back."""
        self.committer.close()
        self.database.close()

    # --- before and after ---------------------------------------------------------------------------------------------

    def staff(self) -> None:
        """Somebody is on duty, as in any service that is open."""

        def work(tx: Transaction) -> None:
            for role in ("duty", "manager"):
                person = people.add(tx, role, role, NOON, phone=f"+44770090099{len(role)}")
                people.add_shift(tx, person.id, role, NOON - timedelta(days=1), NOON + timedelta(days=900))

        self.committer.submit(work)

    def invite(self, children: Iterable[Child]) -> None:
        """Offer each an interview: as in life, that was done the day before."""
        waiting = list(children)
        for at in range(0, len(waiting), TOGETHER):
            self.committer.submit(partial(self._invite, some=waiting[at : at + TOGETHER]))

    def _invite(self, tx: Transaction, some: list[Child]) -> None:
        for one in some:
            case = cases.add(tx, f"BENCH-{one.number}", NOON, {"name": "invented", "age": 14})
            made, _ = beginning.offer(
                tx,
                self.runner,
                case.reference,
                CHANNEL,
                address(one.number, self.digits),
                NOON,
                locale=one.locale,
                path="M",
            )
            self.begun[one.number] = made.id

    def check(self, children: Iterable[Child]) -> None:
        """What was said stands on the record. Raises Wrong."""
        with self.database.snapshot() as tx:
            for one in children:
                shown = answers.shown(tx, self.begun[one.number])
                found = {key: shown[key].value for key in one.record if key in shown}
                wanted = dict(one.record.items())
                if {k: str(v) for k, v in found.items()} != {k: str(v) for k, v in wanted.items()}:
                    raise Wrong(f"child {one.number}: {found} is not {wanted}")

    # --- measured -----------------------------------------------------------------------------------------------------

    def one_at_a_time(self, children: Iterable[Child]) -> int:
        """Each message is handed over when the one before is committed; returns how many."""
        count = 0
        for one in children:
            for inbound in messages(one):
                self.runner.accept(inbound)
                count += 1
        return count

    def in_flight(self, children: Iterable[Child], many: int) -> int:
        """`many` children text at the same time, each in their own order; returns how many messages."""
        return asyncio.run(self._in_flight(iter(children), many))

    async def _in_flight(self, children: Iterator[Child], many: int) -> int:
        async def text() -> int:
            count = 0
            for one in children:
                for inbound in messages(one):
                    await self.runner.aaccept(inbound)
                    count += 1
            return count

        return sum(await asyncio.gather(*(text() for _ in range(many))))


@contextmanager
def opened(url: str, *, writers: int = 8) -> Iterator[Waymark]:
    """Waymark on an empty database, staffed."""
    made = Waymark(url, writers=writers)
    try:
        made.staff()
        yield made
    finally:
        made.close()


def address(number: int, digits: int = 5) -> str:
    """In the range that belongs to nobody; with five digits longer than any number there is."""
    return f"+447700900{number:0{digits}d}"


def messages(one: Child) -> Iterator[Inbound]:
    """What the provider brings of this child."""
    for turn, text in enumerate(one.texts):
        yield Inbound(
            channel=CHANNEL,
            external_id=f"SM{one.number:08d}{turn:04d}",
            address=address(one.number),
            text=text,
            media=None,
            at=NOON + BETWEEN * (turn + 1),
        )
