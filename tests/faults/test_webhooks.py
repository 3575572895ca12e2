"""What providers do on bad days: the same text twice and at once, the later one first, reports in any order, forgeries."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage import tables
from storage.codes import Direction, Status
from tests.faults import judging
from tests.faults.provider import BROKEN, BUSY

if TYPE_CHECKING:
    from storage.database import Database
    from tests.faults.program import Program
    from tests.faults.provider import Provider

CHILD = "+447700900100"
OTHER = "+447700900101"


def came(database: Database, address: str) -> list[str | None]:
    with database.transaction() as tx:
        return [one.external_id for one in judging.thread(tx, address) if one.direction is Direction.IN]


def status(database: Database, outbox: str) -> Status:
    with database.transaction() as tx:
        found: Status = tx.execute(select(tables.outbox.c.status).where(tables.outbox.c.id == outbox)).scalar_one()
        return found


def first_send(given: Provider, address: str) -> str:
    """The outbox id of the first text to a number, once it has come."""
    until = time.monotonic() + 30
    while not given.to(address):
        assert time.monotonic() < until
        time.sleep(0.02)
    return next(one.outbox for one in given.taken if one.to == address)


def test_twice_at_once_out_of_order_and_forged(program: Program, provider: Provider) -> None:
    program.start()
    database = program.database()

    with ThreadPoolExecutor(6) as hands:
        assert set(hands.map(lambda _: program.text("SM01", CHILD, "hello"), range(6))) == {204}
    assert program.text("SM03", CHILD, "and my name is no secret") == 204
    assert program.text("SM02", CHILD, "1") == 204
    assert program.text("SM01", CHILD, "hello") == 204
    assert came(database, CHILD) == ["SM01", "SM03", "SM02"]

    form = {"MessageSid": "SM09", "From": OTHER, "Body": "hello"}
    assert program.post("/twilio/sms", form, token="another token") == 403
    assert program._ask("POST", "/twilio/sms", b"MessageSid=SM09&From=x&Body=hello", {}) == 403
    assert program.text("SM10", OTHER, "hello") == 204
    assert came(database, OTHER) == ["SM10"]

    sent = first_send(provider, OTHER)
    until = time.monotonic() + 10
    while status(database, sent) is Status.LEASED and time.monotonic() < until:
        time.sleep(0.02)
    for word, known in (
        ("delivered", Status.DELIVERED),
        ("sent", Status.DELIVERED),
        ("queued", Status.DELIVERED),
        ("undelivered", Status.DELIVERED),
        ("nonsense", Status.DELIVERED),
    ):
        report = {"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": "30003" if word == "undelivered" else ""}
        assert program.post(f"/twilio/status/{sent}", report) == 204
        assert status(database, sent) is known, word
    assert program.post("/twilio/status/nobody-knows-this", {"MessageStatus": "sent"}) == 204

    assert program.stop() == 0, "told to stop, it stops by itself"
    with database.transaction() as tx:
        left = tx.execute(select(tables.outbox.c.status)).scalars().all()
    assert Status.LEASED not in left
    database.close()
    assert provider.duplicates() == 0


def test_a_provider_that_fails_is_asked_again_by_the_program_itself(program: Program, provider: Provider) -> None:
    provider.will.extend([BROKEN, BUSY])
    provider.retry_after = "1"
    program.seed = None  # as an operator starts it: from nothing
    program.start()
    assert program.text("SM20", CHILD, "hello") == 204
    first_send(provider, CHILD)
    assert [text[:3] for text in provider.to(CHILD)] == ["Hi,"]
    assert (provider.met["busy"], provider.met["broken"], provider.met["fine"]) == (1, 1, 1)
