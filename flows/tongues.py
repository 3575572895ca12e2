"""What listening hears as a language, told as one of ours: listening knows "zh", the catalogues are "zh-Hans" and "zh-Hant".

Pure. May not find out which language a text is in: listening does.
"""

from __future__ import annotations

from typing import Final

# What listening takes for the other: a child whose chat is in Dari is not sent Persian because of what they write.
_ALIKE: Final = {"prs": "fa"}


def spoken(heard: str | None, chat: str, text: str) -> str:
    """The language of a text: that of the chat unless it is another one, written as this child writes it."""
    if heard is None or _base(heard) == _base(chat):
        return chat
    return written(heard, text)


def written(language: str, text: str) -> str:
    """Chinese as this child writes it: in letters that only the traditional script has, or not."""
    if language != "zh":
        return language
    return "zh-Hant" if any(not _has(one, "gb2312") and _has(one, "big5") for one in text) else "zh-Hans"


def _base(locale: str) -> str:
    language = locale.partition("-")[0]
    return _ALIKE.get(language, language)


def _has(letter: str, letters: str) -> bool:
    try:
        letter.encode(letters)
    except UnicodeEncodeError:
        return False
    return True
