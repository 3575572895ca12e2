"""Whether a text says the child's own word, by which they call for help without a reply (decisions 4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flows import commands
from storage import contacts

if TYPE_CHECKING:
    from storage.database import Transaction

LONGEST_SIGNAL: Final = 3  # words; a longer text that has the word in it is talk


def is_said(tx: Transaction, contact: str, text: str) -> bool:
    """Whether a short text says the child's own word: alone, after CODE, twice, with a word or emoji beside it, or held too long.

    Taking it for the word costs a look by a person; missing it texts whoever holds the telephone (decisions 4).
    """
    # Compared in the form in which it is kept: no accents, apostrophes or capitals.
    said, own = commands.code_word(text), commands.own_word(text)
    words = said.split()
    tried = {said, own, _let_go(own)}
    if len(words) <= LONGEST_SIGNAL:
        tried |= {*words} | {_let_go(word) for word in words}
        tried |= {" ".join(words[1:]), " ".join(words[:-1])}
    return any(contacts.is_code_word(tx, contact, one) for one in tried if one.strip())


def _let_go(word: str) -> str:
    """A word without what its last key held down added: "mangooo"."""
    return re.sub(r"(.)\1+\Z", r"\1", word)
