"""The shape of the library's files as JSON Schema, for an editor: which keys there are, which must be, and what may stand there.

Made from the loader's own lists, so that it cannot say less or more than they do. May not say what only all files together
show (that a step exists, that a condition names one): `waymark check` does.
`deadlines.yaml` has a reader of its own, and no schema here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flows import claims, flowfile, housefile, loader
from flows.commands import VERBS
from flows.model import Guard, Kind, Level, Privacy, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    Schema = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"

# Every scalar is read as text as it was written, so what YAML would make of it does not matter.
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean"], "not": {"const": ""}}


def schema(stem: str) -> Schema:
    """The schema of one file of `library/`. Raises KeyError for a file that is none of the loader's."""
    return {"$schema": DRAFT, "title": f"{stem}.yaml", **_FILES[stem]()}


def names() -> tuple[str, ...]:
    """The files there is a schema for."""
    return tuple(_FILES)


# --- pieces -----------------------------------------------------------------------------------------------------------


def _text() -> Schema:
    return dict(_SCALAR)


def _pattern(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _one_of(words: Iterable[str]) -> Schema:
    return {"enum": sorted(words)}


def _number(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _list(of: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": of} | ({"minItems": least} if least else {})


def _flag() -> Schema:
    return {"type": "boolean"}


def _mapping(parts: Mapping[str, Schema], need: Collection[str]) -> Schema:
    return {"type": "object", "properties": dict(parts), "required": sorted(need), "additionalProperties": False}


def _key() -> Schema:
    return _pattern(claims.KEY.pattern)


def _words() -> Schema:
    """A list, or text with commas."""
    return {"anyOf": [_text(), _list(_text())]}


def _level() -> Schema:
    return _one_of(Level.__members__)


# --- flow files -------------------------------------------------------------------------------------------------------


def _condition() -> Schema:
    """Its grammar is checked when the file is loaded."""
    return {"type": ["string", "boolean"]}


def _task() -> Schema:
    parts = {"what": _key(), "for": _one_of(flowfile.ROLES), "within": _pattern(flowfile.WITHIN.pattern)}
    return _mapping(parts, parts)


def _outcome() -> Schema:
    parts: dict[str, Schema] = {
        "when": _condition(),
        **dict.fromkeys(("goto", "ask", "trigger"), _text()),
        **dict.fromkeys(("say", "categories"), _list(_text())),
        **dict.fromkeys(("asserted", "to_person", "night_page"), _flag()),
        "level": _level(),
        "guard": _one_of(Guard),
        "privacy": _one_of(Privacy),
        "path": _one_of(flowfile.PATHS),
        "tasks": _list(_task()),
        "facts": {"type": "object", "additionalProperties": _text()},
    }
    return _mapping({name: parts[name] for name in flowfile.OUTCOME_KEYS}, {"when"}) | {"minProperties": 2}


def _labelled() -> Schema:
    span = _list(_number(0, 999), 2) | {"maxItems": 2}
    numbered = _mapping({"label": _text(), "number": _number(1, 99), "range": span}, {"label"})
    label = {"anyOf": [_text(), numbered]}
    return {
        "type": "object",
        "propertyNames": _pattern("[a-z0-9_]+"),
        "additionalProperties": label,
        "minProperties": 1,
    }


def _step() -> Schema:
    """A bare key, or a step with what its kind may have."""
    without = _step_of({Kind.STATEMENT, Kind.FREE}, None)
    yesno = _step_of({Kind.YESNO}, _list(_one_of(flowfile.YESNO)))
    labelled = _step_of(set(Kind) - {Kind.STATEMENT, Kind.FREE, Kind.YESNO}, _labelled(), need={"options"})
    return {"anyOf": [_key(), without, yesno, labelled]}


def _step_of(kinds: Collection[Kind], options: Schema | None, need: Collection[str] = ()) -> Schema:
    parts: dict[str, Schema] = {
        "key": _key(),
        "kind": _one_of(kinds),
        "path": _one_of(flowfile.PATHS),
        "area": _one_of(flowfile.AREAS),
        "tags": _list(_one_of(flowfile.TAGS)),
        **dict.fromkeys(("text", "after", "easier"), _text()),
        **dict.fromkeys(("easy", "skip"), _flag()),
        **dict.fromkeys(("ask_when", "skip_when"), _condition()),
        "outcomes": _list(_outcome()),
    }
    if options is not None:
        parts |= {"options": options, "words": {"type": "object", "additionalProperties": _words()}}
    known: dict[str, Schema] = {name: parts[name] for name in flowfile.STEP_KEYS if name in parts}
    return _mapping(known, {"key", "kind", "text", *need})


def _block() -> Schema:
    parts = {"block": _key(), "main": _flag(), "then": _text(), "steps": _list({"$ref": "#/definitions/step"})}
    return _mapping(parts, {"block", "steps"})


def _body() -> dict[str, Schema]:
    return {"steps": _list({"$ref": "#/definitions/step"}), "blocks": _list(_block())}


def _shared() -> Schema:
    words = {name: _text() for name in loader.COMMON} | {name: _words() for name in loader.COMMON_WORDS}
    parts = {"common": _mapping(words, loader.COMMON), **_body()}
    return _mapping(parts, {"common", "steps"}) | {"definitions": {"step": _step()}}


def _flow(stem: str) -> Schema:
    state = _pattern("[A-Z][A-Z_]*")
    move = {"on": _key(), "from": {"anyOf": [{"const": "any"}, _list(state)]}, "to": state}
    parts: dict[str, Schema] = {
        "flow": {"const": stem},
        "service": _one_of(Service),
        "path": _one_of(flowfile.PATHS),
        "include": {"const": "shared"},
        "initial": state,
        "states": _list(state),
        "moves": _list(_mapping(move, move)),
        **_body(),
        "outcomes": _list(_outcome()),
    }
    return _mapping(parts, set(parts) - {"steps", "outcomes"}) | {"definitions": {"step": _step()}}


# --- the house's files ------------------------------------------------------------------------------------------------


def _commands() -> Schema:
    parts = {
        "key": _key(),
        "does": _one_of(VERBS),
        "words": _words(),
        "say": _text(),
        "after": _text(),
        "level": _level(),
        "categories": _list(_text()),
    }
    return _mapping({"commands": _list(_mapping(parts, {"key", "does", "words"}))}, {"commands"})


def _categories() -> Schema:
    raises = {"when": _condition(), "level": _level()}
    category = {
        "code": _pattern("D[0-9]{2}"),
        "name": _text(),
        "guard": _one_of(Guard),
        "guard_from": _level(),
        **dict.fromkeys(housefile.FLAGS, _flag()),
        "tasks": _list(_task()),
        "raises": _list(_mapping(raises, raises)),
    }
    response = {"when": _condition(), "say": _list(_text()), "goto": _text(), "ask": _text(), "to_person": _flag()}
    waiting = {"when": _condition(), "say": _text()}
    parts = {
        "after_lock": _list(_text()),
        "categories": _list(_mapping(category, {"code", "name"})),
        "responses": _list(_mapping(response, {"when"})),
        "waiting": _list(_mapping(waiting, waiting)),
    }
    return _mapping(parts, parts)


def _ladder() -> Schema:
    rung = {
        "after": _number(0, 1440),
        "roles": _list(_one_of(flowfile.ROLES), 1),
        "method": _one_of(housefile.METHODS),
    }
    parts = {
        "rungs": _list(_mapping(rung, rung), 1),
        "again": _number(1, 180),
        "decide": _number(1, housefile.DECISION_LATEST),
    }
    decided = {level: {"decide"} if level >= Level.L3 else set() for level in housefile.LATEST}
    levels = {level.name: _mapping(parts, {"rungs", "again", *more}) for level, more in decided.items()}
    limits = {name: _number(*bounds) for name, bounds in housefile.LIMITS.items()}
    later = {name: _number(least, most) for name, (least, most, _) in housefile.LATER.items()}
    held = _mapping(limits | later, limits)
    return _mapping({"ladders": _mapping(levels, levels), "limits": held}, {"ladders", "limits"})


def _directory() -> Schema:
    parts = {
        "key": _key(),
        "number": _pattern("[0-9][0-9 ]{1,14}"),
        "languages": _words(),
        "verified_on": _pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        **dict.fromkeys(("name", "hours", "cost", "shows_on_bill", "verified_by"), _text()),
    }
    return _mapping({"numbers": _list(_mapping(parts, parts))}, {"numbers"})


def _page() -> Schema:
    words = {name: _text() for name in housefile.PAGE_WORDS}
    return _mapping({"words": _mapping(words, words)}, {"words"})


_FILES: Final[Mapping[str, Callable[[], Schema]]] = {
    "shared": _shared,
    **{stem: partial(_flow, stem) for stem in loader.FLOWS},
    "commands": _commands,
    "categories": _categories,
    "ladder": _ladder,
    "directory": _directory,
    loader.PAGE: _page,
}
