"""`waymark lists ...`: which times missing belong in a list that is owed, and that it was filed. Thin: see `listing`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands import Json, now, say, settings

lists_app = typer.Typer(no_args_is_help=True, help="Lists that are owed. Example: waymark lists show weekly")

_Kind = Annotated[str, typer.Argument(help="weekly, annex-a or year.")]
_By = Annotated[str, typer.Option("--by", help="Who did it: a name of the staff.")]


@lists_app.command("show")
def show(
    kind: Annotated[str, typer.Argument(help="weekly, annex-a, year; or hosted: placed here by another authority.")],
    at: Annotated[str | None, typer.Option("--at", help="Local time of the run; now, when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Which times missing belong in it, by case names. Example: waymark lists show weekly --json"""
    from bot import listing

    for line in listing.show(settings(), kind, at, now()):
        if "missing" not in line:
            said = f"{line['case']:<24} no key opens it: nobody can say whether it belongs here; see `waymark doctor`"
            say(json.dumps(line) if as_json else said)
            continue
        until = line["returned"][:16].replace("T", " ") if line["returned"] else "not back"
        whose = f"  {line['responsible']} in {line['host']}, {line['times']} in a year" if "host" in line else ""
        said = f"{line['case']:<24} {line['missing'][:16].replace('T', ' ')} - {until}  {line['status']}{whose}"
        say(json.dumps(line) if as_json else said)


@lists_app.command("want")
def want(kind: _Kind, by: _By) -> None:
    """Somebody asked for it, as an inspection does: a manager's work. Example: waymark lists want annex-a --by Mel"""
    from bot import listing

    say(listing.want(settings(), kind, by, now()))


@lists_app.command("filed")
def filed(kind: _Kind, by: _By) -> None:
    """It was run and filed. Example: waymark lists filed weekly --by Mel"""
    from bot import listing

    say(listing.filed(settings(), kind, by, now()))
