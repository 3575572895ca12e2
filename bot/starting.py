"""`waymark offer` and `waymark request`: what the service starts, from the command line. May not send: the ticker does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import app, beginning, casing, i18n, keeping, serving
from bot.channels import addresses
from bot.runner import Runner
from flows import events
from flows.model import Service
from storage import cases, contacts, conversations
from storage.codes import Role
from storage.commit import Committer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction


def _with_runner(settings: Settings, work: Callable[[Transaction, Runner], object]) -> object:
    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    try:
        runner = Runner(app.furnish(committer, settings))
        return committer.submit(lambda tx: work(tx, runner))
    finally:
        committer.close()
        database.close()


def offer(settings: Settings, case: str, to: str, at: datetime, by: str | None = None) -> str:
    """Offer a return interview by SMS; returns the case's two words. Raises NotAPhone, and Refused for a case that is not
    known: by a slip a child would be texted of whom neither age nor disability is known, and interviewed alone (decisions 6).
    `by`: who of the staff made sure that the number is the child's own.
    """
    number = addresses.e164(to)

    def work(tx: Transaction, runner: Runner) -> str:
        who = None if by is None else casing.acting(tx, by)
        if who is not None and who.role is Role.REQUESTER:
            raise beginning.Refused(
                f"--by {who.name}: an official who asks for check-ins vouches for no number; name a worker"
            )
        begun, _ = beginning.offer(tx, runner, case, "sms", number, at, confirmed_by=who)
        held = conversations.case_of(tx, begun.id)
        return cases.load(tx, held).reference if held else case

    return str(_with_runner(settings, work))


def request(
    settings: Settings, number: str, reference: str, language: str | None, age_band: str | None, at: datetime
) -> bool:
    """Ask for a text-safe check-in; whether it was accepted. Raises NotAPhone."""
    to = addresses.e164(number)
    bands = ("under_13", "13_15", "16_17", "unknown")
    if age_band is not None and age_band not in bands:
        raise keeping.NotFound(f"--age-band {age_band}: use one of {', '.join(bands)}")
    if language is not None and not i18n.is_tag(language):
        raise keeping.NotFound(
            f"--language {language}: is no language tag; write it like vi or zh-Hans, or leave it out"
        )
    known = None if age_band == "unknown" else age_band

    def work(tx: Transaction, runner: Runner) -> bool:
        return beginning.request(tx, runner, "cli", reference, "sms", to, at, language=language, age_band=known)

    return bool(_with_runner(settings, work))


def back(settings: Settings, number: str, at: datetime) -> None:
    """Police or a carer say that the child of a request is back: invites stop, and another time missing is a request of its own.
    It is the same whether anybody knows the number (decisions 10). Raises NotAPhone.
    """
    to = addresses.e164(number)

    def work(tx: Transaction, runner: Runner) -> None:
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", to)
        talk = conversations.latest(tx, contact.id) if contact is not None else None
        if talk is not None:
            runner.handle(tx, conversations.load(tx, talk.id), events.EpisodeEnded(at))

    _with_runner(settings, work)
