"""Be the child (and the staff) in the terminal: the whole program on fake phones, with a clock that can be pushed on.

May not show anything that a phone would not: every text is printed as it is handed to its channel.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from bot import app, i18n
from bot.play import script
from bot.play.script import LONDON, Line, OnRota, PlayError
from bot.play.stage import Stage

if TYPE_CHECKING:
    from bot.play.outcomes import Outcome
    from bot.play.script import Play

ROTA = (OnRota("ana", "duty"), OnRota("ben", "backup"), OnRota("mel", "manager"), OnRota("sue", "service_manager"))
HELP = (
    "Write what the child texts. Beside that:\n"
    "  ana: 4F7K2Q                a member of staff texts back\n"
    "  call ana: 1                she presses a key in the call that rings\n"
    "  desk ana acknowledges 1    somebody acts at the desk\n"
    "  +31m   +2h   +1d           time passes\n"
    "  record                     the record as it stands\n"
    "  quit\n"
)
WIDTH = 44
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def checked(flow: str, locale: str) -> None:
    """Raises PlayError for a flow or a language that there is none of, with those that there are."""
    if flow not in script.CHOICES["flow"]:
        raise PlayError(f"no flow '{flow}': use {' or '.join(script.CHOICES['flow'])}")
    have = sorted(i18n.load_catalogues(app.LOCALES))
    if i18n.negotiate(locale, have) is None:
        raise PlayError(f"--locale {locale}: no texts in it; use one of {', '.join(have)}")


def talk(flow: str, locale: str, lines: TextIO, out: TextIO, *, database_url: str | None = None) -> None:
    """Talk until the input ends."""
    start = "inbound" if flow == "text_safe" else "chat"
    head = f"flow: {flow}\nlocale: {locale}\nstart: {start}\nnow: {datetime.now(LONDON):%Y-%m-%d %H:%M}\n"
    play = replace(script.parse(head, "talk"), rota=ROTA)
    with Stage(play, database_url) as stage:
        out.write(HELP)
        _show(stage, 0, out)
        for raw in lines:
            said = raw.rstrip("\n")
            if said.strip() in ("quit", "exit"):
                return
            before = len(stage.outcomes)
            try:
                _one(stage, said, out)
            except PlayError as error:
                out.write(f"  ({str(error).partition(': ')[2]})\n")
            _show(stage, before, out)


def _one(stage: Stage, said: str, out: TextIO) -> None:
    if said.strip() == "record":
        out.write(summary(stage.committer.submit(stage.watcher.record)))
        return
    if said.startswith("+"):
        number, unit = said[1:-1], UNITS.get(said[-1:])
        if unit is None or not (number.isascii() and number.isdigit()):
            raise PlayError(f"talk: '{said}' is no time: write +31m, +2h or +1d")
        stage.line(script.parse(f"---- {number} {unit}", "talk").lines[0])
        return
    stage.now = max(stage.now, datetime.now(UTC))
    name, colon, _ = said.partition(":")
    if colon and name in {one.name for one in ROTA}:
        stage.line(Line(0, "phone", said))
    elif said.startswith("call "):
        stage.line(Line(0, "call", said.removeprefix("call ")))
    elif said.startswith("desk "):
        stage.line(Line(0, "desk", said.removeprefix("desk ")))
    elif said.strip():
        stage.line(Line(0, "child", said))


def _show(stage: Stage, since: int, out: TextIO) -> None:
    out.writelines(printed(outcome) for outcome in stage.outcomes[since:])


def printed(outcome: Outcome) -> str:
    """A text as on a phone; empty for what no phone shows."""
    clock = outcome["at"][11:16]
    match outcome["kind"]:
        case "say":
            return _phone("child's phone", clock, outcome["text"])
        case "page":
            how = "call" if outcome["method"] == "voice" else "page"
            return _phone(f"{outcome['to']}'s phone, {how} ({outcome['role']})", clock, outcome["text"])
        case "notice":
            return _phone(f"{outcome['to']}'s phone", clock, outcome["text"])
        case _:
            return ""


def child_says(text: str, clock: str) -> str:
    """A child's own text, on the right of the screen."""
    wrapped = textwrap.wrap(text, WIDTH) or [""]
    return "".join(f"{'':>30}{line}\n" for line in (f"[child, {clock}]", *wrapped))


def _phone(whose: str, clock: str, text: str) -> str:
    wrapped = textwrap.wrap(text, WIDTH) or [""]
    return "".join(f"  {line}\n" for line in (f"[{whose}, {clock}]", *wrapped))


def summary(record: Outcome) -> str:
    """The record, short, for a terminal."""
    lines = [f"Record of case {record['case']}: {record['outcome']} ({record['flow']})"]
    for area, rows in record["areas"].items():
        lines.extend(
            f"  {area} {one['question']}: {'chose not to say' if one['skipped'] else one['said']}" for one in rows
        )
    lines.extend(
        f"  concern {one['level']} {' '.join(one['categories'])}: {one['reason']}" for one in record["concerns"]
    )
    lines.extend(
        f"  alert {one['id']} {one['level']}: {one['state']}, taken by {one['taken_by']}" for one in record["alerts"]
    )
    lines.extend(f"  to do: {one['what']} ({one['for']}) by {one['due']}" for one in record["tasks"])
    return "\n".join(lines) + "\n"


def show_play(play: Play, out: TextIO) -> Outcome:
    """Play a transcript and print it as on phones; returns the record."""
    with Stage(play) as stage:
        _show(stage, 0, out)
        for line in play.lines:
            if not line.is_input:
                continue
            before = len(stage.outcomes)
            if line.who == "child":
                out.write(child_says(line.text, stage.local()[11:16]))
            elif line.who == "wait":
                out.write(f"  ---- {line.text}\n")
            else:
                out.write(f"  ({line.who} > {line.text})\n")
            stage.line(line)
            _show(stage, before, out)
        return stage.committer.submit(stage.watcher.record)
