"""Every state of the page by the judge of WCAG 2.2 A and AA: from left and right, by day and night, on a phone and a desk.

`WAYMARK_TEST_PICTURES=folder` keeps what each looks like.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browser.serving import Program
from tests.browser.test_page import asks, label, open_in, words, writes

if TYPE_CHECKING:
    from tests.browser.chromium import Profile, Tab

WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PHONE: Final = (360, 780)
DESK: Final = (1280, 800)


def judged(tab: Tab, axe: str, name: str, *rules: str, whole: bool = False) -> None:
    """Nothing is wrong with the page as it stands, once its styles have come too: its words can be read before."""
    tab.until("document.readyState === 'complete'")
    if tab.run("typeof axe === 'undefined'"):
        tab.run(f"{axe}; true")
    # What is in order is not told of in full: nobody reads it.
    how = f"{{runOnly: {[*WCAG, *rules]}, resultTypes: ['violations']}}"
    found: list[dict[str, Any]] = tab.run(f"axe.run(document, {how}).then((found) => found.violations)")
    told = [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"]]) for one in found]
    assert told == [], name
    # WCAG 2.2, 1.4.10: at 320 pixels nothing has to be read by scrolling sideways.
    assert tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    small = "[...document.querySelectorAll('button, select, textarea, input[type=text], summary')].filter((one) =>"
    assert tab.run(f"{small} one.offsetHeight > 0 && one.offsetHeight < 44).length") == 0, name
    if folder := os.environ.get("WAYMARK_TEST_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(tab.picture(whole=whole))


@pytest.mark.parametrize("size", [PHONE, DESK, (320, 600)], ids=["phone", "desk", "narrow"])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_every_state(
    migrated_file: Path, tmp_path: Path, person: Profile, axe: str, locale: str, size: tuple[int, int]
) -> None:
    file = tmp_path / "page.db"
    file.write_bytes(migrated_file.read_bytes())
    program = Program(f"sqlite:///{file}", blank_seconds=40, warn_seconds=39).start()

    def by_day_and_night(name: str, *rules: str) -> None:
        for dark in (False, True):
            tab.look(size, dark=dark)
            judged(tab, axe, f"{locale}-{size[0]}-{'dark' if dark else 'light'}-{name}", *rules)

    try:
        tab = open_in(program, person, locale, script=True)
        tab.look(size, dark=False)
        by_day_and_night("1-start", "best-practice")
        tab.press("summary")
        tab.type("07700 900123 456789", "#code")
        tab.press("details button")
        tab.sees(words(program, locale, "code_wrong"))
        by_day_and_night("2-wrong-code", "best-practice")
        writes(program, tab, locale, "hello")
        tab.sees(asks(program, locale, "gate"))
        by_day_and_night("3-gate", "best-practice")
        tab.press("#answers button", label(program, locale, "gate", "alone"))
        tab.sees(asks(program, locale, "safe_now"))
        by_day_and_night("4-question", "best-practice")
        tab.press("button", words(program, locale, "code_get"))
        tab.until("!!document.querySelector('.code bdi')")
        by_day_and_night("5-code", "best-practice")
        tab.sees(words(program, locale, "soon_blank"))
        by_day_and_night("6-soon-blank", "best-practice")
        tab.run("document.body.dataset.blank = '0'")
        tab.until("!document.querySelector('#blank').hidden")
        by_day_and_night("7-blank")
        tab.press("#wake")
        # Nothing is left that knows the language but the browser's own, which is English here.
        tab.sees(words(program, "en", "closed"))
        by_day_and_night("8-closed", "best-practice")
        assert tab.errors == []
    finally:
        program.close()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_letters_twice_as_large(program: Program, person: Profile, locale: str) -> None:
    """1.4.4: at 200 % everything is there, and nothing lies beside the screen."""
    tab = open_in(program, person, locale, script=True)
    tab.look((640, 800), dark=False)
    tab.run("document.documentElement.style.fontSize = '225%'")
    writes(program, tab, locale, "hello")
    tab.sees(asks(program, locale, "gate"))
    assert tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_screen_reader_is_told_of_what_is_new(program: Program, person: Profile) -> None:
    tab = open_in(program, person, "en", script=True)
    writes(program, tab, "en", "hello")
    tab.sees(asks(program, "en", "gate"))
    assert tab.run("document.querySelector('#log').getAttribute('aria-live')") == "polite"
    # What stands there is not put there again, or all of it would be read out anew.
    tab.run("document.querySelector('#log').firstElementChild.dataset.mine = 'yes'")
    tab.press("#answers button", "Yes")
    tab.sees(asks(program, "en", "safe_now"))
    assert tab.run("document.querySelector('#log').firstElementChild.dataset.mine") == "yes"
