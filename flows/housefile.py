"""What the house's own files say, as values: commands, categories, ladders, limits, help numbers.

May not look into a flow: what is said of steps, blocks and names is noted as a claim for `loader`. The limits that the
law and the reviews set stand here and not in the files, so that no file can lower them (decisions 7, domain 3.3).
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from flows import claims, flowfile
from flows.commands import VERBS
from flows.model import Category, Command, Guard, HelpNumber, Ladder, Level, Response, Rung, Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.claims import Script
    from flows.lines import Node

METHODS: Final = frozenset({"sms", "voice", "notice"})

# decisions 7: who must have been reached, by how many minutes after the alert opened at the latest.
LATEST: Final[Mapping[Level, Mapping[str, int]]] = {
    Level.L2: {"duty": 0, "backup": 60, "manager": 120},
    Level.L3: {"duty": 0, "backup": 15, "manager": 30, "service_manager": 45},
    Level.L4: {"duty": 0, "manager": 0, "backup": 5, "service_manager": 10},
}
# Minutes after the alert opened by which the ladder begins again, and after it was taken by which it must be decided.
AGAIN_LATEST: Final[Mapping[Level, int]] = {Level.L2: 180, Level.L3: 60, Level.L4: 15}
DECISION_LATEST: Final = 30
# decisions 7: who must have been called by then, too. At L4 a call goes with the text; a text alone wakes nobody at night.
CALLED: Final[Mapping[Level, Mapping[str, int]]] = {Level.L2: {}, Level.L3: {"duty": 3}, Level.L4: LATEST[Level.L4]}

# Least and most of every limit, and what it is; a limit outside is a load error.
LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "session_minutes": (1, 30),  # silence after which the gate is asked again (decisions 1)
    "join_seconds": (30, 90),  # texts heard and filed together (decisions 2)
    "idle_hours": (1, 24),  # an open question after which the chat is put aside (domain 3.1)
    "break_after": (4, 8),  # questions before a break is offered (domain 3.1)
    "steps_per_turn": (3, 50),  # the engine's own brake
    "wait_again_minutes": (1, 5),  # the truth about waiting at most this often
    "still_1_minutes": (1, 5),  # "still here" to a child nobody has answered (decisions 7)
    "still_2_minutes": (2, 15),
    "wait_l4_minutes": (1, 5),  # how soon a person is promised: the first answer that is owed (domain 3.3)
    "wait_l3_minutes": (1, 15),
    "wait_l2_minutes": (1, 60),
    "who_answers": (1, 2),  # "who is this" is answered so often, then by a person (decisions 4)
    "low_window_hours": (24, 168),  # two L1 within it are an L2 (decisions 6)
    "invite_gap_hours": (24, 720),  # at most one text a day that we start (domain 3.2)
    "invite_max": (1, 3),
    "quiet_from": (18, 22),  # nothing is started from this hour to that (domain 3.2)
    "quiet_to": (8, 12),
}

# Limits that came later, with what holds where a ladder was kept before them.
LATER: Final[Mapping[str, tuple[int, int, int]]] = {
    "night_paged_from": (21, 23, 23),  # a manager paged from this hour to that is not first in the morning
    "night_paged_to": (6, 8, 7),
    "rest_until": (9, 14, 12),  # until this hour, when somebody else can be
    "presence_minutes": (2, 5, 5),  # a worker who was not seen for so long has dropped out (domain 3.2)
    "chats_most": (1, 3, 3),  # a worker's chats at once; with an L3 or L4 among them, one
    "rest_minutes": (10, 60, 10),  # off after an L3 or L4
    "own_worker_minutes": (0, 5, 5),  # below L3, a child is kept so long for the worker they asked for
    "own_language_minutes": (0, 10, 10),  # ... and so long behind those who speak the worker's language
    "leaver_minutes": (0, 60, 30),  # ... and so long not given back to who put them in the queue
}

_CODE = re.compile(r"D[0-9]{2}")
FLAGS: Final = ("raised_by_age", "quiet", "plain", "own_life", "night_page", "conflict", "of_others")


def _flag(parts: Mapping[str, Node], name: str) -> bool:
    return name in parts and parts[name].flag()


# --- commands ---------------------------------------------------------------------------------------------------------


def commands(script: Script, node: Node) -> tuple[Command, ...]:
    """`commands.yaml`: words that mean the same at any time (decisions 5)."""
    found: list[Command] = []
    for row in node.mapping({"commands"}, need={"commands"})["commands"].items():
        command = _command(script, row)
        if command.key in {one.key for one in found}:
            raise row.error(f"the command '{command.key}' stands here twice; put its words into one row")
        found.append(command)
    return tuple(found)


def _command(script: Script, node: Node) -> Command:
    known = ("key", "does", "words", "say", "after", "level", "categories")
    parts = node.mapping(known, need=("key", "does", "words"))
    name = claims.key(parts["key"])
    say = parts["say"].text() if "say" in parts else None
    if say is not None:
        script.claim(parts["say"], "step", say)
    after = parts["after"].text() if "after" in parts else None
    if after is not None:
        script.claim(parts["after"], "step", after)
    words = parts["words"].words()
    script.keep_text(name, parts["words"], ", ".join(words))
    return Command(
        key=name,
        does=parts["does"].one_of(VERBS, "verb"),
        words=words,
        say=say,
        after=after,
        level=claims.level(parts["level"]) if "level" in parts else Level.L0,
        categories=flowfile.many(script, "category", parts.get("categories")),
        line=node.line,
    )


# --- categories -------------------------------------------------------------------------------------------------------


def category(script: Script, node: Node) -> Category:
    """One kind of concern."""
    known = ("code", "name", "guard", "guard_from", *FLAGS, "tasks", "raises")
    parts = node.mapping(known, need=("code", "name"))
    code = parts["code"].text()
    if not _CODE.fullmatch(code):
        raise parts["code"].error(f"'{code[:20]}' is no category; write D and two figures, as D05")
    rows = (
        [row.mapping(need := ("when", "level"), need=need) for row in parts["raises"].items()]
        if "raises" in parts
        else []
    )
    flags = {name: _flag(parts, name) for name in FLAGS}
    return Category(
        code=code,
        name=parts["name"].text(),
        guard=Guard(parts["guard"].one_of({*Guard}, "guard")) if "guard" in parts else Guard.NONE,
        guard_from=claims.level(parts["guard_from"]) if "guard_from" in parts else Level.L2,
        tasks=flowfile.tasks(parts.get("tasks")),
        line=node.line,
        raises=tuple((claims.condition(script, row["when"]), claims.level(row["level"])) for row in rows),
        **flags,
    )


def response(script: Script, node: Node) -> Response:
    """One row of what is said after a concern."""
    parts = node.mapping(("when", "say", "goto", "ask", "to_person"), need=("when",))
    return Response(
        when=claims.condition(script, parts["when"]),
        say=flowfile.many(script, "step", parts.get("say")),
        goto=flowfile.word(script, "block", parts.get("goto")),
        ask=flowfile.word(script, "step", parts.get("ask")),
        to_person=_flag(parts, "to_person"),
        line=node.line,
    )


def waiting(script: Script, node: Node) -> Waiting:
    """One row of what a waiting child is told."""
    parts = node.mapping(need := ("when", "say"), need=need)
    script.claim(parts["say"], "step", parts["say"].text())
    return Waiting(claims.condition(script, parts["when"]), parts["say"].text(), node.line)


# --- the web page -----------------------------------------------------------------------------------------------------

PAGE_WORDS: Final = (
    "title",
    "exit",
    "exit_how",
    "danger",
    "intro",
    "start",
    "traces",
    "language",
    "change",
    "from_you",
    "from_us",
    "answers",
    "several",
    "message",
    "send",
    "check",
    "not_sent",
    "offline",
    "online",
    "trouble",
    "code_get",
    "code_is",
    "code_how",
    "code_by_text",
    "code_have",
    "code_label",
    "code_use",
    "code_wrong",
    "soon_blank",
    "stay",
    "closed",
    *("read_ask", "read_yes", "read_not_now", "read_lead", "read_new", "read_back", "read_both", "read_right"),
    *("read_send", "read_thanks", "read_over"),
)


def page(script: Script, node: Node) -> None:
    """The words around the chat, all of them."""
    words = node.mapping(need := ("words",), need=need)["words"].mapping(PAGE_WORDS, need=PAGE_WORDS)
    for name, value in words.items():
        script.common[name] = script.keep_text(name, value)


# --- ladders and limits -----------------------------------------------------------------------------------------------


def ladder(node: Node, level: Level) -> Ladder:
    """The rungs of one level; LoadError when somebody would be reached later than `LATEST` allows."""
    parts = node.mapping(("rungs", "again", "decide"), need=("rungs", "again"))
    rungs = tuple(_rung(row) for row in parts["rungs"].items())
    if [rung.after_minutes for rung in rungs] != sorted(rung.after_minutes for rung in rungs):
        raise parts["rungs"].error("the rungs are not in the order of their minutes; sort them by 'after'")
    for role, latest in LATEST[level].items():
        _reached(parts["rungs"], level, [rung for rung in rungs if role in rung.roles], role, latest)
    last = rungs[-1].after_minutes
    again = parts["again"].number(last + 1, AGAIN_LATEST[level])
    decision = parts["decide"].number(1, DECISION_LATEST) if "decide" in parts else None
    if decision is None and level >= Level.L3:
        raise node.error(f"'decide:' is missing; {level.name} must be decided within {DECISION_LATEST} minutes")
    return Ladder(level, rungs, again - last, decision)


def _reached(node: Node, level: Level, rungs: list[Rung], role: str, latest: int) -> None:
    said = f"write a rung for {role} at {latest} or earlier"
    if not rungs or rungs[0].after_minutes > latest:
        raise node.error(f"{level.name} must reach {role} by minute {latest} (the floor); {said}")
    methods = {rung.method for rung in rungs if rung.after_minutes <= latest}
    if level >= Level.L3 and methods <= {"notice"}:
        raise node.error(f"{level.name} must page {role}, a notice is not enough; write 'method: sms'")
    called = CALLED[level].get(role)
    if called == latest and not {"sms", "voice"} <= methods:
        raise node.error(
            f"{level.name} must text and call {role} together; {said} with 'method: sms' and one with voice"
        )
    if called is not None and not any(rung.method == "voice" and rung.after_minutes <= called for rung in rungs):
        said = f"write a rung for {role} with 'method: voice' at {called} or earlier"
        raise node.error(f"{level.name} must call {role} by minute {called} (the floor); {said}")


def _rung(node: Node) -> Rung:
    parts = node.mapping(need := ("after", "roles", "method"), need=need)
    roles = tuple(one.one_of(flowfile.ROLES, "role") for one in parts["roles"].items())
    if not roles or len(set(roles)) < len(roles):
        raise parts["roles"].error("a rung reaches at least one role, each once; write them as in [duty, manager]")
    return Rung(parts["after"].number(0, 1440), roles, parts["method"].one_of(METHODS, "method"))


def limits(node: Node) -> Mapping[str, int]:
    """All limits, within their bounds; only those of `LATER` may be missing."""
    parts = node.mapping((*LIMITS, *LATER), need=LIMITS)
    later = {
        name: parts[name].number(least, most) if name in parts else usual
        for name, (least, most, usual) in LATER.items()
    }
    return {name: parts[name].number(*LIMITS[name]) for name in LIMITS} | later


# --- help numbers -----------------------------------------------------------------------------------------------------


def number(node: Node) -> HelpNumber:
    """A public help line with who checked it and when (R42)."""
    parts = node.mapping(
        need := ("key", "name", "number", "hours", "languages", "cost", "shows_on_bill", "verified_on", "verified_by"),
        need=need,
    )
    digits = parts["number"].text()
    if not re.fullmatch(r"[0-9][0-9 ]{1,14}", digits):
        raise parts["number"].error("this is no telephone number; write figures and single spaces")
    return HelpNumber(
        key=claims.key(parts["key"]),
        number=digits,
        languages=parts["languages"].words(),
        verified_on=_day(parts["verified_on"]),
        line=node.line,
        **{name: parts[name].text() for name in ("name", "hours", "cost", "shows_on_bill", "verified_by")},
    )


def _day(node: Node) -> str:
    try:
        return date.fromisoformat(node.text()).isoformat()
    except ValueError:
        raise node.error(f"'{node.text()[:20]}' is no day; write it as 2026-11-21") from None
