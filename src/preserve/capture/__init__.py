"""One visit of one source."""
