"""What parents and carers wrote, as it stands in the record of an interview: its seventh area. May not ask anybody anything."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flows import parents
from flows.record import Entry
from storage import parent_forms

if TYPE_CHECKING:
    from flows.parents import Form
    from storage.database import Transaction

# Whose words they are, wherever a record says by whom.
BY: Final = "a parent or carer"


@lru_cache(maxsize=1)
def form() -> Form:
    """What they are asked, read once a process."""
    return parents.load()


def entries(tx: Transaction, conversation: str) -> tuple[Entry, ...]:
    """What parents and carers wrote, as it stands in the seventh area of the record; it is nobody's answer but theirs."""
    return tuple(
        Entry(f"parent_{name}", form().questions[name].text, value, parents.told(form(), name, value), one.answered_at,
              "en", BY, unclear=False, messages=())
        for one in parent_forms.of(tx, conversation)
        if one.answered_at is not None
        for name, value in one.answers.items()
        if name in form().questions
    )  # fmt: skip
