"""The lines of a play in which staff, officers or the police act. Every one is an event through the one door."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot import beginning, casework, clicks, episodes, holding, recording, saying, sharing, switching
from bot.filing import copies
from bot.play.script import LONDON, PlayError, only, pairs
from flows import events
from flows.model import Level
from flows.report import NotRecorded
from storage import cases, conversations, notes, people, training

if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match

    from bot.play.stage import Stage
    from storage.database import Transaction
    from storage.people import Person

    Click = Callable[[Stage, Transaction, Person, Match[str]], object]

REQUESTED = {"A": "+447700900111", "B": "+447700900112", "C": "+447700900113"}
POLICE_VERBS = ("returned",)


def click(stage: Stage, text: str, where: str) -> None:
    """`desk > NAME VERB ...`"""
    name, _, said = text.partition(" ")
    found = next(((verb.fullmatch(said), act) for verb, act in _VERBS if verb.fullmatch(said)), None)
    if found is None:
        raise PlayError(f"{where}: '{said[:40]}' is nothing a desk does: {', '.join(sorted(KNOWN))}")
    match, act = found

    def work(tx: Transaction) -> None:
        person = people.by_name(tx, name)
        if person is None:
            raise PlayError(f"{where}: nobody called '{name}' is on this play's rota")
        if match is None:
            return
        try:
            act(stage, tx, person, match)
        except (clicks.Refused, NotRecorded, copies.NotShared) as why:
            stage.watcher.add("notice", to=person.name, role=person.role.value, text=str(why))
        except (clicks.NotPossible, casework.NotPossible) as why:
            raise PlayError(f"{where}: {why}") from None

    stage.committer.submit(work)


def police(stage: Stage, text: str, where: str) -> None:
    """`police > returned`: invites stop; nothing says that the child is safe (A6)."""
    if text.strip() not in POLICE_VERBS:
        raise PlayError(f"{where}: write police > returned")

    def work(tx: Transaction) -> None:
        case = conversations.case_of(tx, stage.conversation)
        if case is not None:
            episodes.returned(tx, stage.house, case, stage.now, "police")
        stage.runner.handle(tx, conversations.load(tx, stage.conversation), events.EpisodeEnded(stage.now))

    stage.committer.submit(work)


def request(stage: Stage, text: str, where: str) -> None:
    """`request > pc_smith number=A language=vi`: accepted or not accepted, and nothing after."""
    who, _, rest = text.partition(" ")
    given = dict(pairs(rest, where))
    only(given, ("number", "language", "age_band"), where)
    number = given.get("number", "A")
    if number not in REQUESTED:
        raise PlayError(f"{where}: number={number}: use one of {', '.join(REQUESTED)}")

    def work(tx: Transaction) -> bool:
        return beginning.request(
            tx,
            stage.runner,
            who,
            "PLAY-1",
            "sms",
            REQUESTED[number],
            stage.now,
            language=given.get("language"),
            age_band=given.get("age_band"),
        )

    accepted = stage.committer.submit(work)
    stage.watcher.add("notice", to=who, role="requester", text="accepted" if accepted else "not accepted")


def _says(stage: Stage, tx: Transaction, who: Person, text: str) -> None:
    found = saying.say(tx, stage.runner, who, stage.conversation, text, stage.now)
    if found:
        why = ", ".join(one.reason.replace("_", " ") for one in found)
        stage.watcher.add(
            "notice", to=who.name, role=who.role.value, text=f"held, not sent ({why}): a supervisor looks"
        )


def _stays(stage: Stage, tx: Transaction, who: Person) -> None:
    stage.staying.add(who.id)
    beat(stage, tx)


def beat(stage: Stage, tx: Transaction) -> None:
    """The sign that an open desk gives of whoever stays at it while time passes."""
    for staff in sorted(stage.staying):
        holding.seen(tx, stage.house, staff, stage.now)


def _next(stage: Stage, tx: Transaction, who: Person) -> None:
    """Whoever is first for this worker; what follows in the play is said of that child."""
    if clicks.take_next(tx, stage.runner, who, stage.now) is None:
        stage.watcher.add("notice", to=who.name, role=who.role.value, text="nobody is waiting whom you may take")


def _copies(stage: Stage, tx: Transaction, who: Person, given: Match[str]) -> None:
    """Who outside is given what: the parts, and the questions whose answers are among them."""
    text = sharing.copy(
        tx, stage.house, who, stage.conversation, given[1], given[2], (given[3] or "").split(), given[4], stage.now
    )
    copy = json.loads(text)
    parts = [one for one in copies.PARTS if one in copy]
    answers = ", ".join(one["question"] for one in copy.get("answers", ())) or "none"
    told = f"copy for {given[1]}: {', '.join(parts)}; answers in it: {answers}"
    stage.watcher.add("notice", to=who.name, role=who.role.value, text=told)


def _alert(stage: Stage, number: str) -> str:
    known = stage.watcher.alerts
    if not 0 < int(number) <= len(known):
        raise clicks.NotPossible(f"there is no alert {number} yet")
    return known[int(number) - 1]


def _value(text: str) -> str | int | tuple[str, ...] | None:
    if text == "skipped":
        return None
    if text.isdecimal():
        return int(text)
    return tuple(part.strip() for part in text.split(",")) if "," in text else text


_KNOWN: dict[str, Click] = {
    r"acknowledges (\d+)": lambda s, tx, who, m: clicks.acknowledge(tx, s.runner, who, _alert(s, m[1]), s.now),
    r"passes on (\d+)": lambda s, tx, who, m: clicks.pass_on(tx, s.runner, who, _alert(s, m[1]), s.now),
    r"lowers (\d+) to (L[0-4]) because (.+)": lambda s, tx, who, m: clicks.lower(
        tx, s.runner, who, _alert(s, m[1]), Level[m[2]], m[3], s.now
    ),
    r"decides (\d+) (\w+) because (.+)": lambda s, tx, who, m: clicks.decide(
        tx, s.runner, who, _alert(s, m[1]), m[2], m[3], s.now
    ),
    r"takes the next": lambda s, tx, who, _m: _next(s, tx, who),
    r"takes": lambda s, tx, who, _m: clicks.take(tx, s.runner, who, s.conversation, s.now),
    r"says (.+)": lambda s, tx, who, m: _says(s, tx, who, m[1]),
    r"hands back": lambda s, tx, who, _m: clicks.hand_back(tx, s.runner, who, s.conversation, s.now),
    r"hands over": lambda s, tx, who, _m: clicks.hand_over(tx, s.runner, who, s.conversation, s.now),
    r"steps in": lambda s, tx, who, _m: clicks.step_in(tx, s.runner, who, s.conversation, s.now),
    r"calls a person": lambda s, tx, who, _m: clicks.call_person(tx, s.runner, who, s.conversation, s.now),
    r"tells them first": lambda s, tx, who, _m: clicks.tell_first(tx, s.runner, who, s.conversation, s.now),
    r"stays at the desk": lambda s, tx, who, _m: _stays(s, tx, who),
    r"leaves the desk": lambda s, _tx, who, _m: s.staying.discard(who.id),
    r"transfers to (\w+)": lambda s, tx, who, m: clicks.transfer(
        tx, s.runner, who, s.conversation, _colleague(tx, m[1]), s.now
    ),
    r"raises (L[1-4])(?: about (\w+))? because (.+)": lambda s, tx, who, m: clicks.worry(
        tx, s.runner, who, s.conversation, Level[m[1]], m[3], m[2] or "", s.now
    ),
    r"lifts lock because (.+)": lambda s, tx, who, m: clicks.lift_lock(tx, s.runner, who, s.conversation, m[1], s.now),
    r"sets path (\w+)": lambda s, tx, who, m: clicks.set_path(tx, s.runner, who, s.conversation, m[1], s.now),
    r"sets (\w+) = (.+)": lambda s, tx, who, m: clicks.set_answer(
        tx, s.runner, who, s.conversation, m[1], _value(m[2]), s.now
    ),
    r"spoke (by phone|face to face|by video)": lambda s, tx, who, m: casework.spoke(
        tx, s.house, who, _case(s, tx), m[1].removeprefix("by ").replace(" ", "_"), s.now, s.conversation
    ),
    r"notes (\w+)( .+)?": lambda s, tx, who, m: casework.note(
        tx, s.house, who, _about(s, tx)[0], m[1], s.now, conversation=_about(s, tx)[1], details=_said(m[2])
    ),
    r"did ([a-z]\w*)( .+)?": lambda s, tx, who, m: casework.did(
        tx, s.house, who, _about(s, tx)[0], m[1], s.now, _said(m[2]), _about(s, tx)[1]
    ),
    r"did (R\d\d(?:\.\w+)?)( .+)?": lambda s, tx, who, m: casework.done(
        tx, s.house, who, _case(s, tx), m[1], s.now, details=_said(m[2])
    ),
    r"takes back (\w+)": lambda s, tx, who, m: casework.take_back(
        tx, s.house, who, _case(s, tx), _noted(s, tx, m[1]), s.now
    ),
    r"reports missing since (\d{4}-\d\d-\d\d \d\d:\d\d)( .+)?": lambda s, tx, who, m: episodes.missing(
        tx, s.house, who, _case(s, tx), _instant(m[1]), s.now, known=_said(m[2])
    ),
    r"locates": lambda s, tx, who, _m: episodes.located(tx, s.house, who, _case(s, tx), s.now, s.now),
    r"ends episode (.+)": lambda s, tx, who, m: episodes.end_last(tx, s.house, who, _case(s, tx), _said(m[1]), s.now),
    r"records (\w+) trained until (\S+) dbs (\S+)( regulated)?": lambda s, tx, who, m: training.record(
        tx,
        training.Training(_colleague(tx, m[1]).id, date.fromisoformat(m[2]), date.fromisoformat(m[3]), bool(m[4])),
        who.id,
        s.now,
    ),
    r"knows (.+)": lambda s, tx, who, m: episodes.know(tx, s.house, who, _case(s, tx), _said(m[1]), s.now),
    r"tried (\w+): (\w+)": lambda s, tx, who, m: casework.tried(tx, s.house, who, _case(s, tx), m[1], m[2], s.now),
    r"plans (\w+)( chosen by the child)?": lambda s, tx, who, m: casework.plan(
        tx, s.house, who, _case(s, tx), m[1], s.now, chosen=bool(m[2])
    ),
    r"promises (.+) by (\d{4}-\d\d-\d\d \d\d:\d\d)": lambda s, tx, who, m: casework.promise(
        tx, s.house, who, _case(s, tx), m[1], _instant(m[2]), s.now
    ),
    r"records not done because (\w+) until (\S+)": lambda s, tx, who, m: casework.not_done(
        tx, s.house, who, _case(s, tx), m[1], m[2], s.now
    ),
    r"fills (\w+) = (.+)": lambda s, tx, who, m: recording.set_fields(tx, who, s.conversation, {m[1]: m[2]}, s.now),
    r"confirms ([A-Z0-9 ]+)": lambda s, tx, who, m: recording.confirm(tx, who, s.conversation, m[1].split(), s.now),
    r"sets level (\w+)(?: because (.+))?": lambda s, tx, who, m: recording.set_level(
        tx, s.house, who, s.conversation, m[1], m[2] or "", s.now
    ),
    r"adds a (\w+): (.+?) from (.+)": lambda s, tx, who, m: recording.add_intelligence(
        tx, who, s.conversation, m[1], m[2], m[3], s.now
    ),
    r"copies for (\w+) to (.+?)(?: with ([a-z ]+))? because (.+)": _copies,
    r"signs": lambda s, tx, who, _m: recording.sign(tx, s.house, who, s.conversation, s.now),
    r"switches (\w+) (on|off)": lambda s, tx, who, m: switching.turn(tx, who, m[1], on=m[2] == "on", at=s.now),
    r"closes": lambda s, tx, who, _m: clicks.close(tx, s.runner, who, s.conversation, s.now),
}
_VERBS = tuple((re.compile(pattern), act) for pattern, act in _KNOWN.items())
KNOWN = tuple(re.sub(r"[^a-zA-Z =]+", "_", pattern) for pattern in _KNOWN)


def _about(stage: Stage, tx: Transaction) -> tuple[str | None, str | None]:
    """The case of the play, or the chat itself where there is none."""
    case = conversations.case_of(tx, stage.conversation)
    return case, None if case is not None else stage.conversation


def _said(text: str | None) -> dict[str, str]:
    """`name=value` after a verb."""
    return dict(pairs((text or "").strip(), "desk"))


def _noted(stage: Stage, tx: Transaction, kind: str) -> str:
    known = [one.id for one in notes.of_case(tx, cases.root(tx, _case(stage, tx))) if one.kind == kind]
    if not known:
        raise casework.NotPossible(f"nothing of the kind '{kind}' is noted")
    return known[-1]


def _case(stage: Stage, tx: Transaction) -> str:
    case = conversations.case_of(tx, stage.conversation)
    if case is None:
        raise clicks.NotPossible("this conversation belongs to no case")
    return case


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


def _colleague(tx: Transaction, name: str) -> Person:
    person = people.by_name(tx, name)
    if person is None:
        raise clicks.NotPossible(f"nobody called '{name}' is on this play's rota")
    return person
