"""A "not" that denies being well, or knowing what to do, denies nothing of what is told behind it without a full stop."""

from __future__ import annotations

import pytest

from flows import listening
from flows.model import Level
from tests.listening import measure

# Not well, and told; not knowing, not wanting, not to be told, and told; and denied.
SAID = {
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


def level(text: str, locale: str) -> Level:
    hits = listening.listen(text, listening.Context(locale, 14), measure.model()).hits
    return max((hit.level for hit in hits), default=Level.L0)


@pytest.mark.parametrize("locale", SAID)
def test_what_is_told_behind_it_pages(locale: str) -> None:
    *told, denied = SAID[locale]
    assert [level(text, locale) for text in told] == [Level.L3, Level.L3]
    assert not denied or level(denied, locale) < Level.L3
