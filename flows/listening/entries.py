"""One entry of a lexicon file as written -> a rule. May not read files, compile phrases or see a text.

An entry stands alone, or is `like` one of `every.yaml`: then it takes its category, level and note from there, and
those of its phrases whose word lists this language has. Its own phrases and its examples stand beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows.listening import lexicon
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flows.lines import Node
    from flows.listening import levels

_NEED: Final = ("hit", "miss")
_ALONE: Final = ("id", "category", "level", "phrases")
_KEYS: Final = frozenset({*_ALONE, *_NEED, "keeps", "raised", "note", "reviewed"})
_LIKE: Final = frozenset({"like", "phrases", *_NEED, "reviewed"})
_EVERY: Final = frozenset({*_ALONE, "keeps", "note"})
_NAMED: Final = re.compile(r"\$(\w+)")
_BARE: Final = re.compile(r"\$\w+")
NOBODY: Final = "null"


class LexiconError(ValueError):
    """A file under `library/listening` cannot be used; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Every:
    """What languages share. `lists`: word lists made of other lists, by name; `entries`: bodies by id."""

    lists: Mapping[str, str]
    entries: Mapping[str, Mapping[str, Node]]

    def composed(self, own: Collection[str]) -> dict[str, str]:
        """The shared lists that a language with the lists `own` gets, of those members it has."""
        out: dict[str, str] = {}
        for name, members in self.lists.items():
            has = [part.strip() for part in members.split(",") if part.strip().removeprefix("$") in {*own, *out}]
            if has and name not in own:
                out[name] = ", ".join(has)
        return out


def every(lists: Mapping[str, str], bodies: Iterable[Node], table: levels.Table) -> Every:
    """Checks `every.yaml`. Raises LoadError."""
    found: dict[str, Mapping[str, Node]] = {}
    for node in bodies:
        body = node.mapping(_EVERY, need=_ALONE)
        if (name := body["id"].text()) in found:
            raise node.error(f"the id '{name}' is used twice; rename one")
        _rule(node, body, texts(body["phrases"]), table)
        found[name] = body
    return Every(lists, found)


def entry(node: Node, table: levels.Table, shared: Every, lists: Mapping[str, str]) -> lexicon.Rule:
    """The rule of one entry; `lists` are the word lists its language has. Raises LoadError."""
    if "like" not in node.mapping():
        body = node.mapping(_KEYS, need=(*_ALONE, *_NEED))
        return _rule(node, body, texts(body["phrases"]), table)
    own = node.mapping(_LIKE, need=_NEED)
    like = shared.entries[own["like"].one_of(shared.entries, "entry of every.yaml")]
    known = [text for text in texts(like["phrases"]) if set(_NAMED.findall(text)) <= lists.keys()]
    phrases = (*(way for text in known for way in _spelt_out(text, lists)), *texts(own.get("phrases")))
    if not phrases:
        raise node.error("this language has no list that a phrase of it names; add the lists, or 'phrases:' of its own")
    return _rule(node, {**like, **own}, phrases, table)


def _rule(node: Node, body: Mapping[str, Node], phrases: tuple[str, ...], table: levels.Table) -> lexicon.Rule:
    reviewed = body["reviewed"].text() if "reviewed" in body else NOBODY
    return lexicon.Rule(
        id=body["id"].text(),
        category=body["category"].one_of(table.names, "category"),
        level=Level(body["level"].number(1, 4)),
        cue="",
        phrases=phrases,
        keeps=frozenset(texts(body.get("keeps"))),
        note=body["note"].text() if "note" in body else "",
        reviewed="" if reviewed == NOBODY else reviewed,
        hit=texts(body.get("hit")),
        miss=texts(body.get("miss")),
        where=f"{node.file}:{node.line}",
        raised=body["raised"].flag() if "raised" in body else True,
    )


def texts(node: Node | None) -> tuple[str, ...]:
    """A list of texts, one at least; none where the key is not there."""
    if node is not None and not node.items():
        raise node.error("here stands an empty list; write one text at least")
    return tuple(one.text() for one in node.items()) if node else ()


def _spelt_out(text: str, lists: Mapping[str, str]) -> list[str]:
    """A phrase that is one list becomes its members, so that fillers may stand inside them and no table multiplies."""
    if not _BARE.fullmatch(text):
        return [text]
    members = [part.strip() for part in lists[text[1:]].split(",") if part.strip()]
    single = [member for member in members if " " not in member]
    return [*(member for member in members if " " in member), *([f"({'|'.join(single)})"] if single else [])]


def unused(lists: Mapping[str, str], rules: Iterable[lexicon.Rule], shared: Every) -> set[str]:
    """Lists of which only the members are phrases: no phrase and no other list names them."""
    written = [text for rule in rules for text in rule.phrases] + [*lists.values()]
    named = {name for text in written for name in _NAMED.findall(text)}
    bare = {text[1:] for body in shared.entries.values() for text in texts(body["phrases"]) if _BARE.fullmatch(text)}
    return (bare & lists.keys()) - named
