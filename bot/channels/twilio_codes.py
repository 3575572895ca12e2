"""What Twilio's numbers mean to us: its error codes and statuses, as one table each. Pure.

Source: Twilio's error dictionary (twilio.com/docs/api/errors) and the message resource's status values.
"""

from __future__ import annotations

from bot.channels.base import Reason, Status

_CODES: dict[Reason, tuple[int, ...]] = {
    # No such number, no mobile, no carrier behind it, not on WhatsApp.
    Reason.DEAD_NUMBER: (21211, 21214, 21217, 21614, 21635, 30005, 30006, 63003, 63024),
    # The person, or their carrier for them, said STOP.
    Reason.OPTED_OUT: (21610, 63033),
    # The handset is off or out of reach. Worth knowing: it may be the last anyone hears of that phone.
    Reason.UNREACHABLE: (30003,),
    Reason.WINDOW_CLOSED: (63016,),
    Reason.EXPIRED: (30036,),
    Reason.TRANSIENT: (20500, 20503, 20504, 30001, 30008, 30017, 30410, 63012),
    Reason.THROTTLED: (10004, 14107, 20429, 21611, 30022, 30023, 63018, 63022, 63038),
    Reason.FILTERED: (30004, 30007, 63013, 63032, 63049),
    # Keys, credit, sender or permission: every text fails until somebody mends it.
    Reason.ACCOUNT: (
        *(
            10001,
            20003,
            20005,
            20006,
            20008,
            20404,
            21203,
            21210,
            21212,
            21213,
            21215,
            21219,
            21408,
            21603,
            21606,
            21608,
            21659,
            21660,
            21703,
            21705,
        ),
        *(30002, 30010, 30024, 30032, 30034, 63001, 63007, 63020, 63051),
    ),
    Reason.REJECTED: (
        21201,
        21202,
        21205,
        21216,
        21602,
        21604,
        21609,
        21612,
        21617,
        21619,
        30019,
        63005,
        63021,
        63027,
        63028,
        63041,
        63042,
    ),
}
_REASONS = {code: reason for reason, codes in _CODES.items() for code in codes}

_STATUSES = {
    "accepted": Status.QUEUED,
    "scheduled": Status.QUEUED,
    "queued": Status.QUEUED,
    "sending": Status.QUEUED,
    "sent": Status.SENT,
    "partially_delivered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "failed": Status.FAILED,
    "undelivered": Status.FAILED,
    "canceled": Status.FAILED,
}


def reason(code: int | None, http: int | None = None) -> Reason:
    """Translate an error code; one that is new to us goes by the HTTP status it came with (None for a report)."""
    if code in _REASONS:
        return _REASONS[code]
    if http is None:
        return Reason.UNKNOWN
    if http >= 500:  # noqa: PLR2004
        return Reason.TRANSIENT
    by_status = {401: Reason.ACCOUNT, 403: Reason.ACCOUNT, 404: Reason.ACCOUNT, 408: Reason.TRANSIENT}
    return by_status.get(http, Reason.THROTTLED if http == 429 else Reason.REJECTED)  # noqa: PLR2004


def status(word: str) -> Status | None:
    """Translate a message status; None for one that says nothing of a text of ours, or is new."""
    return _STATUSES.get(word)
