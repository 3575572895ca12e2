"""The demo: its page is served while it runs, answers, and stops with it."""

from __future__ import annotations

import io
import json
import re
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from bot import demo, showcase, talking
from bot.config import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_of_the_demo_answers_and_prints_who_would_be_called() -> None:
    out = io.StringIO()
    with showcase.page(Settings(port=0, desk_port=0), out) as (address, links):
        headers = {"X-Page": "1", "Origin": address.rstrip("/")}
        answer = httpx.post(address, data={"text": "999", "once": "abcdefgh"}, headers=headers, timeout=30)
        assert answer.status_code == 200
        assert ">999</p>" in answer.text
        assert [name for name, _ in links][:2] == ["ana, duty", "ben, backup"]
        desk = {"Origin": links[0][1].partition("/demo/")[0]}
        entered = httpx.post(links[0][1], headers=desk, timeout=30)
        assert (entered.status_code, "desk=" in entered.headers["set-cookie"]) == (303, True)
        assert httpx.get(links[0][1].replace("/demo/", "/enrol/"), timeout=30).status_code == 200
        end = time.monotonic() + 30
        while "Waymark L4" not in out.getvalue() and time.monotonic() < end:
            time.sleep(0.05)
    assert re.search(r"\[phone \+4477009002\d\d\]\n  Waymark L4", out.getvalue())
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_the_demo_ends_with_nothing_refused() -> None:
    out = io.StringIO()
    demo.once(out)
    played, _, record = out.getvalue().partition("--- the filed record ---")
    last = [line for line in played.splitlines() if line.startswith("  (desk > ")][-1]
    assert last == "  (desk > ana closes)"
    assert "Rosa will tell you what happens" in played.rpartition(last)[2].replace("\n  ", " ")
    assert json.loads(record)["outcome"] == "partly_done"


def test_a_time_that_is_none_is_told_as_it_was_typed() -> None:
    out = io.StringIO()
    talking.talk("text_safe", "en", io.StringIO("+31x\n+m\nquit\n"), out)
    assert "('+31x' is no time: write +31m, +2h or +1d)\n  ('+m' is no time" in out.getvalue()


def test_the_demo_says_where_the_page_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    demo.live(Settings(port=0, desk_port=0), io.StringIO("1\nhello\nquit\n"), out)
    assert re.search(r"The child's page: http://127\.0\.0\.1:\d+/", out.getvalue())
    assert re.search(r"ana, duty +http://localhost:\d+/demo/[\w-]{43}\n", out.getvalue())
    assert "OK to text now?" in out.getvalue()
