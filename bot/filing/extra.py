"""What is needed for some files alone and may not be installed. May not import any of it."""

from __future__ import annotations


class NotInstalled(RuntimeError):
    """Something that only this kind of file needs is not installed; the message says how to install it. Nothing was written."""
