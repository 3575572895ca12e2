"""The database goes away as in a power cut, and comes back: 503 meanwhile, then everything is delivered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.faults import judging
from tests.faults.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.provider import Provider
    from tests.forked import Seed
    from tests.postgres import Server

CHILD = "+447700900110"


@pytest.fixture
def on_postgresql(
    postgres_server: Server, migrated_template: str, keys_file: Path, provider: Provider, seed: Seed
) -> Iterator[Program]:
    name = "test_down"
    with Program(postgres_server.create(name, migrated_template), keys_file, provider.base, seed) as made:
        made.staff()
        yield made
    postgres_server.drop(name)


def test_503_until_it_is_back_and_nothing_lost(
    on_postgresql: Program, postgres_server: Server, provider: Provider
) -> None:
    program = on_postgresql
    program.start()
    assert program.text("SM01", CHILD, "hello") == 204
    postgres_server.stop("immediate")
    try:
        assert program.text("SM02", CHILD, "1") == 503
        until = time.monotonic() + 10
        while program.get("/readyz") != 503:  # one look serves all who ask within a second
            assert time.monotonic() < until
            time.sleep(0.1)
        assert program.get("/healthz") == 200
    finally:
        postgres_server.start()
    until = time.monotonic() + 30
    while (status := program.text("SM02", CHILD, "1")) != 204:
        assert status == 503
        assert time.monotonic() < until
        time.sleep(0.1)
    while len(provider.to(CHILD)) < 4:
        assert time.monotonic() < until + 60, program.log()
        time.sleep(0.05)
    program.kill()
    with judging.house(program) as ours, ours.database.transaction() as tx:
        assert [one[0] for one in judging.turns(judging.thread(tx, CHILD))] == ["SM01", "SM02"]
    assert provider.duplicates() <= 1
