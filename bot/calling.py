"""Whom an alert calls, and who hears that a manager must decide it: read from the rota, the staff and how they are reached.

May not decide who comes first or when: that is `flows.rota` and `flows.escalation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import paging
from flows import quiet_hours, rota, standing
from flows.model import MANAGERS, Level, OnDuty
from storage import alerts, people

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.runner import House
    from flows.model import Alert, Ladder
    from storage.database import Transaction
    from storage.people import Person


def shift(tx: Transaction, at: datetime) -> tuple[OnDuty, ...]:
    """Those on duty whom an alert can call."""
    return tuple(one for one in people.on_duty(tx, at) if one.role in rota.LADDER)


def present(
    tx: Transaction, house: House, at: datetime, *, urgent: bool, ladder: Ladder | None = None
) -> tuple[OnDuty, ...]:
    """Who can be reached, by a ladder. What is urgent always reaches someone: nobody on the rota, or nobody on the last rung,
    is made good from who is of the service; a manager who was paged in the night rests in the morning.
    """
    on_duty = paging.reachable(tx, house, shift(tx, at))
    if ladder is not None and ladder.level < Level.L3:
        # What pages by night climbs the day's ladder by day, and that does not know the service manager.
        on_duty = rota.stood_in(on_duty)
    if not urgent:
        return on_duty
    of_service = tuple(OnDuty(one.name, one.role.value) for one in people.of_service(tx))
    everybody = paging.reachable(tx, house, of_service)
    return rota.rested(rota.reachable(on_duty, everybody, people.fallbacks(tx)), _paged_by_night(tx, house, at))


def asked_to_decide(
    tx: Transaction,
    house: House,
    alert: Alert,
    at: datetime,
    acting: Collection[str] = (),
    *,
    but: Collection[str] = (),
) -> tuple[OnDuty, ...]:
    """Who is asked when a manager must decide, and those `acting` who are one; away from it whoever it may be about, and who
    else is not asked now (`but`).
    """
    active = tuple(OnDuty(one.name, one.role.value) for one in people.everyone(tx) if one.active)
    pools = [paging.reachable(tx, house, pool) for pool in (shift(tx, at), active)]
    on, every = (tuple(one for one in pool if one.name not in {*alert.away, *but}) for pool in pools)
    asked = rota.asked_to_decide(on, every, people.fallbacks(tx))
    there = {one.name for one in asked if one.role in MANAGERS}
    # Somebody who is a manager on another shift too has it, or decides.
    return asked + tuple(o for o in active if o.name in acting and o.role in MANAGERS and o.name not in there)


def asked(tx: Transaction, alert: Alert, at: datetime) -> tuple[str, ...]:
    """Who was called for an alert and may answer yet, of those who are of the service still: in this round, or in an earlier
    one and on duty. Whoever has gone home since is called no more.
    """
    there = {one.name for one in people.on_duty(tx, at)}
    called = {one.staff for one in alerts.pages(tx, alert.id) if one.round == alert.round}
    known = (people.by_name(tx, name) for name in alert.paged if standing.asks(alert, name))
    of_service = (person for person in known if person is not None and person.active)
    return tuple(one.name for one in of_service if alert.round == 0 or one.name in there or one.id in called)


def is_left_by(tx: Transaction, house: House, alert: Alert, name: str, at: datetime) -> bool:
    """Whether an alert waits in vain now that somebody is of the service no more: they had it, or nobody else is asked for it.
    What may wait for the morning does.
    """
    waits = standing.may_wait(alert) and quiet_hours.is_night(at, house.settings.timezone)
    return alert.taken_by == name or (name in alert.paged and not (waits or asked(tx, alert, at)))


def may_decide(tx: Transaction, who: Person, alert: Alert, at: datetime) -> bool:
    """Whether somebody may take alerts and decide: by their own role, one they stand in now, or called for this one in
    place of those.
    """
    return not people.roles_of(tx, who, at).isdisjoint(rota.LADDER) or who.name in alert.paged


def _paged_by_night(tx: Transaction, house: House, at: datetime) -> frozenset[str]:
    limits = house.shelf.limits
    hours = limits["night_paged_from"], limits["night_paged_to"], limits["rest_until"]
    night = rota.resting_since(at, house.settings.timezone, hours)
    if night is None:
        return frozenset()
    return frozenset(people.load(tx, staff).name for staff in alerts.managers_paged(tx, *night))
