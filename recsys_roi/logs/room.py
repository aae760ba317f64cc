"""Why something could not be written, in words for a person: above all, that the disk is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import duckdb

from recsys_roi.errors import RIGHTS, lacks_rights
from recsys_roi.logs.contracts import VALUE_LIMIT

_FULL = (errno.ENOSPC, errno.EDQUOT)
_TOO_LARGE = errno.EFBIG
_SPILL = "max_temp_directory_size"  # the setting that DuckDB names when its own working files found no room


def no_room(problem: BaseException, folder: Path) -> str | None:
    """The end of a sentence where `problem` says that a write into `folder` found no room; else None."""
    spilled_over = isinstance(problem, duckdb.OutOfMemoryException) and _SPILL in str(problem)
    if spilled_over or _says(problem, *_FULL):
        return f"no room is left on the disk of {folder}. Make room there, then try again"
    if _says(problem, _TOO_LARGE):
        return f"no file in {folder} may become that large. Allow larger files there, then try again"
    return None


def no_rights(problem: BaseException, folder: Path) -> str | None:
    """The end of a sentence where the account may not read or write in `folder`; else None."""
    if lacks_rights(problem):
        there = getattr(problem, "filename", None)
        seen = there is not None and os.path.lexists(there)  # else it was to be made, under a name of ours
        return f"permission denied ({there if seen else folder}). {RIGHTS}"
    return f"permission denied ({folder}). {RIGHTS}" if _says(problem, errno.EACCES) else None


def _says(problem: BaseException, *codes: int) -> bool:
    if isinstance(problem, OSError):
        return problem.errno in codes
    # DuckDB keeps the system's words and no number.
    is_io = isinstance(problem, duckdb.IOException)
    return is_io and any(os.strerror(code) in str(problem) for code in codes)


def cause(problem: OSError | duckdb.Error, folder: Path) -> str:
    """Why a write into `folder` failed, as the end of a sentence without its full stop."""
    said = problem.strerror if isinstance(problem, OSError) else None
    known = no_room(problem, folder) or no_rights(problem, folder) or said
    return known or str(problem).partition("\n")[0][:VALUE_LIMIT].rstrip(".")
