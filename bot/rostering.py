"""Who is on duty, from the command line: local times in, local times out. May not page anybody."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot import i18n, keeping, reminding, roster, staffing, switching
from bot.channels import addresses
from bot.filing import times
from bot.keeping import CLI, ROLES, NotFound
from flows.shifts import Cover, Pattern
from storage import audit, interpreters, people
from storage import rota as store
from storage.interpreters import Interpreter

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.config import Settings
    from storage.database import Transaction

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Longer than anybody stands without going home: a year mistyped, most likely.
LONG: Final = timedelta(days=14)
# Nobody is on call for longer without the rota being looked at: in such a shift no gap is told.
LONGEST: Final = timedelta(days=31)
TOO_LONG: Final = f"is longer than {LONGEST.days} days, the most that one shift can be"
_SOME: Final = {"daily": WEEK, "weekdays": WEEK[:5], "weekend": WEEK[5:]}


# --- shifts and weeks -------------------------------------------------------------------------------------------------


def add_shift(settings: Settings, name: str, role: str, start: str, end: str, at: datetime) -> timedelta:
    """Put a person on duty between two local times; returns for how long that is."""
    starts, ends = local(start, settings.timezone), local(end, settings.timezone, last=True)
    known_role(role)
    if ends <= starts:
        raise NotFound(f"the shift ends ({end}) before it begins ({start})")
    if ends - starts > LONGEST:
        raise NotFound(f"from {start} to {end} {TOO_LONG}; `waymark rota pattern add` repeats hours every week")

    def work(tx: Transaction) -> None:
        person = staffing.named(tx, name)
        shift = people.add_shift(tx, person.id, role, starts, ends)
        audit.record(tx, at, CLI, "shift.added", shift, person.id, role)
        roster.settle(tx, at)
        reminding.wake(tx, at)

    keeping.within(settings, work)
    return ends - starts


def add_pattern(  # noqa: PLR0913, PLR0917 - whose, which, when
    settings: Settings,
    name: str,
    role: str,
    days: str,
    start: str,
    end: str,
    since: str,
    until: str | None,
    at: datetime,
) -> None:
    """The same hours every week."""
    known_role(role)
    last = None if until is None else _date(until)
    hours = _hour(start), _hour(end)
    given = Pattern("", "", role, _days(days), *hours, _date(since), last)
    if last is not None and last < given.since:
        raise NotFound(f"the pattern ends ({until}) before it begins ({since})")

    def work(tx: Transaction) -> None:
        person = staffing.named(tx, name)
        theirs = _of(given, person.id)
        if roster.stands_already(tx, theirs):
            raise NotFound(
                f"{person.name} has these hours on one of these days already: `waymark rota pattern list` shows them"
            )
        made = store.add_pattern(tx, theirs, at)
        audit.record(tx, at, CLI, "pattern.added", made.id, person.id, role)
        roster.write_ahead(tx, at, settings.timezone)
        reminding.wake(tx, at)

    keeping.within(settings, work)


def end_pattern(settings: Settings, pattern: str, last: str, at: datetime) -> None:
    """No shift of a pattern begins after a day; what began before is not touched."""
    day = _date(last)

    def work(tx: Transaction) -> None:
        if pattern not in {one.id for one in store.patterns(tx)}:
            raise NotFound(f"no pattern '{pattern}'; `waymark rota pattern list` shows which there are")
        store.end_pattern(tx, pattern, day)
        audit.record(tx, at, CLI, "pattern.ended", pattern)
        roster.write_ahead(tx, at, settings.timezone)
        reminding.wake(tx, at)

    keeping.within(settings, work)


def patterns(settings: Settings) -> list[str]:
    """Every pattern, with the id it is ended by."""

    def work(tx: Transaction) -> list[str]:
        return [f"{one.id}  {_week(one)}  {one.role:<16} {_name(tx, one.staff)}" for one in store.patterns(tx)]

    return keeping.within(settings, work)


def shifts(settings: Settings, now: datetime, days: int) -> list[str]:
    """What is switched, who is on when in local time, and the swaps that count."""
    zone = settings.timezone

    def work(tx: Transaction) -> list[str]:
        on = store.standing(tx, now, now + timedelta(days=days))
        lines = [
            f"{times.told(one.starts_at, zone)} - {times.told(one.ends_at, zone)}  {one.role:<16} {_name(tx, one.staff)}"
            for one in on
        ]
        return [*switching.told(tx, now, zone), *lines, *_swaps(tx, now, zone)]

    return keeping.within(settings, work)


def gaps(settings: Settings, now: datetime, days: int) -> list[str]:
    """Hours in which nobody stands in a role that is paged, and who stands there whom no page would surely reach."""
    return keeping.within(settings, lambda tx: gaps_in(tx, now, now + timedelta(days=days), settings.timezone))


def gaps_in(tx: Transaction, now: datetime, until: datetime, zone: ZoneInfo) -> list[str]:
    """As `gaps`, in a transaction."""
    lines = [roster.gap_told(gap, now, zone) for gap in roster.gaps(tx, now, until)]
    lines += [
        f"{one.role}: {one.name} has no verified {one.method}; `waymark staff method {one.name}`"
        for one in roster.unreached(tx, now, until)
    ]
    return lines


# --- swaps ------------------------------------------------------------------------------------------------------------


def swap(  # noqa: PLR0913, PLR0917 - who, for whom, when, by whom
    settings: Settings, out: str, into: str, role: str, start: str, end: str, by: str | None, at: datetime
) -> str:
    """`into` stands for `out`; returns the id by which it is undone."""
    known_role(role)
    starts, ends = local(start, settings.timezone), local(end, settings.timezone, last=True)
    if ends <= starts:
        raise NotFound(f"the swap ends ({end}) before it begins ({start})")

    def work(tx: Transaction) -> str:
        goes, comes = staffing.named(tx, out), staffing.named(tx, into)
        if not comes.active or comes.id == goes.id:
            raise NotFound(f"{into} cannot stand for {out}: name somebody else who is on the staff")
        if starts > at + roster.AHEAD:
            ahead = times.told(at + roster.AHEAD, settings.timezone)
            raise NotFound(f"the rota is written until {ahead}: make the swap nearer to the day")
        wanted = Cover("", role, goes.id, comes.id, starts, ends)
        if (there := roster.swapped(tx, wanted, at)) is not None:
            return there.id
        made = roster.swap(tx, wanted, at)
        if made is None:
            raise NotFound(f"{out} does not stand as {role} in those hours; `waymark rota show` says who does when")
        who = CLI if by is None else staffing.named(tx, by).id
        audit.record(tx, at, who, "shift.swapped", made.id, goes.id, comes.id, role)
        reminding.wake(tx, at)
        return made.id

    return keeping.within(settings, work)


def undo_swap(settings: Settings, cover: str, by: str | None, at: datetime) -> None:
    """A swap does not count any more."""

    def work(tx: Transaction) -> None:
        if not roster.undo(tx, cover, at):
            raise NotFound(f"no swap '{cover}' that counts; `waymark rota show` names those that do")
        who = CLI if by is None else staffing.named(tx, by).id
        audit.record(tx, at, who, "swap.undone", cover)
        reminding.wake(tx, at)

    keeping.within(settings, work)


def _swaps(tx: Transaction, now: datetime, zone: ZoneInfo) -> list[str]:
    return [
        f"swap {one.id}: {_name(tx, one.into)} for {_name(tx, one.out)} as {one.role}, "
        f"{times.told(one.starts_at, zone)} - {times.told(one.ends_at, zone)}"
        for one in store.covers(tx, now)
    ]


# --- the last rung, switches, interpreters ----------------------------------------------------------------------------


def fallback(settings: Settings, name: str, *, on: bool, at: datetime) -> None:
    """Name a person for the last rung when nobody else stands there, or no longer."""

    def work(tx: Transaction) -> None:
        person = staffing.named(tx, name)
        people.set_fallback(tx, person.id, on=on)
        audit.record(tx, at, CLI, "fallback.on" if on else "fallback.off", person.id)

    keeping.within(settings, work)


def switch(settings: Settings, name: str, by: str, *, on: bool, until: str | None, now: datetime) -> None:
    """Turn a switch in the name of a manager."""
    ends = None if until is None else local(until, settings.timezone)
    keeping.within(settings, lambda tx: switching.turn(tx, staffing.named(tx, by), name, on=on, at=now, until=ends))


def add_interpreter(  # noqa: PLR0913, PLR0917 - who, where, when
    settings: Settings,
    language: str,
    provider: str,
    phone: str,
    pin: str,
    days: str,
    hours: tuple[str, str],
    at: datetime,
) -> None:
    """Keep who interprets a language by telephone, and when. Raises NotFound, NotAPhone."""
    starts, ends = (_hour(one) for one in hours)
    if not i18n.is_tag(language):
        raise NotFound(f"'{language[:20]}' is no language: give its tag, as in vi or zh-Hans")
    if not provider.strip() or len(provider) > people.LONGEST_NAME or not provider.isprintable():
        raise NotFound(f"--provider: say who they are, in at most {people.LONGEST_NAME} letters")
    given = Interpreter("", language, provider.strip(), addresses.e164(phone), pin, _days(days), starts, ends)

    def work(tx: Transaction) -> None:
        made = interpreters.add(tx, given, at)
        audit.record(tx, at, CLI, "interpreter.added", made.id)

    keeping.within(settings, work)


def end_interpreter(settings: Settings, interpreter: str, at: datetime) -> None:
    """Not to be rung any more."""

    def work(tx: Transaction) -> None:
        if not interpreters.end(tx, interpreter, at):
            raise NotFound(f"no interpreter '{interpreter}'; `waymark rota interpreters` shows which there are")
        audit.record(tx, at, CLI, "interpreter.ended", interpreter)

    keeping.within(settings, work)


def listed_interpreters(settings: Settings, now: datetime) -> list[str]:
    """Who interprets what and when, with number and PIN: whoever needs one needs them now."""

    def work(tx: Transaction) -> list[str]:
        return [
            f"{one.id}  {one.language:<8} {_hours(one.days, one.starts, one.ends)}  "
            f"{'open' if one.is_open(now, settings.timezone) else 'closed'}  {one.provider} {one.phone} PIN {one.pin or '-'}"
            for one in interpreters.everyone(tx)
        ]

    return keeping.within(settings, work)


# --- reading what was typed -------------------------------------------------------------------------------------------


def local(text: str, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """An instant from a local time. What the clock shows twice, or never, is the first it may mean, or the `last`: so that
    hours are never shorter than they were meant. Raises NotFound.
    """
    try:
        wall = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a clock on a wall
    except ValueError:
        raise NotFound(f"'{text}' is no time: write it like 2026-11-21 20:00") from None
    both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(both) if last else min(both)


def known_role(role: str) -> None:
    """Raises NotFound for a role in which nobody stands."""
    if role == "requester":
        raise NotFound("--role requester: an official outside the service stands on no shift")
    if role not in ROLES:
        raise NotFound(f"--role {role}: use one of {', '.join(one for one in ROLES if one != 'requester')}")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"'{text}' is no day: write it like 2026-11-21") from None


def _hour(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - hours of a wall clock
    except ValueError:
        raise NotFound(f"'{text}' is no hour: write it like 20:00") from None


def _days(text: str) -> frozenset[int]:
    names = _SOME.get(text.strip().lower()) or tuple(part.strip().lower()[:3] for part in text.split(","))
    if not set(names) <= set(WEEK):
        raise NotFound(f"--days {text}: write them like mon,tue or daily, weekdays, weekend")
    return frozenset(map(WEEK.index, names))


def _of(pattern: Pattern, staff: str) -> Pattern:
    return Pattern("", staff, pattern.role, pattern.days, pattern.starts, pattern.ends, pattern.since, pattern.until)


def _week(one: Pattern) -> str:
    until = "" if one.until is None else f" until {one.until}"
    return f"{_hours(one.days, one.starts, one.ends)} since {one.since}{until}"


def _hours(days: frozenset[int], starts: time, ends: time) -> str:
    return f"{','.join(WEEK[day] for day in sorted(days))} {starts:%H:%M}-{ends:%H:%M}"


def _name(tx: Transaction, staff: str) -> str:
    return people.load(tx, staff).name
