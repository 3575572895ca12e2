"""What a child who writes Arabic sends: digits of both Arabic keyboards, and the everyday words of Syria to Morocco."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import i18n
from flows.commands import find
from flows.matching import Reading, match
from tests.library import SOURCE

CATALOGUES = i18n.load_catalogues(Path(__file__).resolve().parents[2] / "locales")
INTERVIEW = i18n.localise(SOURCE.flows["return_interview"], CATALOGUES["ar"]).steps
TEXT_SAFE = i18n.localise(SOURCE.flows["text_safe"], CATALOGUES["ar"]).steps
COMMANDS = i18n.commands(SOURCE.commands, CATALOGUES.values())


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
@pytest.mark.parametrize("frame", ["{}", "{}.", "({})", " {} ", "رقم {}", "الرقم: {}", "{}!"])
def test_every_digit_is_an_answer(digits: str, frame: str) -> None:
    one, two, four = (frame.format(digits[number]) for number in (1, 2, 4))
    assert match(INTERVIEW["gate"], one).value == "alone"
    assert match(INTERVIEW["safe_now"], two).value == "no"
    assert match(INTERVIEW["home_feel"], four).value == 4
    assert match(INTERVIEW["worry"], two).value == ("school",)
    assert match(INTERVIEW["worry"], frame.format(digits[0])).kind is Reading.SKIPPED
    assert match(INTERVIEW["where"], digits[0]).kind is Reading.SKIPPED
    assert match(TEXT_SAFE["ts_menu"], frame.format(digits[9])).value == "end"
    assert match(TEXT_SAFE["ts_age"], digits[1] + digits[4]).value == "13_15"


@pytest.mark.parametrize("said", ["٢ ٣", "٢و٣", "٢ و ٣", "٢،٣", "٢، ٣", "٢٣", "۲ ۳", "۲۳", "٢-٣", "المدرسة و الأصدقاء"])
def test_several_answers(said: str) -> None:
    assert match(INTERVIEW["worry"], said).value == ("school", "friends")


@pytest.mark.parametrize(
    "said", ["نعم", "اي", "إي", "ايوه", "أيوة", "ايوا", "اه", "آه", "نعممم", "أجل", "صح", "na3am", "aywa", "yes"]
)
def test_yes(said: str) -> None:
    assert match(INTERVIEW["not_ok"], said).value == "yes"
    assert match(INTERVIEW["safe_now"], said).value == "yes"


@pytest.mark.parametrize("said", ["لا", "لأ", "لاا", "لاااا", "لا لا", "كلا", "أبدا", "لا شكرا", "la", "la2", "no"])
def test_no(said: str) -> None:
    assert match(INTERVIEW["not_ok"], said).value == "no"


@pytest.mark.parametrize(
    "said",
    [
        "لا أدري",
        "لا ادري",
        "لا أعرف",
        "لا اعرف",
        "مو متأكدة",
        "مش متاكد",
        "ما بعرف",
        "مدري",
        "معرفش",
        "مش عارفة",
        "يمكن",
        "لست متأكدًا",
    ],
)
def test_not_sure_is_no_no(said: str) -> None:
    assert match(INTERVIEW["not_ok"], said).value == "unsure"


@pytest.mark.parametrize(
    "said", ["مو بأمان", "مش بامان", "لست بأمان", "لا، لست بأمان", "ماني بأمان", "مو امان", "غير آمنة"]
)
def test_not_safe_is_not_safe(said: str) -> None:
    for key in ("safe_now", "safe_now_2"):
        assert match(INTERVIEW[key], said).value == "no"


@pytest.mark.parametrize(
    "said",
    ["مو وحدي", "مش لوحدي", "ماشي وحدي", "ماشي بوحدي", "ماشي دابا", "لست وحدي", "في حدا معي", "مو هلق", "مش دلوقتي"],
)
def test_not_alone_is_never_alone(said: str) -> None:
    """ "ماشي" is "all right" in Cairo and "not" in Casablanca."""
    assert match(INTERVIEW["gate"], said).value == "later"


@pytest.mark.parametrize("said", ["ماشي", "ماشي مشكل", "مو كتير", "مش أوي", "لا وحدي"])
def test_what_may_mean_either_is_asked_again(said: str) -> None:
    assert match(INTERVIEW["gate"], said).kind is Reading.UNCLEAR
    assert match(INTERVIEW["no_parent"], said).value != "yes"


@pytest.mark.parametrize("said", ["تمام", "ماشي", "اوك", "أوكي", "يلا", "طيب", "واخا", "زين", "ok"])
def test_let_us_begin(said: str) -> None:
    assert match(INTERVIEW["ok_start"], said).value == "yes"
    assert match(INTERVIEW["not_ok"], said).value != "yes"  # "fine" says that nothing happened


def test_never_is_not_begin() -> None:
    """Without its hamza "begin" is "never"."""
    assert match(INTERVIEW["ok_start"], "ابدا").value != "yes"


@pytest.mark.parametrize(
    ("said", "verb"),
    [
        ("توقف", "stop"), ("توقّفوا", "stop"), ("لا تراسلوني", "stop"), ("STOP", "stop"),
        ("لا ترسلوا لي رسائل", "stop"), ("ما بدي رسائل", "stop"), ("متبعتليش", "stop"), ("đừng nhắn tin nữa", "stop"),
        ("ساعدوني", "help"), ("مساعدة", "help"), ("عايزة مساعدة", "help"),
        ("النجدة", "danger"), ("الحقوني", "danger"), ("إلحقوني!!", "danger"), ("٩٩٩", "danger"), ("۹۹۹", "danger"),
        ("شخص حقيقي", "person"), ("أريد شخصًا", "person"), ("بدي احكي مع حدا", "person"), ("عايزة اكلم حد", "person"),
        ("بغيت نهضر مع شي واحد", "person"),
        ("لاحقا", "later"), ("لاحقًا", "later"), ("بعدين", "later"), ("مش فاضية", "later"), ("٠٠", "later"),
        ("رجوع", "back"), ("السؤال السابق", "back"),
        ("تخطي", "skip"), ("ما بدي قول", "skip"), ("مش عايزة اقول", "skip"), ("٠", "skip"),
        ("امسح رسائلي", "delete"), ("احذف كل شيء", "delete"),
        ("مين انت", "who"), ("شكون", "who"), ("منين جبت رقمي؟", "who"),
        ("هل أنت روبوت؟", "real"), ("هذا نصب", "real"),
        ("وين بنتي", "adult"), ("أنا أبوها", "adult"), ("شو قالت لكم", "adult"),
        ("لغة أخرى", "language"), ("عربي", "language"), ("انجليزي", "language"),
        ("كلمة السر: مانجو", "code"), ("CODE مانجو", "code"),
        ("تمام", "vague"), ("مدري", "vague"), ("ما في شي", "vague"),
    ],
)  # fmt: skip
def test_commands(said: str, verb: str) -> None:
    found = find(COMMANDS, said)
    assert found is not None
    assert found.verb == verb


def test_who_does_not_want_to_talk_leaves_the_question_out() -> None:
    found = find(COMMANDS, "ما بدي احكي")
    assert found is not None
    assert found.verb == "skip"


@pytest.mark.parametrize(
    "said",
    [
        "وقف يضربني",
        "قال لي ساعديني بالبيت وضربني",
        "مسح رسائلي وهددني",
        "ارجع",
        "خلاص",
        "بابا مش فاضي",
        "أبي قال لا تراسلوني",
        "لا يرسل لي رسائل",
        "لا ترسل لي صور",
        "كلمة",
    ],
)
def test_what_a_child_says_is_no_command(said: str) -> None:
    assert find(COMMANDS, said) is None
