"""Where records are filed, as those who answer for it see it. May not show an address: half of one is a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot import delivering, keeping, staffing
from flows.model import MANAGERS
from storage import deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction

_SAYS: Final = {
    delivering.UNCONFIRMED: "the place waits for two managers",
    "no_place": "the place is not set any more",
    "not_public": "the address is not a public one",
    "not_https": "the address is not https",
    "no_folder": "the folder is not there",
    "short_secret": "the secret is shorter than 24 bytes",
}


def shown(settings: Settings) -> list[dict[str, Any]]:
    """One object a place, then one a record that has not arrived."""
    return keeping.within(settings, lambda tx: list(_lines(tx, settings)))


def _lines(tx: Transaction, settings: Settings) -> Iterator[dict[str, Any]]:
    for target in delivering.places(settings):
        yield {"kind": "place", "target": target, "confirmed": delivering.is_confirmed(tx, settings, target)}
    for one in deliveries.waiting(tx):
        yield {
            "kind": "waiting",
            "delivery": one.id,
            "target": one.target,
            "since": one.created_at.isoformat(),
            "tries": one.attempts,
            "next": one.due_at.isoformat(),
            "error": one.error,
        }


def told(line: dict[str, Any]) -> str:
    """A line for a person to read."""
    if line["kind"] == "place":
        return f"{line['target']}: {'confirmed by two managers' if line['confirmed'] else 'waits for two managers'}"
    why = _SAYS.get(line["error"] or "", line["error"] or "not tried yet")
    return f"{line['delivery']} to {line['target']} since {line['since'][:16]}, {line['tries']} tries: {why}"


def confirm(settings: Settings, target: str, by: str, at: datetime) -> str:
    """A manager says that a place is the right one. Raises NotFound."""
    if target not in delivering.places(settings):
        known = ", ".join(delivering.places(settings)) or "none is set"
        raise keeping.NotFound(f"'{target}' is no place of this service: {known}")

    def work(tx: Transaction) -> bool:
        who = staffing.named(tx, by)
        if not who.active or who.role.value not in MANAGERS:
            raise keeping.NotFound(f"{who.name} is no manager: a place is confirmed by two managers")
        try:
            return delivering.confirm(tx, settings, target, who.id, at)
        except deliveries.SamePerson as same:
            raise keeping.NotFound(str(same)) from None

    done = keeping.within(settings, work)
    return f"{target}: {'confirmed, what waited goes now' if done else 'one more manager must say so'}"


def retry(settings: Settings, at: datetime) -> int:
    """Have everything that waits tried now."""
    return keeping.within(settings, lambda tx: deliveries.soon(tx, at))
