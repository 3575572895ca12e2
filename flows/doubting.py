"""What puts in doubt that a child is safe, in words that are no plain answer: a fear, a hedge, a "not".

Pure, and knows no question: which one is asked, and what is done then, `answering` decides. The words stand in `languages`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from flows import languages, spelling
from flows.spelling import Sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NEAR = 2  # words between a "not" and what it denies: "not scared", "not in danger"
_LONGEST = 3  # words of a hedge
_WITHIN = 4  # words behind a yes or no in which a hedge is about it
_BEGUN_IN = 3  # words in which a stranger says that they are one: "thats not me"
_BEGINS = 5  # words of what only begins a sentence
_END = 4  # words of a wish to say no more
_WITHDRAWN: Final = frozenset({"made", "making", "lied", "lying", "jk", "joking", "kidding", "wrong", "mean", "true"})
_WISHES = 8  # of a text that are looked at: what speaks against one stands beside the others too
_SHORT = 4  # words up to which a text tells nothing beside its fear or hedge
_KEEP: Final = frozenset({"dont tell", "dont say", "not tell", "dont snitch", "dont grass"})
_IS: Final = frozenset({"is", "are", "r", "was", "were", "shes", "hes", "theyre"})
_UNSAID: Final = languages.NOT_TOLD | {
    "cant say",
    "cant tell",
    *("not allowed", "not to say", "not to tell", "me promise", "i promised", "promised not", "its private"),
    *("a snitch", "no snitch", "snitches", "snitching", "a grass", "grassing"),
}
# What says when it was not, or that it was their own doing: it was something.
_AFTER_ALL: Final = frozenset(
    {
        *("not at first", "not today", "not tonight", "not this time", "not lately", "not always", "not every"),
        *("just once", "just the once", "just the one", "more than usual", "more than normal"),
        *("i wanted it", "i wanted to", "i liked it", "i let him", "i let them", "because i wanted", "cos i wanted"),
    }
)
_NO_BOTHER: Final = frozenset(
    {"no worries", "no worry", "no problem", "no problems", "no prob", "no probs", "no rush", "no bother"}
)
_ANYBODY: Final = frozenset({"someone", "somebody", "anyone"})
_REFUSALS: Final = languages.DECLINES | languages.POLITE
_REFUSAL: Final = max(len(one.split()) for one in _REFUSALS)


def words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text as compared."""
    return tuple(spelling.bare(token.text) for token in spelling.tokens(text) if token.sort in (Sort.WORD, Sort.NUMBER))


def afraid(said: Sequence[str]) -> bool:
    """Whether a fear is said that no "not" denies."""
    near = ((word, said[max(0, at - _NEAR) : at]) for at, word in enumerate(said))
    return any(word in languages.AFRAID and languages.NOT.isdisjoint(before) for word, before in near)


def unwell(said: Sequence[str]) -> bool:
    """Whether they say that they are afraid, or are not well: "yeah im not ok", but not "nah im good"."""
    denies = languages.NOT - languages.NO_ALONE
    near = (said[at + 1 : at + 1 + _NEAR] for at, word in enumerate(said) if word in denies)
    return afraid(said) or any(not languages.WELL.isdisjoint(behind) for behind in near)


def fears(said: Sequence[str]) -> bool:
    """Whether behind the "no" in front there is a fear, or that they are not well: "no im scared", "nah im not ok"."""
    return unwell(said[1:] if said[:1] and said[0] in languages.NO_ALONE else said)


def asks_for_another(said: Sequence[str]) -> bool:
    """Whether the "no" in front is to whom, and not to anybody: "nah someone else", "no can somebody call me"."""
    asked = without_no(said)
    return len(asked) < len(said) and not _ANYBODY.isdisjoint(asked[:3])


def no_bother(said: Sequence[str]) -> bool:
    """Whether the "no" in front is of any trouble it would be: "no problem"."""
    return " ".join(said[:2]) in _NO_BOTHER


def not_understood(rest: Sequence[str]) -> bool:
    """Whether the "no" in front of these is of our words: "no entiendo", "nie mowie po angielsku"."""
    return limited(rest, languages.NOT_UNDERSTOOD)


def limited(said: Sequence[str], known: frozenset[str]) -> bool:
    """Whether one of the known words stands near: "im safe for now", but not "my mum is asleep and i am only ..."."""
    return any(part in known for part in _parts(said[: _WITHIN + _LONGEST - 1], _WITHIN))


def takes_from(said: Sequence[str]) -> bool:
    """Whether words beside an answer take anything from it: "but not at night", "not weekends"."""
    return limited(said, languages.LIMITS) or not languages.NOT.isdisjoint(said)


def depends(said: Sequence[str]) -> bool:
    """Whether words beside an answer say when it holds, or beside whom: "dads at work", "when im on the bus"."""
    return not (languages.COMES | languages.ANOTHER_TIME).isdisjoint(said)


def hedged(said: Sequence[str], *, after_yes: bool) -> bool:
    """Whether something is taken from a yes. Without one, "but" and "only" take nothing."""
    known = languages.LIMITS | languages.HEDGES
    return any(part in known and (after_yes or part not in languages.LINKS) for part in _parts(said, len(said)))


def denied(said: Sequence[str]) -> bool:
    """Whether there is a "not" that is more than a plea to tell nobody or a thank you, and denies no fear."""
    return not declines(said) and any(
        word in languages.NOT
        and " ".join(said[at : at + 2]) not in languages.PLEAS
        and languages.AFRAID.isdisjoint(said[at + 1 : at + 1 + _NEAR])
        for at, word in enumerate(said)
    )


def short(said: Sequence[str]) -> bool:
    """Whether a text is too short to tell on beside its fear or hedge."""
    return len(said) <= _SHORT


def pleads(said: Sequence[str]) -> bool:
    """Whether the "no" in front asks something of us, or soothes: it answers nothing."""
    return " ".join(said[:2]) in languages.PLEAS


def asks_to_keep(rest: Sequence[str]) -> bool:
    """Whether what stands behind a "no" asks us to tell nobody, which says that there is something: "no pls dont tell mum"."""
    first = next((at for at, word in enumerate(rest) if word not in languages.COURTESY), 0)
    return " ".join(rest[first : first + 2]) in _KEEP


def declines(said: Sequence[str]) -> bool:
    """Whether a text is wholly a "no" to an offer: "nah im good thanks", but not "no im fine but hes here"."""
    if " ".join(said) in languages.ALL_WELL:
        return True
    no = bool(said) and said[0] in languages.NOT
    polite = _polite_from(said)
    return no and any(
        " ".join(said[1:at]) in languages.DECLINES for at in range(2, min(len(said), 1 + _REFUSAL) + 1) if at >= polite
    )


def refuses(said: Sequence[str]) -> bool:
    """Whether a text is wholly a polite "no" to help that is on its way: "no thanks", "nah dw", "no i just want the numbers"."""
    if not said or said[0] not in languages.NOT:
        return False
    numbers = languages.NUMBERS_ONLY.issuperset(said[1:]) and not languages.NUMBERS.isdisjoint(said[1:])
    return numbers or _is_refusal(said[1:])


def _is_refusal(said: Sequence[str]) -> bool:
    """Whether refusals one after the other, courtesy aside, are all there is, and one at least is."""
    ends = {0}
    for at in range(len(said)):
        if at in ends:
            reached = range(at + 1, min(at + _REFUSAL, len(said)) + 1)
            ends.update(end for end in reached if " ".join(said[at:end]) in _REFUSALS)
    return max(ends) > 0 and max(ends) >= _polite_from(said)


def _polite_from(said: Sequence[str]) -> int:
    """The place from which there is courtesy alone."""
    return max((at + 1 for at, word in enumerate(said) if word not in languages.COURTESY), default=0)


def soothes(said: Sequence[str]) -> bool:
    """Whether what stands behind the "no" soothes, and nothing takes from that: "nah its fine hes nice", not "no im fine but"."""
    rest = said[1:]
    if (
        not said
        or said[0] not in languages.NO_ALONE
        or afraid(rest)
        or not languages.LIMITS.isdisjoint(_parts(rest, len(rest)))
    ):
        return False
    return any(" ".join(rest[:length]) in languages.DECLINES for length in range(1, min(len(rest), _REFUSAL) + 1))


def of_who_is_well(rest: Sequence[str]) -> bool:
    """Whether what stands behind somebody whom a child names says that they are well: "my sister", and "is fine" behind it."""
    return not _IS.isdisjoint(rest) and not languages.WELL.isdisjoint(rest) and (_IS | languages.WELL).issuperset(rest)


def ends(said: Sequence[str]) -> bool:
    """Whether a text wishes to say no more, or takes back what was told: "i dont wanna talk", "actually hes nice forget it". What
    others say or do is none ("he says i made it up", "he wont leave it"), nor what stands beside a danger ("hes here dont ask").
    """
    return any(True for _ in _ends(said))


def withdraws(said: Sequence[str]) -> bool:
    """Whether a text takes back what was told: "i made it up", "i lied", but not "leave it"."""
    return any(not _WITHDRAWN.isdisjoint(wish) for wish in _ends(said))


def _ends(said: Sequence[str]) -> Iterator[Sequence[str]]:
    spans = ((at, end) for at in range(len(said)) for end in range(at + 1, min(at + _END, len(said)) + 1))
    wishes = (span for span in spans if " ".join(said[slice(*span)]) in languages.NO_MORE)
    return (said[at:end] for at, end in islice(wishes, _WISHES) if _is_own(said[:at], said[end:]))


def _is_own(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the words between these are the child's own and said to us, with nothing beside them that is worse."""
    who = next((word for word in reversed(before) if word not in languages.BETWEEN), "")
    to_others = after[:1] == ("to",) and not languages.US.issuperset(after[1:2])
    rest = (*before, *after)
    worse = (
        afraid(rest) or not (languages.NOT - languages.NAUGHT).isdisjoint(rest) or not languages.WORSE.isdisjoint(rest)
    )
    return not (who in languages.OTHERS_SAY or who in languages.COMES or to_others or worse)


def keeps_back(said: Sequence[str]) -> bool:
    """Whether a "no" only declines to answer: "nah why", "no im not telling u", but neither "no wait" nor "no hes here". Nor a
    bare "no": it may be meant for the question before, and a person's minutes are the smaller loss.
    """
    rest = said[1:]
    if not said or said[0] not in languages.NOT or afraid(rest) or not languages.COMES.isdisjoint(rest):
        return False
    told_not = any(part in languages.NOT_TOLD for part in _parts(rest, len(rest)))
    return bool(rest) and (rest[0] in languages.ASKS_BACK or told_not or refuses(said))


def begins(said: Sequence[str]) -> bool:
    """Whether the "no" in front only begins a sentence: "no one can help"."""
    return any(" ".join(said[:length]) in languages.BEGUN for length in range(2, _BEGINS + 1))


def of_nobody(said: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether the "no" in front is a sentence about nobody or nothing that goes on by `rest`: "nobody i can say", "nothing bad
    just him", "no one cares", but neither "nobody tbh" nor "no one made me".
    """
    head, behind = tuple(said[: len(said) - len(rest)]), tuple(rest)
    if head[-1:] == ("no",) and behind[:1] == ("one",):
        head, behind = (*head, "one"), behind[1:]
    about = (languages.NAUGHT - languages.NO_ALONE) | {"one"}
    if not behind or about.isdisjoint(head):
        return False
    goes_on = head[-1] in about and behind[0] not in languages.SAYS_SO | languages.COURTESY
    return goes_on or behind[0] == "just"


def leaves_unsaid(said: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether the "no" in front denies nothing: it is about nobody, or behind it there is a fear or a secret."""
    unsaid = any(part in _UNSAID for part in _parts(rest, len(rest)))
    in_part = any(" ".join(rest[:length]) in languages.IN_PART | _AFTER_ALL for length in range(1, _LONGEST + 1))
    of_one = rest[:1] == ("just",) and not languages.COMES.isdisjoint(rest[1:3])
    return unsaid or in_part or of_one or of_nobody(said, rest)


def not_all(said: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether "none of them" has one beside it: "nah nothing to eat", "had everything except food"."""
    return len(rest) < len(said) and (of_nobody(said, rest) or limited(rest, languages.LIMITS))


def limit_first(said: Sequence[str]) -> bool:
    """Whether a text goes on an answer by taking something from it: "but hes coming back", but not "but why"."""
    if any(" ".join(said[:length]) in languages.GOES_ON for length in range(1, _LONGEST + 1)):
        return True
    then = behind_but(said)
    return not languages.COMES.isdisjoint(then) or afraid(then) or hedged(then, after_yes=False)


def without_no(said: Sequence[str]) -> tuple[str, ...]:
    """What a text asks for behind the "no" in front: "can u call me" of "no can u call me", but nothing of "no calls"."""
    no = bool(said) and said[0] in languages.NO_ALONE
    rest = tuple(said[1:])
    while rest and rest[0] in languages.COURTESY:
        rest = rest[1:]
    thanked = 0 < len(rest) < len(said) - 1
    asks = bool(rest) and (thanked or rest[0] in languages.ASKS or rest[-1] in languages.INSTEAD)
    return rest if no and asks else tuple(said)


def of_self(said: Sequence[str]) -> bool:
    """Whether whoever begins as a stranger goes on to speak of themselves: "thats not me who did it", "but call me on mums"."""
    return not languages.OF_SELF.isdisjoint(said[_BEGUN_IN:])


def behind_but(said: Sequence[str]) -> tuple[str, ...]:
    """What stands behind the "but" in front ("sorry but no"); nothing where there is none."""
    first = without_taking_back(said)
    return first[1:] if first and first[0] in languages.BUT else ()


def without_taking_back(said: Sequence[str]) -> tuple[str, ...]:
    """What is left when the words by which an answer is taken back are off: "no" of "sorry i meant no"."""
    known = languages.TAKES_BACK | languages.BESIDE_IT
    at = 0
    while at < len(said) and said[at] in known:
        at += 1
    return tuple(said[at:])


def in_part(said: Sequence[str]) -> bool:
    """Whether a short text says that it was so in part: "kinda", "a bit scary at night"."""
    heads = (" ".join(said[:length]) for length in range(1, min(len(said), _LONGEST) + 1))
    return len(said) <= _SHORT + 1 and any(head in languages.IN_PART for head in heads)


def fits_none(said: Sequence[str]) -> bool:
    """Whether a text says that nothing of a list fits, courtesy aside: "none of them", "nah im good thanks"."""
    ends = range(max(_polite_from(said), 1), len(said) + 1)
    return any(" ".join(said[:end]) in languages.NONE_FITS for end in ends) or declines(said)


def takes_back(said: Sequence[str]) -> bool:
    """Whether a text says that it is about an answer that was given: "actually yes", "1 for the one before"."""
    taken = said[: len(said) - len(without_taking_back(said))]
    return not languages.TAKES_BACK.isdisjoint(taken) or any(
        part in languages.THE_LAST for part in _parts(said, len(said))
    )


def _parts(said: Sequence[str], first: int) -> Iterator[str]:
    for at in range(first):
        yield from (" ".join(said[at : at + length]) for length in range(1, _LONGEST + 1))
