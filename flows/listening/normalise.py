"""Text as stored -> words as compared, each with its place in the stored text. May not change, cut or keep the text.

The stored words are evidence and are never touched; this is a second reading beside them. Cost is linear in the text.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from flows.listening import script

# What one character is: part of a word, a word of its own (Chinese, emoji), nothing at all, or a border.
LETTER, ALONE, DROP, SPACE, WEAK, STRONG, DOT, JOIN, MASK, QUOTE = range(10)

_STRONG = frozenset("!?؟。！？।॥։፧።")
_APOSTROPHES = frozenset("'’‘`´ʼʹ′ʻ")
_QUOTES = frozenset('"“”«»„')
_MASKS = frozenset("*@$+#")
_PLAIN = frozenset(string.ascii_letters + string.digits)
# Most of most texts: letters and figures that need no table, taken together; anything else by itself.
_PIECE = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text. `starts` and `ends` count code points of the stored text; `breaks[i]` is the border before
    word i: 0 none, 1 weak (comma, new line, dots), 2 strong (end of a sentence). `quoted[i]`: between quotation marks.
    `accented`: the text itself uses accents, so an unaccented word in it is meant as such.
    """

    forms: tuple[str, ...]
    plain: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    breaks: tuple[int, ...]
    quoted: tuple[bool, ...]
    accented: bool


@lru_cache(maxsize=8192)
def _kind(char: str) -> tuple[int, str]:
    """What the character is, and its folded form; a pure table filled as characters are met."""
    folded = script.fold(char)
    if char in _APOSTROPHES:
        return JOIN, ""
    for kind, members in ((STRONG, _STRONG), (QUOTE, _QUOTES), (MASK, _MASKS)):
        if char in members:
            return kind, char
    if char in ".…":
        return DOT, char
    return _by_category(char, folded)


def _by_category(char: str, folded: str) -> tuple[int, str]:
    category = unicodedata.category(char)
    if char in "\r\n":
        return WEAK, ""
    if category[0] == "Z" or char in "\t\v\f":
        return SPACE, ""
    if script.is_alone(char):
        return ALONE, folded
    if category in {"Cf", "Cc", "Cs", "Co", "Cn"} or char in script.DROPPED or not folded:
        return DROP, ""
    if category[0] in "LMN":
        return LETTER, folded
    return (WEAK if category in {"Po", "Ps", "Pe", "Pd", "Sk", "Pc"} else SPACE), ""


class _Builder:
    """Collects words; exists only while one text is read."""

    __slots__ = ("border", "breaks", "ends", "forms", "last", "part", "quoted", "quoting", "start", "starts")

    def __init__(self) -> None:
        self.forms: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.breaks: list[int] = []
        self.quoted: list[bool] = []
        self.part: list[str] = []
        self.start = self.last = 0
        self.border = 2
        self.quoting = False

    def add(self, folded: str, at: int, length: int = 1) -> None:
        if not self.part:
            self.start = at
        self.part.append(folded)
        self.last = at + length

    def flush(self, border: int = 0) -> None:
        if self.part:
            self.forms.append("".join(self.part))
            self.starts.append(self.start)
            self.ends.append(self.last)
            self.breaks.append(self.border)
            self.quoted.append(self.quoting)
            self.part.clear()
            self.border = 0
        self.border = max(self.border, border)


def folded(text: str) -> str:
    """The words of a text as compared, without accents, one space between."""
    return " ".join(read(text).plain)


def read(text: str) -> Reading:
    """Split into words; joins apostrophes, drops invisible characters, keeps masks inside words (`r*pe`)."""
    out = _Builder()
    at = 0
    for piece in _PIECE.findall(text):
        if piece == " ":
            out.flush()
        elif piece[0] in _PLAIN:
            out.add(piece.lower(), at, len(piece))
        else:
            _mark(out, piece, text, at)
        at += len(piece)
    out.flush()
    return _finish(out)


def _mark(out: _Builder, char: str, text: str, at: int) -> None:
    kind, folded = _kind(char)
    if kind == LETTER:
        out.add(folded, at)
    elif kind == JOIN and out.part and out.part[-1][-1].isdigit() and text[at + 1 : at + 2].isdigit():
        out.flush()  # 6'0 is a height, and nobody's age
    elif kind not in {DROP, JOIN}:
        _border(out, kind, folded, text, at)


def _border(out: _Builder, kind: int, folded: str, text: str, at: int) -> None:
    after = text[at + 1 : at + 2]
    if kind == MASK and out.part and after.isalpha():
        out.add(folded, at)
        return
    if kind == ALONE:
        out.flush()
        out.add(folded, at)
        out.flush()
        return
    if kind == DOT:
        several = text[at] == "…" or after == "." or text[max(0, at - 1) : at] == "."
        out.flush(1 if several else 2)
        return
    out.flush({STRONG: 2, WEAK: 1, QUOTE: 1}.get(kind, 0))
    if kind == QUOTE:
        out.quoting = not out.quoting if folded == '"' else folded in "“«„"


def _finish(out: _Builder) -> Reading:
    columns = script.merge(out.forms, out.starts, out.ends, out.breaks, out.quoted)
    moods = [script.is_mood(form[0]) for form in columns[0]]
    forms, starts, ends, breaks, quoted = _moods_last(columns, moods) if any(moods) else columns
    forms = [form if form.isascii() else unicodedata.normalize("NFC", form) for form in forms]
    plain = [form if form.isascii() else strip(form) for form in forms]
    return Reading(
        tuple(forms), tuple(plain), tuple(starts), tuple(ends), tuple(breaks), tuple(quoted), accented=forms != plain
    )


def _moods_last(columns: script.Columns, moods: list[bool]) -> script.Columns:
    """Faces and hearts go behind the words of their clause, so that "he 😭 hits me" is read as "he hits me"."""
    forms, starts, ends, breaks, quoted = columns
    order: list[int] = []
    waiting: list[int] = []
    borders: list[int] = []
    border = 0
    for at, mood in enumerate(moods):
        if breaks[at]:
            order += waiting
            waiting = []
        border = max(border, breaks[at])
        borders.append(1 if mood else border)
        border = border if mood else 0
        (waiting if mood else order).append(at)
    order += waiting
    return (
        [forms[at] for at in order], [starts[at] for at in order], [ends[at] for at in order],
        [borders[at] for at in order], [quoted[at] for at in order],
    )  # fmt: skip


@lru_cache(maxsize=8192)
def strip(word: str) -> str:
    """A Latin or Greek word without its accents; any other word as it is (an Indic vowel sign is no accent)."""
    if not script.has_accents(word):
        return word
    parts = unicodedata.normalize("NFD", word.translate(script.STROKES))
    return "".join(char for char in parts if not unicodedata.combining(char))
