"""What the machine must have for a test to say anything: left out in plain words, or a failure where it is demanded.

`WAYMARK_TEST_REQUIRE=postgres,chromium,node,validator,pango` names the services whose absence is a failure; `.ci/run` demands
them all.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def leave_out(service: str, why: str) -> NoReturn:
    """Skip the test that asks, saying why; fail it where `service` is demanded."""
    demanded = [name.strip() for name in os.environ.get("WAYMARK_TEST_REQUIRE", "").split(",")]
    if service in demanded:
        pytest.fail(f"{why} (WAYMARK_TEST_REQUIRE demands {service})", pytrace=False)
    pytest.skip(why)
