"""`waymark erase`, `hold`, `retain`, `backup`, `restore`: what goes, what stays. Thin: `forgetting` and `backing` do the work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import Json, now, say, settings

if TYPE_CHECKING:
    from typer import Typer

_Child = Annotated[str, typer.Argument(help="The two words of a case or contact, or the child's reference.")]
_DataKeys = Annotated[
    Path | None, typer.Option("--data-keys", help="The file of the data keys; else data-keys.waymark beside FILE.")
]


def mount(app: Typer) -> None:
    """Add them to the command line."""
    for command in (erase, hold, retain, backup, restore):
        app.command()(command)


def erase(
    child: _Child,
    every: Annotated[bool, typer.Option("--all", help="Other children who share a telephone with them too.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who erases; what is kept whole only a manager.")] = None,
    because: Annotated[str, typer.Option("--because", help="asked_for, not_needed, mistake or ordered.")] = "",
) -> None:
    """Erase one child's words; numbers of cases stay. Example: waymark erase amber-heron --by Mel --because asked_for"""
    from bot import forgetting

    done = forgetting.erase(settings(), child, now(), together=every, by=by, because=because)
    say(f"{child}: " + ("erased" if done else "was erased before; nothing is changed"))


def hold(
    child: _Child,
    by: Annotated[str, typer.Option("--by", help="Which manager: a name of the staff.")],
    because: Annotated[str, typer.Option("--because", help="Why: an inquiry, a request for data ...")],
    free: Annotated[bool, typer.Option("--free", help="Let retention run again.")] = False,
) -> None:
    """Freeze retention for one child. Example: waymark hold amber-heron --by Mel --because "public inquiry" """
    from bot import forgetting

    for line in forgetting.hold(settings(), child, by, because, now(), on=not free):
        say(line)


def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say whose words would go, and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Forget the text-safe chats that are past their time. Example: waymark retain --dry-run"""
    from bot import forgetting
    from bot.called import several

    given = settings()
    found = forgetting.retain(given, now(), dry_run=dry_run)
    for one in found:
        last = one.spoken.astimezone(given.timezone).date().isoformat()
        say(json.dumps({"contact": one.reference, "last": last}) if as_json else f"{one.reference}  last text {last}")
    if not as_json:
        say(f"{several(len(found), 'chat')} " + ("would be forgotten" if dry_run else "forgotten"))


def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it may not be there yet.")],
    data_keys: _DataKeys = None,
) -> None:
    """Write everything into one sealed file, and the data keys beside it. Example: waymark backup /safe/2026-11-16.waymark"""
    from bot import backing

    told = backing.back_up(settings(), out, now(), data_keys)
    rows = sum(told.rows.values())
    say(f"{out}: {rows} rows of schema {told.schema}, audit line {told.head[0]} {told.head[1][:16]}")
    say("Keep the data keys beside it in two places, never an old copy of them; WAYMARK_KEYS_FILE is in neither.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `waymark backup` wrote.")],
    data_keys: _DataKeys = None,
) -> None:
    """Read a backup into an empty database and check the audit chain. Example: waymark restore /safe/2026-11-16.waymark"""
    from bot import backing

    told, again = backing.restore(settings(), file, now(), data_keys)
    say(f"{file}: {sum(told.rows.values())} rows as of {told.made:%Y-%m-%d %H:%M} UTC; the audit chain holds")
    say(f"{again} contacts and cases erased again, whose data keys are gone")
    say(
        f"{told.waiting} messages had come in and were not yet handled: look them up at the provider and answer by hand"
    )
    say("What was to be said to children is not said: `waymark serve` makes it the duty worker's, in `waymark due`.")
    say("Open alerts page again, and everybody signs in anew.")
    say("Look through what changed since: STOPs, staff, passkeys. Then run `waymark doctor`.")
