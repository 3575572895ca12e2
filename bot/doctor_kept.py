"""What `waymark doctor` finds in what is kept: the keys, the database, the last backup, the rota, and a page that leaves.

Writes nothing that stays but the test page it was asked for.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import app, rostering, switching
from bot.config import SettingsError
from bot.finding import Seen, Weight
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import MANAGERS
from storage import audit, migrating, outbox, people, rotation
from storage.codes import Sending, Status
from storage.commit import Committer
from storage.errors import StoreUnavailable
from storage.keys import SealBroken
from storage.outbox import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    yield _key_file(settings.keys_file)
    file = settings.database_url.removeprefix("sqlite:///")
    if file != settings.database_url and not Path(file).exists():
        yield Seen(Weight.FAIL, "database", "there is none yet; run `waymark migrate`")
        return
    database = app.database(settings)
    try:
        yield from _database(settings, database, now, page, channels)
    except StoreUnavailable:
        told = "cannot be reached or written; look at WAYMARK_DATABASE_URL, at the server, and at the room on its disk"
        yield Seen(Weight.FAIL, "database", told)
    except SealBroken:
        yield Seen(Weight.FAIL, "keys", "do not open what is kept; find the keys it was sealed under, or restore them")
    finally:
        database.close()


def _key_file(file: Path | None) -> Seen:
    if file is not None and file.stat().st_mode & 0o077:
        return Seen(Weight.WARN, "keys", "others on this machine may read the file; run chmod 600 on it")
    return Seen(Weight.OK, "keys", "can be read; keep a copy apart from every backup")


def _database(
    settings: Settings, database: Database, now: datetime, page: str | None, channels: dict[str, Channel]
) -> Iterator[Seen]:
    version = database.schema_version()
    try:
        migrating.check(version)
    except (migrating.SchemaOld, migrating.SchemaNewer) as wrong:
        yield Seen(Weight.FAIL, "database", f"its schema is {version or 'empty'}: {wrong}")
        return
    with database.snapshot() as tx:
        misfit = rotation.misfit(tx)
    if misfit:
        yield Seen(Weight.FAIL, "keys", misfit)
        return
    with suppress(_Undo), database.transaction() as tx:
        audit.record(tx, now, "doctor", "write.tried")
        tx.finish()
        raise _Undo
    # What is undone never goes to the disk, which may be full.
    Committer(database, writers=1).submit(migrating.touch)
    yield Seen(Weight.OK, "database", f"schema {version}, can be written")
    with database.snapshot() as tx:
        if waiting := outbox.sealed(tx):
            said = f"no key opens {waiting} texts or pages, which wait: put back the keys they were sealed under"
            yield Seen(Weight.FAIL, "outbox", said)
        yield _backup(audit.last(tx, "backup.made"), now)
        yield from _rota(settings, tx, now)
    if page is not None:
        yield from _page(settings, database, now, page, channels)


def _backup(made: datetime | None, now: datetime) -> Seen:
    if made is not None and now - made <= BACKUP_AGE:
        return Seen(Weight.OK, "backup", f"made {made:%Y-%m-%d %H:%M} UTC")
    told = "none was made" if made is None else f"the last was made {made:%Y-%m-%d %H:%M} UTC"
    message = f"{told}; run `waymark backup FILE` every night: whoever is erased is in the older ones till then"
    return Seen(Weight.WARN, "backup", message)


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
