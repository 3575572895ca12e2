"""The people of the service and how they are reached, from the command line. May not put anybody on duty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot import ending, keeping
from bot.channels import addresses
from bot.keeping import CLI, ROLES, NotFound
from flows import model
from storage import audit, credentials, lines, methods, outbox, people
from storage.codes import Method, Role, Sending
from storage.outbox import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction
    from storage.methods import Way
    from storage.people import Person

MANAGERS: Final = tuple(Role(one) for one in model.MANAGERS)
# What somebody who has never heard of it must be able to read on a locked screen: no child, no name.
CODE_TEXT: Final = "Waymark: your code is {code}. Give it to whoever set you up. If nobody did, ignore this."
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
_CHAT: Final = re.compile(r"\d{3,20}")


def add(settings: Settings, name: str, role: str, ways: Mapping[str, str], at: datetime) -> list[str]:
    """Take a person on; returns what to do next, a line each."""
    if role not in ROLES:
        raise NotFound(f"--role {role}: use one of {', '.join(ROLES)}")
    if not people.may_be_called(name):
        raise NotFound(
            f"NAME: give a name of at most {people.LONGEST_NAME} characters in one line, as colleagues see it"
        )
    written = {kind: _written(kind, address) for kind, address in ways.items()}

    def work(tx: Transaction) -> list[str]:
        person = people.add(tx, name, role, at)
        audit.record(tx, at, CLI, "staff.added", person.id, role)
        if not written:
            return [f"{name}: reached by nothing yet; `waymark staff method {name} --sms NUMBER`"]
        return [line for kind, address in written.items() for line in _added(tx, person, kind, address, None, at)]

    return keeping.within(settings, work)


def everyone(settings: Settings) -> list[dict[str, object]]:
    """All staff, without numbers; `verified`: the methods that surely reach them."""

    def work(tx: Transaction) -> list[dict[str, object]]:
        sure = methods.verified_of_all(tx)
        return [
            {"name": one.name, "role": one.role.value, "active": one.active, "verified": sorted(sure.get(one.id, ()))}
            for one in people.everyone(tx)
        ]

    return keeping.within(settings, work)


def disable(settings: Settings, name: str, at: datetime) -> None:
    """Let a person go: they are out in the same moment, and what they had in hand goes to others."""

    def work(tx: Transaction) -> None:
        person = named(tx, name)
        ending.end(tx, person, at, CLI, "staff.disabled")

    keeping.within(settings, work)


def restore(settings: Settings, name: str, by: str, at: datetime) -> None:
    """Let a person in again, by a manager who is another; whatever chat they are kept from, they stay kept from."""

    def work(tx: Transaction) -> None:
        person, decides = named(tx, name), manager(tx, by)
        if person.id == decides.id:
            raise NotFound(f"--by {by}: nobody lets themselves in again; name another manager")
        people.set_active(tx, person.id, on=True)
        people.mark_again(tx, person)
        audit.record(tx, at, decides.id, "staff.restored", person.id)

    keeping.within(settings, work)


def line(settings: Settings, name: str, above: list[str], at: datetime) -> None:
    """Whom a person answers to, from now on; those are kept from whatever may be about the person."""

    def work(tx: Transaction) -> None:
        person, higher = named(tx, name), [named(tx, one) for one in above]
        lines.put(tx, person.id, *(one.id for one in higher))
        audit.record(tx, at, CLI, "staff.line", person.id, *(one.id for one in higher))

    keeping.within(settings, work)


def enrol(settings: Settings, name: str, at: datetime) -> str:
    """A link by which a person sets up how they sign in: once, within a day. Only a mark of it is kept."""

    def work(tx: Transaction) -> str:
        person = named(tx, name)
        if not person.active:
            raise NotFound(f"{person.name} has left: nobody signs in under that name")
        audit.record(tx, at, CLI, "staff.enrolled", person.id)
        return credentials.link(tx, person.id, at)

    address = settings.desk_url or f"http://localhost:{settings.desk_port}"
    return f"{address}/enrol/{keeping.within(settings, work)}"


def add_ways(settings: Settings, name: str, ways: Mapping[str, str], by: str | None, at: datetime) -> list[str]:
    """New ways to reach a person, or a new code for one that is there; `by`: a manager who gives their word."""
    written = {kind: _written(kind, address) for kind, address in ways.items()}

    def work(tx: Transaction) -> list[str]:
        person, vouches = named(tx, name), None if by is None else manager(tx, by)
        return [line for kind, address in written.items() for line in _added(tx, person, kind, address, vouches, at)]

    return keeping.within(settings, work)


def ways(settings: Settings, name: str) -> list[str]:
    """How a person is reached, without showing where."""

    def work(tx: Transaction) -> list[str]:
        return [_shown(tx, one) for one in methods.of(tx, named(tx, name).id)]

    return keeping.within(settings, work)


def remove_ways(settings: Settings, name: str, kind: str, at: datetime) -> None:
    """Take every way of one kind away from a person."""
    if kind not in set(Method):
        raise NotFound(f"--remove {kind}: use one of {', '.join(Method)}")

    def work(tx: Transaction) -> None:
        person = named(tx, name)
        if not methods.remove(tx, person.id, kind):
            raise NotFound(f"{name} has no {kind}; `waymark staff method {name}` shows what there is")
        audit.record(tx, at, CLI, "method.removed", person.id, kind)

    keeping.within(settings, work)


def verify(settings: Settings, name: str, code: str, at: datetime) -> list[str]:
    """The code that was sent to a person: the methods it verifies."""

    def work(tx: Transaction) -> list[str]:
        person = named(tx, name)
        proved = methods.prove(tx, person.id, code, at)
        for one in proved:
            audit.record(tx, at, CLI, "method.verified", person.id, one.kind, methods.CODE)
        if not proved:
            audit.record(tx, at, CLI, "method.code_wrong", person.id)
        return [one.kind.value for one in proved]

    found = keeping.within(settings, work)
    if not found:
        # Told apart they would help only somebody who guesses.
        raise NotFound(f"that code is wrong, used or too old; `waymark staff method {name} --sms NUMBER` sends another")
    return found


def vouch(settings: Settings, name: str, by: str, at: datetime) -> list[str]:
    """A manager's word for every way of a person that is not verified yet: the methods it verifies."""

    def work(tx: Transaction) -> list[str]:
        person, vouches = named(tx, name), manager(tx, by)
        proved = [one for one in methods.of(tx, person.id) if one.verified_at is None]
        for one in proved:
            _vouch(tx, one, vouches, at)
        return list(dict.fromkeys(one.kind.value for one in proved))

    found = keeping.within(settings, work)
    if not found:
        raise NotFound(f"{name} has nothing that is not verified; `waymark staff method {name}` shows what there is")
    return found


def named(tx: Transaction, name: str) -> Person:
    """A person of the staff. Raises NotFound."""
    person = people.by_name(tx, name)
    if person is None:
        raise NotFound(f"nobody called '{name}' is on the staff; `waymark staff list` shows who is")
    return person


def manager(tx: Transaction, name: str) -> Person:
    """A person whose word counts. Raises NotFound."""
    person = named(tx, name)
    if not person.active or person.role not in MANAGERS:
        raise NotFound(f"--by {name}: only a manager or a service manager who is active may; `waymark staff list`")
    return person


def _added(tx: Transaction, person: Person, kind: str, address: str, vouches: Person | None, at: datetime) -> list[str]:
    way = methods.add(tx, person.id, kind, address, at)
    audit.record(tx, at, CLI, "method.added", person.id, kind)
    if vouches is not None:
        _vouch(tx, way, vouches, at)
        return [f"{person.name}: {kind} {way.ending} verified by the word of {vouches.name}"]
    if way.verified_at is not None:
        return [f"{person.name}: {kind} {way.ending} is verified already"]
    if way.kind is Method.VOICE:
        return [f"{person.name}: voice {way.ending} is not verified yet: {_how_to_prove_voice(tx, person, way)}"]
    _send_code(tx, way, at)
    then = f"a code leaves as soon as `waymark serve` runs; `waymark staff verify {person.name} CODE`"
    return [f"{person.name}: {kind} {way.ending} is not verified yet: {then}"]


def _how_to_prove_voice(tx: Transaction, person: Person, way: Way) -> str:
    if any(one.kind is Method.SMS and one.address == way.address for one in methods.of(tx, person.id)):
        return "the code that is texted to it proves it too"
    return f"a line that cannot be texted needs a manager's word; `waymark staff verify {person.name} --by MANAGER`"


def _send_code(tx: Transaction, way: Way, at: datetime) -> None:
    code = methods.ask(tx, way, at)
    draft = Draft(
        kind=Sending.NOTICE,
        channel=way.kind,
        text=CODE_TEXT.format(code=code),
        not_before=at,
        staff=way.staff,
        method=way.id,
        expires_at=at + methods.VALID,
    )
    outbox.add(tx, draft, at)


def _vouch(tx: Transaction, way: Way, by: Person, at: datetime) -> None:
    methods.vouch(tx, way, by.id, at)
    audit.record(tx, at, by.id, "method.verified", way.staff, way.kind, "by_word")


def _shown(tx: Transaction, way: Way) -> str:
    if way.verified_at is None:
        return f"{way.kind:<9}{way.ending:<20} not verified"
    by = way.verified_by or ""
    known = {methods.CODE: "by a code", methods.INVENTED: "as invented"}.get(by)
    return f"{way.kind:<9}{way.ending:<20} verified {known or 'by the word of ' + people.load(tx, by).name}"


def _written(kind: str, address: str) -> str:
    if kind in {Method.SMS, Method.VOICE}:
        return addresses.e164(address)
    if kind == Method.EMAIL and not _EMAIL.fullmatch(address):
        raise NotFound("--email: write it like ana@example.org")
    if kind == Method.TELEGRAM and not _CHAT.fullmatch(address):
        raise NotFound("--telegram: give the number of the person's own chat with the bot, as in 700900201")
    return address.lower() if kind == Method.EMAIL else address
