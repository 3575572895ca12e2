"""Signing in by an account kept elsewhere, in a real browser and at a real provider: cookies, policy and redirects hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import identities
from tests import openid
from tests.browser.serving import Program
from tests.browser.test_access import judged
from tests.browser.test_desk import hired, pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.chromium import Profile, Tab


def signs_in_there(tab: Tab, issuer: str) -> None:
    tab.until(f"location.href.startsWith('{issuer}/oauth2/authorize')")
    tab.type("ana.example", "[name=sub]")
    tab.press("button", "Authorize")


def test_there_and_back(migrated_file: Path, tmp_path: Path, person: Profile, axe: str) -> None:
    file, secret = tmp_path / "desk.db", tmp_path / "secret"
    file.write_bytes(migrated_file.read_bytes())
    secret.write_text("a secret\n", "utf-8")
    program = Program(f"sqlite:///{file}")
    with openid.provider() as issuer:
        settings = {"issuer": issuer, "client_id": "waymark", "client_secret_file": secret}
        for name, value in settings.items():
            object.__setattr__(program.settings, f"desk_oidc_{name}", value)  # as the environment would have it
        program.start()
        try:
            who, link = hired(program, "ana", "duty")
            tab = person.tab()
            pictures(tab, axe, f"{program.desk_address}sign-in", "sign-in-account")
            pictures(tab, axe, f"{program.desk_address}enrol/{link}", "enrol-account")
            tab.press("button", "Use your work account")
            signs_in_there(tab, issuer)
            tab.until("location.pathname === '/board'")
            assert len(program.read(lambda tx: identities.of(tx, who.id))) == 1
            assert {cookie["name"] for cookie in person.cookies() if cookie["path"] == "/"} >= {"desk"}
            assert "desk-away" not in {cookie["name"] for cookie in person.cookies()}
            tab.go(f"{program.desk_address}me")
            tab.sees("you are signed in with it")
            judged(tab, axe, "desk-me-account")
            tab.press("button", "Sign out")
            tab.sees("You are signed out.")
            # Without a script too, and to the page that was asked for.
            plain = person.tab(script=False)
            plain.go(f"{program.desk_address}sign-in?to=/rota")
            plain.press("button", "Sign in with your work account")
            signs_in_there(plain, issuer)
            plain.until("location.pathname === '/rota'")
            assert [one for one in (*tab.errors, *plain.errors) if "favicon" not in one] == []
        finally:
            program.close()
