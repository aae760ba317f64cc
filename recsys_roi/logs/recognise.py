"""What a file is: its format by its first bytes, its kind by the names of its fields."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import msgspec

from recsys_roi.errors import LogError, UnknownFieldsError
from recsys_roi.logs.contracts import CONTRACTS, KINDS, LINE_LIMIT, VALUE_LIMIT, Kind
from recsys_roi.logs.documents import DocumentKind, document_kind
from recsys_roi.logs.evaluation_reports import BYTES as DOCUMENT_BYTES
from recsys_roi.logs.shapes.csv_rows import Header, read_header
from recsys_roi.logs.shapes.layout import kind_of_columns, knows_columns, shown_columns
from recsys_roi.logs.shapes.parquet_table import columns_of
from recsys_roi.logs.shapes.renaming import is_service_record
from recsys_roi.logs.unpacking import Packing, packing_of, unpacked
from recsys_roi.personal import mask

KindOrAuto = Literal["auto"] | Kind
Format = Literal["jsonl", "service", "csv", "parquet", "json"]
FORMATS: Mapping[Format, str] = {
    "jsonl": "JSON Lines",
    "service": "JSON Lines of the recommender service",
    "csv": "CSV",
    "parquet": "Parquet",
    "json": "JSON",
}

BOM = b"\xef\xbb\xbf"
_PARQUET = b"PAR1"
_HEAD = 256 * 1024
_RECORDS = 64  # that decide the kind
_LINES = 10_000  # looked through for them
_BYTES = 64 * 2**20
_SHARED = frozenset({"request_id", "user_id", "ts"})

_CONVERT = "Convert it to JSON Lines (one JSON object a line), CSV or Parquet."
_OTHER_FORMATS = (
    (b"BZh", "is compressed with bzip2, which is not read. Unpack it first (bunzip2)."),
    (b"\xfd7zXZ\x00", "is compressed with xz, which is not read. Unpack it first (unxz)."),
    (
        b"PK\x03\x04",
        "is a zip archive or an Office document, which is not read. Unpack it and give the logs in it.",
    ),
    (b"ARROW1", f"is an Arrow file, which is not read. {_CONVERT}"),
    (b"Obj\x01", f"is an Avro file, which is not read. {_CONVERT}"),
    (b"ORC", f"is an ORC file, which is not read. {_CONVERT}"),
    (b"SQLite format 3\x00", f"is an SQLite database, not a log. {_CONVERT}"),
    (b"%PDF", "is a PDF document, not a log."),
    (b"\xff\xfe", "is UTF-16 text. Save it as UTF-8."),
    (b"\xfe\xff", "is UTF-16 text. Save it as UTF-8."),
)
_NO_LOG = "not one of the three logs."
_GIVE_LOGS = f"{_NO_LOG} Give the logs it was made from."
_DOCUMENTS = (
    (
        {"made_by", "settings", "experiment", "kpis"},
        f"is the demo's known truth, which results can be checked against, {_NO_LOG}",
    ),
    ({"decision", "control_variant"}, f"looks like a decision of recsys-eval (decision.v1), {_GIVE_LOGS}"),
    ({"kpis", "guardrails", "made_at"}, f"looks like a review made by this product, {_GIVE_LOGS}"),
    ({"summary"}, f"looks like a report, {_GIVE_LOGS}"),
)
_OPENINGS = (
    ("[", "looks like one JSON array, not JSON Lines. Write one object a line (jq -c '.[]')."),
    ("{", "looks like broken JSON, or one document over several lines. Write one object a line (jq -c .)."),
    ("<", f"looks like HTML or XML, not a log. {_CONVERT}"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """What a file was taken for."""

    kind: Kind | DocumentKind
    format: Format
    packing: Packing


def recognise(
    path: Path, name: str, kind: KindOrAuto = "auto", mapping: Mapping[str, str] | None = None
) -> Recognised:
    """Format and kind of the file at `path`, called `name` in errors; `mapping` is {field: column or key}.

    With a given kind, the file is refused only when it cannot be read, or when most of its first records are
    of another kind. Raises LogError with a sentence that says what the file looks like.
    """
    with unpacked(path, name) as (plain, stored):
        packing = "none" if plain is stored else _packing(path)
        head = _read(plain, _HEAD)
        _refuse_other_formats(head, name, packing)
        if head.startswith(_PARQUET):
            columns = columns_of(path, name).names
            found = _table_kind(columns, name, "parquet", mapping or {}) if kind == "auto" else kind
            return Recognised(kind=found, format="parquet", packing=packing)
        votes, keys = _votes(head, plain, mapping or {})
        header = None if keys else read_header(head)
        if header is not None and _is_table(header, head, mapping or {}):
            found = _table_kind(header.columns, name, "csv", mapping or {}) if kind == "auto" else kind
            return Recognised(kind=found, format="csv", packing=packing)
    if not keys and kind == "auto" and document_kind(found_keys := _document_keys(path, name, head)):
        keys = found_keys
    return _recognise_lines(_Looked(head=head, votes=votes, keys=keys), name, kind, packing)


def _packing(path: Path) -> Packing:
    with path.open("rb") as stored:
        return packing_of(stored.read(4))


def _read(file: IO[bytes], size: int) -> bytes:
    """That many bytes, or all there are: a packed file may give fewer at a time."""
    pieces = []
    while size > 0 and (piece := file.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _refuse_other_formats(head: bytes, name: str, packing: Packing) -> None:
    if not head.removeprefix(BOM):
        raise LogError(name, "is empty: it has no line. Check that the export finished.")
    if packing != "none":
        if packing_of(head) != "none" or head[257:262] == b"ustar":
            raise LogError(
                name, f"holds another archive inside the .{packing}. Unpack it and give the logs in it."
            )
        if head.startswith(_PARQUET):
            raise LogError(
                name, f"holds Parquet inside the .{packing}. Unpack it; Parquet is packed in itself."
            )
    for magic, sentence in _OTHER_FORMATS:
        if head.startswith(magic):
            raise LogError(name, sentence)


def _table_kind(columns: Sequence[str], name: str, form: Format, mapping: Mapping[str, str]) -> Kind:
    found = kind_of_columns(columns, mapping)
    if found is None:
        raise UnknownFieldsError(
            name,
            f"is a {FORMATS[form]} table, but its columns do not say which of the three logs it is "
            f"({shown_columns(columns)}). Give the kind, and say which column holds which field "
            "(map FIELD=COLUMN).",
        )
    return found


def _is_table(header: Header, head: bytes, mapping: Mapping[str, str]) -> bool:
    """Whether text is a CSV table: by the names in its first line, or lines of as many cells."""
    if head.removeprefix(BOM).lstrip().startswith((b"{", b"[", b"<")):
        return False
    if knows_columns(header.columns, mapping):
        return True
    lines = head[header.end :].split(b"\n")[:-1][:20]
    marks = header.separator.encode()
    return len(lines) > 1 and {line.count(marks) for line in lines} == {len(header.columns) - 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Looked:
    """What the first lines of a text hold."""

    head: bytes
    votes: Counter[tuple[Kind, Format]]
    keys: set[str]


def _recognise_lines(looked: _Looked, name: str, kind: KindOrAuto, packing: Packing) -> Recognised:
    of_kind: Counter[Kind] = Counter()
    for (voted, _), count in looked.votes.items():
        of_kind[voted] += count
    found = max(of_kind, key=lambda voted: of_kind[voted], default=None)
    if found is None:
        document = document_kind(looked.keys) if kind == "auto" else None
        if document is not None:
            return Recognised(kind=document, format="json", packing=packing)
        if kind == "auto" or b"\x00" in looked.head:
            raise _unknown(name, looked.head, looked.keys)
        return Recognised(kind=kind, format="jsonl", packing=packing)
    if kind != "auto" and of_kind[found] > of_kind[kind]:
        what = CONTRACTS[found].title
        raise LogError(name, f"holds {found} records ({what}), not {kind}. Give it as {found}.")
    taken = found if kind == "auto" else kind
    of_service = looked.votes[taken, "service"] > looked.votes[taken, "jsonl"]
    return Recognised(kind=taken, format="service" if of_service else "jsonl", packing=packing)


def _votes(
    head: bytes, file: IO[bytes], mapping: Mapping[str, str]
) -> tuple[Counter[tuple[Kind, Format]], set[str]]:
    """What the first records are, and the keys that were seen."""
    votes: Counter[tuple[Kind, Format]] = Counter()
    keys: set[str] = set()
    for record in _records(head.removeprefix(BOM), file):
        keys.update(record)
        if not mapping and is_service_record(record):
            votes["exposure.v1", "service"] += 1
        elif (vote := _kind_of(record, mapping)) is not None:
            votes[vote, "jsonl"] += 1
        if votes.total() == _RECORDS:
            break
    return votes, keys


def _records(head: bytes, file: IO[bytes]) -> Iterator[dict[str, object]]:
    """The JSON objects among the first lines; whatever else stands between them is passed over."""
    lines = read = 0
    text, more = head, True
    while more and lines < _LINES and read < _BYTES:
        piece = _read(file, _HEAD)
        more, read = bool(piece), read + len(piece)
        whole, ended, rest = text.rpartition(b"\n") if more else (text, b"", b"")
        for line in whole.split(b"\n") if ended or not more else ():
            lines += 1
            try:
                value = msgspec.json.decode(line)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value
        text = (rest if len(rest) <= LINE_LIMIT else b"") + piece


def _kind_of(record: Mapping[str, object], mapping: Mapping[str, str]) -> Kind | None:
    """The contract that knows most of the record's keys, one of its own marks among them."""
    mapped = set(mapping.values())
    keys = {field for field, key in mapping.items() if key in record} | (set(record) - mapped)
    if not keys & _SHARED:
        return None
    known = {
        kind: len(keys & {entry.name for entry in CONTRACTS[kind].fields})
        for kind in KINDS
        if keys & CONTRACTS[kind].marks
    }
    best = [kind for kind, count in known.items() if count == max(known.values())]
    return best[0] if len(best) == 1 else None


def _unknown(name: str, head: bytes, keys: set[str]) -> LogError:
    """What is said of a file in which no record of the three contracts was found."""
    document = _document(head)
    known = _known_document(keys or set(document))
    if known is None and keys and b"\x00" not in head:
        return UnknownFieldsError(
            name,
            "holds JSON, but its records are none of exposure.v1, outcome.v1 and assignment.v1 "
            f"(keys found: {_shown(keys)}). Check which file was exported, or map its keys to fields.",
        )
    if known is None and document and _kind_of(document, {}) is None:
        known = f"is one JSON document (keys found: {_shown(set(document))}), {_NO_LOG}"
    return LogError(name, known or _looks_like(head))


def _shown(keys: set[str]) -> str:
    return mask(", ".join(sorted(keys)[:8])[:VALUE_LIMIT])


def _known_document(keys: set[str]) -> str | None:
    return next((sentence for wanted, sentence in _DOCUMENTS if wanted <= keys), None)


def _looks_like(head: bytes) -> str:
    """A sentence for a file in which no JSON object was found."""
    if b"\x00" in head:
        return f"is a binary file, not a log. {_CONVERT}"
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return f"is not UTF-8 text. {_CONVERT}"
    text = text.removeprefix("\ufeff").strip()
    if not text:
        return "is empty: it has only blank lines. Check that the export finished."
    return next(
        (sentence for opening, sentence in _OPENINGS if text.startswith(opening)),
        f"is text, but neither JSON Lines nor CSV with a header. {_CONVERT}",
    )


def _document_keys(path: Path, name: str, head: bytes) -> set[str]:
    """The keys of a file that is one JSON object, which may be longer than the head or hold NaN."""
    if not head.removeprefix(BOM).lstrip().startswith(b"{"):
        return set()
    with unpacked(path, name) as (plain, _):
        text = _read(plain, DOCUMENT_BYTES + 1)
    try:
        value = json.loads(text.removeprefix(BOM))
    except (ValueError, RecursionError):
        return set()
    return set(value) if isinstance(value, dict) else set()


def _document(head: bytes) -> dict[str, object]:
    """A file that is one JSON object over several lines; empty where it is not."""
    try:
        value = msgspec.json.decode(head.removeprefix(BOM))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
