"""Commands about who is on duty, and the switches of the house. Thin: `rostering` and `switching` do the work."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands import FAILED, now, say, settings, stop

rota_app = typer.Typer(no_args_is_help=True, help="Who is on duty. Example: waymark rota show")


@rota_app.command("add")
def rota_add(
    name: str,
    role: Annotated[str, typer.Option(help="duty, backup, manager, service_manager or worker.")],
    start: Annotated[str, typer.Option("--from", help="2026-11-21 20:00, local time.")],
    end: Annotated[str, typer.Option("--to", help="2026-11-22 08:00, local time.")],
) -> None:
    """Put a person on duty. Example: waymark rota add Ana --role duty --from "2026-11-21 20:00" --to "2026-11-22 08:00" """
    from bot import rostering

    rostering.add_shift(settings(), name, role, start, end)
    say(f"{name}: {role} from {start} to {end}")


@rota_app.command("show")
def rota_show(days: Annotated[int, typer.Option(help="How many days ahead.")] = 7) -> None:
    """Who is on when. Example: waymark rota show --days 3"""
    from bot import rostering

    for line in rostering.shifts(settings(), now(), days):
        say(line)


@rota_app.command("gaps")
def rota_gaps(days: Annotated[int, typer.Option(help="How many days ahead.")] = 7) -> None:
    """Hours without anybody in a role; exit 1 when there are any. Example: waymark rota gaps"""
    from bot import rostering

    found = rostering.gaps(settings(), now(), days)
    for line in found:
        say(line)
    if found:
        raise typer.Exit(FAILED)


# --- switches ---------------------------------------------------------------------------------------------------------


def switch(
    name: Annotated[str, typer.Argument(help="closed: nobody is at the desk; flood: group what comes from the web.")],
    state: Annotated[str, typer.Argument(help="on or off.")],
    by: Annotated[str, typer.Option("--by", help="The manager who turns it.")],
    until: Annotated[
        str | None, typer.Option("--until", help="2026-11-21 20:00, local time: it ends by itself.")
    ] = None,
) -> None:
    """Turn a switch while the house runs. Example: waymark switch closed on --by Mel --until "2026-11-21 20:00" """
    from bot import rostering

    if state not in ("on", "off"):
        raise stop(f"'{state}': a switch is turned on or off")
    rostering.switch(settings(), name, by, on=state == "on", until=until, now=now())
    say(f"{name}: {state}")
