"""Runs commands given as JSON on standard input, and prints the status and the words of each.

The last word of its standard error is the memory it held at most, in megabytes.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback

from bench.process import peak_megabytes
from recsys_roi.cli import main


def said(call: list[str]) -> tuple[int, str]:
    """Status and words of one command; a traceback is among the words, as a person would see it."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            status = main(call)
        except SystemExit as ended:
            status = int(ended.code or 0)
        except Exception:  # noqa: BLE001 - a test looks for it
            status = 70
            traceback.print_exc()
    return status, text.getvalue()


if __name__ == "__main__":
    sys.stdout.write(json.dumps([said(call) for call in json.load(sys.stdin)]))
    sys.stderr.write(f"\n{peak_megabytes():.0f}\n")
