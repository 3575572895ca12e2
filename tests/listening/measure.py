"""What listening hears of the labelled corpus, counted. May not change a rule, nor show a sentence of the held half.

The level expected is that of a child of 14; heard is L2 or higher by the words alone, paged is L3 or L4. A text that
goes to a person because nobody has reviewed its language, or because the machine is unsure of it, is counted apart:
else every language without a reviewer would look perfect.
"""

from __future__ import annotations

import functools
import math
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import app
from flows import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from flows.listening import model as models

ROOT: Final = Path(__file__).parents[2]
CORPUS: Final = Path(__file__).parent / "corpus"
LIBRARY: Final = ROOT / "flows" / "library" / "listening"
COLUMNS: Final = ["text", "level", "category", "note", "source"]
AGE: Final = 14
HEARD, PAGED, CRITICAL = 2, 3, 4
ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message. `level` 0 to 4; `category` empty where nothing is disclosed; `line` counts from 1."""

    language: str
    line: int
    text: str
    level: int
    category: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was heard of one row: the highest level of its hits, their categories, CPU seconds."""

    row: Row
    level: int
    categories: frozenset[str]
    unscreened: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Share:
    """`hit` of `of`, with the Wilson interval of 95 %."""

    hit: int
    of: int

    @property
    def rate(self) -> float:
        return self.hit / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lowest and highest rate that would not surprise; everything is possible where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        z, n, p = 1.959964, self.of, self.rate
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@functools.cache
def model(*, read: bool = True) -> models.Model:
    """The data of listening, read once a process: the same that the program hears with; without the reader of sentences, which
    is an extra, unless `read`.
    """
    return app.ears() if read else replace(app.ears(), sentences=None)


def languages(half: str) -> list[str]:
    """English first, the others by their code."""
    codes = sorted(path.stem for path in (CORPUS / half).glob("*.tsv"))
    return sorted(codes, key=lambda code: code != ENGLISH)


def rows(half: str, language: str) -> list[Row]:
    """The rows of one file. A level that is no `L0` to `L4` raises ValueError, with its line and without its words."""
    out = []
    path = CORPUS / half / f"{language}.tsv"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or cells[1] not in {"L0", "L1", "L2", "L3", "L4"}:
            message = f"{half}/{language}.tsv:{number}: needs {', '.join(COLUMNS)}, tab-separated, level L0 to L4"
            raise ValueError(message)
        text, level, category, note, source = cells
        out.append(Row(language, number, text, int(level[1:]), category, note, source))
    return out


def ordinary(folder: Path) -> Iterator[Row]:
    """`source<TAB>text` a line, one file a language; assumed to disclose nothing."""
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            source, _, text = line.partition("\t")
            if text.strip():
                yield Row(path.stem, number, text, 0, "", "ordinary", source)


def hear(row: Row, texts: tuple[str, ...] = (), *, before: tuple[str, ...] = (), read: bool = True) -> Result:
    """Listens to the row as a child sends it, in one text or in several (`texts`), just after others (`before`), which are not
    judged by themselves; the highest level counts. `read`: with the reader of sentences.
    """
    sent = (*before, *(texts or (row.text,)))
    begun = time.process_time()
    heard = [
        listening.listen(sent[at], listening.Context(row.language, AGE, sent[:at]), model(read=read))
        for at in range(len(before), len(sent))
    ]  # fmt: skip
    seconds = time.process_time() - begun
    hits = [hit for one in heard for hit in one.hits]
    level = max((int(hit.level) for hit in hits), default=0)
    return Result(row, level, frozenset(hit.category for hit in hits), heard[-1].unscreened, seconds)


def hurried(rows: Sequence[Row]) -> Iterator[Result]:
    """Every third row of one language, just after the two before it: texts of 90 seconds are heard together as well."""
    for first, second, third in zip(rows[::3], rows[1::3], rows[2::3], strict=False):
        yield hear(third, before=(first.text, second.text))


@functools.cache
def half_of(half: str, language: str, *, read: bool = True) -> tuple[Result, ...]:
    """Every row of one file, heard."""
    return tuple(hear(row, read=read) for row in rows(half, language))


def whole(half: str, *, read: bool = True) -> list[Result]:
    return [one for language in languages(half) for one in half_of(half, language, read=read)]


def count(results: Iterable[Result], level: int) -> Share:
    """How many reached `level`."""
    found = [one.level >= level for one in results]
    return Share(sum(found), len(found))


def positives(results: Iterable[Result], lowest: int = HEARD) -> list[Result]:
    """Disclosures from `lowest` up: 2 as a person must look within the hour, 1 with those that may wait."""
    return [one for one in results if one.row.level >= lowest]


def negatives(results: Iterable[Result]) -> list[Result]:
    return [one for one in results if one.row.level == 0]


def others(results: Iterable[Result]) -> list[Result]:
    """All languages but English."""
    return [one for one in results if one.row.language != ENGLISH]


def only(results: Iterable[Result], language: str) -> list[Result]:
    return [one for one in results if one.row.language == language]


@dataclass(frozen=True, slots=True)
class Rates:
    """The shares every language is held to. Paged recall counts texts of L3 and L4. `category`: of the disclosures that were
    heard, those whose category is among the named ones: by it the bot chooses what it says, asks no more or falls silent.
    """

    heard: Share
    paged: Share
    false_heard: Share
    false_paged: Share
    category: Share


def rates(results: list[Result]) -> Rates:
    quiet = negatives(results)
    return Rates(
        count(positives(results), HEARD),
        count(positives(results, PAGED), PAGED),
        count(quiet, HEARD),
        count(quiet, PAGED),
        category(results),
    )


def category(results: Iterable[Result]) -> Share:
    heard = [one for one in positives(results, 1) if one.level >= HEARD]
    return Share(sum(one.row.category in one.categories for one in heard), len(heard))


def grouped(results: Iterable[Result], key: Callable[[Result], str]) -> dict[str, list[Result]]:
    """By `key`, in the order of the keys."""
    out: dict[str, list[Result]] = {}
    for one in results:
        out.setdefault(key(one), []).append(one)
    return dict(sorted(out.items()))


def percentile(values: Iterable[float], part: float) -> float:
    """The smallest value that `part` of all do not exceed; nan of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, math.ceil(part * len(ranked)) - 1)] if ranked else math.nan


_COST: Final = """
import resource, sys, time
from pathlib import Path
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
from flows import listening
from flows.listening import model
bare, begun = resident(), time.process_time()
read = model.load(Path(sys.argv[1]), late=True, read=sys.argv[2] == "True")
seconds = time.process_time() - begun
listening.listen("one text so that what is built late is built", listening.Context("en", 14), read)
print(seconds, bare, resident(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """A process that does nothing but load and listen: CPU seconds to load; MB resident before, after, and at most."""

    load: float
    bare: float
    resident: float
    peak: float


def cost(*, read: bool) -> Cost:
    """Measured in a fresh process, so that the tests' own memory is not counted; `read`: with the reader. Linux only."""
    ran = subprocess.run(
        [sys.executable, "-c", _COST, str(LIBRARY), str(read)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return Cost(*map(float, ran.stdout.split()))
