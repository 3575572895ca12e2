"""The command line: one thin function a command. A user's mistake is one line on stderr and exit 2, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.config import Settings, SettingsError, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.commit import Committer
    from storage.database import Transaction

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Waymark: text-safe check-ins and return interviews. Example: waymark demo",
)
keys_app = typer.Typer(no_args_is_help=True, help="The keys everything is sealed under. Example: waymark keys new")
staff_app = typer.Typer(no_args_is_help=True, help="The people of the service. Example: waymark staff list")
rota_app = typer.Typer(no_args_is_help=True, help="Who is on duty. Example: waymark rota show")
audit_app = typer.Typer(no_args_is_help=True, help="The audit chain. Example: waymark audit verify")
export_app = typer.Typer(no_args_is_help=True, help="The record leaves. Example: waymark export interview --id ID --out FILE")
app.add_typer(keys_app, name="keys")
app.add_typer(staff_app, name="staff")
app.add_typer(rota_app, name="rota")
app.add_typer(audit_app, name="audit")
app.add_typer(export_app, name="export")

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


def _now() -> datetime:
    return datetime.now(UTC)


def at_database(work: Callable[[Transaction], object]) -> object:
    """Run one piece of work on the service's database."""
    from bot import app as building
    from bot.serving import check_schema
    from storage.commit import Committer

    database = building.database(settings())
    check_schema(database)
    committer: Committer = Committer(database)
    try:
        return committer.submit(work)
    finally:
        committer.close()
        database.close()


# --- running ----------------------------------------------------------------------------------------------------------


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="Play one return chat to its filed record.")] = False) -> None:  # noqa: FBT002
    """Show everything with invented people, no account and no network. Example: waymark demo --once"""
    from bot import demo as showing

    if once:
        showing.once(sys.stdout)
        return
    showing.live(load(os.environ, drafts="allow"), sys.stdin, sys.stdout)


@app.command()
def serve() -> None:
    """Serve webhooks and tick. Example: WAYMARK_KEYS_FILE=var/keys waymark serve"""
    from bot import serving

    serving.serve(settings())


@app.command()
def tick() -> None:
    """Send and keep time only; as many as wanted on PostgreSQL. Example: waymark tick"""
    from bot import serving

    serving.serve(settings(), web=False)


@app.command()
def migrate() -> None:
    """Bring the database up to this program. Example: waymark migrate"""
    from bot import app as building

    database = building.database(settings())
    before = database.schema_version()
    database.migrate()
    say(f"schema {before or 'empty'} -> {database.schema_version()}")
    database.close()


@app.command()
def talk(
    flow: Annotated[str, typer.Argument(help="return_interview or text_safe")],
    locale: Annotated[str, typer.Option(help="A language tag.")] = "en",
) -> None:
    """Be the child, in the terminal; +31m jumps time. Example: waymark talk text_safe --locale vi"""
    from bot import talking

    talking.talk(flow, locale, sys.stdin, sys.stdout)


# --- starting conversations -------------------------------------------------------------------------------------------


@app.command()
def offer(
    case: Annotated[str, typer.Argument(help="The case: its two words, or the child's reference.")],
    to: Annotated[str, typer.Option("--to", help="The child's own number.")],
) -> None:
    """Send the offer of a return interview with a one-time code. Example: waymark offer amber-heron --to 07700900123"""
    from bot import starting

    found = starting.offer(settings(), case, to, _now())
    say(f"offer queued for case {found}")


@app.command()
def request(
    number: Annotated[str, typer.Option(help="The number to text.")],
    ref: Annotated[str, typer.Option("--ref", help="The live case reference.")],
    language: Annotated[str | None, typer.Option(help="A language tag, if known.")] = None,
    age_band: Annotated[str | None, typer.Option(help="under_13, 13_15, 16_17 or unknown.")] = None,
) -> None:
    """Ask for a text-safe check-in. Example: waymark request --number 07700900123 --ref M-104 --language vi"""
    from bot import starting

    accepted = starting.request(settings(), number, ref, language, age_band, _now())
    say("accepted" if accepted else "not accepted")


# --- trying and checking ----------------------------------------------------------------------------------------------


@app.command()
def play(
    files: Annotated[list[Path], typer.Argument(help="Transcripts.")],
    as_json: Json = False,  # noqa: FBT002
    update: Annotated[bool, typer.Option("--update", help="Write what happened into the files.")] = False,  # noqa: FBT002
) -> None:
    """Play transcripts through the whole program. Example: waymark play tests/conversations/t01_straight.txt"""
    from bot.play import judge, script

    plays = [script.read(file) for file in files]
    if as_json:
        for one in plays:
            for line in judge.as_json(one):
                say(line)
        return
    different = 0
    for file, one in zip(files, plays, strict=True):
        verdict = judge.perform(one)
        if update:
            say(f"{file}: {'updated' if judge.update(verdict, file) else 'unchanged'}")
            continue
        for difference in verdict.differences:
            say(f"{file}: {difference}")
        different += bool(verdict.differences)
    if different:
        raise typer.Exit(FAILED)


@app.command()
def check(path: Annotated[Path | None, typer.Argument(help="Another library folder.")] = None) -> None:
    """Check flows, catalogues, ladder and directory as far as that can be known without running. Example: waymark check"""
    from bot import checking

    found = checking.run(path)
    for line in found.lines:
        say(line)
    if found.errors:
        raise typer.Exit(FAILED)


@app.command()
def listen(
    locale: Annotated[str, typer.Option(help="The child's language.")] = "en",
    age: Annotated[int | None, typer.Option(help="The child's age in years.")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Read one message a line from stdin and say what listening hears. Example: echo "he hits me" | waymark listen --age 14"""
    from bot import hearing

    for line in sys.stdin:
        found = hearing.hear(line.rstrip("\n"), locale, age)
        say(json.dumps(found, ensure_ascii=False) if as_json else hearing.told(found))


@app.command()
def locales(as_json: Json = False) -> None:  # noqa: FBT002
    """Per language: translated, reviewed, offered or why not, longest message and cost. Example: waymark locales"""
    from bot import languages

    for row in languages.table(settings()):
        say(json.dumps(row, ensure_ascii=False) if as_json else languages.told(row))


# --- keeping ----------------------------------------------------------------------------------------------------------


@export_app.command()
def interview(
    conversation: Annotated[str, typer.Option("--id", help="The interview, as the desk or `waymark offer` names it.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    form: Annotated[str, typer.Option("--format", help="html or json.")] = "html",
) -> None:
    """Write one interview as a page or as JSON. Example: waymark export interview --id amber-heron --format html --out f.html"""
    from bot import exporting

    if form not in exporting.FORMS:
        raise stop(f"--format {form}: use one of {', '.join(exporting.FORMS)}")
    text = exporting.interview(settings(), conversation, form, _now())
    exporting.write(out, text)
    say(f"{out}: written")


@keys_app.command("new")
def keys_new() -> None:
    """Write a first key to the file WAYMARK_KEYS_FILE names. Example: WAYMARK_KEYS_FILE=var/keys waymark keys new"""
    from bot import keeping

    say(f"{keeping.new_keys(settings())}: written, readable by you alone. Keep a copy apart from every backup.")


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Seal everything under a new key. Example: WAYMARK_KEYS_FILE=var/keys waymark keys rotate"""
    from bot import keeping

    say(f"{keeping.rotate_keys(settings())} values sealed anew")


@audit_app.command("verify")
def audit_verify() -> None:
    """Walk the audit chain; exit 1 and the first broken line. Example: waymark audit verify"""
    from storage import audit

    broken = at_database(audit.verify)
    if broken is not None:
        raise stop(f"audit line {broken} is broken: what follows cannot be trusted", FAILED)
    say("audit chain whole")


@app.command()
def erase(contact: Annotated[str, typer.Argument(help="The two words of the contact.")]) -> None:
    """Erase one child's words; numbers of cases stay. Example: waymark erase amber-heron"""
    from bot import keeping

    keeping.erase(settings(), contact, _now())
    say(f"{contact}: erased")


# --- people -----------------------------------------------------------------------------------------------------------


@staff_app.command("add")
def staff_add(
    name: Annotated[str, typer.Argument(help="The name colleagues see.")],
    role: Annotated[str, typer.Option(help="duty, backup, manager, service_manager or worker.")],
    phone: Annotated[str | None, typer.Option(help="The number that is paged.")] = None,
) -> None:
    """Take a person on. Example: waymark staff add Ana --role duty --phone 07700900201"""
    from bot import keeping

    keeping.add_person(settings(), name, role, phone, _now())
    say(f"{name}: added")


@staff_app.command("list")
def staff_list(as_json: Json = False) -> None:  # noqa: FBT002
    """Who there is. Example: waymark staff list"""
    from bot import keeping

    for one in keeping.everyone(settings()):
        say(json.dumps(one) if as_json else f"{one['name']:<20} {one['role']:<16} {'' if one['active'] else 'left'}")


@staff_app.command("disable")
def staff_disable(name: str) -> None:
    """Let a person go; nothing is sent to them any more. Example: waymark staff disable Ana"""
    from bot import keeping

    keeping.disable(settings(), name, _now())
    say(f"{name}: disabled")


@rota_app.command("add")
def rota_add(
    name: str,
    role: Annotated[str, typer.Option(help="duty, backup, manager, service_manager or worker.")],
    start: Annotated[str, typer.Option("--from", help="2026-11-21 20:00, local time.")],
    end: Annotated[str, typer.Option("--to", help="2026-11-22 08:00, local time.")],
) -> None:
    """Put a person on duty. Example: waymark rota add Ana --role duty --from "2026-11-21 20:00" --to "2026-11-22 08:00" """
    from bot import keeping

    keeping.add_shift(settings(), name, role, start, end)
    say(f"{name}: {role} from {start} to {end}")


@rota_app.command("show")
def rota_show(days: Annotated[int, typer.Option(help="How many days ahead.")] = 7) -> None:
    """Who is on when. Example: waymark rota show --days 3"""
    from bot import keeping

    for line in keeping.shifts(settings(), _now(), days):
        say(line)


@rota_app.command("gaps")
def rota_gaps(days: Annotated[int, typer.Option(help="How many days ahead.")] = 7) -> None:
    """Hours without anybody in a role; exit 1 when there are any. Example: waymark rota gaps"""
    from bot import keeping

    found = keeping.gaps(settings(), _now(), days)
    for line in found:
        say(line)
    if found:
        raise typer.Exit(FAILED)


def main() -> None:
    """Run a command; what a user can mend ends as one line and exit 2."""
    from bot.faults import user_mistakes

    try:
        app(standalone_mode=True)
    except SettingsError as error:
        typer.echo(f"waymark: {error}", err=True)
        sys.exit(USAGE)
    except user_mistakes() as error:
        typer.echo(f"waymark: {error}", err=True)
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
