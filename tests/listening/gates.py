"""What listening must reach, and whether it does. The numbers are agreed, not chosen here: no gate may be moved to pass.

A rate passes by itself, not by its interval; the interval stands beside it for whoever reads the verdict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.listening import measure, perturb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.listening.measure import Cost, Rates, Result, Share

FALL: Final = 0.03  # points of heard recall that a change of spelling may cost
HARD_PAGED: Final = 0.08  # hard negatives paged, above which recall is bought too dearly


@dataclass(frozen=True, slots=True)
class Gate:
    """One line of the verdict. `share` is None for what is no rate; `passed` is None for what was not measured."""

    name: str
    must: str
    reached: float
    share: Share | None
    passed: bool | None
    unit: str = "%"
    note: str = ""


def least(name: str, share: Share, must: float, note: str = "") -> Gate:
    return Gate(name, f">= {must:.0%}", share.rate, share, share.rate >= must if share.of else None, note=note)


def most(name: str, share: Share, must: float, note: str = "") -> Gate:
    return Gate(name, f"<= {must:.1%}", share.rate, share, share.rate <= must if share.of else None, note=note)


@dataclass(frozen=True, slots=True)
class Fall:
    """Heard and paged of the disclosures that a change altered, before and after; false alarms after it."""

    kind: str
    before: Share
    after: Share
    paged: Share
    false_heard: Share

    @property
    def points(self) -> float:
        """What the change costs, as a rate; below nothing where it helped."""
        return self.before.rate - self.after.rate if self.before.of else 0.0


def fall(kind: str, results: list[Result]) -> Fall:
    """Listens again to every row that the change alters."""
    altered = [(one, perturb.sent(kind, one.row.text)) for one in results]
    altered = [(one, texts) for one, texts in altered if texts != (one.row.text,)]
    again = [measure.hear(one.row, texts) for one, texts in altered]
    return Fall(
        kind,
        measure.count(measure.positives(one for one, _ in altered), measure.HEARD),
        measure.count(measure.positives(again), measure.HEARD),
        measure.count(measure.positives(again, measure.PAGED), measure.PAGED),
        measure.count(measure.negatives(again), measure.HEARD),
    )


def english(results: list[Result]) -> Iterator[Gate]:
    of = measure.only(results, measure.ENGLISH)
    rates = measure.rates(of)
    yield least("English: heard, disclosures of L2 to L4", rates.heard, 0.95)
    with_l1 = measure.count(measure.positives(of, 1), measure.HEARD)
    yield least("English: heard, disclosures of L1 to L4", with_l1, 0.95, "counts an L1 left at L1 as missed")
    critical = measure.count(measure.positives(of, measure.CRITICAL), measure.HEARD)
    yield least("English: heard, critical (L4)", critical, 0.99)
    dear = rates.false_paged.rate > HARD_PAGED
    note = f"with {rates.false_paged.rate:.1%} of hard negatives paged (at most {HARD_PAGED:.0%})"
    yield Gate(
        "English: paged, disclosures of L3 and L4",
        ">= 85%",
        rates.paged.rate,
        rates.paged,
        rates.paged.rate >= 0.85 and not dear,
        note=note,
    )
    yield most("English: hard negatives heard", rates.false_heard, 0.20)


def elsewhere(results: list[Result]) -> Iterator[Gate]:
    of = measure.others(results)
    pooled = measure.rates(of)
    yield least("other languages pooled: heard", pooled.heard, 0.92)
    yield least("other languages pooled: paged", pooled.paged, 0.85)
    each = {code: measure.rates(found) for code, found in measure.grouped(of, lambda one: one.row.language).items()}
    yield from (worst(name, must, each) for name, must in (("heard", 0.84), ("paged", 0.72)))
    yield most("other languages pooled: hard negatives heard", pooled.false_heard, 0.20)
    yield most("other languages pooled: hard negatives paged", pooled.false_paged, HARD_PAGED)


def worst(name: str, must: float, each: Mapping[str, Rates]) -> Gate:
    shares: dict[str, Share] = {code: getattr(found, name) for code, found in each.items()}
    code = min(shares, key=lambda code: shares[code].rate)
    under = sum(share.rate < must for share in shares.values())
    return least(f"worst single language: {name} ({code})", shares[code], must, f"{under} of {len(shares)} under it")


def spelling(falls: Mapping[str, tuple[Fall, Fall]]) -> Iterator[Gate]:
    """`falls`: per kind English and the other languages."""
    if perturb.ONE_TYPO in falls:
        typed, _ = falls[perturb.ONE_TYPO]
        yield least("English, one typo in the text: heard", typed.after, 0.93)
        yield least("English, one typo in the text: paged", typed.paged, 0.78)
    for kind, (here, there) in falls.items():
        for where, found in (("English", here), ("other languages", there)):
            lost = found.points / found.before.rate if found.before.hit else 0.0
            note = (
                f"{found.before.rate:.1%} -> {found.after.rate:.1%} of {found.before.of} altered; "
                f"{lost:.0%} of what was heard is lost; hard negatives heard {found.false_heard.rate:.1%}"
            )
            passed = found.points <= FALL + 1e-9
            yield Gate(f"{kind}, {where}: points of heard lost", "<= 3.0", 100 * found.points, None, passed, "", note)


def everyday(results: list[Result]) -> Iterator[Gate]:
    yield most("ordinary text, all languages: heard", measure.count(results, measure.HEARD), 0.02)
    yield most("ordinary text, all languages: paged", measure.count(results, measure.PAGED), 0.005)
    for code, found in measure.grouped(results, lambda one: one.row.language).items():
        if code == measure.ENGLISH:
            yield most("ordinary text, English: heard", measure.count(found, measure.HEARD), 0.02)
            yield most("ordinary text, English: paged", measure.count(found, measure.PAGED), 0.005)


def speed(results: list[Result], cost: Cost, how: str) -> Iterator[Gate]:
    """`how`: with the reader of sentences, or without."""
    slow = 1000 * measure.percentile([one.seconds for one in results], 0.95)
    middle = 1000 * measure.percentile([one.seconds for one in results], 0.5)
    note = f"p50 {middle:.2f} ms, CPU time"
    yield Gate(f"a message {how}, p95", "<= 2 ms", slow, None, slow <= 2, "ms", note)
    note = f"{cost.bare:.0f} MB before the data, at most {cost.peak:.0f} MB while it loads; {cost.load:.1f} s to load"
    yield Gate(f"memory {how}", "<= 60 MB", cost.resident, None, cost.resident <= 60, "MB", note)


def unmeasured(name: str, must: str, why: str) -> Gate:
    return Gate(name, must, math.nan, None, None, note=why)
