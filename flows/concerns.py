"""From what listening found, or what an answer means, to a concern: its level, its categories, what it does to the chat.

May only raise (domain 3.3): no rule here makes anything less worrying than the words were. Names no category: what each
one does is a row of `library/categories.yaml`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import conditions, doubting, facts
from flows.listening import explain
from flows.matching import Match, Reading
from flows.model import WEIGHED, Concern, Guard, Heard, Hit, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from flows.model import Category, Conversation, Library, Outcome, Step

_SHORT: Final = 6  # words up to which an answer means little without its question
_BESIDE: Final = 1  # words beside an option that leave it the answer: "i planned it innit"
_ORDER = (Guard.NONE, Guard.PAUSE, Guard.SOFT_LOCK, Guard.LOCK)


def stronger(one: Guard, other: Guard) -> Guard:
    """The guard that asks less of a child."""
    return max(one, other, key=_ORDER.index)


def raised(hit: Hit, category: Category | None, conversation: Conversation, values: Mapping[str, object]) -> Level:
    """A hit's level for this child. Doubtful hits are never raised (decisions 6)."""
    if category is None or hit.doubt is not None:
        return hit.level
    level = hit.level
    for when, least in category.raises:
        if conditions.holds(when, values):
            level = max(level, least)
    if level is Level.L2 and category.raised_by_age and facts.early(conversation):
        level = Level.L3
    return level


def says_who_is_there(hit: Hit, categories: Mapping[str, Category]) -> bool:
    """Whether a find is no more than that somebody is there for now: below L2, of what silences."""
    quiet = hit.category in categories and categories[hit.category].quiet
    return quiet and hit.doubt is None and hit.level is Level.L1


def _low_again(library: Library, conversation: Conversation, heard: Heard, at: datetime) -> bool:
    """Two L1 within 24 hours, or an L1 where there was an L3 in the last 90 days, are read the same day (decisions 6). Who is
    there is no worry of its own, and counts as neither of the two.
    """
    window = at - timedelta(hours=library.limits["low_window_hours"])
    low = any(not says_who_is_there(hit, library.categories) for hit in heard.hits)
    return "prior_l3" in conversation.facts or (low and any(seen > window for seen in conversation.low_at))


def guard_of(hits: Iterable[tuple[Hit, Level]], categories: Mapping[str, Category]) -> Guard:
    """What the asserted hits do to the chat; a doubtful one never locks (domain T20). What the weights alone page for does: they
    doubt nothing that was said, and if it is true the next question, ours or a worker's, would be a leading one.
    """
    guard = Guard.NONE
    for hit, level in hits:
        category = categories.get(hit.category)
        surely = hit.doubt is None or (hit.doubt == WEIGHED and level >= Level.L3)
        if category is not None and surely and level >= category.guard_from:
            guard = stronger(guard, category.guard)
    return guard


def weights_may(step: Step, answer: Match, text: str) -> Level:
    """The most that the weights alone may raise for a text to the open question. They learnt from whole messages, and "my sister
    n her bf" means what was asked: to a choice with such answers a person reads a short one; an option's own words are it.
    """
    if "everyday" not in step.tags or len(doubting.words(text)) > _SHORT:
        return Level.L4
    chosen = bool(step.options) and answer.kind in (Reading.ANSWER, Reading.BESIDE) and not text.lstrip()[:1].isdigit()
    return Level.L0 if chosen and len(doubting.words(answer.rest)) <= _BESIDE else Level.L2


def at_most(heard: Heard, most: Level) -> Heard:
    """`heard` with what the weights alone found held down to `most`. Phrases stay what they are."""
    if all(hit.doubt != WEIGHED or hit.level <= most for hit in heard.hits):
        return heard
    held = (hit if hit.doubt != WEIGHED else replace(hit, level=min(hit.level, most)) for hit in heard.hits)
    return replace(heard, hits=tuple(hit for hit in held if hit.level), reason=explain.at_most(heard.reason, most))


def from_words(
    library: Library,
    conversation: Conversation,
    heard: Heard,
    at: datetime,
    values: Mapping[str, object],
) -> Concern | None:
    """The concern of one text. None when nothing was found."""
    levels = [(hit, raised(hit, library.categories.get(hit.category), conversation, values)) for hit in heard.hits]
    detected = max((level for _, level in levels), default=Level.L0)
    if detected is Level.L1 and _low_again(library, conversation, heard, at):
        detected = Level.L2
    level = max(detected, Level.L2) if heard.unscreened else detected
    if level is Level.L0:
        return None
    codes = tuple(dict.fromkeys(hit.category for hit, _ in levels))
    return Concern(
        level=level,
        detected=detected,
        categories=codes,
        evidence=tuple(hit for hit, _ in levels),
        guard=guard_of(levels, library.categories),
        reason=heard.reason,
        unscreened=heard.unscreened is not None,
        night_page=any(code in library.categories and library.categories[code].night_page for code in codes),
    )


def from_answer(outcomes: Iterable[Outcome], question: str, conversation: Conversation) -> Concern | None:
    """The concern that an answer is by itself (domain "Branches and what an answer does"). One that asks for a person, and says
    nothing else, is no evidence of anything: a name beside it is whom the child wants.
    """
    level, guard, night, codes = Level.L0, Guard.NONE, False, list[str]()
    rows = tuple(outcomes)
    for row in rows:
        night = night or row.night_page
        high = row.asserted and row.level is Level.L2 and facts.early(conversation)
        level = max(level, Level.L3 if high else row.level)
        guard = stronger(guard, row.guard)
        codes.extend(row.categories)
    if level is Level.L0:
        return None
    rule = f"answer:{question}"
    codes = list(dict.fromkeys(codes))
    told = codes or ([""] if any(row.level and not _asks_for_person(row) for row in rows) else [])
    evidence = tuple(Hit(category=code, level=level, start=0, end=0, rule=rule) for code in told)
    return Concern(level, level, tuple(codes), evidence, guard, reason=rule, night_page=night)


def _asks_for_person(row: Outcome) -> bool:
    """As the command PERSON does: at any hour, for nothing in particular."""
    return row.to_person and row.night_page and not (row.asserted or row.categories or row.tasks)


def plain(
    level: Level, reason: str, categories: tuple[str, ...] = (), guard: Guard = Guard.NONE, *, night_page: bool = False
) -> Concern:
    """A concern that is neither words nor an answer: a child asked for a person, a photo came, silence was chosen."""
    return Concern(level, level, categories, (), guard, reason, night_page=night_page)


def merged(one: Concern | None, other: Concern | None) -> Concern | None:
    """Both at once: the higher level, every category, the stronger guard."""
    if one is None or other is None:
        return one or other
    return Concern(
        level=max(one.level, other.level),
        detected=max(one.detected, other.detected),
        categories=tuple(dict.fromkeys(one.categories + other.categories)),
        evidence=one.evidence + other.evidence,
        guard=stronger(one.guard, other.guard),
        reason="; ".join(part for part in (one.reason, other.reason) if part),
        unscreened=one.unscreened or other.unscreened,
        night_page=one.night_page or other.night_page,
        page_now=one.page_now or other.page_now,
    )
