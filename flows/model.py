"""The values of a conversation: frozen, comparable, without behaviour that needs a clock or a database.

Everything here can be rebuilt from what storage keeps; nothing here may know where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from flows.conditions import Condition


class Level(IntEnum):
    """How worrying something is; the meaning and minutes of each stand in `library/ladder.yaml` (domain 3.3)."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4


class Kind(StrEnum):
    """How a step is answered."""

    STATEMENT = "statement"
    CHOICE = "choice"
    MULTI = "multi"
    YESNO = "yesno"
    SCALE = "scale"
    FREE = "free"


class Privacy(StrEnum):
    """Who may be reading, by the child's last answer at the gate (decisions 4)."""

    UNKNOWN = "unknown"
    ALONE = "alone"
    OTHERS = "others"


class Guard(StrEnum):
    """What a concern does to the conversation: nothing, wait for a yes, or stop asking (decisions 3)."""

    NONE = "none"
    PAUSE = "pause"
    SOFT_LOCK = "soft_lock"
    LOCK = "lock"


class Service(StrEnum):
    """Two services, two promises, two stores (G13)."""

    RETURN_INTERVIEW = "return_interview"
    TEXT_SAFE = "text_safe"


# What stands for a question the child chose not to answer, in a condition and in a stored value.
SKIPPED = "skipped"

# What an answer can be: an option's value, several of them, a point on a scale, the child's words, or skipped (None).
Value: TypeAlias = "str | int | tuple[str, ...] | None"


# --- what a flow is -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """Work for a person that an answer makes. `within`: `now`, `30m`, `4h`, `today`, `1wd`, `2wd`, `7d`."""

    what: str
    role: str
    within: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows when `when` holds: the branch table is data, never code."""

    when: Condition
    line: int
    level: Level = Level.L0
    categories: tuple[str, ...] = ()
    guard: Guard = Guard.NONE
    asserted: bool = False
    say: tuple[str, ...] = ()
    ask: str | None = None
    goto: str | None = None
    trigger: str | None = None
    tasks: tuple[Task, ...] = ()
    to_person: bool = False
    privacy: Privacy | None = None
    path: str | None = None
    facts: tuple[tuple[str, str | int], ...] = ()
    night_page: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One numbered answer. `words` are further answers accepted in the child's language. `number` None: its position."""

    value: str
    label: str
    words: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a flow: a question or a statement. `line` is where it stands in its file."""

    key: str
    kind: Kind
    block: str
    line: int
    text: str
    after: str = ""
    easier: str = ""
    options: tuple[Option, ...] = ()
    skippable: bool = True
    paths: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    area: str | None = None
    ask_when: Condition | None = None
    skip_when: Condition | None = None
    outcomes: tuple[Outcome, ...] = ()
    worker_only: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Steps in their order. The agenda runs through `main` blocks; the others are entered by a branch or a guard.

    `then` is the trigger that is fired when nothing is left to ask in the block (`finish`, `refuse`, `wait`, `resume`).
    """

    key: str
    steps: tuple[str, ...]
    main: bool
    then: str
    line: int


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the state table: in any of `sources`, `trigger` leads to `target`."""

    trigger: str
    sources: tuple[str, ...]
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow in one language at one revision. `revision` is a hash of the source files, the same for all locales."""

    key: str
    service: Service
    revision: str
    locale: str
    path: str
    initial: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]
    blocks: tuple[Block, ...]
    steps: Mapping[str, Step]
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """Words that mean the same at any time, whole message only (decisions 5). `does` is one of `flows.commands.VERBS`."""

    key: str
    does: str
    words: tuple[str, ...]
    say: str | None
    level: Level
    categories: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of concern, D01 to D30 (domain 3.3)."""

    code: str
    name: str
    guard: Guard
    guard_from: Level
    raised_by_age: bool
    quiet: bool
    plain: bool
    own_life: bool
    night_page: bool
    tasks: tuple[Task, ...]
    line: int
    raises: tuple[tuple[Condition, Level], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """What is said after a concern, by who may be reading, level and guard: the first row that holds is taken."""

    when: Condition
    say: tuple[str, ...]
    goto: str | None
    to_person: bool
    line: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Which text tells a waiting child the truth about waiting: the first row that holds is taken."""

    when: Condition
    say: str
    line: int


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is reached how many minutes after the alert opened. `methods` in order: sms, voice, notice."""

    after_minutes: int
    roles: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one level, frozen into every alert that starts on it (decisions 7)."""

    level: Level
    rungs: tuple[Rung, ...]
    again_after_minutes: int
    decision_minutes: int | None


@dataclass(frozen=True, slots=True)
class HelpNumber:
    """A public help line. Numbers reach a text only through `{key}` placeholders, so none can go stale unseen (R42)."""

    key: str
    name: str
    number: str
    hours: str
    languages: tuple[str, ...]
    cost: str
    shows_on_bill: str
    verified_on: str
    verified_by: str
    line: int


@dataclass(frozen=True, slots=True)
class Library:
    """All the engine is handed for one child: the flow in their language, and the commands of every language."""

    flow: Flow
    commands: tuple[Command, ...]
    categories: Mapping[str, Category]
    responses: tuple[Response, ...]
    waiting: tuple[Waiting, ...]
    after_lock: frozenset[str]
    ladders: Mapping[Level, Ladder]
    limits: Mapping[str, int]
    locales: tuple[str, ...]
    tz: tzinfo
    language_names: Mapping[str, str] = field(default_factory=dict)


# --- what listening found ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched. `start` and `end` count code points of the text as stored. `doubt` is None for what a child
    asserts of now, else why a person must read it: negated, hypothetical, third_person, past, quoted, idiom, statistical.
    """

    category: str
    level: Level
    start: int
    end: int
    rule: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening made of one text. `unscreened` is None, or why no machine could judge it (decisions 7)."""

    hits: tuple[Hit, ...] = ()
    suppressed: tuple[Hit, ...] = ()
    locale: str | None = None
    unscreened: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """What one message or answer means. `level` is what happens, `detected` what words, age and history alone gave."""

    level: Level
    detected: Level
    categories: tuple[str, ...]
    evidence: tuple[Hit, ...]
    guard: Guard
    reason: str
    unscreened: bool = False
    night_page: bool = False


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
class Conversation:
    """One child's chat. `turn` grows with every event that changes it; `step` is the open question, `back_to` the question
    that waits under a gate or an offer; `facts` come from the record (age, learning_disability ...), absent when unknown.
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
    privacy: Privacy = Privacy.UNKNOWN
    last_inbound_at: datetime | None = None
    last_outbound_at: datetime | None = None
    holder: str = "bot"
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


# --- an alert ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A person who can be reached now. `phone` is never here: storage finds it when the page leaves."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A person must look. `rung` is the next to be tried; `round` counts how often the ladder began again; `serial`
    changes whenever pending timers must no longer count. `state`: raised, acknowledged, decided, closed.
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
