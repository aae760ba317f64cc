"""`recsys-roi demo` at the command line."""

import json

import pytest

from recsys_roi.cli import main
from recsys_roi.demo import FAULT_NAMES


def test_help_lists_every_fault(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stopped:
        main(["demo", "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "--pre-days N" in said
    words = said.replace(",", " ").split()
    assert all(name in words for name in FAULT_NAMES)


def test_pre_days_are_written_and_none_is_the_default(tmp_path, capsys):
    command = ["demo", str(tmp_path), "--requests", "2000", "--seed", "7"]
    assert main(command) == 0
    assert "pre_period" not in json.loads((tmp_path / "truth.json").read_text())
    assert main([*command, "--pre-days", "7"]) == 0
    assert json.loads((tmp_path / "truth.json").read_text())["pre_period"]["days"] == 7


def test_too_many_pre_days_are_said(tmp_path, capsys):
    assert main(["demo", str(tmp_path / "demo"), "--pre-days", "60"]) == 1
    assert "pre_days must be a whole number from 0 to 28; 60 was given" in capsys.readouterr().err
