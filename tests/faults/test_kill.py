"""kill -9 while two hundred children text: nothing lost, nothing twice, everybody paged, the chain whole.

`WAYMARK_TEST_KILLS=200` for the long run; more children then, so that there is always a load to be killed under.
"""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.faults import judging
from tests.faults.children import MOST, Crowd

if TYPE_CHECKING:
    import pytest

    from tests.faults.program import Program
    from tests.faults.provider import Provider

KILLS = int(os.environ.get("WAYMARK_TEST_KILLS", "2"))
CHILDREN = 200 if KILLS <= 20 else MOST


def test_nothing_is_lost_and_nothing_happens_twice(
    program: Program, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(program.url)
    began = time.monotonic()
    program.start()
    crowd = Crowd(program.port, CHILDREN, seed=KILLS)
    crowd.start()
    share = crowd.total / (KILLS + 1)
    for kill in range(KILLS):
        crowd.wait_for(int(share * (kill + chance.uniform(0.5, 1.5))), program.log)
        time.sleep(chance.uniform(0, 0.03))
        program.kill()
        if kill == KILLS - 1:
            # The last begins from nothing, as a machine that comes back does: not even its hashes are those of before.
            program.seed = None
        program.start()
    crowd.join(600)
    program.kill()

    with judging.house(program) as ours:
        then = datetime.now(UTC) + judging.LATER
        ours.settle(then, provider)
        sends = judging.what_was_sent_left(ours, provider, then)
        paged = judging.every_disclosure_was_paged(ours, crowd, provider, then)
        judging.everyone_was_answered(ours, crowd, datetime.now(UTC))
        lines = judging.the_chain_is_whole(ours)
    again = provider.duplicates()
    with capsys.disabled():
        print(  # noqa: T201 - the numbers are what this test is for
            f"\n{program.url.partition(':')[0]}: {KILLS + 1} kills, {crowd.total} texts brought {crowd.tries} times, "
            f"0 lost, 0 handled twice, {paged} alerts all paged, {sends} sends with {again} duplicates, "
            f"{lines} audit lines whole, {time.monotonic() - began:.0f} s"
        )
    assert again <= KILLS + 1
