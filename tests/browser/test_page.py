"""A child's whole way over the page, in a real browser: with and without a script, from left and from right."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bot.web.guard import EXIT_TO
from flows.model import Level
from tests.browser.serving import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.chromium import Profile, Tab

BOTH = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
# Where writing goes on: in the field, or before it where a field with the focus would bring up a keyboard.
READY = {"text", "turn"}
LANGUAGES = pytest.mark.parametrize("locale", ["en", "ar"])


def words(program: Program, locale: str, key: str) -> str:
    return program.visiting.showing.words(locale)[key]


def label(program: Program, locale: str, step: str, value: str) -> str:
    flow = program.house.shelf.newest("text_safe", locale)
    return next(option.label for option in flow.steps[step].options if option.value == value)


def asks(program: Program, locale: str, step: str) -> str:
    """How a question begins."""
    flow = program.house.shelf.newest("text_safe", locale)
    return flow.steps[step].text.replace("{persona}", "Robin")


def open_in(program: Program, person: Profile, locale: str, *, script: bool) -> Tab:
    """Somebody opens the page and chooses their language on it."""
    tab = person.tab(script=script)
    tab.go(program.address)
    if locale != "en":
        tab.until("!!document.querySelector('#lang')")
        tab.run(f"document.querySelector('#lang').value = '{locale}'")
        tab.press("button.plain", words(program, "en", "change"))
        tab.until(f"document.documentElement.lang === '{locale}'")
        assert tab.run("document.querySelector('#wake').textContent") == words(program, locale, "code_use")
    return tab


def writes(program: Program, tab: Tab, locale: str, text: str) -> None:
    tab.type(text)
    tab.press("#write button", words(program, locale, "send"))


@BOTH
@LANGUAGES
def test_a_whole_chat(program: Program, person: Profile, locale: str, script: bool) -> None:
    tab = open_in(program, person, locale, script=script)
    assert tab.run("document.documentElement.dir") == ("rtl" if locale == "ar" else "ltr")
    assert (person.cookies(), program.visits()) == ([], 0)
    writes(program, tab, locale, "hello")
    tab.sees(asks(program, locale, "gate"))
    [cookie] = person.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["session"]) == (True, "Strict", True)
    [talk] = program.talks()
    assert program.locale(talk) == locale
    tab.press("#answers button", label(program, locale, "gate", "alone"))
    tab.sees(asks(program, locale, "safe_now"))
    writes(program, tab, locale, "1")
    tab.sees(asks(program, locale, "ts_age"))
    tab.press("#answers button", label(program, locale, "ts_age", "under_13"))
    tab.sees(asks(program, locale, "ts_menu"))
    assert program.said(talk)[:3] == ["hello", "1", "1"]
    # What was said stands on the page once, in its order; of buttons what stands on them.
    chosen = (("gate", "alone"), ("safe_now", "yes"), ("ts_age", "under_13"))
    seen = tab.run("[...document.querySelectorAll('.line.you p')].map((one) => one.textContent)")
    assert seen == ["hello", *(label(program, locale, *one) for one in chosen)]
    assert tab.errors == []


# How far the newest line reaches out of what can be seen between the header and the end of the screen, in pixels.
_HIDDEN = """(() => { const line = document.querySelector("#log").lastElementChild.getBoundingClientRect();
  const top = document.querySelector("header").getBoundingClientRect().bottom;
  return Math.max(0, Math.round(top - line.top), Math.round(line.bottom - innerHeight)); })()"""


@LANGUAGES
@pytest.mark.parametrize("size", [(375, 667), (320, 568)], ids=str)
def test_on_a_small_telephone_the_question_is_seen(
    program: Program, person: Profile, locale: str, size: tuple[int, int]
) -> None:
    """Buttons without their question are answered all the same, and the record is wrong."""
    tab = open_in(program, person, locale, script=True)
    tab.look(size, dark=False)
    writes(program, tab, locale, "hello")
    for step, value in (("gate", "alone"), ("safe_now", "yes"), ("ts_age", "13_15"), ("ts_menu", "")):
        tab.sees(asks(program, locale, step))
        tab.until(f"{_HIDDEN} === 0")
        if value:
            tab.press("#answers button", label(program, locale, step, value))


@BOTH
@LANGUAGES
def test_exit_leaves_nothing(program: Program, person: Profile, locale: str, script: bool) -> None:
    tab = open_in(program, person, locale, script=script)
    writes(program, tab, locale, "hello, I am Secret")
    tab.sees(asks(program, locale, "gate"))
    tab.press("#answers button", label(program, locale, "gate", "help"))
    tab.until("!document.querySelector('#answers')")
    tab.press("button.exit", words(program, locale, "exit"))
    tab.until(f"location.href === '{EXIT_TO}'")
    tab.sees("Sunny spells")
    until(lambda: program.visits() == 0)
    until(lambda: person.cookies() == [])
    if script:
        assert not any(one.startswith(program.address) for one in tab.history())
    tab.back()
    assert "Secret" not in tab.text()
    assert not tab.run("location.href").startswith(program.address)
    # The chat is over on the screen and nowhere else.
    [talk] = program.talks()
    until(lambda: program.level(talk) is Level.L4)


def test_an_answer_that_has_not_arrived_goes_along_with_exit(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    # A press that never leaves the telephone by itself.
    tab.run(
        "const was = window.fetch;"
        "window.fetch = (to, how) => how?.body?.has?.('pick') ? new Promise(() => {}) : was(to, how)"
    )
    tab.press("#answers button", label(program, "en", "gate", "help"))
    tab.press("button.exit", words(program, "en", "exit"))
    tab.until(f"location.href === '{EXIT_TO}'")
    [talk] = program.talks()
    until(lambda: program.level(talk) is Level.L4)


def test_three_times_shift(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    tab.key("Shift", 2)
    tab.key("Tab")
    tab.key("Shift", 2)
    assert tab.run("location.href") == program.address
    tab.key("Shift")
    tab.until(f"location.href === '{EXIT_TO}'")
    until(lambda: (program.visits(), person.cookies()) == (0, []))
    assert not any(one.startswith(program.address) for one in tab.history())


@BOTH
@LANGUAGES
def test_coming_back_shows_the_open_question_and_no_history(
    program: Program, person: Profile, locale: str, script: bool
) -> None:
    tab = open_in(program, person, locale, script=script)
    writes(program, tab, locale, "hello my name is Secret")
    tab.sees(asks(program, locale, "gate"))
    tab.press("#answers button", label(program, locale, "gate", "alone"))
    tab.sees(asks(program, locale, "safe_now"))
    tab.press("button", words(program, locale, "code_get"))
    code = tab.until("document.querySelector('.code bdi')?.textContent")
    tab.press("button.exit")
    tab.until(f"location.href === '{EXIT_TO}'")
    again = person.tab(script=script)
    again.go(program.address)
    again.press("summary")
    again.type(code.replace(" ", ""), "#code")
    again.press("details button")
    again.sees(asks(program, locale, "safe_now"))
    lines = again.run("document.querySelectorAll('.line').length")
    assert lines == 1
    assert "Secret" not in again.text()
    again.press("#answers button")
    again.sees(asks(program, locale, "ts_age"))
    assert len(program.talks()) == 1


def test_a_code_works_once(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    tab.press("button", words(program, "en", "code_get"))
    code = tab.until("document.querySelector('.code bdi')?.textContent")
    for works in (True, False):
        other = person.browser.profile()
        elsewhere = other.tab()
        elsewhere.go(program.address)
        elsewhere.press("summary")
        elsewhere.type(code, "#code")
        elsewhere.press("details button")
        elsewhere.sees(asks(program, "en", "gate") if works else words(program, "en", "code_wrong"))
        other.close()
    # Whoever comes back has the chat: the page that was open shows it no more.
    tab.sees(words(program, "en", "closed"))


def test_two_tabs_show_the_same_and_answer_once(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    other = person.tab()
    other.go(program.address)
    other.sees(asks(program, "en", "gate"))
    other.press("#answers button", "Yes")
    tab.sees(asks(program, "en", "safe_now"))
    lines = "[...document.querySelectorAll('.line')].map((one) => one.dataset.id)"
    other.sees(asks(program, "en", "safe_now"))
    assert tab.run(lines) == other.run(lines)
    tab.press("button.exit")
    other.until(f"location.href === '{EXIT_TO}'")


def test_what_a_person_writes_comes_by_itself(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    tab.press("#answers button", "Yes")
    tab.sees(asks(program, "en", "safe_now"))
    [talk] = program.talks()
    program.worker_says(talk, "Hello, it is Ana.")
    tab.sees("Hello, it is Ana.")
    tab.until("!document.querySelector('#answers')")


def test_offline_and_back(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    tab.offline(off=True)
    writes(program, tab, "en", "he is going to kill me")
    tab.sees(words(program, "en", "offline"))
    tab.offline(off=False)
    [talk] = program.talks()
    until(lambda: program.said(talk) == ["hello", "he is going to kill me"])
    tab.until("!document.querySelector('.line.waits')")
    assert program.said(talk) == ["hello", "he is going to kill me"]
    assert program.level(talk) is not None


@BOTH
def test_a_reload_and_a_second_press_send_nothing_again(program: Program, person: Profile, script: bool) -> None:
    tab = open_in(program, person, "en", script=script)
    tab.type("hello")
    tab.until("!!document.querySelector('#write button')")
    tab.run("(() => { const b = document.querySelector('#write button'); b.click(); b.click(); })()")
    tab.sees(asks(program, "en", "gate"))
    tab.ask("Page.reload")
    tab.sees(asks(program, "en", "gate"))
    [talk] = program.talks()
    assert program.said(talk) == ["hello"]


def test_a_page_nobody_touches_goes_blank(database_url: str, person: Profile) -> None:
    program = Program(database_url, blank_seconds=6, warn_seconds=4).start()
    try:
        tab = open_in(program, person, "en", script=True)
        writes(program, tab, "en", "hello, I am Secret")
        tab.sees(words(program, "en", "soon_blank"))
        tab.press("#stay")
        tab.until("document.querySelector('#warn').hidden")
        tab.press("button", words(program, "en", "code_get"))
        code = tab.until("document.querySelector('.code bdi')?.textContent")
        tab.until("!document.querySelector('#blank').hidden")
        assert "Secret" not in tab.text()
        until(lambda: program.visits() == 0)
        tab.press("#wake")
        tab.sees(words(program, "en", "closed"))
        assert "Secret" not in tab.text()
        tab.type(code, "#code")
        tab.press("details button")
        tab.sees(asks(program, "en", "gate"))
        assert "Secret" not in tab.text()
    finally:
        program.close()


def test_the_keyboard_alone(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    tab.run("document.querySelector('#text').focus()")
    tab.ask("Input.insertText", text="hello")
    tab.key("Enter")
    tab.sees(asks(program, "en", "gate"))
    assert tab.run("document.activeElement.id") in READY
    tab.run("document.querySelector('#answers button').focus()")
    tab.key(" ")
    tab.sees(asks(program, "en", "safe_now"))
    assert tab.run("document.activeElement.id") in READY


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
