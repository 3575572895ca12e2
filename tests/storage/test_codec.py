from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.model import (
    SKIPPED,
    Alert,
    Answer,
    Concern,
    Conversation,
    Guard,
    Hit,
    Ladder,
    Level,
    Privacy,
    Recent,
    Rung,
    Unread,
)
from storage import codec

# Every code point there is, NUL and lone surrogates included.
text = st.text(st.characters())
key = st.text("abcdefghij_", min_size=1, max_size=12)
moment = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the zone is drawn apart
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5, minutes=-30))]),
)
value = st.none() | st.just(SKIPPED) | text | st.integers() | st.lists(text, max_size=4).map(tuple)
answer = st.builds(Answer, question=key, value=value, said=text, at=moment, locale=key, messages=st.tuples(key))
number = st.integers(-(2**40), 2**40)
level = st.sampled_from(Level)
several = st.lists(key, max_size=4).map(tuple)
hit = st.builds(Hit, category=key, level=level, start=number, end=number, rule=key, doubt=st.none() | key)
conversation = st.builds(
    Conversation,
    id=key,
    flow=key,
    revision=key,
    locale=key,
    channel=key,
    path=key,
    state=key,
    started_at=moment,
    turn=number,
    step=st.none() | key,
    holder=text,
    quiet=st.booleans(),
    outcome=st.none() | key,
    privacy=st.sampled_from(Privacy),
    guard=st.sampled_from(Guard),
    level=level,
    last_inbound_at=st.none() | moment,
    last_outbound_at=st.none() | moment,
    facts=st.dictionaries(key, text | st.integers()),
    answers=st.dictionaries(key, answer, max_size=3),
    counts=st.dictionaries(key, st.integers()),
    recent=st.lists(st.builds(Recent, at=moment, text=text, free_for=st.none() | key), max_size=2).map(tuple),
    low_at=st.lists(moment, max_size=2).map(tuple),
    unread=st.lists(st.builds(Unread, question=key, text=text, message=key), max_size=2).map(tuple),
    order=several,
    guard_categories=several,
)
rung = st.builds(Rung, after_minutes=number, roles=several, method=key)
ladder = st.builds(
    Ladder,
    level=level,
    rungs=st.lists(rung, max_size=3).map(tuple),
    again_after_minutes=number,
    decision_minutes=st.none() | number,
)
alert = st.builds(
    Alert,
    id=key,
    conversation=key,
    level=level,
    state=key,
    opened_at=moment,
    ladder=ladder,
    case_name=text,
    categories=several,
    night_page=st.booleans(),
    serial=number,
    started_at=st.none() | moment,
    taken_by=st.none() | text,
    taken_at=st.none() | moment,
    paged=several,
)
concern = st.builds(
    Concern,
    level=level,
    detected=level,
    categories=several,
    evidence=st.lists(hit, max_size=3).map(tuple),
    guard=st.sampled_from(Guard),
    reason=text,
    unscreened=st.booleans(),
)


@given(conversation)
def test_a_conversation_comes_back_as_it_was(held: Conversation) -> None:
    back = codec.load(Conversation, codec.dump(held))
    assert back == held
    assert type(back.level) is Level
    assert type(back.privacy) is Privacy
    assert all(type(one.value) is type(held.answers[name].value) for name, one in back.answers.items())


@given(alert)
def test_an_alert_comes_back_as_it_was(held: Alert) -> None:
    assert codec.load(Alert, codec.dump(held)) == held


@given(answer)
def test_an_answer_comes_back_as_it_was(held: Answer) -> None:
    assert codec.load(Answer, codec.dump(held)) == held


@given(concern)
def test_a_concern_comes_back_as_it_was(held: Concern) -> None:
    assert codec.load(Concern, codec.dump(held)) == held


@dataclass(frozen=True)
class Old:
    name: str


@dataclass(frozen=True)
class New:
    name: str
    since: int = 3


def test_a_field_added_later_has_its_default_in_old_rows() -> None:
    assert codec.load(New, codec.dump(Old("x"))) == New("x")


def test_a_field_that_is_not_known_is_an_error_and_not_a_loss() -> None:
    with pytest.raises(codec.FormatUnknown, match="since"):
        codec.load(Old, codec.dump(New("x", 4)))


def test_what_stands_at_its_default_takes_no_room() -> None:
    assert codec.dump(New("x")) == b'{"name":"x"}'
