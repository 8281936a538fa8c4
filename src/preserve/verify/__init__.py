"""Checks that yield findings; shares no code with the writers."""
