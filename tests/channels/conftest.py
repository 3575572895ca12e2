"""What the channel tests share: Twilio's own tools when they are installed, and nothing that leaves the machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests import absent


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder of Twilio's tools: `$WAYMARK_TEST_NODE/node_modules` or `build/node/node_modules`."""
    home = Path(os.environ.get("WAYMARK_TEST_NODE") or Path(__file__).parents[2] / "build" / "node")
    modules = home / "node_modules"
    if shutil.which("node") and (modules / "@twilio" / "cli-core").is_dir():
        return modules
    return absent.leave_out("node", "Twilio's own calculator and API description are not installed: run `make node`")
