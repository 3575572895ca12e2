"""The values of a conversation and of an alert: frozen, comparable, without behaviour that needs a clock or a database.

Everything here can be rebuilt from what storage keeps; nothing here may know where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flows.deadline_values import Deadline, Earlier, Status
from flows.script import (
    SKIPPED,
    Block,
    Category,
    Command,
    Flow,
    Guard,
    HelpNumber,
    Kind,
    Ladder,
    Level,
    Library,
    Move,
    Option,
    Outcome,
    Privacy,
    Response,
    Rung,
    Service,
    Step,
    Task,
    Value,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import replace as changed
    from datetime import datetime
else:

    def changed(value: Conversation, /, **fields: object) -> Conversation:
        """As `dataclasses.replace`, for values without slots: a turn changes its conversation a dozen times, and giving
        thirty fields through a constructor each time took longer than the rest of the turn.
        """
        was = value.__dict__
        now = {**was, **fields}
        if len(now) != len(was):
            message = f"{type(value).__name__} has no field {sorted(fields.keys() - was.keys())}"
            raise TypeError(message)
        made = object.__new__(type(value))
        object.__setattr__(made, "__dict__", now)
        return made


__all__ = [
    "SKIPPED",
    "Alert",
    "Answer",
    "Block",
    "Category",
    "Command",
    "Concern",
    "Conversation",
    "Deadline",
    "Earlier",
    "Flow",
    "Guard",
    "Heard",
    "HelpNumber",
    "Hit",
    "Kind",
    "Ladder",
    "Level",
    "Library",
    "Move",
    "OnDuty",
    "Option",
    "Outcome",
    "Privacy",
    "Recent",
    "Response",
    "Rung",
    "Service",
    "Status",
    "Step",
    "Task",
    "Value",
    "Waiting",
    "changed",
]

# --- what listening found ---------------------------------------------------------------------------------------------


WEIGHED: Final = "statistical"  # the rule and the doubt of a hit that no phrase made


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched. `start` and `end` count code points of the text as stored. `doubt` is None for what a child
    asserts of now, else why a person must read it: negated, asked, hypothetical, third_person, past, quoted, idiom, statistical.
    """

    category: str
    level: Level
    start: int
    end: int
    rule: str
    doubt: str | None = None

    @property
    def is_corrected(self) -> bool:
        """Whether a word of it was misspelt, and put right."""
        return self.rule.split("+")[0].endswith("~")


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening made of one text. `unscreened` is None, or why no machine could judge it (decisions 7). `locale` is the
    language it was read in, `clear` the one that its words tell beyond doubt, or None.
    """

    hits: tuple[Hit, ...] = ()
    suppressed: tuple[Hit, ...] = ()
    locale: str | None = None
    unscreened: str | None = None
    reason: str = ""
    clear: str | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """What one message or answer means. `level` is what happens, `detected` what words, age and history alone gave.

    `night_page`: an L2 that pages by night too. `page_now`: one that pages at once by day and by night.
    """

    level: Level
    detected: Level
    categories: tuple[str, ...]
    evidence: tuple[Hit, ...]
    guard: Guard
    reason: str
    unscreened: bool = False
    night_page: bool = False
    page_now: bool = False


# --- a conversation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child answered, in their own words. `value` None: they chose not to say. `by`: `child` or a worker's name."""

    question: str
    value: Value
    said: str
    at: datetime
    locale: str
    by: str = "child"
    unclear: bool = False
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recent:
    """A text of the last 90 seconds, kept so that words split over several texts are heard together (decisions 2)."""

    at: datetime
    text: str
    free_for: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """What a child wrote in place of an answer, before the question was asked once more: it stands before the answer then."""

    question: str
    text: str
    message: str


# Who has a chat while no person does: one who is awaited is nobody.
BOT, NOBODY = "bot", "nobody"


@dataclass(frozen=True)
class Conversation:
    """One child's chat. `turn` grows with every event that changes it; `step` is the open question, `back_to` the question
    that waits under a gate or an offer; `shown` what the child was last asked in this session, answered or not; `facts` come
    from the record (age, learning_disability ...), absent when unknown. `reads`: the language in which the child is sent the
    emergency pack, where it is not `locale`.
    """

    id: str
    flow: str
    revision: str
    locale: str
    channel: str
    path: str
    state: str
    started_at: datetime
    turn: int = 0
    step: str | None = None
    block: str | None = None
    back_to: str | None = None
    shown: str | None = None
    privacy: Privacy = Privacy.UNKNOWN
    last_inbound_at: datetime | None = None
    last_outbound_at: datetime | None = None
    stopped_at: datetime | None = None
    holder: str = BOT
    guard: Guard = Guard.NONE
    guard_categories: tuple[str, ...] = ()
    quiet: bool = False
    opted_out: bool = False
    code_word: bool = False
    level: Level = Level.L0
    facts: Mapping[str, str | int] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    begun: bool = False
    tries: int = 0
    followed_up: bool = False
    since_break: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[Recent, ...] = ()
    low_at: tuple[datetime, ...] = ()
    outcome: str | None = None
    reads: str | None = None
    unread: tuple[Unread, ...] = ()

    @property
    def held(self) -> bool:
        """Whether a person has the chat: the bot is silent."""
        return self.holder not in (BOT, NOBODY)


# --- an alert ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A person who can be reached now. `phone` is never here: storage finds it when the page leaves. `resting`: a manager
    who was paged in the night, and is not first this morning when somebody else can be.
    """

    name: str
    role: str
    resting: bool = False


# Who decides what a worker or whoever is on duty may not.
MANAGERS: Final = ("manager", "service_manager")
# The states of an alert that nobody has decided yet.
UNDECIDED: Final = ("raised", "acknowledged")


@dataclass(frozen=True, slots=True)
class Alert:
    """A person must look. `rung` is the next to be tried; `round` counts how often the ladder began again; `serial`
    changes whenever pending timers must no longer count. `state`: raised, acknowledged, decided, closed.

    `away`: names of who must neither be reached nor shown it, because it may be about them (`flows.conflict`).

    For the clocks: `level_at` when it reached its level (None: when it was opened), `seen_at` when somebody first took it
    at that level, `decided_at`. They stay when the ladder begins again.

    `for_manager`: an L3 or L4 that somebody else has decided (`decided_by`), until a manager does; `manager_at` when they
    did (R09). Until then it climbs among managers, and `taken_by` is the one of them who has it; `seen_by` who had it at
    `seen_at`; `sought_at`: when those who are there were last told that there is no manager to be told, None while there is one.
    `referred_at`: when somebody first referred it, whatever is decided beside that (R11).
    """

    id: str
    conversation: str
    level: Level
    state: str
    opened_at: datetime
    ladder: Ladder
    case_name: str
    categories: tuple[str, ...] = ()
    night_page: bool = False
    rung: int = 0
    round: int = 0
    serial: int = 0
    started_at: datetime | None = None
    taken_by: str | None = None
    taken_at: datetime | None = None
    confirmed: bool = False
    decision: str | None = None
    paged: tuple[str, ...] = ()
    wrong_codes: int = 0
    passed: tuple[str, ...] = ()
    level_at: datetime | None = None
    seen_at: datetime | None = None
    decided_at: datetime | None = None
    away: tuple[str, ...] = ()
    for_manager: bool = False
    manager_at: datetime | None = None
    referred_at: datetime | None = None
    seen_by: str | None = None
    sought_at: datetime | None = None
    decided_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision, be it a manager's of what somebody else has decided."""
        return self.state in UNDECIDED or self.for_manager
