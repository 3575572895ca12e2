"""How whoever was paged answers away from the desk: a key in a call, a code by text, a link, a button. Decides nothing:
each is an event of the alert.

A key is proof, as a sign-in is (decisions 7): whoever heard the words picked up the telephone that rang. One call asks about
everything that rings for this person, the gravest first, so that ten alerts are not ten calls to an engaged line. A code, a
link and a button are claims: each takes an alert, dies with its rung, and does not stop an L4. Every page is answered once,
by whichever way: the same callback again changes nothing and is told how it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import alarms, conflict, noticing, pages, paging
from bot.channels.base import Spoken
from bot.channels.voice import NAME
from flows import events, standing
from storage import alerts, audit, offers, page_codes, people
from storage.keys import CODE_LENGTH

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Pressed
    from bot.runner import House
    from flows.model import Alert
    from storage.alerts import Paged
    from storage.database import Transaction
    from storage.people import Person

TAKE, PASS_ON = "1", "2"
# How the id of a call begins that the watchdog placed past the outbox.
SELF_TEST = "watchdog-"
NO = "NO"
# How an answer came that proves who gave it.
KEY = "by_key"


def by_call(tx: Transaction, house: House, pressed: Pressed) -> Spoken:
    """What to say into a call that was picked up, or in which a key was pressed."""
    if pressed.outbox_id.startswith(SELF_TEST):
        return Spoken(_sentences(pages.SPOKEN["not_well"], pages.SPOKEN["not_well"], pages.SPOKEN["goodbye"]))
    rang = alerts.page_of(tx, pressed.outbox_id)
    person = people.load(tx, rang.staff) if rang else None
    if person is None or not person.active:
        return Spoken(pages.SPOKEN["goodbye"])
    asked = alerts.page(tx, pressed.page) if pressed.page else None
    said = ""
    if asked is not None and asked.staff == person.id and pressed.keys and may_know(tx, asked, person):
        if pressed.keys not in (TAKE, PASS_ON):
            return Spoken(_sentences(pages.SPOKEN["again"], _words(tx, asked)), asked.id)
        said = _answered(tx, house, person, asked, pressed)
    following = _next(tx, person)
    if following is None:
        about = alerts.readable(tx, rang.alert) if rang else None
        said = said or pages.SPOKEN[stands(about, person) if about else "over"]
        return Spoken(_sentences(said, pages.SPOKEN["goodbye"]))
    return Spoken(_sentences(said, _words(tx, following)), following.id)


def by_code(tx: Transaction, house: House, person: Person, text: str, at: datetime) -> bool:
    """A text of somebody who is paged: a code takes its alert, the code and NO passes it on. False when it is neither.

    Wrong and of an earlier rung get the same words; five of them alarm every rung.
    """
    given, passing = _split(text)
    fits = page_codes.by_code(tx, person.id, given) if given else None
    if fits is not None and fits.live and may_know(tx, fits.page, person):
        claim(tx, house, person, fits.page, "by_code", at, taking=not passing)
        return True
    said = _once_more(tx, house, person, fits.page, "by_code", at, taking=not passing) if fits is not None else None
    if said is not None:
        noticing.notice(tx, house, person.name, said, at)
        return True
    if not looks_like_code(given):
        return False
    audit.record(tx, at, person.id, "code.wrong", person.id)
    noticing.notice(tx, house, person.name, pages.WRONG_CODE, at)
    for alert, _ in alerts.open_ids(tx):
        if person.id in {page.staff for page in alerts.pages(tx, alert)} and alerts.readable(tx, alert) is not None:
            alarms.step(tx, house, alerts.load(tx, alert), events.WrongCode(at))
    return True


def by_button(tx: Transaction, house: House, person: Person, pressed: str, key: str, at: datetime) -> None:
    """A button under a page on Telegram. One of an earlier rung, or pressed before, is answered and does nothing."""
    page = alerts.page(tx, pressed)
    if page is None or page.staff != person.id or key not in (TAKE, PASS_ON) or not is_open(tx, page):
        ours = page if key in (TAKE, PASS_ON) else None
        said = _once_more(tx, house, person, ours, "by_button", at, taking=key == TAKE) if ours is not None else None
        noticing.notice(tx, house, person.name, said or pages.OLD_BUTTON, at, by="telegram")
        return
    claim(tx, house, person, page, "by_button", at, taking=key == TAKE)


def _once_more(  # noqa: PLR0913 - who, what, how, when
    tx: Transaction, house: House, person: Person, page: Paged, how: str, at: datetime, *, taking: bool
) -> str | None:
    """What a page that was answered still does, in words for whoever answers it: who took the alert by such an answer can still
    pass it on, which is as much of a claim, and the same answer again is told that it is so. None: nothing.
    """
    if page.staff != person.id or page.used_at is None or not may_know(tx, page, person):
        return None
    alert = alerts.load(tx, page.alert)
    has_it = standing.is_taken(alert) and alert.taken_by == person.name
    if taking:
        return pages.yours(alert, climbs=standing.climbs(alert)) if has_it else None
    if has_it and alert.confirmed:
        return pages.OLD_BUTTON
    if has_it:
        _step(tx, house, alert, person, how, at, taking=False)
    return pages.about("on", alert.case_name) if has_it or (alert.is_open and person.name in alert.passed) else None


def fits(tx: Transaction, person: Person, text: str) -> bool:
    """Whether a text is the code of a page to this person, live or not, with NO or without."""
    return page_codes.by_code(tx, person.id, _split(text)[0]) is not None


def looks_like_code(text: str) -> bool:
    """Whether a text looks like an answer to a page."""
    return offers.looks_like_code(_split(text)[0])


def is_open(tx: Transaction, page: Paged) -> bool:
    """Whether a code, link or button of this page still counts."""
    alert = alerts.readable(tx, page.alert)
    if page.used_at is not None or alert is None or not alerts.counts(page, alert):
        return False
    return page_codes.is_current(tx, page) and may_know(tx, page, people.load(tx, page.staff))


def may_know(tx: Transaction, page: Paged, person: Person) -> bool:
    """Whoever came to be kept from a child is told as little by the answer to an old page as by any other wrong code."""
    alert = alerts.readable(tx, page.alert)
    return alert is not None and person.name not in conflict.kept_from(tx, alert.conversation)


def claim(tx: Transaction, house: House, who: Person, page: Paged, how: str, at: datetime, *, taking: bool) -> Alert:  # noqa: PLR0913 - who, what, how, when
    """Somebody says that they are whom we paged: once for each page."""
    alert = alerts.load(tx, page.alert)
    if not alerts.used(tx, page.id, at):
        return alert
    after = _step(tx, house, alert, who, how, at, taking=taking)
    there = page.method if page.method in paging.QUIET else None
    if taking and after.taken_by == who.name:
        noticing.notice(tx, house, who.name, pages.yours(after, climbs=standing.climbs(after)), at, alert.id, there)
    elif taking and after.taken_by is None:
        # Whoever is lent the role of a manager, so that somebody is called, does not decide as one.
        noticing.notice(tx, house, who.name, pages.OLD_BUTTON, at, alert.id, there)
    elif not taking:
        noticing.notice(tx, house, who.name, pages.about("on", after.case_name), at, alert.id, there)
    return after


def _split(text: str) -> tuple[str, bool]:
    """A code, and whether NO stands beside it; no code holds an O, so that the two can be written together."""
    plain = "".join(mark for mark in text.upper() if mark.isascii() and mark.isalnum())
    if len(plain) == CODE_LENGTH + len(NO) and NO in (plain[: len(NO)], plain[-len(NO) :]):
        return (plain[len(NO) :] if plain.startswith(NO) else plain[: -len(NO)]), True
    return text, False


def _answered(tx: Transaction, house: House, person: Person, page: Paged, pressed: Pressed) -> str:
    """Take it or pass it on, once; then how it stands, which is the same for the same callback again."""
    alert = alerts.load(tx, page.alert)
    taking = pressed.keys == TAKE
    if alerts.used(tx, page.id, pressed.at):
        alert = _step(tx, house, alert, person, KEY, pressed.at, taking=taking)
    return pages.SPOKEN[stands(alert, person)]


def stands(alert: Alert, person: Person) -> str:
    """How an alert stands for whoever has answered, as a key of `pages.SPOKEN`."""
    if alert.taken_by is not None:
        proven = alert.taken_by == person.name and not standing.climbs(alert)
        return "yours" if proven else "claimed" if alert.taken_by == person.name else "others"
    return "passed_on" if person.name in alert.passed else "over"


def _step(tx: Transaction, house: House, alert: Alert, who: Person, how: str, at: datetime, *, taking: bool) -> Alert:  # noqa: PLR0913 - who, what, how, when
    if taking:
        return alarms.take(tx, house, alert, events.AlertTaken(at, who.name, by_desk=how == KEY), who, how)
    audit.record(tx, at, who.id, "alert.passed_on", alert.id, how)
    return alarms.step(tx, house, alert, events.AlertPassedOn(at, who.name))


def _next(tx: Transaction, person: Person) -> Paged | None:
    """The gravest alert this person was called for and has not answered, of those that still want an answer."""
    waiting: dict[str, Paged] = {}
    for page in alerts.pages_to(tx, person.id):
        if page.method == NAME:
            waiting.setdefault(page.alert, page)
    open_ones = [(alerts.readable(tx, page.alert), page) for page in waiting.values() if page.used_at is None]
    asking = [(alert, page) for alert, page in open_ones if alert is not None and standing.asks(alert, person.name)]
    best = min(asking, key=lambda one: (-one[0].level, one[0].opened_at), default=None)
    return best[1] if best else None


def _words(tx: Transaction, page: Paged) -> str:
    return pages.spoken(alerts.peek(tx, page.alert))


def _sentences(*said: str) -> str:
    return " ".join(one for one in said if one)
