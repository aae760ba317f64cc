"""Logs on the machine that runs the app, for those too large to upload: only within one allowed folder."""

from __future__ import annotations

import glob
import os
from pathlib import Path

from recsys_roi.errors import InputError
from recsys_roi.evidence.folder import is_evidence
from recsys_roi.logs.finding import files_at

VARIABLE = "RECSYS_ROI_LOGS_DIR"


def allowed_folder() -> Path | None:
    """The folder that logs may be read from; None where nobody has named one."""
    given = os.environ.get(VARIABLE, "").strip()
    return Path(given).expanduser().absolute() if given else None


def files_within(given: str, folder: Path) -> tuple[Path, ...]:
    """The files that a path or pattern means, taken from `folder`; InputError where it leads out of it."""
    return files_at(_within(given, folder), folder)


def evidence_within(given: str, folder: Path) -> Path | None:
    """The evidence folder that a path means, None where it means none; InputError as for `files_within`."""
    path = _within(given, folder)
    return path if is_evidence(path) else None


def _within(given: str, folder: Path) -> Path:
    if not folder.is_dir():
        raise InputError(f"{VARIABLE} names {folder}, which is no folder on this machine.")
    path = folder / given
    # Before anything is looked up, so that no answer tells what is outside.
    if ".." in path.parts or not _leads_into(path, folder):
        raise InputError(f"{given}: lies outside {folder}, the folder that logs may be read from.")
    return path


def _leads_into(path: Path, folder: Path) -> bool:
    try:
        return _fixed_part(path).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a NUL, links in a ring
        return False


def _fixed_part(pattern: Path) -> Path:
    """The path up to the first part that is a pattern."""
    whole = Path(pattern.anchor)
    for part in pattern.parts[1:]:
        if glob.has_magic(part):
            break
        whole /= part
    return whole
