from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import keys
from storage.keys import Keys, KeysMalformed, SealBroken

RING = Keys.load(Keys.new())


@given(st.text(st.characters()))
def test_what_was_sealed_opens_at_its_place_only(text: str) -> None:
    sealed = RING.seal(text, "messages", "1")
    assert RING.open(sealed, "messages", "1") == text
    for place in (("messages", "2"), ("answers", "1"), ("messages", "1", ""), ("messages",)):
        with pytest.raises(SealBroken):
            RING.open(sealed, *place)


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_changed_bit_is_seen(raw: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(raw, "t", "1"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        RING.open_bytes(bytes(sealed), "t", "1")


def test_the_same_text_is_never_sealed_the_same() -> None:
    assert RING.seal("yes", "t", "1") != RING.seal("yes", "t", "1")


def test_a_data_key_opens_only_what_it_sealed() -> None:
    first, wrapped = RING.new_data_key("contacts", "a")
    second, _ = RING.new_data_key("contacts", "b")
    sealed = first.seal("yes", "answers", "1")
    assert RING.unwrap(wrapped, "contacts", "a").open(sealed, "answers", "1") == "yes"
    with pytest.raises(SealBroken):
        second.open(sealed, "answers", "1")
    with pytest.raises(SealBroken):
        RING.unwrap(wrapped, "contacts", "b")


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    old = RING.seal("yes", "t", "1")
    rotated = Keys.load(RING.rotated())
    assert rotated.open(old, "t", "1") == "yes"
    assert not rotated.is_current(old)
    assert rotated.is_current(rotated.seal("yes", "t", "1"))
    assert rotated.fingerprint("a", "b") == RING.fingerprint("a", "b")
    with pytest.raises(SealBroken, match="not in the key ring"):
        RING.open(rotated.seal("yes", "t", "1"), "t", "1")


def test_a_ring_that_was_rotated_elsewhere_is_read_again() -> None:
    texts = [RING.rotated()]
    ours = Keys.load(texts[0], lambda: texts[-1])
    old = ours.seal("before", "t", "1")
    texts.append(ours.rotated())
    elsewhere = Keys.load(texts[-1])
    assert ours.open(elsewhere.seal("yes", "t", "1"), "t", "1") == "yes"
    assert ours.open(old, "t", "1") == "before"
    assert elsewhere.is_current(ours.seal("yes", "t", "1")), "from then on it seals under the newest"


@pytest.mark.parametrize("now", [Keys.new(), "torn", RING.rotated()], ids=["foreign", "torn", "without_it"])
def test_a_ring_that_does_not_help_changes_nothing(now: str) -> None:
    ours = Keys.load(RING.rotated(), lambda: now)
    with pytest.raises(SealBroken, match="not in the key ring"):
        ours.open(Keys.load(Keys.new()).seal("yes", "t", "1"), "t", "1")
    assert ours.is_current(ours.seal("yes", "t", "1"))


def test_fingerprints_differ_by_store_channel_and_address() -> None:
    parts = [
        ("a", "sms", "1"),
        ("b", "sms", "1"),
        ("a", "web", "1"),
        ("a", "sms", "2"),
        ("a", "sms1", ""),
        ("asms", "1"),
    ]
    assert len({RING.fingerprint(*part) for part in parts}) == len(parts)
    assert RING.fingerprint("a", "b") != Keys.load(Keys.new()).fingerprint("a", "b")


def test_page_codes_are_six_plain_characters_of_their_page() -> None:
    codes = {RING.page_code("alert", serial, rung, who) for serial in range(20) for rung in range(4) for who in "ab"}
    assert len(codes) == 160
    assert all(len(code) == 6 and set(code) <= set(keys.ALPHABET) for code in codes)
    assert RING.page_code("alert", 1, 0, "a") == RING.page_code("alert", 1, 0, "a")
    assert not set("0O1IL2Z5S8BUVAE") & set(keys.ALPHABET)


@pytest.mark.parametrize("typed", ["4f7k9q", " 4F7 K9Q ", "4F7-K9Q", "4F7K9Q."])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert keys.same_code(typed, "4F7K9Q")


@pytest.mark.parametrize("typed", ["", "4F7K9", "4F7K9QQ", "٤F7K9Q", "\ud800"])
def test_a_code_that_is_not_it_is_not_it(typed: str) -> None:
    assert not keys.same_code(typed, "4F7K9Q")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "one `pepper=`"),
        ("pepper=AAAA;key=AAAA", "entry 1"),
        ("secret-words-here", "entry 1"),
        (Keys.new().split(";", maxsplit=1)[0], "at least one"),
        (Keys.new() + ";pepper=" + "A" * 43 + "=", "one `pepper=`"),
        ("pepper=ключ", "entry 1"),
    ],
    ids=["empty", "short", "not_keys", "no_key", "two_peppers", "not_ascii"],
)
def test_a_key_text_that_is_not_whole_is_refused_without_being_quoted(text: str, says: str) -> None:
    with pytest.raises(KeysMalformed, match=says) as caught:
        Keys.load(text)
    assert "secret-words" not in str(caught.value)
    assert "AAAA" not in str(caught.value)


def test_keys_do_not_print_themselves() -> None:
    data, _ = RING.new_data_key("contacts", "a")
    assert repr(RING) == "Keys()"
    assert repr(data) == "DataKey(...)"
