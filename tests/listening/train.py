"""Trains the statistical detector from our own labelled rows: `python -m tests.listening.train`. Deterministic.

Reads training rows only (`tests/listening/corpus/train`, `tests/flows/listening/rows`), never the evaluation half.
Writes `flows/library/listening/statistical.npz`: whole numbers, no pickle, the same bytes every time. What it says of the
rows comes from cross-validation: each is judged by weights that were fitted without it, and without any other row of the pass
that wrote it, for one hand repeats itself.
"""

from __future__ import annotations

import random
import string
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from flows import listening
from flows.listening import lexicon, normalise, statistical
from flows.listening import model as models
from flows.listening.scan import scan
from flows.model import Level
from storage.keys import ALPHABET, CODE_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

ROOT: Final = Path(__file__).parents[2]
LIBRARY: Final = ROOT / "flows" / "library" / "listening"
FOLDERS: Final = (
    ROOT / "tests" / "listening" / "corpus" / "train",
    ROOT / "tests" / "flows" / "listening" / "rows",
)
EVERYDAY: Final = "ordinary: comment"  # the note of rows that stand for what people write all day
APART: Final = "train-d"  # passes of writers who had seen no other row: each is judged by what the others wrote
HEADS: Final = (Level.L2, Level.L3)  # from which level a row is one that a head must find: to be read, and to page
# For each language the log-odds from which a text is read by a person, and from which it pages. Measured, not fitted, on 400
# everyday sentences of each (4,700 in English), which are other people's and not kept here: from the tail of what the weights say
# of them, so that with the phrases 2 % are read and half a percent pages. More page where children would else be heard less than
# before (am, ar, ckb, fa, ps, ro, ti, uk, ur, zh: 1 to 2 %), and fewer are read where enough is heard (bn, fa, fr, gu, hi ...).
# English pages a little less than it could, and Arabic reads less: a child who was jumped is offered a person and nobody is rung,
# and that one fears to be deported is noted. None lies under what the weights say of a text they know nothing of (pa).
THRESHOLDS: Final = {
    "am": (0.40, -0.31), "ar": (0.24, 0.12), "bn": (0.53, 0.48), "ckb": (0.33, 0.12), "el": (1.00, 1.51),
    "en": (0.35, 0.40), "es": (0.66, 0.70), "fa": (0.56, 0.31), "fr": (0.60, 0.42), "gu": (0.50, 0.17), "hi": (0.61, 0.53),
    "pa": (-0.57, -0.77), "pl": (0.61, 0.41), "ps": (-0.22, -0.71), "pt": (0.69, 1.09), "ro": (0.77, 0.10),
    "so": (-0.14, -0.05), "sq": (0.39, 0.56), "ti": (0.10, 0.19), "tr": (0.95, 1.04), "uk": (0.58, 0.48),
    "ur": (0.26, -0.41), "vi": (0.69, 0.07), "zh": (0.60, 0.16),
}  # fmt: skip
FOLDS: Final = 3
UNWORDED: Final = 600
ROUNDS, SPEED, SHRINK = 150, 0.02, 1.0
# What it costs to miss a disclosure, one of a lower level, and to take a row of the hard kind or an everyday one for one
# (the last: to ask for a reader, to page). Hard rows are far more here than in life: at 1 each, two of a hundred disclosures
# fewer were heard for as many everyday alarms. All of it counts less where a few hands wrote all rows.
MISSED, NEAR, HARD, DISTURBED = 1.0, 0.3, 0.25, (4.0, 10.0)
MANY_HANDS, FEW_HANDS = "en", 0.5
SPARED, LEAST_TOLD = 0.5, 0.05  # rows a feature is given of either kind before counting; the least it may be told apart


@dataclass(frozen=True, slots=True)
class Row:
    """A training row as the detector sees it. `heard`: the level the phrases alone give it."""

    language: str
    level: int
    category: str
    everyday: bool
    source: str
    heard: int
    found: dict[str, float]


@dataclass(frozen=True, slots=True)
class Data:
    """Rows as one long list of amounts, once by row and once by bucket: `begins[i]` says where row i begins in `buckets` and
    `amounts`; `used[i]` begins at `firsts[i]` in `rows` and `columns`.
    """

    kept: tuple[Row, ...]
    begins: NDArray[np.int64]
    buckets: NDArray[np.int64]
    amounts: Numbers
    used: NDArray[np.int64]
    firsts: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: Numbers

    def sums(self, weights: Numbers) -> Numbers:
        """The weights of every row, added up."""
        return np.add.reduceat(self.amounts * weights[self.buckets], self.begins)

    def by_bucket(self, numbers: Numbers, *, squared: bool = False) -> Numbers:
        """A number a row, carried back to the buckets that are used."""
        columns = self.columns**2 if squared else self.columns
        return np.add.reduceat(columns * numbers[self.rows], self.firsts)


def lines() -> Iterator[tuple[str, str, int, str, str, str]]:
    """(language, text, level, category, note, source) of every training row."""
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.tsv")):
            for line in path.read_text(encoding="utf-8").splitlines()[1:]:
                text, level, category, note, source, *_ = [*line.split("\t"), "", "", "", ""]
                if level[1:].isdigit():
                    yield path.name.split(".")[0].split("-")[0], text, int(level[1:]), category, note, source
    yield from _unworded()


def _unworded() -> Iterator[tuple[str, str, int, str, str, str]]:
    """What says nothing in any language: the codes children and staff send, and keys hit at random."""
    chance, languages = random.Random(0), sorted(path.stem for path in FOLDERS[0].glob("*.tsv"))
    for number in range(UNWORDED):
        code = "".join(chance.choices(ALPHABET, k=CODE_LENGTH))
        mash = "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9)))
        for text in (code, code.lower(), mash):
            yield languages[number % len(languages)], text, 0, "", EVERYDAY, ""


def read(model: models.Model) -> Data:
    """Every row of a language that has a lexicon."""
    kept = []
    for language, text, level, category, note, source in lines():
        if language not in model.lexicons:
            continue
        if language not in THRESHOLDS:
            message = f"{language}: rows to learn from and no threshold: add one to THRESHOLDS"
            raise SystemExit(message)
        reading = normalise.read(text)
        made = scan(reading, lexicon.reading_of(model.lexicons[language], reading))
        hits = listening.listen(text, listening.Context(language, 14), model).hits
        found = statistical.features(made, 0, len(made.signs)) | statistical.rule_features(hits)
        heard = max((int(hit.level) for hit in hits), default=0)
        if found:  # a face by itself has no words
            kept.append(Row(language, level, category, note.startswith(EVERYDAY), source, heard, found))
    return laid_out(tuple(kept))


def laid_out(kept: tuple[Row, ...]) -> Data:
    """Rows as numbers. Every row has a feature: a word, or what it is made of."""
    vectors = [statistical.vector(row.found) for row in kept]
    lengths = [len(buckets) for buckets, _ in vectors]
    buckets = np.concatenate([buckets for buckets, _ in vectors])
    amounts = np.concatenate([amounts for _, amounts in vectors])
    order = np.argsort(buckets, kind="stable")
    used, firsts = np.unique(buckets[order], return_index=True)
    rows = np.repeat(np.arange(len(kept)), lengths)
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Data(kept, begins, buckets, amounts, used, firsts, rows[order], amounts[order])


def costs(data: Data) -> Numbers:
    """What it costs to be wrong about each row, one column a head."""
    return np.array([[_cost(row, least) for least in HEADS] for row in data.kept], np.float32)


def _cost(row: Row, least: Level) -> float:
    disturbed = DISTURBED[HEADS.index(least)] if row.everyday else HARD
    missed = MISSED if row.level >= least else NEAR
    cost = missed if row.level else disturbed
    return cost if row.language == MANY_HANDS else cost * FEW_HANDS


def fit(data: Data, cost: Numbers, least: Level) -> tuple[Numbers, float]:
    """Logistic regression by descent with momentum over all rows at once; a row that costs nothing is left out."""
    wanted = np.array([row.level >= least for row in data.kept], np.float32)
    shrink = _shrink(data, cost, wanted)
    slope = data.by_bucket(cost * np.float32(0.25), squared=True) + shrink
    weights, mine = np.zeros(statistical.BUCKETS, np.float32), np.zeros(len(data.used), np.float32)
    push, bias, bias_push = np.zeros_like(mine), 0.0, 0.0
    for _ in range(ROUNDS):
        error = (1 / (1 + np.exp(-np.clip(data.sums(weights) + np.float32(bias), -30, 30))) - wanted) * cost
        push = np.float32(0.9) * push + (data.by_bucket(error.astype(np.float32)) + shrink * mine) / slope
        bias_push = 0.9 * bias_push + 4 * float(error.sum() / cost.sum())
        mine -= np.float32(SPEED) * push
        bias -= SPEED * bias_push
        weights[data.used] = mine
    return weights, bias


def _shrink(data: Data, cost: Numbers, wanted: Numbers) -> Numbers:
    """How strongly the weight of each used bucket is drawn to nothing: the less, the more likely one kind of row has it than the
    other. The log-count ratios of Wang and Manning (2012), as freedom to grow instead of as a scale: what the rows say
    outweighs them. With one number for all, two of a hundred grave English disclosures fewer page.
    """
    wanting, harmless = cost * wanted, cost * (1 - wanted)
    found, others = (np.add.reduceat(one[data.rows], data.firsts, dtype=np.float32) for one in (wanting, harmless))
    share = wanting.sum() / cost.sum()
    told = np.log((found + SPARED * share) / wanting.sum()) - np.log((others + SPARED * (1 - share)) / harmless.sum())
    free = np.maximum(np.abs(told), LEAST_TOLD)
    return np.asarray(SHRINK * free.mean() / free, np.float32)


def unseen(data: Data) -> Numbers:
    """The log-odds of every row, one column a head, by weights fitted without it and without the pass that wrote it."""
    passes = sorted({row.source for row in data.kept if row.source.startswith(APART)})
    of = {name: at % FOLDS for at, name in enumerate(passes)}
    chance = np.random.default_rng(0).integers(0, FOLDS, len(data.kept))
    folds = np.array([of.get(row.source, at) for row, at in zip(data.kept, chance, strict=True)])
    out, cost = np.zeros((len(data.kept), len(HEADS)), np.float32), costs(data)
    for fold in range(FOLDS):
        for head, least in enumerate(HEADS):
            weights, bias = fit(data, np.where(folds == fold, np.float32(0), cost[:, head]), least)
            out[folds == fold, head] = (data.sums(weights) + bias)[folds == fold]
    return out


def kinds(data: Data, categories: tuple[str, ...]) -> Numbers:
    """One column a category: how much likelier a feature is in its disclosures than in all of them."""
    counts = np.full((statistical.KINDS, len(categories)), 0.05, np.float32)
    for row in data.kept:
        if row.level and row.category in categories:
            buckets, amounts = statistical.kind_vector(row.found)
            counts[buckets, categories.index(row.category)] += amounts
    share = counts / counts.sum(axis=0)
    return np.asarray(np.log(share) - np.log(share.mean(axis=1, keepdims=True)))


def save(data: Data, fitted: list[tuple[Numbers, float]]) -> None:
    """Round to whole numbers of one byte, seal and write."""
    categories = tuple(sorted({row.category for row in data.kept if row.level and row.category}))
    columns = kinds(data, categories)
    heads = np.stack([weights for weights, _ in fitted], axis=1)
    scales, kinds_scale = np.abs(heads).max(axis=0) / 127, np.abs(columns).max(axis=0) / 127
    held = {
        "heads": np.round(heads / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
        "biases": np.array([bias for _, bias in fitted], np.float32),
        "features": np.array(statistical.FEATURES),
        "kinds": np.round(columns / kinds_scale).astype(np.int8),
        "kinds_scale": kinds_scale.astype(np.float32),
        "categories": np.array(categories),
        "languages": np.array(list(THRESHOLDS)),
        "thresholds": np.array(list(THRESHOLDS.values()), np.float32),
    }
    arrays = {name: np.asarray(value) for name, value in held.items()}
    arrays["seal"] = np.array(statistical.seal(arrays))
    np.savez_compressed(LIBRARY / "statistical.npz", allow_pickle=False, **arrays)


def told(data: Data, judged: Numbers) -> Iterator[str]:
    """What phrases and weights find together, each row by weights that had not seen its pass; English apart, and the passes
    that were judged without themselves apart.
    """
    for head, least in enumerate(HEADS):
        for english in (True, False):
            seen: Counter[str] = Counter()
            found: Counter[str] = Counter()
            for row, number in zip(data.kept, judged[:, head], strict=True):
                if (row.language == "en") is english and (row.level == 0 or row.level >= least):
                    kind = "disclosures" if row.level else "everyday" if row.everyday else "hard"
                    kind = f"fresh {kind}" if row.source.startswith(APART) else kind
                    seen[kind] += 1
                    found[kind] += row.heard >= least or number > THRESHOLDS[row.language][head]
            shown = ", ".join(
                f"{kind} {found[kind]} of {seen[kind]} ({found[kind] / seen[kind]:.1%})" for kind in sorted(seen)
            )
            yield f"{'en' if english else 'others'} {least.name}: {shown}"


def main() -> None:
    """Train and write; prints how many rows were read and what cross-validation says of them."""
    data = read(models.load(LIBRARY, weighed=False))
    cost = costs(data)
    save(data, [fit(data, cost[:, head], least) for head, least in enumerate(HEADS)])
    print(f"{len(data.kept)} rows -> {LIBRARY / 'statistical.npz'}")  # noqa: T201 - a command for people
    print(*told(data, unseen(data)), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
