"""The wheel carries the app, so that `pip install` and `recsys-roi app` work from any folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_app_and_its_samples_are_in_it(unpacked):
    app = unpacked / "recsys_roi" / "app"
    assert (app / "app.py").is_file()
    pages = {path.name for path in (app / "pages").glob("*.py")}
    assert pages == {path.name for path in (ROOT / "pages").glob("*.py")}
    assert (app / ".streamlit" / "config.toml").is_file()
    assert list((app / "sample_data").glob("*/exposures.jsonl.gz"))
    assert list(unpacked.glob("recsys_roi/evidence/sql/*.sql"))


def test_the_installed_package_finds_its_own_app(unpacked, tmp_path):
    code = "from recsys_roi.places import app_folder; print(app_folder())"
    found = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(found.stdout.strip()) == unpacked / "recsys_roi" / "app"


def test_constraints_are_names_and_versions_only():
    lines = [line.strip() for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()]
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in line and "/" not in line and "@" not in line for line in pinned)
