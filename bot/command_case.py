"""`waymark case ...`: one child in one view, and what a worker or manager does about them. Thin: `casing` does the work.

Every act names who does it (`--by`), who must be active staff; times are local, as 2026-11-21 20:00.
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands import Json, now, say, settings

case_app = typer.Typer(
    no_args_is_help=True, help="One child: show, note, end, join. Example: waymark case show amber-heron"
)

_Case = Annotated[str, typer.Argument(help="Two words, or the child's reference.")]
_By = Annotated[str, typer.Option("--by", help="Who did it: a name of the staff.")]
_At = Annotated[str | None, typer.Option("--at", help="When it happened, local time; now, when left out.")]
_Since = Annotated[str, typer.Option("--since", help="Since when, local time: 2026-11-21 20:00.")]
_Because = Annotated[str | None, typer.Option("--because", help="Why, in a sentence.")]
_Decision = Annotated[str | None, typer.Option("--decision", help="What was decided.")]
_Given = Annotated[list[str], typer.Argument(help="name=value, several with blanks between.")]


@case_app.command("show")
def show(case: _Case, as_json: Json = False) -> None:
    """All there is of a child outside the chats, as a pattern. Example: waymark case show amber-heron"""
    from bot import case_lines, casing

    for line in casing.show(settings(), case, now()):
        say(json.dumps(line, ensure_ascii=False) if as_json else case_lines.of_case(line))


@case_app.command("kinds")
def kinds() -> None:
    """What can be noted, and what each note must say. Example: waymark case kinds"""
    from bot import casing

    for line in casing.kinds():
        say(line)


@case_app.command("note")
def note(  # noqa: PLR0913, PLR0917 - one option a field
    case: _Case,
    kind: Annotated[str, typer.Argument(help="See waymark case kinds.")],
    by: _By,
    because: _Because = None,
    decision: _Decision = None,
    told_by: Annotated[str | None, typer.Option("--told-by", help="Who told us, by name and office.")] = None,
    ref: Annotated[str | None, typer.Option("--ref", help="The reference the other side gave.")] = None,
    sort: Annotated[str | None, typer.Option("--sort", help="What sort of strategy discussion.")] = None,
    at: _At = None,
) -> None:
    """Note what was done or told. Example: waymark case note amber-heron form_signed --by Rosa"""
    from bot import casing

    said = _said(because=because, decision=decision, told_by=told_by, ref=ref, sort=sort)
    for line in casing.note(settings(), case, kind, by, said, at, now()):
        say(line)


@case_app.command("did")
def did(  # noqa: PLR0913, PLR0917 - one option a field
    case: _Case,
    what: Annotated[str, typer.Argument(help="A task as `waymark due` names it, or a rule: R17, R15.director.")],
    by: _By,
    because: _Because = None,
    decision: _Decision = None,
    told_by: Annotated[str | None, typer.Option("--told-by", help="Who told us, by name and office.")] = None,
    ref: Annotated[str | None, typer.Option("--ref", help="The reference the other side gave.")] = None,
) -> None:
    """Say that a task was done. Example: waymark case did amber-heron tell_director --by Sue"""
    from bot import casing

    said = _said(because=because, decision=decision, told_by=told_by, ref=ref)
    for line in casing.did(settings(), case, what, by, said, now()):
        say(line)


@case_app.command("spoke")
def spoke(
    case: _Case, mode: Annotated[str, typer.Argument(help="phone, face_to_face or video.")], by: _By, at: _At = None
) -> None:
    """A person spoke with the child. Example: waymark case spoke amber-heron phone --by Rosa"""
    from bot import casing

    for line in casing.spoke(settings(), case, mode, by, at, now()):
        say(line)


@case_app.command("tried")
def tried(
    case: _Case,
    way: Annotated[str, typer.Argument(help="phone, visit, letter ...")],
    result: Annotated[str, typer.Argument(help="spoke, no_answer, left_word, wrong_number, declined or sent.")],
    by: _By,
    at: _At = None,
) -> None:
    """A person offered the interview. Example: waymark case tried amber-heron phone no_answer --by Rosa"""
    from bot import casing

    for line in casing.tried(settings(), case, way, result, by, at, now()):
        say(line)


@case_app.command("not-done")
def not_done(
    case: _Case,
    because: Annotated[str, typer.Option("--because", help="Why there was no interview.")],
    again: Annotated[str, typer.Option("--again", help="The day on which it will be, or never.")],
    by: _By,
) -> None:
    """Why there was no interview, and when it will be.

    Example: waymark case not-done amber-heron --because ill --again 2026-11-24 --by Rosa
    """
    from bot import casing

    for line in casing.not_done(settings(), case, because, again, by, now()):
        say(line)


@case_app.command("plan")
def plan(
    case: _Case,
    relation: Annotated[str, typer.Argument(help="What they are to the child: youth_worker, liaison_officer ...")],
    by: _By,
    chosen: Annotated[bool, typer.Option("--chosen", help="The child asked for this person.")] = False,
) -> None:
    """Who will hold the interview, and how independent they are.

    Example: waymark case plan amber-heron youth_worker --chosen --by Rosa
    """
    from bot import casing

    for line in casing.plan(settings(), case, relation, by, now(), chosen=chosen):
        say(line)


@case_app.command("promise")
def promise(
    case: _Case,
    what: Annotated[str, typer.Argument(help="What was promised to the child.")],
    due: Annotated[str, typer.Option("--due", help="By when, local time.")],
    by: _By,
) -> None:
    """A promise to a child is work with a time.

    Example: waymark case promise amber-heron "ring after school" --due "2026-11-21 16:00" --by Rosa
    """
    from bot import casing

    for line in casing.promise(settings(), case, what, due, by, now()):
        say(line)


@case_app.command("take-back")
def take_back(case: _Case, note: Annotated[str, typer.Argument(help="Its id, as show gives it.")], by: _By) -> None:
    """A note was a mistake: it stays, and counts no more. Example: waymark case take-back amber-heron 01K9... --by Rosa"""
    from bot import casing

    for line in casing.take_back(settings(), case, note, by, now()):
        say(line)


# --- missing, found, ended --------------------------------------------------------------------------------------------


@case_app.command("missing")
def missing(
    case: _Case,
    since: _Since,
    by: _By,
    given: Annotated[list[str] | None, typer.Argument(help="status=away flags=high_risk police_ref=M-104 ...")] = None,
    new: Annotated[bool, typer.Option("--new", help="Nobody knows this child yet: make a case.")] = False,
) -> None:
    """A child is missing. Example: waymark case missing amber-heron --since "2026-11-21 20:00" --by Ana"""
    from bot import casing

    for line in casing.missing(settings(), case, since, by, given or [], now(), new=new):
        say(line)


@case_app.command("located")
def located(case: _Case, since: _Since, by: _By) -> None:
    """Somebody knows where they are. Example: waymark case located amber-heron --since "2026-11-21 23:10" --by Ana"""
    from bot import casing

    for line in casing.located(settings(), case, since, by, now()):
        say(line)


@case_app.command("returned")
def returned(case: _Case, since: _Since, by: _By) -> None:
    """They are back: the interview's clocks start.

    Example: waymark case returned amber-heron --since "2026-11-22 08:00" --by Ana
    """
    from bot import casing

    for line in casing.returned(settings(), case, since, by, now()):
        say(line)


_Other = "When it really was, local time"


@case_app.command("correct")
def correct(  # noqa: PLR0913, PLR0917 - one option a time
    case: _Case,
    because: Annotated[str, typer.Option("--because", help="Why what is recorded is wrong.")],
    by: _By,
    missing: Annotated[str | None, typer.Option("--missing", help=f"{_Other}.")] = None,
    located: Annotated[str | None, typer.Option("--located", help=f"{_Other}; never: it was not so.")] = None,
    returned: Annotated[str | None, typer.Option("--returned", help=f"{_Other}; never: they are not back.")] = None,
    of: Annotated[str | None, typer.Option("--of", help="Which: when it began as recorded; else the last.")] = None,
) -> None:
    """A time was recorded wrongly: it is put right, and every clock with it.

    Example: waymark case correct amber-heron --returned "2026-11-22 07:30" --because "the police log says so" --by Ana
    """
    from bot import casing

    given = {"missing": missing, "located": located, "returned": returned}
    for line in casing.correct(settings(), case, given, because, by, of, now()):
        say(line)


@case_app.command("never-missing")
def never_missing(
    case: _Case,
    since: Annotated[str, typer.Option("--since", help="When it began, as it is recorded.")],
    because: Annotated[str, typer.Option("--because", help="Why it was recorded though it never was.")],
    by: _By,
) -> None:
    """A manager takes away a time missing that never was.

    Example: waymark case never-missing amber-heron --since "2026-11-21 20:00" --because "another child's" --by Mel
    """
    from bot import casing

    for line in casing.never_missing(settings(), case, since, because, by, now()):
        say(line)


@case_app.command("end-episode")
def end_episode(case: _Case, given: _Given, by: _By) -> None:
    """End the open episode with all its fields.

    Example: waymark case end-episode amber-heron location_found=home outcome=talked risk_assessed=yes interviewed=yes --by Mel
    """
    from bot import casing

    for line in casing.end(settings(), case, given, by, now()):
        say(line)


@case_app.command("know")
def know(
    case: _Case,
    given: _Given,
    by: _By,
    since: Annotated[str | None, typer.Option("--since", help="From which day, for what changes over time.")] = None,
) -> None:
    """Record what is known of a child. Example: waymark case know amber-heron looked_after=yes social_worker=no --by Ana"""
    from bot import casing

    for line in casing.know(settings(), case, given, by, since, now()):
        say(line)


# --- one child under two cases ----------------------------------------------------------------------------------------


@case_app.command("join")
def join(kept: _Case, other: Annotated[str, typer.Argument(help="The other case of the same child.")], by: _By) -> None:
    """Two cases are one child's; can be undone. Example: waymark case join amber-heron silver-otter --by Mel"""
    from bot import casing

    for line in casing.join(settings(), kept, other, by, now()):
        say(line)


@case_app.command("split")
def split(other: _Case, by: _By) -> None:
    """They were two children after all. Example: waymark case split silver-otter --by Mel"""
    from bot import casing

    for line in casing.split(settings(), other, by, now()):
        say(line)


def _said(**given: str | None) -> dict[str, str]:
    return {name: text for name, text in given.items() if text is not None}
