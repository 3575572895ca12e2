"""One child in one view: how often, when and how long they were missing, both clocks, tries, promises, notes, work; and what is
noted there. Found by two words or the council's reference: there is no list.

May not decide what a note means: `casework`, `episodes` and `joined` do, and what they refuse is said why.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from bot import beginning, case_lines, case_view, casework, episodes, joined, owing
from bot import episode_cells as columns
from bot.clicks import NotPossible
from bot.desk.asking import Go, NotThere, Page
from bot.desk.routes import DUTY, MANAGERS, Route
from flows import independence, noting
from storage import audit, board, cases, conversations, hands
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

    Act = Callable[[Transaction, Ask, str], str]

# What stands on the page, in this order, under these words.
PARTS: Final = {
    "child": "The child",
    "pattern": "The pattern",
    "episode": "Times missing",
    "interview": "Interviews",
    "deadline": "Clocks",
    "task": "To be done",
    "attempt": "Tries",
    "promise": "Promises",
    "note": "Notes",
}
STATUSES: Final = ("missing", "away")
ENDING: Final = ("location_found", "outcome", "risk_assessed", "interviewed", "not_done_reason", "again_on")
_NOTHING: Final = "There is no such case, or it is not for you."
_UNNAMED: Final = "Give the two words of a case, an alert or a chat, or the council's reference."


def blank(tx: Transaction, ask: Ask) -> Answer:
    """The form by which a case is found."""
    del tx, ask
    return _find()


def find(tx: Transaction, ask: Ask) -> Answer:
    """The case it leads to; posted, so that no reference of a child stands in an address."""
    named = ask.form.get("named").strip()
    if not named:
        return _find(_UNNAMED)
    try:
        case = case_view.found(tx, named).id
    except case_view.Two as why:
        return _find(str(why), named)
    except (owing.NoCase, Erased):
        return _find(_NOTHING, named)
    return _find(_NOTHING, named) if _kept(tx, ask, case) else Go(f"/cases/{case}")


def _find(wrong: str = "", named: str = "") -> Page:
    return Page(
        "case_find.html", "A child's case", {"here": "/cases", "wrong": wrong, "named": named}, 404 if wrong else 200
    )


def _kept(tx: Transaction, ask: Ask, case: str) -> bool:
    kept = board.kept_from(tx, ask.who.id)
    return any(one in kept for one in cases.members(tx, cases.root(tx, case)))


def _case(tx: Transaction, ask: Ask) -> cases.Case:
    """The case of the path; of a joined one the one to look at. Raises NotThere."""
    try:
        held = cases.kept(tx, ask.path["case"])
    except (ValueError, LookupError):
        raise NotThere(NotThere.__doc__) from None
    if _kept(tx, ask, held.id):
        raise NotThere(NotThere.__doc__)
    return held


def of_chat(tx: Transaction, chat: str) -> cases.Case | None:
    """The council's own case of the child in a chat, by which somebody can say at night which child it is; None in text-safe."""
    held = conversations.case_of(tx, chat)
    case = cases.root(tx, held) if held is not None else None
    return cases.load(tx, case) if case is not None and not cases.is_erased(tx, case) else None


def show(tx: Transaction, ask: Ask) -> Answer:
    """Everything that is kept of a child outside the chats."""
    case = _case(tx, ask)
    lines = list(case_view.of(tx, case, ask.at, ask.house.shelf.calendar))
    values: dict[str, Any] = {
        "here": "/cases",
        "case": case,
        "parts_of": [
            (kind, words, [(one, case_lines.plain(one)) for one in lines if one["kind"] == kind])
            for kind, words in PARTS.items()
        ],
        "missing": lines[0]["recorded_missing"],
        "joined": lines[0]["joined"],
        "kinds": [one.name for one in noting.KINDS.values() if not one.by or ask.who.role.value in one.by],
        "fields": noting.FIELDS,
        "sorts": noting.CHOICES["sort"],
        "modes": casework.MODES,
        "results": casework.RESULTS,
        "statuses": STATUSES,
        "ending": ENDING,
        "relations": sorted(independence.RELATIONS),
        "yes_or_no": [name for name in columns.CHILD if name in columns.YES],
        "written": [name for name in columns.CHILD if name not in (*columns.YES, "birth_date", "gender")],
        "genders": columns.GENDERS,
        "may": ask.may(MANAGERS),
    }
    return Page("case.html", case.reference, values, seen=(("case", case.id),))


# --- what is noted ----------------------------------------------------------------------------------------------------


def note(tx: Transaction, ask: Ask, case: str) -> str:
    """That something was done, and why."""
    said = {name: ask.form.get(name) for name in noting.FIELDS if ask.form.get(name).strip()}
    casework.note(tx, ask.house, ask.who, case, ask.form.get("kind"), ask.at, details=said)
    return "case_noted"


def talk(tx: Transaction, ask: Ask, case: str) -> str:
    """Somebody spoke with the child; without training in date it stops no clock."""
    made = casework.spoke(tx, ask.house, ask.who, case, ask.form.get("mode"), ask.at, when=ask.instant("at"))
    return "case_noted" if made.details.get("trained") == "yes" else "talk_untrained"


def attempt(tx: Transaction, ask: Ask, case: str) -> str:
    """The interview was offered by a person."""
    casework.tried(tx, ask.house, ask.who, case, ask.form.get("way").strip(), ask.form.get("result"), ask.at)
    return "case_noted"


def plan(tx: Transaction, ask: Ask, case: str) -> str:
    """Who will hold the interview; how independent they are is computed."""
    chosen = ask.form.get("chosen") == "yes"
    found = casework.plan(tx, ask.house, ask.who, case, ask.form.get("relation"), ask.at, chosen=chosen)
    return "case_noted" if found.allowed else "plan_not_independent"


def not_done(tx: Transaction, ask: Ask, case: str) -> str:
    """Why there was no interview, and the day on which it will be."""
    never = ask.form.get("never") == "yes"
    if never and ask.form.get("again").strip():
        raise NotPossible("give the day on which it will be, or that it never will: not both")
    reason = ask.form.get("why").strip()[: noting.LONGEST]
    # However it is written: that nobody was reached may be said only after enough tries.
    reason = coded if (coded := "_".join(reason.casefold().split())) == casework.NOT_REACHED else reason
    again = "never" if never else ask.form.get("again")
    casework.not_done(tx, ask.house, ask.who, case, reason, again, ask.at)
    return "case_noted"


def know(tx: Transaction, ask: Ask, case: str) -> str:
    """What is known of the child; what is left empty stays as it is."""
    given = {name: said for name in columns.CHILD if (said := ask.form.get(name).strip())}
    if not given:
        raise NotPossible("say at least one thing that is known")
    since = ask.form.get("since").strip()
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        raise NotPossible("give a day, like 2026-11-21") from None
    episodes.know(tx, ask.house, ask.who, case, given, ask.at, since=day)
    return "case_noted"


def promise(tx: Transaction, ask: Ask, case: str) -> str:
    """Something was promised to the child, by when."""
    due = ask.instant("due")
    if due is None or not ask.form.get("what").strip():
        raise NotPossible("say what was promised, and by when")
    casework.promise(tx, ask.house, ask.who, case, ask.form.get("what").strip()[: noting.LONGEST], due, ask.at)
    return "case_noted"


def take_back(tx: Transaction, ask: Ask, case: str) -> str:
    """A note was a mistake."""
    casework.take_back(tx, ask.house, ask.who, case, ask.form.get("note"), ask.at)
    return "case_taken_back"


def record(tx: Transaction, ask: Ask) -> Answer:
    """The record of an interview without a chat, which is theirs to write; a parent or carer is asked from there."""
    case = _case(tx, ask)
    try:
        made = beginning.without_chat(tx, ask.house, case.id, ask.who.id, ask.at)
    except beginning.Refused as why:
        raise NotPossible(str(why)) from None
    hands.put(tx, made.id, ask.who.id, ask.at)
    return Go(f"/records/{made.id}", "record_begun")


# --- missing, found, ended --------------------------------------------------------------------------------------------


def missing(tx: Transaction, ask: Ask, case: str) -> str:
    """The child is missing, since when."""
    known = {name: ask.form.get(name).strip() for name in ("status", "police_ref") if ask.form.get(name).strip()}
    episodes.missing(tx, ask.house, ask.who, case, ask.instant("since") or ask.at, ask.at, known=known)
    return "episode_began"


def returned(tx: Transaction, ask: Ask, case: str) -> str:
    """The child is back."""
    if episodes.returned(tx, ask.house, case, ask.at, ask.who.id, back_at=ask.instant("at")) is None:
        raise NotPossible("this child has no time missing without a return that had begun by then")
    return "episode_returned"


def end(tx: Transaction, ask: Ask, case: str) -> str:
    """The episode is ended with all its fields; until then the child is recorded missing."""
    given = {name: ask.form.get(name).strip() for name in ENDING if ask.form.get(name).strip()}
    episodes.end_last(tx, ask.house, ask.who, case, given, ask.at)
    return "episode_ended"


# --- one child or two -------------------------------------------------------------------------------------------------


def join(tx: Transaction, ask: Ask, case: str) -> str:
    """Another case is this child's too, with its telephone."""
    joined.join(tx, ask.house, ask.who, case, _other(tx, ask).id, ask.at)
    return "joined"


def split(tx: Transaction, ask: Ask, case: str) -> str:
    """They were two children after all."""
    other = cases.named(tx, ask.form.get("other"))
    if other is None or other not in cases.members(tx, case)[1:]:
        raise NotPossible("choose one of the cases that are joined with this one")
    joined.split(tx, ask.house, ask.who, other, ask.at)
    return "split"


def _other(tx: Transaction, ask: Ask) -> cases.Case:
    other = cases.find(tx, ask.form.get("other").strip())
    if other is None or _kept(tx, ask, other.id):
        raise NotPossible(_NOTHING)
    return other


# --- the rest ---------------------------------------------------------------------------------------------------------


def _act(act: Act) -> Callable[[Transaction, Ask], Answer]:
    """A form of this page: on a case that is for whoever asks, and what cannot be is said why."""

    def view(tx: Transaction, ask: Ask) -> Answer:
        case = _case(tx, ask)
        try:
            done = act(tx, ask, case.id)
        except casework.NotPossible as why:
            raise NotPossible(str(why)) from None
        audit.record(tx, ask.at, ask.who.id, f"case.{act.__name__}", case.id)
        return Go(f"/cases/{case.id}", done)

    return view


ROUTES: Final = (
    Route("GET", "/cases", DUTY, blank),
    Route("POST", "/cases", DUTY, find),
    Route("GET", "/cases/{case}", DUTY, show),
    *(
        Route("POST", f"/cases/{{case}}/{act.__name__.replace('_', '-')}", DUTY, _act(act))
        for act in (note, talk, attempt, plan, not_done, know, promise, take_back, missing, returned, end)
    ),
    Route("POST", "/cases/{case}/record", DUTY, record),
    *(Route("POST", f"/cases/{{case}}/{act.__name__}", MANAGERS, _act(act)) for act in (join, split)),
)
