"""What stands on a child's page: the texts of their chat, and the open question's answers as buttons. May not write.

Built from what is stored, in the reader's language; never from a level, a name or a case. A button carries the number a
child would have typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot import i18n, localising, wording
from flows import composing, digits
from flows.model import BOT, Kind
from storage import conversations, messages, visits
from storage.codes import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.runner import House
    from flows.model import Conversation, Flow, Step
    from storage.database import Transaction
    from storage.messages import Message
    from storage.visits import Visit

_ASKING: Final = frozenset({Kind.CHOICE, Kind.MULTI, Kind.YESNO, Kind.SCALE})


@dataclass(frozen=True, slots=True)
class Line:
    """One text. `words`: without the numbered answers, which are buttons or lie behind."""

    id: str
    ours: bool
    words: str
    locale: str
    direction: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The open question's answers: (number, label) each. `question`: the id of the text that asked."""

    question: str
    options: tuple[tuple[str, str], ...]
    several: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A page with a chat on it. `newest`: the id of its last text; `delivered`: ids of ours that stand on it."""

    conversation: str
    locale: str
    lines: tuple[Line, ...]
    answers: Answers | None
    newest: str
    delivered: tuple[str, ...]


class Showing:
    """Makes pages out of conversations."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._words: dict[str, Mapping[str, str]] = {}

    def of(self, tx: Transaction, visit: Visit) -> Shown:
        """The page of a visit: nothing of before it, but the question it came back for."""
        talk = visits.conversation_of(tx, visit.token)
        if talk is None:
            return Shown("", visit.locale or self.house.shelf.default_locale, (), None, "", ())
        conversation = conversations.peek(tx, talk)
        thread = messages.after(tx, talk, visit.since)
        if visit.question is not None and visit.conversation == talk and visit.question <= visit.since:
            thread = (messages.load(tx, visit.question, talk), *thread)
        shelf = self.house.shelf
        flow = shelf.library(tx, conversation).flow

        def skip(step: Step) -> str:
            return shelf.common_for(tx, conversation, step, conversation.locale)["skip"]

        return Shown(
            conversation=talk,
            locale=conversation.locale,
            lines=tuple(_lines(thread, flow, conversation, skip)),
            answers=_answers(conversation, flow, thread, skip),
            newest=thread[-1].id if thread else "",
            delivered=tuple(one.id for one in thread if one.direction is Direction.OUT),
        )

    def words(self, locale: str) -> Mapping[str, str]:
        """The words around the chat, with help numbers filled in; {code} and {our_number} stay open."""
        if locale not in self._words:
            shelf = self.house.shelf
            catalogue = shelf.catalogues.get(locale)
            page = shelf.source.page if catalogue is None else localising.page(shelf.source.page, catalogue)
            gaps = {key: number.number for key, number in shelf.source.numbers.items()}
            gaps |= {"code": "{code}", "our_number": "{our_number}"}
            self._words[locale] = {key: wording.fill(text, gaps) for key, text in page.items()}
        return self._words[locale]


def open_question(conversation: Conversation, thread: tuple[Message, ...]) -> Message | None:
    """The text that asked what is open now; None while nothing is asked, or a person has the chat."""
    if conversation.step is None or conversation.holder != BOT or conversation.quiet:
        return None
    asked = (one for one in reversed(thread) if one.key and one.key.partition(".")[0] == conversation.step)
    return next(asked, None)


def _answers(
    conversation: Conversation, flow: Flow, thread: tuple[Message, ...], skip: Callable[[Step], str]
) -> Answers | None:
    asked = open_question(conversation, thread)
    step = flow.steps.get(conversation.step or "")
    if asked is None or step is None or step.kind not in _ASKING:
        return None
    options = [(str(number), option.label) for number, option in composing.numbered(step)]
    if step.skippable:
        options.append(("0", skip(step)))
    return Answers(asked.id, tuple(options), several=step.kind is Kind.MULTI)


def _lines(
    thread: tuple[Message, ...], flow: Flow, conversation: Conversation, skip: Callable[[Step], str]
) -> Iterator[Line]:
    asked: Step | None = None
    for one in thread:
        step = flow.steps.get((one.key or "").partition(".")[0])
        locale = one.locale or conversation.locale
        ours = one.direction is Direction.OUT
        plain = one.text if ours else _answer(one, asked, skip)
        if ours and (one.key is None or (step is not None and step.kind is not Kind.STATEMENT)):
            # Asked anew, by a person too: a number that comes now is no answer to what was asked before.
            asked = None
        if step is not None and step.options and locale in {conversation.locale, conversation.reads}:
            plain = _without_answers(plain, step, skip(step))
            asked = step
        yield Line(one.id, ours, plain, locale, i18n.direction(locale) if ours else "auto")


def _answer(message: Message, asked: Step | None, skip: Callable[[Step], str]) -> str:
    """What the child wrote; of numbers under buttons, which show none, what stands on the buttons."""
    if asked is None or message.channel != "web":
        return message.text
    labels = {str(number): option.label for number, option in composing.numbered(asked)} | {"0": skip(asked)}
    given = message.text.split()
    return ", ".join(labels[one] for one in given) if given and labels.keys() >= set(given) else message.text


def _without_answers(text: str, step: Step, skip: str) -> str:
    """A question as it is asked where its answers are buttons; as it was sent when it is not put together as usual."""
    rows = [f" {number} {option.label}" for number, option in composing.numbered(step)]
    rows += [f" 0 {skip}"]
    start, end = text.find(rows[0]), -1
    for row in rows:
        at = text.find(row, max(start, end))
        end = at + len(row) if at >= 0 else end
    if start <= 0 or end < 0:
        return text
    after = text[end:].removeprefix(".").strip()
    return f"{text[:start]} {after}".strip()


def numbers(given: tuple[str, ...], answers: Answers) -> tuple[str, ...]:
    """The numbers that were pressed, if these are answers to this question."""
    offered = {number for number, _ in answers.options}
    return tuple(dict.fromkeys(one for one in map(digits.plain, given) if one in offered))
