"""The desk's own files: two style sheets, two scripts, an icon. Whatever else is asked for is not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.desk.asking import NotThere, Plain
from bot.desk.routes import ANYBODY, Route

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

_FOLDER: Final = Path(__file__).parent / "static"
_MEDIA: Final = {
    "govuk-frontend.css": "text/css; charset=utf-8",
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "sending.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_READ: Final = {name: (_FOLDER / name).read_bytes() for name in _MEDIA}


def file(tx: Transaction, ask: Ask) -> Answer:
    """One of ours by its name."""
    del tx
    name = ask.path["name"]
    if name not in _READ:
        raise NotThere(NotThere.__doc__)
    return Plain(_READ[name], _MEDIA[name])


ROUTES: Final = (Route("GET", "/static/{name}", ANYBODY, file, is_bare=True, is_kept=True),)
