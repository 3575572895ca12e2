"""A server process that is measured over HTTP: `python -m tests.bench.web waymark|naive URL COUNT PORT`.

Waymark's own public app with signed Twilio webhooks, or a naive app that does the same the way tutorials do: Starlette,
SQLModel, one session a request in the thread pool, the same check of the signature. FastAPI is no dependency of ours;
beneath it such an app is this one, less FastAPI's own cost. It is opened kindly: WAL, synchronous=FULL, BEGIN IMMEDIATE.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from sqlalchemy import create_engine, event
from sqlmodel import Field, Session, SQLModel, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from bot.channels import sms
from bot.web.app import create_app
from bot.web.webhooks import Doors
from storage.commit import StoreUnavailable
from tests.bench import interview, ours

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request

TOKEN: Final = "bench-token"
ACCOUNT: Final = "AC" + "0" * 32
PUBLIC: Final = "https://bench.example.org"
PATH: Final = "/twilio/sms"


def waymark(url: str, count: int) -> Starlette:
    """Waymark's public app on a database with `count` children invited."""
    made = ours.Waymark(url, digits=3)
    made.staff()
    made.invite(interview.child(number) for number in range(count))
    config = sms.Config(account_sid=ACCOUNT, tokens=(TOKEN,), public_url=PUBLIC, sender="+15005550006")
    began = datetime.now(UTC)

    async def ready() -> bool:
        return True

    async def report(_: Any) -> None:
        """No provider reports here."""

    doors = Doors(
        accept=made.runner.aaccept,
        report=report,
        ready=ready,
        channels={"sms": sms.Sms(config)},
        unavailable=(StoreUnavailable,),
        clock=lambda: ours.NOON + (datetime.now(UTC) - began),
    )
    return create_app(doors)


# --- the naive app ----------------------------------------------------------------------------------------------------


class Contact(SQLModel, table=True):
    """A child."""

    id: int | None = Field(default=None, primary_key=True)
    phone: str = Field(unique=True)
    locale: str


class Talk(SQLModel, table=True):
    """Where a child is in the interview."""

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    step: str | None = None


class Text(SQLModel, table=True):
    """A text, in or out."""

    id: int | None = Field(default=None, primary_key=True)
    talk_id: int = Field(foreign_key="talk.id", index=True)
    sid: str | None = Field(default=None, unique=True)
    body: str
    sent: bool = False


class Said(SQLModel, table=True):
    """An answer."""

    id: int | None = Field(default=None, primary_key=True)
    talk_id: int = Field(foreign_key="talk.id", index=True)
    question: str
    value: str


def naive(url: str, count: int) -> Starlette:
    """The app of the tutorial, with `count` children known."""
    engine = _engine(url)
    SQLModel.metadata.create_all(
        engine, tables=[SQLModel.metadata.tables[n] for n in ("contact", "talk", "text", "said")]
    )
    with Session(engine) as session:
        for number in range(count):
            session.add(Contact(phone=phone(number), locale=interview.child(number).locale))
        session.commit()
    validator = RequestValidator(TOKEN)

    async def receive(request: Request) -> Response:
        form = dict((await request.form()).items())
        signature = request.headers.get("x-twilio-signature", "")
        if not validator.validate(PUBLIC + PATH, form, signature):
            return Response(status_code=403)
        await run_in_threadpool(_take, engine, {name: str(value) for name, value in form.items()})
        return Response(status_code=204)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 60})

    def connected(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _take(engine: Engine, form: dict[str, str]) -> None:
    with Session(engine) as session:
        contact = session.exec(select(Contact).where(Contact.phone == form["From"])).one()
        assert contact.id is not None
        if session.exec(select(Text).where(Text.sid == form["MessageSid"])).first():
            return
        talk = session.exec(select(Talk).where(Talk.contact_id == contact.id)).first()
        if talk is None:
            talk = Talk(contact_id=contact.id)
            session.add(talk)
            session.flush()
        assert talk.id is not None
        session.add(Text(talk_id=talk.id, sid=form["MessageSid"], body=form["Body"]))
        for reply in _replies(session, talk, contact.locale, form["Body"]):
            session.add(Text(talk_id=talk.id, body=reply))
        session.commit()


def _replies(session: Session, talk: Talk, locale: str, body: str) -> list[str]:
    if talk.step is None:
        talk.step = interview.GATE
        return [interview.prompt(interview.GATE, locale).text]
    prompt = interview.prompt(talk.step, locale)
    value = interview.value(prompt, body)
    if value is None:
        return [prompt.text]
    assert talk.id is not None
    session.add(Said(talk_id=talk.id, question=talk.step, value=json.dumps(value)))
    hello = [interview.statement("msg_hello", locale)] if talk.step == interview.GATE else []
    talk.step = interview.following(talk.step, value)
    return [*hello, interview.prompt(talk.step, locale).text if talk.step else interview.statement("msg_end", locale)]


def phone(number: int) -> str:
    """One of the thousand numbers that belong to nobody."""
    return ours.address(number, digits=3)


if __name__ == "__main__":
    which, where, many, port = sys.argv[1:]
    app = (waymark if which == "waymark" else naive)(where, int(many))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False, server_header=False)
