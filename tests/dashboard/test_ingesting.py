"""Files read in a thread: asked about where their columns are unclear, remembered, stopped."""

import io
import json

import pytest

from recsys_roi.dashboard.file_text import result_text
from recsys_roi.dashboard.ingesting import Ingest, Item, Naming
from recsys_roi.logs.pilot import Pilot

CLICK = {
    "request_id": "r",
    "user_id": "u",
    "item_id": "i",
    "event_type": "click",
    "ts": "2026-10-05T00:00:00Z",
}
NAMES = {"user_id": "visitor", "ts": "time"}
OUTCOME = "outcome.v1"


@pytest.fixture
def pilot(tmp_path):
    return Pilot.create_or_open(tmp_path / "pilot")


def table(names, count=3, **more):
    """CSV under other names, each time with other content."""
    rows = [{names.get(name, name): value for name, value in CLICK.items()} | more for _ in range(count)]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def item(name, content, **more):
    return Item(source=(name, io.BytesIO(content)), **more)


def read(pilot, *items, named=()):
    reading = Ingest(pilot, items, named)
    reading.run()
    return reading.outcomes


def test_a_file_whose_columns_are_unclear_is_asked_about_and_not_kept(pilot):
    asked, kept, unclear = read(
        pilot, item("a.csv", table(NAMES)), item("b.csv", table({})), item("c.csv", b"a,b,c\n1,2,3\n4,5,6\n")
    )
    assert asked.asked.seen.missing == ("user_id", "ts")
    assert kept.result.file.name == "b.csv"
    assert unclear.asked.seen.kind is None
    assert [file.name for file in pilot.files] == ["b.csv"]


def test_what_a_person_said_is_kept_and_used_for_the_next_file(pilot):
    named = item("a.csv", table(NAMES), kind=OUTCOME, mapping=NAMES, is_named=True)
    (first,) = read(pilot, named)
    assert dict(first.result.file.mapping) == NAMES
    (second,) = read(Pilot(pilot.folder), item("b.csv", table(NAMES, 4)))
    assert second.named_as == "a.csv"
    assert dict(second.result.file.mapping) == NAMES
    assert (second.result.file.lines, second.result.file.accepted) == (4, 4)


def test_an_optional_field_is_remembered_too(pilot):
    price = {"value": "price"}
    read(pilot, item("a.csv", table({}, price="2.5"), kind=OUTCOME, mapping=price, is_named=True))
    (second,) = read(pilot, item("b.csv", table({}, 4, price="3.5")))
    assert second.named_as == "a.csv"
    with pilot.connect() as connection:
        assert connection.execute("SELECT sum(value) FROM outcomes").fetchone() == (3 * 2.5 + 4 * 3.5,)


def test_a_key_of_the_earlier_file_that_no_line_has_is_said(pilot):
    line = {**{name: value for name, value in CLICK.items() if name != "ts"}, "time": CLICK["ts"]}
    names = {"ts": "time", "value": "price"}
    first = json.dumps(line | {"price": 2}).encode()
    read(pilot, item("a.jsonl", first, kind=OUTCOME, mapping=names, is_named=True))
    (second,) = read(pilot, item("b.jsonl", json.dumps(line | {"prise": 3}).encode()))
    said = "No line has the key 'price', which value should be read from. Nearest: prise."
    assert said in result_text(second.result, second.named_as)
    (third,) = read(pilot, item("c.jsonl", json.dumps(line | {"price": 3}).encode()))
    assert dict(third.result.file.mapping) == names


def test_a_file_under_the_proper_names_is_not_read_as_another(pilot):
    read(pilot, item("a.csv", table(NAMES), kind=OUTCOME, mapping=NAMES, is_named=True))
    (second,) = read(pilot, item("b.csv", table({}, 4)))
    assert second.named_as is None
    assert second.result.file.mapping == ()


def test_names_of_another_kind_do_not_fit(pilot):
    read(pilot, item("a.csv", table(NAMES), kind=OUTCOME, mapping=NAMES, is_named=True))
    assignment = b"experiment_id,variant,request_id,visitor,time\ne,v,r,u,2026-10-05T00:00:00Z\n"
    (second,) = read(pilot, item("b.csv", assignment))
    assert second.asked.seen.missing == ("user_id", "ts")


def test_who_wants_to_see_the_columns_is_asked_but_not_twice_for_the_same_columns(pilot):
    (first,) = read(pilot, item("a.csv", table({}), ask=True))
    assert first.asked.seen.missing == ()
    columns = first.asked.seen.columns
    naming = Naming(file="a.csv", kind=OUTCOME, is_table=True, mapping={"ts": "ts"}, columns=columns)
    same, other = read(
        pilot,
        item("b.csv", table({}, 4), ask=True),
        item("c.csv", table({}, 5, more="1"), ask=True),
        named=[naming],
    )
    assert same.named_as == "a.csv"
    assert other.asked is not None


def test_json_lines_that_lack_a_field_but_have_no_other_key_are_read_and_rejected(pilot):
    records = [{**CLICK}, {**CLICK}]
    for record in records:
        del record["user_id"]
    lacking = "".join(json.dumps(record) + "\n" for record in records).encode()
    (outcome,) = read(pilot, item("a.jsonl", lacking))
    assert outcome.result.file.rejected == 2


def test_a_manifest_has_nothing_to_ask_about(pilot):
    manifest = {"tenant_id": "t", "version": 1, "artifacts": [], "updated_at": "2026-10-05T00:00:00Z"}
    (outcome,) = read(pilot, item("manifest.json", json.dumps(manifest).encode()))
    assert outcome.result.file.kind == "manifest.v1"


def test_what_is_no_log_is_passed_over_in_a_folder_only(pilot, tmp_path):
    note = tmp_path / "README.txt"
    note.write_text("Logs of the shop.\n", encoding="utf-8")
    alone, beside = read(pilot, Item(source=note), Item(source=note, from_folder=True))
    assert alone.problem.startswith("README.txt: is text")
    assert beside.passed_over.startswith("README.txt: is text")


class Stopper(io.BytesIO):
    """Somebody presses Stop while this is read."""

    reading = None

    def read(self, *size):
        self.reading.stop()
        return super().read(*size)


def test_stop_keeps_what_was_read_before_and_nothing_of_the_rest(pilot):
    content = table({}, 4)
    at_work = Stopper(content)
    items = (item("a.csv", table({})), Item(source=("b.csv", at_work)), item("c.csv", table({}, 5)))
    at_work.reading = reading = Ingest(pilot, items)
    reading.run()
    assert [outcome.stopped for outcome in reading.outcomes] == [False, True, True]
    assert [file.name for file in pilot.files] == ["a.csv"]
    assert {path.suffix for path in pilot.folder.iterdir()} <= {".parquet", ".jsonl", ".json", ""}
    assert not list(pilot.folder.glob("work-*"))


class Faulty(io.BytesIO):
    def read(self, *size):
        raise ZeroDivisionError


def test_a_fault_of_ours_is_said_and_does_not_keep_the_others_out(pilot):
    wrong, right = read(pilot, Item(source=("a.csv", Faulty(b"x"))), item("b.csv", table({})))
    assert wrong.problem == "a.csv: was not kept, because of a fault in this program (ZeroDivisionError)."
    assert right.result.added
