"""Whatever anybody sends, the answer is never a 500; whatever a child sends is kept as far as it can be."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.sms import KEPT
from tests.channels import twilio
from tests.channels.twilio import PUBLIC, SMS_PATH
from tests.web.asking import STATUS, House, asgi, post

WIRE = st.one_of(
    st.binary(max_size=300),
    st.text(st.characters(), max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@given(WIRE)
def test_any_bytes_in_a_text_are_kept_as_far_as_they_are_text(raw: bytes) -> None:
    house = House()
    body = b"MessageSid=SM01&From=%2B447700900123&Body=" + quote_from_bytes(raw).encode()
    assert post(house.doors(), body).status_code == 204
    text = house.accepted[0].text
    assert text is not None
    assert "\0" not in text
    assert not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
    assert [char for char in text if char < "\x80"] == [chr(byte) for byte in raw if 0 < byte < 0x80]
    try:
        assert text == raw.decode().replace("\0", "\ufffd")
    except UnicodeDecodeError:
        # Halves of an emoji that came one by one are whole again; anything else broken shows as broken.
        assert "\ufffd" in text or max(text) > "\uffff"


NAMES = st.sampled_from(
    [
        "x-twilio-signature",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "host",
        "i-twilio-idempotency-token",
    ]
)
HEADERS = st.dictionaries(NAMES, st.text(st.characters(max_codepoint=255), max_size=40), max_size=4)
TARGETS = st.one_of(
    st.sampled_from([SMS_PATH, STATUS, "/healthz", "/readyz"]),
    st.binary(max_size=30).map(lambda raw: "/" + quote_from_bytes(raw)),
)


@given(WIRE, HEADERS, TARGETS, st.binary(max_size=30), st.booleans())
def test_nothing_anybody_sends_is_a_500_and_nothing_unsigned_is_taken(
    body: bytes, headers: dict[str, str], target: str, query: bytes, signed: bool
) -> None:
    house = House()
    whole = target + ("?" + query.decode("latin-1") if query else "")
    given = headers | ({"x-twilio-signature": twilio.signature(PUBLIC + whole, body)} if signed else {})
    scope = {"path": target, "raw_path": target.encode(), "query_string": query}
    sent = asgi(house.doors(), [body], given, scope=scope)
    assert sent[0]["status"] in {204, 400, 403, 404, 405}
    if not signed:
        assert sent[0]["status"] != 204
        assert (house.accepted, house.reported) == ([], [])


FIELDS = st.sampled_from([*KEPT, "MessageStatus", "SmsStatus", "ErrorCode"])


@given(st.dictionaries(FIELDS, WIRE), st.sampled_from([SMS_PATH, STATUS]))
def test_signed_nonsense_is_taken_or_malformed(values: dict[str, bytes], target: str) -> None:
    house = House()
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in values.items()).encode()
    assert post(house.doors(), body, target).status_code in {204, 400}
