"""Commands are the whole message or nothing, in every language at once, however hurriedly they are typed."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import commands, language_names
from flows.commands import Found
from flows.model import Command, Level


def row(does: str, *words: str) -> Command:
    return Command(key=does, does=does, words=words, say=None, after=None, level=Level.L0, categories=(), line=1)


ROWS = (
    row("danger", "999", "sos", "emergency", "112", "khẩn cấp", "🆘"),
    row("adult", "is my daughter there", "is my son there", "what did she say", "where is my child"),
    row("person", "person", "99", "human", "người", "персона", "شخص"),
    row("later", "later", "00", "sau này", "później"),
    row("stop", "stop", "unsubscribe", "dừng", "توقف", "стоп"),
    row("help", "help", "trợ giúp", "pomoc", "مساعدة"),
    row("skip", "skip", "0", "bỏ qua"),
    row("back", "back", "quay lại"),
    row("language", "language", "ngôn ngữ", "język", "لغة"),
    row("delete", "delete my messages", "delete", "xóa"),
    row("code", "code", "mã", "code word"),
    row("who", "who is this", "who are you", "whos this", "how did you get my number"),
    row("real", "is this real", "are you real", "is this a scam"),
)


def verb(text: str) -> str | None:
    found = commands.find(ROWS, text)
    return found.verb if found else None


@pytest.mark.parametrize(
    ("text", "does"),
    [
        *(
            (text, "stop")
            for text in ("STOP", "Stop.", " stop!! ", "*STOP*", "“stop”", "stop 😡", "s\u200btop", "ＳＴＯＰ", "dừng")
        ),
        *((text, "stop") for text in ("dung", "توقف", "СТОП", "DỪNG", "\u202estop")),
        *((text, "person") for text in ("PERSON", "99", "٩٩", "９９", "9️⃣9️⃣", "người", "nguoi", "شخص")),
        *((text, "later") for text in ("LATER", "00", "Later…", "później", "POZNIEJ", "sau nay")),
        *((text, "danger") for text in ("999", "SOS", "999!!!", "٩٩٩", "🆘", "khan cap")),
        *((text, "skip") for text in ("0", "skip", "0️⃣", "bo qua")),
        *((text, "who") for text in ("who is this?", "Who’s this", "whos this??", "How did you get my number?")),
        ("delete my messages", "delete"),
        ("Is my daughter there?", "adult"),
        ("is this real?", "real"),
        ("language", "language"),
    ],
)
def test_exactly_a_command(text: str, does: str) -> None:
    found = commands.find(ROWS, text)
    assert found == Found(does, next(one for one in ROWS if one.does == does))


@pytest.mark.parametrize(
    ("text", "does"),
    [
        *((text, "stop") for text in ("STOPPP", "stopp", "stooop", "stop stop stop", "unsubscibe")),
        *((text, "person") for text in ("perosn", "persn", "perzon", "personnn", "person person", "PERSOON")),
        *((text, "later") for text in ("latr", "laterrr", "lateer", "laetr")),
        *((text, "danger") for text in ("9999", "9 9 9", "999 999", "9-9-9", "emergancy", "emergncy", "sosss")),
        *((text, "help") for text in ("HELPPP", "help help!!")),
        *(
            (text, "who")
            for text in (
                "who is thiss",
                "who isthis",
                "who is tihs",
                "how did you get my nubmer",
                "howdidyougetmynumber",
            )
        ),
        *((text, "adult") for text in ("is my dauhgter there", "is my daugter there", "what did she sayyy")),
        *((text, "real") for text in ("is this reall", "isthisreal")),
    ],
)
def test_a_command_in_a_hurry_is_listened_to_as_well(text: str, does: str) -> None:
    if commands.find(ROWS, text) == Found(does, next(one for one in ROWS if one.does == does)):
        pytest.fail("spelled as listed")
    found = commands.find(ROWS, text)
    assert found is not None
    assert (found.verb, found.exact) == (does, False)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        *((text, "stop") for text in ("stop pls", "PLEASE stop now!", "hi stop thanks", "ok stop x")),
        *(
            (text, "help")
            for text in ("help pls", "can you help please", "i need help now", "someone help", "please can i have help")
        ),
        *((text, "person") for text in ("person pls", "can i have human please", "hi i want person now thanks")),
        *((text, "later") for text in ("later thanks", "sorry later")),
        *((text, "adult") for text in ("hello is my son there please",)),
    ],
)
def test_a_please_takes_nothing_from_a_command(text: str, does: str) -> None:
    found = commands.find(ROWS, text)
    assert found is not None
    assert (found.verb, found.exact, bool(found.core)) == (does, False, True)


@pytest.mark.parametrize(
    "text",
    [
        *(
            *(
                "please stop hitting me",
                "i want stop",
                "can i stop",
                "please dont stop",
                "help me pls he is here",
                "stop help pls",
            ),
            *(
                "please",
                "hi please",
                "thanks",
                "can i",
                "i want yes",
                "please back",
                "someone real stop",
                "person please hit me",
            ),
        ),
        *(
            "stop hitting me",
            "dont stop",
            "he wont stop",
            "please stop it",
            "i cant stop",
            "stoop",
            "shop",
            "step",
            "stp",
        ),
        *(
            "late",
            "lager",
            "laser",
            "layer",
            "water",
            "lates",
            "later maybe",
            "prison",
            "personal",
            "a person hit me",
            "parson me",
        ),
        *(
            "help me he is here",
            "hel",
            "yelp",
            "9",
            "9 9",
            "998",
            "1999",
            "99 9s",
            "0 he hits me",
            "000 1",
            "backk off",
            "blank",
        ),
        *(
            "who is he",
            "who is that man",
            "is my mum there",
            "is my brother there",
            "is my mother there",
            "where is my phone",
        ),
        *(
            "polish food",
            "my english teacher",
            "i speak vietnamese",
            "code red is what he called it",
            "",
            " ",
            "\x00",
            "\ud800",
            "😢",
        ),
        *("yes", "no", "1", "2", "fine", "he said stop", "not now", "tomorrow"),
    ],
)
def test_no_command(text: str) -> None:
    assert commands.find(ROWS, text) is None


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        *(
            ("Tiếng Việt", "vi"),
            ("tieng viet", "vi"),
            ("TIENG VIET!", "vi"),
            ("عربي", "ar"),
            ("العربية", "ar"),
            ("عربی", "ar"),
        ),
        *(
            ("Polski", "pl"),
            ("po polsku", "pl"),
            ("English", "en"),
            ("فارسی", "fa"),
            ("فارسي", "fa"),
            ("دری", "prs"),
            ("پښتو", "ps"),
        ),
        *(
            ("română", "ro"),
            ("romana", "ro"),
            ("Türkçe", "tr"),
            ("turkce", "tr"),
            ("TÜRKÇE", "tr"),
            ("shqip", "sq"),
            ("اردو", "ur"),
        ),
        *(
            ("हिंदी", "hi"),
            ("हिन्दी", "hi"),
            ("বাংলা", "bn"),
            ("ਪੰਜਾਬੀ", "pa"),
            ("ગુજરાતી", "gu"),
            ("ትግርኛ", "ti"),
            ("አማርኛ", "am"),
        ),
        *(
            ("Soomaali", "so"),
            ("af-soomaali", "so"),
            ("Français", "fr"),
            ("espanol", "es"),
            ("Português", "pt"),
            ("українська", "uk"),
        ),
        *(
            ("کوردی", "ckb"),
            ("Kurdî", "kmr"),
            ("kurmanci", "kmr"),
            ("ελληνικα", "el"),
            ("中文", "zh-Hans"),
            ("繁體中文", "zh-Hant"),
        ),
    ],
)
def test_a_language_by_its_own_name(text: str, locale: str) -> None:
    assert commands.find(ROWS, text) == Found("language", ROWS[8], argument=locale)


def test_all_languages_of_the_service_can_be_asked_for() -> None:
    wanted = "en zh-Hans zh-Hant vi el hi bn ur tr pa ar gu sq ro fa prs ps so ti am pl fr es pt uk ckb kmr"
    assert set(language_names.NAMES) == set(wanted.split()) == set(language_names.OWN_NAMES.values())


def test_the_names_of_languages_may_be_handed_in() -> None:
    assert commands.find(ROWS, "Klingon", {"klingon": "tlh"}) == Found("language", ROWS[8], argument="tlh")
    assert commands.find(ROWS, "Polski", {}) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *(("CODE mango", "mango"), ("code: Mango!", "mango"), ("Code - MANGO", "mango"), ("code word mango", "mango")),
        *(("mã xoài", "xoai"), ("code blue mango", "blue mango"), ("code 🥭", "🥭"), ("code agent 7", "agent 7")),
        *(
            ("CODE pizza🍕", "pizza"),
            ("CODE 🍕 pizza", "pizza"),
            ("CODE is mango", "mango"),
            ("CODE and mango", "mango"),
        ),
        *(("CODE mango ok", "mango"), ("CODE: mango thanks", "mango"), ("CODE my dog", "dog")),
        *(("CODE and your word mango", "mango"), ("CODE mango mango", "mango"), ("mã là xoài", "xoai")),
        ("CODE " + "m" * 40, "m" * 40),
    ],
)
def test_a_code_word_is_set(text: str, word: str) -> None:
    assert commands.find(ROWS, text) == Found("code", ROWS[10], argument=word)
    assert commands.code_word(word.upper()) == word


@pytest.mark.parametrize(
    "text",
    [
        *(
            "CODE",
            "code!",
            "code 1",
            "code 12",
            "code 999",
            "code stop",
            "code STOPPP",
            "code help",
            "code persn",
            "code yes",
        ),
        *(
            "code no",
            "code ok",
            "code hi",
            "code polski",
            "code word",
            "code không",
            "code 1 2",
            "code who is this",
            "code code",
            "code my dog rex",
            "code the blue mango",
            "code and your word",
            "code ok thanks",
        ),
        "code " + "m" * 41,
    ],
)
def test_a_code_word_that_would_be_sent_by_chance_is_refused(text: str) -> None:
    found = commands.find(ROWS, text)
    assert found is not None
    assert found.verb == "code"
    assert found.refused
    assert not found.exact  # what is no word to keep may be told of harm


def test_where_two_lists_hold_a_word_the_earlier_has_it() -> None:
    assert verb("para") is None
    first, second = row("stop", "para"), row("later", "pará")
    found = commands.find((first, second), "para")
    assert found is not None
    assert found.command is first
    accented = commands.find((first, second), "pará")
    assert accented is not None
    assert accented.command is second


def test_a_slip_between_two_verbs_is_none() -> None:
    assert commands.find((row("stop", "halting"), row("later", "halding")), "halning") is None


def test_every_number_is_a_command_in_every_script() -> None:
    zeros = [point for point in range(sys.maxunicode) if unicodedata.decimal(chr(point), None) == 0]
    for number, does in (("0", "skip"), ("00", "later"), ("99", "person"), ("999", "danger")):
        assert {verb("".join(chr(zero + int(digit)) for digit in number)) for zero in zeros} == {does}


@pytest.mark.parametrize("command", ROWS, ids=lambda command: command.does)
def test_every_word_is_its_command(command: Command) -> None:
    assert command.does in commands.VERBS
    for word in command.words:
        for typed in (word, word.upper(), f" {word}!", f"*{word}*", f"«{word}» "):
            assert verb(typed) == command.does


PIECES = st.sampled_from(
    [word for command in ROWS for word in command.words]
    + [
        "stop",
        "polski",
        "mango",
        " ",
        "!",
        "\n",
        "\u200b",
        "\x00",
        "\ud800",
        "😢",
        "9",
        "0",
        "p",
        "hitting me",
        "dont",
    ],
)
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.lists(PIECES, max_size=6).map("".join)


@given(ANY_TEXT)
def test_any_text_is_a_command_or_none(text: str) -> None:
    found = commands.find(ROWS, text)
    if found is not None:
        assert found.verb in commands.VERBS
        assert found.command in ROWS
        assert (found.verb in {"language", "code"}) or not found.argument
        assert found.refused <= (found.verb == "code")


@given(
    st.sampled_from([word for command in ROWS for word in command.words if command.does != "code"]), st.text(min_size=1)
)
def test_words_around_a_command_unmake_it(word: str, other: str) -> None:
    assert verb(f"{word} hitting {other} me") is None
    assert verb(f"dont {word} {other} hitting") is None


@given(ANY_TEXT)
def test_a_code_word_is_compared_as_it_was_kept(text: str) -> None:
    word = commands.code_word(text)
    assert commands.code_word(word) == word


@pytest.mark.parametrize(
    "heap", ["stop ", "p", "9", "code ", "\u0300\u0316", "\ufdfa", "😢", "\u200b", "\ud800", "\x00"]
)
def test_a_hundred_thousand_characters_are_no_command(heap: str) -> None:
    assert commands.find(ROWS, heap * (100_000 // len(heap))) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(
            (text, True)
            for text in (
                "yeah like an hour ago",
                "yh 20",
                "about 10 mins ago",
                "16 paracetamol",
                "20",
                "yes x",
                "قبل ساعة",
                "bir saat önce",
            )
        ),
        *(
            (text, False)
            for text in (
                "yes but i havent",
                "i have to go",
                "15 minutes is too long",
                "2",
                "y is no one coming",
                "",
                "nie godzinę temu",
                "da hits me",
            )
        ),
    ],
)
def test_a_short_text_says_that_it_is_done(text: str, said: bool) -> None:
    done = Command(
        key="taken",
        does="done",
        words=("yes", "y", "yeah", "yh", "i have", "da"),
        say=None,
        after="warning",
        level=Level.L4,
        categories=(),
        line=1,
    )
    assert commands.says_done((*ROWS, done), text, "warning") == (done if said else None)
    assert commands.says_done((*ROWS, done), text, "another") is None
