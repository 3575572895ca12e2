"""The pages about the house itself: staff, switches, other services' numbers, a number looked up, the audit, the sheet."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.desk import directory
from bot.desk.said import SWITCHES
from flows.model import Task
from storage import (
    access,
    audit,
    credentials,
    people,
    professionals,
    sessions,
    switches,
    tasks,
    waits,
)
from storage.codes import Bar, Switch
from tests.desk.at_desk import AtDesk, seen
from tests.desk.authenticator import figures

if TYPE_CHECKING:
    from storage.database import Transaction
    from storage.people import Person


def test_a_manager_takes_somebody_on_and_gives_a_link(desk: AtDesk) -> None:
    page = desk.post("/staff", "manager", name="Kay  Trial", role="supervisor")
    [link] = re.findall(r"/enrol/[\w-]{43}", page.text)
    assert "Welcome, Kay Trial" in seen(desk.get(link))
    assert link not in desk.get("/staff", "manager").text
    assert "Kay Trial , supervisor" in seen(desk.get("/staff", "manager"))
    assert desk.post("/staff", "manager", name="kay trial", role="worker").status_code == 409


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *(("", "worker"), ("x" * 41, "worker"), ("a\u202eb", "worker")),
        *(("Ana", "king"), ("Ana", "manager"), ("Ana", "service_manager")),
    ],
)
def test_nobody_is_taken_on_by_a_form_that_is_wrong(here: AtDesk, name: str, role: str) -> None:
    before = len(here.read(people.everyone))
    assert here.post("/staff", "manager", name=name, role=role).status_code == 409
    assert len(here.read(people.everyone)) == before


@pytest.mark.parametrize("act", ["link", "sign-out", "let-go"])
def test_nobody_is_acted_on_by_themself_or_from_below(here: AtDesk, act: str) -> None:
    def on(role: str, by: str) -> int:
        person: Person = here.people[role]
        return here.post(f"/staff/{person.id}/{act}", by).status_code

    assert on("manager", "manager") == 409
    assert on("service_manager", "manager") == 409
    assert on("manager", "service_manager") in (200, 303)
    assert on("duty", "duty") == 403


def test_no_manager_makes_the_second_pair_of_eyes(here: AtDesk) -> None:
    """What two managers must agree on is never one person's: neither by a new manager nor in another's name."""
    other, stands_in = here.hire("mo", "manager"), here.hire("wyn", "worker", shift=False)
    shift = (here.now - timedelta(hours=1), here.now + timedelta(hours=1))
    here.do(lambda tx: people.add_shift(tx, stands_in.id, "manager", *shift))
    page = here.get("/staff", "manager").text
    for person in (other, stands_in):
        assert here.post(f"/staff/{person.id}/link", "manager").status_code == 409
        assert f"/staff/{person.id}/link" not in page
        assert here.post(f"/staff/{person.id}/link", "service_manager").status_code == 200
    assert here.post("/staff", "service_manager", name="Mia", role="manager").status_code == 200
    assert here.post(f"/staff/{here.people['worker'].id}/link", "manager").status_code == 200


def test_who_is_let_go_is_out_at_once_and_gets_no_link(desk: AtDesk) -> None:
    token, person = desk.sign_in("duty"), desk.people["duty"].id
    assert desk.post(f"/staff/{person}/let-go", "manager").status_code == 303
    assert desk.ask("GET", "/board", token).status_code == 303
    assert desk.post(f"/staff/{person}/link", "manager").status_code == 409
    assert desk.read(lambda tx: sessions.find(tx, token, desk.now)) is None


def test_who_lost_a_telephone_comes_in_by_a_new_link_alone(desk: AtDesk) -> None:
    token, person, other = desk.sign_in("duty"), desk.people["duty"].id, desk.people["worker"].id
    link = desk.link("duty")
    for staff, name in ((person, b"lost"), (other, b"kept")):
        desk.do(lambda tx, s=staff, n=name: credentials.add(tx, s, n, b"public", 0, desk.now))  # type: ignore[misc]
    desk.do(lambda tx: credentials.set_authenticator(tx, person, b"s" * 20, "a phrase of some length", 0, desk.now))
    assert desk.post(f"/staff/{person}/sign-out", "manager").status_code == 303
    assert desk.read(lambda tx: (sessions.find(tx, token, desk.now), credentials.of(tx, person))) == (None, ())
    assert desk.read(lambda tx: credentials.whose_link(tx, link, desk.now)) is None
    code = figures(b"s" * 20, desk.now)
    assert not desk.do(lambda tx: credentials.proves(tx, person, "a phrase of some length", code, desk.now))
    assert len(desk.read(lambda tx: credentials.of(tx, other))) == 1, "nobody else's"
    done = desk.read(lambda tx: {one.what for one in audit.about(tx, person)})
    assert {"staff.signed_out", "staff.passkeys_removed"} <= done
    assert desk.post(f"/staff/{person}/link", "manager").status_code == 200


def test_a_switch_is_turned_by_a_manager(here: AtDesk) -> None:
    assert here.post("/switches", "manager", switch="closed", on="yes").headers["location"].endswith("switched_on")
    assert here.read(lambda tx: switches.on(tx, "closed", here.now))
    assert "Closed is on since" in seen(here.get("/staff", "manager"))
    assert here.post("/switches", "manager", switch="closed", on="no").headers["location"].endswith("switched_off")
    assert here.post("/switches", "manager", switch="everything", on="yes").status_code == 409


def test_what_a_switch_does_and_what_ends_somebodys_work_is_said_before_the_press(here: AtDesk) -> None:
    """One slip of a thumb on a telephone, and a duty worker was reached no more until whoever keeps the server let them in."""
    page = here.get("/staff", "manager")
    for name in Switch:
        assert f"{name.value.capitalize()} : {SWITCHES[name.value]}" in seen(page)
    open_to_a_thumb = re.sub("<details.*?</details>", "", page.text, flags=re.DOTALL)
    for act in ("sign-out", "let-go"):
        assert f'/{act}"' in page.text
        assert not re.search(f'/staff/[^"]*/{act}"', open_to_a_thumb)
    assert "their passkeys are gone" in seen(page)
    assert "no page reaches them any more" in seen(page)


def test_the_directory_is_empty_and_says_so_until_somebody_rang(desk: AtDesk) -> None:
    assert len(directory.BOROUGHS) == len({directory.slug(one) for one in directory.BOROUGHS}) == 33
    assert "Nothing is filled in yet" in seen(desk.get("/directory", "worker"))
    path, form = "/directory/tower-hamlets", {"kind": "lado", "number": "07700 900199", "hours": "9 to 5", "email": ""}
    assert desk.post(path, "manager", **form).status_code == 409
    assert desk.post(path, "manager", **form, rang="yes").status_code == 303
    assert desk.post(path, "duty", **form, rang="yes").status_code == 403
    assert desk.post(path, "manager", **form | {"number": "ask Ana"}, rang="yes").status_code == 409
    assert desk.post(path, "manager", **form | {"kind": "mum"}, rang="yes").status_code == 409
    assert desk.post("/directory/nowhere", "manager", **form, rang="yes").status_code == 404
    text = seen(desk.get(path, "worker"))
    assert "07700 900199" in text
    assert "may be wrong" not in text
    desk.tick(days=91)
    assert "may be wrong" in seen(desk.get(path, "worker"))
    assert desk.post(path, "manager", **form | {"hours": "8 to 6"}, rang="yes").status_code == 303
    [one] = desk.read(professionals.everything)
    assert (one.hours, one.verified_on) == ("8 to 6", desk.now)


def test_a_number_is_looked_up_for_the_screen_and_written_down(desk: AtDesk) -> None:
    alert = desk.alert()
    known = desk.post("/number", "duty", number="07700 900123")
    assert alert.case_name in known.text
    assert f"/alerts/{alert.id}" in known.text
    assert "07700" not in known.text
    assert "Not known to us" in seen(desk.post("/number", "duty", number="07700 900177"))
    assert desk.post("/number", "duty", number="999").status_code == 400
    who = desk.people["duty"].id
    lines = [one.about for one in desk.read(lambda tx: list(audit.about(tx, "known"))) if one.who == who]
    assert lines == [("known",)]
    looks = [one.what for one in desk.read(lambda tx: access.by(tx, who))]
    assert looks == ["number"]
    desk.do(lambda tx: waits.bar(tx, alert.conversation, who, "conflict", desk.now))  # type: ignore[arg-type]
    assert "Not known to us" in seen(desk.post("/number", "duty", number="07700 900123"))


def test_looking_up_a_number_makes_no_contact(here: AtDesk) -> None:
    from flows.model import Service
    from storage import contacts

    here.post("/number", "duty", number="07700 900177")
    found = here.do(lambda tx: [contacts.known(tx, one, "sms", "+447700900177") for one in Service])
    assert found == [None, None]


def test_the_audit_is_found_by_two_words_a_name_or_an_id(desk: AtDesk) -> None:
    alert = desk.alert()
    desk.post(f"/alerts/{alert.id}/acknowledge", "duty", read=alert.level.name)
    for about in (alert.case_name, alert.id, "duty one"):
        text = seen(desk.post("/audit", "manager", about=about))
        assert "alert taken by duty one" in text or about == "duty one", about
    for about in ("x", "%", "' OR 1=1 --", "a" * 5000):
        page = desk.post("/audit", "manager", about=about)
        assert page.status_code == 200
        assert "alert taken" not in page.text
    # A name in an address would stand in logs and histories.
    assert "alert taken" not in desk.ask("GET", "/audit", desk.sign_in("manager"), params={"about": alert.id}).text


def test_the_sheet_has_everything_open_and_no_word(here: AtDesk) -> None:
    alert = here.alert()
    here.tick(minutes=40)
    text = seen(here.get("/handover", "duty"))
    assert f"L3 {alert.case_name} 40 min" in text
    assert "no word for 40 min" in text
    assert "backup one backup" in text
    assert "hits" not in text


def test_what_is_due_next_stands_whatever_has_been_late_for_long(here: AtDesk) -> None:
    def give(tx: Transaction) -> None:
        for number in range(30):
            tasks.add(tx, Task(f"look_{number:02}", "manager", "now"), here.now - timedelta(days=40 - number), here.now)
        for hours, what in ((1, "ring_the_council"), (-1, "ring_the_school"), (30, "look_next_week")):
            tasks.add(tx, Task(what, "manager", "now"), here.now + timedelta(hours=hours), here.now)

    here.do(give)
    for path in ("/board", "/handover"):
        text = seen(here.get(path, "duty"))
        assert "Late and soon due (late: 0 deadlines, 31 tasks)" in text
        first, _, rest = text.partition("Late and soon due")[2].partition("Soon: ring the council")
        assert "Late: ring the school" in first
        assert "Late: look 29" in rest
        assert "look 10" not in rest
        assert "next week" not in text
        assert "11 more: all that is late or soon due" in text
    text = seen(here.get("/due", "duty"))
    assert all(f"Late: look {number:02}" in text for number in range(30))
    assert "Soon: ring the council" in text


def test_of_what_turned_late_today_the_longest_late_stands_on_the_board(here: AtDesk) -> None:
    def give(tx: Transaction) -> None:
        for number in range(40):
            due = here.now - timedelta(hours=4, minutes=-number)
            tasks.add(tx, Task(f"look_{number:02}", "manager", "now"), due, here.now)

    here.do(give)
    text = seen(here.get("/board", "duty"))
    assert "Late: look 00" in text
    assert "Late: look 20" not in text


def test_verdicts_leave_as_lines(here: AtDesk) -> None:
    alert = here.alert()
    here.post(f"/alerts/{alert.id}/judge", "duty", verdict="right")
    response = here.get("/verdicts/export", "manager")
    assert response.headers["content-disposition"] == 'attachment; filename="verdicts.jsonl"'
    assert '"verdict": "right"' in response.text
    assert alert.case_name not in response.text


def test_the_counts_leave_out_whom_somebody_is_kept_from(desk: AtDesk) -> None:
    chat = desk.interview("1", "1", "1", "he hits me every night and i am scared")
    desk.tick(days=3)
    told = counted(desk, "duty")
    assert told["recorded missing"] == 1
    assert told["late"] + told["due within a day"] + told["task"] > 0
    desk.do(lambda tx: waits.bar(tx, chat, desk.people["duty"].id, Bar.CONFLICT, desk.now))
    assert set(counted(desk, "duty").values()) == {0}
    assert counted(desk, "backup") == told


def counted(desk: AtDesk, role: str) -> dict[str, int]:
    """The counts on the sheet of whoever has this role."""
    text = seen(desk.get("/handover", role)).partition("Open the desk")[0]
    return {what: int(many) for many, what in re.findall(r"(\d+) (late|due within a day|task|recorded missing)", text)}
