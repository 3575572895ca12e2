"""Replies that workers can send as they stand, with when each may be used. Pure. May not hold a text: the files do.

What nobody has signed is a draft, and follows the rule of every other text: where drafts are refused no translation is
offered that is one. English is what the others are translated from: it is offered unsigned too, and said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final

from flows import claims, lines, signing

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).parent / "library" / "canned.yaml"
RISKS: Final = ("any", "calm", "hard")
SOURCE: Final = "en"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply. `texts`: by language, English always among them; `signed`: by language, when and by which native reader."""

    key: str
    risk: str
    texts: Mapping[str, str]
    signed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """A reply as one child may be sent it, help lines still in braces. `language`: of `text`, English where there is none
    of the child's; `is_draft`: no native reader has signed it.
    """

    key: str
    text: str
    language: str
    english: str
    is_draft: bool


def offered(locale: str, *, locked: bool, drafts: bool) -> tuple[Ready, ...]:
    """What may be sent now to a child of this language: after a disclosure none that asks, before one none that speaks of it.

    `drafts`: whether what nobody has signed may be sent (`WAYMARK_DRAFT_LOCALES`).
    """
    found = (_ready(one, locale, drafts=drafts) for one in fitting(locked=locked))
    return tuple(one for one in found if one is not None)


def fitting(*, locked: bool) -> tuple[Reply, ...]:
    """The replies of this moment, signed or not."""
    not_now = "calm" if locked else "hard"
    return tuple(one for one in load() if one.risk != not_now)


def _ready(one: Reply, locale: str, *, drafts: bool) -> Ready | None:
    for language in (locale, locale.partition("-")[0], SOURCE):
        if language in one.texts and (drafts or language in one.signed or language == SOURCE):
            return Ready(one.key, one.texts[language], language, one.texts[SOURCE], language not in one.signed)
    return None


# --- the files --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def load(path: Path = FILE) -> tuple[Reply, ...]:
    """Read the file and those of the other languages beside it, `canned/<language>.yaml`.

    Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`.
    """
    parts = lines.read(path).mapping(("replies", "reviewed"), need=("replies", "reviewed"))
    rows = {}
    for row in parts["replies"].items():
        fields = row.mapping(need := ("key", "risk", "text"), need=need)
        if (key := claims.key(fields["key"])) in rows:
            raise row.error(f"'{key}' stands here twice; give each reply a key of its own")
        rows[key] = (fields["risk"].one_of(RISKS, "risk"), fields["text"].text())
    english = {key: text for key, (_, text) in rows.items()}
    texts: dict[str, Mapping[str, str]] = {SOURCE: english}
    signed = {SOURCE: _signed(parts["reviewed"], english)}
    for file in sorted((path.parent / path.stem).glob("*.yaml")):
        texts[file.stem], signed[file.stem] = _language(lines.read(file), english)
    return tuple(Reply(key, risk, _of(texts, key), _of(signed, key)) for key, (risk, _) in rows.items())


def _of(by_language: Mapping[str, Mapping[str, str]], key: str) -> Mapping[str, str]:
    return {language: found[key] for language, found in by_language.items() if key in found}


def _language(node: lines.Node, english: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    parts = node.mapping(need := ("replies", "reviewed"), need=need)
    texts: dict[str, str] = {}
    for key, one in parts["replies"].mapping(english).items():
        if gaps(texts.setdefault(key, one.text())) != gaps(english[key]):
            raise one.error(f"'{key}': what stands in braces must be as in English: {', '.join(gaps(english[key]))}")
    return texts, _signed(parts["reviewed"], texts)


def _signed(node: lines.Node, texts: Mapping[str, str]) -> Mapping[str, str]:
    signed = {key: (one, one.text()) for key, one in node.mapping(texts).items()}
    for one, who in signed.values():
        if signing.signed_on(who) is None:
            raise one.error("write a date and a name, as in '2026-11-21 Nguyen Van An'")
    return {key: who for key, (_, who) in signed.items()}


def gaps(text: str) -> list[str]:
    """What stands in braces, in the order of letters: keys of `directory.yaml`."""
    try:
        return sorted(name for _, name, *_ in Formatter().parse(text) if name is not None)
    except ValueError:
        return ["a brace by itself"]
