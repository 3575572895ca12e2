"""What a worker does to the record of an interview: fields, indicators, intelligence, actions, the child's own corrections,
and the signature that closes it. Each act is a version of its own, audited, in the transaction of whoever acts.

May not change a word of the child, nor anything that is signed but by a dated amendment. Who confirms an indicator is a
person; the program only proposes (`flows.toolkit`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot import casework, considered, records, refiling
from bot.filing import copies
from flows import facts, report, toolkit
from flows.model import MANAGERS
from flows.report import Action, Amendment, Correction, Intelligence, NotRecorded, Report, Signature
from flows.toolkit import Findings, Level
from storage import cases, conversations, people, reports
from storage.codes import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.runner import House
    from flows.report import Form
    from flows.toolkit import Result, Toolkit
    from storage.database import Transaction
    from storage.people import Person

# An official who asks for a check-in sees nothing afterwards (decisions 10).
_MAY_NOT: Final = frozenset({Role.REQUESTER})
_SO: Final = frozenset({"yes", "unsure"})
_NOT_SURE_IS_SO: Final = ("sexual", "at_risk", "continuing", "significant_harm", "trafficked")


@lru_cache(maxsize=1)
def form() -> Form:
    """The fields of a record, read once a process."""
    return report.load()


@lru_cache(maxsize=1)
def kit() -> Toolkit:
    """The risk toolkit, read once a process."""
    return toolkit.load()


def current(tx: Transaction, conversation: str) -> Report:
    """What was recorded so far."""
    return reports.last(tx, conversation, Report)[0] or Report()


def may_write(who: Person) -> None:
    """Raises NotRecorded for somebody who has no hand in records."""
    if not who.active or who.role in _MAY_NOT:
        raise NotRecorded(f"{who.name} may not write in a record")


def _open(tx: Transaction, who: Person, conversation: str) -> tuple[Report, int]:
    """The newest version with the person locked, to be followed by another. Raises NotRecorded."""
    may_write(who)
    tx.lock_conversation(conversation)
    held, number = reports.last(tx, conversation, Report)
    return held or Report(), number


def _unsigned(tx: Transaction, who: Person, conversation: str) -> tuple[Report, int]:
    held, number = _open(tx, who, conversation)
    if held.signed:
        raise NotRecorded("it is signed: nothing is changed any more but by an amendment, with its reason")
    return held, number


# --- before it is signed ----------------------------------------------------------------------------------------------


def set_fields(tx: Transaction, who: Person, conversation: str, given: Mapping[str, str], at: datetime) -> Report:
    """Set fields by name; an empty value takes one away. Raises NotRecorded."""
    held, number = _unsigned(tx, who, conversation)
    _considered_by(tx, conversation, given, at)
    made = report.with_fields(form(), held, given, _answered(tx, conversation))
    if any(name in given for name in _NOT_SURE_IS_SO):
        made = replace(made, level="", level_reason="", level_by="")
    reports.add(tx, conversation, number + 1, "set", made, who.id, at)
    return made


def _considered_by(tx: Transaction, conversation: str, given: Mapping[str, str], at: datetime) -> None:
    """A manager may be the council's and on no list here; a colleague who is none did not consider it as one."""
    who = people.by_name(tx, given.get("harm_considered_by", "").strip())
    if who is not None and not considered.may(tx, conversation, who, at):
        raise NotRecorded(f"{who.name} is no manager; name the manager who considered it")


def _answered(tx: Transaction, conversation: str) -> frozenset[str]:
    """The questions that have an answer in words; one that was skipped says nothing."""
    found = conversations.peek(tx, conversation).answers
    return frozenset(name for name, one in found.items() if one.value is not None and one.said)


def confirm(
    tx: Transaction, who: Person, conversation: str, codes: Collection[str], at: datetime, *, back: bool = False
) -> Report:
    """Confirm indicators of the toolkit, or take them back. The level is then confirmed anew. Raises NotRecorded."""
    _known(codes)
    held, number = _unsigned(tx, who, conversation)
    chosen = set(held.indicators) - set(codes) if back else {*held.indicators, *codes}
    made = _weighed(held, chosen, held.evidence, set(held.left) - chosen)
    reports.add(tx, conversation, number + 1, "taken_back" if back else "confirmed", made, who.id, at)
    return made


def weigh(
    tx: Transaction, who: Person, conversation: str, found: Mapping[str, str], left: Collection[str], at: datetime
) -> Report:
    """Say of the whole toolkit what is so, each with what it rests on, and what was looked at and not found. What stands in
    neither stays open. The level is confirmed anew where the indicators changed. Raises NotRecorded.
    """
    _known((*found, *left))
    evidence = {code: report.words(form(), code, words) for code, words in found.items()}
    if bare := "; ".join(kit().text(code) for code, words in evidence.items() if not words):
        raise NotRecorded(f"{bare}: say what it rests on, in the child's words or in what was seen")
    held, number = _unsigned(tx, who, conversation)
    made = _weighed(held, set(found), evidence, set(left) - set(found))
    reports.add(tx, conversation, number + 1, "weighed", made, who.id, at)
    return made


def _known(codes: Collection[str]) -> None:
    for code in codes:
        if not kit().knows(code):
            raise NotRecorded(f"'{code[:20]}' is no indicator; the toolkit's codes look like L01, M07, H08, V02, TR04")


def _weighed(held: Report, chosen: set[str], evidence: Mapping[str, str], left: set[str]) -> Report:
    made = replace(
        held,
        indicators=tuple(sorted(chosen)),
        evidence={code: evidence[code] for code in sorted(chosen & evidence.keys())},
        left=tuple(sorted(left)),
    )
    return made if made.indicators == held.indicators else replace(made, level="", level_reason="", level_by="")


def assessed(tx: Transaction, house: House, conversation: str, held: Report, at: datetime) -> Result:
    """What the confirmed indicators make of it today. What somebody is unsure of counts as so."""
    heard = conversations.peek(tx, conversation).facts
    known = {**heard, **{name: value for name, value in _case_details(tx, conversation).items() if value is not None}}
    born, ld, said = known.get("birth_date"), known.get("learning_disability"), heard.get("age")
    today = house.shelf.calendar.day(at)
    given = {name: held.fields.get(name) in _SO for name in _NOT_SURE_IS_SO}
    # Without a date of birth, the age as the record has it or the child gave it.
    age = toolkit.years(date.fromisoformat(str(born)), today) if born else said if isinstance(said, int) else None
    return toolkit.assess(
        kit(), Findings(frozenset(held.indicators), age, {"yes": True, "no": False}.get(str(ld)), **given)
    )


def _case_details(tx: Transaction, conversation: str) -> Mapping[str, object]:
    case = conversations.case_of(tx, conversation)
    return cases.kept(tx, case).details if case else {}


def proposed(tx: Transaction, conversation: str, held: Report) -> tuple[str, ...]:
    """Indicators that the child's answers point to and nobody has confirmed, nor looked at and not found."""
    case = conversations.case_of(tx, conversation)
    number = len(cases.episodes(tx, cases.root(tx, case))) if case else 0
    answers = facts.answered(conversations.peek(tx, conversation))
    return tuple(
        one for one in toolkit.propose(kit(), answers, episodes=number) if one not in (*held.indicators, *held.left)
    )


def set_level(  # noqa: PLR0913, PLR0917 - who sets which, and why
    tx: Transaction, house: House, who: Person, conversation: str, level: str, reason: str, at: datetime
) -> Report:
    """Confirm the level, or set another: up freely, down a manager with a reason (815). Raises NotRecorded."""
    known = [one.name.lower() for one in Level]
    if level not in known:
        raise NotRecorded(f"'{level[:20]}' is no level: use one of {', '.join(known)}")
    held, number = _unsigned(tx, who, conversation)
    found = assessed(tx, house, conversation, held, at)
    try:
        chosen = toolkit.override(found, Level[level.upper()], who.role.value, reason)
    except toolkit.NotAllowed as why:
        raise NotRecorded(str(why)) from None
    because = report.words(form(), "reason", reason)
    made = replace(held, level=chosen.name.lower(), level_reason=because, level_by=who.name)
    reports.add(tx, conversation, number + 1, "level", made, who.id, at)
    return made


def add_intelligence(  # noqa: PLR0913, PLR0917 - what it is, in whose words
    tx: Transaction, who: Person, conversation: str, kind: str, what: str, words: str, at: datetime
) -> Report:
    """A person, place, vehicle, phone or name that can be passed on without the child. Raises NotRecorded."""
    if kind not in form().kinds:
        raise NotRecorded(f"'{kind[:20]}' is no kind: use one of {', '.join(form().kinds)}")
    held, number = _unsigned(tx, who, conversation)
    row = Intelligence(kind, _given("what", what), words.strip(), who.name, at)
    made = replace(held, intelligence=(*held.intelligence, row))
    reports.add(tx, conversation, number + 1, "intelligence", made, who.id, at)
    return made


def add_action(  # noqa: PLR0913, PLR0917 - who does what by when
    tx: Transaction, who: Person, conversation: str, what: str, owner: str, due: str, at: datetime
) -> Report:
    """Something somebody will do, by a day. Raises NotRecorded."""
    held, number = _unsigned(tx, who, conversation)
    try:
        day = date.fromisoformat(due.strip())
    except ValueError:
        raise NotRecorded(f"'{due[:20]}' is no day: write it like 2026-11-20") from None
    row = Action(_given("what", what), _given("owner", owner), day.isoformat(), at)
    made = replace(held, actions=(*held.actions, row))
    reports.add(tx, conversation, number + 1, "action", made, who.id, at)
    return made


def _given(name: str, value: str) -> str:
    plain_words = report.words(form(), name, value)
    if not plain_words:
        raise NotRecorded(f"{name} is missing: say it in a few words")
    return plain_words


# --- the child's own say, and the signature ---------------------------------------------------------------------------


def correct(  # noqa: PLR0913, PLR0917 - which answer, in what words
    tx: Transaction,
    house: House,
    who: Person,
    conversation: str,
    question: str,
    words: str,
    at: datetime,
    *,
    withdraws: bool = False,
) -> Report:
    """The child corrects or withdraws an answer, before or after it was signed; what they first said stays beside it
    (D10: to withdraw is a sign, not an end). Raises NotRecorded.
    """
    held, number = _open(tx, who, conversation)
    if question not in conversations.peek(tx, conversation).answers:
        raise NotRecorded(f"there is no answer to '{question[:40]}' in this record")
    if withdraws is bool(words.strip()):
        raise NotRecorded("give the child's new words, or say that they take the answer back: one of the two")
    kind = report.WITHDRAWS if withdraws else report.CORRECTS
    row = Correction(question, kind, words.strip(), at, who.name)
    made = replace(held, corrections=(*held.corrections, row))
    reports.add(tx, conversation, number + 1, kind, made, who.id, at)
    refiling.again(tx, house, who.id, conversation, made, at)
    return made


def lacking(tx: Transaction, conversation: str, held: Report) -> tuple[str, ...]:
    """What must still be there before anybody can sign: what is written is held against what was heard."""
    return report.lacking(form(), held, considered.heard(tx, conversation))


def to_sign(tx: Transaction, who: Person, conversation: str) -> tuple[Report, int]:
    """The record somebody may sign as it is now, and its version. Raises NotRecorded naming what lacks."""
    held, number = _open(tx, who, conversation)
    if lacks := lacking(tx, conversation, held):
        raise NotRecorded(f"it cannot be signed yet, there lacks: {', '.join(lacks)}")
    if any(one.by == who.name for one in held.signatures):
        raise NotRecorded(f"{who.name} has signed it already; a second signature is another person's")
    if held.signed and who.role.value not in MANAGERS:
        raise NotRecorded("the second signature is a manager's")
    return held, number


def sign(
    tx: Transaction, house: House, who: Person, conversation: str, at: datetime, *, read: str | None = None
) -> Report:
    """Stand for the record: the worker who held the interview, then a manager. `read`: the `digest` of what they read, where it
    is not read in the same transaction. Raises NotRecorded naming what lacks.
    """
    held, number = to_sign(tx, who, conversation)
    first, mark = not held.signed, digest(tx, house, conversation, held)
    if read not in {None, mark}:
        raise NotRecorded("it was changed while you read it: look at it again, and sign it if it is right")
    signature = Signature(who.name, who.role.value, at, mark)
    made = replace(held, signatures=(*held.signatures, signature))
    reports.add(tx, conversation, number + 1, "signed", made, who.id, at)
    refiling.looked(tx, who.id, conversation, at)
    case = conversations.case_of(tx, conversation)
    if first and case is not None:
        casework.note(tx, house, who, case, "form_signed", at, conversation=conversation)
        if made.level == Level.LOW.name.lower():
            casework.note(tx, house, who, case, "cse_low", at)
    refiling.again(tx, house, who.id, conversation, made, at)
    return made


def amend(  # noqa: PLR0913, PLR0917 - what, why, who
    tx: Transaction, house: House, who: Person, conversation: str, given: Mapping[str, str], reason: str, at: datetime
) -> Report:
    """Change fields of a signed record: dated, with the reason; the signed version stays. Raises NotRecorded."""
    held, number = _open(tx, who, conversation)
    if not held.signed:
        raise NotRecorded("it is not signed yet: set the fields, no amendment is needed")
    because = _given("reason", reason)
    _considered_by(tx, conversation, given, at)
    made = report.with_fields(form(), held, given, _answered(tx, conversation))
    changes = tuple(sorted(name for name in given if held.fields.get(name) != made.fields.get(name)))
    if not changes:
        raise NotRecorded("nothing is changed by this: every field has that value already")
    if "disclosure" in changes and "decision" in lacking(tx, conversation, made):
        raise NotRecorded("disclosure: an alert of this interview waits for its decision, so it is not none_recorded")
    made = replace(made, amendments=(*made.amendments, Amendment(at, who.name, because, changes)))
    reports.add(tx, conversation, number + 1, "amended", made, who.id, at)
    refiling.looked(tx, who.id, conversation, at)
    refiling.again(tx, house, who.id, conversation, made, at)
    return made


def share(
    tx: Transaction, who: Person, conversation: str, question: str, roles: Collection[str], at: datetime
) -> Report:
    """Say with whom one answer may be shared; with nobody takes it back. No matter of what is recorded, so it can be said
    after the signature too. Raises NotRecorded.
    """
    held, number = _open(tx, who, conversation)
    if question not in conversations.peek(tx, conversation).answers:
        raise NotRecorded(f"there is no answer to '{question[:40]}' in this record")
    for role in roles:
        if role not in copies.DEFAULTS or "answers" in copies.NEVER.get(role, ()):
            raise NotRecorded(
                f"'{role[:20]}' is nobody who may have an answer: use police, health, education or social_care"
            )
        if question in copies.NOWHERE | copies.NOT_TO.get(role, frozenset()):
            raise NotRecorded(f"the answer to '{question}' never goes to {role}")
    shared = {name: to for name, to in held.shared.items() if name != question}
    if roles:
        shared[question] = ",".join(sorted(set(roles)))
    made = replace(held, shared=shared)
    reports.add(tx, conversation, number + 1, "shared", made, who.id, at)
    return made


def digest(tx: Transaction, house: House, conversation: str, held: Report) -> str:
    """What is signed, as one number."""
    return records.digest(replace(records.build(tx, house, conversation), report=held))
