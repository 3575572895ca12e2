"""What somebody else did to a record since the page was made on which a person presses now: nobody signs, confirms or puts over
what they have not read. Each says in plain words what that was. May not change a record.

Every form that sets or stands for something carries what its page showed. Whoever calls has the person locked, so that nothing
comes between the look and the act.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from bot import called, recording
from bot.filing import plain
from flows.report import NotRecorded, Report
from storage import codec, readings, reports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from flows.record import Record
    from flows.toolkit import Result
    from storage.database import Transaction

# Long enough that nobody finds another record by trying.
_HEX: Final = 16


def mark(record: Record, version: int) -> str:
    """What a page of a record shows, as one word: the version of the worker's part, the child's answers, what was heard."""
    shown = plain.as_dict(record)
    return f"{version}-{_hashed(shown['areas'], shown['other'])}-{_hashed(shown['concerns'])}"


def _hashed(*parts: Any) -> str:  # noqa: ANN401 - JSON of any shape
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:_HEX]


def as_read(tx: Transaction, record: Record, chat: str, shown: str) -> None:
    """Whoever signs has read what they sign. `shown`: the mark of the page they read. Raises NotRecorded naming what changed."""
    now = mark(record, reports.last(tx, chat, Report)[1])
    if shown == now:
        return
    version, answers, heard = (*shown.split("-"), "", "", "")[:3]
    _, answers_now, heard_now = now.split("-")
    changed = [*_changes(*_then_and_now(tx, chat, version))]
    changed += ["the child's answers"] if answers != answers_now else []
    changed += ["what was heard"] if heard != heard_now else []
    raise NotRecorded(
        f"It is not what you read any more. Changed since: {'; '.join(changed) or 'something'}."
        " Read it below as it stands now, and sign it if it is right."
    )


def _then_and_now(tx: Transaction, chat: str, version: str) -> tuple[Report, Report]:
    several = reports.of(tx, chat)
    if not several:
        return Report(), Report()
    then = next((codec.load(Report, one.value) for one in several if str(one.number) == version), Report())
    return then, codec.load(Report, several[-1].value)


def _changes(then: Report, now: Report) -> Iterator[str]:
    """What was recorded between two versions, for a person to read."""
    for name in _differ(then.fields, now.fields):
        yield recording.form().fields[name].label
    if codes := _differ(_said_of(then), _said_of(now)):
        yield f"the indicators {_texts(codes)}"
    if _level(then) != _level(now):
        yield f"the level, {now.level or 'not confirmed now'}"
    if then.intelligence != now.intelligence:
        yield "what is to be passed on"
    if then.actions != now.actions:
        yield "who does what by when"
    if then.corrections != now.corrections:
        yield "what the child put right or took back"
    yield from (f"signed by {one.by}" for one in now.signatures if one not in then.signatures)


def _differ(then: Any, now: Any) -> list[str]:  # noqa: ANN401 - mappings of names
    return sorted(name for name in {*then, *now} if then.get(name) != now.get(name))


def _texts(codes: Collection[str]) -> str:
    return "; ".join(f"“{recording.kit().text(code)}”" for code in codes)


def _level(held: Report) -> tuple[str, ...]:
    return held.level, held.level_reason, held.level_by


def _said_of(held: Report) -> dict[str, str]:
    """Indicator -> what was said of it."""
    return dict.fromkeys(held.left, "no") | {code: f"yes {held.evidence.get(code, '')}" for code in held.indicators}


# --- what is put over what ---------------------------------------------------------------------------------------------


def fields(tx: Transaction, chat: str, version: str, changed: Collection[str]) -> None:
    """Raises NotRecorded naming the fields of `changed` that say something else than in the version a form was made from."""
    then, now = _then_and_now(tx, chat, version)
    if others := [name for name in _differ(then.fields, now.fields) if name in changed]:
        named = ", ".join(recording.form().fields[name].label for name in others)
        raise NotRecorded(
            f"somebody else wrote here while you did: {named}. Yours stands below; save it again if it is right"
        )


def indicators(tx: Transaction, chat: str, version: str) -> None:
    """Raises NotRecorded naming the indicators of which somebody has said something since the version a form was made from."""
    then, now = _then_and_now(tx, chat, version)
    if others := _differ(_said_of(then), _said_of(now)):
        raise NotRecorded(
            f"somebody else weighed while you did: {_texts(others)}. Yours stands below; save it again if it is right"
        )


def level(tx: Transaction, chat: str, version: str, made: str, found: Result) -> None:
    """Whoever confirms a level knows what it is of. `made`: what their page said that the toolkit makes. Raises NotRecorded."""
    then, now = _then_and_now(tx, chat, version)
    codes = _differ(_said_of(then), _said_of(now))
    changed = [f"the indicators {_texts(codes)}"] if codes else []
    changed += [f"the level, {now.level or 'not confirmed now'}"] if _level(then) != _level(now) else []
    if made != found.level.name.lower():
        changed.append(f"what the toolkit makes, {found.level.name.lower()} now")
    if changed:
        raise NotRecorded(f"changed since you read it: {'; '.join(changed)}. Look again, and confirm it if it is right")


def released(tx: Transaction, chat: str, shown: str) -> None:
    """A code that a colleague has just given the child is not made worthless unseen. Raises NotRecorded."""
    if shown != str(len(readings.of(tx, chat))):
        raise NotRecorded(
            "somebody else gave the child a code meanwhile. Another makes theirs worth nothing: press again if that is right"
        )


def opened_to(held: Report, question: str, shown: str) -> None:
    """Whom an answer may go to is changed by whoever has read whom it goes to now. Raises NotRecorded."""
    now = held.shared.get(question, "")
    if shown != now:
        to = ", ".join(map(called.words, filter(None, now.split(",")))) or "nobody but the council"
        raise NotRecorded(
            f"somebody else changed this meanwhile: it is open to {to}. Press Keep again if yours is right"
        )
