"""Ids of users and sessions kept only as salted hashes: without the salt of the pilot none can be tried.

The hash is SHA-256 over the salt and SHA-256 of salt and id, so that knowing one hash extends to no other id.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from blake3 import blake3

from recsys_roi.errors import InputError, PilotError

SALT = "salt"
_SALT_FORM = re.compile(r"[0-9a-f]{64}")


def new_salt() -> str:
    """A salt that no other pilot has."""
    return secrets.token_hex(32)


def keep_salt(folder: Path, salt: str) -> None:
    """Puts a salt into a pilot's folder, readable by its owner only; PilotError where that fails."""
    try:
        _write(folder / SALT, salt, os.O_TRUNC)
    except OSError as problem:
        raise PilotError(f"The salt of {folder.name} cannot be written: {problem.strerror}.") from problem


def shared_salt(file: Path) -> str:
    """The salt in a file, made where there is none, so that the ids of several folders join.

    Raises InputError where the file holds something else or cannot be written.
    """
    try:
        if not file.exists():
            _write(file, new_salt(), os.O_EXCL)
        salt = file.read_text(encoding="ascii").strip()
    except OSError as problem:
        raise InputError(f"The salt in {file} cannot be used: {problem.strerror}.") from problem
    except UnicodeDecodeError:
        salt = ""
    if not _SALT_FORM.fullmatch(salt):
        raise InputError(
            f"{file} holds no salt. Name a file that is not there yet, or the one that was made."
        )
    return salt


def salt_mark(salt: str) -> str:
    """What tells two salts apart and gives neither away."""
    return f"blake3:{blake3(salt.encode()).hexdigest()}"


def _write(file: Path, salt: str, how: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | how | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(salt)
        opened.flush()
        os.fsync(opened.fileno())


def read_salt(folder: Path) -> str:
    """The salt of a pilot; PilotError where it is gone, since ids would no longer join."""
    try:
        salt = (folder / SALT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        salt = ""
    if not _SALT_FORM.fullmatch(salt):
        raise PilotError(
            f"The salt of {folder.name} is gone, so new logs cannot join those that are here. Put it back "
            "from a copy, or start a new pilot. What was read before stays as it is."
        )
    return salt


def hashed(salt: str, user_id: str) -> str:
    """The hash that stands for an id in a pilot with this salt."""
    inner = hashlib.sha256(f"{salt}{user_id}".encode()).hexdigest()
    return hashlib.sha256(f"{salt}{inner}".encode()).hexdigest()


def hashed_sql(salt: str, column: str) -> str:
    """The same as an SQL expression over a column of ours."""
    if not _SALT_FORM.fullmatch(salt):
        raise ValueError("a salt is 64 hexadecimal digits")
    return f"sha256('{salt}' || sha256('{salt}' || {column}))"
