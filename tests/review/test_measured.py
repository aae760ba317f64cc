"""KPIs of a review: adjustment, capping, the daily path, slices and run time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_roi.evidence.kpis import KPIS
from recsys_roi.evidence.sums import CovariateSums, Sums
from recsys_roi.evidence.view import CovariateEvidence, Pair
from recsys_roi.render import words
from recsys_roi.review.evaluate import evaluate
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF, Visitor, evidence, review, spread


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    visitors = [*spread("control", 900, 180), *spread("candidate", 900, 270)]
    return evidence(tmp_path_factory.mktemp("pilot"), visitors, Scenario.of({"kpi": "ctr"}))


def with_covariate(counted, *, known=(900, 900), noise=0.5, seed=1):
    """The click rate's users with a history that tells much of what they do now."""
    draw = np.random.default_rng(seed)
    arms = []
    for shift in (0.0, 0.05):
        before = draw.normal(1.0, 0.5, 900)
        y = before + shift + draw.normal(0, noise, 900)
        arms.append(CovariateSums.of_users(y, np.ones(900), before, np.ones(900)))
    pair = Pair(control=arms[0], candidate=arms[1])
    sums = Pair(control=arms[0].sums, candidate=arms[1].sums)
    kpi = replace(
        counted.kpis["ctr"], sums=sums, mature=sums, covariate=pair, mature_covariate=pair, by_day=()
    )
    return replace(
        counted,
        kpis=counted.kpis | {"ctr": kpi},
        covariate=CovariateEvidence(name="pre_period", known=Pair(control=known[0], candidate=known[1])),
    )


def primary(counted, **settings):
    found = evaluate(counted, Scenario.of({"kpi": "ctr", **settings}), as_of=AS_OF)
    assert found.primary is not None
    return found.primary, found


def test_the_adjusted_figure_is_the_kpis_own_where_it_helps(counted):
    kpi, found = primary(with_covariate(counted))
    assert kpi.adjustment is not None
    assert kpi.adjustment.used
    assert kpi.adjustment.variance_reduction == pytest.approx(0.5, abs=0.06)
    assert kpi.adjustment.adjusted is not None
    assert kpi.difference == kpi.adjustment.adjusted.difference
    assert kpi.difference != kpi.adjustment.unadjusted.difference
    assert kpi.difference is not None
    assert kpi.control is not None
    assert kpi.candidate is not None
    assert kpi.candidate - kpi.control == pytest.approx(kpi.difference.estimate)
    # Money is counted from the adjusted lift too.
    assert kpi.mature is not None
    assert kpi.mature.relative_lift == pytest.approx(kpi.candidate / kpi.control - 1)
    check = found.check("covariate_balance")
    assert check is not None
    assert (check.status, check.value) == ("pass", 1.0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"known": (170, 180)}, "low_coverage"),
        ({"noise": 40.0}, "small_reduction"),
        ({"known": (900, 800)}, "unbalanced"),
    ],
)
def test_otherwise_the_raw_figure_stays_and_says_why(counted, changed, reason):
    kpi, found = primary(with_covariate(counted, **changed))
    assert kpi.adjustment is not None
    assert (kpi.adjustment.used, kpi.adjustment.reason) == (False, reason)
    assert kpi.difference == kpi.adjustment.unadjusted.difference
    check = found.check("covariate_balance")
    assert check is not None
    assert check.status == ("fail" if reason == "unbalanced" else "pass")


def test_without_a_history_there_is_no_adjustment(counted):
    kpi, found = primary(counted)
    assert kpi.adjustment is None
    check = found.check("covariate_balance")
    assert check is not None
    assert check.status == "not_measurable"


def test_a_numeric_context_key_adjusts(tmp_path):
    draw = np.random.default_rng(2)
    visitors = [
        Visitor(
            arm=arm,
            clicks=(True,),
            revenue=round(float(before * 10 + draw.normal(0, 1)), 2),
            first_day=number % 12,
            context={"spend": f"{before:.3f}"},
        )
        for arm in ("control", "candidate")
        for number, before in enumerate(draw.uniform(1, 5, 300))
    ]
    named = review(tmp_path, visitors, kpi="revenue_per_user", covariate="spend")
    assert named.primary is not None
    assert named.primary.adjustment is not None
    assert named.primary.adjustment.used
    assert named.primary.adjustment.coverage == 1.0
    assert (named.primary.adjustment.variance_reduction or 0) > 0.9


def test_capping_shows_what_it_removes_and_the_uncapped_figure(tmp_path):
    visitors = [
        Visitor(arm=arm, clicks=(True,), revenue=1000.0 if number == 0 and arm == "control" else 10.0)
        for arm in ("control", "candidate")
        for number in range(200)
    ]
    found = review(tmp_path, visitors, kpi="revenue_per_user", revenue_cap=20.0)
    assert found.primary is not None
    capping = found.primary.capping
    assert capping is not None
    assert (capping.cap, capping.basis, capping.uneven) == (20.0, "fixed", True)
    assert capping.removed_control == pytest.approx(980 / (1000 + 199 * 10))
    assert capping.removed_candidate == 0.0
    assert (capping.users.control, capping.users.candidate) == (1, 0)
    assert capping.uncapped is not None
    assert capping.uncapped.control == pytest.approx((1000 + 199 * 10) / 200)
    assert found.primary.control == pytest.approx((20 + 199 * 10) / 200)
    # Money's baseline is what was really paid (numbers book 2.4).
    assert found.roi.baseline == pytest.approx((1000 + 199 * 10) / 200)


def test_the_path_ends_at_the_headline(counted):
    kpi, _ = primary(counted)
    assert len(kpi.path) == counted.days
    last = kpi.path[-1]
    assert last.difference == kpi.difference
    assert last.relative_lift == kpi.relative_lift
    assert (last.users.control, last.users.candidate) == (900, 900)
    assert kpi.path[0].reason == "too_few_users"
    assert kpi.path[0].difference is None


def test_a_win_is_fresh_for_a_week_and_carries_its_risk(counted):
    kpi, _ = primary(counted)
    assert kpi.difference is not None
    assert kpi.difference.lower is not None
    assert kpi.difference.lower > 0
    assert kpi.crossed_on is not None
    crossed = [day.day for day in kpi.path].index(kpi.crossed_on)
    assert kpi.fresh == (len(kpi.path) - crossed <= 7)
    # A 10 % success rate at alpha 0.05 and power 0.8 (numbers book 7.4).
    assert kpi.false_positive_risk == pytest.approx(0.2196, abs=1e-4)


def test_an_effect_that_turns_round_is_said(counted):
    def arm(rate):
        return Sums.of_users(np.arange(900) < 900 * rate)

    ups = [Pair(control=arm(0.3), candidate=arm(0.6))] * 3
    downs = [Pair(control=arm(0.6), candidate=arm(0.3))] * 11
    kpi = replace(counted.kpis["ctr"], by_day=(*ups, *downs))
    found, _ = primary(replace(counted, kpis=counted.kpis | {"ctr": kpi}))
    assert found.changing
    assert found.path[-1].running is None
    assert found.path[0].running is not None


def test_slices_carry_both_arms_and_their_difference(tmp_path):
    visitors = [
        *spread("control", 600, 120, context={"device": "phone"}),
        *spread("candidate", 600, 150, context={"device": "phone"}),
        *spread("control", 300, 0, context={"device": "desk"}),
        *spread("candidate", 300, 90, context={"device": "desk"}),
    ]
    found = review(tmp_path, visitors, kpi="ctr", slice_keys=["device"])
    by_value = {part.value: part for part in found.slices}
    phone, desk = by_value["phone"], by_value["desk"]
    assert phone.difference is not None
    assert phone.control is not None
    assert phone.candidate is not None
    assert phone.candidate - phone.control == pytest.approx(phone.difference.estimate)
    # No control user clicked on a desk: a difference, but no relative lift.
    assert (desk.relative_lift, desk.reason) == (None, "control_near_zero")
    assert desk.difference is not None
    assert desk.adjusted_p is not None
    assert [(key.key, key.values, key.grouped) for key in found.slice_keys] == [("device", 2, 0)]


def test_what_is_not_logged_says_what_to_log(counted):
    _, found = primary(counted)
    missing = {kpi.id: kpi.needs for kpi in found.kpis if kpi.reason == "missing"}
    assert missing["time_spent"] == "outcome.v1 events of type dwell with a value in seconds"
    assert set(missing) >= {"completion_rate", "add_to_cart_rate", "revenue_per_request"}
    assert [kpi.id for kpi in found.kpis] == list(KPIS)


def test_run_time_follows_the_users(counted):
    _, found = primary(counted, min_effect=0.2, planned_users=2000)
    time = found.run_time
    assert time is not None
    lifts = [point.detectable_lift for point in time.curve]
    assert lifts == sorted(lifts, reverse=True)
    now = next(point for point in time.curve if point.days == counted.days)
    assert now.detectable_lift == pytest.approx(time.mde_now)
    assert now.detectable_always_valid == pytest.approx(time.mde_now_always_valid)
    assert now.detectable_always_valid > now.detectable_lift
    later = primary(counted, min_effect=0.1, planned_users=2000)[1].run_time
    assert later is not None
    assert time.days_to_min_effect is not None
    assert later.days_to_min_effect is None or later.days_to_min_effect >= time.days_to_min_effect


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("revenue", [1e13, 1e150, 1e300, 1.5e308])
def test_values_that_are_too_large_to_be_true_are_said_and_leave_the_other_kpis(tmp_path, revenue):
    visitors = [
        *spread("control", 300, 60, revenue=revenue),
        *spread("candidate", 300, 90, revenue=revenue),
    ]
    for kpi in ("revenue_per_request", "ctr"):
        found = review(tmp_path, visitors, kpi=kpi)
        revenues = [one for one in found.kpis if one.unit.startswith("money")]
        assert {(one.status, one.reason) for one in revenues} == {("not_measurable", "too_large")}
        assert next(one for one in found.kpis if one.id == "ctr").status == "ok"
    assert found.roi.npv is not None


def test_a_spread_that_no_setting_may_have_is_measured_all_the_same(counted):
    """Few orders in many requests: 1,000 times the mean is a limit of what is typed, not of what is found."""
    rare = replace(counted.kpis["ctr"], requests_total=10**11)
    _, found = primary(replace(counted, kpis=counted.kpis | {"ctr": rare}))
    assert found.plan.pilot is not None
    spread = {taken.name: taken.value for taken in found.plan.pilot.assumptions}["kpi_variation"]
    kpi = counted.kpis["ctr"].mature.control  # what money counts
    clicks, requests = kpi.sy / kpi.n, kpi.sx / kpi.n
    rate = clicks / requests
    residual = (kpi.syy - 2 * rate * kpi.sxy + rate**2 * kpi.sxx) / (kpi.n - 1) / requests**2
    assert spread == pytest.approx((residual * 10**11 / kpi.n) ** 0.5 / rate)
    assert spread > 1000


def test_a_lift_of_young_requests_alone_brings_no_money_and_says_why(counted):
    few = Sums.of_users(np.arange(60) < 20)
    kpi = replace(counted.kpis["ctr"], mature=Pair(control=few, candidate=few))
    ctr, found = primary(replace(counted, kpis=counted.kpis | {"ctr": kpi}))
    assert ctr.relative_lift is not None
    assert (found.roi.status, found.roi.reason) == ("not_measurable", "no_mature_lift")
    assert "old enough" in words.roi_sentence(found.roi)


def test_a_loss_is_no_win_that_could_be_false(tmp_path):
    found = review(tmp_path, [*spread("control", 900, 400), *spread("candidate", 900, 200)], kpi="ctr")
    assert found.primary is not None
    assert found.primary.difference is not None
    assert found.primary.difference.upper is not None
    assert found.primary.difference.upper < 0
    assert found.primary.false_positive_risk is None


def test_one_value_too_large_to_be_true_is_no_baseline_though_it_is_capped(tmp_path):
    visitors = [*spread("control", 900, 180, revenue=20.0), *spread("candidate", 900, 270, revenue=20.0)]
    found = review(tmp_path, [replace(visitors[0], revenue=1e20), *visitors[1:]], kpi="revenue_per_request")
    assert found.primary is not None
    assert (found.primary.status, found.primary.reason) == ("not_measurable", "too_large")
    assert found.roi.npv is None
