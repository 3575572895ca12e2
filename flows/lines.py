"""YAML in which every value knows its line, so that whoever wrote it is told where to look and what to write instead.

May not know what a flow is. Reads plain data only: no tags, no aliases, no key twice. All scalars are text as written:
`yes` is the word yes and `08` no number by accident.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from flows.spelling import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

# The C reader is ten times as fast and gives the same nodes; it is not built everywhere.
_READER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
# What the reader of YAML says -> what to do; what it says itself is about tokens and blocks.
_QUOTE = 'write the text in double quotes, and a quote inside it as \\"'
_MENDS: Final = {
    "mapping values are not allowed": f"a text holds ': ', or a line begins with a tab; {_QUOTE}, and indent with spaces",
    "cannot start any token": "indent with spaces, not tabs, and write a text that begins with a sign in double quotes",
    "stands here twice": "put both into one",
    "end of stream": "a bracket or a quote is not closed; close it",
    "expected <block end>": f"a quote ends a text too early, or a line is indented otherwise than the one above; {_QUOTE}",
    "expected key": f"a quote ends a text too early, or a line is indented otherwise than the one above; {_QUOTE}",
}
_MEND: Final = f"look at the signs and the indent of this line and of the one above; {_QUOTE}"
_PLAIN_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq"})


class LoadError(ValueError):
    """A flow file cannot be used; `str()` is `file:line: what is wrong, and what to write instead`."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file, self.line, self.message = file, line, message


def nearest(word: str, known: Iterable[str]) -> str:
    """How to go on after "unknown ...": the nearest known word, or all of them when none is near."""
    ordered = sorted(known)
    near = difflib.get_close_matches(word, ordered, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    shown = ", ".join(ordered[:12]) + (" ..." if len(ordered) > 12 else "")  # noqa: PLR2004
    return f"write one of: {shown}" if shown else "there is none that could stand here"


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file: text, a list or a mapping. `line` counts from 1."""

    file: str
    line: int
    value: str | tuple[Node, ...] | Mapping[str, Node]

    def error(self, message: str) -> LoadError:
        """What to raise about this value."""
        return LoadError(self.file, self.line, message)

    def mapping(self, known: Collection[str] | None = None, need: Collection[str] = ()) -> Mapping[str, Node]:
        """The keys and values; LoadError when it is no mapping, for a key not in `known`, for one of `need` missing."""
        if isinstance(self.value, str | tuple):
            raise self.error(f"here stands {_kind(self.value)}; write keys with values, as in 'key: value'")
        for key, value in self.value.items():
            if known is not None and key not in known:
                raise value.error(f"unknown key '{key}'; {nearest(key, known)}")
        for key in need:
            if key not in self.value:
                raise self.error(f"'{key}:' is missing; add it here")
        return self.value

    def items(self) -> tuple[Node, ...]:
        """The values of a list."""
        if isinstance(self.value, tuple):
            return self.value
        raise self.error(f"here stands {_kind(self.value)}; write a list, as in '[a, b]'")

    def is_text(self) -> bool:
        """Whether it is a single value."""
        return isinstance(self.value, str)

    def text(self) -> str:
        """The text; LoadError when it is a list, a mapping or nothing at all."""
        if not isinstance(self.value, str):
            raise self.error(f"here stands {_kind(self.value)}; write one value")
        if not self.value.strip():
            raise self.error("here stands nothing; write a value")
        return self.value

    def number(self, least: int = 0, most: int = 100_000) -> int:
        """A whole number from `least` to `most`."""
        digits = self.text()
        if digits.isascii() and digits.isdigit() and len(digits) < 7 and least <= int(digits) <= most:  # noqa: PLR2004
            return int(digits)
        raise self.error(f"'{digits}' cannot stand here; write a whole number from {least} to {most}")

    def flag(self) -> bool:
        """True or false."""
        return self.one_of({"true", "false"}, "value") == "true"

    def one_of(self, known: Collection[str], what: str) -> str:
        """One of the known words."""
        word = self.text()
        if word in known:
            return word
        raise self.error(f"unknown {what} '{word}'; {nearest(word, known)}")

    def words(self) -> tuple[str, ...]:
        """A list, or text with commas, as single values; LoadError for one that stands there twice."""
        parts = [node.text() for node in self.value] if isinstance(self.value, tuple) else self.text().split(",")
        found = [part.strip() for part in parts if part.strip()]
        seen: set[str] = set()
        for word in found:
            if (plain := folded(word)) in seen:
                raise self.error(f"'{word}' stands here twice; take one out")
            seen.add(plain)
        return tuple(found)


def _kind(value: str | tuple[Node, ...] | Mapping[str, Node]) -> str:
    if isinstance(value, str):
        return f"'{value[:40]}'" if value else "nothing"
    return "a list" if isinstance(value, tuple) else "a mapping"


def read(path: Path) -> Node:
    """The whole file as one value. LoadError for anything that is not plain YAML in UTF-8."""
    return parse(text_of(path), path.name)


def text_of(path: Path) -> str:
    """What stands in a file. LoadError where it cannot be read, or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise LoadError(path.name, 1, "the file cannot be read; is it there, and is its name right?") from None
    except UnicodeDecodeError as error:
        raise LoadError(path.name, _line(error), "this is not UTF-8; save the file as UTF-8") from None


def _line(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1


def parse(text: str, file: str) -> Node:
    """As `read`, from text."""
    try:
        root = yaml.compose(text, Loader=_READER)
    except yaml.YAMLError as error:
        raise broken(error, file) from None
    except (RecursionError, OverflowError) as error:
        raise LoadError(file, 1, f"not YAML that can be read ({type(error).__name__}); write it more simply") from None
    except ValueError:
        raise LoadError(file, 1, "not YAML: an escape with no meaning; write the character itself") from None
    if root is None:
        raise LoadError(file, 1, "the file is empty; write keys with values")
    return _plain(root, file, set(), 0)


def broken(error: yaml.YAMLError, file: str) -> LoadError:
    """What the reader of YAML stopped at, and what most often mends it."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return LoadError(file, 1, "not YAML: a character that may not stand in a file; take it out")
    mark = error.problem_mark or error.context_mark
    said = " ".join(f"{error.problem or error.context}".split())
    mend = next((mend for part, mend in _MENDS.items() if part in said), _MEND)
    return LoadError(file, mark.line + 1 if mark else 1, f"not YAML: {said}; {mend}")


def _plain(node: yaml.Node, file: str, seen: set[int], depth: int) -> Node:
    line = node.start_mark.line + 1
    if id(node) in seen or depth > _DEEPEST:
        raise LoadError(file, line, "an alias, or lists too deep in each other; write the value out")
    seen.add(id(node))
    if node.tag.rpartition(":")[2] not in _PLAIN_TAGS or not node.tag.startswith("tag:yaml.org"):
        raise LoadError(file, line, f"the tag '{node.tag[:40]}' has no meaning here; take it out")
    if isinstance(node, yaml.ScalarNode):
        return Node(file, line, node.value)
    if isinstance(node, yaml.SequenceNode):
        return Node(file, line, tuple(_plain(item, file, seen, depth + 1) for item in node.value))
    values: dict[str, Node] = {}
    for key, value in node.value:
        name = _plain(key, file, seen, depth + 1)
        if not isinstance(name.value, str) or name.value in values:
            raise name.error(f"the key {_kind(name.value)} stands here twice or is no word; take one out")
        found = _plain(value, file, seen, depth + 1)
        # A value's line is where its key stands: that is the line to look at.
        values[name.value] = Node(file, name.line, found.value) if isinstance(found.value, str) else found
    return Node(file, line, values)
