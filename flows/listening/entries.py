"""One entry of a lexicon file as written -> a rule. May not read files, compile phrases or see a text.

An entry stands alone, or is `like` one of `every.yaml`: then it takes its category, level and note from there, and
those of its phrases whose word lists this language has. Its own phrases and its examples stand beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flows.listening import lexicon
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from flows.listening import levels

_ALONE: Final = ("id", "category", "level", "phrases", "hit", "miss")
_KEYS: Final = frozenset({*_ALONE, "like", "keeps", "raised", "note", "reviewed"})
_LIKE: Final = frozenset({"like", "phrases", "hit", "miss", "reviewed"})
_EVERY: Final = frozenset({"id", "category", "level", "phrases", "keeps", "note"})
_NAMED: Final = re.compile(r"\$(\w+)")
_BARE: Final = re.compile(r"\$\w+")


class LexiconError(ValueError):
    """A file under `library/listening` cannot be used; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Every:
    """What languages share. `lists`: word lists made of other lists, by name; `entries`: bodies by id."""

    lists: Mapping[str, str]
    entries: Mapping[str, Mapping[str, Any]]

    def composed(self, own: Collection[str]) -> dict[str, str]:
        """The shared lists that a language with the lists `own` gets, of those members it has."""
        out: dict[str, str] = {}
        for name, members in self.lists.items():
            has = [part.strip() for part in members.split(",") if part.strip().removeprefix("$") in {*own, *out}]
            if has and name not in own:
                out[name] = ", ".join(has)
        return out


def every(path: Path, lists: Mapping[str, Any], bodies: Iterable[Mapping[str, Any]], table: levels.Table) -> Every:
    """Checks `every.yaml`. Raises LexiconError."""
    found: dict[str, Mapping[str, Any]] = {}
    for body in bodies:
        where = f"{path.name}:{body.get('__line__', 0)}"
        _only(where, body, _EVERY, ("id", "category", "level", "phrases"))
        _category(where, body, table)
        found[str(body["id"])] = body
    return Every({name: str(members) for name, members in lists.items()}, found)


def entry(
    path: Path, body: Mapping[str, Any], table: levels.Table, shared: Every, lists: Mapping[str, Any]
) -> lexicon.Rule:
    """The rule of one entry; `lists` are the word lists its language has. Raises LexiconError."""
    where = f"{path.name}:{body.get('__line__', 0)}"
    if "like" in body:
        body = _like(where, body, shared, lists)
    _only(where, body, _KEYS, _ALONE)
    _category(where, body, table)
    return lexicon.Rule(
        id=str(body["id"]),
        category=str(body["category"]),
        level=Level(body["level"]),
        cue="",
        phrases=tuple(map(str, body["phrases"])),
        keeps=frozenset(map(str, body.get("keeps", ()))),
        note=str(body.get("note", "")),
        reviewed=str(body.get("reviewed") or ""),
        hit=tuple(map(str, body["hit"])),
        miss=tuple(map(str, body["miss"])),
        where=where,
        raised=bool(body.get("raised", True)),
    )


def _like(where: str, body: Mapping[str, Any], shared: Every, lists: Mapping[str, Any]) -> dict[str, Any]:
    """The entry filled up from the shared one of that name."""
    _only(where, body, _LIKE, ("like",))
    name = str(body["like"])
    if name not in shared.entries:
        message = f"{where}: every.yaml has no entry {name!r}: use an id of it, or write the entry out"
        raise LexiconError(message)
    whole = {key: value for key, value in shared.entries[name].items() if key != "__line__"} | dict(body)
    known = [text for text in shared.entries[name]["phrases"] if set(_NAMED.findall(text)) <= lists.keys()]
    whole["phrases"] = [*(way for text in known for way in _spelt_out(text, lists)), *body.get("phrases", ())]
    del whole["like"]
    return whole


def _spelt_out(text: str, lists: Mapping[str, Any]) -> list[str]:
    """A phrase that is one list becomes its members, so that fillers may stand inside them and no table multiplies."""
    if not _BARE.fullmatch(text):
        return [text]
    members = [part.strip() for part in str(lists[text[1:]]).split(",") if part.strip()]
    single = [member for member in members if " " not in member]
    return [*(member for member in members if " " in member), *([f"({'|'.join(single)})"] if single else [])]


def unused(lists: Mapping[str, Any], rules: Iterable[lexicon.Rule], shared: Every) -> set[str]:
    """Lists of which only the members are phrases: no phrase and no other list names them."""
    written = [text for rule in rules for text in rule.phrases] + [str(members) for members in lists.values()]
    named = {name for text in written for name in _NAMED.findall(text)}
    bare = {text[1:] for body in shared.entries.values() for text in body["phrases"] if _BARE.fullmatch(text)}
    return (bare & lists.keys()) - named


def _only(where: str, body: Mapping[str, Any], allowed: frozenset[str], needed: Iterable[str]) -> None:
    for key in body:
        if key not in allowed and key != "__line__":
            message = f"{where}: unknown key {key!r}: use one of {', '.join(sorted(allowed))}"
            raise LexiconError(message)
    for key in needed:
        if not body.get(key):
            message = (
                f"{where}: {body.get('id', 'an entry')} has no `{key}`: every entry needs words it hits and misses"
            )
            raise LexiconError(message)


def _category(where: str, body: Mapping[str, Any], table: levels.Table) -> None:
    if body["category"] not in table.names or body["level"] not in {1, 2, 3, 4}:
        message = f"{where}: {body['id']}: category must be D01 to D30 and level 1 to 4"
        raise LexiconError(message)
