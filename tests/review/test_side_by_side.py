"""Reports of recsys-eval beside our figures: totals counted by hand, and reasons for what has no match."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recsys_roi.evidence.reported import Reported, ReportedArm, ReportedMetric
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.render.plain import review_text
from recsys_roi.review.document import Review, to_json
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF, evidence, spread

KPI = Scenario.of({"kpi": "ctr"})


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """1,800 requests an arm, with 360 and 540 clicks."""
    visitors = [*spread("control", 900, 180), *spread("candidate", 900, 270)]
    return evidence(tmp_path_factory.mktemp("pilot"), visitors, KPI)


@pytest.fixture(scope="module")
def even(tmp_path_factory):
    """The candidate a little above: 360 and 366 clicks on 1,800 requests."""
    visitors = [*spread("control", 900, 180), *spread("candidate", 900, 183)]
    return evidence(tmp_path_factory.mktemp("even"), visitors, KPI)


def arm(variant, clicks, requests=1800, **p_values):
    return ReportedArm(
        variant=variant, requests=requests, clicks=clicks, conversions=0, revenue=0.0, p_values=p_values
    )


def report(*arms, mode="experiment", experiment="e", metrics=()):
    return Reported(
        name="report.json",
        hash="blake3:" + "0" * 64,
        run_id="run-1",
        mode=mode,
        made_at=datetime(2026, 11, 1, tzinfo=UTC),
        software="0.1.0",
        experiment=experiment,
        arms=arms,
        metrics=metrics,
    )


def reviewed(found, *reports):
    return evaluate(replace(found, evaluations=reports), KPI, as_of=AS_OF, flips=False)


def rows(found, *reports):
    (note,) = reviewed(found, *reports).evaluations
    return {row.metric: row for row in note.rows}


def test_equal_totals_give_the_same_lift_and_agree(counted):
    found = rows(counted, report(arm("control", 360), arm("candidate", 540, ctr=0.001)))
    click = found["ctr"]
    assert (click.kpi, click.agreement, click.note) == ("clicks_per_request", "agrees", "")
    assert (click.theirs.control, click.theirs.candidate) == (0.2, 0.3)
    assert click.theirs.relative_lift == pytest.approx(0.5)
    assert click.ours.estimate == pytest.approx(0.5)
    assert click.theirs.p_value == 0.001


def test_a_lift_outside_our_range_differs(counted):
    assert rows(counted, report(arm("control", 360), arm("candidate", 1500)))["ctr"].agreement == (
        "outside_range"
    )


def test_a_lift_the_other_way_within_our_range_is_told_apart(even):
    found = rows(even, report(arm("control", 360), arm("candidate", 356)))
    assert found["ctr"].agreement == "other_direction"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (report(arm("control", 360), arm("candidate", 540), experiment="other"), "experiment other"),
        (report(arm("control", 360), arm("b", 540)), "no variant candidate"),
        (report(arm("control", 0), arm("candidate", 540)), "control's figure is 0"),
        (report(arm("control", 0, requests=0), arm("candidate", 540)), "one arm has no requests"),
    ],
)
def test_what_cannot_be_compared_says_why(counted, given, why):
    click = rows(counted, given)["ctr"]
    assert click.agreement == "not_comparable"
    assert why in click.note


def test_a_kpi_that_was_not_logged_is_not_compared(counted):
    lacking = arm("candidate", 540)
    earned = [replace(one, revenue=10.0) for one in (arm("control", 360), lacking)]
    found = rows(counted, report(*earned))["revenue_per_request"]
    assert (found.agreement, found.ours) == ("not_comparable", None)
    assert "cannot be measured" in found.note


def test_an_offline_run_stands_with_its_interval_and_is_not_compared(counted):
    metric = ReportedMetric(name="ndcg@10", value=0.31, lower=0.3, upper=0.32, level=0.95)
    (row,) = rows(counted, report(mode="offline", experiment="", metrics=(metric,))).values()
    assert (row.metric, row.kpi, row.agreement) == ("ndcg@10", None, "not_comparable")
    assert (row.theirs.lower, row.theirs.candidate, row.theirs.upper) == (0.3, 0.31, 0.32)
    assert "offline" in row.note


@pytest.mark.parametrize("mode", ["ope", "interleaving", "aa-check"])
def test_other_runs_say_why(counted, mode):
    (row,) = rows(counted, report(mode=mode, experiment="")).values()
    assert row.note


def test_a_report_changes_no_other_figure(counted):
    given = report(arm("control", 360), arm("candidate", 1500))
    plain = reviewed(counted)
    assert reviewed(counted, given).model_copy(update={"evaluations": ()}) == plain
    assert plain.evaluations == ()


def test_it_is_in_the_json_the_terminal_and_the_report(counted):
    review = reviewed(counted, report(arm("control", 360), arm("candidate", 540)))
    assert Review.model_validate_json(to_json(review)) == review
    text = review_text(review)
    assert "BESIDE RECSYS-EVAL" in text
    assert "ctr (our clicks per request): recsys-eval 0.200 to 0.300, lift +50 %; ours +50 %" in text
    assert "BESIDE" not in review_text(reviewed(counted))
    (lift,) = (part for part in contents_of(review).sections if part.title == "Lift")
    shown = [str(block) for block in lift.blocks]
    assert any("run run-1" in block for block in shown)
