"""Chromium, driven through its DevTools protocol: what a child's finger and eyes would do, and no library between.

Nothing leaves this machine: every name is unknown to it but 127.0.0.1, and the page Exit leads to is answered here.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

PATIENCE: Final = 60.0
ELSEWHERE: Final = "<!doctype html><title>Weather</title><p>Sunny spells"
_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"),
    *("--remote-debugging-port=0", "--disable-background-networking", "--disable-component-update"),
    *(
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "--hide-scrollbars",
        "--mute-audio",
        # Two pages that belong to the line of addresses, which nobody here sees: half of what a new window costs.
        "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
    ),
)

# Seconds between looks: what comes, comes soon; what is slow need not be asked thirty times a second.
_PAUSES: Final = (0.02, 0.03, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15)

_PLACE: Final = """(selector, words) => {
  const found = [...document.querySelectorAll(selector)].find((one) => one.innerText.includes(words));
  if (!found || document.readyState !== "complete") return null;
  found.scrollIntoView({block: "center", behavior: "instant"});
  const box = found.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2, performance.timeOrigin];
}"""


def program() -> str | None:
    """Where Chromium is, if it is: the same engine without a window to draw costs half, so it comes first."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Browser:
    """One browser for all tests of a process; each test has a profile of its own in it."""

    def __init__(self, chromium: str, folder: Path) -> None:
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.heard: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        self._told: set[asyncio.Future[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        # What it says of itself goes nowhere: into a pipe that nobody empties it would write until it stands still.
        self._process = subprocess.Popen(
            [chromium, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # Debian's own is a script that waits for the browser: whoever ends it ends both.
            start_new_session=True,
        )
        self._run(self._connect(self._address(folder / "DevToolsActivePort")))

    def _address(self, told: Path) -> str:
        end = time.monotonic() + PATIENCE
        # Two lines, the port and the path; it may be read while it is written.
        while self._process.poll() is None and time.monotonic() < end:
            if told.exists() and len(lines := told.read_text(encoding="utf-8").split("\n")) > 1 and lines[1]:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(_PAUSES[0])
        raise AssertionError("Chromium did not start")

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        # What is asked gives up first, and says what it was.
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE + 5)

    async def _connect(self, address: str) -> None:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(address, max_msg_size=0)
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if (answer := self._answers.pop(said.get("id", 0), None)) is not None and not answer.done():
                answer.set_result(said)
            elif said.get("sessionId") in self.heard:
                self.heard[said["sessionId"]](said["method"], said["params"])

    async def _ask(self, method: str, session: str | None, asked: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = answer = self._loop.create_future()
        await self._socket.send_json(
            {"id": number, "method": method, "params": asked} | ({"sessionId": session} if session else {})
        )
        try:
            said = await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            raise TimeoutError(f"{method}: no answer in {PATIENCE:.0f} s") from None
        if "error" in said:
            raise AssertionError(f"{method}: {said['error']}")
        found: dict[str, Any] = said["result"]
        return found

    def ask(self, method: str, session: str | None = None, **asked: Any) -> dict[str, Any]:
        """One call of the protocol."""
        found: dict[str, Any] = self._run(self._ask(method, session, asked))
        return found

    def tell(self, method: str, session: str, **asked: Any) -> None:
        """As `ask`, from what was heard: nobody waits."""
        told = asyncio.ensure_future(self._ask(method, session, asked), loop=self._loop)
        self._told.add(told)
        told.add_done_callback(self._told.discard)

    def profile(self) -> Profile:
        """A profile without a past."""
        return Profile(self, self.ask("Target.createBrowserContext")["browserContextId"])

    def close(self) -> None:
        """End the browser."""

        async def bye() -> None:
            await self._session.close()
            self._reading.cancel()

        self._run(bye())
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


class Profile:
    """Cookies, history and tabs of one person."""

    def __init__(self, browser: Browser, context: str) -> None:
        self.browser, self.context = browser, context
        self._pages: list[tuple[str, str]] = []

    def tab(self, **how: Any) -> Tab:
        """A new tab."""
        target = self.browser.ask("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        session = self.browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._pages.append((target, session))
        return Tab(self.browser, session, **how)

    def cookies(self) -> list[dict[str, Any]]:
        """Every cookie there is."""
        found: list[dict[str, Any]] = self.browser.ask("Storage.getCookies", browserContextId=self.context)["cookies"]
        return found

    def close(self) -> None:
        """Forget this person: first what is open, so that nothing of it is waited for."""
        for target, session in self._pages:
            self.browser.heard.pop(session, None)
            self.browser.ask("Target.closeTarget", targetId=target)
        # Nothing is shown by how long a browser takes to forget; one that is dead fails whoever comes next.
        with contextlib.suppress(TimeoutError):
            self.browser.ask("Target.disposeBrowserContext", browserContextId=self.context)


class Tab:
    """One page. `script`: whether the page may run its own."""

    def __init__(
        self,
        browser: Browser,
        session: str,
        *,
        script: bool = True,
        size: tuple[int, int] = (1280, 800),
        dark: bool = False,
    ) -> None:
        self.browser, self.session = browser, session
        self.errors: list[str] = []
        # What was asked before the page was left, by kind; each is agreed to.
        self.dialogs: list[str] = []
        browser.heard[session] = self._hear
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Fetch.enable", patterns=[{"urlPattern": "https://*"}])
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.look(size, dark=dark)

    def look(self, size: tuple[int, int], *, dark: bool) -> None:
        """How large the screen is, and whether it is night."""
        width, height = size
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def _hear(self, method: str, said: dict[str, Any]) -> None:
        if method == "Fetch.requestPaused":
            body = base64.b64encode(ELSEWHERE.encode()).decode()
            headers = [{"name": "Content-Type", "value": "text/html"}]
            self.browser.tell(
                "Fetch.fulfillRequest", self.session,
                requestId=said["requestId"], responseCode=200, responseHeaders=headers, body=body,
            )  # fmt: skip
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(said["type"])
            self.browser.tell("Page.handleJavaScriptDialog", self.session, accept=True)
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(said["exceptionDetails"].get("exception", said)))
        elif method == "Log.entryAdded" and said["entry"]["level"] == "error":
            self.errors.append(f"{said['entry']['text']} {said['entry'].get('url', '')}")

    def ask(self, method: str, **asked: Any) -> dict[str, Any]:
        """One call about this tab."""
        return self.browser.ask(method, self.session, **asked)

    def run(self, script: str) -> Any:
        """What an expression gives; a promise is waited for."""
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, script: str) -> Any:
        """Wait for an expression to hold; pages come and go meanwhile."""
        end = time.monotonic() + PATIENCE
        pauses = itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1]))
        while True:
            try:
                if found := self.run(script):
                    return found
            except AssertionError:
                if time.monotonic() > end:
                    raise
            assert time.monotonic() < end, f"never: {script}\n{self.text()}"
            time.sleep(next(pauses))

    def go(self, address: str) -> None:
        """Type an address."""
        self.ask("Page.navigate", url=address)
        self.until(f"location.href.startsWith({json.dumps(address)}) && document.readyState === 'complete'")

    def text(self) -> str:
        """What can be read."""
        return str(self.run("document.body ? document.body.innerText : ''"))

    def sees(self, words: str) -> None:
        """Wait until words can be read."""
        self.until(f"document.body && document.body.innerText.includes({json.dumps(words)})")

    def press(self, selector: str, words: str = "") -> None:
        """Press with the finger on the first that fits, and has these words."""
        find = f"({_PLACE})({json.dumps(selector)}, {json.dumps(words)})"
        # Pressed is what has stopped moving, on the page that is there to stay.
        place, before = self.until(find), None
        while place != before:
            time.sleep(0.05)
            place, before = self.until(find), place
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def type(self, words: str, into: str = "#text") -> None:
        """Type words into a field."""
        self.until(f"!!document.querySelector({json.dumps(into)})")
        self.run(f"document.querySelector({json.dumps(into)}).focus()")
        self.ask("Input.insertText", text=words)

    def key(self, key: str, times: int = 1) -> None:
        """Strike a key."""
        code = {"Shift": 16, "Tab": 9, "Enter": 13, " ": 32}.get(key, ord(key.upper()) if len(key) == 1 else 0)
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else None)
        for _ in range(times):
            down = {"type": "keyDown" if text else "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.ask("Input.dispatchKeyEvent", **down, **({"text": text} if text else {}))
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def history(self) -> list[str]:
        """The addresses behind Back and before Forward, this one too."""
        return [one["url"] for one in self.ask("Page.getNavigationHistory")["entries"]]

    def back(self) -> None:
        """Press Back, and wait until something stands there."""
        found = self.ask("Page.getNavigationHistory")
        if found["currentIndex"] == 0:
            return
        entry = found["entries"][found["currentIndex"] - 1]
        self.ask("Page.navigateToHistoryEntry", entryId=entry["id"])
        time.sleep(0.3)
        self.until("document.readyState === 'complete'")

    def offline(self, *, off: bool) -> None:
        """Lose the network, or find it again."""
        self.ask("Network.emulateNetworkConditions", offline=off, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    def picture(self, *, whole: bool = False) -> bytes:
        """What the screen shows; the whole page, when that is wanted."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"])
