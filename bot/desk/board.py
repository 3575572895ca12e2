"""The duty manager's board: what is open, how old it is, who waits, who is on, what falls due. Codes and two words only.

May not show a word a child wrote: whoever looks over a shoulder learns nothing of any child.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import calling, holding, owing
from bot.desk import by_hand, due
from bot.desk.asking import Go, Live, NotThere, Page
from bot.desk.painting import span
from bot.desk.routes import DUTY, Route
from bot.desk.said import UNREADABLE
from flows.model import BOT, Level
from storage import alerts, board, conversations, people

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.desk.asking import Answer, Ask
    from flows.model import Alert
    from flows.queue import Child
    from storage.database import Transaction

# A child who said something grave and has written nothing for so long is looked for, whoever has the alert.
SILENT_AFTER: Final = timedelta(minutes=30)
SILENT_LOOK_BACK: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Row:
    """An alert as a line. `colour`: red while nobody has it in time or its decision is late; `told`: how it stands."""

    id: str
    level: Level
    case: str
    minutes: int
    told: str
    colour: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child who waits for a person. `with_bot`: at L3 or L4, and the bot keeps them company until somebody joins."""

    conversation: str
    case: str
    locale: str
    channel: str
    minutes: int
    with_bot: bool


def waiting(tx: Transaction, ask: Ask, children: Iterable[Child]) -> list[Waiting]:
    """Of the `children` who wait, the longest first, whom who asks is not kept from: the same wherever they are counted."""
    found = []
    for one in children:
        if ask.who.id not in one.barred:
            c, case = conversations.peek(tx, one.conversation), conversations.contact_of(tx, one.conversation).reference
            minutes = _minutes(one.since, ask.at)
            found.append(Waiting(one.conversation, case, c.locale, c.channel, minutes, with_bot=c.holder == BOT))
    return found


def show(tx: Transaction, ask: Ask) -> Answer:
    """The whole board."""
    hidden = board.barred(tx, ask.who.id)
    owed = list(owing.owed(tx, ask.at, ask.zone, board.kept_from(tx, ask.who.id)))
    values: dict[str, Any] = {
        "here": "/board",
        "rows": [
            row(tx, one, ask.at)
            for one in sorted((*alerts.undecided(tx), *alerts.for_manager(tx)), key=_gravest)
            if one.conversation not in hidden
        ]
        + [
            Row(one.id, Level(one.level), one.case, _minutes(one.opened_at, ask.at), UNREADABLE, "red")
            for one in alerts.unreadable(tx)
            if one.conversation not in hidden
        ],
        "waiting": waiting(tx, ask, holding.children(tx)),
        "unreadable": [case for chat, case in board.unreadable(tx) if chat not in hidden],
        "silent": [
            (one, _minutes(one.since, ask.at))
            for one in board.silent(tx, ask.at - SILENT_LOOK_BACK, ask.at - SILENT_AFTER)
            if one.conversation not in hidden
        ],
        "on": people.on_duty(tx, ask.at),
        "promises": by_hand.promises(tx, ask),
        "to_approve": by_hand.to_approve(tx, ask),
        "due": due.of(owed, ask.at),
    }
    return Page("board.html", "Board", values)


def row(tx: Transaction, alert: Alert, now: datetime) -> Row:
    """How one alert stands, in words."""
    minutes = _minutes(alert.opened_at, now)
    if alert.for_manager:
        told = "decided; " + (f"{alert.taken_by} has it and" if alert.taken_by else "a manager") + " must decide it too"
        return Row(alert.id, alert.level, alert.case_name, minutes, told, "amber")
    if alert.taken_by is None:
        late = minutes >= _first_rung(alert)
        reached = ", ".join(calling.asked(tx, alert, now)) or "nobody yet"
        return Row(
            alert.id,
            alert.level,
            alert.case_name,
            minutes,
            f"not taken; being reached: {reached}",
            _red(alert, late=late),
        )
    if alert.level is Level.L4 and not alert.confirmed:
        told = f"{alert.taken_by} took it by text; still climbing until it is opened here"
        return Row(alert.id, alert.level, alert.case_name, minutes, told, "red")
    told = f"{alert.taken_by} has it, {span(_minutes(alert.taken_at, now))}; no decision yet"
    return Row(alert.id, alert.level, alert.case_name, minutes, told, "amber" if alert.level >= Level.L3 else "plain")


def _gravest(alert: Alert) -> tuple[int, datetime]:
    """What a manager must decide too stands where its level does."""
    return -alert.level, alert.opened_at


def _red(alert: Alert, *, late: bool) -> str:
    return "red" if late or alert.level >= Level.L3 else "amber"


def _first_rung(alert: Alert) -> int:
    """After how many minutes the second rung is tried: until then the first has its time."""
    return next((rung.after_minutes for rung in alert.ladder.rungs if rung.after_minutes), 60)


def _minutes(since: datetime | None, now: datetime) -> int:
    return 0 if since is None else max(0, int((now - since).total_seconds() // 60))


def live(tx: Transaction, ask: Ask) -> Answer:
    """Tells an open board that something happened."""
    del tx, ask
    return Live("board", board.version)


def from_page(tx: Transaction, ask: Ask) -> Answer:
    """The short address that stands in a page."""
    if not board.is_alert(tx, ask.path["alert"]):
        raise NotThere(NotThere.__doc__)
    return Go(f"/alerts/{ask.path['alert']}")


ROUTES: Final = (
    Route("GET", "/board", DUTY, show),
    Route("GET", "/board/live", DUTY, live, is_bare=True),
    Route("GET", "/a/{alert}", DUTY, from_page),
)
