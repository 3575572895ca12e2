"""What the channel tests share: Twilio's own tools when they are installed, and nothing that leaves the machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PACKAGES = "sms-segments-calculator @stoplight/prism-cli@5.14.2 @twilio/cli-core@8.3.2"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder of Twilio's tools: `$WAYMARK_TEST_NODE/node_modules` or `build/node/node_modules`."""
    home = Path(os.environ.get("WAYMARK_TEST_NODE") or Path(__file__).parents[2] / "build" / "node")
    modules = home / "node_modules"
    if shutil.which("node") and (modules / "@twilio" / "cli-core").is_dir():
        return modules
    missing = f"Twilio's tools are not installed: npm install --prefix {home.name} {PACKAGES} (see WAYMARK_TEST_NODE)"
    if "node" in os.environ.get("WAYMARK_TEST_REQUIRE", "").split(","):
        pytest.fail(missing)
    pytest.skip(missing)
