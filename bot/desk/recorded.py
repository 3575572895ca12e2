"""What is done to the record of an interview, as forms: each one act of `recording`, a version of its own.

What cannot be recorded so is told above the form, which keeps what was typed. May not decide what may be recorded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot import parents, reading, recording
from bot import records as built
from bot.clicks import NotPossible
from bot.desk import meanwhile, records
from bot.desk.asking import Go
from bot.desk.pressing import reason
from bot.desk.routes import MANAGERS, STAFF, Route
from flows.report import NotRecorded
from storage import audit, hands, parent_forms, people

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk.asking import Answer, Ask
    from flows.model import Conversation
    from storage.database import Transaction

FIELD: Final = "f-"
_CODE: Final = re.compile(r"is-([A-Z]{1,2}[0-9]{2})")


def _back(ask: Ask, done: str, where: str = "") -> Go:
    return Go(f"/records/{ask.path['chat']}{where}", done)


def words(ask: Ask, name: str) -> str:
    """What a field says; a browser ends lines in its own way."""
    return ask.form.get(name).replace("\r\n", "\n").replace("\r", "\n").strip()


def _act(tx: Transaction, ask: Ask, done: str, act: Callable[[Conversation], object], *typed: str) -> Answer:
    """One act; what is refused is told on the page, with what was typed."""
    c = records.mine(tx, ask)
    try:
        act(c)
    except NotRecorded as why:
        kept = {name: ", ".join(ask.form.getlist(name)) if name in ask.form else "" for name in typed}
        return records.shown(tx, ask, c, str(why), kept)
    return _back(ask, done)


# --- fields -----------------------------------------------------------------------------------------------------------


def fields(tx: Transaction, ask: Ask) -> Answer:
    """A group of fields; of a signed record by an amendment, with its reason."""
    # Whoever may not see a record hears nothing else about it.
    records.mine(tx, ask)
    group = records.GROUPS.get(ask.form.get("group"))
    if group is None:
        raise NotPossible("this form is not one of ours: open the record anew")

    def act(c: Conversation) -> None:
        tx.lock_conversation(c.id)
        held = recording.current(tx, c.id)
        given = {name: _value(ask, name) for name in group}
        changed = {name: value for name, value in given.items() if value != held.fields.get(name, "")}
        meanwhile.fields(tx, c.id, ask.form.get("version"), changed.keys())
        if held.signed:
            recording.amend(tx, ask.house, ask.who, c.id, changed, words(ask, "because"), ask.at)
        elif changed:
            recording.set_fields(tx, ask.who, c.id, changed, ask.at)

    return _act(tx, ask, "recorded", act, *(f"{FIELD}{name}" for name in group), "because")


def _value(ask: Ask, name: str) -> str:
    if recording.form().fields[name].several:
        return ",".join(one.strip() for one in ask.form.getlist(FIELD + name) if one.strip())
    return words(ask, FIELD + name)


# --- risk -------------------------------------------------------------------------------------------------------------


def weigh(tx: Transaction, ask: Ask) -> Answer:
    """Each indicator: so, with what it rests on; looked at and not found; or still open."""
    c = records.mine(tx, ask)
    chosen = {match[1]: ask.form.get(name) for name in ask.form if (match := _CODE.fullmatch(name))}
    evidence = {code: words(ask, f"why-{code}") for code in chosen}
    found = {code: evidence[code] for code, so in chosen.items() if so == "yes"}
    left = [code for code, so in chosen.items() if so == "no"]
    try:
        tx.lock_conversation(c.id)
        meanwhile.indicators(tx, c.id, ask.form.get("version"))
        recording.weigh(tx, ask.who, c.id, found, left, ask.at)
    except NotRecorded as why:
        return records.risk_shown(
            tx,
            ask,
            c,
            str(why),
            {code: (so if so in ("yes", "no") else "", evidence[code]) for code, so in chosen.items()},
        )
    return _back(ask, "recorded", "/risk")


def level(tx: Transaction, ask: Ask) -> Answer:
    """Confirm the level, or set another."""
    c, because = records.mine(tx, ask), words(ask, "because")
    try:
        tx.lock_conversation(c.id)
        found = recording.assessed(tx, ask.house, c.id, recording.current(tx, c.id), ask.at)
        meanwhile.level(tx, c.id, ask.form.get("version"), ask.form.get("made"), found)
        recording.set_level(tx, ask.house, ask.who, c.id, ask.form.get("level"), because, ask.at)
    except NotRecorded as why:
        return records.risk_shown(
            tx, ask, c, str(why), sent={one: ask.form.get(one) for one in ("made", "level", "because")}
        )
    return _back(ask, "recorded", "/risk")


# --- rows -------------------------------------------------------------------------------------------------------------


def intelligence(tx: Transaction, ask: Ask) -> Answer:
    """Something that can be passed on without the child."""
    kind, what, said = ask.form.get("kind"), words(ask, "what"), words(ask, "words")
    return _act(
        tx,
        ask,
        "recorded",
        lambda c: recording.add_intelligence(tx, ask.who, c.id, kind, what, said, ask.at),
        *("kind", "what", "words"),
    )


def action(tx: Transaction, ask: Ask) -> Answer:
    """Who does what by when."""
    what, owner, due = words(ask, "action"), words(ask, "owner"), ask.form.get("by_day")
    return _act(
        tx,
        ask,
        "recorded",
        lambda c: recording.add_action(tx, ask.who, c.id, what, owner, due, ask.at),
        *("action", "owner", "by_day"),
    )


def correct(tx: Transaction, ask: Ask) -> Answer:
    """What the child said of an answer, told to a worker: both stand."""
    question, new, back = ask.form.get("question"), words(ask, "new"), ask.form.get("withdraws") == "yes"
    return _act(
        tx,
        ask,
        "recorded",
        lambda c: recording.correct(tx, ask.house, ask.who, c.id, question, new, ask.at, withdraws=back),
        *("question", "new", "withdraws"),
    )


def sign(tx: Transaction, ask: Ask) -> Answer:
    """Stand for it, as it was read."""

    def act(c: Conversation) -> None:
        tx.lock_conversation(c.id)
        meanwhile.as_read(tx, built.build(tx, ask.house, c.id), c.id, ask.form.get("shown"))
        recording.sign(tx, ask.house, ask.who, c.id, ask.at)

    return _act(tx, ask, "record_signed", act)


def release(tx: Transaction, ask: Ask) -> Answer:
    """Let the child read its own words, once: the code stands on this answer and nowhere else."""
    c = records.mine(tx, ask)
    try:
        tx.lock_conversation(c.id)
        meanwhile.released(tx, c.id, ask.form.get("codes"))
        code = reading.release(tx, ask.house, ask.who, c.id, ask.at)
    except NotRecorded as why:
        return records.shown(tx, ask, c, str(why))
    return records.shown(tx, ask, c, code=code)


def ask_parent(tx: Transaction, ask: Ask) -> Answer:
    """It is safe to ask this adult: a link for them, which stands on this answer and nowhere else."""
    c = records.mine(tx, ask)
    adult, because = words(ask, "adult"), words(ask, "why")
    if ask.form.get("safe") != "yes":
        told = "say that you found it safe to contact this adult, and why"
        return records.shown(tx, ask, c, told, {"adult": adult, "why": because})
    try:
        link = parents.ask(tx, ask.who, c.id, adult, because, ask.at)
    except NotRecorded as why:
        return records.shown(tx, ask, c, str(why), {"adult": adult, "why": because})
    settings = ask.house.settings
    # Without a public address the page is on this machine alone, as in the demo.
    address = settings.public_url or f"http://localhost:{settings.port}"
    return records.shown(tx, ask, c, link=f"{address}/p/{link}")


def close_parent(tx: Transaction, ask: Ask) -> Answer:
    """Take a link back: it is not safe any more, or went to somebody else."""
    c = records.mine(tx, ask)
    held = next((one for one in parent_forms.of(tx, c.id) if one.id == ask.path["parent"]), None)
    if held is None or not parent_forms.close(tx, held, ask.who.id, ask.at):
        raise NotPossible("this link is closed already")
    return _back(ask, "link_closed")


def give(tx: Transaction, ask: Ask) -> Answer:
    """A manager says whose the record is, where somebody else is to complete it."""
    c = records.mine(tx, ask)
    person = people.by_name(tx, reason(ask, "to", 80))
    if person is None or not person.active or person.role.value not in STAFF:
        raise NotPossible("nobody of this name is on the staff")
    hands.put(tx, c.id, person.id, ask.at)
    audit.record(tx, ask.at, ask.who.id, "record.given", c.id, person.id)
    return _back(ask, "record_given")


ROUTES: Final = (
    *(
        Route("POST", f"/records/{{chat}}/{name}", STAFF, act)
        for name, act in (
            ("fields", fields),
            ("weigh", weigh),
            ("level", level),
            ("intelligence", intelligence),
            ("actions", action),
            ("correct", correct),
            ("sign", sign),
            ("release", release),
            ("parents", ask_parent),
            ("parents/{parent}/close", close_parent),
        )
    ),
    Route("POST", "/records/{chat}/give", MANAGERS, give),
)
