"""Logs come in through the page: kinds recognised, errors a file; a file and a pilot are removed."""

import gzip
import shutil
from pathlib import Path

import pytest
from app_driver import go, open_app, read, text_of, tiles

from recsys_roi.logs.pilot import pilot_names

DATA = Path(__file__).parents[1] / "data" / "open_bandit_all"
REAL = {name: (DATA / name).read_bytes() for name in sorted(file.name for file in DATA.glob("*.gz"))}


@pytest.fixture(autouse=True)
def at_home(home, tmp_path, monkeypatch):
    """A home of its own with the samples for each test, since these write."""
    for name in ("Sample shop", "Sample Open Bandit"):
        shutil.copytree(home / "pilots" / name, tmp_path / "pilots" / name)
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path))


def submit(app, name, files):
    """Fills the form and sends it."""
    if files:
        app.main.get("file_uploader")[0].set_value([(file, content, "") for file, content in files.items()])
    app.main.text_input[0].set_value(name)
    return next(button for button in app.main.button if button.label == "Add").click().run()


def messages(app):
    return [read(message.value) for message in (*app.main.success, *app.main.error)]


def test_three_real_files_make_a_pilot(tmp_path):
    app = submit(open_app("logs"), "Real", REAL)
    assert not app.exception
    assert "Real" in pilot_names(tmp_path)
    said = messages(app)
    assert "exposures.jsonl.gz: exposure.v1, 20,000 lines, 20,000 accepted, none rejected." in said
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
    assert tiles(app)["Files"][0] == "1"


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


def test_a_file_and_then_the_pilot_are_removed(tmp_path):
    app = submit(open_app("logs"), "Short lived", REAL)
    next(button for button in app.main.button if button.label.startswith("Remove this file")).click().run()
    assert tiles(app)["Files"][0] == "2"
    app.checkbox(key="sure_Short lived").check().run()
    next(button for button in app.main.button if button.label == "Delete").click().run()
    assert not app.exception
    assert "Short lived" not in pilot_names(tmp_path)
    assert app.selectbox(key="side_pilot").value == "Sample shop"
    assert list((tmp_path / "pilots").glob("**/*Short*")) == []


def test_a_sample_cannot_be_removed():
    app = open_app("logs")
    assert not [button for button in app.main.button if button.label.startswith(("Remove", "Delete"))]
    assert "A sample: its files stay." in text_of(app)
