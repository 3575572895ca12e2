"""Pages: by which way a person is reached, with which words, and whether that is still wanted when it leaves.

May not decide who is paged or when (that is `flows.escalation`). A rung names a method; a person who has no such way is
reached by what there is, and nobody is left out because a way of theirs was never proved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import flooding, pages
from bot.channels import segments
from bot.channels.base import Reason
from flows import standing
from flows.effects import Page
from flows.model import Level
from storage import alerts, audit, leaving, methods, outbox, page_codes, page_links, people
from storage.codes import Sending
from storage.outbox import Draft

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.runner import House
    from flows.model import Alert, OnDuty
    from storage.alerts import Paged
    from storage.database import Transaction
    from storage.people import Person

_CALL_AGAIN: Final = timedelta(seconds=60)
# A rung that is texted and called reaches whoever has one way by that once in so long.
_ONCE: Final = timedelta(minutes=10)
# What can carry a notice; a call would be an alarm.
QUIET: Final = ("sms", "telegram", "email")


def page(tx: Transaction, house: House, effect: Page, at: datetime) -> None:
    """A page into the outbox, by the rung's method or what stands in for it."""
    person = people.by_name(tx, effect.to)
    if person is None:
        return
    for method in _by(tx, house, effect, person, at):
        _one(tx, house, effect, person, method, at)


def reachable(tx: Transaction, house: House, on_duty: tuple[OnDuty, ...]) -> tuple[OnDuty, ...]:
    """Those of them who can be reached at all: a rung of people without any way is climbed over like an empty one.

    While nothing that could carry a page is set up nobody is left out: the board shows them, and somebody may sign in.
    """
    known, ours = methods.known_of_all(tx), set(house.shelf.page_methods)
    ids = {one.name: one.id for one in people.everyone(tx)}
    return tuple(one for one in on_duty if not ours or ours & known.get(ids.get(one.name, ""), frozenset()))


def notice_by(tx: Transaction, house: House, staff: str) -> str:
    """How a person is told what wants no answer: by text, unless they can only be written to."""
    held = methods.known(tx, staff)
    return next((way for way in QUIET if way in house.shelf.page_methods and way in held), house.shelf.notice_method)


def still_wanted(tx: Transaction, sendings: Collection[str]) -> dict[str, tuple[Paged, Alert] | None]:
    """Read the facts again just before pages leave: those of these that still shall, with what each is; None for one that is
    about no alert, or about one that no key opens, for better a page too many. Taken, decided, begun anew or of an erased child,
    it stays.
    """
    found = leaving.pages(tx, sendings)
    about = leaving.alerts(tx, {page.alert for page in found.values()})
    names = {staff: people.load(tx, staff).name for staff in {page.staff for page in found.values()}}
    # After hours without a provider every old rung would ring at once. The newest is never held back, nor is an older one
    # while every newer one failed. A call does not stand in for a text, nor a text for a call: each way has its own newest.
    old = leaving.superseded(tx, sendings)
    wanted: dict[str, tuple[Paged, Alert] | None] = {one: None for one in sendings if one not in found}
    for one, page in found.items():
        if one in old or page.alert not in about:
            continue
        alert = about[page.alert]
        if alert is None:
            wanted[one] = None
        elif page.serial <= alert.serial and standing.still_wanted(alert, names[page.staff]):
            wanted[one] = (page, alert)
    return wanted


def failed(tx: Transaction, house: House, outbox_id: str, reason: str, now: datetime) -> None:
    """A page did not reach its person: a call that rang out is placed once more, else another way of theirs is tried.

    A telephone that is set not to disturb lets a second call within three minutes through. Where no way is left, whoever
    else is asked for this alert must not count on them; the ladder goes on by itself.
    """
    found = alerts.page_of(tx, outbox_id)
    if found is None:
        return
    alert, person = alerts.readable(tx, found.alert), people.load(tx, found.staff)
    if alert is None or not (standing.still_wanted(alert, person.name) and page_codes.is_current(tx, found)):
        return
    effect = Page(alert, person.name, found.role.value, found.rung, found.method)
    tried = [one.method for one in _tries(tx, effect, person)]
    if (found.method, reason) == ("voice", Reason.UNREACHABLE) and tried.count("voice") == 1:
        _one(tx, house, effect, person, "voice", now + _CALL_AGAIN)
        return
    held = methods.known(tx, person.id)
    other = next((way for way in house.shelf.page_methods if way in held and way not in tried), None)
    if other is not None:
        _one(tx, house, effect, person, other, now)
    audit.record(tx, now, "ticker", "page.failed", alert.id, f"by:{found.method}", reason, person.id)


def stuck(tx: Transaction, house: House, outbox_id: str, reason: str, now: datetime) -> None:
    """A page did not leave and is tried again, which may go on as long as a provider is down: beside it another way of theirs.

    At L4 from the first try that fails, else from the second, and where no key opens it from the first too, for that is no
    provider's hiccup; each further failure opens one more, until none is left.
    """
    found, sent = alerts.page_of(tx, outbox_id), outbox.look(tx, outbox_id)
    # Of what only has to wait its turn nothing failed.
    if found is None or sent is None or reason == Reason.THROTTLED:
        return
    alert, person = alerts.readable(tx, found.alert), people.load(tx, found.staff)
    if alert is None or not (standing.still_wanted(alert, person.name) and page_codes.is_current(tx, found)):
        return
    if sent.attempts < (1 if alert.level >= Level.L4 or reason == outbox.SEALED else 2):
        return
    effect = Page(alert, person.name, found.role.value, found.rung, found.method)
    rung = [one.method for one in _tries(tx, effect, person) if one.at > found.at - _ONCE]
    tried = {*rung, *_planned(effect)}
    held, proved = methods.known(tx, person.id), methods.verified(tx, person.id)
    ways = [way for way in house.shelf.page_methods if way in held and way not in tried]
    # A call goes by the provider of the text.
    other = min(ways, key=lambda way: (way == "voice", way not in proved), default=None)
    if other is not None:
        _one(tx, house, effect, person, other, now)
        audit.record(tx, now, "ticker", "page.stuck", alert.id, f"by:{found.method}", reason, person.id)


# --- by which way -----------------------------------------------------------------------------------------------------


def _by(tx: Transaction, house: House, effect: Page, person: Person, at: datetime) -> tuple[str, ...]:
    """The rung's own method, and beside one that nobody has proved yet another that is; without it, what there is.

    What stands in must not be one that rings for this rung already: an L4 is texted and called, and somebody without a
    telephone is e-mailed once for both.
    """
    held = methods.known(tx, person.id) & {*house.shelf.page_methods}
    proved, ours = methods.verified(tx, person.id), effect.method in held
    if ours and effect.method in proved:
        return (effect.method,)
    # What was sent longer ago was answered, or was not enough: whoever let it decay is asked again by what they have.
    tried = {one.method for one in _tries(tx, effect, person) if one.at > at - _ONCE}
    not_now = {effect.method, *tried, *_planned(effect)}
    others = [way for way in house.shelf.page_methods if way in held and way not in not_now]
    others.sort(key=lambda way: way not in proved)
    if ours:
        return (effect.method, *(way for way in others[:1] if way in proved))
    return tuple(others[:1])


def _tries(tx: Transaction, effect: Page, person: Person) -> list[Paged]:
    """By what this person was tried for this rung. What called them to a lower level told them of something smaller."""
    alert, asked = effect.alert, (person.id, effect.alert.round, effect.rung)
    since = alerts.peek(tx, alert.id).level_at or alert.opened_at
    return [one for one in alerts.pages(tx, alert.id) if (one.staff, one.round, one.rung) == asked and one.at >= since]


def _planned(effect: Page) -> tuple[str, ...]:
    """What this rung uses or is going to use by itself for the same people."""
    ladder = effect.alert.ladder
    rungs = enumerate(ladder.rungs)
    return tuple(rung.method for index, rung in rungs if ladder.rung_number(index) == effect.rung)


# --- one page ---------------------------------------------------------------------------------------------------------


def _one(tx: Transaction, house: House, effect: Page, person: Person, method: str, at: datetime) -> None:
    alert, page_id = effect.alert, alerts.new_id()
    draft = Draft(
        kind=Sending.PAGE,
        channel=method,
        text=words(tx, house, effect, person, method, page_id),
        not_before=flooding.leaves_at(tx, alert, at),
        staff=person.id,
        conversation=alert.conversation,
        alert=alert.id,
        serial=alert.serial,
        rung=effect.rung,
        # What a pressed button brings back.
        message=page_id if method == "telegram" else None,
        repeat_in_doubt=True,
    )
    leaving.supersede(tx, alert.id, person.id, method, alert.serial)
    sending = outbox.add(tx, draft, at)
    alerts.paged(tx, alert, person.id, effect.role, effect.rung, method, at, sending, page_id)
    audit.record(tx, at, "bot", "paged", alert.id, f"rung:{effect.rung}", f"by:{method}", person.id)


def anew(tx: Transaction, house: House, page: Paged, alert: Alert) -> str:
    """The words of a page that was written already, of its alert as it is now, under the code and link that are its own."""
    person = people.load(tx, page.staff)
    effect = Page(replace(alert, serial=page.serial), person.name, page.role.value, page.rung, page.method)
    return words(tx, house, effect, person, page.method, page.id)


def words(tx: Transaction, house: House, effect: Page, person: Person, method: str, page_id: str) -> str:
    """What a page says, by each way. Opened at the desk it is proved; a mail's own link is as good as a code and no better."""
    alert = effect.alert
    if method == "voice":
        return pages.spoken(alert)
    desk = f"{house.settings.desk_url}/a/{alert.id}" if house.settings.desk_url else "the desk"
    if method == "email":
        link = f"{house.settings.public_url}/a/{page_links.link(tx, page_id)}" if house.settings.public_url else ""
        return pages.mail(alert, link, desk)
    if method == "telegram":
        return pages.pressed(alert, desk)
    code = alerts.code(tx, alert, person.id, effect.rung)
    written = (pages.page(effect, code, desk, no=no) for no in (True, False))
    # A second segment may come minutes after the first, or never.
    return next((one for one in written if segments.count(one).segments == 1), pages.page(effect, code, "the desk"))
