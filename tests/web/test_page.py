"""What the page takes, shows and keeps: each message once, nothing of before, nothing in the browser."""

from __future__ import annotations

import asyncio
import html as markup
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from bot import app as building
from bot import beginning, clicks, i18n, visiting
from bot.channels.base import Inbound
from bot.config import Settings
from flows.model import Level, Service
from storage import alerts, cases, contacts, conversations, messages, notes, outbox, people, reentry, retention, visits
from storage.codes import Direction, Status
from storage.errors import StoreUnavailable
from tests.web.chatting import NOON, Chatting, lines

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database import Transaction

GATE = "Hi, it&#39;s Robin. OK to text now?"
SAFE = "First, are you safe right now? If you are in danger call 999."


def test_nothing_is_kept_before_the_first_word(chatting: Chatting) -> None:
    child = chatting.child()
    page = child.ask("GET")
    assert "set-cookie" not in page.headers
    assert "set-cookie" not in child.post(do="language", lang="vi").headers
    assert "set-cookie" not in child.post(text="  ").headers
    assert (chatting.visits(), chatting.talks()) == (0, [])


def test_the_cookie(chatting: Chatting) -> None:
    child = chatting.child()
    answer = child.post(text="hello", once="abcdefgh")
    [cookie] = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"page=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", cookie)


def test_the_cookie_over_tls(database_url: str) -> None:
    chatting = Chatting(database_url, public_url="https://text.example.org")
    child = chatting.child()
    [cookie] = child.post(text="hello", once="abcdefgh").headers.get_list("set-cookie")
    assert re.fullmatch(r"__Host-page=[\w-]{43}; HttpOnly; Path=/; SameSite=strict; Secure", cookie)
    assert "strict-transport-security" in child.ask("GET").headers
    chatting.close()


def test_the_cookie_stands_nowhere(migrated_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    file.write_bytes(migrated_file.read_bytes())
    chatting = Chatting(f"sqlite:///{file}")
    child = chatting.child()
    child.says("hello, I am Secret")
    code = child.code()
    token = child.cookies["page"]
    chatting.close()
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    for secret in (token, code, code.replace(" ", ""), "Secret"):
        assert secret.encode() not in kept


def test_a_chat_by_words_and_buttons(chatting: Chatting) -> None:
    child = chatting.child()
    assert lines(child.says("hello")) == ["hello", GATE]
    page = child.presses("Yes, only I can see this")
    assert lines(page)[-1] == SAFE
    assert lines(page)[2] == "Yes, only I can see this", "the buttons show no number"
    assert "don&#39;t know who or where you are" in page
    assert lines(child.says("1"))[-1].startswith("How old are you?")
    [talk] = chatting.talks()
    assert chatting.said(talk) == ["hello", "1", "1"]
    assert talk.channel == "web"


def test_the_same_form_is_one_message_and_other_words_are_another(chatting: Chatting) -> None:
    child = chatting.child()
    for text in ("hello", "hello", "help me please", "hello"):
        child.post(text=text, once="the-same-form")
    [talk] = chatting.talks()
    assert chatting.said(talk) == ["hello", "help me please"]


def test_two_children_may_send_the_same_form(chatting: Chatting) -> None:
    for child in (chatting.child(), chatting.child()):
        child.post(text="hello", once="the-same-form")
    assert [chatting.said(talk) for talk in chatting.talks()] == [["hello"], ["hello"]]


def test_a_button_pressed_twice_or_too_late_answers_once(chatting: Chatting) -> None:
    child = chatting.child()
    page = child.says("hello")
    question = re.search(r'name="question" value="(\w+)"', page)
    assert question
    for _ in range(3):
        page = child.post(question=question[1], pick="1").text
    [talk] = chatting.talks()
    assert chatting.said(talk) == ["hello", "1"]
    assert lines(page)[-1] == SAFE
    assert lines(child.post(question="0" * 26, pick="2").text)[-1] == SAFE
    assert lines(child.post(question="x" * 1000, pick="2").text)[-1] == SAFE


def test_a_number_that_is_no_answer_is_not_sent(chatting: Chatting) -> None:
    child = chatting.child()
    question = re.search(r'name="question" value="(\w+)"', child.says("hello"))
    assert question
    child.post(question=question[1], pick="he hits me")
    child.post(question=question[1], pick="9")
    [talk] = chatting.talks()
    assert chatting.said(talk) == ["hello"]


def offered(chatting: Chatting) -> str:
    """The code of an offer that went to a telephone."""

    def work(tx: Transaction) -> str:
        case = cases.add(tx, "CASE-1", chatting.now, {"name": "invented", "age": 14})
        _, code = beginning.offer(tx, chatting.runner, case.reference, "sms", "+447700900111", chatting.now)
        return code

    return chatting.committer.submit(work)


def test_the_code_of_an_offer_opens_the_interview_on_the_page(chatting: Chatting) -> None:
    code = offered(chatting)
    child = chatting.child()
    page = child.post(do="code", code=code.lower()).text
    assert lines(page)[-1] == GATE
    here = chatting.talks()[-1]
    assert (here.flow, here.channel) == ("return_interview", "web")
    assert "council" in child.presses("Yes, only I can see this")
    assert "That code did not work." in enters(chatting, code)


def test_several_answers_are_one_message(chatting: Chatting) -> None:
    child = chatting.child()
    child.post(do="code", code=offered(chatting))
    talk = chatting.talks()[-1]

    def ask(tx: Transaction) -> None:
        conversations.save(tx, replace(conversations.load(tx, talk.id), step="worry"))
        messages.add(tx, talk.id, Direction.OUT, "web", "Anything on your mind?", NOON, key="worry", locale="en")

    chatting.committer.submit(ask)
    page = child.get()
    question = re.search(r'name="question" value="(\w+)"', page)
    assert question
    assert 'type="checkbox" name="pick" value="1"' in page
    child.post(question=question[1], pick=["1", "3"])
    assert chatting.said(talk)[-1] == "1 3"
    labels = [option.label for option in chatting.house.shelf.newest("return_interview", "en").steps["worry"].options]
    assert f"{labels[0]}, {labels[2]}" in map(markup.unescape, lines(child.get()))


def test_a_hundred_thousand_characters(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    text = "he hits me \U0001f622" + "\U0001f622" * 100_000
    child.says(text)
    [talk] = chatting.talks()
    assert chatting.said(talk) == ["hello", text]
    assert chatting.read(lambda tx: alerts.open_for(tx, talk.id)) is not None


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "' OR 1=1 --", "{{ 7*7 }}", "\x00\x01", "\u202eabc", "a\r\nSet-Cookie: x=y"]
)
def test_words_are_words(chatting: Chatting, text: str) -> None:
    child = chatting.child()
    page = child.says(text)
    assert "<script>alert" not in page
    assert "49" not in lines(page)
    shown = markup.unescape(lines(page)[0])
    assert shown.split() == text.replace("\x00", "�").split() or shown.strip() == text.replace("\x00", "�").strip()


def test_when_the_store_is_down_the_words_stay_in_the_field(
    chatting: Chatting, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = chatting.child()

    async def down(_: object) -> None:
        raise StoreUnavailable(StoreUnavailable.__doc__)

    monkeypatch.setattr(chatting.runner, "aaccept", down)
    answer = child.ask("POST", data={"text": "he hits me", "once": "abcdefgh"})
    assert answer.status_code == 503
    assert ">he hits me</textarea>" in answer.text
    assert "Please press Send again." in answer.text


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_exit_ends_the_visit_and_nothing_else(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    child.says("3")
    [talk] = chatting.talks()
    answer = child.ask("POST", data={"do": "exit"})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.bbc.co.uk/weather")
    assert answer.headers["clear-site-data"] == '"cookies", "storage"'
    assert 'page=""; expires=' in answer.headers["set-cookie"]
    assert chatting.visits() == 0
    alert = chatting.read(lambda tx: alerts.open_for(tx, talk.id))
    assert (alert.level, alert.state) == (Level.L4, "raised")
    assert len(child.cookies) == 0
    [left] = chatting.read(lambda tx: notes.of_conversation(tx, talk.id))
    assert (left.kind, left.at) == (visits.LEFT, chatting.now), "whoever has the chat is shown when"


def test_a_child_who_was_erased_leaves_as_any_other(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    [talk] = chatting.talks()
    chatting.committer.submit(lambda tx: retention.erase(tx, conversations.contact_of(tx, talk.id).id, chatting.now))
    assert child.ask("POST", data={"do": "exit"}).status_code == 303
    assert chatting.visits() == 0


def test_words_that_were_on_their_way_are_taken_at_exit(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    child.post(do="exit", also=["text=he+hits+me&once=abcdefgh1", "text=help&once=abcdefgh2", "", "text=%00&once="])
    [talk] = chatting.talks()
    assert chatting.said(talk)[:3] == ["hello", "he hits me", "help"]
    assert chatting.visits() == 0


def test_an_answer_that_was_on_its_way_is_taken_at_exit_once(chatting: Chatting) -> None:
    child = chatting.child()
    question = re.search(r'name="question" value="(\w+)"', child.says("hello"))
    assert question
    child.post(do="exit", also=[f"question={question[1]}&pick=3"] * 2)
    [talk] = chatting.talks()
    assert chatting.said(talk) == ["hello", "3"]
    assert chatting.visits() == 0


def test_whoever_goes_back_after_exit_is_led_away(chatting: Chatting) -> None:
    child = chatting.child(**{"Sec-Fetch-Mode": "navigate"})
    child.says("hello")
    child.ask("POST", data={"do": "exit"})
    answer = child.ask("GET")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.bbc.co.uk/weather")
    stranger = chatting.child(**{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"})
    assert "You can write to us here." in stranger.get()


def test_a_visit_that_fell_silent_is_over_and_the_next_word_is_taken(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    chatting.tick(minutes=29)
    assert "Secret" in child.get()
    chatting.tick(minutes=31)
    page = child.get()
    assert "Secret" not in page
    assert "This chat was closed" in page
    page = child.says("he hits me")
    assert "Secret" not in page
    assert [chatting.said(talk) for talk in chatting.talks()] == [["hello, I am Secret"], ["he hits me"]]


def test_a_page_gone_blank_ends_its_visit(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    assert child.post(do="sleep").status_code == 204
    assert chatting.visits() == 0
    assert "Secret" not in child.get()


# --- coming back ------------------------------------------------------------------------------------------------------


def enters(chatting: Chatting, code: str) -> str:
    return chatting.child().post(do="code", code=code).text


def test_a_number_after_a_question_without_buttons_stands_as_it_was_written(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    child.presses("Yes, only I can see this")
    child.presses("No")
    assert lines(child.says("2")).count("No") == 1, "the place was asked for"
    [talk] = chatting.talks()
    with chatting.database.transaction() as tx:
        ana = people.add(tx, "ana", "duty", chatting.now)
        people.add_shift(tx, ana.id, "duty", chatting.now - timedelta(hours=1), chatting.now + timedelta(hours=8))
        clicks.take(tx, chatting.runner, ana, talk.id, chatting.now)
        clicks.say(tx, chatting.runner, ana, talk.id, "How many doors from the bus stop?", chatting.now)
    chatting.tick(minutes=1)
    assert lines(child.says("3"))[-1] == "3"


def test_a_code_looks_like_a_number_nobody_has(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    assert re.fullmatch(r"07700 900\d{3} \d{6}", child.code())


@pytest.mark.parametrize("written", ["as shown", "+44", "without spaces", "native digits"])
def test_a_code_shows_the_open_question_and_nothing_else(chatting: Chatting, written: str) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    child.presses("Yes, only I can see this")
    code = child.code()
    child.post(do="exit")
    digits = code.replace(" ", "")
    native = digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    typed = {"as shown": code, "+44": f"+44 {digits[1:]}", "without spaces": digits, "native digits": native}[written]
    assert lines(enters(chatting, typed)) == [SAFE]
    assert len(chatting.talks()) == 1


def test_a_code_works_once_and_ends_what_was_open(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    code = child.code()
    assert lines(enters(chatting, code)) == [GATE]
    assert "That code did not work." in enters(chatting, code)
    assert "This chat was closed" in child.get()


def test_a_new_code_ends_the_old_one(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    old, new = child.code(), child.code()
    assert "That code did not work." in enters(chatting, old)
    assert lines(enters(chatting, new)) == [GATE]


@pytest.mark.parametrize(("hours", "works"), [(7 * 24 - 1, True), (7 * 24 + 1, False)])
def test_a_code_lasts_seven_days(chatting: Chatting, hours: int, works: bool) -> None:
    child = chatting.child()
    child.says("hello")
    code = child.code()
    chatting.tick(hours=hours)
    assert (GATE in enters(chatting, code)) is works


def test_guessing_is_throttled_and_writing_is_not(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    code = child.code()
    for guess in range(reentry.MOST_IN_ALL):
        enters(chatting, f"07700 900123 {guess:06d}")
    # Even the right one is not looked at, and is not used up.
    assert "That code did not work." in enters(chatting, code)
    assert lines(child.says("he hits me"))[0] == "hello"
    assert lines(chatting.child().says("hello")) == ["hello", GATE]
    chatting.tick(minutes=11)
    assert "That code did not work." not in enters(chatting, code)


def test_one_code_is_tried_five_times(chatting: Chatting) -> None:
    for _ in range(reentry.MOST_OF_ONE):
        enters(chatting, "07700 900123 456789")
    guessed = chatting.read(lambda tx: reentry.is_throttled(tx, reentry.mark_of(tx, "07700900123456789"), chatting.now))
    other = chatting.read(lambda tx: reentry.is_throttled(tx, reentry.mark_of(tx, "07700900123456780"), chatting.now))
    assert (guessed, other) == (True, False)


def test_codes_of_offers_are_throttled_too(chatting: Chatting) -> None:
    for guess in range(reentry.MOST_IN_ALL):
        enters(chatting, f"34679{'CDFGHJKMNPQRTWXY34679CDFGHJKMNPQRTWXY'[guess]}")
    assert chatting.read(lambda tx: reentry.is_throttled(tx, b"", chatting.now))


def test_what_a_person_wrote_meanwhile_waits(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    code = child.code()
    child.post(do="exit")
    [talk] = chatting.talks()

    def work(tx: Transaction) -> None:
        ana = people.add(tx, "ana", "duty", chatting.now)
        clicks.take(tx, chatting.runner, ana, talk.id, chatting.now)
        clicks.say(tx, chatting.runner, ana, talk.id, "Hello, it is Ana.", chatting.now)

    chatting.committer.submit(work)
    page = enters(chatting, code)
    assert lines(page)[-1] == "Hello, it is Ana."
    assert (len(lines(page)), "Secret" in page, GATE in page) == (2, False, False)


def test_what_stood_on_a_page_is_delivered(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello")
    asyncio.run(chatting.visiting.mark())
    [talk] = chatting.talks()
    thread = chatting.read(lambda tx: messages.of(tx, talk.id))
    sent = chatting.read(lambda tx: outbox.of_message(tx, thread[-1].id))
    assert [one.status for one in sent] == [Status.DELIVERED]


def test_after_the_code_word_the_page_is_silent(chatting: Chatting) -> None:
    child = chatting.child()
    for text in ("hello", "1", "1", "2"):
        child.says(text)
    child.says("CODE mango")
    page = child.says("mango")
    assert 'id="answers"' not in page
    assert lines(page)[-1] == "mango"


# --- languages, floods ------------------------------------------------------------------------------------------------


def test_the_language_of_the_page_is_that_of_the_chat(chatting: Chatting) -> None:
    child = chatting.child()
    page = child.post(do="language", lang="vi").text
    assert '<html lang="vi" dir="ltr">' in page
    assert '<input type="hidden" name="lang" value="vi">' in page
    child.says("chào", lang="vi")
    [talk] = chatting.talks()
    assert talk.locale == "vi"
    assert '<html lang="vi"' in child.get()
    assert '<html lang="en"' in child.says("English")


def test_the_browser_s_language_is_taken_while_nobody_chose(chatting: Chatting) -> None:
    assert '<html lang="vi"' in chatting.child(**{"Accept-Language": "xx,vi-VN;q=0.9,en;q=0.5"}).get()
    assert '<html lang="en"' in chatting.child(**{"Accept-Language": "xx,yy;q=0.9"}).get()
    assert '<html lang="en"' in chatting.child().post(do="language", lang="../../etc/passwd").text


def test_a_draft_is_offered_only_where_drafts_are_allowed(database_url: str) -> None:
    offered = building.offered(Settings(draft_locales="refuse"), i18n.load_catalogues(building.LOCALES))
    assert "vi" not in offered


def test_a_flood_of_chats_is_answered_and_told_once(chatting: Chatting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visiting, "FLOOD", 5)

    def work(tx: Transaction) -> None:
        ana = people.add(tx, "ana", "duty", chatting.now, phone="+447700900200")
        people.add_shift(tx, ana.id, "duty", chatting.now - timedelta(hours=1), chatting.now + timedelta(hours=8))

    chatting.committer.submit(work)
    for _ in range(9):
        assert GATE in chatting.child().says("hello")
    told = chatting.read(lambda tx: tx.execute(sql("SELECT count(*) FROM outbox WHERE kind = 'notice'")).scalar())
    assert told == 1


def test_an_erased_child_has_no_page(chatting: Chatting) -> None:
    child = chatting.child()
    child.says("hello, I am Secret")
    code = child.code()
    [talk] = chatting.talks()
    contact = chatting.read(lambda tx: tx.contact_of(talk.id))
    chatting.committer.submit(lambda tx: retention.erase(tx, contact, chatting.now))
    assert chatting.visits() == 0
    assert "Secret" not in child.get()
    assert "That code did not work." in enters(chatting, code)


def test_the_two_services_stay_apart(chatting: Chatting) -> None:
    """A child of text-safe who texts a code from a number that the return interviews know: two contacts, as before."""
    number = "+447700900111"

    def known(tx: Transaction) -> str:
        return contacts.find(tx, Service.RETURN_INTERVIEW, "sms", number, chatting.now).id

    theirs = chatting.committer.submit(known)
    child = chatting.child()
    child.says("hello")
    code = child.code()
    chatting.runner.accept(Inbound("sms", "x-1", number, code, None, chatting.now))
    [talk] = chatting.talks()
    assert talk.channel == "sms"
    ours = chatting.read(lambda tx: tx.contact_of(talk.id))
    assert ours != theirs
    assert chatting.read(lambda tx: contacts.addresses(tx, theirs)) == (("sms", number),)
    assert ("sms", number) in chatting.read(lambda tx: contacts.addresses(tx, ours))


def test_a_telephone_on_which_somebody_waits_stays_with_that_chat(chatting: Chatting) -> None:
    number = "+447700900111"
    chatting.runner.accept(Inbound("sms", "x-1", number, "he is going to kill me", None, chatting.now))
    child = chatting.child()
    child.says("hello")
    code = child.code()
    chatting.runner.accept(Inbound("sms", "x-2", number, code, None, chatting.now))
    first, second = chatting.talks()
    assert (first.channel, second.channel) == ("sms", "web")
    assert chatting.said(first)[-1] == code
    # It was not used up: on the page it works.
    assert lines(enters(chatting, code)) == [GATE]
