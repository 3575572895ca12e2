"""REMEMBERS: the only place with SQLModel; takes and returns the values of `flows`, never rows."""
