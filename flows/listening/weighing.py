"""What the weights say of a text where no phrase pages, as one hit or none. May not lower what phrases found.

They are asked of each run of words that the phrases left standing: of the text alone, then after the texts before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows.listening import normalise, sentences, statistical
from flows.model import WEIGHED, Hit, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flows.listening.model import Model
    from flows.listening.scan import Scan
    from flows.listening.statistical import Verdict

_MOSTLY: Final = 0.6  # of the words
# In log-odds, above a threshold. Two texts are more words than one: of everyday texts, three at a time by chance, 4.4 % would be
# heard. With this 3.2 are, and a disclosure in two texts is heard and pages as often as in one (3,600, a third of them unlearnt).
_JOINED: Final = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """`text`: the texts before, up to `before`, and this one; `hits` and `hidden`: what the phrases found, placed in this one;
    `guessed`: languages it may be in, of which nobody can be sure.
    """

    text: str
    before: int
    hits: tuple[Hit, ...]
    hidden: tuple[Hit, ...]
    guessed: frozenset[str] = frozenset()


def weighed(said: Said, scans: Iterable[Scan], model: Model) -> tuple[Hit, ...]:
    """One hit over the whole text if any language the weights know finds it telling, alone or after the texts before.

    What was telling before this text came was heard then; what the phrases found at L2 already is not asked for twice. The
    words of a find that they set aside or hold in doubt they understood, and sums know no "not" and no "what if": the rest
    of the text is judged without them. The reader knows, and "we played football then he locked me in" is no game: where it would
    page for the whole of a text that holds such words, a person reads it. Where finds of a low worry are most of a text
    ("afraid they will deport me, my papers are not here yet"), the list knew what was said, and the rest is judged alone. Of an
    everyday word by itself ("my brother", "nothing") they are not asked, nor of several: on so little they guess. A text in a
    language that is guessed goes to a person as it is: there the weights may page, and have nothing else to say.
    """
    least = Level.L3 if any(hit.level >= Level.L2 for hit in said.hits) else Level.L2
    best, of = Level.L0, ""
    everyday = _is_everyday(said.text[said.before :], model)
    joins = not (everyday and all(_is_everyday(text, model) for text in said.text[: said.before].splitlines()))
    for made in scans:
        begin, end = sum(end <= said.before for end in made.reading.ends), len(made.signs)
        if model.weights is None or made.lexicon.language not in model.weights.thresholds or begin == end:
            continue
        level, category = (Level.L0, "") if everyday else _level(model, made, said, (begin, end))
        if level < Level.L3 and begin and joins:
            joined, named = _level(model, made, said, (0, end), _JOINED)
            # What came before is judged by itself only where that can still tell anything.
            if joined > level and joined > _level(model, made, said, (0, begin))[0]:
                level, category = joined, named
        if level < Level.L2 and model.sentences is not None and said.hidden:
            verdict = _verdict(model, made, said, (begin, end))
            level, category = (Level.L2, verdict.category) if verdict.page > 0 else (level, category)
        if level > best and (level >= Level.L3 or made.lexicon.language not in said.guessed):
            best, of = level, category
    length = len(said.text) - said.before
    return (Hit(of, best, 0, length, WEIGHED, WEIGHED),) if best >= least else ()


def _is_everyday(text: str, model: Model) -> bool:
    return normalise.folded(text) in model.everyday


def calling(text: str, scans: Iterable[Scan], model: Model) -> tuple[Scan, Verdict] | None:
    """The first reading in which the weights would call somebody for this text by itself. None where they call nobody."""
    said = Said(text, 0, (), ())
    for made in scans:
        if model.weights is None or made.lexicon.language not in model.weights.thresholds or not made.signs:
            continue
        verdict = _verdict(model, made, said, (0, len(made.signs)))
        if max(verdict.read, verdict.page) > 0:
            return made, verdict
    return None


def marked(text: str, made: Scan, verdict: Verdict, model: Model) -> tuple[tuple[int, int], ...]:
    """Where the words stand that the reader of sentences relies on, those that follow one another together. Nothing where there
    is none, and for a text of more than one stretch: all of it is to be read.
    """
    end = len(made.signs)
    if model.sentences is None or made.lexicon.language not in model.sentences.thresholds or end > statistical.WINDOW:
        return ()
    places = statistical.said(made, 0, end)
    told = sentences.telling(model.sentences, text, made, places, pages=verdict.page > 0)
    return _spans(made, [places[at] for at in told])


def _spans(made: Scan, places: Iterable[int]) -> tuple[tuple[int, int], ...]:
    out: list[tuple[int, int]] = []
    last = -2
    for at in places:
        begin = out.pop()[0] if at == last + 1 else made.reading.starts[at]
        out.append((begin, made.reading.ends[at]))
        last = at
    return tuple(out)


def _level(model: Model, made: Scan, said: Said, span: tuple[int, int], above: float = 0.0) -> tuple[Level, str]:
    """What the most telling stretch asks for, `above` the thresholds, and its category."""
    best, of = Level.L0, ""
    for first, last in _stretches(made, said, *span):
        verdict = _verdict(model, made, said, (first, last))
        level = Level.L3 if verdict.page > above else Level.L2 if verdict.read > above else Level.L0
        if level > best:
            best, of = level, verdict.category
    return best, of


def _verdict(model: Model, made: Scan, said: Said, span: tuple[int, int]) -> Verdict:
    """By the sums, and with them the reader of sentences where there is one."""
    assert model.weights is not None
    if model.sentences is not None and made.lexicon.language in model.sentences.thresholds:
        return sentences.judge(model.sentences, model.weights, said.text, made, said.hits, span)
    return statistical.judge(model.weights, made, said.hits, *span)


def _stretches(made: Scan, said: Said, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The words `begin` to `end` without those of finds in doubt, in runs."""
    aside = _places(made, said, (hit for hit in (*said.hits, *said.hidden) if hit.doubt))
    low = _places(made, said, (hit for hit in said.hits if not hit.doubt and hit.level < Level.L2))
    sayings = {at for name in ("idiom", "gone") for cue in made.cues.get(name, ()) for at in range(cue.start, cue.end)}
    ours = sum(stop > said.before for stop in made.reading.ends[begin:end])  # what came before does not make them fewer
    for known in (low, sayings):
        if len(known) >= _MOSTLY * (ours or end - begin):
            aside |= known
    first = begin
    for at in range(begin, end):
        if at in aside:
            if first < at:
                yield first, at
            first = at + 1
    if first < end:
        yield first, end


def _places(made: Scan, said: Said, hits: Iterable[Hit]) -> set[int]:
    """The words in which any of these finds lies."""
    spans = [(hit.start + said.before, hit.end + said.before) for hit in hits]
    places = zip(made.reading.starts, made.reading.ends, strict=True)
    return {at for at, (begin, end) in enumerate(places) if any(begin < stop and end > start for start, stop in spans)}
