"""Commands about the people of the service and how they are reached. Thin: `staffing` does the work."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands import Json, now, say, settings, stop

staff_app = typer.Typer(no_args_is_help=True, help="The people of the service. Example: waymark staff list")

_Sms = Annotated[str | None, typer.Option("--sms", help="A number that is texted.")]
_Voice = Annotated[str | None, typer.Option("--voice", help="A number that is rung.")]
_Telegram = Annotated[str | None, typer.Option("--telegram", help="The number of their own chat with the bot.")]
_Email = Annotated[str | None, typer.Option("--email", help="An e-mail address.")]


@staff_app.command("add")
def staff_add(
    name: Annotated[str, typer.Argument(help="The name colleagues see.")],
    role: Annotated[str, typer.Option(help="duty, backup, manager, service_manager, worker, supervisor or requester.")],
    phone: Annotated[str | None, typer.Option(help="The number that is texted and rung.")] = None,
    email: _Email = None,
) -> None:
    """Take a person on. Example: waymark staff add Ana --role duty --phone 07700900201"""
    from bot import staffing

    ways = _given(sms=phone, voice=phone, email=email)
    told = staffing.add(settings(), name, role, ways, now())
    say(f"{name}: added")
    for line in told:
        say(line)


@staff_app.command("list")
def staff_list(as_json: Json = False) -> None:
    """Who there is, and by what each is surely reached. Example: waymark staff list"""
    from bot import staffing

    for one in staffing.everyone(settings()):
        reached = " ".join(map(str, one["verified"])) if isinstance(one["verified"], list) else ""
        left = "" if one["active"] else "left"
        say(json.dumps(one) if as_json else f"{one['name']:<20} {one['role']:<16} {left:<5} {reached}".rstrip())


@staff_app.command("line")
def staff_line(
    name: str,
    above: Annotated[list[str], typer.Option(help="Whom they answer to; may be repeated. It replaces what was there.")],
) -> None:
    """Write down whom a person answers to: who is kept from a concern about them. Example: waymark staff line Ana --above Mel"""
    from bot import staffing

    staffing.line(settings(), name, above, now())
    say(f"{name}: answers to {', '.join(above)}")


@staff_app.command("enrol")
def staff_enrol(name: str) -> None:
    """Print a link by which a person sets up how they sign in; once, within a day. Example: waymark staff enrol Ana"""
    from bot import staffing

    say(staffing.enrol(settings(), name, now()))


@staff_app.command("restore")
def staff_restore(
    name: str, by: Annotated[str, typer.Option(help="The manager who decides it; never the person.")]
) -> None:
    """Let a person in again whose access had ended. Example: waymark staff restore Ana --by Mel"""
    from bot import staffing

    staffing.restore(settings(), name, by, now())
    say(f"{name}: is let in again, by {by}")


@staff_app.command("disable")
def staff_disable(name: str) -> None:
    """Let a person go: signed out at once, nothing sent to them any more. Example: waymark staff disable Ana"""
    from bot import staffing

    staffing.disable(settings(), name, now())
    say(f"{name}: disabled")


@staff_app.command("method")
def staff_method(  # noqa: PLR0913, PLR0917 - one option a way
    name: Annotated[str, typer.Argument(help="The person.")],
    sms: _Sms = None,
    voice: _Voice = None,
    telegram: _Telegram = None,
    email: _Email = None,
    by: Annotated[str | None, typer.Option("--by", help="A manager whose word verifies it.")] = None,
    remove: Annotated[str | None, typer.Option("--remove", help="sms, voice, telegram or email: taken away.")] = None,
) -> None:
    """How a person is reached: shown, added, taken away. Example: waymark staff method Ana --voice 07700900202 --by Mel"""
    from bot import staffing

    ways = _given(sms=sms, voice=voice, telegram=telegram, email=email)
    if remove is not None:
        if ways:
            raise stop("--remove stands alone: take one away first, then add the other")
        staffing.remove_ways(settings(), name, remove, now())
        say(f"{name}: {remove} taken away")
        return
    lines = staffing.add_ways(settings(), name, ways, by, now()) if ways else staffing.ways(settings(), name)
    for line in lines or [f"{name}: cannot be reached; `waymark staff method {name} --sms NUMBER`"]:
        say(line)


@staff_app.command("verify")
def staff_verify(
    name: Annotated[str, typer.Argument(help="The person.")],
    code: Annotated[str | None, typer.Argument(help="The code that was sent to them.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Instead of a code: a manager who gives their word.")] = None,
) -> None:
    """Prove that this is where a person is reached: by a code, or a manager's word. Example: waymark staff verify Ana 4F7K2Q"""
    from bot import staffing

    if (code is None) == (by is None):
        raise stop(f"give the code that was sent to {name}, or --by with a manager who gives their word")
    if by is not None:
        found = staffing.vouch(settings(), name, by, now())
    else:
        found = staffing.verify(settings(), name, code or "", now())
    say(f"{name}: verified {', '.join(found)}")


@staff_app.command("fallback")
def staff_fallback(
    name: Annotated[str, typer.Argument(help="The person.")],
    state: Annotated[str, typer.Argument(help="on or off.")],
) -> None:
    """Whom the last rung reaches when nobody else stands there. Example: waymark staff fallback Sue on"""
    from bot import rostering

    if state not in ("on", "off"):
        raise stop(f"'{state}': somebody is named for it (on), or no longer (off)")
    rostering.fallback(settings(), name, on=state == "on", at=now())
    say(f"{name}: {state}")


def _given(**ways: str | None) -> dict[str, str]:
    return {kind: written for kind, written in ways.items() if written is not None}
