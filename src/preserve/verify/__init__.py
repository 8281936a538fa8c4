"""Checks that yield findings; shares no code with the writers but the model and the WARC walk."""

from preserve.verify.audit import LEVELS, Level, Report, verify
from preserve.verify.codes import CODES

__all__ = ["CODES", "LEVELS", "Level", "Report", "verify"]
