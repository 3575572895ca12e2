"""What `waymark doctor` finds in what is kept: the keys, the database, the last backup, the rota, and a page that leaves.

Writes nothing that stays but the test page it was asked for.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import app, keeping, rostering, switching
from bot.config import SettingsError
from bot.finding import Seen, Weight, looked
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import MANAGERS
from storage import audit, holders, migrating, outbox, people, rotation
from storage.codes import Sending, Status
from storage.commit import Committer
from storage.errors import StoreUnavailable, Trouble
from storage.keys import SealBroken
from storage.outbox import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.channels.base import Channel
    from bot.config import Settings
    from storage.database import Database, Transaction

DAYS: Final = 7
BACKUP_AGE: Final = timedelta(days=2)
TEST_PAGE: Final = "Waymark: this is a test page. Nobody needs help. No reply is wanted."
_PAGE_SECONDS: Final = 20


class _Undo(Exception):
    """The write was tried; it must not stay."""


def kept(settings: Settings, now: datetime, page: str | None, channels: dict[str, Channel]) -> Iterator[Seen]:
    """The keys, the database and what stands in it; `page`: who gets a test page."""
    try:
        app.keys(settings)
    except SettingsError as wrong:
        yield Seen(Weight.FAIL, "keys", str(wrong))
        return
    yield from _key_file(settings.keys_file)
    file = settings.database_url.removeprefix("sqlite:///")
    if file != settings.database_url and not Path(file).exists():
        yield Seen(
            Weight.FAIL, "database", "there is none yet; run `waymark migrate` (if there was one: is its disk mounted?)"
        )
        return
    database = app.database(settings)
    try:
        yield from _database(settings, database, now, page, channels)
    finally:
        database.close()


def _key_file(file: Path | None) -> Iterator[Seen]:
    if file is None or not file.stat().st_mode & 0o077:
        yield Seen(Weight.OK, "keys", "can be read; keep a copy apart from every backup")
    else:
        yield Seen(Weight.WARN, "keys", "others on this machine may read the file; run chmod 600 on it")
    if file is not None and (aside := keeping.aside(file)).exists():
        told = f"{aside.name} lies beside the file, with every key in it: a rotation runs, or was cut off; remove it if none runs"
        yield Seen(Weight.WARN, "keys", told)


def _database(
    settings: Settings, database: Database, now: datetime, page: str | None, channels: dict[str, Channel]
) -> Iterator[Seen]:
    """One look after another, each by itself: what one cannot see the next may. A schema or keys of another service end it."""
    for topic, look in (("database", _schema(database)), ("keys", _ring(database))):
        for one in looked(topic, _in_reach(database, look)):
            yield one
            if one.weight is Weight.FAIL and one.topic == topic:
                return
    looks = (
        ("database", _written(database, now)),
        ("keys", _in(database, _lacking)),
        ("keys", _in(database, _rotated)),
        ("outbox", _in(database, _waiting)),
        ("backup", _in(database, lambda tx: _backup(audit.last(tx, "backup.made"), now))),
        ("rota", _in(database, lambda tx: _rota(settings, tx, now))),
        *([("page", _page(settings, database, now, page, channels))] if page is not None else []),
    )
    for topic, look in looks:
        yield from looked(topic, _in_reach(database, look))


def _in(database: Database, look: Callable[[Transaction], Iterator[Seen]]) -> Iterator[Seen]:
    with database.snapshot() as tx:
        yield from look(tx)


def _in_reach(database: Database, look: Iterator[Seen]) -> Iterator[Seen]:
    """Of what is held also who holds it, as far as the server tells."""
    try:
        yield from look
    except SealBroken:
        yield Seen(Weight.FAIL, "keys", "do not open what is kept; find the keys it was sealed under, or restore them")
    except StoreUnavailable as down:
        if down.trouble is Trouble.HELD:
            with suppress(StoreUnavailable):
                yield from map(_holder, holders.of(database))
        raise


def _holder(one: holders.Holder) -> Seen:
    told = f"has been at work for {one.seconds} s" if one.seconds else "holds something"
    end = f"to end it: SELECT pg_terminate_backend({one.process})"
    return Seen(Weight.WARN, "database", f"process {one.process} of the server ({one.name}) {told}; {end}")


def _schema(database: Database) -> Iterator[Seen]:
    version = database.schema_version()
    try:
        migrating.check(version)
    except (migrating.SchemaOld, migrating.SchemaNewer) as wrong:
        yield Seen(Weight.FAIL, "database", f"its schema is {version or 'empty'}: {wrong}")


def _ring(database: Database) -> Iterator[Seen]:
    with database.snapshot() as tx:
        misfit = rotation.misfit(tx)
    if misfit:
        yield Seen(Weight.FAIL, "keys", misfit)


def _written(database: Database, now: datetime) -> Iterator[Seen]:
    with suppress(_Undo), database.transaction() as tx:
        audit.record(tx, now, "doctor", "write.tried")
        tx.finish()
        raise _Undo
    # What is undone never goes to the disk, which may be full.
    Committer(database, writers=1).submit(migrating.touch)
    yield Seen(Weight.OK, "database", f"schema {migrating.head()}, can be written")


def _lacking(tx: Transaction) -> Iterator[Seen]:
    if rotation.lacks(tx):
        yield Seen(Weight.FAIL, "keys", rotation.LACKING)


def _rotated(tx: Transaction) -> Iterator[Seen]:
    if not rotation.is_done(tx):
        told = "a rotation was cut off: copy the key file apart now, for its newest key is in use, and run `waymark keys rotate`"
        yield Seen(Weight.WARN, "keys", told)


def _waiting(tx: Transaction) -> Iterator[Seen]:
    if waiting := outbox.sealed(tx):
        said = f"no key opens {waiting} texts or pages, which wait: put back the keys they were sealed under"
        yield Seen(Weight.FAIL, "outbox", said)


def _backup(made: datetime | None, now: datetime) -> Iterator[Seen]:
    if made is not None and now - made <= BACKUP_AGE:
        yield Seen(Weight.OK, "backup", f"made {made:%Y-%m-%d %H:%M} UTC")
        return
    told = "none was made" if made is None else f"the last was made {made:%Y-%m-%d %H:%M} UTC"
    message = f"{told}; run `waymark backup FILE` every night: whoever is erased is in the older ones till then"
    yield Seen(Weight.WARN, "backup", message)


def _rota(settings: Settings, tx: Transaction, now: datetime) -> Iterator[Seen]:
    for staff in people.unreadable(tx):
        told = (
            f'no key opens the name of "{people.UNREADABLE}{staff}": put back the keys it was sealed under, or let them go by '
            "that name (waymark staff disable) and add them anew"
        )
        yield Seen(Weight.FAIL, "staff", told)
    if not any(one.active for one in people.everyone(tx)):
        yield Seen(
            Weight.FAIL, "rota", "there is nobody who could be paged; run `waymark staff add` and `waymark rota add`"
        )
        return
    held = {one.role.value for one in people.everyone(tx) if one.active} | {one.role for one in people.on_duty(tx, now)}
    if held.isdisjoint(MANAGERS):
        told = (
            "there is none: what is decided of an L3 or L4 waits for one; run `waymark staff add NAME --role manager`"
        )
        yield Seen(Weight.FAIL, "managers", told)
    for line in switching.told(tx, now, settings.timezone):
        yield Seen(Weight.WARN, "switches", line)
    until = now + timedelta(days=DAYS)
    if not any(one.role != "worker" for one in people.on_duty(tx, now)):
        yield Seen(Weight.FAIL, "rota", "nobody is on duty now; run `waymark rota add`")
    gaps = rostering.gaps_in(tx, now, until, settings.timezone)
    for gap in gaps:
        yield Seen(Weight.FAIL, "rota", gap)
    if not gaps:
        yield Seen(Weight.OK, "rota", f"no gap in the next {DAYS} days")


def _page(
    settings: Settings, database: Database, now: datetime, name: str, channels: dict[str, Channel]
) -> Iterator[Seen]:
    """A test page goes the way of every page: into the outbox, and out of it with whatever else is due."""
    with database.transaction() as tx:
        person = people.by_name(tx, name)
        if person is None or not person.active:
            yield Seen(Weight.FAIL, "page", "nobody of that name is on the staff; `waymark staff list` shows who is")
            return
        draft = Draft(Sending.PAGE, "sms", TEST_PAGE, now, staff=person.id, expires_at=now + timedelta(minutes=10))
        sending = outbox.add(tx, draft, now)
        audit.record(tx, now, "doctor", "test.paged", person.id)
    if "sms" not in channels:
        yield Seen(Weight.FAIL, "page", "no channel to send it by")
        return
    committer = Committer(database, writers=1)
    try:
        yield _sent(Ticker(Runner(app.furnish(committer, settings)), channels), database, sending, now)
    finally:
        committer.close()


def _sent(ticker: Ticker, database: Database, sending: str, now: datetime) -> Seen:
    until = time.monotonic() + _PAGE_SECONDS
    why = "nobody sent it in time"
    while time.monotonic() < until:
        ticker.send_pending(now)
        with database.snapshot() as tx:
            shown = outbox.look(tx, sending)
        if shown is not None and shown.status in (Status.SENT, Status.DELIVERED):
            return Seen(Weight.OK, "page", "the provider took it; ask whether it arrived")
        if shown is None or shown.status is not Status.LEASED:
            why = shown.error or why if shown is not None else why
            break
        time.sleep(0.2)
    return Seen(Weight.FAIL, "page", f"did not leave ({why}); look at the number of the person and at the account")
