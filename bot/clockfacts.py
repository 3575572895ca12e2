"""Gathers what storage holds of a child, an episode and a conversation into the facts their clocks need. May not compute.

Three books, so that no clock is computed twice: an *episode* (its return, its interview, its being missing), a *case* (what
counts over all episodes), a *conversation* (its alerts and what was told in it). A conversation without an episode has the
clocks of its own refusal and account in its own book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flows import deadline_alerts, deadline_blocks, facts
from flows.deadlines import Attempt, Facts, Matter, Talk
from flows.model import Level, Service
from storage import alerts, answers, cases, conversations, messages, notes, offers
from storage.codes import Direction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flows.deadline_blocks import Blocks
    from flows.deadline_meaning import Meaning
    from flows.model import Alert, Conversation
    from storage.cases import Case, Episode
    from storage.database import Transaction
    from storage.notes import Note

# Notes that are a fact of their own -> the field of `Facts` that the first of them fills.
_FIRST = {
    "police_check": "police_check_at",
    "declined_person": "declined_person_at",
    "account": "child_account_at",
    "not_done": "not_done_recorded_at",
    "form_signed": "form_signed_at",
    "police_copy": "police_copy_at",
    "told_child": "told_child_at",
    "refused": "refused_at",
    "parent_view": "parent_view_at",
    "manager_considered": "manager_considered_at",
    "risk_high": "risk_high_at",
}
# The same for the case: the last counts, for a new photo or a new low moves its clock.
_LAST = {
    "serious_risk": "serious_risk_at",
    "cse_low": "cse_low_at",
    "carer_form_given": "carer_form_given_at",
    "photo": "photo_at",
}
_YES = frozenset({"yes", "true", "1", 1})
_NO = frozenset({"no", "false", "0", 0})
_REFER = "refer"


@dataclass(frozen=True)
class Known:
    """All that storage holds of one child, read when it is first asked for. Not kept beyond its transaction."""

    tx: Transaction
    case: Case
    meaning: Meaning
    blocks: Blocks

    @cached_property
    def episodes(self) -> tuple[Episode, ...]:
        """Every time missing, of joined cases too."""
        return cases.episodes(self.tx, self.case.id)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What people noted as done."""
        return notes.of_case(self.tx, self.case.id)

    @cached_property
    def talks(self) -> tuple[Conversation, ...]:
        """The conversations about this child, oldest first."""
        several = (one for case in cases.members(self.tx, self.case.id) for one in conversations.of_case(self.tx, case))
        return tuple(sorted((conversations.peek(self.tx, one) for one in several), key=lambda c: c.started_at))

    @cached_property
    def offers(self) -> tuple[offers.Offer, ...]:
        """Every offer of an interview."""
        return tuple(one for case in cases.members(self.tx, self.case.id) for one in offers.of_case(self.tx, case))

    @cached_property
    def parent_blocks(self) -> tuple[str, ...]:
        """Why no parent or carer is to be asked: whatever was said in any conversation, and every concern, stands."""
        reasons: dict[str, None] = {}
        for c in self.talks:
            found = {code for one in answers.concerns(self.tx, c.id) for code in one.concern.categories}
            reasons |= dict.fromkeys(deadline_blocks.standing(self.blocks, facts.answered(c), found))
        return tuple(reasons)

    def about(self, at: datetime) -> str | None:
        """Which episode something at a time is about: the last that had begun."""
        begun = [one.id for one in self.episodes if one.missing_at <= at]
        return begun[-1] if begun else None


def of_case(known: Known) -> Facts:
    """What counts over all episodes of a child."""
    last: dict[str, Any] = {field: times[-1] for kind, field in _LAST.items() if (times := _times(known.notes, kind))}
    at_large = [one for one in known.notes if one.conversation is None]
    return Facts(
        starts=tuple(one.missing_at for one in known.episodes),
        meetings=_times(known.notes, "meeting"),
        repeat_days=known.meaning.repeat_days,
        strategies=_matters(at_large, "strategy_wanted", "strategy_held"),
        disagreements=_matters(at_large, "disagreement", "disagreement_settled"),
        **_cut(at_large),
        logged=_logged(one for one in known.notes if one.episode is None),
        **last,
    )


def of_episode(known: Known, episode: Episode) -> Facts:
    """One episode: its return, the interview that is owed for it, and what is owed while the child is missing."""
    its = [one for one in known.notes if (one.episode or known.about(one.at)) == episode.id]
    talks = [c for c in known.talks if known.about(c.started_at) == episode.id]
    offered = [one for one in known.offers if known.about(one.offered_at) == episode.id]
    given, of_child = episode.details, known.case.details
    missing = given.get("status") != "away"
    found = _heard(known, talks, its, offered)
    return replace(
        found,
        returned_at=episode.returned_at,
        located_at=_instant(given.get("located_at")),
        notified_at=_instant(given.get("notified_at")),
        missing_from=episode.missing_at if missing else None,
        away_from=None if missing else episode.missing_at,
        looked_after=_yes(given.get("looked_after", of_child.get("looked_after"))),
        has_social_worker=_yes(of_child.get("social_worker")),
        trafficked="trafficked" in _flags(given) or _yes(of_child.get("trafficked")),
        risk_high_at=found.risk_high_at or (episode.missing_at if "high_risk" in _flags(given) else None),
        reviews=_times(its, "review"),
        whereabouts_unknown_at=_instant(given.get("whereabouts_unknown_at")),
    )


def of_conversation(tx: Transaction, meaning: Meaning, c: Conversation, known: Known | None) -> Facts:
    """The alerts of a conversation and what was told in it; its refusal and account too when it has no episode."""
    its = notes.of_conversation(tx, c.id)
    # What was done counts wherever it was noted; what it began is a clock of one book only.
    done = its if known is None else tuple(one for one in known.notes if one.conversation in {None, c.id})
    held = alerts.of(tx, c.id)
    told = answers.concerns(tx, c.id)
    alone = known is not None and known.about(c.started_at) is None
    found = Facts()
    if known is not None and alone:
        mine = [one for one in known.offers if one.conversation == c.id]
        noted = [one for one in known.notes if one.episode is None and one.conversation in (None, c.id)]
        found = _heard(known, [c], noted, mine)
    return replace(
        found,
        flags=tuple(deadline_alerts.flag(one) for one in held),
        referrals=tuple(
            Matter(one.id, one.decided_at, _first(done, "council_answer"))
            for one in held
            if one.decision == _REFER and one.decided_at is not None
        ),
        disagreements=_matters(its, "disagreement", "disagreement_settled"),
        strategies=_matters(its, "strategy_wanted", "strategy_held"),
        csa_told=_told(told, meaning.told_of_abuse, _first(done, "abuse_reported"), _reason(done)),
        csa_reporting=meaning.report_abuse,
        allegations=_told(told, meaning.told_of_staff, _first(done, "officer_told")),
        **_cut(its),
        asked=_asked(tx, c, held),
        logged=dict(found.logged) | _logged(its),
    )


def _heard(
    known: Known, talks: Collection[Conversation], its: Collection[Note], offered: Iterable[offers.Offer]
) -> Facts:
    """What was offered, said, declined and told about one return."""
    said = _said(known.meaning, talks)
    first: dict[str, Any] = {field: times[0] for kind, field in _FIRST.items() if (times := _times(its, kind))}
    refused, declined = first.pop("refused_at", None), first.pop("declined_person_at", None)
    asked = [(c.answers, days) for c in talks if (days := known.meaning.check_in_days(facts.answered(c)))]
    attempts = (*(Attempt(one.offered_at, one.channel, by_person=False) for one in offered), *_attempts(its))
    return Facts(
        attempts=tuple(sorted(attempts, key=lambda one: one.at)),
        talks=tuple(_talk(one) for one in its if one.kind == "talk"),
        interview_at=first.get("child_account_at"),
        refused_at=refused or said.get("refused"),
        declined_person_at=declined or said.get("declined_person"),
        parent_blocks=known.parent_blocks if refused or "refused" in said else (),
        actions=_actions(its),
        check_in_days=asked[-1][1] if asked else (),
        check_in_at=max((a.at for a in asked[-1][0].values()), default=None) if asked else None,
        logged=_logged(its),
        **first,
    )


def _said(meaning: Meaning, talks: Iterable[Conversation]) -> dict[str, datetime]:
    """When the child's answers came to mean something; the latest conversation counts."""
    found: dict[str, datetime] = {}
    for c in talks:
        answered = facts.answered(c)
        for what in meaning.said:
            if meaning.says(what, answered):
                found[what] = max(c.answers[name].at for name in meaning.asked(what) if name in c.answers)
    return found


def _attempts(its: Iterable[Note]) -> Iterable[Attempt]:
    for one in its:
        if one.kind == "attempt":
            yield Attempt(
                one.at, str(one.details.get("channel", "")), by_person=_yes(one.details.get("by_person")) is True
            )


def _talk(note: Note) -> Talk:
    given = note.details
    return Talk(note.at, str(given.get("who", "")), _yes(given.get("trained")) is not False, str(given.get("mode", "")))


def _actions(its: Collection[Note]) -> tuple[Matter, ...]:
    """Every action that was done, and when the child was told of it."""
    told = [one.at for one in its if one.kind == "told_child"]
    return tuple(
        Matter(one.id, one.at, min((at for at in told if at >= one.at), default=None))
        for one in its
        if one.kind == "action"
    )


def _asked(tx: Transaction, c: Conversation, held: Iterable[Alert]) -> tuple[Matter, ...]:
    """In text-safe a person was wanted: their first own words after it are the answer (R35)."""
    wanted = [one for one in held if one.level >= Level.L2]
    if not wanted or conversations.contact_of(tx, c.id).store is not Service.TEXT_SAFE:
        return ()
    spoken = [one.at for one in messages.of(tx, c.id) if one.direction is Direction.OUT and one.by != "bot"]
    return tuple(
        Matter(one.id, one.opened_at, min((at for at in spoken if at >= one.opened_at), default=None), one.level.name)
        for one in wanted
    )


def _told(
    told: Iterable[answers.Heeded], among: frozenset[str], done_at: datetime | None, reason: str = ""
) -> tuple[Matter, ...]:
    """The first time a conversation said something of these kinds as so, not as a doubt."""
    for one in told:
        named = among.intersection(one.concern.categories)
        doubted = {hit.category for hit in one.concern.evidence} - {
            hit.category for hit in one.concern.evidence if hit.doubt is None
        }
        if one.concern.level >= Level.L2 and named - doubted:
            return (Matter(one.id, one.at, done_at, reason),)
    return ()


def _cut(its: Collection[Note]) -> dict[str, Any]:
    """FGM that appears to have been done, told to somebody whose role is regulated or not (R31, decisions 8)."""
    told = [one for one in its if one.kind == "fgm_done"]
    return {
        "fgm_told_at": _first(told, "fgm_done"),
        "fgm_done": bool(told),
        "recorder_regulated": any(_yes(one.details.get("regulated")) for one in told),
    }


def _reason(its: Iterable[Note]) -> str:
    return next((one.id for one in its if one.kind == "report_held_back"), "")


def _matters(its: Collection[Note], began: str, ended: str) -> tuple[Matter, ...]:
    over = {str(one.details.get("of", "")): one.at for one in its if one.kind == ended}
    return tuple(
        Matter(one.id, one.at, over.get(one.id), str(one.details.get("sort", ""))) for one in its if one.kind == began
    )


def _times(its: Iterable[Note], kind: str) -> tuple[datetime, ...]:
    return tuple(sorted(one.at for one in its if one.kind == kind))


def _first(its: Iterable[Note], kind: str) -> datetime | None:
    return min(_times(its, kind), default=None)


def _logged(its: Iterable[Note]) -> dict[str, datetime]:
    """What was logged as done for a rule that has no fact of its own: the first time counts."""
    found: dict[str, datetime] = {}
    for one in its:
        if one.kind == "logged":
            found.setdefault(str(one.details.get("rule", "")), one.at)
    return found


def _flags(details: Mapping[str, object]) -> frozenset[str]:
    return frozenset(str(details.get("flags", "") or "").split())


def _yes(value: object) -> bool | None:
    """True, False, or None when it is not known."""
    if value in _YES:
        return True
    return False if value in _NO else None


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
