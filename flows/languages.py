"""Words that belong to a language and not to a question: its "and", its "number", its everyday words.

No text that is sent to a child may stand here, and nothing here is an answer by itself.
"""

from __future__ import annotations

from typing import Final

from flows import spelling


def _list(words: str) -> frozenset[str]:
    return frozenset(spelling.folded(word) for word in words.split(","))


# What may stand between two answers without being words beside them: "1 and 3", "1 و 3".
AND: Final = _list(
    """
    and, n, also, plus, then, und, et, y, e, și, dhe, edhe, ve, i, oraz, và, iyo, û, u, kai, και, і, та,
    и, 和, 跟, 及, 与, 與, 也, और, व, এবং, ও, আর, اور, ਅਤੇ, ਤੇ, અને, ને, و, او, እና, ን, aur, ebong, ane, wa, w, va
    """,
)

# What goes on an answer by taking something from it: "but hes coming back", "but no".
BUT: Final = _list(
    """
    but, pero, mais, laakiin, nhưng, αλλά, αλλα, але, اما, ولی, لیکن, مگر, خو, بەڵام, लेकिन, मगर, पर, কিন্তু, ਪਰ, પણ, ግን, lekin,
    magar, kintu, walakin, lakin, ama, fakat, ancak
    """,
)

# What takes something from a yes or no when it follows within a few words: "yes until he is back", "yes sort of". All languages
# are read at once: what is another word elsewhere, as "só" is "so", does not stand here.
LIMITS: Final = BUT | _list(
    """
    until, till, til, untill, unless, except, only, for now, atm, at the moment, just now, not for long, i think, me to say,
    think so, i guess, i suppose, sort of, sorta, kind of, kinda, mostly, depends, not really, nearly, almost, though, tho,
    hasta, excepto, creo, por ahora, sauf, jusqua, seulement, je crois, pour linstant, acho, por agora, până, doar, numai,
    deocamdată, dopóki, póki, tylko, chyba, na razie, derisa, vetëm, besoj, tani për tani, sadece, kadar, galiba, şimdilik,
    ilaa, kaliya, cho đến, chỉ, bây giờ thì, μέχρι, μόνο, νομίζω, προς το παρόν, поки, тільки, лише, мабуть, لكن, حتى, فقط,
    لحد, اظن, حاليا, فعلا, صرف, ابھی, بس, یوازې, تەنها, सिर्फ, अभी, শুধু, এখন, ਸਿਰਫ, ફક્ત, እስከ, ብቻ,
    ክሳብ, ጥራይ, bas, bass, abhi, filhal, apart from, aside from, other than, besides, exept, xcept, to say yes, said to say, ish
    """,
)

# What a yes hangs on: "yes if you dont tell mum". Of a yes alone: "no if im honest" is a no. French and Spanish "si" is a yes.
CONDITIONS: Final = _list(
    """
    if, as long as, so long as, aslong as, provided, providing, promise not, siempre que, con tal, à condition, desde que,
    dacă, daca, jeśli, jesli, jeżeli, jezeli, nëse, nese, eğer, eger, heke, haddii, nếu, αν, εάν, εαν, якщо, اذا, إذا, بشرط,
    اگر, ئەگەر, agar, अगर, यदि, যদি, ਜੇ, ਜੇਕਰ, જો
    """,
)

# What a command may be wrapped in: "hi pls stop texting me now". What asks may only stand before help and people, as
# "please can i talk to someone": "i want to end" is nobody's STOP.
COURTESY: Final = _list(
    """
    please, pls, plz, plss, plzz, pleas, plese, thanks, thank you, thankyou, thx, thnx, tnx, ty, ta, cheers, now, right now, rn,
    asap, atm, hi, hello, hey, hiya, hi there, ok, okay, sorry, x, xx, mate, bro, bruv, ffs, fgs, omg
    """,
)
THANKS: Final = _list("please, pls, plz, thanks, thank, you, u, thankyou, thx, ty, ta, cheers, sorry, x, xx, mate, bro")
ASKING: Final = _list(
    """
    can i, can i just, could i, may i, can we, can you, can u, could you, could u, will you, will u, can i have, i want,
    i want to, i just want, i just want to, i wanna, i just wanna, i need, i need to, i just need, i just need to, i really need,
    i really need to, id like, id like to, i would like, i would like to, id rather, id rather have, i have to, i gotta, let me,
    just, can someone, could someone, can somebody, someone, somebody
    """,
)

# What stands before a child's own word and is none of it: "CODE and mango", as our text has it, "CODE is mango"; and what makes
# two words a description: "my dog rex".
BEFORE_WORD: Final = _list(
    """
    is, its, it is, it will be, will be, to be, be, as, code, word, secret, secret word, code word, es, est, este, jest,
    là, هي, هو, ثم
    """,
)
OF_MINE: Final = _list("my, your, the, a, an, our")

# In a text that follows "if you have taken something": what says that it was not so, or goes on elsewhere ("i have to go"), how
# long ago it was, and what else a number may count ("15 minutes is too long").
NOT_DONE: Final = _list(
    """
    not, havent, havnt, hvnt, haven, didnt, did not, never, nothing, none, wont, wouldnt, to, no, nobody, nowhere,
    لا, ما, مش, مو, لم, ليس, không, khong, ko, chưa, nahi, nahin, nhi, نہیں, नहीं, নাই, nisi, না, ਨਹੀਂ, નથી, maya,
    değil, degil, yok, hayır, hayir, almadım, almadim, içmedim, icmedim, yutmadım, نه, نخوردم, نکردم, nie, nu, jo, nuk, nada,
    nunca, pas, non, rien, jamais, não, nao, δεν, όχι, den, oxi, не, ні, нет, нічого, نا, نەخێر, نەمخوارد, min nexwar, nexwar,
    አይ, አልወሰድኩም, ኣይ, ኣይፋል, 没有, 没吃, 沒有, 沒吃, 冇
    """,
)
AGO: Final = _list(
    """
    ago, earlier, just now, قبل, من ساعة, من ساعه, من شوي, منذ, 2abl, abl sa3a, men sa3a, mn sa3a, trước, lúc nãy, luc
    nay, hồi nãy, hoi nay, vừa nãy, vừa xong, pehle, pahle, پہلے, पहले, ਪਹਿਲਾਂ, ਪਹਿਲੇ, આગળ, પહેલા, પહેલાં, আগে, ek
    ghonta age, ka hor, kahor, saat önce, dakika önce, az önce, demin, پیش, لەمەوبەر, لەوەپێش, berî niha, مخکې, temu,
    przed chwilą, acum o oră, acum o jumătate, acum jumătate, cu o oră, mai devreme, para një ore, para nje ore, para
    një orë, më parë, hace una, hace un, hace media, hace dos, hace tres, hace unos, hace unas, hace poco, hace rato, y
    a une, y a dix, y a deux, tout à l'heure, há uma hora, há meia, faz uma hora, atrás, mais cedo, πριν, prin, тому,
    назад, щойно, ቅድም, በፊት, ቅድሚ, 小时前, 小時前,
    """,
)
TIMES: Final = _list(
    "min, mins, minute, minutes, hour, hours, hr, hrs, day, days, week, weeks, sec, secs, seconds, am, pm, year, years"
)

# Words for yes, no or alone that are another word elsewhere: each is one in a chat of its own language only. "Um" and "k" are
# Vietnamese, "eh" is Arabic, "nan" French; Pashto's yes is Arabic's "he".
AT_HOME: Final = _list(
    """
    k, kg, u, um, uh, eh, dc, dung, hong, nan, nn, nose, ha, ho, hoo, tk, may, poo, po po, yoo, yook, sip, co,
    da co, هو, ها, هان, ای, آری
    """,
)

# A yes that begins a sentence of another language too: "da hits me", "si viene". With words behind it, it is asked again.
ONLY_ALONE: Final = frozenset({"da", "si", "și", "şi", "sim", "po", "ne", "ere", "اي", "اه", "آه"})

# What may stand before an option's number: "option 1", "no. 2".
MARKS: Final = _list(
    """
    option, opt, number, num, no, nr, answer, choice, opción, opcion, opção, número, numéro, nombor, opțiunea, opcja, numer,
    numri, opsioni, seçenek, numara, số, lựa chọn, رقم, الرقم, خيار, الخيار, جواب, الجواب, نمبر, شماره, اختیار, αριθμός,
    επιλογή, номер, варіант, नंबर, नम्बर, নম্বর, ਨੰਬਰ, નંબર, 选, 選, 选项, 選項, ቁጥር, lambar, nimre, hejmar, ژمارە
    """,
)

# What may stand before a child's own age, and what behind it: "im only 14", "em 14 tuổi", "14yo", "14岁".
SELF: Final = _list(
    """
    i, im, iam, am, only, just, turned, age, aged, my, is, ima, em, toi, tôi, mình, con, cháu, tui, j, ai, jai, mam,
    tengo, tenho, jam, ben, мені, 我, 我今年, انا, عمري, عندي
    """,
)
YEARS: Final = _list(
    """
    y, yo, yr, yrs, year, years, old, yold, yearold, yearsold, yrold, yrsold, age, tuổi, ans, lat, lata, ani, años, anos,
    vjeç, yaş, yaşında, yaşındayım, років, роки, 岁, 歲, سنة, سنه, سنين, عام, عاما, عمري, سال, سالمه, साल, বছর, ਸਾਲ, વર્ષ,
    χρονών, ετών, ዓመት, ساڵ, saal, jir
    """,
)

# What behind a number says that it is no age, or not yet: "14 weeks", "11 men", "13 soon".
NO_AGE: Final = _list(
    """
    soon, next, tomorrow, am, pm, oclock, of, min, mins, minute, minutes, hour, hours, hr, hrs, day, days, night, nights,
    week, weeks, wk, wks, month, months, times, x, people, men, man, boys, guys, lads, girls, kids, pounds, quid, p, k,
    kg, st, stone, pills, tablets, miles, percent
    """,
)

# The end of a phrase that is an answer only where nothing follows: "im not", but not "im not in danger"; "ofc", not "ofc not".
# What leaves open what is said: "i had to" answers, "i had to strip" tells. And a "no" that denies nothing of what stands behind.
OPEN: Final = _list("not, never, really, ofc, course, obvs, obviously")
LEADS_ON: Final = _list("to")
OR: Final = _list("or, and, but, so")
NO_ALONE: Final = _list("no, nope, nah")
# What is asked for behind that "no" begins with one of these, or ends with the last: "no can u call me", but not "no calls".
ASKS: Final = _list("can, could, will, would, please, pls, plz, just, id, i, someone, somebody")
INSTEAD: Final = _list("instead")

# An answer that is none before these: "y u wanna know" asks why, "call me a liar" wants no call.
ELSE_BEFORE: Final = {
    "y": _list(
        "u, ur, you, r, are, do, did, does, is, should, shud, would, wud, will, am, was, were, cant, wont, must, have, has"
    )
    | _list("tho, though, not, tf, the, even, they, he, she"),
    "ya": _list("mum, mums, mom, mam, nan"),
    "me": _list("a, an, names, crazy, mad, stupid, dumb"),
    "ring": _list("ring"),
}

# What says no, anywhere in a text: "it isnt", "nobody is nice here".
NOT: Final = _list(
    """
    no, nope, nah, not, dont, doesnt, didnt, wont, cant, cannot, isnt, aint, arent, wasnt, never, nobody, noone, none, nowhere,
    nothing, hardly, không, khong, ko, chẳng, لا, ما, مش, مو, لست, ليس, ابدا
    """,
)

# What somebody who is not safe says in place of a no; and what so with a "not" before it ("not safe" is heard outright).
AFRAID: Final = _list(
    """
    scared, scary, frightened, afraid, terrified, petrified, shaking, hiding, trapped, unsafe, danger, help, خايف, خايفه, خايفة,
    خائف, خائفة, خطر, sợ
    """,
)
WELL: Final = _list("ok, okay, alright, fine, good, great, well")

# What is neither yes nor no beside `LIMITS`, and which of those are everyday words without a yes before them.
HEDGES: Final = _list(
    "i hope, hope so, probably, sometimes, i wish, as long as, so long as, more or less, far from, might not, may not, wont be, "
    "not later, lowkey, safeish"
)
LINKS: Final = _list("but, only, though, tho")

# How the second half of an answer begins: "until he is back". Behind a "but" there must also be somebody, a return or a fear:
# "but hes coming back" is one, "but why" asks us something.
GOES_ON: Final = _list("until, till, untill, unless, for now, not for long, as long as, لكن, بس")
COMES: Final = _list(
    """
    he, hes, hell, him, his, she, shes, shell, her, they, theyre, theyll, them, their, someone, somebody, people, man, men,
    guy, guys, bloke, boys, lads, gang, dad, dads, mum, mums, mom, moms, stepdad, stepdads, stepmum, uncle, brother, brothers,
    sister, cousin, boyfriend, bf, girlfriend, ex, boss, back, come, comes, coming, return, returns, el, ella, ellos, ellas,
    alguien, papa, mama, padre, madre, padrastro, tio, tío, hermano, novio, hombre, viene, vienen, vuelve, vuelven, volver,
    regresa, miedo, il, elle, ils, elles, quelquun, père, pere, mère, mere, maman, oncle, frère, frere, copain, homme,
    revient, reviennent, rentre, peur
    """,
)

# A "no" in front that answers nothing: it asks something of us, or soothes; and one that only begins a sentence.
PLEAS: Final = _list(
    """
    dont tell, dont say, dont ring, dont call, dont phone, dont text, dont contact, dont worry, dont understand, dont get,
    not tell, not ring, not call, not phone, not contact, not worry, no worries, no worry, no problem, no problems, no prob,
    no probs, no rush, no thanks, لا تقول, لا تقولي, لا تقولوا, لا تقولون, لا تقل, لا تخبر, لا تخبري, لا تخبروا, لا تحكي,
    لا تحكوا, لا تتصل, لا تتصلي, لا تتصلوا, لا تكلم, لا تكلمي, لا تبلغ, لا تبلغي, لا تبلغوا, لا تعلم, لا تعلمي, لا تعلموا,
    لا ترسل, لا ترسلي, لا تقلق, لا تقلقي, ما تقول, ما تقولي, ما تقولو, ما تقولوا, ما تقولون, ما تخبر, ما تخبري, ما تخبرو,
    ما تخبروا, ما تحكي, ما تحكو, ما تحكوا, ما تتصل, ما تتصلي
    """,
)
# What a "no" in front declines when there is nothing behind it: "nah im good", said to what would help.
DECLINES: Final = _list(
    """
    im good, im ok, im okay, im fine, im alright, im all good, im all right, im cool, im sorted, i am ok, i am fine, i am good,
    its ok, its okay, its fine, its alright, its cool, thats ok, thats okay, thats fine, all good, all fine, i dont need anything,
    dont need anything, i dont need nothing, dont need nothing, i dont need help, dont need help, i dont need any help,
    dont need any help, i dont need it, dont need it, i dont need that, i dont need any of that, i dont want anything,
    dont want anything, i dont need anything else, i dont need a person, dont need a person
    """,
)
# Whole texts that say so in another language, of which the "no" in front is a part.
ALL_WELL: Final = _list(
    """
    không sao, không sao đâu, không sao cả, không sao ạ, không sao đâu ạ, khong sao, khong sao dau, ko sao, ko sao đâu,
    ko sao dau, لا انا بخير, لا انا تمام, لا انا كويس, لا انا كويسة, لا انا منيح, لا انا منيحة, لا انا زين, لا انا زينة,
    la ana bkhair, la ana bkheir, la ana b5eir, la ana tamam, la ana kwayes, la ana kwayesa, la ana mni7, la ana mni7a
    """
)
# What says, for a whole text or at the head of a short one, that it was so in part: not sure, where a question offers that.
IN_PART: Final = _list(
    """
    kinda, kind of, kindof, sort of, sorta, a bit, bit, a little, a little bit, a lil bit, lil bit, i think so, think so, i guess,
    i guess so, i suppose, i suppose so, possibly, perhaps, might have, maybe a bit, just a bit, only a bit,
    just a little, one thing, one time, lowkey
    """
)
# What says that nothing of a list fits.
NONE_FITS: Final = DECLINES | _list(
    "none of them, none of these, none of those, none of it, not really, nothing really, nothing much, no need, not needed"
)
# What else is said behind the "no" to help that is on its way: "nah dw", "no police", "no i just want the numbers".
POLITE: Final = _list(
    "thanks, thank you, thankyou, thx, ty, cheers, ta, dw, dont worry, do not worry, worries, problem, police, the police, feds, "
    "cops"
)
NUMBERS: Final = _list("number, numbers, info")
NUMBERS_ONLY: Final = NUMBERS | _list(
    "i, im, just, only, want, wanted, need, needed, looking, for, after, to, see, get, the, a, some, help, phone, thanks, pls, "
    "please"
)
# Behind the "no" to a question that can be left out: "nah why", "no im not telling u"; behind a "nobody" that is one: "made me".
ASKS_BACK: Final = _list("why, y, what, whats, who")
NOT_TOLD: Final = _list(
    """
    not telling, not saying, not giving, not answering, rather not, wont say, wont tell, not gonna say, not gonna tell,
    want to say, want to tell, want to answer, wanna say, wanna tell, wanna answer, no comment, prefer not
    """
)
SAYS_SO: Final = _list("did, has, made, forced, hurt, hurts, wanted, tried, happened, tbh, really, at, lol, honestly")
BEGUN: Final = _list(
    "no one, no idea, no clue, no body, no place, لا احد, لا ادري, لا اعرف, لا اعلم, لا يوجد احد هنا, không có ai ở đây, "
    "khong co ai o day, ko có ai ở đây, ko co ai o day"
)

# What behind a "no" says that they do not understand or speak ours: "no entiendo", "nie mowie po angielsku".
NOT_UNDERSTOOD: Final = _list(
    "understand, english, entiendo, comprendo, ingles, inglés, rozumiem, angielsku, angielskiego, angielski, înțeleg, inteleg, "
    "engleza, engleză, entendo, percebo, inglês, hiểu, hieu, anglais, anglisht, tiếng anh, tieng anh, فاهم, فاهمة, "
    "فاهمه, افهم, أفهم, انجليزي, الانجليزية, الانجليزيه, إنجليزي, الإنجليزية"
)

# Before "he is gone" or "im alone" they tell of another time, or of what somebody says; and how words begin that say who is there
# only where they are a sentence of their own: "i was on my own".
ANOTHER_TIME: Final = _list(
    """
    when, whenever, wen, once, since, after, til, till, until, before, b4, while, whilst, if, unless, that, like, then,
    said, says, say, saying, told, thinks, thought, feel, felt, wish, hope, khi, lúc, luc, nếu, neu, sau, لما, عندما, بعدما, اذا,
    إذا, لو
    """
)
OF_SELF: Final = _list("i, im, ive, ill, id, me, my, who, but")
HANGS_ON: Final = _list("on, by, alone, just, only, with")
# What hangs on nothing with "now" behind it, and what is told of another time where anything stands in front of it.
ONLY_ME: Final = _list("just, only")
RIGHT_NOW: Final = _list("now, rn")
WENT: Final = _list("he left, she left, they left")

# What is asked of us behind "hes gone".
PLEADS_ON: Final = _list(
    """
    what do i do, what do i do now, what shall i do, what should i do, what now, now what, help, help me, pls help, please help,
    pls help me, please help me, can u help, can u help me, can you help me, can u talk, can we talk, u there, are u there
    """
)

# What takes back the answer before: "actually not sure", "wait no"; what only stands beside it: "sorry i meant no"; which it is.
LIED: Final = _list("lied, lie, lying, lieing")
TAKES_BACK: Final = LIED | _list("wait, jk, joking, kidding, actually, hang, hold, meant, mean")
BESIDE_IT: Final = _list("sorry, soz, sry, lol, oops, oh, on, i, was")
THE_LAST: Final = _list("last one, last question, one before, question before")

# What ends the asking behind a disclosure: a wish to say no more, and what takes back what was told.
NO_MORE: Final = _list(
    """
    dont want to talk, dont wanna talk, dont want to say, dont wanna say, dont want to chat, dont wanna chat,
    not talking about it, dont ask, stop asking, no more questions, leave me alone, leave it, drop it, forget it, forget i,
    forget about it, forget that, never mind, nevermind, nvm, doesnt matter, dont matter, made it up, made that up,
    made this up, making it up, jk, just joking, only joking, was joking, im joking, just kidding, only kidding,
    was kidding, im kidding, i lied, was lying, i was wrong, didnt mean it, its not true, wasnt true
    """
)

# What may stand between those and whose they are; who or what they are then not the child's of; and what is worse beside them.
BETWEEN: Final = _list("i, im, me, was, were, just, only, to, all, even, really, that, its")
OTHERS_SAY: Final = NOT | _list(
    "said, says, say, saying, told, tell, tells, thinks, think, reckons, wants, want, if, like, made, makes, make, got, forced"
)
NAUGHT: Final = _list("no, nope, nah, nothing, none, nobody, noone")
US: Final = _list("u, you, ya, yous, anyone, anybody, a")
WORSE: Final = _list("here, coming, back, outside, kill, kills, killed, hit, hits, hurt, hurts, knife, watching")

# Words so common that a child would send them without meaning their code word.
COMMON: Final = _list(
    """
    yes, yeah, yep, ye, ya, y, no, nope, nah, n, ok, okay, k, kk, sure, not sure, maybe, idk, dunno,
    fine, good, bad, nothing, none, hi, hello, hey, hiya, thanks, thank you, thx, ty, please, sorry,
    bye, u, x, xx, lol, what, why, who, how, when, where, me, home, school, mum, mom, mummy, dad, daddy,
    word, my word, your word, and your word, and my word, a word, and a word, code, my code, và từ của bạn, từ của bạn,
    ثم كلمتك, كلمتك, sí, si, oui, non, da, nu, tak, nie, так, ні, po, jo, evet,
    hayır, có, không, vâng, sim, não, haa, maya, ναι, όχι, नहीं, हाँ, हां, हा, হ্যাঁ, না, ہاں, نہیں, جی,
    ਹਾਂ, ਨਹੀਂ, હા, ના, نعم, لا, ايوه, بله, آره, نه, هو, نا, አዎ, አይ, እወ, ኣይ, 是, 不, 不是, 好, erê, na, بەڵێ,
    نەخێر, hola, bonjour, salut, cześć, привіт, merhaba, chào, xin chào, السلام عليكم, سلام, مرحبا,
    नमस्ते, 你好, γεια, gracias, merci, mersi, dziękuję, дякую, teşekkürler, cảm ơn, شكرا, धन्यवाद, 谢谢, ευχαριστώ, obrigado
    """,
)
