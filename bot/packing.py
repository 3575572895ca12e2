"""A message as it is kept until it can be handled. May not read what is in it."""

from __future__ import annotations

import json
from datetime import datetime

from bot.channels.base import Inbound
from storage.keys import SealBroken


def packed(inbound: Inbound) -> str:
    """As text, to be sealed."""
    held = {name: getattr(inbound, name) for name in Inbound.__slots__ if name != "at"}
    return json.dumps(held | {"at": inbound.at.isoformat()}, ensure_ascii=False)


def unpacked(payload: str | None) -> Inbound:
    """As it came. Raises SealBroken where no key opened it."""
    if payload is None:
        raise SealBroken(SealBroken.__doc__)
    held = json.loads(payload)
    return Inbound(**held | {"at": datetime.fromisoformat(held["at"])})
