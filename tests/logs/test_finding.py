"""The logs that a path, a folder or a pattern means."""

import gzip

import pytest

from recsys_roi.errors import LogError
from recsys_roi.logs import finding
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.recognise import recognise
from tests.logs import shapes
from tests.logs.lines import ASSIGNMENT, EXPOSURE, OUTCOME, exposure, line_of


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "logs"
    files = {
        "b.jsonl": line_of(OUTCOME),
        "a.jsonl.gz": gzip.compress(line_of(EXPOSURE)),
        "readme.md": b"# hello\n",
        "facts.json": b'{"a": 1}',
        "_SUCCESS": b"",
        ".part.crc": b"\x00",
        "day=1/part-0.csv": shapes.csv_of([exposure(1)]),
        "day=2/part-0.csv": shapes.csv_of([exposure(2)]),
        "_temporary/part-0.csv": shapes.csv_of([exposure(3)]),
        "deep/er/o.parquet": shapes.parquet_of([exposure(4)]),
    }
    for name, data in files.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(data)
    return made


def test_a_file_is_itself_whatever_it_holds(folder):
    assert logs_in(folder / "readme.md").files == (folder / "readme.md",)
    assert logs_in(str(folder / "b.jsonl")).files == (folder / "b.jsonl",)


def test_a_folder_gives_the_logs_in_and_below_it(folder):
    found = logs_in(folder)
    names = [str(path.relative_to(folder)) for path in found.files]
    assert names == [
        "a.jsonl.gz",
        "b.jsonl",
        "day=1/part-0.csv",
        "day=2/part-0.csv",
        "deep/er/o.parquet",
    ]
    assert [entry.file for entry in found.passed_over] == ["facts.json", "readme.md"]
    assert found.passed_over[1].reason.startswith("is text, but neither JSON Lines nor CSV with a header.")


def test_parts_of_a_partitioned_folder_are_told_apart(folder, tmp_path):
    pilot = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(pilot, logs_in(folder / "day=*").files)
    assert [file.name for file in pilot.files] == ["day=1/part-0.csv", "day=2/part-0.csv"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.jsonl", ["b.jsonl"]),
        ("*.jsonl*", ["a.jsonl.gz", "b.jsonl"]),
        ("day=?/*.csv", ["part-0.csv", "part-0.csv"]),
        ("**/*.parquet", ["o.parquet"]),
        ("[bd]*", ["b.jsonl", "part-0.csv", "part-0.csv", "o.parquet"]),
    ],
)
def test_a_pattern_gives_what_it_matches(folder, pattern, names):
    assert [path.name for path in logs_in(folder / pattern).files] == names


def test_a_name_with_a_sign_of_patterns_is_a_name_first(folder):
    (folder / "b[1]*.jsonl").write_bytes(line_of(ASSIGNMENT))
    assert logs_in(folder / "b[1]*.jsonl").files == (folder / "b[1]*.jsonl",)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("nowhere", "nowhere: does not exist. Check the path."),
        ("no*where", "no*where: matches no file. Check the path."),
        ("*.md", "*.md: holds no log (it holds readme.md). Give the folder of the logs."),
        ("_temporary/nothing", "nothing: does not exist. Check the path."),
        ("a\0b", "does not exist. Check the path."),
        ("x" * 300, "cannot be read: File name too long."),
    ],
)
def test_where_there_is_no_log(folder, given, sentence):
    with pytest.raises(LogError) as caught:
        logs_in(folder / given)
    assert str(caught.value).endswith(sentence)


def test_an_empty_folder(tmp_path):
    with pytest.raises(LogError, match=r"holds no log \(it holds no file at all\)"):
        logs_in(tmp_path)


def test_nothing_outside_the_allowed_folder_is_read(folder, tmp_path):
    (tmp_path / "secret.jsonl").write_bytes(line_of(OUTCOME))
    (folder / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (folder / "up").symlink_to(tmp_path)
    assert logs_in(folder / "b.jsonl", within=folder).files == (folder / "b.jsonl",)
    assert len(logs_in(folder / "day=*", within=folder).files) == 2
    outside = ["../secret.jsonl", "link.jsonl", "up", "up/secret.jsonl", "..", "../*.jsonl", "*.jsonl", "."]
    for given in outside:
        with pytest.raises(LogError, match="lies outside"):
            logs_in(folder / given, within=folder)
    assert logs_in(tmp_path / "logs" / "b.jsonl", within=folder / "..").files


def test_a_folder_that_was_not_meant(tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "FILES_LIMIT", 3)
    for number in range(4):
        (tmp_path / str(number)).write_bytes(line_of(OUTCOME))
    with pytest.raises(LogError, match="holds more than 3 files"):
        logs_in(tmp_path)


def test_the_real_samples_are_recognised(request):
    data = request.config.rootpath / "tests" / "data"
    for pilot in ("open_bandit_all", "cookie_cats"):
        found = logs_in(data / pilot)
        kinds = {path.name.split(".")[0]: recognise(path, path.name).kind for path in found.files}
        assert kinds == {"assignments": ASSIGNMENT, "exposures": EXPOSURE, "outcomes": OUTCOME}
        assert {entry.file for entry in found.passed_over} == {"README.md", "facts.json"}
