"""The card of an L4, the glass before an address, and that no page shows one without a row that says why."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.desk import table
from flows.model import Level
from storage import audit, conversations, people, reveals, tables
from storage.codes import Role
from tests.desk.at_desk import CHILD, AtDesk, seen

if TYPE_CHECKING:
    from flows.model import Alert
    from storage.database import Transaction

IN_DANGER = ("hi", "1", "help he has a knife and i cant get out")


def card(desk: AtDesk, alert: Alert, role: str = "duty") -> str:
    response = desk.get(f"/alerts/{alert.id}/card", role)
    assert response.status_code == 200
    return html.unescape(seen(response))


def shows(text: str) -> bool:
    """Whether the child's number stands in it, however it is written."""
    return CHILD[3:] in re.sub(r"[^0-9]", "", html.unescape(text))


@pytest.mark.parametrize(("channel", "words"), [("sms", "We have a mobile number."), ("web", "no number, no name")])
def test_the_card_says_what_the_channel_knows(here: AtDesk, channel: str, words: str) -> None:
    for text in IN_DANGER:
        talk = here.child_says(text, "a" * 32 if channel == "web" else CHILD, channel)
    from storage import alerts

    alert = here.read(lambda tx: alerts.open_for(tx, talk))
    assert alert.level is Level.L4
    assert "Open the L4 card" in here.get(f"/alerts/{alert.id}", "duty").text
    text = card(here, alert)
    assert words in text
    assert "We do not know the child's name" in text
    assert "press 55" not in text
    if channel == "web":
        assert "nothing to show" in seen(here.post(f"/alerts/{alert.id}/reveal", "duty", because="999 asks"))


def test_where_a_child_says_they_are_is_their_words_and_folded_like_them(here: AtDesk) -> None:
    alert = here.alert(*IN_DANGER)
    assert "has not said where" in card(here, alert)
    here.child_says("green door on mill lane")
    assert "mill lane" not in card(here, alert)
    here.post(f"/alerts/{alert.id}/words", "duty")
    told = card(here, alert)
    assert "“The child says they are: green door on mill lane" in told or "has not said where" in told


def test_a_place_on_the_map_is_where_they_say_they_are_and_one_that_was_not_asked_for_is_said_to_be_lost(
    here: AtDesk,
) -> None:
    sent = {"media": "location", "place": "Invented Shop, 1 Invented Road, 51.50100 -0.14200"}
    here.child_says(None, **sent)
    alert = here.alert(*IN_DANGER[1:])
    assert "it was not kept, and they may think that we have it" in card(here, alert)
    here.post(f"/alerts/{alert.id}/words", "duty")
    assert "The child may think that you saw it" in here.get(f"/alerts/{alert.id}", "duty").text
    here.child_says(None, **sent)
    assert "“The child says they are: Invented Shop, 1 Invented Road, 51.50100 -0.14200" in card(here, alert)


def test_at_l4_one_press_shows_the_number_for_a_while_to_whoever_asked(desk: AtDesk) -> None:
    alert = desk.alert(*IN_DANGER)
    path = f"/alerts/{alert.id}"
    assert desk.post(f"{path}/reveal", "duty", because=" ").status_code == 409
    assert not shows(desk.get(f"{path}/card", "duty").text)
    assert desk.post(f"{path}/reveal", "duty", because="999 asks for it").headers["location"].endswith("done=shown")
    assert shows(desk.get(f"{path}/card", "duty").text)
    assert not shows(desk.get(f"{path}/card", "manager").text)
    lines = [one.what for one in desk.read(lambda tx: list(audit.about(tx, alert.id)))]
    assert "address.shown" in lines
    desk.tick(minutes=29)
    assert shows(desk.get(f"{path}/card", "duty").text)
    desk.tick(minutes=2)
    assert not shows(desk.get(f"{path}/card", "duty").text)
    assert "999 asks for it" in card(desk, alert, "manager")


def test_below_l4_a_second_person_agrees(desk: AtDesk) -> None:
    alert = desk.alert()
    path = f"/alerts/{alert.id}"
    assert desk.post(f"{path}/reveal", "manager", because="police ask").headers["location"].endswith("done=asked")
    assert not shows(desk.get(f"{path}/card", "manager").text)
    [asked] = desk.read(lambda tx: reveals.of(tx, alert.id))
    own = desk.post(f"/reveals/{asked.id}/agree", "manager")
    assert (own.status_code, "a second person" in own.text) == (409, True)
    assert desk.post(f"/reveals/{asked.id}/agree", "duty").status_code == 403
    assert asked.id not in desk.get("/reviews", "manager").text
    assert asked.id in desk.get("/reviews", "service_manager").text
    assert desk.post(f"/reveals/{asked.id}/agree", "service_manager").status_code == 303
    assert desk.post(f"/reveals/{asked.id}/agree", "service_manager").status_code == 409
    assert shows(desk.get(f"{path}/card", "manager").text)
    assert not shows(desk.get(f"{path}/card", "service_manager").text), "who agreed does not see it"
    # Looked at afterwards, by somebody else, once.
    assert desk.post(f"/reveals/{asked.id}/review", "manager", in_order="yes").status_code == 409
    assert desk.post(f"/reveals/{asked.id}/review", "service_manager").status_code == 409
    assert desk.post(f"/reveals/{asked.id}/review", "service_manager", in_order="no").status_code == 303
    assert desk.post(f"/reveals/{asked.id}/review", "service_manager", in_order="yes").status_code == 409
    assert "not in order says service manager one" in seen(desk.get("/reviews", "manager"))


def test_what_was_asked_long_ago_is_asked_again(here: AtDesk) -> None:
    alert = here.alert()
    here.post(f"/alerts/{alert.id}/reveal", "duty", because="police ask")
    [asked] = here.read(lambda tx: reveals.of(tx, alert.id))
    here.tick(hours=5)
    here.tokens.clear()
    late = here.post(f"/reveals/{asked.id}/agree", "manager")
    assert (late.status_code, "ask again" in late.text) == (409, True)


def test_whoever_is_rung_after_a_decision_may_ask_for_the_number(here: AtDesk) -> None:
    alert = here.alert(*IN_DANGER)
    path = f"/alerts/{alert.id}"
    here.clicked("decide", "duty", alert.id, "police", "999 has it")
    assert "At L4 it is shown at once" in card(here, alert)
    assert here.post(f"{path}/reveal", "duty", because="999 asks").headers["location"].endswith("done=shown")
    here.clicked("decide", "manager", alert.id, "police", "999 has it")
    here.tick(hours=3)
    assert here.post(f"{path}/reveal", "duty", because="999 asks").headers["location"].endswith("done=shown")
    here.tick(hours=2)
    assert "Ask to see the number" in card(here, alert)
    assert here.post(f"{path}/reveal", "duty", because="curious").headers["location"].endswith("done=asked")


def test_an_l4_of_which_nothing_is_done_breaks_no_glass_by_one_press(here: AtDesk) -> None:
    alert = here.alert(*IN_DANGER)
    here.clicked("decide", "manager", alert.id, "no_further_action", "a slip of the thumb")
    assert "Ask to see the number" in card(here, alert)
    before = told(here, "manager one")
    asked = here.post(f"/alerts/{alert.id}/reveal", "duty", because="curious")
    assert asked.headers["location"].endswith("done=asked")
    assert len([text for text in told(here, "manager one") if "asks to see the number" in text]) == 1
    assert not [text for text in before if "asks to see the number" in text]


def test_a_manager_who_asks_for_the_number_is_not_the_second_person(here: AtDesk) -> None:
    alert = here.alert()
    here.post(f"/alerts/{alert.id}/reveal", "manager", because="police ask")
    asked = {
        name: [one for one in told(here, name) if "asks to see the number" in one]
        for name in ("manager one", "service manager one")
    }
    assert {name: len(texts) for name, texts in asked.items()} == {"manager one": 0, "service manager one": 1}


def told(desk: AtDesk, name: str) -> list[str]:
    """What waits to leave for one of the staff."""

    def work(tx: Transaction) -> list[str]:
        whose = {one.id: one.name for one in people.everyone(tx)}
        rows = tx.execute(select(tables.outbox).where(tables.outbox.c.text.is_not(None))).all()
        return [tx.keys.open(row.text, "outbox", row.id) for row in rows if whose.get(row.staff_id) == name]

    found: list[str] = desk.read(work)
    return found


def pages_of(desk: AtDesk, role: str, ids: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Every GET of the table as a role asks for it, with every id there is in the gaps of its kind, in others any."""
    found = {}
    for route in table.ROUTES:
        if route.method != "GET" or route.path.endswith("/live"):
            continue
        paths = {route.path}
        for gap in re.findall(r"\{\w+\}", route.path):
            paths = {path.replace(gap, one) for path in paths for one in ids.get(gap, ids["{alert}"][:1])}
        for path in paths:
            found[path] = desk.get(path, role).text
    return found


def test_no_page_and_no_answer_has_an_address_without_a_row(here: AtDesk) -> None:
    """Whoever asks for whatever: a child's number stands only where a row says who saw it, and for that person alone."""
    grave, plain = here.alert(*IN_DANGER), here.alert(address="+447700900188")
    here.post(f"/alerts/{grave.id}/words", "duty")
    here.post(f"/alerts/{grave.id}/rang", "duty", whom="999", spoke_to="Control", reference="1")
    here.post(f"/alerts/{plain.id}/reveal", "duty", because="police ask")
    interview = here.interview("1", address="+447700900177")
    case = here.read(lambda tx: conversations.case_of(tx, interview))
    # Of a return interview there are pages that a text-safe chat has none of.
    ids = {
        "{alert}": (grave.id, plain.id),
        "{chat}": (grave.conversation, plain.conversation, interview),
        "{case}": (case,),
    }
    for role in Role:
        for path, text in pages_of(here, role.value, ids).items():
            figures = re.sub(r"[^0-9]", "", text)
            assert not shows(text), (role, path)
            assert "7700900188" not in figures, (role, path)
            assert "7700900177" not in figures, (role, path)
    here.post(f"/alerts/{grave.id}/reveal", "duty", because="999 asks for it")
    for role in Role:
        showing = {path for path, text in pages_of(here, role.value, ids).items() if shows(text)}
        assert showing == ({f"/alerts/{grave.id}/card"} if role is Role.DUTY else set()), role
