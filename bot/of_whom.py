"""Of which child, and of which time missing, a record is: what the council knows them by, and every time the interview was
offered (domain 3.1, record). May not judge: what nobody said is absent.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from bot import case_view, clocks, learnt
from bot.clockfacts import Known
from flows import facts, over_time

if TYPE_CHECKING:
    from bot.runner import House
    from flows.model import Conversation
    from storage.cases import Case, Episode
    from storage.database import Transaction

# No more than the interview needs: nothing here of origin or sex, nor how long it was, which is counted elsewhere.
_CHILD: Final = ("birth_date", "learning_disability", "responsible_authority", "host_authority")
_EPISODE: Final = (
    "number", "status", "missing", "located", "returned", "ended", "police_ref", "flags", "report_refused",
)  # fmt: skip
_TRY: Final = ("at", "way", "by", "result")


def of(tx: Transaction, house: House, case: Case, c: Conversation) -> dict[str, Any]:
    """As JSON values."""
    known = Known(tx, case, clocks.meaning(), clocks.blocks())
    about = known.about(c.started_at)
    number, episode = next(
        ((number, one) for number, one in enumerate(known.episodes, 1) if one.id == about), (0, None)
    )
    tz = house.settings.timezone
    tries = [
        {name: line[name] for name in _TRY}
        for line in case_view.attempts(tx, case, known.notes, tz)
        if known.about(datetime.fromisoformat(line["at"])) == about
    ]
    line = {} if episode is None else case_view.episode_line(episode, number, case, known.notes, c.started_at, tz)
    told = {name: value for name in _EPISODE if (value := line.get(name)) not in (None, "", [])}
    return {"child": _child(house, case, c, episode)} | ({"episode": told} if told else {}) | {"offers": tries}


def _child(house: House, case: Case, c: Conversation, episode: Episode | None) -> dict[str, Any]:
    """As they were when the chat began."""
    day = house.shelf.calendar.day(c.started_at)
    age = learnt.first(case.details, day).get("age", c.facts.get("age"))
    young = facts.under_13(c) if age is None else int(age) < facts.RAISED_BELOW
    known = age is not None or facts.age_known(c)
    that_time = episode.details.get("looked_after") if episode is not None else None
    told = {
        "age": age,
        "under_13": ("yes" if young else "no") if known else None,
        **{name: case.details.get(name) for name in _CHILD},
        "looked_after": that_time or over_time.held(case.details, "looked_after", day),
    }
    return {name: value for name, value in told.items() if value is not None}
