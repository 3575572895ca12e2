"""The desk in a real browser: a passkey is made and signs in, and every page by the judge of WCAG 2.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storage import credentials, people, sessions
from tests.browser.serving import Program
from tests.browser.test_access import DESK, PHONE, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.database import Transaction
    from storage.people import Person
    from tests.browser.chromium import Profile, Tab


@pytest.fixture
def served(migrated_file: Path, tmp_path: Path) -> Iterator[Program]:
    file = tmp_path / "desk.db"
    file.write_bytes(migrated_file.read_bytes())
    made = Program(f"sqlite:///{file}").start()
    yield made
    made.close()


def hired(program: Program, name: str, role: str) -> tuple[Person, str]:
    """Somebody new, and the link by which they set up how they sign in."""

    def work(tx: Transaction) -> tuple[Person, str]:
        person = people.add(tx, name, role, program.visiting.clock())
        return person, credentials.link(tx, person.id, program.visiting.clock())

    made: tuple[Person, str] = program.committer.submit(work)
    return made


def with_authenticator(tab: Tab) -> None:
    """A telephone that keeps passkeys, and knows whose finger it is."""
    tab.ask("WebAuthn.enable")
    how = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tab.ask("WebAuthn.addVirtualAuthenticator", options=how)


def test_a_passkey_is_made_and_signs_in(served: Program, person: Profile) -> None:
    who, link = hired(served, "ana", "duty")
    tab = person.tab()
    with_authenticator(tab)
    tab.go(f"{served.desk_address}enrol/{link}")
    tab.press("#passkey button")
    tab.until("!location.pathname.startsWith('/enrol')")
    [cookie] = person.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["session"]) == (True, "Lax", True)
    tab.go(f"{served.desk_address}me")
    tab.sees("never used")
    tab.press("button", "Sign out")
    tab.sees("You are signed out.")
    tab.press("#passkey button")
    tab.until("location.pathname !== '/sign-in'")
    tab.go(f"{served.desk_address}me")
    tab.sees("last used")
    assert tab.errors == []
    # Removed, it ends what it began, and the telephone that still has it is told no.
    tab.press("button", "Remove")
    tab.until("location.pathname === '/sign-in'")
    tab.press("#passkey button")
    tab.sees("That did not work")
    assert served.read(lambda tx: credentials.of(tx, who.id)) == ()


def test_without_a_script_there_is_the_phrase(served: Program, person: Profile) -> None:
    from storage import totp

    _, link = hired(served, "ana", "duty")
    tab = person.tab(script=False)
    tab.go(f"{served.desk_address}enrol/{link}")
    tab.press("summary")
    tab.type("seven green bottles standing", "#phrase")
    secret = served.read(lambda tx: credentials.link_secret(tx, link))
    tab.type(totp.code_at(secret, served.visiting.clock()), "#code")
    tab.press("button", "Set it up")
    tab.until("!location.pathname.startsWith('/enrol')")
    tab.sees("ana")


def signed_in(served: Program, tab: Tab, who: Person) -> None:
    def work(tx: Transaction) -> str:
        return sessions.begin(tx, who.id, "code", served.visiting.clock())

    token = served.committer.submit(work)
    tab.ask("Network.setCookie", name="desk", value=token, url=served.desk_address, httpOnly=True)


def pictures(tab: Tab, axe: str, address: str, name: str, act: Callable[[], Any] | None = None) -> None:
    """A page by day and night, on a telephone and on a desk, judged each time; kept where pictures are wanted."""
    for size in (PHONE, DESK):
        for dark in (False, True):
            tab.look(size, dark=dark)
            tab.go(address)
            if act is not None:
                act()
            judged(tab, axe, f"desk-{name}-{'phone' if size == PHONE else 'desk'}-{'dark' if dark else 'light'}")
    assert [one for one in tab.errors if "404" not in one] == []


def test_the_pages_of_coming_in(served: Program, person: Profile, axe: str) -> None:
    who, link = hired(served, "ana", "duty")
    tab = person.tab()
    pictures(tab, axe, f"{served.desk_address}sign-in", "sign-in", lambda: tab.press("summary"))
    pictures(tab, axe, f"{served.desk_address}enrol/{link}", "enrol", lambda: tab.press("summary"))
    pictures(tab, axe, f"{served.desk_address}enrol/nothing", "no-link")
    signed_in(served, tab, who)
    served.committer.submit(lambda tx: credentials.add(tx, who.id, b"one", b"two", 0, served.visiting.clock()))
    pictures(tab, axe, f"{served.desk_address}me", "me")
    pictures(tab, axe, f"{served.desk_address}nowhere", "nowhere")
