"""What Telegram's refusals mean. Pure: status and description in, one reason of the closed list and a word of ours out.

A description is a sentence of Telegram's and may name a chat: it is read here and goes no further.
"""

from __future__ import annotations

from typing import Final

from bot.channels.base import Reason

# By what stands in the description (core.telegram.org/bots/api "Making requests"; their words, without a list of their own).
_SAID: Final = (
    ("blocked by the user", Reason.OPTED_OUT, "blocked"),
    ("user_is_blocked", Reason.OPTED_OUT, "blocked"),
    ("can't initiate conversation", Reason.OPTED_OUT, "not_started"),
    ("deactivated", Reason.DEAD_NUMBER, "deactivated"),
    ("chat not found", Reason.DEAD_NUMBER, "no_chat"),
    ("user not found", Reason.DEAD_NUMBER, "no_chat"),
    ("peer_id_invalid", Reason.DEAD_NUMBER, "no_chat"),
    ("can't send messages to bots", Reason.DEAD_NUMBER, "is_a_bot"),
    ("message is too long", Reason.REJECTED, "too_long"),
    ("text is empty", Reason.REJECTED, "empty"),
    ("text must be non-empty", Reason.REJECTED, "empty"),
    ("button_data_invalid", Reason.REJECTED, "button_data"),
)
_STATUS: Final = {
    400: Reason.REJECTED,
    401: Reason.ACCOUNT,
    404: Reason.ACCOUNT,
    409: Reason.TRANSIENT,
    413: Reason.REJECTED,
    429: Reason.THROTTLED,
}
_SERVERS_FAULT: Final = 500


def reason(status: int, description: str) -> tuple[Reason, str]:
    """The reason for a refusal, and the code it is logged by."""
    said = description.casefold()
    if status in (400, 403):
        found = next(((why, code) for part, why, code in _SAID if part in said), None)
        if found is not None:
            return found
    known = Reason.TRANSIENT if status >= _SERVERS_FAULT else _STATUS.get(status, Reason.UNKNOWN)
    return known, f"http {status}"
