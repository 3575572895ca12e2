"""One database, SQLite or PostgreSQL, and the transaction everything is done in. May not decide when to commit twice.

SQLite is written with BEGIN IMMEDIATE; PostgreSQL at READ COMMITTED: what must not race is locked by name. A database that is
not there, or holds us up, is StoreUnavailable, whatever the driver calls it.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import bindparam, event, make_url, select, text

from storage import engines, errors, migrating, tables
from storage.keys import SealBroken
from storage.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, CursorResult, Engine, Executable

    from flows.model import Conversation
    from storage.keys import DataKey, Keys
    from storage.prepared import Statement

T = TypeVar("T")

# Statements are constants of modules: what was made of one for a kind of database serves every `Database` of the process.
_PREPARED: Final[dict[str, dict[tuple[Statement, tuple[str, ...]], Prepared]]] = {}
_ADVISE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_PATIENT: Final = text("SET LOCAL idle_in_transaction_session_timeout = '10min'")
# Less than the second after which the server looks for a deadlock: a group holds more than one person.
_BRIEFLY: Final = text("SET LOCAL lock_timeout = '300ms'")
_PERSON: Final = select(tables.contacts.c.id).where(tables.contacts.c.id == bindparam("contact")).with_for_update()
_PERSON_OF: Final = (
    select(tables.contacts.c.id, tables.contacts.c.data_key)
    .where(
        tables.contacts.c.id
        == select(tables.conversations.c.contact_id)
        .where(tables.conversations.c.id == bindparam("conversation"))
        .scalar_subquery()
    )
    .with_for_update()
)

_KEY: Final = select(tables.contacts.c.data_key).where(tables.contacts.c.id == bindparam("contact"))
_CONTACT: Final = (
    select(tables.contacts.c.id, tables.contacts.c.data_key)
    .join(tables.conversations, tables.conversations.c.contact_id == tables.contacts.c.id)
    .where(tables.conversations.c.id == bindparam("conversation"))
)


class Transaction:
    """One unit of work. `keys` seal; `late` holds what is done just before the commit (the audit chain)."""

    __slots__ = (
        "_contacts",
        "_data_keys",
        "_driver",
        "_prepared",
        "_wrapped",
        "case_keys",
        "case_members",
        "connection",
        "keys",
        "late",
        "postgresql",
        "saved",
        "stood",
    )

    def __init__(self, connection: Connection, database: Database) -> None:
        self.connection = connection
        self._driver = connection.connection.driver_connection
        self.keys = database.keys
        self.postgresql = database.postgresql
        self._prepared = database.prepared
        self.late: list[Callable[[Transaction], None]] = []
        self._data_keys: dict[str, DataKey] = {}
        self._wrapped: dict[str, bytes | None] = {}
        self.case_keys: dict[str, DataKey] = {}
        self.case_members: dict[str, tuple[str, ...]] = {}
        self._contacts: dict[str, str] = {}
        # What `conversations` saved in this transaction: whoever looks again need not open and read it again.
        self.saved: dict[str, Conversation] = {}
        # The state and the holder (a code) of the conversations that were read, as their rows have them.
        self.stood: dict[str, tuple[str, str]] = {}

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement (many rows when a list is given)."""
        return self.connection.execute(statement, parameters)

    def write(self, statement: Statement, *parameters: Mapping[str, Any]) -> int:
        """Run a constant statement of a module, compiled once, for each set of parameters (all of the same names);
        returns how many rows it changed. For the hot path.
        """
        return self._ready(statement, tuple(parameters[0])).write(self.connection, self._driver, *parameters)

    def read(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Rows of a constant statement of a module, compiled once, as plain tuples. For the hot path."""
        return self._ready(statement, tuple(parameters)).read(self.connection, self._driver, parameters)

    def _ready(self, statement: Statement, names: tuple[str, ...]) -> Prepared:
        found = self._prepared.get((statement, names))
        if found is None:
            found = Prepared(statement, self.connection.dialect, names)
            self._prepared[statement, names] = found
        return found

    def lock_name(self, name: str) -> None:
        """Hold a name until the commit, where several processes write; SQLite has one writer already."""
        if self.postgresql:
            self.execute(_ADVISE, {"name": name})

    def be_patient(self) -> None:
        """A file is written or read in this transaction, and its disk may be slow: the server waits longer for what is next."""
        if self.postgresql:
            self.execute(_PATIENT)

    def lock_contact(self, contact: str) -> None:
        """Be the only one who works on this person until the commit."""
        if self.postgresql:
            self.execute(_PERSON, {"contact": contact})

    def lock_conversation(self, conversation: str) -> None:
        """Lock the person a conversation is with: every event of one person, by whatever door, takes this one lock
        first.
        """
        for contact, wrapped in self.read(_PERSON_OF, {"conversation": conversation}):
            self.link(conversation, contact)
            self.know(contact, wrapped)

    # --- keys of contacts, opened once a transaction ---

    def link(self, conversation: str, contact: str) -> None:
        """Remember for this transaction whom a conversation is with."""
        self._contacts[conversation] = contact

    def know(self, contact: str, wrapped: bytes | None) -> None:
        """Remember for this transaction a wrapped key that a statement has read anyway; None: it was destroyed. It is opened when
        it is needed: whom no key opens any more is known and locked all the same, and keeps nobody from the others.
        """
        self._wrapped.setdefault(contact, wrapped)

    def forget(self, contact: str) -> None:
        """The contact's key has been destroyed."""
        self._wrapped[contact] = None
        self._data_keys.pop(contact, None)

    def data_key(self, contact: str) -> DataKey:
        """The key of a contact. Raises Erased when it was destroyed, SealBroken when no key of ours opens it."""
        found = self._data_keys.get(contact)
        if found is not None:
            return found
        if contact not in self._wrapped:
            row = self.execute(_KEY, {"contact": contact}).one()
            self.know(contact, row[0])
        wrapped = self._wrapped[contact]
        if wrapped is None:
            raise Erased(Erased.__doc__)
        self._data_keys[contact] = key = self.keys.unwrap(wrapped, "contacts", contact)
        return key

    def opens(self, conversation: str) -> bool:
        """Whether a key of ours opens what is kept of the contact a conversation is with; of who was erased none does."""
        try:
            self.key_of(conversation)
        except (Erased, SealBroken):
            return False
        return True

    def contact_of(self, conversation: str) -> str:
        """The contact a conversation is with."""
        if conversation not in self._contacts:
            row = self.execute(_CONTACT, {"conversation": conversation}).one()
            self.link(conversation, row[0])
            self.know(row[0], row[1])
        return self._contacts[conversation]

    def key_of(self, conversation: str) -> DataKey:
        """The data key of the contact a conversation is with. Raises Erased."""
        return self.data_key(self.contact_of(conversation))

    def finish(self) -> None:
        """Do what was left for just before the commit."""
        while self.late:
            self.late.pop(0)(self)


class Erased(LookupError):
    """What is asked for was sealed under a key that has been destroyed: the child was erased."""


class Database:
    """`url`: `sqlite:///path` or `postgresql+psycopg://...` (`postgresql://` is read as the same)."""

    def __init__(self, url: str, keys: Keys, *, pool_size: int = 8) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgresql", "postgres"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.keys = keys
        kind = self.url.get_backend_name()
        self.prepared = _PREPARED.setdefault(kind, {})
        self.postgresql = kind == "postgresql"
        self.engine = engines.postgresql(self.url, pool_size) if self.postgresql else engines.sqlite(self.url)
        event.listen(self.engine, "handle_error", errors.scrub)
        self._writer = None if self.postgresql else Writer(self.engine)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A writing transaction: committed at the end of the block, rolled back when it raises. Raises StoreUnavailable.

        Serving programs go through `commit.Committer`, which also tries again; this is for commands and tests.
        """
        with self._writing() as connection:
            tx = Transaction(connection, self)
            yield tx
            tx.finish()

    def together(self, group: Sequence[Callable[[Transaction], T]]) -> list[T]:
        """What each work of a group returned, all kept by one commit. Raises what the first of them raised that failed, or
        StoreUnavailable, with nothing kept; also where one would have to wait long for what another process holds.

        Each has a transaction's memory of its own and sees what those before it wrote. What they leave for just before the
        commit is done there, once: the head of the audit chain is held no longer for many than for one.
        """
        with self._writing() as connection:
            if self.postgresql:
                connection.execute(_BRIEFLY)
            done: list[T] = []
            late: list[Callable[[Transaction], None]] = []
            for work in group:
                tx = Transaction(connection, self)
                tx.late = late
                done.append(work(tx))
                late = tx.late
            last = Transaction(connection, self)
            last.late = late
            last.finish()
        return done

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        opened = self._pooled() if self._writer is None else self._writer.transaction()
        with errors.there(), opened as connection:
            yield connection

    @contextlib.contextmanager
    def _pooled(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A reading transaction that sees one instant and blocks nobody; what is written in it is thrown away."""
        level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.postgresql else {}
        with errors.there(), self.engine.connect().execution_options(waymark_reading=True, **level) as connection:
            yield Transaction(connection, self)
            connection.rollback()

    def schema_version(self) -> str | None:
        """The revision the schema stands at; None: an empty database. Raises StoreUnavailable when it cannot be asked."""
        with errors.there(), self.engine.connect().execution_options(waymark_reading=True) as connection:
            return migrating.version(connection)

    def is_current(self) -> bool:
        """Whether the schema is the one this program was written for."""
        return self.schema_version() == migrating.head()

    def migrate(self, to: str = "head") -> None:
        """Bring the schema up (or down) to a revision. On PostgreSQL one process at a time. Raises StoreUnavailable."""
        with errors.there(), self.engine.connect() as connection, connection.begin():
            migrating.run(connection, to)

    def close(self) -> None:
        """Give all connections back."""
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()


class Writer:
    """The one connection that writes to SQLite, kept open, its transactions begun and ended by the driver.

    Taking a connection out of the pool, beginning, committing and giving it back took SQLAlchemy longer than SQLite
    takes to write a message. A statement that does go through SQLAlchemy finds the transaction open (see `begun`).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._busy = False
        self._one = threading.RLock()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Alone: whoever else in this process wants to write waits. A connection that failed is not used again."""
        with self._one:
            if self._busy:
                message = "a transaction within a transaction: use the tx that is open"
                raise RuntimeError(message)
            connection = self._connection or self._engine.connect()
            self._connection, self._busy = connection, True
            try:
                self._driver(connection, "execute", engines.WRITING)
                yield connection
                # What went through SQLAlchemy began a transaction of its own making around the same BEGIN.
                if connection.in_transaction():
                    connection.commit()
                else:
                    self._driver(connection, "commit")
            except BaseException:
                self.close()
                raise
            finally:
                self._busy = False

    @staticmethod
    def _driver(connection: Connection, act: str, *given: str) -> None:
        try:
            getattr(connection.connection.driver_connection, act)(*given)
        except connection.dialect.loaded_dbapi.Error as error:
            raise errors.wrapped(connection, act, error) from error

    def close(self) -> None:
        """Let go of the connection; the next transaction opens another."""
        with self._one:
            held, self._connection = self._connection, None
            if held is not None:
                held.close()  # rolls back what is open
