"""User ids kept only as salted hashes: without the salt of the pilot no id can be tried.

The hash is SHA-256 over the salt and SHA-256 of salt and id, so that knowing one hash extends to no other id.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from recsys_roi.errors import PilotError

SALT = "salt"
_SALT_FORM = re.compile(r"[0-9a-f]{64}")


def new_salt(folder: Path) -> None:
    """Puts a new salt into a pilot's folder, readable by its owner only; PilotError where that fails."""
    try:
        handle = os.open(folder / SALT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise PilotError(f"The salt of {folder.name} cannot be written: {problem.strerror}.") from problem


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
