"""Plays a transcript through the real runner, ticker and database on fake phones with a fake clock.

State is loaded anew for every line, because nothing is kept between two events but what the database holds. What happens is
gathered as outcomes (interfaces "Transcripts"); comparing and printing them is `judge`.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot import app, beginning, window
from bot.channels.base import Inbound, Sent
from bot.config import Settings
from bot.play import crossing, desk, on_duty, outcomes, staff
from bot.play.script import ELSEWHERE, LONDON, PlayError
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events
from flows.model import Service
from storage import cases, chance, contacts, conversations, messages, outbox, timers
from storage.codes import Direction
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from typing import Self

    from bot.channels.base import Outgoing
    from bot.play.outcomes import Outcome
    from bot.play.script import Episode, Line, Play
    from bot.runner import House
    from storage.database import Transaction

CHILD = {"sms": "+447700900111", "whatsapp": "+447700900111", "telegram": "700900111", "web": "w-700900111"}
# Keys of invented children, the same in every play, so that a play gives the same codes every time. Never for real ones.
PLAY_KEYS = "pepper=MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=;key=MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="
_ROUNDS = 200


class FakePhone:
    """A channel whose provider is this program: what it is given was delivered, unless the play said otherwise."""

    def __init__(self, name: str, stage: Stage) -> None:
        self.name = name
        self.stage = stage

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand a text to a fake phone."""
        self.stage.sent(self.name, outgoing)
        return Sent(f"fake-{outgoing.outbox_id}")

    def parse(self, arrived: object) -> None:
        """Nothing comes in by a webhook here."""
        del arrived


class Stage:
    """One play, being played. `outcomes` grows; `run` plays every input line."""

    now: datetime
    conversation: str
    committer: Committer
    house: House
    runner: Runner
    watcher: outcomes.Watcher

    def __init__(self, play: Play, database_url: str | None = None) -> None:
        self.play = play
        self.now = play.now.astimezone(UTC)
        self.outcomes: list[Outcome] = []
        self.fails: list[str] = []
        self.ringing: dict[str, str] = {}
        self.conversation = ""
        self.code = ""
        self.child_messages = 0
        self.last_inbound: Inbound | None = None
        self.staying: set[str] = set()  # whose desk is open while time passes; of others, only what they do is a sign
        self._turn: list[Outcome] = []
        self._url = database_url
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Build the house on an empty database."""
        self._stack.enter_context(chance.seeded("a play"))
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-play-")))
        if self._url is None:
            (folder / "play.db").write_bytes(_empty())
        url = self._url or f"sqlite:///{folder / 'play.db'}"
        self.database = Database(url, Keys.load(PLAY_KEYS))
        self._stack.callback(self.database.close)
        self.database.migrate()
        self.committer = Committer(self.database, writers=1)
        self._stack.callback(self.committer.close)
        settings = Settings(draft_locales="allow", telegram_text_safe=True)
        self.house = app.furnish(self.committer, settings, observe=self._observe, page_methods=("sms", "voice"))
        self.runner = Runner(self.house)
        self.watcher = outcomes.Watcher(self)
        self.ticker = Ticker(self.runner, {name: FakePhone(name, self) for name in (*CHILD, "voice")})
        self.committer.submit(lambda tx: on_duty.stand(tx, self.play, self.now))
        self._begin()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave nothing behind."""
        self._stack.close()

    # --- the scene ----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.committer.submit(self._begin_in)
        self.settle()

    def _begin_in(self, tx: Transaction) -> None:
        play, address = self.play, CHILD[self.play.channel]
        if play.flow == "text_safe":
            self._begin_text_safe(tx, address)
            return
        details: dict[str, str | int | None] = {"name": "invented", **play.child}
        case = cases.add(tx, "PLAY-1", self.now, details)
        for one in play.episodes:
            if one.missing is not None:
                cases.add_episode(tx, case.id, one.missing, one.returned, self._known(one))
        conversation, _ = beginning.offer(
            tx,
            self.runner,
            case.reference,
            play.channel,
            address,
            self.now,
            locale=play.locale,
            how="offer" if play.start in ("offer", "invite") else play.start,
            path=play.reading_path,
            facts=self._facts(),
        )
        self.conversation = conversation.id
        if play.start == "chat" and play.channel in window.WINDOWS:
            # They came in by the code, which was a text: the window is open.
            messages.add(tx, conversation.id, Direction.IN, play.channel, "[code]", self.now)

    def _begin_text_safe(self, tx: Transaction, address: str) -> None:
        play = self.play
        contact = contacts.find(tx, Service.TEXT_SAFE, play.channel, address, self.now)
        if play.start in ("offer", "invite"):
            beginning.request(
                tx,
                self.runner,
                "play",
                "PLAY-1",
                play.channel,
                address,
                self.now,
                language=play.locale,
                facts=self._facts(),
            )
            found = conversations.latest(tx, contact.id)
            self.conversation = found.id if found else ""
            return
        begun = beginning.begin(
            tx,
            self.house,
            contact,
            "text_safe",
            play.channel,
            self.now,
            how=play.start,
            locale=play.locale,
            path=play.reading_path,
            facts=self._facts(),
        )
        self.conversation = begun.id
        if play.start == "chat":
            self.runner.handle(tx, begun, events.Started(self.now, play.start), contact)

    def _facts(self) -> dict[str, str | int]:
        return dict(self.play.child)

    def _known(self, episode: Episode) -> dict[str, str | int | None]:
        """An episode as the importer would keep it; the play begins when the service hears of it."""
        details: dict[str, str | int | None] = dict(episode.more)
        if episode.located is not None:
            details["located_at"] = episode.located.astimezone(UTC).isoformat()
        if episode.returned is not None or episode.located is not None:
            details["notified_at"] = self.now.isoformat()
        return details

    # --- playing ------------------------------------------------------------------------------------------------------

    def run(self) -> list[Outcome]:
        """Play every input line; returns every outcome, the record last."""
        for line in self.play.lines:
            if line.is_input:
                self.line(line)
        self.end()
        return self.outcomes

    def end(self) -> None:
        """Add the record: once, at the end."""
        self.outcomes.append(self.committer.submit(self.watcher.record))

    def line(self, line: Line) -> None:
        """One input line, and everything that follows from it at once."""
        where = f"{self.play.path}:{line.number}"
        match line.who:
            case "child":
                self.child(line.text, self.play.channel)
            case "child again":
                self._again(where)
            case "phone" | "call" | "ladder" as how:
                (staff.ANSWERS | {"ladder": on_duty.edit})[how](self, line.text, where)
            case "provider":
                self._provider(line.text, where)
            case "request":
                self._request(line.text, where)
            case "police":
                desk.police(self, line.text, where)
            case "desk":
                desk.click(self, line.text, where)
            case "wait":
                self._wait(line)
            case who if who in ELSEWHERE:
                crossing.child(self, who.rpartition(" ")[2], line.text)
            case _:
                raise PlayError(f"{where}: '{line.who} >' is not built yet (README, Not yet): leave the line out")
        self.settle()

    def child(self, text: str, channel: str) -> None:
        """A text of the child."""
        self.child_messages += 1
        sent = re.fullmatch(r"\[([a-z]+)(?: (.+))?\]", text)
        media = sent and sent[1]
        inbound = Inbound(
            channel=channel,
            external_id=f"play-{self.child_messages}",
            address=CHILD[channel],
            text=None if media else text,
            media=media,
            at=self.now,
            place=sent and sent[2],
        )
        self.last_inbound = inbound
        self.runner.accept(inbound)

    def _again(self, where: str) -> None:
        if self.last_inbound is None:
            raise PlayError(f"{where}: nothing was texted before that could come again")
        self.runner.accept(self.last_inbound)

    def _provider(self, text: str, where: str) -> None:
        verb, _, code = text.partition(" ")
        if verb != "fails" or not code.strip():
            raise PlayError(f"{where}: write provider > fails 30003 (a code of the provider)")
        self.fails.append(code.strip())

    def _request(self, text: str, where: str) -> None:
        desk.request(self, text, where)

    def _wait(self, line: Line) -> None:
        until = line.until.astimezone(UTC) if line.until else self.now + (line.span or timedelta())
        if until < self.now:
            raise PlayError(f"{self.play.path}:{line.number}: that time has passed: the play stands at {self.local()}")
        for _ in range(100_000):
            if not self.committer.submit(lambda tx: self._step(tx, until)):
                break
            self.settle()
        self.now = until

    def _step(self, tx: Transaction, until: datetime) -> bool:
        """On to when something is next due, if it is by `until`; whoever stays at their desk gives its sign."""
        due = _next(tx)
        if due is None or due > until:
            return False
        self.now = max(due, self.now)
        desk.beat(self, tx)
        return True

    def local(self) -> str:
        """The play's time as people here read it."""
        return self.now.astimezone(LONDON).isoformat(timespec="seconds")

    def settle(self) -> None:
        """Do what is due, and keep what happened in the order that transcripts are read in."""
        for _ in range(_ROUNDS):
            if not self.ticker.round(self.now).any:
                break
        self._turn.sort(key=outcomes.order)
        self.outcomes.extend(self._turn)
        self._turn = []

    # --- what is seen -------------------------------------------------------------------------------------------------

    def add(self, outcome: Outcome) -> None:
        """One thing happened."""
        self._turn.append(outcome)

    def _observe(self, kind: str, about: str, **fields: object) -> None:
        if hasattr(self, "watcher"):
            self.watcher.saw(kind, about, fields)

    def sent(self, channel: str, outgoing: Outgoing) -> None:
        """A fake phone was handed a text, or the provider failed as the play said."""
        if self.fails:
            code = self.fails.pop(0)
            raise outcomes.failure(code)
        if channel == "voice":
            self.ringing[outgoing.to] = outgoing.outbox_id
        self.committer.submit(lambda tx: self.watcher.sent(tx, channel, outgoing))


@lru_cache(maxsize=1)
def _empty() -> bytes:
    """An SQLite file with the whole schema and no row: to make one takes longer than most plays."""
    with tempfile.TemporaryDirectory(prefix="waymark-play-") as folder:
        file = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{file}", Keys.load(PLAY_KEYS))
        database.migrate()
        database.close()
        return file.read_bytes()


def _next(tx: Transaction) -> datetime | None:
    due = [at for at in (timers.next_at(tx), outbox.next_at(tx)) if at is not None]
    return min(due, default=None)
