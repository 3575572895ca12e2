"""DECIDES: a value and an event in, a new value and effects out. No clock, no ids, no chance, no I/O, no logging."""
