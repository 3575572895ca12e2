"""`waymark locales`: one row a language, with what it lacks and what a chat in it costs."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING

from bot import app, i18n, languages
from bot.config import Settings

if TYPE_CHECKING:
    from tests.forked import Seed


@cache
def rows() -> dict[str, dict[str, object]]:
    return {str(row["locale"]): dict(row) for row in languages.table(Settings())}


def test_every_language_has_a_row_with_everything_that_is_asked_of_it() -> None:
    assert set(rows()) == set(i18n.load_catalogues(app.LOCALES))
    asked = {"translated", "reviewed", "offered", "why_not", "longest_segments", "chat_segments"}
    assert all(asked <= set(row) for row in rows().values())


def test_one_that_is_not_offered_says_why_and_one_that_is_does_not() -> None:
    assert rows()["en"]["offered"]
    assert all(bool(row["why_not"]) is not row["offered"] for row in rows().values())
    assert "drafts" in str(rows()["vi"]["why_not"]) or "missing" in str(rows()["vi"]["why_not"])


def test_english_is_one_segment_a_text_and_other_scripts_cost_more() -> None:
    assert rows()["en"]["longest_segments"] == 1
    english, vietnamese = int(str(rows()["en"]["chat_segments"])), int(str(rows()["vi"]["chat_segments"]))
    assert 15 <= english < vietnamese


def test_with_drafts_allowed_a_whole_draft_is_offered() -> None:
    allowed = {str(row["locale"]): row["offered"] for row in languages.table(Settings(draft_locales="allow"))}
    assert allowed["vi"]


def test_on_the_command_line(seed: Seed) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WAYMARK_")}
    ran = seed.run("-m", "bot", "locales", "--json", environ=environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [json.loads(line)["locale"] for line in ran.stdout.splitlines()] == list(rows())
