"""Every address of the desk, with who may ask for it: one table. What stands in no row does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.desk import (
    alert,
    board,
    by_hand,
    card,
    cases,
    chats,
    chatting,
    copying,
    directory,
    due,
    elsewhere,
    entry,
    files,
    health,
    languages,
    lookups,
    overseeing,
    plotting,
    practice,
    pressing,
    recorded,
    records,
    requesting,
    rota,
    staff,
)
from bot.desk.asking import Go
from bot.desk.routes import SIGNED_IN, Route

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction


def home(tx: Transaction, ask: Ask) -> Answer:
    """The first page that is for whoever comes."""
    del tx
    return Go(next((path for path, _ in MENU if ask.may(BY_PATH[path].roles)), "/me"))


ROUTES: Final = (
    Route("GET", "/", SIGNED_IN, home),
    *board.ROUTES,
    *due.ROUTES,
    *by_hand.ROUTES,
    *alert.ROUTES,
    *pressing.ROUTES,
    *card.ROUTES,
    *requesting.ROUTES,
    *directory.ROUTES,
    *lookups.ROUTES,
    *staff.ROUTES,
    *chats.ROUTES,
    *chatting.ROUTES,
    *overseeing.ROUTES,
    *rota.ROUTES,
    *languages.ROUTES,
    *cases.ROUTES,
    *practice.ROUTES,
    *records.ROUTES,
    *recorded.ROUTES,
    *copying.ROUTES,
    *plotting.ROUTES,
    *entry.ROUTES,
    *elsewhere.ROUTES,
    *files.ROUTES,
    *health.ROUTES,
)
BY_PATH: Final = {one.path: one for one in ROUTES if one.method == "GET"}
# What stands at the top of every page, for whom the row of its path lets in.
MENU: Final[tuple[tuple[str, str], ...]] = (
    ("/board", "Board"),
    ("/chats", "Chats"),
    ("/cases", "Cases"),
    ("/records", "Records"),
    ("/request", "Request"),
    ("/practice", "Practice"),
    ("/overseeing", "Overseeing"),
    ("/reviews", "Reviews"),
    ("/rota", "Rota"),
    ("/directory", "Directory"),
    ("/number", "Number"),
    ("/handover", "Hand-over"),
    ("/plots", "Plots"),
    ("/staff", "Staff"),
    ("/languages", "Languages"),
    ("/audit", "Audit"),
)
