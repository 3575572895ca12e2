"""What people noted, as the facts that clocks need: pairs of a beginning and its end, first and last times, what was told.

Pure: notes, concerns and alerts in, values out. May not read storage, nor compute a clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows import deadline_alerts, noting
from flows.deadlines import Attempt, Flag, Matter, Talk
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flows.deadline_meaning import Meaning
    from flows.model import Alert
    from storage import answers
    from storage.notes import Note

_YES = frozenset({"yes", "true", "1", 1})
_NO = frozenset({"no", "false", "0", 0})
# What is assessed or asked for again begins its clock anew: only what was logged after that stops it.
_ANEW = {"R28": "cse_low", "R29": "carer_form_given"}


def attempts(its: Iterable[Note]) -> Iterable[Attempt]:
    """Every offer that a person made."""
    for one in its:
        if one.kind == "attempt":
            yield Attempt(
                one.at, str(one.details.get("channel", "")), by_person=yes(one.details.get("by_person")) is True
            )


def talk(note: Note) -> Talk:
    """A talk with the child, as it was noted."""
    given = note.details
    return Talk(note.at, str(given.get("who", "")), yes(given.get("trained")) is not False, str(given.get("mode", "")))


def actions(its: Collection[Note]) -> tuple[Matter, ...]:
    """Every action that was done, and when the child was told of it."""
    told = [one.at for one in its if one.kind == "told_child"]
    return tuple(
        Matter(one.id, one.at, min((at for at in told if at >= one.at), default=None))
        for one in its
        if one.kind == "action"
    )


def told(
    told: Iterable[answers.Heeded], among: frozenset[str], done: Collection[Note], ended: str
) -> tuple[Matter, ...]:
    """The first time a conversation said something of these kinds as so, not as a doubt; and the first time after that was
    reported: what is told then was in no report.
    """
    found: list[Matter] = []
    for one in told:
        named = among.intersection(one.concern.categories)
        doubted = {hit.category for hit in one.concern.evidence} - {
            hit.category for hit in one.concern.evidence if hit.doubt is None
        }
        over = found[-1].done_at if found else one.at
        anew = not found or (over is not None and one.at > over)
        if anew and one.concern.level >= Level.L2 and named - doubted:
            found.append(Matter(one.id, one.at, since(done, ended, one.at), reason(done, one.at)))
    return tuple(found)


def told_of(meaning: Meaning, its: Iterable[Note], done: Collection[Note]) -> dict[str, Any]:
    """What a child told a person outside the chat, as that person noted it."""
    its = tuple(its)
    return {
        "csa_told": tuple(
            Matter(one.id, one.at, since(done, "abuse_reported", one.at), reason(done, one.at))
            for one in its
            if one.kind == "abuse_told"
        ),
        "csa_reporting": meaning.report_abuse,
        "allegations": tuple(
            Matter(one.id, one.at, since(done, "officer_told", one.at)) for one in its if one.kind == "staff_allegation"
        ),
    }


def referrals(held: Iterable[Alert], done: Iterable[Note]) -> tuple[Matter, ...]:
    """Every referral, and the council's answer to it: an answer is to the oldest that had none."""
    heard = sorted(one.at for one in done if one.kind == "council_answer")
    found = []
    referred = ((at, one.id) for one in held if (at := deadline_alerts.referred_at(one)) is not None)
    for at, alert in sorted(referred):
        answer = next((one for one in heard if one >= at), None)
        if answer is not None:
            heard.remove(answer)
        found.append(Matter(alert, at, answer))
    return tuple(found)


def low(told: Iterable[answers.Heeded], done: Iterable[Note]) -> tuple[Flag, ...]:
    """A low concern raises no alert; a person reads it by the end of the next working day (R10). What comes before they have
    read is read with it.
    """
    read = sorted(one.at for one in done if one.kind == "concern_read")
    found: list[Flag] = []
    for one in sorted((each for each in told if each.concern.level is Level.L1), key=lambda each: (each.at, each.id)):
        seen = found[-1].acknowledged_at if found else one.at
        if not found or (seen is not None and one.at > seen):
            found.append(Flag(f"low:{one.id}", Level.L1, one.at, next((at for at in read if at >= one.at), None)))
    return tuple(found)


def slow(its: Iterable[Note]) -> tuple[Matter, ...]:
    """Texts that the program itself answered too late: when they came, and when the answer left (R35)."""
    return tuple(Matter(one.id, one.at, one.noted_at, "bot") for one in its if one.kind == "slow_reply")


def cut(its: Collection[Note]) -> dict[str, Any]:
    """FGM that appears to have been done, told to somebody whose role is regulated or not (R31, decisions 8)."""
    told = [one for one in its if one.kind == "fgm_done"]
    return {
        "fgm_told_at": first(told, "fgm_done"),
        "fgm_done": bool(told),
        "recorder_regulated": any(yes(one.details.get("regulated")) for one in told),
    }


def reason(its: Iterable[Note], told: datetime) -> str:
    """The note that says why a report of what was told then waits; empty without one: why an earlier one waited holds back no
    other. The words stay where they are.
    """
    return next((one.id for one in its if one.kind == "report_held_back" and one.at >= told), "")


def matters(its: Collection[Note], began: str, ended: str) -> tuple[Matter, ...]:
    """What began with notes of one kind and ended with notes of another that name them."""
    over = {str(one.details.get("of", "")): one.at for one in its if one.kind == ended}
    return tuple(
        Matter(one.id, one.at, over.get(one.id), str(one.details.get("sort", ""))) for one in its if one.kind == began
    )


def times(its: Iterable[Note], kind: str) -> tuple[datetime, ...]:
    """When this was noted to have happened, oldest first."""
    return tuple(sorted(one.at for one in its if one.kind == kind))


def first(its: Iterable[Note], kind: str) -> datetime | None:
    """The first time."""
    return min(times(its, kind), default=None)


def since(its: Iterable[Note], kind: str, began: datetime) -> datetime | None:
    """The first time from a beginning on."""
    return min((one.at for one in its if one.kind == kind and one.at >= began), default=None)


def logged(its: Iterable[Note]) -> dict[str, datetime]:
    """What was logged as done for a rule that has no fact of its own: the first time counts."""
    found: dict[str, datetime] = {}
    noted = tuple(its)
    for one in noted:
        kind = noting.KINDS.get(one.kind)
        rule = str(one.details.get("rule", "")) if one.kind == "logged" else kind.logs if kind is not None else ""
        anew = max(times(noted, _ANEW[rule]), default=None) if rule in _ANEW else None
        if rule and (anew is None or one.at > anew):
            found.setdefault(rule, one.at)
    return found


def flags(details: Mapping[str, object]) -> frozenset[str]:
    """The flags of an episode."""
    return frozenset(str(details.get("flags", "") or "").split())


def yes(value: object) -> bool | None:
    """True, False, or None when it is not known."""
    if value in _YES:
        return True
    return False if value in _NO else None


def instant(value: object) -> datetime | None:
    """A time as it is kept in details."""
    return datetime.fromisoformat(str(value)) if value else None
