"""Guardrails of a review: statuses against margins, the paired ones, what is not logged, trends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.view import ItemEvidence, Pair, RateEvidence
from recsys_roi.review.evaluate import evaluate
from recsys_roi.review.guardrails import measured_guardrails, status_of
from recsys_roi.value.scenario import Scenario
from tests.review.small_pilot import AS_OF, evidence, spread

ALL = ("p95_latency", "p99_latency", "slow_share", "error_rate")
OTHERS = ("empty_rate", "negative_feedback_rate", "coverage", "diversity")
DAYS = 14


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    visitors = [*spread("control", 900, 200), *spread("candidate", 900, 200)]
    return evidence(tmp_path_factory.mktemp("pilot"), visitors, Scenario.of({}))


def measured(counted, guardrails, **settings):
    scenario = Scenario.of({"guardrails": list(guardrails), **settings})
    return {found.id: found for found in measured_guardrails(counted, scenario)}


def by_day(control, candidate, name="coverage"):
    """Item evidence with one figure an arm on each day."""
    days = Pair(control=tuple(control), candidate=tuple(candidate))
    other = Pair(control=(0.5,) * len(days.control), candidate=(0.5,) * len(days.control))
    figures = {"coverage": other, "diversity": other, name: days}
    return ItemEvidence(days=tuple(range(20_000, 20_000 + len(days.control))), catalogue=100, **figures)


def rate(hits_control, hits_candidate, users=2000):
    """A rate of users with two requests each, some of which are hit."""

    def arm(hits):
        return Sums.of_users([1.0] * hits + [0.0] * (users - hits), [2.0] * users)

    sums = Pair(control=arm(hits_control), candidate=arm(hits_candidate))
    return RateEvidence(sums=sums, reason=None, by_day=(Pair(control=0.1, candidate=None),))


def test_every_guardrail_of_the_catalogue_is_measured_or_says_why(counted):
    found = measured(counted, ALL) | measured(counted, OTHERS)
    assert set(found) == set(GUARDRAILS)
    for guardrail in found.values():
        assert (guardrail.harm is None) == (guardrail.reason is not None)
        assert guardrail.needs == GUARDRAILS[guardrail.id].needs
    assert found["negative_feedback_rate"].reason == "missing"
    assert found["coverage"].reason == "zero_variance"  # one item: every list shows all of it
    assert found["slow_share"].reason == "zero_variance"  # nothing is slower than 500 ms


def test_a_fixed_threshold_is_a_setting(counted):
    low = Scenario.of({"guardrails": ["slow_share", "error_rate"], "slow_threshold_ms": 120.0})
    assert low.slow_threshold_ms == 120.0
    kept = counted.rates | {"slow_share": rate(100, 105)}
    found = measured(replace(counted, rates=kept), ("slow_share", "error_rate"))["slow_share"]
    assert found.status == "warn"
    assert (found.control, found.candidate) == (100 / 4000, 105 / 4000)


@pytest.mark.parametrize(
    ("candidate", "margin", "status"),
    [(400, 0.5, "pass"), (430, 0.1, "warn"), (700, 0.1, "breach"), (150, 0.1, "pass")],
)
def test_a_relative_margin_on_a_rate(counted, candidate, margin, status):
    rates = counted.rates | {"negative_feedback_rate": rate(400, candidate)}
    found = measured(
        replace(counted, rates=rates),
        ("negative_feedback_rate", "error_rate"),
        margin_negative_feedback=margin,
    )["negative_feedback_rate"]
    assert found.status == status
    assert found.unit == "relative"
    assert found.harm is not None
    assert found.harm.estimate == pytest.approx(candidate / 400 - 1)
    # The test of R_B - (1 + M) R_A passes exactly where the bound of the relative harm is within M.
    assert (status == "pass") == (found.harm.upper is not None and found.harm.upper <= margin)


def test_coverage_is_the_books_case(counted):
    control = [0.412, 0.420, 0.405, 0.418, 0.409, 0.415, 0.411, 0.416]
    worse = [value - 0.05 + 0.001 * (day % 3) for day, value in enumerate(control)]
    found = measured(replace(counted, items=by_day(control, worse)), ("coverage", "error_rate"))["coverage"]
    assert found.harm is not None
    assert found.harm.estimate == pytest.approx(0.05 - 0.001 * (0 + 1 + 2 + 0 + 1 + 2 + 0 + 1) / 8)
    assert found.harm.lower is not None
    assert found.harm.lower > found.margin
    # Clearly beyond its limit, but read once and by day: it warns and cannot roll back (numbers book 5.4).
    assert (found.status, found.fixed_horizon) == ("warn", True)
    assert "not corrected for looking early" in found.note


def test_diversity_is_relative_and_read_in_pairs(counted):
    control = [0.80, 0.82, 0.78, 0.81, 0.79, 0.80, 0.83, 0.80]
    less = [value * (0.97 + 0.002 * (day % 2)) for day, value in enumerate(control)]
    found = measured(replace(counted, items=by_day(control, less, "diversity")), ("diversity", "error_rate"))[
        "diversity"
    ]
    assert found.harm is not None
    assert found.harm.estimate == pytest.approx(0.029)
    assert found.status == "pass"
    assert found.note.startswith("Slightly worse.")


def test_less_than_a_week_of_days_is_not_compared(counted):
    items = by_day([0.4] * 6, [0.3, 0.4, 0.3, 0.4, 0.3, 0.4])
    assert measured(replace(counted, items=items), ("coverage", "error_rate"))["coverage"].reason == (
        "too_few_days"
    )


def test_a_loss_of_coverage_holds_and_never_rolls_back(counted):
    items = by_day(
        [0.50 + 0.01 * (day % 3) for day in range(9)], [0.30 + 0.01 * (day % 2) for day in range(9)]
    )
    scenario = Scenario.of({"guardrails": ["coverage", "diversity"], "kpi": "ctr"})
    found = evaluate(replace(counted, items=items), scenario, as_of=AS_OF)
    assert found.guardrails[0].status == "warn"
    assert found.decision.decision != "roll_back"
    assert not [
        flip for flip in found.decision.flips if flip.becomes == "roll_back" and "margin" in flip.input
    ]


@pytest.mark.parametrize("name", sorted(GUARDRAILS))
def test_only_what_is_valid_at_every_look_can_breach(name):
    entry = GUARDRAILS[name]
    expected = "breach" if name not in {"coverage", "diversity"} else "warn"
    assert status_of(entry, 0.2, 0.1, 0.3, 0.05) == expected
    assert status_of(entry, 0.2, 0.1, 0.3, 0.4) == "pass"


def test_the_trend_has_every_day_of_the_window(counted):
    found = measured(counted, ("p95_latency", "error_rate"))
    assert counted.days == DAYS
    for guardrail in found.values():
        assert len(guardrail.trend) == DAYS
        assert guardrail.trend[0].day == "2026-10-05"
        assert guardrail.trend[-1].day == "2026-10-18"
    total = sum(day.control for day in found["p95_latency"].trend) / DAYS
    assert 100 < total < 140
