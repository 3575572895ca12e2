"""No page of the desk, no paper and no copy shows people our codes: what programs name things by is told in words."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from bot import called, casework, clicks, episodes, i18n, recording
from bot.filing import copies
from storage import alerts, conversations, people
from tests.desk.at_desk import seen
from tests.desk.test_records import complete, taken, weighs

if TYPE_CHECKING:
    from storage.database import Transaction
    from tests.desk.at_desk import AtDesk

# Keys and codes with a line below, rules, kinds of harm, indicators, instants as programs write them, tags, ids, settings.
CODES: Final = (
    r"\b[a-z0-9]+_[a-z0-9_]+\b",
    r"\bR[0-9]{2}b?\b",
    r"\bD[0-9]{2}\b",
    r"\b[LMHV][0-9]{2}\b",
    r"\bTR?[0-9]{2}\b",
    r"[0-9]T[0-9]{2}:",
    r"\b[0-9]{3,} min\b",
    r"\bin (en|ar|vi)\b",
    r"\b(sms|lado|nhs 111|childrens services)\b",
    r"\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{24,}\b",
    r"answer:|shared\.|WAYMARK_",
    r"\b1 (cases|tasks|deadlines|children|times|texts|facts|passkeys|replies|chats|years)\b",
)


def found(text: str) -> list[str]:
    return [text[max(0, one.start() - 40) : one.end() + 20] for code in CODES for one in re.finditer(code, text)]


@pytest.fixture
def busy(here: AtDesk) -> str:
    """A child of whom everything there is has happened; the chat."""
    talk = taken(here, "1", "4", "my stepdad hits me when he drinks")
    case = here.read(lambda tx: conversations.case_of(tx, talk))
    alert = here.read(lambda tx: alerts.open_of(tx, talk))[0]
    complete(here, talk)
    weighs(here, talk, **{"is-L01": "yes", "why-L01": "twice", "is-M07": "no", "why-M07": ""})

    def chosen(tx: Transaction) -> None:
        for question, value in (("nights", "other_home"), ("push", ("not_listened", "low_mood"))):
            clicks.set_answer(tx, here.runner, here.people["duty"], talk, question, value, here.now)

    here.do(chosen)

    def more(tx: Transaction) -> None:
        duty = people.load(tx, here.people["duty"].id)
        casework.tried(tx, here.house, duty, case, "sms", "no_answer", here.now)
        casework.note(tx, here.house, duty, case, "strategy_wanted", here.now, details={"sort": "other"})
        casework.note(tx, here.house, duty, case, "abuse_told", here.now)
        casework.note(tx, here.house, duty, case, "staff_allegation", here.now)
        casework.spoke(tx, here.house, duty, case, "face_to_face", here.now)
        casework.promise(tx, here.house, duty, case, "ring the school", here.now + timedelta(hours=3), here.now)
        recording.add_intelligence(tx, duty, talk, "online_name", "foxy99", "his name there", here.now)
        recording.add_action(tx, duty, talk, "ring the school", "duty one", "2030-01-01", here.now)
        recording.correct(tx, here.house, duty, talk, "safe_now", "only at home", here.now, withdraws=False)
        episodes.missing(tx, here.house, duty, case, here.now - timedelta(minutes=5), here.now, known={})

    here.do(more)
    given = {"to": "MASH", "role": "childrens_services", "because": "harm", "part": ["words", "level_and_kind"]}
    here.post(f"/alerts/{alert.id}/share", "manager", **given)
    here.post(f"/alerts/{alert.id}/rang", "duty", whom="lado", spoke_to="Jo")
    here.post(f"/alerts/{alert.id}/judge", "duty", verdict="right")
    here.post(f"/alerts/{alert.id}/decide", "manager", decision="nrm", because="as the child says")
    here.post(f"/records/{talk}/copies", "duty", role="police", to="PC Grey", because="the van")
    here.tick(hours=50)
    return talk


def test_no_page_shows_a_code(here: AtDesk, busy: str) -> None:
    alert = here.read(lambda tx: alerts.of(tx, busy))[0].id
    case = here.read(lambda tx: conversations.case_of(tx, busy))
    here.post(f"/alerts/{alert}/words", "manager")
    paths = [
        "/board", "/due", "/handover", "/chats", "/records", "/reviews", "/rota", "/languages", "/staff", "/overseeing",
        "/directory", "/number", "/me", "/practice", f"/chats/{busy}", f"/alerts/{alert}", f"/alerts/{alert}/card",
        f"/cases/{case}", f"/records/{busy}", f"/records/{busy}/risk", f"/records/{busy}/copies", f"/records/{busy}/print",
    ]  # fmt: skip
    bad: dict[str, list[str]] = {}
    for path in paths:
        answer = here.get(path, "manager")
        assert answer.status_code == 200, path
        bad |= {path: told} if (told := found(seen(answer))) else {}
    for role in copies.DEFAULTS:
        answer = here.post(f"/records/{busy}/copies", "manager", role=role, to="Somebody", because="asked")
        bad |= {role: told} if (told := found(seen(answer))) else {}
    assert bad == {}


def test_what_cannot_be_done_is_said_in_words(here: AtDesk, busy: str) -> None:
    """The same sentences answer commands, which take the codes."""
    case = here.read(lambda tx: conversations.case_of(tx, busy))
    for path, form, told in (
        ("end", {}, "there lacks returned, location found, outcome, risk assessed, interviewed."),
        ("note", {"kind": "council_answer"}, "A note 'council answer' needs decision"),
        ("note", {"kind": "disagreement_settled", "decision": "x"}, "note 'disagreement' first"),
    ):
        answer = here.post(f"/cases/{case}/{path}", "manager", **form)
        assert (answer.status_code, told in html.unescape(seen(answer)), found(seen(answer))) == (409, True, []), path


def test_of_one_there_is_one() -> None:
    assert [called.several(number, "case") for number in (0, 1, 2)] == ["0 cases", "1 case", "2 cases"]
    assert called.several(1, "reply", "replies") == "1 reply"


def test_every_code_has_words() -> None:
    assert called.words("overdue_R15") == "48 hours missing: late"
    assert called.words("D08") == "physical abuse"
    assert called.words("no_further_action") == "no further action"
    assert [i18n.called(tag) for tag in ("ar", "prs", "kmr", "zh-Hans", "xx")] == [
        "Arabic", "Dari", "Kurmanji", "Chinese (Simplified)", "xx",
    ]  # fmt: skip
