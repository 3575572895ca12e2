"""The sector's Standard Safeguarding Dataset: its table `ssd_missing`, all missing children, from home or care. May not
leave an episode out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import children
from bot.children import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from bot.children import Child

HEADER: Final = (
    "miss_table_id",
    "miss_person_id",
    "miss_missing_episode_start_date",
    "miss_missing_episode_type",
    "miss_missing_episode_end_date",
    "miss_missing_rhi_offered",
    "miss_missing_rhi_accepted",
)
# Absent (the data model's NULL) is what is not known; NA is what is not owed while the child is still missing.
_SAID: Final = {Answer.YES: "Y", Answer.NO: "N", Answer.NOT_YET: "NA", Answer.UNKNOWN: None}


def rows(everyone: Iterable[Child], tz: tzinfo) -> Iterator[tuple[str | None, ...]]:
    """One row an episode, child after child, oldest first. Days as ISO 8601."""
    for child in everyone:
        for episode in child.episodes:
            found = children.found_at(episode)
            away = children.is_away(episode)
            end = (episode.returned_at or episode.ended_at) if away else found
            offered, accepted = children.offered(child, episode), children.accepted(child, episode)
            yield (
                episode.id,
                child.number,
                children.day(episode.missing_at, tz).isoformat(),
                "A" if away else "M",
                children.day(end, tz).isoformat() if end else None,
                _SAID[offered],
                # Nobody can accept what was never offered.
                "NA" if offered is Answer.NO else _SAID[accepted],
            )
