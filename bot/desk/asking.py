"""What a view of the desk is given and what it may answer: plain values. May not read a request or write a response.

A view is a function `view(tx, ask) -> Answer`. It runs in a transaction in which the session, the role and the form were
checked a moment before, and may write only when it was posted to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.channels.forms import Form
from bot.clicks import NotPossible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from bot.desk.accounts import Accounts
    from bot.desk.passkeys import Passkeys
    from bot.runner import House, Runner
    from storage.database import Transaction
    from storage.people import Person
    from storage.sessions import Session


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in. `roles`: their own and those of the shifts they stand in now; `mark`: what their forms carry."""

    person: Person
    roles: frozenset[str]
    session: Session
    mark: str

    def may(self, roles: frozenset[str]) -> bool:
        """Whether any of these roles is theirs."""
        return bool(self.roles & roles)


@dataclass(frozen=True, slots=True)
class Account:
    """An account kept elsewhere that has proved itself: whose word it is, and who it is there."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Journey:
    """A browser on its way to another service and back: where to, and what only this journey knows."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `path`: the named parts of its path; `body`: what a script sent as JSON; `away`: what this browser keeps of
    a journey to another service; `fetched`: what the route's `fetch` found.
    """

    at: datetime
    runner: Runner
    passkeys: Passkeys
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=lambda: Form(()))
    body: Mapping[str, Any] = field(default_factory=dict)
    me: Me | None = None
    # Nobody in this service is real: whoever has a printed link is let in by it.
    demo: bool = False
    accounts: Accounts | None = None
    away: str = ""
    fetched: object = None

    @property
    def house(self) -> House:
        """What everything that talks needs."""
        return self.runner.house

    @property
    def account_name(self) -> str:
        """What the accounts kept elsewhere are called; "" where none sign in here."""
        return self.house.settings.desk_oidc_name if self.accounts is not None else ""

    @property
    def zone(self) -> tzinfo:
        """The time staff read."""
        return self.house.settings.timezone

    @property
    def who(self) -> Person:
        """Who is signed in, on a route that nobody else can call."""
        assert self.me is not None
        return self.me.person

    def may(self, roles: frozenset[str]) -> bool:
        """Whether somebody is signed in who has one of these roles."""
        return self.me is not None and self.me.may(roles)

    def instant(self, name: str) -> datetime | None:
        """A local time of the form that may be left out: now. What the clock shows twice is the first it may mean."""
        given = self.form.get(name).strip()
        if not given:
            return None
        try:
            wall = datetime.strptime(given[:16].replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall clock
        except ValueError:
            raise NotPossible("give a day and a time, like 2026-11-21 20:00") from None
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `seen`: (what, id) of every record on it; written down before anybody sees it. `no_sooner`: seconds after it
    was asked for, so that how long it took tells nothing. `opened`: what follows from a person opening it, done before it is
    shown as it is then; not from a tab that renews itself.
    """

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    seen: tuple[tuple[str, str], ...] = ()
    no_sooner: float = 0.0
    # What the browser keeps while it is away at another service; "" ends that.
    away: str | None = None
    opened: Callable[[Transaction], None] | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """To another page of ours. `done`: a code of `said.DONE`, said there; `cookie`: a session's ("" ends it)."""

    to: str
    done: str = ""
    cookie: str | None = None
    away: str | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """JSON, for our own script."""

    values: Mapping[str, Any]
    status: int = 200
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """Text or a file of ours, for a program."""

    body: str | bytes
    media: str = "text/plain; charset=utf-8"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """A stream: tells an open page that `version` is another than it was. One `topic` is asked for once for all pages."""

    topic: str
    version: Callable[[Transaction], str]


Answer: TypeAlias = "Page | Go | Data | Plain | Live"


class NotThere(LookupError):
    """There is no such page, or not for you: one answer for both."""


class NotHeld(NotThere):
    """There is no such chat, or it is not with whoever asks, or not any more: one answer for all."""


class NotTrue(ValueError):
    """What came back from another service proves nothing."""


class NotReached(ConnectionError):
    """Another service does not answer."""


class Unwelcome(PermissionError):
    """A form did not come from our own page."""
