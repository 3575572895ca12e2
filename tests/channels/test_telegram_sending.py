"""A text leaves once, as the documentation allows; whatever goes wrong is one reason of the closed list, and shows nothing."""

from __future__ import annotations

import json
import logging
import socket
import threading
import traceback
from typing import TYPE_CHECKING, Any, Final

import pytest

from bot.channels.base import Button, Outgoing, Reason, SendFailed, Sent
from bot.channels.telegram import Config, Telegram
from tests.channels.telegram_double import CHILD, SECRET, TOKEN, Double, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS: Final = "Are you safe right now? 1 Yes 2 No"
TEXT_ID: Final = "0194c1f0a2b3c4d5e6f7a8b9c0"
BUTTONS: Final = (Button("Yes", "1"), Button("No", "2"), Button("Skip", "0"))


@pytest.fixture
def double() -> Iterator[Double]:
    with Double() as running:
        yield running


_open: list[Telegram] = []


@pytest.fixture(autouse=True)
def _all_closed() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


def _door(
    at: Double | str, token: str = TOKEN, timeout: float = 5.0, clock: Callable[[], float] | None = None
) -> Telegram:
    url = at if isinstance(at, str) else at.url
    _open.append(Telegram(Config(token, SECRET, url, timeout), clock=clock or Clock()))
    return _open[-1]


def _text(**other: Any) -> Outgoing:
    return Outgoing(**{"outbox_id": "out1", "to": str(CHILD), "text": WORDS, "locale": "en", **other})


def _failure(door: Telegram, outgoing: Outgoing | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        door.send(outgoing or _text())
    printed = "".join(traceback.format_exception(failed.value)) + repr(failed.value.args)
    for secret in (str(CHILD), WORDS, TOKEN, TOKEN.partition(":")[2], SECRET):
        assert secret not in printed
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    return failed.value


def test_what_is_asked_of_telegram(double: Double) -> None:
    sent = _door(double).send(_text())
    assert double.shown == {CHILD: {int(sent.external_id): WORDS}}
    assert double.calls == [
        ("sendMessage", {"chat_id": CHILD, "text": WORDS, "protect_content": True, "link_preview_options": {"is_disabled": True}})
    ]  # fmt: skip
    assert double.refused == []


def test_options_are_buttons_that_carry_their_text(double: Double) -> None:
    _door(double).send(_text(message=TEXT_ID, buttons=BUTTONS))
    (asked,) = double.of("sendMessage")
    assert asked["reply_markup"] == {
        "inline_keyboard": [
            [
                {"text": "1 Yes", "callback_data": f"{TEXT_ID}:1"},
                {"text": "2 No", "callback_data": f"{TEXT_ID}:2"},
                {"text": "0 Skip", "callback_data": f"{TEXT_ID}:0"},
            ]
        ]
    }


def test_long_answers_stand_under_each_other(double: Double) -> None:
    _door(double).send(
        _text(message=TEXT_ID, buttons=(Button("Yes, only I can see this", "1"), Button("Not now", "2")))
    )
    assert [len(row) for row in double.of("sendMessage")[0]["reply_markup"]["inline_keyboard"]] == [1, 1]


@pytest.mark.parametrize(
    "words", ["Em ở đâu? 1 😟 & = % + ٢\n", "*no* _mark_ <b>up</b> [x](y)", "x" * 4096, "😟" * 2048]
)
def test_any_sign_arrives_as_written(double: Double, words: str) -> None:
    _door(double).send(_text(text=words))
    assert double.of("sendMessage")[0]["text"] == words


def test_half_an_emoji_does_not_hold_up_the_rest(double: Double) -> None:
    _door(double).send(_text(text="call 999 \ud83d now"))
    assert double.of("sendMessage")[0]["text"] == "call 999 \ufffd now"


@pytest.mark.parametrize("words", ["", "  \n", "x" * 4097, "😟" * 2049])
def test_what_telegram_would_refuse_is_not_asked(double: Double, words: str) -> None:
    failed = _failure(_door(double), _text(text=words))
    assert (failed.reason, failed.retry) == (Reason.REJECTED, False)
    assert double.calls == []


@pytest.mark.parametrize("to", ["", "+447700900123", "-1001234567890", "0", "@somebody", "7" * 17, "７"])
def test_only_a_persons_number_is_written_to(double: Double, to: str) -> None:
    assert _failure(_door(double), _text(to=to)).reason is Reason.DEAD_NUMBER
    assert double.calls == []


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        ("blocked", Reason.OPTED_OUT, "blocked"),
        ("deactivated", Reason.DEAD_NUMBER, "deactivated"),
        ("never_started", Reason.OPTED_OUT, "not_started"),
        (None, Reason.DEAD_NUMBER, "no_chat"),
    ],
)
def test_a_chat_that_cannot_be_written_to(double: Double, state: str | None, reason: Reason, code: str) -> None:
    double.chats = {} if state is None else {CHILD: state}
    failed = _failure(_door(double))
    assert (failed.reason, failed.code, failed.retry, failed.in_doubt) == (reason, code, False, False)


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (Refusal(400, "something new"), Reason.REJECTED),
        (Refusal(401, "Unauthorized"), Reason.ACCOUNT),
        (Refusal(404, "Not Found"), Reason.ACCOUNT),
        (Refusal(403, "something new"), Reason.UNKNOWN),
        (Refusal(409, "terminated by other getUpdates request"), Reason.TRANSIENT),
        (Refusal(429, "Too Many Requests: retry after 7", retry_after=7), Reason.THROTTLED),
        (Refusal(429, "Too Many Requests"), Reason.THROTTLED),
        (Refusal(500, "restart"), Reason.TRANSIENT),
    ],
)
def test_a_refusal_is_one_reason(double: Double, refusal: Refusal, reason: Reason) -> None:
    double.will.append(refusal)
    failed = _failure(_door(double))
    assert failed.reason is reason
    assert failed.retry_after == (7.0 if refusal.parameters else None)


def test_a_token_nobody_knows_is_the_account(double: Double) -> None:
    failed = _failure(_door(double, token="654321:BBanother-invented_token-0123456789ab"))
    assert (failed.reason, failed.ours) == (Reason.ACCOUNT, True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"{}", b'{"ok": true}', b'{"ok": true, "result": null}',
    b'{"ok": true, "result": {"message_id": "x"}}', b'{"ok": true, "result": 5}', b"[" * 100_000])  # fmt: skip
def test_taken_but_as_what_is_in_doubt(double: Double, body: bytes) -> None:
    double.will.append(body)
    assert _failure(_door(double)).in_doubt


def test_gone_after_it_left_is_in_doubt(double: Double) -> None:
    double.will.append("drop")
    assert _failure(_door(double)).in_doubt


def test_no_answer_in_time_is_in_doubt(double: Double) -> None:
    double.will.append("hang")
    assert _failure(_door(double, timeout=0.3)).in_doubt


def test_nobody_there_is_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    failed = _failure(_door(f"http://127.0.0.1:{port}"))
    assert (failed.reason, failed.retry) == (Reason.TRANSIENT, True)


def test_neither_the_token_nor_a_word_is_logged(double: Double, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)  # as `logs.set_up` has it
    door = _door(double)
    door.send(_text())
    double.will.extend([Refusal(400, "something new"), b"no json: he hit me", "drop"])
    for _ in range(3):
        _failure(door)
    double.will.append(b'{"ok": true, "result": [{"update_id": "x", "message": "he hit me"}]}')
    assert door.fetch(None, 0)
    for record in caplog.records:
        said = record.getMessage() + str(record.exc_info)
        assert not [secret for secret in (TOKEN, WORDS, str(CHILD), "he hit me") if secret in said]


def test_many_threads_share_one_way_out(double: Double) -> None:
    double.chats = dict.fromkeys(range(1, 21), "open")
    door = _door(double)
    sent: list[Sent] = []
    threads = [threading.Thread(target=lambda to=to: sent.append(door.send(_text(to=str(to))))) for to in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.external_id for one in sent}) == 20


def test_it_can_be_closed_and_used_again(double: Double) -> None:
    door = _door(double)
    door.close()
    door.send(_text())
    door.close()
    door.send(_text())
    assert len(double.calls) == 2


# --- pace ---


def test_once_a_second_into_one_chat(double: Double) -> None:
    now = [0.0]
    door = _door(double, clock=lambda: now[0])
    door.send(_text())
    now[0] = 0.4
    failed = _failure(door)
    assert (failed.reason, failed.code) == (Reason.THROTTLED, "paced")
    assert failed.retry_after == pytest.approx(0.6)
    now[0] = 1.0
    door.send(_text())
    assert len(double.calls) == 2


# --- removing ---


def test_texts_are_taken_out_of_the_chat(double: Double) -> None:
    door = _door(double)
    sent = [door.send(_text()).external_id for _ in range(3)]
    door.remove(str(CHILD), [*sent[:2], "999999"])
    assert list(double.shown[CHILD]) == [int(sent[2])]
    assert double.refused == []


def test_one_that_cannot_be_removed_does_not_keep_the_others(double: Double) -> None:
    door = _door(double)
    sent = [door.send(_text()).external_id for _ in range(3)]
    double.fixed = {int(sent[1])}
    door.remove(str(CHILD), sent)
    assert list(double.shown[CHILD]) == [int(sent[1])]


def test_a_chat_that_is_gone_says_so(double: Double) -> None:
    double.chats[CHILD] = "blocked"
    with pytest.raises(SendFailed, match="opted_out"):
        _door(double).remove(str(CHILD), ["5"])


# --- how updates come ---


def test_a_webhook_is_asked_for_with_our_secret(double: Double) -> None:
    _door(double).bring_to("https://text.example.org/telegram")
    assert double.webhook == {
        "url": "https://text.example.org/telegram",
        "secret_token": SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query"],
        "max_connections": 40,
    }


def test_what_is_fetched_stays_until_the_next_offset(double: Double) -> None:
    door = _door(double)
    double.waiting = [{"update_id": number, "message": {}} for number in (7, 8)] + [
        {"update_id": 9, "channel_post": {}}
    ]
    assert [one["update_id"] for one in door.fetch(None, 0)] == [7, 8]
    assert [one["update_id"] for one in door.fetch(None, 0)] == [7, 8]
    assert [one["update_id"] for one in door.fetch(8, 0)] == [8]
    assert json.dumps(double.waiting[0]["update_id"]) == "8"


def test_fetching_beside_a_webhook_is_refused_until_it_is_gone(double: Double) -> None:
    door = _door(double)
    door.bring_to("https://text.example.org/telegram")
    with pytest.raises(SendFailed, match="transient"):
        door.fetch(None, 0)
    door.bring_nowhere()
    assert door.fetch(None, 0) == ()


def test_a_pressed_button_comes_to_rest_and_harms_nobody_when_it_does_not(double: Double) -> None:
    door = _door(double)
    double.queries = {"77"}
    door.answer(None)
    assert double.calls == []
    door.answer("77")
    assert double.queries == set()
    for ends in ("drop", b"<html>", Refusal(500, "restart"), None):
        double.will.extend([] if ends is None else [ends])
        door.answer("77")
    assert double.refused[-1] == "Bad Request: query is too old and response timeout expired or query ID is invalid"


# --- the double itself ---


def _keys(**button: str) -> str:
    return json.dumps({"inline_keyboard": [[{"text": "a", **button}]]})


@pytest.mark.parametrize(
    ("method", "form", "said"),
    [
        ("sendMessage", {"chat_id": "5"}, "message text is empty"),
        ("sendMessage", {"chat_id": "x", "text": "x"}, "can't parse chat_id"),
        ("sendMessage", {"chat_id": '"5"', "text": "x"}, "must be of type integer"),
        ("sendMessage", {"chat_id": "5", "text": "x", "parse_mode": "HTML"}, "no parameter parse_mode"),
        ("sendMessage", {"chat_id": "5", "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": "5", "text": "x", "reply_markup": _keys(callback_data="x" * 65)}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"chat_id": "5", "text": "x", "reply_markup": _keys(callback_data="1", url="x")}, "no parameter url"),
        ("deleteMessages", {"chat_id": "5", "message_ids": "[]"}, "not specified"),
        ("deleteMessages", {"chat_id": "5", "message_ids": json.dumps(list(range(101)))}, "too many"),
        ("deleteMessages", {"chat_id": "5", "message_ids": '["a"]'}, "must be of type integer"),
        ("setWebhook", {"url": "https://x", "secret_token": "a b"}, "not allowed"),
        ("setWebhook", {"url": "https://x", "allowed_updates": '["telepathy"]'}, "unknown telepathy"),
        ("setWebhook", {"url": "https://x", "max_connections": "101"}, "out of range"),
        ("sendPhoto", {}, "Not Found"),
    ],
)  # fmt: skip
def test_the_double_refuses_what_the_documentation_does_not_allow(
    double: Double, method: str, form: dict[str, str], said: str
) -> None:
    with pytest.raises(Refusal) as refused:
        double.called(method, form)
    assert said in refused.value.said
    assert double.calls == []
