"""What a concern does: it is kept, a person is reached, and the child hears what may be said (decisions 3 and 4).

The page never waits for any of this; who may be reading decides only what is *said*. Names no category and no text: the
rows of `library/categories.yaml` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import agenda, conditions, facts, going_on
from flows.concerns import plain, says_who_is_there, stronger
from flows.model import BOT, NOBODY, WEIGHED, Guard, Level, Privacy, changed
from flows.turn import PHONE

if TYPE_CHECKING:
    from flows.model import Category, Concern, Hit, Step
    from flows.turn import Turn

# When a child was last told what to do in danger; beside somebody nothing is said, so it is not marked there.
DANGER_SAID: Final = "danger_said"
# Counted of who may end or hurt themselves.
OWN_LIFE: Final = "own_life"
# When they were last answered who may end their own life.
OWN_LIFE_SAID: Final = "own_life_said"


def keep(turn: Turn, concern: Concern, message: str | None) -> None:
    """Raise the concern and remember what later levels depend on."""
    c = turn.c
    known = turn.library.categories
    only_there = bool(concern.evidence) and all(says_who_is_there(hit, known) for hit in concern.evidence)
    low = concern.level is Level.L1 and not only_there
    low_at = (*c.low_at, turn.at)[-5:] if low else c.low_at
    codes = tuple(dict.fromkeys(c.guard_categories + concern.categories)) if concern.guard.locks else c.guard_categories
    turn.c = changed(c, low_at=low_at, guard_categories=codes)
    turn.raise_concern(concern, message)
    if concern.guard.locks:
        turn.count("locks")
    if concern.level >= Level.L3 and c.level < concern.level and not c.held and not c.quiet:
        # Who waited for less is now waited upon sooner, and hears of it from here on.
        turn.keep_company()
    for category in _categories(turn, concern):
        if category.own_life:
            turn.count(OWN_LIFE)
        if concern.level >= category.guard_from:
            turn.task(category.tasks)


def _categories(turn: Turn, concern: Concern) -> tuple[Category, ...]:
    known = turn.library.categories
    return tuple(known[code] for code in concern.categories if code in known)


def wanted(concern: Concern) -> bool:
    """Whether a concern changes what is said. A worrying answer alone, below L3, lets the flow go on as written."""
    if concern.guard is not Guard.NONE or concern.level >= Level.L3:
        return True
    return concern.level is Level.L2 and concern.detected is Level.L2 and any(hit.end for hit in concern.evidence)


def silences(turn: Turn, concern: Concern) -> bool:
    """Whether somebody else asks or reads: then nothing more is said (decisions 4). "He cant see my phone" says the opposite, and
    a guess of the weights silences nothing: who reads is asked.
    """
    return any(hit.doubt is None for hit in _quieting(turn, concern))


def of_somebody_else(turn: Turn, concern: Concern | None) -> bool:
    """Whether the words may be those of somebody else, who asks or reads: they are no answer of the child's."""
    return concern is not None and bool(_quieting(turn, concern))


def _quieting(turn: Turn, concern: Concern) -> list[Hit]:
    """What was found of somebody else who asks or reads."""
    known = turn.library.categories
    found = [hit for hit in concern.evidence if hit.category in known and known[hit.category].quiet]
    return [hit for hit in found if hit.level >= Level.L2]


def _asks_again(turn: Turn, concern: Concern) -> bool:
    """Whether the weights alone hear somebody else. Who said that they are alone is asked the gate: an offer of a person is not
    for whoever may be reading. At the gate, where it is no clear answer, it is asked once more, then a person is got, and it is
    not asked a third time (decisions 1, 2).
    """
    found = _quieting(turn, concern)
    telling = [hit for hit in concern.evidence if hit.level >= Level.L2]
    only_that = bool(found) and telling == found and all(hit.doubt == WEIGHED for hit in found)
    only_read = concern.level is Level.L2 and concern.guard is Guard.NONE and not turn.locked
    if only_that and only_read and turn.c.privacy is Privacy.ALONE and turn.c.holder == BOT:
        going_on.interrupt(turn)
        turn.c = changed(turn.c, privacy=Privacy.UNKNOWN)
        going_on.to_gate(turn)
        return True
    step = turn.open_step()
    waits = step is None and turn.c.privacy is Privacy.UNKNOWN
    at_gate = agenda.is_gate(turn.last_asked()) and (waits or step is not None)
    if not (only_that and at_gate) or concern.level >= Level.L4:
        return False
    if waits or turn.c.tries:
        going_on.interrupt(turn)
        turn.to_person()
        return True
    turn.c = changed(turn.c, tries=1)
    return turn.again()


def reply(turn: Turn, concern: Concern, *, wished: bool = False) -> None:
    """Say what may be said and lead to the right place. Call after `keep`. `wished`: the same text asks for a person."""
    if silences(turn, concern):
        fall_silent(turn)
        return
    if _asks_again(turn, concern):
        return
    was_locked, before = turn.locked, turn.c.guard
    turn.c = changed(turn.c, guard=stronger(before, concern.guard))
    if was_locked:
        _locked_already(turn, concern)
        return
    asked = turn.open_step()
    going_on.interrupt(turn)
    if turn.locked:
        turn.move("lock")
    _carry_out_row(turn, concern, asked=asked, wished=wished)


def at_last(turn: Turn) -> None:
    """Say what could not be said while somebody else might read it: the child is alone since."""
    own_life = tuple(one.code for one in turn.library.categories.values() if one.own_life and OWN_LIFE in turn.c.counts)
    level = max(turn.service.alert_level or turn.c.level, worst(turn))
    going_on.interrupt(turn)
    if turn.locked:
        turn.move("lock")
    # Of a danger nobody has answered yet all of it is said; of one that was, what was left open: where they are.
    answered = DANGER_SAID in turn.c.counts and turn.c.back_to in turn.library.after_lock
    thanked = turn.locked and _thanked(turn)
    if thanked and (level < Level.L4 or answered):
        _ask_what_was_open(turn)
        return
    turn.concern = plain(level, "alone since", (*turn.c.guard_categories, *own_life), turn.c.guard)
    _carry_out_row(turn, turn.concern, further=thanked)


def worst(turn: Turn) -> Level:
    """How grave it is now: of the open alert, and of what this text says."""
    now = turn.concern.level if turn.concern is not None else Level.L0
    return max(turn.service.alert_level or Level.L0, now)


def _thanked(turn: Turn) -> bool:
    """Whether the child was answered since the lock: what is left to ask is in one of its own branches from then on."""
    branch = agenda.block(turn.library.flow, turn.c.block).steps if turn.c.block is not None else ()
    return bool(branch) and turn.library.after_lock.issuperset(branch)


def _ask_what_was_open(turn: Turn) -> None:
    """Ask again what was open when somebody came, else what is left; a question from before the lock stays where it is."""
    asked = turn.library.flow.steps.get(turn.c.back_to or "")
    if asked is None or asked.key in turn.c.answers or not turn.may_say(asked.key):
        going_on.go_on(turn)
        return
    turn.c = changed(turn.c, back_to=None)
    turn.ask(asked)


def _carry_out_row(
    turn: Turn, concern: Concern, *, further: bool = False, asked: Step | None = None, wished: bool = False
) -> None:
    values = facts.names(turn.c, turn.service, turn.concern, described(turn, concern, further=further))
    row = next((one for one in turn.library.responses if conditions.holds(one.when, values)), None)
    if row is None:
        going_on.go_on(turn)
        return
    if any(turn.may_say(key) for key in row.say):
        _mark_answered(turn, concern)
    # "I took loads" after "i will kill myself" is not the same again: to whoever is alone it is answered each time.
    graver = concern.level is Level.L4 and values["own_life"] and turn.c.privacy is Privacy.ALONE
    for key in row.say:
        lately = row.to_person and _said_lately(turn, key, concern.level)
        if graver or not lately:
            turn.say(key)
    # Who waits for a person and then discloses is asked whether they are safe, as anybody is, and keeps their place.
    if row.goto is not None and (turn.c.holder == BOT or (turn.c.holder == NOBODY and turn.locked)):
        turn.c = changed(turn.c, block=row.goto)
        # What is open stays open, but where they are comes before it.
        if not (further and concern.level < Level.L4 and turn.again()):
            going_on.go_on(turn)
    elif row.ask is not None and turn.c.holder == BOT and not wished:
        _ask(turn, turn.library.flow.steps[row.ask], asked)
    elif wished or row.to_person or turn.locked or turn.c.quiet or turn.c.privacy is Privacy.OTHERS:
        turn.to_person(tell=turn.c.privacy is not Privacy.OTHERS)
    else:
        going_on.go_on(turn)


def _mark_answered(turn: Turn, concern: Concern) -> None:
    if concern.level is Level.L4:
        turn.mark(DANGER_SAID)
    if _own_life(turn, concern):
        turn.mark(OWN_LIFE_SAID)


def _ask(turn: Turn, step: Step, asked: Step | None) -> None:
    """Whoever tells on is asked once more what is open already, and never a third time: then a person is got (decisions 2)."""
    again = step == asked
    if again and turn.c.tries:
        turn.to_person()
    elif turn.ask(step):
        turn.c = changed(turn.c, tries=int(again))
        going_on.idle(turn)


def _said_lately(turn: Turn, key: str, level: Level) -> bool:
    """Whether these words answered no lesser a danger in this session; counts them. The same again is no answer to a child, but
    what comes when nobody has the one before in hand any more is a danger of its own.
    """
    said = any(turn.is_of_session(f"{key}:{one.name}") for one in Level if one >= level)
    if said and turn.service.alert_level is not None:
        return True
    if turn.may_say(key):
        turn.mark(f"{key}:{level.name}")
    return False


def described(turn: Turn, concern: Concern, *, further: bool) -> dict[str, object]:
    """What the rows may ask about a concern beside its level and guard. `further`: the lock already stood."""
    found = _categories(turn, concern)
    # "You did nothing wrong" is said of what was done to a child, never beside what they did or may be drawn into.
    return {
        "plain": concern.guard is Guard.SOFT_LOCK or any(one.plain for one in found),
        "own_life": _own_life(turn, concern),
        "danger": concern.level is Level.L4,
        "further": further,
    }


def _own_life(turn: Turn, concern: Concern) -> bool:
    """Whether it is about their own life. Beside what others do, only where that is no graver: "they want me cut" is not."""
    most = max((hit.level for hit in concern.evidence), default=Level.L0)
    gravest = {hit.category for hit in concern.evidence if hit.level is most}
    counted = gravest if gravest and concern.guard.locks else {*concern.categories}
    return any(one.own_life and one.code in counted for one in _categories(turn, concern))


def _is_new_danger(turn: Turn, concern: Concern) -> bool:
    """A danger that no answer was to yet: of minutes after the last, or to their own life, of which no other answer speaks."""
    own_life = _own_life(turn, concern)
    if concern.level is Level.L4:
        return own_life or not turn.is_marked(DANGER_SAID, turn.library.limits["wait_again_minutes"] * 60)
    return own_life and concern.level is Level.L3 and not turn.is_of_session(OWN_LIFE_SAID)


def _locked_already(turn: Turn, concern: Concern) -> None:
    """A further disclosure: nothing is asked about it; only a danger that was not there before is answered."""
    if _is_new_danger(turn, concern):
        _carry_out_row(turn, concern, further=True)
    elif turn.c.holder == BOT and turn.c.step is None and turn.c.block is not None:
        going_on.go_on(turn)
    elif turn.c.holder != BOT or not turn.again():
        turn.wait_text()


def is_told_beside(turn: Turn, concern: Concern) -> bool:
    """Whether it stands beside an answer to what is asked after a disclosure, and nothing new is to be said of it: the answer
    leads where it would by itself.
    """
    asks = turn.locked and turn.c.holder == BOT and turn.c.block is not None
    same = stronger(turn.c.guard, concern.guard) is turn.c.guard
    return asks and same and not (silences(turn, concern) or _is_new_danger(turn, concern))


def fall_silent(turn: Turn) -> None:
    """QUIET: everything is kept, heard and paged; nothing is said until a person decides (decisions 4)."""
    going_on.interrupt(turn)
    if not turn.c.quiet:
        turn.c = changed(turn.c, quiet=True)
        turn.move("quiet")
    if turn.c.holder == BOT:
        turn.hold(NOBODY)


def whose_phone(turn: Turn) -> None:
    """It is not the telephone of whoever disclosed, they say, or somebody else does: nothing is said to it until they are alone,
    or tell of a danger, which is answered anew.
    """
    told = {DANGER_SAID, OWN_LIFE_SAID, *(key for key in turn.c.counts if key.partition(":")[2] in Level.__members__)}
    counts = {key: one for key, one in turn.c.counts.items() if key not in told}
    turn.c = changed(turn.c, privacy=Privacy.OTHERS, counts=counts)
    turn.count(PHONE)
    turn.count("waits")
    going_on.interrupt(turn)
    turn.tell_holder("somebody_there")


def has_phone(turn: Turn) -> None:
    """A danger was told on a telephone that may have been somebody else's: it is answered as where nobody knows who reads."""
    if PHONE in turn.c.counts:
        turn.read_by(Privacy.UNKNOWN)


def ask_for_person(turn: Turn, reason: str, message: str | None, *, tell: bool = True) -> None:
    """A person is wanted though nothing was disclosed: at least L2, by night it pages (decisions 7)."""
    if turn.concern is None or turn.concern.level < Level.L2:
        keep(turn, plain(Level.L2, reason, night_page=True), message)
    going_on.interrupt(turn)
    turn.to_person(tell=tell)
