"""What was rejected: by reason, with what it means and an example, and all of it to take away."""

from __future__ import annotations

from itertools import islice

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import layout
from recsys_roi.logs.contracts import MEANINGS
from recsys_roi.logs.pilot import Pilot, home
from recsys_roi.logs.rejects import Reject, RejectGroup, grouped
from recsys_roi.numerals import full
from recsys_roi.render import words

GROUPS_SHOWN = 20
LINES_SHOWN = 200


# Frozen, so sessions share it uncopied. The names of the files are in the examples, so they are in the key.
@st.cache_resource(max_entries=16, show_spinner="Reading the rejected lines")
def _groups(pilot: str, files: tuple[tuple[str, str], ...]) -> tuple[RejectGroup, ...]:
    return grouped(Pilot.open(home(), pilot).rejects(), examples=1)


def rejected_lines(pilot: Pilot) -> None:
    """The rejected lines of the pilot; nothing where there are none."""
    files = tuple((file.name, file.hash) for file in pilot.files if file.rejected)
    if not files:
        return
    if pilot.counted is not None and pilot.counted.declared is not None:
        layout.quiet("The rejected lines are not here: declared views are kept without them.")
        return
    groups = _groups(pilot.name, files)
    with st.container(border=True):
        layout.heading("Rejected lines by reason")
        lines = sum(file.rejected for file in pilot.files)
        errors = sum(group.errors for group in groups)
        layout.say(
            f"{words.counted(lines, 'line')} with {words.counted(errors, 'error')}; a line may have several."
        )
        layout.table(pd.DataFrame([_row(group) for group in groups[:GROUPS_SHOWN]]))
        if len(groups) > GROUPS_SHOWN:
            layout.quiet(f"{full(len(groups) - GROUPS_SHOWN)} rarer kinds of error are in the download.")
        with st.expander(f"The first {full(min(LINES_SHOWN, errors))} errors"):
            layout.long_table(
                pd.DataFrame([_line(reject) for reject in islice(pilot.rejects(), LINES_SHOWN)])
            )
        layout.take(
            "Download all rejected lines (.csv)",
            lambda: "".join(pilot.rejects_csv()),
            f"{pilot.name} rejects.csv",
            "download_rejects",
        )


def _row(group: RejectGroup) -> dict[str, str]:
    example = group.examples[0]
    found = f": {example.value}" if example.value else ""
    return {
        "What is wrong": words.capitalised(MEANINGS[group.reason]),
        "Field": group.field or "the whole line",
        "Lines": full(group.lines),
        "For example": f"{example.file}, line {full(example.line)}{found}",
        "Reason": group.reason.value,
    }


def _line(reject: Reject) -> dict[str, object]:
    return {
        "File": reject.file,
        "Line": reject.line,
        "Field": reject.field,
        "Reason": MEANINGS[reject.reason],
        "Found": reject.value,
    }
