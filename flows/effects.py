"""Everything that can be done, in the imperative. `bot/carrying.py`, and of an alert `bot/alarms.py`, carry each out in one
exhaustive `match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from flows.model import Alert, Answer, Concern, Task


@dataclass(frozen=True, slots=True)
class Say:
    """Send a catalogue text to the child. `values` fill its placeholders; the runner adds names, days and help numbers."""

    key: str
    locale: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Relay:
    """Send a worker's own words to the child."""

    text: str
    worker: str


@dataclass(frozen=True, slots=True)
class Record:
    """Keep an answer; a later record of the same question replaces the shown value and keeps the earlier row."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class RaiseConcern:
    """Keep a concern with the message it came from; from L2 an alert is opened or joined in the same transaction."""

    concern: Concern
    message: str | None


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Fire `TimerFired(name)` at `at`, or at once if that has passed."""

    name: str
    at: datetime
    turn: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class ChangeHolder:
    """The chat is now held by `bot`, `nobody` (waiting for a person) or a worker."""

    holder: str


@dataclass(frozen=True, slots=True)
class AddTask:
    """Give a person work that this answer or state makes."""

    task: Task


@dataclass(frozen=True, slots=True)
class KeepCodeWord:
    """Remember the child's own word, hashed with their contact's key; `word` is never stored."""

    word: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """We start nothing with this contact any more (STOP); inbound stays open."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """The child said START after a STOP: we may start something again."""


@dataclass(frozen=True, slots=True)
class DeleteMessages:
    """Remove our texts from the child's chat where the channel can."""


@dataclass(frozen=True, slots=True)
class TellHolder:
    """Tell whoever answers for this child something without content: `stopped`, `cannot_text_back`, `somebody_there` ..."""

    about: str


@dataclass(frozen=True, slots=True)
class PassOver:
    """The open alert goes on to the next rung, past `worker`. `different`: the child asked for somebody else (decisions
    5), so that this worker is never given the chat again; else they are gone.
    """

    worker: str
    different: bool = True


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The interview is finished or part-finished: file what there is. `outcome`: done, partly_done, refused."""

    outcome: str


Effect: TypeAlias = (
    "Say | Relay | Record | RaiseConcern | SetTimer | ChangeHolder | AddTask | KeepCodeWord | OptOut | OptIn"
    " | DeleteMessages | TellHolder | PassOver | FileRecord"
)


# --- what an alert does -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """Reach this person now, and want an answer. Read again just before it leaves: taken meanwhile, it is not sent."""

    alert: Alert
    to: str
    role: str
    rung: int
    method: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Let this person know; no answer is wanted. `about`: new_l2, taken, joined, decay ... (`bot/pages.py` has the words)."""

    alert: Alert
    to: str
    role: str
    about: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class SetRung:
    """Fire `RungDue(name, rung, serial)` at `at`."""

    name: str
    at: datetime
    rung: int
    serial: int


AlertEffect: TypeAlias = "Page | Notice | SetRung"
