"""What a language still lacks: texts, signatures, care. And its file, written so that nothing signed is lost.

May not translate and may not decide alone: whether a language is offered also depends on `DRAFT_LOCALES` and on a
manager (decisions 9), which the caller knows.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from bot import i18n, wording
from bot.i18n import Catalogue, State, Written
from bot.localising import SOURCE_LOCALE
from flows import spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.i18n import Entry

# decisions 9: translated first, for every language; what a child in danger or waiting must be able to read.
PACK: Final = (
    *(
        "gate",
        "msg_danger",
        "msg_danger_self",
        "d_where",
        "ts_wait",
        "ts_wait_night",
        "ts_still",
        "lang_hold",
        "ts_later",
    ),
)

# Words a carrier keeps for itself, so that a child who sends one alone may never reach us.
CARRIER_WORDS: Final = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke"),
        *("start", "unstop", "yes", "help", "info"),
    },
)

# Words of ours that mean the same in every language, so a translation has to name them as they are.
KEYWORDS: Final = frozenset({"PERSON", "STOP", "HI", "CODE"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a language has come: names of texts in the order of the files.

    `drafts`: what a child reads that nobody has signed; words a child may send need no signature. `pack_missing`: what
    the emergency pack lacks.
    """

    locale: str
    total: int
    missing: tuple[str, ...]
    drafts: tuple[str, ...]
    pack_missing: tuple[str, ...]

    @property
    def translated(self) -> int:
        """How many texts there are."""
        return self.total - len(self.missing)

    @property
    def reviewed(self) -> int:
        """How many of them need no signature any more."""
        return self.translated - len(self.drafts)

    def refused(self, *, drafts: bool, named: bool = True) -> str:
        """Why a child is not offered this language, or "". `drafts`: whether unsigned texts may be sent (`allow`).
        `named`: with the name of the first text, for whoever goes to its file.
        """
        of, said = (self.missing, "missing") if self.missing else (() if drafts else self.drafts, "drafts")
        first = f", the first is {of[0]}" if of and named else ""
        return f"{len(of)} of {self.total} texts are {said}{first}" if of else ""


def standing(entries: Iterable[Entry], catalogue: Catalogue) -> Standing:
    """Count what `catalogue` lacks of `entries` (`i18n.messages(source)`)."""
    given = tuple(entries)
    states = {entry.context: catalogue.state(entry.context, entry.text) for entry in given}
    missing = tuple(context for context, state in states.items() if state is State.MISSING)
    sent = {entry.context for entry in given if entry.sent}
    return Standing(
        locale=catalogue.locale,
        total=len(states),
        missing=missing,
        drafts=tuple(context for context, state in states.items() if state is State.DRAFT and context in sent),
        pack_missing=tuple(context for context in missing if in_pack(context)),
    )


def in_pack(context: str) -> bool:
    """Whether a text belongs to the emergency pack, with its labels; words a child may send do not."""
    parts = context.split(".")
    return parts[0] == "shared" and parts[-1] != "words" and (parts[1] in PACK or parts[1:] == ["common", "skip_free"])


# --- what is wrong with a translation ---------------------------------------------------------------------------------


def faults(entries: Iterable[Entry], catalogue: Catalogue) -> Iterator[str]:
    """`file:line: what to change` for every translation that would break a text or mislead a child."""
    english = {(entry.context, entry.text): entry for entry in entries}
    typed = {entry.context: entry for entry in english.values() if entry.context.endswith(i18n.TYPED)}
    for (context, text), written in catalogue.lines.items():
        entry = english.get((context, text)) or typed.get(context)
        at = f"{catalogue.file}:{written.line}"
        if entry is None:
            yield f"{at}: '{context}' has gone, or its English has changed; `make catalogues`, then translate it anew"
        elif written.text and catalogue.locale != SOURCE_LOCALE:
            yield from (f"{at}: {fault}" for fault in _faults(entry, written.text))


def _faults(entry: Entry, text: str) -> Iterator[str]:
    wanted = Counter(wording.gaps(entry.text))
    try:
        found = Counter(wording.gaps(text))
    except wording.BadPlaceholder:
        yield f"'{entry.context}': a '{{' or '}}' that is not part of a gap such as {{name}}"
        return
    if found != wanted:
        yield f"'{entry.context}': the gaps must be {_named(wanted)} as in English, here are {_named(found)}"
    if text != text.strip() or "  " in text:
        yield f"'{entry.context}': a space too many"
    if entry.sent:
        lost = sorted(_kept(entry.text) - _kept(text))
        if lost:
            yield f"'{entry.context}': {', '.join(lost)} must stand in the translation too"
    words = text.split(",") if not entry.sent else [text]
    if not entry.context.startswith("commands."):
        for word in words:
            if spelling.folded(word) in CARRIER_WORDS:
                yield f"'{entry.context}': carriers keep '{word.strip()}' for themselves; use another word"


def _kept(text: str) -> set[str]:
    """What no translation may change: our own words, and numbers of two digits and more."""
    return {word for word in re.findall(r"[A-Z]+|[0-9]{2,}", text) if word in KEYWORDS or word.isdigit()}


def _named(gaps: Counter[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(gaps.elements())) or "none"


# --- the files --------------------------------------------------------------------------------------------------------


def template(entries: Iterable[Entry]) -> str:
    """`locales/messages.pot`: every text with nothing behind it."""
    return _file(_HEADER.format(locale="", reviewed=""), ((entry, None, "") for entry in entries))


def rewritten(entries: Iterable[Entry], catalogue: Catalogue) -> str:
    """The catalogue's file for the texts of now: what is translated and signed stays so, what is new stands empty.

    What no longer stands in the flow files is left out; the history of the repository has it.
    """
    reviewed = f'"{i18n.REVIEWED}: {catalogue.signed}\\n"\n' if catalogue.signed else ""
    header = _HEADER.format(locale=catalogue.locale.replace("-", "_"), reviewed=reviewed)
    typed = {context: one for (context, _), one in catalogue.lines.items() if context.endswith(i18n.TYPED)}
    lines = (
        (entry, catalogue.lines.get((entry.context, entry.text)) or typed.get(entry.context), catalogue.signed)
        for entry in entries
    )
    return _file(header, lines)


_HEADER: Final = """\
msgid ""
msgstr ""
"Project-Id-Version: Waymark\\n"
"Language: {locale}\\n"
{reviewed}"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def _file(header: str, lines: Iterable[tuple[Entry, Written | None, str]]) -> str:
    return "\n".join(chain([header], (_lines(*line) for line in lines)))


def _lines(entry: Entry, written: Written | None, signed: str) -> str:
    # No line numbers: a catalogue changes when a text does, not when one above it does.
    head = f"#. {entry.comment}\n#: flows/library/{entry.file.rpartition('/')[2]}\n{_mark(written, signed)}"
    text = written.text if written else ""
    return f'{head}msgctxt "{entry.context}"\nmsgid "{_quoted(entry.text)}"\nmsgstr "{_quoted(text)}"\n'


def _mark(written: Written | None, signed: str) -> str:
    if written is None:  # a new text is not covered by a signature from before
        return "#. draft\n" if signed else ""
    if written.signed != signed:
        return f"#. reviewed {written.signed}\n" if written.signed else "#. draft\n"
    return ""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
