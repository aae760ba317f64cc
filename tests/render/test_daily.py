"""The charts by day and the power curve carry the review's figures, or say why there are none."""

from __future__ import annotations

import pytest
import sample_review as sample

from recsys_roi.render import charts, words
from recsys_roi.render.palette import DARK, LIGHT
from recsys_roi.review import document
from recsys_roi.review.document import (
    Adjustment,
    Arms,
    Capping,
    DayFigures,
    Estimate,
    PathDay,
    Reading,
    RunTime,
    RunTimePoint,
    SliceKey,
)

LIFTS = ((0.30, -0.5, 2.0), (0.20, -0.1, 0.6), (0.12, 0.01, 0.25), (0.11, 0.02, 0.21))


def path_day(number, lift, *, reason=None):
    relative = None if lift is None else Estimate(estimate=lift[0], lower=lift[1], upper=lift[2])
    return PathDay(
        day=f"2026-10-{5 + number:02}",
        users=Arms(control=100 * number, candidate=100 * number),
        difference=None,
        relative_lift=relative,
        p_running=None if lift is None else 0.03,
        running=None,
        reason=reason,
    )


def with_path(**more):
    days = [path_day(0, None, reason="too_few_users")]
    days += [path_day(number, lift) for number, lift in enumerate(LIFTS, start=1)]
    return sample.ship().primary.model_copy(update={"path": tuple(days), **more})


def trace(chart, name):
    return next(found for found in chart.data if found.name == name)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_path_has_every_day_that_can_be_read(palette):
    chart = charts.path_chart(with_path(), charts.Reference(value=0.05, label="break-even"), palette)
    measured = trace(chart, "measured")
    assert list(measured.y) == [lift[0] for lift in LIFTS]
    assert list(measured.x) == [f"2026-10-{day:02}" for day in range(6, 10)]
    low, high = chart.layout.yaxis.range
    # The first days, wide open, are cut at the axis; the later ones fit.
    assert low < LIFTS[-2][1]
    assert LIFTS[-2][2] < high < LIFTS[0][2]
    assert min(trace(chart, "low end").y) == low
    assert list(trace(chart, "high end").y)[-2:] == [0.25, 0.21]
    assert chart.layout.title.text.endswith("?")


def crossing(lifts):
    """A path through the line at 0.05, with wide ranges."""
    path = tuple(path_day(number, (lift, lift - 0.6, lift + 0.6)) for number, lift in enumerate(lifts))
    return sample.ship().primary.model_copy(update={"path": path})


@pytest.mark.parametrize(
    "lifts",
    [
        (-0.1, -0.05, 0.05, 0.15, 0.15, 0.03, 0.05, 0.16, 0.2, 0.2),
        (0.2, 0.15, 0.05, 0.02, 0.0, 0.05, 0.1, 0.05, 0.0, -0.1),
    ],
)
def test_the_words_at_break_even_stand_on_no_line(lifts):
    chart = charts.path_chart(crossing(lifts), charts.Reference(value=0.05, label="break-even +5.0 %"), LIGHT)
    (note,) = chart.layout.annotations
    assert note.text == "- - break-even +5.0 %"
    low, high = chart.layout.yaxis.range
    half = 0.06 * (high - low)
    passing = slice(0, 4) if note.x == 0 else slice(-4, None)  # the words are about a third of the plot wide
    flat = ([0.0] * len(lifts), [0.05] * len(lifts))
    for line in (lifts, *flat, [lift - 0.6 for lift in lifts], [lift + 0.6 for lift in lifts]):
        beside = [value > note.y for value in line[passing]]
        assert len(set(beside)) == 1
        assert all(abs(value - note.y) > half for value in line[passing])


def test_the_words_at_break_even_stand_at_their_line_where_there_is_room():
    chart = charts.path_chart(
        crossing((0.3, 0.3, 0.3, 0.3)), charts.Reference(value=0.08, label="break-even"), LIGHT
    )
    (note,) = chart.layout.annotations
    assert (note.text, note.y) == ("break-even", 0.08)


def test_a_path_without_a_lift_says_why():
    days = (path_day(0, None, reason="too_few_users"),)
    chart = charts.path_chart(with_path().model_copy(update={"path": days}), None, LIGHT)
    assert [note.text for note in chart.layout.annotations] == ["Cannot tell: too few users."]
    assert all(found.name == "not measurable" for found in chart.data)


def test_the_power_curve_has_both_ways_of_looking():
    curve = tuple(
        RunTimePoint(
            days=7 * week,
            users=1000.0 * week,
            detectable_lift=0.1 / week**0.5,
            detectable_always_valid=0.15 / week**0.5,
        )
        for week in range(1, 5)
    )
    found = RunTime(
        days_to_min_effect=None,
        days_to_break_even=28,
        horizon_days=90,
        mde_now=0.1,
        mde_now_always_valid=0.15,
        curve=curve,
    )
    goals = [
        charts.Reference(value=0.08, label="break-even +8.0 %"),
        charts.Reference(value=0.9, label="far"),
    ]
    chart = charts.run_time_chart(found, goals, LIGHT)
    assert list(trace(chart, "every day").y) == [point.detectable_always_valid for point in curve]
    assert list(trace(chart, "once").y) == [point.detectable_lift for point in curve]
    assert [note.text for note in chart.layout.annotations] == ["break-even +8.0 %"]
    beside = charts.Reference(value=0.075, label="worth shipping +7.5 %")
    notes = charts.run_time_chart(found, [*goals, beside], LIGHT).layout.annotations
    assert {note.text: note.x for note in notes} == {"worth shipping +7.5 %": 1, "break-even +8.0 %": 0}
    review = sample.ship()
    inputs = review.inputs.model_copy(update={"scenario": {**review.inputs.scenario, "min_effect": 0.01}})
    review = review.model_copy(update={"run_time": found, "inputs": inputs})
    said = words.run_time_sentences(review)
    assert said[0].startswith("Today's users would show a lift of +15 % while looking every day, +10 %")
    assert "would take over 90 days to show: too small for this pilot" in said[1]
    assert said[2].endswith("takes about 28 days from the start to show.")


def test_single_days_of_a_guardrail():
    days = (
        DayFigures(day="2026-10-05", control=0.01, candidate=0.02),
        DayFigures(day="2026-10-06", control=None, candidate=0.03),
    )
    guardrail = next(g for g in sample.ship().guardrails if g.arm_unit != "ms").model_copy(
        update={"trend": days}
    )
    chart = charts.trend_chart(guardrail, LIGHT)
    assert list(trace(chart, "control").y) == [0.01, None]
    assert trace(chart, "control").line.dash == "dash"
    assert list(chart.layout.yaxis.ticktext) == ["1.00 %", "3.00 %"]
    assert words.trend_alt(guardrail) == (
        "Single days from 5 Oct 2026 to 6 Oct 2026: control from 1.00 % to not logged, "
        "candidate from 2.00 % to 3.00 %."
    )


def test_what_the_days_say():
    fresh = words.path_sentences(with_path(crossed_on="2026-10-08", fresh=True))
    assert fresh[0] == "The range first left zero out on 8 Oct 2026."
    assert "measured lifts run high: about 1.6 times the truth" in fresh[1]
    assert fresh[-1].endswith("without an effect: 0.030.")
    fell = with_path(crossed_on="2026-10-08", fresh=True)
    fell = fell.model_copy(update={"relative_lift": Estimate(estimate=-0.05, lower=-0.09, upper=-0.01)})
    assert "measured lifts run far: about 1.6 times the truth" in words.path_sentences(fell)[1]
    turned = words.path_sentences(with_path(changing=True))
    assert turned[0].startswith("The effect changed over time")
    assert "On no day so far did the range leave zero out." in turned
    assert words.path_sentences(sample.ship().primary) == ()


def reading(lift):
    return Reading(
        control=1.0,
        candidate=1.0 + lift,
        difference=document.TestedEstimate(estimate=lift, lower=-0.1, upper=0.3, p_value=0.2),
        relative_lift=Estimate(estimate=lift, lower=-0.1, upper=0.3),
    )


def adjustment(**changed):
    given = {
        "covariate": "pre_period",
        "coverage": 0.62,
        "balance_p": 0.5,
        "variance_reduction": 0.36,
        "used": True,
        "reason": None,
        "adjusted": reading(0.1),
        "unadjusted": reading(0.05),
    }
    return with_path(adjustment=Adjustment(**{**given, **changed}))


def test_what_the_past_changes():
    assert words.adjustment_sentence(adjustment()) == (
        "Adjusted by what they did before the pilot (62 % of users have a history): "
        "the range is 20 % narrower. Without: +5.0 %. Likely between -10 % and +30 %."
    )
    few = words.adjustment_sentence(adjustment(used=False, reason="low_coverage", coverage=0.1))
    assert few == (
        "Not adjusted by what they did before the pilot (10 % of users have a history): "
        "too few users have a history."
    )
    assert words.adjustment_sentence(sample.ship().primary) is None


def test_what_capping_takes_away():
    capping = Capping(
        cap=812.0,
        basis="pooled",
        users=Arms(control=3, candidate=0),
        removed_control=0.031,
        removed_candidate=0.0,
        uneven=True,
        uncapped=reading(0.2),
    )
    kpi = with_path(capping=capping, unit="money per request")
    assert words.capping_sentence(kpi, "EUR") == (
        "A user counts up to EUR 812 (the 0.999 quantile of users with any). "
        "Above it are 3.10 % of control's total and 0 % of candidate's total. "
        "That is uneven. Uncapped: +20 %. Likely between -10 % and +30 %."
    )


def test_slices_that_do_not_differ_are_said_to_be_alike():
    review = sample.ship()
    part = review.slices[0]
    alike = tuple(part.model_copy(update={"value": value, "shrunken": 0.02}) for value in ("x", "y", "z"))
    key = SliceKey(key=part.key, values=14, grouped=4, of="request")
    (said,) = words.slice_key_sentences(review.model_copy(update={"slices": alike, "slice_keys": (key,)}))
    assert said == (
        f"{part.key}: by each request, so a user can be in several. "
        "The 10 largest of 14 values stand alone, the other 4 together. "
        "No evidence that these groups differ: each counts as +2.0 %."
    )


def test_a_view_that_was_chosen_is_an_exploration():
    assert words.exploring_sentence(("margin", "horizon_months")) is None
    said = words.exploring_sentence(("start", "kpi"))
    assert said is not None
    assert said.startswith("Exploratory: you chose the KPI and the first day.")


def test_every_formula_names_its_source():
    assert {formula.page for formula in words.FORMULAS} == {"lift", "guardrails"}
    assert all(formula.formula and formula.source for formula in words.FORMULAS)
