"""What a worker records of a return interview beside the child's words: fields, indicators, intelligence, actions, and the
signatures under it.

May not hold an answer of the child: those stand in the record with where they came from. May not say that there is no risk,
nor let a code stand where the child's words are not (D9, C19). Once signed nothing changes but by a dated amendment, and a
child's correction stands beside what it corrects. Fields, answers and what is needed stand in `library/report.yaml`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import claims, conditions, lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from flows.conditions import Condition
    from flows.lines import Node

FILE: Final = Path(__file__).parent / "library" / "report.yaml"
LONGEST: Final = 4000
# Not the joiners that other scripts need, which are printed in their way.
_UNPRINTABLE: Final = frozenset({"Cc", "Cs"})
_KEYS: Final = ("fields", "purposes", "needed", "coded_after_words", "own_words", "intelligence", "never")
_FIELD: Final = ("label", "options", "several")
# What was heard of grave harm, whatever the worker writes of it: all of it decided, or not yet.
HEARD: Final = (DECIDED := "decided", UNDECIDED := "undecided")
NONE_TOLD, TOLD = "none_recorded", "yes"
CORRECTS, WITHDRAWS = "corrects", "withdraws"


@dataclass(frozen=True, slots=True)
class Field:
    """`options`: the answers it may have, empty for free words; `several`: more than one, with commas between."""

    label: str
    options: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The file as values."""

    fields: Mapping[str, Field]
    purposes: tuple[str, ...]
    needed: tuple[tuple[Condition, tuple[str, ...]], ...]
    coded: frozenset[str]
    own_words: tuple[str, ...]
    kinds: tuple[str, ...]
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intelligence:
    """Something that helps to find a child or who harms them, and can be passed on without saying which child told it.

    `what`: as it is passed on; `words`: the child's own, which stay here.
    """

    kind: str
    what: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """Something somebody has said they will do, by a day (ISO)."""

    what: str
    owner: str
    due: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """What the child says of an answer when they read it: both versions stand. `kind`: corrects or withdraws."""

    question: str
    kind: str
    words: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """What was changed after it was signed, by whom, why. `changes`: names of fields; the values are in the versions."""

    at: datetime
    by: str
    reason: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed in which role. `digest`: SHA-256 of what they signed, answers and all."""

    by: str
    role: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Read:
    """The child read its own words. `outcome`: right (they said so) or changed (corrections say what)."""

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Report:
    """One version of what the worker recorded. `level`: as a person confirmed it, empty while nobody has. `shared`: question ->
    the roles its answer may go to, with commas; an answer that is not there goes to the council alone. `evidence`: what a
    confirmed indicator rests on; `left`: indicators that a person looked at and did not find.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    indicators: tuple[str, ...] = ()
    level: str = ""
    level_reason: str = ""
    level_by: str = ""
    intelligence: tuple[Intelligence, ...] = ()
    actions: tuple[Action, ...] = ()
    corrections: tuple[Correction, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    signatures: tuple[Signature, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    read: tuple[Read, ...] = ()

    @property
    def signed(self) -> bool:
        """Whether somebody stands for it."""
        return bool(self.signatures)


class NotRecorded(ValueError):
    """It cannot be recorded so; the message says what is wrong and how to mend it."""


def load(path: Path = FILE) -> Form:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    parts = lines.read(path).mapping(_KEYS, need=_KEYS)
    fields = {name: _field(node) for name, node in parts["fields"].mapping().items()}

    def named(node: Node) -> tuple[str, ...]:
        return tuple(one.one_of(fields, "field") for one in node.items())

    return Form(
        fields,
        named(parts["purposes"]),
        tuple(_needed(row, fields) for row in parts["needed"].items()),
        frozenset(named(parts["coded_after_words"])),
        parts["own_words"].words(),
        parts["intelligence"].words(),
        tuple(one.text() for one in parts["never"].items()),
    )


def _field(node: Node) -> Field:
    parts = node.mapping(_FIELD, need=("label",))
    listed = parts.get("options") or parts.get("several")
    return Field(parts["label"].text(), listed.words() if listed is not None else (), "several" in parts)


def _needed(row: Node, fields: Collection[str]) -> tuple[Condition, tuple[str, ...]]:
    parts = row.mapping(("when", "fields"), need=("when", "fields"))
    when = claims.parsed(parts["when"])
    for name in sorted(conditions.names(when) - {"heard"}):
        if name not in fields:
            raise row.error(f"no field '{name}'; {lines.nearest(name, fields)}")
    return when, tuple(one.one_of(fields, "field") for one in parts["fields"].items())


# --- changing it ------------------------------------------------------------------------------------------------------


def with_fields(form: Form, report: Report, given: Mapping[str, str], answered: Collection[str]) -> Report:
    """The report with these fields set; an empty value takes a field away. `answered`: questions the child answered in
    their own words. Raises NotRecorded.
    """
    found = dict(report.fields)
    for name, value in given.items():
        checked = _value(form, name, value)
        if checked:
            found[name] = checked
        else:
            found.pop(name, None)
    for name in form.coded & given.keys():
        if given[name].strip() and not any(words in answered or found.get(words) for words in form.own_words):
            raise NotRecorded(
                f"{_label(form, name)}: first what the child said in their own words, then the code for it"
            )
    return replace(report, fields=found)


def _value(form: Form, name: str, value: str) -> str:
    known = form.fields.get(name)
    if known is None:
        raise NotRecorded(f"there is no field '{name}'; {lines.nearest(name, form.fields)}")
    if not known.options:
        return words(form, name, value)
    chosen = [one.strip() for one in value.split(",") if one.strip()] if known.several else [value.strip()]
    for one in chosen:
        if one and one not in known.options:
            raise NotRecorded(f"{name}: '{one[:40]}' is no answer here: use {', '.join(known.options)}")
    return ",".join(dict.fromkeys(chosen))


def _label(form: Form, name: str) -> str:
    """A field as whoever fills it in reads it."""
    return form.fields[name].label if name in form.fields else name


def words(form: Form, name: str, value: str) -> str:
    """Free words of a worker, as they may be recorded. Raises NotRecorded without quoting them."""
    plain = value.strip()
    if len(plain) > LONGEST:
        raise NotRecorded(
            f"{_label(form, name)}: is longer than {LONGEST} characters; say it shorter, or in more fields"
        )
    if any(unicodedata.category(mark) in _UNPRINTABLE and mark not in "\n\t" for mark in plain):
        raise NotRecorded(f"{_label(form, name)}: has a character that cannot be printed; type it again")
    read = re.sub(r"[\s_-]+", " ", plain).casefold()
    for never in form.never:
        if re.search(rf"(?<!\w){re.escape(never)}(?!\w)", read):
            raise NotRecorded(
                f"{_label(form, name)}: '{never}' is not written of a child; say what was seen or heard instead"
            )
    return plain


def as_given(text: str) -> str:
    """Somebody else's words as they gave them, which are not ours to judge: as much as a record holds, without marks that
    cannot be printed.
    """
    kept = (
        mark for mark in text.replace("\r\n", "\n") if mark in "\n\t" or unicodedata.category(mark) not in _UNPRINTABLE
    )
    return "".join(kept)[:LONGEST].strip()


def lacking(form: Form, report: Report, heard: str = "") -> tuple[str, ...]:
    """What must still be there before anybody can sign, as names of fields, `level`, `actions`, and `decision`: of an alert about
    grave harm, beside which nobody can have recorded that none was told. `heard`: as `HEARD`; of no such harm, empty.
    """
    held = report.fields
    wanted: list[str] = []
    for when, names in form.needed:
        if conditions.holds(when, {**held, "heard": heard}):
            wanted += names
    lacks = [name for name in dict.fromkeys(wanted) if not held.get(name)]
    if heard == UNDECIDED and held.get("disclosure") == NONE_TOLD:
        lacks.append("decision")
    if report.indicators and not report.level:
        lacks.append("level")
    if held.get("disclosure") == TOLD and not report.actions and not report.signed:
        lacks.append("actions")  # harm was told, and then nothing (001:1025-1027)
    return tuple(lacks)
