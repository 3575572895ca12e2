"""The words of a page and a notice: level, case name, code, link. Never content, a name of a child, or an address.

These go to staff, in English; texts for a child never stand in a `.py` file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.effects import Notice, Page
    from flows.model import Alert

_ABOUT = {
    "new_l2": "{level} {case}: please look within the hour. No reply to this text is needed.",
    "taken": "{level} {case}: taken by {who}.",
    "joined": "{level} {case}: more has come in. Please look again.",
    "passed_on": "{level} {case}: {who} cannot take it. It goes on to the next person.",
    "on": "{case}: it goes on to the next person.",
    "nobody": "{level} {case}: somebody on the ladder could not be reached. Check the rota.",
    "wrong_codes": "{level} {case}: several wrong codes were texted. Check who has your phones.",
    "has_it": "{level} {case}: {who} has it, and nothing is decided yet. You are on now: please look.",
    "decay": "{level} {case}: taken by {who}, no decision yet.",
    "for_manager": "{level} {case}: decided by {who}. A manager must decide it too. Please open the desk.",
    "no_manager": "{level} {case}: decided by {who}. A manager must decide it too, and none can be told. Please find one.",
    "shared": "{level} {case}: {who} shared something of it with another service. Please look at why at the desk.",
    "number_asked": "{level} {case}: {who} asks to see the number. A second person must agree: open Reviews at the desk.",
    "not_allowed": "{level} {case}: only a manager may lower this.",
    "stopped": "{case}: the child sent STOP. We start nothing more. They can still text.",
    "started": "{case}: the child sent START. We may text first again.",
    "cannot_text_back": "{case}: we cannot text back: our texts do not reach the child. Nothing is shown as sent.",
    "cannot_text_back:sealed": "{case}: a text of ours does not open and has not left. Please open the desk and read the chat.",
    "held": "{case}: only a neutral text may leave until the child writes. Your words wait; they are not sent.",
    "held_dropped": "{case}: your words that waited were not sent. Read the chat before you write again.",
    "went_quiet": "{case}: no answer for a day. Please look.",
    "easy_words": "{case}: the child asked for easy words and answers the bot now. Please be at hand: open the desk.",
    "declined": "{case}: a no to our offer to talk. Somebody must ask the child in person.",
    "later": "{case}: the child asked us not to text now.",
    "somebody_there": "{case}: somebody else may see the child's phone. Nothing is said until the child writes again.",
    "beside_them": "{case}: somebody is with the child and may read what you write. Only you decide whether to write.",
    "taken_over": "{case}: somebody else has taken this chat from you. They answer the child now.",
    "with_child": "{level} {case}: {who} is in the chat but may not decide. Somebody must still take the alert.",
    "handed_over": "{case}: {who} handed this chat to you. You answer the child now. Please open the desk.",
    "dropped_out": "{case}: you signed out, or were not seen for five minutes. The child waits for somebody else now.",
    "waits_past": "{case}: the child was promised a person by now, and nobody has the chat. Please take it.",
    "given_back": "{level} {case}: the worker gave the chat back. Nobody is with the child. Please open the desk.",
    "child_alone": "{level} {case}: the worker in the chat is gone. The child waits alone. Please open the desk.",
    "words_held": "{case}: words to the child wait for you to read them. Please open the desk.",
    "interpreter": "{case}: an interpreter is asked for, within half an hour. Language: {who}. Please open the desk.",
    "approve_check_in": "{case}: a check-in waits for a manager to say whether the child may be texted. Please open the board.",
    "misuse_proposed": "{case}: a worker asks to end a chat as misuse. Please open the desk.",
    "asked_code": "{case}: the child set a secret word. Only you can tell them that it is kept.",
    "refused_code": "{case}: the child sent CODE with no word that can be used. Nothing is kept: ask them for another word.",
    "asked_delete": "{case}: the child asked us to delete our texts. What can be deleted goes now.",
    "not_alone_with_it": "{level} {case}: who has this chat has others too. Please take those over.",
    "language": "{case}: the child changed the language.",
    "soon": "{case}: due soon: {who}. Open the desk.",
    "told_more": "{case}: more was said since you signed the record. What you signed stands. Please look whether to amend it.",
    "told_more:left": "{case}: more was said since the record was signed by who is not here. Please have somebody amend it.",
    "many_chats": "many chats have begun on the web page in the last minutes. All are answered. Please look at the board.",
    "restored": "a backup was read back. What was to be said to children waits for you to read. Please open the desk.",
    "failed": "{case}: something that was due could not be done three times. Please open the desk and look.",
    "failed:alert": "{case}: nobody could be called for this alert. Look for the child now. Tell whoever looks after the server.",
    "failed:clocks": "{case}: the deadlines cannot be computed, and those shown may be old. Tell whoever looks after the server.",
    "failed:elsewhere": "{case}: STOP, START or a wrong number was said, and another chat there cannot be read. Open the desk.",
    "failed:keys": "a key is missing, so that some children and colleagues cannot be read. Tell whoever looks after the server.",
    "failed:left": "{case}: a text left; its deadline or removal could not be noted. Tell whoever looks after the server.",
    "failed:noted": "{case}: what counts for the deadlines could not be noted. Tell whoever looks after the server.",
    "failed:refile": "{case}: what came after the signature could not be filed. Tell whoever looks after the server.",
    "failed:unreadable": "{case}: the child writes, and this chat cannot be read. They are answered in another: see the board.",
    "failed:waits": "{case}: something that was due for this alert could not be done. Please open the desk and look at it.",
    "untold": "a text or a page may not have arrived, and whoever answers for it could not be told. Open the desk and look.",
    "unhandled": "{case}: a message could not be handled three times. Open the desk and read it.",
}


def page(effect: Page, code: str, desk: str, *, no: bool = True) -> str:
    """A page by text: one segment of GSM-7; `no`: with how it is passed on."""
    head = f"Waymark {effect.alert.level.name} {effect.alert.case_name}{_asked(effect.alert)}. Reply {code} to take it"
    return f"{head}, {code} NO to pass it on, or open {desk}" if no else f"{head}, or open {desk}"


def bundle(lines: list[tuple[str, str, str]], every: int, more: int) -> str:
    """Several pages in one text: level, case name and code of each; `every`: how many wait, `more`: how many unnamed."""
    named = ", ".join(" ".join(line) for line in lines)
    rest = f" And {more} more: open the desk." if more else ""
    return f"Waymark: {every} alerts. Reply one code at a time. {named}.{rest}"


def mail(alert: Alert, link: str, desk: str) -> str:
    """A page by e-mail; its first line is the subject."""
    head = f"Waymark {alert.level.name} {alert.case_name}{_asked(alert) or ': somebody must look'}"
    if not link:
        return f"{head}\n\nTo take it, open {desk}."
    once = "The link works once, and only until the next person is called."
    return f"{head}\n\nTo take it, or to pass it on, open this and press once:\n{link}\n\n{once} Or open {desk}."


def pressed(alert: Alert, desk: str) -> str:
    """A page on Telegram: its buttons say the rest."""
    return f"Waymark {alert.level.name} {alert.case_name}{_asked(alert)}. Press to take it, or open {desk}"


def _asked(alert: Alert) -> str:
    """What a page asks where somebody who is no manager has decided."""
    return ": decided; a manager must too" if alert.for_manager else ""


def spoken(alert: Alert) -> str:
    """A page by voice: fixed words, press 1 to take it, 2 to pass it on. Its name is read with a pause at its hyphen."""
    name = alert.case_name.replace("-", ", ")
    name += ". It is decided; a manager must decide too" if alert.for_manager else ""
    return f"Waymark. Level {alert.level.name[1:]}. {name}. To take it, press 1. To pass it on, press 2."


WRONG_CODE = "Waymark: that code is not valid now. Use the newest page, or open the desk."
OLD_BUTTON = "Waymark: that page is not open any more. Use the newest page, or open the desk."
NOT_A_CHAT = "Waymark: this chat is for your pages only, and nobody reads it. In danger call 999."
STOPPED = "Waymark: STOP does not end your pages, but your network may hold them back now. Text START to us to let them through."
NOT_WELL = "Waymark: the self-test fails ({step}). Pages may not arrive. Somebody must look at the server now."
WELL_AGAIN = "Waymark: the self-test works again."
NO_ANSWER = "Waymark: text only the code of your page, the code and NO to pass it on, or open the desk."


def yours(alert: Alert, *, climbs: bool) -> str:
    """To whoever took it by a claim."""
    more = " Open the desk now: it goes on climbing until you do." if climbs else ""
    return f"Waymark {alert.level.name} {alert.case_name}: it is yours.{more}"


# What is said into a call after a key, or when nothing is left to ask.
SPOKEN = {
    "yours": "It is yours. Please open the desk.",
    "claimed": "It is yours. Open the desk now: it goes on climbing until you do.",
    "passed_on": "It goes on to the next person.",
    "others": "Somebody else has taken it.",
    "over": "Nothing is left to take. Thank you.",
    "again": "That key has no meaning here.",
    "goodbye": "Goodbye.",
    "not_well": "Waymark. The self test fails. Pages may not arrive. Somebody must look at the server now.",
}


def notice(effect: Notice) -> str:
    """A notice about an alert."""
    return about(effect.about, effect.alert.case_name, effect.alert.level.name, effect.who)


def about(what: str, case: str, level: str = "", who: str = "") -> str:
    """A notice about a case. An unknown `what` is shown as it is: it is a code of ours, never content."""
    text = _ABOUT.get(what) or _ABOUT.get(what.partition(":")[0], "{level} {case}: " + what.replace("_", " ") + ".")
    return "Waymark " + text.format(level=level, case=case, who=who or "somebody").strip()
