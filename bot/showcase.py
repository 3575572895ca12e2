"""The child's page and the desk of the demo: the whole program on this machine, with an invented rota whose pages are printed.

May not be used for anybody real: its keys last as long as the process, and so does what is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from bot.channels.base import Sent
from bot.channels.webchat import Webchat
from bot.serving import Serving
from storage import credentials, methods, people, training
from storage.database import Database
from storage.keys import Keys
from storage.training import Training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Arrived, Inbound, Outgoing
    from bot.config import Settings
    from storage.database import Transaction

_YEAR: Final = timedelta(days=365)
ROTA: Final = (("ana", "duty"), ("ben", "backup"), ("mel", "manager"), ("sue", "service_manager"))
# Who else has a way in: a volunteer, who supervises volunteers, and an officer who asks for check-ins.
OTHERS: Final = (("vic", "worker"), ("kay", "supervisor"), ("pc smith", "requester"))


class PrintedPhone:
    """The telephones of invented staff: what they get is printed."""

    def __init__(self, out: TextIO, name: str = "sms") -> None:
        self._out = out
        self.name = name

    def send(self, outgoing: Outgoing) -> Sent:
        """Print a text."""
        what = "call to" if self.name == "voice" else "phone"
        self._out.write(f"\n  [{what} {outgoing.to}]\n  {outgoing.text}\n")
        self._out.flush()
        return Sent(f"printed-{outgoing.outbox_id}")

    def parse(self, arrived: Arrived) -> Inbound | None:
        """Nothing comes in by a webhook here."""
        del arrived
        return None


@contextlib.contextmanager
def page(settings: Settings, out: TextIO) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Serve page and desk beside whatever else the demo does; gives the page's address, and everybody's way in."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-demo-")))
        database = Database(f"sqlite:///{folder / 'page.db'}", Keys.load(Keys.new()))
        stack.callback(database.close)
        database.migrate()
        # Only this machine, whatever the settings say: nobody real may find it.
        here = replace(settings, draft_locales="allow", public_url="", host="127.0.0.1", desk_url="")
        serving = Serving(
            here, database, {"web": Webchat(), "sms": PrintedPhone(out), "voice": PrintedPhone(out, "voice")}
        )
        stack.callback(serving.committer.close)
        serving.demo = True
        tokens = serving.committer.submit(_rota)
        listening, desk = _listening(here.port), _listening(here.desk_port)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_run, args=(loop, serving, listening, desk))
        thread.start()
        stack.callback(thread.join)
        stack.callback(loop.call_soon_threadsafe, serving.stop)
        way_in = f"http://localhost:{desk.getsockname()[1]}/demo/"
        links = [(name, way_in + token) for name, token in tokens]
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", links


def _run(loop: asyncio.AbstractEventLoop, serving: Serving, listening: socket.socket, desk: socket.socket) -> None:
    async def all_of_it() -> None:
        await asyncio.gather(serving.web(listening), serving.desk(desk), serving.tick())

    loop.run_until_complete(all_of_it())
    loop.close()


def _listening(port: int) -> socket.socket:
    """The port of the settings, or any when somebody has that."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _rota(tx: Transaction) -> list[tuple[str, str]]:
    """Everybody, on duty for a month; gives (name and role, what their link ends in)."""
    now = datetime.now(UTC)
    tokens = []
    for number, (name, role) in enumerate((*ROTA, *OTHERS)):
        person = people.add(tx, name, role, now, phone=f"+4477009002{number:02d}", proof=methods.INVENTED)
        training.record(tx, Training(person.id, now.date() + _YEAR, now.date() + _YEAR), "demo", now)
        if role not in ("supervisor", "requester"):
            people.add_shift(tx, person.id, role, now - timedelta(days=1), now + timedelta(days=30))
        tokens.append((f"{name}, {role.replace('_', ' ')}", credentials.link(tx, person.id, now)))
    return tokens
