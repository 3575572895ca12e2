"""Every rule from R01 to R42 lives in the program: something that people do starts it, something ends it, and nobody who owes it
is left without work, a page or a notice when it turns amber or red. A rule without a scene here fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import clocks as bot_clocks
from bot import clockwork
from bot.play import script
from bot.play.stage import Stage
from flows.deadline_rules import RULES
from storage import clocks, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BACK = 'episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"'
OUT = 'episode: missing="2026-11-15 18:00"'
HOME = "child: age=15 looked_after=no learning_disability=no social_worker=yes worker=rosa"
CARE = "child: age=15 looked_after=yes learning_disability=no worker=rosa"
GATE = "child > 1\nchild > 1\nchild > 1\n"
ABUSE = GATE + "child > he hits me with a belt\n"


@dataclass(frozen=True)
class Scene:
    """`starts`: lines after which the clock runs. `red`: how long until somebody hears. `heard`: the task, or the beginning of
    the page or notice. `stops`: what ends it. `part`: of which part of the rule.
    """

    starts: str
    stops: str
    heard: str
    red: str = "1 minute"
    part: str = ""
    head: str = HOME
    episode: str = BACK
    flow: str = "return_interview"


SCENES = {
    "R01": Scene("", "desk > rosa notes police_checked", "chase_police_check", red="1 day"),
    "R02": Scene("", "desk > rosa spoke by phone", "overdue_R02", red="3 days"),
    "R03": Scene("", "desk > rosa spoke by video", "overdue_R03", red="3 days"),
    "R04": Scene(
        "", "desk > rosa spoke face to face", ": due soon: return interview due, by Wed 18 Nov 23:59", red="2 days"
    ),
    "R05": Scene(
        "---- 10 minutes\npolice > returned", "desk > rosa tried phone: no_answer", "offer_interview", episode=OUT
    ),
    "R07": Scene("desk > rosa spoke by phone", "desk > rosa notes form_signed", "sign_form"),
    "R08": Scene(
        "desk > rosa spoke by phone\ndesk > rosa notes form_signed",
        "desk > rosa notes no_police_copy because='nothing of it is new to them'",
        "send_form_to_police",
    ),
    "R09": Scene(ABUSE, "desk > mel decides 1 refer because told", "decide_harm"),
    "R10": Scene(ABUSE, "desk > ana acknowledges 1", "Waymark L3"),
    "R11": Scene(
        ABUSE + "desk > mel decides 1 refer because told",
        "desk > rosa did chase_council_answer decision=assessment because=told told_by='Mrs Adeyemi'",
        "chase_council_answer",
    ),
    "R12": Scene(
        "desk > rosa notes strategy_wanted sort=serious", "desk > mel notes strategy_held", "strategy_discussion"
    ),
    "R13": Scene(
        "child > 1\nchild > 1\nchild > 3",
        "desk > mel did manager_consider decision='offer again'",
        "manager_consider",
        part="manager",
    ),
    "R14": Scene("---- 3 days", "desk > rosa records not done because ill until 2026-11-30", "record_why_not_done"),
    "R15": Scene(
        "---- 5 hours", "desk > sue did R15.director", "tell_director", part="director", head=CARE, episode=OUT
    ),
    "R16": Scene("desk > rosa notes risk_high", "desk > rosa did R16.team_manager", "tell_high_risk", episode=OUT),
    "R17": Scene("", "desk > sue did tell_director_again", "tell_director_again", head=CARE, episode=OUT),
    "R18": Scene("", "desk > mel did missing_persons_meeting", "missing_persons_meeting", episode=OUT),
    "R19": Scene(
        "", "desk > mel notes review decision='search again'", "missing_from_care_review", head=CARE, episode=OUT
    ),
    "R20": Scene(
        "desk > rosa knows trafficked=yes",
        "desk > mel did missing_from_care_review_trafficked",
        "missing_from_care_review_trafficked",
        head=CARE,
        episode=OUT,
    ),
    "R21": Scene(
        "desk > mel notes review",
        "desk > mel did next_missing_from_care_review\npolice > returned",
        "next_missing_from_care_review",
        head=CARE,
        episode=OUT,
    ),
    "R22": Scene("", "desk > sue did R22", "review_after_28_days", red="21 days", head=CARE, episode=OUT),
    "R23": Scene(
        "",
        "desk > sue did R23.months_3",
        "director_chairs_review",
        red="80 days",
        part="months_3",
        head=CARE,
        episode=OUT,
    ),
    "R24": Scene(
        "desk > rosa notes serious_risk", "desk > rosa notes meeting decision='daily calls'", "repeat_meeting"
    ),
    "R26": Scene(
        "desk > rosa notes whereabouts_unknown",
        "desk > rosa notes reported_to_police ref=CAD-1",
        "chase_carer_report",
        red="5 hours",
        episode=OUT,
    ),
    "R27": Scene(
        "", "desk > rosa did chase_absence_notice", "chase_absence_notice", red="1 day", episode=OUT + " status=away"
    ),
    "R28": Scene("desk > rosa notes cse_low", "desk > rosa did assess_again", "assess_again", red="29 days"),
    "R29": Scene(
        "desk > rosa notes carer_form_given", "desk > rosa notes carer_form_back", "chase_carer_form", red="15 days"
    ),
    "R31": Scene(
        "desk > mel records rosa trained until 2027-11-30 dbs 2027-11-30 regulated\ndesk > rosa notes fgm_done",
        "desk > rosa notes fgm_reported ref=CAD-2",
        "fgm_report",
    ),
    "R32": Scene("desk > rosa notes abuse_told", "desk > rosa did csa_report ref=R-1", "csa_report"),
    "R33": Scene("desk > rosa notes staff_allegation", "desk > mel did lado_consider", "lado_consider"),
    "R35": Scene(
        "child > he hits me with a belt",
        "desk > ana takes\ndesk > ana says Hello, this is Ana.",
        "overdue_R35",
        red="16 minutes",
        flow="text_safe",
    ),
    "R36": Scene("desk > rosa spoke by phone", "desk > rosa notes told_child", "tell_child", part="first_news"),
}
# A new photo moves the clock and a day that was missed stays missed: neither is met by what ends its work.
UNMET = {
    "R30": Scene("desk > rosa notes photo", "desk > rosa notes photo", "ask_new_photo", red="340 days"),
    "R37": Scene(
        "desk > rosa sets check_in = days_1_3_7\ndesk > rosa sets safe_time = never",
        "desk > rosa did missed_check_in",
        "missed_check_in",
        red="2 days",
        part="day_1",
    ),
}
# Windows and checks have no instant at which they are late: where they are tested.
ELSEWHERE = {
    "R06": "tests/bot/test_casework.py",
    "R24b": "tests/bot/test_every_clock.py",
    "R25": "tests/bot/test_rounds.py",
    "R34": "tests/bot/test_rounds.py",
    "R38": "tests/bot/test_rounds.py",
    "R39": "tests/bot/test_rounds.py",
    "R40": "tests/bot/test_rounds.py",
    "R41": "tests/bot/test_rounds.py",
    "R42": "tests/bot/test_rounds.py",
}


@pytest.fixture
def play(database_url: str) -> Iterator[Playing]:
    made = Playing(database_url)
    yield made
    if made.stage is not None:
        made.stage.__exit__()


class Playing:
    """One play that goes on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stage: Stage | None = None

    def begin(self, scene: Scene) -> list[dict[str, str]]:
        self.head = (
            f"flow: {scene.flow}\nnow: 2026-11-16 13:00\n{scene.head}\n{scene.episode}\n"
            "rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker\n"
        )
        self.stage = Stage(script.parse(self.head), self.url)
        self.stage.__enter__()
        return self.stage.outcomes

    def lines(self, text: str) -> list[dict[str, str]]:
        assert self.stage is not None
        before = len(self.stage.outcomes)
        for line in script.parse(f"{self.head}{text}\n").lines:
            self.stage.line(line)
        return self.stage.outcomes[before:]


def told(outcomes: list[dict[str, str]]) -> list[str]:
    """Work, pages and notices, as one list of words."""
    return [one.get("what") or one.get("text", "") for one in outcomes if one["kind"] in ("task", "page", "notice")]


def statuses(outcomes: list[dict[str, str]], rule: str, part: str) -> list[str]:
    return [
        one["status"]
        for one in outcomes
        if one["kind"] == "deadline" and one["rule"] == rule and part in ("", one["part"])
    ]


@pytest.mark.parametrize("rule", [*SCENES, *UNMET])
def test_a_rule_is_started_heard_of_and_stopped_by_what_people_do(play: Playing, rule: str) -> None:
    scene = (SCENES | UNMET)[rule]
    began = list(play.begin(scene)) + play.lines(scene.starts)
    assert statuses(began, rule, scene.part), "nothing starts it"
    assert owed(play, rule, scene.part), "it is not owed"
    later = play.lines(f"---- {scene.red}")
    assert any(scene.heard in text for text in told(began + later)), "nobody hears of it"
    play.lines(scene.stops)
    if rule in SCENES:
        assert not owed(play, rule, scene.part), "nothing stops it"
        assert not {one.what for one in work(play)} & {scene.heard, f"overdue_{rule}"}, "its work goes on"


def owed(play: Playing, rule: str, part: str) -> list[clocks.Owed]:
    assert play.stage is not None
    with play.stage.database.snapshot() as tx:
        return [one for one in clocks.unmet(tx) if one.rule == rule and part in ("", one.part)]


def work(play: Playing) -> list[tasks.Given]:
    assert play.stage is not None
    with play.stage.database.snapshot() as tx:
        return [given for given, _ in tasks.listed(tx)]


def test_every_rule_has_a_scene() -> None:
    known = {*SCENES, *UNMET, *ELSEWHERE}
    assert known == {rule.id for rule in RULES}
    for rule, file in ELSEWHERE.items():
        assert re.search(rf"def test_{rule.lower()}_", (ROOT / file).read_text("utf-8")), rule


def test_r24b_a_service_may_count_over_days_as_well(play: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    meaning = replace(clockwork.meaning(), repeat_days=30)
    for module in (clockwork, bot_clocks):
        monkeypatch.setattr(module, "meaning", lambda: meaning)
    starts = "\n".join(
        f'episode: missing="2026-{day} 18:00" returned="2026-{day} 20:00"' for day in ("10-16", "11-10", "11-15")
    )
    play.begin(Scene("", "", "", episode=starts))
    # A month back from 15 November is 15 October, thirty days back is 16 October: both count the first.
    assert [len(owed(play, rule, "")) for rule in ("R24", "R24b")] == [1, 1]
    play.lines("desk > rosa notes meeting")
    assert [len(owed(play, rule, "")) for rule in ("R24", "R24b")] == [0, 0]
