"""Whose word this program takes for who is who beyond this machine: the system's authorities. May not connect to anybody.

They are read once a process: to read all of them takes as long as a dozen messages of a child do, and each channel, each mail
and each ping read them anew. Who changes them starts the program again.
"""

from __future__ import annotations

import ssl
from functools import lru_cache


@lru_cache(maxsize=1)
def authorities() -> ssl.SSLContext:
    """For connections we open: certificates and names are checked, TLS 1.2 or newer. All threads share it; none changes it."""
    context = ssl.create_default_context()
    # What the system would still take is the system's to say; older than this nobody may read what a child wrote.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
