"""What one flow file says, as values: steps, options, outcomes, blocks, the state table.

May not look into another file: what a file says about steps, blocks or triggers is noted as a claim, which `loader`
checks once it knows everything that there is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows.claims import condition, key, level
from flows.lines import nearest
from flows.model import Block, Guard, Kind, Level, Move, Option, Outcome, Privacy, Step, Task
from flows.spelling import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.claims import Script
    from flows.lines import Node

PATHS: Final[Mapping[str, frozenset[str]]] = {
    "M": frozenset({"M", "C", "full"}),
    "C": frozenset({"C", "full"}),
    "full": frozenset({"full"}),
    "E": frozenset({"E"}),
}
AREAS: Final = frozenset(f"q{number}" for number in range(1, 9))
ROLES: Final = frozenset({"worker", "duty", "backup", "manager", "service_manager"})

# By tags the engine, the runner and the checks find a step without knowing its key; what each means: README.md.
TAGS: Final = frozenset(
    {
        *(
            "gate",
            "each_session",
            "look_in",
            "own_words",
            "age",
            "asks_company",
            "consent",
            "permission",
            "as_said",
            "any_yes",
            "wants_words",
            "wish",
            "break",
            "offer",
            "again",
            "languages",
            "everyday",
            "follow_up",
            "unclear",
            "no_way_round",
            "word_refused",
            "unreadable",
        ),
        *(
            "media",
            "whereabouts",
            "still",
            "invite",
            "parting",
            "ending",
            "human_on",
            "human_off",
            "no_such_code",
            "by_person",
            "worker_only",
            "waits",
            "sharing",
            "purpose",
            "voluntary",
        ),
        *("verbatim", "sensitive", "lock", "skip_unsaid", "support", "not_for_police"),
    },
)

WITHIN = re.compile(r"now|today|[1-9][0-9]{0,2}(m|h|d|wd)")
YESNO: Final = ("yes", "no", "unsure")
STEP_KEYS: Final = (
    *("key", "kind", "path", "easy", "area", "tags", "text", "options", "words", "after", "easier", "skip"),
    *("ask_when", "skip_when", "outcomes"),
)
OUTCOME_KEYS: Final = (
    *("when", "goto", "ask", "trigger", "say", "level", "categories", "guard", "asserted", "privacy", "path"),
    *("to_person", "tasks", "facts", "night_page"),
)


# --- steps ------------------------------------------------------------------------------------------------------------


def step(script: Script, node: Node, block: str) -> str:
    """Read a step, or a bare key of a step that stands elsewhere; its key."""
    if node.is_text():
        script.claim(node, "step", key(node))
        return key(node)
    parts = node.mapping(STEP_KEYS, need=("key", "kind", "text"))
    name, kind = key(parts["key"]), Kind(parts["kind"].one_of({*Kind}, "kind"))
    if name in script.steps:
        raise parts["key"].error(f"the step '{name}' stands in this file twice; give one of them another key")
    given = {part: script.keep_text(f"{name}.{part}", parts[part]) for part in ("after", "easier") if part in parts}
    script.steps[name] = Step(
        key=name,
        kind=kind,
        block=block,
        line=node.line,
        text=script.keep_text(name, parts["text"]),
        options=options(script, name, kind, node),
        skippable=_skippable(kind, parts),
        paths=_paths(parts),
        tags=_tags(parts),
        area=parts["area"].one_of(AREAS, "area") if "area" in parts else None,
        ask_when=condition(script, parts["ask_when"]) if "ask_when" in parts else None,
        skip_when=condition(script, parts["skip_when"]) if "skip_when" in parts else None,
        outcomes=outcomes(script, parts.get("outcomes")),
        worker_only="worker_only" in _tags(parts),
        **given,
    )
    return name


def _skippable(kind: Kind, parts: Mapping[str, Node]) -> bool:
    if kind is Kind.STATEMENT:
        return False
    return parts["skip"].flag() if "skip" in parts else True


def _paths(parts: Mapping[str, Node]) -> frozenset[str]:
    # domain 3.1 as changed by decisions 1: what says nothing is asked on the full path only.
    paths = PATHS[parts["path"].one_of(PATHS, "path")] if "path" in parts else PATHS["full"]
    return paths | PATHS["E"] if "easy" in parts and parts["easy"].flag() else paths


def _tags(parts: Mapping[str, Node]) -> frozenset[str]:
    return frozenset(one.one_of(TAGS, "tag") for one in parts["tags"].items()) if "tags" in parts else frozenset()


# --- options ----------------------------------------------------------------------------------------------------------


def options(script: Script, name: str, kind: Kind, node: Node) -> tuple[Option, ...]:
    """The numbered answers of a step; LoadError when they do not fit its kind or two of them are the same."""
    parts = node.mapping()
    words = parts["words"].mapping() if "words" in parts else {}
    if kind in (Kind.STATEMENT, Kind.FREE):
        if "options" in parts or words:
            raise node.error(f"a {kind} has no options; take them out or make it a choice")
        return ()
    found = _yesno(script, parts) if kind is Kind.YESNO else _labelled(script, name, node)
    if kind is Kind.SCALE and [option.value for option in found] != ["1", "2", "3", "4", "5"]:
        raise node.error("a scale has the options 1 to 5; write a label for each, or make it a choice")
    for value, more in words.items():
        if value not in {option.value for option in found}:
            raise more.error(f"words for '{value}', which is no option; {nearest(value, [one.value for one in found])}")
        script.keep_text(f"{name}.{value}.words", more, ", ".join(more.words()))
    found = tuple(_with_words(option, words) for option in found)
    _apart(parts.get("options", node), parts.get("words"), found)
    return found


def _with_words(option: Option, words: Mapping[str, Node]) -> Option:
    more = words[option.value].words() if option.value in words else ()
    return replace(option, words=(*option.words, *more))


def _yesno(script: Script, parts: Mapping[str, Node]) -> tuple[Option, ...]:
    values: tuple[str, ...] = YESNO
    if "options" in parts:
        values = tuple(one.one_of(YESNO, "option") for one in parts["options"].items())
        if len(set(values)) < len(values):
            raise parts["options"].error("an option stands here twice; take one out")
    return tuple(Option(value, script.common.get(value, value), script.words.get(value, ())) for value in values)


def _labelled(script: Script, name: str, node: Node) -> tuple[Option, ...]:
    found = []
    for value, label in node.mapping(need=("options",))["options"].mapping().items():
        number, span, at = None, None, label
        if not label.is_text():
            parts = label.mapping({"label", "number", "range"}, need=("label",))
            number, at = parts["number"].number(1, 99) if "number" in parts else None, parts["label"]
            span = _span(parts["range"]) if "range" in parts else None
        if not re.fullmatch(r"[a-z0-9_]+", value):
            raise label.error(f"'{value}' cannot be an option's value; write small letters, figures and _")
        found.append(Option(value, script.keep_text(f"{name}.{value}", at), (), number, span))
    if not found:
        raise node.error("a question without an option; write at least one, or make it free")
    return tuple(found)


def _span(node: Node) -> tuple[int, int]:
    limits = [one.number(0, 999) for one in node.items()]
    if len(limits) != 2 or limits[0] > limits[1]:  # noqa: PLR2004 - from and to
        raise node.error("a range is its least and its greatest number; write it as [13, 15]")
    return limits[0], limits[1]


def _apart(node: Node, words: Node | None, found: tuple[Option, ...]) -> None:
    """No number and no spelling may stand for two answers: the first would swallow the other unseen."""
    numbers = [at if one.number is None else one.number for at, one in enumerate(found, 1)]
    if len(set(numbers)) < len(numbers):
        raise node.error("two options have one number; give one of them another 'number:'")
    worths = [worth for one in found if one.span for worth in range(one.span[0], one.span[1] + 1)]
    if len(set(worths)) < len(worths) or set(worths) & set(numbers):
        raise node.error("a number is in two ranges, or is an option's own number; let it mean one answer")
    meant: dict[str, str] = {}
    for option in found:
        for spelled in (option.label, *option.words):
            other = meant.setdefault(folded(spelled), option.value)
            if other != option.value:
                where = node if words is None else words
                raise where.error(
                    f"'{spelled}' stands for '{other}' and for '{option.value}'; leave it with one of them"
                )


# --- outcomes ---------------------------------------------------------------------------------------------------------


def outcomes(script: Script, node: Node | None) -> tuple[Outcome, ...]:
    """Rows of the branch table."""
    return () if node is None else tuple(_outcome(script, row) for row in node.items())


def _outcome(script: Script, node: Node) -> Outcome:
    parts = node.mapping(OUTCOME_KEYS, need=("when",))
    if len(parts) == 1:
        raise node.error(f"an outcome that does nothing; write one of: {', '.join(OUTCOME_KEYS[1:])}")
    privacy = parts["privacy"].one_of({*Privacy}, "privacy") if "privacy" in parts else None
    guard = parts["guard"].one_of({*Guard}, "guard") if "guard" in parts else Guard.NONE
    return Outcome(
        when=condition(script, parts["when"]),
        line=node.line,
        level=level(parts["level"]) if "level" in parts else Level.L0,
        categories=many(script, "category", parts.get("categories")),
        guard=Guard(guard),
        asserted="asserted" in parts and parts["asserted"].flag(),
        say=many(script, "step", parts.get("say")),
        ask=word(script, "step", parts.get("ask")),
        goto=word(script, "block", parts.get("goto")),
        trigger=word(script, "trigger", parts.get("trigger")),
        tasks=tasks(parts.get("tasks")),
        to_person="to_person" in parts and parts["to_person"].flag(),
        privacy=Privacy(privacy) if privacy else None,
        path=parts["path"].one_of(PATHS, "path") if "path" in parts else None,
        facts=tuple((name, _fact(one)) for name, one in parts["facts"].mapping().items()) if "facts" in parts else (),
        night_page="night_page" in parts and parts["night_page"].flag(),
    )


def _fact(node: Node) -> str | int:
    word = node.text()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else word  # noqa: PLR2004


def word(script: Script, sort: str, node: Node | None) -> str | None:
    """A word of one sort, to be checked later."""
    if node is None:
        return None
    script.claim(node, sort, node.text())
    return node.text()


def many(script: Script, sort: str, node: Node | None) -> tuple[str, ...]:
    """A list of words of one sort, each to be checked later."""
    found = () if node is None else node.items()
    for one in found:
        script.claim(one, sort, one.text())
    return tuple(one.text() for one in found)


def tasks(node: Node | None) -> tuple[Task, ...]:
    """Work for people."""
    return () if node is None else tuple(_task(one) for one in node.items())


def _task(node: Node) -> Task:
    parts = node.mapping(need := ("what", "for", "within"), need=need)
    within = parts["within"].text()
    if not WITHIN.fullmatch(within):
        raise parts["within"].error(
            f"'{within}' is no time limit; write now, today, or a number with m, h, d or wd: 2wd"
        )
    return Task(key(parts["what"]), parts["for"].one_of(ROLES, "role"), within)


# --- blocks and states ------------------------------------------------------------------------------------------------


def block(script: Script, node: Node) -> None:
    """A row of `blocks:`; its steps become steps of the file."""
    parts = node.mapping(("block", "main", "then", "steps"), need=("block", "steps"))
    name = key(parts["block"])
    if name in {one.key for one in script.blocks}:
        raise parts["block"].error(f"the block '{name}' stands in this file twice; give one of them another name")
    steps = tuple(step(script, one, name) for one in parts["steps"].items())
    for at, one in enumerate(parts["steps"].items()):
        if steps[at] in steps[:at]:
            raise one.error(f"the step '{steps[at]}' stands in this block twice; take one out")
    then = word(script, "trigger", parts.get("then")) or ""
    script.blocks.append(Block(name, steps, "main" in parts and parts["main"].flag(), then, node.line))


def moves(node: Node, states: tuple[str, ...]) -> tuple[Move, ...]:
    """The state table. `from: any` is every state that no other row of the same trigger names."""
    rows = [row.mapping(need := ("on", "from", "to"), need=need) for row in node.items()]
    named: dict[str, set[str]] = {}
    for row in rows:
        if not row["from"].is_text():
            known = named.setdefault(key(row["on"]), set())
            for one in row["from"].items():
                if one.one_of(states, "state") in known:
                    raise one.error(f"'{row['on'].text()}' leaves {one.text()} twice; take one row out")
                known.add(one.text())
    return tuple(_move(row, named, states, one.line) for row, one in zip(rows, node.items(), strict=True))


def _move(row: Mapping[str, Node], named: Mapping[str, set[str]], states: tuple[str, ...], line: int) -> Move:
    trigger, target = key(row["on"]), row["to"].one_of(states, "state")
    if row["from"].is_text():
        row["from"].one_of({"any"}, "state (write a list, or any)")
        return Move(trigger, tuple(one for one in states if one not in named.get(trigger, set())), target, line)
    return Move(trigger, tuple(one.text() for one in row["from"].items()), target, line)
