"""Transcripts: plays a practitioner can read and correct, run through the whole program on fake phones and a fake clock."""
