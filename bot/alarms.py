"""Alerts, carried out: opened with the words that caused them, climbed by timers, taken by whoever answers.

Every decision is `flows.escalation`; here facts are read, pages and notices go to the outbox, timers are set.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from bot import calling, clocks, conflict, ending, noticing, pages, paging
from flows import conflict as routes
from flows import deadline_alerts, effects, escalation, events, quiet_hours, rota, standing
from flows.model import BOT, NOBODY, Alert, Level, OnDuty
from storage import alerts, audit, outbox, people, timers, waits
from storage.codes import Bar, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from bot.carrying import Scene
    from bot.runner import House
    from flows.effects import AlertEffect
    from flows.events import AlertEvent
    from flows.model import Concern, Conversation, Ladder
    from storage.database import Transaction
    from storage.people import Person
    from storage.timers import Timer


log = logging.getLogger(__name__)

# The timer by which an alert is looked at when somebody came to be kept from its child.
APART = "apart"
# The timer by which whoever comes on duty hears of an alert; `about` is their id.
SHIFT = "shift"
# The timer by which an alert that pages at night is looked at when the night begins.
NIGHT = "night"


def raise_alert(tx: Transaction, house: House, scene: Scene, concern: Concern) -> None:
    """Open an alert, or let the concern join the one that is open (one open alert per conversation)."""
    # Unread, it may be anything: with nobody at the desk, at whatever hour, it pages (decisions 7).
    unread = concern.unscreened and not people.on_duty(tx, scene.at)
    night_page = concern.night_page or concern.unscreened or concern.page_now
    # What was decided is over: words that come after it are an alert of their own.
    live = alerts.undecided_of(tx, scene.after.id)
    apart = conflict.away(tx, house, scene, concern)
    # Who was once kept from this child's alerts stays so in every later one.
    kept = tuple(dict.fromkeys((*sorted(conflict.kept_from(tx, scene.after.id)), *apart)))
    # A smaller concern that joins never slows the ladder of the greater one.
    level = max(concern.level, live.level) if live else concern.level
    night_page = night_page or bool(live and live.night_page)
    # With the desk closed it is night, whatever the clock says: what must not wait for the morning does not wait.
    night = unread or concern.page_now or quiet_hours.is_night(scene.at, house.settings.timezone) or not scene.desk.open
    ladder = escalation.ladder_for(level, night_page, night, house.shelf.ladders)
    on_duty = calling.present(tx, house, scene.at, urgent=level >= Level.L3 or night_page, ladder=ladder)
    if kept:
        ladder, on_duty = routes.ladder(ladder), conflict.present(tx, house, scene.at, kept)
    if live is None:
        alert = Alert(
            id=alerts.new_id(),
            conversation=scene.after.id,
            level=concern.level,
            state=standing.RAISED,
            opened_at=scene.at,
            ladder=ladder,
            case_name=scene.contact.reference,
            categories=concern.categories,
            night_page=night_page,
            away=kept,
        )
        alerts.add(tx, alert)
        audit.record(tx, scene.at, "bot", "alert.opened", alert.id, concern.level.name)
        step(tx, house, alert, events.AlertOpened(scene.at), on_duty)
    else:
        beside = _beside(scene, live)
        joined = events.AlertRaised(scene.at, concern.level, concern.categories, night_page, ladder, kept, beside)
        step(tx, house, live, joined, on_duty)
    if apart:
        look_again(tx, scene.at)


def _beside(scene: Scene, alert: Alert) -> str:
    """Who of the staff raised it; else who is with the child, while nobody who may decide has taken the alert."""
    if isinstance(scene.event, events.ConcernRaised):
        return scene.event.by
    holder = scene.before.holder
    return holder if alert.taken_by is None and holder not in (BOT, NOBODY) else ""


def name_later(tx: Transaction, house: House, conversation: Conversation, text: str, at: datetime) -> None:
    """A child says who it was, after the words that opened an alert: each that still waits for anybody goes past them and their
    line from here on.
    """
    known = alerts.open_of(tx, conversation.id)
    codes = routes.in_trust(house.shelf.library(tx, conversation).categories) if known else frozenset()
    apart = tuple(dict.fromkeys(name for one in known for name in conflict.later(tx, house, one, text, at, codes)))
    if not apart:
        return
    for alert in known:
        ladder, kept = routes.ladder(_ladder(house, alert, at)), tuple(dict.fromkeys((*alert.away, *apart)))
        joined = events.AlertRaised(at, alert.level, (), alert.night_page, ladder, apart)
        step(tx, house, alert, joined, conflict.present(tx, house, at, kept))
    look_again(tx, at)


def came_on(tx: Transaction, staff: str, at: datetime) -> None:
    """Somebody, by id, comes on duty: each alert without a decision looks, in its own time, whether they must hear of it."""
    for alert, _ in alerts.open_ids(tx):
        timers.add(tx, Subject.ALERT, alert, SHIFT, at, 0, about=staff)


def keep_away(tx: Transaction, house: House, conversation: str, at: datetime) -> None:
    """Somebody was taken off a chat: its alerts go past them from here on; what they have, or were asked for, begins again."""
    for alert in alerts.open_of(tx, conversation):
        _past(tx, house, alert, at)
    look_again(tx, at)


def look_again(tx: Transaction, at: datetime) -> None:
    """Have every alert looked at, each in its own time, whose child somebody is kept from by what happened in another chat."""
    for alert, conversation in alerts.open_ids(tx):
        if waits.barred_for(tx, conversation, Bar.CONFLICT):
            timers.add(tx, Subject.ALERT, alert, APART, at, 0)


def _past(tx: Transaction, house: House, alert: Alert, at: datetime) -> Alert:
    """An alert goes past whoever has been kept from its child since it was last looked at."""
    since = tuple(sorted(conflict.kept_from(tx, alert.conversation) - {*alert.away}))
    if not since or not alert.is_open:
        return alert
    if standing.climbs(alert) or alert.taken_by in since:
        ladder = routes.ladder(_ladder(house, alert, at))
        parted = events.AlertRaised(at, alert.level, (), alert.night_page, ladder, since)
        return _step(tx, house, alert, parted, conflict.present(tx, house, at, (*alert.away, *since)))
    after = replace(alert, away=(*alert.away, *since))
    alerts.save(tx, after)
    return after


def step(
    tx: Transaction, house: House, alert: Alert, event: AlertEvent, on_duty: tuple[OnDuty, ...] | None = None
) -> Alert:
    """One event on one alert: decide, save, write pages and timers."""
    if not isinstance(event, events.AlertOpened | events.AlertRaised):
        alert = _past(tx, house, alert, event.at)
    gives_up = isinstance(event, events.AlertPassedOn) and event.by == alert.taken_by
    if gives_up and (ladder := _ladder(house, alert, event.at)) is not alert.ladder:
        # Somebody had it when the night began, so that it kept the day's ladder: it goes on as at night, past who had it.
        alert = replace(alert, ladder=ladder, rung=0, round=alert.round + 1, started_at=event.at, passed=())
    return _step(tx, house, alert, event, on_duty)


def _step(tx: Transaction, house: House, alert: Alert, event: AlertEvent, on_duty: tuple[OnDuty, ...] | None) -> Alert:
    there = _there(tx, house, alert, event, on_duty)
    after, todo = escalation.step(alert, event, there, house.settings.timezone)
    after = deadline_alerts.stamped(alert, after, event.at)
    alerts.save(tx, after)
    if not standing.climbs(after) and standing.climbs(alert):
        outbox.cancel_pages(tx, after.id)
    if (after.state, after.level, after.rung) != (alert.state, alert.level, alert.rung) or isinstance(
        event, events.AlertOpened
    ):
        house.observe("alert", after.conversation, alert=after)
    noticed = {one.about for one in todo if isinstance(one, effects.Notice)}
    if _is_urgent(alert) and "nobody" in noticed and not there:
        # Nobody is left whom this could reach: it is tried every minute, and whoever looks after the machine sees it.
        log.error("nobody to page", extra={"alert": after.id})
    if "no_manager" in noticed:
        log.error("no manager to decide", extra={"alert": after.id})
    for effect in todo:
        _one(tx, house, after, effect, event.at)
    if standing.waits_by_day(after) and not (alert.serial and standing.waits_by_day(alert)):
        falls = quiet_hours.next_night(event.at, house.settings.timezone)
        timers.add(tx, Subject.ALERT, after.id, NIGHT, falls, 0)
    if not isinstance(event, events.AlertOpened | events.AlertRaised) and deadline_alerts.times(
        alert
    ) != deadline_alerts.times(after):
        # What a child's text opens or raises is computed with the rest of that text.
        clocks.alert_changed(tx, house, after, event.at)
    return after


def _there(
    tx: Transaction, house: House, alert: Alert, event: AlertEvent, given: tuple[OnDuty, ...] | None
) -> tuple[OnDuty, ...]:
    """Whom an event of an alert may reach. Who acts as a manager needs no telephone for it; who is to be paged does."""
    if isinstance(event, events.AlertDecided) or alert.for_manager:
        acting = [name for name in (alert.taken_by, getattr(event, "by", None)) if name]
        return calling.asked_to_decide(tx, house, alert, event.at, acting, but=getattr(event, "away", ()))
    if given:
        return given
    if isinstance(event, events.AlertLowered):
        return people.on_duty(tx, event.at)
    if alert.away:
        return conflict.present(tx, house, event.at, alert.away)
    return calling.present(tx, house, event.at, urgent=_is_urgent(alert), ladder=alert.ladder)


def _is_urgent(alert: Alert) -> bool:
    return alert.level >= Level.L3 or alert.night_page


def _one(tx: Transaction, house: House, alert: Alert, effect: AlertEffect, at: datetime) -> None:
    match effect:
        case effects.Page():
            paging.page(tx, house, effect, at)
        case effects.Notice():
            noticing.notice(tx, house, effect.to, pages.notice(effect), at, alert.id)
        case effects.SetRung():
            timers.add(tx, Subject.ALERT, alert.id, effect.name, effect.at, effect.serial, rung=effect.rung)
        case _:
            assert_never(effect)


def tell(tx: Transaction, house: House, scene: Scene, about: str) -> None:
    """Tell whoever answers for this child; when nobody holds the chat, whoever is on duty."""
    text = pages.about(about, scene.contact.reference)
    if about == "waits_past":
        _tell_behind(tx, house, scene, text)
        return
    holder, kept = scene.before.holder, conflict.kept_from(tx, scene.after.id)
    if scene.before.held and holder not in kept:
        noticing.notice(tx, house, holder, text, scene.at)
        return
    open_alert = alerts.open_for(tx, scene.after.id)
    if about in ("stopped", "went_quiet") and open_alert is None:
        return
    for person in people.on_duty(tx, scene.at):
        if person.role == "duty" and person.name not in kept:
            noticing.notice(tx, house, person.name, text, scene.at)


def _tell_behind(tx: Transaction, house: House, scene: Scene, text: str) -> None:
    """Those who stand behind whoever took the alert and left the child alone; where nobody does, whoever is there."""
    kept = conflict.kept_from(tx, scene.after.id)
    there = [one for one in calling.shift(tx, scene.at) if one.name not in kept]
    behind = [one for one in there if one.role in ("backup", "manager")]
    for name in dict.fromkeys(one.name for one in behind or there):
        noticing.notice(tx, house, name, text, scene.at)


def tell_managers(tx: Transaction, house: House, alert: Alert, about: str, who: str, at: datetime) -> None:
    """Something was done that a manager looks at after, another than `who` did it; those there hear so, else of the service."""
    for name in rota.managers(calling.asked_to_decide(tx, house, alert, at, but=(who,))):
        noticing.notice(tx, house, name, pages.about(about, alert.case_name, alert.level.name, who), at, alert.id)


def take(tx: Transaction, house: House, alert: Alert, event: events.AlertTaken, who: Person, how: str) -> Alert:
    """Somebody takes an alert; the audit says so where it has become theirs by it, or they have proved that it is."""
    after = step(tx, house, alert, event)
    if standing.has_taken(alert, after, who.name):
        audit.record(tx, event.at, who.id, "alert.taken", alert.id, how)
    return after


def keeps_company(tx: Transaction, house: House, alert: Alert, who: Person, at: datetime) -> None:
    """Somebody who may not decide is with the child: those who were called hear so, and are called on."""
    _tell_called(tx, house, alert, who.name, "with_child", at)


def pass_over(tx: Transaction, house: House, scene: Scene, worker: str) -> None:
    """The child is without whoever held the chat, or wants somebody else: what waits for anybody climbs on, past them."""
    for alert in alerts.open_of(tx, scene.after.id):
        _pass_over(tx, house, scene, alert, worker)


def _pass_over(tx: Transaction, house: House, scene: Scene, alert: Alert, worker: str) -> None:
    if standing.may_wait(alert) and quiet_hours.is_night(scene.at, house.settings.timezone):
        if alert.state == standing.RAISED:
            # Beside this the child is promised somebody again, which pages as at night, or while the desk is closed the
            # morning (`Turn.promise`): the day's next rung would be one page too much, or one too early.
            _tell_called(tx, house, alert, worker, "child_alone", scene.at)
            return
        if alert.taken_by == worker:
            # The child had somebody and is promised another: that does not wait for the morning, but while the desk is closed.
            alert = replace(alert, night_page=scene.desk.open)
    if alert.state != standing.RAISED or worker in (*alert.paged, *alert.away):
        step(tx, house, alert, events.AlertPassedOn(scene.at, worker))
        return
    # Those who were called were told that the child had company.
    _tell_called(tx, house, alert, worker, "child_alone", scene.at)
    step(tx, house, alert, events.RungDue(scene.at, escalation.CLIMB, alert.rung, alert.serial))


def given_back(tx: Transaction, house: House, alert: Alert, worker: str, at: datetime) -> None:
    """Somebody who was with the child is not any more: those who were called were told that there was company."""
    _tell_called(tx, house, alert, worker, "given_back", at)


def _tell_called(tx: Transaction, house: House, alert: Alert, who: str, about: str, at: datetime) -> None:
    text = pages.about(about, alert.case_name, alert.level.name, who)
    for name in alert.paged:
        if name not in (who, *alert.away):
            noticing.notice(tx, house, name, text, at, alert.id)


def rung(tx: Transaction, house: House, timer: Timer, now: datetime) -> None:
    """The time of a rung came; or whoever it waits for is of the service no more, and it climbs as if they had passed it on."""
    alert = alerts.load(tx, timer.subject_id)
    if timer.name == ending.GONE:
        if calling.is_left_by(tx, house, alert, name := people.load(tx, timer.about).name, now):
            step(tx, house, alert, events.AlertPassedOn(now, name))
        return
    if timer.name == SHIFT:
        step(tx, house, alert, events.ShiftBegan(now, people.load(tx, timer.about).name))
        return
    if alert.state == standing.RAISED and standing.is_too_slow(alert, now, house.settings.timezone):
        alert = _past(tx, house, alert, now)
        ladder = _ladder(house, alert, now)
        step(tx, house, alert, events.AlertRaised(now, alert.level, (), alert.night_page, ladder))
        return
    step(tx, house, alert, events.RungDue(now, timer.name, timer.rung, timer.turn))


def _ladder(house: House, alert: Alert, at: datetime) -> Ladder:
    """The ladder it climbs when it begins again at `at`: its own, or by night the faster one (decisions 7)."""
    if not standing.is_too_slow(alert, at, house.settings.timezone):
        return alert.ladder
    ladder = escalation.ladder_for(alert.level, alert.night_page, True, house.shelf.ladders)  # noqa: FBT003 - as there
    return routes.ladder(ladder) if alert.away else ladder
