"""Commands about who is on duty, the switches of the house and its languages. Thin: `rostering` and `languages` do the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import FAILED, now, say, settings, stop

rota_app = typer.Typer(no_args_is_help=True, help="Who is on duty. Example: waymark rota show")
pattern_app = typer.Typer(no_args_is_help=True, help="Hours that come every week. Example: waymark rota pattern list")
rota_app.add_typer(pattern_app, name="pattern")

_Role = Annotated[str, typer.Option(help="duty, backup, manager, service_manager or worker.")]
_By = Annotated[str | None, typer.Option("--by", help="Who did this.")]


@rota_app.command("add")
def rota_add(
    name: str,
    role: Annotated[str, typer.Option(help="duty, backup, manager, service_manager or worker.")],
    start: Annotated[str, typer.Option("--from", help="2026-11-21 20:00, local time.")],
    end: Annotated[str, typer.Option("--to", help="2026-11-22 08:00, local time.")],
) -> None:
    """Put a person on duty. Example: waymark rota add Ana --role duty --from "2026-11-21 20:00" --to "2026-11-22 08:00" """
    from bot import rostering

    lasts = rostering.add_shift(settings(), name, role, start, end, now())
    say(f"{name}: {role} from {start} to {end}")
    if lasts > rostering.LONG:
        say(f"mind: that is one shift of {lasts.days} days, in which no gap of that role is told")


@rota_app.command("show")
def rota_show(days: Annotated[int, typer.Option(help="How many days ahead.", min=1, max=366)] = 7) -> None:
    """Who is on when. Example: waymark rota show --days 3"""
    from bot import rostering

    for line in rostering.shifts(settings(), now(), days):
        say(line)


@rota_app.command("gaps")
def rota_gaps(days: Annotated[int, typer.Option(help="How many days ahead.", min=1, max=366)] = 7) -> None:
    """Hours without anybody in a role; exit 1 when there are any. Example: waymark rota gaps"""
    from bot import rostering

    found = rostering.gaps(settings(), now(), days)
    for line in found:
        say(line)
    if found:
        raise typer.Exit(FAILED)


@rota_app.command("swap")
def rota_swap(
    out: Annotated[str, typer.Argument(help="Who would have stood there.")],
    into: Annotated[str, typer.Argument(help="Who stands there instead.")],
    role: _Role,
    start: Annotated[str, typer.Option("--from", help="2026-11-21 20:00, local time.")],
    end: Annotated[str, typer.Option("--to", help="2026-11-22 08:00, local time.")],
    by: _By = None,
) -> None:
    """One for another. Example: waymark rota swap Ana Ben --role duty --from "2026-11-21 20:00" --to "2026-11-22 08:00" """
    from bot import rostering

    made = rostering.swap(settings(), out, into, role, start, end, by, now())
    say(f"{into} for {out} as {role}; `waymark rota undo {made}` takes it back")


@rota_app.command("undo")
def rota_undo(swap: Annotated[str, typer.Argument(help="The swap, as `rota show` names it.")], by: _By = None) -> None:
    """Take a swap back. Example: waymark rota undo 00063f5e0a1b2c3d4e5f60718a"""
    from bot import rostering

    rostering.undo_swap(settings(), swap, by, now())
    say(f"{swap}: undone")


@rota_app.command("interpreter")
def rota_interpreter(  # noqa: PLR0913, PLR0917 - one option a part
    language: Annotated[str, typer.Argument(help="A language tag.")],
    provider: Annotated[str, typer.Option(help="Who they are.")],
    phone: Annotated[str, typer.Option(help="The number to ring.")],
    pin: Annotated[str, typer.Option(help="What they ask for.")] = "",
    days: Annotated[str, typer.Option(help="mon,tue or daily, weekdays, weekend.")] = "daily",
    start: Annotated[str, typer.Option("--from", help="08:00, local time.")] = "00:00",
    end: Annotated[str, typer.Option("--to", help="20:00, local time; the same as --from: round the clock.")] = "00:00",
) -> None:
    """Who interprets a language by telephone. Example: waymark rota interpreter vi --provider Tolk --phone 07700900220"""
    from bot import rostering

    rostering.add_interpreter(settings(), language, provider, phone, pin, days, (start, end), now())
    say(f"{language}: {provider} from {start} to {end}, {days}")


@rota_app.command("interpreters")
def rota_interpreters(
    end: Annotated[str | None, typer.Option("--end", help="One that is not to be rung any more.")] = None,
) -> None:
    """Who interprets what, when, with number and PIN. Example: waymark rota interpreters"""
    from bot import rostering

    if end is not None:
        rostering.end_interpreter(settings(), end, now())
    for line in rostering.listed_interpreters(settings(), now()):
        say(line)


@rota_app.command("import")
def rota_import(
    file: Annotated[Path, typer.Argument(help="A calendar file; the title of each event is a name of the staff.")],
    role: _Role,
    by: _By = None,
) -> None:
    """Read shifts from a calendar: all or none. Example: waymark rota import nights.ics --role duty"""
    from bot import rota_file

    done = rota_file.take_in(settings(), file, role, by, now())
    left = f", {done.other_role} of other roles left alone" if done.other_role else ""
    say(f"{file}: {done.new} shifts new, {done.gone} taken away, {done.same} as before{left}")


@rota_app.command("export")
def rota_export(
    file: Annotated[Path, typer.Argument(help="The calendar file to write.")],
    person: Annotated[str | None, typer.Option("--person", help="One person's shifts alone.")] = None,
) -> None:
    """Write who is on when as a calendar. Example: waymark rota export ana.ics --person Ana"""
    from bot import rota_file

    say(f"{file}: {rota_file.give_out(settings(), file, person, now())} shifts written")


# --- weeks ------------------------------------------------------------------------------------------------------------


@pattern_app.command("add")
def pattern_add(  # noqa: PLR0913, PLR0917 - one option a part
    name: Annotated[str, typer.Argument(help="The person.")],
    role: _Role,
    days: Annotated[str, typer.Option(help="mon,tue or daily, weekdays, weekend: the days on which a shift begins.")],
    start: Annotated[str, typer.Option("--from", help="20:00, local time.")],
    end: Annotated[str, typer.Option("--to", help="08:00, local time; the next day when it is no later than --from.")],
    since: Annotated[str, typer.Option(help="The first day, 2026-11-21.")],
    until: Annotated[str | None, typer.Option(help="The last day on which one begins.")] = None,
) -> None:
    """The same hours every week.

    Example: waymark rota pattern add Ana --role duty --days mon,tue --from 20:00 --to 08:00 --since 2026-11-21
    """
    from bot import rostering

    rostering.add_pattern(settings(), name, role, days, start, end, since, until, now())
    say(f"{name}: {role} {days} {start}-{end} since {since}")


@pattern_app.command("list")
def pattern_list() -> None:
    """Every pattern there is. Example: waymark rota pattern list"""
    from bot import rostering

    for line in rostering.patterns(settings()):
        say(line)


@pattern_app.command("end")
def pattern_end(
    pattern: Annotated[str, typer.Argument(help="The pattern, as `pattern list` names it.")],
    last: Annotated[str, typer.Option("--on", help="The last day on which a shift begins.")],
) -> None:
    """End a pattern. Example: waymark rota pattern end 00063f5e0a1b2c3d4e5f60718a --on 2026-12-31"""
    from bot import rostering

    rostering.end_pattern(settings(), pattern, last, now())
    say(f"{pattern}: ends on {last}")


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


def language(
    locale: Annotated[str, typer.Argument(help="As `waymark locales` names it: ar, vi ...")],
    state: Annotated[str, typer.Argument(help="on or off.")],
    by: Annotated[str, typer.Option("--by", help="The manager who answers for it.")],
    because: Annotated[str, typer.Option("--because", help="Why, in a sentence; to turn it on.")] = "",
) -> None:
    """Offer a language whose texts are drafts, or no longer. Example: waymark language vi on --by Mel --because "why" """
    from bot import languages

    if state not in ("on", "off"):
        raise stop(f"'{state}': a language is turned on or off")
    languages.turn(settings(), locale, by, on=state == "on", because=because, now=now())
    say(f"{locale}: {state}")
