"""`waymark doctor`: is this installation ready for a child? One finding a line: ok, warn or fail. May not mend anything.

What only a person can see (a provider's console) is said as what to look at. Shows no key, token, address or name but those
of staff on the rota; asks the provider only when told to.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urldefrag, urlsplit

from bot import app, doctor_kept, i18n, languages, spoken
from bot.channels import sms
from bot.channels.base import SendFailed
from bot.config import SettingsError
from bot.desk import app as desk_app
from bot.desk import elsewhere
from bot.desk.asking import NotReached, NotTrue
from bot.filing import webhook
from bot.finding import Seen, Weight, looked
from bot.web.webhooks import HOOKS
from flows import checks, deadline_windows
from flows.lines import LoadError
from flows.listening.model import LexiconError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.channels.base import Channel
    from bot.config import Settings

# How Twilio is told to bring a text again after a 503: by itself it does so only when it could not connect at all, and
# whatever it is told it gives up after fifteen seconds (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
OVERRIDE: Final = "#rc=5&rp=all"


def examine(settings: Settings, now: datetime, *, online: bool = False, page: str | None = None) -> Iterator[Seen]:
    """Everything there is to say, in the order in which it should be mended. `page`: who gets a test page."""
    yield Seen(Weight.OK, "settings", "all can be read")
    found: dict[str, Channel] = {}
    try:
        app.source()
    except LoadError as wrong:
        yield Seen(Weight.FAIL, "library", f"{wrong}; till then `waymark serve` does not start")
        return
    looks = (
        ("channels", _channels(settings, found)),
        ("twilio", _asked(settings, found, online=online)),
        ("confirm", _console(settings)),
        ("filing", _filing(settings)),
        ("accounts", _accounts(settings, online=online)),
        ("WAYMARK_PUBLIC_NUMBER", _named(settings)),
        ("help numbers", _numbers(settings, now)),
        ("languages", _languages(settings)),
        ("listening", _listening()),
        ("database", doctor_kept.kept(settings, now, page, found)),
    )
    for topic, look in looks:
        yield from looked(topic, look)


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


def _asked(settings: Settings, found: dict[str, Channel], *, online: bool) -> Iterator[Seen]:
    """What Twilio says about the account and about the address it calls; asked only when told to."""
    if not online or "sms" not in found:
        return
    channel = found["sms"]
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
    if settings.filing_dir is not None and not settings.filing_dir.is_dir():
        yield Seen(Weight.WARN, "filing", "WAYMARK_FILING_DIR is no folder, so that nothing is filed there; make it")
    elif settings.filing_dir is not None:
        try:
            tempfile.TemporaryFile(dir=settings.filing_dir).close()
        except OSError as why:
            said = f"WAYMARK_FILING_DIR cannot be written ({why.strerror}), so that nothing is filed there; let us write it"
            yield Seen(Weight.WARN, "filing", said)
    if settings.filing_webhook_url and urlsplit(settings.filing_webhook_url).scheme != "https":
        yield Seen(Weight.WARN, "filing", "WAYMARK_FILING_WEBHOOK_URL is not https, so that nothing is filed there")
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


def _named(settings: Settings) -> Iterator[Seen]:
    """A child who asks "is this real" is told whom to ring: whoever answers there must know of us (decisions 4 and 12)."""
    if not settings.public_number:
        other = app.source().numbers["missing_people"].number
        said = f"not set: who asks whether this is real is sent to {other}, where nobody knows of us; set your own"
        yield Seen(Weight.WARN, "WAYMARK_PUBLIC_NUMBER", said)


def _numbers(settings: Settings, now: datetime) -> Iterator[Seen]:
    stale = list(checks.numbers(app.source(), now.astimezone(settings.timezone).date()))
    for one in stale:
        yield Seen(Weight.FAIL, "help numbers", one.message)
    if not stale:
        said = f"{len(app.source().numbers)} were checked in the last {deadline_windows.FRESH_DAYS} days"
        yield Seen(Weight.OK, "help numbers", said)


def _languages(settings: Settings) -> Iterator[Seen]:
    catalogues, on = i18n.load_catalogues(app.LOCALES), languages.turned_on(settings)
    offered = app.offered(settings, catalogues, on)
    for tag in settings.locales:
        if i18n.negotiate(tag, catalogues) is None:
            said = (
                f"WAYMARK_LOCALES names {tag}, for which there is no catalogue; `waymark locales` shows those there are"
            )
            yield Seen(Weight.WARN, "languages", said)
    if not offered:
        yield Seen(Weight.FAIL, "languages", "none is offered: no child would be answered; `waymark locales` says why")
        return
    yield Seen(Weight.OK, "languages", f"offered: {', '.join(offered)}; the others are answered by a person")
    drafts = [tag for tag in offered if tag not in on and spoken.standing(app.source(), catalogues[tag]).drafts]
    if drafts:
        said = f"not signed by a reviewer and sent all the same (WAYMARK_DRAFT_LOCALES): {', '.join(drafts)}"
        yield Seen(Weight.WARN, "languages", said)
    for tag, told in on.items():
        said = f"{tag} is {told}, " + ("and not signed by a reviewer" if tag in offered else "and yet not offered")
        yield Seen(Weight.WARN, "languages", f"{said}: have its texts signed, or turn it off with `waymark language`")


def _listening() -> Iterator[Seen]:
    try:
        reader = app.ears().sentences
    except LexiconError as wrong:
        yield Seen(Weight.FAIL, "listening", str(wrong))
        return
    missing = Seen(Weight.WARN, "listening", "more is heard with the reader of sentences: pip install '.[sentences]'")
    yield missing if reader is None else Seen(Weight.OK, "listening", "phrases, sums and the reader of sentences")
