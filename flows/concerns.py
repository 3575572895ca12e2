"""From what listening found, or what an answer means, to a concern: its level, its categories, what it does to the chat.

May only raise (domain 3.3): no rule here makes anything less worrying than the words were. Names no category: what each
one does is a row of `library/categories.yaml`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import conditions, doubting, facts, languages
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


def in_answer(heard: Heard, step: Step, answer: Match, text: str, categories: Mapping[str, Category]) -> Heard:
    """`heard` of a text to the open question. The weights learnt from whole messages; a short answer where everyday ones are due
    names people ("my sister n her bf") or is an option's own words. What they make of others is then for a person to read,
    and what is no more than that is nothing beside an option. What it tells of the child counts as ever, as phrases do.
    """
    if "everyday" not in step.tags or len(doubting.words(text)) > _SHORT:
        return heard
    chosen = _is_chosen(step, answer, text)
    hits = tuple(_meant(hit, categories, chosen=chosen) for hit in heard.hits)
    if hits == heard.hits:
        return heard
    most = max(hit.level for hit in hits if hit.doubt == WEIGHED)
    return replace(heard, hits=tuple(filter(_counts, hits)), reason=explain.at_most(heard.reason, most))


def _meant(hit: Hit, categories: Mapping[str, Category], *, chosen: bool) -> Hit:
    if hit.doubt != WEIGHED or hit.level < Level.L2:
        return hit
    if chosen and hit.level is Level.L2:
        return replace(hit, level=Level.L0)
    of_others = hit.category in categories and categories[hit.category].of_others
    return replace(hit, level=Level.L2) if of_others else hit


def _counts(hit: Hit) -> bool:
    return hit.level > Level.L0


def _is_chosen(step: Step, answer: Match, text: str) -> bool:
    """Whether a text is an option's own words and no more than one beside: "i planned it innit", but not "i had to strip"."""
    if not step.options or answer.kind not in (Reading.ANSWER, Reading.BESIDE) or text.lstrip()[:1].isdigit():
        return False
    said, rest = doubting.words(text), doubting.words(answer.rest)
    before = said[: len(said) - len(rest)]
    return len(rest) <= _BESIDE and not (rest and languages.LEADS_ON.issuperset(before[-1:]))


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
