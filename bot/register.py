"""The register of requests for data (decisions 10): who asked, for what, under which power, and what a manager decided.

May not hand anything out. A police request for what a child texted, without a court behind it, is refused by default: that is
said when it is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot import keeping, staffing
from flows.model import MANAGERS
from storage import cases, datarequests, people

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction

KINDS: Final = ("police", "court", "parent", "child", "council", "other")
DECISIONS: Final = ("refused", "given", "part")
_LONGEST: Final = 1000
_BY_DEFAULT: Final = {
    "police": "without a court's order what a child texted is refused; a manager decides",
    "parent": "whether a child texts us is neither confirmed nor denied; a manager decides",
}


def add(settings: Settings, kind: str, who: str, what: str, by: str, case: str | None, at: datetime) -> str:  # noqa: PLR0913, PLR0917 - who asked for what
    """Write a request down; returns what to do with it. Raises NotFound."""
    if kind not in KINDS:
        raise keeping.NotFound(f"'{kind[:20]}' is nobody who asks: use one of {', '.join(KINDS)}")
    _said("--who", who)
    _said("--what", what)

    def work(tx: Transaction) -> str:
        held = cases.find(tx, case) if case else None
        if case and held is None:
            raise keeping.NotFound(f"no case '{case}': give its two words, or leave --case out")
        person = staffing.named(tx, by)
        return datarequests.add(tx, kind, held.id if held else None, who.strip(), what.strip(), person.id, at)

    request = keeping.within(settings, work)
    return f"{request}: {_BY_DEFAULT.get(kind, 'a manager decides')}"


def decide(settings: Settings, request: str, decision: str, because: str, by: str, at: datetime) -> str:
    """Write down a manager's decision. Raises NotFound."""
    if decision not in DECISIONS:
        raise keeping.NotFound(f"'{decision[:20]}' is no decision: use one of {', '.join(DECISIONS)}")
    _said("--because", because)

    def work(tx: Transaction) -> None:
        who = staffing.named(tx, by)
        if not who.active or who.role.value not in MANAGERS:
            raise keeping.NotFound(f"{who.name} is no manager: a manager decides what is handed out")
        held = next((one for one in datarequests.everything(tx) if one.id == request), None)
        if held is None:
            raise keeping.NotFound(f"no request '{request[:26]}': `waymark asked list` shows them")
        if not datarequests.decide(tx, held, decision, because.strip(), who.id, at):
            raise keeping.NotFound("this request is decided already: what was decided stands")

    keeping.within(settings, work)
    return f"{request}: {decision}"


def _said(option: str, text: str) -> None:
    if not text.strip() or len(text) > _LONGEST:
        raise keeping.NotFound(f"{option}: say it in 1 to {_LONGEST} characters")


def listed(settings: Settings) -> list[dict[str, Any]]:
    """Every request as one object."""

    def work(tx: Transaction) -> list[dict[str, Any]]:
        names = {one.id: one.name for one in people.everyone(tx)}
        return [
            {
                "id": one.id, "kind": one.kind, "who": one.who, "what": one.what, "asked": one.asked_at.isoformat(),
                "noted_by": names.get(one.noted_by, one.noted_by), "decision": one.decision, "because": one.because,
                "decided": one.decided_at.isoformat() if one.decided_at else None,
                "decided_by": names.get(one.decided_by or "", one.decided_by),
            }
            for one in datarequests.everything(tx)
        ]  # fmt: skip

    return keeping.within(settings, work)


def told(line: dict[str, Any]) -> str:
    """A line for a person to read."""
    decided = f"{line['decision']} by {line['decided_by']}: {line['because']}" if line["decision"] else "open"
    return f"{line['id']} {line['asked'][:10]} {line['kind']}, {line['who']}: {line['what']} - {decided}"
