"""Logs come in through the page: kinds recognised, errors a file; a file and a pilot are removed."""

import csv
import gzip
import io
import json
import shutil
from pathlib import Path

import pytest
from app_driver import go, open_app, read, text_of, tiles

from recsys_roi.cli import main
from recsys_roi.logs.pilot import Pilot, home, pilot_names

DATA = Path(__file__).parents[1] / "data" / "open_bandit_all"
REAL = {name: (DATA / name).read_bytes() for name in sorted(file.name for file in DATA.glob("*.gz"))}


@pytest.fixture(autouse=True)
def at_home(home, tmp_path, monkeypatch):
    """A home of its own with the samples for each test, since these write."""
    for name in ("Sample shop", "Sample Open Bandit"):
        shutil.copytree(home / "pilots" / name, tmp_path / "pilots" / name)
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path))


def field(app, label):
    return next(field for field in app.main.text_input if field.label == label)


def submit(app, name, files):
    """Fills the form and sends it."""
    if files:
        app.main.get("file_uploader")[0].set_value([(file, content, "") for file, content in files.items()])
    field(app, "Into the pilot").set_value(name)
    return next(button for button in app.main.button if button.label == "Add").click().run()


def messages(app):
    return [read(message.value) for message in (*app.main.success, *app.main.error)]


def test_three_real_files_make_a_pilot(tmp_path):
    app = submit(open_app("logs"), "Real", REAL)
    assert not app.exception
    assert "Real" in pilot_names(tmp_path)
    said = messages(app)
    assert (
        "exposures.jsonl.gz: exposure.v1, JSON Lines in .gz, 20,000 lines, 20,000 accepted, none rejected."
        in said
    )
    assert len(said) == 3
    assert tiles(app)["Lines"][0] == "40,080"
    assert app.selectbox(key="side_pilot").value == "Real"
    assert "HOLD" in text_of(go(app, "summary"))


def test_each_file_stands_for_itself(tmp_path):
    bad_line = gzip.compress(gzip.decompress(REAL["outcomes.jsonl.gz"]) + b'{"request_id": 7}\n')
    files = {
        "picture.jsonl": b"\x89PNG\r\n\x1a\n" + bytes(300),
        "nothing.jsonl": b"",
        "outcomes.jsonl.gz": bad_line,
    }
    app = submit(open_app("logs"), "Mixed", files)
    assert not app.exception
    errors = [read(message.value) for message in app.main.error]
    assert any(error.startswith("picture.jsonl: ") for error in errors)
    assert any(error.startswith("nothing.jsonl: ") for error in errors)
    assert "81 lines, 80 accepted, 1 rejected (listed below)." in messages(app)[0]
    assert tiles(app)["Rejected"][0] == "1"
    assert [found.label for found in app.main.get("download_button")] == [
        "Download all rejected lines (.csv)"
    ]


def test_the_same_file_twice_counts_once():
    files = {"outcomes.jsonl.gz": REAL["outcomes.jsonl.gz"]}
    app = submit(open_app("logs"), "Twice", files)
    submit(app, "Twice", files)
    assert "is in the pilot already, so it was not counted again." in messages(app)[0]
    assert tiles(app)["Lines"] == ("80", "1 file")


def test_an_empty_pilot_is_a_plan(tmp_path):
    app = submit(open_app("logs"), "Next year", {})
    assert "It is a plan until logs are added." in messages(app)[0]
    assert pilot_names(tmp_path).count("Next year") == 1
    assert "PLAN" in text_of(go(app, "summary"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the pilot a name first."),
        ("Sample shop", "The samples stay as they are"),
        ("../../etc", "must be 1 to 64 letters, digits"),
    ],
)
def test_a_name_that_cannot_be_is_a_sentence(name, said, tmp_path):
    before = pilot_names(tmp_path)
    app = submit(open_app("logs"), name, {"outcomes.jsonl.gz": REAL["outcomes.jsonl.gz"]})
    assert not app.exception
    assert said in read(app.main.error[0].value)
    assert set(pilot_names(tmp_path)) - set(before) <= {"Sample shop", "Sample Open Bandit"}


def test_a_file_and_then_the_pilot_are_removed_from_the_disk(tmp_path):
    bad = gzip.decompress(REAL["assignments.jsonl.gz"]) + b'{"request_id": 7}\n'
    app = submit(open_app("logs"), "Short lived", {**REAL, "assignments.jsonl.gz": bad})
    pilot = Pilot.open(tmp_path, "Short lived")
    gone = pilot.files[0].hash.removeprefix("blake3:")
    assert pilot.files[0].rejected == 1
    counted = {path.name for path in (pilot.folder / "counts").iterdir()}
    assert counted
    next(button for button in app.main.button if button.label.startswith("Remove this file")).click().run()
    assert tiles(app)["Lines"][1] == "2 files"
    assert tiles(app)["Rejected"][0] == "0"
    assert not list(pilot.folder.glob(f"{gone}*"))
    assert counted.isdisjoint(path.name for path in (pilot.folder / "counts").iterdir())
    kept = {file.hash.removeprefix("blake3:") for file in pilot.files}
    assert {path.name.split(".")[0] for path in pilot.folder.glob("*.parquet")} == kept
    assert [file.name for file in pilot.files] == ["exposures.jsonl.gz", "outcomes.jsonl.gz"]
    app.checkbox(key="sure_Short lived").check().run()
    next(button for button in app.main.button if button.label == "Delete").click().run()
    assert not app.exception
    assert "Short lived" not in pilot_names(tmp_path)
    assert app.selectbox(key="side_pilot").value == "Sample shop"
    assert sorted(path.name for path in (tmp_path / "pilots").iterdir()) == [
        "Sample Open Bandit",
        "Sample shop",
    ]


def test_a_sample_cannot_be_removed():
    app = open_app("logs")
    assert not [button for button in app.main.button if button.label.startswith(("Remove", "Delete"))]
    assert "A sample: its files stay." in text_of(app)


PATH = "Or a path on the machine that runs the app"


def test_a_folder_on_the_server_is_read_where_it_is_allowed(monkeypatch):
    monkeypatch.setenv("RECSYS_ROI_LOGS_DIR", str(DATA.parent))
    app = open_app("logs")
    field(app, PATH).set_value(DATA.name)
    app = submit(app, "By path", {})
    assert not app.exception
    assert tiles(app)["Lines"] == ("40,080", "3 files")
    passed_over = [read(message.value) for message in app.main.info]
    assert any(said.startswith("Passed over facts.json: ") for said in passed_over)


def test_a_path_that_leads_outside_is_refused_and_no_pilot_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("RECSYS_ROI_LOGS_DIR", str(DATA))
    app = open_app("logs")
    field(app, PATH).set_value("../cookie_cats/*")
    app = submit(app, "Outside", {})
    assert "lies outside" in read(app.main.error[0].value)
    assert "Outside" not in pilot_names(tmp_path)


def test_reading_by_path_is_off_and_said_where_no_folder_is_named(monkeypatch):
    monkeypatch.delenv("RECSYS_ROI_LOGS_DIR", raising=False)
    path = field(open_app("logs"), PATH)
    assert path.disabled
    assert path.placeholder == "Off: RECSYS_ROI_LOGS_DIR is not set"


def renamed(names):
    """The real logs as CSV under other names."""
    files = {}
    for name, content in REAL.items():
        records = [json.loads(line) for line in gzip.decompress(content).splitlines()]
        rows = [{names.get(key, key): value for key, value in record.items()} for record in records]
        for row in rows:
            row.update(
                {key: json.dumps(value) for key, value in row.items() if isinstance(value, list | dict)}
            )
        text = io.StringIO()
        writer = csv.DictWriter(text, [*dict.fromkeys(key for row in rows for key in row)])
        writer.writeheader()
        writer.writerows(rows)
        files[name.replace(".jsonl.gz", ".csv")] = text.getvalue().encode()
    return files


def test_columns_are_named_by_a_person_and_then_read_as_the_logs(tmp_path):
    app = submit(open_app("logs"), "Named", renamed({"request_id": "key", "ts": "when", "variant": "arm"}))
    assert not app.exception
    assert pilot_names(tmp_path).count("Named") == 1
    for kind, guessed in (("assignment.v1", "arm"), ("exposure.v1", "items"), ("outcome.v1", "event_type")):
        chosen = {box.label.removesuffix(" (required)"): box.value for box in app.selectbox}
        assert guessed in chosen.values(), kind
        assert (chosen["ts"], chosen["request_id"]) == ("when", None)
        add = next(button for button in app.button if button.label == "Add with these columns")
        assert add.disabled
        next(box for box in app.selectbox if box.label.startswith("request_id")).select("key").run()
        next(button for button in app.button if button.label == "Add with these columns").click().run()
        assert not app.exception
    assert tiles(app)["Lines"] == ("40,080", "3 files")
    assert tiles(app)["Rejected"][0] == "0"
    assert tiles(app)["Joined"][0] == "100.00 %"


def test_a_file_that_nobody_wants_to_name_is_left_out():
    app = submit(open_app("logs"), "Unnamed", {"some.csv": b"a,b,c\n1,2,3\n4,5,6\n"})
    next(button for button in app.button if button.label == "Leave this file out").click().run()
    assert not app.exception
    assert "some.csv: left out, nothing of it was kept." in [read(said.value) for said in app.main.info]
    assert not [button for button in app.button if button.label == "Name the columns"]


def test_what_the_new_files_changed_is_told_when_asked():
    earlier = {name: content for name, content in REAL.items() if not name.startswith("outcomes")}
    app = submit(open_app("logs"), "Grows", earlier)
    assert not [button for button in app.button if button.label == "Add with these columns"]
    app = submit(app, "Grows", {"outcomes.jsonl.gz": REAL["outcomes.jsonl.gz"]})
    new = next(choice for choice in app.multiselect if choice.label == "Files that are new")
    assert [file.name for file in Pilot.open(home(), "Grows").files if file.hash in new.value] == [
        "outcomes.jsonl.gz"
    ]
    app.button(key="changes_compare").click().run()
    assert not app.exception
    assert "New: outcomes.jsonl.gz, with 80 lines." in text_of(app)
    (changed,) = (table.value for table in app.main.table if "Without them" in table.value.columns)
    cells = (map(read, row) for row in changed.itertuples(index=False))
    rows = {what: (before, after) for what, before, after in cells}
    assert rows["Lines"] == ("40,000, 0 rejected", "40,080, 0 rejected")
    assert rows["Users"][0] == rows["Users"][1]
    lift = next(pair for what, pair in rows.items() if what.startswith("Lift"))
    assert lift[0] != lift[1]


def test_without_the_assignments_there_is_nothing_to_compare_with():
    app = submit(open_app("logs"), "Grows", REAL)
    new = next(choice for choice in app.multiselect if choice.label == "Files that are new")
    pilot = Pilot.open(home(), "Grows")
    new.set_value([file.hash for file in pilot.files if file.kind == "assignment.v1"]).run()
    app.button(key="changes_compare").click().run()
    assert not app.exception
    assert "Without these files there is no review to compare with. There are no assignments" in text_of(app)


def test_an_evidence_folder_on_the_server_becomes_a_pilot(monkeypatch, tmp_path):
    folder = tmp_path / "logs" / "counted"
    assert main(["evidence", *map(str, sorted(DATA.glob("*.gz"))), "--to", str(folder)]) == 0
    monkeypatch.setenv("RECSYS_ROI_LOGS_DIR", str(folder.parent))
    app = open_app("logs")
    field(app, PATH).set_value("counted")
    app = submit(app, "From afar", {})
    assert not app.exception
    assert "The pilot From afar is evidence counted by duckdb on" in messages(app)[0]
    assert tiles(app)["Lines"] == ("40,080", "3 files")
    assert not [button for button in app.main.button if button.label.startswith("Remove this file")]
    assert "HOLD" in text_of(go(app, "summary"))
    app = submit(go(app, "logs"), "From afar", {"outcomes.jsonl.gz": REAL["outcomes.jsonl.gz"]})
    assert "holds counts and no rows" in messages(app)[0]
