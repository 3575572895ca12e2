"""What flows are made of, as values: steps, outcomes, categories, ladders, and the library the core is handed.

May not hold anything of a child: that is `model`, which passes these names on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

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

    @property
    def locks(self) -> bool:
        """Whether only the texts of `after_lock` may leave."""
        return self is Guard.SOFT_LOCK or self is Guard.LOCK


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
    """One numbered answer. `words` are further answers accepted in the child's language. `number` None: its position.

    `span`: the least and the most of the numbers that mean this answer by their worth, as an age does. `abroad`: answers of other
    languages, read only as they are spelt here.
    """

    value: str
    label: str
    words: tuple[str, ...] = ()
    number: int | None = None
    span: tuple[int, int] | None = None
    abroad: tuple[str, ...] = ()


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
    """Words that mean the same at any time, whole message only (decisions 5). `does` is one of `flows.commands.VERBS`; `after`:
    the text of ours that they answer, and without which they are words like others.
    """

    key: str
    does: str
    words: tuple[str, ...]
    say: str | None
    after: str | None
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
    conflict: bool
    of_others: bool
    tasks: tuple[Task, ...]
    line: int
    raises: tuple[tuple[Condition, Level], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """What is said after a concern, by who may be reading, level and guard: the first row that holds is taken."""

    when: Condition
    say: tuple[str, ...]
    goto: str | None
    ask: str | None
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

    def rung_number(self, index: int) -> int:
        """The rung as people count it, from 0: the same roles tried again by another method are still the same rung."""
        index = min(index, len(self.rungs) - 1)
        return sum(self.rungs[i].roles != self.rungs[i - 1].roles for i in range(1, index + 1))

    def lasts(self, number: int) -> timedelta:
        """How long a rung, as people count it, is the last one: until the next, or until the ladder begins again."""
        begins = {self.rung_number(index): rung.after_minutes for index, rung in reversed([*enumerate(self.rungs)])}
        again = self.rungs[-1].after_minutes + self.again_after_minutes
        return timedelta(minutes=begins.get(number + 1, again) - begins.get(number, 0))


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
    """All the engine is handed for one child: the flow in their language, the commands of every language, and by language the
    texts of the emergency pack that may be sent in it (decisions 9).
    """

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
    packs: Mapping[str, Mapping[str, Step]] = field(default_factory=dict)
