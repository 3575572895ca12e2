"""Flows in every language, ready to be handed to the core, and the texts they send. Built once at start.

May not decide or send. A conversation keeps the flow it began with: what is newest here is kept in `flow_revisions` when one
begins, and read back from there when the library has moved on.
"""

from __future__ import annotations

import io
import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot import emergency, i18n, localising, spoken, wording
from flows import composing, deadlines, loader
from flows.language_names import OWN_NAMES
from flows.model import Library, changed
from flows.turn import reading_in
from storage import draft_languages, people, revisions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.config import Settings
    from flows.deadlines import Calendar
    from flows.effects import Say
    from flows.events import Desk
    from flows.loader import Source
    from flows.model import Command, Conversation, Flow, Ladder, Level, Step, Value
    from storage.database import Transaction

# A name longer than this is left out of a text, so that the text stays one segment (domain 3.1).
LONGEST_NAME = 9
_SHORTEST = 2  # an initial is nobody's name
TELL_WITHIN = "2wd"


class Shelf:
    """`library` for the core, `render` for the outbox, `newest` for what begins."""

    def __init__(  # noqa: PLR0913, PLR0917 - what texts are made of
        self,
        source: Source,
        catalogues: Mapping[str, i18n.Catalogue],
        settings: Settings,
        calendar: Calendar,
        offered: tuple[str, ...],
        folder: Path,
        page_methods: tuple[str, ...] = ("sms",),
    ) -> None:
        self.source = source
        self.catalogues = catalogues
        self.settings = settings
        self.calendar = calendar
        self.offered = offered
        self.page_methods = page_methods
        self.notice_method = "sms"
        self.default_locale = "en"
        self.limits = source.limits
        self.ladders: Mapping[Level, Ladder] = source.ladders
        self._commands: tuple[Command, ...] = localising.commands(source.commands, catalogues.values())
        self.folder = folder
        self._texts: dict[str, str] = {}
        self._flows: dict[tuple[str, str], Flow] = {}
        self._libraries: dict[tuple[str, str, str | None], Library] = {}
        self._turned_on: frozenset[str] = frozenset()
        self._pack = emergency.ready(source, catalogues, settings)
        self._templates: dict[tuple[str, str, str], str] = {}

    # --- which languages ----------------------------------------------------------------------------------------------

    def look_again(self, tx: Transaction) -> None:
        """Which languages a manager has turned on, or off, meanwhile: a process that serves asks at every round. What hangs on
        it is made anew only when that has changed; a chat that has begun in a language stays in it.
        """
        if (turned_on := draft_languages.on(tx)) == self._turned_on:
            return
        offered = spoken.offered(self.source, self.settings, self.catalogues, turned_on)
        pack = emergency.ready(self.source, self.catalogues, self.settings, turned_on)
        self._turned_on, self.offered, self._pack, self._libraries = turned_on, offered, pack, {}

    def is_draft(self, locale: str) -> bool:
        """Whether a child reads texts in this language that no native reader has signed."""
        catalogue = self.catalogues.get(locale)
        return catalogue is not None and bool(spoken.standing(self.source, catalogue).drafts)

    def sends_drafts(self, locale: str) -> bool:
        """Whether such texts may be sent in this language now."""
        return spoken.sends_drafts(self.settings, locale, self._turned_on)

    # --- flows --------------------------------------------------------------------------------------------------------

    def newest(self, flow: str, locale: str) -> Flow:
        """The newest revision of a flow, in the nearest language that there is."""
        there = self.catalogues if self.settings.draft_locales == "allow" else self.offered
        return self._spoken(flow, i18n.negotiate(locale, there))

    def _spoken(self, flow: str, locale: str | None) -> Flow:
        raw, found = self.source.flows[flow], locale or self.default_locale
        key = (raw.revision, found)
        if key not in self._flows:
            self._flows[key] = self._localised(raw, found)
        return self._flows[key]

    def _localised(self, raw: Flow, locale: str) -> Flow:
        catalogue = self.catalogues.get(locale)
        flow = raw if catalogue is None else localising.localise(raw, catalogue)
        return localising.understood(flow, self.catalogues.values())

    def library(self, tx: Transaction, conversation: Conversation) -> Library:
        """What the core needs for this child: their flow at their revision in their language, the emergency pack in theirs."""
        key, kept = (conversation.revision, conversation.locale, conversation.reads), self._libraries
        if key not in kept:
            library = self._library_in(tx, conversation, conversation.locale)
            kept[key] = library if conversation.reads is None else reading_in(library, conversation.reads)
        return kept[key]

    def _library_in(self, tx: Transaction, conversation: Conversation, locale: str) -> Library:
        # Taken up first: what is made while `look_again` puts others in their place is kept with the old ones.
        key, kept = (conversation.revision, locale, None), self._libraries
        if key not in kept:
            flow, english = (self._flow(tx, conversation, one) for one in (locale, self.default_locale))
            kept[key] = self._library(flow, english)
        return kept[key]

    def _flow(self, tx: Transaction, conversation: Conversation, locale: str) -> Flow:
        if conversation.revision == self.source.flows[conversation.flow].revision:
            # Not asked whether it is offered: a child in the middle of a chat is not answered in another language.
            return self._spoken(conversation.flow, i18n.negotiate(locale, self.catalogues))
        kept = revisions.load(tx, conversation.revision, locale) or revisions.load(
            tx, conversation.revision, self.default_locale
        )
        if kept is None:
            # Nothing is said in words nobody can find again; the newest flow keeps the child in the conversation.
            return self.newest(conversation.flow, locale)
        return localising.understood(_reread(kept, conversation.flow, locale), self.catalogues.values())

    def _library(self, flow: Flow, english: Flow) -> Library:
        source = self.source
        return Library(
            flow=flow,
            commands=self._commands,
            categories=source.categories,
            responses=source.responses,
            waiting=source.waiting,
            after_lock=source.after_lock,
            ladders=source.ladders,
            limits=source.limits,
            locales=tuple(dict.fromkeys((*self.offered, flow.locale))),
            tz=self.settings.timezone,
            language_names=OWN_NAMES,
            packs=emergency.packs(self._pack, source.flows[flow.key], english, flow),
        )

    def source_text(self, conversation: Conversation) -> str:
        """The files a conversation's flow was read from, as text, to be kept with its revision."""
        key = conversation.locale
        if key not in self._texts:
            files = {f"{stem}.yaml": (loader.LIBRARY / f"{stem}.yaml").read_text("utf-8") for stem in loader.FILES}
            catalogue = self.folder / key.replace("-", "_") / "LC_MESSAGES" / "messages.po"
            po = catalogue.read_text("utf-8") if catalogue.exists() else ""
            self._texts[key] = json.dumps({"files": files, "catalogue": po}, ensure_ascii=False)
        return self._texts[key]

    # --- texts --------------------------------------------------------------------------------------------------------

    def render(self, tx: Transaction, conversation: Conversation, effect: Say, desk: Desk, at: datetime) -> str:
        """The whole text a child reads. Raises KeyError for a key or a gap that no flow and no setting knows."""
        template = self._template(tx, conversation, effect.key, effect.locale)
        if not wording.gaps(template):
            return wording.fill(template, {})
        values = self.values(conversation, desk, at) | dict(effect.values)
        return wording.fill(template, {gap: self._readable(one) for gap, one in values.items()})

    def _readable(self, value: str) -> str:
        """No child reads an id of the staff: for a name that no key opens the service's stands."""
        return self.settings.service_name if value.startswith(people.UNREADABLE) else value

    def _template(self, tx: Transaction, conversation: Conversation, said: str, locale: str) -> str:
        """The question with its options, put together once for each flow and language."""
        place = (conversation.revision, locale, said)
        if place not in self._templates:
            key, _, variant = said.partition(".")
            step = self.library(tx, changed(conversation, locale=locale, reads=locale)).flow.steps[key]
            common = self.common_for(tx, conversation, step, locale)
            self._templates[place] = composing.composed(step, common, easier=variant == "easier")
        return self._templates[place]

    def source_of(self, tx: Transaction, conversation: Conversation, key: str) -> str:
        """The text of a key in the language it was written in, for staff: without its options, and gaps show their names."""
        return self._in_source(tx, conversation, key, {}, stem=True)

    def source_of_sent(self, tx: Transaction, conversation: Conversation, key: str, locale: str, text: str) -> str:
        """As `source_of`, of a text as it was sent, options and all: its gaps hold what the child's own text has in them."""
        try:
            held = wording.read_back(self._template(tx, conversation, key, locale), text)
        except KeyError:  # the flow it was sent from had this text, the one the chat is on has not
            held = {}
        if "day" in held:
            held["day"] = i18n.weekday_in_english(held["day"], locale)
        return self._in_source(tx, conversation, key, held)

    def meaning(self, tx: Transaction, conversation: Conversation, key: str, value: Value) -> str:
        """What an answer was called where it could be chosen, in the language the flow was written in; words as they are."""
        step = self._library_in(tx, conversation, self.default_locale).flow.steps.get(key)
        labels = {} if step is None else {option.value: option.label for option in step.options}
        given = value if isinstance(value, tuple) else (value,)
        return ", ".join(labels.get(str(one), str(one)) for one in given)

    def _in_source(
        self, tx: Transaction, conversation: Conversation, key: str, held: Mapping[str, str], *, stem: bool = False
    ) -> str:
        name, _, variant = key.partition(".")
        step = self._library_in(tx, conversation, self.default_locale).flow.steps.get(name)
        if step is None:
            return ""
        common = self.common(self.default_locale)
        text = step.text if stem else composing.composed(step, common, easier=variant == "easier")
        known = {"persona": self.settings.persona, "org": self.settings.service_name}
        known |= {name: number.number for name, number in self.source.numbers.items()}
        known |= held
        return wording.fill(text, {gap: known.get(gap, f"[{gap}]") for gap in wording.gaps(text)})

    def common(self, locale: str) -> Mapping[str, str]:
        """The words every question shares, in a language."""
        catalogue = self.catalogues.get(locale)
        return self.source.common if catalogue is None else localising.common(self.source.common, catalogue)

    def common_for(self, tx: Transaction, conversation: Conversation, step: Step, locale: str) -> Mapping[str, str]:
        """Those words beside a question, in the language in which it stands: what a catalogue lacks is sent in English."""
        english = self._library_in(tx, conversation, self.default_locale).flow.steps.get(step.key)
        untranslated = english is not None and english.text == step.text
        return self.common(self.default_locale if untranslated else locale)

    def values(self, conversation: Conversation, desk: Desk, at: datetime) -> dict[str, str]:
        """What may stand in a gap of any text: the service's names, help numbers, who tells the child what happens and when."""
        settings, worker = self.settings, desk.worker or str(conversation.facts.get("worker", ""))
        return {
            "persona": settings.persona,
            "org": settings.service_name,
            "public_number": settings.public_number or self.source.numbers["missing_people"].number,
            "name": short_name(worker) or settings.service_name,
            "worker": short_name(str(conversation.facts.get("previous_worker", ""))) or settings.service_name,
            "day": i18n.weekday(self.due(at, TELL_WITHIN).astimezone(settings.timezone), conversation.locale),
            "code": str(conversation.facts.get("code", "")),
            # Who comes after a person, where no other is named: the bot.
            "first_name": str(conversation.facts.get("handed_back_by", "")),
            "next_name": settings.persona,
            **{key: number.number for key, number in self.source.numbers.items()},
        }

    def due(self, at: datetime, within: str) -> datetime:
        """When work that is owed `within` a time is due (`30m`, `today`, `1wd` ...)."""
        if within.endswith("m"):
            return at + timedelta(minutes=int(within[:-1]))
        return deadlines.within(at, within, self.calendar)


def short_name(name: str) -> str:
    """A name as it fits into a text: itself, else the first of several; empty where neither does (domain 3.1)."""
    return next((one for one in (name, name.partition(" ")[0]) if _SHORTEST <= len(one) <= LONGEST_NAME), "")


def _reread(kept: str, named: str, locale: str) -> Flow:
    """A flow as it was when a conversation began on it, from the files that were kept with its revision."""
    held = json.loads(kept)
    with tempfile.TemporaryDirectory(prefix="waymark-flow-") as folder:
        for stem in loader.FILES:
            # A file that came later than the revision is today's, as the ladder is always: no text of the flow stands in it.
            name = f"{stem}.yaml"
            text = (held["files"].get(name) if stem != "ladder" else None) or (loader.LIBRARY / name).read_text("utf-8")
            (Path(folder) / name).write_text(text, "utf-8")
        flow = loader.load(Path(folder)).flows[named]
    if not held["catalogue"]:
        return flow
    return localising.localise(flow, i18n.read(io.BytesIO(held["catalogue"].encode()), locale, "kept.po"))
