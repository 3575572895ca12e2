"""What a timer does when it fires: an idle chat is put aside, a waiting child hears from us, we look in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import concerns, effects, events, going_on, holding, inviting, responding, sessions, telling
from flows.model import BOT, NOBODY, Level, changed
from flows.turn import PROMISED

if TYPE_CHECKING:
    from flows.effects import Effect
    from flows.model import Conversation
    from flows.turn import Turn


def fired(  # noqa: C901 - one arm a timer
    turn: Turn, before: Conversation, event: events.TimerFired
) -> tuple[Conversation, tuple[Effect, ...]]:
    """A timer that speaks of a turn that is over changes nothing at all."""
    match event.name:
        case "idle" if event.turn == before.turn and before.step is not None and before.holder == BOT:
            going_on.interrupt(turn)
            turn.tell_holder("went_quiet")
            going_on.end(turn, "pause")
            if missed := going_on.missed_look_in(turn):
                turn.task((going_on.MISSED,))
            if turn.c.begun and not (missed and turn.c.outcome):
                turn.c = changed(turn.c, outcome=turn.c.outcome or "partly_done")
                turn.done.append(effects.FileRecord("partly_done"))
        case telling.TOLD_ON if _in_session(turn) and telling.is_left_open(turn, event.about):
            if turn.again():
                turn.c = changed(turn.c, tries=1)
                going_on.idle(turn)
        case "still" if _still_waiting(turn, event):
            turn.still()
        case "past" if _past_the_promise(turn, event):
            turn.tell_holder("waits_past")
            turn.still()
        case name if name == PROMISED and _nobody_came(turn, event):
            why = concerns.plain(Level.L2, "nobody has talked with a child who asked for it", night_page=True)
            responding.keep(turn, why, None)
        case "invite" if inviting.is_due(turn):
            inviting.invite(turn)
        case "learnt" if rows := holding.left_alone(turn):
            holding.wait_for_company(turn, rows)
        case "look_in" if going_on.may_look_in(turn):
            going_on.look_in(turn)
        case _:
            return before, ()
    return turn.c, tuple(turn.done)


def _nobody_came(turn: Turn, event: events.TimerFired) -> bool:
    """Whether a child who was to be talked with by now waits unseen. An open alert climbs by itself, and is not told twice."""
    same = event.about == str(turn.c.counts.get(PROMISED, 0))
    return same and turn.service.alert_level is None and not turn.c.held and not turn.c.opted_out


def _in_session(turn: Turn) -> bool:
    """A timer that comes late, after whoever was reading may have gone, shows them nothing."""
    return not sessions.is_over(turn.c, turn.at, turn.library.limits)


def _still_waiting(turn: Turn, event: events.TimerFired) -> bool:
    unanswered = turn.service.alert_level is not None and not turn.service.alert_taken
    return unanswered and _waits_since(turn, event) and not turn.c.held


def _past_the_promise(turn: Turn, event: events.TimerFired) -> bool:
    """Somebody has the alert and nobody the child, who was promised a person by now. What nobody took climbs by itself."""
    return turn.service.alert_taken and _waits_since(turn, event) and turn.c.holder == NOBODY


def _waits_since(turn: Turn, event: events.TimerFired) -> bool:
    """Whether this child still waits as when this was set, and hears of it: to whom the morning was promised, nothing is said
    before it.
    """
    desk, same = turn.service, event.about == str(turn.c.counts.get("waits", 0))
    tomorrow = desk.alert_may_wait and (desk.night or not desk.open)
    return same and not tomorrow and "no_texts" not in turn.c.facts and not turn.c.opted_out
