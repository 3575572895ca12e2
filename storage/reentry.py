"""The code by which a child comes back to a conversation: once, for seven days, from the page or by text.

It has to look like a telephone number among other numbers, and must never ring at a stranger's: 07700 900000 to 900999
are Ofcom's mobile numbers for drama, which nobody is ever given. A thousand of them could be guessed, so six more figures
follow, as a switchboard's extension would: 30 bits. Kept is a keyed hash.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, select

from storage import chance, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

VALID: Final = timedelta(days=7)
# decisions 11: throttled per code and in all. With a hundred codes alive, a guesser who never rests needs six years for one
# of them; whoever has a code waits minutes at most, and writing to us is never throttled.
WINDOW: Final = timedelta(minutes=10)
MOST_OF_ONE: Final = 5
MOST_IN_ALL: Final = 30
_DRAMA: Final = "07700900"
_LENGTH: Final = 17

_R: Final = tables.reentries.c
_G: Final = tables.guesses.c
_ADD: Final = insert(tables.reentries)
_END: Final = delete(tables.reentries).where(_R.conversation_id == bindparam("talk"))
_FIND: Final = select(_R.conversation_id, _R.expires_at).where(_R.mark == bindparam("known"))
_USE: Final = delete(tables.reentries).where(_R.mark == bindparam("known"))
_GUESS: Final = insert(tables.guesses)
_FORGET: Final = delete(tables.guesses).where(_G.at <= bindparam("before"))
_GUESSED: Final = select(func.count()).select_from(tables.guesses).where(_G.at > bindparam("since"))
_GUESSED_ONE: Final = _GUESSED.where(_G.mark == bindparam("known"))


def new(tx: Transaction, conversation: str, now: datetime) -> str:
    """A code for a conversation, as it is shown; the one before is worth nothing any more."""
    code = fresh()
    tx.execute(_END, {"talk": conversation})
    held = {"mark": _mark(tx, code), "conversation_id": conversation, "made_at": now, "expires_at": now + VALID}
    tx.execute(_ADD, held)
    return shown(code)


def fresh() -> str:
    """Figures for a code that nobody has."""
    return f"{_DRAMA}{chance.below(1000):03d}{chance.below(1_000_000):06d}"


def shown(code: str) -> str:
    """A code as it is read and written down."""
    return f"{code[:5]} {code[5:11]} {code[11:]}"


def looks_like_code(digits: str) -> bool:
    """Whether figures (ASCII, nothing else) could be a code of ours; with 44 in place of the first 0, as phones write."""
    return len(digits) in (_LENGTH, _LENGTH + 1) and national(digits).startswith(_DRAMA)


def find(tx: Transaction, digits: str, now: datetime) -> str | None:
    """The conversation of a code; None when it is wrong, used, too old or throttled (one answer for all four)."""
    mark = _mark(tx, national(digits))
    if is_throttled(tx, mark, now):
        return None
    row = tx.execute(_FIND, {"known": mark}).first()
    if row is None or row.expires_at <= now:
        guessed(tx, mark, now)
        return None
    return str(row.conversation_id)


def use(tx: Transaction, digits: str) -> bool:
    """Use a code up. Of two who come at once one comes in: False for the other."""
    return tx.execute(_USE, {"known": _mark(tx, national(digits))}).rowcount == 1


def is_throttled(tx: Transaction, mark: bytes, now: datetime) -> bool:
    """Whether so many wrong codes came lately that none is looked at."""
    since = {"since": now - WINDOW}
    in_all: int = tx.execute(_GUESSED, since).scalar_one()
    if in_all >= MOST_IN_ALL:
        return True
    of_one: int = tx.execute(_GUESSED_ONE, since | {"known": mark}).scalar_one()
    return of_one >= MOST_OF_ONE


def guessed(tx: Transaction, mark: bytes, now: datetime) -> None:
    """Count a code that was none."""
    tx.execute(_FORGET, {"before": now - WINDOW})
    tx.execute(_GUESS, {"id": ids.new(), "mark": mark, "at": now})


def mark_of(tx: Transaction, text: str) -> bytes:
    """How any code that is tried on the page is counted, one of an offer too."""
    return _mark(tx, text)


def national(digits: str) -> str:
    """A code as it was given, whichever way a telephone writes it."""
    return f"0{digits[2:]}" if digits.startswith("44") else digits


def _mark(tx: Transaction, code: str) -> bytes:
    return tx.keys.mac("reentry", code)
