"""Reads everything listening knows, once, into frozen values. The only file of listening that may touch the disk.

A wrong file is refused with `file:line: what is wrong: how to mend it`, before the first child is heard.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from flows import lines, signing
from flows.listening import entries, language, levels, lexicon, normalise, respelling, sentences, statistical, syntax
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from flows.lines import Node

ANY: Final = "any"
T = TypeVar("T")
LexiconError = entries.LexiconError
_ROMANISED: Final = re.compile(r"^romanised: *true\b", re.MULTILINE)
_SHARED: Final = frozenset({"rules.yaml", "every.yaml", "everyday.yaml"})
_KEYS: Final = frozenset({"signed", "strict_accents", "romanised", "lists", "aliases", "common", "cues", "entries"})
_ONCE: Final = ("signed", "strict_accents", "romanised")
_TABLE: Final = ("names", "cues", "raise")


class _Whole:
    """Every lexicon there is a file for; each is read once, when it is first asked for."""

    def __init__(self, read: Mapping[str, Callable[[], tuple[lexicon.Lexicon, ...]]]) -> None:
        self._read = read
        self.found: dict[str, tuple[lexicon.Lexicon, ...]] = {}

    def of(self, name: str) -> tuple[lexicon.Lexicon, ...]:
        if name not in self.found:
            # Two who ask at once read it twice, and find the same.
            self.found[name] = self._read[name]()
            _give_back()
        return self.found[name]


class Late(Mapping[str, tuple[lexicon.Lexicon, ...]]):
    """Some lexicons by name, read when a text first asks for them: two dozen take seconds and tens of megabytes, and a
    service hears three or four languages. Raises LexiconError then, which `listen_safely` takes as "not heard".
    """

    def __init__(self, whole: _Whole, names: Iterable[str]) -> None:
        self._whole = whole
        self._names = tuple(names)

    def __getitem__(self, name: str) -> tuple[lexicon.Lexicon, ...]:
        """The readings of a language. KeyError for one that is not among the names."""
        if name not in self._names:
            raise KeyError(name)
        return self._whole.of(name)

    def __contains__(self, name: object) -> bool:
        """Whether it is there, without reading it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """The names, without reading a file."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._names)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All data of listening, read-only. `lexicons`: per language its readings (accents told apart, then not); `roman`:
    those that read a language in Roman letters; `everyday`: whole texts, folded, of which the weights are not asked. Two models
    are never equal: what one heard says nothing of another.
    """

    lexicons: Mapping[str, tuple[lexicon.Lexicon, ...]]
    roman: Mapping[str, tuple[lexicon.Lexicon, ...]]
    table: levels.Table
    identifier: language.Identifier
    weights: statistical.Weights | None
    sentences: sentences.Reader | None
    everyday: frozenset[str] = frozenset()

    @property
    def offered(self) -> frozenset[str]:
        """Languages that have a lexicon of their own script."""
        return frozenset(self.lexicons) - {ANY}

    @property
    def romanised(self) -> tuple[lexicon.Lexicon, ...]:
        """The lexicons for Roman letters, the reading without accents."""
        return tuple(readings[-1] for readings in self.roman.values())


def load(folder: Path, *, weighed: bool = True, read: bool = True, late: bool = False) -> Model:
    """Read `rules.yaml`, every `<language>[.<topic>].yaml`, the weights if `weighed`, and with them the reader of sentences if
    `read` and there is one. Raises LexiconError.

    `late`: other languages than English when they are first asked for; `waymark check` reads all.
    """
    table = _lined(lambda: _table(folder / "rules.yaml"))
    every = _lined(lambda: _every(folder / "every.yaml", table))

    def reads(name: str, paths: list[Path]) -> Callable[[], tuple[lexicon.Lexicon, ...]]:
        def lexicons() -> tuple[lexicon.Lexicon, ...]:
            source = replace(_lined(lambda: _source(name, paths, table, every)), speller=_speller(folder, name))
            return tuple(_build(source, accents=accents) for accents in _readings(source))

        return lexicons

    files = _files(folder)
    whole = _Whole({name: reads(name, paths) for name, paths in files.items()})
    for name in sorted(files) if not late else sorted({ANY, "en"} & files.keys()):
        whole.of(name)
    roman = [name for name, paths in sorted(files.items()) if any(map(_is_roman, paths))]
    lexicons = Late(whole, (name for name in sorted(files) if name not in roman or "-" not in name))
    known = language.identifier(frozenset(lexicons) - {ANY})
    weights = _trained(folder / "statistical.npz", statistical.load) if weighed else None
    reader = _trained(folder / "sentences.npz", sentences.load) if weighed and read else None
    if weights is not None and reader is not None and weights.categories != reader.categories:
        message = "sentences.npz: its categories are not those of statistical.npz: train either again (tests/listening/README.md)"
        raise LexiconError(message)
    everyday = _lined(lambda: _everyday(folder / "everyday.yaml"))
    _give_back()
    return Model(lexicons, Late(whole, roman), table, known, weights, reader, everyday)


def _lined(read: Callable[[], T]) -> T:
    try:
        return read()
    except lines.LoadError as error:
        raise LexiconError(str(error)) from None


def _everyday(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    words = lines.read(path).mapping(("words",), need=("words",))["words"].mapping()
    return frozenset(normalise.folded(text) for node in words.values() for text in _split(node.text()))


def _give_back() -> None:
    """Returns to the system what reading a file needed for a moment: the C library keeps 2 MB of 60 otherwise."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl does not
        if trim is not None:
            trim(0)


def _is_roman(path: Path) -> bool:
    return _ROMANISED.search(_lined(lambda: lines.text_of(path))) is not None


def _trained(path: Path, read: Callable[[Path], T | None]) -> T | None:
    try:
        return read(path)
    except Exception as error:  # a damaged file, or what should run it, may raise whatever it likes
        message = f"{path.name}: cannot be used: restore it, or train it again (tests/listening/README.md)"
        raise LexiconError(message) from error


def _speller(folder: Path, language: str) -> respelling.Speller | None:
    path = folder / f"{language}.spelling.npz"
    try:
        return respelling.load(path, language)
    except (KeyError, OSError, ValueError) as error:
        message = f"{path.name}: cannot be used: restore it, or run python -m tests.listening.train_spelling"
        raise LexiconError(message) from error


def _readings(source: lexicon.Source) -> tuple[bool, ...]:
    return (True, False) if source.strict_accents else (False,)


def _build(source: lexicon.Source, *, accents: bool) -> lexicon.Lexicon:
    try:
        return lexicon.build(source, accents=accents)
    except syntax.PhraseError as error:
        message = f"{error}: see flows/listening/syntax.py for what a phrase may be"
        raise LexiconError(message) from error


def _files(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name not in _SHARED:
            found.setdefault(path.name.partition(".")[0], []).append(path)
    return found


def _source(name: str, paths: Iterable[Path], table: levels.Table, every: entries.Every) -> lexicon.Source:
    bodies = [lines.read(path).mapping(_KEYS) for path in paths]
    whole = _joined((key, body[key]) for body in bodies for key in _ONCE if key in body)
    lists, aliases = (
        {
            name: node.text()
            for name, node in _joined(
                row for one in bodies if kind in one for row in one[kind].mapping().items()
            ).items()
        }
        for kind in ("lists", "aliases")
    )
    written = [node for body in bodies if "entries" in body for node in body["entries"].items()]
    if any("like" in node.mapping() for node in written):
        lists |= every.composed(lists)
    rules = [
        _cue(cue, node, table) for body in bodies if "cues" in body for cue, node in body["cues"].mapping().items()
    ]
    rules += [entries.entry(node, table, every, lists) for node in written]
    for bare in entries.unused(lists, rules, every):
        del lists[bare]
    _once(rules)
    return lexicon.Source(
        language=name.partition("-")[0],
        signed=_signed(whole["signed"]) if "signed" in whole else "",
        strict_accents="strict_accents" in whole and whole["strict_accents"].flag(),
        romanised="romanised" in whole and whole["romanised"].flag(),
        lists={key: _split(value) for key, value in lists.items()},
        aliases={short: long for long, shorts in aliases.items() for short in shorts.split()},
        common=frozenset(word for body in bodies if "common" in body for word in body["common"].text().split()),
        rules=tuple(rules),
    )


def _joined(rows: Iterable[tuple[str, Node]]) -> dict[str, Node]:
    """What the files of a language hold together. LoadError for a name that two of them have: one would be gone unseen."""
    found: dict[str, Node] = {}
    for name, node in rows:
        if name in found:
            raise node.error(f"'{name}' stands in {found[name].file} too; put both into one")
        found[name] = node
    return found


def _signed(node: Node) -> str:
    """Who has reviewed it. Whatever stands there lets nobody read what a child writes: so it is a day and a name, or null."""
    said = node.text()
    if said != entries.NOBODY and signing.signed_on(said) is None:
        raise node.error(f"signed: '{said}'; write a date and a name, as in 2026-11-21 Nguyen Van An, or null")
    return "" if said == entries.NOBODY else said


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.replace("\n", " ").split(",") if part.strip())


def _once(rules: Iterable[lexicon.Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if not rule.cue and rule.id in seen:
            message = f"{rule.where}: the id {rule.id!r} is used twice: rename one"
            raise LexiconError(message)
        seen.add(rule.id)


def _cue(name: str, node: Node, table: levels.Table) -> lexicon.Rule:
    if name not in table.cues:
        raise node.error(f"unknown cue '{name}'; {lines.nearest(name, table.cues)}")
    return lexicon.Rule(f"cue.{name}", "", Level.L0, name, entries.texts(node), frozenset(), "", "", (), (), node.file)


def _every(path: Path, table: levels.Table) -> entries.Every:
    if not path.exists():
        return entries.Every({}, {})
    parts = lines.read(path).mapping(("lists", "entries"), need=("lists", "entries"))
    shared = {name: node.text() for name, node in parts["lists"].mapping().items()}
    return entries.every(shared, parts["entries"].items(), table)


def _table(path: Path) -> levels.Table:
    parts = lines.read(path).mapping(_TABLE, need=_TABLE)
    names = {code: node.text() for code, node in parts["names"].mapping().items()}
    cues = frozenset(entries.texts(parts["cues"]))
    return levels.Table(tuple(_raise(row, names, cues) for row in parts["raise"].items()), names, cues)


def _raise(row: Node, names: Collection[str], cues: Collection[str]) -> levels.Raise:
    parts = row.mapping(("id", "categories", "cues", "beside", "under", "to"), need=("id", "categories", "to"))

    def some(key: str, known: Collection[str], what: str) -> frozenset[str]:
        return frozenset(one.one_of(known, what) for one in (parts[key].items() if key in parts else ()))

    return levels.Raise(
        id=parts["id"].text(),
        categories=some("categories", names, "category"),
        cues=some("cues", cues, "cue"),
        beside=some("beside", names, "category"),
        under=parts["under"].number(1, 26) if "under" in parts else None,
        to=Level(parts["to"].number(1, 4)),
        line=row.line,
    )
