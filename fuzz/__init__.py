"""Fuzzing: not part of the project's own environment; `make fuzz` makes one for it."""
