"""What a worker said they would do, and when that is due, as people say hours: "in half an hour", "on Friday at 4". Pure.

May not make a task of it. The words of a promise are in `library/composer.yaml`; English alone is read. A time that was named
and not understood is no guess: whoever promised says when.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from flows import amounts, composer
from flows.phrases import compared, split, stands

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from flows.composer import Rules

# Words a promise may have between "I'll" and "text".
_BETWEEN: Final = 4
_LONGEST: Final = 200
_WEEK: Final = timedelta(days=7)

_FEW: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "forty-five": 45,
    "fifty": 50,
    "ninety": 90,
}
_WORDS: Final = {word: str(worth) for word, worth in {**amounts.NUMERALS, **_FEW}.items()}
_WORD: Final = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![\w-])")
_SAID: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"\b40 5\b"), "45"),
    (re.compile(r"\b(?:noon|midday|lunch ?time)\b"), "12:00"),
    (re.compile(r"\bmidnight\b"), "24:00"),
    (re.compile(r"\bo'?clock\b|(?<=\d)ish\b"), ""),
    (re.compile(r"\bthe next (?=\d)"), ""),
    (re.compile(r"\bhalf (?:past )?(\d{1,2})\b"), r"\1:30"),
    (re.compile(r"\bquarter past (\d{1,2})\b"), r"\1:15"),
    (re.compile(r"\b(5|10|20|25) past (\d{1,2})\b"), lambda one: f"{one[2]}:{int(one[1]):02}"),
    (
        re.compile(r"\b(quarter|5|10|20|25) to (\d{1,2})\b(?! ?(?:m|h|days?\b|weeks?\b))"),
        lambda one: _before(one[1], int(one[2])),
    ),
)
_SPAN: Final = re.compile(
    r"\b(?:in|within) (?:about |around |another )?(\d{1,3}(?:\.\d)?|an?|half an?|the next|the|a few|a couple of) ?"
    r"(minutes?|mins?|m|hours?|hrs?|h|days?|weeks?)\b( and a half)?"
)
_BARE_SPAN: Final = re.compile(r"\bin (?:about |around )?(\d{1,2})(?=\s*(?:$|[.,!]))")
_SOME: Final = {
    "a": 1.0, "an": 1.0, "the": 1.0, "the next": 1.0, "half a": 0.5, "half an": 0.5, "a few": 3.0, "a couple of": 2.0,
}  # fmt: skip
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": _WEEK}
# How long somebody is there is not when they write.
_STAYS: Final = re.compile(r"\b(?:till|until) \d{1,2}(?:[:.]\d{2})?\s?(?:[ap]m\b)?")
_STAY: Final = re.compile(r"\b(?:till|until)\b")
_CLOCK: Final = re.compile(
    r"\b(?:at|by|before|around|about) (\d{1,2})(?:[:.](\d{2}))?\s?([ap]m\b)?(?![\d/])(?!st|nd|rd|th)"
    r"|(?<![\d:./])(\d{1,2})(?:[:.](\d{2}))?\s?([ap]m)\b|(?<![\d:./])(\d{1,2}):(\d{2})(?![\d/])"
)
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# By part of the day: the hour it stands for alone, and its earliest hour: 12 and 1 of a night are those after midnight.
_PARTS: Final = {
    "tonight": (20, 17),
    "night": (20, 17),
    "evening": (19, 13),
    "afternoon": (16, 12),
    "morning": (10, 0),
}
_PART: Final = re.compile(rf"(?<!good )(?<!night )\b({'|'.join(_PARTS)})\b(?! night)")
# Three short names are words of their own beside nothing that says a time: "I sat with her".
_DAY: Final = re.compile(
    rf"\b(?:(next )?({'|'.join(_DAYS)}|mon|tues?|thurs?|thu|fri)|(?:on |by |before |this |or |(next ))(wed|sat|sun)"
    rf"|(wed|sat|sun)(?= (?:{'|'.join(_PARTS)}|or|(?:at |by |before |around |about )?\d)))\b"
)
_OF_TODAY: Final = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b")
_PAST: Final = re.compile(rf"\b(?:last|yesterday) (?:{'|'.join((*_PARTS, *_DAYS))}|week|weekend)\b|\byesterday\b")
_DATE: Final = re.compile(
    r"\b(?:on|by|before|after|until|till) (?:\w+day )?(?:the )?\d{1,2}(?:st|nd|rd|th|/\d)"
    r"|\b(?:at|on|over|by|before|this|next) (?:the )?weekend\b"
)
_NUMBER: Final = re.compile(r"\b(?:at|in|on|by|within) (?:about |around |the )?\d")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a worker said they would do: the words from "I'll" on, and when. `due` None: they named no time, or one that is
    not understood; the latter is `unclear`.
    """

    words: str
    due: datetime | None
    unclear: bool = False


def promise(text: str, at: datetime, tz: tzinfo, rules: Rules | None = None) -> Promise | None:
    """What the worker said they would do, and by when; None when they promised nothing. `at`: when they said so."""
    known = rules or composer.load()
    plain = composer.spelt(compared(text), known)
    words = split(plain)
    for start in range(len(words)):
        for says in known.says:
            if words[start : start + len(says)] != says:
                continue
            rest = words[start + len(says) :]
            if any(stands(does, rest[: _BETWEEN + len(does)]) for does in known.does):
                when, unclear = due(plain, at, tz)
                return Promise(" ".join(words[start:])[:_LONGEST], when, unclear)
    return None


def due(text: str, at: datetime, tz: tzinfo) -> tuple[datetime | None, bool]:
    """When something promised in a compared text is due: the soonest time after `at` that it can mean; and whether a time was
    named that cannot be told.
    """
    plain = _PAST.sub(" ", _WORD.sub(lambda one: _WORDS[one[0]], text))
    for form, meant in _SAID:
        plain = form.sub(meant, plain)
    if span := _SPAN.search(plain):
        amount = _SOME.get(span[1]) or float(span[1])
        return at + (amount + (0.5 if span[3] else 0)) * _UNITS[span[2][0]], False
    if span := _BARE_SPAN.search(plain):
        return at + int(span[1]) * _UNITS["m"], False
    if _DATE.search(plain):
        return None, True
    today = at.astimezone(tz).date()
    named = _days(plain, today)
    part = _PARTS[found[1]] if (found := _PART.search(plain)) else None
    clock = _CLOCK.search(_STAYS.sub(" ", plain)) or _CLOCK.search(_STAY.sub("by", plain))
    hours: tuple[int, ...] = (part[0] if part else 10,)
    minute = 0
    if clock is None and part is None and named is None:
        return None, _NUMBER.search(plain) is not None
    if clock is not None:
        said = [one for one in clock.groups() if one is not None]
        half = said.pop() if said[-1] in ("am", "pm") else None
        hours, minute = _hours(int(said[0]), half, part), int(said[1]) if len(said) > 1 else 0
        if not hours or minute >= 60:  # noqa: PLR2004 - minutes of an hour
            return None, True
    # Hours after midnight are those of the night before.
    last = today if _OF_TODAY.search(plain) else today + timedelta(days=1)
    soonest = _soonest(hours, minute, named or (today - timedelta(days=1), today, last), at, tz)
    return soonest, soonest is None


def _before(minutes: str, hour: int) -> str:
    return f"{(hour - 2) % 12 + 1}:{60 - (15 if minutes == 'quarter' else min(int(minutes), 59)):02}"


def _days(plain: str, today: date) -> tuple[date, ...] | None:
    """The days a promise names, the soonest first; None: it names none."""
    if "day after tomorrow" in plain:
        return (today + timedelta(days=2),)
    if re.search(r"\b(?:tomorrow|tmrw?|tomoz|2moro)\b", plain):
        return (today + timedelta(days=1),)
    if named := _DAY.search(plain):
        wanted = next(at for at, one in enumerate(_DAYS) if one.startswith(named[2] or named[4] or named[5]))
        ahead = timedelta(days=(wanted - today.weekday()) % 7)
        # Said on a Monday "Monday" may be today; "next Monday" is not.
        first = today + (_WEEK if not ahead and (named[1] or named[3]) else ahead)
        return (first, first + _WEEK)
    if "next week" in plain:
        return (today + timedelta(days=7 - today.weekday()),)
    return None


def _hours(said: int, half: str | None, part: tuple[int, int] | None) -> tuple[int, ...]:
    """The hours of a day that "4", "4 pm", "4 in the afternoon" or "16" can mean; from 24 on those of the night behind it."""
    if said > 24 or (half and not 1 <= said <= 12):  # noqa: PLR2004 - hours of a clock
        return ()
    if part is not None and half is None and 1 <= said <= 12:  # noqa: PLR2004
        # "12 in the morning" is said of noon and of midnight.
        after = [hour for hour in range(said % 12, 36, 12) if hour >= part[1]]
        return tuple(after[:1]) if after[0] else ()
    if said == 24 and part is None:  # noqa: PLR2004
        return 0, 24  # the midnight of a day begins it or ends it
    if half:
        hour = said % 12 + (12 if half == "pm" else 0)
        return (hour + 24 if part == _PARTS["night"] and hour < 5 else hour,)  # noqa: PLR2004 - "1am tonight"
    # Nobody promises a child four in the morning without saying so.
    return (said, said + 12) if 7 <= said < 12 else ((said + 12,) if 1 <= said < 7 else (said,))  # noqa: PLR2004


def _soonest(
    hours: tuple[int, ...], minute: int, days: tuple[date, ...], after: datetime, tz: tzinfo
) -> datetime | None:
    times = (
        datetime.combine(day + timedelta(days=hour // 24), time(hour % 24, minute), tz).astimezone(after.tzinfo)
        for day in days
        for hour in hours
    )
    return min((one for one in times if one >= after), default=None)
