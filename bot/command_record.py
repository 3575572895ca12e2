"""Commands by which a worker completes the record of an interview and signs it. Thin: `recording` does the work.

Whoever is named with --by stands for what they do; a case is named by its two words, a conversation by its id.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import Json, now, say, settings, stop

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from flows.report import Report
    from storage.database import Transaction
    from storage.people import Person

    Act = Callable[[Transaction, House, Person, str, datetime], Report]

record_app = typer.Typer(
    no_args_is_help=True, help="The worker's part of a record. Example: waymark record show amber-heron"
)
Case = Annotated[str, typer.Argument(help="The case: its two words; or the interview's id.")]
By = Annotated[str, typer.Option("--by", help="Who does this: a name of the staff.")]
Fields = Annotated[list[str], typer.Argument(help="field=value, as many as wanted; an empty value takes one away.")]


@record_app.command("show")
def show(case: Case, as_json: Json = False) -> None:
    """What is recorded, what is proposed, what lacks before it can be signed. Example: waymark record show amber-heron"""
    from bot import record_desk

    for line in record_desk.shown(settings(), case, now()):
        say(json.dumps(line, ensure_ascii=False) if as_json else record_desk.told(line))


@record_app.command("begin")
def begin(case: Case, by: By) -> None:
    """The record of an interview that is not held by text. Example: waymark record begin amber-heron --by Rosa"""
    from bot import record_desk

    say(f"begun: {record_desk.begin(settings(), case, by, now())}")


@record_app.command("set")
def set_fields(case: Case, fields: Fields, by: By) -> None:
    """Set fields of the record. Example: waymark record set amber-heron mode=phone with=child --by Rosa"""
    from bot import recording

    given = _pairs(fields)
    _act(case, by, lambda tx, _house, who, talk, at: recording.set_fields(tx, who, talk, given, at))


@record_app.command("confirm")
def confirm(
    case: Case,
    codes: Annotated[list[str], typer.Argument(help="Codes of the toolkit, as in L01 M07 TR04.")],
    by: By,
    back: Annotated[bool, typer.Option("--back", help="Take them back.")] = False,
) -> None:
    """Confirm indicators, which the program only proposes. Example: waymark record confirm amber-heron L01 L04 --by Rosa"""
    from bot import recording

    given = [one.upper() for one in codes]
    _act(case, by, lambda tx, _house, who, talk, at: recording.confirm(tx, who, talk, given, at, back=back))


@record_app.command("level")
def level(
    case: Case,
    to: Annotated[str, typer.Argument(help="none, low, medium or high.")],
    by: By,
    because: Annotated[str, typer.Option("--because", help="Why, where it is set down.")] = "",
) -> None:
    """Confirm the level; down only a manager, with a reason. Example: waymark record level amber-heron medium --by Rosa"""
    from bot import recording

    _act(case, by, lambda tx, house, who, talk, at: recording.set_level(tx, house, who, talk, to.lower(), because, at))


@record_app.command("intelligence")
def intelligence(
    case: Case,
    kind: Annotated[str, typer.Option("--kind", help="person, place, vehicle, phone, online_name or other.")],
    what: Annotated[str, typer.Option("--what", help="As it is passed on, without who told it.")],
    by: By,
    words: Annotated[str, typer.Option("--words", help="The child's own, which stay here.")] = "",
) -> None:
    """Add something that can be passed on without the child.

    Example: waymark record intelligence amber-heron --kind place --what "flat over the shop" --by Rosa
    """
    from bot import recording

    _act(case, by, lambda tx, _h, who, talk, at: recording.add_intelligence(tx, who, talk, kind, what, words, at))


@record_app.command("action")
def action(
    case: Case,
    what: Annotated[str, typer.Option("--what", help="What will be done.")],
    owner: Annotated[str, typer.Option("--owner", help="Who does it.")],
    due: Annotated[str, typer.Option("--due", help="By which day: 2026-11-20.")],
    by: By,
) -> None:
    """Add who does what by when.

    Example: waymark record action amber-heron --what "ring school" --owner Rosa --due 2026-11-20 --by Rosa
    """
    from bot import recording

    _act(case, by, lambda tx, _h, who, talk, at: recording.add_action(tx, who, talk, what, owner, due, at))


@record_app.command("correct")
def correct(
    case: Case,
    question: Annotated[str, typer.Argument(help="Which answer, by its question's key.")],
    by: By,
    words: Annotated[str, typer.Option("--words", help="The child's new words.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="The child takes the answer back.")] = False,
) -> None:
    """Keep the child's own correction beside what they said first.

    Example: waymark record correct amber-heron where --words "at my nan's" --by Rosa
    """
    from bot import recording

    _act(
        case,
        by,
        lambda tx, house, who, talk, at: recording.correct(
            tx, house, who, talk, question, words, at, withdraws=withdraw
        ),
    )


@record_app.command("sign")
def sign(case: Case, by: By) -> None:
    """Stand for the record, which is shown first; nothing changes afterwards. In a terminal it asks before it signs.

    Example: waymark record sign amber-heron --by Rosa
    """
    from bot import record_desk

    lines, read = record_desk.to_sign(settings(), case, by, now())
    for line in lines:
        say(record_desk.told(line))
    if sys.stdin.isatty() and not typer.confirm("Do you stand for this, and for the child's answers?"):
        raise stop("not signed: nothing was changed")
    say(record_desk.sign(settings(), case, by, read, now()))


@record_app.command("amend")
def amend(case: Case, fields: Fields, by: By, because: Annotated[str, typer.Option("--because", help="Why.")]) -> None:
    """Amend a signed record, dated and with the reason.

    Example: waymark record amend amber-heron s47=started --by Rosa --because "decided today"
    """
    from bot import recording

    given = _pairs(fields)
    _act(case, by, lambda tx, house, who, talk, at: recording.amend(tx, house, who, talk, given, because, at))


def _pairs(fields: list[str]) -> dict[str, str]:
    found = {}
    for one in fields:
        name, mark, value = one.partition("=")
        if not mark:
            raise stop(f"'{one[:40]}': write field=value, as in mode=phone")
        found[name.strip()] = value
    return found


def _act(case: str, by: str, act: Act) -> None:
    from bot import record_desk

    say(record_desk.act(settings(), case, by, act, now()))
