"""The desk in a real browser: a passkey is made and signs in, and every page by the judge of WCAG 2.2."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import casework
from bot.channels.base import Inbound
from flows.model import Level
from storage import alerts, cases, credentials, methods, people, second_reads, sessions
from tests.browser.serving import Program
from tests.browser.test_access import DESK, PHONE, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flows.model import Alert
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
    from tests.desk.authenticator import figures

    _, link = hired(served, "ana", "duty")
    tab = person.tab(script=False)
    tab.go(f"{served.desk_address}enrol/{link}")
    tab.press("summary")
    tab.type("seven green bottles standing", "#phrase")
    secret = served.read(lambda tx: credentials.link_secret(tx, link))
    tab.type(figures(secret, served.visiting.clock()), "#code")
    tab.press("button", "Set it up")
    tab.until("!location.pathname.startsWith('/enrol')")
    tab.sees("ana")


def signed_in(served: Program, tab: Tab, who: Person) -> None:
    def work(tx: Transaction) -> str:
        return sessions.begin(tx, who.id, "code", served.visiting.clock())

    token = served.committer.submit(work)
    tab.ask("Network.setCookie", name="desk", value=token, url=served.desk_address, httpOnly=True)


def pictures(tab: Tab, axe: str, address: str, name: str, act: Callable[[], Any] | None = None) -> None:
    """A page by day and night, on a telephone and on a desk, judged each time; kept where pictures are wanted.

    Opened once: how it is laid out is its style sheet's doing alone, and follows the screen.
    """
    tab.look(PHONE, dark=False)
    tab.go(address)
    if act is not None:
        act()
    for size in (PHONE, DESK):
        for dark in (False, True):
            tab.look(size, dark=dark)
            named = f"desk-{name}-{'phone' if size == PHONE else 'desk'}-{'dark' if dark else 'light'}"
            judged(tab, axe, named, whole=True)
    # 1.4.4: letters twice as large, on a telephone too.
    tab.look(PHONE, dark=False)
    tab.run("document.documentElement.style.fontSize = '200%'")
    assert tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    tab.run("document.documentElement.style.fontSize = ''")
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


@pytest.fixture
def busy(served: Program) -> Program:
    """A night with something of everything on the board; everybody in it is invented."""
    now = served.visiting.clock()

    def everybody(tx: Transaction) -> None:
        for number, (name, role) in enumerate((("ana", "duty"), ("mel", "manager"), ("vic", "worker"))):
            who = people.add(tx, name, role, now, phone=f"+4477009002{number:02d}", proof=methods.INVENTED)
            people.add_shift(tx, who.id, role, now - timedelta(hours=2), now + timedelta(hours=6))

    served.committer.submit(everybody)
    for number, texts in enumerate((GRAVE, HIT, LOW, ("hi", "1", "PERSON"))):
        for text in texts:
            inbound = Inbound(
                channel="sms",
                external_id=f"b{number}-{text}",
                address=f"+4477009003{number:02d}",
                text=text,
                media=None,
                at=served.visiting.clock(),
            )
            served.runner.accept(inbound)
    return served


GRAVE = ("hi", "1", "help he has a knife and i cant get out")
HIT = ("hi", "1", "he hits me every night <b>&</b> i am scared, no it was only a film lol")
LOW = ("hi", "1", "1", "3", "i dont sleep and i cut myself last week")


def alert_of(program: Program, level: Level) -> Alert:
    found: Alert = next(one for one in program.read(alerts.undecided) if one.level is level)
    return found


def as_role(program: Program, tab: Tab, name: str) -> Person:
    who: Person = program.read(lambda tx: people.by_name(tx, name))
    signed_in(program, tab, who)
    return who


def test_the_pages_of_a_duty_manager(busy: Program, person: Profile, axe: str) -> None:
    tab = person.tab()
    as_role(busy, tab, "mel")
    pictures(tab, axe, f"{busy.desk_address}board", "board")
    grave, hit = alert_of(busy, Level.L4), alert_of(busy, Level.L3)
    pictures(tab, axe, f"{busy.desk_address}alerts/{hit.id}", "alert-folded")
    tab.press("#unfold")
    tab.sees("every night")

    def opened() -> None:
        tab.press("#decide summary")

    pictures(tab, axe, f"{busy.desk_address}alerts/{hit.id}", "alert", opened)
    pictures(tab, axe, f"{busy.desk_address}alerts/{grave.id}", "alert-l4")
    pictures(tab, axe, f"{busy.desk_address}alerts/{grave.id}/card", "card")
    tab.type("999 asks for it", "#reveal-because")
    tab.press("button", "Show the number")
    tab.sees("+447700900300")
    pictures(tab, axe, f"{busy.desk_address}alerts/{grave.id}/card", "card-shown")
    tab.go(f"{busy.desk_address}alerts/{hit.id}")
    tab.press("button", "False alarm")
    tab.sees("Thank you.")
    as_role(busy, tab, "mel")
    pictures(tab, axe, f"{busy.desk_address}reviews", "reviews")


def test_an_alert_from_the_first_look_to_the_decision(busy: Program, person: Profile) -> None:
    """With a script, live: what another person does shows without anybody pressing; then without one, by forms alone."""
    hit = alert_of(busy, Level.L3)
    board, tab = person.tab(), person.tab()
    tab.go(f"{busy.desk_address}sign-in")
    who = as_role(busy, board, "ana")
    board.go(f"{busy.desk_address}board")
    board.sees("not taken")
    tab.run(f"location.assign('{busy.desk_address}a/{hit.id}')")
    tab.press("#take")
    tab.sees("It is yours.")
    board.sees("ana has it")
    busy.runner.accept(Inbound("sms", "later", "+447700900301", "and my brother too", None, busy.visiting.clock()))
    tab.press("#unfold")
    tab.sees("my brother too")
    assert tab.errors == []
    plain = person.tab(script=False)
    plain.go(f"{busy.desk_address}alerts/{hit.id}")
    plain.press("#decide summary")
    plain.press("label", "Refer to children's social care")
    plain.type("significant harm", "#decide-because")
    plain.press("#decide button")
    plain.sees("Your decision and reason stand in the record.")
    board.sees("a manager must decide it too")
    assert busy.read(lambda tx: alerts.peek(tx, hit.id)).decision == "refer"
    # Let go while the board is open: it closes by itself, and shows nothing any more.
    busy.committer.submit(lambda tx: people.set_active(tx, who.id, on=False))
    board.until("location.pathname === '/sign-in'")


def test_by_keyboard_alone(busy: Program, person: Profile) -> None:
    tab = person.tab()
    as_role(busy, tab, "ana")
    hit = alert_of(busy, Level.L3)
    tab.go(f"{busy.desk_address}alerts/{hit.id}")
    tab.key("Tab")
    assert tab.run("document.activeElement.className") == "govuk-skip-link"
    tab.key("Enter")
    tab.until("location.hash === '#main'")
    for _ in range(12):
        if tab.run("document.activeElement.id") == "take":
            break
        tab.key("Tab")
    assert tab.run("document.activeElement.id") == "take"
    assert tab.run("getComputedStyle(document.activeElement).boxShadow !== 'none'")
    tab.key("Enter")
    tab.sees("It is yours.")


def test_an_officer_asks(served: Program, person: Profile, axe: str) -> None:
    who, _ = hired(served, "pc smith", "requester")
    tab = person.tab()
    signed_in(served, tab, who)
    pictures(tab, axe, f"{served.desk_address}request", "request")
    tab.type("07700 900155", "#number")
    tab.type("MIS/2026/104", "#reference")
    tab.press("label", "Yes, as far as is known")
    for name in ("trafficked", "read_by_others"):
        tab.run(f"document.querySelector('[name={name}][value=no]').click()")
    tab.press("button", "Ask")
    tab.sees("Accepted.")
    judged(tab, axe, "desk-request-accepted")
    assert "07700" not in tab.text()


def missing_child(tx: Transaction, program: Program) -> str:
    """A child who was missing twice, with tries and a promise; their case."""
    now = program.visiting.clock()
    mel = people.by_name(tx, "mel")
    assert mel is not None
    case = cases.add(tx, "C-104", now, {"age": 14, "looked_after": "yes", "learning_disability": "no"})
    cases.add_episode(tx, case.id, now - timedelta(days=20), now - timedelta(days=19))
    cases.add_episode(tx, case.id, now - timedelta(days=4), now - timedelta(days=1))
    casework.tried(tx, program.house, mel, case.id, "phone", "no_answer", now)
    casework.promise(tx, program.house, mel, case.id, "to ring again on Friday", now + timedelta(days=2), now)
    casework.note(tx, program.house, mel, case.id, "police_checked", now)
    return case.id


def test_the_pages_of_the_house(busy: Program, person: Profile, axe: str) -> None:
    tab = person.tab()
    as_role(busy, tab, "mel")
    for path in ("staff", "directory", "directory/hackney", "number", "handover"):
        pictures(tab, axe, f"{busy.desk_address}{path}", path.replace("/", "-"))
    opened = "document.querySelectorAll('details').forEach((one) => one.open = true); true"
    second_read = alert_of(busy, Level.L2).conversation
    busy.committer.submit(lambda tx: second_reads.owe(tx, second_read, "sample", busy.visiting.clock()))
    for path in ("rota", "languages", "overseeing"):
        pictures(tab, axe, f"{busy.desk_address}{path}", path, lambda: tab.run(opened))
    child = busy.committer.submit(lambda tx: missing_child(tx, busy))
    pictures(tab, axe, f"{busy.desk_address}cases", "case-find")
    pictures(tab, axe, f"{busy.desk_address}cases/{child}", "case", lambda: tab.run(opened))
    case = alert_of(busy, Level.L3).case_name

    def asked() -> None:
        tab.type(case, "#about")
        tab.press("main button")
        tab.sees("alert opened")
        assert tab.run("location.href") == f"{busy.desk_address}audit"

    pictures(tab, axe, f"{busy.desk_address}audit", "audit", asked)
    tab.go(f"{busy.desk_address}staff")
    tab.press("button[aria-label='A link for vic']")
    tab.sees("A link for vic")
    judged(tab, axe, "desk-link")
