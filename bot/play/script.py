"""Reads a transcript into values. Runs nothing; every mistake is `file:line: what, and how to mend it`."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LONDON = ZoneInfo("Europe/London")
EARLIEST, LATEST = 2001, 2098  # years the calendar of working days covers
HEADERS = ("flow", "channel", "locale", "now", "start", "path", "child", "episode", "rota", "reach", "notices")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "flow": ("return_interview", "text_safe"),
    "channel": ("sms", "whatsapp", "telegram", "web"),
    "start": ("chat", "inbound", "offer", "invite"),
    "path": ("M", "C", "full", "E"),
    # Whether staff are told of shifts, swaps and gaps; in most plays only pages and alerts matter.
    "notices": ("off", "on"),
}
METHODS = ("sms", "voice", "telegram", "email", "none")
# A text on another channel than the play's: `child on web > TEXT`.
ELSEWHERE = tuple(f"child on {channel}" for channel in CHOICES["channel"])
INPUTS = ("child", "child again", "phone", "call", "provider", "request", "police", "desk", "ladder", *ELSEWHERE)
EXPECTED = ("bot", "page", "notice")
ASSERTED = ("record", "state", "concern", "alert", "holder", "task", "deadline")
_SPEAKER = re.compile(r"(?P<who>[a-z][a-z ]*?) ?>(?: (?P<text>.*))?\Z")
_WAIT = re.compile(r"(?P<number>\d{1,5}) (?P<unit>second|minute|hour|day)s?\Z")


class PlayError(Exception):
    """A transcript cannot be read: the message says file, line, what, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line after the headers. `who` is a speaker or `wait`; a wait has `until` or `span`."""

    number: int
    who: str
    text: str
    span: timedelta | None = None
    until: datetime | None = None

    @property
    def is_input(self) -> bool:
        """Whether something happens by this line; else it is what is expected to have happened."""
        return self.who in INPUTS or self.who == "wait"


@dataclass(frozen=True, slots=True)
class OnRota:
    """A person of the play: who, in which role, and between which local hours (None: always)."""

    name: str
    role: str
    hours: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """One time missing, as far as the play says; `more`: what else the importer knows (`status=away flags=trafficked`)."""

    missing: datetime | None = None
    returned: datetime | None = None
    located: datetime | None = None
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Play:
    """A transcript as values. `lines` are in file order; `source` holds the file's own lines for `--update`.

    `reach`: by what those are reached whom not both a text and a call reach. `notices`: staff are told of shifts and gaps.
    """

    path: str
    flow: str
    channel: str
    locale: str
    now: datetime
    start: str
    reading_path: str
    child: Mapping[str, str | int]
    episodes: tuple[Episode, ...]
    rota: tuple[OnRota, ...]
    reach: Mapping[str, tuple[str, ...]]
    notices: bool
    lines: tuple[Line, ...]
    source: tuple[str, ...] = field(default=(), repr=False)


def read(path: Path) -> Play:
    """The play in a file. Raises `PlayError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlayError(f"{path}: cannot be read ({type(error).__name__}): give a UTF-8 text file") from None
    return parse(text, str(path))


def parse(text: str, path: str = "<play>") -> Play:
    """The play in `text`; `path` is what errors call it."""
    source = text.splitlines()
    headers: dict[str, tuple[int, str]] = {}
    episodes: list[Episode] = []
    lines: list[Line] = []
    for number, raw in enumerate(source, 1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        where = f"{path}:{number}"
        header = re.match(r"([a-z_]+):(?: |$)(.*)", line) if not lines else None
        if header is None:
            lines.append(_line(line, number, where))
        elif header[1] == "episode":
            episodes.append(_episode(header[2], where))
        else:
            headers[_header_name(header[1], where)] = (number, re.sub(r"\s+#.*\Z", "", header[2]).strip())
    return _play(path, headers, episodes, lines, source)


def _header_name(name: str, where: str) -> str:
    if name not in HEADERS:
        raise PlayError(f"{where}: no header '{name}': use one of {', '.join(HEADERS)}")
    return name


def _play(
    path: str,
    headers: Mapping[str, tuple[int, str]],
    episodes: list[Episode],
    lines: list[Line],
    source: list[str],
) -> Play:
    for name, allowed in CHOICES.items():
        number, value = headers.get(name, (0, allowed[0]))
        if value not in allowed:
            raise PlayError(f"{path}:{number}: {name} '{value}' is not known: use {' | '.join(allowed)}")
    flow = headers.get("flow", (0, "return_interview"))[1]
    number, now = headers.get("now", (0, "2026-11-16 12:00"))
    default_start = "chat" if flow == "return_interview" else "inbound"
    return Play(
        path=path,
        flow=flow,
        channel=headers.get("channel", (0, "sms"))[1],
        locale=headers.get("locale", (0, "en"))[1],
        now=_local(now, f"{path}:{number}"),
        start=headers.get("start", (0, default_start))[1],
        reading_path=headers.get("path", (0, "M"))[1],
        child=dict(_pairs(*headers.get("child", (0, "")), path)),
        episodes=tuple(episodes),
        rota=tuple(_rota(*headers.get("rota", (0, "")), path)),
        reach=dict(_reach(*headers.get("reach", (0, "")), path)),
        notices=headers.get("notices", (0, "off"))[1] == "on",
        lines=tuple(lines),
        source=tuple(source),
    )


def _local(text: str, where: str) -> datetime:
    try:
        found = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)
    except ValueError:
        raise PlayError(f"{where}: '{text}' is no time: write it like 2026-11-16 12:00 (Europe/London)") from None
    if not EARLIEST <= found.year <= LATEST:
        raise PlayError(f"{where}: '{text}' is outside {EARLIEST} to {LATEST}, for which working days are known")
    return found


def _words(text: str, where: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise PlayError(f"{where}: a quotation mark is not closed") from None


def pairs(text: str, where: str) -> Iterator[tuple[str, str]]:
    """`name=value` pairs; a value with blanks stands in quotation marks."""
    for word in _words(text, where):
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise PlayError(f"{where}: '{word}' is not name=value")
        yield name, value


def _pairs(number: int, text: str, path: str) -> Iterator[tuple[str, str | int]]:
    for name, value in pairs(text, f"{path}:{number}"):
        yield name, int(value) if value.isdecimal() else value


def _episode(text: str, where: str) -> Episode:
    given = dict(pairs(re.sub(r"\s+#.*\Z", "", text), where))
    missing, returned, located = (
        _local(at, where) if (at := given.pop(name, "")) else None for name in ("missing", "returned", "located")
    )
    for name, ended in (("returned", returned), ("located", located)):
        if missing and ended and ended < missing:
            raise PlayError(f"{where}: {name} before missing: give a time after the one at which it began")
    return Episode(missing, returned, located, given)


def _rota(number: int, text: str, path: str) -> Iterator[OnRota]:
    for name, value in pairs(text, f"{path}:{number}"):
        role, _, hours = value.partition("@")
        if role not in ("duty", "backup", "manager", "service_manager", "worker"):
            raise PlayError(f"{path}:{number}: role '{role}' is not known: duty backup manager service_manager worker")
        found = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", hours) if hours else None
        if hours and not found:
            raise PlayError(f"{path}:{number}: hours '{hours}': write them like 08:00-20:00")
        minutes = [int(part) for part in found.groups()] if found else []
        yield OnRota(name, role, (minutes[0] * 60 + minutes[1], minutes[2] * 60 + minutes[3]) if minutes else None)


def _reach(number: int, text: str, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`reach: mel=none ben=sms`: by what somebody is reached; who is not named here, by text and call."""
    for name, value in pairs(text, f"{path}:{number}"):
        kinds = tuple(value.split(","))
        if not set(kinds) <= set(METHODS):
            raise PlayError(f"{path}:{number}: '{value}' reaches nobody: use {' '.join(METHODS)}, with commas between")
        yield name, tuple(kind for kind in kinds if kind != "none")


def _line(line: str, number: int, where: str) -> Line:
    if line.startswith("----"):
        return _wait(line[4:].strip(), number, where)
    found = _SPEAKER.match(line)
    who = found["who"].strip() if found else ""
    if not found or who not in (*INPUTS, *EXPECTED, *ASSERTED):
        known = ", ".join((*INPUTS, *EXPECTED, *ASSERTED))
        raise PlayError(
            f"{where}: '{line.split('>', maxsplit=1)[0].strip()[:30]}' says nothing in a play: start with one of {known}, or ----"
        )
    return Line(number, who, found["text"] or "")


def _wait(text: str, number: int, where: str) -> Line:
    if text.startswith("until "):
        return Line(number, "wait", text, until=_local(text[6:], where))
    found = _WAIT.match(text)
    if not found:
        raise PlayError(f"{where}: '---- {text}': write ---- 16 minutes, or ---- until 2026-11-17 08:00")
    return Line(number, "wait", text, span=timedelta(**{f"{found['unit']}s": int(found["number"])}))
