"""A worker's part of a record from the command line: finds the interview and the person, does one act, says how it stands.

May not decide what may be recorded: that is `flows.report`, through `recording`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from bot import app, beginning, considered, exporting, keeping, recording, records, serving, staffing
from bot.filing import plain, worker
from flows import toolkit
from storage import cases, hands
from storage.commit import Committer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.config import Settings
    from bot.runner import House
    from flows.report import Report
    from storage.database import Transaction
    from storage.people import Person

    Act: TypeAlias = "Callable[[Transaction, House, Person, str, datetime], Report]"

Line: TypeAlias = "dict[str, Any]"
T = TypeVar("T")


def act(settings: Settings, named: str, by: str, do: Act, at: datetime) -> str:
    """One act of one person; returns how the record stands then. Raises NotFound and NotRecorded."""

    def work(tx: Transaction, house: House) -> str:
        conversation = exporting.find(tx, named)
        return _standing(tx, conversation, do(tx, house, staffing.named(tx, by), conversation, at))

    return housed(settings, work)


def to_sign(settings: Settings, named: str, by: str, at: datetime) -> tuple[list[Line], str]:
    """What somebody is about to stand for, as `shown`, and a mark of it. Raises NotFound and NotRecorded."""

    def work(tx: Transaction, house: House) -> tuple[list[Line], str]:
        conversation = exporting.find(tx, named)
        held, _ = recording.to_sign(tx, staffing.named(tx, by), conversation)
        return list(_lines(tx, house, conversation, held, at)), recording.digest(tx, house, conversation, held)

    return housed(settings, work)


def sign(settings: Settings, named: str, by: str, read: str, at: datetime) -> str:
    """Stand for what was `read`, a mark of `to_sign`, and for nothing else. Raises NotFound and NotRecorded."""
    return act(settings, named, by, partial(recording.sign, read=read), at)


def begin(settings: Settings, named: str, by: str, at: datetime) -> str:
    """A record without a chat, which is theirs to write from now on; returns its id. Raises NotFound, Refused, NotRecorded."""

    def work(tx: Transaction, house: House) -> str:
        who, case = staffing.named(tx, by), cases.find(tx, named)
        recording.may_write(who)
        if case is None:
            raise keeping.NotFound(f"case '{named}': not known; give its two words, as the desk shows them")
        made = beginning.without_chat(tx, house, case.id, who.id, at)
        hands.put(tx, made.id, who.id, at)
        return made.id

    return housed(settings, work)


def shown(settings: Settings, named: str, at: datetime) -> list[Line]:
    """What is recorded, one object a line: the record, what the answers propose, what the indicators make, what lacks."""

    def work(tx: Transaction, house: House) -> list[Line]:
        conversation = exporting.find(tx, named)
        held = recording.current(tx, conversation)
        return list(_lines(tx, house, conversation, held, at))

    return housed(settings, work)


def housed(settings: Settings, work: Callable[[Transaction, House], T]) -> T:
    """One piece of work with the house it needs."""
    database = app.database(settings)
    committer = Committer(database, writers=1)
    try:
        serving.check_schema(database)
        house = app.furnish(committer, settings)
        return committer.submit(lambda tx: work(tx, house))
    finally:
        committer.close()
        database.close()


def _lines(tx: Transaction, house: House, conversation: str, held: Report, at: datetime) -> Iterator[Line]:
    yield {"kind": "record", **worker.as_dict(held), **plain.since(records.build(tx, house, conversation))}
    proposed = recording.proposed(tx, conversation, held)
    yield {"kind": "proposed", "indicators": {code: recording.kit().text(code) for code in proposed}}
    if (one := considered.proposed(tx, conversation, held, house.settings.timezone)) is not None:
        source = {
            "level": one.level,
            "decision": one.decision,
            "by": one.by,
            "at": one.at.isoformat(),
            "because": one.because,
        }
        yield {"kind": "considered", "fields": dict(one.fields), "from": source}
    found = recording.assessed(tx, house, conversation, held, at)
    yield {
        "kind": "assessed",
        "level": found.level.name.lower(),
        "provisional": found.provisional,
        "reasons": list(found.reasons),
        "consider": list(found.flags),
        "actions": list(found.actions),
        "again": [day.isoformat() for day in toolkit.again(found, house.shelf.calendar.day(at)) or ()],
    }
    yield {"kind": "lacking", "fields": list(recording.lacking(tx, conversation, held)), "signed": held.signed}


def _standing(tx: Transaction, conversation: str, held: Report) -> str:
    if held.signed:
        return f"signed by {', '.join(one.by for one in held.signatures)}"
    lacks = recording.lacking(tx, conversation, held)
    return f"kept; before it is signed there lacks: {', '.join(lacks)}" if lacks else "kept; it can be signed"


def told(line: Line) -> str:
    """A line for a person to read."""
    match line["kind"]:
        case "record":
            rows = [f"  {recording.form().fields[name].label}: {value}" for name, value in line["fields"].items()]
            rows += [f"  to pass on, {one['kind']}: {one['what']}" for one in line["intelligence"]]
            rows += [f"  {one['owner']} by {one['due']}: {one['what']}" for one in line["actions"]]
            rows += [f"  signed by {one['by']}, {one['role']}, {one['at']}" for one in line["signatures"]]
            if (since := line.get("since_signed")) is not None:
                heard = f", {since['level']} was heard" if since["level"] else ""
                rows.append(f"  more was said since it was signed, {since['at']}{heard}")
            confirmed = ", ".join(line["indicators"]) or "none yet"
            return "\n".join(["recorded:", *rows, f"  indicators confirmed: {confirmed}"])
        case "proposed":
            rows = [f"  {code} {text}" for code, text in line["indicators"].items()]
            return "\n".join(["proposed by the answers, to be confirmed or left:", *(rows or ["  none"])])
        case "considered":
            rows = [f'  "{name}={value}"' for name, value in line["fields"].items()]
            one = line["from"]
            where = (
                f"L{one['level']}, {one['decision'].replace('_', ' ')} by {one['by']}, {one['at']}: {one['because']}"
            )
            return "\n".join([f"proposed by what was decided of the alert ({where}), to be set or left:", *rows])
        case "assessed":
            level = "no indicator confirmed" if line["level"] == "none" else line["level"]
            why = "; ".join((*line["reasons"], *line["consider"]))
            return f"level: {level}{', provisional' if line['provisional'] else ''}{f' ({why})' if why else ''}"
        case _:
            lacks = ", ".join(line["fields"]) or "nothing"
            return "signed" if line["signed"] else f"lacks before it can be signed: {lacks}"
