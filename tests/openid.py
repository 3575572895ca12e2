"""A real OpenID provider for the tests, in a process of its own: whoever types a name there is that."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from bot import trust

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30


@contextmanager
def provider() -> Iterator[str]:
    """Its issuer, while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + PATIENCE
    try:
        while not _answers(address):
            assert time.monotonic() < end
            assert running.poll() is None
            time.sleep(0.05)
        yield address
    finally:
        running.kill()
        running.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/.well-known/openid-configuration", verify=trust.authorities()).is_success
    except httpx.HTTPError:
        return False
