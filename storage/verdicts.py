"""What people say of what the machine heard: one press on an alert, waiting to be read by whoever tends the phrases.

May not hold a word of a child: the evidence stands in the concerns, and what leaves here names rules and levels only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from storage import alerts, answers, conversations, ids, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.database import Transaction

VERDICTS: Final = ("right", "false_alarm", "should_be_higher", "missed_earlier")

_V: Final = tables.verdicts.c
_COLUMNS: Final = (_V.id, _V.alert_id, _V.conversation_id, _V.verdict, _V.by, _V.at, _V.reviewed_by, _V.reviewed_at)
_ADD: Final = insert(tables.verdicts)
_OF: Final = select(*_COLUMNS).where(_V.alert_id == bindparam("alert")).order_by(_V.id)
_REPLACED: Final = delete(tables.verdicts).where(_V.alert_id == bindparam("alert"), _V.by == bindparam("staff"))
_KEPT: Final = (
    select(*_COLUMNS)
    .join(tables.conversations, tables.conversations.c.id == _V.conversation_id)
    .join(tables.contacts, tables.contacts.c.id == tables.conversations.c.contact_id)
    .where(tables.contacts.c.erased_at.is_(None))
)
_QUEUE: Final = _KEPT.where(_V.reviewed_at.is_(None)).order_by(_V.at, _V.id)
_ALL: Final = _KEPT.order_by(_V.id)
_REVIEW: Final = (
    update(tables.verdicts)
    .where(_V.id == bindparam("verdict_id"), _V.reviewed_at.is_(None))
    .values(reviewed_by=bindparam("staff"), reviewed_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One press. `by`: a staff id."""

    id: str
    alert: str
    conversation: str
    verdict: str
    by: str
    at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None


def add(tx: Transaction, alert: str, conversation: str, verdict: str, by: str, now: datetime) -> Verdict:
    """Keep a press; what the same person said of this alert before it is gone. ValueError for one that there is none of."""
    if verdict not in VERDICTS:
        message = f"no such verdict: use one of {', '.join(VERDICTS)}"
        raise ValueError(message)
    said = next((one for one in of(tx, alert) if one.by == by), None)
    if said is not None and said.verdict == verdict:
        return said
    tx.execute(_REPLACED, {"alert": alert, "staff": by})
    made = Verdict(ids.new(), alert, conversation, verdict, by, now, None, None)
    held = {"id": made.id, "alert_id": alert, "conversation_id": conversation, "verdict": verdict, "by": by, "at": now}
    tx.execute(_ADD, held)
    return made


def of(tx: Transaction, alert: str) -> tuple[Verdict, ...]:
    """What each person says of an alert, oldest first."""
    return tuple(Verdict(*row) for row in tx.execute(_OF, {"alert": alert}))


def queue(tx: Transaction) -> tuple[Verdict, ...]:
    """What nobody has reviewed, oldest first; of an erased child nothing is left to read."""
    return tuple(Verdict(*row) for row in tx.execute(_QUEUE))


def review(tx: Transaction, verdict: str, by: str, now: datetime) -> bool:
    """Somebody has read it; False when somebody had already, or there is none."""
    return tx.execute(_REVIEW, {"verdict_id": verdict, "staff": by, "now": now}).rowcount == 1


def exported(tx: Transaction) -> Iterator[dict[str, Any]]:
    """One row a concern of every judged alert, of what was heard until it was decided: rules, levels, doubts, language, the
    week. No word, no id, no place in a text, nobody's name: what tends the phrases needs none of them. Unopened is left out.
    """
    for one in [Verdict(*row) for row in tx.execute(_ALL)]:
        conversation, alert = conversations.readable(tx, one.conversation), alerts.readable(tx, one.alert)
        if conversation is None or alert is None:
            continue
        year, week, _ = one.at.isocalendar()
        for heeded in answers.concerns(tx, one.conversation):
            # An earlier or a later alert of the same child was not what somebody called false.
            if heeded.at < alert.opened_at or (alert.decided_at is not None and heeded.at > alert.decided_at):
                continue
            concern = heeded.concern
            yield {
                "verdict": one.verdict,
                "week": f"{year}-W{week:02d}",
                "flow": conversation.flow,
                "locale": conversation.locale,
                "level": concern.level.name,
                "detected": concern.detected.name,
                "categories": list(concern.categories),
                "rules": [hit.rule for hit in concern.evidence],
                "doubts": sorted({hit.doubt for hit in concern.evidence if hit.doubt}),
                "unscreened": concern.unscreened,
                "from_words": heeded.message is not None,
            }
