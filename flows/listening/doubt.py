"""What speaks against taking a find at its word. May not find anything itself and may not raise a level.

Domain 3.3: negation, hypotheticals, another person, the past and quoting still go to a human; only jokes, games and
sayings are set aside, and never for suicide, sexual harm or "made me say".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.model import Level

if TYPE_CHECKING:
    from flows.listening.scan import Find, Scan

# Categories that no joke, game or negation may hide from a person (detection.md; domain 3.3).
NEVER_HIDDEN = frozenset({"D02", "D05", "D06", "D07"})

_REACH = 4  # how many words a negation reaches forward
_THIRD_REACH = 7
_STRONG = 2


def of(scan: Scan, find: Find) -> str | None:
    """The strongest doubt about a find, by the name in the table below; None if it is asserted."""
    for doubt, holds in (
        ("idiom", _is_idiom),
        ("negated", _is_negated),
        ("asked", _is_asked),
        ("hypothetical", _is_hypothetical),
        ("quoted", _is_quoted),
        ("past", _is_past),
        ("hearsay", _is_hearsay),
        ("third_person", _is_third_person),
    ):
        if doubt not in find.rule.keeps and holds(scan, find):
            # Told of one day only, a denial speaks of the others: it is past, and a person reads it the same day.
            return "past" if doubt == "negated" and _cue(scan, "other_times", *_sentence(scan, find)) else doubt
    return None


def capped(level: Level, category: str, doubt: str | None) -> Level:
    """The most a doubtful find may be: L1 if denied or only asked (L2 for what may not be missed), else L2; a person reads it.

    "My friend" keeps its level (domain 3.3): it may be the child, and is only never raised. "What if" is L2 (T20).
    """
    if doubt in {None, "third_person"}:
        return level
    if doubt in {"negated", "asked"} and category not in NEVER_HIDDEN:
        return min(level, Level.L1)
    return min(level, Level.L2)


def hides(find: Find, doubt: str | None) -> bool:
    """Whether the find is set aside altogether, shown to the manager as suppressed."""
    return doubt == "idiom" and find.rule.category not in NEVER_HIDDEN


def _sentence(scan: Scan, find: Find) -> tuple[int, int]:
    breaks = scan.reading.breaks
    first = find.start
    while first > 0 and breaks[first] < _STRONG:
        first -= 1
    last = find.end
    while last < len(breaks) and breaks[last] < _STRONG:
        last += 1
    return first, last


def _cue(scan: Scan, name: str, first: int, last: int) -> bool:
    return any(cue.start < last and cue.end > first for cue in scan.cues.get(name, ()))


def _is_idiom(scan: Scan, find: Find) -> bool:
    """The find lies in a saying, or its sentence names a game, film or song; never where somebody close is accused."""
    # Whoever has left since is held no more, and is on the street all the same.
    gone = scan.cues.get("gone", ()) if find.rule.category == "D01" else ()
    for cue in (*scan.cues.get("idiom", ()), *gone):
        if cue.start < find.end and cue.end > find.start and not _accuses(scan, find, cue.start, cue.end):
            return True
    return not _accuses(scan, find, 0, 0) and _cue(scan, "frame", *_sentence(scan, find))


def _accuses(scan: Scan, find: Find, first: int, last: int) -> bool:
    """Whether the find names somebody close outside the words `first` to `last` of a saying."""
    return any(scan.stands("close", at) for at in range(find.start, find.end) if not first <= at < last)


def _is_negated(scan: Scan, find: Find) -> bool:
    """A "not" of the same clause that no step of the pattern took, unless it denies something else ("dont want")."""
    if _covered(scan, "denied", find):
        return True
    taken = frozenset(find.used)
    at = find.start - 1
    while at >= 0 and find.start - at <= _REACH and not _ends_clause(scan, at):
        at -= 1
    subject = _subject(scan, find)
    nots = (place for place in range(at + 1, find.end) if place not in taken and scan.stands("not", place))
    # "No i dont need a doctor" says no twice: what a "no" answers is then denied as before. "No he wont stop" says it once.
    said = [place for place in nots if not _denies_other(scan, place)]
    if said and _answers(scan, said[-1]):
        said.pop()
    return any(place >= subject or _hands_on(scan, place, subject) for place in said)


def _subject(scan: Scan, find: Find) -> int:
    """Where the find's own clause begins: at who does it, the child too, before whom children write no full stop. -1 where none
    is told, or the language has no list of what hands a "not" on.
    """
    if "handing" not in scan.lexicon.lists:
        return -1
    before = find.start - 1
    while before > 0 and scan.stands("fillers", before) and not scan.stands("not", before):
        before -= 1
    return next(
        (at for at in (find.start, before) if at >= 0 and (scan.stands("close", at) or scan.stands("i", at))), -1
    )


def _hands_on(scan: Scan, at: int, subject: int) -> bool:
    """Whether a "not" reaches over to the clause behind it: "never did he", "not true that he", but neither "not at home he" nor
    "no im not he hits me", which answers and then tells.
    """
    between = range(at + 1, subject)
    return any(scan.stands("handing", place) for place in between) or not (between or scan.stands("begins", subject))


def _ends_clause(scan: Scan, at: int) -> bool:
    return scan.stands("joins", at) or scan.reading.breaks[at + 1] > 0


def _denies_other(scan: Scan, at: int) -> bool:
    following = at + 1
    while following < len(scan.signs) - 1 and scan.stands("hollow", following):
        following += 1
    if following >= len(scan.signs):
        return False
    return scan.stands("undenied", following) or _cue(scan, "no_denial", at, at + 1)


def _answers(scan: Scan, at: int) -> bool:
    """Whether a "no" answers something, and denies nothing of the clause behind it: "wait no he hits me", "nie on mnie bije"."""
    return scan.stands("answering", at) and at + 1 < len(scan.signs) and scan.stands("begins", at + 1)


def _is_asked(scan: Scan, find: Find) -> bool:
    """The question itself is the find: "can my mum see this" tells of nobody who does."""
    return _covered(scan, "asked", find)


def _covered(scan: Scan, name: str, find: Find) -> bool:
    """Whether a cue holds all of the find; one that only touches it says nothing of what he does besides."""
    return any(cue.start <= find.start and find.end <= cue.end for cue in scan.cues.get(name, ()))


def _is_hypothetical(scan: Scan, find: Find) -> bool:
    return _cue(scan, "hypothetical", *_sentence(scan, find)) or "asking" in scan.cues


def _is_quoted(scan: Scan, find: Find) -> bool:
    """Between quotation marks and nobody is said to have said it: a title, a lyric, a question read back."""
    quoted = scan.reading.quoted
    return all(quoted[at] for at in range(find.start, find.end)) and "said" not in scan.cues


def _is_past(scan: Scan, find: Find) -> bool:
    return _cue(scan, "past", *_sentence(scan, find)) and "still" not in scan.cues and "now" not in scan.cues


def _is_third_person(scan: Scan, find: Find) -> bool:
    """The clause is about somebody near and the child is not in it ("my mate got ...", not "my mate hit me")."""
    return _is_about(scan, find, "other")


def _is_hearsay(scan: Scan, find: Find) -> bool:
    """As `_is_third_person`, about somebody the child need not know: the news, a lad from another year."""
    return _is_about(scan, find, "hearsay")


def _is_about(scan: Scan, find: Find, cue_name: str) -> bool:
    if any(scan.stands("self", at) for at in range(find.start, find.end)):
        return False
    return any(
        cue.start <= find.start <= cue.end + _THIRD_REACH
        and not any(scan.stands("i", at) for at in range(cue.end, find.start))
        and _STRONG not in scan.reading.breaks[cue.start + 1 : find.start + 1]
        for cue in scan.cues.get(cue_name, ())
    )
