"""The filed interview as one self-contained page to read and print. May not load anything from anywhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import called, i18n
from bot.filing import plain, times
from flows import report, toolkit
from flows.record import AREAS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.record import Record
    from flows.report import Form
    from flows.toolkit import Toolkit

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"day": times.read, "words": called.words, "language": i18n.called}


@lru_cache(maxsize=1)
def _form() -> Form:
    return report.load()


@lru_cache(maxsize=1)
def _kit() -> Toolkit:
    return toolkit.load()


def write(record: Record) -> str:
    """The page. Every word of a child is escaped; nothing in it runs."""
    return _rendered("interview.html", record)


def body(record: Record) -> str:
    """What stands on the page, for another page that has its own head and style."""
    return _rendered("record.html", record)


def figures(
    title: str,
    period: str,
    columns: Sequence[str],
    tables: Mapping[str, Sequence[Sequence[str]]],
    notes: Sequence[str],
) -> str:
    """Figures of many children as a page to print: a table under each name."""
    return _TEMPLATES.get_template("figures.html").render(
        title=title, period=period, columns=columns, tables=tables, notes=notes
    )


def _rendered(template: str, record: Record) -> str:
    return _TEMPLATES.get_template(template).render(
        record=plain.as_dict(record), told=record.told, areas=AREAS, form=_form(), kit=_kit()
    )
