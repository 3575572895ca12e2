"""Records reach where they are filed: once a content, after two managers said so, again and again until they are there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import app, clicks, delivering, filing_desk, noticing, recording, records, refiling, register
from bot.filing import copies, folder, page, webhook
from bot.filing.webhook import Net, NotDelivered
from bot.keeping import NotFound
from bot.play import script
from bot.play.stage import Stage
from bot.runner import Runner
from storage import alerts, conversations, deliveries, people, retention, tasks
from tests.bot.test_recording import HEAD, OPEN, WHOLE, WITH_HOUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.config import Settings
    from storage.database import Transaction

URL, SECRET = "https://receiver.example.org/in", "a secret of thirty characters!"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    return made


@pytest.fixture
def stage(database_url: str, drop: Path) -> Iterator[Stage]:
    made = Stage(script.parse(HEAD + "\n".join(OPEN) + "\n"), database_url)
    made.__enter__()
    for line in made.play.lines:
        made.line(line)
    given = replace(
        made.house.settings, filing_dir=drop, filing_webhook_url=URL, filing_webhook_secret=SECRET,
        public_url="https://text.example.org",
    )  # fmt: skip
    made.house = made.runner.house = replace(made.house, settings=given)
    yield made
    made.__exit__()


class World:
    """What is called instead of the world: keeps it, and answers as it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.wrong = ""

        def send(url: str, secret: str, message: str, _at: object, data: dict[str, Any], _net: Net) -> None:
            assert (url, secret) == (URL, SECRET)
            self.calls.append((message, data))
            if self.wrong:
                raise NotDelivered(self.wrong)

        monkeypatch.setattr(webhook, "send", send)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def do(stage: Stage, act: Callable[..., Any], *given: Any, later: int = 0) -> Any:
    def work(tx: Transaction) -> Any:
        house = (stage.house,) if act in WITH_HOUSE else ()
        return act(tx, *house, people.by_name(tx, "rosa"), stage.conversation, *given, stage.now + later * MINUTE)

    return stage.committer.submit(work)


def sign(stage: Stage) -> None:
    do(stage, recording.set_fields, WHOLE)
    do(stage, recording.sign)


def say(stage: Stage, words: str) -> None:
    for line in script.parse(f'{HEAD}---- 1 minutes\nchild > "{words}"\n').lines:
        stage.line(line)


def confirm(stage: Stage, *targets: str) -> None:
    def work(tx: Transaction) -> None:
        for target in targets or ("webhook", "folder"):
            for name in ("mel", "sue"):
                who = people.by_name(tx, name)
                assert who is not None
                delivering.confirm(tx, stage.house.settings, target, who.id, stage.now)

    stage.committer.submit(work)


def send_all(stage: Stage, later: int = 0) -> int:
    sent = 0
    while delivering.send_one(stage.house, Net(), stage.now + later * MINUTE):
        sent += 1
        assert sent < 20
    return sent


def state(stage: Stage) -> dict[str, tuple[bool, str | None]]:
    with stage.database.snapshot() as tx:
        return {one.target: (one.done_at is not None, one.error) for one in deliveries.of(tx, stage.conversation)}


def test_nothing_leaves_before_it_is_signed_nor_before_two_managers_said_where(
    stage: Stage, world: World, drop: Path
) -> None:
    do(stage, recording.set_fields, WHOLE)
    assert send_all(stage) == 0
    do(stage, recording.sign)
    assert send_all(stage) == 2
    assert state(stage) == {"webhook": (False, "unconfirmed"), "folder": (False, "unconfirmed")}
    assert world.calls == []
    assert list(drop.iterdir()) == []
    confirm(stage)
    assert send_all(stage) == 2
    assert state(stage) == {"webhook": (True, None), "folder": (True, None)}
    with stage.database.snapshot() as tx:
        assert {one.form for one in tasks.filings(tx, stage.conversation)} == {"webhook", "folder"}


def test_the_call_tells_case_outcome_and_deadlines_and_no_word_of_the_child(stage: Stage, world: World) -> None:
    sign(stage)
    confirm(stage)
    send_all(stage)
    ((message, data),) = world.calls
    assert set(data) == {"case", "outcome", "deadlines", "digest", "record"}
    assert data["record"] == f"https://text.example.org/filing/{message}"
    assert {one["rule"] for one in data["deadlines"]} >= {"R02", "R03", "R04"}
    assert "school and friends" not in json.dumps(data)


def test_what_does_not_arrive_is_tried_again_later_with_the_same_id_and_a_manager_is_told(
    stage: Stage, world: World
) -> None:
    sign(stage)
    confirm(stage)
    world.wrong = "status_503"
    later = 0
    for _ in range(6):
        send_all(stage, later)
        later += 64
    assert len(world.calls) == 6
    assert len({message for message, _ in world.calls}) == 1
    assert state(stage)["webhook"] == (False, "status_503")
    with stage.database.snapshot() as tx:
        stuck = [one for one in tasks.of(tx, stage.conversation) if one.what == "filing_stuck"]
    assert [one.role for one in stuck] == ["manager"]
    do(stage, recording.amend, {"mode": "video"}, "it was a video call", later=later)
    for _ in range(6):
        send_all(stage, later)
        later += 64
    with stage.database.snapshot() as tx:
        assert [one.id for one in tasks.of(tx, stage.conversation) if one.what == "filing_stuck"] == [stuck[0].id]
    world.wrong = ""
    send_all(stage, later + 400)
    with stage.database.snapshot() as tx:
        assert all(one.done_at is not None for one in deliveries.of(tx, stage.conversation))
        assert all(one.done_at is not None for one in tasks.of(tx, stage.conversation) if one.what == "filing_stuck")


def test_the_pause_grows(stage: Stage, world: World) -> None:
    sign(stage)
    confirm(stage, "webhook")
    world.wrong = "not_reached"
    for later, tried in ((0, 1), (0, 1), (1, 2), (2, 2), (3, 3), (6, 3), (7, 4)):
        send_all(stage, later)
        assert len(world.calls) == tried, later


def test_the_same_again_is_not_filed_again_and_an_amendment_is(stage: Stage, world: World, drop: Path) -> None:
    sign(stage)
    confirm(stage)
    send_all(stage)
    do(stage, recording.share, "ok_start", ("health",))
    assert send_all(stage, 1) == 0
    do(stage, recording.amend, {"mode": "video"}, "it was a video call", later=2)
    assert send_all(stage, 3) == 2
    assert len(world.calls) == 2
    files = sorted(drop.iterdir())
    assert len(files) == 2
    assert {json.loads(one.read_text("utf-8"))["worker"]["fields"]["mode"] for one in files} == {"phone", "video"}


def test_what_is_told_after_the_signature_is_filed_beside_what_was_signed_and_who_signed_hears_so(
    stage: Stage, world: World, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(noticing, "notice", lambda _tx, _house, to, text, *_more: told.append((to, text)))
    sign(stage)
    confirm(stage)
    send_all(stage)
    say(stage, "my uncle hits me with a stick")
    assert send_all(stage, 1) == 0
    assert send_all(stage, 11) == 2
    before, after = sorted(
        (json.loads(one.read_text("utf-8")) for one in drop.iterdir()), key=lambda one: len(str(one))
    )
    assert "stick" not in json.dumps(before)
    assert "since_signed" not in before
    assert "stick" in json.dumps(after["concerns"])
    assert after["since_signed"]["level"] == after["concerns"][-1]["level"]
    assert after["worker"]["signatures"] == before["worker"]["signatures"]
    assert len({data["digest"] for _, data in world.calls}) == 2
    assert after["digest"] == world.calls[-1][1]["digest"]
    with stage.database.snapshot() as tx:
        looks = [one for one in tasks.of(tx, stage.conversation) if one.what == refiling.LOOK.what]
    assert len(looks) == 1
    assert [to for to, text in told if "since you signed" in text] == ["rosa"]
    with stage.database.snapshot() as tx:
        record = records.build(tx, stage.house, stage.conversation)
    assert "More was said since it was signed" in page.body(record)
    kit = recording.kit()
    assert "since_signed" in json.dumps(copies.build(record, kit, "police", copies.chosen("police", ())))
    assert "since_signed" not in json.dumps(copies.build(record, kit, "parent", copies.chosen("parent", ())))
    do(stage, recording.amend, {"disclosure": "yes"}, "the child told of it after it was signed", later=12)
    with stage.database.snapshot() as tx:
        assert all(
            one.done_at is not None for one in tasks.of(tx, stage.conversation) if one.what == refiling.LOOK.what
        )


def test_what_was_said_meanwhile_arrives_under_its_own_digest_and_nothing_else_does(
    stage: Stage, world: World, drop: Path
) -> None:
    sign(stage)
    do(stage, recording.amend, {"mode": "video"}, "it was a video call", later=1)
    confirm(stage)
    assert send_all(stage, 2) == 4
    (file,) = drop.iterdir()
    given = json.loads(file.read_text("utf-8"))
    assert given["worker"]["fields"]["mode"] == "video"
    assert file.stem.endswith(given["digest"][:12])
    ((message, data),) = world.calls
    assert data["digest"] == given["digest"]
    with stage.database.snapshot() as tx:
        errors = {one.digest: one.error for one in deliveries.of(tx, stage.conversation)}
    assert sorted(map(str, errors.values())) == ["None", "overtaken"]
    assert errors[given["digest"]] is None
    do(stage, recording.amend, {"mode": "phone"}, "it was the phone", later=3)
    text = stage.committer.submit(lambda tx: delivering.fetch(tx, stage.house, message, stage.now + 3 * MINUTE))
    assert text is not None
    assert json.loads(text)["digest"] != data["digest"]


def test_what_is_decided_of_a_signed_record_is_filed(stage: Stage, world: World, drop: Path) -> None:
    sign(stage)
    confirm(stage)
    say(stage, "my uncle hits me with a stick")
    send_all(stage, 11)
    with stage.database.snapshot() as tx:
        alert = alerts.of(tx, stage.conversation)[0]
    mel = stage.committer.submit(lambda tx: people.by_name(tx, "mel"))
    assert mel is not None
    runner, at = Runner(stage.house), stage.now + 12 * MINUTE
    stage.committer.submit(lambda tx: clicks.decide(tx, runner, mel, alert.id, "refer", "he hits her", at))
    assert send_all(stage, 12) == 2
    assert sum("he hits her" in one.read_text("utf-8") for one in drop.iterdir()) == 1


def test_a_file_is_there_as_a_whole_and_again_is_the_same(tmp_path: Path) -> None:
    one = folder.put(tmp_path, "amber-heron", "a" * 64, "{}")
    assert folder.put(tmp_path, "amber-heron", "a" * 64, "{}") == one
    assert [path.name for path in tmp_path.iterdir()] == ["waymark-amber-heron-aaaaaaaaaaaa.json"]
    assert one.stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotDelivered, match="no_folder"):
        folder.put(tmp_path / "none", "amber-heron", "a" * 64, "{}")


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(NotDelivered, match="not_written"):
        folder.put(tmp_path, "amber-heron", "a" * 64, "{}")
    assert list(tmp_path.iterdir()) == []


def test_another_secret_is_another_place(stage: Stage, world: World) -> None:
    sign(stage)
    confirm(stage)
    stage.house = replace(
        stage.house, settings=replace(stage.house.settings, filing_webhook_secret="another of thirty characters!!")
    )
    send_all(stage)
    assert world.calls == []
    assert state(stage)["webhook"] == (False, "unconfirmed")


def test_the_receiver_fetches_its_record_and_nobody_else_does(stage: Stage, world: World) -> None:
    sign(stage)
    confirm(stage)
    send_all(stage)
    ((message, _),) = world.calls
    asked = webhook.headers(SECRET, message, stage.now, b"")

    def fetch(delivery: str, given: dict[str, str]) -> str | None:
        if not delivering.is_receiver(stage.house.settings, delivery, given, stage.now):
            return None
        return stage.committer.submit(lambda tx: delivering.fetch(tx, stage.house, delivery, stage.now))

    text = fetch(message, asked)
    assert text is not None
    assert json.loads(text)["worker"]["signatures"][0]["by"] == "rosa"
    with stage.database.snapshot() as tx:
        (other,) = [one for one in deliveries.of(tx, stage.conversation) if one.target == "folder"]
    for delivery, given in (
        (message, {}),
        (message, webhook.headers("another of thirty characters!!", message, stage.now, b"")),
        (other.id, webhook.headers(SECRET, other.id, stage.now, b"")),
        ("f" * 26, webhook.headers(SECRET, "f" * 26, stage.now, b"")),
    ):
        assert fetch(delivery, given) is None


def test_of_an_erased_child_nothing_is_sent_and_nothing_is_tried_for_ever(
    stage: Stage, world: World, drop: Path
) -> None:
    sign(stage)
    confirm(stage)
    with stage.database.transaction() as tx:
        retention.erase(tx, conversations.contact_of(tx, stage.conversation).id, stage.now)
    assert send_all(stage) == 2
    assert send_all(stage, 10_000) == 0
    assert world.calls == []
    assert list(drop.iterdir()) == []
    with stage.database.snapshot() as tx:
        assert {one.error for one in deliveries.of(tx, stage.conversation)} == {"erased"}


# --- the command line: places and the register ------------------------------------------------------------------------


class _Kept:
    def __init__(self, database: Any) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return (lambda: None) if name == "close" else getattr(self._database, name)


@pytest.fixture
def settings(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(app, "database", lambda _settings: _Kept(stage.database))
    return stage.house.settings


def test_a_place_is_confirmed_by_two_different_managers(stage: Stage, settings: Settings) -> None:
    for target, by, told in (
        ("webhook", "rosa", "rosa is no manager"),
        ("fax", "mel", "'fax' is no place"),
        ("webhook", "nobody", "nobody called"),
    ):
        with pytest.raises(NotFound, match=told):
            filing_desk.confirm(settings, target, by, stage.now)
    assert "one more manager" in filing_desk.confirm(settings, "webhook", "mel", stage.now)
    with pytest.raises(NotFound, match="two different managers"):
        filing_desk.confirm(settings, "webhook", "mel", stage.now)
    assert "what waited goes now" in filing_desk.confirm(settings, "webhook", "sue", stage.now)
    sign(stage)
    lines = filing_desk.shown(settings)
    assert [(one["target"], one["confirmed"]) for one in lines if one["kind"] == "place"] == [
        ("webhook", True),
        ("folder", False),
    ]
    assert len([one for one in lines if one["kind"] == "waiting"]) == 2
    shown = " ".join(filing_desk.told(one) for one in lines)
    assert "receiver" not in shown
    assert SECRET not in shown
    assert filing_desk.retry(settings, stage.now) == 2


def test_who_asked_for_data_stands_in_the_register_whatever_was_decided(stage: Stage, settings: Settings) -> None:
    told = register.add(settings, "police", "DC Grey", "texts of a child, voluntary", "rosa", None, stage.now)
    request, _, rest = told.partition(": ")
    assert "refused" in rest
    assert "neither confirmed nor denied" in register.add(
        settings, "parent", "a caller", "do you know her", "ana", None, stage.now
    )
    with pytest.raises(NotFound, match="no manager"):
        register.decide(settings, request, "given", "they asked nicely", "rosa", stage.now)
    with pytest.raises(NotFound, match="--because"):
        register.decide(settings, request, "refused", " ", "mel", stage.now)
    assert register.decide(settings, request, "refused", "voluntary, text-safe", "mel", stage.now).endswith("refused")
    with pytest.raises(NotFound, match="decided already"):
        register.decide(settings, request, "given", "after all", "mel", stage.now)
    first, second = register.listed(settings)
    assert (first["decision"], first["decided_by"], first["because"]) == ("refused", "mel", "voluntary, text-safe")
    assert second["decision"] is None
    assert register.told(second).endswith("open")
    for kind, case, told in (("press", None, "'press' is nobody"), ("police", "amber-none", "no case 'amber-none'")):
        with pytest.raises(NotFound, match=told):
            register.add(settings, kind, "x", "y", "rosa", case, stage.now)
