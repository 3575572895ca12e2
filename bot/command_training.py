"""Commands about who is trained. Thin: `bot.training` does the work."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands import Json, now, say, settings


def staff_trained(
    name: Annotated[str, typer.Argument(help="The person.")],
    until: Annotated[str, typer.Option("--until", help="The last day their training holds: 2027-11-30.")],
    dbs: Annotated[str, typer.Option("--dbs", help="The last day their background check holds.")],
    regulated: Annotated[
        bool, typer.Option("--regulated", help="Theirs is a role that must report FGM to the police.")
    ] = False,
) -> None:
    """Record training and background check. Example: waymark staff trained Ana --until 2027-11-30 --dbs 2028-05-31"""
    from bot import training

    say(training.record(settings(), name, until, dbs, now(), regulated=regulated))


def staff_training(as_json: Json = False) -> None:
    """Whose talk with a child counts today, and until when. Example: waymark staff training"""
    from bot import training

    for one in training.everyone(settings(), now()):
        say(json.dumps(one) if as_json else training.told(one))


def mount(staff_app: typer.Typer) -> None:
    """Put the commands under `waymark staff`."""
    staff_app.command("trained")(staff_trained)
    staff_app.command("training")(staff_training)
