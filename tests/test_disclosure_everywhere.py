"""A disclosure at every step of the minimum path: heard at once, paged at once, and nothing asked about it (003:903)."""

from __future__ import annotations

import pytest

from bot import app
from bot.play import script
from bot.play.script import Line
from bot.play.stage import Stage

HEAD = """flow: {flow}
now: 2026-11-16 12:00
child: age=14 looked_after=no learning_disability=no worker=Rosa
rota: ana=duty ben=backup mel=manager sue=service_manager
"""
WORDS = "my stepdad hits me every night"
# What a child answers to each question so that the path goes on; every other is answered with 1.
ANSWERS = {"comm_help": "5", "hurt_now": "2", "not_ok": "2", "pressured": "2", "medical_want": "3", "mood": "4"}
FREE = "we watched football"
# The questions of the minimum path, in the order they come.
PATHS = {
    "return_interview": (
        "gate safe_now ok_start who_talk comm_help home_feel worry before_story planned break_offer where with did felt_safe "
        "hurt_now medical_want mood not_ok break_offer pressured back_story want_now want_later trusted safe_time"
    ),
    "text_safe": "gate safe_now ts_menu",
}
STEPS = [(flow, number, key) for flow, path in PATHS.items() for number, key in enumerate(path.split())]


def _asked(stage: Stage) -> str | None:
    from storage import conversations

    return stage.committer.submit(lambda tx: conversations.peek(tx, stage.conversation).step)


def _path(flow: str) -> list[str]:
    asked: list[str] = []
    with Stage(script.parse(HEAD.format(flow=flow))) as stage:
        if flow == "text_safe":
            stage.line(Line(0, "child", "hi"))
        for _ in range(60):
            key = _asked(stage)
            if key is None:
                return asked
            asked.append(key)
            if key == "ts_menu":
                return asked
            stage.line(Line(0, "child", _answer(flow, key)))
    return asked


def _answer(flow: str, key: str) -> str:
    kind = app.source().flows[flow].steps[key].kind
    return ANSWERS.get(key, FREE if kind == "free" else "1")


@pytest.mark.parametrize("flow", PATHS)
def test_the_minimum_path_is_walked_to_its_end(flow: str) -> None:
    assert _path(flow) == PATHS[flow].split()


@pytest.mark.parametrize(("flow", "number", "key"), STEPS, ids=str)
def test_a_disclosure_here_is_heard_paged_and_not_asked_about(flow: str, number: int, key: str) -> None:
    allowed = app.source().after_lock
    with Stage(script.parse(HEAD.format(flow=flow))) as stage:
        if flow == "text_safe":
            stage.line(Line(0, "child", "hi"))
        for _ in range(number):
            stage.line(Line(0, "child", _answer(flow, _asked(stage) or "")))
            stage.line(script.parse("---- 2 minutes").lines[0])
        assert _asked(stage) == key
        before = len(stage.outcomes)
        stage.line(Line(0, "child", WORDS))
        stage.line(Line(0, "child", "1"))
        stage.line(Line(0, "child", "he did it again yesterday"))
        stage.line(Line(0, "child", "2"))
        happened = stage.outcomes[before:]
    concerns = [one for one in happened if one["kind"] == "concern"]
    assert concerns[0]["level"] in ("L3", "L4")
    assert concerns[0]["locked"]
    assert next(one for one in happened if one["kind"] == "page")["to"] == "ana"
    said = [one["key"].partition(".")[0] for one in happened if one["kind"] == "say"]
    assert said
    assert set(said) <= allowed
