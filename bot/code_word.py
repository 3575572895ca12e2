"""The child's own word for "somebody is beside me", in a text of theirs. May not say what it does: `flows` does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flows import commands
from storage import contacts

if TYPE_CHECKING:
    from storage.database import Transaction

LONGEST_SIGNAL = 3  # words; a longer text that has the word in it is talk


def is_said(tx: Transaction, contact: str, text: str) -> bool:
    """Whether a short text says the child's own word: alone, after CODE, twice, with a word beside it, or held too long.

    Taking it for the word costs a look by a person; missing it texts whoever holds the telephone (decisions 4).
    """
    # Compared in the form in which it is kept: no accents, apostrophes or capitals.
    said = commands.code_word(text)
    words = said.split()
    tried = {said}
    if len(words) <= LONGEST_SIGNAL:
        tried |= {*words} | {re.sub(r"(.)\1+\Z", r"\1", word) for word in words}
        tried |= {" ".join(words[1:]), " ".join(words[:-1])}
    return any(contacts.is_code_word(tx, contact, one) for one in tried if one.strip())
