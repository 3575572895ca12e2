"""The command line: one thin function a command. A user's mistake is one line on stderr and exit 2, never a traceback."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import (
    command_case,
    command_export,
    command_keeping,
    command_lists,
    command_rota,
    command_staff,
    command_training,
    commands,
)
from bot.command_filing import asked_app, filing_app
from bot.command_filing import mount as mount_copies
from bot.command_record import record_app
from bot.commands import FAILED, USAGE, Json, now, say, settings, stop
from bot.config import SettingsError, load

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Waymark: text-safe check-ins and return interviews. Example: waymark demo",
)
audit_app = typer.Typer(no_args_is_help=True, help="The audit chain. Example: waymark audit verify")
app.add_typer(commands.keys_app, name="keys")
app.add_typer(command_staff.staff_app, name="staff")
command_training.mount(command_staff.staff_app)
app.add_typer(command_case.case_app, name="case")
app.add_typer(command_lists.lists_app, name="lists")
app.add_typer(command_rota.rota_app, name="rota")
app.add_typer(commands.import_app, name="import")
app.add_typer(audit_app, name="audit")
app.command("due")(commands.due)
app.add_typer(command_export.export_app, name="export")
app.add_typer(record_app, name="record")
mount_copies(record_app)
command_keeping.mount(app)
app.add_typer(filing_app, name="filing")
app.add_typer(asked_app, name="asked")
app.command("switch")(command_rota.switch)
app.command("language")(command_rota.language)

# --- running ----------------------------------------------------------------------------------------------------------


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Play one return chat to its filed record.")] = False,
) -> None:
    """Show everything with invented people, no account and no network. Example: waymark demo --once"""
    from bot import demo as showing

    given = load(os.environ, drafts="allow")
    if once:
        showing.once(sys.stdout)
        return
    showing.live(given, sys.stdin, sys.stdout)


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

    load(os.environ, drafts="allow")
    talking.checked(flow, locale)
    talking.talk(flow, locale, sys.stdin, sys.stdout)


# --- starting conversations -------------------------------------------------------------------------------------------


@app.command()
def offer(
    case: Annotated[str, typer.Argument(help="The case: its two words, or the child's reference.")],
    to: Annotated[str, typer.Option("--to", help="The child's own number.")],
    by: Annotated[
        str | None,
        typer.Option("--by", help="Who made sure that it is: needed where the child is known to be under 13."),
    ] = None,
) -> None:
    """Send the offer of a return interview with a one-time code. Example: waymark offer amber-heron --to 07700900123"""
    from bot import starting

    found = starting.offer(settings(), case, to, now(), by)
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

    accepted = starting.request(settings(), number, ref, language, age_band, now())
    say("accepted" if accepted else "not accepted")


@app.command()
def returned(number: Annotated[str, typer.Option(help="The number that was asked about.")]) -> None:
    """The child of a text-safe request is back: nothing more is started. Example: waymark returned --number 07700900123"""
    from bot import starting

    starting.back(settings(), number, now())
    say("noted: this service starts nothing more with this number until it is asked again")


# --- trying and checking ----------------------------------------------------------------------------------------------


@app.command()
def play(
    files: Annotated[list[Path], typer.Argument(help="Transcripts.")],
    as_json: Json = False,
    update: Annotated[bool, typer.Option("--update", help="Write what happened into the files.")] = False,
) -> None:
    """Play transcripts through the whole program. Example: waymark play tests/conversations/t01_straight.txt"""
    from bot.play import judge, script

    load(os.environ, drafts="allow")
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
def graph(flow: Annotated[str, typer.Argument(help="return_interview or text_safe")]) -> None:
    """Draw a flow as Mermaid text: its states, blocks, steps and where answers lead. Example: waymark graph text_safe"""
    from flows import graph as drawing
    from flows import loader

    known = loader.load().flows
    if flow not in known:
        raise stop(f"flow '{flow}': use one of {', '.join(sorted(known))}")
    typer.echo(drawing.mermaid(known[flow]), nl=False)


@app.command()
def schema(
    out: Annotated[Path, typer.Option("--out", help="The folder to write into; made when it is not there.")],
) -> None:
    """Write a JSON Schema for each kind of flow file, for an editor. Example: waymark schema --out build/schema"""
    from flows import schema as shapes

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in shapes.names():
            text = json.dumps(shapes.schema(name), indent=1, sort_keys=True, ensure_ascii=False)
            (out / f"{name}.schema.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise stop(f"--out {out}: cannot be written ({error.strerror}); name another folder") from None
    say(f"{out}: {len(shapes.names())} schemas written")


@app.command()
def doctor(
    online: Annotated[bool, typer.Option("--online", help="Ask the provider too.")] = False,
    page: Annotated[str | None, typer.Option("--page", help="Send a test page to this person of the staff.")] = None,
    as_json: Json = False,
) -> None:
    """Check that this installation could serve a child now; exit 1 on a fail. Example: waymark doctor --page Ana"""
    from bot import doctor as examining
    from bot import finding

    failed = False
    for one in finding.timely(examining.examine(settings(), now(), online=online, page=page)):
        row = {"weight": one.weight, "topic": one.topic, "message": one.message}
        say(json.dumps(row, ensure_ascii=False) if as_json else str(one))
        failed = failed or one.weight is finding.Weight.FAIL
    if failed:
        raise typer.Exit(FAILED)


@app.command()
def listen(
    locale: Annotated[str, typer.Option(help="The child's language.")] = "en",
    age: Annotated[int | None, typer.Option(help="The child's age in years.")] = None,
    as_json: Json = False,
) -> None:
    """Read one message a line from stdin and say what listening hears. Example: echo "he hits me" | waymark listen --age 14"""
    from bot import hearing, i18n

    if age is not None and age not in hearing.AGES:
        raise stop(f"--age {age}: give an age from {hearing.AGES[0]} to {hearing.AGES[-1]}, or leave it out")
    if not i18n.is_tag(locale):
        raise stop(f"--locale {locale}: is no language tag; write it like en or zh-Hans")
    if not hearing.has_list(locale):
        typer.echo(
            f"waymark: there are no phrases in {locale}; `waymark check` names the languages that have some", err=True
        )
    for line in sys.stdin:
        found = hearing.hear(line.rstrip("\n"), locale, age)
        say(json.dumps(found, ensure_ascii=False) if as_json else hearing.told(found))


@app.command()
def locales(as_json: Json = False) -> None:
    """Per language: translated, reviewed, offered or why not, longest message and cost. Example: waymark locales"""
    from bot import languages

    for row in languages.table(settings()):
        say(json.dumps(row, ensure_ascii=False) if as_json else languages.told(row))


# --- keeping ----------------------------------------------------------------------------------------------------------


@audit_app.command("verify")
def audit_verify() -> None:
    """Walk the audit chain; exit 1 and the first broken line. Example: waymark audit verify"""
    from bot import keeping
    from storage import audit

    broken = keeping.within(settings(), audit.verify)
    if broken is not None:
        raise stop(f"audit line {broken} is broken: what follows cannot be trusted", FAILED)
    say("audit chain whole")


def main() -> None:
    """Run a command; what a user can mend ends as one line and exit 2."""
    from bot.faults import user_mistakes

    # A start makes hundreds of thousands of objects that stay; looking among them for garbage took a quarter of it.
    gc.set_threshold(20_000, 20, 20)
    # No exit in here: which errors are whose would be looked up for it too, and `--help` wait for the database after all.
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        code = _misused(error)
    except typer.Abort:
        code = FAILED
    except SettingsError as error:
        code = _told(error)
    except user_mistakes() as error:
        code = _told(error)
    sys.exit(code)


def _told(error: Exception) -> int:
    typer.echo(f"waymark: {error}", err=True)
    return USAGE


def _misused(error: typer.TyperException) -> int:
    """Wrong usage: what, and which help says how to mend it. With no command at all the help itself."""
    context = getattr(error, "ctx", None)
    told = error.format_message().strip()
    help_of = f"; see '{context.command_path} --help'" if context is not None and "\n" not in told else ""
    typer.echo(told if "\n" in told else f"waymark: {told.rstrip('.')}{help_of}", err=True)
    return USAGE


if __name__ == "__main__":
    main()
