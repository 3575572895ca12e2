"""`waymark demo`: an invented service to try everything on. No account, no network, keys that seal nothing real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import showcase, talking
from bot.play import script

if TYPE_CHECKING:
    from bot.config import Settings

PLAY = Path(__file__).parent / "play" / "demo.txt"


def once(out: TextIO) -> None:
    """Play one return chat with a disclosure to the filed record, and print the record."""
    out.write("An invented child, 13, offered a chat after coming home. Nobody in this is real.\n\n")
    record = talking.show_play(script.read(PLAY), out)
    out.write("\n--- the filed record ---\n")
    out.write(
        json.dumps(
            {key: value for key, value in record.items() if key not in ("at", "kind")}, indent=2, ensure_ascii=False
        )
    )
    out.write("\n")


def live(settings: Settings, lines: TextIO, out: TextIO) -> None:
    """Text with the bot as an invented child, or open the page; pages are printed as on the phones of invented staff."""
    with showcase.page(settings, out) as (address, links):
        _live(address, links, lines, out)


def _live(address: str, links: list[tuple[str, str]], lines: TextIO, out: TextIO) -> None:
    out.write(
        "Waymark demo. Everybody is invented; nothing leaves this machine; the keys of the demo must not be used in earnest.\n"
    )
    out.write(f"The child's page: {address}\nThe staff desk, by who goes in:\n")
    out.writelines(f"  {name:<24} {link}\n" for name, link in links)
    out.write("Or text here (another service, without a desk):\n")
    out.write("1 text-safe check-in (you text first)   2 return chat (you were offered one)\n")
    out.flush()
    chosen = (lines.readline() or "1").strip()
    folder = Path("var")
    folder.mkdir(exist_ok=True)
    for old in folder.glob("demo.db*"):
        old.unlink()
    flow = "return_interview" if chosen == "2" else "text_safe"
    talking.talk(flow, "en", lines, out, database_url=f"sqlite:///{folder / 'demo.db'}")
