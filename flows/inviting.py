"""What we start: the first text to a child, and the few that may follow it. May not start anything by night (R34)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flows import agenda, facts, going_on, quiet_hours
from flows.model import Task, changed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.turn import Turn

# In whole years (decisions 6): from when the bot alone may interview, and from when whoever types a number vouches for it.
ALONE_FROM = 10
VOUCHED_FROM = 13
# What an offer may lack: a person of the staff who is there, or one who has made sure whose number it is.
COMPANY, NUMBER = "company", "number"
# The fact that somebody has said to be there, who knew that the child needs it.
ATTENDED = "attended"
# What is left to do by whoever is given an offer that may not leave any more.
_INSTEAD = {COMPANY: Task("meet_or_call_child", "worker", "now"), NUMBER: Task("confirm_whose_number", "worker", "now")}
KEPT_BACK = "offer_kept_back"
TIMER = "invite"


def needs(known: Mapping[str, object]) -> str | None:
    """What stands against the text of an offer, by the facts of a child (decisions 6): COMPANY or NUMBER. None: it may leave."""
    age, confirmed = known.get("age"), known.get("number_confirmed")
    attended = "yes" in (known.get(ATTENDED), known.get("worker_present"))
    if not attended and ((isinstance(age, int) and age < ALONE_FROM) or facts.learning_disability(known)):
        return COMPANY
    if confirmed == "no" or (confirmed != "yes" and isinstance(age, int) and age < VOUCHED_FROM):
        return NUMBER
    return None


def started(turn: Turn, how: str) -> None:
    """A conversation came to be; `how` as in `events.Started`."""
    match how:
        case "chat":
            turn.c = changed(turn.c, last_inbound_at=turn.at)
            going_on.to_gate(turn)
        case "invite" | "offer":
            invite(turn)
        case _:
            return


def invite(turn: Turn) -> None:
    """One text we start, by day only, at most one a day and `invite_max` in all (R34)."""
    limits = turn.library.limits
    due = quiet_hours.next_open(turn.at, turn.library.tz, limits["quiet_to"], limits["quiet_from"])
    if due > turn.at:
        turn.timer(TIMER, due)
        return
    if (lacks := needs(turn.c.facts)) is not None:
        # Learnt since it was typed.
        turn.count(KEPT_BACK)
        turn.task((_INSTEAD[lacks],))
        return
    texts = agenda.tagged(turn.library.flow, "invite")
    number = turn.count("invites")
    if number > min(len(texts), limits["invite_max"]):
        return
    turn.say(texts[number - 1].key)
    if number < min(len(texts), limits["invite_max"]):
        turn.timer(TIMER, turn.at + timedelta(hours=limits["invite_gap_hours"]))


def is_due(turn: Turn) -> bool:
    """Whether the next invite still makes sense: nothing ever came in, nobody said stop, the child is not back."""
    wrote = turn.c.last_inbound_at is not None or "was_quiet" in turn.c.counts
    return not (wrote or turn.c.opted_out or "episode_ended" in turn.c.counts)
