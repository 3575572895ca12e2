"""Everything that can happen, in the past tense. Every event carries its own time; nothing here says what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flows.model import Heard, Ladder, Level, OnDuty, Value


@dataclass(frozen=True, slots=True)
class Desk:
    """What the house looks like when an event is handled: read by the runner, never looked up by the core.

    `waiting_minutes`: how long a child waits for a person now, when that is longer than what people are held to.
    `night`: outside 08:00-22:00 local.
    `alert_*`: the open alert of this conversation, if any; `alert_may_wait`: for the morning; `alert_age_minutes`: 0 while a
    person is with the child.
    `worker`: who tells the child what happens next.
    """

    open: bool = True
    on_duty: tuple[OnDuty, ...] = ()
    waiting_minutes: int = 0
    night: bool = False
    alert_level: Level | None = None
    alert_taken: bool = False
    alert_may_wait: bool = False
    alert_age_minutes: int = 0
    alert_id: str | None = None
    worker: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A conversation came to be. `how`: chat (child is here by a code), inbound, offer, invite."""

    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class TextReceived:
    """A child texted. `listen` says what listening makes of `text`, read together with the last 90 seconds: a pure function
    that gives one answer however often it is asked, and is asked only where there are words beside an answer or a command.

    `unseen`: the open question has not been sent yet, so that no text can be its answer.
    `code_word`: it says the child's own word. `offer_code`: it was the code of an offer. `wrong_code`: it looks like one.
    `stopped`: the provider has taken it for STOP and blocks us, whatever word it was; `started`: our texts are let through.
    `pressed`: the question whose button was pressed (empty: of no question here). `edited`: sent before and changed since.
    `answers`: the question it answers whether that is open or not, because of what it is: a place on the map.
    """

    at: datetime
    text: str
    message: str
    listen: Callable[[], Heard]
    code_word: bool = False
    offer_code: bool = False
    unseen: bool = False
    wrong_code: bool = False
    stopped: bool = False
    started: bool = False
    pressed: str | None = None
    edited: bool = False
    answers: str | None = None
    service: Desk = field(default_factory=Desk)

    @property
    def heard(self) -> Heard:
        """What listening made of the words."""
        return self.listen()


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """A child sent something that is not text. The file was not kept; `media` is its kind (`photo`, `voice` ...)."""

    at: datetime
    media: str
    message: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer set in `turn` fired. `name` as in `effects.SetTimer`; `about` is what it was set for (an alert id, a rung)."""

    at: datetime
    name: str
    turn: int
    about: str = ""
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class SendBounced:
    """A text of ours did not reach the child. `reason` is one of `bot.channels.base.Reason`."""

    at: datetime
    reason: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class WorkerTook:
    """A worker took the chat."""

    at: datetime
    worker: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class WorkerSaid:
    """A worker wrote to the child in their own words; the composer's checks were passed before."""

    at: datetime
    worker: str
    text: str


@dataclass(frozen=True, slots=True)
class WorkerLeft:
    """A worker handed back to the bot, or to `successor`, or dropped out (`dropped`), or must not go on (`removed`)."""

    at: datetime
    worker: str
    successor: str | None = None
    dropped: bool = False
    removed: bool = False
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class PersonCalled:
    """A person is to answer this child: somebody of the staff wants it, or the bot failed (`by` "bot")."""

    at: datetime
    by: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class StrangerSuspected:
    """Whoever sits with the child thinks that somebody else may be typing (decisions 4)."""

    at: datetime
    by: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class ToldFirst:
    """A manager who has the chat tells the child that something must be passed on, before it is (domain 3.2)."""

    at: datetime
    by: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class ConcernRaised:
    """A person of the staff is worried: by what they read, heard or know. `because` is theirs, never shown to a child.

    `about`: the colleague it is about, by name, as they say themselves: a reason names those who help as often.
    """

    at: datetime
    by: str
    level: Level
    because: str
    about: str = ""
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class LockLifted:
    """A named person allowed the interview to go on, with a reason (decisions 3)."""

    at: datetime
    by: str
    because: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class PathSet:
    """A worker chose another path through the questions."""

    at: datetime
    by: str
    path: str
    service: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """A worker filled in an answer they heard, so that it is never asked again (B13)."""

    at: datetime
    by: str
    question: str
    value: Value


@dataclass(frozen=True, slots=True)
class ConversationClosed:
    """A worker closed the chat."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class EpisodeEnded:
    """Police or a carer said that the child is back: invites stop (domain 3.2). Says nothing of safety (A6)."""

    at: datetime


Event: TypeAlias = (
    "Started | TextReceived | MediaReceived | TimerFired | SendBounced | WorkerTook | WorkerSaid | WorkerLeft"
    " | PersonCalled | StrangerSuspected | ToldFirst | ConcernRaised | LockLifted | PathSet | AnswerSet | ConversationClosed"
    " | EpisodeEnded"
)


# --- what happens to an alert -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlertOpened:
    """Words or an answer were worrying enough for a person."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """A later concern joined an open alert; a higher level restarts at rung 0 (decisions 7).

    `ladder`: the one to freeze then, from `escalation.ladder_for`; without it the alert climbs on the ladder it has.
    `away`: who it may be about; whoever had it, it begins again without them.
    `beside`: who of the staff raised it, or is with the child while nobody has taken it: others are told.
    """

    at: datetime
    level: Level
    categories: tuple[str, ...]
    night_page: bool = False
    ladder: Ladder | None = None
    away: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class RungDue:
    """The time of a rung (or of the decay of an acknowledgement) came. `serial` is the alert's when it was set."""

    at: datetime
    name: str
    rung: int
    serial: int


@dataclass(frozen=True, slots=True)
class AlertTaken:
    """Somebody took the alert. `by_desk`: signed in at the desk, or a key pressed in a voice call; else a texted code."""

    at: datetime
    by: str
    by_desk: bool


@dataclass(frozen=True, slots=True)
class AlertPassedOn:
    """Whoever was paged cannot take it: the next rung now."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class AlertLowered:
    """A person lowered the level, with a reason; L3 and L4 by a manager only."""

    at: datetime
    by: str
    level: Level
    because: str


@dataclass(frozen=True, slots=True)
class AlertDecided:
    """What was decided, by whom, why. `as_manager`: by somebody who is one, of this shift or not."""

    at: datetime
    by: str
    decision: str
    because: str
    as_manager: bool = False


@dataclass(frozen=True, slots=True)
class ShiftBegan:
    """Somebody came on duty while nobody has decided it."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class WrongCode:
    """A code that fits no page was texted from a staff number (decisions 7: five of them alarm every rung)."""

    at: datetime


AlertEvent: TypeAlias = (
    "AlertOpened | AlertRaised | RungDue | AlertTaken | AlertPassedOn | AlertLowered | AlertDecided | ShiftBegan |"
    " WrongCode"
)
