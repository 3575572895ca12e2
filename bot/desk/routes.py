"""What a line of the desk's table is, and the groups of roles that stand in it. May not know any view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows import model
from storage.codes import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

NOBODY: Final = "nobody"
# Whoever can be paged: they see every alert and every chat it is about.
DUTY: Final = frozenset({Role.DUTY.value, Role.BACKUP.value, Role.MANAGER.value, Role.SERVICE_MANAGER.value})
MANAGERS: Final = frozenset(model.MANAGERS)
VOLUNTEERS: Final = frozenset({Role.WORKER.value})
SUPERVISORS: Final = frozenset({Role.SUPERVISOR.value})
REQUESTERS: Final = frozenset({Role.REQUESTER.value})
STAFF: Final = DUTY | VOLUNTEERS | SUPERVISORS
SIGNED_IN: Final = STAFF | REQUESTERS
ANYBODY: Final = SIGNED_IN | {NOBODY}


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the desk: who may ask for it, and the view that answers."""

    method: str
    path: str
    roles: frozenset[str]
    view: Callable[[Transaction, Ask], Answer]
    # A program or a script asks, not a person: it gets a status, never the sign-in page.
    is_bare: bool = False
    # A file of ours, which a browser may keep.
    is_kept: bool = False
    # What another service is asked first, outside every transaction; the view then may write, however it was asked for.
    fetch: Callable[[Ask], object] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody needs to be signed in."""
        return NOBODY in self.roles
