"""The worker's side of the desk: one child at a time, nothing to pick from, nothing that leaves unread."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot import beginning, clicks, conflict, holding, saying
from bot.desk import table
from bot.desk.said import HELD
from flows import canned, composer, events, second_reading
from flows.model import Task
from storage import (
    alerts,
    audit,
    conversations,
    held_words,
    leases,
    messages,
    people,
    second_reads,
    tables,
    tasks,
    training,
    waits,
)
from storage.codes import Bar, Direction
from storage.keys import Sealed
from storage.training import Training
from tests.desk.at_desk import CHILD, seen

if TYPE_CHECKING:
    from tests.desk.at_desk import AtDesk

IN_DATE = date(2030, 1, 1)
OTHER = "+447700900124"


@pytest.fixture(autouse=True)
def trained(here: AtDesk) -> None:
    train(here)


def train(desk: AtDesk) -> None:
    def work(tx: Any) -> None:
        for person in desk.people.values():
            training.record(tx, Training(person.id, IN_DATE, IN_DATE), person.id, desk.now)

    desk.do(work)


def waiting(here: AtDesk, address: str = CHILD) -> str:
    here.child_says("hi", address)
    here.child_says("1", address)
    return here.child_says("PERSON", address)


def disclosed(here: AtDesk, address: str = CHILD) -> str:
    for text in ("hi", "1", "1"):
        here.child_says(text, address)
    return here.child_says("he raped me last night", address)


def taken(here: AtDesk, role: str = "worker") -> str:
    answer = here.post("/chats/next", role)
    assert answer.status_code == 303
    return str(answer.headers["location"]).partition("?")[0]


def said(here: AtDesk, chat: str) -> list[str]:
    thread = here.read(lambda tx: messages.of(tx, chat))
    return [one.text for one in thread if one.direction is Direction.OUT]


def test_next_gives_one_child_and_names_only_that_one(here: AtDesk) -> None:
    waiting(here)
    chat = waiting(here, OTHER)
    page = here.get("/chats", "worker")
    assert "2 children are waiting" in seen(page)
    assert chat not in page.text
    mine = taken(here)
    page = here.get("/chats", "worker")
    assert page.text.count('href="/chats/') == 1, "the one chat they have"
    assert mine in page.text
    assert CHILD not in here.get(mine, "worker").text
    other = here.get(f"/chats/{chat}", "worker") if mine != f"/chats/{chat}" else None
    assert other is None or other.status_code == 404


def test_every_page_counts_the_same_children_as_waiting(here: AtDesk) -> None:
    """A duty worker read three on the board where Chats said twelve: those the bot keeps company were on one page alone."""
    alone, told = waiting(here), disclosed(here, OTHER)
    said = "2 children are waiting for a person: nobody has 1, and the bot keeps 1 company until somebody joins."
    for path in ("/board", "/handover", "/chats"):
        assert said in seen(here.get(path, "duty")), path
    board = here.get("/board", "duty")
    assert "Children waiting for a person (2)" in seen(board)
    for chat, how in ((alone, "nobody has them"), (told, "with the bot")):
        row = re.search(rf'id="waits-{chat}".*?</li>', board.text, re.DOTALL)
        assert row is not None
        assert f"<span>{how}</span>" in row[0]
    # Whoever is kept from a child counts them on no page.
    who = here.people["duty"].id
    here.do(lambda tx: waits.bar(tx, told, who, Bar.CONFLICT, here.now))
    for path in ("/board", "/handover", "/chats"):
        assert "One child is waiting for a person: nobody has them." in seen(here.get(path, "duty")), path
    assert "2 children are waiting" in seen(here.get("/chats", "worker"))


def test_whom_no_key_opens_is_named_and_not_counted(here: AtDesk) -> None:
    chat = waiting(here)
    name = here.read(lambda tx: conversations.contact_of(tx, chat).reference)
    lost = Sealed(b"\x01\x02\x03\x04" + b"x" * 80)
    here.do(lambda tx: tx.execute(update(tables.contacts).values(data_key=lost)))
    for path in ("/board", "/handover"):
        shown = seen(here.get(path, "duty"))
        assert "No child is waiting for a person." in shown
        assert f"{name}: no key opens it, so nobody can be with them" in shown


def test_a_chat_of_somebody_else_is_not_there_whatever_is_asked_of_it(here: AtDesk) -> None:
    chat = waiting(here)
    for route in table.ROUTES:
        if "{chat}" in route.path and "worker" in route.roles:
            path = route.path.replace("{chat}", chat).replace("{words}", "0" * 26)
            form = {"text": "hi", "level": "L4", "because": "x", "reply": "here", "to": "duty one"}
            answer = here.get(path, "worker") if route.method == "GET" else here.post(path, "worker", **form)
            assert answer.status_code == 404, route.path
    assert said(here, chat)[-1].startswith("A person will reply")


def test_whoever_is_kept_from_a_chat_sees_nothing_of_it_supervisor_or_not(here: AtDesk) -> None:
    chat = waiting(here)
    for role in ("supervisor", "manager"):
        assert here.get(f"/chats/{chat}", role).status_code == 200
        who = here.people[role].id
        here.do(lambda tx, who=who: waits.bar(tx, chat, who, Bar.CONFLICT, here.now))  # type: ignore[misc]
        assert here.get(f"/chats/{chat}", role).status_code == 404
        assert chat not in here.get("/chats", role).text


def test_whoever_is_kept_from_a_child_is_kept_from_their_next_chat_too(desk: AtDesk) -> None:
    train(desk)
    first = waiting(desk)
    who = desk.people["worker"].id
    desk.do(lambda tx: waits.bar(tx, first, who, Bar.CONFLICT, desk.now))
    contact = desk.read(lambda tx: conversations.contact_of(tx, first))
    desk.tick(days=2)
    second = desk.do(
        lambda tx: beginning.begin(tx, desk.house, contact, "text_safe", "sms", desk.now, how="inbound")
    ).id
    assert second != first
    assert desk.read(lambda tx: waits.barred(tx, second)) == {who}
    desk.do(lambda tx: clicks.call_person(tx, desk.runner, desk.people["supervisor"], second, desk.now))
    assert {first, second} == {one.conversation for one in desk.read(waits.queue)}
    assert "nobody_waits" in desk.post("/chats/next", "worker").headers["location"]
    for chat in (first, second):
        assert desk.get(f"/chats/{chat}", "worker").status_code == 404
    desk.do(lambda tx: waits.bar(tx, second, desk.people["supervisor"].id, Bar.DIFFERENT, desk.now))
    assert desk.get(f"/chats/{first}", "supervisor").status_code == 404, "nor from the one they have besides"
    assert desk.get(f"/chats/{second}", "manager").status_code == 200


def test_words_go_to_the_child_and_what_the_check_holds_does_not(here: AtDesk) -> None:
    disclosed(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="I'm here with you.")
    assert said(here, chat)[-1] == "I'm here with you."
    answer = here.post(f"{path}/say", "worker", text="Who was it? Ring me on 07700 900123")
    assert answer.headers["location"].endswith("done=words_held")
    assert said(here, chat)[-1] == "I'm here with you."
    page = here.get(path, "worker")
    assert "Who was it? Ring me on" in page.text, "nothing typed is lost"
    assert "it asks, and the child has told us something, a telephone number" in seen(page)
    assert set(HELD) == {*composer.REASONS, saying.STOPPED}


def test_a_supervisor_is_pinged_reads_and_sends_it_in_the_workers_name_or_not(here: AtDesk) -> None:
    disclosed(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="What would you like to eat?")
    words = here.read(lambda tx: held_words.of(tx, chat))[0]
    assert here.read(lambda tx: [one.what for one in audit.about(tx, chat)]).count("words.held") == 1
    assert "words wait for you" in seen(here.get("/chats", "supervisor"))
    assert here.post(f"{path}/words/{words.id}/send", "worker").status_code == 403
    assert here.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 303
    assert said(here, chat)[-1] == "What would you like to eat?"
    thread = here.read(lambda tx: messages.of(tx, chat))
    assert thread[-1].by == "worker one"
    assert here.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 409
    assert said(here, chat).count("What would you like to eat?") == 1


def test_what_was_held_before_a_disclosure_is_read_anew_after_it(here: AtDesk) -> None:
    """Held for a number alone, it asks as well, and the child has told us something meanwhile."""
    waiting(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="What did he do? Ring me on 07700 900123")
    (words,) = here.read(lambda tx: held_words.of(tx, chat))
    before = why_of(here, path)
    assert "leading" not in before
    here.child_says("my uncle raped me")
    answer = here.post(f"{path}/words/{words.id}/send", "supervisor", why=before)
    assert answer.status_code == 409
    assert "The child has told us something since these words were typed" in seen(answer)
    assert not any("What did he do?" in one for one in said(here, chat))
    assert "it asks, and the child has told us something" in seen(here.get(path, "supervisor"))
    assert why_of(here, path) == [*before, "leading"]
    assert here.post(f"{path}/words/{words.id}/send", "supervisor", why=why_of(here, path)).status_code == 303


def why_of(here: AtDesk, path: str) -> list[str]:
    return re.findall('name="why" value="(.*?)"', here.get(path, "supervisor").text)


@pytest.mark.parametrize("press", ["close", "hand-back"])
def test_no_chat_is_left_with_a_text_that_nobody_read(here: AtDesk, press: str) -> None:
    chat = here.interview("1", "1")
    here.post(f"/chats/{chat}/take", "supervisor")

    def shown() -> str:
        page = here.get(f"/chats/{chat}", "supervisor").text
        (found,) = re.findall(f'id="{press}-newest" data-live><input type="hidden" name="newest" value="(.*?)"', page)
        return str(found)

    before = shown()
    here.child_says("wait there is one more thing")
    answer = here.post(f"/chats/{chat}/{press}", "supervisor", newest=before)
    assert answer.status_code == 409
    assert "The child has written since you opened this page: read that first." in seen(answer)
    assert here.read(lambda tx: conversations.peek(tx, chat)).holder == "supervisor one"
    assert here.post(f"/chats/{chat}/{press}", "supervisor", newest=shown()).status_code == 303


def test_nobody_releases_their_own_words(here: AtDesk) -> None:
    disclosed(here)
    path = taken(here, "manager")
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "manager", text="Who is he?")
    words = here.read(lambda tx: held_words.of(tx, chat))[0]
    assert here.post(f"{path}/words/{words.id}/send", "manager", why=words.reasons).status_code == 409
    assert "Who is he?" not in said(here, chat)


def test_words_taken_back_stand_in_the_box_again_for_who_typed_them_alone(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="Let's meet at <b>noon</b>")
    words = here.read(lambda tx: held_words.of(tx, chat))[0]
    back = here.post(f"{path}/words/{words.id}/back", "worker")
    page = here.get(back.headers["location"], "worker")
    assert "Taken back. It was not sent." in seen(page)
    assert re.search('<textarea[^>]* id="text"[^>]* autofocus', page.text), (
        "without a script too the box is where they go on"
    )
    assert "Let&#39;s meet at &lt;b&gt;noon&lt;/b&gt;</textarea>" in page.text
    assert "Let&#39;s meet" not in here.get(back.headers["location"], "supervisor").text
    assert here.post(f"{path}/words/{words.id}/back", "worker").status_code == 409


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "x" * (saying.LONGEST + 1)])
def test_nothing_and_too_much_are_refused_in_one_line(here: AtDesk, text: str) -> None:
    waiting(here)
    path = taken(here)
    answer = here.post(f"{path}/say", "worker", text=text)
    assert answer.status_code == 409
    assert "at most" in seen(answer)


def test_a_reply_ready_to_send_fits_the_moment(here: AtDesk) -> None:
    disclosed(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    assert here.post(f"{path}/reply", "worker", reply="need_tonight").status_code == 409, (
        "it asks, and the chat is locked"
    )
    here.post(f"{path}/reply", "worker", reply="not_your_fault")
    assert said(here, chat)[-1] == "You did nothing wrong. It is not your fault."
    here.post(f"{path}/reply", "worker", reply="numbers")
    assert said(here, chat)[-1].startswith("Childline is free: 0800 1111.")


def test_a_reply_is_in_the_childs_language_with_english_beside_it_and_says_that_it_is_a_draft(here: AtDesk) -> None:
    chat = here.child_says("hi")
    here.child_says("Tiếng Việt")
    here.child_says("PERSON")
    path = taken(here)
    page = here.get(path, "worker").text
    assert 'lang="vi" dir="auto">Mình ở đây.' in page
    assert ">I&#39;m here. Take all the time you want.<" in page
    assert "A draft was read by no native reader yet" in page
    assert page.count(">draft</em>") == len(canned.fitting(locked=False))
    here.post(f"{path}/reply", "worker", reply="numbers")
    assert said(here, chat)[-1].startswith("Childline miễn phí: 0800 1111.")


def test_where_drafts_are_refused_the_english_is_shown_and_sent_and_no_translation(here: AtDesk) -> None:
    chat = here.child_says("hi")
    here.child_says("Tiếng Việt")
    here.child_says("PERSON")
    path = taken(here)
    object.__setattr__(here.house.settings, "draft_locales", "refuse")  # as the environment would have it
    page = here.get(path, "worker").text
    assert "Mình ở đây." not in page
    assert page.count(">in English</span>") == len(canned.fitting(locked=False))
    here.post(f"{path}/reply", "worker", reply="here")
    assert said(here, chat)[-1] == "I'm here. Take all the time you want."


def test_the_words_of_an_l3_are_folded_and_the_workers_own_are_not(here: AtDesk) -> None:
    disclosed(here)
    page = here.get(taken(here), "worker").text
    fold = page.index("Heard as L3") if "Heard as L3" in page else page.index("Heard as L4")
    assert page.index("he raped me last night") > fold
    assert page.count("he raped me last night") == 1
    assert 'class="desk-hard" open' not in page


def test_english_stands_beside_what_a_catalogue_said_in_another_language(here: AtDesk) -> None:
    chat = here.child_says("hi")
    here.child_says("عربي")
    page = here.get(f"/chats/{chat}", "supervisor")
    assert 'lang="ar"' in page.text
    assert "OK to text now?" in page.text[page.text.index('lang="ar"') :]


def test_the_english_of_a_text_names_whom_the_childs_own_text_names(here: AtDesk) -> None:
    here.child_says("hi")
    here.child_says("عربي")
    here.child_says("1")
    here.child_says("PERSON")
    page = here.get(taken(here), "worker").text
    assert f"this is {here.people['worker'].name}, a real person" in page[page.index('lang="ar"') :]
    assert "[first_name]" not in page


def test_what_was_answered_is_shown_in_english(here: AtDesk) -> None:
    waiting(here)
    page = seen(here.get(taken(here), "worker"))
    assert "Hi, it's Robin. OK to text now?" in page.replace("&#39;", "'")
    assert "Yes, only I can see this" in page


def test_a_promise_becomes_a_task_once(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="I'll text you at 4")
    assert "due Mon 16 Nov 16:00" in seen(here.get(path, "worker"))
    assert here.post(f"{path}/promise", "worker").status_code == 303
    (task,) = (one for one in here.read(lambda tx: tasks.of(tx, chat)) if one.what == saying.KEEP_PROMISE)
    assert f"{task.due_at:%H:%M}" == "16:00"
    assert "Make it a task" not in here.get(path, "worker").text
    assert here.post(f"{path}/promise", "worker").status_code == 409


def test_a_promise_that_was_kept_stands_on_no_board(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    for hour in (4, 5):
        here.tick(seconds=60)
        here.post(f"{path}/say", "worker", text=f"I'll text you at {hour}")
        here.post(f"{path}/promise", "worker")
    first, second = (one.id for one in here.read(tasks.undone) if one.what == saying.KEEP_PROMISE)
    assert "Promises to children (2)" in seen(here.get("/board", "duty"))
    assert here.post(f"/tasks/{first}/done", "supervisor").status_code == 404, "neither their chat nor their board"
    answer = here.post(f"/tasks/{first}/done", "worker", **{"from": "chat"})
    assert answer.headers["location"] == f"{path}?done=work_done"
    assert f"/tasks/{second}/done" in here.get(path, "worker").text
    assert here.post(f"/tasks/{second}/done", "duty").headers["location"] == "/board?done=work_done"
    assert "Promises to children (0)" in seen(here.get("/board", "duty"))
    assert here.post(f"/tasks/{second}/done", "duty").status_code == 404
    debrief = here.read(lambda tx: tasks.add(tx, Task("debrief", "supervisor", "1wd"), here.now, here.now).id)
    assert here.post(f"/tasks/{debrief}/done", "duty").status_code == 404


def test_an_hour_that_cannot_be_told_is_asked_of_who_promised(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    here.post(f"{path}/say", "worker", text="I'll text you at 25:10")
    page = here.get(path, "worker").text
    assert "By when?" in page
    assert "for today" not in page
    for due in ("", "2020-01-01T10:00"):
        assert here.post(f"{path}/promise", "worker", due=due).status_code == 409
    assert here.post(f"{path}/promise", "worker", due="2026-11-16T17:10").status_code == 303
    (task,) = (
        one for one in here.read(lambda tx: tasks.of(tx, path.rpartition("/")[2])) if one.what == saying.KEEP_PROMISE
    )
    assert f"{task.due_at:%H:%M}" == "17:10"


def test_someone_else_may_be_typing_makes_the_chat_quiet(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/stranger", "worker")
    assert here.read(lambda tx: conversations.peek(tx, chat)).quiet
    before = len(said(here, chat))
    here.post(f"{path}/hand-back", "worker")
    here.child_says("hello?")
    assert len(said(here, chat)) == before


def test_a_worry_raises_an_alert_in_the_workers_name(here: AtDesk) -> None:
    chat = waiting(here)
    path = taken(here)
    stopped = "she stopped writing in the middle of a word"
    for lacks in ({"because": " ", "about": "-"}, {"because": stopped}, {"because": stopped, "about": "nobody known"}):
        assert here.post(f"{path}/worry", "worker", level="L4", **lacks).status_code == 409
    here.post(f"{path}/worry", "worker", level="L4", about="-", because=stopped)
    alert = here.read(lambda tx: alerts.open_for(tx, chat))
    assert (int(alert.level), alert.state) == (4, "raised")


@pytest.mark.parametrize(("is_about", "because", "says"), [
    (True, "asked the child to meet", "Raised. Whom it is about, and those they answer to, hear nothing of it"),
    (False, "I have told {0} and they ring 999", "If it is about them, raise it again and say so."),
    (False, "he is at the door", "Raised. Whoever is on duty is being told."),
])  # fmt: skip
def test_a_worry_goes_past_a_colleague_only_if_the_worker_says_so(
    here: AtDesk, is_about: bool, because: str, says: str
) -> None:
    chat = waiting(here)
    path = taken(here)
    duty = here.people["duty"]
    assert f'<option value="{duty.name}">Yes, {duty.name}</option>' in here.get(path, "worker").text
    about = duty.name if is_about else "-"
    answer = here.post(f"{path}/worry", "worker", level="L4", about=about, because=because.format(duty.name))
    assert says in seen(here.get(answer.headers["location"], "worker"))
    assert (duty.name in here.read(lambda tx: conflict.kept_from(tx, chat))) is is_about


def test_handing_over_back_and_closing(here: AtDesk) -> None:
    chat = waiting(here)
    path = taken(here)
    assert here.post(f"{path}/close", "worker").status_code == 409
    dev = here.hire("dev", "worker")
    here.do(lambda tx: training.record(tx, Training(dev.id, IN_DATE, IN_DATE), dev.id, here.now))
    assert '<option value="dev">dev (not at the desk now)</option>' in here.get(path, "worker").text
    here.post(f"{path}/transfer", "worker", to="dev")
    assert here.read(lambda tx: conversations.peek(tx, chat)).holder == "dev"
    assert here.get(path, "worker").status_code == 404
    assert here.post(f"{path}/take", "supervisor").status_code == 303
    here.post(f"{path}/hand-back", "supervisor")
    assert here.read(lambda tx: conversations.peek(tx, chat)).holder == "bot"


def test_a_look_at_a_page_and_a_beat_are_signs_of_a_worker(here: AtDesk) -> None:
    chat = waiting(here)
    path = taken(here)
    for method, where in (("get", path), ("get", "/chats"), ("post", "/here")):
        here.tick(minutes=4)
        assert getattr(here, method)(where, "worker").status_code == 200
        lease = here.read(lambda tx: leases.of(tx, chat))
        assert lease.expires_at == here.now + holding.presence(here.house)


def test_a_page_that_renews_itself_is_no_sign_of_anybody(here: AtDesk) -> None:
    chat = waiting(here)
    path = taken(here)
    lease, token = here.read(lambda tx: leases.of(tx, chat)), here.tokens["worker"]
    for _ in range(4):
        here.tick(minutes=4)
        assert here.ask("GET", path, token, headers={"X-Renews": "yes"}).status_code == 200
    assert here.read(lambda tx: leases.of(tx, chat)) == lease, "who has gone drops out, whatever their tab does"
    here.tick(minutes=15)
    answer = here.ask("GET", path, token, headers={"X-Renews": "yes"})
    assert answer.status_code == 401, "half an hour of nobody"
    assert "You are signed out" in answer.text, "and not a form to sign in by, beside what the page gives back"


def test_somebody_elses_look_is_no_sign_of_the_worker(here: AtDesk) -> None:
    chat = waiting(here)
    path = taken(here)
    before = here.read(lambda tx: leases.of(tx, chat))
    here.tick(minutes=4)
    here.get(path, "supervisor")
    assert here.read(lambda tx: leases.of(tx, chat)) == before


def test_one_chat_in_twenty_and_all_under_13_are_read_by_a_second_person(here: AtDesk) -> None:
    chat = waiting(here)
    c = here.read(lambda tx: conversations.peek(tx, chat))
    known = [second_reading.why(_named(c, str(number))) for number in range(4000)]
    assert 150 <= known.count("sample") <= 250
    assert second_reading.why(_named(c, "7", age=12)) == "under_13"
    here.do(lambda tx: conversations.save(tx, _named(conversations.load(tx, chat), chat, age=12)))
    path = taken(here)
    here.post(f"{path}/hand-back", "worker")
    assert [one.why for one in here.read(second_reads.owed)] == ["under_13"]
    assert here.do(lambda tx: second_reads.read(tx, chat, here.people["supervisor"].id, "kind and careful", here.now))
    assert here.read(second_reads.owed) == ()


def _named(c: Any, name: str, **known: int) -> Any:
    from dataclasses import replace

    return replace(c, id=name, facts={**c.facts, **known})


def test_a_note_is_for_colleagues(here: AtDesk) -> None:
    chat = waiting(here)
    path = taken(here)
    here.post(f"{path}/note", "worker", text="likes <i>dogs</i>")
    assert "likes &lt;i&gt;dogs&lt;/i&gt;" in here.get(path, "supervisor").text
    assert "dogs" not in " ".join(said(here, chat))


def test_an_untrained_worker_is_told_why_next_is_off(here: AtDesk) -> None:
    waiting(here)
    past = date(2026, 11, 15)
    who = here.people["worker"]
    here.do(lambda tx: training.record(tx, Training(who.id, IN_DATE, past), who.id, here.now))
    assert "DBS" in seen(here.get("/chats", "worker"))
    assert here.post("/chats/next", "worker").status_code == 409


def test_the_words_a_supervisor_sends_need_the_worker_still_there(here: AtDesk) -> None:
    disclosed(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="Who is he?")
    words = here.read(lambda tx: held_words.of(tx, chat))[0]
    here.post(f"{path}/queue", "worker")
    assert here.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 409
    assert [one.id for one in here.read(lambda tx: held_words.of(tx, chat))] == [words.id], "it waits on"
    assert "Who is he?" not in said(here, chat)


@pytest.mark.parametrize("gone", ["dropped out", "let go"])
def test_held_words_hand_no_child_to_who_is_gone(here: AtDesk, gone: str) -> None:
    """Who dropped out would have it back by writing, themself: a supervisor's press is not them."""
    disclosed(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="Who is he?")
    (words,) = here.read(lambda tx: held_words.of(tx, chat))
    if gone == "dropped out":
        here.do(lambda tx: _drop(here, tx, chat))
    else:
        here.do(lambda tx: people.set_active(tx, here.people["worker"].id, on=False))
    before = here.read(lambda tx: (conversations.peek(tx, chat).holder, waits.of(tx, chat), leases.of(tx, chat)))
    answer = here.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons)
    assert answer.status_code == 409
    assert "Worker one does not have this chat any more" in seen(answer)
    after = here.read(lambda tx: (conversations.peek(tx, chat).holder, waits.of(tx, chat), leases.of(tx, chat)))
    assert after == before, "as it was: in the queue, or with nobody new"
    assert [one.id for one in here.read(lambda tx: held_words.of(tx, chat))] == [words.id]
    assert "Who is he?" in seen(here.get(path, "supervisor")), "still to be seen"
    assert "Who is he?" not in said(here, chat)


def _drop(here: AtDesk, tx: Any, chat: str) -> None:
    c = conversations.load(tx, chat)
    here.runner.handle(tx, c, events.WorkerLeft(here.now, c.holder, dropped=True))


def test_a_supervisors_press_is_no_sign_of_the_worker(here: AtDesk) -> None:
    disclosed(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    here.post(f"{path}/say", "worker", text="Who is he?")
    (words,) = here.read(lambda tx: held_words.of(tx, chat))
    before = here.read(lambda tx: leases.of(tx, chat))
    here.tick(minutes=4)
    assert here.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 303
    assert here.read(lambda tx: leases.of(tx, chat)) == before


def test_everybody_is_found(here: AtDesk) -> None:
    """A word of a click that fails is shown with its reason, never with a trace."""
    waiting(here)
    path = taken(here)
    answer = here.post(f"{path}/transfer", "worker", to="nobody at all")
    assert answer.status_code == 409
    assert "Choose a colleague" in seen(answer)
    assert isinstance(clicks.Refused("x"), clicks.NotPossible)
    assert here.read(lambda tx: people.by_name(tx, "nobody at all")) is None


def test_the_audit_tells_whoever_is_kept_away_nothing_by_any_id(desk: AtDesk) -> None:
    alert = desk.alert()
    contact = desk.read(lambda tx: tx.contact_of(alert.conversation))
    row = 'class="desk-row"'
    for about in (alert.id, alert.conversation, alert.case_name):
        assert row in desk.post("/audit", "manager", about=about).text, about
    who = desk.people["manager"].id
    desk.do(lambda tx: waits.bar(tx, alert.conversation, who, Bar.CONFLICT, desk.now))
    for about in (alert.id, alert.conversation, alert.case_name, contact):
        assert row not in desk.post("/audit", "manager", about=about).text, about


def test_what_was_heard_as_grave_is_folded_wherever_it_stands(here: AtDesk) -> None:
    chat = here.interview(*("1",) * 8, "my dad hits me with a belt every night")
    page = here.get(f"/chats/{chat}", "supervisor").text
    answered = page[page.index('id="answers"') : page.index("Notes for colleagues")]
    assert page.count("with a belt") >= 1
    for part in (page, answered):
        shown = re.sub(r"<details[^>]*class=.desk-hard.*?</details>", "", part, flags=re.DOTALL)
        assert "belt" not in shown
    assert "Heard as L3" in answered


def test_a_manager_takes_a_worker_off_a_chat_for_good(desk: AtDesk) -> None:
    worker, talk = desk.people["duty"], desk.child_says("hi")
    desk.do(lambda tx: clicks.take(tx, desk.runner, worker, talk, desk.now))
    alert = desk.alert("he raped me")
    desk.clicked("acknowledge", "duty", alert.id)
    page = desk.get(f"/chats/{talk}", "manager").text
    assert f"/chats/{talk}/bar" in page
    assert f"/chats/{talk}/bar" not in desk.get(f"/chats/{talk}", "duty").text
    assert desk.post(f"/chats/{talk}/bar", "duty", worker="backup one").status_code == 403
    assert desk.post(f"/chats/{talk}/bar", "manager", worker="nobody of that name").status_code == 409
    assert desk.post(f"/chats/{talk}/bar", "manager", worker=worker.name).status_code == 303
    after = desk.now_of(alert)
    assert worker.name in after.away
    assert after.taken_by is None
    assert desk.read(lambda tx: conversations.peek(tx, talk)).holder == "nobody"
    assert desk.get(f"/chats/{talk}", "duty").status_code == 404
    assert desk.read(lambda tx: conflict.kept_from(tx, talk)) == {worker.name}
    # An alert that comes later goes past them too.
    desk.clicked("decide", "manager", alert.id, "refer", "told")
    later = desk.alert("he raped me again and i am scared")
    assert later.id != alert.id
    assert worker.name in later.away


def test_a_press_that_comes_twice_is_one(here: AtDesk) -> None:
    waiting(here)
    waiting(here, OTHER)
    path = taken(here)
    assert taken(here) == path, "the second press of Next has brought nobody else"
    for _ in range(2):
        assert here.post(f"{path}/say", "worker", text="I read it.").status_code == 303
    assert said(here, path.rpartition("/")[2]).count("I read it.") == 1
    assert taken(here) != path, "who has written to a child may have the next one"
    here.tick(seconds=10)
    here.post(f"{path}/say", "worker", text="I read it.")
    assert said(here, path.rpartition("/")[2]).count("I read it.") == 2


def test_words_to_a_child_one_no_longer_has_are_given_back_with_the_reason(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    here.post(f"{path}/take", "supervisor")
    answer = here.post(f"{path}/say", "worker", text="I am not done")
    assert answer.status_code == 404
    assert "You do not have this chat" in seen(answer)
    assert "I am not done</textarea>" in answer.text
    strange = here.post(f"/chats/{'0' * 26}/say", "worker", text="I am not done")
    assert strange.text == answer.text, "it does not tell which chats there are"


def test_a_picture_with_words_stands_in_the_thread_and_moves_no_mark(here: AtDesk) -> None:
    chat = disclosed(here)
    taken(here)
    here.child_says("he hits me every night and this is what he did", media="photo")
    last = here.read(lambda tx: messages.of(tx, chat))[-1]
    assert last.text == "he hits me every night and this is what he did [photo]"
    assert "Nobody can open it here" in seen(here.get(f"/chats/{chat}", "worker"))
    alert = here.read(lambda tx: alerts.open_for(tx, chat))
    here.post(f"/alerts/{alert.id}/words", "duty")
    page = here.get(f"/alerts/{alert.id}", "duty").text
    assert re.search(r"<mark>he hits me", page), "what was heard is marked where it stands"


def test_what_a_worker_raised_is_not_called_an_answer_of_the_child(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    here.post(f"{path}/worry", "worker", level="L4", about="-", because="a voice behind them")
    alert = here.read(lambda tx: alerts.open_for(tx, path.rpartition("/")[2]))
    page = seen(here.get(f"/alerts/{alert.id}", "duty"))
    assert "raised by a worker: a voice behind them It was no text of the child." in page
    assert "an answer that a worker" not in page


def test_who_is_to_stay_with_one_child_is_not_asked_to_hand_them_over(here: AtDesk) -> None:
    disclosed(here)
    taken(here)
    disclosed(here, OTHER)
    page = seen(here.get("/chats", "worker"))
    assert "stay with that one child" in page
    assert "hand over what you have" not in page
