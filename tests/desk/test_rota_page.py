"""The rota at the desk: read by whoever can be paged, changed by managers, in local time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot import i18n
from flows import canned
from storage import audit
from storage import rota as store
from tests.desk.at_desk import seen

if TYPE_CHECKING:
    from tests.desk.at_desk import AtDesk

SWAP = {"role": "duty", "from": "2026-11-17T20:00", "to": "2026-11-18T08:00"}


def test_a_swap_is_made_shown_and_taken_back(desk: AtDesk) -> None:
    desk.hire("ivy", "duty", shift=False)
    given = SWAP | {"out": "duty one", "into": "ivy"}
    assert desk.post("/rota/swap", "duty", **given).status_code == 403
    assert desk.post("/rota/swap", "manager", **given).status_code == 303
    page = desk.get("/rota", "duty")
    assert "ivy for duty one , duty Tue 17 Nov 20:00 to Wed 18 Nov 08:00" in seen(page)
    assert "Take back" not in page.text
    [cover] = desk.read(lambda tx: store.covers(tx, desk.now))
    assert desk.post(f"/rota/swap/{cover.id}/undo", "manager").status_code == 303
    assert desk.post(f"/rota/swap/{cover.id}/undo", "manager").status_code == 409
    assert desk.read(lambda tx: store.covers(tx, desk.now)) == ()
    who = desk.people["manager"].id
    did = [one.what for one in desk.read(lambda tx: list(audit.about(tx, cover.id))) if one.who == who]
    assert sorted(did) == ["shift.swapped", "swap.undone"]


def test_a_swap_that_cannot_be_changes_nothing(here: AtDesk) -> None:
    for wrong in (
        {"out": "duty one", "into": "duty one"},
        {"out": "duty one", "into": "requester one"},
        {"out": "duty one", "into": "nobody"},
        {"out": "worker one", "into": "backup one"},
        {"out": "duty one", "into": "backup one", "from": "2026-11-18T08:00", "to": "2026-11-17T20:00"},
        {"out": "duty one", "into": "backup one", "from": "2026-11-01T08:00", "to": "2026-11-02T20:00"},
        {"out": "duty one", "into": "backup one", "from": "tomorrow"},
        {"out": "duty one", "into": "backup one", "from": "2027-03-01T08:00", "to": "2027-03-02T08:00"},
        {"out": "duty one", "into": "backup one", "role": "king"},
    ):
        assert here.post("/rota/swap", "manager", **(SWAP | wrong)).status_code == 409, wrong
    assert here.read(lambda tx: store.covers(tx, here.now)) == ()


def test_hours_of_every_week_are_written_ahead_and_ended(desk: AtDesk) -> None:
    desk.hire("ivy", "duty", shift=False)
    given = {"name": "ivy", "role": "backup", "starts": "20:00", "ends": "08:00", "since": "2026-11-16"}
    assert desk.post("/rota/pattern", "manager", **given).status_code == 409, "no day"
    assert desk.post("/rota/pattern", "manager", **given, day=["0", "5"]).status_code == 303
    text = seen(desk.get("/rota", "manager"))
    assert "ivy , backup Mon, Sat, 20:00 to 08:00 from 2026-11-16" in text
    assert "ivy backup Mon 16 Nov 20:00 to Tue 17 Nov 08:00" in text
    again = desk.post("/rota/pattern", "manager", **given, day=["5"])
    assert again.status_code == 409, "kept twice they would stand on after one of them is ended, and no gap be told"
    assert "has these hours on one of these days already" in seen(again)
    [pattern] = desk.read(store.patterns)
    assert desk.post(f"/rota/pattern/{pattern.id}/end", "manager", last="soon").status_code == 409
    assert desk.post(f"/rota/pattern/{pattern.id}/end", "manager", last="2026-11-17").status_code == 303
    text = seen(desk.get("/rota", "manager"))
    assert "Sat 21 Nov 20:00" not in text
    assert "Mon 16 Nov 20:00" in text


def test_no_manager_makes_a_manager_by_a_shift(here: AtDesk) -> None:
    """What two managers agree on is never one and a colleague they put on a shift."""
    hours = {"starts": "08:00", "ends": "20:00", "since": "2026-11-16", "day": ["0"]}
    for name, role in (("worker one", "manager"), ("duty one", "service_manager"), ("manager one", "service_manager")):
        assert here.post("/rota/pattern", "manager", name=name, role=role, **hours).status_code == 409, name
    given = SWAP | {"out": "manager one", "into": "worker one", "role": "manager"}
    assert here.post("/rota/swap", "manager", **given).status_code == 409
    assert here.read(store.patterns) == ()
    assert here.post("/rota/swap", "service_manager", **given).status_code == 303


def test_a_swap_sent_twice_is_one_swap_and_told_once(desk: AtDesk) -> None:
    """The second press read that who had gone does not stand in those hours."""
    desk.hire("ivy", "duty", shift=False)
    given = SWAP | {"out": "duty one", "into": "ivy"}
    for _ in range(2):
        assert desk.post("/rota/swap", "manager", **given).headers["location"] == "/rota?done=swapped"
    [cover] = desk.read(lambda tx: store.covers(tx, desk.now))
    lines = desk.read(lambda tx: list(audit.about(tx, cover.id)))
    assert [one.what for one in lines] == ["shift.swapped"]


def test_hours_without_anybody_are_told(here: AtDesk) -> None:
    here.tick(days=28)
    text = seen(here.get("/rota", "service_manager"))
    assert re.search(r"Gaps in the next seven days \([1-9]", text)
    assert "duty: nobody from" in text.casefold()


def test_every_language_says_how_far_it_has_come(here: AtDesk) -> None:
    text = seen(here.get("/languages", "manager"))
    assert "Drafts are sent to children now" in text
    for locale in here.house.shelf.catalogues:
        assert i18n.called(locale) in text
        assert f"({locale})" not in text
    assert "shared." not in text
    assert "WAYMARK_" not in text
    assert "without a native reader" in text
    replies = len(canned.load())
    assert f"replies ready to send: {replies} of {replies}, {replies} of them drafts" in text
