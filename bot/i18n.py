"""Every text in every language: catalogues read, flows put into a language, a child's language matched to one of ours.

The only user of Babel. May not hold a text for a child, and may not decide whether a language is offered: that is
`review`, from what is missing here, what is a draft and what somebody has signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final

from babel.core import Locale, UnknownLocaleError, get_global
from babel.dates import format_date
from babel.messages.pofile import PoFileError, read_po

from bot.localising import SOURCE_LOCALE, commands, common, localise
from bot.wording import BadPlaceholder, fill, placeholders
from flows import loader, signing
from flows.composing import composed as compose
from flows.lines import LoadError
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from babel.messages.catalog import Message

    from flows.loader import Source

__all__ = [
    "BadPlaceholder",
    "Catalogue",
    "Entry",
    "State",
    "Written",
    "called",
    "commands",
    "common",
    "compose",
    "direction",
    "extract",
    "fill",
    "load_catalogues",
    "localise",
    "messages",
    "negotiate",
    "placeholders",
    "read",
    "weekday",
]

REVIEWED: Final = "X-Waymark-Reviewed"


# --- what has to be translated ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One text to be translated: its name (msgctxt), the English, where it stands, what a translator should know."""

    context: str
    text: str
    file: str
    line: int
    comment: str

    @property
    def sent(self) -> bool:
        """Whether a child reads it; the others are words a child may send."""
        return not (self.context.endswith(".words") or self.context.startswith("commands."))


def messages(source: Source) -> Iterator[Entry]:
    """Every catalogue entry of the flow files, in their order."""
    for text in source.texts:
        yield Entry(text.id, text.english, text.file, text.line, _comment(source, text.id))


def extract(
    fileobj: IO[bytes],
    _keywords: object,
    _comment_tags: object,
    options: object,  # noqa: ARG001 - Babel names it
) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """Babel's extractor for a file of `flows/library`: `pybabel extract -F pyproject.toml`."""
    path = Path(fileobj.name)
    for entry in messages(loader.load(path.parent)):
        if Path(entry.file).name == path.name:
            yield entry.line, "pgettext", (entry.context, entry.text), [entry.comment]


_WORDS = "Never sent: what else a child may type for this, as children type it, with commas between."
_COMMENTS: Final = {
    "after": "A sentence after the numbered answers.",
    "easier": "The question in easier words, for when the first answer was not clear.",
    "words": _WORDS,
}
_BY_KIND: Final = {
    Kind.STATEMENT: "A whole message.",
    Kind.FREE: "A question that is answered in the child's own words; how to skip is put behind it.",
}


def _comment(source: Source, context: str) -> str:
    home, key, *rest = context.split(".")
    if home == "commands":
        return "Never sent: whole messages that mean this at any time, as children type them, with commas between."
    if home == loader.PAGE:
        return "On the web page, around the chat."
    if key == "common":
        return _WORDS if rest[-1] == "words" else "Used by every question."
    if rest:
        return _COMMENTS.get(rest[-1], "An answer, shown behind its number: short.")
    step = next(flow.steps[key] for flow in source.flows.values() if key in flow.steps)
    return _BY_KIND.get(step.kind, "A question; its numbered answers are put behind it.")


# --- the catalogues ---------------------------------------------------------------------------------------------------


class State(StrEnum):
    """How far a text has come in a language. Only what a named native reader signed is reviewed (decisions 9)."""

    MISSING = "missing"
    DRAFT = "draft"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Written:
    """One translation as it stands in its catalogue. `signed`: date and name, or ""; `line` counts from 1."""

    text: str
    signed: str
    line: int


# How the context of a list ends that a child may type and is never sent.
TYPED: Final = ".words"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Catalogue:
    """The texts of one language. `lines` by (context, English): a translation of an English that has changed is none. What a
    child may type beside an answer is no translation of the English list, and stands when that one grows.

    `signed`: who reviewed the whole and when, from the header, or "". One that was read is equal to itself alone.
    """

    locale: str
    file: str
    lines: Mapping[tuple[str, str], Written]
    words: Mapping[str, str]
    signed: str = ""

    def text(self, context: str, english: str) -> str | None:
        """The translation, or None. In the source language an entry says the English itself."""
        written = self.lines.get((context, english))
        if self.locale == SOURCE_LOCALE:
            return (written.text if written else "") or english
        if written is None and context.endswith(TYPED):
            return self.words.get(context) or None
        return (written.text or None) if written else None

    def state(self, context: str, english: str) -> State:
        """Missing, draft or reviewed."""
        if self.text(context, english) is None:
            return State.MISSING
        written = self.lines.get((context, english))
        return State.REVIEWED if written and written.signed else State.DRAFT


def load_catalogues(folder: Path) -> Mapping[str, Catalogue]:
    """Every `<locale>/LC_MESSAGES/messages.po` of `folder`, by tag (`zh-Hans` for `zh_Hans`), each file read once.

    LoadError (`file:line: what to change`) for a file that is no catalogue.
    """
    files = sorted(folder.glob("*/LC_MESSAGES/messages.po"))
    found = (_read_once(path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    return MappingProxyType({catalogue.locale: catalogue for catalogue in found})


@lru_cache(maxsize=128)
def _read_once(path: Path, _changed: int, _size: int) -> Catalogue:
    with path.open("rb") as file:
        return read(file, path.parts[-3].replace("_", "-"), "/".join(path.parts[-4:]))


def read(file: IO[bytes], locale: str, name: str) -> Catalogue:
    """A catalogue from an open .po file. LoadError as in `load_catalogues`; `name` is what an error calls the file."""
    try:
        catalog = read_po(file, charset="utf-8", abort_invalid=True)
    except PoFileError as error:
        raise LoadError(name, error.lineno + 1, "not how a .po file is written; see locales/README.md") from None
    except UnicodeDecodeError:
        raise LoadError(name, 1, "this is not UTF-8; save the file as UTF-8") from None
    file.seek(0)
    text = file.read().decode("utf-8")
    for line, written in enumerate(text.split("\n"), 1):
        if re.match(r'msg|"', written) and not re.search(r'"[^"]*.*"\s*$', written):
            raise LoadError(name, line, "a text begins and ends with a double quote; one is missing")
    header = re.search(rf'^"{REVIEWED}:\s*(.*?)\s*\\n"$', text, re.MULTILINE)
    signed = header.group(1) if header else ""
    if signed and signing.signed_on(signed) is None:
        raise LoadError(name, 1, f"write '{REVIEWED}: <date> <name>', as in '2026-11-21 Nguyen Van An'")
    lines = {(one.context or "", str(one.id)): _written(one, signed, name) for one in catalog if one.id}
    words = {context: written.text for (context, _), written in lines.items()}
    return Catalogue(locale, name, MappingProxyType(lines), MappingProxyType(words), signed)


def _written(message: Message, signed: str, name: str) -> Written:
    line = message.lineno or 1
    if message.fuzzy:
        raise LoadError(name, line, "the fuzzy flag is not used here; write '#. draft' above the entry instead")
    if not isinstance(message.string, str):
        raise LoadError(name, line, "plurals are not used; say it so that the number does not matter")
    own = next((note[9:].strip() for note in message.auto_comments if note.startswith("reviewed ")), "")
    if own and signing.signed_on(own) is None:
        raise LoadError(name, line, "write '#. reviewed <date> <name>', as in '#. reviewed 2026-11-21 Nguyen Van An'")
    return Written(message.string, own or ("" if "draft" in message.auto_comments else signed), line)


# --- which of our languages is a child's ------------------------------------------------------------------------------

# What CLDR's likely subtags do not know, or know only by another code: Dari is written Persian, Kurdish without more is
# Kurmanji in Latin letters and Sorani in Arabic ones, Moldovan is Romanian.
_SAME: Final = {
    ("prs", ""): ("fa", "Arab"),
    ("ku", "Latn"): ("kmr", "Latn"),
    ("ku", "Arab"): ("ckb", "Arab"),
    ("mo", "Latn"): ("ro", "Latn"),
    ("kmr", ""): ("kmr", "Latn"),
    ("sdh", ""): ("ckb", "Arab"),
    ("arb", ""): ("ar", "Arab"),
    ("pnb", "Arab"): ("pa", "Arab"),
    ("yue", "Hant"): ("zh", "Hant"),
    ("yue", "Hans"): ("zh", "Hans"),
    ("cmn", ""): ("zh", "Hans"),
}
_LIKELY: Final = {"ku_IQ": "ku_Arab_IQ", "ku_IR": "ku_Arab_IR"}
_TAG: Final = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?:-[a-z0-9]{4,8})*")
_AFGHAN: Final = "af"


def negotiate(tag: str, offered: Iterable[str]) -> str | None:
    """The offered language a child with `tag` reads, or None. `zh-TW` and `zh-HK` read `zh-Hant`, `prs` reads `fa`.

    By likely subtags: same language, same script; never another script, which a child may not be able to read.
    """
    given = tuple(offered)
    exact = {each.lower().replace("_", "-"): each for each in given}
    wanted = tag.strip().lower().replace("_", "-")
    if wanted in exact:
        return exact[wanted]
    parts = _parts(wanted)
    if parts is None:
        return None
    if parts[0] == "fa" and _AFGHAN in wanted.split("-")[1:] and "prs" in exact:
        return exact["prs"]
    near = [each for each in given if (_parts(each) or ("", ""))[:2] == parts[:2]]
    return min(near, key=len, default=None)


def is_tag(given: str) -> bool:
    """Whether this is the tag of a language that there is, ours or not."""
    parts = _parts(given.strip())
    # Every language of two letters is listed; of those of three, not even each that we have.
    return parts is not None and (len(parts[0]) > 2 or parts[0] in get_global("likely_subtags"))  # noqa: PLR2004


def _parts(tag: str) -> tuple[str, str] | None:
    """(language, script), the script as it is likely written; None for what is no language tag."""
    found = _TAG.fullmatch(tag.lower().replace("_", "-"))
    if not found:
        return None
    language: str = found.group(1)
    script, place = (found.group(2) or "").title(), (found.group(3) or "").upper()
    likely: dict[str, str] = {**get_global("likely_subtags"), **_LIKELY}
    asked = [[language, script, place], [language, place], [language, script], [language]]
    full = next((likely[key] for parts in asked if (key := "_".join(filter(None, parts))) in likely), "")
    written: str = script or (full.split("_")[1] if full else "")
    return _SAME.get((language, written), (language, written))


_RIGHT_TO_LEFT: Final = frozenset({"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"})


def direction(tag: str) -> str:
    """`rtl` or `ltr`: how a language is written, as HTML says it."""
    parts = _parts(tag)
    return "rtl" if parts and parts[1] in _RIGHT_TO_LEFT else "ltr"


# How some are called here, where CLDR has no name, or one that nobody says.
_CALLED: Final = {"prs": "Dari", "kmr": "Kurmanji", "ckb": "Sorani", "bn": "Bengali"}


@lru_cache(maxsize=512)
def called(tag: str) -> str:
    """What a language is called in English; the tag itself where nobody knows it."""
    try:
        return _CALLED.get(tag) or Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


# --- days -------------------------------------------------------------------------------------------------------------


def weekday(at: datetime, locale: str) -> str:
    """The day's name as it stands in a sentence of this language; English where CLDR has none."""
    return _weekday(at.date(), locale)


def weekday_in_english(name: str, locale: str) -> str:
    """The English of a day's name as `weekday` gives it; the name itself where it is no day of this language."""
    week = (date(2026, 1, 5) + timedelta(days=days) for days in range(7))
    return next((_weekday(day, "en") for day in week if _weekday(day, locale) == name), name)


@lru_cache(maxsize=512)
def _weekday(day: date, locale: str) -> str:
    try:
        return format_date(day, "EEEE", locale=Locale.parse(locale, sep="-"))
    except (UnknownLocaleError, ValueError):
        return format_date(day, "EEEE", locale="en")
