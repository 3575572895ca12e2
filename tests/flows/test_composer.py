"""What may leave by itself: nothing that asks after a disclosure, nothing that leads a child away from the service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import composer, language_names, lines, promising

if TYPE_CHECKING:
    from pathlib import Path

LONDON = ZoneInfo("Europe/London")
NUMBERS = ("999", "116 000", "0800 1111", "111", "101")


def reasons(text: str, *, locked: bool = False, locale: str = "en", before: tuple[str, ...] = ()) -> set[str]:
    found = composer.check(text, locked=locked, locale=locale, known_numbers=NUMBERS, before=before)
    assert all(one.reason in composer.REASONS and one.words for one in found)
    return {one.reason for one in found}


LEADING = [
    "What did he do?", "what did he do", "WHAT", "Who was it?", "whos he", "Who's that", "Where does he live?",
    "where", "When was that", "Why did you go?", "how did it feel", "Hows your mum", "and then what",
    "can you tell me what happened", "tell me more", "Tell me about it", "did he touch you", "Was it your dad?",
    "has he done it before", "does she know", "describe him", "pls explain", "are you sure", "wot happened",
    "wat happend", "w h a t happened", "w.h.e.r.e", "w-h-o", "ｗｈａｔ happened", "wh\u200bat happened",
    "what\u2019s his name", "I'm sorry. Who else knows?", "so how long has it been going on",
    "y didnt you tell anyone", "did anyone see", "his name?", "which uncle",
    "did u tell ur mum", "did ur dad do this", "has ur dad hit u", "is ur stepdad there", "wuz it ur dad",
    "was this at home",
    "did this happen at home", "is this the first time", "u told anyone", "so your dad did this to you", "tell me",
    "go on",
    "It sounds like your stepdad did this", "your address please", "start from the beginning",
    "im so sorry. did ur dad do this to u",
    "ok so is he home", "do ur parents know", "r they home",
    "Can I ask about your dad", "can we talk about him", "You mean your dad hits you",
    "If you can, say the name", "Please write everything", "give me the details", "keep talking",
    "and after that", "u sure", "shall i guess",
]  # fmt: skip
# Neither a question word nor a mark: put as a statement, a guess, a choice of two, a command, or as doubt.
PUT = [
    "he put his hands on u didnt he", "so it was ur uncle then", "your mums boyfriend hits you yeah", "your stepdad?",
    "it was your dad wasnt it", "your dad was angry again", "I know it's your dad", "he got into your bed", "so mum knows",
    "sounds like your brother hurt you", "bet he does it when mum is at work", "i reckon he has been drinking",
    "that must have been your cousin", "maybe someone at school did it", "you were asleep at the time i guess",
    "kitchen or bedroom", "this week or last week", "a belt or a stick", "with your clothes on or off", "so at the flat",
    "it happened at the flat", "under your clothes", "private parts", "they raped you", "you were raped",
    "i need the name of the man", "names please", "just his initials", "roughly the date please", "give me dates and times",
    "let me have the full details", "take me through it", "go through it step by step", "start with the first time",
    "finish the story", "more on that please", "write it all down for me", "i need to hear the rest", "any bruises",
    "honestly i find that hard to believe", "you are making this up", "you never said that before",
    "you could have said no", "u should have left",
]  # fmt: skip
CALM = [
    "I'm here.", "Thank you for telling me.", "You did nothing wrong.", "Take all the time you want.",
    "Are you OK to keep texting?", "You don't have to say any more.", "Do you want me to stay here with you?",
    "Are you safe where you are now?", "We can get help.", "I'm here whenever you want to write.",
    "You decide what happens next.", "I can hear how hard that is.", "No matter what, you matter.",
    "I won't tell you what to do.", "Write when you're ready.", "I have read what you told me.",
    "That is why I'm asking someone who can help.", "I'm going to call somebody now.", "It's 16:30 now.",
    "Call 999. If you can't talk, press 55.", "Childline is 0800 1111, free.",
    "116 000 is free day and night, or 999.", "On 16/11/2026 at 10:30 you are seen.", "Nice to meet you, I'm Ann.",
    "Thank you for telling me about him. Are you OK to keep texting?",
    "Would you like a break?", "Is it OK if I stay here with you?",
    "Can I get you anything to eat?", "Are you still there?",
    "It is not your fault. None of this is your fault.", "Are you safe right now?",
    "u there?", "u ok?", "I'll ring somebody now, ok?", "Would it help if I called?", "Can you get to a safe place?",
    "Do you want me to call 999 for you?", "I'm with you right now.",
    "I'll be there for you.", "I'll ask, and then I'll write to you.",
    "You don't have to say any more about it.", "",
    "I'm here with you.", "Thank you for telling me. That was brave.", "You are not in trouble.",
    "Can I get you anything", "I believe you.",
    "You don't have to tell me any more.", "It was brave to tell me.", "That took courage.",
    "I'm glad you wrote to us.",
    "You can stop whenever you want.", "Take your time, there is no rush.", "Nobody here is angry with you.",
    "It was not your fault.",
    "I am sorry that this is so hard.", "You are doing really well.", "I'm still here.", "Do you want a break",
    "Would you like me to stay with you", "Is it ok if I ring someone now", "Shall I stay here",
    "Is there anything you need",
    "Are you warm enough", "Do you need a doctor", "Can we ring a doctor for you", "u there", "u ok", "r u ok",
    "r u safe", "do u want a break",
    "I will stay until a person from the team is here.", "A colleague of mine will look after you now.",
    "Help is on its way.",
    "If you feel ill, call 111.", "We are open all night.", "Have a drink of water if you can.", "Rest if you can.",
    "Will be with you in a minute.", "You told me something very hard. Thank you.",
    "I'm not going anywhere.", "You are important to us.", "Keep warm.", "You can text me as much as you like.",
    "It can go on for a bit, we have time.", "OK to go on texting?", "There is no wrong way to say it.",
    "Is it safe for you to keep texting?", "Do you feel safe where you are?", "Are you on your own right now?",
    "Is somebody with you right now?", "Can you lock the door?", "Is there a lock on your door?",
    "Can you get out of the house safely?", "Can you get to a shop or a neighbour?", "Call 999 if anyone hurts you.",
    "Ring 999 if he tries to come in.", "If you can, go to a room with a lock.", "Go to a neighbour if you can.",
    "If you can, get out and call 999.", "Leave the phone on and stay quiet if he comes.", "Are you hurt or bleeding?",
    "Tell me if you want to stop", "Tell me when you are safe", "The officer will tell you who they are.",
    "We have people who will keep you safe tonight.", "I can hear how scared you are.", "I am so sorry you were hurt.",
    "Nobody has the right to hurt you.", "He had no right to do that to you.", "You did the right thing.",
    "What happened to you is not your fault.", "That must have been frightening.", "I think you are very brave.",
    "I won't tell your dad what you said.", "I will tell you before I tell anyone else.",
    "I can't promise to keep it secret, but only people who can help will know.", "I can't keep this a secret.",
    "An officer called Amy is on her way.", "Delete our texts if someone might look.", "Have you got something warm to wear?",
    "Do you want to stop or carry on?", "You don't have to give any details.",
    "Ring 111 or 101, or 0800 1111.", "There are 25 of us, 3 on tonight. 1 2 3.",
]  # fmt: skip


@pytest.mark.parametrize("text", LEADING)
def test_after_a_disclosure_nobody_asks(text: str) -> None:
    assert "leading" in reasons(text, locked=True)
    assert "leading" not in reasons(text)


@pytest.mark.parametrize("text", PUT)
def test_nor_is_anything_put_to_a_child(text: str) -> None:
    assert "leading" in reasons(text, locked=True)
    assert "leading" in reasons(f"I'm sorry. {text.upper()} x", locked=True), (
        "nor capitals, a kind word or a kiss beside it"
    )
    assert "leading" not in reasons(text)


@pytest.mark.parametrize("text", CALM)
def test_what_a_kind_person_says_leaves_at_once(text: str) -> None:
    assert reasons(text, locked=True) == set()
    assert reasons(text) == set()


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("ar", "أين أنت"), ("ar", "مين هو؟"), ("ar", "ما اسمه؟"), ("bn", "সে কোথায় থাকে"), ("es", "¿Qué pasó?"),
        ("es", "que paso?"), ("fr", "Où est-il"), ("hi", "वह कहाँ है"), ("hi", "kya hua"), ("pl", "co zrobił?"),
        ("ro", "unde ești"), ("so", "maxaa dhacay"), ("sq", "kush ishte"), ("tr", "nerede"), ("uk", "де він?"),
        ("ur", "وہ کہاں ہے"), ("vi", "chuyện gì xảy ra vậy?"), ("vi", "ở đâu"), ("zh-Hans", "他是谁"),
        ("zh-Hant", "發生了什麼事"), ("am", "የት ነው"), ("ti", "እንታይ ኮይኑ"), ("ps", "چیرته یې"), ("el", "ποιος ήταν"),
        ("gu", "તે કોણ છે"), ("pa", "ਉਹ ਕੌਣ ਹੈ"), ("fa", "کجاست کجا"), ("ckb", "کوێ"), ("kmr", "çawa"),
        ("pt", "onde"), ("prs", "چرا"), ("vi", "ai làm vậy với em"), ("vi", "bố em đánh em bằng gì"), ("vi", "bố em say rượu à"),
        ("vi", "kể cho chị nghe đi"), ("es", "que te hizo"), ("fr", "ou ca s est passé"), ("pl", "jak to się stało"),
        ("ro", "ce ți-a făcut tata"), ("ro", "ce ți s-a întâmplat"), ("ro", "ce ai făcut"), ("ro", "ce a zis"),
        ("ro", "ce făcea el"), ("ro", "spune-mi ce"), ("tr", "adı ne"), ("tr", "ne giyiyordun"), ("tr", "sonra ne"),
        ("vi", "kể cho mình biết đi"), ("vi", "hãy kể cho tôi"), ("vi", "kể cho chị biết"),
        ("ar", "ما الذي حدث"), ("ar", "من فعل هذا"), ("fa", "کی این کار را کرد"),
        ("tr", "ne yaptı sana"), ("el", "που εγινε"), ("uk", "як це сталося"), ("pt", "como foi"),
    ],
)  # fmt: skip
def test_nor_in_the_childs_language(locale: str, text: str) -> None:
    assert "leading" in reasons(text, locked=True, locale=locale)
    assert reasons(text, locale=locale) == set()


@pytest.mark.parametrize("locale", ["en", "vi", "ar", "pl", "tl"])
@pytest.mark.parametrize(
    "text",
    [
        "ai làm vậy với em?", "Bố em đánh em phải không?", "bố đánh em phải không",
        "مين عمل معك هيك", "هل ضربك أبوك", "¿Te pega tu papá?",
        "Czy tata cię bije", "babban seni dövüyor mu",
        "Ο πατέρας σου σε χτυπάει;", "爸爸打你了吗", "Est-ce que ton père te frappe",
        "тато тебе б'є?", "cine ti-a facut asta", "Quién te lo hizo",
    ],
)  # fmt: skip
def test_nor_in_another_than_the_chats(locale: str, text: str) -> None:
    assert "leading" in reasons(text, locked=True, locale=locale)


@pytest.mark.parametrize(
    "text",
    [
        "Wer hat dir das angetan",
        "Wir wissen das alles schon",
        "saan kayo magkikita, huwag mong sabihin",
        "ฉันอยู่ที่นี่",
        "אני כאן איתך",
    ],
)
def test_a_language_nobody_has_listed_is_read_by_a_person_first(text: str) -> None:
    assert "unknown_language" in reasons(text, locked=True)
    assert reasons(text) == set()


@pytest.mark.parametrize(
    "text", ["I'm staying here with you while help is found.", "You did nothing wrong. It is not your fault."]
)
def test_english_is_english_in_any_chat(text: str) -> None:
    assert reasons(text, locked=True, locale="tl") == set()


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("vi", "Bạn có ổn không?"), ("es", "¿Estás bien?"),
        ("fr", "Tu es en sécurité maintenant ?"), ("ar", "هل أنت بخير؟"), ("tr", "Güvende misin?"),
        ("zh-Hans", "你现在安全吗？"), ("pl", "Jesteś tam jeszcze?"), ("el", "Είσαι καλά;"),
    ],
)  # fmt: skip
def test_a_child_can_be_asked_how_they_are_in_their_language(locale: str, text: str) -> None:
    assert reasons(text, locked=True, locale=locale) == set()


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("es", "Creo que eres valiente"),
        ("pl", "Jestem tu, jak chcesz"),
        ("vi", "Mình ở đây với bạn"),
        ("vi", "Không sao đâu"),
        ("vi", "Không sao"),
        ("vi", "Cảm ơn em đã kể cho chị"),
        ("ro", "ce bine că mi-ai scris"),
        ("ro", "ce curajos ești"),
        ("tr", "ne kadar cesursun"),
        ("tr", "ne güzel yazdın"),
        ("ar", "ما تخاف"),
        ("ar", "من حقك ترتاح"),
        ("es", "porque te mereces ayuda"),
    ],
)
def test_a_word_that_asks_only_in_a_question_passes_without_one(locale: str, text: str) -> None:
    assert reasons(text, locked=True, locale=locale) == set()


def test_every_language_children_are_met_in_has_its_questions_and_another_is_read_by_a_person() -> None:
    known = composer.load().leading
    lack = {one for one in language_names.OWN_NAMES.values() if one not in known and one.partition("-")[0] not in known}
    assert lack == set()
    assert reasons("Nasaan ka", locked=True, locale="tl") == {"unknown_language"}
    assert reasons("Nasaan ka", locale="tl") == set()


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123", "call 07700900123", "+44 7700 900 123", "0 7 7 0 0 9 0 0 1 2 3", "07700-900-123",
        "(07700) 900123", "٠٧٧٠٠٩٠٠١٢٣", "oh seven seven double oh nine oh oh one two three",
        "zero 7 seven zero zero 9 zero zero 1 2 3", "０７７００９００１２３", "it is 07700.900.123 ok", "077*00*900*123",
        "O7 no: zero seven seven zero zero nine zero zero one two three", "0800 1111 07700 900123",
        "oh seven seven o o nine o o one two three", "999 07700 900123 999", "number 2079460000", "➀➁➂➃➄➅➆", "o77oo9oo123",
    ],
)  # fmt: skip
def test_a_telephone_number_is_held(text: str) -> None:
    assert "phone" in reasons(text)


def test_a_number_cut_in_two_is_seen_and_told_once() -> None:
    assert reasons("900123", before=("07700",)) == {"phone"}
    assert reasons("one two three", before=("seven seven oh oh", "nine oh oh")) == {"phone"}
    assert reasons("I'm here", before=("07700 900123",)) == set()
    assert reasons("4", before=("07700 900123",)) <= {"phone"}
    assert reasons("0800 1111", before=("Call 999",)) == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ann@example.org", "email"), ("ann @ example", "email"), ("ann (at) example", "email"),
        ("write to ann.b at mail dot com", "email"), ("I'm @ann_h on there", "handle"),
        ("my insta is annh", "handle"), ("add me", "handle"), ("msg me on snap? find me on tiktok", "handle"),
        ("my snapchat", "handle"), ("whatsapp me", "handle"), ("My Number Is below", "handle"),
        ("https://x.example", "link"), ("look at www.example", "link"), ("bit.ly/x", "link"),
        ("example . com", "link"), ("example dot com", "link"), ("t.me/ann", "link"), ("example[dot]org", "link"),
        ("let's meet up", "meeting"), ("Come to mine", "meeting"), ("I could pick you up", "meeting"),
        ("we can meet at the park", "meeting"), ("come over", "meeting"), ("I'll come to you", "meeting"),
        ("you can stay with me", "meeting"), ("let\u2019s meet", "meeting"), ("this is our secret", "secrecy"),
        ("Don\u2019t tell your social worker", "secrecy"), ("just between us", "secrecy"),
        ("I won't tell anyone", "secrecy"), ("nobody needs to know", "secrecy"), ("i promise i wont", "secrecy"),
        ("delete this chat", "secrecy"), ("send me a pic", "picture"), ("Send me a picture of it", "picture"),
        ("can I have a photo of you", "picture"), ("show me", "picture"), ("turn your camera on", "picture"),
        ("what do you look like", "picture"), ("selfie?", "picture"), ("send pics", "picture"),
        ("Meet at Lewisham station at 5", "meeting"), ("come to lewisham station, il be there", "meeting"),
        ("lets keep this our lil secret", "secrecy"), ("Dont say a word to anyone", "secrecy"), ("my sc is ann99", "handle"),
        ("Em gặp chị ở ga nhé, đây là bí mật của chúng ta", "meeting"), ("đây là bí mật của chúng ta", "secrecy"),
        ("Spotkajmy się na dworcu", "meeting"), ("nie mów nikomu", "secrecy"),
        ("meet u at the park", "meeting"), ("see u at 5 outside tesco", "meeting"), ("ill wait outside ur school", "meeting"),
        ("come 2 mine", "meeting"), ("cum round mine, come to mine", "meeting"), ("lets move to whatsapp", "handle"),
        ("whats app me", "handle"), ("delete this after", "secrecy"), ("txt me on my mobile", "handle"),
        ("wyślij mi zdjęcie", "picture"), ("mój numer to", "handle"),
        ("تعال عندي", "meeting"), ("لا تخبر أحدا", "secrecy"), ("ارسل لي صورة", "picture"), ("ضيفني على سناب", "handle"),
        ("benimle buluş", "meeting"), ("kimseye söyleme", "secrecy"),
        ("bana foto at", "picture"), ("ne întâlnim la gară", "meeting"),
        ("не кажи нікому", "secrecy"), ("скинь фото", "picture"),
        ("别告诉别人", "secrecy"), ("加我微信", "handle"), ("我们见面吧", "meeting"),
        ("کسی کو مت بتانا", "secrecy"), ("به کسی نگو", "secrecy"),
        ("whats ur number", "handle"), ("u got insta?", "handle"), ("my addy is 5 high st", "handle"),
        ("Ann.Smith at gmail", "handle"),
        ("I can come to you", "meeting"), ("im at the station, cum now", "meeting"), ("ill send u 20 quid", "meeting"),
        ("dont tel any1", "secrecy"), ("send nudes", "picture"), ("let me see you", "picture"),
        ("ለማንም አትንገር", "secrecy"), ("ha u sheegin qofna ha u sheegin", "secrecy"),
    ],
)  # fmt: skip
def test_what_leads_a_child_away_from_the_service_is_held(text: str, reason: str) -> None:
    assert reason in reasons(text)
    assert reason in reasons(text.upper()), "capitals hide nothing"
    assert reason in reasons(f"ok {text} x"), "nor does a word beside it"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("You should go home now", "advice"), ("just go back home", "advice"), ("do not go back there", "advice"),
        ("i think you should leave that house tonight", "advice"), ("pack a bag and leave", "advice"),
        ("if i were you i'd not stay", "advice"), ("why don't you go back to your placement", "advice"),
        ("rentre chez toi", "advice"), ("wracaj do domu", "advice"), ("vuelve a casa", "advice"),
        ("I'll ring your mum tonight", "third_party"), ("ive messaged ur dad", "third_party"),
        ("I can phone your school for you", "third_party"), ("let me talk to your boyfriend", "third_party"),
        ("we have asked your foster carer", "third_party"), ("i'll have a word with your mum", "third_party"),
        ("anneni arayacağım", "third_party"), ("zadzwonię do twojej mamy", "third_party"),
        ("where do u live", "whereabouts"), ("what's your postcode", "whereabouts"),
        ("what school do you go to", "whereabouts"), ("which street are you on", "whereabouts"),
        ("gdzie mieszkasz", "whereabouts"), ("你住哪", "whereabouts"), ("you are so hot", "intimate"),
        ("r u a virgin", "intimate"), ("have you ever had sex", "intimate"), ("I can be ur bf", "intimate"),
        ("i love you", "intimate"), ("kocham cię", "intimate"),
        ("this is confidential, nobody will ever hear it", "secrecy"), ("I won't pass it on", "secrecy"),
        ("this stays in this chat", "secrecy"), ("nobody else will ever read this", "secrecy"), ("mums the word", "secrecy"),
        ("clear ur chat after", "secrecy"), ("send a snap of the bruise", "picture"),
        ("take a photo of your arm for me", "picture"), ("got any pics", "picture"), ("come outside", "meeting"),
        ("I could pop round", "meeting"), ("we could hang out", "meeting"), ("find me as ann_h", "handle"),
    ],
)  # fmt: skip
def test_the_limits_of_a_volunteer_hold_at_any_time(text: str, reason: str) -> None:
    assert reason in reasons(text)
    assert reason in reasons(text, locked=True)
    assert reason in reasons(f"ok, {text} x")


def test_each_list_stands_in_every_language_children_are_met_in() -> None:
    rules = composer.load()
    for reason in ("handle", "meeting", "secrecy", "picture"):
        assert set(rules.held[reason]) == set(rules.leading)
    assert all(set(listed) <= set(rules.leading) for listed in rules.held.values())


def test_several_reasons_are_all_told() -> None:
    text = "Don't tell anyone, send me a pic to ann@example.org or 07700 900123, what does he do"
    assert reasons(text, locked=True) == {"leading", "email", "link", "phone", "secrecy", "picture"}


@given(st.text(max_size=200), st.booleans(), st.sampled_from(sorted(set(language_names.OWN_NAMES.values()))))
def test_any_text_can_be_read(text: str, locked: bool, locale: str) -> None:
    found = composer.check(text, locked=locked, locale=locale, known_numbers=NUMBERS)
    assert {one.reason for one in found} <= set(composer.REASONS)
    promising.promise(text, datetime(2026, 11, 16, 12, tzinfo=UTC), LONDON)


@given(st.text(max_size=60), st.sampled_from(LEADING), st.text(max_size=60))
def test_words_around_it_hide_no_question(before: str, asked: str, after: str) -> None:
    assert "leading" in reasons(f"{before} . {asked} . {after}", locked=True)


@given(st.text("0123456789", min_size=7, max_size=15), st.sampled_from(["", " ", "-", ".", " - ", "/"]))
def test_seven_figures_or_more_are_held_however_they_are_spaced(figures: str, gap: str) -> None:
    written = gap.join(figures)
    if composer._DATE.search(written) or figures == "08001111" or any(one in figures for one in ("116000", "08001111")):
        return
    if figures.replace("999", "").replace("111", "").replace("101", "") != figures and gap:
        return  # help lines beside it, figure by figure
    assert "phone" in reasons(written)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("picture:\n", "pictures:\n", "unknown key 'pictures'"),
        ("  am: ", '  am: ""\n  xx: ', "here stands nothing"),
        ("parts: [zh-Hans, zh-Hant]", "parts: zh", "write a list"),
        ('  ti: "', '  ti: "a,,b', "an empty phrase"),
        ("<tag>", "<tags>", "no set 'tags'"),
    ],
)
def test_a_broken_file_is_told_by_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = composer.FILE.read_text("utf-8")
    assert old in text
    broken = tmp_path / "composer.yaml"
    broken.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(lines.LoadError, match=says) as told:
        composer.load(broken)
    assert "composer.yaml:" in str(told.value)
