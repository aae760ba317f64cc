"""How far a reading is: in a terminal, on one line; nothing where nobody looks."""

from __future__ import annotations

import io
from contextlib import redirect_stderr

import pytest

from recsys_roi.cli import main
from recsys_roi.cli.progress import WIDTH, counting_progress, progress
from recsys_roi.demo import write_demo
from recsys_roi.logs.progress import Progress

NOW = Progress(
    file="exposures.jsonl",
    step="checking",
    done=250_000_000,
    total=740_000_000,
    lines=338_000,
    rejected=12,
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bytes_lines_and_rejects_so_far_and_a_clean_line_afterwards():
    with redirect_stderr(Terminal()) as terminal, progress() as report:
        report(NOW)
        report(NOW)  # too soon after the first to be worth a look
    first, cleared, end = terminal.getvalue().split("\r")[1:]
    assert first.rstrip() == "exposures.jsonl: checking 250 of 740 MB (34 %), 338,000 lines, 12 rejected"
    assert (len(first), cleared, end) == (WIDTH, " " * WIDTH, "")


def test_a_long_name_leaves_room_for_the_figures():
    with redirect_stderr(Terminal()) as terminal, progress() as report:
        report(Progress(file="x" * 200, step="storing", done=0, total=0))
    assert "x: storing 0 of 0 MB (0 %)" in terminal.getvalue()


@pytest.mark.parametrize("command", ["review", "evidence"])
def test_a_command_shows_how_far_reading_and_counting_are(tmp_path, capsys, command):
    write_demo(tmp_path, requests=1000, seed=1, lift=0.05)
    files = [str(tmp_path / f"{name}.jsonl") for name in ("exposures", "outcomes", "assignments")]
    to = ["--to", str(tmp_path / "evidence")] if command == "evidence" else []
    with redirect_stderr(Terminal()) as terminal:
        assert main([command, *files, *to]) == 0
    shown = [text.rstrip() for text in terminal.getvalue().split("\r")]
    assert any(text.startswith("exposures.jsonl: ") for text in shown)
    counting = [text for text in shown if text.startswith("Counting: ")]
    assert counting[0].startswith("Counting: step 1 of ")
    assert len(set(counting)) == int(counting[0].rpartition(" ")[2])
    assert shown[-1] == ""
    assert "Counting" not in capsys.readouterr().out


def test_nothing_is_written_where_nobody_looks(capsys):
    with progress() as report, counting_progress() as on_step:
        assert report is None
        assert on_step is None
    assert capsys.readouterr().err == ""
