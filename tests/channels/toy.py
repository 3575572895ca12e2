"""A channel in one file, for an invented provider that posts JSON: the worked example of CONTRIBUTING.

May not keep anything of the sender but the address an answer needs.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

from bot.channels.base import Forged, Inbound, Malformed, Reason, SendFailed, Sent

if TYPE_CHECKING:
    from bot.channels.base import Arrived, Outgoing
    from bot.config import Settings

SECRET = b"an invented secret"
# What the provider of this toy was handed: (to, text); a real channel would call it over the network.
TAKEN: list[tuple[str, str]] = []


class Toy:
    """Texts by the invented provider."""

    name = "toy"

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand one text over, once, or say by a reason of the closed list why not."""
        if not outgoing.to.startswith("child-"):
            raise SendFailed(Reason.DEAD_NUMBER, code="no_such_child")
        TAKEN.append((outgoing.to, outgoing.text))
        return Sent(f"toy-{len(TAKEN)}")

    def parse(self, arrived: Arrived) -> Inbound | None:
        """Believe only what is signed; keep the words and drop the name."""
        signature = hmac.digest(SECRET, arrived.body, "sha256").hex()
        if not hmac.compare_digest(signature, arrived.headers.get("x-toy-signature", "")):
            raise Forged("x-toy-signature")
        try:
            told = json.loads(arrived.body)
        except ValueError:
            raise Malformed("no_json") from None
        if "text" not in told and "photo" not in told:
            return None
        media = "photo" if "photo" in told else None
        return Inbound(self.name, told["id"], told["from"], told.get("text"), media, arrived.at)


def open_toy(settings: Settings) -> Toy | None:
    """The channel, when what it needs is set: here, an address its provider can call."""
    return Toy() if settings.public_url else None
