"""What the desk says to staff: what was done, and what went wrong with what to do. To a child it says nothing."""

from __future__ import annotations

from typing import Final

# Of a child whom no key opens.
UNREADABLE: Final = "no key opens it: tell whoever looks after the server"
# By the code that stands in the address after a form: nothing else can be made to stand on a page that way.
DONE: Final = {
    "signed_out": "You are signed out.",
    "passkey_added": "Your passkey was added.",
    "passkey_removed": "The passkey was removed, and whoever was signed in with it is signed out.",
    "account_removed": "The account signs you in here no more, and whoever was signed in by it is signed out.",
    "taken": "You have this chat. The child was told your name.",
    "taken_untold": "You have this chat. The child does not know yet.",
    "nobody_waits": "Nobody is waiting whom you may take.",
    "sent": "Written. What does not reach the child is marked in the thread.",
    "words_held": "Held, not sent. A supervisor was asked to look; you can take your words back and change them.",
    "words_stopped": "Held, not sent: the child sent STOP after you opened this page. Read the chat, then take your words back.",
    "taken_back": "Taken back. It was not sent.",
    "noted": "Noted, for colleagues only.",
    "raised": "Raised. Whoever is on duty is being told.",
    "raised_past": "Raised. Whom it is about, and those they answer to, hear nothing of it; somebody else is being told.",
    "raised_named": "Raised. Whoever is on duty is told, even if you named them. If it is about them, raise it again and say so.",
    "quiet": "From here nothing is said by itself. Every text is yours to read.",
    "interpreter": "An interpreter is asked for.",
    "promise": "It is a task now.",
    "work_done": "Done, and off the board.",
    "approved": "The child is texted, by day.",
    "not_approved": "The child is not texted.",
    "handed_over": "Handed over. The child was told by name.",
    "handed_over_untold": "Handed over. The child does not know yet.",
    "handed_back": "Handed back to the bot.",
    "barred": "They have nothing to do with this child from now on. They were not told why.",
    "queued": "The child waits for a person now.",
    "closed": "The chat is closed.",
    "alert_taken": "It is yours. The others are told.",
    "taken_by_other": "Somebody else has it already: see who below.",
    "passed_on": "The next person is being reached.",
    "lowered": "The level was lowered; your reason stands in the record.",
    "decided": "Your decision and reason stand in the record.",
    "child_told": "Noted: what the child was told.",
    "rang": "Noted: whom you rang.",
    "shared": "Noted: what was shared, with whom.",
    "lifted": "The lock is lifted; the bot may ask on.",
    "judged": "Thank you. It waits for whoever tends the phrases; the level of this alert stays as it is.",
    "asked": "A second person has to agree. They see it under Reviews.",
    "shown": "It is shown to you below for half an hour. It was written down and will be reviewed.",
    "agreed": "You agreed: it is shown to whoever asked for half an hour.",
    "reviewed": "Your review stands in the record.",
    "put_out": "They are signed out everywhere, and their passkeys are gone. To come in again they need a link.",
    "let_go": "They are signed out, and reached no more.",
    "switched_on": "It is on.",
    "switched_off": "It is off.",
    "kept": "Kept, with today's date.",
    "recorded": "Recorded.",
    "record_signed": "Signed, with your name. From here it changes only by an amendment.",
    "link_closed": "The link is closed. Whoever has it sees nothing.",
    "record_begun": "The record is begun, without a chat.",
    "record_given": "They can open this record now.",
    "swapped": "The swap counts, and both are told.",
    "unswapped": "The swap does not count any more, and both are told.",
    "pattern_kept": "Kept; the shifts of the next six weeks are written.",
    "pattern_ended": "It ends with that day.",
    "second_read": "Thank you. What you found is kept with the chat.",
    "talked": "Noted: you talked.",
    "misuse_proposed": "Proposed. A supervisor reads the chat and decides; until then it goes on.",
    "misuse_ended": "The chat is ended. What they write later is heard as ever.",
    "misuse_refused": "The chat goes on.",
    "answered": "Written down as they told you; the bot does not ask it again.",
    "case_noted": "Noted, and every clock of the child is computed anew.",
    "talk_untrained": "Noted, but it stops no clock: your training or background check is not in date. A manager is told.",
    "plan_not_independent": "Noted. They are too close to hold it: finding somebody independent is a task for today.",
    "case_taken_back": "Taken back: it stays readable and counts no more.",
    "episode_began": "Recorded: the child is missing.",
    "episode_returned": "Recorded: the child is back. The clocks of the interview run.",
    "episode_ended": "Ended.",
    "joined": "They are one child now; a text from either telephone is about it.",
    "split": "They are two children again.",
    "everywhere": "You are signed out on every other device.",
}

# How a text of ours stands while nothing says that it left, or when it came back.
UNSENT: Final = {
    "held": "waits until the child writes: not sent",
    "sealed": "does not open: not sent",
    "waiting": "on its way",
    "leased": "on its way",
    "in_doubt": "may not have arrived",
    "cancelled": "not sent",
    "expired": "not sent in time",
    "failed": "did not arrive",
    "undelivered": "did not arrive",
}

# Why words were held, as `flows.composer` and `saying` have it.
HELD: Final = {
    "stopped": "the child sent STOP after this page was opened",
    "leading": "it asks, and the child has told us something",
    "unknown_language": "nobody has written down how this language asks",
    "phone": "a telephone number",
    "email": "an e-mail address",
    "link": "a link",
    "handle": "a way to reach you elsewhere",
    "meeting": "meeting or giving",
    "secrecy": "a secret",
    "picture": "a picture or a call",
    "advice": "advice to leave or to go back",
    "third_party": "writing or speaking to somebody around the child",
    "whereabouts": "where the child lives or goes to school",
    "intimate": "words of love or sex",
}

# What a switch of the house does, for whoever is about to turn it.
SWITCHES: Final = {
    "closed": (
        "nobody is at the desk. A child whose need can wait is told that a person texts in the morning. L3 and L4 page as ever."
    ),
    "flood": (
        "too many chats on the web page at once. Pages about them leave together, at most two minutes later. L4 pages at once."
    ),
}

# code -> (title, what to do)
WRONG: Final = {
    "signed_out": ("You are signed out", "Sign in again. Nothing you sent was done."),
    "over": ("You are signed out", "Sign in again. What stood in a box was not sent."),
    "not_yours": (
        "This page is not for you",
        "Your role does not open it, or the form was not ours. Nothing was done. If you need it, ask a manager.",
    ),
    "not_there": ("There is no such page", "It may have been closed or moved. Go back to the start."),
    "not_held": (
        "You do not have this chat",
        "It is for somebody else now, or it has ended. Nothing more from you was sent. Your chats are on the Chats page.",
    ),
    "not_possible": ("That cannot be done now", "Nothing was changed."),
    "too_long": ("That was too long", "Nothing was sent. Make it shorter and try again."),
    "not_understood": ("That could not be read", "Nothing was done. Go back and try again."),
    "down": (
        "The records cannot be reached",
        "Nothing was changed. Try again in a minute. If a child is in danger now, ring 999.",
    ),
    "broken": (
        "Something went wrong here",
        "Nothing was changed. Try again, or tell whoever runs this program. A child in danger now: ring 999.",
    ),
}
