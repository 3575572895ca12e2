"""The filed interview as CSV, one row an answer: for whoever reads many in a spreadsheet. May not sum anything up."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from bot.filing import cells
from bot.filing.times import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.filing.cells import Cell
    from flows.record import AlertLine, Entry, HeardConcern, Record

HEADER: Final = ("case", "part", "key", "asked", "value", "said", "at", "locale", "by", "child_ref")
CHOSE_NOT_TO_SAY: Final = "chose not to say"


def write(record: Record) -> str:
    """Of whom it is, every answer, then every concern and alert, in the order of the record; a skipped question is said to be
    that.
    """
    out = io.StringIO(newline="")
    cells.write(out, HEADER, rows(record))
    return out.getvalue()


def rows(record: Record) -> Iterator[tuple[Cell, ...]]:
    """What `write` writes, as values."""
    return ((*row, record.child) for row in _rows(record))


def _rows(record: Record) -> Iterator[tuple[Cell, ...]]:
    for part in ("child", "episode"):
        for name, value in record.of.get(part, {}).items():
            shown = " ".join(value) if isinstance(value, list) else str(value)
            yield record.case, part, name, None, shown, None, None, None, None
    for one in record.of.get("offers", ()):
        yield record.case, "offer", one["way"], None, one["result"], None, one["at"], None, one["by"]
    for area, entries in (*record.areas.items(), ("other", record.other)):
        for one in entries:
            yield record.case, area, *_entry(one)
    for part, name, value in _worker(record):
        yield record.case, part, name, None, value, None, None, None, "worker"
    for heard in record.concerns:
        yield record.case, "concern", *_concern(heard)
    for alert in record.alerts:
        for what, value, at, by in _alert(alert):
            yield record.case, "alert", f"{alert.number} {what}", None, value, None, at, None, by


def _worker(record: Record) -> Iterator[tuple[str, str, str]]:
    """What the worker recorded; nothing for what they did not."""
    report = record.report
    if report is None:
        return
    for name, value in sorted(report.fields.items()):
        yield "worker", name, value
    for code in report.indicators:
        yield "indicator", code, "confirmed"
    for row in report.intelligence:
        yield "intelligence", row.kind, row.what
    for action in report.actions:
        yield "action", f"{action.owner} by {action.due}", action.what
    for one in report.signatures:
        yield "signed", one.role, f"{one.by} {stamp(one.at)}"


def _entry(one: Entry) -> tuple[Cell, ...]:
    return one.question, one.asked, _value(one), one.said, stamp(one.at), one.locale, one.by


def _value(one: Entry) -> Cell:
    if one.value is None:
        return CHOSE_NOT_TO_SAY
    if isinstance(one.value, tuple):
        return "; ".join(one.value)
    return one.value


def _concern(heard: HeardConcern) -> tuple[Cell, ...]:
    found = heard.concern
    named = "; ".join(found.categories)
    return named, heard.asked, f"L{int(found.level)}", heard.words, stamp(heard.at), None, "listening"


def _alert(one: AlertLine) -> Iterator[tuple[str, str, str | None, str | None]]:
    """What, which, when and by whom, of one alert. No words: the child's stand with the concern, a reason in the other forms."""
    raised = stamp(one.opened_at)
    yield "level", f"L{one.level}", raised, None
    if one.categories:
        yield "categories", "; ".join(one.categories), raised, None
    yield "state", one.state, None, None
    if one.taken_by is not None:
        yield "taken", one.taken_by, stamp(one.taken_at) if one.taken_at else None, one.taken_by
    for each in one.decisions:
        yield each.kind, each.what, stamp(each.at), each.by
