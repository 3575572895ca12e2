"""What we start: the first text to a child, the few that may follow it, and what a child answers to them in words.

May not start anything by night (R34).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flows import (
    agenda,
    amounts,
    commands,
    doubting,
    facts,
    going_on,
    matching,
    of_another,
    quiet_hours,
    responding,
    settling,
)
from flows.matching import NO, Reading
from flows.model import WEIGHED, Answer, Level, Privacy, Task, changed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.commands import Found
    from flows.events import TextReceived
    from flows.matching import Match
    from flows.model import Concern, Step
    from flows.turn import Turn

# In whole years (decisions 6): from when the bot alone may interview, and from when whoever types a number vouches for it.
ALONE_FROM = 10
VOUCHED_FROM = 13
# What an offer may lack: a person of the staff who is there, or one who has made sure whose number it is.
COMPANY, NUMBER = "company", "number"
# The fact that somebody has said to be there, who knew that the child needs it.
ATTENDED = "attended"
# What is left to do by whoever is given an offer that may not leave any more.
INSTEAD = {COMPANY: Task("meet_or_call_child", "worker", "now"), NUMBER: Task("confirm_whose_number", "worker", "now")}
# Said by somebody whom the number is not known to be: the verbs in the list of commands.
NOT_THEIRS = "not_theirs"
WRONG_NUMBER = "wrong_number"
KEPT_BACK = "offer_kept_back"
TIMER = "invite"
INVITES = "invites"


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
        turn.task((INSTEAD[lacks],))
        return
    texts = agenda.tagged(turn.library.flow, "invite")
    number = turn.count(INVITES)
    if number > min(len(texts), limits["invite_max"]):
        return
    turn.say(texts[number - 1].key)
    if number < min(len(texts), limits["invite_max"]):
        turn.timer(TIMER, turn.at + timedelta(hours=limits["invite_gap_hours"]))


def is_due(turn: Turn) -> bool:
    """Whether the next invite still makes sense: nothing ever came in, nobody said stop, the child is not back."""
    wrote = turn.c.last_inbound_at is not None or "was_quiet" in turn.c.counts
    return not (wrote or turn.c.opted_out or "episode_ended" in turn.c.counts)


def answered(turn: Turn, event: TextReceived, heard: Concern | None) -> bool:
    """What a first text answers to the offer in words: a wish is a person's work, whoever reads. Whether all is said by it:
    a call and a meeting are still followed by the gate, and so is whatever has a worry in it.
    """
    if turn.c.state != turn.library.flow.initial or not _in_words(event) or event.offer_code:
        return False
    # What nobody could read is for a person too, and a "no" all the same.
    if any(step.key in turn.c.answers for step in agenda.tagged(turn.library.flow, "wish")):
        return False
    worry = heard is not None and heard.detected >= Level.L2
    another = _of_another(turn, event)
    done = (not _told(heard) and _stranger(turn, event, another=another)) or (not worry and _declined(turn, event))
    return _tell(turn, event, heard, another=another) or done


def _tell(turn: Turn, event: TextReceived, heard: Concern | None, *, another: bool) -> bool:
    """Whoever has the telephone tells of the child, at once or behind a "hi": they read that somebody comes, and nothing else of
    ours.
    """
    tells = another and not turn.c.begun and not _told(heard)
    if tells:
        responding.ask_for_person(turn, "somebody else may write, and tells of a child", event.message)
    return tells


def told_at_gate(turn: Turn, step: Step, answer: Match, event: TextReceived, heard: Concern | None) -> bool:
    """Whether somebody else tells of the child where we have asked who may be reading. What is graver is answered as such, and a
    "not now" as that: "no he lives here".
    """
    if answer.whole or not _in_words(event) or (heard is not None and heard.level >= Level.L3):
        return False
    found = settling.settled(turn, step, answer, event)
    if any(row.privacy is Privacy.OTHERS for row in settling.following(turn, step, found.value, event)):
        return False
    if not _tell(turn, event, heard, another=_of_another(turn, event)):
        return False
    if heard is not None:
        responding.keep(turn, heard, event.message)
    return True


def _told(heard: Concern | None) -> bool:
    """Whether a worry was heard for sure. A guess is read by a person, and makes no child of whoever says that they are none."""
    return heard is not None and any(hit.level >= Level.L2 and hit.doubt != WEIGHED for hit in heard.evidence)


def wish(turn: Turn, event: TextReceived) -> None:
    """What our first text promises, a call or a meeting, holds whenever it is asked for in words and not yet answered: a person
    is told, whatever else the text says. No number is a wish: the text that offers it has none.
    """
    if not _in_words(event):
        return
    said = doubting.words(event.text)
    # "I" may take something back ("i meant call me") or begin it ("i want a call").
    read = dict.fromkeys(doubting.without_no(words) for words in (said, doubting.without_taking_back(said)))
    for step in agenda.tagged(turn.library.flow, "wish"):
        ways = [matching.match(step, " ".join(filter(_is_word, words))) for words in (*read, said)]
        found = next((one for one in ways if one.kind is not Reading.UNCLEAR), ways[-1])
        rows = settling.following(turn, step, found.value, event)
        # "No one talks to me" is no wish to be left alone.
        wished = found.kind in (Reading.ANSWER, Reading.BESIDE) and not any(row.trigger or row.ask for row in rows)
        if rows and wished and step.key not in turn.c.answers:
            turn.record(Answer(step.key, found.value, event.text, turn.at, turn.c.locale, messages=(event.message,)))
            turn.task(task for row in rows for task in row.tasks)


def _is_word(said: str) -> bool:
    return not said.isdecimal() and said not in amounts.NUMBERED


def _in_words(event: TextReceived) -> bool:
    figures = "".join(doubting.words(event.text)).isdecimal()
    return event.pressed is None and not event.edited and not figures


def _declined(turn: Turn, event: TextReceived) -> bool:
    """A plain "no thanks" is a refusal that a person asks about; nothing more is asked of whoever wrote it."""
    for step in agenda.tagged(turn.library.flow, "consent"):
        found = matching.match(step, event.text)
        if found.value == NO and found.whole:
            turn.task(task for row in settling.following(turn, step, NO, event) for task in row.tasks)
            turn.tell_holder("declined")
            _say_of(turn, "later")
            going_on.end(turn, "pause")
            return True
    return False


def stop_behind(turn: Turn, text: str) -> Found | None:
    """The STOP behind a "no thanks" or a "wrong number" to the offer: it is one, though not the whole text."""
    words = text.split() if turn.c.state == turn.library.flow.initial else []
    for at, found in commands.behind(turn.library.commands, words, 1):
        if found.exact and found.verb == "stop" and _refuses(turn, " ".join(words[:at])):
            return found
    return None


def _refuses(turn: Turn, text: str) -> bool:
    found = commands.find(turn.library.commands, text)
    declined = (matching.match(step, text) for step in agenda.tagged(turn.library.flow, "consent"))
    return (found is not None and found.verb in (WRONG_NUMBER, NOT_THEIRS)) or any(
        one.value == NO and one.whole for one in declined
    )


def _of_another(turn: Turn, event: TextReceived) -> bool:
    """Whether whoever has a telephone we wrote to tells of somebody else: "shes dead", "im not her but shes in trouble"."""
    if INVITES not in turn.c.counts:
        return False
    known, said = turn.library.commands, doubting.words(event.text)
    stranger = any(commands.begins(known, event.text, verb) for verb in (NOT_THEIRS, WRONG_NUMBER, "adult"))
    return of_another.is_told(said, stranger=stranger, at_gate=agenda.is_gate(turn.open_step()))


def _stranger(turn: Turn, event: TextReceived, *, another: bool) -> bool:
    known = turn.library.commands
    if not commands.begins(known, event.text, WRONG_NUMBER) and (
        not commands.begins(known, event.text, NOT_THEIRS) or (_speaks_on(turn, event.text) and not another)
    ):
        return False
    not_theirs(turn)
    return _say_of(turn, NOT_THEIRS)


def _speaks_on(turn: Turn, text: str) -> bool:
    """Whether whoever is "not her" goes on to speak of themselves; that they ask who we are is nothing of theirs."""
    asks = any(found.verb == "who" for _, found in commands.behind(turn.library.commands, text.split(), 2))
    return doubting.of_self(doubting.words(text)) and not asks


def _say_of(turn: Turn, verb: str) -> bool:
    return any(one.say is not None and turn.say(one.say) for one in turn.library.commands if one.does == verb)


def not_theirs(turn: Turn) -> None:
    """Whoever has a number we wrote to says that they are not the child: from here nobody is interviewed on it (decisions 6). Who
    wrote to us first, a friend say, has said nothing of whose number it is.
    """
    if INVITES in turn.c.counts and turn.c.facts.get("number_confirmed") != "no":
        turn.learn({"number_confirmed": "no"})
        turn.task((INSTEAD[NUMBER],))
