"""Revisions, named by number: the newest sorts last."""
