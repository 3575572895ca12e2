"""Coming in and going out: by passkey, or by a phrase and the six figures of an authenticator. Says nothing about a name.

Whoever is unknown, wrong, too late or not of the service any more gets the same answer after the same work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot import holding
from bot.desk.asking import Data, Go, NotThere, Page
from bot.desk.passkeys import NotProven, credential_of
from bot.desk.routes import ANYBODY, SIGNED_IN, Route
from storage import audit, credentials, identities, people, sessions, totp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

WRONG: Final = "That did not work. Check what you typed, and wait for the next six figures before you try again."
THROTTLED: Final = "Too many tries under this name. Wait a quarter of an hour, or use your passkey."
NO_LINK: Final = (
    "This link does not work: it was used, is more than a day old, or a newer one was made. Ask for another."
)
NOT_PROVEN: Final = {"wrong": "That did not work. Try again, or ask a manager for a new link."}
_REFUSED: Final = 400


# --- signing in -------------------------------------------------------------------------------------------------------


def sign_in(tx: Transaction, ask: Ask) -> Answer:
    """The page everybody begins on."""
    del tx
    return Go("/") if ask.me is not None else _sign_in(ask, ask.query.get("to", ""))


def _sign_in(ask: Ask, to: str, wrong: str = "") -> Page:
    values = {"to": inside(to), "wrong": wrong, "account": ask.account_name}
    return Page("sign_in.html", "Sign in", values, _REFUSED if wrong else 200)


def sign_in_again(ask: Ask, wrong: str, to: str) -> Page:
    """The sign-in page with what went wrong elsewhere; that journey is over."""
    return replace(_sign_in(ask, to, wrong), away="")


def begin(tx: Transaction, ask: Ask) -> Answer:
    """What a browser needs to sign in with a passkey: it names nobody, so it tells nobody who has one."""
    options, challenge = ask.passkeys.sign_in()
    return Data({"options": options, "ceremony": credentials.begin(tx, challenge, ask.at)})


def by_passkey(tx: Transaction, ask: Ask) -> Answer:
    """A passkey signed the challenge."""
    staff, passkey = _proven(tx, ask)
    if staff is None:
        return Data(NOT_PROVEN, _REFUSED)
    audit.record(tx, ask.at, staff, "desk.signed_in", passkey)
    return Data({"to": inside(str(ask.body.get("to", "")))}, cookie=begun(tx, ask, staff, passkey))


def _proven(tx: Transaction, ask: Ask) -> tuple[str | None, str]:
    given = ask.body.get("given")
    challenge = credentials.challenge(tx, str(ask.body.get("ceremony", "")), ask.at)
    if challenge is None or not isinstance(given, dict):
        return None, ""
    try:
        known = credentials.by_credential(tx, ask.passkeys.credential(given))
        if known is None:
            return None, ""
        signed = ask.passkeys.signed(challenge, known.value, given)
    except NotProven:
        return None, ""
    if not people.load(tx, known.staff).active:
        return None, ""
    # 0: this kind does not count. One that goes back was copied.
    if signed.counter <= known.counter and (signed.counter or known.counter):
        audit.record(tx, ask.at, known.staff, "desk.passkey_copied", known.id)
        return None, ""
    credentials.used(tx, known.id, signed.counter, ask.at)
    return known.staff, known.id


def by_code(tx: Transaction, ask: Ask) -> Answer:
    """A name, a phrase and six figures."""
    name, to = ask.form.get("name"), ask.form.get("to")
    if credentials.is_throttled(tx, name, ask.at):
        return _sign_in(ask, to, THROTTLED)
    person = people.by_name(tx, name)
    known = person.id if person is not None and person.active else None
    if not credentials.proves(tx, known, ask.form.get("phrase"), ask.form.get("code"), ask.at) or known is None:
        credentials.wrong(tx, name, ask.at)
        return _sign_in(ask, to, WRONG)
    audit.record(tx, ask.at, known, "desk.signed_in", "code")
    return Go(inside(to), cookie=begun(tx, ask, known, "code"))


def begun(tx: Transaction, ask: Ask, staff: str, by: str) -> str:
    """A new session; the one this browser had ends, so that nothing planted before lives on."""
    if ask.me is not None:
        sessions.end(tx, ask.me.session.token)
    return sessions.begin(tx, staff, by, ask.at)


def sign_out(tx: Transaction, ask: Ask) -> Answer:
    """Leave this browser."""
    if ask.me is not None:
        sessions.end(tx, ask.me.session.token)
        audit.record(tx, ask.at, ask.me.person.id, "desk.signed_out")
        holding.signed_out(tx, ask.house, ask.me.person.id, ask.at)
    return Go("/sign-in", "signed_out", cookie="")


def inside(to: str) -> str:
    """Where somebody wanted to go, when that is a page of ours; else the start."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and to.isascii()
    return to if plain else "/"


# --- enrolling --------------------------------------------------------------------------------------------------------


def enrol(tx: Transaction, ask: Ask) -> Answer:
    """The page of a link that works once: make a passkey, or set up an authenticator."""
    return _enrol(tx, ask)


def _enrol(tx: Transaction, ask: Ask, wrong: str = "") -> Page:
    token = ask.path["token"]
    staff = credentials.whose_link(tx, token, ask.at)
    if staff is None:
        return Page("no_link.html", "This link does not work", {"text": NO_LINK}, 404)
    secret = credentials.link_secret(tx, token)
    values = {
        "name": people.load(tx, staff).name,
        "token": token,
        "secret": totp.written(secret),
        "wrong": wrong,
        "shortest": credentials.SHORTEST_PHRASE,
        "account": ask.account_name,
    }
    return Page("enrol.html", "Set up how you sign in", values, _REFUSED if wrong else 200)


def enrol_again(tx: Transaction, ask: Ask, wrong: str) -> Page:
    """The page of the link with what went wrong elsewhere."""
    return replace(_enrol(tx, ask, wrong), away="")


def enrol_begin(tx: Transaction, ask: Ask) -> Answer:
    """What a browser needs to make the passkey of this link."""
    staff = credentials.whose_link(tx, ask.path["token"], ask.at)
    if staff is None:
        return Data(NOT_PROVEN, _REFUSED)
    return _options(tx, ask, staff)


def enrol_passkey(tx: Transaction, ask: Ask) -> Answer:
    """The passkey was made: the link is used up, and they are in."""
    token = ask.path["token"]
    staff = credentials.whose_link(tx, token, ask.at)
    added = _added(tx, ask, staff) if staff is not None else None
    if staff is None or added is None or not credentials.use_link(tx, token, ask.at):
        return Data(NOT_PROVEN, _REFUSED)
    audit.record(tx, ask.at, staff, "desk.enrolled", added)
    return Data({"to": "/"}, cookie=begun(tx, ask, staff, added))


def enrol_code(tx: Transaction, ask: Ask) -> Answer:
    """The authenticator was set up: a phrase, and six figures that prove it."""
    token = ask.path["token"]
    staff = credentials.whose_link(tx, token, ask.at)
    if staff is None:
        return _enrol(tx, ask)
    phrase = ask.form.get("phrase")
    if not credentials.SHORTEST_PHRASE <= len(phrase.strip()) <= credentials.LONGEST_PHRASE:
        return _enrol(tx, ask, f"Choose a phrase of {credentials.SHORTEST_PHRASE} to 200 characters.")
    secret = credentials.link_secret(tx, token)
    step = totp.step_of(secret, ask.form.get("code"), ask.at)
    if step is None:
        return _enrol(tx, ask, "Those six figures are not the ones your authenticator shows now. Try the next ones.")
    if not credentials.use_link(tx, token, ask.at):
        return _enrol(tx, ask)
    credentials.set_authenticator(tx, staff, secret, phrase, step, ask.at)
    audit.record(tx, ask.at, staff, "desk.enrolled", "code")
    return Go("/", cookie=begun(tx, ask, staff, "code"))


def _options(tx: Transaction, ask: Ask, staff: str) -> Data:
    have = [credential_of(one.value) for one in credentials.of(tx, staff)]
    options, challenge = ask.passkeys.enrolment(staff, people.load(tx, staff).name, have)
    return Data({"options": options, "ceremony": credentials.begin(tx, challenge, ask.at, staff)})


def _added(tx: Transaction, ask: Ask, staff: str) -> str | None:
    """The id of the passkey a browser made; None when it proves nothing."""
    given: Mapping[str, Any] | object = ask.body.get("given")
    challenge = credentials.challenge(tx, str(ask.body.get("ceremony", "")), ask.at, staff)
    if challenge is None or not isinstance(given, dict):
        return None
    try:
        made = ask.passkeys.enrolled(challenge, given)
    except NotProven:
        return None
    if credentials.by_credential(tx, made.credential) is not None:
        return None
    return credentials.add(tx, staff, made.credential, made.value, made.counter, ask.at).id


# --- the demo ---------------------------------------------------------------------------------------------------------


def demo(tx: Transaction, ask: Ask) -> Answer:
    """Of the demo alone: a printed link, by which an invented person is let in with one press."""
    return Page("demo.html", "The demo", {"name": people.load(tx, _invented(tx, ask)).name})


def demo_in(tx: Transaction, ask: Ask) -> Answer:
    """That press."""
    return Go("/", cookie=begun(tx, ask, _invented(tx, ask), "demo"))


def _invented(tx: Transaction, ask: Ask) -> str:
    staff = credentials.whose_link(tx, ask.path["token"], ask.at) if ask.demo else None
    if staff is None:
        raise NotThere(NotThere.__doc__)
    return staff


# --- one's own page ---------------------------------------------------------------------------------------------------


def mine(tx: Transaction, ask: Ask) -> Answer:
    """By what I sign in, and where else I am signed in."""
    held = {"passkeys": credentials.of(tx, ask.who.id), "accounts": identities.of(tx, ask.who.id)}
    return Page("me.html", ask.who.name, held | {"here": "/me", "account": ask.account_name or "an account elsewhere"})


def mine_begin(tx: Transaction, ask: Ask) -> Answer:
    """What a browser needs to make one more passkey."""
    return _options(tx, ask, ask.who.id)


def mine_add(tx: Transaction, ask: Ask) -> Answer:
    """One more passkey."""
    added = _added(tx, ask, ask.who.id)
    if added is None:
        return Data(NOT_PROVEN, _REFUSED)
    audit.record(tx, ask.at, ask.who.id, "desk.passkey_added", added)
    return Data({"to": "/me?done=passkey_added"})


def mine_remove(tx: Transaction, ask: Ask) -> Answer:
    """Take away one of my passkeys, and sign out whoever is signed in with it."""
    passkey = ask.path["passkey"]
    if not credentials.remove(tx, ask.who.id, passkey):
        raise NotThere(NotThere.__doc__)
    audit.record(tx, ask.at, ask.who.id, "desk.passkey_removed", passkey)
    return Go("/me", "passkey_removed")


def everywhere(tx: Transaction, ask: Ask) -> Answer:
    """Sign me out everywhere but here."""
    assert ask.me is not None
    sessions.end_of(tx, ask.who.id)
    audit.record(tx, ask.at, ask.who.id, "desk.signed_out", "everywhere")
    return Go("/me", "everywhere", cookie=sessions.begin(tx, ask.who.id, ask.me.session.by, ask.at))


ROUTES: Final = (
    Route("GET", "/sign-in", ANYBODY, sign_in),
    Route("POST", "/sign-in/begin", ANYBODY, begin, is_bare=True),
    Route("POST", "/sign-in/passkey", ANYBODY, by_passkey, is_bare=True),
    Route("POST", "/sign-in/code", ANYBODY, by_code),
    Route("POST", "/sign-out", ANYBODY, sign_out),
    Route("GET", "/enrol/{token}", ANYBODY, enrol),
    Route("POST", "/enrol/{token}/begin", ANYBODY, enrol_begin, is_bare=True),
    Route("POST", "/enrol/{token}/passkey", ANYBODY, enrol_passkey, is_bare=True),
    Route("POST", "/enrol/{token}/code", ANYBODY, enrol_code),
    Route("GET", "/demo/{token}", ANYBODY, demo),
    Route("POST", "/demo/{token}", ANYBODY, demo_in),
    Route("GET", "/me", SIGNED_IN, mine),
    Route("POST", "/me/passkeys/begin", SIGNED_IN, mine_begin, is_bare=True),
    Route("POST", "/me/passkeys", SIGNED_IN, mine_add, is_bare=True),
    Route("POST", "/me/passkeys/{passkey}/remove", SIGNED_IN, mine_remove),
    Route("POST", "/me/everywhere", SIGNED_IN, everywhere),
)
