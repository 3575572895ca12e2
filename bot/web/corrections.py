"""What a child puts right or takes back of its own words, as the form of the reading says it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.channels.forms import Form


def given(form: Form) -> tuple[dict[str, str | None], str]:
    """Each question with its new words, or None where the answer is taken back; and all that was written, as one text: two
    halves of a sentence may stand in two boxes.
    """
    said: dict[str, str | None] = {}
    boxes = (form.get(name).replace("\r\n", "\n") for name in form if name.startswith("new-"))
    written = "\n".join(text for text in boxes if text.strip())
    # Whichever button: what was written is never lost to the wrong press.
    for name in form:
        kind, _, question = name.partition("-")
        if kind == "back":
            said[question] = None
        elif kind == "new" and form.get(name).strip() and said.get(question, "") is not None:
            said[question] = form.get(name).replace("\r\n", "\n")
    return said, written
