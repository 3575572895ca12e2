"""What is pressed on an alert: each an event through the one door, or a note beside it, in one transaction.

May not decide what follows: that is the core's. A reason that is asked for and not given changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import alarms, casework, clicks
from bot.clicks import NotPossible
from bot.desk import alert as page
from bot.desk.asking import Go
from bot.desk.routes import DUTY, MANAGERS, Route
from flows import standing
from flows.model import Guard, Level
from storage import access, alerts, audit, conversations, notes, people, shares, verdicts

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from flows.model import Alert
    from storage.database import Transaction

LONGEST: Final = 2000
LONGEST_NAME: Final = 80
RANG: Final = ("999", "children_social_care", "emergency_duty_team", "police", "nhs_111", "lado", "other")
_FIELDS: Final = {"because": "why", "spoke_to": "whom you spoke to", "to": "with whom", "what": "what"}
_DANGER: Final = (
    "ask one to decide it here; if a child is in danger, ring 999 now and raise it to L4, which waits for nobody"
)
_ANEW: Final = "open the alert again and read it first"
PARTS: Final = ("words", "level_and_kind", "number", "record", "plan")


def acknowledge(tx: Transaction, ask: Ask) -> Answer:
    """I have it."""
    alert = _answerable(tx, ask)
    if _level_read(ask) < alert.level:
        # Whoever takes it here ends the climb: they must know what they have.
        raise NotPossible(f"it has become an {alert.level.name} since you opened this page: {_ANEW}")
    clicks.acknowledge(tx, ask.runner, ask.who, alert.id, ask.at)
    taken = alerts.peek(tx, alert.id).taken_by
    return _back(ask, "alert_taken" if taken == ask.who.name else "taken_by_other")


def pass_on(tx: Transaction, ask: Ask) -> Answer:
    """Not me."""
    alert = _answerable(tx, ask)
    clicks.pass_on(tx, ask.runner, ask.who, alert.id, ask.at)
    return _back(ask, "taken_by_other" if alerts.peek(tx, alert.id).taken_by else "passed_on")


def lower(tx: Transaction, ask: Ask) -> Answer:
    """Less grave than it was taken for; an L3 or L4 by a manager on duty only."""
    alert = _as_read(tx, ask, _live(tx, ask))
    level = Level.__members__.get(ask.form.get("level"))
    if level is None or not Level.L1 <= level < alert.level:
        raise NotPossible("a level is only ever lowered: choose one below")
    on_duty = people.shifts_of(tx, ask.who, ask.at) & MANAGERS
    if alert.level >= Level.L3 and not (ask.may(MANAGERS) and on_duty):
        raise NotPossible("only a manager on duty may lower an L3 or L4")
    clicks.lower(tx, ask.runner, ask.who, alert.id, level, reason(ask, "because"), ask.at)
    return _back(ask, "lowered")


def decide(tx: Transaction, ask: Ask) -> Answer:
    """What happens now, and why. What somebody else decided of an L3 or L4 a manager decides too."""
    alert = _as_read(tx, ask, _answerable(tx, ask))
    if ask.form.get("decision") == "no_further_action" and alert.level >= Level.L3 and not ask.may(MANAGERS):
        # Else the rule that only a manager lowers would be got round by one press (003:1348).
        raise NotPossible("only a manager may take no further action on an L3 or L4")
    clicks.decide(tx, ask.runner, ask.who, alert.id, ask.form.get("decision"), reason(ask, "because"), ask.at)
    return _back(ask, "decided")


def open_words(tx: Transaction, ask: Ask) -> Answer:
    """Read what the child wrote: written down, and open for a while."""
    alert = page.find(tx, ask)
    access.seen(tx, ask.who.id, page.WORDS, alert.id, ask.at)
    return Go(f"/alerts/{alert.id}#heard")


def told(tx: Transaction, ask: Ask) -> Answer:
    """What the child was told of it, and by whom."""
    alert = page.find(tx, ask)
    what, case = reason(ask, "what"), conversations.case_of(tx, alert.conversation)
    # A clock may wait for it.
    because = {"because": what}
    talk = alert.conversation
    casework.note(tx, ask.house, ask.who, case, "told_child", ask.at, conversation=talk, details=because)
    _note(tx, ask, alert, "told_the_child", {"what": what})
    return _back(ask, "child_told")


def rang(tx: Transaction, ask: Ask) -> Answer:
    """Whom I rang, whom I spoke with, their reference."""
    alert = page.find(tx, ask)
    if ask.form.get("whom") not in RANG:
        raise NotPossible("choose whom you rang")
    given = {"what": ask.form.get("whom"), "spoke_to": reason(ask, "spoke_to", LONGEST_NAME)}
    _note(tx, ask, alert, "rang", given | {"reference": ask.form.get("reference").strip()[:LONGEST_NAME]})
    return _back(ask, "rang")


def share(tx: Transaction, ask: Ask) -> Answer:
    """Who outside was given which parts, and why."""
    alert = page.find(tx, ask)
    parts = tuple(one for one in PARTS if one in ask.form.getlist("part"))
    if not parts:
        raise NotPossible("say which parts were shared")
    role = ask.form.get("role")
    if role not in page.SHARED_WITH:
        raise NotPossible("choose which service it was shared with")
    to, because = reason(ask, "to", LONGEST_NAME), reason(ask, "because")
    if ask.form.get("asked") == "yes":
        because = f"the child asked for it: {because}"
    elif page.manager_first(tx, ask, alert):
        if alert.level < Level.L4:
            raise NotPossible(f"a manager decides first what is shared of a text-safe {alert.level.name}: {_DANGER}")
        alarms.tell_managers(tx, ask.house, alert, "shared", ask.who.name, ask.at)
    shares.add(tx, alert.conversation, role, to, parts, because, ask.who.id, ask.at)
    audit.record(tx, ask.at, ask.who.id, "shared", alert.id, *parts)
    return _back(ask, "shared")


def lift(tx: Transaction, ask: Ask) -> Answer:
    """Let the interview go on after a disclosure: after those that whoever lifts it has read of."""
    alert = page.find(tx, ask)
    if conversations.load(tx, alert.conversation).guard is Guard.NONE:
        raise NotPossible("nothing is locked in this chat")
    _as_read(tx, ask, alert)
    because = reason(ask, "because")
    clicks.lift_lock(tx, ask.runner, ask.who, alert.conversation, because, ask.at)
    _note(tx, ask, alert, "lock_lifted", {"because": because})
    return _back(ask, "lifted")


def judge(tx: Transaction, ask: Ask) -> Answer:
    """One press: was the machine right?"""
    alert = page.find(tx, ask)
    verdict = ask.form.get("verdict")
    if verdict not in verdicts.VERDICTS:
        raise NotPossible("choose one of the verdicts")
    verdicts.add(tx, alert.id, alert.conversation, verdict, ask.who.id, ask.at)
    audit.record(tx, ask.at, ask.who.id, "alert.judged", alert.id, verdict)
    return _back(ask, "judged")


def _live(tx: Transaction, ask: Ask) -> Alert:
    alert = page.find(tx, ask)
    if not standing.is_undecided(alert):
        raise NotPossible("this alert was decided already")
    return alert


def _answerable(tx: Transaction, ask: Ask) -> Alert:
    """One that nobody has decided, or that a manager must decide too and who asks is one."""
    found = page.find(tx, ask)
    return found if page.is_for(ask, found) else _live(tx, ask)


def _as_read(tx: Transaction, ask: Ask, alert: Alert) -> Alert:
    """Words that came in while a reason was typed were not weighed by it: they must not be closed with the rest."""
    if ask.form.get("read") != page.read(tx, alert):
        raise NotPossible(f"more has come in since you opened this page: {_ANEW}")
    return alert


def _level_read(ask: Ask) -> Level:
    return Level.__members__.get(ask.form.get("read").partition(" ")[0], Level.L0)


def reason(ask: Ask, field: str, longest: int = LONGEST) -> str:
    """What a field says. Raises NotPossible when it says nothing, or too much."""
    text = ask.form.get(field).strip()
    named = _FIELDS.get(field, field)
    if not text:
        raise NotPossible(f"say {named}: it stands in the record")
    if len(text) > longest:
        raise NotPossible(f"{named} may have {longest} characters")
    return text


def _note(tx: Transaction, ask: Ask, alert: Alert, kind: str, more: dict[str, str]) -> None:
    details = {"alert": alert.id, "by": ask.who.name, **more}
    notes.add(tx, kind, ask.at, ask.who.id, ask.at, conversation=alert.conversation, details=details)


def _back(ask: Ask, done: str) -> Go:
    where = "/card" if ask.form.get("from") == "card" else ""
    return Go(f"/alerts/{ask.path['alert']}{where}", done)


ROUTES: Final = tuple(
    Route("POST", f"/alerts/{{alert}}/{name}", DUTY, act)
    for name, act in (
        ("acknowledge", acknowledge),
        ("pass-on", pass_on),
        ("lower", lower),
        ("decide", decide),
        ("words", open_words),
        ("told", told),
        ("rang", rang),
        ("share", share),
        ("lift", lift),
        ("judge", judge),
    )
)
