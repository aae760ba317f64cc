"""The suite's documents: named by their place, and linked only where the deployment says where they are."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

BASE_SETTING = "RECSYS_ROI_DOCS_URL"  # environment variable: address that the documents' paths follow

_SAFE = re.compile(r"https?://[A-Za-z0-9._~%:/\-]+")


def document_link(document: str) -> str | None:
    """The address of a document, or None where no usable base address is set."""
    base = _base()
    return None if base is None else f"{base.rstrip('/')}/{document}"


def base_problem() -> str | None:
    """Why the base address that is set cannot be used; None where it can, or where none is set."""
    if not _given() or _base() is not None:
        return None
    return (
        f"{BASE_SETTING} is not a plain http:// or https:// address, so documents are named without a link."
    )


def _base() -> str | None:
    given = _given()
    if not _SAFE.fullmatch(given):
        return None
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return None
    return given if parts.hostname and "@" not in parts.netloc else None


def _given() -> str:
    return os.environ.get(BASE_SETTING, "").strip()
