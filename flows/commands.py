"""Words that mean the same at any time, in every language at once, when they are the whole message (decisions 5).

Nothing here knows a conversation or carries anything out, and no word a child sends stands here: words come from
`library/commands.yaml` and its translations, names of languages from `flows/language_names.py`.

Whether a command or the open question has it is for the caller to say: a text that is exactly an option's number,
label or word (`matching.Match.whole`) is the answer. So no word of an option may be a command that means something else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby, product
from typing import TYPE_CHECKING, NamedTuple

from flows import language_names, languages, spelling
from flows.remembering import made_once, remembered
from flows.spelling import Sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.model import Command

# What a command may do. `adult`: somebody asks about a child; `who`: who is this; `wrong_number`, `not_theirs`: the number, or
# who has it, is not the child's; `real`: is this real (decisions 4); `sharing`: who hears of what they say; `done`: yes to "if
# you have taken something", right after that text alone (`Command.after`); `vague`: "fine", "idk", which gets one gentle
# follow-up after a free question and nothing elsewhere (domain 3.1, M6); `purpose`, `voluntary`, `puzzled`: what a question is
# for, whether it must be answered, what it means.
VERBS = frozenset(
    {
        *("skip", "back", "person", "later", "stop", "help", "language", "delete", "code", "danger"),
        *("who", "wrong_number", "not_theirs", "real", "adult", "vague", "done", "sharing"),
        *("purpose", "voluntary", "puzzled"),
    },
)

ASK_BACK = frozenset({"purpose", "voluntary", "puzzled"})  # about the open question

# Verbs that are understood through a slip of the thumb; the others are exact but for accents and held keys.
FORGIVING = frozenset(
    {"stop", "person", "later", "danger", "who", "wrong_number", "not_theirs", "real", "adult", "sharing"}
)

# Verbs that stay themselves with a please or a thanks around them, and those that may also be asked for: "can i talk to someone".
WRAPPED = frozenset(
    {
        *("stop", "help", "person", "later", "danger", "language", "delete", "skip"),
        *("who", "wrong_number", "not_theirs", "real", "adult", "sharing"),
        *ASK_BACK,
    }
)
ASKED_FOR = frozenset({"help", "person"})

# The longest answer to "if you have taken something", the fewest letters of a word it may begin with ("y" is "why" too), and the
# smallest number that is how many and no option's.
_SHORT, _WORD, _MANY = 8, 2, 6

# The shortest word in which a slip is forgiven, and the shortest in which one letter may stand for another: "later" and
# "lager" are both words a child sends.
SLIP_FROM, WRONG_LETTER_FROM = 5, 6

# The fewest letters of a command that may lose its spaces: "whoisthis".
JOINED_FROM = 6

# Digits of an emergency number that is one digit held down: 999.
PANIC_FROM = 3

CODE_LENGTH = 40
CODE_WORDS = 3
_LONGEST = 1600
_MOST_WORDS = 12
_ENDING = 24  # words in which a text may end in one
_ASKED_IN = 4  # words that ask for a person whatever follows: "i want a person"


@dataclass(frozen=True, slots=True)
class Found:
    """A command. `argument`: a locale (language), the folded word to keep (code), else "".

    `command` is the row it came from; for a language's own name the row that does `language`. `refused`: a code word
    that is missing or too common to keep. `exact`: all of the text, as in the list; else it is to be listened to as well.
    `core`: what is left of it without "please", if that was not all.
    """

    verb: str
    command: Command
    argument: str = ""
    refused: bool = False
    exact: bool = True
    core: str = ""


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    command: Command


class _Lists(NamedTuple):
    exact: Mapping[str, Command]
    bare: Mapping[str, Command]
    joined: Mapping[str, Command]
    slips: Mapping[str, tuple[_Phrase, ...]]  # by how its words begin, which no slip changes
    panic: tuple[tuple[str, Command], ...]  # numbers of one digit, as 999
    code: tuple[_Phrase, ...]


@remembered
def find(commands: tuple[Command, ...], text: str, names: Mapping[str, str] = language_names.OWN_NAMES) -> Found | None:
    """The command that `text` wholly is, or None. `names`: folded own name of a language -> locale.

    Case, accents, emoji and punctuation do not count. Where two lists hold one word the earlier command has it; the
    spelling as listed goes before the one without accents, then what is left without "please", and that before a slip.
    "stop hitting me please" is none.
    """
    words = _words(text) if len(text) <= _LONGEST else ()
    if not words:
        return None
    lists = _lists(commands)
    exact = _exact(lists, words) or _code(commands, lists, text, names) or _named(commands, words, names)
    if exact is None and len(words) <= _MOST_WORDS:
        return _unwrapped(lists, words) or _near(lists, words)
    return exact


def behind(commands: tuple[Command, ...], words: Sequence[str], first: int) -> Iterator[tuple[int, Found]]:
    """Each command that the end of a text is, with the place of its first word, which is `first` or later."""
    for at in range(max(first, len(words) - _ENDING), len(words)):
        found = find(commands, " ".join(words[at:]))
        if found is not None:
            yield at, found


def asked_beside(commands: tuple[Command, ...], text: str) -> Found | None:
    """The person who is asked for behind "are you a bot" and the like: that question is answered by one who comes."""
    words = text.split() if len(text) <= _LONGEST else []
    for at in range(2, len(words) if len(words) <= 2 * _MOST_WORDS else 0):
        behind = find(commands, " ".join(words[at + (spelling.folded(words[at]) in languages.OR) :]))
        if behind is not None and behind.verb == "person":
            before = find(commands, " ".join(words[:at]))
            if before is not None and before.verb in ("real", "who"):
                return behind
    return None


def asked_first(commands: tuple[Command, ...], text: str) -> Found | None:
    """The person who is asked for in so many words in front of others: "can i talk to someone about my dad"."""
    words = text.split() if len(text) <= _LONGEST else []
    for at in range(_ASKED_IN, min(len(words), _MOST_WORDS)):
        found = find(commands, " ".join(words[:at]))
        if found is not None and found.verb == "person" and found.exact:
            return replace(found, exact=False)
    return None


def kept_back(commands: tuple[Command, ...], text: str) -> Found | None:
    """The wish not to say behind a "no" that only begins it: "nah no comment" denies nothing, "nah next" does."""
    words = _words(text) if len(text) <= _LONGEST else ()
    for at in range(1, min(len(words), _MOST_WORDS)):
        if spelling.bare(words[at - 1]) not in languages.NO_ALONE:
            return None
        rest = " ".join(map(spelling.bare, words[at:]))
        found = find(commands, rest)
        if found is not None and found.verb == "skip" and any(part in rest for part in languages.NOT_TOLD):
            return replace(found, exact=False)
    return None


def says_done(commands: tuple[Command, ...], text: str, shown: str | None) -> Command | None:
    """The row that a short text answers without being wholly one of its words: "yeah like an hour ago", "16 paracetamol".

    `shown`: the text of ours it follows. A denial anywhere in it makes it none.
    """
    words = tuple(map(spelling.bare, _words(text))) if len(text) <= _LONGEST else ()
    row = next((one for one in commands if one.does == "done" and one.after == shown), None)
    if row is None or not 0 < len(words) <= _SHORT or languages.NOT_DONE & {*words}:
        return None
    known = {" ".join(map(spelling.bare, _words(spelled))) for spelled in row.words}
    heads = [" ".join(words[:size]) for size in range(1, len(words) + 1)]
    said = any(len(head) >= _WORD and head in known and head not in languages.ONLY_ALONE for head in heads)
    numbers = [int(word) for word in words if word.isdecimal() and len(word) <= CODE_WORDS]
    many = bool(numbers) and not languages.TIMES & {*words} and (len(words) > 1 or max(numbers) >= _MANY)
    ago = any(" ".join(words[at : at + size]) in languages.AGO for at in range(len(words)) for size in (1, 2, 3))
    return row if said or many or ago else None


def begins(commands: tuple[Command, ...], text: str, verb: str) -> bool:
    """Whether a text begins with a command of this verb, whatever else it says."""
    words = tuple(map(spelling.bare, _words(text))) if len(text) <= _LONGEST else ()
    return any(words[:size] in known for size, known in _spelled(commands, verb).items())


@made_once(32)
def _spelled(commands: tuple[Command, ...], verb: str) -> Mapping[int, frozenset[tuple[str, ...]]]:
    """What the commands of a verb are, as bare words, by their number: hundreds, and the same for every text."""
    listed = [tuple(map(spelling.bare, _words(one))) for row in commands if row.does == verb for one in row.words]
    return {size: frozenset(one for one in listed if len(one) == size) for size in {*map(len, listed)} if size}


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, or its emoji if there is nothing else."""
    tokens = spelling.tokens(text)
    return tuple(token.text for token in tokens if token.sort != Sort.SIGN) or tuple(token.text for token in tokens)


def code_word(text: str) -> str:
    """The form in which a child's own word is kept and compared: "mango" for "Mango!" and in "CODE Mango"."""
    return spelling.folded(text) if len(text) <= _LONGEST else ""


def own_word(text: str) -> str:
    """The child's own word in what they typed with it, as it is kept: "mango" of "is mango ok", "and my word mango 🥭"."""
    words = tuple(dict.fromkeys(map(spelling.bare, _words(text)))) if len(text) <= _LONGEST else ()
    if len(words) > _MOST_WORDS:
        return " ".join(words)
    before = languages.BEFORE_WORD | languages.AND | languages.COURTESY | languages.OF_MINE
    start = max((at for at in range(len(words)) if _only(words[:at], before)), default=0)
    end = min((at for at in range(start + 1, len(words)) if _only(words[at:], languages.COURTESY)), default=len(words))
    if end - start > 1 and start and words[start - 1] in languages.OF_MINE:
        start -= 1
    return " ".join(words[start:end])


def _exact(lists: _Lists, words: tuple[str, ...]) -> Found | None:
    said = " ".join(words)
    command = lists.exact.get(said) or lists.bare.get(" ".join(map(spelling.bare, words)))
    return Found(command.does, command) if command else None


def _named(commands: tuple[Command, ...], words: tuple[str, ...], names: Mapping[str, str]) -> Found | None:
    locale = names.get(" ".join(map(spelling.bare, words)))
    row = next((command for command in commands if command.does == "language"), None)
    return Found("language", row, argument=locale) if locale and row else None


# --- asked for politely -----------------------------------------------------------------------------------------------


def _unwrapped(lists: _Lists, words: tuple[str, ...]) -> Found | None:
    """What is left without its please, its thanks and its "can i" is a command. The longest that is one."""
    asking = languages.COURTESY | languages.ASKING
    starts = [at for at in range(len(words)) if _only(words[:at], asking)]
    ends = [at for at in range(len(words), 0, -1) if _only(words[at:], languages.COURTESY)]
    for start, end in sorted(product(starts, ends), key=lambda part: part[0] - part[1]):
        found = _exact(lists, words[start:end])
        asked = found is not None and found.verb in ASKED_FOR
        if found is not None and found.verb in WRAPPED and (asked or _only(words[:start], languages.COURTESY)):
            return replace(found, exact=False, core=" ".join(words[start:end]))
    return None


def _only(words: tuple[str, ...], known: frozenset[str]) -> bool:
    """Whether words are nothing but phrases of a list."""
    return not words or any(" ".join(words[:n]) in known and _only(words[n:], known) for n in range(1, len(words) + 1))


# --- spelled by a hurried thumb ---------------------------------------------------------------------------------------


def _near(lists: _Lists, words: tuple[str, ...]) -> Found | None:
    """A held key ("STOPPP"), a word again ("help help"), 9s without end, a lost space, a slip: one verb, or none."""
    near = tuple(_said_again(lists, words)) or tuple(_slipped(lists, tuple(map(spelling.bare, words))))
    verbs = {command.does for command in near}
    return Found(near[0].does, near[0], exact=False) if len(verbs) == 1 else None


def _said_again(lists: _Lists, words: tuple[str, ...]) -> Iterator[Command]:
    joined = "".join(words)
    yield from (command for number, command in lists.panic if len(joined) >= len(number) and set(joined) == set(number))
    once = _exact(lists, words[:1]) if len(set(words)) == 1 and not joined.isdecimal() else None
    if once:
        yield once.command


def _slipped(lists: _Lists, typed: tuple[str, ...]) -> Iterator[Command]:
    command = lists.joined.get("".join(typed))
    if command:
        yield command
    yield from (phrase.command for phrase in lists.slips.get(_drawer(typed), ()) if _alike(typed, phrase))


def _alike(typed: tuple[str, ...], phrase: _Phrase) -> bool:
    pairs = [pair for pair in zip(typed, phrase.words, strict=True) if pair[0] != pair[1]]
    if any(char.isdecimal() for pair in pairs for char in "".join(pair)):
        return False
    slips = [pair for pair in pairs if not spelling.held(*pair)]
    if not slips:
        return True
    few = len(slips) <= spelling.slips_allowed(typed)
    slip = _slip_alone if len(typed) == 1 else spelling.close
    return phrase.command.does in FORGIVING and few and all(slip(*pair) for pair in slips)


def _slip_alone(typed: str, meant: str) -> bool:
    """Stricter than in a phrase or an answer: the last letter stays too ("late" is not "later")."""
    if len(meant) < SLIP_FROM or typed[-1] != meant[-1] or not spelling.close(typed, meant):
        return False
    return len(meant) >= WRONG_LETTER_FROM or spelling.one_slip(typed, meant) != "wrong"


# --- the child's own word ---------------------------------------------------------------------------------------------


def _code(commands: tuple[Command, ...], lists: _Lists, text: str, names: Mapping[str, str]) -> Found | None:
    """`CODE mango`; up to three words, since "code red is what he called it" is a sentence. Of three nobody can tell which."""
    said = code_word(text).split()
    for phrase in lists.code:
        size = len(phrase.words)
        if tuple(said[:size]) == phrase.words and len((word := own_word(" ".join(said[size:]))).split()) <= CODE_WORDS:
            refused = _refused(commands, word, names)
            return Found("code", phrase.command, argument=word, refused=refused, exact=not refused)
    return None


def _refused(commands: tuple[Command, ...], word: str, names: Mapping[str, str]) -> bool:
    common = not word or word in languages.COMMON or word.replace(" ", "").isdecimal()
    unclear = len(word.split()) == CODE_WORDS or len(word) > CODE_LENGTH
    return common or unclear or find(commands, word, names) is not None


# --- all words of all languages, made ready once ----------------------------------------------------------------------


@made_once(8)
def _lists(commands: tuple[Command, ...]) -> _Lists:
    listed = [(_words(spelled), command) for command in commands for spelled in command.words]
    code = [_Phrase(tuple(map(spelling.bare, words)), command) for words, command in listed if command.does == "code"]
    rest = [(words, command) for words, command in reversed(listed) if words and command.does != "code"]
    phrases = [_Phrase(tuple(map(spelling.bare, words)), command) for words, command in rest]
    return _Lists(
        exact={" ".join(words): command for words, command in rest},
        bare={" ".join(phrase.words): phrase.command for phrase in phrases},
        joined={word: phrase.command for phrase in phrases if len(word := "".join(phrase.words)) >= JOINED_FROM},
        slips={drawer: tuple(rows) for drawer, rows in groupby(sorted(phrases, key=_drawer_of), key=_drawer_of)},
        panic=tuple((words[0], command) for words, command in rest if command.does == "danger" and _panic(words)),
        code=tuple(sorted(filter(lambda p: p.words, code), key=lambda p: len(p.words), reverse=True)),
    )


def _drawer(words: tuple[str, ...]) -> str:
    return "".join(word[0] for word in words)


def _drawer_of(phrase: _Phrase) -> str:
    return _drawer(phrase.words)


def _panic(words: tuple[str, ...]) -> bool:
    return len(words) == 1 and words[0].isdecimal() and len(words[0]) >= PANIC_FROM and len(set(words[0])) == 1
