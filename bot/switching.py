"""What a manager turns on and off while the house runs. Every turn is audited under the name of who did it.

Closed changes what a child is promised, and lets nothing wait that would page by night. L3 and L4 page as ever. A language
that is turned on is offered though no native reader has signed its texts; a person reads whatever is written in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import spoken
from bot.clicks import NotPossible
from bot.filing import times
from storage import audit, draft_languages, people, switches
from storage.codes import Role, Switch

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.shelf import Shelf
    from storage.database import Transaction
    from storage.people import Person

# Whose word turns a switch; the desk asks this module, so it may not stand on the command line's.
MANAGERS: Final = (Role.MANAGER, Role.SERVICE_MANAGER)
LONGEST_REASON: Final = 500


def turn(tx: Transaction, who: Person, name: str, *, on: bool, at: datetime, until: datetime | None = None) -> None:
    """Turn a switch. Raises NotPossible for who is no manager, an unknown switch, or a time that has passed."""
    if name not in set(Switch):
        raise NotPossible(f"there is no switch '{name}': use one of {', '.join(Switch)}")
    _manages(who, name)
    if until is not None and until <= at:
        raise NotPossible("--until has passed: give a time to come, or leave it out")
    switches.turn(tx, name, on=on, by=who.id, at=at, until=until)
    audit.record(tx, at, who.id, "switch.on" if on else "switch.off", name, *(_stamp(until) if on else ()))


def turn_on_language(tx: Transaction, shelf: Shelf, who: Person, locale: str, reason: str, at: datetime) -> None:
    """Offer a language whose texts are complete but drafts. Raises NotPossible and says what stands against it.

    The reason is kept sealed; the audit names the language alone.
    """
    _manages(who, locale)
    if wrong := in_the_way(shelf, locale):
        raise NotPossible(f"'{locale}' {wrong}")
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST_REASON:
        raise NotPossible(
            f"say why '{locale}' is offered though nobody has signed it, in at most {LONGEST_REASON} characters"
        )
    if not draft_languages.turn_on(tx, locale, who.id, why, at):
        raise NotPossible(f"'{locale}' is on already: turn it off first to give another reason")
    audit.record(tx, at, who.id, "language.on", locale)


def in_the_way(shelf: Shelf, locale: str) -> str:
    """Why a manager cannot turn this language on, and what to do; or ""."""
    if locale not in shelf.catalogues:
        return "is no language here: `waymark locales` and the page Languages show which there are"
    if lacks := spoken.standing(shelf.source, shelf.catalogues[locale]).refused(drafts=True):
        return f"is not complete: {lacks}; have it translated first, locales/README.md says how"
    if locale not in spoken.wanted(shelf.settings, shelf.catalogues):
        return "is not among WAYMARK_LOCALES: whoever keeps the server has to add it there first"
    if not shelf.is_draft(locale):
        return "is offered already: a native reader has signed all of it"
    if shelf.settings.draft_locales == "allow":
        return "is offered already: WAYMARK_DRAFT_LOCALES lets every draft out"
    return ""


def turn_off_language(tx: Transaction, who: Person, locale: str, at: datetime) -> None:
    """Offer it no longer; a chat that has begun in it goes on in it. Raises NotPossible: no manager, or not on."""
    _manages(who, locale)
    if not draft_languages.turn_off(tx, locale, who.id, at):
        raise NotPossible(
            f"'{locale}' was not turned on by a manager; the page Languages and `waymark locales` show which are"
        )
    audit.record(tx, at, who.id, "language.off", locale)


def told(tx: Transaction, now: datetime, zone: ZoneInfo) -> list[str]:
    """A line for each switch that is on."""
    return [_line(tx, one, zone) for one in switches.shown(tx, now)]


def told_languages(tx: Transaction, zone: ZoneInfo) -> dict[str, str]:
    """Of each language that a manager turned on: since when, and by whom. Why is for the desk alone."""
    return {
        one.locale: f"on since {times.told(one.at, zone)}, by {people.load(tx, one.by).name}"
        for one in draft_languages.shown(tx)
    }


def _manages(who: Person, name: str) -> None:
    if not who.active or who.role not in MANAGERS:
        raise NotPossible(f"{who.name} is no manager: only a manager or a service manager may turn '{name}'")


def _line(tx: Transaction, one: switches.Turned, zone: ZoneInfo) -> str:
    until = "until it is turned off" if one.until is None else f"until {times.told(one.until, zone)}"
    name = people.load(tx, one.by).name
    return f"{one.name} is on since {times.told(one.at, zone)}, by {name}, {until}"


def _stamp(until: datetime | None) -> tuple[str, ...]:
    return () if until is None else (until.strftime("until:%Y%m%dT%H%MZ"),)
