"""What a text says to the open question: one of the offered answers, some of them, a skip, or nothing clear.

Nothing here may guess: where two readings are possible the answer is unclear and the question is asked again. Nothing
here may keep words from being listened to: only `Match.whole` says that there is nothing beside the answer
(decisions 2). No question key and no word of any language stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from flows import agenda, amounts, doubting, languages, offering, several, spelling
from flows.model import Kind, Option
from flows.remembering import remembered
from flows.spelling import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.model import Step, Value
    from flows.spelling import Token

# Characters of a free answer that are shown as the answer; the message itself is kept whole (domain 3.1).
LIMIT = 1600

# Values whose one word is an answer even when a sentence follows: "no i am not".
YES, NO, UNSURE = "yes", "no", "unsure"
PLAIN_ANSWERS = frozenset({YES, NO, UNSURE})

# "2 pm" is a time.
CLOCK = frozenset({"am", "pm", "a m", "p m", "oclock"})

_SKIP = -1
_TEN = 10
_PAIR = 2
_SAME = 4  # letters from which a word of another language says an answer again
_SECOND_THOUGHT = 4  # words in which another number takes the first back
_SCALE = tuple(Option(str(point), "") for point in range(1, 6))
_DASHES = frozenset("-\u2010\u2013\u2014\u2212~")
_WITHIN = frozenset(' /&+"*_()')  # what may stand between two words of one thought


class Reading(StrEnum):
    """How a text was read. `BESIDE`: an answer, with further words that are more than the answer."""

    ANSWER = "answer"
    SKIPPED = "skipped"
    UNCLEAR = "unclear"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Match:
    """What a text answers.

    `value`: an option's value (choice, yesno), values in the order of the options (multi), 1 to 5 (scale), the child's
    words (free); None when skipped or unclear, and when a skip has words beside it. `rest`: those words as typed.
    `limited`: the words beside a yes or no take something from it ("yes for now", "yes if"). `whole`: the text was nothing but
    numbers, labels, how one label begins, and accepted words of this question, exactly; all else is to be listened to.
    """

    kind: Reading
    value: Value = None
    rest: str = ""
    whole: bool = False
    limited: bool = False


UNCLEAR = Match(Reading.UNCLEAR)


class _Pick(NamedTuple):
    """An answer found in the text: which option (`_SKIP`: 0), by how many words (0: by a number), in which tokens."""

    option: int
    words: int
    at: int
    end: int


class _Read(NamedTuple):
    """The answers at the head of a text; `left` are the tokens after them, `signs` whether an emoji stood anywhere."""

    picks: tuple[_Pick, ...]
    left: tuple[Token, ...]
    end: int
    signs: bool


@remembered
def match(step: Step, text: str) -> Match:
    """Read `text` as an answer to `step`. Total: any text to any kind of step is a `Match` (domain 3.1 "Answers")."""
    if step.kind is Kind.FREE:
        return _free(step, text)
    offer = offering.ready(step.options or (_SCALE if step.kind is Kind.SCALE else ()))
    found = spelling.tokens(text[:LIMIT])
    read = _digits_in_a_row(step, offer, found) or _head(offer, found, skippable=step.skippable)
    if not read.picks:
        return _spelled_out(step, offer, found) or (_closest(step, offer, found) if len(text) <= LIMIT else UNCLEAR)
    if _contradicts(step, offer, read, found):
        return UNCLEAR
    if any(token.sort != Sort.SIGN for token in read.left) or len(text) > LIMIT:
        if _only_its_label(offer, read, found):
            return _answer(step, offer, read.picks, whole=not read.signs)
        return _beside(step, offer, read, text)
    return _answer(step, offer, read.picks, whole=not read.signs)


def _free(step: Step, text: str) -> Match:
    found = spelling.tokens(text[:LIMIT])
    if not found:
        return UNCLEAR
    if step.skippable and len(found) == 1 and found[0].text == "0" and not found[0].signed and len(text) <= LIMIT:
        return Match(Reading.SKIPPED, whole=True)
    return Match(Reading.ANSWER, text[:LIMIT], rest=text[LIMIT:])


def _answer(step: Step, offer: offering.Offer, picks: Sequence[_Pick], *, whole: bool) -> Match:
    chosen = sorted({pick.option for pick in picks})
    if chosen == [_SKIP]:
        return Match(Reading.SKIPPED, whole=whole)
    return Match(Reading.ANSWER, _value(step, offer, chosen), whole=whole)


def _value(step: Step, offer: offering.Offer, chosen: Sequence[int]) -> Value:
    if step.kind is Kind.MULTI:
        return tuple(offer.options[at].value for at in chosen)
    if step.kind is Kind.SCALE:
        return offering.number(offer.options[chosen[0]], chosen[0])
    return offer.options[chosen[0]].value


# --- the head of a text: numbers, labels, and what joins them ---------------------------------------------------------


def _head(offer: offering.Offer, found: tuple[Token, ...], *, skippable: bool) -> _Read:
    """As many answers as stand at the head of the text with nothing but "and", "number", signs and gaps between."""
    picks: list[_Pick] = []
    at = used = 0
    signs = False
    while at < len(found):
        pick = _pick(offer, found, at, skippable=skippable)
        if pick and picks and _only_joins(offer, found, at, skippable=skippable):
            at += 1
        elif pick:
            picks.append(pick)
            at = used = pick.end
            if at < len(found):
                offer = _behind(offer, pick)
        elif found[at].sort == Sort.SIGN:
            signs, at = True, at + 1
        elif _joins(found, at, after_answer=bool(picks)):
            at += 1
        else:
            break
    left = found[used:]
    end = found[used - 1].end if used else 0
    return _Read(tuple(picks), left, end, signs or any(token.sort == Sort.SIGN for token in left))


def _behind(offer: offering.Offer, pick: _Pick) -> offering.Offer:
    """What may stand behind an answer: the short words of other languages no more ("da" is "dad" or "the"), but more of the same
    answer does: "haan sirf main" is a yes and an "only me".
    """
    same = {words: at for words, at in offer.phrases.items() if at == {pick.option} and len("".join(words)) >= _SAME}
    return offer._replace(phrases={**same, **offer.own})


def _pick(offer: offering.Offer, found: tuple[Token, ...], at: int, *, skippable: bool) -> _Pick | None:
    token = found[at]
    if token.sort == Sort.NUMBER and not _other_number(offer, found, at):
        option = _SKIP if token.text == "0" and skippable else offer.numbers.get(token.text)
        longer = _phrase(offer, found, at, shortest=2)
        if option is not None and not longer:
            return _Pick(option, 0, at, at + 1)
    amount = amounts.read(offer.options, offer.numbers, found, at)
    if amount and not _phrase(offer, found, at, shortest=2):
        return _Pick(amount.option, 0, amount.at, amount.end)
    return _phrase(offer, found, at)


def _phrase(offer: offering.Offer, found: tuple[Token, ...], at: int, shortest: int = 1) -> _Pick | None:
    """The longest label or accepted word that begins here and belongs to one option only."""
    ahead = tuple(token.text for token in found[at : at + offer.longest])
    for length in range(len(ahead), shortest - 1, -1):
        words = ahead[:length]
        options = offer.phrases.get(words) or offer.phrases.get(tuple(map(spelling.bare, words)))
        if options and len(options) == 1 and not _goes_on(found, at + length, words[-1]):
            return _Pick(next(iter(options)), length, at, at + length)
    return None


def _goes_on(found: tuple[Token, ...], at: int, last: str) -> bool:
    """Whether the end of a phrase belongs to what follows: "im not in danger" is no "im not", "y do i have to" no "y"."""
    after = found[at] if at < len(found) else None
    if after is None or after.sort != Sort.WORD or after.gap.strip():
        return False
    return last in languages.OPEN or spelling.bare(after.text) in languages.ELSE_BEFORE.get(last, ())


def _other_number(offer: offering.Offer, found: tuple[Token, ...], at: int) -> bool:
    """Whether a number is no option's: negative, money, a part of a word ("2nite", "4pm", "1st")."""
    if found[at].signed:
        return True
    after = found[at + 1] if at + 1 < len(found) else None
    if after is None or not after.tied or after.sort == Sort.SIGN:
        return False
    return spelling.bare(after.text) not in languages.AND and not _phrase(offer, found, at + 1)


def _joins(found: tuple[Token, ...], at: int, *, after_answer: bool) -> bool:
    word = spelling.bare(found[at].text)
    if after_answer and word in languages.AND:
        return True
    return word in languages.MARKS and at + 1 < len(found) and found[at + 1].sort == Sort.NUMBER


def _only_joins(offer: offering.Offer, found: tuple[Token, ...], at: int, *, skippable: bool) -> bool:
    """Whether a word that could be an answer joins two: "home n school"."""
    joins = spelling.bare(found[at].text) in languages.AND and at + 1 < len(found)
    return joins and _pick(offer, found, at + 1, skippable=skippable) is not None


def _digits_in_a_row(step: Step, offer: offering.Offer, found: tuple[Token, ...]) -> _Read | None:
    """Read "13" to a list of fewer than ten as 1 and 3: all of the text, no digit twice (domain 3.1)."""
    token = found[0] if found else None
    if step.kind is not Kind.MULTI or len(offer.options) >= _TEN or token is None or token.signed:
        return None
    row = token.text if token.sort == Sort.NUMBER else ""
    others = any(other.sort != Sort.SIGN for other in found[1:])
    if others or row in offer.numbers or len(set(row)) != len(row) or not set(row) <= offer.numbers.keys():
        return None
    picks = tuple(_Pick(offer.numbers[digit], 0, 0, 1) for digit in row)
    return _Read(picks, found[1:], token.end, len(found) > 1) if picks else None


# --- what must not be guessed -----------------------------------------------------------------------------------------


def _contradicts(step: Step, offer: offering.Offer, read: _Read, found: tuple[Token, ...]) -> bool:
    chosen = {pick.option for pick in read.picks}
    numbered = [pick for pick in read.picks if not pick.words]
    if _SKIP in chosen and len(chosen) > 1:
        return True
    if step.kind is Kind.MULTI:
        exclusive = any(at != _SKIP and offer.options[at].value in several.ALONE for at in chosen)
        return (exclusive and len(chosen) > 1) or _range(offer, numbered, found)
    return len(chosen) > 1 or len(numbered) > 1


def _only_its_label(offer: offering.Offer, read: _Read, found: tuple[Token, ...]) -> bool:
    """Whether a text is how the label of its one option begins, and of no other: "yes, only I" of "Yes, only I can see this"."""
    spoken = [token for token in found if token.sort != Sort.SIGN]
    if any(token.sort != Sort.WORD for token in spoken):
        return False
    begun = tuple(spelling.bare(token.text) for token in spoken)
    labels = (tuple(spelling.bare(token.text) for token in spelling.tokens(option.label)) for option in offer.options)
    return {at for at, label in enumerate(labels) if label[: len(begun)] == begun} == {
        pick.option for pick in read.picks
    }


def _range(offer: offering.Offer, numbered: Sequence[_Pick], found: tuple[Token, ...]) -> bool:
    """Whether two numbers and a dash may be two answers or three: "1-3"."""
    if len(numbered) != _PAIR or numbered[0].at == numbered[1].at:
        return False
    low, high = sorted(offering.number(offer.options[pick.option], pick.option) for pick in numbered)
    return high - low > 1 and found[numbered[1].at].gap.strip() in _DASHES


def _beside(step: Step, offer: offering.Offer, read: _Read, text: str) -> Match:
    """An answer with a sentence after it: strong enough to take, or unclear. Either way every word is listened to."""
    words = tuple(token for token in read.left if token.sort != Sort.SIGN)
    strong = _number_holds if not read.picks[-1].words else _label_holds
    if words and (text[: read.end].strip().casefold() in languages.ONLY_ALONE or not strong(step, offer, read, words)):
        return UNCLEAR
    value = _answer(step, offer, read.picks, whole=False).value
    said = [spelling.bare(token.text) for token in words]
    limited = value in PLAIN_ANSWERS and doubting.limited(said, languages.LIMITS)
    limited |= value == YES and doubting.limited(said, languages.CONDITIONS)
    rest = text[read.end :].lstrip(" \t\r\n.,:;!)]-\u200d\ufe0f\u20e3").rstrip()
    return Match(Reading.BESIDE, value, rest=rest, limited=limited)


def _number_holds(_step: Step, offer: offering.Offer, _read: _Read, words: tuple[Token, ...]) -> bool:
    """Whether a number stands, as in "2 he hits me". In "2 pm", "1 or 2", "1 sorry 2" another may be meant."""
    clock = " ".join(token.text for token in words) in CLOCK
    return words[0].sort == Sort.WORD and not words[0].tied and not clock and not _taken_back(offer, words)


def _taken_back(offer: offering.Offer, words: tuple[Token, ...]) -> bool:
    """Whether another number follows after one word, or ends a few words: "or 2", "i mean 2"."""
    offered = words[-1].text == "0" or words[-1].text in offer.numbers
    few = len(words) <= (_SECOND_THOUGHT if offered else _PAIR)
    return any(word.sort == Sort.NUMBER for word in words[1:_PAIR]) or (words[-1].sort == Sort.NUMBER and few)


def _label_holds(step: Step, offer: offering.Offer, read: _Read, words: tuple[Token, ...]) -> bool:
    """Whether a label stands: "no i am scared", to the gate "no mum is here"; but not "family friend" or "no i mean yes"."""
    if words[0].sort == Sort.NUMBER:
        return False
    if step.kind is not Kind.MULTI and _names_another(offer, read):
        return False
    last = read.picks[-1]
    option = None if last.option == _SKIP else offer.options[last.option]
    ended = any(mark not in _DASHES and mark not in _WITHIN for mark in words[0].gap)
    plain = agenda.is_gate(step) or (option is not None and option.value in PLAIN_ANSWERS)
    return last.words > 1 or ended or len(read.picks) > 1 or plain


def _names_another(offer: offering.Offer, read: _Read) -> bool:
    chosen, at = {pick.option for pick in read.picks}, 0
    if all(one == _SKIP or offer.options[one].value != YES for one in chosen):
        offer = offer._replace(phrases=offer.own)  # "no da hits me" stays a no: words from abroad take back a yes alone
    while at < len(read.left):
        other = _phrase(offer, read.left, at)
        if other is not None and other.option not in chosen:
            return True
        at = at + 1 if other is None else other.end
    return False


def _spelled_out(step: Step, offer: offering.Offer, found: tuple[Token, ...]) -> Match | None:
    """Options named otherwise: "two", "one and three", "a and c", "all of them". Never `whole`, like a slip."""
    said = [spelling.bare(token.text) for token in found if token.sort != Sort.SIGN]
    chosen = several.named(offer, said, many=step.kind is Kind.MULTI)
    return _answer(step, offer, [_Pick(option, 0, 0, 1) for option in chosen], whole=False) if chosen else None


def _closest(step: Step, offer: offering.Offer, found: tuple[Token, ...]) -> Match:
    """The one option whose label or word is a slip away from the whole text. Never `whole`: it may be another word."""
    typed = [spelling.bare(token.text) for token in found if token.sort == Sort.WORD]
    if not typed or any(token.sort == Sort.NUMBER for token in found) or len(typed) > offer.longest + 1:
        return UNCLEAR
    drawer = offer.drawers.get((len(typed), typed[0][:1]), ())
    options = {at for phrase in drawer if spelling.near(typed, phrase) for at in offer.phrases[phrase]}
    if sum(map(len, typed)) >= spelling.SHORTEST:
        options |= offer.joined.get("".join(typed), frozenset())
    if len(options) != 1:
        return UNCLEAR
    return _answer(step, offer, [_Pick(options.pop(), 1, 0, 1)], whole=False)
