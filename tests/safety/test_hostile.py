"""Nothing that logs, files, links or documents carry is ever code, markup, a formula, a path or a query."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from markdown_it import MarkdownIt
from pptx import Presentation
from pypdf import PdfReader

from recsys_roi.dashboard.server_files import files_within
from recsys_roi.errors import InputError, LogError, RecsysRoiError
from recsys_roi.logs.ingest import validate_files
from recsys_roi.review.saved import open_saved
from recsys_roi.value.scenario import Scenario
from tests.safety import hostile, hostile_home

COMMAND = [sys.executable, "-m", "tests.safety.command"]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?[0-9.,]+( ?%)?")
ENDINGS = ("md", "html", "csv", "xlsx", "pptx", "pdf", "json", "decision.json", "png", "zip")


def test_there_are_enough_of_them():
    every = {*hostile.TEXTS, *hostile.DOCUMENTS, *hostile.QUERIES}
    assert len(every) >= 250


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    hostile_home.fill(home, tmp_path_factory.mktemp("logs"))
    return home


@pytest.fixture(scope="module")
def exported(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review in every format, written by the command line."""
    folder = tmp_path_factory.mktemp("out")
    for ending in ENDINGS:
        run(home, folder, "export", "--pilot", hostile_home.PILOT, "--to", str(folder / f"review.{ending}"))
    return folder


def run(home: Path, cwd: Path, *arguments: str) -> str:
    """What a command says; never a traceback, an escape sequence or a path of this machine."""
    done = subprocess.run(
        [sys.executable, "-c", "from recsys_roi.cli import main; raise SystemExit(main())", *arguments],
        env={**os.environ, "RECSYS_ROI_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=cwd,
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode()
    assert done.returncode in (0, 1), said
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert not list(cwd.glob("hacked*"))
    return said


@pytest.mark.parametrize(
    "arguments",
    [
        ("review", "--pilot", hostile_home.PILOT),
        ("review", "--pilot", hostile_home.PILOT, "--format", "json"),
        ("check", "--pilot", hostile_home.PILOT),
        ("doctor",),
    ],
)
def test_commands_on_a_hostile_pilot(home: Path, tmp_path: Path, arguments):
    said = run(home, tmp_path, *arguments)
    assert said
    assert not any(letter in said for letter in "\u202e\u2066\u0000\u0007")


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_hostile_files_are_validated(home: Path, tmp_path: Path, form):
    files = [str(file) for file in hostile_home.write_logs(tmp_path)]
    run(home, tmp_path, "validate", *files, "--format", form, "--rejects", str(tmp_path / "rejects.csv"))
    check_csv((tmp_path / "rejects.csv").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "names", [hostile.TEXTS[start : start + 20] for start in range(0, len(hostile.TEXTS), 20)]
)
def test_hostile_words_of_a_command(home: Path, tmp_path: Path, names):
    """Names of pilots, members and files, and settings, twenty at a time in one process."""
    calls = []
    for text in names:
        calls += [
            ["review", "--pilot", text],
            ["review", text],
            ["members", "--pilot", "Members", f"--add={text}", "--role", "owner"],
            ["review", "--set", f"currency={text}"],
            ["review", f"--experiment={text}", "--pilot", hostile_home.PILOT],
        ]
    said = many(home, tmp_path, calls)
    assert len(said) == len(calls)
    for call, (status, text) in zip(calls, said, strict=True):
        assert status in (0, 1, 2), call
        assert "Traceback" not in text, call
        assert "\x1b" not in text, call
        assert "root:" not in text, call


def many(home: Path, cwd: Path, calls: list[list[str]]) -> list[tuple[int, str]]:
    """Status and words of several commands, run in one process of their own."""
    done = subprocess.run(
        COMMAND,
        input=json.dumps([[word.replace("\x00", "\ufffd") for word in call] for call in calls]),
        env={**os.environ, "RECSYS_ROI_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(status, text) for status, text in json.loads(done.stdout)]


@pytest.mark.parametrize("document", hostile.DOCUMENTS, ids=lambda text: text[:30])
def test_a_hostile_document_is_a_sentence(document):
    try:
        Scenario.from_json(document)
    except InputError as problem:
        assert len(str(problem)) < 2000, len(str(problem))
    with pytest.raises(InputError):
        open_saved(document.encode(), "a.json")


@pytest.mark.parametrize("path", [*hostile.PATHS, *hostile.TEXTS], ids=lambda text: text[:30])
def test_no_path_leads_out_of_the_allowed_folder(tmp_path: Path, path):
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "log.jsonl").write_text("{}\n")
    (tmp_path / "secret.jsonl").write_text("{}\n")
    (allowed / "link").symlink_to("/etc")
    try:
        found = files_within(path, allowed)
    except RecsysRoiError as problem:
        assert "root:" not in str(problem)
        return
    assert all(file.resolve().is_relative_to(allowed) for file in found)


@pytest.mark.parametrize("way", ["link/passwd", "link", "link/*", "l*k/passwd"])
def test_no_link_leads_out_of_the_allowed_folder(tmp_path: Path, way):
    (tmp_path / "link").symlink_to("/etc")
    with pytest.raises(RecsysRoiError):
        files_within(way, tmp_path)


def test_every_text_is_a_name_that_comes_back_or_is_refused(tmp_path: Path):
    kept = [text for text in hostile.TEXTS if hostile_home.accepted_as_name(tmp_path, text)]
    assert len(kept) > 100
    assert not any(letter in "".join(kept) for letter in "\u202e\u2066\u200b\u0000\u001b\n")


def check_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 1
    for row in rows:
        for cell in row:
            assert not cell.startswith(FORMULA) or NUMBER.fullmatch(cell), cell


def test_no_cell_of_a_csv_starts_a_formula(exported: Path):
    check_csv((exported / "review.csv").read_text(encoding="utf-8-sig"))
    with zipfile.ZipFile(exported / "review.zip") as pack:
        tables = [name for name in pack.namelist() if name.endswith(".csv")]
        assert len(tables) > 3
        for name in tables:
            check_csv(pack.read(name).decode("utf-8-sig"))


def test_no_formula_of_the_workbook_is_anybodys_text(exported: Path):
    book = openpyxl.load_workbook(exported / "review.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if cell.data_type == "f":
                    assert not re.search(r"cmd|HYPERLINK|WEBSERVICE|IMPORT|DDE|evil", str(cell.value))


def test_no_slide_links_anywhere(exported: Path):
    deck = Presentation(exported / "review.pptx")
    for slide in deck.slides:
        links = [link.target_ref for link in slide.part.rels.values() if link.is_external]
        assert not [link for link in links if "evil" in link or link.startswith("javascript")]


def test_paper_holds_no_file_and_no_link(exported: Path):
    reader = PdfReader(exported / "review.pdf")
    text = "".join(page.extract_text() for page in reader.pages)
    assert "root:" not in text
    for page in reader.pages:
        for note in page.get("/Annots", ()):
            assert "evil" not in str(note.get_object())


class Seen(HTMLParser):
    """The elements of a page that could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.wrong: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        if tag in {"iframe", "object", "embed", "base"}:
            self.wrong.append(tag)
        for name, value in attrs:
            leads_out = name in {"href", "src"} and re.match(r"(?i)\s*(javascript|https?|//)", value or "")
            if name.startswith("on") or leads_out:
                self.wrong.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


def test_the_web_page_runs_only_its_own(exported: Path):
    seen = Seen()
    seen.feed((exported / "review.html").read_text(encoding="utf-8"))
    assert seen.wrong == []
    assert not any("window.hacked=1" in script and "\\u003c" not in script for script in seen.scripts)


def test_the_note_has_no_html_and_no_link_of_a_log(exported: Path):
    tokens = (
        MarkdownIt("commonmark").enable("table").parse((exported / "review.md").read_text(encoding="utf-8"))
    )
    inner = [child for token in tokens for child in (token, *(token.children or ()))]
    assert not [token for token in inner if token.type in {"html_block", "html_inline", "image"}]
    links = [token.attrs.get("href", "") for token in inner if token.type == "link_open"]
    assert not [link for link in links if "evil" in link or link.startswith("javascript")]


def test_archives_that_grow_a_thousand_times_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("recsys_roi.logs.unpacking.GROWTH_FREE", 2**20)
    line = b'{"request_id": "r", "user_id": "u", "ts": "2026-10-05T12:00:00Z", "items": []}\n'
    plain = line + b" " * 2**24
    (tmp_path / "a.gz").write_bytes(gzip.compress(plain))
    (tmp_path / "a.zst").write_bytes(pa.compress(plain, codec="zstd", asbytes=True))
    rows = 4000
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 100_000]))
    columns = {"user_id": ["u"] * rows, "item_id": ["i"] * rows, "event_type": ["click"] * rows}
    times = {"ts": ["2026-01-01T00:00:00Z"] * rows}
    pq.write_table(pa.table({"request_id": shared, **columns, **times}), tmp_path / "a.parquet")
    for name in ("a.gz", "a.zst", "a.parquet"):
        assert (tmp_path / name).stat().st_size * 1000 < 4 * 10**8
        with pytest.raises(LogError, match="unpacks to more than 500 times its size"):
            validate_files([tmp_path / name], "outcome.v1" if name == "a.parquet" else "exposure.v1")


def test_a_zip_that_says_it_is_small_is_not_unpacked_further():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("review.json", b" " * 60_000_000)
    with pytest.raises(InputError, match="too large"):
        open_saved(packed.getvalue(), "a.zip")
    lying = packed.getvalue().replace((60_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    with pytest.raises(InputError):
        open_saved(lying, "a.zip")


def test_personal_data_is_masked_where_it_is_shown(home: Path, tmp_path: Path, exported: Path):
    said = run(home, tmp_path, "review", "--pilot", hostile_home.PILOT)
    said += run(home, tmp_path, "check", "--pilot", hostile_home.PILOT)
    said += (exported / "review.md").read_text(encoding="utf-8")
    said += (exported / "review.json").read_text(encoding="utf-8")
    for text in hostile.PERSONAL:
        assert text not in said
