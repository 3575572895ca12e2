"""How much of everything is measured: tiny for the smoke test, quick, or full. May not measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds` of each pair; `interviews` a round and side; `stored`: finished interviews that lie in a peer's store, and
    in ours for growth; `raw`: minimal transactions a round; `seconds` of pgbench, and of half load; `web`: children a
    round of webhooks (at most 900 in all, there are no more invented numbers); `kills` of each database; `pages` open on the
    web, and `page_texts` written there; `children` in a file of episodes; `chats` that `workers` have, and `chat_texts` in them.
    """

    rounds: int
    interviews: int
    stored: int
    raw: int
    seconds: float
    web: int
    flight: int = 32
    steps: int = 2000
    starts: int = 5
    texts: int = 2000
    kills: int = 5
    pages: int = 500
    page_texts: int = 3000
    children: int = 10_000
    chats: int = 200
    workers: int = 20
    chat_texts: int = 1500


TINY: Final = Plan(
    rounds=1,
    interviews=2,
    stored=4,
    raw=64,
    seconds=1,
    web=4,
    flight=4,
    steps=50,
    starts=1,
    texts=20,
    kills=0,
    pages=6,
    page_texts=12,
    children=4,
    chats=4,
    workers=2,
    chat_texts=26,
)
QUICK: Final = Plan(
    rounds=3,
    interviews=6,
    stored=100,
    raw=320,
    seconds=1,
    web=8,
    steps=300,
    starts=1,
    texts=300,
    kills=0,
    page_texts=1000,
    children=1000,
    chat_texts=300,
)
FULL: Final = Plan(rounds=5, interviews=40, stored=2000, raw=6400, seconds=5, web=64)
