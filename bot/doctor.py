"""`waymark doctor`: is this installation ready for a child? One finding a line: ok, warn or fail. May not mend anything.

What only a person can see (a provider's console) is said as what to look at. Shows no key, token, address or name but those
of staff on the rota; asks the provider only when told to.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urldefrag

from bot import app, i18n, review, rostering, switching
from bot.channels import sms
from bot.channels.base import SendFailed
from bot.config import SettingsError
from bot.desk import app as desk_app
from bot.desk import elsewhere
from bot.desk.asking import NotReached, NotTrue
from bot.filing import webhook
from bot.runner import Runner
from bot.ticker import Ticker
from bot.web.webhooks import HOOKS
from flows import checks
from flows.listening.model import LexiconError
from storage import audit, migrating, outbox, people
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
# How Twilio is told to bring a text again after a 503: by itself it does so only when it could not connect at all, and
# whatever it is told it gives up after fifteen seconds (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
OVERRIDE: Final = "#rc=5&rp=all"
TEST_PAGE: Final = "Waymark: this is a test page. Nobody needs help. No reply is wanted."
_PAGE_SECONDS: Final = 20


class Weight(StrEnum):
    """`fail`: children or staff would not be reached. `warn`: a person should look."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding; the message of what is not ok says how to mend it."""

    weight: Weight
    topic: str
    message: str

    def __str__(self) -> str:
        return f"{self.weight:<5}{self.topic}: {self.message}"


class _Undo(Exception):
    """The write was tried; it must not stay."""


def examine(settings: Settings, now: datetime, *, online: bool = False, page: str | None = None) -> Iterator[Seen]:
    """Everything there is to say, in the order in which it should be mended. `page`: who gets a test page."""
    yield Seen(Weight.OK, "settings", "all can be read")
    found: dict[str, Channel] = {}
    yield from _channels(settings, found)
    if online and "sms" in found:
        yield from _asked(settings, found["sms"])
    yield from _console(settings)
    yield from _filing(settings)
    yield from _accounts(settings, online=online)
    yield from _numbers(settings, now)
    yield from _languages(settings)
    yield _listening()
    yield from _kept(settings, now, page, found)


# --- what leaves and comes in -----------------------------------------------------------------------------------------


def _channels(settings: Settings, found: dict[str, Channel]) -> Iterator[Seen]:
    try:
        found.update(app.channels(settings))
    except sms.BadSetting as wrong:
        yield Seen(Weight.FAIL, "channels", str(wrong))
        return
    for name in found:
        yield Seen(Weight.OK, "channels", f"{name} is set")
    if "sms" not in found:
        said = "no account for texts: staff cannot be paged; set WAYMARK_TWILIO_ACCOUNT_SID"
        yield Seen(Weight.FAIL, "channels", said)
    if "whatsapp" in found and not settings.twilio_whatsapp_template:
        said = (
            "outside the 24 hours nothing can leave; set WAYMARK_TWILIO_WHATSAPP_TEMPLATE to an approved neutral text"
        )
        yield Seen(Weight.WARN, "whatsapp", said)


def _asked(settings: Settings, channel: Channel) -> Iterator[Seen]:
    """What Twilio says about the account and about the address it calls."""
    assert isinstance(channel, sms.Sms)
    try:
        console = channel.ask()
    except SendFailed as failed:
        yield Seen(Weight.FAIL, "twilio", f"does not let us in ({failed}); look at the account's id and token")
        return
    fine = console.status == "active"
    mend = "" if fine else "; look at the account in its console"
    yield Seen(Weight.OK if fine else Weight.FAIL, "twilio", f"the account is {console.status}{mend}")
    wanted = _webhook(settings)
    if console.webhook is None:
        yield Seen(Weight.WARN, "twilio", f"which address it calls cannot be seen; it must be {wanted}{OVERRIDE}")
        return
    address, fragment = urldefrag(console.webhook)
    if address != wanted:
        yield Seen(Weight.FAIL, "twilio", f"calls another address for texts; write {wanted}{OVERRIDE} there")
    elif not _comes_again(fragment):
        yield Seen(Weight.WARN, "twilio", f"does not bring a text again after a 503; write {wanted}{OVERRIDE} there")
    else:
        yield Seen(Weight.OK, "twilio", "calls our address for texts, and comes again after a 503")


def _comes_again(fragment: str) -> bool:
    given = parse_qs(fragment)
    policy = set(given.get("rp", [""])[0].split(","))
    return given.get("rc", ["0"])[0] not in ("", "0") and bool(policy & {"all", "5xx"})


def _webhook(settings: Settings) -> str:
    (path,) = (hook.path for hook in HOOKS if hook.channel == "sms" and not hook.reports)
    return settings.public_url + path


def _filing(settings: Settings) -> Iterator[Seen]:
    """What is filed is signed: a secret that the receiver could guess proves nothing, and nothing would leave with it."""
    if not settings.filing_webhook_url:
        return
    try:
        webhook.key(settings.filing_webhook_secret)
    except webhook.NotDelivered as why:
        told = {
            "short_secret": "is shorter than 24 bytes, so that nothing is filed",
            "bad_secret": "begins with whsec_ and is no base64, so that nothing is filed",
        }.get(why.code, why.code)
        yield Seen(Weight.WARN, "filing", f"WAYMARK_FILING_WEBHOOK_SECRET {told}; make a new one of 24 to 64 bytes")
    else:
        yield Seen(Weight.OK, "filing", "what is filed is signed with a secret that is long enough")


def _accounts(settings: Settings, *, online: bool) -> Iterator[Seen]:
    """The accounts kept elsewhere by which staff may sign in; asked for only when told to."""
    if not settings.desk_oidc_issuer:
        return
    back = f"{settings.desk_url or f'http://localhost:{settings.desk_port}'}{elsewhere.BACK}"
    try:
        held = desk_app.accounts(settings, back)
        if online and held is not None:
            held.away()
    except SettingsError as why:
        yield Seen(Weight.FAIL, "accounts", str(why))
    except (NotReached, NotTrue):
        message = "WAYMARK_DESK_OIDC_ISSUER: does not answer as an OpenID provider; till then staff have their passkeys"
        yield Seen(Weight.WARN, "accounts", message)
    else:
        yield Seen(
            Weight.OK, "accounts", f"staff may sign in by {settings.desk_oidc_name}; registered there must be {back}"
        )


def _console(settings: Settings) -> Iterator[Seen]:
    """What no program can see: a person must look, and look again when somebody has been in the console."""
    if not settings.twilio_account_sid:
        return
    said = "Twilio's own replies to STOP, START and HELP must be off (Messaging Service, Opt-Out Management): ours must leave"
    yield Seen(Weight.WARN, "confirm", said)
    said = f"the webhook for messages must be {_webhook(settings)}{OVERRIDE}, its fallback {_webhook(settings)}"
    yield Seen(Weight.WARN, "confirm", f"{said}: Twilio gives a text up after fifteen seconds")
    if settings.twilio_whatsapp_from:
        said = (
            "WhatsApp's template must be approved, name nobody and nothing, and its sender must call the same address"
        )
        yield Seen(Weight.WARN, "confirm", said)


# --- what is said -----------------------------------------------------------------------------------------------------


def _numbers(settings: Settings, now: datetime) -> Iterator[Seen]:
    stale = list(checks.numbers(app.source(), now.astimezone(settings.timezone).date()))
    for one in stale:
        yield Seen(Weight.FAIL, "help numbers", one.message)
    if not stale:
        said = f"{len(app.source().numbers)} were checked in the last {checks.FRESH_DAYS} days"
        yield Seen(Weight.OK, "help numbers", said)


def _languages(settings: Settings) -> Iterator[Seen]:
    catalogues = i18n.load_catalogues(app.LOCALES)
    offered = app.offered(settings, catalogues)
    if not offered:
        yield Seen(Weight.FAIL, "languages", "none is offered: no child would be answered; `waymark locales` says why")
        return
    yield Seen(Weight.OK, "languages", f"offered: {', '.join(offered)}; the others are answered by a person")
    entries = tuple(i18n.messages(app.source()))
    drafts = [tag for tag in offered if review.standing(entries, catalogues[tag]).drafts]
    if drafts:
        said = f"not signed by a reviewer and sent all the same (WAYMARK_DRAFT_LOCALES): {', '.join(drafts)}"
        yield Seen(Weight.WARN, "languages", said)


def _listening() -> Seen:
    try:
        reader = app.ears().sentences
    except LexiconError as wrong:
        return Seen(Weight.FAIL, "listening", str(wrong))
    missing = Seen(Weight.WARN, "listening", "more is heard with the reader of sentences: pip install '.[sentences]'")
    return missing if reader is None else Seen(Weight.OK, "listening", "phrases, sums and the reader of sentences")


# --- what is kept -----------------------------------------------------------------------------------------------------


def _kept(settings: Settings, now: datetime, page: str | None, channels: dict[str, Channel]) -> Iterator[Seen]:
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
        yield Seen(Weight.FAIL, "database", "cannot be reached; look at WAYMARK_DATABASE_URL and at the server")
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
    with suppress(_Undo), database.transaction() as tx:
        audit.record(tx, now, "doctor", "write.tried")
        tx.finish()
        raise _Undo
    yield Seen(Weight.OK, "database", f"schema {version}, can be written")
    with database.snapshot() as tx:
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
    if not any(one.active for one in people.everyone(tx)):
        yield Seen(
            Weight.FAIL, "rota", "there is nobody who could be paged; run `waymark staff add` and `waymark rota add`"
        )
        return
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
