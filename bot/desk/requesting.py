"""The form by which an officer or a social worker asks for a text-safe check-in: accepted or not accepted, nothing after.

Whatever the number, the words are the same and so is the time (decisions 10): what takes longer for one is waited for with
every other. What became of a request is never shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bot import beginning
from bot.channels import addresses
from bot.desk.asking import Page
from bot.desk.directory import BOROUGHS
from bot.desk.routes import REQUESTERS, Route
from flows.language_names import NAMES

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

BANDS: Final = {"": "Not known", "under_13": "Under 13", "13_15": "13 to 15", "16_17": "16 or 17"}
# Whatever is not a plain no: a manager looks before any text leaves (003:482; domain 3.2).
CHECKS: Final = {
    "trafficked": "May the child be trafficked?",
    "read_by_others": "May somebody else have the phone or read it, such as a parent who shares the number?",
}
SAID: Final = {"no": "No", "yes": "Yes", "unknown": "Not known"}
# Far above what the slowest answer takes; shorter would tell a number we know from one we do not.
SECONDS: Final = 1.0
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{2,39}")


def form(tx: Transaction, ask: Ask) -> Answer:
    """The empty form."""
    del tx
    return _form(ask)


def _form(ask: Ask, wrong: str = "", said: str = "") -> Page:
    given = {
        name: ask.form.get(name) if wrong else "" for name in ("number", "reference", "language", "age_band", "borough")
    }
    offered = [(tag, NAMES[tag][0]) for tag in ask.house.shelf.offered if tag in NAMES]
    values: dict[str, Any] = {"here": "/request", "given": given, "wrong": wrong, "said": said}
    values |= {"checks": CHECKS, "said_of": SAID, "bands": BANDS, "languages": offered, "boroughs": BOROUGHS}
    return Page("request.html", "Ask for a text-safe check-in", values, 400 if wrong else 200, no_sooner=SECONDS)


def ask_for(tx: Transaction, ask: Ask) -> Answer:
    """The answer to it."""
    wrong = _wrong(ask)
    if wrong:
        return _form(ask, wrong)
    number = addresses.e164(ask.form.get("number"))
    language = ask.form.get("language")
    accepted = beginning.request(
        tx,
        ask.runner,
        ask.who.id,
        ask.form.get("reference").strip(),
        "sms",
        number,
        ask.at,
        language=language if language in ask.house.shelf.offered else None,
        age_band=ask.form.get("age_band") or None,
        safe_to_text=ask.form.get("safe") == "yes",
        manager_first=any(ask.form.get(name) != "no" for name in CHECKS),
        facts={"borough": ask.form.get("borough")},
    )
    return _form(ask, said="Accepted" if accepted else "Not accepted")


def _wrong(ask: Ask) -> str:
    """What of the form cannot be read; asked before anything is looked up."""
    try:
        addresses.e164(ask.form.get("number"))
    except addresses.NotAPhone:
        return "Write the number as it is dialled, such as 07700 900123."
    if not _REFERENCE.fullmatch(ask.form.get("reference").strip()):
        return "Give the reference of the live case: 3 to 40 letters, figures, spaces, dots, slashes or dashes."
    if ask.form.get("age_band") not in BANDS:
        return "Choose an age from the list."
    if ask.form.get("borough") not in ("", *BOROUGHS):
        return "Choose a borough from the list."
    if ask.form.get("safe") not in ("yes", "no"):
        return "Say whether this number may be texted."
    if any(ask.form.get(name) not in SAID for name in CHECKS):
        return "Answer both questions about the child and the telephone: not known is an answer too."
    return ""


ROUTES: Final = (
    Route("GET", "/request", REQUESTERS, form),
    Route("POST", "/request", REQUESTERS, ask_for),
)
