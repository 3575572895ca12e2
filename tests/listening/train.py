"""Trains the statistical detector from our own labelled rows: `python -m tests.listening.train`. Deterministic.

Reads training rows only (`tests/listening/corpus/train`, `tests/flows/listening/rows`), never the evaluation half.
Writes `flows/library/listening/statistical.npz`: whole numbers, no pickle, the same bytes every time.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flows import listening
from flows.listening import model as models
from flows.listening import normalise, statistical
from flows.listening.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "flows" / "library" / "listening"
FOLDERS = (ROOT / "tests" / "listening" / "corpus" / "train", ROOT / "tests" / "flows" / "listening" / "rows")
THRESHOLDS = {"en": 3.8}  # chosen so that ordinary text is heard in less than two of a hundred
OTHERS = 5.0  # fewer rows, so surer before a person is asked
ROUNDS, SPEED, SHRINK, MISSED = 40, 0.15, 1e-3, 2.0


def rows() -> Iterator[tuple[str, str, int, str]]:
    """(language, text, level, category) of every training row."""
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.tsv")):
            for line in path.read_text(encoding="utf-8").splitlines()[1:]:
                text, level, category, *_ = [*line.split("\t"), "", ""]
                if level[1:].isdigit():
                    yield path.name.split(".")[0].split("-")[0], text, int(level[1:]), category


Vector = tuple["NDArray[np.int64]", "NDArray[np.float32]"]


def vectors(model: models.Model) -> list[tuple[Vector, int, str, str]]:
    """Every row as the detector sees it, with level, category and language."""
    out = []
    for language, text, level, category in rows():
        if language not in model.lexicons:
            continue
        reading = normalise.read(text)
        lexicons = model.lexicons[language]
        read = scan(reading, lexicons[0] if reading.accented else lexicons[-1])
        heard = listening.listen(text, listening.Context(language, 14), model)
        found = statistical.features(read, 0, len(read.signs)) | statistical.rule_features(heard.hits)
        out.append((statistical.vector(found), level, category, language))
    return out


def fit(data: list[tuple[Vector, int, str, str]]) -> tuple[NDArray[np.float64], float]:
    """Logistic regression by AdaGrad in a fixed order; a missed disclosure costs twice a false alarm."""
    weights, bias = np.zeros(statistical.BUCKETS), 0.0
    squares, bias_square = np.full(statistical.BUCKETS, 1e-6), 1e-6
    order = np.random.default_rng(0)
    for _ in range(ROUNDS):
        for at in order.permutation(len(data)):
            (buckets, amounts), level, _, _ = data[at]
            wanted = float(level >= 2)
            error = 1 / (1 + np.exp(-np.clip(weights[buckets] @ amounts + bias, -30, 30))) - wanted
            error *= MISSED if wanted else 1.0
            step = error * amounts + SHRINK * weights[buckets]
            squares[buckets] += step * step
            weights[buckets] -= SPEED * step / np.sqrt(squares[buckets])
            bias_square += error * error
            bias -= SPEED * error / np.sqrt(bias_square)
    return weights, float(bias)


def kinds(data: list[tuple[Vector, int, str, str]], categories: tuple[str, ...]) -> NDArray[np.float64]:
    """One column a category: how much likelier a feature is in its disclosures than in all of them."""
    counts = np.full((statistical.BUCKETS, len(categories)), 0.05)
    for (buckets, amounts), level, category, _ in data:
        if level and category in categories:
            counts[buckets, categories.index(category)] += amounts
    share = counts / counts.sum(axis=0)
    return np.asarray(np.log(share) - np.log(share.mean(axis=1, keepdims=True)))


def save(weights: NDArray[np.float64], bias: float, data: list[tuple[Vector, int, str, str]]) -> None:
    """Round to whole numbers of one byte and write."""
    categories = tuple(sorted({category for _, level, category, _ in data if level and category}))
    languages = sorted({language for *_, language in data})
    whole = np.column_stack([weights, kinds(data, categories)])
    scale = np.abs(whole).max(axis=0) / 127
    np.savez_compressed(
        LIBRARY / "statistical.npz",
        table=np.round(whole / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=np.float64(bias),
        categories=np.array(categories),
        languages=np.array(languages),
        thresholds=np.array([THRESHOLDS.get(code, OTHERS) for code in languages]),
    )


def main() -> None:
    """Train and write; prints how many rows were read."""
    model = replace(models.load(LIBRARY), weights=None)
    data = vectors(model)
    weights, bias = fit(data)
    save(weights, bias, data)
    print(f"{len(data)} rows -> {LIBRARY / 'statistical.npz'}")  # noqa: T201 - a command for people


if __name__ == "__main__":
    main()
