"""What a worker typed, read before it leaves: what is held back and why, and what they promised. Pure.

May not change a word, send one, or decide for a supervisor. Rules are `library/composer.yaml`; only numbers, addresses and
links, which have a form and no words, are known here. It is meant to catch slips and grooming alike, so a doubtful text is
held: a supervisor sees it within the minute, and nothing that was typed is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import islice, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import lines, probing
from flows.phrases import compared, split, stands, without

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import tzinfo

    from flows.phrases import Phrases

FILE: Final = Path(__file__).parent / "library" / "composer.yaml"
HELD: Final = ("handle", "meeting", "secrecy", "picture")
REASONS: Final = ("leading", "unknown_language", "phone", "email", "link", *HELD)
# Fewer figures are 999, an hour, a bus, a page of our own numbers; a telephone number has more.
_FIGURES: Final = 7
# Words a promise may have between "I'll" and "text".
_BETWEEN: Final = 4

_SPOKEN: Final = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "o": "0", "nil": "0", "naught": "0",
}  # fmt: skip
_EMAIL: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]+\s*(?:@|\(at\)|\[at\])\s*[\w-]+|\b[\w.+-]+ at [\w-]+ (?:dot|\.) [a-z]{2,}\b"
)
_AT_NAME: Final = re.compile(r"(?<![\w.])@\s?[a-z0-9_.]{3,}")
_LINK: Final = re.compile(
    r"https?:|www\s*[.]|\b[a-z0-9-]+\s*(?:\.|\(dot\)|\[dot\]| dot )\s*(?:com|co|uk|org|net|io|me|ly|gg|app|info|xyz|link|be|tv)\b"
)
_DATE: Final = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[:.]\d{2}\b")
_NUMBERLIKE: Final = re.compile(r"[+(]?\d[\d\s().,/*_+-]*\d")


@dataclass(frozen=True, slots=True)
class Rules:
    """The file as values: phrases as tuples of words, by language; `held`: by reason first."""

    leading: Mapping[str, Phrases]
    fine: Mapping[str, Phrases]
    may_ask: Mapping[str, Phrases]
    about: Phrases
    parts: frozenset[str]
    held: Mapping[str, Mapping[str, Phrases]]
    says: Phrases
    does: Phrases


@dataclass(frozen=True, slots=True)
class Found:
    """Why a text is held. `words`: what was found, as it was compared."""

    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What a worker said they would do: the words from "I'll" on, and when, where they said a time."""

    words: str
    due: datetime | None


def check(
    text: str,
    *,
    locked: bool,
    locale: str,
    known_numbers: Collection[str] = (),
    before: Iterable[str] = (),
    rules: Rules | None = None,
) -> tuple[Found, ...]:
    """Why `text` must not leave by itself; nothing: it may. `locked`: after a disclosure. `known_numbers`: help lines, as
    figures. `before`: what the same worker sent just before, so that a number cut in two is seen.
    """
    known = rules or load()
    plain = compared(text)
    words = without(split(plain), known.fine.get("en", ()))
    found = [*starmap(Found, probing.found(plain, locale, known))] if locked else []
    found += _forms(plain, known_numbers, [compared(one) for one in before])
    for reason in HELD:
        every = (
            Found(reason, " ".join(one))
            for language, listed in known.held[reason].items()
            for one in listed
            if (one[0] in plain if language in known.parts else stands(one, words))
        )
        found += list(islice(every, 1))
    return tuple({one.reason: one for one in reversed(found)}.values())[::-1]


# --- what has a form and no words -------------------------------------------------------------------------------------


def _forms(plain: str, known: Collection[str], before: list[str]) -> Iterator[Found]:
    yield from (Found("email", one[0]) for one in [_EMAIL.search(plain)] if one)
    yield from (Found("handle", one[0]) for one in [_AT_NAME.search(plain)] if one)
    yield from (Found("link", one[0]) for one in [_LINK.search(plain)] if one)
    allowed = {re.sub(r"\D", "", one) for one in known}
    number = _number(plain, allowed)
    if number is None and re.search(r"\d", _figures(plain)):
        number = _number(" ".join([*before, plain]), allowed)
        if number is not None and any(_number(one, allowed) == number for one in before):
            number = None
    if number is not None:
        yield Found("phone", number)


def _number(plain: str, allowed: Collection[str]) -> str | None:
    """A telephone number, as figures; None without one. Help lines that the service itself names may be said."""
    for run in _NUMBERLIKE.findall(_figures(_DATE.sub(" ; ", plain))):
        parts = re.findall(r"\d+", run)
        while parts and parts[0] in allowed:
            parts.pop(0)
        while parts and parts[-1] in allowed:
            parts.pop()
        figures = "".join(parts)
        for one in allowed:
            figures = figures.replace(one, "") if len(one) >= _FIGURES - 1 else figures
        if len(figures) >= _FIGURES:
            return figures
    return None


def _figures(plain: str) -> str:
    """Words of figures as figures, so that "oh seven seven double oh" is seen for what it is."""
    said: list[str] = []
    times = 1
    for word in re.findall(r"\d+|[^\W\d_]+|[^\w\s]|_", plain):
        if word in ("double", "triple", "treble"):
            times = 2 if word == "double" else 3
            continue
        said.append(_SPOKEN[word] * times if word in _SPOKEN else word)
        times = 1
    return " ".join(said)


# --- promises ---------------------------------------------------------------------------------------------------------


def promise(text: str, at: datetime, tz: tzinfo, rules: Rules | None = None) -> Promise | None:
    """What the worker said they would do, and by when; None when they promised nothing. `at`: when they said so."""
    known = rules or load()
    words = split(compared(text))
    for start in range(len(words)):
        for says in known.says:
            if words[start : start + len(says)] != says:
                continue
            rest = words[start + len(says) :]
            if any(stands(does, rest[: _BETWEEN + len(does)]) for does in known.does):
                return Promise(" ".join(words[start:])[:200], due(text, at, tz))
    return None


_CLOCK: Final = re.compile(r"\b(?:at|by|before|around|about|till|until) (\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)?(?![\d/])")
_IN: Final = re.compile(r"\bin (?:about |around )?(\d{1,3}|an?|half an|a few|a couple of) (min|hour|hr|day)")
_SOME: Final = {"a": 1.0, "an": 1.0, "half an": 0.5, "a few": 3.0, "a couple of": 2.0}
_UNITS: Final = {
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "hr": timedelta(hours=1),
    "day": timedelta(days=1),
}
_PARTS: Final = {"tonight": 20, "this evening": 19, "this afternoon": 16, "in the morning": 10}


def due(text: str, at: datetime, tz: tzinfo) -> datetime | None:
    """When something promised in `text` is due: the soonest time after `at` that it can mean. None: no time was said."""
    plain = compared(text)
    if span := _IN.search(plain):
        amount = _SOME.get(span[1]) or float(span[1])
        return at + amount * _UNITS[span[2]]
    day = at.astimezone(tz).date() + timedelta(days=1 if "tomorrow" in plain else 0)
    later = datetime.combine(day, time(), tz) if "tomorrow" in plain else at
    if clock := _CLOCK.search(plain):
        hours = _hours(int(clock[1]), clock[3])
        minute = int(clock[2] or 0)
        return _soonest(hours, minute, later, tz) if hours and minute < 60 else None  # noqa: PLR2004 - minutes of an hour
    part = next((hour for words, hour in _PARTS.items() if words in plain), None)
    if part is not None:
        return _soonest((part,), 0, later, tz)
    return datetime.combine(day, time(10), tz).astimezone(at.tzinfo) if "tomorrow" in plain else None


def _hours(said: int, half: str | None) -> tuple[int, ...]:
    """The hours of a day that "4", "4 pm" or "16" can mean."""
    if said > 23 or (half and not 1 <= said <= 12):  # noqa: PLR2004 - hours of a clock
        return ()
    if half:
        return (said % 12 + (12 if half == "pm" else 0),)
    # Nobody promises a child four in the morning without saying so.
    return (said, said + 12) if 7 <= said < 12 else ((said + 12,) if 1 <= said < 7 else (said,))  # noqa: PLR2004


def _soonest(hours: tuple[int, ...], minute: int, after: datetime, tz: tzinfo) -> datetime:
    start = after.astimezone(tz).date()
    days = (start, start + timedelta(days=1))
    times = (datetime.combine(day, time(hour, minute), tz).astimezone(after.tzinfo) for day in days for hour in hours)
    return min(one for one in times if one >= after)


# --- the file ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def load(path: Path = FILE) -> Rules:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    names = ("leading", "parts", "fine", "may_ask", "about", *HELD, "promise")
    parts = lines.read(path).mapping(names, need=names)
    promised = parts["promise"].mapping(("says", "does"), need=("says", "does"))
    return Rules(
        leading=_by_language(parts["leading"]),
        fine=_by_language(parts["fine"]),
        may_ask=_by_language(parts["may_ask"]),
        about=_phrases(parts["about"]),
        parts=frozenset(one.text() for one in parts["parts"].items()),
        held={reason: _by_language(parts[reason]) for reason in HELD},
        says=_phrases(promised["says"]),
        does=_phrases(promised["does"]),
    )


def _by_language(node: lines.Node) -> Mapping[str, Phrases]:
    return {language: _phrases(one) for language, one in node.mapping().items()}


def _phrases(node: lines.Node) -> tuple[tuple[str, ...], ...]:
    """Phrases with commas between, as words; the longest first, so that what is shown is the most that was found."""
    found = [_phrase(one) for one in node.text().split(",")]
    if any(not one for one in found):
        raise node.error("an empty phrase; write words with single commas between")
    return tuple(sorted(set(found), key=lambda one: (-len(one), one)))


def _phrase(text: str) -> tuple[str, ...]:
    words, end = split(compared(text)), text.strip()[-1:]
    return (*words[:-1], words[-1] + end) if words and end in ("*", "?") else words
