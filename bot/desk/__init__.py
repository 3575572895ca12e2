"""The staff desk: its own app, port and cookie. Nothing of it can be reached from the child's pages."""
