"""The practice line: it teaches what the check would hold, and nothing of it is anywhere afterwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.desk.practice import SCRIPTS
from flows import composer
from tests.desk.at_desk import seen

if TYPE_CHECKING:
    from storage.database import Transaction
    from tests.desk.at_desk import AtDesk

KIND = "I'm here, and there is no hurry."


def everything(desk: AtDesk) -> dict[str, int]:
    """How many rows every table that is about children, pages or what was done has."""
    names = (
        "contacts",
        "conversations",
        "messages",
        "alerts",
        "pages",
        "outbox",
        "timers",
        "tasks",
        "audit",
        "held_words",
    )
    return {name: desk.read(partial(rows, name)) for name in names}


def rows(name: str, tx: Transaction) -> int:
    found: int = tx.execute(text(f"SELECT COUNT(*) FROM {name}")).scalar_one()  # noqa: S608 - a name from above
    return found


@pytest.mark.parametrize("key", SCRIPTS)
def test_a_scripted_child_is_talked_with_to_the_end_and_leaves_nothing(here: AtDesk, key: str) -> None:
    script = SCRIPTS[key]
    here.sign_in("worker")
    before = everything(here)
    page = here.get(f"/practice/{key}", "worker")
    assert "This child is made up." in seen(page)
    said: list[str] = []
    for turn in script.turns:
        assert turn.child in page.text
        held = here.post(f"/practice/{key}", "worker", text="ring me on 07700 900199", said=said)
        assert "would wait for a supervisor: a telephone number" in seen(held)
        page = here.post(f"/practice/{key}", "worker", text=KIND, said=said)
        said.append(KIND)
    assert script.end in seen(page)
    assert "<textarea" not in page.text
    assert everything(here) == before


def test_after_the_child_has_told_nothing_is_asked(here: AtDesk) -> None:
    for answered, is_held in ((1, False), (2, True), (4, True)):
        page = here.post("/practice/tells", "worker", text="Who did that?", said=[KIND] * answered)
        assert ("it asks, and the child has told us something" in seen(page)) is is_held, answered


def test_only_the_scripts_there_are(here: AtDesk) -> None:
    assert here.get("/practice/nobody", "worker").status_code == 404
    assert here.get("/practice", "requester").status_code == 403
    page = here.post("/practice/tired", "worker", text="<script>x</script>", said=["<b>y</b>"] * 99)
    assert "<script>x" not in page.text
    assert "<b>y" not in page.text


def test_no_answer_of_ours_would_be_held() -> None:
    """What the scripts say to the worker holds to what the check holds a worker to, numbers and all."""
    for script in SCRIPTS.values():
        assert not [
            one for one in composer.check(script.end, locked=False, locale="en") if one.reason in ("phone", "link")
        ]
