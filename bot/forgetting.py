"""`waymark erase`, `hold`, `retain`: one child is forgotten, nobody may forget them, or those past their time are. May not decide
how long anything is kept: `flows.deadline_windows` says so.

Of a text-safe chat the words go after 30 days, with the telephone they came from; a STOP outlives them. A return interview and
its case are the council's own and go by `waymark erase` alone, and so does whatever is kept whole until a manager decides: then
it is the manager who erases, under their name (decisions 11; domain 2.7). While somebody must look, nobody forgets.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot import calendar, casing, keeping, rounds
from bot.casework import NotPossible
from bot.keeping import CLI, NotFound
from flows import deadline_windows
from flows.model import MANAGERS, Level
from storage import audit, cases, contacts, conversations, inbox, joining, notes, retention

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from bot.runner import House
    from storage.database import Transaction
    from storage.people import Person
    from storage.retention import Past

_LONGEST: Final = 500
# By its provider's id a message that is brought again is known; no provider brings one after days.
_BROUGHT_AGAIN: Final = timedelta(days=30)
# Why a child whose words are kept whole is erased: codes, because the reason outlives the child's own words.
REASONS: Final = ("asked_for", "not_needed", "mistake", "ordered")


def find(tx: Transaction, named: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every contact and every case of one child, by two words of either or the council's reference. Raises NotFound, also when
    the two words mean two children: `case:` or `contact:` before them says which.
    """
    kind, mark, rest = named.partition(":")
    given = rest if mark and kind in {"case", "contact"} else named
    contact = None if mark and kind == "case" else contacts.by_reference(tx, given)
    case = None if mark and kind == "contact" else cases.named(tx, given)
    if contact is None and case is None:
        raise NotFound(
            f"no child '{named}'; give the two words of a case or contact, as in amber-heron, or the child's reference"
        )
    if contact is None or case is None:
        return joining.child(tx, contact=contact.id if contact is not None else None, case=case)
    found = joining.child(tx, contact=contact.id)
    if case not in found[1]:
        raise NotFound(f"'{given}' is one child's case and another's contact: write case:{given} or contact:{given}")
    return found


def erase(
    settings: Settings, named: str, at: datetime, *, together: bool = False, by: str | None = None, because: str = ""
) -> bool:
    """Destroy a child's data keys: their words are gone, here and with the next backup in every older one (decisions 11), from
    every telephone they wrote from and in every case they had. A telephone that is another child's too, a sister's or a friend's,
    would take that child along: only `together`. With an alert that nobody has decided nobody is erased; whose words are kept
    whole only `by` a manager, `because` one of REASONS. False where all of it was erased before. Raises NotFound, NotPossible,
    OnHold.
    """
    if because and because not in REASONS:
        raise NotPossible(f"--because {because}: is no reason here; use one of {', '.join(REASONS)}")

    def work(tx: Transaction) -> bool:
        people, books = find(tx, named)
        who = casing.acting(tx, by) if by is not None else None
        others = _others(tx, books)
        if len(others) > 1 and not together:
            raise NotPossible(
                f"a telephone of this child belongs to several cases ({', '.join(others)}): join those of one child first "
                "(waymark case join), or erase them all with --all"
            )
        if any(cases.is_held(tx, one) for one in books):
            raise retention.OnHold(retention.OnHold.__doc__)
        _may_go(tx, people, who, because)
        actor, said = who.id if who is not None else CLI, (because,) if because else ()
        left = [one for one in books if not cases.is_erased(tx, one)]
        there = [one for one in people if not contacts.load(tx, one).erased]
        for one in there:
            retention.erase(tx, one, at)
            audit.record(tx, at, actor, "contact.erased", one, *said)
        for one in left:
            retention.erase_case(tx, one)
            audit.record(tx, at, actor, "case.erased", one, *said)
        return bool(there or left)

    return keeping.within(settings, work)


def _may_go(tx: Transaction, people: tuple[str, ...], who: Person | None, because: str) -> None:
    """Each locked first: a child may write in this moment what nobody has read."""
    for one in people:
        tx.lock_contact(one)
    there = [one for one in people if not contacts.load(tx, one).erased]
    waits = max((level for one in there if (level := retention.undecided(tx, one)) is not None), default=None)
    if waits is not None and waits >= Level.L2:
        raise NotPossible(f"an alert of this child is open ({waits.name}): somebody takes and decides it first")
    # Of who is erased already too: nobody reads that it was done by somebody who may not.
    if not any(retention.is_kept_whole(tx, one, deadline_windows.KEPT_WHOLE) for one in people):
        return
    if who is None or who.role.value not in MANAGERS or not because:
        raise NotPossible(
            "what this child told is kept whole until a manager decides: give --by MANAGER and --because with one of "
            f"{', '.join(REASONS)}, or freeze it (waymark hold)"
        )


def _others(tx: Transaction, books: tuple[str, ...]) -> list[str]:
    """The two words of each case, joined ones as one: more than one is more than one child, as far as anybody knows."""
    roots = dict.fromkeys(cases.root(tx, one) for one in books if not cases.is_erased(tx, one))
    return sorted(cases.load(tx, one).reference for one in roots if not cases.is_erased(tx, one))


def hold(settings: Settings, named: str, by: str, because: str, now: datetime, *, on: bool) -> list[str]:
    """Freeze retention for one child, or free it: a manager does, and says why, which is kept sealed. Raises NotFound,
    NotPossible.
    """

    def work(tx: Transaction, _house: House, who: Person) -> None:
        if who.role.value not in MANAGERS:
            raise NotPossible("only a manager may freeze or free retention")
        if not because.strip() or len(because) > _LONGEST:
            raise NotPossible(f"say why with --because, in at most {_LONGEST} letters")
        people, books = find(tx, named)
        people = tuple(one for one in people if not contacts.load(tx, one).erased)
        books = tuple(one for one in books if not cases.is_erased(tx, one))
        if not people and not books:
            raise NotFound(f"{named}: this child was erased already")
        _hold(tx, who, (people, books), because.strip(), now, on=on)

    done = "retention is frozen" if on else "retention runs again"
    return casing.act(settings, by, work, f"{named}: {done}")


def _hold(
    tx: Transaction,
    who: Person,
    child: tuple[tuple[str, ...], tuple[str, ...]],
    because: str,
    now: datetime,
    *,
    on: bool,
) -> None:
    """Everything that is this child, so that a split leaves neither half free; the reason once, where it can be sealed."""
    people, books = child
    for one in people:
        contacts.hold(tx, one, on=on)
    for one in books:
        cases.hold(tx, one, on=on)
    kind, details = "hold" if on else "hold_freed", {"because": because}
    talk = None if books else conversations.latest(tx, people[0])
    if books:
        notes.add(tx, kind, now, who.id, now, case=cases.root(tx, books[0]), details=details)
    elif talk is not None:
        notes.add(tx, kind, now, who.id, now, conversation=talk.id, details=details)
    for about in (*people, *books):
        audit.record(tx, now, who.id, "retention.held" if on else "retention.freed", about)


def retain(settings: Settings, now: datetime, *, dry_run: bool) -> tuple[Past, ...]:
    """Forget the text-safe chats that are past their time, each in a transaction of its own, and the providers' ids of what was
    handled long ago; with `dry_run` only name the chats. Returns them, longest silent first.
    """
    working_days = calendar.load(settings.timezone)
    found = keeping.within(settings, lambda tx: rounds.past(tx, working_days, now))
    if dry_run:
        return found

    def forget(tx: Transaction, one: Past) -> bool:
        if not rounds.is_past(tx, one.contact, working_days, now):
            return False
        retention.erase(tx, one.contact, now)
        audit.record(tx, now, CLI, "contact.erased", one.contact, "text_safe_words")
        return True

    gone = tuple(one for one in found if keeping.within(settings, partial(forget, one=one)))
    keeping.within(settings, lambda tx: _run(tx, len(gone), now))
    return gone


def _run(tx: Transaction, many: int, now: datetime) -> None:
    inbox.forget(tx, now - _BROUGHT_AGAIN)
    rounds.retained(tx, CLI, now)
    audit.record(tx, now, CLI, "retention.run", str(many))
