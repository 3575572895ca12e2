"""What a worker does for a returned child, outside the chat: tries, talks, meetings, reasons, promises. Through one door:
noted, audited, and every clock of the child computed again in the same transaction.

May not write to the child, nor say what a note means for a deadline.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import clocks, episode_file
from flows import deadline_windows, independence
from flows.deadlines import Attempt
from flows.model import Task
from storage import audit, cases, notes, offers, tasks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.runner import House
    from storage.cases import Episode
    from storage.database import Transaction
    from storage.notes import Details, Note
    from storage.people import Person

# What can be noted by its name alone.
PLAIN = (
    "police_check", "form_signed", "police_copy", "told_child", "parent_view", "manager_considered", "declined_person",
    "refused", "meeting", "review", "serious_risk", "risk_high", "cse_low", "carer_form_given", "photo", "action",
    "council_answer", "abuse_reported", "officer_told", "strategy_wanted", "disagreement", "report_refused",
)  # fmt: skip
MODES = ("phone", "face_to_face", "video")
RESULTS = ("spoke", "no_answer", "left_word", "wrong_number", "declined", "sent")
NOT_REACHED = "not_reached"


class NotPossible(ValueError):
    """It cannot be noted as it was given; the message says how."""


def note(  # noqa: PLR0913 - what, when, by whom, about what
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    kind: str,
    at: datetime,
    *,
    conversation: str | None = None,
    details: Details | None = None,
) -> Note:
    """Note that something was done, and end the work that asked for it. Raises NotPossible."""
    if kind not in PLAIN:
        raise NotPossible(f"'{kind}' is nothing that is noted: use one of {', '.join(PLAIN)}")
    return _noted(tx, house, who, case, kind, at, details or {}, conversation)


def _noted(  # noqa: PLR0913, PLR0917 - as `note`
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    kind: str,
    at: datetime,
    details: Details,
    conversation: str | None = None,
) -> Note:
    made = notes.add(tx, kind, at, who.id, at, case=case, conversation=conversation, details=details)
    ends = clocks.meaning().closes.get(kind)
    for one in tasks.of_case(tx, case):
        if ends is not None and one.what == ends and one.done_at is None:
            tasks.done(tx, one.id, who.id, at)
    clocks.refresh(tx, house, case, at, conversation or "")
    return made


def spoke(  # noqa: PLR0913, PLR0917 - who, how, when, about what
    tx: Transaction, house: House, who: Person, case: str, mode: str, at: datetime, conversation: str | None = None
) -> Note:
    """A named person of the service spoke with the child: the only thing that ends the interview's clocks (decisions 8)."""
    if mode not in MODES:
        raise NotPossible(f"'{mode}' is no way of talking: use one of {', '.join(MODES)}")
    details = {"who": who.name, "mode": mode, "trained": "yes"}
    return _noted(tx, house, who, case, "talk", at, details, conversation)


def tried(tx: Transaction, house: House, who: Person, case: str, channel: str, result: str, at: datetime) -> Note:  # noqa: PLR0913, PLR0917 - who, how, with what result
    """A person offered the interview, by any way; every try is kept with its result (R05, R06)."""
    if result not in RESULTS:
        raise NotPossible(f"'{result}' is no result of a try: use one of {', '.join(RESULTS)}")
    details = {"channel": channel, "result": result, "by_person": "yes"}
    return _noted(tx, house, who, case, "attempt", at, details)


def not_done(  # noqa: PLR0913, PLR0917 - why, and when it will be
    tx: Transaction, house: House, who: Person, case: str, reason: str, again_on: str, at: datetime
) -> Note:
    """Why there was no interview, and when or whether there will be one: neither may be left out (003:2066).

    "Not reached" may be said only after enough tries (R06). Raises NotPossible.
    """
    if not reason.strip() or not again_on.strip():
        raise NotPossible("say why it was not done, and on which day it will be (or never)")
    if reason.strip() == NOT_REACHED and (lacks := deadline_windows.lacking_offers(attempts(tx, case))):
        raise NotPossible(f"not reached may not be said yet, there lacks: {', '.join(lacks)}")
    return _noted(tx, house, who, case, "not_done", at, {"reason": reason.strip(), "again_on": again_on.strip()})


def attempts(tx: Transaction, case: str) -> tuple[Attempt, ...]:
    """Every offer of the interview, by the program and by people, oldest first."""
    sent = [Attempt(one.offered_at, one.channel, by_person=False) for one in offers.of_case(tx, case)]
    by_people = [
        Attempt(one.at, str(one.details.get("channel", "")), by_person=True)
        for one in notes.of_case(tx, case)
        if one.kind == "attempt"
    ]
    return tuple(sorted((*sent, *by_people), key=lambda one: one.at))


def plan(  # noqa: PLR0913 - who will talk, and whose choice that is
    tx: Transaction, house: House, who: Person, case: str, relation: str, at: datetime, *, chosen: bool
) -> independence.Independence:
    """Who will hold the interview: the child's choice comes first; how independent they are is computed (B6, B8)."""
    try:
        found = independence.of(relation, chosen_by_child=chosen)
    except ValueError as wrong:
        raise NotPossible(str(wrong)) from None
    details = {"relation": relation, "chosen_by_child": "yes" if chosen else "no", "independent": found.value}
    _noted(tx, house, who, case, "interviewer", at, details)
    if not found.allowed:
        task = Task("find_independent_interviewer", "worker", "today")
        due = house.shelf.due(at, task.within)
        tasks.add(tx, task, due, at, case=case)
        house.observe("task", "", task=task, due=due)
    return found


def promise(tx: Transaction, house: House, who: Person, case: str, what: str, due: datetime, at: datetime) -> Note:  # noqa: PLR0913, PLR0917 - what, to be kept by when
    """Something was promised to a child: work with a time, and the words sealed beside it."""
    if due <= at:
        raise NotPossible("a promise is kept later than it is made: give the time by which it will be")
    made = _noted(tx, house, who, case, "promise", at, {"what": what})
    task = Task("keep_promise", "worker", "now")
    tasks.add(tx, task, due, at, case=case)
    house.observe("task", "", task=task, due=due)
    return made


def take_back(tx: Transaction, house: House, who: Person, case: str, note_id: str, at: datetime) -> None:
    """A note was a mistake; it stays readable and counts no more. Raises NotPossible."""
    if not notes.take_back(tx, note_id, who.id, at):
        raise NotPossible("this note was taken back already")
    clocks.refresh(tx, house, case, at)


# --- episodes ---------------------------------------------------------------------------------------------------------


def returned(tx: Transaction, house: House, case: str, at: datetime, by: str) -> Episode | None:
    """Police or a carer say that the child is back: the interview's clocks start. Says nothing of safety (A6).

    The last episode that has no return; None when there is none. The child stays recorded missing until it is ended.
    """
    known = [one for one in cases.episodes(tx, case) if one.returned_at is None and one.missing_at <= at]
    if not known:
        return None
    back = replace(known[-1], returned_at=at, details={**known[-1].details, "notified_at": at.isoformat()})
    cases.save_episode(tx, back)
    audit.record(tx, at, by, "episode.returned", back.id, case)
    clocks.refresh(tx, house, case, at)
    return back


def end(  # noqa: PLR0913, PLR0917 - which episode, with what, by whom
    tx: Transaction, house: House, who: Person, case: str, episode: str, given: Mapping[str, str], at: datetime
) -> Episode:
    """End an episode: from then on the child is not recorded missing by it. Raises NotPossible naming what lacks.

    `given`: `location_found`, `outcome`, `risk_assessed` and `interviewed` (yes or no); with no, `not_done_reason` and
    `again_on`, a day or never (003:1855, 2059-2067).
    """
    held = next((one for one in cases.episodes(tx, case) if one.id == episode), None)
    if held is None or held.ended_at is not None:
        raise NotPossible("there is no open episode of this id")
    wanted = [name for name in episode_file.ENDING if name != "ended"]
    if given.get("interviewed") == "no":
        wanted += episode_file.WHY_NOT
    lacks = [name for name in wanted if not given.get(name, "").strip()]
    if held.returned_at is None and "located_at" not in held.details:
        lacks.insert(0, "returned")
    if lacks:
        raise NotPossible(f"the child is recorded missing until all of it is known; there lacks: {', '.join(lacks)}")
    known = {name: given[name].strip() for name in wanted}
    ended = replace(held, ended_at=at, details={**held.details, **known})
    cases.save_episode(tx, ended)
    audit.record(tx, at, who.id, "episode.ended", episode, case)
    clocks.refresh(tx, house, case, at)
    return ended
