"""What a worker waits for from one of us: told once, to whoever there is of the role that comes first. May not page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import alarms, calling, conflict, pages
from storage import conversations, people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.people import Person


def tell_first(  # noqa: PLR0913, PLR0917 - whom, of what, when
    tx: Transaction,
    house: House,
    who: Person,
    conversation: str,
    what: str,
    roles: Sequence[str],
    at: datetime,
    more: str = "",
) -> None:
    """Tell those on a shift in the first of `roles` that anybody but `who` stands in; where nobody does, whoever can be reached;
    nobody who is kept from this child. `what`, `more`: as `pages.about` has them.
    """
    text = pages.about(what, conversations.contact_of(tx, conversation).reference, who=more)
    not_them = {who.name, *conflict.kept_from(tx, conversation)}
    on = [one for one in people.on_duty(tx, at) if one.name not in not_them]
    if not any(one.role in roles for one in on):
        # A child waits for it: whoever can be reached hears of it, on a shift or not.
        on = [one for one in calling.present(tx, house, at, urgent=True) if one.name not in not_them]
    role = next((one for one in roles if any(each.role == one for each in on)), None)
    for one in on:
        if one.role == role:
            alarms.notice(tx, house, one.name, text, at)
