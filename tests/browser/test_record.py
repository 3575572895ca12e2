"""The record in a real browser: from the offer to the signed and printed record, the child who reads it, a parent's form, and the
manager's pictures. Every page by the judge of WCAG 2.2, by day and night, on a telephone and a desk.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from bot import beginning, casework, clicks, parents, reading, recording
from flows.model import Level
from storage import cases, conversations, parent_forms, people, training
from storage.training import Training
from tests.browser.serving import Program
from tests.browser.test_access import judged
from tests.browser.test_desk import pictures, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Transaction
    from storage.people import Person
    from tests.browser.chromium import Profile, Tab

# Words of a page that stand on two lines, though they have no mark at which they may be parted.
BROKEN: Final = """(() => {
  const found = [], walk = document.createTreeWalker(document.querySelector("#main"), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}]{2,20}/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1) found.push(word[0]);
    }
  return found;
})()"""
NAN: Final = "At my nan's. We made cake <b>&</b> I slept"


class Service:
    """A program with a worker, a manager, and a child who came back and is offered the interview."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rosa, self.mel, self.code, self.talk = program.committer.submit(self._begun)

    def _begun(self, tx: Transaction) -> tuple[Person, Person, str, str]:
        now = self.program.visiting.clock()
        rosa, mel = people.add(tx, "rosa", "duty", now), people.add(tx, "mel", "manager", now)
        for one in (rosa, mel):
            training.record(tx, Training(one.id, date(2099, 1, 1), date(2099, 1, 1)), "test", now)
            people.add_shift(tx, one.id, one.role.value, now - timedelta(hours=1), now + timedelta(hours=8))
        known = {"birth_date": "2012-03-14", "learning_disability": "no", "looked_after": "no"}
        case = cases.add(tx, "CASE-1", now, known)
        cases.add_episode(tx, case.id, now - timedelta(days=6), now - timedelta(days=5))
        cases.add_episode(tx, case.id, now - timedelta(days=2), now - timedelta(hours=3))
        talk, code = beginning.offer(tx, self.program.runner, case.reference, "sms", "+447700900111", now)
        return rosa, mel, code, talk.id

    def do(self, work: object) -> object:
        return self.program.committer.submit(work)  # type: ignore[arg-type]

    def answered(self) -> None:
        """The worker has the chat, and wrote down what the child said."""
        at = self.program.visiting.clock()

        def work(tx: Transaction) -> None:
            clicks.take(tx, self.program.runner, self.rosa, self.talk, at)
            for question, said in (
                ("where", NAN),
                ("want_now", "a quiet place to do homework"),
                ("nights", "other_home"),
            ):
                clicks.set_answer(tx, self.program.runner, self.rosa, self.talk, question, said, at)
            case = conversations.case_of(tx, self.talk)
            assert case is not None
            casework.spoke(tx, self.program.house, self.rosa, case, "phone", at, self.talk)

        self.program.committer.submit(work)

    def tab(self, person: Profile, who: Person) -> Tab:
        tab = person.tab()
        signed_in(self.program, tab, who)
        return tab

    @property
    def record(self) -> str:
        return f"{self.program.desk_address}records/{self.talk}"


@pytest.fixture
def service(migrated_file: Path, tmp_path: Path) -> Iterator[Service]:
    file = tmp_path / "desk.db"
    file.write_bytes(migrated_file.read_bytes())
    made = Program(f"sqlite:///{file}").start()
    yield Service(made)
    made.close()


def opens(tab: Tab, summary: str) -> None:
    tab.press("summary", summary)


def saves(tab: Tab, group: str, chosen: dict[str, str], typed: dict[str, str]) -> None:
    """A group of the record, as somebody fills it in."""
    opens(tab, group)
    for name, value in chosen.items():
        tab.run(f"document.querySelector('#f-{name}').value = '{value}'")
    for name, words in typed.items():
        tab.type(words, f"#f-{name}")
    # The button says of which group it is to whoever cannot see.
    groups = f"[...document.querySelectorAll('[name=group]')].find((one) => one.value === {json.dumps(group)})"
    # The page before may say "Recorded." too: what is waited for is the next.
    tab.run("document.documentElement.dataset.before = ''")
    tab.run(f"{groups}.form.requestSubmit()")
    tab.until("!('before' in document.documentElement.dataset) && document.readyState === 'complete'")
    tab.sees("Recorded.")


def test_from_the_offer_to_the_signed_record_and_its_print(service: Service, person: Profile, axe: str) -> None:
    child = person.tab()
    child.go(service.program.address)
    opens(child, "I have a code")
    child.type(service.code, "#code")
    child.press("button", "Go on")
    child.sees("OK to text now?")
    child.press("button", "Yes, only I can see this")
    child.sees("are you safe right now?")
    service.answered()
    tab = service.tab(person, service.rosa)
    tab.go(f"{service.program.desk_address}records")
    tab.sees("not signed")
    tab.press("main a")
    tab.sees("At my nan's. We made cake <b>&</b> I slept")
    saves(
        tab, "How it was held", {"engaged": "willing", "mode": "phone", "with": "child"},
        {"interviewer": "Rosa", "relation": "voluntary"},
    )  # fmt: skip
    purposes = ("purpose_harm", "purpose_reasons", "purpose_options", "purpose_safety")
    saves(tab, "The four purposes", {}, {name: f"what was found and done, {name}" for name in purposes})
    saves(tab, "Harm", {"disclosure": "none_recorded"}, {})
    saves(tab, "Around the child", {"parent_view": "offered"}, {"parent_view_why": "asked today"})
    saves(tab, "Support, and what the child wants", {}, {"support_given": "two help numbers"})
    saves(tab, "Afterwards", {"felt_listened": "yes"}, {})
    tab.go(f"{service.record}/risk")
    tab.sees("proposed")
    tab.press("#L01 label", "So")
    tab.type("second time this week", "#why-L01")
    tab.press("button", "Save the indicators")
    tab.sees("Recorded.")
    tab.run("document.querySelector('#level').value = 'low'")
    tab.press("button", "Confirm the level")
    tab.sees("Level low, confirmed by rosa")
    tab.go(service.record)
    tab.press("button", "Sign as rosa")
    tab.sees("Signed, with your name.")
    tab.press("main a", "read and print")
    tab.until("location.pathname.endsWith('/print') && !!document.querySelector('.desk-filed')")
    tab.sees("Where they were, and who with")
    assert tab.errors == []
    # On paper there is the record and nothing of the desk.
    tab.ask("Emulation.setEmulatedMedia", media="print")
    assert tab.run("getComputedStyle(document.querySelector('.desk-header')).display") == "none"
    assert tab.run("getComputedStyle(document.querySelector('.desk-filed')).display") == "block"
    judged(tab, axe, "desk-record-paper", whole=True)
    held = service.program.read(lambda tx: recording.current(tx, service.talk))
    assert [one.by for one in held.signatures] == ["rosa"]


def test_what_stands_in_another_form_is_not_lost_by_a_press_without_a_word(service: Service, person: Profile) -> None:
    service.answered()
    tab = service.tab(person, service.rosa)
    tab.go(service.record)
    tab.sees("What the worker records")
    opens(tab, "How it was held")
    place, why = "document.querySelector('#f-place')", "document.querySelector('#f-purpose_reasons')"
    tab.run(f"{place}.value = 'kitchen'; {why}.value = 'a long answer'; true")
    saved = f"{place}.form.querySelector('button').click()"
    tab.run(saved)
    tab.sees("What you put into another form on this page is not saved")
    assert tab.run(f"[{place}.value, {why}.value]") == ["kitchen", "a long answer"]
    tab.run(saved)
    tab.sees("Recorded.")
    assert tab.run(f"[{place}.value, {why}.value]") == ["kitchen", ""], "they were told, and pressed again"
    assert tab.dialogs == []
    tab.run("document.querySelector('#f-mode').value = 'phone'")
    opens(tab, "The four purposes")
    tab.run(f"{why}.form.querySelector('button').click()")
    tab.sees("is not saved")
    tab.press("a", "Board")
    tab.until("location.pathname === '/board'")
    assert tab.dialogs == ["beforeunload"]
    assert tab.errors == []


def test_what_was_refused_is_not_lost_as_if_it_were_saved(service: Service, person: Profile, axe: str) -> None:
    """A refused page shows what was typed as its own; a press in another form, or a link, then lost it without a word."""
    service.answered()
    tab = service.tab(person, service.rosa)
    tab.go(service.record)
    opens(tab, "Around the child")
    why, place = "document.querySelector('#f-parent_view_why')", "document.querySelector('#f-place')"
    tab.run(
        f"{why}.value = 'she has no risk at home'; document.querySelector('#f-parent_view').value = 'offered'; true"
    )
    tab.run(f"{why}.form.querySelector('button').click()")
    tab.sees("Not recorded.")
    opens(tab, "How it was held")
    tab.run(f"{place}.value = 'kitchen'; true")
    tab.run(f"{place}.form.querySelector('button').click()")
    tab.sees("is not saved")
    for size in ((360, 780), (1280, 900)):
        tab.look(size, dark=False)
        judged(tab, axe, f"desk-record-refused-{size[0]}", whole=True)
    assert tab.run(f"{why}.value") == "she has no risk at home"
    # Put right and sent again it is saved, and asked of no more.
    tab.run(f"{place}.value = ''; {why}.value = 'asked today'; true")
    tab.run(f"{why}.form.querySelector('button').click()")
    tab.sees("Recorded.")
    tab.go(f"{service.record}/copies")
    tab.type("PC Grey", "#to")
    tab.run("document.querySelector('#because').value = ' '; document.querySelector('#because').form.requestSubmit()")
    tab.sees("Nothing was given.")
    assert tab.dialogs == []
    tab.press("a", "Board")
    tab.until("location.pathname === '/board'")
    assert tab.dialogs == ["beforeunload"]


def test_the_pages_of_the_record(service: Service, person: Profile, axe: str) -> None:
    service.answered()
    at = service.program.visiting.clock()

    def work(tx: Transaction) -> None:
        recording.add_intelligence(tx, service.rosa, service.talk, "vehicle", "blue van AB12 XYZ", "his old van", at)
        recording.add_action(tx, service.rosa, service.talk, "ring the school", "rosa", "2099-01-01", at)
        for number in range(12):
            back = at - timedelta(days=10 + 40 * (number % 2))
            case = cases.add(tx, f"C-{number}", back, {"birth_date": "2012-03-14"})
            cases.add_episode(tx, case.id, back - timedelta(days=1), back)
            casework.spoke(
                tx, service.program.house, service.rosa, case.id, "phone", at, when=back + timedelta(hours=2)
            )

    service.program.committer.submit(work)
    tab = service.tab(person, service.mel)
    pictures(tab, axe, f"{service.program.desk_address}records", "records")
    pictures(tab, axe, service.record, "record", lambda: opens(tab, "How it was held"))
    pictures(tab, axe, f"{service.record}/risk", "record-risk")
    pictures(tab, axe, f"{service.record}/copies", "record-copies")
    pictures(tab, axe, f"{service.record}/print", "record-print")
    tab.go(f"{service.record}/copies")
    tab.type("PC Grey", "#to")
    tab.type("to find the van", "#because")
    tab.press("button", "Make the copy, and note it")
    tab.sees("Copy for PC Grey")
    judged(tab, axe, "desk-record-copy", whole=True)
    assert "his old van" not in tab.text()
    pictures(tab, axe, f"{service.program.desk_address}plots", "plots", lambda: opens(tab, "The numbers"))


def test_the_record_on_a_telephone_breaks_no_word(service: Service, person: Profile, axe: str) -> None:
    """Three and five columns side by side had "Wha t" and "nobo dy yet"; a row is a block there, and where letters are large."""
    service.answered()
    at = service.program.visiting.clock()

    def work(tx: Transaction) -> None:
        recording.add_intelligence(tx, service.rosa, service.talk, "online_name", "foxy99", "the name he uses", at)
        recording.add_action(tx, service.rosa, service.talk, "ring the school", "rosa", "2099-01-01", at)
        clicks.worry(tx, service.program.runner, service.rosa, service.talk, Level.L3, "he was hit", "", at)

    service.do(work)
    tab = service.tab(person, service.mel)
    for letters in ("100%", "200%"):
        for size in ((360, 780), (1280, 900)):
            tab.look(size, dark=False)
            for page in ("/print", "", "/copies"):
                tab.go(service.record + page)
                tab.run(f"document.documentElement.style.fontSize = '{letters}'; true")
                assert tab.run(BROKEN) == [], (page, size, letters)
                beside = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert tab.run(beside) <= 0, (page, size, letters)
                judged(tab, axe, f"desk-record{page.replace('/', '-')}-{size[0]}-{letters[:-1]}", whole=True)


def test_the_child_reads_its_own_words_once(service: Service, person: Profile, axe: str) -> None:
    service.answered()
    at = service.program.visiting.clock()
    code = service.program.committer.submit(
        lambda tx: reading.release(tx, service.program.house, service.rosa, service.talk, at)
    )
    child = person.tab(size=(360, 780))
    child.go(service.program.address)
    opens(child, "I have a code")
    child.type(code, "#code")
    child.press("button", "Go on")
    child.sees("Can only you see it now?")
    judged(child, axe, "child-read-ask", "best-practice", whole=True)
    child.press("button", "Yes, only I can see this")
    child.sees(NAN)
    for dark in (False, True):
        child.look((360, 780), dark=dark)
        judged(child, axe, f"child-read-{'dark' if dark else 'light'}", "best-practice", whole=True)
    assert child.run("location.href") == service.program.address
    child.type("It was my auntie's", "#new-where")
    child.press("button", "Send what I changed")
    child.sees("Thank you. We have it.")
    assert NAN not in child.text()
    assert child.errors == []
    # A reload leads away, as after leaving: nothing of ours was kept that could be shown.
    child.run("location.reload()")
    child.sees("Sunny spells")
    held = service.program.read(lambda tx: recording.current(tx, service.talk))
    assert [(one.question, one.words) for one in held.corrections] == [("where", "It was my auntie's")]


def test_leaving_while_reading_leaves_nothing(service: Service, person: Profile) -> None:
    service.answered()
    at = service.program.visiting.clock()
    code = service.program.committer.submit(
        lambda tx: reading.release(tx, service.program.house, service.rosa, service.talk, at)
    )
    child = person.tab()
    child.go(service.program.address)
    opens(child, "I have a code")
    child.type(code, "#code")
    child.press("button", "Go on")
    child.press("button", "Yes, only I can see this")
    child.sees(NAN)
    child.key("Shift", 3)
    child.until("!location.href.startsWith('http://127')")
    child.back()
    assert NAN not in child.text()


def test_a_parents_form(service: Service, person: Profile, axe: str) -> None:
    at = service.program.visiting.clock()
    link = service.program.committer.submit(
        lambda tx: parents.ask(tx, service.rosa, service.talk, "Jo, mother", "seen together today", at)
    )
    address = f"{service.program.address}p/{link}"
    # Without a script, as on any telephone.
    adult = person.tab(size=(360, 780), script=False)
    adult.go(address)
    adult.sees("You will not see what your child told us.")
    adult.press("label", "Parent")
    adult.type("a row about school", "#led")
    adult.type("blue van AB12 XYZ", "[name=what-1]")
    adult.press("button", "Send")
    adult.sees("We have what you wrote.")
    other = person.tab(size=(360, 780))
    other.go(address)
    other.sees("not open any more")
    judged(other, axe, "parent-closed", "best-practice")
    again = service.program.committer.submit(
        lambda tx: parents.ask(tx, service.rosa, service.talk, "Jo, mother", "seen together today", at)
    )
    for dark in (False, True):
        other.look((360, 780), dark=dark)
        other.go(f"{service.program.address}p/{again}")
        judged(other, axe, f"parent-form-{'dark' if dark else 'light'}", "best-practice", whole=True)
    assert [one for one in other.errors if "410" not in one] == []


def test_a_tab_that_was_left_open_signs_nothing_unseen(service: Service, person: Profile, axe: str) -> None:
    service.answered()
    at = service.program.visiting.clock()
    whole = {
        "interviewer": "Rosa", "relation": "voluntary", "engaged": "willing", "mode": "phone", "with": "child",
        "disclosure": "none_recorded", "parent_view": "got", "felt_listened": "yes", "support_given": "a helpline",
        **{f"purpose_{name}": "found and done" for name in ("harm", "reasons", "options", "safety")},
    }  # fmt: skip
    service.do(lambda tx: recording.set_fields(tx, service.rosa, service.talk, whole, at))
    tab = service.tab(person, service.rosa)
    tab.go(service.record)
    tab.sees("Sign as rosa")
    other = {"felt_listened": "partly"}
    service.do(lambda tx: recording.set_fields(tx, service.mel, service.talk, other, at))
    tab.press("button", "Sign as rosa")
    tab.sees("It is not what you read any more. Changed since: The child felt listened to.")
    for size in ((360, 780), (1280, 900)):
        tab.look(size, dark=False)
        judged(tab, axe, f"desk-record-stale-{size[0]}", whole=True)
    # The page that says so is the record as it stands: it can be signed as it is now.
    tab.press("button", "Sign as rosa")
    tab.sees("Signed, with your name.")


def test_a_record_without_a_chat(service: Service, person: Profile, axe: str) -> None:
    at = service.program.visiting.clock()

    def work(tx: Transaction) -> str:
        case = cases.add(tx, "CASE-2", at, {"birth_date": "2012-03-14", "learning_disability": "no"})
        cases.add_episode(tx, case.id, at - timedelta(days=2), at - timedelta(hours=3))
        return case.id

    case = service.program.committer.submit(work)
    tab = service.tab(person, service.rosa)
    tab.go(f"{service.program.desk_address}cases/{case}")
    opens(tab, "An interview without a chat")
    judged(tab, axe, "desk-case-without-chat", whole=True)
    tab.press("button", "Begin the record")
    tab.sees("The record is begun, without a chat.")
    opens(tab, "Ask an adult who is safe to contact")
    tab.type("Jo, mother", "#adult")
    tab.type("seen at home today", "#why")
    tab.press("label", "I found that it is safe")
    tab.press("button", "Make a link for them")
    tab.sees("It works once, for seven days")
    for size in ((360, 780), (1280, 900)):
        tab.look(size, dark=False)
        judged(tab, axe, f"desk-record-without-chat-{size[0]}", whole=True)


def test_a_parent_keeps_what_they_wrote_when_we_fail(
    service: Service, person: Profile, axe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    at = service.program.visiting.clock()
    link = service.program.committer.submit(
        lambda tx: parents.ask(tx, service.rosa, service.talk, "Jo, mother", "seen together today", at)
    )
    adult = person.tab(size=(360, 780))
    adult.go(f"{service.program.address}p/{link}")
    adult.press("label", "Foster carer")
    adult.type("a row about school", "#led")
    with monkeypatch.context() as broken:
        broken.setattr(parents, "answered", fails)
        broken.setattr(parents, "kept", fails)
        adult.press("button", "Send")
        adult.sees("What you wrote is still here.")
    judged(adult, axe, "parent-again", "best-practice", whole=True)
    adult.press("button", "Send")
    adult.sees("We have what you wrote.")
    [form] = service.program.read(lambda tx: parent_forms.of(tx, service.talk))
    assert form.answers == {"who": "foster_carer", "led": "a row about school"}
