"""What people of the service are told, with no answer wanted. May not page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import calling, conflict, pages, paging
from storage import conversations, outbox, people
from storage.codes import Sending
from storage.outbox import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.people import Person


def notice(  # noqa: PLR0913, PLR0917 - to whom, what, when, how
    tx: Transaction, house: House, to: str, text: str, at: datetime, alert: str | None = None, by: str | None = None
) -> None:
    """Something a person should know; no answer is wanted. `by`: the way they wrote to us, to be answered there."""
    person = people.by_name(tx, to) if to else None
    if person is None:
        return
    draft = Draft(
        kind=Sending.NOTICE,
        channel=by or paging.notice_by(tx, house, person.id),
        text=text,
        not_before=at,
        staff=person.id,
        alert=alert,
        # A second copy of a notice harms nobody; a lost one may be how the duty worker was to hear.
        repeat_in_doubt=True,
    )
    outbox.add(tx, draft, at)


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
    """What a worker waits for from one of us, told once: to those on a shift in the first of `roles` that anybody but `who` has;
    where nobody has, to whoever can be reached; to nobody who is kept from this child. `what`, `more`: as `pages.about` has
    them.
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
            notice(tx, house, one.name, text, at)
