"""Zip files without a clock: the same content is the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
CORE = "docProps/core.xml"
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files in their order, without times."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, FIRST_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return held.getvalue()


def settled(package: bytes, made_at: str) -> bytes:
    """An Office file, and those inside it, with the review's time in place of the clock's."""
    made = datetime.fromisoformat(made_at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name, content in files.items():
        if name.endswith(".xlsx"):
            files[name] = settled(content, made_at)
        elif name == CORE:
            files[name] = STAMP.sub(rb"\g<1>" + made + rb"\g<2>", content)
    return zipped(files)
