"""Reads everything listening knows, once, into frozen values. The only file of listening that may touch the disk.

A wrong file is refused with `file:line: what is wrong: how to mend it`, before the first child is heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from flows.listening import entries, language, levels, lexicon, statistical, syntax
from flows.model import Level

try:
    from yaml import CSafeLoader as _Loader  # ten times faster, where it was built
except ImportError:  # a wheel without the C reader
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ANY: Final = "any"
LexiconError = entries.LexiconError
_SHARED: Final = frozenset({"rules.yaml", "every.yaml"})
_KEYS: Final = frozenset({"signed", "strict_accents", "romanised", "lists", "aliases", "common", "cues", "entries"})


@dataclass(frozen=True, slots=True)
class Model:
    """All data of listening, read-only. `lexicons`: per language its readings (accents told apart, then not)."""

    lexicons: Mapping[str, tuple[lexicon.Lexicon, ...]]
    romanised: tuple[lexicon.Lexicon, ...]
    table: levels.Table
    identifier: language.Identifier
    weights: statistical.Weights | None

    @property
    def offered(self) -> frozenset[str]:
        """Languages that have a lexicon of their own script."""
        return frozenset(self.lexicons) - {ANY}


def load(folder: Path, *, weighed: bool = True) -> Model:
    """Read `rules.yaml`, every `<language>[.<topic>].yaml` and, if `weighed`, the weights. Raises LexiconError."""
    table = _table(folder / "rules.yaml")
    every = _every(folder / "every.yaml", table)
    lexicons: dict[str, tuple[lexicon.Lexicon, ...]] = {}
    romanised: list[lexicon.Lexicon] = []
    for name, paths in sorted(_files(folder).items()):
        source = _source(name, paths, table, every)
        readings = tuple(_build(source, accents=accents) for accents in _readings(source))
        if source.romanised:
            romanised += readings[-1:]
        if not source.romanised or name == source.language:
            lexicons[name] = readings
    known = language.identifier(frozenset(lexicons) - {ANY})
    return Model(lexicons, tuple(romanised), table, known, _weights(folder / "statistical.npz") if weighed else None)


def _weights(path: Path) -> statistical.Weights | None:
    try:
        return statistical.load(path)
    except (statistical.WeightsError, KeyError, OSError, ValueError) as error:
        message = f"{path.name}: cannot be used: restore it, or run python -m tests.listening.train"
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
