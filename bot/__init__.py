"""TALKS: channels, web, sending, time. Decides nothing about a child."""
