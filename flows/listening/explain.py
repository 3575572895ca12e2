"""One plain sentence for the manager who opens an alert. May not quote more of the child than a corrected word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.model import WEIGHED, Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.model import Hit

_DOUBTS = {
    "negated": "it is said not to have happened",
    "asked": "it is asked, not told",
    "hypothetical": "it is asked as a what-if, which may be about the child",
    "third_person": "it is told of someone else, which may be the child",
    "hearsay": "it is told of somebody the child may not know",
    "past": "it is told as past",
    "quoted": "it stands in quotation marks",
    "idiom": "it may be a joke, a game or a saying",
    WEIGHED: "no rule matched, but it is worded like texts that needed a person",
}
_UNSCREENED = {
    "unreviewed_language": "No native speaker has signed this language's word list yet, so a person must read it.",
    "unknown_language": "The language is not known, so a person must read it.",
    "too_long": "The text is too long to be judged, so a person must read it.",
    "failed": "Listening failed on this text, so a person must read it.",
}
_LEVELS = {
    Level.L4: "Danger now",
    Level.L3: "Likely harm",
    Level.L2: "A person should read this",
    Level.L1: "Low worry",
}


def sentence(
    hits: Sequence[Hit], hidden: Sequence[Hit], names: Mapping[str, str], unscreened: str | None, read_as: Sequence[str]
) -> str:
    """What was heard, why, what is unsure, in that order; empty when there is nothing to say."""
    parts = [_found(hits, names)] if hits else []
    if unscreened:
        parts.append(_UNSCREENED[unscreened])
    if hidden:
        parts.append(
            "Set aside as a joke, a game or a saying: " + _listed({names[hit.category] for hit in hidden}) + "."
        )
    if read_as and hits:
        parts.append("Spelling was guessed: " + ", ".join(read_as) + ".")
    return " ".join(parts)


def at_most(reason: str, most: Level) -> str:
    """`reason` where the weights alone heard more than the question that is answered lets them: as `most`, or no word of it."""
    found, by, rest = reason.partition(f"; {_DOUBTS[WEIGHED]}.")
    if not by:
        return reason
    what = found.removeprefix(f"{_LEVELS[Level.L3]}: ").removeprefix(f"{_LEVELS[Level.L2]}: ")
    return f"{_LEVELS[most]}: {what}{by}{rest}" if most in _LEVELS else rest.strip()


def _found(hits: Sequence[Hit], names: Mapping[str, str]) -> str:
    top = max(hits, key=lambda hit: (hit.level, hit.doubt is None))
    what = _listed({names[hit.category] for hit in hits if hit.level == top.level})
    why = f"; {_DOUBTS[top.doubt]}" if top.doubt else ""
    return f"{_LEVELS.get(top.level, 'Nothing')}: {what}{why}."


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
