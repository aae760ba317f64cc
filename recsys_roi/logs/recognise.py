"""What a file is: its format by its first bytes, its kind by the fields of its first records."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec

from recsys_roi.errors import LogError
from recsys_roi.logs.contracts import CONTRACTS, KINDS, VALUE_LIMIT, Kind
from recsys_roi.logs.privacy import mask
from recsys_roi.logs.screening import line_blocks

KindOrAuto = Literal["auto"] | Kind

BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_HEAD = 64 * 1024
_RECORDS = 64  # that decide the kind
_LINES = 10_000  # looked through for them
_BYTES = 64 * 2**20
_SHARED = frozenset({"request_id", "user_id", "ts"})

_CONVERT = "Convert it to JSON Lines (one JSON object a line), plain or .gz."
_OTHER_FORMATS = (
    (
        b"\x28\xb5\x2f\xfd",
        "is compressed with Zstandard (.zst), which is not read yet. Unpack it first (zstd -d).",
    ),
    (b"BZh", "is compressed with bzip2, which is not read. Unpack it first (bunzip2)."),
    (b"\xfd7zXZ\x00", "is compressed with xz, which is not read. Unpack it first (unxz)."),
    (
        b"PK\x03\x04",
        "is a zip archive or an Office document, which is not read. Unpack it and give the logs in it.",
    ),
    (b"PAR1", f"is a Parquet file, which is not read yet. {_CONVERT}"),
    (b"ARROW1", f"is an Arrow file, which is not read. {_CONVERT}"),
    (b"SQLite format 3\x00", f"is an SQLite database, not a log. {_CONVERT}"),
    (b"%PDF", "is a PDF document, not a log."),
    (b"\xff\xfe", "is UTF-16 text. Save it as UTF-8."),
    (b"\xfe\xff", "is UTF-16 text. Save it as UTF-8."),
)
_GIVE_LOGS = "Give the logs it was made from."
_DOCUMENTS = (
    (
        {"served", "occurred_at"},
        "an exposure log of the recommender service in its own shape, which is not read yet",
        "Write occurred_at as ts and served as items.",
    ),
    ({"artifacts"}, "an artifact manifest (manifest.v1)", "Give the logs instead."),
    ({"decision", "control_variant"}, "a decision (decision.v1)", _GIVE_LOGS),
    ({"kpis", "guardrails", "made_at"}, "a review made by this product", _GIVE_LOGS),
    ({"metrics"}, "a report", _GIVE_LOGS),
    ({"summary"}, "a report", _GIVE_LOGS),
)
_OPENINGS = (
    ("[", "looks like one JSON array, not JSON Lines. Write one object a line (jq -c '.[]')."),
    ("{", "looks like broken JSON, or one document over several lines. Write one object a line (jq -c .)."),
    ("<", f"looks like HTML or XML, not a log. {_CONVERT}"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """What a file was taken for."""

    kind: Kind
    gzipped: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """A file in a directory that is not a log, and why not."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LogsIn:
    """The logs at a path, in the order of their names, and the files beside them that are none."""

    files: tuple[Path, ...]
    passed_over: tuple[PassedOver, ...]


def logs_in(path: Path) -> LogsIn:
    """The path itself when it is a file, else the logs in that directory (not in directories below).

    Raises LogError when the path does not exist or the directory holds no log.
    """
    if not path.is_dir():
        if not path.exists():
            raise LogError(str(path), "does not exist. Check the path.")
        return LogsIn(files=(path,), passed_over=())
    files, passed_over = [], []
    try:
        entries = sorted(entry for entry in path.iterdir() if entry.is_file())
    except OSError as problem:
        raise LogError(str(path), f"cannot be read: {problem.strerror}.") from problem
    for entry in entries:
        try:
            recognise(entry, entry.name)
        except LogError as problem:
            passed_over.append(
                PassedOver(file=entry.name, reason=str(problem).removeprefix(f"{entry.name}: "))
            )
        else:
            files.append(entry)
    if not files:
        seen = ", ".join(entry.file for entry in passed_over[:5]) or "no file at all"
        raise LogError(
            str(path), f"this directory holds no log (it holds {seen}). Give the directory of the logs."
        )
    return LogsIn(files=tuple(files), passed_over=tuple(passed_over))


def recognise(path: Path, name: str, kind: KindOrAuto = "auto") -> Recognised:
    """Format and kind of the file at `path`, called `name` in errors.

    With a given kind, the file is refused only when it cannot be read as lines, or when most of its first
    records are of another kind. Raises LogError with a sentence that says what the file looks like.
    """
    try:
        with path.open("rb") as stored:
            gzipped = stored.read(2) == _GZIP
            stored.seek(0)
            if not gzipped:
                return _recognise(stored, name, kind, gzipped=False)
            with gzip.open(stored) as unpacked:
                return _recognise(cast("BinaryIO", unpacked), name, kind, gzipped=True)
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise LogError(name, BROKEN_GZIP) from problem
    except OSError as problem:
        raise LogError(name, f"cannot be read: {problem.strerror or problem}.") from problem


BROKEN_GZIP = "the .gz ends early or is damaged, so nothing of it was kept. Fetch the file again."


def _recognise(file: BinaryIO, name: str, kind: KindOrAuto, *, gzipped: bool) -> Recognised:
    head = file.read(_HEAD)
    _refuse_other_formats(head, name, gzipped=gzipped)
    votes: Counter[Kind] = Counter()
    keys: set[str] = set()
    for record in _records(file, len(BOM) if head.startswith(BOM) else 0):
        keys.update(record)
        if (vote := _kind_of(record)) is not None:
            votes[vote] += 1
        if votes.total() == _RECORDS:
            break
    found = max(votes, key=lambda voted: votes[voted], default=None)
    if found is None:
        if kind == "auto" or b"\x00" in head:
            raise LogError(name, _looks_like(head, keys))
        return Recognised(kind=kind, gzipped=gzipped)
    if kind != "auto" and votes[found] > votes[kind]:
        what = CONTRACTS[found].title
        raise LogError(name, f"holds {found} records ({what}), not {kind}. Give it as {found}.")
    return Recognised(kind=found if kind == "auto" else kind, gzipped=gzipped)


def _refuse_other_formats(head: bytes, name: str, *, gzipped: bool) -> None:
    if not head.removeprefix(BOM):
        raise LogError(name, "is empty: it has no line. Check that the export finished.")
    if gzipped and (head.startswith(_GZIP) or head[257:262] == b"ustar"):
        raise LogError(name, "holds another archive inside the .gz. Unpack it and give the logs in it.")
    for magic, sentence in _OTHER_FORMATS:
        if head.startswith(magic):
            raise LogError(name, sentence)


def _records(file: BinaryIO, start: int) -> Iterator[dict[str, object]]:
    """The JSON objects among the first lines; whatever else stands between them is passed over."""
    lines = 0
    for _, block, _ in line_blocks(file, start, start + _BYTES):
        for line in block:
            lines += 1
            if lines > _LINES:
                return
            try:
                value = msgspec.json.decode(line)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value


def _kind_of(record: dict[str, object]) -> Kind | None:
    """The contract that knows most of the record's keys, one of its own marks among them."""
    keys = frozenset(record)
    if not keys & _SHARED:
        return None
    known = {
        kind: len(keys & {entry.name for entry in CONTRACTS[kind].fields})
        for kind in KINDS
        if keys & CONTRACTS[kind].marks
    }
    best = [kind for kind, count in known.items() if count == max(known.values())]
    return best[0] if len(best) == 1 else None


def _looks_like(head: bytes, keys: set[str]) -> str:
    """A sentence for a file in which no record of the three contracts was found."""
    keys = keys or _document_keys(head)
    for wanted, what, advice in _DOCUMENTS:
        if wanted <= keys:
            return f"looks like {what}, not one of the three logs. {advice}"
    if b"\x00" in head:
        return f"is a binary file, not a log. {_CONVERT}"
    if keys:
        seen = mask(", ".join(sorted(keys)[:8])[:VALUE_LIMIT])
        return (
            "holds JSON, but its records are none of exposure.v1, outcome.v1 and assignment.v1 "
            f"(keys found: {seen}). Check which file was exported."
        )
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return f"is not UTF-8 text. {_CONVERT}"
    return _looks_like_text(text.removeprefix("\ufeff").strip())


def _document_keys(head: bytes) -> set[str]:
    """The keys of a file that is one JSON object over several lines."""
    try:
        value = msgspec.json.decode(head.removeprefix(BOM))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return set()
    return set(value) if isinstance(value, dict) else set()


def _looks_like_text(text: str) -> str:
    if not text:
        return "is empty: it has only blank lines. Check that the export finished."
    for opening, sentence in _OPENINGS:
        if text.startswith(opening):
            return sentence
    first = text.partition("\n")[0].replace('"', "")
    if any(_SHARED & set(first.split(separator)) for separator in ",;\t"):
        return f"looks like a CSV table, which is not read yet. {_CONVERT}"
    return f"is text, but not JSON Lines. {_CONVERT}"
