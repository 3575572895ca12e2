"""The files of `library/` as one frozen value, or a `LoadError` that says where to look and what to write.

May not decide what a flow means, and reads nothing but its folder. What a file says about another is checked here, when
everything is known; whether a flow is a good one is for `checks`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flows import claims, deadline_blocks, flowfile, housefile, lines, naming
from flows.claims import Claim, Script, Text
from flows.lines import LoadError, Node, nearest
from flows.model import Flow, Level, Service, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flows.model import Category, Command, HelpNumber, Ladder, Response, Waiting

__all__ = ["LoadError", "Source", "Text", "load"]

LIBRARY: Final = Path(__file__).parent / "library"
FLOWS: Final = ("return_interview", "text_safe")
FILES: Final = ("shared", *FLOWS, "commands", "categories", "ladder", "directory", "deadlines")
# The words of the web page. Not among FILES: no conversation depends on them, so none keeps them.
PAGE: Final = "page"

# What the engine fires by itself, in any state: each needs a row from every state, so that no text of a child can meet
# a state without one.
FIRED: Final = ("arrive", "begin", "lock", "wait", "take", "resume", "pause", "quiet", "stop", "leave", "finish")
# How a block may end without a move of its own.
ENDS: Final = frozenset({"resume", "wait", "again"})

# What every question shares, and further spellings of it.
COMMON: Final = ("yes", "no", "unsure", "skip", "skip_free")
COMMON_WORDS: Final = ("yes.words", "no.words", "unsure.words")

# What a text may leave open; beside these, the keys of the directory.
PLACEHOLDERS: Final = frozenset(
    {
        "persona",
        "org",
        "public_number",
        "name",
        "day",
        "minutes",
        "worker",
        "code",
        "first_name",
        "next_name",
        "who",
        "short",
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """The whole library in its source language.

    `homes`: step key -> the file whose catalogue entries it has. `texts`: every catalogue entry, in the order of the
    files. `common`: the words every question shares (`yes no unsure skip skip_free`), `common_words` further
    accepted spellings. `page`: the words around the chat on the web page; none in a folder that was kept with a
    conversation. `revision`: of all files; that of a flow counts only the files that make it.
    """

    flows: Mapping[str, Flow]
    commands: tuple[Command, ...]
    categories: Mapping[str, Category]
    responses: tuple[Response, ...]
    waiting: tuple[Waiting, ...]
    after_lock: frozenset[str]
    ladders: Mapping[Level, Ladder]
    limits: Mapping[str, int]
    numbers: Mapping[str, HelpNumber]
    common: Mapping[str, str]
    common_words: Mapping[str, tuple[str, ...]]
    homes: Mapping[str, str]
    texts: tuple[Text, ...]
    revision: str
    page: Mapping[str, str]


def load(folder: Path | None = None) -> Source:
    """Read `folder` (default: the library of this package). LoadError for the first thing that is wrong."""
    folder = folder or LIBRARY
    files = {stem: lines.read(folder / f"{stem}.yaml") for stem in FILES}
    hashes = {stem: hashlib.sha256((folder / f"{stem}.yaml").read_bytes()).hexdigest() for stem in FILES}
    shared = _shared(files["shared"])
    scripts = {stem: _with_common(stem, shared) for stem in FILES[1:]}
    flows = {stem: _flow(files[stem], scripts[stem], shared, _revision(hashes, "shared", stem)) for stem in FLOWS}
    commands = housefile.commands(scripts["commands"], files["commands"])
    house = _house(scripts["categories"], files["categories"])
    numbers = _numbers(files["directory"])
    every = (shared, *scripts.values(), page := _page(folder))
    for flow in flows.values():
        others = (shared, scripts[flow.key], scripts["commands"], scripts["categories"])
        _check(flow, (claim for script in others for claim in script.claims), house.categories)
    deadline_blocks.check(files["deadlines"], flows.values(), house.categories)
    texts = tuple(text for script in every for text in script.texts)
    said = (text for script in every if script is not page for text in script.texts)
    _check_placeholders(said, PLACEHOLDERS | set(numbers))
    _check_placeholders(page.texts, {"code", "our_number", *numbers})
    parts = files["ladder"].mapping(need := ("ladders", "limits"), need=need)
    return Source(
        flows=MappingProxyType(flows),
        commands=commands,
        categories=house.categories,
        responses=house.responses,
        waiting=house.waiting,
        after_lock=house.after_lock,
        ladders=_ladders(parts["ladders"]),
        limits=MappingProxyType(dict(housefile.limits(parts["limits"]))),
        numbers=numbers,
        common=MappingProxyType(shared.common),
        common_words=MappingProxyType(shared.words),
        homes=MappingProxyType(_homes(every)),
        texts=texts,
        revision=_revision(hashes, *FILES),
        page=MappingProxyType(page.common),
    )


def _revision(hashes: Mapping[str, str], *stems: str) -> str:
    return hashlib.sha256("".join(f"{stem}:{hashes[stem]}\n" for stem in stems).encode()).hexdigest()


# --- flows ------------------------------------------------------------------------------------------------------------


def _shared(node: Node) -> Script:
    script = Script("shared")
    parts = node.mapping(("common", "steps", "blocks"), need=("common", "steps"))
    for name, value in parts["common"].mapping((*COMMON, *COMMON_WORDS), need=COMMON).items():
        if name in COMMON_WORDS:
            script.words[name.removesuffix(".words")] = value.words()
            script.keep_text(f"common.{name}", value, ", ".join(value.words()))
        else:
            script.common[name] = script.keep_text(f"common.{name}", value)
    _body(script, parts)
    return script


def _page(folder: Path) -> Script:
    script = Script(PAGE)
    path = folder / f"{PAGE}.yaml"
    if path.exists():
        housefile.page(script, lines.read(path))
    return script


def _with_common(stem: str, shared: Script) -> Script:
    return Script(stem, common=shared.common, words=shared.words)


def _body(script: Script, parts: Mapping[str, Node]) -> None:
    for one in parts["steps"].items() if "steps" in parts else ():
        flowfile.step(script, one, "")
    for one in parts["blocks"].items() if "blocks" in parts else ():
        flowfile.block(script, one)
    script.outcomes.extend(flowfile.outcomes(script, parts.get("outcomes")))


def _flow(node: Node, script: Script, shared: Script, revision: str) -> Flow:
    need = ("flow", "service", "path", "include", "initial", "states", "moves", "blocks")
    parts = node.mapping((*need, "steps", "outcomes"), need=need)
    parts["flow"].one_of({script.stem}, "flow (the name of the file)")
    parts["include"].one_of({"shared"}, "file to include")
    _body(script, parts)
    twice = sorted(set(script.steps) & set(shared.steps))
    if twice:
        at = script.steps[twice[0]].line
        raise LoadError(node.file, at, f"the step '{twice[0]}' stands in shared.yaml too; give this one another key")
    states = tuple(claims.state(one) for one in parts["states"].items())
    blocks = (*script.blocks, *(one for one in shared.blocks if one.key not in {own.key for own in script.blocks}))
    flow = Flow(
        key=script.stem,
        service=Service(parts["service"].one_of({*Service}, "service")),
        revision=revision,
        locale="en",
        path=parts["path"].one_of(flowfile.PATHS, "path"),
        initial=parts["initial"].one_of(states, "state"),
        states=states,
        moves=flowfile.moves(parts["moves"], states),
        blocks=blocks,
        steps=_steps(script, shared),
        outcomes=tuple(script.outcomes),
    )
    _check_moves(flow, parts["moves"])
    return flow


def _steps(script: Script, shared: Script) -> Mapping[str, Step]:
    """Every step the flow can say: its own first, each in the first block that lists it."""
    blocks: dict[str, str] = {}
    for block in (*script.blocks, *shared.blocks):
        for key in block.steps:
            blocks.setdefault(key, block.key)
    every = {**script.steps, **shared.steps}
    return MappingProxyType({key: replace(step, block=blocks.get(key, "")) for key, step in every.items()})


def _check_moves(flow: Flow, node: Node) -> None:
    for trigger in FIRED:
        left = {state for move in flow.moves if move.trigger == trigger for state in move.sources}
        missing = [state for state in flow.states if state not in left]
        if missing:
            row = f"- {{on: {trigger}, from: [{', '.join(missing)}], to: ...}}"
            raise node.error(f"no move for '{trigger}' from {missing[0]}, where it can happen; add {row}")
    seen: set[tuple[str, str]] = set()
    for move in flow.moves:
        for state in move.sources:
            if (move.trigger, state) in seen:
                raise LoadError(node.file, move.line, f"'{move.trigger}' leaves {state} twice; take one row out")
            seen.add((move.trigger, state))


def _homes(scripts: Iterable[Script]) -> dict[str, str]:
    return {key: script.stem for script in scripts for key in script.steps}


# --- what is said of other files --------------------------------------------------------------------------------------


def _check(flow: Flow, said: Iterable[Claim], categories: Collection[str]) -> None:
    """Everything that is said of steps, blocks, triggers, categories and names must be so in this flow."""
    known: Mapping[str, Collection[str]] = {
        "step": flow.steps,
        "block": {block.key for block in flow.blocks},
        "trigger": {move.trigger for move in flow.moves} | ENDS,
        "category": categories,
    }
    for claim in said:
        if not isinstance(claim.about, str):
            naming.check(claim.node, claim.about, flow.steps, of=f" in flow {flow.key}")
        elif claim.about not in known[claim.sort]:
            near = nearest(claim.about, known[claim.sort])
            raise claim.node.error(f"unknown {claim.sort} '{claim.about}' in flow {flow.key}; {near}")


def _check_placeholders(texts: Iterable[Text], known: Collection[str]) -> None:
    for text in texts:
        try:
            found = [name for _, name, *_ in Formatter().parse(text.english) if name is not None]
        except ValueError:
            raise LoadError(text.file, text.line, "a '{' or '}' by itself; write it in pairs, as in {name}") from None
        for name in found:
            if name not in known:
                raise LoadError(text.file, text.line, f"unknown placeholder '{{{name}}}'; {nearest(name, known)}")


# --- the house's files ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _House:
    categories: Mapping[str, Category]
    responses: tuple[Response, ...]
    waiting: tuple[Waiting, ...]
    after_lock: frozenset[str]


def _house(script: Script, node: Node) -> _House:
    parts = node.mapping(need := ("after_lock", "categories", "responses", "waiting"), need=need)
    categories: dict[str, Category] = {}
    for row in parts["categories"].items():
        category = housefile.category(script, row)
        if category.code in categories:
            raise row.error(f"the category {category.code} stands here twice; take one row out")
        categories[category.code] = category
    return _House(
        MappingProxyType(categories),
        tuple(housefile.response(script, row) for row in parts["responses"].items()),
        tuple(housefile.waiting(script, row) for row in parts["waiting"].items()),
        frozenset(flowfile.many(script, "step", parts["after_lock"])),
    )


def _ladders(node: Node) -> Mapping[Level, Ladder]:
    wanted = {level.name for level in housefile.LATEST}
    rows = node.mapping(wanted, need=sorted(wanted))
    return MappingProxyType({Level[name]: housefile.ladder(rows[name], Level[name]) for name in sorted(wanted)})


def _numbers(node: Node) -> Mapping[str, HelpNumber]:
    numbers: dict[str, HelpNumber] = {}
    for row in node.mapping(need := ("numbers",), need=need)["numbers"].items():
        number = housefile.number(row)
        if number.key in numbers or number.key in PLACEHOLDERS:
            raise row.error(f"the key '{number.key}' is taken; choose another")
        numbers[number.key] = number
    return MappingProxyType(numbers)
