"""The files of an evidence folder of declared views: JSON, each with its hash in the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from blake3 import blake3
from pydantic import TypeAdapter, ValidationError

from recsys_roi.errors import PilotError
from recsys_roi.logs.counted import Declared
from recsys_roi.logs.snapshot import Snapshot
from recsys_roi.whole_file import read_small

VIEWS_LAYOUT = "views-3"  # raised whenever the types that are kept change, so that older files are refused
FOLDER = "views"
NAMES = "names"
LARGEST = 200_000_000  # bytes of the evidence of one view; some 100 kB are usual
T = TypeVar("T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # made once: each takes some 100 ms


def kept_path(folder: Path, name: int | str) -> Path:
    """Where a view (its number, from 1) or the names are kept."""
    return folder / FOLDER / f"{name}.json"


def declared_of(held: Snapshot) -> Declared | None:
    """The declared views; None for counts or rows. PilotError where another version wrote them."""
    counted = held.manifest.counted
    if counted is None or counted.declared is None:
        return None
    if counted.layout != VIEWS_LAYOUT:
        raise PilotError(
            f"The declared views of {held.name} were counted by another version ({counted.software}, "
            f"{counted.layout}; this one reads {VIEWS_LAYOUT}). Count them again with: recsys-roi evidence"
        )
    return counted.declared


def keep(folder: Path, name: int | str, value: object, kind: type[Any]) -> str:
    """Writes a value; gives the file's hash. What would not be read back the same is never kept."""
    content = _adapter(kind).dump_json(value)
    if _adapter(kind).validate_json(content) != value:
        raise PilotError(
            f"The evidence of {folder.name} would not be read back as it is, so it was not kept."
        )
    place = kept_path(folder, name)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    return _hash(content)


def read_kept(folder: Path, name: int | str, wanted: str, kind: type[T]) -> T:
    """What was kept; PilotError where the file is not the one of the manifest."""
    try:
        content = read_small(kept_path(folder, name), LARGEST)
        if _hash(content) == wanted:
            found: T = _adapter(kind).validate_json(content)
            return found
    except (OSError, ValidationError):
        pass
    raise PilotError(
        f"The evidence {folder.name} is damaged: {FOLDER}/{name}.json is missing or was changed. "
        "Write it again with: recsys-roi evidence"
    )


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _hash(content: bytes) -> str:
    return f"blake3:{blake3(content).hexdigest()}"
