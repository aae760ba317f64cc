"""A review that was saved as a file: opened again as it was, and held against a fresh one."""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from recsys_roi.errors import GIVEN_LENGTH, InputError
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.review.document import VERSION, Review
from recsys_roi.value.scenario import Scenario
from recsys_roi.whole_file import DOCUMENT_LIMIT

ZIP_START = b"PK\x03\x04"
IN_ARCHIVE = "review.json"
NEAR = 1e-9  # relative, between two figures that are the same
KEYS = (
    ("id",),
    ("key", "value"),
    ("month",),
    ("weeks",),
    ("day",),
    ("input", "becomes"),
    ("input",),
    ("name", "hash"),
)
"""What names an entry of a list, so that one more entry does not make all others differ."""
CLOCK = frozenset({"made_at"})


def open_saved(content: bytes, name: str) -> Review:
    """The review in a file: review.v1, decision.v1, or the zip of the pack. Raises InputError."""
    try:
        given = json.loads(_unpacked(content, name))
    except (ValueError, RecursionError):
        raise InputError(
            f"{name}: is not JSON, so it is no saved review. Choose review.json of a pack."
        ) from None
    if isinstance(given, dict) and given.get("version") == "decision.v1":
        given = given.get("review")
    version = given.get("version") if isinstance(given, dict) else None
    if version != VERSION:
        said = "has no version" if version is None else f"is of version {str(version)[:40]!r}"
        raise InputError(f"{name}: is no saved review: it {said}, and {VERSION} is read.")
    try:
        found = Review.model_validate_json(json.dumps(given))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:GIVEN_LENGTH] or "the document"
        raise InputError(
            f"{name}: cannot be read as {VERSION}: {where}: {first['msg']}. "
            "It may have been changed by hand, or be from another version of this software."
        ) from None
    if not _is_moment(found.made_at):
        raise InputError(f"{name}: made_at must be a time with its offset; {found.made_at[:40]!r} is none.")
    return found


def known_scenario(review: Review) -> Scenario | None:
    """The settings of a review; None where it is of a version that has other settings or KPIs."""
    if review.kpi_id is not None and review.kpi_id not in KPIS:
        return None
    try:
        return Scenario.of(review.inputs.scenario)
    except InputError:
        return None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False


def _unpacked(content: bytes, name: str) -> bytes:
    if len(content) > DOCUMENT_LIMIT:
        raise InputError(
            f"{name}: is larger than {DOCUMENT_LIMIT // 1_000_000} MB, too large for a saved review."
        )
    if not content.startswith(ZIP_START):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = archive.getinfo(IN_ARCHIVE)
            if entry.file_size > DOCUMENT_LIMIT:
                raise InputError(f"{name}: its {IN_ARCHIVE} is too large for a saved review.")
            return archive.read(entry)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        raise InputError(f"{name}: holds no {IN_ARCHIVE}, so it is no pack of a review.") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """One figure or text that is not the same; None where one of the two has none."""

    where: str  # a path such as "kpis.ctr.relative_lift.estimate"
    saved: Any
    fresh: Any


def departures(saved: Review, fresh: Review) -> tuple[Departure, ...]:
    """Where a fresh review differs from a saved one, the time when they were made aside."""
    return tuple(_apart("", saved.model_dump(mode="json"), fresh.model_dump(mode="json")))


def _apart(where: str, saved: Any, fresh: Any) -> Iterator[Departure]:
    if isinstance(saved, Mapping) and isinstance(fresh, Mapping):
        for key in dict.fromkeys((*saved, *fresh)):
            if where or key not in CLOCK:
                yield from _apart(f"{where}.{key}" if where else str(key), saved.get(key), fresh.get(key))
    elif _is_list(saved) and _is_list(fresh):
        yield from _apart(where, _keyed(saved), _keyed(fresh))
    elif not _same(saved, fresh):
        yield Departure(where=where, saved=saved, fresh=fresh)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _keyed(entries: Sequence[Any]) -> dict[str, Any]:
    """The entries of a list by what names them, or by their place where nothing does."""
    for names in map(set, KEYS):
        if entries and all(
            isinstance(one, Mapping) and all(name in one for name in names) for one in entries
        ):
            keyed = {" ".join(str(one[name]) for name in sorted(names)): one for one in entries}
            if len(keyed) == len(entries):
                return keyed
    return {str(index): one for index, one in enumerate(entries, start=1)}


def _same(saved: Any, fresh: Any) -> bool:
    numbers = (int, float)
    if isinstance(saved, numbers) and isinstance(fresh, numbers) and bool not in (type(saved), type(fresh)):
        return math.isclose(saved, fresh, rel_tol=NEAR, abs_tol=1e-15)
    return bool(saved == fresh)
