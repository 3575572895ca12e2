"""What `waymark case ...` does: opens the database, finds the child and who acts, and tells what it meant for the clocks.

May not decide anything: `casework`, `episodes` and `joined` do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bot import app, calendar, case_view, casework, correcting, episodes, joined, keeping, serving
from bot import episode_cells as columns
from bot.filing import times
from bot.keeping import NotFound
from bot.owing import NoCase
from flows import noting
from storage import cases, contacts, conversations, people
from storage.commit import Committer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import tzinfo

    from bot.config import Settings
    from bot.runner import House
    from flows.deadlines import Deadline
    from flows.model import Task
    from storage.database import Transaction
    from storage.people import Person

    Act = Callable[[Transaction, House, Person], object]

NEVER = "never"
SHARED = (
    "the telephone {} still stands for both children, and what it texts is kept where its chat began: find out whose it is, and "
    "offer the other child's interview to another number (waymark offer)"
)


def show(settings: Settings, named: str, now: datetime) -> list[dict[str, Any]]:
    """One child in one view. Raises NoCase."""
    working_days = calendar.load(settings.timezone)
    return keeping.within(settings, lambda tx: list(case_view.of_case(tx, named, now, working_days)))


def kinds() -> Iterable[str]:
    """Every kind of note with what it must and may say."""
    for kind in noting.KINDS.values():
        needs = f"  needs {', '.join(kind.needs)}" if kind.needs else ""
        may = [field for field in kind.fields if field not in kind.needs]
        only = f"  by a {' or '.join(kind.by).replace('_', ' ')}" if kind.by else ""
        yield f"{kind.name:<22}{needs}  may {', '.join(may)}{only}"


def note(  # noqa: PLR0913, PLR0917 - as the command
    settings: Settings, named: str, kind: str, by: str, said: dict[str, str], at: str | None, now: datetime
) -> list[str]:
    """Note something on a case, or on the chat of a contact that has none."""
    when = _when(settings, "--at", at)

    def work(tx: Transaction, house: House, who: Person) -> None:
        case, talk = _about(tx, named)
        casework.note(tx, house, who, case, kind, now, conversation=talk, details=said, when=when)

    return act(settings, by, work, f"noted {kind}")


def did(settings: Settings, named: str, what: str, by: str, said: dict[str, str], now: datetime) -> list[str]:
    """A task, or what a rule asked for, was done."""

    def work(tx: Transaction, house: House, who: Person) -> None:
        if what.startswith("R"):
            casework.done(tx, house, who, _named(tx, named), what, now, said)
        else:
            case, talk = _about(tx, named)
            casework.did(tx, house, who, case, what, now, said, talk)

    return act(settings, by, work, f"done: {what}")


def spoke(settings: Settings, named: str, mode: str, by: str, at: str | None, now: datetime) -> list[str]:
    """Somebody spoke with the child; says so when that stops nothing."""
    when = _when(settings, "--at", at)
    warned: list[str] = []

    def work(tx: Transaction, house: House, who: Person) -> None:
        made = casework.spoke(tx, house, who, _named(tx, named), mode, now, when=when)
        warned[:] = [] if made.details.get("trained") == "yes" else [casework.UNTRAINED.format(who=who.name)]

    return [*act(settings, by, work, f"noted talk by {mode}"), *warned]


def tried(settings: Settings, named: str, way: str, result: str, by: str, at: str | None, now: datetime) -> list[str]:  # noqa: PLR0913, PLR0917 - as the command
    """An offer made by a person."""
    when = _when(settings, "--at", at)

    def work(tx: Transaction, house: House, who: Person) -> None:
        casework.tried(tx, house, who, _named(tx, named), way, result, now, when=when)

    return act(settings, by, work, f"noted try by {way}")


def not_done(settings: Settings, named: str, because: str, again: str, by: str, now: datetime) -> list[str]:
    """Why there was no interview."""

    def work(tx: Transaction, house: House, who: Person) -> None:
        casework.not_done(tx, house, who, _named(tx, named), because, again, now)

    return act(settings, by, work, "noted why not")


def plan(settings: Settings, named: str, relation: str, by: str, now: datetime, *, chosen: bool) -> list[str]:
    """Who will hold the interview."""
    warned: list[str] = []

    def work(tx: Transaction, house: House, who: Person) -> None:
        found = casework.plan(tx, house, who, _named(tx, named), relation, now, chosen=chosen)
        warned[:] = [f"independent: {found.value}", *([found.warning] if found.warning else [])]

    return [*act(settings, by, work, f"planned: {relation}"), *warned]


def promise(settings: Settings, named: str, what: str, due: str, by: str, now: datetime) -> list[str]:
    """A promise to a child."""
    until = local(settings, "--due", due)

    def work(tx: Transaction, house: House, who: Person) -> None:
        casework.promise(tx, house, who, _named(tx, named), what, until, now)

    return act(settings, by, work, "promise kept in mind")


def take_back(settings: Settings, named: str, note_id: str, by: str, now: datetime) -> list[str]:
    """A note was a mistake."""

    def work(tx: Transaction, house: House, who: Person) -> None:
        casework.take_back(tx, house, who, _named(tx, named), note_id, now)

    return act(settings, by, work, "taken back")


# --- missing, found, ended --------------------------------------------------------------------------------------------


def missing(  # noqa: PLR0913 - as the command
    settings: Settings, named: str, since: str, by: str, given: Iterable[str], now: datetime, *, new: bool
) -> list[str]:
    """A child is missing; with `new` one whom nobody knew."""
    began, said = local(settings, "--since", since), _pairs(given)

    def work(tx: Transaction, house: House, who: Person) -> None:
        if new and cases.find(tx, named) is None:
            if problem := columns.new_reference(named):
                raise NotFound(f"the child's reference {problem}")
            cases.add(tx, named, now)
        episodes.missing(tx, house, who, _named(tx, named), began, now, known=said)

    return act(settings, by, work, "recorded missing")


def located(settings: Settings, named: str, since: str, by: str, now: datetime) -> list[str]:
    """Somebody knows where the child is."""
    found = local(settings, "--since", since)

    def work(tx: Transaction, house: House, who: Person) -> None:
        episodes.located(tx, house, who, _named(tx, named), found, now)

    return act(settings, by, work, "recorded located")


def returned(settings: Settings, named: str, since: str, by: str, now: datetime) -> list[str]:
    """The child is back."""
    back = local(settings, "--since", since)

    def work(tx: Transaction, house: House, who: Person) -> None:
        if episodes.returned(tx, house, _named(tx, named), now, who.id, back_at=back) is None:
            raise NotFound(f"--since {since}: this child has no time missing without a return that had begun by then")

    return act(settings, by, work, "recorded back; the child stays recorded missing until the episode is ended")


def end(settings: Settings, named: str, given: Iterable[str], by: str, now: datetime) -> list[str]:
    """The open episode is ended."""
    said = _pairs(given)

    def work(tx: Transaction, house: House, who: Person) -> None:
        episodes.end_last(tx, house, who, _named(tx, named), said, now)

    return act(settings, by, work, "episode ended")


def correct(  # noqa: PLR0913, PLR0917 - as the command
    settings: Settings,
    named: str,
    given: Mapping[str, str | None],
    because: str,
    by: str,
    began: str | None,
    now: datetime,
) -> list[str]:
    """A time of an episode was recorded wrongly; `never` for what did not happen."""
    said = {
        name: None if text.strip() == NEVER else local(settings, f"--{name}", text)
        for name, text in given.items()
        if text is not None
    }
    which = _when(settings, "--of", began)

    def work(tx: Transaction, house: House, who: Person) -> None:
        correcting.correct(tx, house, who, _named(tx, named), said, because, now, which)

    return act(settings, by, work, "corrected; what stood before is noted")


def never_missing(settings: Settings, named: str, since: str, because: str, by: str, now: datetime) -> list[str]:
    """A time missing was recorded that never was."""
    began = local(settings, "--since", since)

    def work(tx: Transaction, house: House, who: Person) -> None:
        correcting.never(tx, house, who, _named(tx, named), because, now, began)

    return act(settings, by, work, "taken away; that it was recorded, and why, is noted")


def know(settings: Settings, named: str, given: Iterable[str], by: str, since: str | None, now: datetime) -> list[str]:
    """What is known of a child."""
    said = _pairs(given)
    try:
        day = None if since is None else date.fromisoformat(since)
    except ValueError:
        raise NotFound(f"--since {since}: is no day; write it like 2026-11-21") from None

    def work(tx: Transaction, house: House, who: Person) -> None:
        episodes.know(tx, house, who, _named(tx, named), said, now, since=day)

    return act(settings, by, work, f"recorded {', '.join(said)}")


def join(settings: Settings, kept: str, other: str, by: str, now: datetime) -> list[str]:
    """Two cases are one child's."""

    def work(tx: Transaction, house: House, who: Person) -> None:
        joined.join(tx, house, who, _named(tx, kept), _named(tx, other), now)

    return act(settings, by, work, f"{other} is joined to {kept}; waymark case split {other} undoes it")


def split(settings: Settings, other: str, by: str, now: datetime) -> list[str]:
    """Two children after all; says so when one telephone still stands for both."""
    warned: list[str] = []

    def work(tx: Transaction, house: House, who: Person) -> None:
        case = _named(tx, other)
        kept = joined.split(tx, house, who, case, now)
        shared = joined.share_telephone(tx, kept, case)
        warned[:] = [] if shared is None else [SHARED.format(shared)]

    return [*act(settings, by, work, f"{other} is a case of its own again"), *warned]


# --- who, whom, when --------------------------------------------------------------------------------------------------


def act(settings: Settings, by: str, work: Act, done: str) -> list[str]:
    """Do it in one transaction; what was done, and what it meant."""
    told: list[str] = []

    def observe(kind: str, about: str, **fields: Any) -> None:  # noqa: ANN401, ARG001 - as the house says it
        told.extend(_heard(kind, fields, settings.timezone))

    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    try:
        house = replace(app.unheard(committer, settings), observe=observe)

        def within(tx: Transaction) -> None:
            told.clear()
            work(tx, house, acting(tx, by))

        committer.submit(within)
    finally:
        committer.close()
        database.close()
    return [done, *told]


def acting(tx: Transaction, by: str) -> Person:
    """Who does it. Raises NotFound for somebody who is not, or no more, of the staff."""
    person = people.by_name(tx, by)
    if person is None or not person.active:
        raise NotFound(f"--by {by}: nobody active of that name is on the staff; `waymark staff list` shows who is")
    return person


def _heard(kind: str, fields: dict[str, Any], tz: tzinfo) -> Iterable[str]:
    if kind == "deadline":
        one: Deadline = fields["deadline"]
        part = f" ({one.part})" if one.part[:1].isalpha() and ":" not in one.part else ""
        status = "withdrawn" if one.withdrawn else one.status.value
        yield f"  {one.rule}{part} {status}, due {times.told(one.due, tz)}"
    elif kind == "task":
        task: Task = fields["task"]
        yield f"  task {task.what} for {task.role}, by {times.told(fields['due'], tz)}"


def _named(tx: Transaction, named: str) -> str:
    found = cases.find(tx, named)
    if found is None:
        raise NoCase(f"{named}: {NoCase.__doc__}")
    return found.id


def _about(tx: Transaction, named: str) -> tuple[str | None, str | None]:
    """A case, or the last chat of a contact that has none (text-safe)."""
    if cases.find(tx, named) is not None:
        return _named(tx, named), None
    contact = contacts.by_reference(tx, named)
    talk = conversations.latest(tx, contact.id) if contact is not None and not contact.erased else None
    if talk is None:
        raise NoCase(f"{named}: {NoCase.__doc__}")
    case = conversations.case_of(tx, talk.id)
    return case, talk.id


def _pairs(given: Iterable[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise NotFound(f"'{one}': write name=value, with quotation marks around what has blanks")
        found[name] = value
    return found


def _when(settings: Settings, option: str, text: str | None) -> datetime | None:
    return None if text is None else local(settings, option, text)


def local(settings: Settings, option: str, text: str) -> datetime:
    """A local time. Of the hour that autumn shows twice the first counts, as in a file; one that spring leaves out is none."""
    try:
        wall = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the wall clock
    except ValueError:
        raise NotFound(f"{option} {text}: is no time; write it like 2026-11-21 20:00") from None
    at = wall.replace(tzinfo=settings.timezone).astimezone(UTC)
    if at.astimezone(settings.timezone).replace(tzinfo=None) != wall:
        raise NotFound(f"{option} {text}: is an hour that the change of the clocks left out")
    return at
