"""Whatever is logged, nobody can be found by it: no number, no address, no token, no words of an exception."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS = "he said he would be at the station"
BOT_TOKEN = "123456789:" + "Aa0_" * 9
SID = "SM" + "0123456789abcdef" * 2

SHAPES = (
    "+44{0}", "0{0}", "0044{0}", "+44 {1}", "0{1}", "(0{2})-{3}", "0{2}.{3}", "tel:+44{0}", "whatsapp:+44{0}", "'0{0}'",
)  # fmt: skip
GAPS = (" ", "-", "  ", "\u00a0", "\u2011", " - ", "\u200b", "/", ".", "\u2060")
# ASCII, Arabic, fullwidth, Devanagari
DIGITS = tuple("".join(chr(zero + n) for n in range(10)) for zero in (0x30, 0x660, 0xFF10, 0x966))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """An invented mobile number, written the way people, phones and providers do, in the digits of four scripts."""
    tail = draw(st.integers(0, 999))
    digits = f"7700900{tail:03}"
    gap = draw(st.sampled_from(GAPS))
    spaced = f"{digits[:4]}{gap}{digits[4:7]}{gap}{digits[7:]}"
    shape = draw(st.sampled_from(SHAPES)).format(digits, spaced, digits[:4], digits[4:])
    return shape.translate(str.maketrans(DIGITS[0], draw(st.sampled_from(DIGITS))))


def digits_of(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())


PLAIN = st.text(st.characters(categories=["L", "P", "Z", "S"]), max_size=40)
MAIL = st.emails()
SIGNS = st.sampled_from(
    [BOT_TOKEN, SID, "token=abc", "Bearer abc", "api_key: abc", 'password="abc"', "https://x.y/abc"]
)


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, logging.raiseExceptions)
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in logs.NOISY}
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, logging.raiseExceptions = kept
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def written(restored: None) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    logs.set_up(stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@given(PLAIN, numbers(), PLAIN)
def test_no_telephone_number_is_left_however_it_is_written(before: str, number: str, after: str) -> None:
    left = logs.scrub(f"{before} {number} {after}")
    assert number not in left
    assert len(digits_of(left)) < 7
    assert logs.CUT in left


@given(PLAIN, MAIL, PLAIN)
def test_no_mail_address_is_left(before: str, mail: str, after: str) -> None:
    left = logs.scrub(f"{before} <{mail}> {after}")
    assert mail not in left
    assert mail.rpartition("@")[2] not in left


@pytest.mark.parametrize(
    "mail", ["o'brien@example.org", "'@A.AC", "a+b=c@example.org", "\u0430\u043d\u043d\u0430@example.org"]
)
def test_a_mail_address_is_cut_whole(mail: str) -> None:
    assert logs.scrub(f"to {mail} now") == f"to {logs.CUT} now"


@given(PLAIN, SIGNS, PLAIN)
def test_nothing_is_left_that_opens_a_door(before: str, sign: str, after: str) -> None:
    left = logs.scrub(f"{before} {sign} {after}")
    assert sign not in left
    assert sign[-20:] not in left


@given(st.integers(0, 3000), numbers())
def test_no_number_is_left_at_the_end_of_what_is_looked_at(words: int, number: str) -> None:
    left = logs.scrub("x " * words + number + " and more" * 400)
    assert len(digits_of(left)) < 7
    assert len(left) <= 500


@given(st.text(max_size=3000))
def test_any_text_is_cut_to_a_line_in_good_time(text: str) -> None:
    once = logs.scrub(text)
    assert len(once) <= 500
    assert len(logs.scrub("-a1" * 50_000 + text)) <= 500
    json.dumps(once)


@pytest.mark.parametrize(
    "plain", ["sent", "webhook refused: 403", "timer 12 of 3400", "30003", "0001_the_first_schema", "took 1234.5 ms"]
)
def test_codes_and_counts_are_left_alone(plain: str) -> None:
    assert logs.scrub(plain) == plain


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "2001:db8:0:1:1:1:1:1", "2001:db8::1:2:3", "https://10.0.0.1/a?b=c", "www.example.org/x"]
)
def test_where_a_phone_is_on_the_network_is_cut(address: str) -> None:
    assert logs.scrub(f"from {address} now") == f"from {logs.CUT} now"


def test_a_line_is_json_with_its_ids(written: Callable[[], list[dict[str, Any]]]) -> None:
    ids = {
        "outbox": "0006441a2b3c4d7700900123ab",
        "turn": 4,
        "reason": "unreachable",
        "again": True,
        "codes": ["30003"],
    }
    logging.getLogger("bot.ticker").warning("send failed", extra=ids)
    (line,) = written()
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "warning", "from": "bot.ticker", "event": "send failed"} | ids


def test_a_field_cannot_hold_a_person(written: Callable[[], list[dict[str, Any]]]) -> None:
    class Child:
        def __str__(self) -> str:
            return WORDS

    fields = {
        "to": "+447700900123",
        "child": Child(),
        "n": 447700900123,
        "deep": {"+447700900123": ["a@b.example", Child()]},
    }
    logging.getLogger("x").error("for %s and %s", Child(), "07700 900123", extra=fields)
    (line,) = written()
    assert line["event"] == f"for <Child> and {logs.CUT}"
    assert line["deep"] == {logs.CUT: [logs.CUT, "<Child>"]}
    assert "900123" not in json.dumps(line)
    assert WORDS not in json.dumps(line)


def failing() -> None:
    try:
        dict[str, str]()[WORDS]
    except KeyError as error:
        message = f"could not send {WORDS} to +447700900123"
        raise RuntimeError(message) from error


@pytest.mark.parametrize("how", ["exception", "argument", "message", "field", "group"])
def test_of_an_exception_only_types_and_lines_are_written(
    how: str, written: Callable[[], list[dict[str, Any]]]
) -> None:
    log = logging.getLogger("bot.runner")
    try:
        failing()
    except RuntimeError as error:
        match how:
            case "exception":
                log.exception("not handled")
            case "argument":
                log.error("failed: %s", error)  # noqa: TRY400 - the case
            case "message":
                log.error(error)  # noqa: TRY400 - the case
            case "field":
                log.error("failed", extra={"error": error})  # noqa: TRY400 - the case
            case _:
                log.error("failed: %s", ExceptionGroup(WORDS, [error]))  # noqa: TRY400 - the case
    text = json.dumps(written())
    assert WORDS not in text
    assert "900123" not in text
    assert "RuntimeError" in text
    assert "KeyError" in text
    assert "bot/test_logs.py:" in text


@given(st.text(min_size=12), st.lists(st.sampled_from([ValueError, OSError, UnicodeError, LookupError]), max_size=6))
def test_no_chain_of_exceptions_says_anything(said: str, kinds: list[type[Exception]]) -> None:
    error: Exception = ValueError(said)
    for kind in kinds:
        outer = kind(said)
        outer.__context__ = error
        error = outer
    names = {"ValueError", "OSError", "UnicodeError", "LookupError"}
    assert set(logs.trail(error).split(" < ")) <= names


def test_an_exception_that_causes_itself_ends() -> None:
    error = ValueError(WORDS)
    other = OSError(WORDS)
    error.__context__, other.__context__ = other, error
    assert logs.trail(error) == "ValueError < OSError"


def test_a_broken_line_does_not_print_its_arguments(
    written: Callable[[], list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("x").warning("%d texts", WORDS)
    assert [line["event"] for line in written()] == ["%d texts"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore.connection", "twilio.http_client", "telegram.ext", "uvicorn.access"]
)
def test_libraries_that_write_addresses_are_silent_at_info(
    name: str, written: Callable[[], list[dict[str, Any]]]
) -> None:
    logging.getLogger(name).info('HTTP Request: POST https://api.telegram.org/bot%s/sendMessage "200 OK"', BOT_TOKEN)
    assert written() == []
    logging.getLogger(name).warning("POST https://api.telegram.org/bot%s/sendMessage", BOT_TOKEN)
    assert [line["event"] for line in written()] == [f"POST {logs.CUT}"]


def test_a_library_cannot_write_past_the_one_handler(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    library = logging.getLogger("a_library_with_its_own_mind")
    library.addHandler(logging.StreamHandler(sys.stderr))
    library.propagate = False
    stream = io.StringIO()
    logs.set_up(stream=stream)
    library.error("to +447700900123")
    assert capsys.readouterr().err == ""
    assert json.loads(stream.getvalue())["event"] == f"to {logs.CUT}"


def test_what_nothing_caught_is_one_line_without_its_text(
    written: Callable[[], list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        failing()
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    thread = threading.Thread(target=failing)
    thread.start()
    thread.join()
    lines = written()
    assert [line["event"] for line in lines] == ["uncaught", "uncaught"]
    assert all(line["error"].startswith("RuntimeError ") for line in lines)
    assert WORDS not in json.dumps(lines)
    assert WORDS not in capsys.readouterr().err


def test_a_warning_is_a_line_too(written: Callable[[], list[dict[str, Any]]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("call +447700900123", UserWarning, stacklevel=1)
    (line,) = written()
    assert line["from"] == "py.warnings"
    assert "900123" not in line["event"]
