"""Telephone numbers as people write them, to E.164. Never says which number was wrong."""

from __future__ import annotations

import phonenumbers

_REGION = "GB"
SHORT, UNREADABLE, IMPOSSIBLE = "short", "unreadable", "impossible"
_WHY = {
    SHORT: "this is a short number of a service, not a person's",
    UNREADABLE: "this is no telephone number",
    IMPOSSIBLE: "this number is too long or too short",
}


class NotAPhone(ValueError):
    """A number that cannot be texted.

    `code`: `short` (999, 111, 116000: a help line, not a person), `unreadable` or `impossible` (too long, too short).
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"{_WHY[code]}; write it like 07700 900123, or +44 7700 900123")
        self.code = code


def e164(written: str) -> str:
    """Give `+447700900123` for `07700 900123`; digits of any script are read. Raises `NotAPhone`."""
    try:
        number = phonenumbers.parse(written, _REGION)
    except phonenumbers.NumberParseException:
        raise NotAPhone(UNREADABLE) from None
    # Before anything else: 116000 would pass as a British number of six digits.
    if phonenumbers.is_possible_short_number_for_region(number, _REGION):
        raise NotAPhone(SHORT)
    # Possible, not valid: 07700 900xxx, which stands for invented people, is never valid.
    if number.extension or not phonenumbers.is_possible_number(number):
        raise NotAPhone(IMPOSSIBLE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
