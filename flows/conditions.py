"""The closed language in which flow files say when something holds: parsed to values, and asked of other values.

May not know what a name stands for, call anything, or fail on any value: a condition over whatever a child answered is
true or false. Grammar, loosest first:

    any   := all ("or" all)*
    all   := one ("and" one)*
    one   := "not" one | "(" any ")" | "always" | name | name op literal | name ["not"] "in" "(" literal, ... ")"
    op    := "=" | "!=" | "<" | "<=" | ">" | ">="

A literal is a word, a whole number, or L0 to L4, which are the numbers 0 to 4. `unknown` is what was never answered and
is not on the record, `skipped` what the child chose not to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNKNOWN: Final = "unknown"
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "always"})

_TOKEN = re.compile(r"\s*(?:(?P<op>!=|<=|>=|=|<|>)|(?P<mark>[(),])|(?P<word>-?[A-Za-z0-9_]+))")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_LEVEL = re.compile(r"L[0-4]")
_TRUTH: Final[Mapping[str, str]] = {"true": "yes", "false": "no"}
_DEEPEST = 40

_Literal: TypeAlias = "str | int"


@dataclass(frozen=True, slots=True)
class Truth:
    """A bare name: holds when the value is yes, true or a number other than 0."""

    name: str


@dataclass(frozen=True, slots=True)
class In:
    """`name = a`, `name in (a, b)` and their exact negations. Of a multi answer one chosen value is enough."""

    name: str
    among: tuple[_Literal, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """`name < 3`. Never holds for what is unknown, skipped or no number."""

    name: str
    op: str
    than: int


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when the part does not."""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every part does; without parts, always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Holds when one part does."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = "Truth | In | Order | Not | All | Any"

ALWAYS: Final = All(())


# --- asking -----------------------------------------------------------------------------------------------------------


def holds(condition: Condition, values: Mapping[str, object]) -> bool:
    """Whether `condition` is true of `values`. Total: a missing name is unknown, and no value is an error."""
    # Asked dozens of times a turn: what is written most stands first.
    match condition:
        case In():
            return _among(condition.among, values.get(condition.name)) is not condition.negated
        case All():
            return _are(condition.parts, values, so=True)
        case Truth():
            return _true(values.get(condition.name))
        case Any():
            return not _are(condition.parts, values, so=False)
        case Order(name, op, than):
            return any(isinstance(atom, int) and _compare(atom, op, than) for atom in _atoms(values.get(name)))
        case Not():
            return not holds(condition.part, values)


def _are(parts: tuple[Condition, ...], values: Mapping[str, object], *, so: bool) -> bool:
    for part in parts:  # noqa: SIM110 - a generator for each took as long as what it asked
        if holds(part, values) is not so:
            return False
    return True


def _among(among: tuple[_Literal, ...], value: object) -> bool:
    if value is None:
        return UNKNOWN in among
    return any(atom in among for atom in _atoms(value))


def _true(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return any(atom == "yes" or (isinstance(atom, int) and atom != 0) for atom in _atoms(value))


def _atoms(value: object) -> tuple[_Literal, ...]:
    """What a value is in this language: `unknown` for None, one literal for each chosen option, else one literal."""
    if value is None:
        return (UNKNOWN,)
    if isinstance(value, tuple | list | set | frozenset):
        return tuple(atom for one in value for atom in _atoms(one))
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, int):
        return (int(value),)
    return (_literal(value),) if isinstance(value, str) else ()


def _compare(left: int, op: str, right: int) -> bool:
    match op:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def names(condition: Condition) -> frozenset[str]:
    """Every name the condition asks about."""
    return frozenset(_names(condition))


def _names(condition: Condition) -> Iterator[str]:
    match condition:
        case Truth(name) | In(name) | Order(name):
            yield name
        case Not(part):
            yield from _names(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _names(part)


def literals(condition: Condition) -> Iterator[tuple[str, _Literal]]:
    """Every (name, literal) that `=` or `in` compares, so that a value no question offers can be found."""
    match condition:
        case In(name, among):
            yield from ((name, literal) for literal in among)
        case Not(part):
            yield from literals(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from literals(part)
        case _:
            return


# --- parsing ----------------------------------------------------------------------------------------------------------


def parse(text: str) -> Condition:
    """The condition that `text` writes. ValueError says what is wrong, at which character, and what was expected."""
    reader = _Reader(text)
    condition = reader.any_of(0)
    reader.end()
    return condition


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int
    kind: str


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            message = f"character {at + 1}: '{text[at]}' has no meaning here"
            raise ValueError(message)
        kind = found.lastgroup or ""
        yield _Token(found[kind], found.start(kind), kind)
        at = found.end()


def _literal(word: str) -> _Literal:
    if _LEVEL.fullmatch(word):
        return int(word[1:])
    if _INTEGER.fullmatch(word):
        return int(word)
    return _TRUTH.get(word, word)


class _Reader:
    """Goes through the tokens once, from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.size = len(text)
        self.next = 0

    def peek(self) -> str:
        return self.tokens[self.next].text if self.next < len(self.tokens) else ""

    def take(self, *wanted: str) -> bool:
        if self.peek() in wanted and self.next < len(self.tokens):
            self.next += 1
            return True
        return False

    def fail(self, expected: str) -> ValueError:
        at = self.tokens[self.next].at if self.next < len(self.tokens) else self.size
        found = f"'{self.peek()}'" if self.peek() else "the end"
        return ValueError(f"character {at + 1}: expected {expected}, found {found}")

    def end(self) -> None:
        if self.next < len(self.tokens):
            raise self.fail("'and', 'or' or the end")

    def any_of(self, depth: int) -> Condition:
        parts = [self.all_of(depth)]
        while self.take("or"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def all_of(self, depth: int) -> Condition:
        parts = [self.one(depth)]
        while self.take("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise self.fail("fewer parentheses and 'not's")
        if self.take("not"):
            return Not(self.one(depth + 1))
        if self.take("always"):
            return ALWAYS
        if self.take("("):
            inner = self.any_of(depth + 1)
            if not self.take(")"):
                raise self.fail("')'")
            return inner
        return self.about(self.name())

    def name(self) -> str:
        word = self.peek()
        if not _NAME.fullmatch(word) or word in KEYWORDS:
            raise self.fail("a name")
        self.next += 1
        return word

    def about(self, name: str) -> Condition:
        if self.take("="):
            return In(name, (self.literal(),))
        if self.take("!="):
            return In(name, (self.literal(),), negated=True)
        if self.peek() in ("<", "<=", ">", ">="):
            op = self.peek()
            self.next += 1
            return Order(name, op, self.number())
        negated = self.take("not")
        if self.take("in"):
            return In(name, self.among(), negated)
        if negated:
            raise self.fail("'in'")
        return Truth(name)

    def among(self) -> tuple[_Literal, ...]:
        if not self.take("("):
            raise self.fail("'(' and the values, as in (yes, unsure)")
        among = [self.literal()]
        while self.take(","):
            among.append(self.literal())
        if not self.take(")"):
            raise self.fail("',' or ')'")
        return tuple(among)

    def literal(self) -> _Literal:
        if self.next >= len(self.tokens) or self.tokens[self.next].kind != "word" or self.peek() in KEYWORDS:
            raise self.fail("a value")
        self.next += 1
        return _literal(self.tokens[self.next - 1].text)

    def number(self) -> int:
        found = self.literal()
        if isinstance(found, int):
            return found
        self.next -= 1
        raise self.fail("a whole number or L0 to L4")


# --- showing ----------------------------------------------------------------------------------------------------------


def written(condition: Condition) -> str:
    """A condition as it would be written in a file; `parse(written(c))` is `c` again."""
    match condition:
        case All(()):
            return "always"
        case Truth(name):
            return name
        case In(name, (one,), negated):
            return f"{name} {'!=' if negated else '='} {one}"
        case In(name, among, negated):
            return f"{name} {'not in' if negated else 'in'} ({', '.join(map(str, among))})"
        case Order(name, op, than):
            return f"{name} {op} {than}"
        case Not(part):
            return f"not ({written(part)})"
        case All(parts) | Any(parts):
            word = " and " if isinstance(condition, All) else " or "
            return word.join(
                written(part) if isinstance(part, Truth | In | Order) else f"({written(part)})" for part in parts
            )
