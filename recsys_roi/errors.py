"""Errors for people: what happened, where, what to do. The command line turns each into one sentence.

RecsysRoiError
├── InputError        something in the input is wrong (exit status 1)
│   ├── LogError      a file is not a log we can read; carries the file
│   │   └── UnknownFieldsError   its columns or keys have other names than the fields of a contract
│   ├── UnknownNameError   an experiment, variant, surface, KPI or setting that does not exist
│   ├── NotCountedError    a view that an evidence folder was not declared to hold
│   ├── SettingError  a setting outside its range
│   └── ConflictError somebody else changed the same thing meanwhile
├── AccessError       somebody is not signed in, or may not do this
├── PilotError        the pilot's own files cannot be used
│   ├── InUseError    another program writes the pilot
│   └── CountsError   what was counted from its rows cannot be read
└── RecordError       the file of what people wrote cannot be used
"""

from __future__ import annotations

import errno
from collections.abc import Iterable

GIVEN_LENGTH = 200  # characters of what was given, in a sentence

RIGHTS = "Give the account that runs this the right to it, then try again"


def lacks_rights(problem: BaseException) -> bool:
    """Whether the account may not read or write there."""
    return isinstance(problem, OSError) and problem.errno in (errno.EACCES, errno.EPERM)


def shown(given: object) -> str:
    """What somebody gave, as a sentence quotes it; the end of something long is left out."""
    text = repr(given)
    return text if len(text) <= GIVEN_LENGTH else f"{text[:GIVEN_LENGTH]}..."


class RecsysRoiError(Exception):
    """Base of every error this package raises on purpose; its text is written for a person."""


class InputError(RecsysRoiError):
    """The input was read and something in it is wrong."""


class LogError(InputError):
    """A file cannot be used as a log."""

    def __init__(self, file: str, what: str) -> None:
        super().__init__(f"{file}: {what}")
        self.file = file


class UnknownFieldsError(LogError):
    """The records could be read, but not which log they are; a mapping of fields to columns would say it."""


class UnknownNameError(InputError):
    """A name that the data or the catalogue does not have; says which names it has."""

    def __init__(self, what: str, given: str, known: Iterable[str]) -> None:
        names = ", ".join(known) or "none"
        super().__init__(f"Unknown {what} {shown(given)}. Known: {names}.")
        self.what = what
        self.given = given


class NotCountedError(InputError):
    """A view that was not declared; says which were, and how to count it."""


class SettingError(InputError):
    """A setting outside its range or of the wrong type."""

    def __init__(self, setting: str, rule: str, given: object) -> None:
        super().__init__(f"Setting {setting} {rule}; {shown(given)} was given.")
        self.setting = setting


class ConflictError(InputError):
    """Somebody else changed the same thing meanwhile; says who and when, and nothing was overwritten."""


class AccessError(RecsysRoiError):
    """Somebody is not signed in, is no member of the pilot, or has a role that may not do this."""


class RecordError(RecsysRoiError):
    """The file of what people wrote is damaged, in use or of a newer version."""


class PilotError(RecsysRoiError):
    """A pilot's own files are missing, damaged or in use."""


class InUseError(PilotError):
    """Another program was writing the pilot for longer than one wanted to wait."""


class CountsError(PilotError):
    """What was counted cannot be read; where the rows are here, it can be counted anew."""
