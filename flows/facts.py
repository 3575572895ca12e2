"""What a condition may ask about: the child's answers, the record, and how things stand now.

May not decide anything: it only names. The names are the closed list that `loader` accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flows.model import SKIPPED, Privacy, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.events import Desk
    from flows.model import Answer, Concern, Conversation

UNCLEAR = "unclear"
EASY_WORDS = "E"
RAISED_BELOW = 13
_NOTHING: Final[Mapping[str, object]] = {}


def under_13(conversation: Conversation) -> bool:
    """Known to be under 13, or asked and not told (decisions 6: unknown after asking counts as under 13)."""
    age = conversation.facts.get("age")
    if age is not None:
        return int(age) < RAISED_BELOW
    return conversation.facts.get("age_band") in ("under_13", SKIPPED)


def age(conversation: Conversation) -> int | None:
    """The age on the record, in whole years; None when only a band or nothing is known."""
    known = conversation.facts.get("age")
    return None if known is None else int(known)


def age_known(conversation: Conversation) -> bool:
    """Whether the record or the child has said how old they are."""
    band = conversation.facts.get("age_band", SKIPPED)
    return "age" in conversation.facts or band != SKIPPED


def early(conversation: Conversation) -> bool:
    """Whether an asserted L2 harm counts as L3: under 13, a learning disability, or age unknown (decisions 6)."""
    return under_13(conversation) or not age_known(conversation) or learning_disability(conversation.facts)


def learning_disability(record: Mapping[str, object]) -> bool:
    """Whether one is on record."""
    return record.get("learning_disability") in ("yes", 1, True)


def learnt(conversation: Conversation, record: Mapping[str, str | int]) -> Conversation:
    """A conversation by what the record says now; what the child said stays. A learning disability that it did not know of: easy
    words from here on (decisions 1).
    """
    before = conversation.facts
    if all(before.get(name) == value for name, value in record.items()):
        return conversation
    path = conversation.path
    if learning_disability(record) and not learning_disability(before):
        path = EASY_WORDS
    return changed(conversation, facts={**before, **record}, path=path)


def answered(conversation: Conversation) -> dict[str, object]:
    """Question -> value, with `skipped` and `unclear` as words of their own."""
    return {key: _meant(answer) for key, answer in conversation.answers.items()}


def _meant(answer: Answer) -> object:
    if answer.value is None:
        return SKIPPED
    return UNCLEAR if answer.unclear else answer.value


def names(
    conversation: Conversation,
    service: Desk,
    concern: Concern | None = None,
    described: Mapping[str, object] = _NOTHING,
) -> Mapping[str, object]:
    """Every name a condition may use, with its value now. `concern` is the one being answered, if any, and `described`
    what else may be asked about it.
    """
    return _Names(conversation, service, concern, described)


class _Names(Mapping[str, object]):
    """Looked up when asked for: a text asks for half a dozen of some fifty, in two states of its conversation."""

    __slots__ = ("_c", "_concern", "_described", "_service")

    def __init__(
        self, conversation: Conversation, service: Desk, concern: Concern | None, described: Mapping[str, object]
    ) -> None:
        self._c, self._service, self._concern, self._described = conversation, service, concern, described

    def get(self, name: str, default: object = None) -> object:
        """What is described, else how things stand, else the child's answer, else the record."""
        if name in self._described:
            return self._described[name]
        standing = _STANDING.get(name)
        if standing is not None:
            return standing(self._c, self._service, self._concern)
        answer = self._c.answers.get(name)
        return _meant(answer) if answer is not None else self._c.facts.get(name, default)

    def __getitem__(self, name: str) -> object:
        if name in self._described or name in _STANDING or name in self._c.answers:
            return self.get(name)
        return self._c.facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._c.facts, **self._c.answers, **_STANDING, **self._described})

    def __len__(self) -> int:
        return len({*self._c.facts, *self._c.answers, *_STANDING, *self._described})


_STANDING: Final[Mapping[str, Callable[[Conversation, Desk, Concern | None], object]]] = {
    "path": lambda c, _service, _concern: c.path,
    "channel": lambda c, _service, _concern: c.channel,
    "privacy": lambda c, _service, _concern: c.privacy.value,
    "quiet": lambda c, _service, _concern: c.quiet,
    "begun": lambda c, _service, _concern: c.begun,
    "locked": lambda c, _service, _concern: c.guard.locks,
    "guard": lambda c, _service, concern: (concern.guard if concern else c.guard).value,
    "level": lambda c, _service, concern: int(concern.level if concern else c.level),
    "alone": lambda c, _service, _concern: c.privacy is Privacy.ALONE,
    "early": lambda c, _service, _concern: early(c),
    "under_13": lambda c, _service, _concern: under_13(c),
    "on_duty": lambda _c, service, _concern: bool(service.on_duty) and service.open,
    "open": lambda _c, service, _concern: service.open,
    "night": lambda _c, service, _concern: service.night,
    "alert_open": lambda _c, service, _concern: service.alert_level is not None,
    "alert_taken": lambda _c, service, _concern: service.alert_taken,
    "alert_minutes": lambda _c, service, _concern: service.alert_age_minutes,
    "worst": lambda c, _service, _concern: int(c.level),
    "night_page": lambda _c, _service, concern: concern is not None and concern.night_page,
    "disclosed": lambda c, _service, _concern: "locks" in c.counts,
}
