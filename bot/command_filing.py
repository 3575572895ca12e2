"""Commands about where records go: copies to people outside, deliveries, and the register of who asked for data. Thin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import Json, now, say, settings

if TYPE_CHECKING:
    from bot.runner import House
    from storage.database import Transaction

filing_app = typer.Typer(no_args_is_help=True, help="Records that leave by themselves. Example: waymark filing show")
asked_app = typer.Typer(no_args_is_help=True, help="Who asked for what we hold. Example: waymark asked list")
By = Annotated[str, typer.Option("--by", help="Who does this: a name of the staff.")]
Because = Annotated[str, typer.Option("--because", help="Why.")]


def copy(  # noqa: PLR0913, PLR0917 - who is given what, why, by whom
    case: Annotated[str, typer.Argument(help="The case: its two words; or the interview's id.")],
    role: Annotated[
        str, typer.Option("--role", help="police, social_care, health, education, placement, parent or other.")
    ],
    to: Annotated[str, typer.Option("--to", help="Who is given it.")],
    because: Because,
    by: By,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    parts: Annotated[str, typer.Option("--parts", help="Which parts, with commas; else what the role is given.")] = "",
) -> None:
    """Write the copy of a record for somebody outside, and log it.

    Example: waymark record copy amber-heron --role police --to "PC Grey" --because "intelligence" --by Rosa --out copy.json
    """
    from bot import exporting, record_desk, sharing, staffing

    chosen = [one.strip() for one in parts.split(",") if one.strip()]

    def work(tx: Transaction, house: House) -> str:
        who, talk = staffing.named(tx, by), exporting.find(tx, case)
        return sharing.copy(tx, house, who, talk, role, to, chosen, because, now())

    with exporting.whole(out) as opened:
        opened.write(record_desk.housed(settings(), work).encode())
    say(f"{out}: written, and logged")


def copies(case: Annotated[str, typer.Argument(help="The case: its two words.")], as_json: Json = False) -> None:
    """Who was given which parts, when, why and by whom. Example: waymark record copies amber-heron"""
    from bot import exporting, keeping, sharing

    for one in keeping.within(settings(), lambda tx: sharing.log(tx, exporting.find(tx, case))):
        parts = ", ".join(map(str, one["parts"])) if isinstance(one["parts"], list) else ""
        told = f"{one['at']} {one['to']} ({one['role']}) {parts}: {one['because']}, by {one['by']}"
        say(json.dumps(one, ensure_ascii=False) if as_json else told)


def share(
    case: Annotated[str, typer.Argument(help="The case: its two words.")],
    question: Annotated[str, typer.Argument(help="Which answer, by its question's key.")],
    by: By,
    to: Annotated[str, typer.Option("--with", help="Roles with commas; empty for nobody but the council.")] = "",
) -> None:
    """Say with whom one answer may be shared. Example: waymark record share amber-heron where --with police --by Rosa"""
    from bot import record_desk, recording

    roles = [one.strip() for one in to.split(",") if one.strip()]
    say(record_desk.act(
        settings(), case, by, lambda tx, _h, who, talk, at: recording.share(tx, who, talk, question, roles, at), now()
    ))  # fmt: skip


def mount(record_app: typer.Typer) -> None:
    """Put the commands about copies under `waymark record`."""
    record_app.command("copy")(copy)
    record_app.command("copies")(copies)
    record_app.command("share")(share)


# --- deliveries -------------------------------------------------------------------------------------------------------


@filing_app.command("show")
def show(as_json: Json = False) -> None:
    """Where records are filed, whether that is confirmed, and what has not arrived. Example: waymark filing show"""
    from bot import filing_desk

    for line in filing_desk.shown(settings()):
        say(json.dumps(line) if as_json else filing_desk.told(line))


@filing_app.command("confirm")
def confirm(target: Annotated[str, typer.Argument(help="webhook or folder.")], by: By) -> None:
    """Say that a place is the right one; two managers must. Example: waymark filing confirm webhook --by Mel"""
    from bot import filing_desk

    say(filing_desk.confirm(settings(), target, by, now()))


@filing_app.command("retry")
def retry() -> None:
    """Try everything that has not arrived at once. Example: waymark filing retry"""
    from bot import filing_desk

    say(f"{filing_desk.retry(settings(), now())} will be tried now")


# --- the register -----------------------------------------------------------------------------------------------------


@asked_app.command("add")
def add(
    kind: Annotated[str, typer.Argument(help="police, court, parent, child, council or other.")],
    who: Annotated[str, typer.Option("--who", help="Who asks.")],
    what: Annotated[str, typer.Option("--what", help="For what, and under which power.")],
    by: By,
    case: Annotated[str | None, typer.Option("--case", help="The case, where it is about one.")] = None,
) -> None:
    """Write down that somebody asked for data.

    Example: waymark asked add police --who "DC Grey" --what "texts, voluntary" --by Mel
    """
    from bot import register

    say(register.add(settings(), kind, who, what, by, case, now()))


@asked_app.command("decide")
def decide(
    request: Annotated[str, typer.Argument(help="Its id, as `waymark asked list` shows it.")],
    decision: Annotated[str, typer.Argument(help="refused, given or part.")],
    because: Because,
    by: By,
) -> None:
    """Write down what a manager decided. Example: waymark asked decide ID refused --because "voluntary, text-safe" --by Mel"""
    from bot import register

    say(register.decide(settings(), request, decision, because, by, now()))


@asked_app.command("list")
def listed(as_json: Json = False) -> None:
    """Every request there was, decided or not. Example: waymark asked list"""
    from bot import register

    for line in register.listed(settings()):
        say(json.dumps(line, ensure_ascii=False) if as_json else register.told(line))
