"""Which texts of the emergency pack may be sent in which language: the reviewed, and drafts where drafts may be (decisions 9).

Text by text: what a language lacks, or nobody has signed, stays in the language of the chat. May not decide who reads which.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot import i18n, localising, review, spoken
from bot.i18n import State
from flows import composing
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.config import Settings
    from flows.loader import Source
    from flows.model import Flow, Step

_NO_SKIP = "shared.common.skip_free"  # the words that stand behind every question in a child's own words


def ready(
    source: Source,
    catalogues: Mapping[str, i18n.Catalogue],
    settings: Settings,
    turned_on: Collection[str] = (),
) -> Mapping[i18n.Catalogue, frozenset[str]]:
    """The keys of the pack that each catalogue may send. `settings` says which languages there are, and whether drafts go out;
    `turned_on`: where a manager answers for drafts.
    """
    entries = [entry for entry in i18n.messages(source) if review.in_pack(entry.context)]
    free = {step.key for flow in source.flows.values() for step in flow.steps.values() if step.kind is Kind.FREE}
    found = {}
    for locale in spoken.wanted(settings, catalogues):
        catalogue, drafts = catalogues[locale], spoken.sends_drafts(settings, locale, turned_on)
        fit = {State.REVIEWED, State.DRAFT} if drafts else {State.REVIEWED}
        unfit = {one.context for one in entries if catalogue.state(one.context, one.text) not in fit}
        keys = {one.context.split(".")[1] for one in entries} - {one.split(".")[1] for one in unfit} - {"common"}
        found[catalogue] = frozenset(keys - free if _NO_SKIP in unfit else keys)
    return found


def packs(
    fit: Mapping[i18n.Catalogue, frozenset[str]], now: Flow, english: Flow, own: Flow
) -> Mapping[str, Mapping[str, Step]]:
    """Those texts as steps of a chat, by language. `own`: its flow, `english`: the same before it was translated, `now`: today's,
    which the catalogues translate; of a text that has changed since there is no translation. The chat's own stand beside them.
    """
    here = {key: one for key in review.PACK if (one := english.steps.get(key)) and _same(one, now.steps.get(key))}
    found = {
        catalogue.locale: localising.localise(replace(english, steps=MappingProxyType(steps)), catalogue).steps
        for catalogue, keys in fit.items()
        if (steps := {key: step for key, step in here.items() if key in keys})
    }
    return found | {own.locale: {key: own.steps[key] for key in here}}


def _same(one: Step, other: Step | None) -> bool:
    return (
        other is not None
        and (one.text, one.after, one.easier) == (other.text, other.after, other.easier)
        and _answers(one) == _answers(other)
    )


def _answers(step: Step) -> list[tuple[int, str, str]]:
    """What stands behind a text, number by number. What else a child may answer with is no part of it."""
    return [(number, option.value, option.label) for number, option in composing.numbered(step)]
