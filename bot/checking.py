"""`waymark check`: all that can be known of flows, texts, ladder and directory without a child.

May not mend anything, and needs no database. What files say is judged by `flows.checks`, what the engine makes of them by
`flows.walk`; here are the catalogues: lengths, what is missing, who signed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import config, i18n, localising, review
from bot.channels import segments
from flows import canned, checks, composing, lines, loader, signing, walk, whole
from flows.finding import Finding, Weight
from flows.lines import LoadError, nearest
from flows.listening import model as listening
from flows.listening import proof
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from bot.config import Settings
    from bot.i18n import Catalogue, Entry
    from flows.loader import Source
    from flows.model import Step
    from flows.walk import Walked

LOCALES: Final = Path(__file__).parents[1] / "locales"

# domain 2.8, 3.1: English is one text message; another language aims at two parts and never has more than three.
ENGLISH_UNITS: Final = 160
AIM_UNITS, MOST_UNITS = 134, 201
# A language written in GSM-7 has more room in as many parts.
MOST_SEPTETS: Final = 306

# The longest that may stand in each gap: what the settings allow; who has no short name is the service (`bot.shelf`).
LONGEST: Final[Mapping[str, str]] = {
    "persona": "M" * config.LONGEST_PERSONA,
    "org": "M" * config.LONGEST_SERVICE_NAME,
    "public_number": "9" * 21,
    "our_number": "9" * 21,
    "name": "M" * config.LONGEST_SERVICE_NAME,
    "worker": "M" * config.LONGEST_SERVICE_NAME,
    "first_name": "M" * 9,
    "next_name": "M" * 9,
    "minutes": "180",
    "code": "WK7F2QRT",
    "who": "the council",
    "short": "that you may not be safe",
}
_EARLY: Final = "signed on {}, which is still to come; give the day on which it was read"
# A Monday; the days after it have every name of the week.
_MONDAY: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)


@dataclass(slots=True)
class Found:
    """What `waymark check` prints, and how many of its lines are errors."""

    lines: list[str] = field(default_factory=list)
    errors: int = 0


def run(path: Path | None = None, *, settings: Settings | None = None, today: date | None = None) -> Found:
    """Check the library in `path` (default: our own) with our catalogues. Raises LoadError for a file that does not load.

    `settings`: which languages are wanted, and whether drafts are sent (default: from the environment).
    """
    settings = settings or config.load(os.environ)
    today = today or datetime.now(settings.timezone).date()
    source = _loaded(path)
    catalogues = i18n.load_catalogues(LOCALES)
    walks = [walk.walk(source, key) for key in source.flows]
    every = [*checks.found(source, today)]
    every += texts(source, catalogues, settings)
    every += signatures(catalogues, today)
    every += [one for walked in walks for one in walked.findings.values()]
    every += never_met(source, walks)
    phrases, signed = _phrases((path or loader.LIBRARY) / "listening", today)
    every += phrases
    every += _replies((path or loader.LIBRARY) / "canned.yaml", source, today)
    ours = {f"{stem}.yaml" for stem in (*loader.FILES, *whole.LATE)}
    every = [replace(one, file=f"{path}/{one.file}") if path and one.file in ours else one for one in every]
    return _told(every, [*_counts(source, walks), *_languages(source, catalogues, settings), *signed])


def _loaded(path: Path | None) -> Source:
    try:
        return whole.load(path)
    except LoadError as error:
        # Of another folder than ours it is told whole, so that it can be opened.
        raise LoadError(f"{path}/{error.file}" if path else error.file, error.line, error.message) from None


def _phrases(folder: Path, today: date) -> tuple[list[Finding], list[str]]:
    """The phrases of every language, which `serve` reads only when a child writes in it, and who signed which."""
    if not folder.is_dir():
        return [], []
    try:
        model = listening.load(folder)
    except listening.LexiconError as error:
        return [_of_phrases(str(error))], []
    wrong = [_of_phrases(line) for line in proof.failures(model)]
    signed = {name: readings[0].signed for name, readings in sorted({**model.lexicons, **model.roman}.items())}
    wrong += [
        Finding(f"listening/{at.file}", at.line, "listening", _EARLY.format(day))
        for name, who in signed.items()
        if (day := signing.signed_on(who)) is not None and day > today
        for path in sorted(folder.glob(f"{name}.*yaml"))
        if (at := lines.read(path).mapping().get("signed")) is not None
    ]
    told = [f"{name} ({who})" for name, who in signed.items() if who]
    unsigned = ", ".join(name for name, who in signed.items() if not who)
    return wrong, [
        f"phrases: signed {', '.join(told) or 'none'}; a person reads all that is written in {unsigned or 'none'}"
    ]


def _of_phrases(told: str) -> Finding:
    at = re.match(r"(?P<file>[^:]+)(?::(?P<line>\d+))?: (?P<said>.*)", told, re.DOTALL)
    assert at is not None, told
    return Finding(f"listening/{at['file']}", int(at["line"] or 1), "listening", at["said"])


def _replies(file: Path, source: Source, today: date) -> Iterator[Finding]:
    """Replies ready to send: help lines that do not exist, and what no native reader has signed."""
    replies = canned.load(file) if file.exists() else ()
    for one in replies:
        for gap in set(canned.gaps(one.texts[canned.SOURCE])) - set(source.numbers):
            message = f"'{one.key}' names the help line '{gap}'; {nearest(gap, source.numbers)}"
            yield Finding(file.name, 1, "replies", message)
    for day in {signing.signed_on(who) for one in replies for who in one.signed.values()}:
        if day is not None and day > today:
            yield Finding(file.name, 1, "replies", _EARLY.format(day))
    drafts = sum(len(one.texts) - len(one.signed) for one in replies)
    if drafts:
        total = sum(len(one.texts) for one in replies)
        message = f"{drafts} of {total} replies ready to send have no reviewer and date; have them signed"
        yield Finding(file.name, 1, "replies", message, Weight.DRAFT)


def never_met(source: Source, walks: Iterable[Walked]) -> Iterator[Finding]:
    """Questions of a flow's own blocks that a walk on every path never came to."""
    met = set().union(*(one.met for one in walks))
    for flow in source.flows.values():
        for key in dict.fromkeys(key for block in flow.blocks for key in block.steps):
            if key not in met:
                at, line = f"{source.homes[key]}.yaml", flow.steps[key].line
                yield Finding(at, line, "walk", f"no walk of {flow.key} ever met '{key}'; mend what leads to it")


# --- texts in every language ------------------------------------------------------------------------------------------


def texts(source: Source, catalogues: Mapping[str, Catalogue], settings: Settings) -> Iterator[Finding]:
    """Lengths, what a translation breaks, what is missing and what nobody has signed."""
    entries = tuple(i18n.messages(source))
    for word in checks.banned(settings.service_name):
        message = f"'{word}' would stand in texts to a child; name the service in other words"
        yield Finding("WAYMARK_SERVICE_NAME", 1, "words", message)
    if localising.SOURCE_LOCALE not in catalogues:
        yield Finding("locales/en", 1, "languages", "the English catalogue is missing; it says who reviewed the texts")
    for catalogue in catalogues.values():
        yield from (_fault(line) for line in review.faults(entries, catalogue))
        yield from _lengths(source, catalogue)
        yield from _standing(entries, catalogue, settings)


def signatures(catalogues: Mapping[str, Catalogue], today: date) -> Iterator[Finding]:
    """What was signed on a day that is still to come: nobody has read it."""
    for catalogue in catalogues.values():
        for line, signed in {(1, catalogue.signed), *((one.line, one.signed) for one in catalogue.lines.values())}:
            day = signing.signed_on(signed) if signed else None
            if day is not None and day > today and (line == 1 or signed != catalogue.signed):
                yield Finding(catalogue.file, line, "languages", _EARLY.format(day))


def _fault(line: str) -> Finding:
    file, number, message = line.split(":", 2)
    return Finding(file, int(number), "languages", message.strip())


def _lengths(source: Source, catalogue: Catalogue) -> Iterator[Finding]:
    """Texts too long or in characters that cost more; of those that only cost a part more, the longest."""
    gaps, common = longest(source, catalogue.locale), localising.common(source.common, catalogue)
    costly: list[tuple[int, Step]] = []
    for step in _translated(source, catalogue):
        for easier in (False, True) if step.easier else (False,):
            try:
                filled = i18n.fill(composing.composed(step, common, easier=easier), gaps)
            except (KeyError, i18n.BadPlaceholder):
                continue  # `review.faults` says what is wrong with its gaps
            counted = segments.count(filled)
            wrong = _too_long(catalogue, step, counted)
            if wrong:
                yield Finding(*_place(source, catalogue, step), "length", wrong)
            elif counted.encoding == segments.UCS_2 and counted.units > AIM_UNITS:
                costly.append((counted.units, step))
    if costly:
        units, step = max(costly, key=lambda one: one[0])
        message = (
            f"{len(costly)} texts take three parts, two would be {AIM_UNITS} units; longest: '{step.key}', {units}"
        )
        yield Finding(*_place(source, catalogue, step), "length", message, Weight.WARNING)


def _translated(source: Source, catalogue: Catalogue) -> Iterator[Step]:
    """Every step that stands in this language, once."""
    done: set[str] = set()
    for flow in source.flows.values():
        for key, step in localising.localise(flow, catalogue).steps.items():
            own = catalogue.text(f"{source.homes[key]}.{key}", flow.steps[key].text) is not None
            if own and key not in done:
                done.add(key)
                yield step


def _too_long(catalogue: Catalogue, step: Step, counted: segments.Segments) -> str:
    english = catalogue.locale == localising.SOURCE_LOCALE
    wide = counted.encoding == segments.UCS_2
    if english and wide:
        return f"'{step.key}' has a character outside GSM-7; write it in plain letters"
    most = ENGLISH_UNITS if english else (MOST_UNITS if wide else MOST_SEPTETS)
    if counted.units <= most:
        return ""
    size = f"'{step.key}' is {counted.units} {counted.encoding} units with the longest names"
    return f"{size}; at most {most}: say it in fewer words"


def longest(source: Source, locale: str) -> Mapping[str, str]:
    """What fills each gap when a text is at its longest in this language."""
    days = [i18n.weekday(_MONDAY.replace(day=_MONDAY.day + later), locale) for later in range(7)]
    numbers = {key: number.number for key, number in source.numbers.items()}
    return {**LONGEST, **numbers, "day": max(days, key=_size)}


def _size(text: str) -> int:
    return segments.count(text).units


def _place(source: Source, catalogue: Catalogue, step: Step) -> tuple[str, int]:
    """Where the text stands: in the flow file, or in the catalogue."""
    home = source.homes[step.key]
    lines = [one.line for (context, _), one in catalogue.lines.items() if context == f"{home}.{step.key}"]
    if catalogue.locale == localising.SOURCE_LOCALE or not lines:
        return f"{home}.yaml", step.line
    return catalogue.file, lines[0]


def _standing(entries: tuple[Entry, ...], catalogue: Catalogue, settings: Settings) -> Iterator[Finding]:
    """What keeps a language from children: an error where a child would be offered it, else only shown."""
    standing = review.standing(entries, catalogue)
    drafts = settings.draft_locales == "allow"
    wanted = catalogue.locale == localising.SOURCE_LOCALE or catalogue.locale in _wanted(settings, catalogue)
    weight = Weight.ERROR if wanted and standing.refused(drafts=drafts) else Weight.DRAFT
    if standing.missing:
        first = f"the first is '{standing.missing[0]}'"
        message = f"{len(standing.missing)} of {standing.total} texts are missing, {first}; translate them"
        yield Finding(catalogue.file, 1, "languages", message, weight)
    elif standing.drafts:
        first = standing.drafts[0]
        line = next((one.line for (context, _), one in catalogue.lines.items() if context == first), 1)
        message = f"{len(standing.drafts)} texts have no reviewer and date, the first is '{first}'; have them signed"
        yield Finding(catalogue.file, line, "languages", message, weight)
    if standing.pack_missing:
        message = (
            f"the emergency pack lacks {len(standing.pack_missing)} texts, the first is '{standing.pack_missing[0]}'"
        )
        yield Finding(catalogue.file, 1, "languages", message, Weight.WARNING if not wanted else weight)


def _wanted(settings: Settings, catalogue: Catalogue) -> set[str]:
    """The languages that the settings name, so that a child is to be offered them."""
    return {found for tag in settings.locales if (found := i18n.negotiate(tag, [catalogue.locale]))}


# --- what is printed --------------------------------------------------------------------------------------------------


def _counts(source: Source, walks: Iterable[Walked]) -> Iterator[str]:
    for walked in walks:
        flow = source.flows[walked.flow]
        questions = sum(step.kind is not Kind.STATEMENT for step in flow.steps.values())
        blocks = f"{len(flow.blocks)} blocks, {len(flow.steps)} steps ({questions} questions)"
        steps = f"walked {walked.transitions} events in {walked.situations} situations"
        yield f"{walked.flow}: {blocks}, {len(flow.states)} states; {steps}"


def _languages(source: Source, catalogues: Mapping[str, Catalogue], settings: Settings) -> Iterator[str]:
    entries = tuple(i18n.messages(source))
    states: dict[str, list[str]] = {"offered": [], "drafts": [], "incomplete": []}
    for catalogue in catalogues.values():
        standing = review.standing(entries, catalogue)
        refused = standing.refused(drafts=settings.draft_locales == "allow")
        state = "incomplete" if standing.missing else ("drafts" if refused else "offered")
        states[state].append(catalogue.locale)
    told = (_named(state, names) for state, names in states.items())
    yield f"languages: {', '.join(told)}"


def _named(state: str, names: list[str]) -> str:
    return f"{len(names)} {state}" + (f" ({', '.join(names)})" if names else "")


def _told(every: Iterable[Finding], counts: Iterable[str]) -> Found:
    """Grouped by topic, the heaviest first; then what was looked at, and how many of each there are."""
    order = list(Weight)
    rows = sorted(every, key=lambda one: (order.index(one.weight), one.topic, one.file, one.line, one.message))
    found = Found(errors=sum(one.weight is Weight.ERROR for one in rows))
    for (weight, topic), group in groupby(rows, key=lambda one: (one.weight, one.topic)):
        found.lines += [f"{weight}: {topic}", *(f"  {one}" for one in group), ""]
    found.lines += counts
    sums = (f"{sum(one.weight is weight for one in rows)} {weight}s" for weight in Weight)
    found.lines.append(", ".join(sums))
    return found
