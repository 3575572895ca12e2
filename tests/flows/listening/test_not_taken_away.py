"""What words that often mean nothing, or deny, may not take from what is told with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from flows.model import Level
from tests.flows.listening.test_listening import top

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.model import Heard


# Written without a full stop: not well, and told; not knowing, not wanting, not to be told, and told; and denied.
NOT_WELL: Final = {
    "ar": ("لا انا مش بخير هو يضربني", "ما بعرف شو اعمل هو يضربني", "هو ما يضربني انا بخير"),
    "bn": ("না আমি ভালো নেই সে আমাকে মারে", "জানি না কি করব সে আমাকে মারে", ""),
    "es": ("no estoy bien el me pega", "no digas nada el me pega", "no el no me pega estoy bien"),
    "fa": ("حالم خوب نیست منو میزنه", "نمیدونم چیکار کنم منو میزنه", ""),
    "fr": ("non ça va pas il me frappe", "je sais pas quoi faire il me frappe", "il va pas me frapper"),
    "gu": ("હું ઠીક નથી એ મને મારે છે", "ખબર નથી શું કરું એ મને મારે છે", ""),
    "hi": ("नहीं मैं ठीक नहीं वो मुझे मारता है", "मुझे नहीं पता क्या करूं वो मुझे मारता है", "वो मुझे नहीं मारता"),
    "pl": ("nie nie jest dobrze on mnie bije", "nie moge spac on mnie bije", "on mnie nie bije"),
    "ps": ("زه ښه نه یم هغه ما وهي", "نه پوهېږم څه وکړم هغه ما وهي", ""),
    "pt": ("nao nao estou bem ele bate em mim", "nao conta pra ninguem ele bate em mim", "ele nao me bate"),
    "ro": ("nu nu sunt bine ma bate", "nu pot dormi ma bate", "nu ma bate"),
    "sq": ("jo nuk jam mire ai me rreh", "nuk di cfare te bej ai me rreh", ""),
    "tr": ("hayır iyi değilim beni dövüyor", "ne yapacağımı bilmiyorum beni dövüyor", ""),
    "uk": ("ні мені не добре він мене б'є", "не хочу додому він мене б'є", "він мене не б'є"),
    "ur": ("نہیں میں ٹھیک نہیں وہ مجھے مارتا ہے", "nahi pata kya karun wo mujhe marta hai", ""),
    "vi": ("không em không ổn ông ấy đánh em", "em không muốn về ông ấy đánh em", ""),
    "zh": ("不 我不好 他打我", "我不知道怎么办 他打我", "他没打我"),
}


def undoubted(heard: Heard) -> Level:
    return max((hit.level for hit in heard.hits if hit.doubt is None), default=Level.L0)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("no he wont stop hitting me", Level.L3),
        ("no they never stop beating me", Level.L3),
        ("no i cant stop cutting myself", Level.L2),
        ("no i cant do this i wanna die", Level.L3),
        ("no i cant keep going i want to kill myself", Level.L3),
        ("no thanks i want to die", Level.L3),
        # A "not" that answers, before what is told.
        ("no im not he hits me", Level.L3),
        ("im not she burns me", Level.L3),
        ("no i cant they locked me in", Level.L4),
        ("no i wont he touches me", Level.L3),
        ("no i dont i want to die", Level.L3),
        ("no never he kicked me out", Level.L3),
    ],
)
def test_what_answers_or_never_stops_denies_nothing_behind_it(
    text: str, level: Level, hear: Callable[..., Heard]
) -> None:
    assert undoubted(hear(text)) >= level


@pytest.mark.parametrize("locale", NOT_WELL)
def test_a_not_that_denies_being_well_denies_nothing_behind_it(locale: str, hear: Callable[..., Heard]) -> None:
    *told, denied = NOT_WELL[locale]
    assert [top(hear(text, locale=locale)) for text in told] == [Level.L3, Level.L3]
    assert not denied or top(hear(denied, locale=locale)) < Level.L3


def test_who_is_kept_is_heard_of_whoever_keeps_them(hear: Callable[..., Heard]) -> None:
    assert undoubted(hear("she wouldnt let me go and locked the door")) is Level.L3


@pytest.mark.parametrize("text", ["not that he hits me", "he does not hit me"])
def test_a_not_that_reaches_over_denies(text: str, hear: Callable[..., Heard]) -> None:
    assert all(hit.doubt == "negated" for hit in hear(text).hits)


@pytest.mark.parametrize("text", ["no i dont cut myself", "no im not gonna kill myself", "im not saying i want to die"])
def test_what_a_child_denies_of_themselves_is_denied(text: str, hear: Callable[..., Heard]) -> None:
    assert all(hit.doubt == "negated" for hit in hear(text).hits)


@pytest.mark.parametrize(
    "text",
    [
        "will you send the police to my house", "will you send the police", "would you call the police for us",
        "please will you call the police", "are you gonna send the police i need them", "will you get the police i need help",
        "will you send police hes here", "did you call the police yet",
    ],
)  # fmt: skip
def test_a_plea_for_the_police_is_no_question_about_them(text: str, hear: Callable[..., Heard]) -> None:
    assert undoubted(hear(text)) is Level.L4


@pytest.mark.parametrize(
    "text",
    [
        "are u gonna call the police", "would u call the police on my dad", "will you call the police if i tell you",
        "if i tell u will u call the police", "are u gonna send the police to my house", "did u call the police",
    ],
)  # fmt: skip
def test_a_fear_of_the_police_is_no_plea_for_them(text: str, hear: Callable[..., Heard]) -> None:
    assert undoubted(hear(text)) <= Level.L2


@pytest.mark.parametrize(
    "text",
    [
        "dad wouldnt let me leave so i ran away", "staff wouldnt let me go so i ran away",
        "my carer wouldnt let me go home so i ran away", "they wouldnt let me go out so i ran away",
    ],
)  # fmt: skip
def test_who_left_since_is_held_no_more_and_is_out_there(text: str, hear: Callable[..., Heard]) -> None:
    heard = hear(text)
    assert {(hit.category, hit.level) for hit in heard.hits if hit.level >= Level.L3} == {("D20", Level.L3)}


@pytest.mark.parametrize("text", ["i cut to relax", "i cut to calm down", "i cut to release the pain"])
def test_cutting_to_feel_better_is_self_harm(text: str, hear: Callable[..., Heard]) -> None:
    assert "D03" in {hit.category for hit in hear(text).hits if hit.level >= Level.L2}


def test_cutting_something_else_is_none(hear: Callable[..., Heard]) -> None:
    assert not hear("i cut to the front of the queue").hits


@pytest.mark.parametrize(
    "text",
    [
        "dads gonna take my phone away", "mums gonna take my phone if i dont do my homework", "mum wants to see",
        "my bf always asks who im texting", "my bf wants to know who im talking to all the time",
        "mum wants to read what i wrote for school",
    ],
)  # fmt: skip
def test_nobody_who_looks_now_is_none_who_silences(text: str, hear: Callable[..., Heard]) -> None:
    assert not [hit for hit in hear(text).hits if hit.category == "D28" and hit.doubt is None]


@pytest.mark.parametrize(
    "text",
    [
        "dads taking my phone now", "mums reading this", "my mums watching me type", "mum wants to see this",
        "mum wants to know who im texting", "dads gonna check my phone", "shes asking who this is",
    ],
)  # fmt: skip
def test_who_looks_now_silences(text: str, hear: Callable[..., Heard]) -> None:
    assert [hit for hit in hear(text).hits if hit.category == "D28" and hit.doubt is None and hit.level is Level.L2]
