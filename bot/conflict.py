"""The conflict route: a concern that may be about one of us goes past them and their line, and their access ends (D22).

May not decide who that is (`flows.conflict`). Nothing is told to whoever it may be about: what they see of it is that a
chat is not theirs any more, or that nobody signs in under their name.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import calling, ending, paging
from flows import conflict, rota
from flows.events import ConcernRaised, TextReceived, WorkerLeft
from flows.model import MANAGERS, Level, OnDuty
from storage import alerts, audit, conversations, leases, lines, people, waits
from storage.codes import Bar, Role

if TYPE_CHECKING:
    from datetime import datetime

    from bot.carrying import Scene
    from bot.runner import House, Runner
    from flows.model import Alert, Concern, Conversation
    from storage.database import Transaction
    from storage.people import Person

log = logging.getLogger(__name__)


def away(tx: Transaction, house: House, scene: Scene, concern: Concern) -> tuple[str, ...]:
    """Who is kept from this alert: whoever it may be about and those they answer to; access of who is named ends now."""
    staff = {one.name: one for one in people.everyone(tx) if one.active}
    if isinstance(scene.event, ConcernRaised):
        return _by_worker(tx, house, scene, scene.event, staff)
    text, words = _read(scene, concern)
    before = conflict.named(_just_said(scene), staff, words=words) if concern.level >= Level.L3 else {}
    codes = conflict.in_trust(scene.library.categories)
    held = scene.before.held
    if not (
        before or conflict.is_one(concern, text, staff, codes, words) or (held and conflict.to_reader(text, concern))
    ):
        return ()
    facts = (str(scene.after.facts.get(fact, "")) for fact in ("worker", "previous_worker"))
    of_us = conflict.of_us(text) or bool(codes & set(concern.categories))
    may_be = {
        *conflict.named(text, staff, of_us=of_us, words=words),
        *before,
        *_known(staff, (_holder(tx, scene.before), *facts)),
    }
    for name in conflict.accused(text, staff, concern.evidence, codes, words):
        ending.end(tx, staff[name], scene.at, "bot", "staff.access_ended", scene.after.id)
    return _barred(tx, house, staff, may_be, scene.after.id, scene.at)


def _by_worker(
    tx: Transaction, house: House, scene: Scene, raised: ConcernRaised, staff: dict[str, Person]
) -> tuple[str, ...]:
    """The colleague whom a worker says it is about, and their line. Not who raises it: they know it already, and nobody loses a
    child by speaking up. Nobody's access ends by what a colleague says.
    """
    about = {raised.about} & set(staff)
    return _barred(tx, house, staff, about, scene.after.id, scene.at, spared=raised.by) if about else ()


def later(
    tx: Transaction, house: House, alert: Alert, text: str, at: datetime, codes: frozenset[str]
) -> tuple[str, ...]:
    """Whom a later text names while a concern about somebody in trust is open ("it was Ana"), or whoever has the chat when the
    child says that it was them, and their line; () for nobody new. Their access does not end by that alone.
    """
    staff = {one.name: one for one in people.everyone(tx) if one.active}
    names = set()
    if conflict.is_reader(text):
        names = {_holder(tx, conversations.peek(tx, alert.conversation))} & set(staff)
    if codes & set(alert.categories):
        names |= set(conflict.named(text, staff, of_us=conflict.of_us(text)))
    names -= set(alert.away)
    return _barred(tx, house, staff, names, alert.conversation, at) if names else ()


def _read(scene: Scene, concern: Concern) -> tuple[str, frozenset[str]]:
    """The text that made the concern, and which names are everyday words in it."""
    if not isinstance(scene.event, TextReceived):
        return scene.words, conflict.words(concern, None)
    return scene.event.text, conflict.words(concern, scene.event.heard.locale)


def _just_said(scene: Scene) -> str:
    """What the child wrote just before: a name and what was done stand in two texts as often as in one."""
    since = scene.at - timedelta(seconds=scene.library.limits["join_seconds"])
    return "\n".join(one.text for one in scene.before.recent if one.at >= since)


def _barred(  # noqa: PLR0913, PLR0917 - whom, from what, since when
    tx: Transaction,
    house: House,
    staff: dict[str, Person],
    may_be: set[str],
    conversation: str,
    at: datetime,
    spared: str = "",
) -> tuple[str, ...]:
    kept = (may_be | _line(tx, staff, may_be)) - {spared}
    kept -= _needed(tx, house, staff, kept, may_be)
    for name in sorted(kept):
        waits.bar(tx, conversation, staff[name].id, Bar.CONFLICT, at)
    return tuple(sorted(kept))


def present(tx: Transaction, house: House, at: datetime, kept: tuple[str, ...]) -> tuple[OnDuty, ...]:
    """Who is paged for an alert with people kept away: on shift if there is one, else whoever of the service can be reached;
    and on the last rung always somebody, as on every urgent ladder.
    """
    everyone = tuple(OnDuty(one.name, one.role.value) for one in people.of_service(tx))
    reached = (paging.reachable(tx, house, pool) for pool in (calling.shift(tx, at), everyone))
    pools = [tuple(one for one in pool if one.name not in kept) for pool in reached]
    by_tier = zip(*map(conflict.tiers, pools), strict=True)
    found = next((found for tier in by_tier for found in tier if found), ())
    return rota.reachable(found, pools[-1], people.fallbacks(tx)) if found else ()


def kept_from(tx: Transaction, conversation: str) -> frozenset[str]:
    """Names of those to whom nothing of this conversation is told or shown: by what the child said, or by a manager's hand."""
    barred = (people.load(tx, one).name for one in waits.barred_for(tx, conversation, Bar.CONFLICT))
    return frozenset((*(name for alert in alerts.of(tx, conversation) for name in alert.away), *barred))


def part(tx: Transaction, runner: Runner, conversation: str, at: datetime) -> None:
    """Whoever holds a chat that has come to be about them, or may be, does not hold it any more; the child waits for another."""
    c = conversations.peek(tx, conversation)
    if c.held and _holder(tx, c) in kept_from(tx, conversation):
        audit.record(tx, at, "bot", "chat.removed", conversation)
        runner.handle(tx, c, WorkerLeft(at, c.holder, removed=True))


def _holder(tx: Transaction, c: Conversation) -> str:
    """Who has a chat, as they are called now: where no key opens their name it is another than the one they took it under."""
    lease = leases.of(tx, c.id) if c.held else None
    return people.load(tx, lease.staff).name if lease is not None else c.holder


def _known(staff: dict[str, Person], names: tuple[str, ...]) -> set[str]:
    by_any_case = {name.casefold(): name for name in staff}
    return {by_any_case[name.casefold()] for name in names if name.casefold() in by_any_case}


def _line(tx: Transaction, staff: dict[str, Person], names: set[str]) -> set[str]:
    """Those above them. Of somebody whose line nobody wrote down it may be any manager, but not who answers for all."""
    found: set[str] = set()
    ids = {one.id: one.name for one in staff.values()}
    for name in names:
        above = {ids[one] for one in lines.above(tx, staff[name].id) if one in ids}
        found |= above or {one.name for one in staff.values() if one.role is Role.MANAGER}
    return found


def _needed(tx: Transaction, house: House, staff: dict[str, Person], kept: set[str], may_be: set[str]) -> set[str]:
    """Without any manager outside the line, or with nobody at all outside it who can be reached, those above must hear it all the
    same, the highest first: never nobody.
    """
    roles = {one.name: one.role.value for one in staff.values() if one.role is not Role.REQUESTER}
    reached = {one.name for one in paging.reachable(tx, house, tuple(OnDuty(*one) for one in roles.items()))}
    managers = {name for name, role in roles.items() if role in MANAGERS}
    if managers - kept and reached - kept:
        return set()
    above = ((managers - may_be) & reached) or managers - may_be
    last = {name for name in above if roles[name] == MANAGERS[-1]} or above
    if last or reached - kept:
        return last
    # A name in a text may be meant otherwise; who is plainly accused has no access any more, and is not among these.
    found = reached & {one.name for one in people.everyone(tx) if one.active}
    if found:
        log.error("only who may be meant can be paged", extra={"staff": len(found)})
    return found
