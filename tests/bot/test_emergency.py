"""The emergency pack: sent in a child's language only where its texts may be, text by text, and English stands for the rest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from bot import app, emergency, i18n, review
from bot.config import Settings
from bot.localising import SOURCE_LOCALE
from bot.runner import Runner
from flows.model import Level, Service
from storage import alerts, contacts, conversations, people
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from tests.bot.test_pressing import AT, CHILD, Chat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HE_HAS_A_KNIFE: Final = "Вітчим прийшов з ножем, він зараз мене вб'є"
ENGLISH: Final = ["999 is fastest.", "If it's safe to say, where are you?"]
SIGNED: Final = "2026-11-21 Invented Reader"


@pytest.fixture
def opened(database_url: str) -> Iterator[Callable[[Settings], Chat]]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    with database.transaction() as tx:
        people.add(tx, "Ana", "duty", AT, phone="+447700900002")
    yield lambda settings: Chat(Runner(app.furnish(committer, settings)))
    committer.close()
    database.close()


def drafts(allowed: str, *locales: str) -> Settings:
    return Settings(draft_locales=allowed, locales=locales, telegram_text_safe=True)


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have these texts of the Ukrainian catalogue signed, each by its beginning in English."""

    def sign(*texts: str) -> None:
        for locale in ("en", "uk"):
            (tmp_path / locale / "LC_MESSAGES").mkdir(parents=True)
            po = (app.LOCALES / locale / "LC_MESSAGES" / "messages.po").read_text("utf-8")
            for text in texts if locale == "uk" else ():
                po, found = re.subn(rf'(msgctxt "{re.escape(text)}")', rf"#. reviewed {SIGNED}\n\1", po)
                assert found == 1, text
            (tmp_path / locale / "LC_MESSAGES" / "messages.po").write_text(po, "utf-8")
        monkeypatch.setattr(app, "LOCALES", tmp_path)

    return sign


def starts(said: list[str]) -> list[str]:
    return [re.match(r".*?[.?]", one).group() for one in said]  # type: ignore[union-attr]


def test_a_draft_is_sent_where_drafts_may_be(opened: Callable[[Settings], Chat]) -> None:
    said = opened(drafts("allow")).does(HE_HAS_A_KNIFE)
    assert [one.split()[0] for one in said] == ["Найшвидше", "Якщо"]


@pytest.mark.parametrize("settings", [drafts("refuse"), drafts("allow", "en", "vi")], ids=["drafts", "locales"])
def test_english_stays_where_the_language_may_not_be_sent(
    opened: Callable[[Settings], Chat], settings: Settings
) -> None:
    chat = opened(settings)
    assert starts(chat.does(HE_HAS_A_KNIFE)) == ENGLISH
    talk = chat.talk
    assert talk.reads is None
    with chat.runner.house.committer.database.transaction() as tx:
        raised = alerts.open_for(tx, talk.id)
    assert raised is not None
    assert raised.level is Level.L4


def test_what_is_signed_is_sent_and_the_rest_is_english(
    opened: Callable[[Settings], Chat], signed: Callable[..., None]
) -> None:
    signed(
        "shared.msg_danger", "shared.d_where"
    )  # but not the words that tell how to skip, which stand behind the second
    said = opened(drafts("refuse")).does(HE_HAS_A_KNIFE)
    assert said[0].startswith("Найшвидше - 999.")
    assert starts(said[1:]) == ENGLISH[1:]


def test_a_question_is_sent_when_all_that_stands_in_it_is_signed(
    opened: Callable[[Settings], Chat], signed: Callable[..., None]
) -> None:
    signed("shared.d_where", "shared.common.skip_free")
    said = opened(drafts("refuse")).does(HE_HAS_A_KNIFE)
    assert starts(said[:1]) == ENGLISH[:1]
    assert said[1].startswith("Якщо безпечно сказати")
    assert said[1].endswith("0, щоб пропустити.")


def test_the_buttons_of_the_gate_are_in_its_language(opened: Callable[[Settings], Chat]) -> None:
    chat = opened(drafts("allow"))
    assert chat.does("Українська")[0].startswith("Я ще не можу це прочитати.")
    with chat.runner.house.committer.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "telegram", CHILD)
        assert contact is not None
        (talk,) = conversations.of_contact(tx, contact.id)
        conversations.save(tx, replace(talk, holder="bot", last_inbound_at=None))
    chat.does("hi")
    assert [one.label for one in chat.shown[-1].buttons] == [
        "Так, це бачу тільки я",
        "Не зараз",
        "Мені терміново потрібна допомога",
    ]
    assert chat.does("не зараз") == ["OK, нічого страшного. Пиши будь-коли."]


def test_every_text_of_the_pack_may_be_sent_in_english_and_none_of_a_draft() -> None:
    catalogues = i18n.load_catalogues(app.LOCALES)
    found = {one.locale: keys for one, keys in emergency.ready(app.source(), catalogues, drafts("refuse")).items()}
    assert found[SOURCE_LOCALE] == set(review.PACK)
    assert not found["so"]
    allowed = emergency.ready(app.source(), catalogues, drafts("allow"))
    assert set(allowed.values()) == {frozenset(review.PACK)}
