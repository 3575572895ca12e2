"""Which languages a child is answered in: complete, and reviewed by a native reader, or drafts where somebody answers for that:
the operator for all of them (`WAYMARK_DRAFT_LOCALES`), a manager for one (decisions 9). Always within `WAYMARK_LOCALES`.

May not look into the database: `turned_on`, the languages a manager answers for, is handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from bot import i18n, review

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.config import Settings
    from flows.loader import Source

# A catalogue is read once a process, and so is what it lacks.
_COUNTED: Final[WeakKeyDictionary[i18n.Catalogue, review.Standing]] = WeakKeyDictionary()


def standing(source: Source, catalogue: i18n.Catalogue) -> review.Standing:
    """How far a language has come."""
    if catalogue not in _COUNTED:
        _COUNTED[catalogue] = review.standing(i18n.messages(source), catalogue)
    return _COUNTED[catalogue]


def wanted(settings: Settings, catalogues: Mapping[str, i18n.Catalogue]) -> tuple[str, ...]:
    """The languages that the settings leave to be offered, in the order in which they name them."""
    if not settings.locales:
        return tuple(catalogues)
    found = (i18n.negotiate(tag, catalogues) for tag in settings.locales)
    return tuple(dict.fromkeys(tag for tag in found if tag))


def sends_drafts(settings: Settings, locale: str, turned_on: Collection[str]) -> bool:
    """Whether texts that nobody has signed may be sent in this language."""
    return settings.draft_locales == "allow" or locale in turned_on


def offered(
    source: Source, settings: Settings, catalogues: Mapping[str, i18n.Catalogue], turned_on: Collection[str] = ()
) -> tuple[str, ...]:
    """The languages a child is answered in."""
    return tuple(
        tag
        for tag in wanted(settings, catalogues)
        if not standing(source, catalogues[tag]).refused(drafts=sends_drafts(settings, tag, turned_on))
    )
