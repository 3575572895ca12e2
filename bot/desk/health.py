"""For whoever watches the program: that it lives, and counts. Never a word, a name, an id or a level of one child alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.desk.asking import Plain
from bot.desk.routes import ANYBODY, Route
from storage import counts

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

_MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"


def healthz(tx: Transaction, ask: Ask) -> Answer:
    """It lives, and can read its store."""
    del tx, ask
    return Plain("ok")


def metrics(tx: Transaction, ask: Ask) -> Answer:
    """Counts as Prometheus reads them."""
    lines: list[str] = []
    named = ""
    for one in counts.now(tx, ask.at):
        if one.name != named:
            named = one.name
            lines += [f"# HELP waymark_{named} {one.what}", f"# TYPE waymark_{named} gauge"]
        labels = ",".join(f'{label}="{value}"' for label, value in one.labels)
        lines.append(f"waymark_{named}{{{labels}}} {one.value}" if labels else f"waymark_{named} {one.value}")
    return Plain("\n".join(lines) + "\n", _MEDIA)


ROUTES: Final = (
    Route("GET", "/healthz", ANYBODY, healthz, is_bare=True),
    Route("GET", "/metrics", ANYBODY, metrics, is_bare=True),
)
