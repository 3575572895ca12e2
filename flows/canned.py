"""Replies that workers can send as they stand, with when each may be used. Pure. May not hold a text: the file does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import claims, lines

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).parent / "library" / "canned.yaml"
RISKS: Final = ("any", "calm", "hard")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply. `texts`: by language, English always among them; `reviewed`: the languages a named reader has signed."""

    key: str
    risk: str
    texts: Mapping[str, str]
    reviewed: frozenset[str]

    def text(self, locale: str) -> tuple[str, str]:
        """The words for a child of this language, and in which language they are: English where there are none."""
        language = next((one for one in (locale, locale.partition("-")[0]) if one in self.texts), "en")
        return self.texts[language], language


def offered(*, locked: bool) -> tuple[Reply, ...]:
    """What may be sent now: after a disclosure none that asks, before one none that speaks of it."""
    not_now = "calm" if locked else "hard"
    return tuple(one for one in load() if one.risk != not_now)


def find(key: str, *, locked: bool) -> Reply | None:
    """A reply that may be sent now, by key."""
    return next((one for one in offered(locked=locked) if one.key == key), None)


@lru_cache(maxsize=1)
def load(path: Path = FILE) -> tuple[Reply, ...]:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    parts = lines.read(path).mapping(("replies", "reviewed"), need=("replies", "reviewed"))
    signed = {name: frozenset(node.words()) for name, node in parts["reviewed"].mapping().items()}
    found = tuple(_reply(row, signed) for row in parts["replies"].items())
    keys = [one.key for one in found]
    for row, key in zip(parts["replies"].items(), keys, strict=True):
        if keys.count(key) > 1:
            raise row.error(f"'{key}' stands here twice; give each reply a key of its own")
    return found


def _reply(row: lines.Node, signed: Mapping[str, frozenset[str]]) -> Reply:
    parts = row.mapping(need := ("key", "risk", "texts"), need=need)
    texts = {language: node.text() for language, node in parts["texts"].mapping().items()}
    if "en" not in texts:
        raise parts["texts"].error("the English text is missing; staff read every reply in English")
    key = claims.key(parts["key"])
    return Reply(key, parts["risk"].one_of(RISKS, "risk"), texts, signed.get(key, frozenset()))
