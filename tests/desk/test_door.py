"""The door: whose host, whose form, how much, what every answer carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.desk import app as desk_app
from bot.desk import table
from bot.desk.asking import Page
from bot.desk.door import Door
from bot.desk.routes import SIGNED_IN, Route
from storage import people, sessions
from storage.commit import StoreUnavailable
from tests.desk.at_desk import ADDRESS, OURS, AtDesk, seen

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

STRANGERS = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": ADDRESS},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": "http://localhost:8002"},
    {"Origin": "https://localhost:8001"},
]


@pytest.mark.parametrize("headers", STRANGERS, ids=str)
def test_a_form_of_another_page_is_not_taken(here: AtDesk, headers: dict[str, str]) -> None:
    token = here.sign_in("duty")
    for route in table.ROUTES:
        if route.method == "POST":
            path = route.path.replace("{token}", "x").replace("{passkey}", "x")
            response = here.ask("POST", path, token, form={"form": here.mark(token)}, headers=headers)
            assert response.status_code == 403, route.path
    assert here.ask("GET", "/me", token).status_code == 200


@pytest.mark.parametrize("mark", ["", "0" * 32, "\ud800", "é" * 50])
def test_a_signed_in_form_carries_its_sessions_mark(here: AtDesk, mark: str) -> None:
    token = here.sign_in("duty")
    body = b"form=" + mark.encode("utf-8", "surrogatepass")
    headers = OURS | {"Content-Type": "application/x-www-form-urlencoded"}
    assert here.ask("POST", "/me/everywhere", token, content=body, headers=headers).status_code == 403
    other = here.mark(here.sign_in("duty"))
    assert here.ask("POST", "/me/everywhere", token, form={"form": other}).status_code == 403
    assert here.ask("POST", "/me/passkeys/begin", token, json={}).status_code == 403


def test_the_end_of_a_session_is_told_half_an_hour_before(here: AtDesk) -> None:
    begun, token = here.now, here.sign_in("supervisor")

    def still_there(hours: float) -> str:
        here.now = begun + timedelta(hours=hours)
        here.do(lambda tx: sessions.see(tx, sessions.Session(token, "", "", begun, begun), here.now))
        return here.ask("GET", "/chats", token).text

    assert 'id="day-ends" data-in="1800" hidden>' in still_there(11)
    assert 'id="day-ends" data-in="0">You are signed out at 00:00, twelve hours' in still_there(11.6)


def test_what_was_typed_is_given_back_when_it_is_refused(here: AtDesk, caplog: pytest.LogCaptureFixture) -> None:
    """Refused, signed out, not theirs, or the store away: the words can be copied, and stand nowhere else."""
    words, shown = "</textarea>Kind & careful", "&lt;/textarea&gt;Kind &amp; careful</textarea>"
    chat = here.child_says("hi")
    path, token = f"/chats/{chat}/say", here.sign_in("supervisor")
    form = {"form": here.mark(token), "text": words, "phrase": "my secret phrase"}
    answers = [
        here.ask("POST", path, token, form=form),
        here.ask("POST", path, form=form),
        here.ask("POST", path, token, form=form | {"form": "stale"}),
        here.ask("POST", "/reveals/x/agree", here.sign_in("worker"), form={"because": words}),
    ]
    assert [one.status_code for one in answers] == [409, 401, 403, 403]
    here.committer.close()
    down = here.ask("POST", path, token, form=form)
    assert down.status_code in (500, 503)
    for one in (*answers, down):
        assert shown in one.text
        assert "my secret phrase" not in one.text
        assert "location" not in one.headers
        assert one.headers["cache-control"].startswith("no-store")
    assert "careful" not in caplog.text
    strange = here.ask("POST", path, token, form=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert strange.status_code == 403
    assert "careful" not in strange.text


def test_every_answer_is_dressed(here: AtDesk) -> None:
    for path in ("/", "/me", "/sign-in", "/nowhere", "/healthz", "/metrics", "/static/desk.js", "/static/nothing"):
        headers = here.ask("GET", path, here.sign_in("duty")).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert ("no-store" in headers["cache-control"]) is (path != "/static/desk.js")


def test_over_tls_the_cookie_is_bound_to_the_host(migrated_file: object, database_url: str) -> None:
    desk = AtDesk(database_url, desk_url="https://desk.example.org")
    try:
        headers = {"Origin": "https://desk.example.org", "Sec-Fetch-Site": "same-origin"}
        link = desk.link("duty")
        said = desk.ask("POST", f"/enrol/{link}/begin", json={}, headers=headers, base="https://desk.example.org")
        assert said.json()["options"]["rp"]["id"] == "desk.example.org"
        assert desk.desk.site.cookie == "__Host-desk"
        page = desk.ask("GET", "/me", desk.sign_in("duty"), base="https://desk.example.org")
        assert page.status_code == 200
        assert "max-age" in page.headers["strict-transport-security"]
        assert desk.ask("GET", "/sign-in", base="https://evil.example").status_code == 400
    finally:
        desk.close()


@pytest.mark.parametrize("base", ["http://desk.example.net", "http://10.0.0.1:8001"])
def test_another_name_is_not_answered(here: AtDesk, base: str) -> None:
    assert here.ask("GET", "/sign-in", base=base).status_code == 400


def test_by_its_number_the_desk_leads_to_its_name(here: AtDesk) -> None:
    assert here.ask("GET", "/sign-in", base="http://127.0.0.1:8001").headers["location"] == f"{ADDRESS}/sign-in"
    assert here.ask("GET", "/healthz", base="http://127.0.0.1:8001").text == "ok"


def test_a_body_has_its_limits(here: AtDesk) -> None:
    token = here.sign_in("duty")
    body = b"form=" + here.mark(token).encode() + b"&x=" + b"a" * 70_000
    assert here.ask("POST", "/me/everywhere", token, content=body, headers=OURS).status_code == 413
    assert here.ask("POST", "/me/everywhere", token, content=b"&" * 2000, headers=OURS).status_code == 400


def page_of(desk: AtDesk, view: object) -> AtDesk:
    """A desk that has one more page."""
    extra = Route("GET", "/trial", SIGNED_IN, view)  # type: ignore[arg-type]
    desk.app.router.routes.append(desk_app._served(Door(desk.desk), extra))
    return desk


def test_a_bug_shows_nothing_and_says_what_to_do(here: AtDesk, caplog: pytest.LogCaptureFixture) -> None:
    def broken(tx: Transaction, ask: Ask) -> Answer:
        raise RuntimeError("he hits me")

    response = page_of(here, broken).get("/trial", "duty")
    assert response.status_code == 500
    assert "Something went wrong here" in seen(response)
    assert "he hits me" not in response.text + caplog.text
    assert "RuntimeError" in caplog.text


def test_a_store_that_is_down_is_said(here: AtDesk) -> None:
    def down(tx: Transaction, ask: Ask) -> Answer:
        raise StoreUnavailable(StoreUnavailable.__doc__)

    response = page_of(here, down).get("/trial", "duty")
    assert (response.status_code, "cannot be reached" in seen(response)) == (503, True)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "{{ 7*7 }}", '"><img src=x onerror=1>', "a\u202eb", "\u2066x"]
)
def test_a_name_is_words_and_nothing_else(here: AtDesk, name: str) -> None:
    here.people["trial"] = here.hire(name, "duty")
    text = here.get("/me", "trial").text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "49" not in seen(here.get("/me", "trial")).partition("You are here")[0]
    # What turns the direction of writing is closed in where the name stands.
    assert text.count("<bdi>") >= 1


def test_what_stands_in_the_address_is_not_said(here: AtDesk) -> None:
    page = here.ask("GET", "/me?done=<b>Ring+07700+900123</b>", here.sign_in("duty"))
    assert "07700" not in page.text
    assert "signed out on every" in here.ask("GET", "/me?done=everywhere", here.sign_in("duty")).text


def test_a_look_is_written_down_before_it_is_shown(here: AtDesk) -> None:
    from storage import access

    def shown(tx: Transaction, ask: Ask) -> Answer:
        return Page("no_link.html", "Trial", {"text": "x"}, seen=(("alert", "r" * 26),))

    desk = page_of(here, shown)
    for _ in range(2):
        assert desk.get("/trial", "duty").status_code == 200
    first = desk.now
    desk.tick(minutes=11)
    desk.get("/trial", "duty")
    looks = desk.read(lambda tx: access.of(tx, "r" * 26))
    who = desk.people["duty"].id
    assert [(one.staff, one.what, one.at) for one in looks] == [(who, "alert", first), (who, "alert", desk.now)]


def test_counts_and_nothing_else(here: AtDesk) -> None:
    here.alert()
    text = here.get("/metrics").text
    assert 'waymark_alerts{level="L3",state="raised"} 1' in text
    for line in text.splitlines():
        assert line.startswith("# ") or line.rpartition(" ")[2].isdigit(), line
    assert "07700" not in text
    assert "worker one" not in text


def test_an_official_is_an_official_whatever_the_rota_says(here: AtDesk) -> None:
    person = here.people["requester"].id
    here.do(lambda tx: people.add_shift(tx, person, "manager", here.now.replace(hour=1), here.now.replace(hour=23)))
    assert "requester." in seen(here.get("/me", "requester"))
    assert "manager" not in seen(here.get("/me", "requester"))
    assert replace(here.people["requester"]).role.value == "requester"


def test_what_no_database_takes_is_not_there_or_not_ours(desk: AtDesk) -> None:
    token = desk.sign_in("manager")
    for path in ("/alerts/%00", "/me?to=%00", "/me?done=%ed%a0%80", "/enrol/%00", "/a/%ff", "/me?done=%00"):
        assert desk.ask("GET", path, token).status_code in (200, 404), path
    for path in ("/sign-in/passkey", "/enrol/x/passkey", "/me/passkeys"):
        headers = OURS | {"Content-Type": "application/json", "X-Form": desk.mark(token)}
        for body in (
            b'{"ceremony": "\\ud800", "given": {}}',
            b'{"ceremony": "\\u0000", "given": {"id": "\\udfff"}}',
            b"[1]",
        ):
            assert desk.ask("POST", path, token, content=body, headers=headers).status_code in (400, 403), path
    form = {
        "form": desk.mark(token),
        "about": "\0",
        "named": "\0",
        "name": "\0",
        "role": "worker",
        "number": "\0",
        "because": "\0",
    }
    for path in ("/staff", "/number", "/audit", "/cases", "/sign-in/code"):
        assert desk.ask("POST", path, token, form=form).status_code < 500, path
