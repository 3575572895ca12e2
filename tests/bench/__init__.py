"""How fast Waymark is, beside what the machine can do and beside its peers: `make bench`. Asserts no time."""
