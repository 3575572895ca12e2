"""What each language is called by those who speak it: a child who writes one of these wants it.

No text that is sent to a child may stand here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flows import spelling

if TYPE_CHECKING:
    from collections.abc import Mapping

# How each language is called by those who speak it, as typed on a phone with or without its letters (decisions 5).
# English names stand only where the word is no everyday English word: "Greek" or "Chinese" may be an answer.
NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": ("English", "in English", "inglese", "ingles", "انجليزي", "英文", "英语"),
        "zh-Hans": ("中文", "汉语", "简体中文", "简体", "普通话", "国语", "Zhongwen", "Putonghua", "Mandarin"),
        "zh-Hant": ("繁體中文", "繁体中文", "繁體", "漢語", "國語", "廣東話", "广东话", "粵語", "粤语", "Cantonese"),
        "vi": ("Tiếng Việt", "Tiếng Việt Nam", "Việt", "Việt ngữ", "Viet Nam", "Vietnamese"),
        "el": ("Ελληνικά", "Ellinika"),
        "hi": ("हिन्दी", "हिंदी", "हिन्दी में", "Hindi"),
        "bn": ("বাংলা", "বাঙলা", "বাংলায়", "Bangla", "Bengali", "Sylheti", "সিলেটি"),
        "ur": ("اردو", "اُردُو", "Urdu"),
        "tr": ("Türkçe", "Turkce", "Türkce"),
        "pa": ("ਪੰਜਾਬੀ", "Punjabi", "Panjabi"),
        "ar": ("العربية", "عربي", "عربية", "اللغة العربية", "بالعربي", "Arabi", "al arabiya", "Arabic"),
        "gu": ("ગુજરાતી", "Gujarati", "Gujrati"),
        "sq": ("Shqip", "Shqipe", "gjuha shqipe", "Albanian"),
        "ro": ("Română", "Romana", "Românește", "Romaneste", "limba română", "Moldovenească", "Romanian"),
        "fa": ("فارسی", "زبان فارسی", "Farsi", "Parsi"),
        "prs": ("دری", "فارسی دری", "زبان دری", "Dari"),
        "ps": ("پښتو", "پشتو", "Pashto", "Pashtu", "Pakhto"),
        "so": ("Soomaali", "Af Soomaali", "Somali", "Af Somali"),
        "ti": ("ትግርኛ", "Tigrinya", "Tigrigna"),
        "am": ("አማርኛ", "Amharic", "Amarigna", "Amarinya"),
        "pl": ("Polski", "po polsku", "język polski"),
        "fr": ("Français", "en français"),
        "es": ("Español", "Castellano", "en español"),
        "pt": ("Português", "Portugues", "em português", "Brasileiro"),
        "uk": ("Українська", "українською", "українська мова", "Ukrainska", "Ukrainian"),
        "ckb": ("کوردی", "سۆرانی", "کوردیی ناوەندی", "کوردی سۆرانی", "Sorani", "Kurdi Sorani"),
        "kmr": ("Kurdî", "Kurmancî", "Kurmanji", "Kirmanckî", "kurdî kurmancî", "Kurdi Kurmanji"),
    },
)

OWN_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {spelling.folded(name): locale for locale, names in NAMES.items() for name in names},
)
