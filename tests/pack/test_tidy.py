"""CSV: the review's figures at full precision, and no cell that a spreadsheet would calculate."""

import csv
import io

import hard_reviews as hard
import pytest
import sample_review as sample
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.render.pack.spreadsheet_text import safe_text, to_csv
from recsys_roi.render.pack.tidy import HEADER, tidy_csv


def rows_of(review):
    text = tidy_csv(review)
    assert text.splitlines()[0] == ",".join(HEADER)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def value(rows, section, of, measure, column="value"):
    (row,) = [row for row in rows if (row["section"], row["id"], row["measure"]) == (section, of, measure)]
    return row[column]


def test_figures_are_those_of_the_review():
    review = sample.ship()
    rows = rows_of(review)
    assert float(value(rows, "roi", "roi", "npv")) == review.roi.npv
    lift = review.primary.relative_lift
    found = [
        value(rows, "kpi", "conversion_rate", "relative_lift", name) for name in ("value", "lower", "upper")
    ]
    assert [float(one) for one in found] == [lift.estimate, lift.lower, lift.upper]
    assert value(rows, "kpi", "conversion_rate", "relative_lift", "basis") == "measured"
    assert float(value(rows, "guardrail", "error_rate", "harm", "upper")) == review.guardrails[1].harm.upper
    assert [float(row["value"]) for row in rows if (row["section"], row["measure"]) == ("month", "net")] == [
        flow.net for flow in review.roi.months
    ]
    assert value(rows, "setting", "value_per_action", "value", "basis") == "given"
    assert value(rows, "setting", "margin", "value") == "0.35"
    assert value(rows, "file", "exposures.jsonl.gz", "hash") == "blake3:0f3c"


def test_what_cannot_be_measured_is_empty_and_says_why():
    rows = rows_of(hard.nothing_measured())
    assert value(rows, "roi", "roi", "npv") == ""
    assert value(rows, "roi", "roi", "status") == "not_measurable"
    assert value(rows, "guardrail", "p95_latency", "control") == ""
    assert value(rows, "guardrail", "p95_latency", "reading") == "Cannot tell: latency_ms is not logged."
    assert not {row["value"] for row in rows} & {"nan", "None", "inf"}


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_the_table_is_whole_and_the_same_again(base):
    rows = rows_of(base())
    assert all(None not in row and None not in row.values() for row in rows)
    assert tidy_csv(base()) == tidy_csv(base())


@given(st.text(max_size=30))
def test_no_text_starts_a_formula(text):
    shown = safe_text(text)
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize("hostile", hard.INJECTIONS)
def test_hostile_names_stay_text(hostile):
    part = sample.slice_of("x", -0.01, 0.02, 0.05, key=hostile)
    experiment = sample.experiment().model_copy(update={"id": hostile})
    rows = rows_of(sample.ship(slices=(part,), experiment=experiment))
    cells = [cell for row in rows for cell in row.values() if not is_number(cell)]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_numbers_and_truth_values_are_not_quoted():
    assert to_csv(("a", "b", "c", "d"), [(-0.5, True, None, "-x")]) == "a,b,c,d\n-0.5,true,,'-x\n"


def test_every_figure_of_a_setting_a_check_and_a_line_has_its_unit():
    rows = rows_of(sample.hold())
    assert value(rows, "setting", "value_per_action", "value", "unit") == "EUR an action"
    assert value(rows, "setting", "margin", "value", "unit") == "share"
    assert value(rows, "setting", "ramp", "value", "unit") == ""  # a list, written with its unit
    units = {
        row["id"]: row["unit"] for row in rows if (row["section"], row["measure"]) == ("integrity", "value")
    }
    assert units["srm"] == "p-value"
    assert all(units.values())
    turns = [row for row in rows_of(sample.ship()) if row["measure"].startswith("becomes ")]
    assert turns
    assert all(row["unit"] for row in turns)
