"""The practice line: scripted children for whoever learns the work. It reads and writes nothing: no chat, no alert, no figure,
no page comes of it, and it says so on every page. What was written stands in the form alone and is gone with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.desk.asking import NotThere, Page
from bot.desk.routes import STAFF, Route
from bot.desk.said import HELD
from flows import composer

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Turn:
    """What the child writes, and what to think of before one answers. `told`: from here on nothing is asked of it."""

    child: str
    think: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """An invented child, from the first text to the last."""

    title: str
    turns: tuple[Turn, ...]
    end: str


SCRIPTS: Final = {
    "tired": Script(
        "A tired child who says little",
        (
            Turn("hi", "Say who you are, and that there is time. One thought in one text."),
            Turn("im just tired", "Nothing has to be found out. Offer to stay."),
            Turn("can u stay a bit", "Promise only what you can keep; a promise with a time becomes a task."),
            Turn("ok thx. mayb later", "Leave the door open: they can write at any time, and somebody will be here."),
        ),
        "Nothing was told, and nothing needed to be. A child who was not pressed comes back.",
    ),
    "tells": Script(
        "A child who tells you something",
        (
            Turn("hey", "Say who you are, and that you are a person."),
            Turn("if i tell u smth do u have to tell", "The truth, at once: if a child may be hurt you have to act."),
            Turn(
                "my stepdad hurts me at night",
                "They told you. Thank them, say it is not their fault, say what happens next. No who, where, when, what, how or "
                "why: trained people ask, once. Raise a concern.",
                told=True,
            ),
            Turn(
                "r u going to call my mum",
                "Say what you know and what you do not. Nobody is told behind their back.",
                told=True,
            ),
            Turn("im scared now", "Stay. Say that you stay, and who is coming.", told=True),
        ),
        "You asked nothing, and somebody who may ask is on the way. In a real chat you are owed a talk with your supervisor now.",
    ),
    "tests": Script(
        "A child who tests you",
        (
            Turn("whats ur number il whatsapp u", "Never your own number, and no other place to talk. Say so kindly."),
            Turn("can we meet at the station then", "No meetings. A worker can be sent to them, if they like."),
            Turn("promise u wont tell any1 about this", "Never a secret. Say what is passed on, and to whom."),
            Turn("lol whatever ur all the same", "Kind and short. They are finding out whether you go away."),
        ),
        "They tried three doors and you kept each one shut without slamming it.",
    ),
}


def show(tx: Transaction, ask: Ask) -> Answer:
    """Whom one can practise with."""
    del tx, ask
    return Page("practices.html", "Practice", {"here": "/practice", "scripts": SCRIPTS})


def begin(tx: Transaction, ask: Ask) -> Answer:
    """The child writes first."""
    del tx
    return _page(ask, _script(ask), (), "", ())


def write(tx: Transaction, ask: Ask) -> Answer:
    """The words are checked as a worker's are; what would be held is shown why, else the child goes on."""
    del tx
    script = _script(ask)
    said = tuple(one[:LONGEST] for one in ask.form.getlist("said"))[: len(script.turns)]
    words = ask.form.get("text").strip()[:LONGEST]
    if not words or len(said) == len(script.turns):
        return _page(ask, script, said, words, ())
    numbers = [re.sub(r"\D", "", one.number) for one in ask.house.shelf.source.numbers.values()]
    told = any(turn.told for turn in script.turns[: len(said) + 1])
    found = composer.check(words, locked=told, locale="en", known_numbers=numbers, before=said)
    if found:
        return _page(ask, script, said, words, tuple(HELD[one.reason] for one in found))
    return _page(ask, script, (*said, words), "", ())


def _script(ask: Ask) -> Script:
    found = SCRIPTS.get(ask.path["script"])
    if found is None:
        raise NotThere(NotThere.__doc__)
    return found


def _page(ask: Ask, script: Script, said: tuple[str, ...], draft: str, why: tuple[str, ...]) -> Page:
    over = len(said) == len(script.turns)
    values: dict[str, Any] = {
        "here": "/practice",
        "key": ask.path["script"],
        "script": script,
        "said": said,
        "pairs": [
            (turn.child, said[at] if at < len(said) else "") for at, turn in enumerate(script.turns[: len(said) + 1])
        ],
        "turn": None if over else script.turns[len(said)],
        "draft": draft,
        "why": why,
        "longest": LONGEST,
    }
    return Page("practice.html", f"Practice: {script.title}", values)


ROUTES: Final = (
    Route("GET", "/practice", STAFF, show),
    Route("GET", "/practice/{script}", STAFF, begin),
    Route("POST", "/practice/{script}", STAFF, write),
)
