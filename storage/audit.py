"""The audit chain: who did what to what, and when. Codes and ids only - never a text, a name, a number.

Every line carries an HMAC over itself and the line before, so a line that is changed, removed or slipped in breaks all
after it, and nobody without the pepper can mend the chain. Lines of a transaction are written at its very end, all at
once: on PostgreSQL the head of the chain is locked from there to the commit and not a moment longer.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select

from storage import instants, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.database import Transaction

_C: Final = tables.audit.c
_HEAD: Final = select(_C.number, _C.link).order_by(_C.number.desc()).limit(1)
_ADD: Final = insert(tables.audit)
_LAST: Final = select(_C.at).where(_C.what == bindparam("what")).order_by(_C.number.desc()).limit(1)
_LINES: Final = select(_C.number, _C.who, _C.what, _C.about, _C.at, _C.link).order_by(_C.number)
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)
_WHAT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,39}", re.ASCII)
_START: Final = b"waymark audit"
_BATCH: Final = 1000
_MOST_ABOUT: Final = 160
_FIRST: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `who`: a staff id, `child:` and a contact id, `bot`, `timer`, `cli`; `about`: ids and codes."""

    number: int
    who: str
    what: str
    about: tuple[str, ...]
    at: datetime


class NotACode(ValueError):
    """An audit line takes codes and ids only: letters, digits, `_ . : -`. Nothing a person said or is called."""


def record(tx: Transaction, at: datetime, who: str, what: str, *about: str) -> None:
    """Add a line about some ids; it is written when the transaction ends. Raises NotACode (without quoting it)."""
    joined = " ".join(about)
    if not (_WHAT.fullmatch(what) and len(joined) <= _MOST_ABOUT and all(map(_CODE.fullmatch, (who, *about)))):
        raise NotACode(NotACode.__doc__)
    pending: list[_Pending] = [held for held in tx.late if isinstance(held, _Pending)]
    if not pending:
        pending.append(_Pending())
        tx.late.append(pending[0])
    # What was done apart has its own, and what is recorded after it comes after it.
    pending[-1].lines.append((who, what, joined, at.astimezone(UTC)))


def verify(tx: Transaction) -> int | None:
    """Walk the chain; the number of the first line that does not hold, or None."""
    before, expected = _START, 1
    with tx.execute(_LINES.execution_options(yield_per=_BATCH)) as lines:
        for line in lines:
            link = _link(tx, before, line.number, line.who, line.what, line.about, line.at)
            if line.number != expected or link != line.link:
                return expected
            before, expected = line.link, expected + 1
    return None


def begun_by_us(tx: Transaction) -> bool | None:
    """Whether our pepper made the chain, by any of its first lines, for one may have been changed; None where there is none."""
    before, made = _START, []
    for line in tx.execute(_LINES.limit(_FIRST)):
        made.append(_link(tx, before, line.number, line.who, line.what, line.about, line.at) == line.link)
        before = line.link
    return any(made) if made else None


def head(tx: Transaction) -> tuple[int, str]:
    """Number and link of the last line: written down elsewhere, it shows later that no line was cut off the end."""
    row = tx.execute(_HEAD).first()
    return (0, "") if row is None else (row[0], row[1].hex())


def link_of(tx: Transaction, number: int) -> str | None:
    """The link of a line, as `head` gives it; None when there is none of that number."""
    found: bytes | None = tx.execute(select(_C.link).where(_C.number == number)).scalar()
    return None if found is None else found.hex()


def last(tx: Transaction, what: str) -> datetime | None:
    """When a thing was last done."""
    tx.finish()
    found: datetime | None = tx.execute(_LAST, {"what": what}).scalar()
    return found


def about(tx: Transaction, subject: str) -> Iterator[Line]:
    """The lines that name an id, those of this transaction among them."""
    tx.finish()
    for number, who, what, named, at, _ in tx.execute(_LINES.where(_C.about.contains(subject, autoescape=True))):
        if subject in named.split():
            yield Line(number, who, what, tuple(named.split()), at)


def line(tx: Transaction, number: int) -> Line | None:
    """One line by its number; None when there is none."""
    row = tx.execute(_LINES.where(_C.number == number)).first()
    return None if row is None else Line(row.number, row.who, row.what, tuple(row.about.split()), row.at)


class _Pending:
    """The lines of one transaction, until its end."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, datetime]] = []

    def __call__(self, tx: Transaction) -> None:
        tx.lock_name("waymark audit")
        last = tx.read(_HEAD, {})
        number, link = last[0] if last else (0, _START)
        rows = []
        for who, what, named, at in self.lines:
            number += 1
            link = _link(tx, link, number, who, what, named, at)
            rows.append({"number": number, "who": who, "what": what, "about": named, "at": at, "link": link})
        tx.write(_ADD, *rows)


def _link(  # noqa: PLR0913, PLR0917 - all that a line is
    tx: Transaction, before: bytes, number: int, who: str, what: str, named: str, at: datetime
) -> bytes:
    digest = hashlib.sha256(before).hexdigest()
    return tx.keys.mac("audit", digest, str(number), who, what, named, instants.whole(at))
