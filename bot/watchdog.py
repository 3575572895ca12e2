"""The watchdog: every few minutes an invented child is heard, somebody is paged for them and takes it, and a page leaves.

All of it is the real thing - the listening, the rota, the ladder, the codes, the outbox, the sender - and none of it stays.
The child lives in one transaction that is always undone, so that no figure, board, export, record or audit line can hold
them, and nobody's telephone is rung: the one page that is kept goes to a channel that ends here, and is deleted. What fails
twice is told past the database and the outbox, for those may be what fails. `url` is asked for while all is well; whoever
watches it outside hears when that ends, also when this machine does.
"""

from __future__ import annotations

import http.client
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot import answering, pages, trust
from bot.channels.base import Inbound, Outgoing, SendFailed, Sent
from flows.model import Level, Service
from storage import alerts, contacts, conversations, ids, leaving, methods, outbox, people
from storage.codes import Role, Sending, Status
from storage.keys import SealBroken
from storage.outbox import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.channels.base import Arrived, Channel
    from bot.runner import Runner
    from storage.database import Transaction
    from storage.people import Person

log = logging.getLogger(__name__)

NAME: Final = "watchdog"
EVERY: Final = timedelta(minutes=5)
AGAIN: Final = timedelta(minutes=1)  # after a failure, and how long the page may take to leave
TOLD_EVERY: Final = timedelta(minutes=30)
FAILURES: Final = 2  # one may be a restart
PING_SECONDS: Final = 5.0
# What the invented child says: danger now, in the language whose phrases are always there.
WORDS: Final = "hes got a knife wont let me out"
# At three in the morning a text wakes nobody.
_ALARM: Final = ("voice", "sms", "email")
_QUIET: Final = ("sms", "email")


class NotWell(Exception):
    """A step did not do what it must. `step`: heard, paged, taken, sent, or the class of what went wrong."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class _Undo(Exception):
    """All went well, and must not stay."""


class DeadEnd:
    """Where the watchdog's page goes: nowhere."""

    name = NAME

    def send(self, outgoing: Outgoing) -> Sent:
        """Take it."""
        return Sent(outgoing.outbox_id)

    def parse(self, arrived: Arrived) -> None:
        """Nothing comes in here."""


class Watchdog:
    """`round` when `due`; it remembers how it went, and whom to tell without the database."""

    def __init__(self, runner: Runner, channels: Mapping[str, Channel], url: str = "") -> None:
        self.runner = runner
        self.house = runner.house
        self.channels = channels
        self.url = url
        self.due: datetime | None = None
        self.failures = 0
        self._page: tuple[str, datetime] | None = None
        self._told: datetime | None = None
        self._whom: tuple[tuple[str, str], ...] = ()

    def round(self, now: datetime) -> bool:
        """One look; whether all is well. Raises nothing."""
        try:
            self._look(now)
        except Exception as failed:  # noqa: BLE001 - whatever it is, it is what this is here to tell
            self._is_ill(failed.step if isinstance(failed, NotWell) else type(failed).__name__, now)
            return False
        if self._told is not None:
            self._tell(pages.WELL_AGAIN, now, _QUIET)
        self.failures, self._told, self.due = 0, None, now + EVERY
        if self.url and not ping(self.url):
            log.warning("watchdog's address does not answer")
        return True

    def _look(self, now: datetime) -> None:
        self._has_left(now)
        staff = self._rehearse(now)
        if self._page is None:
            self._page = (self.house.committer.submit(lambda tx: _send_one(tx, staff, now)), now)
        self._whom = self.house.committer.submit(self._answer_for_all)

    def _rehearse(self, now: datetime) -> str:
        """A whole disclosure, undone; returns the id of who would have been paged. Raises NotWell."""
        found: list[str] = []

        def work(tx: Transaction) -> None:
            found[:] = [self._one_child(tx, now)]
            raise _Undo

        try:
            self.house.committer.submit(work)
        except _Undo:
            return found[0]
        raise NotWell("undone")

    def _one_child(self, tx: Transaction, now: datetime) -> str:
        address = f"{NAME}-{ids.new()}"
        self.runner.receive(tx, Inbound("sms", address, address, WORDS, None, now))
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", address)
        talk = conversations.latest(tx, contact.id) if contact else None
        alert = alerts.open_for(tx, talk.id) if talk else None
        _must(alert is not None and alert.level is Level.L4, "heard")
        assert alert is not None
        page = next(iter(alerts.pages(tx, alert.id)), None)
        _must(page is not None, "paged")
        assert page is not None
        person = people.load(tx, page.staff)
        answering.by_code(tx, self.house, person, alerts.code(tx, alerts.peek(tx, alert.id), person.id, page.rung), now)
        _must(alerts.peek(tx, alert.id).taken_by == person.name, "taken")
        return person.id

    def _has_left(self, now: datetime) -> None:
        """The page of an earlier look left, and is forgotten; it waits, and fails every look, until it does. Raises NotWell.

        One that is not there any more was forgotten by a process that has begun since. One that will never leave fails this
        look alone: the next sends another.
        """
        if self._page is None:
            self.house.committer.submit(lambda tx: outbox.forget_channel(tx, NAME))
            return
        page, since = self._page
        sent = self.house.committer.submit(lambda tx: outbox.look(tx, page))
        left = sent is None or sent.status is Status.SENT
        lost = sent is not None and sent.status in leaving.NEVER_LEFT
        if left or lost:
            self.house.committer.submit(lambda tx: outbox.forget(tx, page))
            self._page = None
        _must(left or (not lost and now - since < AGAIN), "sent")

    def _answer_for_all(self, tx: Transaction) -> tuple[tuple[str, str], ...]:
        """Who is told when nothing else works, by way and address: each service manager and whoever is named for the last
        rung, else each manager, else anybody of the service. Only people who can be reached count: a role that has no telephone
        answers for nothing.
        """
        staff = people.of_service(tx)
        last = people.fallbacks(tx)
        first = [one for one in staff if one.role is Role.SERVICE_MANAGER or one.name in last]
        managers = [one for one in staff if one.role is Role.MANAGER]
        reached = (self._reached(tx, chosen) for chosen in (first, managers, staff))
        return next((found for found in reached if found), ())

    def _reached(self, tx: Transaction, chosen: Iterable[Person]) -> tuple[tuple[str, str], ...]:
        ways = ((way, _address(tx, one, way)) for one in chosen for way in _ALARM if way in self.channels)
        return tuple(dict.fromkeys((way, address) for way, address in ways if address is not None))

    # --- when it is not well ------------------------------------------------------------------------------------------

    def _is_ill(self, step: str, now: datetime) -> None:
        self.failures += 1
        self.due = now + AGAIN
        log.error("watchdog: not well", extra={"step": step, "failures": self.failures})
        if self.failures >= FAILURES and (self._told is None or now - self._told >= TOLD_EVERY):
            self._tell(pages.NOT_WELL.format(step=step), now, _ALARM)
            self._told = now

    def _tell(self, text: str, now: datetime, ways: tuple[str, ...]) -> None:
        """By each of these ways, each on its own: no database, no outbox."""
        for way, address in self._whom or self._read_whom():
            if way not in ways:
                continue
            outgoing = Outgoing(f"{answering.SELF_TEST}{int(now.timestamp())}", address, text, "")
            try:
                self.channels[way].send(outgoing)
            except SendFailed as failure:
                log.error("watchdog: not told", extra={"way": way, "reason": str(failure.reason)})  # noqa: TRY400 - its cause may quote

    def _read_whom(self) -> tuple[tuple[str, str], ...]:
        try:
            self._whom = self.house.committer.submit(self._answer_for_all)
        except Exception as gone:  # noqa: BLE001 - it may be what fails
            log.error("watchdog: nobody known to tell", extra={"why": type(gone).__name__})  # noqa: TRY400
        return self._whom


def ping(url: str) -> bool:
    """Ask for an address; whether it answered with a success. Follows nothing, waits for nobody longer than it must."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, parts.port, timeout=PING_SECONDS, context=trust.authorities())
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=PING_SECONDS)
    try:
        connection.request("GET", path, headers={"User-Agent": "waymark"})
        return 200 <= connection.getresponse().status <= 299  # noqa: PLR2004 - HTTP's successes
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _send_one(tx: Transaction, staff: str, now: datetime) -> str:
    """A page that goes to nobody, through the outbox and the sender."""
    way = next(iter(methods.of(tx, staff)), None)
    _must(way is not None, "way")
    assert way is not None
    draft = Draft(Sending.PAGE, NAME, NAME, now, staff=staff, method=way.id)
    return outbox.add(tx, draft, now)


def _must(well: bool, step: str) -> None:  # noqa: FBT001 - reads as it is said
    if not well:
        raise NotWell(step)


def _address(tx: Transaction, person: Person, way: str) -> str | None:
    """Where somebody is reached; an address that no key opens keeps nobody else from being told."""
    try:
        return methods.address(tx, person.id, way)
    except SealBroken:
        return None
