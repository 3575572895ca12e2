"""What a worker typed, read before it leaves: what is held back and why. Pure.

May not change a word, send one, or decide for a supervisor; what was promised is for `promising`. Rules are
`library/composer.yaml`; only numbers, addresses and links, which have a form and no words, are known here. It is meant to catch
slips and grooming alike, so a doubtful text is held: a supervisor sees it within the minute, and nothing that was typed is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import lines, probing
from flows.phrases import compared, form, split, stands, without

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from flows.phrases import Form, Phrases

FILE: Final = Path(__file__).parent / "library" / "composer.yaml"
HELD: Final = ("handle", "meeting", "secrecy", "picture", "advice", "third_party", "whereabouts", "intimate")
REASONS: Final = ("leading", "unknown_language", "phone", "email", "link", *HELD)
# Fewer figures are 999, an hour, a bus, a page of our own numbers; a telephone number has more.
_FIGURES: Final = 7

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
_CLAUSES: Final = re.compile(r"[,;:]\s+| - ")
_NUMBERLIKE: Final = re.compile(r"[+(]?\d[\d\s().,/*_+-]*\d")


@dataclass(frozen=True, slots=True)
class Rules:
    """The file as values: phrases as tuples of words, by language; `held`: by reason first."""

    leading: Mapping[str, Phrases]
    fine: Mapping[str, Phrases]
    may_ask: Mapping[str, Phrases]
    about: Phrases
    opens: Phrases
    sets: Mapping[str, Phrases]
    forms: Mapping[str, tuple[Form, ...]]
    shorthand: Mapping[str, str]
    parts: frozenset[str]
    held: Mapping[str, Mapping[str, Phrases]]
    says: Phrases
    does: Phrases


@dataclass(frozen=True, slots=True)
class Found:
    """Why a text is held. `words`: what was found, as it was compared."""

    reason: str
    words: str


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
    written = spelt(plain, known)
    fine = known.fine.get("en", ())
    words, english = without(split(plain), fine), without(split(written), fine)
    read = dict.fromkeys((plain, written)) if locked else ()
    found = [Found(*one) for said in read for one in probing.found(said, locale, known)]
    found += _forms(plain, known_numbers, [compared(one) for one in before])
    for reason in HELD:
        every = (
            Found(reason, " ".join(one))
            for language, listed in known.held[reason].items()
            for one in listed
            if (one[0] in plain if language in known.parts else stands(one, english if language == "en" else words))
        )
        found += list(islice(every, 1))
    found += _built(written, locale, known, locked=locked)
    return tuple({one.reason: one for one in reversed(found)}.values())[::-1]


def _built(written: str, locale: str, known: Rules, *, locked: bool) -> Iterator[Found]:
    """What is held for the way in which a sentence is built, unless after a disclosure it may be asked."""
    fine = known.fine.get("en", ())
    put = locked and probing.is_read_as_english(written, locale, known)
    for sentence in probing.sentences(written):
        clauses = dict.fromkeys((sentence, *_CLAUSES.split(sentence)))
        readings = [(without(whole, fine), whole) for whole in map(split, clauses)]
        for reason, forms in known.forms.items():
            if reason != "leading":
                built = (one.words(*reading) for reading in readings for one in forms)
            elif put and not probing.may_ask(sentence, known):
                built = (one.words(*readings[0]) for one in forms)
            else:
                continue
            yield from (Found(reason, " ".join(one)) for one in islice(filter(None, built), 1))


def spelt(plain: str, rules: Rules) -> str:
    """A compared text with the shorthand of telephones written out: a child's spelling hides no question."""
    return re.sub(r"(?<![^\W_]|')[a-z]+(?![^\W_]|')", lambda one: rules.shorthand.get(one[0], one[0]), plain)


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
    """Words of figures as figures, so that "oh seven seven double oh" is seen for what it is, and an o among them."""
    plain = re.sub(r"(?<=\d)o+(?=[\do])|(?<![^\W\d_])o+(?=\d)", lambda one: "0" * len(one[0]), plain)
    said: list[str] = []
    times = 1
    for word in re.findall(r"\d+|[^\W\d_]+|[^\w\s]|_", plain):
        if word in ("double", "triple", "treble"):
            times = 2 if word == "double" else 3
            continue
        said.append(_SPOKEN[word] * times if word in _SPOKEN else word)
        times = 1
    return " ".join(said)


# --- the file ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def load(path: Path = FILE) -> Rules:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    names = ("leading", "opens", "shorthand", "parts", "fine", "may_ask", "about", "sets", "forms", *HELD, "promise")
    parts = lines.read(path).mapping(names, need=names)
    sets = _sets(parts["sets"])
    promised = parts["promise"].mapping(("says", "does"), need=("says", "does"))
    return Rules(
        leading=_by_language(parts["leading"]),
        fine=_by_language(parts["fine"]),
        may_ask=_by_language(parts["may_ask"]),
        about=_phrases(parts["about"]),
        opens=_phrases(parts["opens"]),
        sets=sets,
        forms={
            reason: tuple(_form(one, sets) for one in listed.items())
            for reason, listed in parts["forms"].mapping(("leading", *HELD)).items()
        },
        shorthand={one[0]: " ".join(one[1:]) for one in _phrases(parts["shorthand"])},
        parts=frozenset(one.text() for one in parts["parts"].items()),
        held={reason: _by_language(parts[reason]) for reason in HELD},
        says=_phrases(promised["says"]),
        does=_phrases(promised["does"]),
    )


def _sets(node: lines.Node) -> Mapping[str, Phrases]:
    """By name; a set may hold one that stands before it, as `<kin>`."""
    found: dict[str, Phrases] = {}
    for name, one in node.mapping().items():
        text = re.sub(r"<(\w+)>", lambda within: ", ".join(" ".join(phrase) for phrase in found[within[1]]), one.text())
        found[name] = _listed(text, one)
    return found


def _form(node: lines.Node, sets: Mapping[str, Phrases]) -> Form:
    try:
        return form(node.text(), sets)
    except KeyError as unknown:
        raise node.error(f"no set {unknown}; write one of {', '.join(sets)}") from None


def _by_language(node: lines.Node) -> Mapping[str, Phrases]:
    return {language: _phrases(one) for language, one in node.mapping().items()}


def _phrases(node: lines.Node) -> tuple[tuple[str, ...], ...]:
    """Phrases with commas between, as words; the longest first, so that what is shown is the most that was found."""
    return _listed(node.text(), node)


def _listed(text: str, node: lines.Node) -> Phrases:
    found = [_phrase(one) for one in text.split(",")]
    if any(not one for one in found):
        raise node.error("an empty phrase; write words with single commas between")
    return tuple(sorted(set(found), key=lambda one: (-len(one), one)))


def _phrase(text: str) -> tuple[str, ...]:
    words, end = split(compared(text)), text.strip()[len(text.strip().rstrip("*?")) :]
    return (*words[:-1], words[-1] + end) if words and end in ("*", "?", "??") else words
