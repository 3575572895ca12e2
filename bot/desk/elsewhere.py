"""Coming in by an account kept elsewhere: a journey away begins and is remembered for this browser, and comes back once.

Such an account is somebody here only after they bound it over a link that a manager gave them: never by a name or an e-mail
address, and it makes nobody. What they may do is what Waymark says. Every failure is one plain sentence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.desk import entry
from bot.desk.asking import Account, Go, Journey, NotReached, NotThere, NotTrue, Page
from bot.desk.routes import ANYBODY, SIGNED_IN, Route
from storage import audit, credentials, identities, people

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

OVER: Final = "That took too long, or was begun in another window. Start again from here."
NOT_TRUE: Final = "What came back does not prove who you are. Start again; if it happens twice, tell a manager."
NOT_REACHED: Final = "The other service cannot be reached now. Use your passkey, or your phrase and code."
TURNED_BACK: Final = "You did not sign in there, so nothing was done. Start again, or use your passkey."
UNKNOWN: Final = "That account is nobody here yet. Ask a manager for a link, open it, and choose the account there."
TAKEN: Final = "That account is somebody else's here. Sign out of it there, and choose your own."
BACK: Final = "/sign-in/account/back"
_SEPARATOR: Final = "."
# What is kept of a journey stands among the challenges of passkeys, and is none.
_OURS: Final = b"account:"


@dataclass(frozen=True, slots=True)
class Came:
    """Who came back, from which journey. `wrong`: why nobody did; `link`: of the enrolment it began on; `to`: where to go."""

    account: Account | None
    wrong: str = ""
    link: str = ""
    to: str = "/"


# --- away -------------------------------------------------------------------------------------------------------------


def journey(ask: Ask) -> Journey | str:
    """Asked of the issuer before anything is written: where the browser goes, or why it cannot."""
    return _journey(ask, "select_account")


def journey_to_bind(ask: Ask) -> Journey | str:
    """As `journey`, with a sign-in of its own over there: an account that somebody left open is not bound to another."""
    return _journey(ask, "login")


def _journey(ask: Ask, prompt: str) -> Journey | str:
    if ask.accounts is None:
        raise NotThere(NotThere.__doc__)
    try:
        return ask.accounts.away(prompt)
    except (NotReached, NotTrue):
        return NOT_REACHED


def leave(tx: Transaction, ask: Ask) -> Answer:
    """To sign in."""
    if isinstance(ask.fetched, str):
        return entry.sign_in_again(ask, ask.fetched, ask.form.get("to"))
    return _away(tx, ask, ask.form.get("to"))


def leave_to_bind(tx: Transaction, ask: Ask) -> Answer:
    """To bind an account to whoever has this link."""
    token = ask.path["token"]
    if credentials.whose_link(tx, token, ask.at) is None or isinstance(ask.fetched, str):
        return entry.enrol_again(tx, ask, ask.fetched if isinstance(ask.fetched, str) else "")
    return _away(tx, ask, "/", token)


def _away(tx: Transaction, ask: Ask, to: str, link: str = "") -> Page:
    assert isinstance(ask.fetched, Journey)
    kept = ask.fetched
    held = _OURS + json.dumps([kept.state, kept.nonce, kept.verifier, entry.inside(to)]).encode()
    staff = credentials.whose_link(tx, link, ask.at) if link else None
    ceremony = credentials.begin(tx, held, ask.at, staff)
    values = {"url": kept.url, "account": ask.account_name}
    return Page("away.html", "Go on", values, away=_SEPARATOR.join((ceremony, link)))


# --- and back ---------------------------------------------------------------------------------------------------------


def arrived(ask: Ask) -> Came:
    """Who has come back. The journey is used up before the issuer is asked, in a transaction of its own."""
    if ask.accounts is None:
        raise NotThere(NotThere.__doc__)
    ceremony, _, link = ask.away.partition(_SEPARATOR)

    def used_up(tx: Transaction) -> bytes | None:
        staff = credentials.whose_link(tx, link, ask.at) if link else None
        return None if link and staff is None else credentials.challenge(tx, ceremony, ask.at, staff)

    held = ask.house.committer.submit(used_up) if ceremony else None
    if held is None or not held.startswith(_OURS):
        return Came(None, OVER)
    state, nonce, verifier, to = json.loads(held.removeprefix(_OURS))
    return _who(ask, Journey("", state, nonce, verifier), link, to)


def _who(ask: Ask, begun: Journey, link: str, to: str) -> Came:
    assert ask.accounts is not None
    if "error" in ask.query and "code" not in ask.query:
        return Came(None, TURNED_BACK, link, to)
    try:
        return Came(ask.accounts.proven(begun, ask.query), "", link, to)
    except NotTrue:
        return Came(None, NOT_TRUE, link, to)
    except NotReached:
        return Came(None, NOT_REACHED, link, to)


def back(tx: Transaction, ask: Ask) -> Answer:
    """In, or told in a sentence why not."""
    came = ask.fetched
    assert isinstance(came, Came)
    if came.account is None:
        return entry.sign_in_again(ask, came.wrong, came.to)
    known = identities.find(tx, came.account.issuer, came.account.subject)
    if came.link:
        return _bound(tx, ask, came, came.account, known)
    if known is None or not people.load(tx, known.staff).active:
        return entry.sign_in_again(ask, UNKNOWN, came.to)
    identities.used(tx, known.id, ask.at)
    audit.record(tx, ask.at, known.staff, "desk.signed_in", known.id)
    return Go(entry.inside(came.to), cookie=entry.begun(tx, ask, known.staff, known.id), away="")


def _bound(tx: Transaction, ask: Ask, came: Came, account: Account, known: identities.Identity | None) -> Answer:
    """The link is used up, and its person has this account from now on."""
    staff = credentials.whose_link(tx, came.link, ask.at)
    if staff is not None and known is not None and known.staff != staff:
        return entry.sign_in_again(ask, TAKEN, "/")
    if staff is None or not credentials.use_link(tx, came.link, ask.at):
        return entry.sign_in_again(ask, OVER, "/")
    known = known or identities.bind(tx, staff, account.issuer, account.subject, ask.at)
    audit.record(tx, ask.at, staff, "desk.enrolled", known.id)
    return Go("/", cookie=entry.begun(tx, ask, staff, known.id), away="")


# --- one's own --------------------------------------------------------------------------------------------------------


def unbind(tx: Transaction, ask: Ask) -> Answer:
    """Take one of my accounts away, and sign out whoever is signed in by it."""
    if not identities.remove(tx, ask.who.id, ask.path["account"]):
        raise NotThere(NotThere.__doc__)
    audit.record(tx, ask.at, ask.who.id, "desk.account_removed", ask.path["account"])
    return Go("/me", "account_removed")


ROUTES: Final = (
    Route("POST", "/sign-in/account", ANYBODY, leave, fetch=journey),
    Route("GET", BACK, ANYBODY, back, fetch=arrived),
    Route("POST", "/enrol/{token}/account", ANYBODY, leave_to_bind, fetch=journey_to_bind),
    Route("POST", "/me/accounts/{account}/remove", SIGNED_IN, unbind),
)
