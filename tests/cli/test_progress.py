"""How far a reading is: in a terminal, on one line; nothing where nobody looks."""

from __future__ import annotations

import io
from contextlib import redirect_stderr

from recsys_roi.cli.progress import WIDTH, progress
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


def test_nothing_is_written_where_nobody_looks(capsys):
    with progress() as report:
        assert report is None
    assert capsys.readouterr().err == ""
