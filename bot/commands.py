"""Commands about keys and cases, and what every command shares. Thin: `keeping` does the work."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.config import Settings, load

keys_app = typer.Typer(no_args_is_help=True, help="The keys everything is sealed under. Example: waymark keys new")

import_app = typer.Typer(
    no_args_is_help=True, help="Read a file into cases. Example: waymark import episodes episodes.csv --dry-run"
)

USAGE, FAILED = 2, 1
Json = Annotated[bool, typer.Option("--json", help="JSON lines instead of text.")]


def say(text: str) -> None:
    """One line for a person."""
    typer.echo(text)


def stop(message: str, code: int = USAGE) -> typer.Exit:
    """One line on stderr: what, where, how to mend it."""
    typer.echo(f"waymark: {message}", err=True)
    return typer.Exit(code)


def settings(*, drafts: str = "refuse") -> Settings:
    """The settings of this process. Raises SettingsError."""
    return load(os.environ, drafts=drafts)


def now() -> datetime:
    """The time, once a command."""
    return datetime.now(UTC)


# --- keys -------------------------------------------------------------------------------------------------------------


@keys_app.command("new")
def keys_new() -> None:
    """Write a first key to the file WAYMARK_KEYS_FILE names. Example: WAYMARK_KEYS_FILE=var/keys waymark keys new"""
    from bot import keeping

    say(f"{keeping.new_keys(settings())}: written, readable by you alone. Keep a copy apart from every backup.")


@keys_app.command("rotate")
def keys_rotate(
    lost: Annotated[
        bool, typer.Option("--lost", help="A key is lost for good: leave what it sealed as it is, and go on without.")
    ] = False,
) -> None:
    """Seal everything under a new key. Example: WAYMARK_KEYS_FILE=var/keys waymark keys rotate"""
    from bot import keeping

    added, done = keeping.rotate_keys(settings(), lost=lost)
    if done.unopened:
        named = ", ".join(done.unopened[: keeping.MOST_NAMED])
        say(
            f"no key opens {len(done.unopened)} values, which stay as they are: {named}; `waymark doctor` says how to mend it"
        )
    if not added:
        say(
            f"{done.changed} values sealed anew: the last rotation is finished. No key was added; run it again for a new one."
        )
        return
    say(f"{done.changed} values sealed anew; what runs here reads the new key by itself")
    say("On another machine put this file in place of the old one now, and copy it apart from every backup.")


# --- cases ------------------------------------------------------------------------------------------------------------


@import_app.command("episodes")
def import_episodes(
    file: Annotated[
        Path, typer.Argument(help="A CSV file in UTF-8, or /dev/stdin; flows/README.md names its columns.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the good rows and leave the bad ones out.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read missing episodes and returns into cases: all rows or none. Example: waymark import episodes episodes.csv"""
    from bot import importing
    from bot.episode_source import WrongFile

    try:
        done = importing.episodes(settings(), file, now(), dry_run=dry_run, skip_bad=skip_bad, tell=_progress)
    except WrongFile as wrong:
        raise stop(f"{file}: {wrong}") from None
    for problem in done.problems:
        if as_json:
            say(json.dumps({"kind": "bad", "line": problem.line, "column": problem.column, "problem": problem.what}))
        else:
            typer.echo(f"{file}: {problem}", err=True)
    for one in done.remarks:
        if as_json:
            say(json.dumps({"kind": "remark", "line": one.line, "column": one.column, "remark": one.what}))
        else:
            typer.echo(f"{file}: {one}", err=True)
    say(json.dumps(done.summary()) if as_json else done.told())
    if done.bad and not skip_bad:
        raise stop(f"{file}: {done.bad} rows are bad, so nothing was changed: mend them, or use --skip-bad")


def _progress(what: str, number: int) -> None:
    """How far it is, on a terminal."""
    if sys.stderr.isatty() and number % 500 == 0:
        typer.echo(f"\r{what} {number}", err=True, nl=False)


def due(
    case: Annotated[str | None, typer.Option("--case", help="One child: two words, or the child's reference.")] = None,
    role: Annotated[
        str | None,
        typer.Option("--for", help="Only what a role owes (worker, manager, police ...) or one of the staff, by name."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="What is late for months or due in weeks too.")] = False,
    as_json: Json = False,
) -> None:
    """What is owed now, by whom, since when; with --case all there is of one child. Example: waymark due --for manager"""
    from bot import case_lines, casing, keeping, owing

    given, at = settings(), now()
    if case is not None:
        for line in casing.show(given, case, at):
            say(json.dumps(line, ensure_ascii=False) if as_json else case_lines.of_case(line))
        return
    lines = keeping.within(given, lambda tx: list(owing.owed(tx, at, given.timezone)))
    if role is not None and role not in (known := owing.roles(lines)):
        theirs = keeping.within(given, lambda tx: owing.of_person(tx, role, at, given.timezone))
        if theirs is None:
            raise stop(
                f"--for {role}: nobody of this name is on the staff, and nobody in such a role owes anything now; "
                f"who does: {', '.join(known) or 'nobody'}"
            )
        lines = theirs
    elif role is not None:
        lines = [line for line in lines if role in owing.of_roles(line)]
    shown = case_lines.board(lines, at, given.timezone, everything=everything)
    for text in (json.dumps(line, ensure_ascii=False) for line in lines) if as_json else shown:
        say(text)
