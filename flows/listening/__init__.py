"""What a child's words disclose: `listen(text, context, model)`, pure. It may not page, store, log or ask for the time.

First the phrases of each language (explainable), then weights: sums of letters and words, and beside them a reader of whole
sentences where it is installed, which page only when they are far surer than they must be to ask for a person to read.
Data: `library/listening`, read once by `model.load`. Levels and categories: domain 3.3, decisions 6, 7.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from flows.listening import examples, explain, language, levels, lexicon, normalise, script, spacing, weighing
from flows.listening.model import ANY
from flows.listening.scan import scan
from flows.model import WEIGHED, Heard, Hit, Level

if TYPE_CHECKING:
    from flows.listening.examples import Example
    from flows.listening.model import Model
    from flows.listening.normalise import Reading
    from flows.listening.scan import Scan

LONGEST = 10_000  # code points that are read; what is longer is read so far and given to a person
_ENGLISH = "en"
# Answers, greetings and thanks: they tell of nobody.
_EVERYBODYS = frozenset({
    "yes", "yeah", "yea", "yh", "yep", "y", "ya", "no", "nah", "nope", "n", "ok", "okay", "k", "kk", "sure", "fine", "good",
    "idk", "dunno", "dont know", "don't know", "not sure", "maybe", "hi", "hello", "hey", "hiya", "thanks", "thank you", "ty",
    "thx", "cool", "alright", "skip", "next", "go", "ready", "done", "si", "sí", "oui", "non", "tak", "nie", "da", "nu", "po",
    "jo", "evet", "haan", "han", "ji", "haa", "vâng", "không", "نعم", "لا", "بله", "نه", "ہاں", "نہیں", "так", "ні", "ναι", "όχι",
    "हाँ", "नहीं", "হ্যাঁ", "না", "ਹਾਂ", "ਨਹੀਂ", "હા", "ના", "是", "不是", "好",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the text. `recent`: the child's texts of the last 90 seconds, oldest first (decisions 2)."""

    locale: str = _ENGLISH
    age: int | None = None
    recent: tuple[str, ...] = ()


def listen(text: str, context: Context, model: Model) -> Heard:
    """What the words disclose. Linear in the text; places count code points of `text` as stored."""
    before = "".join(f"{earlier}\n" for earlier in context.recent)[-LONGEST:]
    whole = before + text[:LONGEST]
    reading = _words(normalise.read(whole), context, model)
    scans, found = _read(whole, reading, context, model)
    hits, hidden = _judge(scans, found, model, context.age, len(before))
    failed = False
    if model.weights is not None and max((hit.level for hit in hits), default=Level.L0) < Level.L3:
        own = _base(context.locale, model)
        guessed = frozenset(() if found.sure else found.languages) - {own, _ENGLISH}
        meant = _meant(text, scans, found, guessed if own not in model.weights.thresholds else frozenset())
        weighed, failed = _weighed(weighing.Said(whole, len(before), hits, hidden, guessed), meant, model)
        hits += weighed
    unscreened = "failed" if failed else _unscreened(text, found, model, reading)
    words = _corrections(scans, hits)
    reason = explain.sentence(hits, hidden, model.table.names, unscreened, words)
    return Heard(hits, hidden, found.languages[0], unscreened, reason, found.clear)


@dataclass(frozen=True, slots=True)
class Telling:
    """What shows why weights found something. `spans`: where the words stand on which the reader of sentences relies; none where
    it is not installed or fails, and in a long text. `examples`: what the phrase files hold that is worded like it.
    """

    spans: tuple[tuple[int, int], ...] = ()
    examples: tuple[Example, ...] = ()


def telling(text: str, category: str, context: Context, model: Model) -> Telling:
    """For whoever opens an alert that only weights raised: `category` is what it was found to be of. Empty for what calls nobody
    by itself, and where all fails: what is not explained is read all the same, and a page that does not open is read by nobody.
    """
    for given in (model, replace(model, sentences=None)):
        try:
            return _telling(text, category, context, given)
        except Exception:  # noqa: BLE001, S112 - what fails without the reader fails a second time, and then nothing is told
            continue
    return Telling()


def _telling(text: str, category: str, context: Context, model: Model) -> Telling:
    scans, found = _read(text, _words(normalise.read(text), context, model), context, model)
    meant = [made for made in scans if made.lexicon.language in (found.likely or found.languages)]
    called = weighing.calling(text, meant, model)
    if called is None:
        return Telling()
    # In a language that is guessed an example would be of another one as often as not.
    return Telling(weighing.marked(text, *called, model), examples.closest(called[0], category) if found.sure else ())


def _meant(text: str, scans: list[Scan], found: language.Guess, unasked: frozenset[str]) -> list[Scan]:
    """The readings in which a text is weighed. `unasked`: what nobody can name is then the child's own, which no weights know."""
    # Weighed as all its neighbours too, Amharic and Persian were taken for disclosures three times as often as measured.
    languages = frozenset(found.likely or found.languages) - unasked
    letters = [char for char in text if char.isalpha()]
    if letters and not any(char.isascii() for char in letters):  # "hi" came before: this is no English all the same
        languages -= {_ENGLISH}
    return [made for made in scans if made.lexicon.language in languages]


def _weighed(said: weighing.Said, scans: list[Scan], model: Model) -> tuple[tuple[Hit, ...], bool]:
    """What the weights find, and whether the reader of sentences failed: then the sums judge alone, and a person reads."""
    try:
        return weighing.weighed(said, scans, model), False
    except Exception:
        if model.sentences is None:
            raise
        return weighing.weighed(said, scans, replace(model, sentences=None)), True


def is_everybodys(text: str) -> bool:
    """Whether a text is no more than a word that comes from every child: a greeting, a yes, a no."""
    return text.strip().casefold() in _EVERYBODYS


def listen_safely(text: str, context: Context, model: Model | None) -> Heard:
    """As `listen`, and any failure, or no model at all, becomes "unscreened": a person reads it (decisions 7)."""
    try:
        if model is None:
            return _failed(context)
        again = all(is_everybodys(said) for said in (text, *context.recent))
        return (_listen_again if again else listen)(text, context, model)
    except Exception:  # noqa: BLE001 - a bug here must bring a person, never lose the child's words
        return _failed(context)


@lru_cache(maxsize=2048)
def _listen_again(text: str, context: Context, model: Model) -> Heard:
    """As `listen`, remembered, and no failure is. Only for words that come from every child: what is remembered outlives an
    erasure.
    """
    return listen(text, context, model)


def _failed(context: Context) -> Heard:
    return Heard(locale=context.locale, unscreened="failed", reason=explain.sentence((), (), {}, "failed", ()))


def _read(whole: str, reading: Reading, context: Context, model: Model) -> tuple[list[Scan], language.Guess]:
    """Every lexicon that has a say in this text, the surest first."""
    chosen = _base(context.locale, model)
    first = [code for code in dict.fromkeys((ANY, chosen, _ENGLISH)) if code in model.lexicons]
    scans = {code: scan(reading, lexicon.reading_of(model.lexicons[code], reading)) for code in first}
    spoken = sum(not script.is_mood(form[0]) for form in reading.forms)
    share = {code: made.known / max(1, spoken) for code, made in scans.items() if code != ANY}
    best = max(share, key=lambda code: (share[code], code == chosen), default=chosen)
    found = language.guess(
        whole, best if share.get(best, 0) >= language.FAMILIAR else chosen, share.get(best, 0.0), spoken,
        model.identifier, model.offered,
    )  # fmt: skip
    for code in found.languages:
        if code in model.lexicons and code not in scans:
            # A relative of what is written is not misspelt: what nobody chose is respelt only as what it surely is.
            sure = found.sure and code == found.languages[0]
            scans[code] = scan(reading, lexicon.reading_of(model.lexicons[code], reading), respell=sure)
    extra = [scan(reading, romanised, respell=False) for romanised in model.romanised] if found.romanised else []
    return [*scans.values(), *extra], found


def _words(reading: Reading, context: Context, model: Model) -> Reading:
    """Run-together words are parted in English only: no other list knows enough ordinary words to tell them."""
    if _base(context.locale, model) != _ENGLISH or _ENGLISH not in model.lexicons:
        return reading
    return spacing.spaced(reading, lexicon.reading_of(model.lexicons[_ENGLISH], reading))


def _base(locale: str, model: Model) -> str:
    """`zh-Hant` and `fa-AF` are read with the lexicon of `zh` and `fa`."""
    return locale if locale in model.lexicons else locale.replace("_", "-").split("-")[0].lower()


def _judge(
    scans: list[Scan], found: language.Guess, model: Model, age: int | None, before: int
) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """What the phrases find. English is read beside every language: there no word is put right to be an English one."""
    hits: list[Hit] = []
    hidden: list[Hit] = []
    for made in scans:
        told, set_aside = levels.judge(made, model.table, age)
        as_spelt = made.lexicon.language == _ENGLISH and _ENGLISH not in found.languages
        hits += (hit for hit in told if not (as_spelt and hit.is_corrected))
        hidden += set_aside
    return _here(hits, before), _here(hidden, before)


def _here(hits: list[Hit], before: int) -> tuple[Hit, ...]:
    """Hits that reach into this text, placed in it; what lay wholly in an earlier text was heard then."""
    placed = [replace(hit, start=max(0, hit.start - before), end=hit.end - before) for hit in hits if hit.end > before]
    return tuple(sorted(dict.fromkeys(placed), key=lambda hit: (hit.start, -hit.level, hit.category)))


def _unscreened(text: str, found: language.Guess, model: Model, reading: Reading) -> str | None:
    if len(text) > LONGEST:
        return "too_long"
    if not any(char.isalpha() for char in text) or not reading.forms:
        return None
    if not found.sure:
        return "unknown_language"
    lexicons = model.lexicons.get(found.languages[0])
    return None if lexicons and lexicons[0].signed else "unreviewed_language"


def _corrections(scans: list[Scan], hits: tuple[Hit, ...]) -> tuple[str, ...]:
    """`hittng -> hitting` for the words that were put right, where a hit rests on one or the weights on a garbled text."""
    if any(hit.is_corrected for hit in hits):
        read = scans
    else:
        read = [made for made in scans if made.guessed] if any(hit.rule == WEIGHED for hit in hits) else []
    made_right = (f"{made.reading.plain[at]} -> {word}" for made in read for at, word in made.corrected.items())
    return tuple(dict.fromkeys(made_right))[:5]
