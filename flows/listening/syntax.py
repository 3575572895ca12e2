"""The mini-syntax of phrases. May not match anything: it turns one written phrase into steps, or says what is wrong.

    he (hits|hit) me     words in order; (a|b c) is a choice, also of several words
    hit*                 any ending after at least three letters
    $parent              a named list of words of the same file
    word?                may be missing
    ~  ~2                up to three (two) other words may stand here; in Chinese, characters (up to eight)
    ~0                   none may: makes a phrase of a list's entry, so that `!` may stand in it
    !word  !(a|b)        must not follow here
    ^ ... .              at the beginning / at the end of a sentence
    a & b & c            two or three parts in any order, up to four other words between them

Fillers ("really", "always"), auxiliaries and "not" of the language are passed over between steps without being written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from typing import TYPE_CHECKING, TypeAlias

from flows.listening import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# One way to meet a step: its words in order. A word may end in `*` when it stands alone.
Alternative: TypeAlias = tuple[str, ...]
Choice: TypeAlias = frozenset[Alternative]

MOST_GAP = 3
MOST_GAP_CHARACTERS = 8
_SHORTEST_STEM = 3
_MOST_OPTIONAL = 4
_MOST_TOGETHER = 3
_BETWEEN = " ~4 "  # between the parts of `a & b`
_MOST_WAYS = 600  # how many ways one choice may be met
_BRACKET = re.compile(r"[()]")
_PIECE = re.compile(r"\s*(?:(~\d?)|(!)?(?:(\()|([^\s()?!~|]+)))")


class PhraseError(ValueError):
    """This phrase does not follow the mini-syntax."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One step: what may stand there, how many other words may stand before it."""

    choice: Choice
    gap: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase without optional parts. `not_next`: what must not follow at the end."""

    pieces: tuple[Piece, ...]
    not_next: Choice
    at_start: bool
    at_end: bool


def parse(text: str, lists: Mapping[str, Choice], word: Callable[[str], str]) -> tuple[Phrase, ...]:
    """Every reading of a written phrase; `word` maps a word to the spelling it is compared in. Raises PhraseError."""
    body, at_start, at_end = _ends(text.strip())
    out: list[Phrase] = []
    for plain in (plain for order in _orders(text, body) for plain in _unfold(order)):
        pieces, not_next = _pieces(plain, lists, word)
        _check(text, pieces)
        out += [Phrase(way, not_next, at_start, at_end) for way in _ways(pieces)]
    return tuple(out)


def run(phrase: Phrase) -> Choice:
    """The steps of a phrase side by side, but for those ways whose first word of several has an ending (`threat*`)."""
    ways: Choice = frozenset({()})
    for piece in phrase.pieces:
        ways = frozenset(before + after for before in ways for after in piece.choice)
    return frozenset(way for way in ways if len(way) == 1 or way[0][-1] != "*")


def _orders(text: str, body: str) -> list[str]:
    """`a & b` as one phrase for each order of its parts."""
    parts = [part.strip() for part in body.split(" & ")]
    if len(parts) > _MOST_TOGETHER:
        message = f"{text!r} joins more than {_MOST_TOGETHER} parts with &"
        raise PhraseError(message)
    return [_BETWEEN.join(order) for order in permutations(parts)]


def _unfold(body: str) -> list[str]:
    """A choice with gaps inside, `(in ~2 bed|asleep)`, as one phrase for each such alternative."""
    for at, char in enumerate(body):
        if char != "(":
            continue
        inside, end = _group(body, at + 1)
        if "~" in inside and body[at - 1 : at] != "!":
            parts = _split(inside)
            simple = "|".join(part for part in parts if "~" not in part)
            ways = [part for part in parts if "~" in part] + ([f"({simple})"] if simple else [])
            tails = _unfold(body[end:])
            return [f"{body[:at]}{way}{tail}" for way in ways for way in _unfold(way) for tail in tails]
        if "~" not in inside:
            return [f"{body[:end]}{tail}" for tail in _unfold(body[end:])]
    return [body]


def _pieces(body: str, lists: Mapping[str, Choice], word: Callable[[str], str]) -> tuple[list[Piece], Choice]:
    pieces: list[Piece] = []
    not_next: Choice = frozenset()
    gap = position = 0
    while position < len(body):
        found = _PIECE.match(body, position)
        if found is None:
            message = f"cannot read {body[position:]!r}"
            raise PhraseError(message)
        position = found.end()
        if found[1]:
            if body[position : position + 1].isalnum():
                message = (
                    f"{body[found.start(1) : position + 1]!r} is no gap: write ~, or ~1 to ~{MOST_GAP}, and a space"
                )
                raise PhraseError(message)
            gap = int(found[1][1:] or MOST_GAP)
            continue
        written = found[4]
        if found[3]:
            written, position = _group(body, position)
        optional = body[position : position + 1] == "?"
        position += optional
        choice = _choice(written, lists, word)
        if found[2]:
            not_next |= choice
        else:
            pieces.append(Piece(choice, gap, optional=optional))
            gap = 0
    return pieces, not_next


def _ends(body: str) -> tuple[str, bool, bool]:
    at_start, at_end = body.startswith("^"), body.endswith(" .")
    return body.removeprefix("^").removesuffix(" .").strip(), at_start, at_end


def _group(body: str, begin: int) -> tuple[str, int]:
    """The inside of the bracket opened before `begin`, and the place after its closing bracket."""
    depth = 1
    for bracket in _BRACKET.finditer(body, begin):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return body[begin : bracket.start()], bracket.end()
    message = f"a bracket is not closed in {body!r}"
    raise PhraseError(message)


def _choice(text: str, lists: Mapping[str, Choice], word: Callable[[str], str]) -> Choice:
    """All ways to meet `a|b (c|d)|$list`: brackets inside an alternative are multiplied out."""
    out: set[Alternative] = set()
    for part in _split(text):
        out |= _sequence(part.strip(), lists, word)
        if len(out) > _MOST_WAYS:
            message = f"{text[:40]!r}... can be met in too many ways: use a list or several phrases"
            raise PhraseError(message)
    return frozenset(out)


def _split(text: str) -> list[str]:
    if "(" not in text and ")" not in text:
        return text.split("|")
    parts, depth = [""], 0
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _sequence(text: str, lists: Mapping[str, Choice], word: Callable[[str], str]) -> Choice:
    if text.startswith("$") and " " not in text and "(" not in text:
        return _list(text[1:], lists)
    if text.isalpha():  # one plain word, as most are
        return frozenset({_alternative(text, word)})
    ways: Choice = frozenset({()})
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None or found[1] or found[2]:
            message = f"{text!r} may hold only words and brackets"
            raise PhraseError(message)
        position = found.end()
        written = found[4]
        if found[3]:
            written, position = _group(text, position)
            part = _choice(written, lists, word)
        else:
            part = _list(written[1:], lists) if written.startswith("$") else frozenset({_alternative(written, word)})
        if text[position : position + 1] == "?":
            position += 1
            part |= {()}
        ways = frozenset(before + after for before in ways for after in part)
    if any(way and way[0][-1] == "*" and len(way) > 1 for way in ways):
        message = f"{text!r}: an ending is not possible on the first of several words"
        raise PhraseError(message)
    if () in ways:
        message = f"{text!r} may be nothing at all"
        raise PhraseError(message)
    return ways


def _list(name: str, lists: Mapping[str, Choice]) -> Choice:
    if name not in lists:
        message = f"no word list is called ${name}"
        raise PhraseError(message)
    return lists[name]


def _alternative(text: str, word: Callable[[str], str]) -> Alternative:
    stem = text.strip()
    ending = stem.endswith("*")
    forms = tuple(word(form) for form in _forms(stem.removesuffix("*")))
    if not forms or (ending and (len(forms) > 1 or len(forms[0]) < _SHORTEST_STEM)):
        message = f"{text!r} is no word, or too short for an ending"
        raise PhraseError(message)
    return (forms[0] + "*",) if ending else forms


@lru_cache(maxsize=4096)
def _forms(text: str) -> tuple[str, ...]:
    """The words of a piece: most pieces stand in many phrases."""
    return normalise.read(text).forms


def _check(text: str, pieces: list[Piece]) -> None:
    if not pieces or pieces[0].gap or all(piece.optional for piece in pieces):
        message = f"{text!r} has no firm first word"
        raise PhraseError(message)
    if any(piece.gap > MOST_GAP_CHARACTERS for piece in pieces) or sum(p.optional for p in pieces) > _MOST_OPTIONAL:
        message = f"{text!r} has too wide a gap or too many optional words"
        raise PhraseError(message)


def _ways(pieces: list[Piece]) -> list[tuple[Piece, ...]]:
    """All ways to leave optional pieces out; a gap before a dropped piece is kept for the next one."""
    ways = []
    for kept in product(*((True, False) if piece.optional else (True,) for piece in pieces)):
        way: list[Piece] = []
        gap = 0
        for piece, keep in zip(pieces, kept, strict=True):
            gap = max(gap, piece.gap)
            if keep:
                way.append(Piece(piece.choice, gap if way else 0))
                gap = 0
        if way:
            ways.append(tuple(way))
    return ways
