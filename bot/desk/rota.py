"""The rota at the desk: who is on, the coming week, the hours without anybody, swaps and the weekly patterns.

Whoever can be paged reads it; a manager changes it, and every change is audited under their name. May not page anybody.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import reminding, roster
from bot.clicks import NotPossible
from bot.desk.asking import Go, Page
from bot.desk.routes import DUTY, MANAGERS, SUPERVISORS, Route
from flows import rota as rungs
from flows.shifts import Cover, Pattern
from storage import audit, people
from storage import rota as store
from storage.codes import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction
    from storage.people import Person

WEEK: Final = timedelta(days=7)
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Nobody from outside the service stands on a shift.
ROLES: Final = tuple(role.value for role in Role if role is not Role.REQUESTER)


# --- the page ---------------------------------------------------------------------------------------------------------


def show(tx: Transaction, ask: Ask) -> Answer:
    """Everything of the coming week."""
    until = ask.at + WEEK
    today = ask.at.astimezone(ask.zone).date()
    values: dict[str, Any] = {
        "here": "/rota",
        "on": people.on_duty(tx, ask.at),
        "shifts": [(one, _name(tx, one.staff)) for one in store.standing(tx, ask.at, until)],
        "gaps": [roster.gap_told(one, ask.at, ask.zone) for one in roster.gaps(tx, ask.at, until)],
        "unreached": roster.unreached(tx, ask.at, until),
        "swaps": [(one, _name(tx, one.out), _name(tx, one.into)) for one in store.covers(tx, ask.at)],
        "patterns": [
            (one, _name(tx, one.staff), ", ".join(DAYS[day][:3] for day in sorted(one.days)))
            for one in store.patterns(tx)
            if one.until is None or one.until >= today
        ],
        "may": ask.may(MANAGERS),
        "names": [one.name for one in people.everyone(tx) if _stands(one)],
        "roles": ROLES,
        "days": list(enumerate(DAYS)),
    }
    return Page("rota.html", "Rota", values)


def _stands(one: Person) -> bool:
    return one.active and one.role is not Role.REQUESTER


def _name(tx: Transaction, staff: str) -> str:
    return people.load(tx, staff).name


# --- what a manager changes -------------------------------------------------------------------------------------------


def swap(tx: Transaction, ask: Ask) -> Answer:
    """Somebody stands for somebody else."""
    goes, comes = _person(tx, ask, "out"), _person(tx, ask, "into")
    role, starts, ends = _role(ask), _instant(ask, "from"), _instant(ask, "to", last=True)
    if goes.id == comes.id:
        raise NotPossible("choose two people: one who goes, one who comes")
    _may_stand(ask, comes, role)
    if ends <= starts or ends <= ask.at:
        raise NotPossible("a swap ends after it begins, and in the time to come")
    if starts > ask.at + roster.AHEAD:
        raise NotPossible("the rota is not written so far ahead: make the swap nearer to the day")
    wanted = Cover("", role, goes.id, comes.id, starts, ends)
    if roster.swapped(tx, wanted, ask.at) is not None:
        return Go("/rota", "swapped")
    made = roster.swap(tx, wanted, ask.at)
    if made is None:
        raise NotPossible(f"{goes.name} does not stand as {role.replace('_', ' ')} in those hours")
    audit.record(tx, ask.at, ask.who.id, "shift.swapped", made.id, goes.id, comes.id, role)
    return _changed(tx, ask, "swapped")


def undo(tx: Transaction, ask: Ask) -> Answer:
    """A swap does not count any more."""
    if not roster.undo(tx, ask.path["cover"], ask.at):
        raise NotPossible("this swap was taken back already")
    audit.record(tx, ask.at, ask.who.id, "swap.undone", ask.path["cover"])
    return _changed(tx, ask, "unswapped")


def add_pattern(tx: Transaction, ask: Ask) -> Answer:
    """The same hours every week, from a day on."""
    person, role = _person(tx, ask, "name"), _role(ask)
    _may_stand(ask, person, role)
    days = frozenset(int(one) for one in ask.form.getlist("day") if one in set("0123456"))
    if not days:
        raise NotPossible("choose at least one day of the week")
    given = Pattern("", person.id, role, days, _hour(ask, "starts"), _hour(ask, "ends"), _day(ask, "since"), None)
    if roster.stands_already(tx, given):
        raise NotPossible(
            f"{person.name} has these hours on one of these days already: end those first, or choose other days"
        )
    made = store.add_pattern(tx, given, ask.at)
    audit.record(tx, ask.at, ask.who.id, "pattern.added", made.id, person.id, role)
    roster.write_ahead(tx, ask.at, ask.zone)
    return _changed(tx, ask, "pattern_kept")


def end_pattern(tx: Transaction, ask: Ask) -> Answer:
    """No shift of it begins after a day."""
    last, pattern = _day(ask, "last"), ask.path["pattern"]
    if pattern not in {one.id for one in store.patterns(tx)}:
        raise NotPossible("there is no such pattern any more")
    store.end_pattern(tx, pattern, last)
    audit.record(tx, ask.at, ask.who.id, "pattern.ended", pattern)
    roster.write_ahead(tx, ask.at, ask.zone)
    return _changed(tx, ask, "pattern_ended")


def _changed(tx: Transaction, ask: Ask, done: str) -> Go:
    reminding.wake(tx, ask.at)
    return Go("/rota", done)


# --- what was typed ---------------------------------------------------------------------------------------------------


def _person(tx: Transaction, ask: Ask, field: str) -> Person:
    found = people.by_name(tx, ask.form.get(field))
    if found is None or not _stands(found):
        raise NotPossible("choose somebody from the list")
    return found


def _role(ask: Ask) -> str:
    role = ask.form.get("role")
    if role not in ROLES:
        raise NotPossible("choose a role from the list")
    return role


def _may_stand(ask: Ask, person: Person, role: str) -> None:
    """A shift is a role: what two managers must agree on would else need one, and somebody they put there."""
    above = role in MANAGERS and (person.role not in MANAGERS or (role == Role.SERVICE_MANAGER and person.role != role))
    if above and ask.who.role is not Role.SERVICE_MANAGER:
        raise NotPossible("only a service manager puts somebody into a shift above their own role")


def _instant(ask: Ask, field: str, *, last: bool = False) -> datetime:
    """A local time. What the clock shows twice, or never, is the first it may mean, or the `last`: hours are never shorter
    than they were meant.
    """
    try:
        wall = datetime.strptime(ask.form.get(field)[:16].replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall clock
    except ValueError:
        raise NotPossible("give a day and a time, like 2026-11-21 20:00") from None
    both = [wall.replace(tzinfo=ask.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(both) if last else min(both)


def _day(ask: Ask, field: str) -> date:
    try:
        return date.fromisoformat(ask.form.get(field).strip())
    except ValueError:
        raise NotPossible("give a day, like 2026-11-21") from None


def _hour(ask: Ask, field: str) -> time:
    try:
        return datetime.strptime(ask.form.get(field).strip()[:5], "%H:%M").time()  # noqa: DTZ007 - hours of a wall clock
    except ValueError:
        raise NotPossible("give an hour, like 20:00") from None


def _may(path: str, view: Callable[[Transaction, Ask], Answer]) -> Route:
    return Route("POST", path, MANAGERS, view)


assert set(rungs.LADDER) <= set(ROLES)
ROUTES: Final = (
    Route("GET", "/rota", DUTY | SUPERVISORS, show),
    _may("/rota/swap", swap),
    _may("/rota/swap/{cover}/undo", undo),
    _may("/rota/pattern", add_pattern),
    _may("/rota/pattern/{pattern}/end", end_pattern),
)
