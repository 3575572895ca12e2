"""Every statutory and local clock as one typed row: R01 to R42 (domain 3.4, as changed by decisions 7 and 8).

May not compute anything: a row names its source, what starts it, what stops it, who owes it and who hears of a breach;
the formulas stand in `deadline_return`, `deadline_missing` and `deadline_concern`, the windows in `deadline_windows`.
A changed formula gets a higher `version`, so that a stored deadline says by which one it was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from flows import deadline_concern as concern
from flows import deadline_missing as missing
from flows import deadline_return as returned
from flows.deadline_facts import Clock, Facts
from flows.working_time import Calendar

if TYPE_CHECKING:
    from datetime import timedelta

Formula: TypeAlias = Callable[[Facts, Calendar], Iterable[Clock]]


class Sort(StrEnum):
    """What a rule is: owed by us, watched for others, a window or count, or a check before something is allowed."""

    OWED = "owed"
    MONITOR = "monitor"
    WINDOW = "window"
    VALIDATION = "validation"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `starts`: the facts its formula reads first. `owner`: the role that owes it; a clock may name another.

    `parts`: the fixed ones of its clocks, each with work of its own; one that ends in a colon is how they begin.
    `breach`: the role that hears when it is late; `board` when only the board shows it. `clocks` None: a function of
    `deadline_windows`, or of the place named in `formula`. `amber`: how long before `due` it turns amber, if it does.
    """

    id: str
    name: str
    source: str
    starts: tuple[str, ...]
    formula: str
    stops: str
    owner: str
    breach: str
    clocks: Formula | None = None
    sort: Sort = Sort.OWED
    amber: timedelta | None = None
    version: int = 1
    parts: tuple[str, ...] = ()


_FOUND = ("returned_at", "located_at")
_PERSON = "a named trained person has spoken with the child, or the child declined a person"
_MONITOR, _WINDOW, _VALIDATION = Sort.MONITOR, Sort.WINDOW, Sort.VALIDATION

# fmt: off
RULES: tuple[Rule, ...] = (
    Rule("R01", "police prevention interview", "001:463, 921", ("returned_at",), "elapsed 24 h",
         "police check recorded", "police", "board", returned.police_check, _MONITOR),
    Rule("R02", "return interview, 72 hours", "001:467, 989; 003:442; decisions 8", _FOUND, "elapsed 72 h",
         _PERSON, "worker", "team_manager", returned.interview_72h),
    Rule("R03", "return interview, 2 working days", "003:1344, 1360, 1528; decisions 8", _FOUND, "eod(wd(date, 2))",
         _PERSON, "worker", "team_manager", returned.interview_2wd),
    Rule("R04", "return interview due", "G1; decisions 8", _FOUND, "min(R02, R03)",
         _PERSON, "worker", "board", returned.interview, amber=returned.AMBER),
    Rule("R05", "first offer", "proposal", ("notified_at", *_FOUND), "elapsed 12 h, not after R04 - 24 h",
         "first attempt since then logged", "worker", "worker", returned.first_offer, version=2),
    Rule("R06", "offers enough", "proposal", ("attempts",), "3 attempts, 2 channels, 1 by a person",
         "enough attempts logged", "worker", "board", sort=_VALIDATION),
    Rule("R07", "form completed", "003:1346", ("interview_at", "talks"), "eod(wd(date, 1))",
         "form signed", "worker", "team_manager", returned.form),
    Rule("R08", "form to police", "003:1346; the limit is a proposal", ("form_signed_at",), "eod(wd(date, 1))",
         "copy logged, or a reason", "worker", "team_manager", returned.police_copy),
    Rule("R09", "significant harm told to a manager", "003:1348, 1543; minutes are a proposal", ("flags",),
         "L4 at once, L3 30 min", "manager's decision", "manager", "service_manager", concern.harm_decided),
    Rule("R10", "alert acknowledged", "proposal; decisions 7", ("flags",),
         "L4 5 min, L3 15, L2 60 or by 09:00, L1 eod(wd(date, 1))", "a person's acknowledgement", "duty", "ladder",
         concern.acknowledged,
         parts=("low:",)),
    Rule("R11", "council's answer to a referral", "Working Together; decisions 8", ("referrals", "disagreements"),
         "eod(wd(date, 1))", "answer logged, disagreement settled", "worker", "manager", concern.council_answers,
         parts=("disagreement:",)),
    Rule("R12", "strategy discussion", "004:2577-2604, 2642; G17", ("strategies",),
         "by kind: eod(same date), eod(wd(date, 1 | 3 | 5)); marker elapsed 24 h", "discussion held", "manager",
         "manager", concern.strategy,
         parts=("marker:",)),
    Rule("R13", "refusal: parent's view, manager considers", "003:1350; the limit is a proposal; decisions 8",
         ("refused_at",), "eod(wd(date, 1))", "view offered; considered", "worker", "team_manager", returned.refusal,
         parts=("parent", "manager")),
    Rule("R14", "why it was not done, and when it will be", "003:2066", _FOUND, "at once when R04 has passed",
         "reason and new date recorded, or " + _PERSON, "worker", "board", returned.not_done),
    Rule("R15", "48 hours missing", "003:1269, 1435-1437, 1473", ("missing_from",), "elapsed 48 h while missing",
         "told, logged; found", "manager", "board", missing.told_48h,
         parts=("service_manager", "director")),
    Rule("R16", "high risk", "003:1269, 1435", ("risk_high_at",), "at once", "told, logged", "worker", "board",
         missing.high_risk),
    Rule("R17", "5 days missing from care", "003:1473", ("missing_from",), "elapsed 120 h while missing",
         "director told, logged; found", "service_manager", "board", missing.director_5d),
    Rule("R18", "meeting, missing from home", "003:1270", ("missing_from",), "eod(wd(date, 7)) while missing",
         "held, logged; found", "manager", "board", missing.home_meeting),
    Rule("R19", "review, missing from care", "003:1457", ("missing_from", "reviews"), "eod(wd(date, 5)) while missing",
         "review held; found", "manager", "board", missing.care_review),
    Rule("R20", "review, missing from care and trafficked", "003:1457", ("missing_from", "reviews"),
         "eod(wd(date, 1)) while missing", "review held; found", "manager", "board", missing.care_review_trafficked),
    Rule("R21", "next care review", "003:1471; G16", ("reviews",), "eod(date + 5 days) while missing",
         "next review held; found", "manager", "board", missing.next_care_review),
    Rule("R22", "28 days missing", "003:1293-1297, 1477-1485", ("missing_from",), "eod(date + 28 days) while missing",
         "done, logged; found", "service_manager", "board", missing.days_28, amber=missing.AMBER_28),
    Rule("R23", "3 and 6 months missing", "003:1489, 1493", ("missing_from",), "eod(months(date, 3 | 6)) while missing",
         "done, logged; found", "director", "board", missing.months_3_and_6, amber=missing.AMBER_MONTHS,
         parts=("months_3", "months_6")),
    Rule("R24", "third start in a month, or serious risk", "003:1553; G18; the limit is a proposal",
         ("starts", "serious_risk_at"), "3 in [months(date, -1), date]; eod(wd(date, 5))", "meeting held", "worker",
         "team_manager", missing.repeat_meeting),
    Rule("R24b", "third start in so many days", "Derbyshire", ("starts",), "3 in [date - days, date]; eod(wd(date, 5))",
         "meeting held", "worker", "team_manager", missing.repeat_meeting_days, _WINDOW),
    Rule("R25", "second start in a year", "DfE", ("starts",), "2 in [months(date, -12), date]",
         "interview held", "worker", "board", sort=_WINDOW),
    Rule("R26", "carer reports to police", "003:1414", ("whereabouts_unknown_at",), "elapsed 4 h; at once at high risk",
         "report logged", "carer", "board", missing.carer_report, _MONITOR, version=2),
    Rule("R27", "notice of unauthorised absence", "003:1388", ("away_from",), "eod(wd(date, 1))",
         "social worker told, logged", "carer", "board", missing.absence_notice, _MONITOR),
    Rule("R28", "LOW assessed again", "003:861-863", ("cse_low_at",), "window from date + 28 days to eod(date + 42)",
         "assessed again, logged", "worker", "team_manager", missing.low_reassessed),
    Rule("R29", "carer's information form", "003:1374", ("carer_form_given_at",), "eod(date + 14 days)",
         "form logged", "carer", "board", missing.carer_form, _MONITOR),
    Rule("R30", "age of the photo", "003:1376", ("photo_at",), "eod(months(date, 12))",
         "new photo", "carer", "board", missing.photo, _MONITOR, missing.AMBER_PHOTO),
    Rule("R31", "FGM report", "FGM Act s5B; decisions 8", ("fgm_told_at",), "eod(wd(date, 1))",
         "police reference logged", "recorder", "service_manager", concern.fgm_report),
    Rule("R32", "report of child sexual abuse", "Crime and Policing Bill 2025-26; decisions 8", ("csa_told",),
         "elapsed 24 h; elapsed 168 h with a safety reason", "report reference logged", "recorder", "service_manager",
         concern.csa_report),
    Rule("R33", "allegation to the designated officer", "Working Together", ("allegations",), "eod(wd(date, 1))",
         "logged", "manager", "service_manager", concern.allegation),
    Rule("R34", "gap between text-safe invites", "Missing People; proposal", ("invites",),
         "elapsed 24 h, at most 3, 08:00-22:00", "a reply, STOP, return, or the third invite", "bot", "board",
         sort=_WINDOW),
    Rule("R35", "text-safe reply", "Missing People; decisions 7", ("asked",),
         "bot 30 s; person by level, 60 min at most", "answered", "duty", "supervisor", concern.text_safe_reply),
    Rule("R36", "tell the child", "001:1025; the limit is a proposal", ("interview_at", "talks", "actions"),
         "first news eod(wd(date, 2)); eod(wd(date, 1)) after each action", "told, logged", "worker", "worker",
         returned.tell_child),
    Rule("R37", "check-in after the return", "001:1005; proposal; decisions 8", ("check_in_days", "check_in_at"),
         "eod(date + 1 | 3 | 7 days), as chosen", "check-in logged", "bot", "board", returned.check_ins),
    Rule("R38", "weekly list", "003:2771", ("starts",), "[run - 7 days, run)", "list run", "worker", "board",
         sort=_WINDOW),
    Rule("R39", "Annex A", "Annex A", ("starts",), "months(date, -12) < start <= date", "list filed", "worker", "board",
         sort=_WINDOW),
    Rule("R40", "903 year", "DfE", ("starts",), "1 April to 31 March", "return filed", "worker", "board",
         sort=_WINDOW),
    Rule("R41", "retention", "domain 2.7; proposal", ("kept_since",), "by kind of record", "legal hold", "bot", "board",
         sort=_WINDOW),
    Rule("R42", "help numbers are fresh", "proposal", ("verified_on",), "verified_on + 180 days", "verified again",
         "worker", "board", sort=_VALIDATION),
)
# fmt: on
BY_ID = {rule.id: rule for rule in RULES}
