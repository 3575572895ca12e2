"""Who is erased, by whatever name, leaves nothing behind; who is held is kept; what is past its time goes, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot import __main__, casing, forgetting, keeping, owing
from bot.config import Settings
from bot.faults import user_mistakes
from bot.play.stage import PLAY_KEYS
from flows.deadlines import Deadline, Status
from flows.model import Concern, Guard, Level, Service, Task
from storage import (
    alerts,
    answers,
    audit,
    cases,
    clocks,
    contacts,
    conversations,
    inbox,
    joining,
    messages,
    notes,
    people,
    retention,
    tables,
    tasks,
)  # fmt: skip
from storage.clocks import Book
from storage.codes import Direction
from storage.database import Database, Erased
from storage.keys import Keys
from tests.storage import invented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

    from storage.database import Transaction

NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
PHONE = "+447700900131"
LAST = timedelta(days=31)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Rosa and the manager Mel; LA-1 was missing and is back, and nobody knows a telephone of theirs."""
    made = Settings(database_url=database_url, keys=PLAY_KEYS)

    def work(tx: Transaction) -> None:
        for name, role in (("Rosa", "worker"), ("Mel", "manager")):
            people.add(tx, name, role, NOW)
        for child in ("LA-1", "LA-2"):
            cases.add(tx, child, NOW, {"birth_date": "2012-02-29", "looked_after": "no", "social_worker": "no"})

    keeping.within(made, work)
    for child in ("LA-1", "LA-2"):
        casing.missing(made, child, "2026-11-15 18:00", "Rosa", ["flags=high_risk"], NOW, new=False)
    casing.returned(made, "LA-1", "2026-11-16 10:00", "Rosa", NOW)
    casing.promise(made, "LA-1", "ring after school", "2026-11-17 16:00", "Rosa", NOW)
    return made


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url, Keys.load(PLAY_KEYS))
    yield opened
    opened.close()


def named(settings: Settings, child: str) -> str:
    case = keeping.within(settings, lambda tx: cases.find(tx, child))
    assert case is not None
    return case.reference


def of_children(settings: Settings) -> set[str]:
    """Of whom anything is owed."""
    return keeping.within(settings, lambda tx: {line["case"] for line in owing.owed(tx, NOW, settings.timezone)})


# --- one child --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["LA-1", "two words", "case:two words"])
def test_a_case_without_a_telephone_is_erased_by_every_name_it_has(
    settings: Settings, database: Database, by: str
) -> None:
    words, other = named(settings, "LA-1"), named(settings, "LA-2")
    assert of_children(settings) == {words, other}
    forgetting.erase(settings, by.replace("two words", words), NOW)
    assert of_children(settings) == {other}
    for how in ("LA-1", words):
        with pytest.raises(user_mistakes(), match="erased"):
            casing.show(settings, how, NOW)
        with pytest.raises(user_mistakes(), match="erased"):
            casing.note(settings, how, "review", "Mel", {}, None, NOW)
    with database.snapshot() as tx:
        case = cases.named(tx, "LA-1") or ""
        for read in (cases.load, cases.episodes, notes.of_case):
            with pytest.raises(Erased):
                read(tx, case)
        assert tx.execute(select(tables.cases.c.data_key).where(tables.cases.c.id == case)).scalar_one() is None
        assert not tx.execute(select(tables.timers.c.id).where(tables.timers.c.subject_id == case)).all()
        assert len(tx.execute(select(tables.episodes).where(tables.episodes.c.case_id == case)).all()) == 1
        assert [line.who for line in audit.about(tx, case) if line.what == "case.erased"] == ["cli"]
        assert audit.verify(tx) is None
    forgetting.erase(settings, "LA-1", NOW)
    with database.snapshot() as tx:
        assert len([line for line in audit.about(tx, case) if line.what == "case.erased"]) == 1


def test_who_is_joined_goes_with_every_case_and_every_telephone(settings: Settings, database: Database) -> None:
    with database.transaction() as tx:
        one, two = (cases.named(tx, child) or "" for child in ("LA-1", "LA-2"))
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", PHONE, NOW)
        # A friend's telephone: the chat is about the case, which knows another telephone or none.
        talk = invented.conversation(flow="return_interview")
        conversations.start(tx, contact.id, talk, case=two)
        joining.join_cases(tx, one, two, "mel", NOW)
    forgetting.erase(settings, "LA-1", NOW)
    with database.transaction() as tx:
        assert contacts.load(tx, contact.id).erased
        assert cases.is_erased(tx, one)
        assert cases.is_erased(tx, two)
    assert of_children(settings) == set()


def test_a_telephone_that_is_anothers_too_takes_no_other_child_along(settings: Settings, database: Database) -> None:
    with database.transaction() as tx:
        ours = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", PHONE, NOW)
        both = [cases.named(tx, child) or "" for child in ("LA-1", "LA-2")]
        for case in both:
            cases.link(tx, case, ours.id)
    for named_by in ("LA-1", ours.reference):
        with pytest.raises(user_mistakes(), match="belongs to several cases"):
            forgetting.erase(settings, named_by, NOW)
    with database.snapshot() as tx:
        assert [cases.is_erased(tx, case) for case in both] == [False, False]
        assert not contacts.load(tx, ours.id).erased
    forgetting.erase(settings, "LA-1", NOW, together=True)
    with database.snapshot() as tx:
        assert [cases.is_erased(tx, case) for case in both] == [True, True]


def test_two_words_of_two_children_are_asked_about(settings: Settings, database: Database) -> None:
    words = named(settings, "LA-1")
    with database.transaction() as tx:
        contact = contacts.find(tx, Service.TEXT_SAFE, "sms", PHONE, NOW)
        tx.execute(update(tables.contacts).values(reference=words))
    with pytest.raises(keeping.NotFound, match=f"case:{words} or contact:{words}"):
        forgetting.erase(settings, words, NOW)
    forgetting.erase(settings, f"contact:{words}", NOW)
    with database.transaction() as tx:
        assert contacts.load(tx, contact.id).erased
        assert not cases.is_erased(tx, cases.named(tx, "LA-1") or "")
    with pytest.raises(keeping.NotFound, match="no child 'LA-9'"):
        forgetting.erase(settings, "LA-9", NOW)


def test_whom_a_manager_holds_nobody_erases_until_a_manager_frees_them(settings: Settings, database: Database) -> None:
    words = named(settings, "LA-1")
    with pytest.raises(user_mistakes(), match="only a manager"):
        forgetting.hold(settings, "LA-1", "Rosa", "inquiry", NOW, on=True)
    with pytest.raises(user_mistakes(), match="say why"):
        forgetting.hold(settings, "LA-1", "Mel", " ", NOW, on=True)
    assert forgetting.hold(settings, words, "Mel", "public inquiry", NOW, on=True) == [f"{words}: retention is frozen"]
    with pytest.raises(retention.OnHold):
        forgetting.erase(settings, "LA-1", NOW)
    assert len(of_children(settings)) == 2
    with database.snapshot() as tx:
        case = cases.named(tx, "LA-1") or ""
        mel = people.by_name(tx, "Mel")
        (kept,) = [one for one in notes.of_case(tx, case) if one.kind == "hold"]
        assert mel is not None
        assert (kept.by, kept.details) == (mel.id, {"because": "public inquiry"})
        assert [line.who for line in audit.about(tx, case) if line.what == "retention.held"] == [mel.id]
    forgetting.hold(settings, "LA-1", "Mel", "over", NOW + timedelta(hours=1), on=False)
    forgetting.erase(settings, "LA-1", NOW)
    assert words not in of_children(settings)
    with pytest.raises(user_mistakes(), match="erased already"):
        forgetting.hold(settings, "LA-1", "Mel", "too late", NOW, on=True)


# --- past its time ----------------------------------------------------------------------------------------------------


def chat(database: Database, number: int, last: datetime, *heard: str, level: Level = Level.L0) -> contacts.Contact:
    with database.transaction() as tx:
        contact = contacts.find(tx, Service.TEXT_SAFE, "sms", f"+4477009001{number:02}", last)
        talk = invented.conversation(level=level, started_at=last - timedelta(hours=1))
        conversations.start(tx, contact.id, talk)
        messages.add(tx, talk.id, Direction.IN, "sms", "hello", last)
        if heard:
            answers.add_concern(tx, talk.id, Concern(Level.L2, Level.L2, heard, (), Guard.NONE, "words"), None, last)
        return contact


def forgotten(settings: Settings, at: datetime = NOW, *, dry_run: bool = False) -> list[str]:
    return [one.reference for one in forgetting.retain(settings, at, dry_run=dry_run)]


def test_a_silent_chat_is_forgotten_and_no_other(settings: Settings, database: Database) -> None:
    gone = chat(database, 40, NOW - LAST)
    chat(database, 41, NOW - timedelta(days=30))
    chat(database, 42, NOW - LAST, level=Level.L3)
    chat(database, 43, NOW - LAST, "D05")
    passed_on = chat(database, 44, NOW - 2 * LAST, "D03", level=Level.L2)
    frozen, alarmed = chat(database, 45, NOW - LAST), chat(database, 46, NOW - LAST)
    with database.transaction() as tx:
        (talk,) = conversations.of_contact(tx, alarmed.id)
        alerts.add(tx, invented.alert(talk))
        tasks.add(tx, Task("run_retention", "manager", "now"), NOW, NOW)
        # Of a return interview nothing goes by itself: it is the council's file.
        ours = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", PHONE, NOW - 9 * LAST)
    forgetting.hold(settings, frozen.reference, "Mel", "police asked", NOW, on=True)
    with pytest.raises(retention.OnHold):
        forgetting.erase(settings, frozen.reference, NOW)
    assert forgotten(settings, dry_run=True) == [passed_on.reference, gone.reference]
    assert forgotten(settings) == [passed_on.reference, gone.reference]
    assert forgotten(settings) == []
    with database.snapshot() as tx:
        assert [contacts.load(tx, one.id).erased for one in (gone, passed_on, ours, frozen)] == [
            True,
            True,
            False,
            False,
        ]
        assert {line.about for line in audit.about(tx, gone.id) if line.what == "contact.erased"} == {
            (gone.id, "text_safe_words")
        }
        assert [one.what for one in tasks.of_house(tx) if one.done_at is None] == []


def test_ids_of_what_was_handled_long_ago_go_with_them(settings: Settings, database: Database) -> None:
    sent = [NOW - timedelta(days=31), NOW - timedelta(days=29)]
    with database.transaction() as tx:
        assert all(inbox.arrived(tx, "sms", f"SM{number}", PHONE, at) for number, at in enumerate(sent))
        waits = inbox.keep(tx, "sms", "SM9", PHONE, "hi", sent[0])
    assert forgotten(settings, dry_run=True) == forgotten(settings) == []
    with database.transaction() as tx:
        assert [inbox.arrived(tx, "sms", f"SM{number}", "+447700900477", NOW) for number in (0, 1)] == [True, False]
        assert inbox.take(tx, waits or 0) is not None


def test_a_chat_whose_alert_is_decided_goes_in_its_time_but_not_before_a_council_has_answered(
    settings: Settings, database: Database
) -> None:
    past = NOW - LAST
    states = ("raised", "acknowledged", "decided", "closed", "decided")
    children = [chat(database, 60 + number, past, level=Level.L2) for number in range(len(states))]
    owed = Deadline("R11", "", NOW, Status.LATE, "manager", past, (), "1 GB-ENG")
    with database.transaction() as tx:
        talks = [conversations.of_contact(tx, child.id)[0] for child in children]
        for talk, state in zip(talks, states, strict=True):
            alerts.add(tx, invented.alert(talk, id=alerts.new_id(), level=Level.L2, state=state))
        book = Book(talks[-1].id, conversation=talks[-1].id)
        clocks.keep(tx, book, {}, (owed,), past)
    assert set(forgotten(settings)) == {children[2].reference, children[3].reference}
    with database.transaction() as tx:
        clocks.keep(tx, book, clocks.of(tx, book), (replace(owed, status=Status.MET, met_at=NOW),), NOW)
    assert forgotten(settings) == [children[4].reference]


def test_who_writes_again_while_it_runs_is_kept(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (chat(database, number, NOW - LAST) for number in (40, 41))
    erase: Callable[[Transaction, str, datetime], None] = retention.erase

    def meanwhile(tx: Transaction, contact: str, at: datetime) -> None:
        erase(tx, contact, at)
        (other,) = conversations.of_contact(tx, two.id)
        messages.add(tx, other.id, Direction.IN, "sms", "are you there", NOW)

    monkeypatch.setattr(retention, "erase", meanwhile)
    assert forgotten(settings) == [one.reference]
    with database.snapshot() as tx:
        assert not contacts.load(tx, two.id).erased


def test_nobody_is_erased_while_somebody_must_look(settings: Settings, database: Database) -> None:
    child = chat(database, 50, NOW, "D08", level=Level.L3)
    with database.transaction() as tx:
        (talk,) = conversations.of_contact(tx, child.id)
        raised = invented.alert(talk)
        alerts.add(tx, raised)
    for state in ("raised", "acknowledged"):
        with database.transaction() as tx:
            alerts.save(tx, replace(raised, state=state))
        with pytest.raises(user_mistakes(), match=r"open \(L3\)"):
            forgetting.erase(settings, child.reference, NOW, by="Mel", because="asked_for")
    with database.snapshot() as tx:
        assert not contacts.load(tx, child.id).erased
        assert alerts.peek(tx, raised.id).state == "acknowledged"


@pytest.mark.parametrize(("heard", "level"), [("D08", Level.L2), ("", Level.L3)])
def test_what_is_kept_whole_a_manager_erases_under_their_name(
    settings: Settings, database: Database, heard: str, level: Level
) -> None:
    child = chat(database, 51, NOW, heard, level=level)
    for by, because in ((None, ""), (None, "asked_for"), ("Rosa", "asked_for"), ("Mel", "")):
        with pytest.raises(user_mistakes(), match="kept whole until a manager decides"):
            forgetting.erase(settings, child.reference, NOW, by=by, because=because)
    with pytest.raises(user_mistakes(), match="is no reason here"):
        forgetting.erase(settings, child.reference, NOW, by="Mel", because="he told me to")
    assert forgetting.erase(settings, child.reference, NOW, by="Mel", because="asked_for")
    # Once they are gone, who could not have erased them is still told so, and nobody reads that they did.
    with pytest.raises(user_mistakes(), match="kept whole until a manager decides"):
        forgetting.erase(settings, child.reference, NOW, by="Rosa", because="asked_for")
    assert not forgetting.erase(settings, child.reference, NOW, by="Mel", because="asked_for")
    with database.snapshot() as tx:
        mel = people.by_name(tx, "Mel")
        assert mel is not None
        found = [line for line in audit.about(tx, child.id) if line.what == "contact.erased"]
        assert [(line.who, line.about) for line in found] == [(mel.id, (child.id, "asked_for"))]


# --- the commands -----------------------------------------------------------------------------------------------------


def test_the_commands_say_what_they_did(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYMARK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WAYMARK_KEYS", PLAY_KEYS)
    # The days are London's: late in the evening, a month after the clocks changed, 31 times 24 hours are one short.
    old = chat(database, 40, datetime.now(UTC) - LAST - timedelta(days=1))

    def run(*words: str) -> Result:
        return CliRunner().invoke(__main__.app, words)

    assert run("retain", "--dry-run").stdout.endswith("1 chat would be forgotten\n")
    assert json.loads(run("retain", "--json").stdout)["contact"] == old.reference
    assert run("retain").stdout == "0 chats forgotten\n"
    held = run("hold", "LA-1", "--by", "Mel", "--because", "inquiry")
    assert held.stdout == "LA-1: retention is frozen\n"
    assert isinstance(run("erase", "LA-1").exception, retention.OnHold)
    assert run("hold", "LA-1", "--by", "Mel", "--because", "over", "--free").exit_code == 0
    assert run("erase", "LA-1").stdout == "LA-1: erased\n"
