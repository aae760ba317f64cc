"""Evidence folders that were made to do harm are refused with a sentence, or shown and nothing more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from recsys_roi.cli import main
from recsys_roi.dashboard.samples import install_samples
from recsys_roi.demo import write_demo
from recsys_roi.errors import InputError, PilotError
from recsys_roi.evidence import foreign
from recsys_roi.evidence.folder import open_evidence
from recsys_roi.review.plan_file import from_file
from tests.safety import hostile
from tests.safety.hostile_evidence import MANIFESTS, NAMES, REJECTS, TABLES, VIEWS, Attack

OF_VIEWS = {f"view: {name}": attack for name, attack in VIEWS.items()}
AT_ONCE = 8
PAGES = ("summary", "logs", "lift", "guardrails", "roi", "risks", "plan", "saved")
SECONDS = 120  # of all commands on one group; what waits for ever does not end by itself
MEGABYTES = 1900
LOGS = ("exposures", "outcomes", "assignments")
OF_COUNTS = {
    **{f"manifest: {name}": attack for name, attack in MANIFESTS.items()},
    **{f"table: {name}": attack for name, attack in TABLES.items()},
    **{f"rejects: {name}": attack for name, attack in REJECTS.items()},
    **{f"name: {name}": attack for name, attack in NAMES.items()},
}
SHOWN = (
    "manifest: path in inputs",
    "manifest: no files",  # a plan without logs
    "manifest: year 9999",
    "table: many days",
    "view: hostile arm",
    "view: no users",
    "view: no arms",
    "view: no days by kpi",
    "view: year 9999",
    *(name for name in OF_COUNTS if name.startswith("name: ")),
)
"""What may be opened: it names things as it likes, or holds figures that some logs could give."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence of counts and of a declared view, of the same logs."""
    folder = tmp_path_factory.mktemp("sound")
    write_demo(folder / "logs", requests=1200, seed=3, lift=0.05)
    with (folder / "logs" / "outcomes.jsonl").open("a") as file:
        file.write("{broken\n")
    given = [folder / "logs" / f"{name}.jsonl" for name in LOGS]
    assert main(["evidence", *map(str, given), "--to", str(folder / "counts")]) == 0
    assert main(["evidence", *map(str, given), "--view", "", "--to", str(folder / "views")]) == 0
    return folder


def commands(folder: Path, name: str) -> Iterator[list[str]]:
    """All that opens an evidence folder, and what opens the pilot that it would be."""
    yield ["review", str(folder)]
    yield ["check", str(folder)]
    yield ["export", str(folder), "--to", str(folder.parent / f"{folder.name}.md")]
    yield ["evidence", str(folder), "--view", "", "--to", str(folder.parent / f"{folder.name}.views")]
    yield ["ingest", "--pilot", f"From {name}", str(folder)]
    yield ["review", "--pilot", name]


def attacked(sound: Path, tmp_path: Path, attacks: Mapping[str, Attack]) -> dict[str, list[tuple[int, str]]]:
    """Status and words of each command on each attack, run in one process of bounded time and memory."""
    home = tmp_path / "home"
    (home / "pilots").mkdir(parents=True)
    calls = []
    for number, attack in enumerate(attacks.values()):
        name = f"Attack {number}"
        for to in (tmp_path / "given" / name, home / "pilots" / name):
            shutil.copytree(sound, to)
            attack(to)
        calls += list(commands(tmp_path / "given" / name, name))
    done = subprocess.run(
        [sys.executable, "-m", "tests.safety.command"],
        input=json.dumps([*calls, ["doctor"]]),
        env={**os.environ, "RECSYS_ROI_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stderr.split()[-1]) < MEGABYTES
    said = [(status, text) for status, text in json.loads(done.stdout)]
    doctor = said.pop()
    assert "Traceback" not in doctor[1], doctor[1]
    each = len(said) // len(attacks)
    return {name: said[place * each : (place + 1) * each] for place, name in enumerate(attacks)}


def check(said: dict[str, list[tuple[int, str]]]) -> None:
    """A sentence each time; what is damaged is neither shown nor exported, from its folder or as a pilot."""
    for name, answers in said.items():
        for status, text in answers:
            assert status in (0, 1), (name, text)
            assert "Traceback" not in text, (name, text)
            assert not any(letter in text for letter in "\x1b\u202e\x00"), name
            assert "root:" not in text, name
        if name not in SHOWN:
            review, checked, export, _, _, kept = (status for status, _ in answers)
            assert (review, checked, export, kept) == (1, 1, 1, 1), (name, answers)


@pytest.mark.parametrize("start", range(0, len(OF_COUNTS), AT_ONCE))
def test_counts(sound: Path, tmp_path: Path, start):
    check(attacked(sound / "counts", tmp_path, dict(list(OF_COUNTS.items())[start : start + AT_ONCE])))


@pytest.mark.parametrize("start", range(0, len(OF_VIEWS), AT_ONCE))
def test_declared_views(sound: Path, tmp_path: Path, start):
    check(attacked(sound / "views", tmp_path, dict(list(OF_VIEWS.items())[start : start + AT_ONCE])))


def pages_for(place: int, name: str) -> tuple[str, ...]:
    """What may be shown goes through every page; what is refused through Summary and another in turn."""
    if name in SHOWN:
        return PAGES
    if name.startswith("manifest"):  # which Logs shows itself
        return ("summary", "logs")
    return ("summary", PAGES[1 + place % (len(PAGES) - 1)])


def test_pages_of_attacked_pilots_say_what_is_wrong_and_nothing_more(sound: Path, tmp_path: Path):
    home = tmp_path / "home"
    install_samples(home)
    names: dict[str, str] = {}
    for kind, attacks in (("counts", OF_COUNTS), ("views", OF_VIEWS)):
        for name, attack in attacks.items():
            pilot = f"Attack {len(names)}"
            shutil.copytree(sound / kind, home / "pilots" / pilot)
            attack(home / "pilots" / pilot)
            names[pilot] = name
    asked = {pilot: pages_for(place, name) for place, (pilot, name) in enumerate(names.items())}
    done = subprocess.run(
        [sys.executable, "-m", "tests.safety.pages_said", str(tmp_path / "said.json")],
        input=json.dumps(asked),
        env={**os.environ, "RECSYS_ROI_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for pilot, pages in json.loads((tmp_path / "said.json").read_text()).items():
        name = names[pilot]
        for page, said in pages.items():
            assert said["faults"] == "", (name, page)
            assert said["active"] == "", (name, page)
            assert "Traceback" not in said["text"], (name, page)
            assert not any(letter in said["text"] for letter in "\x1b\u202e\x00"), (name, page)
            assert "root:" not in said["text"], (name, page)
        if name not in SHOWN:
            told = pages["summary"]["problems"]
            assert pilot in told or "damaged" in told or "cannot be read" in told or "compared" in told, name


def test_what_is_refused_is_looked_at_once_until_a_file_of_it_changes(
    sound: Path, tmp_path: Path, monkeypatch
):
    folder = shutil.copytree(sound / "counts", tmp_path / "counts")
    TABLES["negative count"](folder)
    looked: list[Path] = []
    look = foreign._look
    monkeypatch.setattr(foreign, "_look", lambda *given: (looked.append(given[0]), look(*given)))
    for _ in range(2):
        with pytest.raises(PilotError, match="1 values of users that no logs give"):
            open_evidence(folder)
    assert looked == [folder]
    for whole in (sound / "counts").glob("counts/*/arm_facts.parquet"):
        shutil.copyfile(whole, folder / whole.relative_to(sound / "counts"))
    shutil.copyfile(sound / "counts" / "manifest.json", folder / "manifest.json")
    assert open_evidence(folder).files
    assert looked == [folder, folder]


def test_nothing_is_wrong_with_what_was_attacked(sound: Path, tmp_path: Path):
    for kind in ("counts", "views"):
        (answers,) = attacked(sound / kind, tmp_path / kind, {"none": lambda _: None}).values()
        first, views, *kept = (status for status, _ in (*answers[:1], *answers[3:]))
        assert (first, kept) == (0, [0, 0]), answers
        assert views == (0 if kind == "counts" else 1)  # sums of one view hold no other


@pytest.mark.parametrize("document", hostile.DOCUMENTS, ids=lambda text: text[:30])
def test_a_hostile_document_is_no_plan(document):
    with pytest.raises(InputError):
        from_file(document, "plan.json")


@pytest.mark.parametrize("option", [("--scenario",), ("--since",), ("--views", "--to", "out")])
@pytest.mark.parametrize("path", ["/dev/zero", ".", "missing.json", "bytes.json", "deep.json"])
def test_a_document_that_is_none_is_a_sentence(
    sound: Path, tmp_path: Path, capsys, monkeypatch, option, path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00" * 100)
    (tmp_path / "deep.json").write_text("[" * 200_000)
    name, *more = option
    command = "evidence" if name == "--views" else "review"
    assert main([command, str(sound / "counts"), name, path, *more]) == 1
    assert len(capsys.readouterr().err) < 2000
    assert not (tmp_path / "out").exists()
