from __future__ import annotations

import io
from dataclasses import replace
from types import MappingProxyType

import pytest

from bot import i18n, review
from bot.i18n import Catalogue, Entry, Written

ENTRIES = (
    Entry("shared.gate", "Hi, it's {persona}. OK?", "shared.yaml", 3, "A question."),
    Entry("shared.gate.alone", "Yes", "shared.yaml", 4, "An answer."),
    Entry("shared.gate.alone.words", "yes, y", "shared.yaml", 5, "Never sent."),
    Entry("shared.ts_who", "To chat, reply HI. Danger: {emergency}, press 55.", "shared.yaml", 6, "A message."),
    Entry("shared.other", 'Say "hi" {name} {name}\\', "shared.yaml", 7, "A message."),
    Entry("commands.stop", "STOP", "commands.yaml", 2, "Never sent."),
)
GOOD = (
    "Salut, {persona} ici. OK ?",
    "Oui",
    "oui, ouais",
    "Envoie HI. Danger : {emergency}, tape 55.",
    'Dis "hi" {name}, {name}\\',
    "arrête",
)


def catalogue(texts: tuple[str, ...] = GOOD, signed: str = "", own: str = "") -> Catalogue:
    lines = {
        (entry.context, entry.text): Written(text, own or signed, at)
        for at, (entry, text) in enumerate(zip(ENTRIES, texts, strict=True), 1)
    }
    return Catalogue("fr", "fr/messages.po", MappingProxyType(lines), MappingProxyType({}), signed)


@pytest.mark.parametrize("signed", ["", "2026-11-21 Ann Example"])
@pytest.mark.parametrize("own", ["", "2026-12-01 Ben Example"])
def test_what_is_written_is_read_again(signed: str, own: str) -> None:
    before = catalogue(signed=signed, own=own)
    after = i18n.read(io.BytesIO(review.rewritten(ENTRIES, before).encode()), "fr", "fr/messages.po")
    for one in ENTRIES:
        assert after.text(one.context, one.text) == before.text(one.context, one.text)
        assert after.state(one.context, one.text) is before.state(one.context, one.text)
    assert review.rewritten(ENTRIES, after) == review.rewritten(ENTRIES, before)


def test_a_new_text_is_not_covered_by_an_old_signature() -> None:
    before = catalogue(signed="2026-11-21 Ann Example")
    new = (*ENTRIES, Entry("shared.new", "New", "shared.yaml", 9, "A message."))
    after = i18n.read(
        io.BytesIO(review.rewritten(new, before).replace('"New"\nmsgstr ""', '"New"\nmsgstr "Neuf"').encode()), "fr", ""
    )
    assert after.state("shared.new", "New") is i18n.State.DRAFT
    assert review.standing(new, after).drafts == ("shared.new",)


def test_what_a_child_may_type_stands_when_the_english_list_grows() -> None:
    at = next(at for at, one in enumerate(ENTRIES) if one.context.endswith(i18n.TYPED))
    before = i18n.read(io.BytesIO(review.rewritten(ENTRIES, catalogue()).encode()), "fr", "fr/messages.po")
    grown = (*ENTRIES[:at], replace(ENTRIES[at], text=f"{ENTRIES[at].text}, no clue"), *ENTRIES[at + 1 :])
    after = i18n.read(io.BytesIO(review.rewritten(grown, before).encode()), "fr", "fr/messages.po")
    for held in (before, after):
        assert held.text(grown[at].context, grown[at].text) == GOOD[at]
        assert review.standing(grown, held).missing == ()
        assert list(review.faults(grown, held)) == []


def test_changed_english_is_missing_and_said() -> None:
    changed = (replace(ENTRIES[0], text="Hello, {persona}. OK?"), *ENTRIES[1:])
    assert review.standing(changed, catalogue()).missing == ("shared.gate",)
    assert [fault.partition(" ")[0] for fault in review.faults(changed, catalogue())] == ["fr/messages.po:1:"]


def test_why_a_language_is_refused() -> None:
    missing = review.standing(ENTRIES, catalogue(("", *GOOD[1:])))
    assert "1 of 6 texts are missing" in missing.refused(drafts=True)
    assert missing.pack_missing == ("shared.gate",)
    draft = review.standing(ENTRIES, catalogue())
    assert (draft.refused(drafts=True), draft.translated, draft.reviewed) == ("", 6, 2)
    assert "4 of 6 texts are drafts" in draft.refused(drafts=False)
    signed = review.standing(ENTRIES, catalogue(signed="2026-11-21 Ann Example"))
    assert (signed.refused(drafts=False), signed.reviewed) == ("", 6)


@pytest.mark.parametrize(
    ("at", "text", "says"),
    [
        (0, "Salut, {nom} ici. OK ?", "{persona}"),
        (0, "Salut. OK ?", "{persona}"),
        (0, "Salut, {persona} {persona}", "{persona}"),
        (0, "Salut, {persona.name}", "not part of a gap"),
        (0, "Salut, {persona", "not part of a gap"),
        (0, "Salut,  {persona}", "a space too many"),
        (0, "Salut, {persona} ", "a space too many"),
        (1, "Stop", "carriers keep"),
        (1, "START", "carriers keep"),
        (2, "oui, unstop", "carriers keep"),
        (3, "Envoie SALUT. Danger : {emergency}, tape 55.", "HI must stand"),
        (3, "Envoie HI. Danger : {emergency}, tape 5.", "55 must stand"),
        (4, 'Dis "hi" {name}\\', "{name}, {name}"),
    ],
)
def test_what_would_break_a_text_is_named_by_line(at: int, text: str, says: str) -> None:
    texts = (*GOOD[:at], text, *GOOD[at + 1 :])
    found = list(review.faults(ENTRIES, catalogue(texts)))
    assert len(found) == 1
    assert found[0].startswith(f"fr/messages.po:{at + 1}: '{ENTRIES[at].context}'")
    assert says in found[0].replace("that is not part", "not part")


def test_good_texts_have_no_fault() -> None:
    assert list(review.faults(ENTRIES, catalogue())) == []


def test_the_pack_is_its_texts_and_labels() -> None:
    assert review.in_pack("shared.gate")
    assert review.in_pack("shared.gate.alone")
    assert not review.in_pack("shared.gate.alone.words")
    assert not review.in_pack("return_interview.where")
