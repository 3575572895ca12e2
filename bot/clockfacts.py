"""Gathers what storage holds of a child, an episode and a conversation into the facts their clocks need. May not compute.

Three books, so that no clock is computed twice: an *episode* (its return, its interview, its being missing), a *case* (what
counts over all episodes), a *conversation* (its alerts and what was told in it). A conversation without an episode has the
clocks of its own refusal and account in its own book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot import notefacts, offered
from flows import deadline_alerts, deadline_blocks, facts, over_time
from flows.deadlines import Facts, Matter
from flows.model import Level, Service
from storage import alerts, answers, cases, conversations, messages, notes
from storage.codes import Direction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, tzinfo

    from flows.deadline_blocks import Blocks
    from flows.deadline_meaning import Meaning
    from flows.deadlines import Attempt
    from flows.model import Alert, Conversation
    from storage.cases import Case, Episode
    from storage.database import Transaction
    from storage.notes import Note

# Notes that are a fact of their own -> the field of `Facts` that the first of them fills.
_LONDON = ZoneInfo("Europe/London")
_FIRST = {
    "police_check": "police_check_at",
    "police_checked": "police_check_at",
    "declined_person": "declined_person_at",
    "account": "child_account_at",
    "not_done": "not_done_recorded_at",
    "form_signed": "form_signed_at",
    "police_copy": "police_copy_at",
    "refused": "refused_at",
    "parent_view": "parent_view_at",
    "manager_considered": "manager_considered_at",
    "risk_high": "risk_high_at",
    "whereabouts_unknown": "whereabouts_unknown_at",
}
# What is said and done about an interview, wherever one absence is two records.
_OF_INTERVIEW = (
    "declined_person_at", "child_account_at", "interview_at", "form_signed_at", "police_copy_at", "told_child_at",
    "not_done_recorded_at",
)  # fmt: skip
# The same for the case: the last counts, for a new photo or a new low moves its clock.
_LAST = {
    "serious_risk": "serious_risk_at",
    "cse_low": "cse_low_at",
    "carer_form_given": "carer_form_given_at",
    "photo": "photo_at",
}


@dataclass(frozen=True)
class Known:
    """All that storage holds of one child, read when it is first asked for. Not kept beyond its transaction."""

    tx: Transaction
    case: Case
    meaning: Meaning
    blocks: Blocks
    tz: tzinfo = _LONDON

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
    def offers(self) -> tuple[offered.Made, ...]:
        """Every offer of an interview by text."""
        return offered.of(self.tx, self.case.id, self.meaning.offered_by)

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

    def notes_of(self, episode: Episode) -> tuple[Note, ...]:
        """What was noted of an episode, or of the child while it was the last."""
        return tuple(one for one in self.notes if (one.episode or self.about(one.at)) == episode.id)

    def going_on(self, episode: Episode) -> tuple[Episode, ...]:
        """The records in which this one goes on: a child who was located and did not come back is away from that moment, and one
        absence is two records (domain 2.4). Whoever speaks with them then has spoken with them about both.
        """
        found: list[Episode] = []
        last = episode
        for one in self.episodes:
            located = notefacts.instant(last.details.get("located_at"))
            if last.returned_at is None and located is not None and one.missing_at == located and one.id != last.id:
                found.append(one)
                last = one
        return tuple(found)


def _heard_of(known: Known, episode: Episode, its: Collection[Note]) -> Facts:
    talks = [c for c in known.talks if known.about(c.started_at) == episode.id]
    tries = [one for made in known.offers for one in offered.attempt(made) if known.about(one.at) == episode.id]
    return _heard(known, talks, its, tries)


def of_case(known: Known) -> Facts:
    """What counts over all episodes of a child."""
    last: dict[str, Any] = {
        field: times[-1] for kind, field in _LAST.items() if (times := notefacts.times(known.notes, kind))
    }
    at_large = [one for one in known.notes if one.conversation is None]
    return Facts(
        starts=tuple(one.missing_at for one in known.episodes),
        meetings=notefacts.times(known.notes, "meeting"),
        repeat_days=known.meaning.repeat_days,
        strategies=notefacts.matters(at_large, "strategy_wanted", "strategy_held"),
        disagreements=notefacts.matters(at_large, "disagreement", "disagreement_settled"),
        **notefacts.told_of(known.meaning, at_large, at_large),
        **notefacts.cut(at_large),
        logged=notefacts.logged(one for one in known.notes if one.episode is None),
        **last,
    )


def of_episode(known: Known, episode: Episode) -> Facts:
    """One episode: its return, the interview that is owed for it, and what is owed while the child is missing."""
    its = known.notes_of(episode)
    given, of_child = episode.details, known.case.details
    missing = given.get("status") != "away"
    day = episode.missing_at.astimezone(known.tz).date()
    found = _heard_of(known, episode, its)
    for one in known.going_on(episode):
        later = _heard_of(known, one, known.notes_of(one))
        first = {name: getattr(found, name) or getattr(later, name) for name in _OF_INTERVIEW}
        found = replace(
            found,
            attempts=(*found.attempts, *later.attempts),
            talks=(*found.talks, *later.talks),
            logged={**later.logged, **found.logged},
            **first,
        )
    # Ended without an interview: the reason and the day stand at the end of the episode (003:2066).
    ended_without = episode.ended_at if given.get("not_done_reason") and given.get("again_on") else None
    return replace(
        found,
        not_done_recorded_at=found.not_done_recorded_at or ended_without,
        returned_at=episode.returned_at,
        located_at=notefacts.instant(given.get("located_at")),
        notified_at=notefacts.instant(given.get("notified_at")),
        missing_from=episode.missing_at if missing else None,
        away_from=None if missing else episode.missing_at,
        looked_after=notefacts.yes(given.get("looked_after", over_time.held(of_child, "looked_after", day))),
        has_social_worker=notefacts.yes(of_child.get("social_worker")),
        trafficked="trafficked" in notefacts.flags(given) or notefacts.yes(of_child.get("trafficked")),
        risk_high_at=found.risk_high_at or (episode.missing_at if "high_risk" in notefacts.flags(given) else None),
        reviews=notefacts.times(its, "review"),
        whereabouts_unknown_at=notefacts.instant(given.get("whereabouts_unknown_at")) or found.whereabouts_unknown_at,
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
        mine = [one for made in known.offers if made.offer.conversation == c.id for one in offered.attempt(made)]
        noted = [one for one in known.notes if one.episode is None and one.conversation in (None, c.id)]
        found = _heard(known, [c], noted, mine)
    more = notefacts.told_of(meaning, its, done)
    return replace(
        found,
        flags=(*(deadline_alerts.flag(one) for one in held), *notefacts.low(told, done)),
        referrals=notefacts.referrals(held, done),
        disagreements=notefacts.matters(its, "disagreement", "disagreement_settled"),
        strategies=notefacts.matters(its, "strategy_wanted", "strategy_held"),
        csa_told=(*notefacts.told(told, meaning.told_of_abuse, done, "abuse_reported"), *more["csa_told"]),
        csa_reporting=meaning.report_abuse,
        allegations=(*notefacts.told(told, meaning.told_of_staff, done, "officer_told"), *more["allegations"]),
        **notefacts.cut(its),
        asked=(*_asked(tx, c, held), *notefacts.slow(its)),
        logged=dict(found.logged) | notefacts.logged(its),
    )


def _heard(known: Known, talks: Collection[Conversation], its: Collection[Note], tries: Iterable[Attempt]) -> Facts:
    """What was offered, said, declined and told about one return."""
    said = _said(known.meaning, talks)
    first: dict[str, Any] = {}
    for kind, field in _FIRST.items():
        if (at := notefacts.first(its, kind)) is not None:
            first[field] = min(at, first.get(field, at))
    refused, declined = first.pop("refused_at", None), first.pop("declined_person_at", None)
    asked = [(c.answers, days) for c in talks if (days := known.meaning.check_in_days(facts.answered(c)))]
    attempts = (*tries, *notefacts.attempts(its))
    talked = tuple(notefacts.talk(one) for one in its if one.kind == "talk")
    began = first.get("child_account_at") or min((one.at for one in talked if one.trained), default=None)
    return Facts(
        attempts=tuple(sorted(attempts, key=lambda one: one.at)),
        talks=talked,
        interview_at=first.get("child_account_at"),
        refused_at=refused or said.get("refused"),
        declined_person_at=declined or said.get("declined_person"),
        parent_blocks=known.parent_blocks if refused or "refused" in said else (),
        actions=notefacts.actions(its),
        check_in_days=asked[-1][1] if asked else (),
        check_in_at=max((a.at for a in asked[-1][0].values()), default=None) if asked else None,
        logged=notefacts.logged(its),
        # What was told of an action before there was an interview is no first news of it.
        told_child_at=notefacts.since(its, "told_child", began) if began is not None else None,
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


def _asked(tx: Transaction, c: Conversation, held: Iterable[Alert]) -> tuple[Matter, ...]:
    """In text-safe a person was wanted: their first own words after it are the answer (R35). Once it is decided, by a manager
    where one must, silence is a choice of theirs (decisions 4): what nobody wrote is owed no more.
    """
    wanted = [one for one in held if one.level >= Level.L2]
    if not wanted or conversations.contact_of(tx, c.id).store is not Service.TEXT_SAFE:
        return ()
    spoken = [one.at for one in messages.of(tx, c.id) if one.direction is Direction.OUT and one.by != "bot"]
    answered = ((one, min((at for at in spoken if at >= one.opened_at), default=None)) for one in wanted)
    return tuple(
        Matter(one.id, one.opened_at, at, one.level.name)
        for one, at in answered
        if at is not None or deadline_alerts.flag(one).decided_at is None
    )
