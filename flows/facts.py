"""What a condition may ask about: the child's answers, the record, and how things stand now.

May not decide anything: it only names. The names are the closed list that `loader` accepts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.model import SKIPPED, Guard, Privacy

if TYPE_CHECKING:
    from flows.events import Desk
    from flows.model import Concern, Conversation

UNCLEAR = "unclear"
RAISED_BELOW = 13


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
    return (
        under_13(conversation)
        or not age_known(conversation)
        or conversation.facts.get("learning_disability") in ("yes", 1, True)
    )


def answered(conversation: Conversation) -> dict[str, object]:
    """Question -> value, with `skipped` and `unclear` as words of their own."""
    values: dict[str, object] = {}
    for key, answer in conversation.answers.items():
        if answer.value is None:
            values[key] = SKIPPED
        else:
            values[key] = UNCLEAR if answer.unclear else answer.value
    return values


def names(conversation: Conversation, service: Desk, concern: Concern | None = None) -> dict[str, object]:
    """Every name a condition may use, with its value now. `concern` is the one being answered, if any."""
    c = conversation
    values: dict[str, object] = dict(c.facts)
    values.update(answered(c))
    values.update(
        path=c.path,
        channel=c.channel,
        privacy=c.privacy.value,
        quiet=c.quiet,
        begun=c.begun,
        locked=c.guard in (Guard.LOCK, Guard.SOFT_LOCK),
        guard=(concern.guard if concern else c.guard).value,
        level=int(concern.level if concern else c.level),
        alone=c.privacy is Privacy.ALONE,
        early=early(c),
        under_13=under_13(c),
        on_duty=bool(service.on_duty) and service.open,
        open=service.open,
        night=service.night,
        alert_open=service.alert_level is not None,
        alert_taken=service.alert_taken,
        alert_minutes=service.alert_age_minutes,
        worst=int(c.level),
        night_page=concern is not None and concern.night_page,
        disclosed="locks" in c.counts,
    )
    return values
