"""What parents and carers wrote, as it stands in the record of an interview: its seventh area. May not ask anybody anything."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.channels.base import NO_CHAT
from flows import parents
from flows.record import Entry
from storage import cases, conversations, parent_forms

if TYPE_CHECKING:
    from flows.parents import Form
    from storage.database import Transaction
    from storage.parent_forms import ParentForm

# Whose words they are, wherever a record says by whom.
BY: Final = "a parent or carer"


@lru_cache(maxsize=1)
def form() -> Form:
    """What they are asked, read once a process."""
    return parents.load()


def entries(tx: Transaction, conversation: str) -> tuple[Entry, ...]:
    """What parents and carers wrote, as it stands in the seventh area of the record; it is nobody's answer but theirs. What they
    wrote before there was a chat about this time missing stands in its record too.
    """
    return tuple(
        Entry(f"parent_{name}", form().questions[name].text, value, parents.told(form(), name, value), one.answered_at,
              "en", BY, unclear=False, messages=())
        for one in (*_before(tx, conversation), *parent_forms.of(tx, conversation))
        if one.answered_at is not None
        for name, value in one.answers.items()
        if name in form().questions
    )  # fmt: skip


def _before(tx: Transaction, conversation: str) -> tuple[ParentForm, ...]:
    """What came, before this chat began, by a record without a chat about the same time missing. What comes later changes
    nothing here: this record may be signed by then.
    """
    case, c = conversations.case_of(tx, conversation), conversations.peek(tx, conversation)
    if case is None or c.channel == NO_CHAT:
        return ()
    root = cases.root(tx, case)
    begun = [one.missing_at for one in cases.episodes(tx, root) if one.missing_at <= c.started_at]
    return tuple(
        form
        for member in cases.members(tx, root)
        for talk in conversations.of_case(tx, member)
        if (other := conversations.peek(tx, talk)).channel == NO_CHAT
        and max(begun, default=other.started_at) <= other.started_at
        for form in parent_forms.of(tx, talk)
        if form.answered_at is not None and form.answered_at <= c.started_at
    )
