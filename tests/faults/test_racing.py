"""Two processes and one child. On PostgreSQL both serve; on SQLite the second is refused in one line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from storage import audit, inbox
from storage.codes import Direction
from tests.faults import judging
from tests.faults.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.provider import Provider
    from tests.forked import Seed

CHILDREN = 8
TEXTS = ("hello", "1", "1", "he raped me", "5", "why", "ok", "9")


def address(child: int) -> str:
    return f"+447700900{200 + child}"


def test_two_processes_and_one_child(program: Program, keys_file: Path, provider: Provider, seed: Seed) -> None:
    program.start()
    if program.url.startswith("sqlite"):
        code, out, complaint = program.run("serve", WAYMARK_PORT="0")
        assert (code, out) == (2, "")
        assert complaint.count("\n") == 1
        assert "Another process writes to this SQLite database" in complaint
        return
    with Program(program.url, keys_file, provider.base, seed) as second:
        second.start()
        _race((program, second))
    with judging.house(program) as ours, ours.database.transaction() as tx:
        for child in range(CHILDREN):
            found = judging.thread(tx, address(child))
            came = [one.external_id for one in found if one.direction is Direction.IN]
            assert sorted(filter(None, came)) == [f"SM{child:04d}{text:04d}" for text in range(len(TEXTS))]
        assert inbox.waiting(tx) == 0
        assert audit.verify(tx) is None


def _race(both: tuple[Program, Program]) -> None:
    """Every text of every child comes by both doors, and the texts of one child come at the same time."""

    def bring(job: tuple[int, int, int]) -> int:
        child, text, door = job
        return both[door].text(f"SM{child:04d}{text:04d}", address(child), TEXTS[text])

    for child in range(CHILDREN):
        jobs = [(child, text, door) for text in range(len(TEXTS)) for door in (0, 1)]
        with ThreadPoolExecutor(len(jobs)) as hands:
            assert set(hands.map(bring, jobs)) == {204}
