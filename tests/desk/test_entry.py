"""Coming in: links that work once, passkeys that lie, phrases that are guessed, sessions that end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from storage import audit, credentials, people, sessions
from storage.codes import Role
from tests.desk import authenticator
from tests.desk.at_desk import ADDRESS, OURS, AtDesk, seen
from tests.desk.authenticator import PRESENT, Authenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

PHRASE = "seven green bottles standing"


def json_post(desk: AtDesk, path: str, body: dict[str, Any], token: str = "", **more: Any) -> httpx.Response:
    mark = {"X-Form": desk.mark(token)} if token else {}
    return desk.ask("POST", path, token, json=body, headers=OURS | mark, **more)


def cookie(desk: AtDesk, response: httpx.Response) -> str:
    """The session a response begins."""
    found = re.search(rf"^{desk.desk.site.cookie}=([\w-]{{43}});", response.headers.get("set-cookie", ""))
    assert found is not None, response.text
    return found[1]


def enrol(desk: AtDesk, role: str, key: Authenticator, link: str | None = None) -> httpx.Response:
    link = link or desk.link(role)
    begun = json_post(desk, f"/enrol/{link}/begin", {}).json()
    given = key.made(begun["options"])
    return json_post(desk, f"/enrol/{link}/passkey", {"ceremony": begun["ceremony"], "given": given})


def sign_in(desk: AtDesk, key: Authenticator, **more: Any) -> httpx.Response:
    begun = json_post(desk, "/sign-in/begin", {}).json()
    given = key.signed(begun["options"])
    return json_post(desk, "/sign-in/passkey", {"ceremony": begun["ceremony"], "given": given, "to": "/me"}, **more)


def code(desk: AtDesk, role: str) -> str:
    """Set up an authenticator over a link; returns the link."""
    link = desk.link(role)
    shown = authenticator.figures(desk.read(lambda tx: credentials.link_secret(tx, link)), desk.now)
    response = desk.post(f"/enrol/{link}/code", phrase=PHRASE, code=shown)
    assert response.status_code == 303, seen(response)
    return link


def by_code(desk: AtDesk, name: str, link: str, phrase: str = PHRASE, figures: str | None = None) -> httpx.Response:
    shown = authenticator.figures(desk.read(lambda tx: credentials.link_secret(tx, link)), desk.now)
    return desk.post("/sign-in/code", name=name, phrase=phrase, code=figures or shown)


# --- passkeys ---------------------------------------------------------------------------------------------------------


def test_a_passkey_is_made_over_a_link_and_signs_in(desk: AtDesk) -> None:
    key = Authenticator()
    made = enrol(desk, "duty", key)
    assert desk.ask("GET", "/me", cookie(desk, made)).status_code == 200
    assert re.search(r"HttpOnly; Path=/; SameSite=lax", made.headers["set-cookie"])
    signed = sign_in(desk, key)
    assert signed.json() == {"to": "/me"}
    assert cookie(desk, signed) != cookie(desk, made)
    assert "duty one" in seen(desk.ask("GET", "/me", cookie(desk, signed)))
    lines = desk.read(lambda tx: [line.what for line in audit.about(tx, desk_passkey(desk))])
    assert lines == ["desk.enrolled", "desk.signed_in"]


def desk_passkey(desk: AtDesk, role: str = "duty") -> str:
    found: str = desk.read(lambda tx: credentials.of(tx, desk.people[role].id)[0].id)
    return found


def test_a_link_works_once(desk: AtDesk) -> None:
    link = desk.link("duty")
    assert enrol(desk, "duty", Authenticator(), link).status_code == 200
    assert json_post(desk, f"/enrol/{link}/begin", {}).status_code == 400
    assert desk.get(f"/enrol/{link}").status_code == 404
    assert desk.post(f"/enrol/{link}/code", phrase=PHRASE, code="123456").status_code == 404
    assert len(desk.read(lambda tx: credentials.of(tx, desk.people["duty"].id))) == 1


def test_of_two_passkeys_made_over_one_link_one_counts(here: AtDesk) -> None:
    link, first, second = here.link("duty"), Authenticator(), Authenticator()
    begun = [json_post(here, f"/enrol/{link}/begin", {}).json() for _ in range(2)]
    given = [key.made(one["options"]) for key, one in zip((first, second), begun, strict=True)]
    answers = [
        json_post(here, f"/enrol/{link}/passkey", {"ceremony": one["ceremony"], "given": made}).status_code
        for one, made in zip(begun, given, strict=True)
    ]
    assert answers == [200, 400]
    assert sign_in(here, second).status_code == 400


@pytest.mark.parametrize("how", ["old", "newer", "left", "guessed"])
def test_a_link_that_is_worth_nothing_says_so_in_one_way(here: AtDesk, how: str) -> None:
    link = here.link("duty")
    if how == "old":
        here.tick(hours=25)
    elif how == "newer":
        here.link("duty")
    elif how == "left":
        here.do(lambda tx: people.set_active(tx, here.people["duty"].id, on=False))
    else:
        link = "x" * 43
    response = here.get(f"/enrol/{link}")
    assert (response.status_code, "This link does not work" in response.text) == (404, True)
    assert "duty one" not in response.text
    assert json_post(here, f"/enrol/{link}/begin", {}).status_code == 400


def lied(key: Authenticator, how: str) -> Authenticator:
    if how == "another page":
        key.origin = "https://desk.example.net"
    elif how == "another port":
        key.origin = "http://localhost:8002"
    elif how == "another relying party":
        key.relying = "example.net"
    elif how == "nobody verified":
        key.flags = PRESENT
    elif how == "another key":
        key.key = Authenticator().key
    elif how == "a copy":
        key.counter = 0
    return key


@pytest.mark.parametrize(
    "how", ["another page", "another port", "another relying party", "nobody verified", "another key", "a copy"]
)
def test_a_passkey_that_lies_is_not_let_in(here: AtDesk, how: str) -> None:
    key = Authenticator()
    assert enrol(here, "duty", key).status_code == 200
    assert sign_in(here, key).status_code == 200
    assert sign_in(here, lied(key, how)).status_code == 400
    if how in ("another page", "another relying party", "nobody verified"):
        assert enrol(here, "worker", lied(Authenticator(), how)).status_code == 400


def test_what_was_signed_once_is_not_taken_twice(here: AtDesk) -> None:
    key = Authenticator()
    enrol(here, "duty", key)
    begun = json_post(here, "/sign-in/begin", {}).json()
    said = {"ceremony": begun["ceremony"], "given": key.signed(begun["options"])}
    assert json_post(here, "/sign-in/passkey", said).status_code == 200
    assert json_post(here, "/sign-in/passkey", said).status_code == 400
    other = json_post(here, "/sign-in/begin", {}).json()
    assert json_post(here, "/sign-in/passkey", said | {"ceremony": other["ceremony"]}).status_code == 400


def test_a_challenge_waits_five_minutes_and_belongs_to_its_ceremony(here: AtDesk) -> None:
    key = Authenticator()
    enrol(here, "duty", key)
    begun = json_post(here, "/sign-in/begin", {}).json()
    # An enrolment's challenge signs nobody in, and a sign-in's makes no passkey.
    link = here.link("worker")
    wrong = json_post(here, f"/enrol/{link}/begin", {}).json()
    signed = {"ceremony": wrong["ceremony"], "given": key.signed(wrong["options"])}
    assert json_post(here, "/sign-in/passkey", signed).status_code == 400
    made = {"ceremony": begun["ceremony"], "given": Authenticator().made(begun["options"])}
    assert json_post(here, f"/enrol/{link}/passkey", made).status_code == 400
    late = json_post(here, "/sign-in/begin", {}).json()
    here.tick(minutes=6)
    signed = {"ceremony": late["ceremony"], "given": key.signed(late["options"])}
    assert json_post(here, "/sign-in/passkey", signed).status_code == 400


@pytest.mark.parametrize("given", [None, 1, [], {}, {"id": 3}, {"id": "a", "rawId": "YQ", "response": None}])
def test_whatever_a_stranger_sends_is_only_wrong(here: AtDesk, given: Any) -> None:
    begun = json_post(here, "/sign-in/begin", {}).json()
    body = {"ceremony": begun["ceremony"], "given": given}
    assert json_post(here, "/sign-in/passkey", body).status_code == 400
    assert json_post(here, f"/enrol/{here.link('duty')}/passkey", body).status_code == 400
    assert here.ask("POST", "/sign-in/passkey", content=b"[[[", headers=OURS).status_code == 400
    deep = b'{"given":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    headers = OURS | {"Content-Type": "application/json"}
    assert here.ask("POST", "/sign-in/passkey", content=deep, headers=headers).status_code in (400, 403)


def test_a_removed_passkey_signs_out_and_signs_nobody_in(desk: AtDesk) -> None:
    key, other = Authenticator(), Authenticator()
    first, second = cookie(desk, enrol(desk, "duty", key)), cookie(desk, enrol(desk, "duty", other))
    gone = desk_passkey(desk)
    response = desk.ask("POST", f"/me/passkeys/{gone}/remove", second, form={"form": desk.mark(second)})
    assert response.headers["location"] == "/me?done=passkey_removed"
    assert desk.ask("GET", "/me", first).headers["location"] == "/sign-in?to=/me"
    assert desk.ask("GET", "/me", second).status_code == 200
    assert sign_in(desk, key).status_code == 400
    assert sign_in(desk, other).status_code == 200


def test_nobody_removes_or_uses_a_colleagues_passkey(here: AtDesk) -> None:
    key = Authenticator()
    enrol(here, "duty", key)
    assert here.post(f"/me/passkeys/{desk_passkey(here)}/remove", "manager").status_code == 404
    assert sign_in(here, key).status_code == 200
    assert "Remove" not in here.get("/me", "manager").text


def test_one_more_passkey_is_made_when_signed_in(here: AtDesk) -> None:
    token, key = here.sign_in("duty"), Authenticator()
    begun = json_post(here, "/me/passkeys/begin", {}, token).json()
    body = {"ceremony": begun["ceremony"], "given": key.made(begun["options"])}
    assert json_post(here, "/me/passkeys", body, here.sign_in("manager")).status_code == 400
    begun = json_post(here, "/me/passkeys/begin", {}, token).json()
    body = {"ceremony": begun["ceremony"], "given": key.made(begun["options"])}
    assert json_post(here, "/me/passkeys", body, token).json() == {"to": "/me?done=passkey_added"}
    assert sign_in(here, key).status_code == 200
    # The same passkey again is nobody else's.
    assert enrol(here, "worker", key).status_code == 400


# --- a phrase and six figures -----------------------------------------------------------------------------------------


def test_a_phrase_and_six_figures_sign_in_once_each(desk: AtDesk) -> None:
    link = code(desk, "worker")
    # The code that proved the authenticator was used by that.
    assert by_code(desk, "worker one", link).status_code == 400
    desk.tick(seconds=60)
    assert by_code(desk, "Worker  One", link).headers["location"] == "/"
    assert by_code(desk, "worker one", link).status_code == 400
    desk.tick(seconds=30)
    assert by_code(desk, "worker one", link, phrase="another phrase altogether").status_code == 400
    assert by_code(desk, "worker one", link, figures="000000").status_code == 400


def test_a_short_phrase_and_wrong_figures_leave_the_link_as_it_was(here: AtDesk) -> None:
    link = here.link("worker")
    shown = authenticator.figures(here.read(lambda tx: credentials.link_secret(tx, link)), here.now)
    assert here.post(f"/enrol/{link}/code", phrase="short", code=shown).status_code == 400
    assert here.post(f"/enrol/{link}/code", phrase=PHRASE, code="000000").status_code == 400
    assert here.post(f"/enrol/{link}/code", phrase=PHRASE, code=shown).status_code == 303


def test_a_name_nobody_has_is_answered_as_one_that_somebody_has(here: AtDesk) -> None:
    link = code(here, "worker")
    here.tick(minutes=1)
    answers = {
        by_code(here, name, link, phrase="wrong wrong wrong").text.replace(name, "NAME")
        for name in ("worker one", "duty one", "nobody at all")
    }
    assert len(answers) == 1


def test_the_same_work_is_done_for_any_name(here: AtDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    link = code(here, "worker")
    done: list[str] = []
    hashed = credentials._hashed

    def counted(phrase: str, salt: bytes) -> bytes:
        done.append("hashed")
        return hashed(phrase, salt)

    monkeypatch.setattr(credentials, "_hashed", counted)
    for name in ("worker one", "duty one", "nobody at all"):
        done.append(name)
        by_code(here, name, link, phrase="wrong wrong wrong")
    assert done == ["worker one", "hashed", "duty one", "hashed", "nobody at all", "hashed"]


@pytest.mark.parametrize("name", ["worker one", "nobody at all"])
def test_guesses_are_throttled_by_name(here: AtDesk, name: str) -> None:
    link = code(here, "worker")
    here.tick(minutes=1)
    for _ in range(credentials.MOST_OF_ONE):
        assert "did not work" in by_code(here, name, link, phrase="wrong wrong wrong").text
    assert "Too many tries" in by_code(here, name, link).text
    assert "did not work" in by_code(here, "somebody else", link).text
    here.tick(minutes=16)
    assert (by_code(here, name, link).status_code == 303) is (name == "worker one")


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_ends_by_rest_and_by_the_days_length(desk: AtDesk) -> None:
    token = desk.sign_in("duty")
    for _ in range(20):
        desk.tick(minutes=29)
        assert desk.ask("GET", "/me", token).status_code == 200
    desk.tick(minutes=31)
    assert desk.ask("GET", "/me", token).status_code == 303
    token = desk.sign_in("duty")
    for _ in range(24):
        desk.tick(minutes=29, seconds=50)
        assert desk.ask("GET", "/me", token).status_code == 200
    desk.tick(minutes=10)
    assert desk.ask("GET", "/me", token).status_code == 303


def left(desk: AtDesk) -> None:
    desk.do(lambda tx: people.set_active(tx, desk.people["duty"].id, on=False))


def signed_out(desk: AtDesk) -> None:
    desk.do(lambda tx: sessions.end_of(tx, desk.people["duty"].id))


@pytest.mark.parametrize("act", [left, signed_out])
def test_who_leaves_is_out_at_once(desk: AtDesk, act: Callable[[AtDesk], None]) -> None:
    token = desk.sign_in("duty")
    assert desk.ask("GET", "/me", token).status_code == 200
    act(desk)
    assert desk.ask("GET", "/me", token).status_code == 303
    assert desk.ask("POST", "/me/everywhere", token, form={"form": desk.mark(token)}).status_code == 401


def test_a_role_is_that_of_now(here: AtDesk) -> None:
    """Changed while somebody is signed in: what they may do changes with it, in both ways."""
    token = here.sign_in("worker")
    assert "worker" in seen(here.ask("GET", "/me", token))
    person = here.people["worker"].id
    here.do(lambda tx: people.add_shift(tx, person, Role.DUTY, here.now, here.now.replace(hour=20)))
    assert "duty, worker" in seen(here.ask("GET", "/me", token))
    here.tick(minutes=20)
    here.ask("GET", "/me", token)
    here.tick(hours=8)
    assert here.ask("GET", "/me", token).status_code == 303


def test_a_planted_cookie_is_not_what_one_signs_in_with(here: AtDesk) -> None:
    """Fixation: whatever a browser had before, it has a new session after."""
    key = Authenticator()
    enrol(here, "duty", key)
    planted = "a" * 43
    assert cookie(here, sign_in(here, key, token=planted)) != planted
    assert here.ask("GET", "/me", planted).status_code == 303
    before = here.sign_in("worker")
    response = sign_in(here, key, token=before)
    assert cookie(here, response) != before
    assert here.ask("GET", "/me", before).status_code == 303


def test_signing_out_ends_the_session_not_the_cookie_alone(here: AtDesk) -> None:
    token = here.sign_in("duty")
    response = here.ask("POST", "/sign-out", token, form={"form": here.mark(token)})
    assert response.headers["location"] == "/sign-in?done=signed_out"
    assert 'desk=""' in response.headers["set-cookie"]
    assert here.ask("GET", "/me", token).status_code == 303


def test_everywhere_leaves_this_browser_alone(here: AtDesk) -> None:
    one, other = here.sign_in("duty"), here.sign_in("duty")
    response = here.ask("POST", "/me/everywhere", other, form={"form": here.mark(other)})
    assert here.ask("GET", "/me", one).status_code == 303
    assert here.ask("GET", "/me", other).status_code == 303
    assert here.ask("GET", "/me", cookie(here, response)).status_code == 200


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/a\r\nb"])
def test_signing_in_leads_nowhere_else(here: AtDesk, to: str) -> None:
    key = Authenticator()
    enrol(here, "duty", key)
    begun = json_post(here, "/sign-in/begin", {}).json()
    given = key.signed(begun["options"])
    said = json_post(here, "/sign-in/passkey", {"ceremony": begun["ceremony"], "given": given, "to": to})
    assert said.json() == {"to": "/"}
    assert here.ask("GET", "/sign-in", params={"to": to}).text.count("evil") == 0


def test_the_demos_way_in_is_the_demos_alone(here: AtDesk) -> None:
    link = here.link("duty")
    assert here.get(f"/demo/{link}").status_code == 404
    assert here.post(f"/demo/{link}").status_code == 404
    assert ADDRESS in here.desk.address
