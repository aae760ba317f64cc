"""Ways in which an evidence folder can have been made to do harm; each changes a sound one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from blake3 import blake3

Attack = Callable[[Path], object]
"""Changes the folder that it is given."""


def table(folder: Path, name: str) -> Path:
    return next(folder.glob(f"counts/*/{name}.parquet"))


def rewritten(name: str, change: Callable[[pa.Table], pa.Table], **how: Any) -> Attack:
    """A table of counts after a change of it; the manifest says as many rows as it has then."""

    def attack(folder: Path) -> None:
        place = table(folder, name)
        made = change(pq.read_table(place))
        pq.write_table(made, place, **how)
        with_manifest(lambda found: found["counted"]["rows"].update({name: len(made)}))(folder)

    return attack


def with_column(name: str, column: str, values: Callable[[pa.ChunkedArray], Any]) -> Attack:
    def change(found: pa.Table) -> pa.Table:
        place = found.schema.get_field_index(column)
        return found.set_column(place, column, pa.array(values(found[column])))

    return rewritten(name, change)


def first(value: Any) -> Callable[[pa.ChunkedArray], pa.Array]:
    """The first value of a column in place of its own."""
    return lambda column: pa.array([value, *column.to_pylist()[1:]], column.type)


def repeated(value: Any) -> Callable[[pa.ChunkedArray], pa.Array]:
    """One value throughout."""
    return lambda column: pa.repeat(pa.scalar(value, column.type), len(column))


def with_manifest(change: Callable[[Any], object]) -> Attack:
    def attack(folder: Path) -> None:
        place = folder / "manifest.json"
        found = json.loads(place.read_text())
        changed = change(found)
        place.write_text(json.dumps(found if changed is None else changed))

    return attack


def manifest_of(content: bytes) -> Attack:
    return lambda folder: (folder / "manifest.json").write_bytes(content)


def bytes_of(name: str, change: Callable[[bytes], bytes]) -> Attack:
    def attack(folder: Path) -> None:
        place = table(folder, name)
        place.write_bytes(change(place.read_bytes()))

    return attack


def in_place_of(name: str, make: Callable[[Path], object]) -> Attack:
    """Something else where a table was, or a whole folder or a file of the evidence."""

    def attack(folder: Path) -> None:
        place = folder / name if "." in name or name == "counts" else table(folder, name)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()
        make(place)

    return attack


def linked_away(name: str) -> Attack:
    """A link to the same thing outside the folder."""

    def attack(folder: Path) -> None:
        place = folder / name if "." in name or name == "counts" else table(folder, name)
        away = folder.parent / f"away from {folder.name}"
        shutil.move(place, away)
        place.symlink_to(away)

    return attack


def in_rejects(make: Callable[[Path], object]) -> Attack:
    def attack(folder: Path) -> None:
        place = sorted(folder.glob("*.rejects.jsonl"))[0]
        place.unlink()
        make(place)

    return attack


def sparse(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(2**40)


def many_rows(folder: Path) -> None:
    """One row over and over, which takes next to no room in a file."""
    place, at_once, times = table(folder, "events"), 500_000, 60
    found = pq.read_table(place)
    columns = [pa.repeat(found[name][0], at_once) for name in found.column_names]
    with pq.ParquetWriter(place, found.schema, compression="zstd") as writer:
        for _ in range(times):
            writer.write_table(pa.table(columns, schema=found.schema))
    with_manifest(lambda found: found["counted"]["rows"].update(events=at_once * times))(folder)


WITH_EXPERIMENT = (
    "requests",
    "events",
    "variant_names",
    "arm_facts",
    "experiment_facts",
    "surfaces",
    "silences",
    "arm_users_by_day",
)


def named(text: str) -> Attack:
    """Hostile text wherever the folder has a name of anything."""

    def attack(folder: Path) -> None:
        def rename(found: Any) -> None:
            for file in found["files"]:
                file["name"] = text
                file["notes"] = [text]
            for one in found["counted"]["inputs"]:
                one["path"] = text
            found["counted"]["software"] = found["counted"]["engine_version"] = text

        with_manifest(rename)(folder)
        for name in WITH_EXPERIMENT:
            with_column(name, "experiment_id", repeated(text[:200]))(folder)

    return attack


def long_dictionary(found: pa.Table) -> pa.Table:
    """A text of a megabyte that stands once in the file and in every row."""
    values = pa.DictionaryArray.from_arrays(pa.array([0] * len(found), pa.int32()), pa.array(["x" * 2**20]))
    return found.set_column(found.schema.get_field_index("surface"), "surface", values)


MANIFESTS: Mapping[str, Attack] = {
    "not JSON": manifest_of(b"\x00\xff{{{"),
    "empty": manifest_of(b""),
    "nested": manifest_of(b'{"version":' + b"[" * 200_000),
    "nested settings": with_manifest(
        lambda found: found["counted"].update(
            declared={"names": found["files"][0]["hash"], "views": [deep(500)]}
        )
    ),
    "huge": lambda folder: sparse(folder / "manifest.json"),
    "NaN": manifest_of(b'{"version": NaN, "files": Infinity}'),
    "a list": manifest_of(b"[]"),
    "later version": with_manifest(lambda found: found.update(version="pilot.v99")),
    "later evidence": with_manifest(lambda found: found["counted"].update(version="evidence.v99")),
    "later counts": with_manifest(lambda found: found["counted"].update(layout="counts-99")),
    "wrong types": with_manifest(lambda found: found["files"][0].update(lines=[1], accepted={"a": 1})),
    "negative lines": with_manifest(lambda found: found["files"][0].update(lines=-5)),
    "NaN lines": with_manifest(lambda found: found["files"][0].update(lines=float("nan"))),
    "more lines than are": with_manifest(lambda found: found["files"][0].update(records=10**15)),
    "absurd lines": with_manifest(lambda found: found["files"][0].update(records=10**400)),
    "other rows": with_manifest(lambda found: found["counted"]["rows"].update(requests=10**12)),
    "path as hash": with_manifest(lambda found: found["files"][0].update(hash="blake3:../../../etc/passwd")),
    "path in inputs": with_manifest(
        lambda found: found["counted"]["inputs"][0].update(path="../" * 90 + "etc/passwd")
    ),
    "unknown key": with_manifest(lambda found: found.update(counts="/etc")),
    "no files": with_manifest(lambda found: found.update(files=[])),
    "a file twice": with_manifest(lambda found: found["files"].append(found["files"][0])),
    "year 9999": with_manifest(lambda found: found["counted"].update(made_at="9999-12-31T23:59:59-23:59")),
    "link": linked_away("manifest.json"),
    "link to what is none": in_place_of("manifest.json", lambda place: place.symlink_to("/etc/passwd")),
    "pipe": in_place_of("manifest.json", os.mkfifo),
    "device": in_place_of("manifest.json", lambda place: place.symlink_to("/dev/zero")),
    "folder": in_place_of("manifest.json", lambda place: place.mkdir()),
}
TABLES: Mapping[str, Attack] = {
    "cut short": bytes_of("requests", lambda data: data[: len(data) // 2]),
    "empty": bytes_of("requests", lambda _: b""),
    "not Parquet": bytes_of("events", lambda data: b"x" * len(data)),
    "damaged footer": bytes_of("requests", lambda data: data[:-40] + b"\xff" * 32 + data[-8:]),
    "damaged pages": bytes_of("requests", lambda data: data[:4] + b"\xff" * 2000 + data[2004:]),
    "footer of gigabytes": bytes_of("requests", lambda data: data[:-8] + b"\xff\xff\xff\x7f" + b"PAR1"),
    "sparse": in_place_of("requests", sparse),
    "other columns": rewritten("arm_facts", lambda found: found.rename_columns(["a", "b", "c", "d"])),
    "one column more": rewritten("arm_facts", lambda found: found.append_column("x", found["users"])),
    "one column less": rewritten("requests", lambda found: found.drop_columns(["ts_us"])),
    "texts for numbers": with_column("arm_facts", "users", lambda column: pc.cast(column, pa.string())),
    "floats for counts": with_column("arm_facts", "users", lambda column: pc.cast(column, pa.float64())),
    "lists": with_column("surfaces", "surface", lambda column: [[text] for text in column.to_pylist()]),
    "missing numbers": with_column("requests", "user_no", first(None)),
    "missing arm": with_column("requests", "variant", first(None)),
    "negative count": with_column("arm_facts", "users", first(-1)),
    "absurd count": with_column("arm_facts", "users", first(2**62)),
    "negative latency": with_column("requests", "latency_ms", first(-1.0)),
    "NaN latency": with_column("requests", "latency_ms", first(float("nan"))),
    "infinite value": with_column("events", "value", first(float("inf"))),
    "year 300000": with_column("requests", "ts_us", first(2**62)),
    "year 1": with_column("requests", "ts_us", first(-62_135_596_800_000_000)),
    "day 10 million": with_column("exposures_by_day", "day", first(10**7)),
    "many days": with_column("arm_users_by_day", "day", first(-719_162)),
    "one request twice": with_column("requests", "request_no", repeated(300)),
    "users mixed": with_column("requests", "user_no", lambda column: column.to_pylist()[::-1]),
    "a user in both arms": with_column("requests", "variant", lambda column: column.to_pylist()[::-1]),
    "more users than assigned": with_column("arm_facts", "users", repeated(1)),
    "more requests than assigned": with_column("experiment_facts", "assignments_joined", first(3)),
    "more events than joined": with_column("join_facts", "outcomes_joined", first(3)),
    "no facts": rewritten("join_facts", lambda found: found.slice(0, 0)),
    "facts twice": rewritten("join_facts", lambda found: pa.concat_tables([found, found])),
    "no experiment": rewritten("experiment_facts", lambda found: found.slice(0, 0)),
    "no names": rewritten("variant_names", lambda found: found.slice(0, 0)),
    "other names": with_column("variant_names", "variant", first("elsewhere")),
    "names twice": with_column("variant_names", "variant", repeated("control")),
    "other experiments": with_column("experiment_facts", "experiment_id", first("elsewhere")),
    "other logs": with_column("newest", "kind", first("click.v1")),
    "ten thousand arms": rewritten(
        "variant_names",
        lambda _: pa.table({"experiment_id": ["e"] * 10_000, "variant": [f"v{n}" for n in range(10_000)]}),
    ),
    "rows without bound": many_rows,
    "texts without bound": rewritten("requests", long_dictionary),
    "link": linked_away("requests"),
    "folder of counts linked": linked_away("counts"),
    "pipe": in_place_of("requests", os.mkfifo),
    "device": in_place_of("requests", lambda place: place.symlink_to("/dev/zero")),
    "empty folder": in_place_of("requests", lambda place: place.mkdir()),
    "gone": in_place_of("requests", lambda place: None),
    "no counts": in_place_of("counts", lambda place: None),
    "counts are a file": in_place_of("counts", lambda place: place.write_text("x")),
}
REJECTS: Mapping[str, Attack] = {
    "pipe": in_rejects(os.mkfifo),
    "device": in_rejects(lambda place: place.symlink_to("/dev/zero")),
    "link": in_rejects(lambda place: place.symlink_to("/etc/passwd")),
    "gone": in_rejects(lambda place: None),
    "folder of a pipe": in_rejects(lambda place: (place.mkdir(), os.mkfifo(place / "part.txt"))),
    "not JSON": in_rejects(lambda place: place.write_bytes(b"\xff\x00\n" * 10)),
    "one endless line": in_rejects(sparse),
}
NAMES: Mapping[str, Attack] = {
    text[:20]: named(text)
    for text in (
        "<script>window.hacked=1</script>",
        "![x](http://evil.invalid/a.png)",
        "=cmd|' /C calc'!A0",
        "\u202egnp.exe",
        "a\u0000b",
        "../../../etc/passwd",
        "\u001b[2J",
        "x" * 100_000,
        "",
    )
}


def deep(levels: int) -> Any:
    """Settings within settings."""
    found: Any = {}
    for _ in range(levels):
        found = {"a": found}
    return {"settings": found, "hash": "blake3:" + "0" * 64}


def view_of(change: Callable[[Any], object]) -> Attack:
    """The sums of the declared view after a change, with the hash that they have then."""

    def attack(folder: Path) -> None:
        place = folder / "views" / "1.json"
        found = json.loads(place.read_text())
        content = change(found)
        place.write_bytes(content if isinstance(content, bytes) else json.dumps(found).encode())
        new = f"blake3:{blake3(place.read_bytes()).hexdigest()}"
        with_manifest(lambda manifest: manifest["counted"]["declared"]["views"][0].update(hash=new))(folder)

    return attack


def kpi_sums(found: Any) -> Any:
    return next(iter(found["kpis"].values()))["sums"]["control"]


VIEWS: Mapping[str, Attack] = {
    "changed": lambda folder: (folder / "views" / "1.json").write_text("{}"),
    "not JSON": view_of(lambda _: b"\xff"),
    "nested": view_of(lambda _: b"[" * 200_000),
    "other shape": view_of(lambda _: b'{"files": []}'),
    "NaN sums": view_of(lambda found: kpi_sums(found).update(sy=float("nan"))),
    "infinite sums": view_of(lambda found: kpi_sums(found).update(syy=float("inf"))),
    "negative users": view_of(lambda found: kpi_sums(found).update(n=-3)),
    "impossible squares": view_of(lambda found: kpi_sums(found).update(syy=0.0, sy=5.0)),
    "huge numbers": view_of(lambda found: kpi_sums(found).update(n=10**400)),
    "a day too few": view_of(lambda found: found["arm_users_by_day"]["control"].pop()),
    "days without end": view_of(lambda found: found.update(days=10**9)),
    "no days": view_of(lambda found: found.update(days=0)),
    "no users": view_of(lambda found: found["users"].update(control=0, candidate=0)),
    "negative requests": view_of(lambda found: found["requests"].update(control=-1)),
    "no kpis": view_of(lambda found: found.update(kpis={})),
    "unknown kpi": view_of(lambda found: found["kpis"].update(hacked=next(iter(found["kpis"].values())))),
    "no rates": view_of(lambda found: found.update(rates={})),
    "no latency": view_of(lambda found: found.update(latency={})),
    "no arms": view_of(lambda found: found["facts"].update(arms=[])),
    "negative facts": view_of(lambda found: found["facts"]["joins"].update(exposures=-5)),
    "end before start": view_of(lambda found: found.update(start=found["end"], end=found["start"])),
    "year 9999": view_of(lambda found: found.update(end="9999-12-31T23:59:59Z")),
    "no days by kpi": view_of(lambda found: next(iter(found["kpis"].values())).update(by_day=[])),
    "hostile arm": view_of(lambda found: found.update(control="<script>", candidate="=1+1")),
    "link": lambda folder: relink(folder / "views" / "1.json"),
    "folder linked": lambda folder: relink(folder / "views"),
    "pipe": lambda folder: ((folder / "views" / "1.json").unlink(), os.mkfifo(folder / "views" / "1.json")),
    "sparse": lambda folder: sparse(folder / "views" / "1.json"),
}


def relink(place: Path) -> None:
    away = place.parent.parent / f"away {place.parent.name} {place.name}"
    shutil.move(place, away)
    place.symlink_to(away)
