"""Signing in by an account kept elsewhere: against a real OpenID provider on this machine, and against one that lies."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from bot import serving, trust
from bot.config import Settings, SettingsError
from bot.desk import elsewhere
from bot.desk.accounts import Accounts
from bot.desk.app import create_app
from bot.desk.asking import Account, NotReached, NotTrue
from storage import audit, credentials, identities, people
from tests import openid
from tests.desk.at_desk import ADDRESS, OURS, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.desk.at_desk import AtDesk

BACK: Final = ADDRESS + elsewhere.BACK
CLIENT: Final = "waymark"
MINE: Final = "ana.example@council.example.org"


# --- a real provider --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """An OpenID provider, in a process of its own."""
    with openid.provider() as address:
        yield address


class Browser:
    """A browser of somebody: goes away from the desk, signs in at the provider, comes back with what it was given."""

    def __init__(self, desk: AtDesk, issuer: str) -> None:
        desk.desk = replace(desk.desk, accounts=Accounts(issuer, CLIENT, "a secret", BACK))
        desk.app = create_app(desk.desk)
        self.desk, self.kept = desk, ""

    def leaves(self, path: str = "/sign-in/account", **form: str) -> str:
        """Where the desk sends this browser."""
        answer = self.desk.ask("POST", path, form=form)
        assert answer.status_code == 200, answer.text
        kept = re.search(r"desk-away=([^;]+); HttpOnly; Path=/; SameSite=lax", answer.headers["set-cookie"])
        assert kept is not None
        self.kept = kept[1]
        [url] = set(re.findall(r'href="(http[^"]+)"', answer.text))
        assert f'content="0;url={url}"' in answer.text
        return html.unescape(url)

    def signs_in_there(self, url: str, sub: str = MINE, **more: str) -> str:
        """The address, with its query, to which the provider sends this browser back."""
        answer = httpx.post(url, data={"sub": sub, **more}, verify=trust.authorities())
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith(BACK + "?")
        return str(answer.headers["location"]).removeprefix(ADDRESS)

    def comes_back(self, path: str) -> httpx.Response:
        return self.desk.ask("GET", path, headers={"Cookie": f"desk-away={self.kept}".encode("latin-1")})

    def through(self, path: str = "/sign-in/account", sub: str = MINE, **form: str) -> httpx.Response:
        return self.comes_back(self.signs_in_there(self.leaves(path, **form), sub))

    def binds(self, role: str = "duty", sub: str = MINE) -> httpx.Response:
        return self.through(f"/enrol/{self.desk.link(role)}/account", sub)


def token_of(answer: httpx.Response) -> str:
    """The session that an answer begins; "" for none."""
    found = re.search(r"\bdesk=([^;]+);", ", ".join(answer.headers.get_list("set-cookie")))
    return found[1] if found else ""


def refused(answer: httpx.Response, why: str) -> None:
    """The sign-in page with one plain sentence, and nobody is in."""
    assert answer.status_code == 400
    assert why in html.unescape(seen(answer))
    assert token_of(answer) == ""
    assert 'desk-away=""' in ", ".join(answer.headers.get_list("set-cookie"))


def test_an_account_is_bound_over_a_link_and_signs_in_from_then_on(
    desk: AtDesk, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(desk, issuer)
    caplog.set_level("DEBUG")
    assert "Use your work account" in seen(desk.get(f"/enrol/{desk.link('duty')}"))
    answer = browser.binds()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "duty one" in seen(desk.ask("GET", "/me", token_of(answer)))
    answer = browser.through(to="/board")
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    token = token_of(answer)
    page = seen(desk.ask("GET", "/me", token))
    assert "You are here as: duty" in page, "what one may do is what we say"
    assert "Your work account, chosen" in page
    assert "(you are signed in with it)" in page
    [known] = desk.read(lambda tx: identities.of(tx, desk.people["duty"].id))
    lines = [one.what for one in desk.read(lambda tx: list(audit.about(tx, known.id)))]
    assert lines == ["desk.enrolled", "desk.signed_in"]
    # The same rules as for everybody: half an hour of rest, and it is over.
    desk.now += timedelta(minutes=31)
    assert desk.ask("GET", "/me", token).status_code == 303
    told = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
    assert MINE not in told
    assert "code=" not in told


def test_an_account_nobody_bound_is_nobody_whatever_it_is_called(here: AtDesk, issuer: str) -> None:
    browser = Browser(here, issuer)
    everybody = here.read(people.everyone)
    refused(browser.through(sub="duty one"), elsewhere.UNKNOWN)
    assert here.read(people.everyone) == everybody
    browser.binds()
    refused(browser.through(sub=MINE.upper()), elsewhere.UNKNOWN)


def test_a_link_binds_once_and_never_somebody_elses_account(here: AtDesk, issuer: str) -> None:
    browser = Browser(here, issuer)
    browser.binds()
    refused(browser.binds("manager"), elsewhere.TAKEN)
    assert here.read(lambda tx: identities.of(tx, here.people["manager"].id)) == ()
    link = here.link("worker")
    path = browser.signs_in_there(browser.leaves(f"/enrol/{link}/account"), "another")
    here.do(lambda tx: credentials.use_link(tx, link, here.now))
    refused(browser.comes_back(path), elsewhere.OVER)
    assert here.ask("POST", f"/enrol/{link}/account").status_code == 404


def test_who_has_left_or_took_the_account_away_does_not_come_in(here: AtDesk, issuer: str) -> None:
    browser = Browser(here, issuer)
    token = token_of(browser.binds())
    [known] = here.read(lambda tx: identities.of(tx, here.people["duty"].id))
    person = here.people["duty"].id
    here.do(lambda tx: people.set_active(tx, person, on=False))
    assert here.ask("GET", "/me", token).status_code == 303
    refused(browser.through(), elsewhere.UNKNOWN)
    here.do(lambda tx: people.set_active(tx, person, on=True))
    token = token_of(browser.through())
    # Somebody else's is not there; one's own goes, with the session it began.
    assert here.post(f"/me/accounts/{known.id}/remove", "manager").status_code == 404
    form = {"form": here.mark(token)}
    assert here.ask("POST", f"/me/accounts/{known.id}/remove", token, form=form).status_code == 303
    assert here.ask("GET", "/me", token).status_code == 303
    refused(browser.through(), elsewhere.UNKNOWN)
    assert "an account elsewhere" not in seen(here.get("/staff", "manager"))
    # A manager signs somebody out everywhere: a telephone was lost, and what is on it signs nobody in again.
    token = token_of(browser.binds())
    assert "an account elsewhere" in seen(here.get("/staff", "manager"))
    here.post(f"/staff/{person}/sign-out", "manager")
    assert here.ask("GET", "/me", token).status_code == 303
    refused(browser.through(), elsewhere.UNKNOWN)


def test_a_journey_is_for_one_browser_and_comes_back_once(here: AtDesk, issuer: str) -> None:
    browser = Browser(here, issuer)
    browser.binds()
    # Another state, another code of the same account, no state at all: none is asked of the provider.
    path = browser.signs_in_there(browser.leaves())
    for changed in (re.sub(r"state=[^&]+", "state=x", path), re.sub(r"&?state=[^&]+", "", path)):
        refused(browser.comes_back(changed), elsewhere.NOT_TRUE)
        refused(browser.comes_back(path), elsewhere.OVER)
        path = browser.signs_in_there(browser.leaves())
    # What another browser was given is worth nothing in this one, nor without what this one keeps.
    begun = browser.kept
    theirs = browser.signs_in_there(browser.leaves())
    browser.kept = begun
    refused(browser.comes_back(theirs), elsewhere.NOT_TRUE)
    passkeys = here.ask("POST", "/sign-in/begin", json={}).json()["ceremony"]
    for kept in (passkeys, "", "x", "." * 9, "\u00e9"):
        browser.kept = kept
        refused(browser.comes_back(path), elsewhere.OVER)
    # Used once; after five minutes never.
    path = browser.signs_in_there(browser.leaves())
    assert token_of(browser.comes_back(path))
    refused(browser.comes_back(path), elsewhere.OVER)
    path = browser.signs_in_there(browser.leaves())
    here.now += timedelta(minutes=6)
    refused(browser.comes_back(path), elsewhere.OVER)


def test_a_code_is_worth_nothing_a_second_time(here: AtDesk, issuer: str) -> None:
    browser = Browser(here, issuer)
    browser.binds()
    used = browser.signs_in_there(browser.leaves())
    assert token_of(browser.comes_back(used))
    code = re.search(r"code=[^&]+", used)
    assert code is not None
    again = browser.signs_in_there(browser.leaves())
    refused(browser.comes_back(re.sub(r"code=[^&]+", code[0], again)), elsewhere.NOT_TRUE)
    # And one of another journey does not carry this one's nonce.
    other = re.search(r"code=[^&]+", browser.signs_in_there(browser.leaves()))
    assert other is not None
    mine = browser.signs_in_there(browser.leaves())
    refused(browser.comes_back(re.sub(r"code=[^&]+", other[0], mine)), elsewhere.NOT_TRUE)


def test_turned_back_there_or_nobody_there(here: AtDesk, issuer: str) -> None:
    browser = Browser(here, issuer)
    url = browser.leaves()
    state = parse_qs(urlsplit(url).query)["state"][0]
    refused(browser.comes_back(f"{elsewhere.BACK}?error=access_denied&state={state}"), elsewhere.TURNED_BACK)
    away = Browser(here, "http://127.0.0.1:9")
    answer = here.ask("POST", "/sign-in/account")
    refused(answer, elsewhere.NOT_REACHED)
    answer = here.ask("POST", f"/enrol/{here.link('duty')}/account")
    assert answer.status_code == 400
    assert elsewhere.NOT_REACHED in seen(answer)
    away.kept = browser.kept
    refused(away.comes_back(f"{elsewhere.BACK}?code=x&state={state}"), elsewhere.OVER)


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "\n/board"]
)
def test_it_leads_nowhere_but_here(here: AtDesk, issuer: str, to: str) -> None:
    browser = Browser(here, issuer)
    browser.binds()
    assert browser.through(to=to).headers["location"] == "/"


def test_without_such_a_service_there_is_nothing_of_it(here: AtDesk) -> None:
    assert "account" not in seen(here.get("/sign-in"))
    assert "work account" not in seen(here.get(f"/enrol/{here.link('duty')}"))
    assert here.ask("POST", "/sign-in/account").status_code == 404
    assert here.get(elsewhere.BACK).status_code == 404


def test_what_it_needs_is_looked_at_before_anything_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/none.db",
        desk_oidc_issuer=HONEST,
        desk_oidc_client_id=CLIENT,
        desk_oidc_client_secret_file=secret,
    )
    with pytest.raises(SettingsError, match="WAYMARK_DESK_OIDC_CLIENT_SECRET_FILE"):
        serving.serve(settings)
    secret.write_text("a secret", "utf-8")
    monkeypatch.setitem(sys.modules, "bot.desk.accounts", None)  # as where the extra is not installed
    with pytest.raises(SettingsError, match=r"pip install 'waymark\[oidc\]'"):
        serving.serve(settings)


def test_it_begins_on_our_own_page_alone(here: AtDesk, issuer: str) -> None:
    Browser(here, issuer)
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert here.ask("POST", "/sign-in/account", headers=foreign).status_code == 403
    assert here.ask("POST", "/sign-in/account", headers=OURS).status_code == 200


# --- a provider that lies ---------------------------------------------------------------------------------------------

HONEST: Final = "https://login.example.org/"
KEY: Final = RSAKey.generate_key(2048, {"kid": "1"}, private=True)
OTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "1"}, private=True)


class Liar:
    """A provider as a transport: `claims` and `says` change what it answers, `sign` how its token is made."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {
            "issuer": HONEST,
            "authorization_endpoint": HONEST + "authorize",
            "token_endpoint": HONEST + "token",
            "jwks_uri": HONEST + "keys",
        }
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], object] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "1"}, claims, KEY
        )
        self.keys: object = {"keys": [KEY.as_dict(private=False)]}
        self.given: dict[str, list[str]] = {}
        self.accounts = Accounts(HONEST, CLIENT, "a secret", BACK, httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json=self.says)
        if request.url.path == "/keys":
            return httpx.Response(200, json=self.keys)
        self.given = parse_qs(request.content.decode())
        now = int(time.time())
        claims = {
            "iss": HONEST,
            "sub": "ana",
            "aud": CLIENT,
            "exp": now + 60,
            "iat": now,
            "nonce": self.nonce,
        } | self.claims
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return httpx.Response(200, json={"access_token": "x", "token_type": "Bearer", "id_token": token})

    def proven(self, **query: str) -> Account:
        journey = self.accounts.away()
        self.journey, self.nonce = journey, self.claims.get("nonce") or journey.nonce
        return self.accounts.proven(journey, {"state": journey.state, "code": "c", **query})


def _unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def test_the_honest_one_is_believed_and_only_we_can_use_the_code() -> None:
    liar = Liar()
    assert liar.proven(iss=HONEST) == Account(HONEST, "ana")
    asked = parse_qs(urlsplit(liar.journey.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    digest = hashlib.sha256(liar.given["code_verifier"][0].encode()).digest()
    assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    assert (asked["scope"], asked["redirect_uri"], asked["response_type"]) == (["openid"], [BACK], ["code"])
    assert liar.given["redirect_uri"] == [BACK]
    assert len({liar.journey.state, liar.journey.nonce, liar.journey.verifier}) == 3


CLAIMS: Final[dict[str, dict[str, Any]]] = {
    "another nonce": {"nonce": "x"},
    "another issuer": {"iss": "https://evil.example/"},
    "the issuer without its slash": {"iss": HONEST.rstrip("/")},
    "for somebody else": {"aud": "another"},
    "for others too, and not said for whom": {"aud": [CLIENT, "another"]},
    "given to somebody else": {"azp": "another"},
    "over": {"exp": int(time.time()) - 3600},
    "without an end": {"exp": None},
    "from tomorrow": {"iat": int(time.time()) + 86_400},
    "of nobody": {"sub": None},
    "of an empty name": {"sub": ""},
    "of a number": {"sub": 7},
    "of a name without end": {"sub": "x" * 256},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
def test_a_token_that_says_something_else_proves_nothing(claims: dict[str, Any]) -> None:
    liar = Liar()
    liar.claims = claims
    if "nonce" in claims:
        liar.claims = {}
        journey = liar.accounts.away()
        liar.nonce = "x"
        with pytest.raises(NotTrue):
            liar.accounts.proven(journey, {"state": journey.state, "code": "c"})
        return
    with pytest.raises(NotTrue):
        liar.proven()


SIGNED: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "by nobody": _unsigned,
    "by another key": lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, OTHER_KEY),
    "with our secret": lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("a secret")),
    "with the public key as a secret": lambda claims: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(KEY.as_pem(private=False))
    ),
    "with a key it brings along": lambda claims: jwt.encode(
        {"alg": "RS256", "jwk": OTHER_KEY.as_dict(private=False)}, claims, OTHER_KEY
    ),
    "not at all": lambda _claims: None,
    "as no token": lambda _claims: "x.y.z",
}


@pytest.mark.parametrize("sign", SIGNED.values(), ids=SIGNED)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # the attacker's key is as weak as it may be
def test_a_token_the_issuer_did_not_sign_proves_nothing(sign: Callable[[dict[str, Any]], object]) -> None:
    liar = Liar()
    liar.sign = sign
    with pytest.raises(NotTrue):
        liar.proven()


@pytest.mark.parametrize(
    ("says", "query"),
    [
        ({"issuer": "https://evil.example/"}, {}),
        ({"token_endpoint": "http://login.example.org/token"}, {}),
        ({"jwks_uri": "file:///etc/passwd"}, {}),
        ({"authorization_endpoint": None}, {}),
        ({}, {"iss": "https://evil.example/"}),
        ({"authorization_response_iss_parameter_supported": True}, {}),
        ({}, {"code": ""}),
        ({}, {"state": ""}),
        ({}, {"state": "\udcff"}),
    ],
)
def test_an_issuer_that_is_not_itself_proves_nothing(says: dict[str, Any], query: dict[str, str]) -> None:
    liar = Liar()
    liar.says |= says
    with pytest.raises(NotTrue):
        liar.proven(**query)


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (httpx.Response(500), NotReached),
        (httpx.Response(302, headers={"Location": "https://evil.example/"}), NotReached),
        (httpx.Response(200, text="<html>"), NotTrue),
        (httpx.Response(200, json=[1]), NotTrue),
    ],
)
def test_an_issuer_that_talks_nonsense_is_no_bug_of_ours(answer: httpx.Response, raised: type[Exception]) -> None:
    accounts = Accounts(HONEST, CLIENT, "a secret", BACK, httpx.MockTransport(lambda _request: answer))
    with pytest.raises(raised) as told:
        accounts.away()
    assert HONEST not in str(told.value)
