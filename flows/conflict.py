"""A concern about somebody in trust, who may be one of us (D22): who must not hear of it, and which ladder is left. Pure.

A machine cannot read off a child's words whether "the night staff" works here. So it errs to the child's side, and in two
steps that differ in what they cost. *Kept away* from this child and this alert: everybody it could be - whoever is named,
whoever holds the chat, the worker the child had before - and everybody above them whom they answer to (domain 3.3, D22).
*Access ends*: only who is named beside the words that made the concern; a name elsewhere may be whom the child turns to.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows import namesakes
from flows.model import MANAGERS, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flows.model import Category, Concern, Hit, Ladder, OnDuty

# Code points between a name and the words that made the concern, within which one speaks of the other.
NEAR: Final = 16
# Whom a child may mean by the one who reads: somebody who works here.
_OF_US: Final = re.compile(
    r"\b(staff|\w*workers?|carers?|volunteers?|mentors?|coach|colleagues?|managers?|supervisors?|(?:ur|your) team|"
    r"works? (?:for|with) (?:you|u))\b",
    re.IGNORECASE,
)
# Right before a name, these say that it is one: "your worker sue", "a lady called may".
_SAYS_NAME: Final = re.compile(
    r"\b(\w*worker|staff|carer|volunteer|mentor|colleague|manager|called|named|name is)\s+\Z", re.IGNORECASE
)
# "The staff will hit me" names nobody, whoever is called Will.
_MODAL: Final = frozenset(["can", "will", "may"])
# These say it of those as well: "it was can", and, behind the name, what is done to the child: "can hits me", "ben beni".
_IT_WAS: Final = re.compile(r"\b(it was|its|it['\u2019]s|it is|called|named|name is)\s+\Z", re.IGNORECASE)
_DOES: Final = re.compile(
    r"\s+((keeps?|always|just|then|has|have|had|is|was) )*(\w+(s|ed|ing)|hit|hurt|beat) (on |at )?(me|us|my)\b",
    re.IGNORECASE,
)
_TO_ME: Final = re.compile(r"\s+(me|mi|ma|m\u0103|mnie|mene|beni|bana|mujhe|mane|mainu|amake)\b", re.IGNORECASE)
# "I", and a verb that ends in "me": nobody says that of themselves (Arabic in Roman letters, "ana btedrebni").
_I: Final = frozenset(["ana"])
_TO_ME_IN_IT: Final = re.compile(r"\s+\w{3,}ni\b", re.IGNORECASE)
_ACCENT: Final = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
# Whoever reads did it: what stands between the word for them and what was done names nobody else.
_YOU: Final = re.compile(
    r"(\b(you|u|ya|yous|youve|youre|ur)(['\u2019](ve|re|d|ll))?( (who|that|have|had|did|do|keep|kept|always|just|went|and|"
    r"would|will|try|tried|to|then|really|literally|are|were|was|been|all|also|even|once|never|only|still|like|got|get|made|me))*"
    r"|^\W*(please |pls )?(stop|dont|don['\u2019]t|quit)( you)?"
    r"|\b(tu|vous|usted|t\u00fa|vos|voc\u00ea|vc|ty|sen|siz|ti|ju|adiga)( \w+)?"
    r"|(\u0625\u0646\u062a|\u0627\u0646\u062a|\u0623\u0646\u062a)\w?( \w+)?)\s*\Z",
    re.IGNORECASE,
)
# Beside an answer without words for what was done ("are you safe?" "no, i told ann"), whoever is only told of or asked for; where
# anything is denied it may be whom they fear.
_CALLS_ON: Final = re.compile(
    r"\b(told|tell|want|need|like|love|trust|miss|where(['\u2019]?s| is)|(talk|talked|speak|spoke) (to|with)|rang|ring|call(ed)?)"
    r"\s+\Z",
    re.IGNORECASE,
)
_IS_TOLD: Final = re.compile(r"\s+(already )?(knows|knew)\b", re.IGNORECASE)
_DENIED: Final = re.compile(
    r"\b(not|never|hate|cannot|used to|thought|(it['\u2019]?s|is|was) like|(do|does|did|ca|wo|is|was)n['\u2019]?t)\b"
    r"|\bno (more|longer)\b|\b(want|need|like|love) (\S+ ){1,2}gone\b",
    re.IGNORECASE,
)
_OVER: Final = re.compile(r"(\W+(back|again|pls|please|now|already|too|gone|about it|everything))*\W*\Z", re.IGNORECASE)
# What was done by somebody of their own ("i told you he hit me") was not done by whoever reads.
_BY_OTHERS: Final = re.compile(
    r"(hes?|shes?|they|it|we|i|my|his|her|their|our|this|that|an?|the|some\w*|dad\w*|mum\w*|mom\w*|step\w*|uncle|aunt\w*|bro\w*|"
    r"sis\w*|cousin|grand\w*|nan|mates?|friends?|boyfriend|girlfriend|bf|gf|man|men|boys?|lads?)\b",
    re.IGNORECASE,
)
_IT_WAS_YOU: Final = re.compile(
    r"\b(it was|it is|its|it['\u2019]s|i mean|i meant|about|because of) (you|u)\b|\b(you|u) (did|done) (it|this|that)\b",
    re.IGNORECASE,
)
# Shorter parts of a name are words of a language, but where the words are about somebody who works here.
_SHORTEST: Final = 3
_SHORTEST_OF_US: Final = 2
# Minutes from the text to the call.
CALL_AFTER: Final = 3
# After the last manager of a ladder that has no service manager.
_LAST_AFTER: Final = 15


def in_trust(categories: Mapping[str, Category]) -> frozenset[str]:
    """The codes of concerns that may be about one of us, as the library marks them."""
    return frozenset(code for code, one in categories.items() if one.conflict)


def is_one(
    concern: Concern, text: str, names: Iterable[str], codes: frozenset[str], words: frozenset[str] = namesakes.ALWAYS
) -> bool:
    """Whether a concern may be about one of us: it is about somebody in trust, or has one of our names beside it.

    A child who says a worker's name to them ("Rosa, my dad hit me") is taken so as well: they get a manager instead.
    """
    if codes & set(concern.categories):
        return True
    return bool(_beside(text, names, concern.evidence, of_us=of_us(text), words=words))


def words(concern: Concern, read_in: str | None) -> frozenset[str]:
    """The names that are everyday words where a text was heard as it was: they count only with a capital inside a sentence,
    behind what says that they are names, or before what was done to the child: access hangs on it, and whoever is on duty would
    not be told.
    """
    return namesakes.of(namesakes.tongues((hit for hit in concern.evidence if hit.level >= Level.L2), read_in))


def of_us(text: str) -> bool:
    """Whether a text speaks of somebody who works with children, as a child says it: what could be a name is one then."""
    return bool(_OF_US.search(text))


def to_reader(text: str, concern: Concern) -> bool:
    """Whether the child tells whoever reads that they did it ("you touched me", "stop touching me"). Taken wrongly, a child gets
    another worker; missed, they are left with this one.
    """
    grave = (hit for hit in concern.evidence if hit.level >= Level.L2)
    return any(_YOU.search(text[: hit.start]) and not _BY_OTHERS.match(text, hit.start) for hit in grave)


def is_reader(text: str) -> bool:
    """Whether the child says afterwards that it was whoever reads."""
    return bool(_IT_WAS_YOU.search(text))


def named(
    text: str, names: Iterable[str], *, of_us: bool = False, words: frozenset[str] = namesakes.ALWAYS
) -> dict[str, tuple[int, ...]]:
    """Which of these people stand in a text, and where; by any part of their name, whole, in any case and without accents.

    `of_us`: the words are about somebody who works here, so that a word or two letters may well be a name. `words`: names that
    are words, here.
    """
    plain = _plain(text)
    found = {name: tuple(_places(text, plain, name, of_us=of_us, words=words)) for name in names}
    return {name: places for name, places in found.items() if places}


def accused(
    text: str,
    names: Iterable[str],
    evidence: Iterable[Hit],
    codes: frozenset[str],
    words: frozenset[str] = namesakes.ALWAYS,
) -> tuple[str, ...]:
    """Who is named beside the words about somebody in trust."""
    return _beside(text, names, [hit for hit in evidence if hit.category in codes], words=words)


def _beside(
    text: str, names: Iterable[str], hits: Iterable[Hit], *, of_us: bool = False, words: frozenset[str]
) -> tuple[str, ...]:
    grave = [hit for hit in hits if hit.level >= Level.L2]
    standing = named(text, names, of_us=of_us, words=words).items()
    return tuple(name for name, places in standing if any(_speaks_of(text, at, hit) for at in places for hit in grave))


def _speaks_of(text: str, place: int, hit: Hit) -> bool:
    """Whether a hit is about who is named at a place. An answer has no words of its own: it is, but where they are called on."""
    return _near(place, hit) and (hit.end > hit.start or not _is_called_on(text, place))


def _is_called_on(text: str, place: int) -> bool:
    name = re.match(r"\S+?(?=\W*(\s|\Z))", text[place:])
    if name is None or _DENIED.search(text):
        return False
    end = place + name.end()
    told = _IS_TOLD.match(text, end)
    if told is None and not _CALLS_ON.search(text[:place]):
        return False
    after = told.end() if told else end
    return bool(_OVER.match(text, after) or _BY_OTHERS.match(text[after:].lstrip(" ,.;:!")))


def ladder(whole: Ladder) -> Ladder:
    """The same ladder with the managers alone: the first of them at once, the others as long after as they were.

    From L3 on each is called three minutes after the text, where the ladder had no call for them.
    """
    kept = [rung for rung in whole.rungs if set(rung.roles) & set(MANAGERS)]
    if not kept:
        return whole
    if not any(MANAGERS[-1] in rung.roles for rung in kept):
        # Every other manager may be in somebody's line: the last rung is whoever answers for all.
        last = kept[-1]
        kept.append(replace(last, after_minutes=last.after_minutes + _LAST_AFTER, roles=(MANAGERS[-1],)))
    first = min(rung.after_minutes for rung in kept)
    rungs = [replace(one, after_minutes=one.after_minutes - first, roles=_managers(one.roles)) for one in kept]
    called = {one.roles for one in rungs if one.method == "voice"}
    if whole.level >= Level.L3:
        more = [one for one in rungs if one.roles not in called]
        rungs += [replace(one, after_minutes=one.after_minutes + CALL_AFTER, method="voice") for one in more]
    return replace(whole, rungs=tuple(sorted(rungs, key=lambda one: one.after_minutes)))


def tiers(people: Iterable[OnDuty]) -> tuple[tuple[OnDuty, ...], ...]:
    """Whom to page of those who may hear of it, best first: managers; without one anybody, in a manager's place."""
    there = tuple(people)
    managers = tuple(one for one in there if one.role in MANAGERS)
    return managers, tuple(replace(one, role=MANAGERS[0]) for one in there)


def _managers(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if role in MANAGERS)


def _places(text: str, plain: str, name: str, *, of_us: bool, words: frozenset[str]) -> Iterator[int]:
    for part in {name, *re.split(r"[\s-]+", name)}:
        if len(part) >= (_SHORTEST_OF_US if of_us else _SHORTEST):
            found = re.finditer(rf"(?<!\w){re.escape(_plain(part))}(?!\w)", plain)
            yield from (match.start() for match in found if of_us or _is_name(text, match, words))


def _is_name(text: str, match: re.Match[str], words: frozenset[str]) -> bool:
    if not _is_word(text, match, words) or (match.start() > 0 and text[match.start()].isupper()):
        return True
    before = text[: match.start()]
    done = _DOES.match(text, match.end())
    if _IT_WAS.search(before) or (match[0] not in namesakes.ALWAYS and _TO_ME.match(text, match.end())):
        return True
    if match[0] in _I and _TO_ME_IN_IT.match(text, match.end()):
        return True
    if match[0] in _MODAL:
        return done is not None and done[4] is not None  # "he will hurt me"
    return done is not None or bool(_SAYS_NAME.search(before))


def _is_word(text: str, match: re.Match[str], words: frozenset[str]) -> bool:
    """Whether it is spelt as an everyday word: with that word's accents, where the text is written with any."""
    if _ACCENT.search(text):
        return text[match.start() : match.end()].lower() in words
    return match[0] in words or match[0] in map(_plain, words)


def _plain(text: str) -> str:
    """Small letters without accents, each where it stood."""
    return "".join(_letter(mark) for mark in text)


def _letter(mark: str) -> str:
    small = unicodedata.normalize("NFKD", mark.lower())[:1]
    return small or mark


def _near(place: int, hit: Hit) -> bool:
    return hit.start - NEAR <= place <= hit.end + NEAR
