"""preserve: keep the cited sources of an investigation, exactly and provably."""

__version__ = "0.1.0"
