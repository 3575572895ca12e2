"""`step`: one event on one conversation gives the next conversation and what is to be done.

Pure: no clock, no ids, no chance, no I/O. Names no question and no category: flows find their steps by tags, and rows of
`library/*.yaml` say what answers and concerns mean. What each event does stands here; how is in the modules it calls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from flows import (
    agenda,
    answering,
    asides,
    carrier,
    commanding,
    commands,
    concerns,
    doubting,
    effects,
    emergency,
    events,
    going_on,
    holding,
    inviting,
    matching,
    presence,
    responding,
    sessions,
    telling,
    timers,
    unread,
)
from flows.model import BOT, NOBODY, Guard, Kind, Level, Privacy, changed
from flows.turn import Turn

if TYPE_CHECKING:
    from datetime import datetime

    from flows.commands import Found
    from flows.effects import Effect
    from flows.events import Event
    from flows.matching import Match
    from flows.model import Concern, Conversation, Library, Step

_NO_DESK = events.Desk()
# Asked before a child is asked whom they wish to talk to; whoever says so there is not asked again, and not taken to refuse that.
_BEFORE_WISHES = frozenset({"each_session", "consent"})
# What a child can still command while a person holds the chat; the rest is for that person to read.
_WHILE_HELD = frozenset({"person", "help", "stop", "danger", "adult", "code", "delete", "language"})
# The bot, which would have answered, is silent then: whoever has the chat is told, and can.
_TOLD = frozenset({"code", "delete"})


def step(  # noqa: C901, PLR0912 - one arm an event
    library: Library, conversation: Conversation, event: Event
) -> tuple[Conversation, tuple[Effect, ...]]:
    """What `event` makes of `conversation`. Total: every event in every state has an answer."""
    turn = Turn(library, conversation, event.at, getattr(event, "service", _NO_DESK))
    match event:
        case events.Started():
            inviting.started(turn, event.how)
        case events.TextReceived():
            _text(turn, event)
            telling.keep_place(turn, event)
        case events.MediaReceived():
            _media(turn, event)
        case events.TimerFired():
            return timers.fired(turn, conversation, event)
        case events.SendBounced():
            carrier.bounced(turn, event.reason)
        case events.WorkerTook():
            holding.took(turn, event)
        case events.WorkerSaid():
            turn.done.append(effects.Relay(event.text, event.worker))
            turn.c = changed(turn.c, last_outbound_at=event.at)
        case events.WorkerLeft():
            holding.left(turn, event)
        case events.PersonCalled():
            holding.called(turn)
        case events.StrangerSuspected():
            holding.suspected(turn)
        case events.ToldFirst():
            holding.tell_first(turn)
        case events.ConcernRaised():
            by = f"raised by a worker about {event.about}" if event.about else "raised by a worker"
            responding.keep(turn, concerns.plain(event.level, f"{by}: {event.because}"), None)
        case events.LockLifted():
            holding.lifted(turn)
        case events.PathSet():
            turn.c = changed(turn.c, path=event.path)
        case events.AnswerSet():
            holding.set_answer(turn, event)
        case events.ConversationClosed():
            holding.closed(turn)
        case events.EpisodeEnded():
            turn.count("episode_ended")
        case _:
            assert_never(event)
    return turn.c, tuple(turn.done)


# --- the child --------------------------------------------------------------------------------------------------------


def _text(turn: Turn, event: events.TextReceived) -> None:
    # QUIET before everything, then a person who holds the chat, then commands, then the open question (decisions 4, 5).
    fresh = _new_session(turn, event.at)
    asked = _asked(turn, event, fresh=fresh)
    found, answer = _read(turn, event, asked, aside=asides.is_one(event, asked))
    event = _in_answer(turn, event, asked, answer)
    heard = None if _is_whole(event, found, answer, asked) else _hear(turn, event, asked)
    if found is not None and commanding.outweighed(found, heard):
        found = None
    came = presence.note(turn, event, asked, heard)
    if event.started and turn.c.opted_out and not turn.c.quiet:
        carrier.opt_in(turn)
        found, asked = None, None
    found = carrier.stopped(turn, found) if event.stopped else found
    if event.code_word or turn.c.quiet:
        _in_silence(turn, event, found, heard)
    elif turn.c.held:
        _while_held(turn, event, found, heard, came=came)
    elif found is not None:
        if event.stopped and heard is not None:
            responding.keep(turn, heard, event.message)
        commanding.obey(turn, _given(found, event))
    elif heard is not None and came:
        presence.came(turn, event, asked, answer, heard)
    elif (_is_wrong_code(turn, event, answer, heard) and turn.say_tagged("no_such_code")) or (
        heard is not None and unread.other_language(turn, event, asked, answer, heard)
    ):
        # Wrong, used or too old: the same words, nothing else, and nothing begins by it (decisions 12, G13).
        return
    elif asked is not None:
        answer = None if turn.of_earlier else answer
        # Of the bot, or asked of a child who waits for a person: who is reading, and what gets help (decisions 1, 3).
        _take(turn, asked, answer, event, heard)
    else:
        _unasked(turn, event, heard, fresh=fresh)


def _asked(turn: Turn, event: events.TextReceived, *, fresh: bool) -> Step | None:
    """The open question, where this text can be its answer."""
    step = turn.open_step()
    return None if event.unseen or (fresh and not agenda.is_gate(step)) else step


def _new_session(turn: Turn, at: datetime) -> bool:
    """Whether this text starts a session; who may be reading is then unknown again (decisions 1)."""
    fresh = sessions.is_over(turn.c, at, turn.library.limits)
    turn.c = changed(turn.c, last_inbound_at=at)
    carrier.wrote(turn)
    if fresh:
        # Whoever still waits may answer "if you have taken something" hours later: it is as grave as at once.
        warned = turn.c.holder == NOBODY and any(
            one.after == turn.c.shown for one in turn.library.commands if one.after
        )
        shown = turn.c.shown if warned else None
        turn.c = changed(turn.c, privacy=Privacy.UNKNOWN, recent=(), shown=shown, tries=0)
        if not agenda.is_gate(turn.open_step()):
            # Whoever reads now may not be the child: nothing that was asked before is shown or answered.
            going_on.interrupt(turn)
    return fresh


def _take(turn: Turn, step: Step, answer: Match | None, event: events.TextReceived, heard: Concern | None) -> None:
    if presence.goes_on(turn, event, step, heard):
        return
    asked = agenda.is_gate(step) or (step.tags & _BEFORE_WISHES and not turn.locked)
    if asked and not (answer is not None and answer.whole):
        inviting.wish(turn, event)
    if answer is None:
        asides.take(turn, event, heard)
    elif not (
        (agenda.is_gate(step) and inviting.told_at_gate(turn, step, answer, event, heard))
        or asides.puts_right(turn, step, event, heard)
        or (heard is None and asides.pressed_wrong(turn, step, event))
        or (answer.kind is matching.Reading.UNCLEAR and answering.younger(turn, event, heard))
    ):
        answering.take(turn, step, answer, event, heard)


def _read(
    turn: Turn, event: events.TextReceived, step: Step | None, *, aside: bool
) -> tuple[Found | None, Match | None]:
    """The text as a command and as an answer. An option of the open question wins over a command of the same words."""
    if aside:
        return asides.command(_read(turn, event, None, aside=False)[0]), None
    answer = matching.match(step, event.text) if step is not None else None
    if answer is not None and answer.whole and step is not None and step.kind is not Kind.FREE:
        return None, answer
    found = commands.find(turn.library.commands, event.text, turn.library.language_names)
    if found is not None and _means_nothing_here(turn, found, step, event):
        found = None
    found = found or inviting.stop_behind(turn, event.text) or commands.asked_beside(turn.library.commands, event.text)
    if found is None and answer is not None and answer.kind is matching.Reading.UNCLEAR:
        found = commands.asked_first(turn.library.commands, event.text)
    if found is None and step is not None and step.skippable:
        found = commands.kept_back(turn.library.commands, event.text)
    if found is not None and found.verb == "later" and turn.c.recent:
        found = replace(found, exact=False)  # "bye" behind "thanks for everything" is heard with it
    if found is not None and found.core and step is not None and step.kind is not Kind.FREE:
        core = matching.match(step, found.core)
        return (None, core) if core.whole else (found, answer)
    return found, answer


def _means_nothing_here(turn: Turn, found: Found, step: Step | None, event: events.TextReceived) -> bool:
    """Whether a command is none now: "fine" to no free question, "i have" where our text that asks for it was not the last, "0"
    to what cannot be skipped, which is no clearer an answer than any other (decisions 2).
    """
    after, does = found.command.after, found.command.does
    if after is not None:
        return after != turn.c.shown
    if does == inviting.NOT_THEIRS:
        # Whoever is talked with says "its not him" of somebody they tell of.
        return turn.c.begun or turn.c.level >= Level.L2
    if does == inviting.WRONG_NUMBER:
        return asides.slipped(turn, step, event)
    if does in commands.ASK_BACK:
        return commanding.asks_in_vain(turn, found.command, step)
    if does == "back":
        return step is not None and "human_off" in step.tags  # asked for a yes, which "back" is not
    if does == "later" and found.command.key != does and turn.service.alert_level is not None and not turn.locked:
        # "Bye" and "leave me alone" of who may end their life: "OK, no problem" is no answer.
        return responding.OWN_LIFE in turn.c.counts
    # Behind a disclosure, whoever wishes to say no more is asked nothing else.
    if does in ("skip", "later") and turn.locked and doubting.ends(doubting.words(event.text)):
        return True
    if does == "skip":
        return step is not None and not step.skippable and "break" not in step.tags
    return does == "vague" and (step is None or step.kind is not Kind.FREE)


def _is_whole(event: events.TextReceived, found: Found | None, answer: Match | None, step: Step | None) -> bool:
    """Whether there is nothing to listen to: the text was wholly an option number, a command or a code (decisions 2)."""
    if event.code_word or event.offer_code or (found is not None and found.exact):
        return True
    if answer is None or step is None:
        return False
    return answer.whole and (step.kind is not Kind.FREE or answer.value is None)


def _in_answer(turn: Turn, event: events.TextReceived, step: Step | None, answer: Match | None) -> events.TextReceived:
    """The text, heard as an answer to the open question."""
    if step is None or answer is None:
        return event
    known, text, listen = turn.library.categories, event.text, event.listen
    return replace(event, listen=lambda: concerns.in_answer(listen(), step, answer, text, known))


def _is_wrong_code(turn: Turn, event: events.TextReceived, answer: Match | None, heard: Concern | None) -> bool:
    """Whether a text can be nothing but a code that leads nowhere. Words, and what answers a question, come first."""
    worrying = heard is not None and heard.detected >= Level.L2
    unread = answer is None or answer.kind is matching.Reading.UNCLEAR
    return event.wrong_code and unread and not worrying and turn.c.holder == BOT


def _hear(turn: Turn, event: events.TextReceived, step: Step | None) -> Concern | None:
    emergency.follow(turn, event.heard, event.text)
    words = concerns.from_words(turn.library, turn.c, event.heard, event.at, turn.values())
    meant = asides.concern(turn, event) or asides.late(turn, event) or asides.taken_back(turn, event, step)
    meant = meant or asides.after_all(turn, event, step) or commanding.done_already(turn, event.text)
    turn.meant = concerns.merged(meant, asides.withdrawn(turn, event) or asides.afraid(event, step))
    return concerns.merged(turn.meant, words)


def _given(found: Found, event: events.TextReceived) -> commanding.Given:
    return commanding.Given(found.command, found.argument, found.refused, event.text, event.message)


def _in_silence(turn: Turn, event: events.TextReceived, found: Found | None, heard: Concern | None) -> None:
    """The child's code word, or any text while quiet: kept, heard, paged, never answered (decisions 4).

    It stays an L2 (domain T17), but pages at once at any hour: the word is the only call for help a child can send with
    somebody beside them, and no text of ours will tell them that it was seen. A notice might be read an hour later.
    """
    why = "the child sent their code word" if event.code_word else "a text came while quiet"
    least = Level.L3 if event.code_word and turn.c.level >= Level.L3 else Level.L2
    level, codes = (found.command.level, found.command.categories) if found is not None else (least, ())
    silence = replace(concerns.plain(max(least, level), why, codes, night_page=True), page_now=True)
    responding.keep(turn, concerns.merged(silence, heard) or silence, event.message)
    responding.fall_silent(turn)
    if found is not None and found.command.does == "stop":
        carrier.opt_out(turn)
        turn.tell_holder("stopped")


def _while_held(
    turn: Turn, event: events.TextReceived, found: Found | None, heard: Concern | None, *, came: bool
) -> None:
    """A person holds the chat: the bot listens and is silent. `came`: the text says that somebody is with the child."""
    if came:
        turn.tell_holder("beside_them")
    if heard is not None:
        responding.keep(turn, heard, event.message)
        turn.c = changed(turn.c, guard=concerns.stronger(turn.c.guard, heard.guard))
        if responding.silences(turn, heard):
            responding.fall_silent(turn)  # the person stays; nothing of ours is sent when they go
    asides.later(turn, event)
    if found is not None and found.command.does in _WHILE_HELD:
        given = _given(found, event)
        if found.command.does in _TOLD:
            turn.tell_holder(f"{'asked' if given.can_be_done else 'refused'}_{found.command.does}")
        commanding.obey(turn, given)


def _unasked(turn: Turn, event: events.TextReceived, heard: Concern | None, *, fresh: bool) -> None:
    """A text that answers nothing: the first one, one after the end, one while a person is awaited."""
    going_on.interrupt(turn)
    inviting.wish(turn, event)
    joined = telling.earlier_free(turn, event.at)
    told_on = not fresh and telling.tell_on(turn, event)
    if not told_on:
        asides.remember(turn, event)
    if asides.later(turn, event) or presence.alone_again(turn, event, heard) or unread.cannot_read(turn, event, heard):
        return
    if heard is not None:
        responding.keep(turn, heard, event.message)
        speaks = heard.level >= Level.L3 or not fresh or turn.locked or heard.guard is not Guard.NONE
        if responding.wanted(heard) and (speaks or responding.silences(turn, heard)):
            responding.reply(turn, heard)
            return
    if turn.locked or (turn.c.holder == NOBODY and not fresh):
        turn.wait_text()
        return
    if told_on:  # and was told who reads, and where help is
        joined or turn.ask_tagged("again")
        return
    if not inviting.answered(turn, event, heard):
        going_on.to_gate(turn)


def _media(turn: Turn, event: events.MediaReceived) -> None:
    """The file was not kept; that it came is told to a person: it may be the disclosure (decisions 12)."""
    _new_session(turn, event.at)
    # What nobody could look at is unscreened: with nobody at the desk it pages like an L3 (decisions 7).
    unseen = concerns.plain(Level.L2, f"sent {event.media}, not kept", night_page=True)
    responding.keep(turn, replace(unseen, unscreened=True, page_now=turn.c.quiet), event.message)
    if turn.c.quiet or turn.c.held:
        return
    if turn.is_marked("media_said", turn.library.limits["join_seconds"]):
        return  # ten photos sent at once are ten messages, and were answered with the first
    turn.say_tagged("media") or turn.wait_text()
    turn.mark("media_said")
    if turn.open_step() is None and not turn.locked and turn.c.holder == BOT:
        going_on.to_gate(turn)
