"""Good records as lines, and files to write them to."""

import gzip
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.logs.lines import MAKERS, Record, line_of


@pytest.fixture(scope="session")
def record() -> Callable[..., Record]:
    """record(kind, number, **changes): a good record of that kind with some fields changed."""
    return lambda kind, number=0, **changes: MAKERS[kind](number, **changes)


@pytest.fixture(scope="session")
def line() -> Callable[..., bytes]:
    """line(kind, number, **changes): the record as one line without its line feed."""
    return line_of


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write(name, lines): a file of those lines in a folder of its own, packed when the name ends in .gz."""

    def written(name: str, lines: Iterable[bytes], end: bytes = b"\n") -> Path:
        folder = tmp_path / "given"
        folder.mkdir(exist_ok=True)
        data = b"".join(text + end for text in lines)
        (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return folder / name

    return written
