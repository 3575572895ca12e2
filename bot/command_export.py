"""Commands by which records and returns leave. Thin: `exporting` and `reporting` do the work.

Every option may stand before or after the kind, so that whoever types it need not know where it belongs.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands import now, say, settings, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.reporting import Done

export_app = typer.Typer(
    no_args_is_help=True, help="The record leaves. Example: waymark export interview --id ID --out FILE"
)
T = TypeVar("T")

Out = Annotated[Path | None, typer.Option("--out", help="The file to write.")]
Year = Annotated[int | None, typer.Option("--year", help="The year that ends on 31 March of it, as in 2026.")]
Day = Annotated[str | None, typer.Option("--date", help="The day it is drawn up for, as in 2026-03-31.")]
Id = Annotated[str | None, typer.Option("--id", help="The interview, as the desk or `waymark offer` names it.")]
Format = Annotated[str | None, typer.Option("--format", help="html, json, csv, xlsx or pdf.")]
Xlsx = Annotated[bool, typer.Option("--xlsx", help="A workbook instead of CSV.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="To print, instead of CSV.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave out whom the rules would refuse, or no key opens.")]
Authority = Annotated[str | None, typer.Option("--authority", help="Whose children in care, where there are several.")]


@dataclass(frozen=True, slots=True)
class Before:
    """What was given before the kind."""

    out: Path | None = None
    year: int | None = None
    date: str | None = None
    id: str | None = None
    form: str | None = None
    authority: str | None = None
    xlsx: bool = False
    pdf: bool = False
    skip_bad: bool = False


@export_app.callback()
def export(  # noqa: PLR0913, PLR0917 - every option of every kind
    context: typer.Context,
    out: Out = None,
    year: Year = None,
    date: Day = None,
    interview_id: Id = None,
    form: Format = None,
    authority: Authority = None,
    *,
    xlsx: Xlsx = False,
    pdf: Pdf = False,
    skip_bad: SkipBad = False,
) -> None:
    """The record leaves. Example: waymark export interview --id ID --out FILE"""
    context.obj = Before(out, year, date, interview_id, form, authority, xlsx, pdf, skip_bad)


def _either(after: T | None, before: T | None) -> T | None:
    return before if after is None else after


def _form(context: typer.Context, *, xlsx: bool, pdf: bool = False, may_print: bool = False) -> str:
    """In which form: CSV, unless another is asked for."""
    xlsx, pdf = xlsx or context.obj.xlsx, pdf or context.obj.pdf
    if xlsx and pdf:
        raise stop("--xlsx --pdf: one file has one form; leave out one of the two")
    if pdf and not may_print:
        raise stop("--pdf: there is none of this; use it with dataset, foi or interviews, or --xlsx here")
    return "xlsx" if xlsx else "pdf" if pdf else "csv"


def _file(context: typer.Context, after: Path | None) -> Path:
    before: Before = context.obj
    found = _either(after, before.out)
    if found is None:
        raise stop("--out is missing: name the file to write")
    return found


@export_app.command()
def interview(context: typer.Context, interview_id: Id = None, out: Out = None, form: Format = None) -> None:
    """Write one interview: html, json, csv, xlsx or pdf. Example: waymark export interview --id amber-heron --out f.html"""
    from bot import exporting

    named, file = _either(interview_id, context.obj.id), _file(context, out)
    if named is None:
        raise stop("--id is missing: give the interview's id, or the two words of its case")
    before = "pdf" if context.obj.pdf else "xlsx" if context.obj.xlsx else "html"
    chosen = _either(form, context.obj.form) or before
    if chosen not in exporting.FORMS:
        raise stop(f"--format {chosen}: use one of {', '.join(exporting.FORMS)}")
    exporting.write(file, exporting.interview(settings(), named, chosen, now()))
    say(f"{file}: written")


@export_app.command("ssda903")
def ssda903(
    context: typer.Context,
    year: Year = None,
    out: Out = None,
    authority: Authority = None,
    skip_bad: SkipBad = False,
    xlsx: Xlsx = False,
) -> None:
    """Missing episodes of looked-after children for the DfE. Example: waymark export ssda903 --year 2026 --out missing.csv"""
    from bot import calendar, children, reporting
    from bot.filing import ssda903

    given, at, file = settings(), now(), _file(context, out)
    today = children.day(at, given.timezone)
    ends = reporting.year(_either(year, context.obj.year), today)
    whose = _either(authority, context.obj.authority)
    write = reporting.ssda903_missing(ends, given.timezone, whose, today)
    wanted = reporting.Wanted("year", ssda903.year(ends)[1], calendar.load(given.timezone), whole=whose is None)
    with _whole(context, file, skip_bad=skip_bad) as skip:
        form = _form(context, xlsx=xlsx)
        done = reporting.run(given, "ssda903", str(ends), write, file, at, wanted, form, skip_bad=skip)
    if done.care_unknown:
        typer.echo(f"{done.care_unknown} children of whom nobody said whether they are looked after", err=True)
    _tell(file, done, "year")


@contextlib.contextmanager
def _whole(context: typer.Context, file: Path, *, skip_bad: bool) -> Iterator[bool]:
    """Whether a file may lack children; where it may not, who they are is said and nothing is written."""
    from bot import reporting

    try:
        yield skip_bad or context.obj.skip_bad
    except reporting.BadRows as bad:
        _name(bad.problems)
        raise stop(f"{file}: {bad}") from None


def _tell(file: Path, done: Done, kind: str = "") -> None:
    """How much was written, whom it lacks, and what became of the work that asked for it."""
    _name(done.problems)
    if done.problems:
        typer.echo("who is named here is left out: tell whoever takes the file", err=True)
    say(f"{file}: {done.rows} rows" + ("; the work that asked for it is done" if done.ended else ""))
    if done.left:
        typer.echo(
            f"the work that asks for it stays open; when all is filed: waymark lists filed {kind} --by NAME", err=True
        )


def _name(problems: object) -> None:
    for problem in problems if isinstance(problems, list) else ():
        typer.echo(str(problem), err=True)


@export_app.command("annex-a")
def annex_a(
    context: typer.Context,
    date: Day = None,
    out: Out = None,
    authority: Authority = None,
    *,
    skip_bad: SkipBad = False,
    xlsx: Xlsx = False,
) -> None:
    """Ofsted's list 8, its columns about missing. Example: waymark export annex-a --date 2026-03-31 --out list8.csv"""
    from bot import calendar, children, reporting

    given, at, file = settings(), now(), _file(context, out)
    on = reporting.day(_either(date, context.obj.date), children.day(at, given.timezone))
    whose = _either(authority, context.obj.authority)
    write = reporting.annex_a_missing(on, given.timezone, whose)
    wanted = reporting.Wanted("annex-a", on, calendar.load(given.timezone), whole=whose is None)
    form = _form(context, xlsx=xlsx)
    with _whole(context, file, skip_bad=skip_bad) as skip:
        done = reporting.run(given, "annex_a", on.isoformat(), write, file, at, wanted, form, skip_bad=skip)
    _tell(file, done, "annex-a")


@export_app.command("ssd-missing")
def ssd_missing(context: typer.Context, out: Out = None, *, skip_bad: SkipBad = False, xlsx: Xlsx = False) -> None:
    """Every episode for the sector's data model. Example: waymark export ssd-missing --out ssd_missing.csv"""
    from bot import reporting

    given, file = settings(), _file(context, out)
    write, form = reporting.ssd_missing(given.timezone), _form(context, xlsx=xlsx)
    with _whole(context, file, skip_bad=skip_bad) as skip:
        done = reporting.run(given, "ssd_missing", "", write, file, now(), form=form, skip_bad=skip)
    _tell(file, done)


@export_app.command()
def dataset(  # noqa: PLR0913 - every option of it
    context: typer.Context,
    year: Year = None,
    out: Out = None,
    authority: Authority = None,
    *,
    skip_bad: SkipBad = False,
    xlsx: Xlsx = False,
    pdf: Pdf = False,
) -> None:
    """The yearly public dataset, small numbers hidden. Example: waymark export dataset --year 2026 --out dataset.csv"""
    _counted(context, "dataset", year, out, authority, skip_bad=skip_bad, xlsx=xlsx, pdf=pdf)


@export_app.command()
def foi(  # noqa: PLR0913 - every option of it
    context: typer.Context,
    year: Year = None,
    out: Out = None,
    authority: Authority = None,
    *,
    skip_bad: SkipBad = False,
    xlsx: Xlsx = False,
    pdf: Pdf = False,
) -> None:
    """Answers to what is asked under the FOI Act, small numbers hidden. Example: waymark export foi --year 2026 --out foi.csv"""
    _counted(context, "foi", year, out, authority, skip_bad=skip_bad, xlsx=xlsx, pdf=pdf)


@export_app.command()
def interviews(  # noqa: PLR0913 - every option of it
    context: typer.Context,
    year: Year = None,
    out: Out = None,
    authority: Authority = None,
    *,
    skip_bad: SkipBad = False,
    xlsx: Xlsx = False,
    pdf: Pdf = False,
) -> None:
    """The interviews of a year: how, with whom, what came of it. Example: waymark export interviews --year 2026 --out i.csv"""
    _counted(context, "interviews", year, out, authority, skip_bad=skip_bad, xlsx=xlsx, pdf=pdf)


@export_app.command()
def compliance(
    context: typer.Context, year: Year = None, out: Out = None, *, skip_bad: SkipBad = False, xlsx: Xlsx = False
) -> None:
    """How the clocks were kept, for managers alone. Example: waymark export compliance --year 2026 --out compliance.csv"""
    _counted(context, "compliance", year, out, skip_bad=skip_bad, xlsx=xlsx)


@export_app.command()
def versions(context: typer.Context, year: Year = None) -> None:
    """Which versions of a year's figures left, and which say something else than the one before, so that a published number
    that was wrong is corrected where it was published. Example: waymark export versions --year 2026
    """
    from bot import keeping, reporting

    ends = _either(year, context.obj.year)
    if ends is None:
        raise stop("--year is missing: give the year that the figures are of, as in 2026")
    told = keeping.within(settings(), lambda tx: reporting.versions(tx, ends))
    for line in told or [f"no figures of {ends} have left"]:
        say(line)


def _counted(  # noqa: PLR0913 - every option of every kind
    context: typer.Context,
    kind: str,
    after: int | None,
    out: Path | None,
    authority: str | None = None,
    *,
    skip_bad: bool,
    xlsx: bool,
    pdf: bool = False,
) -> None:
    from bot import calendar, children, reporting

    # How the clocks were kept is for managers, and is not printed.
    form = _form(context, xlsx=xlsx, pdf=pdf, may_print=kind != "compliance")
    given, at, file = settings(), now(), _file(context, out)
    today = children.day(at, given.timezone)
    ends = reporting.year(_either(after, context.obj.year), today)
    if kind != "compliance":
        ends = reporting.ended(ends, today)
    write = reporting.counted(kind, ends, calendar.load(given.timezone), _either(authority, context.obj.authority))
    with _whole(context, file, skip_bad=skip_bad) as skip:
        done = reporting.run(given, kind, str(ends), write, file, at, form=form, skip_bad=skip)
    _tell(file, done)
