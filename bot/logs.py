"""What may be written to a log: one JSON object a line on stderr, with codes and ids. May not write what anybody said.

Everything of ours logs a code and ids: `log.info("sent", extra={"outbox": row.id})`. Libraries do not know the rule, so
the root handler keeps it for them: numbers, addresses, tokens and links are cut out of every text, and of an exception
only its types and the lines it went through are written, because its text is where drivers and SDKs quote the row.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

CUT: Final = "[cut]"
# httpx writes whole addresses at INFO, and in Telegram's the bot's token is part of the path; twilio writes requests.
NOISY: Final = (
    "fido2",
    "httpcore",
    "httpx",
    "telegram",
    "twilio",
    "urllib3",
    "uvicorn.access",
    "asyncio",
    "py3langid",
    "transitions",
)

_DEEPEST: Final = 4
_READ: Final = 1000  # characters looked at: patterns that look ahead take time by the square
_LONGEST: Final = 500
_FRAMES: Final = 12
_BIGGEST: Final = 10**7  # a count; with more digits it may be a telephone number
_PLAIN: Final = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}

# In this order: a link may hold an address, an address may hold a number.
_PRIVATE: Final = re.compile(
    r"""
      (?:[a-z][a-z0-9+.-]*://|\bwww\.)\S+                     # a link, with whatever is in its path and query
    | [^\s@<>"(),:;]+@[^\s@<>"(),:;]+                       # an e-mail address, or what looks like one
    | \b(?:bearer|basic)\s+\S+                               # a header that signs somebody in
    | \w*(?:token|secret|passw(?:or)?d|pwd|api_?key|authorization|pepper)\w*["']?\s*[:=]\s*["']?[^\s"',;]+
    | \b[a-z]{2}[0-9a-f]{32}\b                               # a provider's id: it finds the message and its number
    | \b[0-9]{5,}:[a-z0-9_-]{20,}                            # a bot's token
    | (?<![a-z0-9_-])(?=[a-z0-9+/_-]*[0-9])(?=[a-z0-9+/_-]*[a-z])[a-z0-9+/_-]{25,}={0,2}  # a key
    | \b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b                      # where somebody's phone is on the network
    | (?<![0-9a-f:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}
    | [+(]*\d(?:[\s().\-/_\u00a0\u00ad\u200b-\u2015\u202a-\u202e\u2060-\u2069]{0,3}\d){6,}  # a telephone number
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Ids of ours are given by name, whole; the digits inside one are no telephone number.
_ID: Final = re.compile(
    r"(?:[a-z]{1,12}[-_:])?(?:[0-9a-f]{26}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)


def scrub(text: str) -> str:
    """`text` with everything cut out that could find a person or open a door; digits of any script are digits."""
    if len(text) > _READ:
        # What stands across the end would be seen by half and not known for what it is.
        text = " ".join([*text[:_READ].split()[:-1], CUT])
    return _PRIVATE.sub(CUT, text)[:_LONGEST]


def trail(error: BaseException) -> str:
    """An exception as types and `file:line` only, its causes behind it; never its text and never a local value."""
    return " < ".join(_one(link) for link in _chain(error))


def set_up(stream: TextIO | None = None) -> None:
    """Give the root logger the one handler there is; whatever other handlers stood there are gone."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # With an error on the line itself the standard library would print the record, text and all.
    logging.raiseExceptions = False
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in logging.root.manager.loggerDict:
        # A library that brings its own handler would write past this one, or with none be unheard.
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)
    threading.excepthook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {scrub(name): _field(value) for name, value in vars(record).items() if name not in _PLAIN}
        line: dict[str, Any] = fields | {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": scrub(_message(record)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = trail(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, default=_kind)


def _message(record: logging.LogRecord) -> str:
    """The record's text, its arguments read as fields are: `log.error("failed: %s", error)` would quote the error."""
    if isinstance(record.msg, BaseException):
        return trail(record.msg)
    if not isinstance(record.msg, str):
        return _kind(record.msg)
    args = record.args
    try:
        if isinstance(args, Mapping):
            return record.msg % {name: _argument(value) for name, value in args.items()}
        return record.msg % tuple(_argument(value) for value in args) if args else record.msg
    except (TypeError, ValueError, KeyError):
        # The text alone: what did not fit into it is unknown, and so is what it holds.
        return record.msg


def _argument(value: object) -> object:
    return value if isinstance(value, int | float | str) or value is None else _field(value)


def _field(value: object, depth: int = 0) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < _BIGGEST else CUT
    if isinstance(value, str):
        return value if _ID.fullmatch(value) else scrub(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseException):
        return trail(value)
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [_field(item, depth + 1) for item in value]
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return {scrub(str(name)): _field(item, depth + 1) for name, item in value.items()}
    return _kind(value)


def _kind(value: object) -> str:
    """A value that is none of ours may print anything: only its type is written."""
    return f"<{type(value).__name__}>"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < _DEEPEST:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _one(error: BaseException) -> str:
    frames = list(_frames(error.__traceback__))[-_FRAMES:]
    inside = [f"({trail(part)})" for part in error.exceptions] if isinstance(error, BaseExceptionGroup) else []
    return " ".join([type(error).__name__, *frames, *inside])


def place(error: BaseException) -> str:
    """Name the line an error came from; its message may quote a child."""
    *_, last = _frames(error.__traceback__)
    return last.rpartition("/")[2]


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        yield f"{'/'.join(frame.f_code.co_filename.split('/')[-2:])}:{line}"


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What nothing caught is a bug, and its text may be a child's: the same line as everything else."""
    found = kind() if error is None else error
    if not isinstance(found, KeyboardInterrupt | SystemExit):
        logging.getLogger("waymark").critical("uncaught", exc_info=(kind, found, trace))
