"""What our codes are called by people who read them: channels, services, kinds of harm, clocks, work, and how many.

For staff, and for whoever is handed a paper; a command takes the codes themselves. No text for a child may stand here.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flows import whole
from flows.deadline_meaning import OVERDUE
from flows.deadline_rules import BY_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE: Final = re.compile(r"\b[a-z]+(_[a-z0-9]+)+\b|\bR[0-9]{2}b?\b")
# Where it is not enough to put blanks between the words of a code.
_CALLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        # ways to a child, and to a colleague
        "sms": "text message",
        "whatsapp": "WhatsApp",
        "telegram": "Telegram",
        "web": "web page",
        # of a time missing
        "police_ref": "police reference",
        "voice": "telephone call",
        "email": "e-mail",
        # services, and what is decided with them
        "childrens_services": "children's services",
        "children_social_care": "children's social care",
        "social_care": "children's social care",
        "nhs_111": "NHS 111",
        "lado": "the council's designated officer (LADO)",
        "refer": "refer to children's social care",
        "nrm": "ask a first responder about the NRM",
        "text_safe": "text-safe",
        "corrects": "put right",
        "withdraws": "taken back",
        # work and notes
        "csa_report": "report of child sexual abuse",
        "lado_consider": "consider telling the designated officer (LADO)",
        "fgm_report": "FGM report",
        "fgm_done": "FGM was done",
        "fgm_reported": "FGM was reported",
        "cse_low": "low risk of sexual exploitation",
        "cse_assessed": "risk of sexual exploitation assessed again",
        "told_child": "the child was told",
        "filing_stuck": "a record that cannot be filed",
        "consider_s47": "consider section 47",
        "months_3": "3 months",
        "months_6": "6 months",
        # why an adult at home is not contacted
        "avoid_person": "there is somebody the child does not want to see or hear from",
        "unsafe_there": "the child went because it was not safe there",
        "not_share": "there is something the child wants kept from somebody",
        "no_parent": "the child has not agreed that they are asked",
    }
)


def words(code: str) -> str:
    """A code of ours as words."""
    if code in _CALLED:
        return _CALLED[code]
    late = code.removeprefix(OVERDUE)
    if late in BY_ID:
        return BY_ID[late].name + (": late" if late != code else "")
    kind = whole.ours().categories.get(code)
    return kind.name if kind is not None else code.replace("_", " ")


def told(text: str) -> str:
    """A sentence of ours, with the codes that stand in it for a command as words."""
    return _CODE.sub(lambda code: words(code[0]), text)


def several(number: int, one: str, many: str = "") -> str:
    """So many of something."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
