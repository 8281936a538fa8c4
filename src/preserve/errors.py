"""The errors that stop a command, at a glance.

PreserveError                  1   internal error
├── UsageError                 2   the command line is wrong
│   └── ConfigError            2   preserve.toml is wrong
├── DocumentError              3   a document cannot be read; the others are
│   └── NothingToReadError     3   it is a picture, film or sound: in a folder of documents no fault
├── NotHeldError               3   what was asked for is not in the archive
├── ArchiveError               1
│   ├── FormatError            2   not an archive, or one of another version
│   ├── DamagedError           4   the archive is not what was written
│   ├── LockedError            5   another run holds the archive
│   └── StorageError           6   storage is full, failing or read-only
└── FetchError                 -   one exchange failed; never leaves capture/

What happens to one source, and what verify finds, are data and not exceptions.
"""

from __future__ import annotations


class PreserveError(Exception):
    """One sentence for a person: what happened, to what; `hint` says what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PreserveError):
    exit_code = 2


class ConfigError(UsageError):
    pass


class DocumentError(PreserveError):
    exit_code = 3


class NothingToReadError(DocumentError):
    pass


class NotHeldError(PreserveError):
    exit_code = 3


class ArchiveError(PreserveError):
    pass


class FormatError(ArchiveError):
    exit_code = 2


class DamagedError(ArchiveError):
    exit_code = 4

    def __init__(self, message: str, hint: str = "run preserve verify: it tells all that is damaged") -> None:
        super().__init__(message, hint)


class LockedError(ArchiveError):
    exit_code = 5


class StorageError(ArchiveError):
    exit_code = 6


class FetchError(PreserveError):
    """One exchange failed. `reason` is a reason of model.REASONS; `transient`: a retry may help."""

    def __init__(self, reason: str, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.transient = transient


INTERRUPTED = 130
NOT_CAPTURED = 3
DAMAGE_FOUND = 4
