"""Pages of the desk out of values: templates, the time as staff read it, words that say what was done. May not decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import called, i18n
from bot.desk import said
from bot.filing import times
from storage import sessions

if TYPE_CHECKING:
    from datetime import tzinfo

    from bot.desk.asking import Ask, Me, Page
    from bot.desk.routes import Route

HERE: Final = Path(__file__).parent
_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?[+-][0-9]{2}:[0-9]{2})?")
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
# Before a session ends by its length, whoever sits here is told: nobody is to be signed out in the middle of a text.
_TOLD_BEFORE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Day:
    """When a session ends by its length, seen from now."""

    ends: datetime
    now: datetime

    @property
    def told_in(self) -> int:
        """Seconds until it is said; 0: now."""
        return max(0, int((self.ends - _TOLD_BEFORE - self.now).total_seconds()))


class Painting:
    """Makes HTML. `menu`: (path, words, route) of what stands at the top for whom may go there."""

    def __init__(self, service: str, zone: tzinfo, menu: tuple[tuple[str, str, Route], ...]) -> None:
        self._menu, self._service, self._zone = menu, service, zone
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters |= {"clock": self._clock, "day": self._day, "words": called.words, "span": span}
        self._templates.filters |= {
            "language": i18n.called,
            "several": called.several,
            "told": called.told,
            "stamped": stamped,
        }

    def page(self, page: Page, me: Me | None, ask: Ask) -> str:
        """A page as it is sent."""
        given: dict[str, Any] = {
            "title": page.title,
            "service": self._service,
            "me": me,
            "mark": me.mark if me else "",
            "now": ask.at,
            "here": "",
            "writes": False,
            "day": None if me is None else _Day(me.session.begun_at + sessions.LONGEST, ask.at),
            "done": said.DONE.get(ask.query.get("done", ""), ""),
            "menu": [] if me is None else [(path, name) for path, name, route in self._menu if me.may(route.roles)],
        }
        return self._templates.get_template(page.template).render(given | dict(page.values))

    def wrong(self, code: str, why: str = "", typed: tuple[str, ...] = ()) -> str:
        """A page that says what went wrong, and what to do. `typed`: what somebody wrote, given back to be copied."""
        title, text = said.WRONG[code]
        given = {"title": title, "text": text, "why": called.told(why), "typed": typed, "service": self._service}
        return self._templates.get_template("wrong.html").render(given)

    def _clock(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self._zone):%H:%M}"

    def _day(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self._zone):%a %-d %b %H:%M}"


def stamped(text: str) -> str:
    """An instant or a day that stands in a text as programs write it; any other text as it is."""
    return times.read(text) if _STAMP.fullmatch(text) else text


def span(minutes: int) -> str:
    """How long, as it is said."""
    if minutes < _HOUR:
        return f"{minutes} min"
    if minutes < _DAY:
        return f"{minutes // _HOUR} h {minutes % _HOUR:02d} min"
    return f"{minutes // _DAY} d {minutes % _DAY // _HOUR} h"
