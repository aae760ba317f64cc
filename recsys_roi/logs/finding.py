"""The logs that a person means by a path: a file, a folder, a pattern."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from recsys_roi.errors import RIGHTS, LogError
from recsys_roi.logs.recognise import recognise
from recsys_roi.logs.room import cause

FILES_LIMIT = 10_000  # below one path; with more, another folder was meant


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """A file in a folder that is not a log, and why not."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LogsIn:
    """The logs at a path, in the order of their names, and the files beside them that are none."""

    files: tuple[Path, ...]
    passed_over: tuple[PassedOver, ...]


def logs_in(
    given: Path | str, within: Path | None = None, *, mapping: Mapping[str, str] | None = None
) -> LogsIn:
    """The file at a path, the logs in and below a folder, or those that a pattern (* ? [ ] **) matches.

    `within` is a folder that nothing may lie outside of, links followed; `mapping` {field: column or key} is
    what fields are called where they have other names. Raises LogError when nothing is there, when no log is
    among it, or when it lies outside.
    """
    path = Path(given)
    found = files_at(path, within)
    return LogsIn(files=found, passed_over=()) if found == (path,) else _logs_among(path, found, mapping)


def files_at(given: Path | str, within: Path | None = None) -> tuple[Path, ...]:
    """The files that `logs_in` looks at, in the order of their names, whether they are logs or not.

    In folders, files whose names begin with "." or "_" are left out: programs keep their own notes there.
    """
    path = Path(given)
    if _is_a_file(path):
        _check_within(path, within)
        return (path,)
    try:
        found = sorted(islice(_files(path, within), FILES_LIMIT + 1))
    except (OSError, ValueError) as problem:
        why = cause(problem, path) if isinstance(problem, OSError) else problem
        raise LogError(str(path), f"cannot be read: {why}.") from problem
    if len(found) > FILES_LIMIT:
        raise LogError(str(path), f"holds more than {FILES_LIMIT:,} files. Give the folder of the logs.")
    return tuple(dict.fromkeys(found))


def _is_a_file(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):  # such as a name that is too long, or has a NUL
        return False


def _files(path: Path, within: Path | None) -> Iterator[Path]:
    """The files at or below a folder or pattern."""
    is_folder = path.is_dir()
    roots = [path] if is_folder else _matches(str(path))
    if not roots:
        what = "matches no file" if glob.has_magic(str(path)) else "does not exist"
        raise LogError(str(path), f"{what}. Check the path.")
    for root in roots:
        _check_within(root, within)
        if not root.is_dir():
            yield root
            continue
        _check_open(root)
        for below in root.rglob("*"):
            hidden = any(part.startswith((".", "_")) for part in below.relative_to(root).parts)
            if not hidden and below.is_file():
                _check_within(below, within)
                yield below
            elif not hidden and below.is_dir():
                _check_open(below)


def _check_open(folder: Path) -> None:
    """PermissionError for a folder that cannot be looked into: its logs would be missing unseen."""
    if not os.access(folder, os.R_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _matches(pattern: str) -> list[Path]:
    """Path.glob takes no pattern that begins at the root."""
    return [Path(match) for match in glob.iglob(pattern, recursive=True)]  # noqa: PTH207


def _check_within(path: Path, within: Path | None) -> None:
    if within is not None and not path.resolve().is_relative_to(within.resolve()):
        raise LogError(str(path), f"lies outside {within}, the folder that logs may be read from.")


def _logs_among(path: Path, found: tuple[Path, ...], mapping: Mapping[str, str] | None) -> LogsIn:
    files, passed_over = [], []
    for file in found:
        name = str(file.relative_to(path)) if file.is_relative_to(path) else file.name
        if not os.access(file, os.R_OK):  # it may be a log, so it is not passed over
            raise LogError(name, f"cannot be read: permission denied ({file}). {RIGHTS}.")
        try:
            recognise(file, name, mapping=mapping)
        except LogError as problem:
            passed_over.append(PassedOver(file=name, reason=str(problem).removeprefix(f"{name}: ")))
        else:
            files.append(file)
    if not files:
        seen = ", ".join(entry.file for entry in passed_over[:5]) or "no file at all"
        raise LogError(str(path), f"holds no log (it holds {seen}). Give the folder of the logs.")
    return LogsIn(files=tuple(files), passed_over=tuple(passed_over))
