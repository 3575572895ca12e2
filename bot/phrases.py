"""Every text of the flow files that has to stand in each language, with the name it goes by in the catalogues.

May not translate and may not say what a step means; it only reads where texts stand. The names (msgctxt) are
`<file>.<step>`, `.after`, `.easier`, `.<option>`, `.<option>.words`, `shared.common.<key>[.words]` and `commands.<key>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows import lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from flows.lines import Node

# In the order a translator meets them; other files of the library hold no text for a child.
FILES: Final = ("shared", "return_interview", "text_safe", "commands")

_STATEMENT = "A whole message."
_STEM = "The question; the numbered answers are put behind it."
_FREE = "The question; '0 to skip.' is put behind it unless it says so itself."
_LABEL = "An answer, shown behind its number. Short."
_WORDS = "Never sent. What else a child may type for this answer: everyday words with commas between, with and without accents."
_COMMAND = "Never sent. What a child may type at any time to mean this: whole messages with commas between."
_AFTER = "A sentence after the numbered answers."
_EASIER = "The question in easier words, when the first answer was not clear."
_COMMON = "Used by every question."


@dataclass(frozen=True, slots=True)
class Entry:
    """One text to be translated. `text` is the English; `comment` tells a translator what it is for."""

    context: str
    text: str
    file: str
    line: int
    comment: str

    @property
    def is_words(self) -> bool:
        """Whether it is a list of words a child may send, and never sent itself."""
        return self.context.endswith(".words") or self.context.startswith("commands.")


def messages(folder: Path) -> Iterator[Entry]:
    """All texts of the flow files in `folder`, in order. LoadError (`file:line: ...`) for a file that is not readable."""
    for stem in FILES:
        path = folder / f"{stem}.yaml"
        if path.exists():
            yield from of_file(lines.read(path), stem)


def common(folder: Path) -> Mapping[str, str]:
    """The English texts of `shared.common` by key, as `wording.compose` wants them."""
    root = lines.read(folder / "shared.yaml").mapping()
    return {key: node.mapping()["text"].text() for key, node in root["common"].mapping().items()}


def of_file(root: Node, stem: str) -> Iterator[Entry]:
    """All texts of one file that has been read; none for a file that has no texts."""
    keys = root.mapping()
    if "common" in keys:
        for key, node in keys["common"].mapping().items():
            yield from _common(f"{stem}.common.{key}", node)
    if "steps" in keys:
        for node in keys["steps"].items():
            yield from _step(stem, node)
    if "blocks" in keys:
        for block in keys["blocks"].items():
            for node in block.mapping()["steps"].items():
                yield from _step(stem, node)
    if "commands" in keys:
        for node in keys["commands"].items():
            command = node.mapping()
            yield _words(f"commands.{command['key'].text()}", command["words"], _COMMAND)


def _common(context: str, node: Node) -> Iterator[Entry]:
    parts = node.mapping()
    yield _entry(context, parts["text"], _COMMON)
    if "words" in parts:
        yield _words(f"{context}.words", parts["words"], _WORDS)


def _step(stem: str, node: Node) -> Iterator[Entry]:
    if node.is_text():  # the name of a step that stands elsewhere
        return
    step = node.mapping()
    context = f"{stem}.{step['key'].text()}"
    about = {"statement": _STATEMENT, "free": _FREE}.get(step["kind"].text(), _STEM)
    yield _entry(context, step["text"], about)
    for name, comment in (("after", _AFTER), ("easier", _EASIER)):
        if name in step:
            yield _entry(f"{context}.{name}", step[name], comment)
    options = step["options"] if "options" in step else None
    if options is not None and not isinstance(options.value, tuple):
        for value, option in options.mapping().items():
            label = option if option.is_text() else option.mapping()["label"]
            yield _entry(f"{context}.{value}", label, _LABEL)
    if "words" in step:
        for value, words in step["words"].mapping().items():
            yield _words(f"{context}.{value}.words", words, _WORDS)


def _entry(context: str, node: Node, comment: str) -> Entry:
    return Entry(context, node.text(), node.file, node.line, comment)


def _words(context: str, node: Node, comment: str) -> Entry:
    return Entry(context, ", ".join(node.words()), node.file, node.line, comment)
