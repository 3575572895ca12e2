"""Whatever dies between two steps of a page: every L3 and L4 is taken or still climbing, and who has it is left alone."""

from __future__ import annotations

import random
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from bot.channels.base import Inbound
from bot.channels.voice import Voice
from bot.ticker import Ticker
from flows import standing
from flows.model import Level
from storage import alerts, page_codes, people, timers
from storage.codes import Role
from tests.faults import judging
from tests.faults.program import ANA, BEN, Program
from tests.faults.provider import BROKEN, CALL, FINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flows.model import Alert
    from storage.database import Database
    from tests.faults.judging import House
    from tests.faults.provider import Provider
    from tests.forked import Seed
    from tests.postgres import Server

GRAVE, LESS = "hes got a knife wont let me out", "my stepdad raped me"
CHILD, OTHER = "+447700900131", "+447700900132"
SECONDS: Final = 60
MINUTE = timedelta(minutes=1)


def await_it(there: Callable[[], object], program: Program) -> None:
    until = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < until, program.log()
        time.sleep(0.02)


def kill_and_start(program: Program, chance: random.Random) -> None:
    time.sleep(chance.uniform(0, 0.15))
    program.kill()
    program.start()


def pages(provider: Provider, to: str) -> list[str]:
    return [text for text in provider.to(to) if text == CALL or " to take it" in text or " alerts. " in text]


def nothing_went_quiet(database: Database) -> dict[Level, Alert]:
    """Each alert that is not decided has a timer to come of its own serial: it climbs, or its acknowledgement decays."""
    with database.transaction() as tx:
        found = alerts.undecided(tx)
        for alert in found:
            pending = {one.name for one in timers.of(tx, alert.id) if one.turn == alert.serial}
            wanted = {"climb"} if standing.climbs(alert) else {"decay"}
            assert wanted <= pending, alert.state
        return {alert.level: alert for alert in found}


def test_killed_between_any_two_steps(program: Program, provider: Provider) -> None:
    """The text is brought, the page leaves, the code is texted back, the key is pressed; the power goes after each."""
    chance = random.Random(program.url)
    program.start()
    assert program.text("SM1", CHILD, GRAVE) == 204
    assert program.text("SM2", OTHER, LESS) == 204
    kill_and_start(program, chance)
    await_it(lambda: CALL in provider.to(ANA) and len(pages(provider, ANA)) >= 3, program)
    kill_and_start(program, chance)

    database = program.database()
    with database.transaction() as tx:
        grave = next(one for one in alerts.undecided(tx) if one.level is Level.L4)
        call = next(one for one in alerts.pages(tx, grave.id) if one.method == "voice")
        assert call.role is Role.DUTY
    codes = re.findall(r"L4 \S+?\. Reply (\w{6})", " ".join(provider.to(ANA)))
    assert program.text("SM3", ANA, codes[-1]) == 204
    kill_and_start(program, chance)
    assert nothing_went_quiet(database)[Level.L4].taken_by == "Ana"

    path = f"/twilio/voice/{call.outbox}?page={call.id}"
    assert program.post(path, {"CallSid": "CA1", "Digits": "1", "CallStatus": "in-progress"}) == 200
    program.kill()
    after = nothing_went_quiet(database)
    assert after[Level.L4].confirmed
    assert after[Level.L3].state == "raised"

    # A quarter of an hour later Ben is called about the other one, and Ana, who has the first, about nothing of it.
    before = len([text for text in provider.to(ANA) if after[Level.L4].case_name in text])
    with judging.house(program) as ours:
        for minute in range(17):
            ours.settle(datetime.now(UTC) + judging.LATER + minute * MINUTE, provider)
    assert len([text for text in provider.to(ANA) if after[Level.L4].case_name in text]) - before <= 1, (
        "in doubt, at most"
    )
    assert not [text for text in pages(provider, BEN) if after[Level.L4].case_name in text]
    assert [text for text in pages(provider, BEN) if after[Level.L3].case_name in text]
    nothing_went_quiet(database)
    database.close()


@pytest.fixture
def ours(program: Program, provider: Provider) -> Iterator[House]:
    """In this process, with the telephone."""
    with judging.house(program, timeout=0.2) as made:
        made.runner.house.shelf.page_methods = ("sms", "voice")
        yield made


def pass_time(ours: House, since: datetime, minutes: range) -> None:
    voice = Voice(ours.channel.config)
    ticker = Ticker(ours.runner, {"sms": ours.channel, "voice": voice})
    for minute in minutes:
        while ticker.round(since + minute * MINUTE).any:
            pass
    voice.close()


def test_half_an_hour_without_a_provider(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    provider.always = BROKEN
    for number, words in ((CHILD, GRAVE), (OTHER, LESS)):
        ours.runner.accept(Inbound("sms", f"SM{number}", number, words, None, now))
    pass_time(ours, now, range(30))
    assert set(nothing_went_quiet(ours.database)) == {Level.L3, Level.L4}
    provider.always = FINE
    pass_time(ours, now, range(30, 36))
    assert pages(provider, ANA)
    assert pages(provider, BEN)
    with ours.database.transaction() as tx:
        for alert in alerts.undecided(tx):
            assert any(alert.case_name in text for text in provider.to(ANA) + provider.to(BEN))
    assert CALL in provider.to(ANA)


def test_taken_while_there_is_no_provider_pages_nobody_when_it_is_back(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    provider.always = BROKEN
    ours.runner.accept(Inbound("sms", "SM1", OTHER, LESS, None, now))
    pass_time(ours, now, range(20))
    with ours.database.transaction() as tx:
        (alert,) = alerts.undecided(tx)
        ana = people.by_name(tx, "Ana")
        assert ana is not None
        code = alerts.code_of(tx, alerts.pages_to(tx, ana.id)[0])
        rung = page_codes.is_current(tx, alerts.pages_to(tx, ana.id)[0])
    assert not rung, "it died with its rung"
    with ours.database.transaction() as tx:
        ben = people.by_name(tx, "Ben")
        assert ben is not None
        code = alerts.code_of(tx, alerts.pages_to(tx, ben.id)[0])
    ours.runner.accept(Inbound("sms", "SM2", BEN, code, None, now + 20 * MINUTE))
    provider.always = FINE
    pass_time(ours, now, range(21, 45))
    assert pages(provider, ANA) == []
    assert pages(provider, BEN) == []
    assert nothing_went_quiet(ours.database)[alert.level].taken_by == "Ben"


@pytest.fixture
def on_postgresql(
    postgres_server: Server, migrated_template: str, keys_file: Path, provider: Provider, seed: Seed
) -> Iterator[Program]:
    name = "test_paging_down"
    with Program(postgres_server.create(name, migrated_template), keys_file, provider.base, seed) as made:
        made.staff()
        yield made
    postgres_server.drop(name)


def test_the_database_restarts_while_pages_wait(
    on_postgresql: Program, postgres_server: Server, provider: Provider
) -> None:
    program = on_postgresql
    provider.always = BROKEN
    program.start()
    assert program.text("SM1", CHILD, GRAVE) == 204
    assert program.text("SM2", OTHER, LESS) == 204
    postgres_server.stop("immediate")
    postgres_server.start()
    # How many were tried before it stopped depends on the machine; at least one leaves after.
    tried = len(pages(provider, ANA))
    provider.always = FINE
    await_it(lambda: CALL in provider.to(ANA) and len(pages(provider, ANA)) > tried, program)
    program.kill()
    database = program.database()
    assert set(nothing_went_quiet(database)) == {Level.L3, Level.L4}
    database.close()
