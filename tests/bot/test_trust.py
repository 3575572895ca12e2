from __future__ import annotations

import ssl

from bot import trust
from bot.filing.webhook import Net


def test_certificates_and_names_are_checked() -> None:
    known = trust.authorities()
    assert known.verify_mode is ssl.CERT_REQUIRED
    assert known.check_hostname
    assert known.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_they_are_read_once() -> None:
    assert trust.authorities() is trust.authorities() is Net().context
