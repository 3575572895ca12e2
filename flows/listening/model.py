"""Reads everything listening knows, once, into frozen values. The only file of listening that may touch the disk.

A wrong file is refused with `file:line: what is wrong: how to mend it`, before the first child is heard.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml

from flows.listening import entries, language, levels, lexicon, normalise, respelling, sentences, statistical, syntax
from flows.model import Level

try:
    from yaml import CSafeLoader as _Loader  # ten times faster, where it was built
except ImportError:  # a wheel without the C reader
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

ANY: Final = "any"
T = TypeVar("T")
LexiconError = entries.LexiconError
_ROMANISED: Final = re.compile(r"^romanised: *true\b", re.MULTILINE)
_SHARED: Final = frozenset({"rules.yaml", "every.yaml", "everyday.yaml"})
_KEYS: Final = frozenset({"signed", "strict_accents", "romanised", "lists", "aliases", "common", "cues", "entries"})


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
    table = _table(folder / "rules.yaml")
    every = _every(folder / "every.yaml", table)

    def reads(name: str, paths: list[Path]) -> Callable[[], tuple[lexicon.Lexicon, ...]]:
        def lexicons() -> tuple[lexicon.Lexicon, ...]:
            source = replace(_source(name, paths, table, every), speller=_speller(folder / f"{name}.spelling.npz"))
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
    _give_back()
    return Model(lexicons, Late(whole, roman), table, known, weights, reader, _everyday(folder / "everyday.yaml"))


def _everyday(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    body = _read(path)
    _only(path, body, frozenset({"words"}))
    listed = (text for words in _plain(body["words"]).values() for text in _split(words))
    return frozenset(normalise.folded(text) for text in listed)


def _give_back() -> None:
    """Returns to the system what reading a file needed for a moment: the C library keeps 2 MB of 60 otherwise."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl does not
        if trim is not None:
            trim(0)


def _is_roman(path: Path) -> bool:
    return _ROMANISED.search(path.read_text("utf-8")) is not None


def _trained(path: Path, read: Callable[[Path], T | None]) -> T | None:
    try:
        return read(path)
    except Exception as error:  # a damaged file, or what should run it, may raise whatever it likes
        message = f"{path.name}: cannot be used: restore it, or train it again (tests/listening/README.md)"
        raise LexiconError(message) from error


def _speller(path: Path) -> respelling.Speller | None:
    try:
        return respelling.load(path)
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


class _Lined(_Loader):
    """Mappings remember the line they began on, under `__line__`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG002, FBT001, FBT002
        values: dict[Any, Any] = super().construct_mapping(node, deep=True)
        values["__line__"] = node.start_mark.line + 1
        return values


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Lined)  # noqa: S506 - a safe loader, with lines
    except (OSError, yaml.YAMLError) as error:
        message = f"{path.name}: cannot be read as YAML: {' '.join(str(error).split())}"
        raise LexiconError(message) from error
    if not isinstance(found, dict):
        message = f"{path.name}:1: must be a mapping: begin with `entries:`"
        raise LexiconError(message)
    return found


def _source(name: str, paths: Iterable[Path], table: levels.Table, every: entries.Every) -> lexicon.Source:
    whole: dict[str, Any] = {"lists": {}, "aliases": {}, "common": "", "rules": []}
    written: list[tuple[Path, dict[str, Any]]] = []
    for path in paths:
        body = _read(path)
        _only(path, body, _KEYS)
        whole["common"] += " " + str(body.get("common", ""))
        whole["lists"] |= _plain(body.get("lists", {}))
        whole["aliases"] |= _plain(body.get("aliases", {}))
        whole["rules"] += _cues(path, _plain(body.get("cues", {})), table)
        written += [(path, entry) for entry in body.get("entries", [])]
        whole |= {key: body[key] for key in ("signed", "strict_accents", "romanised") if key in body}
    if any("like" in entry for _, entry in written):
        whole["lists"] |= every.composed(whole["lists"])
    whole["rules"] += [entries.entry(path, entry, table, every, whole["lists"]) for path, entry in written]
    for bare in entries.unused(whole["lists"], whole["rules"], every):
        del whole["lists"][bare]
    _once(whole["rules"])
    return lexicon.Source(
        language=name.partition("-")[0],
        signed=str(whole.get("signed") or ""),
        strict_accents=bool(whole.get("strict_accents")),
        romanised=bool(whole.get("romanised")),
        lists={key: _split(value) for key, value in whole["lists"].items()},
        aliases={short: str(long) for long, shorts in whole["aliases"].items() for short in str(shorts).split()},
        common=frozenset(whole["common"].split()),
        rules=tuple(whole["rules"]),
    )


def _split(value: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(value).replace("\n", " ").split(",") if part.strip())


def _plain(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in mapping.items() if key != "__line__"}


def _only(path: Path, body: Mapping[str, Any], allowed: frozenset[str]) -> None:
    for key in body:
        if key != "__line__" and key not in allowed:
            message = f"{path.name}:{body['__line__']}: unknown key {key!r}: use one of {', '.join(sorted(allowed))}"
            raise LexiconError(message)


def _once(rules: Iterable[lexicon.Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if not rule.cue and rule.id in seen:
            message = f"{rule.where}: the id {rule.id!r} is used twice: rename one"
            raise LexiconError(message)
        seen.add(rule.id)


def _cues(path: Path, cues: Mapping[str, Any], table: levels.Table) -> list[lexicon.Rule]:
    out = []
    for name, phrases in cues.items():
        if name not in table.cues:
            message = f"{path.name}: unknown cue {name!r}: use one of {', '.join(sorted(table.cues))}"
            raise LexiconError(message)
        out.append(
            lexicon.Rule(
                f"cue.{name}", "", Level.L0, name, tuple(map(str, phrases)), frozenset(), "", "", (), (), path.name
            )
        )  # fmt: skip
    return out


def _every(path: Path, table: levels.Table) -> entries.Every:
    if not path.exists():
        return entries.Every({}, {})
    body = _read(path)
    _only(path, body, frozenset({"lists", "entries"}))
    return entries.every(path, _plain(body.get("lists", {})), body.get("entries", []), table)


def _table(path: Path) -> levels.Table:
    body = _read(path)
    rows = tuple(
        levels.Raise(
            id=str(row["id"]),
            categories=frozenset(row["categories"]),
            cues=frozenset(row.get("cues", ())),
            beside=frozenset(row.get("beside", ())),
            under=row.get("under"),
            to=Level(row["to"]),
            line=int(row["__line__"]),
        )
        for row in body["raise"]
    )
    return levels.Table(rows, _plain(body["names"]), frozenset(body["cues"]))
