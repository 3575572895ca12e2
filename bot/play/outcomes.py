"""What happened in a play, one object an outcome, in the shape that interfaces.md fixes. May not compare or print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from bot import records
from bot.channels import segments, twilio_codes
from bot.channels.base import SendFailed
from bot.filing import plain
from bot.play.script import LONDON
from flows.model import Level
from storage import alerts, messages, outbox, people
from storage.codes import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.channels.base import Outgoing
    from bot.play.stage import Stage
    from flows.deadlines import Deadline
    from flows.model import Alert, Answer, Concern, Task
    from storage.database import Transaction

    Outcome: TypeAlias = dict[str, Any]

# Within one turn.
ORDER = ("answer", "concern", "alert", "holder", "state", "deadline", "task", "say", "page", "notice", "record")


def order(outcome: Outcome) -> int:
    """Where an outcome stands within its turn."""
    return ORDER.index(outcome["kind"])


def failure(code: str) -> SendFailed:
    """What the channel would raise for a provider's code."""
    return SendFailed(twilio_codes.reason(int(code) if code.isdecimal() else None), code=code)


class Watcher:
    """Turns what was carried out into outcomes; numbers alerts from 1."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.alerts: list[str] = []
        self.last_alert: tuple[object, ...] = ()

    def saw(self, kind: str, about: str, fields: Mapping[str, object]) -> None:
        """`runner` carried something out for a conversation."""
        if about and about != self.stage.conversation:
            self.stage.conversation = about
        shape = _SHAPES.get(kind)
        if shape is not None:
            self.add(kind, **shape(self, fields))

    def add(self, kind: str, **fields: object) -> None:
        """One more outcome, at the play's time."""
        if kind == "alert" and self.last_alert == tuple(fields.values()):
            return
        if kind == "alert":
            self.last_alert = tuple(fields.values())
        self.stage.add({"at": self.stage.local(), "kind": kind, **fields})

    def number(self, alert: str) -> int:
        """An alert's number in this play."""
        if alert not in self.alerts:
            self.alerts.append(alert)
        return self.alerts.index(alert) + 1

    def sent(self, tx: Transaction, channel: str, outgoing: Outgoing) -> None:
        """A text was handed to a phone: to the child, or to a member of staff."""
        sending = outbox.look(tx, outgoing.outbox_id)
        if sending is None:
            return
        if sending.contact is not None:
            message = (
                messages.load(tx, sending.message, sending.conversation)
                if sending.conversation and sending.message
                else None
            )
            self.add(
                "say",
                key=message.key if message else None,
                text=outgoing.text,
                locale=message.locale if message else None,
                channel=channel,
                segments=segments.count(outgoing.text).segments,
            )
            return
        person = people.load(tx, sending.staff or "")
        if sending.kind is Sending.NOTICE:
            self.add("notice", to=person.name, role=person.role.value, text=outgoing.text)
            return
        page = next(one for one in alerts.pages(tx, sending.alert or "") if one.outbox == sending.id)
        self.add("page", to=person.name, role=page.role.value, rung=page.rung, method=page.method, text=outgoing.text)

    def record(self, tx: Transaction) -> Outcome:
        """The record at the end of the play."""
        filed = plain.as_dict(records.build(tx, self.stage.house, self.stage.conversation))
        return {"at": self.stage.local(), "kind": "record", **filed}


def _answer(_watcher: Watcher, fields: Mapping[str, Any]) -> dict[str, object]:
    answer: Answer = fields["answer"]
    value = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    shown: dict[str, object] = {"question": answer.question, "value": value}
    if answer.value is None:
        shown["skipped"] = True
    if answer.unclear:
        shown["unclear"] = True
    return shown | {"said": answer.said}


def _concern(_watcher: Watcher, fields: Mapping[str, Any]) -> dict[str, object]:
    concern: Concern = fields["concern"]
    return {
        "level": concern.level.name,
        "detected": concern.detected.name,
        "categories": list(concern.categories),
        "evidence": [{"start": hit.start, "end": hit.end, "rule": hit.rule} for hit in concern.evidence],
        "locked": concern.guard.locks,
        "reason": concern.reason,
    }


def _alert(watcher: Watcher, fields: Mapping[str, Any]) -> dict[str, object]:
    alert: Alert = fields["alert"]
    return {
        "id": watcher.number(alert.id),
        "level": Level(alert.level).name,
        "state": alert.state,
        # The alert names the rung to be tried next; what is shown is the one that was reached.
        "rung": alert.ladder.rung_number(max(alert.rung - 1, 0)),
    }


def _task(_watcher: Watcher, fields: Mapping[str, Any]) -> dict[str, object]:
    task: Task = fields["task"]
    due = fields["due"]
    return {"what": task.what, "for": task.role, "due": due.astimezone(LONDON).isoformat(timespec="seconds")}


def _deadline(_watcher: Watcher, fields: Mapping[str, Any]) -> dict[str, object]:
    deadline: Deadline = fields["deadline"]
    due = deadline.due.astimezone(LONDON).isoformat(timespec="seconds")
    return {"rule": deadline.rule, "due": due, "status": deadline.status.value, "part": deadline.part}


_SHAPES: dict[str, Callable[[Watcher, Mapping[str, Any]], dict[str, object]]] = {
    "answer": _answer,
    "concern": _concern,
    "alert": _alert,
    "task": _task,
    "holder": lambda _watcher, fields: {"holder": fields["holder"]},
    "state": lambda _watcher, fields: {"state": fields["state"], "step": fields["step"]},
    "deadline": _deadline,
}
