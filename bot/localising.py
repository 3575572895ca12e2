"""A flow and its commands put into a language, from a catalogue. Pure.

May not read a file and may not leave a gap: what a catalogue does not have stays English, and `review` counts it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from flows import languages, spelling
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.i18n import Catalogue
    from flows.model import Command, Flow, Option, Step

SOURCE_LOCALE = "en"


def localise(flow: Flow, catalogue: Catalogue) -> Flow:
    """`flow` with every text, label and accepted word in the catalogue's language; what is missing stays English.

    English answers stay accepted where they do not mean another option in this language.
    """
    steps = {key: _step(step, (flow.key, "shared"), catalogue) for key, step in flow.steps.items()}
    return replace(flow, locale=catalogue.locale, steps=MappingProxyType(steps))


def understood(flow: Flow, catalogues: Iterable[Catalogue]) -> Flow:
    """`flow`, where the questions that must be answered (who is reading, whether it is safe) know the answers of every language:
    a child in fear answers in their own. A word that the flow's language has keeps its meaning there; one that two others give
    to different answers stands with none, and the child is asked again.
    """
    given = tuple(each for each in catalogues if each.locale not in {SOURCE_LOCALE, flow.locale})
    asked = {key: step for key, step in flow.steps.items() if "sensitive" in step.tags and not step.skippable}
    known = {key: _known_to_all(step, (flow.key, "shared"), given) for key, step in asked.items()}
    return replace(flow, steps=MappingProxyType({**flow.steps, **known}))


def _known_to_all(step: Step, homes: tuple[str, ...], catalogues: tuple[Catalogue, ...]) -> Step:
    contexts = [f"{home}.{step.key}" for home in homes]
    taken = {_folded(word) for option in step.options for word in (option.label, *option.words)} | languages.AT_HOME
    said = {option.value: _abroad(step, option, contexts, catalogues) for option in step.options}
    meant = Counter(folded for words in said.values() for folded in set(map(_folded, words)))
    free = {
        value: tuple(w for w in words if meant[_folded(w)] == 1 and _folded(w) not in taken)
        for value, words in said.items()
    }
    return replace(step, options=tuple(replace(option, abroad=free[option.value]) for option in step.options))


# Every language is folded for every other one.
_folded = lru_cache(maxsize=1 << 14)(spelling.folded)


def _abroad(step: Step, option: Option, contexts: list[str], catalogues: tuple[Catalogue, ...]) -> tuple[str, ...]:
    """What stands for an option in other languages: their words and their labels."""
    named = _named(step, option, contexts)
    words = (_split(each.words.get(f"{name}.words")) for each in catalogues for name in named)
    labels = (each.words.get(name, "") for each in catalogues for name in named)
    return _once(*words, filter(None, labels))


def common(texts: Mapping[str, str], catalogue: Catalogue) -> Mapping[str, str]:
    """`Source.common` in the catalogue's language, for `compose`."""
    found = {key: catalogue.text(f"shared.common.{key}", english) or english for key, english in texts.items()}
    return MappingProxyType(found)


def page(words: Mapping[str, str], catalogue: Catalogue) -> Mapping[str, str]:
    """`Source.page` in the catalogue's language."""
    found = {key: catalogue.text(f"page.{key}", english) or english for key, english in words.items()}
    return MappingProxyType(found)


def commands(source: Iterable[Command], catalogues: Iterable[Catalogue]) -> tuple[Command, ...]:
    """The commands of every language at once (decisions 5): the English words, then those of each catalogue."""
    given = tuple(catalogues)
    said_yes = _said_yes(given)
    return tuple(
        replace(
            one,
            words=_once(
                one.words,
                *(_split(each.words.get(f"commands.{one.key}")) for each in given),
                said_yes if one.does == "done" else (),
            ),
        )
        for one in source
    )


def _said_yes(catalogues: tuple[Catalogue, ...]) -> tuple[str, ...]:
    """Yes in every language. What is a no in another one, or an everyday word on an English phone ("ha"), is none."""
    said = {value: _once(*(_listed(each, value) for each in catalogues)) for value in ("yes", "no")}
    other = {_folded(word) for word in said["no"]} | {word for word in languages.AT_HOME if word.isascii()}
    return tuple(word for word in said["yes"] if _folded(word) not in other)


def _listed(catalogue: Catalogue, value: str) -> tuple[str, ...]:
    context = f"shared.common.{value}"
    return _split(catalogue.words.get(context)) + _split(catalogue.words.get(f"{context}.words"))


def _step(step: Step, homes: tuple[str, ...], catalogue: Catalogue) -> Step:
    contexts = [f"{home}.{step.key}" for home in homes]
    if catalogue.locale == SOURCE_LOCALE:
        return step
    options = tuple(_option(step, option, contexts, catalogue) for option in step.options)
    return replace(
        step,
        text=_text(catalogue, contexts, step.text),
        after=_text(catalogue, [f"{one}.after" for one in contexts], step.after),
        easier=_text(catalogue, [f"{one}.easier" for one in contexts], step.easier),
        options=_with_english(options, step.options),
    )


def _text(catalogue: Catalogue, contexts: Iterable[str], english: str) -> str:
    found = (catalogue.text(context, english) for context in contexts)
    return next((text for text in found if text), english)


def _option(step: Step, option: Option, contexts: list[str], catalogue: Catalogue) -> Option:
    named = _named(step, option, contexts)
    words = (_split(catalogue.words.get(f"{name}.words")) for name in named)
    return replace(option, label=_text(catalogue, named, option.label), words=_once(*words))


def _named(step: Step, option: Option, contexts: list[str]) -> list[str]:
    shared = [f"shared.common.{option.value}"] if step.kind is Kind.YESNO else []
    return [*(f"{context}.{option.value}" for context in contexts), *shared]


def _with_english(options: tuple[Option, ...], english: tuple[Option, ...]) -> tuple[Option, ...]:
    """English answers too, unless this language gives the word to another option ("no" is yes in Polish)."""
    taken = {spelling.folded(word): option.value for option in options for word in (option.label, *option.words)}
    return tuple(
        replace(own, words=_once(own.words, _free_for(own, (other.label, *other.words), taken)))
        for own, other in zip(options, english, strict=True)
    )


def _free_for(own: Option, words: Iterable[str], taken: Mapping[str, str]) -> tuple[str, ...]:
    mine = (word for word in words if taken.get(spelling.folded(word), own.value) == own.value)
    return tuple(word for word in mine if word != own.label)


def _split(words: str | None) -> tuple[str, ...]:
    # A list of words is written with the comma of its script.
    return tuple(word.strip() for word in re.split("[,\u060c\uff0c\u3001]", words or "") if word.strip())


def _once(*words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for some in words for word in some))
