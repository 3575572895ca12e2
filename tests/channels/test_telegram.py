"""What each kind of update is to us, and that nothing of a person but the numeric id comes through."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import telegram, telegram_words
from bot.channels.base import Arrived, Forged, Malformed
from bot.channels.telegram import SECRET as HEADER
from bot.channels.telegram import BadSetting, Config, Telegram
from storage import keys
from tests.channels.telegram_double import CHILD, SECRET, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
PAYLOADS: Final = Path(__file__).with_name("payloads") / "telegram"
CASES: Final = tuple(sorted(path.stem for path in PAYLOADS.glob("*.json")))
PLACES: Final = {"location": "51.50100 -0.14200", "venue": "Somewhere, 1 Invented Road, 51.50100 -0.14200"}
TEXT_ID: Final = "0194c1f0a2b3c4d5e6f7a8b9c0"
# (text, media) of each case that is for us; the others are not.
WORDS: Final[dict[str, tuple[str | None, str | None]]] = {
    "text": ("he said I had to stay", None),
    "text_with_markup": ("*he* said <b>no</b> https://example.org", None),
    "emoji_only": ("😟😟", None),
    "right_to_left": ("نعم ٢", None),
    "nul_and_half_an_emoji": ("a\ufffdb\ufffd c", None),
    "edited": ("no he did hurt me", None),
    "edited_caption": ("that is him", "photo"),
    "reply": ("2", None),
    "forwarded": ("come alone or else", None),
    "forwarded_hidden": ("come alone or else", None),
    "sticker": (None, "sticker"),
    "photo": (None, "photo"),
    "photo_with_words": ("he sent me this", "photo"),
    "album": ("look", "photo"),
    "album_next": (None, "photo"),
    "voice": (None, "voice"),
    "video_note": (None, "video"),
    "video": (None, "video"),
    "animation": (None, "video"),
    "document": (None, "file"),
    "location": (None, "location"),
    "venue": (None, "location"),
    "contact": (None, "contact"),
    "poll": (None, "file"),
    "new_kind_of_message": (None, "file"),
    "broken_photo": (None, "photo"),
    "start": ("HI", None),
    "start_with_code": ("4F7K3C", None),
    "start_from_a_poster": ("HI", None),
    "stop": ("STOP", None),
    "help": ("HELP", None),
    "delete": ("DELETE MY MESSAGES", None),
    "button": ("2", None),
    "button_under_an_old_text": ("2", None),
}
PRESSED: Final = {"button", "button_under_an_old_text"}
EDITED: Final = {"edited", "edited_caption"}
# Whatever of a payload could find a person, a place or a thing.
PRIVATE: Final = (
    "Invented",
    "invented_child",
    "Somebody",
    "51.5",
    "0.142",
    "AgACAgQ",
    "7700900199",
    "700900199",
    ".pdf",
    "Road",
)


def payload(case: str) -> bytes:
    return (PAYLOADS / f"{case}.json").read_bytes()


def arrived(body: bytes, secret: str | None = SECRET) -> Arrived:
    return Arrived("/telegram", {} if secret is None else {HEADER: secret}, body, NOW)


@pytest.fixture
def door() -> Iterator[Telegram]:
    made = Telegram(Config(TOKEN, SECRET))
    yield made
    made.close()


@pytest.mark.parametrize("case", CASES)
def test_every_captured_update_is_what_it_is(case: str, door: Telegram) -> None:
    raw = json.loads(payload(case))
    taken = door.take(arrived(payload(case)))
    assert taken.update == raw["update_id"]
    assert (taken.query is not None) == ("callback_query" in raw)
    if case not in WORDS:
        assert taken.inbound is None
        return
    text, media = WORDS[case]
    found = taken.inbound
    assert found is not None
    assert (found.channel, found.external_id, found.address) == ("telegram", str(raw["update_id"]), str(CHILD))
    assert (found.text, found.media, found.at) == (text, media, NOW)
    assert found.pressed == (TEXT_ID if case in PRESSED else None)
    assert found.edited == (case in EDITED)
    assert found.opt_in == (case in {"start", "start_from_a_poster"})
    assert found.removable == (None if case in PRESSED else "41")


@pytest.mark.parametrize("case", sorted(WORDS))
def test_of_a_person_only_the_number_comes_through(case: str, door: Telegram) -> None:
    found = door.parse(arrived(payload(case)))
    assert found is not None
    assert found.place == PLACES.get(case)
    assert not [one for one in PRIVATE if one in repr(replace(found, place=None))]


def test_a_place_that_moves_by_itself_is_read_once(door: Telegram) -> None:
    raw = json.loads(payload("location"))
    raw["edited_message"] = raw.pop("message") | {"edit_date": 1794830460}
    found = door.parse(arrived(json.dumps(raw).encode()))
    assert found is not None
    assert (found.media, found.place) == ("location", None)


@pytest.mark.parametrize("secret", [None, "", "x", SECRET + "x", SECRET[:-1], SECRET.upper(), "ü" * 20])
def test_without_our_secret_nothing_is_read(secret: str | None, door: Telegram) -> None:
    with pytest.raises(Forged):
        door.parse(arrived(b"no json at all", secret))


def test_with_no_secret_set_nobody_is_believed() -> None:
    for secret in (None, "", SECRET):
        with pytest.raises(Forged):
            Telegram(Config(TOKEN)).parse(arrived(payload("text"), secret))


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"null",
            b"[]",
            b"5",
            b'"x"',
            b"{}",
            b"{",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"update_id": ' + b"9" * 5000 + b"}",
        ),
        *(b'{"update_id": %s}' % odd for odd in (b"null", b"true", b"-1", b'"5"', b"1.5", b"9007199254740992")),
    ],
    ids=range(16),
)
def test_what_is_no_update_is_malformed(body: bytes, door: Telegram) -> None:
    with pytest.raises(Malformed):
        door.parse(arrived(body))


def _update(**message: Any) -> dict[str, Any]:
    person = {"id": CHILD, "is_bot": False, "first_name": "x"}
    chat = {"id": CHILD, "type": "private"}
    return {"update_id": 5, "message": {"message_id": 1, "date": 1, "from": person, "chat": chat, **message}}


def _both(number: Any) -> dict[str, Any]:
    return {"chat": {"id": number, "type": "private"}, "from": {"id": number, "is_bot": False, "first_name": "x"}}


@pytest.mark.parametrize(
    "raw",
    [
        _update(**{"from": None}, text="x"),
        _update(chat=None, text="x"),
        _update(chat={"id": CHILD}, text="x"),
        _update(chat={"id": CHILD, "type": "secret"}, text="x"),
        _update(chat={"id": CHILD + 1, "type": "private"}, text="x"),
        _update(**_both(10**30), text="x"),
        _update(**_both(-5), text="x"),
        _update(**_both("7"), text="x"),
        {"update_id": 5, "message": []},
        {"update_id": 5, "message": "x"},
        {"update_id": 5, "callback_query": {"id": "1"}},
        {"update_id": 5, "callback_query": 7},
        {"update_id": 5},
    ],
    ids=range(13),
)  # fmt: skip
def test_whose_it_is_cannot_be_guessed(raw: dict[str, Any]) -> None:
    assert telegram.read(raw, NOW).inbound is None


@pytest.mark.parametrize("odd", [
    {"text": 5}, {"text": ["x"]}, {"photo": "x"}, {"voice": 7}, {"date": "soon", "text": "x"}, {"entities": 5, "text": "x"},
])  # fmt: skip
def test_what_the_library_cannot_read_is_told_to_a_person_all_the_same(odd: dict[str, Any]) -> None:
    found = telegram.read(_update(**odd), NOW).inbound
    assert found is not None
    assert found.media or isinstance(found.text, str)


_NAMES = st.sampled_from(["id", "type", "from", "chat", "text", "data", "message", "photo", "file_id", "date"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["message", "edited_message", "callback_query", "channel_post", "new"]), _JSON),
    _JSON,
)
def test_anything_under_any_name_is_read_or_refused(kinds: dict[str, Any], text: Any) -> None:
    for raw in ({"update_id": 5, **kinds}, _update(text=text), _update(new_thing=text)):
        found = telegram.read(raw, NOW).inbound
        assert found is None or (
            found.address.isdecimal() and found.external_id == "5" and "\0" not in (found.text or "")
        )


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("/stop", "STOP"), ("  /STOP \n", "STOP"), ("/stop@robin_bot", "STOP"), ("/person", "PERSON"), ("/later", "LATER"),
        ("/code mango", "CODE mango"), ("/start  4f7k3c ", "4f7k3c"), ("/start 4F7K3C9", "HI"), ("/START", "HI"),
        ("stop", "stop"), ("/", "/"), ("//stop", "//stop"), ("/ stop", "/ stop"), ("/1", "/1"), ("w/e", "w/e"),
        ("/he hit me", "HE hit me"),
    ],
)  # fmt: skip
def test_commands_of_telegram_are_those_of_everywhere(said: str, plain: str) -> None:
    assert telegram_words.plain(said) == plain


def test_a_payload_that_looks_like_an_offers_code_is_one() -> None:
    for mark in keys.ALPHABET:
        assert telegram_words.plain(f"/start {mark * keys.CODE_LENGTH}") == mark * keys.CODE_LENGTH


def test_a_button_brings_back_its_text_and_its_number_in_64_bytes() -> None:
    for number in ("0", "7", "99"):
        assert telegram_words.pressed(telegram_words.mark(TEXT_ID, number)) == (TEXT_ID, number)
        assert len(telegram_words.mark(TEXT_ID, number).encode()) <= 64


@given(st.text())
def test_any_data_of_a_button_is_ours_or_nothing(data: str) -> None:
    found = telegram_words.pressed(data)
    assert found is None or telegram_words.mark(*found) == data


@pytest.mark.parametrize(("token", "secret", "named"), [
    ("", SECRET, "WAYMARK_TELEGRAM_TOKEN"),
    ("no token", SECRET, "WAYMARK_TELEGRAM_TOKEN"),
    (TOKEN, "short", "WAYMARK_TELEGRAM_WEBHOOK_SECRET"),
    (TOKEN, "a secret with blanks in it", "WAYMARK_TELEGRAM_WEBHOOK_SECRET"),
])  # fmt: skip
def test_a_bad_setting_is_named_and_not_shown(token: str, secret: str, named: str) -> None:
    with pytest.raises(BadSetting, match=named) as caught:
        Config(token, secret)
    assert not token or token not in str(caught.value)
    assert secret not in str(caught.value)


def test_neither_token_nor_secret_is_shown() -> None:
    assert TOKEN not in repr(Config(TOKEN, SECRET))
    assert SECRET not in repr(Config(TOKEN, SECRET))
