"""Every newer page of the desk by keyboard alone: each control is reached by Tab, shows that it is, lets go again, and does its
work by Enter or Space; after a form the focus stands beside what was said of it. One program and one browser for all.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from bot import beginning, casework
from storage import cases, people, rota, second_reads, training
from storage.training import Training
from tests.browser.serving import Program
from tests.browser.test_desk import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.database import Transaction
    from storage.people import Person
    from tests.browser.chromium import Browser, Tab

MOST_STOPS: Final = 200
# Every control there is to reach, by its place among all elements; of a group of radios one.
REACHABLE: Final = """[...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled)
  .map((one) => [...document.all].indexOf(one))"""
# Where the focus is, and whether somebody who looks can tell: an outline or a shadow.
STOP: Final = """(() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const how = getComputedStyle(one), box = one.getBoundingClientRect();
  const drawn = (how.outlineStyle !== "none" && parseFloat(how.outlineWidth) > 0) || how.boxShadow !== "none";
  const name = one.id || one.textContent.trim().slice(0, 40) || one.name;
  return [[...document.all].indexOf(one), name, drawn && box.width > 1 && box.height > 1];
})()"""


class Service:
    """A program with something to be done on every page."""

    def __init__(self, program: Program, tab: Tab) -> None:
        self.program, self.tab = program, tab
        self.mel, self.case, self.talk = program.committer.submit(self._begun)
        signed_in(program, tab, self.mel)

    def _begun(self, tx: Transaction) -> tuple[Person, str, str]:
        now = self.program.visiting.clock()
        mel, ana = people.add(tx, "mel", "manager", now), people.add(tx, "ana", "duty", now)
        for one in (mel, ana):
            training.record(tx, Training(one.id, date(2099, 1, 1), date(2099, 1, 1)), "test", now)
        case = cases.add(tx, "CASE-7", now, {"age": 14, "learning_disability": "no"})
        cases.add_episode(tx, case.id, now - timedelta(days=2), now - timedelta(hours=3))
        casework.promise(tx, self.program.house, mel, case.id, "to ring on Friday", now + timedelta(days=2), now)
        talk, _ = beginning.offer(tx, self.program.runner, case.reference, "sms", "+447700900111", now)
        second_reads.owe(tx, talk.id, "sample", now)
        for number in range(12):  # fewer than that many would not be counted, so that nobody is known by a number
            back = now - timedelta(days=10 + 40 * (number % 2))
            other = cases.add(tx, f"C-{number}", back, {"age": 14})
            cases.add_episode(tx, other.id, back - timedelta(days=1), back)
            casework.spoke(tx, self.program.house, mel, other.id, "phone", now, when=back + timedelta(hours=2))
        return mel, case.reference, talk.id

    # --- the keyboard ---

    def go(self, path: str) -> None:
        self.tab.go(f"{self.program.desk_address}{path}")

    def walked(self) -> list[str]:
        """Tab through the whole page, from before its first control to behind its last one."""
        wanted = set(self.tab.run(REACHABLE))
        assert wanted
        met: dict[int, str] = {}
        for _ in range(MOST_STOPS):
            self.tab.key("Tab")
            stop = self.tab.run(STOP)
            if stop is None or (stop[0] in met and stop[0] == next(iter(met))):
                break
            place, name, shown = stop
            assert shown, f"nobody can see that the focus is on '{name}'"
            met[place] = name
        else:
            raise AssertionError(f"no way out of {list(met.values())[-3:]}")
        assert sorted(wanted - set(met)) == [], [self._told(one) for one in wanted - set(met)]
        return list(met.values())

    def _told(self, place: int) -> Any:
        return self.tab.run(f"document.all[{place}].outerHTML.slice(0, 120)")

    def reach(self, selector: str, words: str = "") -> None:
        """Tab on until a control has the focus."""
        self.tab.until("document.readyState === 'complete'")
        fits = f"matches({json.dumps(selector)}) && one.textContent.includes({json.dumps(words)})"
        for _ in range(MOST_STOPS):
            self.tab.key("Tab")
            if self.tab.run(f"((one) => !!one && one.{fits})(document.activeElement)"):
                return
        raise AssertionError(f"never reached {selector} {words}")

    def strike(self, key: str, selector: str, words: str = "") -> None:
        self.reach(selector, words)
        self.tab.key(key)

    def write(self, words: str, selector: str) -> None:
        self.reach(selector)
        self.tab.ask("Input.insertText", text=words)

    def finds(self, words: str, focus: str) -> None:
        """A form was answered: it says so, and the focus is there."""
        self.tab.sees(words)
        self.tab.until(f"document.activeElement.matches({json.dumps(focus)})")


@pytest.fixture(scope="module")
def service(browser: Browser, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    file = tmp_path_factory.mktemp("keyboard") / "desk.db"
    file.write_bytes(migrated_file.read_bytes())
    program = Program(f"sqlite:///{file}").start()
    profile = browser.profile()
    yield Service(program, profile.tab())
    profile.close()
    program.close()


def rota_page(one: Service) -> None:
    one.strike("Enter", "#new-pattern summary")
    one.reach("#pattern-name")
    one.tab.key("a")
    one.strike(" ", "[name=day]")
    for field, keys in (("starts", "0800a"), ("ends", "0400p")):
        one.reach(f"#pattern-{field}")
        for key in keys:
            one.tab.key(key)
    one.reach("#pattern-since")
    for key in "01012099":
        one.tab.key(key)
    one.strike("Enter", "#new-pattern button")
    one.finds("Kept; the shifts", "#done")
    assert len(one.program.read(rota.patterns)) == 1


def overseeing(one: Service) -> None:
    one.write("calm and kind", f"#what-{one.talk}")
    one.strike(" ", "button", "I have read it")
    one.finds("Thank you. What you found", "#done")


def a_case(one: Service) -> None:
    one.write("nobody-like-this", "#named")
    one.strike("Enter", "main button")
    one.finds("There is no such case", "#named")
    one.tab.run("document.activeElement.select()")
    one.tab.ask("Input.insertText", text=one.case)
    one.tab.key("Enter")
    one.tab.sees("Times missing")
    one.walked()
    one.strike("Enter", "#note summary")
    one.write("asked the school", "#note-because")
    one.strike("Enter", "#note button")
    one.finds("Noted, and every clock", "#done")
    one.strike("Enter", "#not-done summary")
    one.write("ill", "#not-done-why")
    one.strike(" ", "#not-done [name=never]")
    one.strike("Enter", "#not-done button")
    one.finds("Noted, and every clock", "#done")
    one.strike(" ", "button", "Take back")
    one.finds("Taken back", "#done")


def practice(one: Service) -> None:
    one.strike("Enter", "main a")
    one.tab.sees("Another child")
    one.walked()
    one.write("Take all the time you want.", "#text")
    one.strike("Enter", "main form button")
    one.tab.sees("im just tired")
    one.finds("im just tired", "#text")
    one.tab.ask("Input.insertText", text="ring me on 07700 900123")
    one.strike("Enter", "main form button")
    one.finds("In a real chat this would wait", "#text")


def records(one: Service) -> None:
    one.strike("Enter", "main .desk-row a")
    one.tab.sees("What the worker records")
    one.walked()
    one.strike("Enter", "summary", "How it was held")
    one.write("Rosa", "#f-interviewer")
    one.strike(" ", "button", "How it was held")
    one.finds("Recorded.", "#done")


def plots(one: Service) -> None:
    one.strike(" ", "summary", "The numbers")
    one.tab.until("document.activeElement.parentElement.open")
    one.reach("main details[open] [role=region]")


def languages(one: Service) -> None:
    one.tab.sees("of them drafts")


PAGES: Final[dict[str, Callable[[Service], None]]] = {
    "rota": rota_page,
    "languages": languages,
    "overseeing": overseeing,
    "cases": a_case,
    "practice": practice,
    "records": records,
    "plots": plots,
}


@pytest.mark.parametrize("page", PAGES)
def test_by_keyboard_alone(service: Service, page: str) -> None:
    service.go(page)
    stops = service.walked()
    assert stops[0] == "Skip to main content"
    service.go(page)
    PAGES[page](service)
    assert [one for one in service.tab.errors if "404" not in one] == []
