"""Compares what happened in a play with what its file expects, and writes it back with `--update`.

`bot >`, `page >` and `notice >` are expected in full: anything missing, different or unexpected fails. `record >`, `state >`
and the like assert one thing each, where they stand; what they do not name may be as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.play.script import EXPECTED, Line
from bot.play.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bot.play.outcomes import Outcome
    from bot.play.script import Play

_SPOKEN = {"say": "bot", "page": "page", "notice": "notice"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as written. `line` of the file; `wanted` or `got` is empty when there was nothing."""

    line: int
    wanted: str
    got: str

    def __str__(self) -> str:
        return f"line {self.line}\n  written: {self.wanted or '(nothing)'}\n  happened: {self.got or '(nothing)'}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a play went."""

    play: Play
    differences: tuple[Difference, ...]
    outcomes: tuple[Outcome, ...]
    updated: tuple[str, ...]


def shown(outcome: Outcome) -> str:
    """An outcome as a line of a play; empty for what plays do not spell out."""
    kind = _SPOKEN.get(outcome["kind"])
    if kind is None:
        return ""
    return f"bot > {outcome['text']}" if kind == "bot" else f"{kind} > {outcome['to']}: {outcome['text']}"


def perform(play: Play, database_url: str | None = None) -> Verdict:
    """Play it, and compare scene by scene: a scene is an input line and what follows until the next."""
    differences: list[Difference] = []
    updated: list[str] = []
    with Stage(play, database_url) as stage:
        for opening, lines in _scenes(play):
            before = len(stage.outcomes) if opening is not None else 0
            if opening is not None:
                stage.line(opening)
            happened = stage.outcomes[before:]
            differences.extend(_compare(play, opening, lines, happened, stage))
            updated.extend(_rewritten(play, opening, lines, happened))
        stage.end()
        return Verdict(play, tuple(differences), tuple(stage.outcomes), tuple(updated))


def _scenes(play: Play) -> Iterator[tuple[Line | None, list[Line]]]:
    opening: Line | None = None
    lines: list[Line] = []
    for line in play.lines:
        if line.is_input:
            yield opening, lines
            opening, lines = line, []
        else:
            lines.append(line)
    yield opening, lines


def _compare(
    play: Play, opening: Line | None, lines: list[Line], happened: list[Outcome], stage: Stage
) -> Iterator[Difference]:
    spoken = [text for text in map(shown, happened) if text]
    at = opening.number if opening is not None else (play.lines[0].number if play.lines else 1)
    for line in lines:
        if line.who in EXPECTED:
            at = line.number
            wanted = f"{line.who} > {line.text}"
            got = spoken.pop(0) if spoken else ""
            if got != wanted:
                yield Difference(line.number, wanted, got)
        else:
            yield from _assert(line, happened, stage)
    for extra in spoken:
        yield Difference(at, "", extra)


def _assert(line: Line, happened: list[Outcome], stage: Stage) -> Iterator[Difference]:
    """`record > felt_safe = 2`, `state > LOCKED`, `concern > L3 D05`, `holder > nobody`, `task > parent_view`."""
    if line.who == "record":
        name, _, wanted = (part.strip() for part in line.text.partition("="))
        record = stage.committer.submit(stage.watcher.record)
        got = _recorded(record, name)
        if got != wanted:
            yield Difference(line.number, f"record > {name} = {wanted}", f"record > {name} = {got}")
        return
    told = [_told(outcome) for outcome in happened if outcome["kind"] == line.who]
    words = line.text.split()
    negated = bool(words) and words[0] == "no"
    found = any(set(words) <= set(one.split()) for one in told) if not negated else not told
    if not found:
        yield Difference(line.number, f"{line.who} > {line.text}", "; ".join(told))


def _told(outcome: Outcome) -> str:
    match outcome["kind"]:
        case "concern":
            lock = "locked" if outcome["locked"] else ""
            return f"{outcome['level']} {' '.join(outcome['categories'])} {lock}".strip()
        case "alert":
            return f"{outcome['level']} {outcome['state']} rung {outcome['rung']}"
        case "task":
            return f"{outcome['what']} for {outcome['for']} by {outcome['due']}"
        case "state":
            return f"{outcome['state']} {outcome['step'] or ''}".strip()
        case "deadline":
            return f"{outcome['rule']} {outcome['status']} {outcome['due']}"
        case _:
            return str(outcome.get(outcome["kind"], ""))


def _recorded(record: Outcome, name: str) -> str:
    if name == "outcome":
        return str(record["outcome"])
    if name in ("level", "signed"):
        return _by_worker(record.get("worker") or {}, name)
    entries = [one for rows in (*record["areas"].values(), record["other"]) for one in rows if one["question"] == name]
    if not entries:
        return "(not asked)"
    value = entries[-1]["value"]
    if value is None:
        return "chose not to say"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _by_worker(worker: Mapping[str, Any], name: str) -> str:
    """The level a person confirmed, or who signed."""
    if name == "level":
        return str((worker.get("level") or {}).get("value", "(not confirmed)"))
    return ", ".join(one["by"] for one in worker.get("signatures", ())) or "(not signed)"


def _rewritten(play: Play, opening: Line | None, lines: list[Line], happened: list[Outcome]) -> Iterator[str]:
    """The scene as it happened: inputs, comments and assertions stay, what is spoken is written anew."""
    first = 1 if opening is None else opening.number
    last = next((one.number for one in play.lines if one.is_input and one.number > first), len(play.source) + 1)
    if opening is None and play.lines and play.lines[0].is_input:
        last = play.lines[0].number
    spoken_lines = {line.number for line in lines if line.who in EXPECTED}
    kept = [(number, play.source[number - 1]) for number in range(first, last) if number not in spoken_lines]
    asserted = {line.number for line in lines if line.who not in EXPECTED}
    head = [text for number, text in kept if number not in asserted and text.strip()]
    yield from head
    yield from (text for outcome in happened if (text := shown(outcome)))
    yield from (text for number, text in kept if number in asserted)
    if kept and not kept[-1][1].strip():
        yield ""


def as_json(play: Play) -> Iterator[str]:
    """Every outcome of a play as one JSON object a line; expected lines are not read."""
    with Stage(play) as stage:
        for outcome in stage.run():
            yield json.dumps(outcome, ensure_ascii=False)


def update(verdict: Verdict, path: Path) -> bool:
    """Write the play back as it happened; whether anything changed."""
    text = "\n".join(verdict.updated).rstrip("\n") + "\n"
    if path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True
