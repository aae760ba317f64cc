"""The workbook: live formulas that LibreOffice recalculates to the review; a changed input moves them."""

from __future__ import annotations

import io

import hard_reviews as hard
import openpyxl
import pytest
import sample_review as sample

from recsys_roi.render import words
from recsys_roi.render.pack.workbook.book import workbook_xlsx

CENT = 0.005
MONEY = ("npv", "pv_cost", "pv_benefit", "pv_per_unit_lift")


def opened(content, **options):
    return openpyxl.load_workbook(io.BytesIO(content), **options)


def results(book):
    """The figures of the sheet Result by name: now, and in the review."""
    rows = book["Result"].iter_rows(min_row=4, max_col=4, values_only=True)
    return {name: (now, in_review) for _, name, now, in_review in rows if name}


def recalculated(office, folder, content, changes):
    """What LibreOffice calculates from the workbook without its stored values, some inputs changed."""
    book = opened(content)
    cells = {row[1].value: row[2] for row in book["Inputs"].iter_rows(min_row=4, max_col=3)}
    for name, value in changes.items():
        cells[name].value = value
    file = folder / "changed.xlsx"
    book.save(file)
    assert results(openpyxl.load_workbook(file, data_only=True))["npv"][0] is None
    return results(openpyxl.load_workbook(office(file, "xlsx"), data_only=True))


def test_recalculated_it_gives_the_reviews_money_to_the_cent(office, tmp_path, demo):
    found = recalculated(office, tmp_path, workbook_xlsx(demo), {})
    roi = demo.roi
    for name in MONEY:
        assert found[name][0] == pytest.approx(getattr(roi, name), abs=CENT)
    assert found["break_even_lift"][0] == pytest.approx(roi.break_even_lift, rel=1e-9)
    assert found["return_on_costs"][0] == pytest.approx(roi.roi, rel=1e-9)
    assert found["programme_return"][0] == pytest.approx(roi.programme_roi, rel=1e-9)
    assert roi.payback_months is not None
    assert found["payback_months"][0] == pytest.approx(roi.payback_months, rel=1e-9)
    assert found["chance_of_making_money"][0] == pytest.approx(roi.p_npv_positive, abs=1e-6)
    assert found["npv_p10"][0] == pytest.approx(roi.p10, abs=CENT)
    assert found["npv_p90"][0] == pytest.approx(roi.p90, abs=CENT)


@pytest.mark.parametrize(
    "changes",
    [
        {"value_per_action": 0.11},
        {"horizon_months": 31},
        {"discount_rate": 0.23, "margin": 0.2, "infra_per_1000_requests": 0.31},
    ],
    ids=["value", "horizon", "three"],
)
def test_a_changed_input_gives_what_a_fresh_review_gives(
    office, tmp_path, demo, demo_logs, review_of, changes
):
    found = recalculated(office, tmp_path, workbook_xlsx(demo), changes)
    fresh = review_of(demo_logs, {**given_to(demo), **changes}).roi
    assert fresh.npv != pytest.approx(demo.roi.npv, rel=0.01)
    for name in MONEY:
        assert found[name][0] == pytest.approx(getattr(fresh, name), abs=CENT)
    assert found["break_even_lift"][0] == pytest.approx(fresh.break_even_lift, rel=1e-9)
    payback = (
        "not within the horizon" if fresh.payback_months is None else pytest.approx(fresh.payback_months)
    )
    assert found["payback_months"][0] == payback


def given_to(review):
    return {name: review.inputs.scenario[name] for name in review.inputs.changed}


def test_a_changed_lift_moves_the_value_by_its_present_value(office, tmp_path, demo):
    roi = demo.roi
    found = recalculated(office, tmp_path, workbook_xlsx(demo), {"lift": roi.lift + 0.01})
    assert found["npv"][0] == pytest.approx(roi.npv + 0.01 * roi.pv_per_unit_lift, abs=CENT)
    loss = recalculated(office, tmp_path, workbook_xlsx(demo), {"lift": -0.01})
    assert loss["payback_months"][0] == "not within the horizon"


@pytest.mark.parametrize("which", ["demo", "open_bandit"])
def test_the_stored_values_are_those_of_the_review(which, request):
    review = request.getfixturevalue(which)
    found = results(opened(workbook_xlsx(review), data_only=True))
    for name in MONEY:
        assert found[name] == (pytest.approx(getattr(review.roi, name), abs=CENT),) * 2
    months = list(
        opened(workbook_xlsx(review), data_only=True)["Model"].iter_rows(min_row=5, values_only=True)
    )
    assert [row[10] for row in months[: len(review.roi.months)]] == pytest.approx(
        [flow.cumulative for flow in review.roi.months], abs=CENT
    )
    assert {row[1] for row in months[len(review.roi.months) :]} == {0}


def test_tables_hold_numbers_and_the_plain_sentences(demo):
    book = opened(workbook_xlsx(demo))
    lift = [row for row in book["Lift"].iter_rows(min_row=4, values_only=True) if row[1] == "yes"]
    primary = demo.primary
    assert lift[0][3:8] == (
        pytest.approx(primary.control),
        pytest.approx(primary.candidate),
        *(pytest.approx(getattr(primary.relative_lift, name)) for name in ("estimate", "lower", "upper")),
    )
    assert lift[0][-1] == words.kpi_sentence(primary)
    assert {"Guardrails", "Slices", "Waiting", "Risks", "Integrity", "Settings", "Files"} <= set(
        book.sheetnames
    )
    summary = [str(cell) for row in book["Summary"].iter_rows(values_only=True) for cell in row if cell]
    assert words.verdict_headline(demo) in summary
    assert any(demo.made_at in cell for cell in summary)


def test_a_plan_has_its_model_too():
    book = opened(workbook_xlsx(sample.plan_only()), data_only=True)
    assert results(book)["npv"][0] is not None
    assert "Lift" not in book.sheetnames


def test_money_that_cannot_be_counted_has_no_model_but_says_why():
    book = opened(workbook_xlsx(hard.nothing_measured()))
    assert "Model" not in book.sheetnames
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert words.roi_sentence(hard.nothing_measured().roi) in cells
    assert "cannot tell" in cells


def formulas(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("hostile", hard.INJECTIONS)
def test_no_cell_of_a_hostile_name_is_a_formula_or_a_link(hostile):
    review = sample.ship()
    file = review.inputs.files[0].model_copy(update={"name": hostile, "hash": hostile})
    risk = review.risks[0].model_copy(update={"title": hostile, "owner": hostile, "evidence": hostile})
    plain = opened(workbook_xlsx(review))
    book = opened(
        workbook_xlsx(
            review.model_copy(
                update={
                    "slices": (sample.slice_of(hostile, -0.01, 0.02, 0.05, key=hostile),) * 2,
                    "inputs": review.inputs.model_copy(update={"files": (file,)}),
                    "risks": (risk, *review.risks[1:]),
                    "experiment": review.experiment.model_copy(update={"id": hostile, "control": hostile}),
                }
            )
        )
    )
    assert [cell.value for cell in formulas(book)] == [cell.value for cell in formulas(plain)]
    texts = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"
    ]
    assert not [text for text in texts if text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－"))]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]


def test_the_same_review_gives_the_same_bytes(demo):
    assert workbook_xlsx(demo) == workbook_xlsx(demo)


def test_it_prints_on_whole_pages(office, tmp_path):
    file = tmp_path / "book.xlsx"
    file.write_bytes(workbook_xlsx(hard.many_slices()))
    assert office(file, "pdf").stat().st_size > 10_000
