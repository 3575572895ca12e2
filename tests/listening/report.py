"""`python -m tests.listening.report`: the corpus measured against every gate, on the terminal and in `build/listening`.

It may print and keep counts and intervals only. One file holds sentences, `missed-critical-<half>.tsv`, and it stays in
`build`: who writes rules does not read it for the held half, because a rule written after a line makes the line worthless.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.listening import floors, gates, measure, perturb, picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tests.listening.gates import Fall, Gate
    from tests.listening.measure import Result, Share

OUT: Final = measure.ROOT / "build" / "listening"
WRITTEN: Final = {
    "held": "the evaluation half: invented messages, one writer, before that writer had seen a rule (passes held-*)",
    "train": "the training half: invented messages, the same writer, after the evaluation half (passes train-*); "
    "the rules and the weights were made with it, so its numbers say nothing of children",
}
CAVEAT: Final = (
    "Not children's words. The halves share a hand; no native speaker has reviewed any language but English. "
    "A rate is of this set alone."
)


def told(share: Share) -> str:
    """`81.2 % [77.0, 85.0] of 404`."""
    low, high = share.interval
    return f"{100 * share.rate:5.1f} % [{100 * low:5.1f}, {100 * high:5.1f}] of {share.of}" if share.of else "-"


def _verdict(gate: Gate) -> str:
    return {True: "reached", False: "NOT REACHED", None: "not measured"}[gate.passed]


def _gate_lines(found: Sequence[Gate]) -> Iterator[str]:
    yield f"{'GATE':66} {'must':9} {'reached':34} verdict"
    for gate in found:
        number = told(gate.share) if gate.share else f"{gate.reached:5.1f} {gate.unit}" if gate.note else ""
        shown = number if gate.passed is not None else "-"
        yield f"{gate.name:66} {gate.must:9} {shown:34} {_verdict(gate)}"
        if gate.note:
            yield f"{'':4}{gate.note}"
    passed, counted = sum(gate.passed is True for gate in found), sum(gate.passed is not None for gate in found)
    yield f"{passed} of {counted} gates reached"


def _language_lines(results: list[Result]) -> Iterator[str]:
    yield f"{'LANGUAGE':8} {'heard (L2-L4)':32} {'paged (L3-L4)':32} {'hard negatives heard':30} paged"
    for name, rates in floors.named(results).items():
        shares = (rates.heard, rates.paged, rates.false_heard)
        yield f"{name:8} " + " ".join(f"{told(share):31}" for share in shares) + f" {told(rates.false_paged)}"


def _part_lines(title: str, parts: Mapping[str, list[Result]]) -> Iterator[str]:
    yield f"{title:24} {'heard':32} {'paged':32} at its level or above"
    for name, found in parts.items():
        level = measure.Share(sum(one.level >= one.row.level for one in found), len(found))
        shares = (measure.count(found, measure.HEARD), measure.count(found, measure.PAGED), level)
        yield f"{name:24} " + " ".join(f"{told(share):32}" for share in shares)


def _kinds(results: list[Result]) -> Iterator[str]:
    both = (
        ("English", measure.only(results, measure.ENGLISH)),
        ("other languages", measure.others(results)),
    )
    for where, found in both:
        disclosed = measure.positives(found, 1)
        yield from _part_lines(f"LEVEL, {where}", measure.grouped(disclosed, lambda one: f"L{one.row.level}"))
        yield f"of those heard, the category is among those named: {told(measure.category(found))}"
        yield ""
        yield from _part_lines(
            f"CATEGORY, {where}", measure.grouped(measure.positives(found), lambda one: one.row.category)
        )
        yield ""


def _ordinary_lines(everyday: list[Result]) -> Iterator[str]:
    yield f"{'ORDINARY TEXT':14} {'heard':32} {'paged':32} per 1,000 messages: heard, paged"
    parts = measure.grouped(everyday, lambda one: one.row.language)
    for name, found in {**parts, "all": everyday}.items():
        heard, paged = measure.count(found, measure.HEARD), measure.count(found, measure.PAGED)
        yield f"{name:14} {told(heard):32} {told(paged):32} {1000 * heard.rate:.1f}, {1000 * paged.rate:.1f}"
    third = [found for part in parts.values() for found in measure.hurried([one.row for one in part])]
    heard, paged = measure.count(third, measure.HEARD), measure.count(third, measure.PAGED)
    yield f"{'after two more':14} {told(heard):32} {told(paged):32} texts within 90 seconds are heard together"


def _unscreened_lines(results: list[Result]) -> Iterator[str]:
    yield "TO A PERSON WHATEVER THE WORDS (not counted as heard above)"
    for name, found in measure.grouped(results, lambda one: one.unscreened or "screened by the machine").items():
        yield f"    {name:26} {told(measure.Share(len(found), len(results)))}"


def _missed(results: list[Result]) -> str:
    """The critical lines that nobody would be told of, for people who write no rules."""
    rows = [one for one in measure.positives(results, measure.CRITICAL) if one.level < measure.HEARD]
    lines = ["# Missed critical lines. Do not write a rule from the held half: it would be worth nothing afterwards."]
    lines.append("language\tline\tcategory\tlevel found\tto a person because\tnote\ttext")
    for one in rows:
        row = one.row
        cells = (row.language, row.line, row.category, f"L{one.level}", one.unscreened or "-", row.note, row.text)
        lines.append("\t".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def _json(found: Sequence[Gate], results: list[Result], half: str) -> dict[str, Any]:
    def share(one: Share) -> dict[str, Any]:
        return {
            "hit": one.hit,
            "of": one.of,
            "rate": round(one.rate, 4),
            "interval": [round(x, 4) for x in one.interval],
        }

    languages = {
        name: {key: share(getattr(of, key)) for key in (*floors.RECALL, *floors.ALARMS)}
        for name, of in floors.named(results).items()
    }
    verdicts = [
        {
            "gate": one.name, "must": one.must, "reached": None if one.passed is None else round(one.reached, 4),
            "passed": one.passed, "note": one.note, **({"share": share(one.share)} if one.share else {}),
        }
        for one in found
    ]  # fmt: skip
    return {
        "set": half,
        "written": WRITTEN[half],
        "caveat": CAVEAT,
        "age": measure.AGE,
        "gates": verdicts,
        "languages": languages,
    }


def compose(
    half: str, results: list[Result], everyday: list[Result], found: Sequence[Gate], alone: list[Result]
) -> str:
    """The whole report as text: counts, rates and intervals, never a sentence."""
    critical = measure.positives(results, measure.CRITICAL)
    missed = sum(one.level < measure.HEARD for one in critical)
    disclosed, spoken = len(measure.positives(results, 1)), len({one.row.language for one in results})
    blocks: list[Iterable[str]] = [
        (
            f"Listening on `{half}`: {WRITTEN[half]}.",
            CAVEAT,
            f"{len(results)} lines, {disclosed} disclosures in {spoken} languages. Levels as for a child of {measure.AGE}.",
            "Rates by the words alone, with Wilson intervals of 95 %.",
            f"Critical (L4) lines not heard: {missed} of {len(critical)}, in all languages.",
        ),
        _gate_lines(found),
        _language_lines(results),
        ("WITHOUT THE READER OF SENTENCES", *_language_lines(alone)),
        _kinds(results),
        _ordinary_lines(everyday) if everyday else ("ORDINARY TEXT: not measured, name a folder with --ordinary",),
        _unscreened_lines(results),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def falls(results: list[Result]) -> dict[str, tuple[Fall, Fall]]:
    english, others = measure.only(results, measure.ENGLISH), measure.others(results)
    return {kind: (gates.fall(kind, english), gates.fall(kind, others)) for kind in perturb.KINDS}


def judged(results: list[Result], everyday: list[Result], changed: Mapping[str, tuple[Fall, Fall]]) -> Iterator[Gate]:
    """Recall and alarms as the program hears with its reader of sentences."""
    yield from (*gates.english(results), *gates.elsewhere(results), *gates.spelling(changed))
    if everyday:
        yield from gates.everyday(everyday)
    else:
        yield gates.unmeasured("ordinary text: heard, paged", "<= 2, 0.5", "name a folder with --ordinary")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints, and writes `<half>.txt`, `.json`, `.svg` and the missed critical lines."""
    options = _options()
    asked = options.parse_args(arguments)
    if asked.floors and asked.half != "held":
        options.error("floors are those of the held half: leave out --half train")
    results = measure.whole(asked.half)
    everyday = [measure.hear(row) for row in measure.ordinary(asked.ordinary)] if asked.ordinary else []
    changed = falls(results)
    alone = measure.whole(asked.half, read=False)
    found = [
        *judged(results, everyday, changed),
        *gates.speed(alone, measure.cost(read=False), "without the reader"),
        *gates.speed(results, measure.cost(read=True), "with it"),
    ]
    shown = compose(asked.half, results, everyday, found, alone)
    sys.stdout.write(shown)
    OUT.mkdir(parents=True, exist_ok=True)
    title = f"Listening, {asked.half} half of the corpus: rates and 95 % intervals"
    for name, content in (
        (f"{asked.half}.txt", shown),
        (f"{asked.half}.json", json.dumps(_json(found, results, asked.half), indent=1) + "\n"),
        (f"{asked.half}.svg", picture.draw(title, floors.named(results))),
        (f"missed-critical-{asked.half}.tsv", _missed(results)),
    ):
        (OUT / name).write_text(content, encoding="utf-8")
    if asked.floors:
        floors.PATH.write_text(
            floors.text(results, alone, [(kind, *both) for kind, both in changed.items()]), encoding="utf-8"
        )
    sys.stdout.write(f"\nWritten to {OUT.relative_to(measure.ROOT)}\n")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.listening.report")
    parser.add_argument("--half", choices=sorted(WRITTEN), default="held", help="which half of the corpus")
    parser.add_argument("--ordinary", type=Path, metavar="DIR", help="folder of <language>.tsv: source, tab, text")
    parser.add_argument("--floors", action="store_true", help="write floors.toml from what is reached now (held only)")
    return parser


if __name__ == "__main__":
    main()
