"""The ways to reach a person; `base` says what they share."""
