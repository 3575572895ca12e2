"""What the universal commands do (decisions 5): one function a verb. May not read anything but the whole command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import agenda, answering, carrier, commands, effects, going_on, inviting, responding
from flows.concerns import plain
from flows.model import BOT, NOBODY, WEIGHED, Guard, Kind, Level, Privacy, changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.commands import Found
    from flows.model import Command, Concern, Step
    from flows.turn import Turn


@dataclass(frozen=True, slots=True)
class Given:
    """A command as the child gave it."""

    command: Command
    argument: str
    refused: bool
    text: str
    message: str

    @property
    def can_be_done(self) -> bool:
        """Whether there is a word to keep, and it is none that means something else; every other verb can be done."""
        return self.command.does != "code" or bool(self.argument and not self.refused)


def obey(turn: Turn, given: Given) -> None:
    """Do what a command says. The verbs are the keys of `VERBS`; the loader accepts no other."""
    VERBS[given.command.does](turn, given)


def outweighed(found: Found, heard: Concern | None) -> bool:
    """Whether what was heard in a command that is not spelled as listed says more than it. A guess of the weights does not, where
    there is nothing but a "please" beside it.
    """
    if found.exact or heard is None or heard.level < Level.L2:
        return False
    return not found.core or any(hit.level >= Level.L2 and hit.doubt != WEIGHED for hit in heard.evidence)


def _say(turn: Turn, given: Given) -> bool:
    """The command's own text; where a lock forbids it, the truth about waiting instead."""
    said = given.command.say is not None and turn.say(given.command.say)
    if not said and turn.c.held:
        return False  # the person who has the chat reads it, and answers
    # Who picked up the phone meanwhile must not learn that somebody is being waited for (decisions 4).
    if not said and turn.c.privacy is not Privacy.ALONE:
        turn.tell_holder("wrote_while_locked" if turn.locked else "somebody_there")
        return False
    return said or turn.wait_text()


def _again(turn: Turn) -> None:
    """The open question once more; where there is none, who is reading, or the truth about waiting."""
    if turn.again():
        return
    if turn.c.holder == BOT and not turn.locked:
        # After goodbye nobody is waited for: what is typed then is answered as any other text, not by a promise of a person.
        going_on.to_gate(turn)
    else:
        turn.wait_text()


def _skip(turn: Turn, given: Given) -> None:
    step = turn.open_step()
    if step is not None and "break" in step.tags:
        going_on.go_on(turn)
        return
    if step is None or not step.skippable:
        _again(turn)
        return
    answering.skip(turn, step, given.text, given.message)


def _back(turn: Turn, _given: Given) -> None:
    before = agenda.previous(turn.library.flow, turn.c)
    if before is None or turn.locked or turn.c.holder != BOT or turn.c.privacy is not Privacy.ALONE:
        _again(turn)
        return
    going_on.interrupt(turn)
    turn.ask(before)


def _person(turn: Turn, given: Given) -> None:
    if turn.c.held:
        # A worker holds the chat: a different person is wanted, and who holds it does not decide that.
        holder = turn.c.holder
        turn.hold(NOBODY)
        turn.move("wait")
        responding.ask_for_person(turn, "asked for a different person", given.message)
        turn.done.append(effects.PassOver(holder))
        turn.keep_company()
        return
    responding.ask_for_person(turn, "asked for a person", given.message)


def _later(turn: Turn, given: Given) -> None:
    # After a lock the reply may not leave; whoever asks for silence then gets silence.
    if given.command.say is not None:
        turn.say(given.command.say)
    turn.count("waits")
    turn.tell_holder("later")
    going_on.interrupt(turn)
    if not turn.locked and turn.c.holder == BOT:
        going_on.end(turn, "pause")


def _stop(turn: Turn, given: Given) -> None:
    if given.command.say is not None and not turn.say(given.command.say):
        _say_while_held(turn, given.command.say)
    turn.count("waits")
    going_on.interrupt(turn)
    turn.done.append(effects.OptOut())
    turn.tell_holder("stopped")
    carrier.keep_stop(turn)
    if turn.c.holder == BOT:
        going_on.end(turn, "stop")


def _say_while_held(turn: Turn, key: str) -> None:
    """That STOP was kept is said once, whoever has the chat: they cannot say it for us without texting on (domain T18)."""
    if turn.c.held and not (turn.c.opted_out or turn.locked):
        turn.say_for_person(key)


def _help(turn: Turn, given: Given) -> None:
    if turn.c.held:
        responding.keep(turn, plain(Level.L2, "asked for help", night_page=True), given.message)
        return
    if given.command.say is not None:
        turn.say(given.command.say)
    responding.ask_for_person(turn, "asked for help", given.message, tell=turn.c.privacy is not Privacy.OTHERS)


def _danger(turn: Turn, given: Given) -> None:
    responding.has_phone(turn)
    concern = plain(given.command.level, "sent an emergency word", given.command.categories, Guard.LOCK)
    responding.keep(turn, concern, given.message)
    responding.reply(turn, concern)


def done_already(turn: Turn, text: str) -> Concern | None:
    """Whether words answer "if you have taken something" by more than a yes: how many, how long ago. To a worker they may not."""
    row = None if turn.c.held else commands.says_done(turn.library.commands, text, turn.c.shown)
    return None if row is None or turn.c.step is not None else _is_done(row)


def _is_done(row: Command) -> Concern:
    return plain(row.level, "said that it is done already", row.categories, Guard.PAUSE)


def _done(turn: Turn, given: Given) -> None:
    """Our text said "if you have taken something": this is a yes to it."""
    concern = _is_done(given.command)
    responding.keep(turn, concern, given.message)
    responding.reply(turn, concern)


def _language(turn: Turn, given: Given) -> None:
    if not given.argument:
        if turn.c.privacy is not Privacy.ALONE or not turn.ask_tagged("languages"):
            _again(turn)
        return
    turn.read_in(None if given.argument in turn.library.locales else given.argument)
    if given.argument not in turn.library.locales:
        told = turn.ask_tagged("unreadable") or turn.wait_text()
        responding.ask_for_person(turn, f"language {given.argument} is not offered", given.message, tell=False)
        if not told and turn.c.privacy is Privacy.OTHERS and not turn.locked:
            going_on.to_gate(turn)  # "not now" was before it, and may have been "no, I don't understand"
        return
    turn.c = changed(turn.c, locale=given.argument)
    turn.tell_holder("language")
    _again(turn)


def _delete(turn: Turn, given: Given) -> None:
    turn.done.append(effects.DeleteMessages())
    if turn.c.privacy is not Privacy.ALONE or not _say(turn, given):
        _again(turn)


def _code(turn: Turn, given: Given) -> None:
    if not given.can_be_done:
        # Silence would leave a child relying on a word that nobody listens for.
        if not turn.say_tagged("word_refused"):
            _again(turn)
        return
    turn.c = changed(turn.c, code_word=True)
    turn.done.append(effects.KeepCodeWord(given.argument))
    _say(turn, given)


def _who(turn: Turn, given: Given) -> None:
    if turn.count("asked_who") > turn.library.limits["who_answers"]:
        # A person looks; whoever asks hears no more until they say HI, which still begins at the gate.
        responding.keep(turn, plain(Level.L2, "asked again who we are"), given.message)
        return
    _say(turn, given)


def _not_theirs(turn: Turn, given: Given) -> None:
    inviting.not_theirs(turn)
    _who(turn, given)


def _wrong_number(turn: Turn, given: Given) -> None:
    """Of a child who was talked with it says that somebody else may have the telephone: what was open waits for the gate."""
    if not turn.c.begun:
        inviting.not_theirs(turn)
    if turn.c.guard is not Guard.NONE or turn.c.level is Level.L4:
        responding.whose_phone(turn)
        return
    if turn.c.begun:
        responding.keep(turn, plain(Level.L2, "it may not be their phone", night_page=True), given.message)
    if turn.c.privacy is Privacy.ALONE:
        turn.c = changed(turn.c, privacy=Privacy.UNKNOWN)
        going_on.interrupt(turn)
        if turn.c.holder == NOBODY and turn.ask_tagged("gate"):
            return
    _who(turn, given)


def _real(turn: Turn, given: Given) -> None:
    _say(turn, given)


def _sharing(turn: Turn, given: Given) -> None:
    """Who hears of what they say is no answer to anything: it is told again, and what is open is asked again."""
    if turn.locked:
        if not _say(turn, given):
            return
    elif turn.c.privacy is Privacy.ALONE:
        for step in agenda.tagged(turn.library.flow, "sharing"):
            if agenda.holds(step, turn.values()):
                turn.say(step.key)
    _again(turn)


def asks_in_vain(turn: Turn, command: Command, step: Step | None) -> bool:
    """Whether there is no question to ask back about, or that was answered once: then it is an unclear answer. Nothing delays a
    person who is called where such an answer comes twice.
    """
    if step is None or agenda.is_gate(step):
        return True
    tried = turn.c.tries > 0 and (command.does == "puzzled" or not step.skippable)
    return tried or turn.is_of_session(f"{command.key}:{step.key}")


def _purpose(turn: Turn, given: Given) -> None:
    """What we ask for, and the question again; it was not tried."""
    turn.mark(f"{given.command.key}:{turn.c.step}")
    if turn.c.privacy is Privacy.ALONE and not turn.say_tagged("purpose") and given.command.say is not None:
        turn.say(given.command.say)
    _again(turn)


def _voluntary(turn: Turn, given: Given) -> None:
    """That nothing has to be said, where a text of the block does say so; else the question does, by its skip."""
    turn.mark(f"{given.command.key}:{turn.c.step}")
    step = turn.open_step()
    for one in agenda.tagged(turn.library.flow, "voluntary"):
        if step is not None and one.block == step.block and agenda.holds(one, turn.values()):
            turn.say(one.key)
    _again(turn)


def _puzzled(turn: Turn, _given: Given) -> None:
    """The question once more, and never a third time; in its own easier words, where it has them."""
    turn.c = changed(turn.c, tries=1)
    step = turn.open_step()
    if step is None or not step.easier or not turn.say(f"{step.key}.easier"):
        _again(turn)


def _adult(turn: Turn, given: Given) -> None:
    concern = plain(max(given.command.level, Level.L2), "an adult asks about a child", given.command.categories)
    responding.keep(turn, concern, given.message)
    responding.fall_silent(turn)


def _vague(turn: Turn, given: Given) -> None:
    """Of "fine" and "idk": one gentle follow-up to a free question, then on (M6)."""
    step = turn.open_step()
    if step is None or step.kind is not Kind.FREE:
        _again(turn)
        return
    answering.vague(turn, step, given.text, given.message)


VERBS: dict[str, Callable[[Turn, Given], None]] = {
    "skip": _skip,
    "back": _back,
    "person": _person,
    "later": _later,
    "stop": _stop,
    "help": _help,
    "danger": _danger,
    "done": _done,
    "language": _language,
    "delete": _delete,
    "code": _code,
    "who": _who,
    "wrong_number": _wrong_number,
    "not_theirs": _not_theirs,
    "real": _real,
    "sharing": _sharing,
    "purpose": _purpose,
    "voluntary": _voluntary,
    "puzzled": _puzzled,
    "adult": _adult,
    "vague": _vague,
}
