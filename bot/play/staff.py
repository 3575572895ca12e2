"""The lines of a play in which staff answer on their telephones: a text back, a key in a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot import answering
from bot.channels.base import Inbound, Pressed, Reason, Spoken
from bot.channels.sms import STOP_WORDS
from bot.play.script import PlayError
from storage.codes import Status

if TYPE_CHECKING:
    from bot.play.stage import Stage

# How a call may end in which nobody presses a key.
UNANSWERED = ("no answer", "busy", "voicemail")
# A telephone that is nobody's of the staff.
STRANGER = "stranger"
_CODE = re.compile(r"\{code(?: of (\w+))?\}")


def phone(stage: Stage, text: str, where: str) -> None:
    """`phone > ana: 4F7K2Q`: a member of staff texts back; `phone > stranger: {code of ana}`: somebody else has read hers."""
    name, said = _said(stage, text, where, "phone > NAME: TEXT", STRANGER)
    stage.child_messages += 1
    back = _CODE.sub(lambda match: _last_code(stage, match[1] or name), said)
    number, stopped = _number(stage, name), back.upper() in STOP_WORDS
    stage.runner.accept(Inbound("sms", f"play-{stage.child_messages}", number, back, None, stage.now, opt_out=stopped))


def call(stage: Stage, text: str, where: str) -> None:
    """`call > ana: 1`: the last call to ana is picked up, and these keys are pressed; or it is `no answer`, `busy`."""
    name, said = _said(stage, text, where, "call > NAME: 1")
    rings = stage.ringing.get(_number(stage, name))
    if rings is None:
        raise PlayError(f"{where}: nobody has called {name}")
    if said in UNANSWERED:
        stage.ticker.report(rings, Status.UNDELIVERED, Reason.UNREACHABLE, stage.now)
        return
    keys = said.split()
    if not all(len(key) == 1 and key in "0123456789*#" for key in keys):
        raise PlayError(f"{where}: '{said}': give the keys that are pressed, or {', '.join(UNANSWERED)}")
    heard = _hear(stage, Pressed(rings, "", None, stage.now))
    for key in keys:
        if heard.page is None:
            # The call is over; whoever presses on, presses on nothing.
            return
        heard = _hear(stage, Pressed(rings, key, heard.page, stage.now))


def _hear(stage: Stage, pressed: Pressed) -> Spoken:
    return stage.committer.submit(lambda tx: answering.by_call(tx, stage.house, pressed))


def _said(stage: Stage, text: str, where: str, usage: str, *others: str) -> tuple[str, str]:
    name, colon, said = text.partition(":")
    if not colon or name.strip() not in {*others, *(one.name for one in stage.play.rota)}:
        raise PlayError(f"{where}: write {usage}, with a name from the rota")
    return name.strip(), said.strip()


def _number(stage: Stage, name: str) -> str:
    at = next((at for at, one in enumerate(stage.play.rota) if one.name == name), 99)
    return f"+4477009002{at:02d}"


def _last_code(stage: Stage, name: str) -> str:
    """`{code}` in a play stands for the code of the last page to this person."""
    paged = [one["text"] for one in stage.outcomes if one["kind"] == "page" and one["to"] == name]
    found = [match[1] for text in paged if (match := re.search(r"Reply (\w{6}) ", text))]
    return found[-1] if found else "000000"


ANSWERS = {"phone": phone, "call": call}
