"""The page of the languages where drafts are refused: a manager turns one on, says why, and turns it off again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from storage import alerts
from tests.desk.at_desk import AtDesk, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

WHY: Final = "two children wait and nobody <else> can answer them"
DRAFT: Final = "What the bot writes in this language is a draft."


@pytest.fixture
def refusing(database_url: str) -> Iterator[AtDesk]:
    """A desk whose service sends no drafts by itself."""
    made = AtDesk(database_url, draft_locales="refuse")
    yield made
    made.close()


def test_one_that_is_complete_is_turned_on_with_a_reason_and_off_again(refusing: AtDesk) -> None:
    page = seen(refusing.get("/languages", "manager"))
    assert page.count("in whose place workers are shown the English") > 1
    assert sorted(re.findall(r"Turn on ([^,]+), as drafts", page)) == ["Tiếng Việt", "العربية"]
    for given in ({"locale": "vi", "reason": " "}, {"locale": "so", "reason": WHY}, {"locale": "", "reason": WHY}):
        assert refusing.post("/languages", "manager", on="yes", **given).status_code == 409
    on = refusing.post("/languages", "manager", on="yes", locale="vi", reason=WHY)
    assert on.headers["location"].endswith("switched_on")
    shown = refusing.get("/languages", "service_manager")
    assert "nobody &lt;else&gt; can answer them" in shown.text
    assert re.search(r"Turned on by manager one , Mon 16 Nov 12:00: two children wait", seen(shown))
    assert set(refusing.house.shelf.offered) == {"en", "vi"}
    off = refusing.post("/languages", "service_manager", on="no", locale="vi")
    assert off.headers["location"].endswith("switched_off")
    assert "two children wait" not in refusing.get("/languages", "manager").text
    assert refusing.house.shelf.offered == ("en",)
    assert refusing.post("/languages", "manager", on="no", locale="vi").status_code == 409


def test_the_chat_and_the_alert_of_such_a_child_say_that_the_texts_are_drafts(refusing: AtDesk) -> None:
    english = refusing.child_says("hi", "+447700900124")
    refusing.post("/languages", "manager", on="yes", locale="vi", reason=WHY)
    refusing.get("/languages", "manager")
    for text in ("Tiếng Việt", "1"):
        refusing.child_says(text)
    talk = refusing.child_says("em không biết nói sao")
    raised = refusing.read(lambda tx: alerts.open_for(tx, talk))
    assert raised is not None
    assert DRAFT in seen(refusing.get(f"/chats/{talk}", "duty"))
    assert DRAFT in seen(refusing.get(f"/alerts/{raised.id}", "duty"))
    assert DRAFT not in seen(refusing.get(f"/chats/{english}", "duty"))
