"""What is known of a child, an episode and an interview, as the clocks need it. May not decide anything: facts only.

Every time is given as an aware datetime and kept in UTC; where only a date is known, give noon of that day in the service's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flows.working_time import aware

if TYPE_CHECKING:
    from flows.model import Level

# How a person can have spoken with a child (decisions 8). An unattended chat is none of them.
SPOKEN = frozenset({"face_to_face", "video", "phone", "live_chat"})


def of_rule(rule: str, part: str) -> str:
    """How a clock is named in what people log: `R17`, `R15.director`."""
    return f"{rule}.{part}" if part else rule


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that began at `at` and was answered at `done_at`. `key` tells it from others of its sort for good."""

    key: str
    at: datetime
    done_at: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """An alert as the clocks see it. `at`: when it reached `level`; a higher level starts its clocks anew."""

    key: str
    level: Level
    at: datetime
    acknowledged_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """Somebody spoke with the child. `by`: who, empty when not named. `mode`: one of `SPOKEN`, or another way."""

    at: datetime
    by: str
    trained: bool
    mode: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One offer of the interview. `by_person`: a person made it, not the program."""

    at: datetime
    channel: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that starts, stops or blocks a clock; absent what is unknown. ValueError for a time without a zone.

    `logged`: what people recorded as done, by rule or rule and part (`R17`, `R15.director`), for clocks that have no
    fact of their own. `repeat_days`: the service counts repeats over so many days as well (R24b). `csa_reporting`: the
    switch of R32. `check_in_days`: the days the child chose, (1, 3, 7) or (7,); empty without a yes. `parent_blocks`:
    what `deadline_blocks.standing` gave.
    """

    # the return and the interview
    returned_at: datetime | None = None
    located_at: datetime | None = None
    notified_at: datetime | None = None
    police_check_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    talks: tuple[Talk, ...] = ()
    declined_person_at: datetime | None = None
    child_account_at: datetime | None = None
    not_done_recorded_at: datetime | None = None
    interview_at: datetime | None = None
    form_signed_at: datetime | None = None
    police_copy_at: datetime | None = None
    told_child_at: datetime | None = None
    actions: tuple[Matter, ...] = ()
    check_in_days: tuple[int, ...] = ()
    check_in_at: datetime | None = None
    # the refusal
    refused_at: datetime | None = None
    parent_view_at: datetime | None = None
    parent_blocks: tuple[str, ...] = ()
    manager_considered_at: datetime | None = None
    # being missing
    missing_from: datetime | None = None
    looked_after: bool | None = None
    has_social_worker: bool | None = None
    trafficked: bool | None = None
    risk_high_at: datetime | None = None
    reviews: tuple[datetime, ...] = ()
    starts: tuple[datetime, ...] = ()
    meetings: tuple[datetime, ...] = ()
    serious_risk_at: datetime | None = None
    repeat_days: int | None = None
    whereabouts_unknown_at: datetime | None = None
    away_from: datetime | None = None
    cse_low_at: datetime | None = None
    carer_form_given_at: datetime | None = None
    photo_at: datetime | None = None
    # concerns
    flags: tuple[Flag, ...] = ()
    referrals: tuple[Matter, ...] = ()
    disagreements: tuple[Matter, ...] = ()
    strategies: tuple[Matter, ...] = ()
    fgm_told_at: datetime | None = None
    fgm_done: bool = False
    recorder_regulated: bool = False
    csa_told: tuple[Matter, ...] = ()
    csa_reporting: bool = True
    allegations: tuple[Matter, ...] = ()
    asked: tuple[Matter, ...] = ()
    logged: Mapping[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in _NAMES:
            held = getattr(self, name)
            if held:  # most facts are absent, and a flag has no time
                object.__setattr__(self, name, _in_utc(held, name))

    def log(self, rule: str, part: str = "") -> tuple[str, datetime | None]:
        """What stops a clock without a fact of its own: that somebody logged it, and when."""
        return "logged", self.logged.get(of_rule(rule, part))

    @property
    def found_at(self) -> datetime | None:
        """The earlier of located and returned, by which the child is no longer missing (G2)."""
        return min((at for at in (self.located_at, self.returned_at) if at is not None), default=None)

    @property
    def spoken_at(self) -> datetime | None:
        """When a named trained person first spoke with the child after they were found (decisions 8)."""
        found = self.found_at
        held = (
            talk.at
            for talk in self.talks
            if talk.trained and talk.by.strip() and talk.mode in SPOKEN and (found is None or talk.at >= found)
        )
        return min(held, default=None)

    @property
    def declined_at(self) -> datetime | None:
        """When the child, found, declined a person. What was said before they were found declines nothing."""
        at, found = self.declined_person_at, self.found_at
        return at if at is not None and (found is None or at >= found) else None


_NAMES: Final = tuple(one.name for one in fields(Facts))


@dataclass(frozen=True, slots=True)
class Clock:
    """What a formula makes of the facts: one thing owed by `due`.

    `stops`: what ends it and when that happened, if it did. `blocks`: why it may not be done now. `ended_at`: it is
    owed only while the child is missing, and they were found then. `appears_at`: it does not exist before.
    """

    due: datetime
    started_at: datetime
    inputs: tuple[tuple[str, datetime | str | None], ...]
    stops: tuple[tuple[str, datetime | None], ...]
    part: str = ""
    role: str = ""
    amber_at: datetime | None = None
    blocks: tuple[str, ...] = ()
    ended_at: datetime | None = None
    appears_at: datetime | None = None


def _in_utc(value: Any, name: str) -> Any:  # noqa: ANN401 - any field of the facts
    """The same value with every time in UTC: two local times of one zone compare by the wall, and one hour a year the
    wall shows twice.
    """
    if isinstance(value, datetime):
        try:
            return aware(value).astimezone(UTC)
        except ValueError as naive:
            message = f"{name}: {naive}"
            raise ValueError(message) from None
    if isinstance(value, tuple):
        return tuple(_in_utc(each, name) for each in value)
    if isinstance(value, Mapping):
        return {key: _in_utc(each, f"{name}.{key}") for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _in_utc(getattr(value, each.name), name) for each in fields(value)})
    return value
