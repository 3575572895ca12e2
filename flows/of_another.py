"""Whether whoever answers our first text tells of somebody else, who may be the child: "shes dead", "im not her but shes hurt".

English only: in other languages a person reads every free text. May not say who writes; nobody can be sure of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import languages

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHE_HE: Final = frozenset({"she", "shes", "he", "hes"})
_BEFORE: Final = languages.COURTESY | languages.NO_ALONE | {"yes", "yeah", "but", "ok", "okay"}
_ONESELF: Final = frozenset({"i", "im", "ive", "ill", "id", "me", "my", "mine", "we", "us", "our"})
# What nobody says of who is beside them: at the gate "hes asleep" is a child's own answer, "shes in hospital" is none.
_AWAY: Final = frozenset(
    {
        *("hospital", "missing", "trouble", "arrested", "custody", "prison", "jail", "funeral", "buried", "coma"),
        *("changed", "number", "anymore", "fostered", "killed", "hung", "hanged", "overdosed", "suicide"),
    }
)
_GONE: Final = ("ran away", "run away", "ran off", "moved out", "moved away", "live here any", "live here no")
# "Its her mum shes missing again": by whom a text may be.
_BY: Final = frozenset({"its her", "its his", "this is her", "this is his"})
_BEGUN_IN: Final = 3  # words in which somebody says that they are not the child
_DIED: Final = frozenset({"died", "dead", "deceased"})
_PASSED: Final = ("passed", "away")
# What dies without a death, and what is said so in passing: "my phone died", "im dead lol", "this is so dead".
_THINGS: Final = frozenset(
    {"phone", "fone", "battery", "charger", "laptop", "ipad", "tablet", "wifi", "signal", "it", "its"}
)
_NO_DEATH: Final = _THINGS | {"i", "im", "this", "that", "thats", "u", "ur", "you", "lol", "lmao", "so"}


def is_told(said: Sequence[str], *, stranger: bool, at_gate: bool = False) -> bool:
    """By the words of a text. `stranger`: it begins by saying that the writer is not who we look for. `at_gate`: we asked who may
    be reading, which "he" and "she" may answer.
    """
    if not _DIED.isdisjoint(said) or tuple(said[-len(_PASSED) :]) == _PASSED:
        return _NO_DEATH.isdisjoint(said)
    if stranger or any(" ".join(said[:length]) in _BY for length in (2, 3)):
        return not _SHE_HE.isdisjoint(said[2:]) and _ONESELF.isdisjoint(said[_BEGUN_IN:])
    first = next((word for word in said if word not in _BEFORE), "")
    return first in _SHE_HE and _ONESELF.isdisjoint(said) and (not at_gate or _is_away(said))


def _is_away(said: Sequence[str]) -> bool:
    line = f" {' '.join(said)} "
    return not _AWAY.isdisjoint(said) or any(f" {gone} " in line for gone in _GONE)
