"""Each child as a report sees them: who they are to the council, every time missing, and what became of the interview that
was owed for it. May not count, list or write anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import clockfacts, clocks
from flows import over_time, working_time
from storage import cases, registers
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from bot.clockfacts import Known
    from flows.deadlines import Facts
    from flows.model import Conversation
    from storage.cases import Details, Episode
    from storage.database import Transaction
    from storage.notes import Note

ADULT = 18
_YES, _NO = "yes", "no"
_DECLINED = re.compile(r"\b(declin|refus)", re.IGNORECASE)
_SAID = {_YES: True, _NO: False}


class Answer(StrEnum):
    """Whether something was so. `NOT_YET`: the child is still missing, so that nothing is owed yet."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Child:
    """`reference`: the two words of the case, which say nothing; `number`: the council's own for this child. Read in one instant
    of the database, so that what was worked out of an episode (`read`) stands.
    """

    reference: str
    number: str
    birth: date | None
    details: Details
    episodes: tuple[Episode, ...]
    known: Known
    read: dict[str, Facts] = field(default_factory=dict, compare=False, repr=False)

    def facts(self, episode: Episode) -> Facts:
        """What the clocks know of one time missing and the interview owed for it."""
        if episode.id not in self.read:
            self.read[episode.id] = clockfacts.of_episode(self.known, episode)
        return self.read[episode.id]

    def talks(self, episode: Episode) -> tuple[Conversation, ...]:
        """The conversations about one time missing, oldest first."""
        return tuple(one for one in self.known.talks if self.known.about(one.started_at) == episode.id)

    def notes(self, episode: Episode) -> tuple[Note, ...]:
        """What people noted about one time missing, in the order it happened."""
        return self.known.notes_of(episode)

    def looked_after(self, episode: Episode | None = None, on: date | None = None) -> bool | None:
        """As it was when they went missing or on a day, else as it is now; None when nobody said."""
        if episode is not None:
            on = day(episode.missing_at, self.known.tz)
        said = self.details.get("looked_after") if on is None else over_time.held(self.details, "looked_after", on)
        given = episode.details.get("looked_after") if episode is not None else None
        return _SAID.get(str(given or said))

    def authority(self, on: date | None = None) -> str | None:
        """Whose child in care this is, or was on a day, as the file said it: a child may move from one council to another."""
        name = "responsible_authority"
        held = self.details.get(name) if on is None else over_time.held(self.details, name, on)
        return str(held) if held else None

    def age_on(self, day: date) -> int | None:
        """Whole years on a day, None before birth."""
        return None if self.birth is None or self.birth > day else working_time.age(self.birth, day)


def everyone(tx: Transaction, lost: list[str], *, chats: bool = True) -> Iterator[Child]:
    """Every child on the books, in the order they came there. Whom no key opens is not among them: the id of their case is added
    to `lost`, and whoever asks must say that they are missing. `chats`: whether what was said and noted is asked for.
    """
    for case in registers.children(tx):
        try:
            child = _child(tx, case)
            if chats:
                _ = child.known.talks, child.known.notes
        except SealBroken:
            lost.append(case)
        else:
            yield child


def _child(tx: Transaction, number: str) -> Child:
    case = cases.load(tx, number)
    known = clockfacts.Known(tx, case, clocks.meaning(), clocks.blocks())
    born = case.details.get("birth_date")
    return Child(
        case.reference,
        str(case.details.get("child_ref", "")),
        date.fromisoformat(str(born)) if born else None,
        case.details,
        known.episodes,
        known,
    )


def day(at: datetime, tz: tzinfo) -> date:
    """The day on the wall here."""
    return at.astimezone(tz).date()


def instant(episode: Episode, name: str) -> datetime | None:
    """A time that stands in an episode's details."""
    held = episode.details.get(name)
    return datetime.fromisoformat(str(held)) if held else None


def found_at(episode: Episode) -> datetime | None:
    """When somebody knew again where the child was: located or returned, whichever came first."""
    known = [at for at in (instant(episode, "located_at"), episode.returned_at) if at is not None]
    return min(known, default=None)


def is_away(episode: Episode) -> bool:
    """Away without authorisation, the place known: else the child was missing."""
    return episode.details.get("status") == "away"


def offered(child: Child, episode: Episode) -> Answer:
    """Whether a return interview was offered after this episode."""
    if found_at(episode) is None:
        return Answer.NOT_YET
    held = child.facts(episode)
    if held.attempts or held.spoken_at or held.declined_at or held.refused_at or held.child_account_at:
        return Answer.YES
    noted = episode.details.get("interviewed")
    if noted == _YES or declined(child, episode):
        return Answer.YES
    # What came in as history with no word of an interview is not known here; what we were told of in time is.
    return Answer.NO if noted == _NO or "notified_at" in episode.details else Answer.UNKNOWN


def declined(child: Child, episode: Episode) -> bool:
    """Whether the child said no to it and nobody spoke with them: here, or as the reason an import gives."""
    held = child.facts(episode)
    if held.spoken_at is not None:
        return False
    noted = _DECLINED.search(str(episode.details.get("not_done_reason") or "")) is not None
    return held.declined_at is not None or held.refused_at is not None or noted


def accepted(child: Child, episode: Episode) -> Answer:
    """Whether the child accepted it: they spoke with a person (decisions 8). An account by text alone is not that."""
    if found_at(episode) is None:
        return Answer.NOT_YET
    held = child.facts(episode)
    if held.spoken_at or episode.details.get("interviewed") == _YES:
        return Answer.YES
    return Answer.NO if offered(child, episode) is not Answer.UNKNOWN else Answer.UNKNOWN
