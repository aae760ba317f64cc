"""The truth in closed form against a large pilot, counted from the written files by another program."""

import json
import math

import duckdb
import pytest

from recsys_roi.demo import write_demo
from recsys_roi.demo.pilot import draw_pilot
from recsys_roi.demo.truth import true_kpis

LIFT = 0.5
STANDARD_ERRORS = 4
KPIS = (
    *("ctr", "revenue_per_request", "conversion_rate"),
    *("add_to_cart_rate", "completion_rate", "time_spent"),
)

COUNTS = """
WITH arm AS (SELECT DISTINCT user_id, variant FROM read_json($assignments)),
acted AS (
  SELECT request_id, bool_or(event_type = 'click') AS clicked, bool_or(event_type = 'conversion') AS bought,
         bool_or(event_type = 'add_to_cart') AS carted,
         bool_or(event_type = 'negative_feedback') AS complained,
         coalesce(sum(value) FILTER (event_type = 'conversion'), 0) AS revenue,
         coalesce(sum(value) FILTER (event_type = 'dwell'), 0) AS seconds,
         count(*) FILTER (event_type = 'start') AS starts,
         count(*) FILTER (event_type = 'complete') AS completes
  FROM read_json($outcomes) GROUP BY request_id
),
per_user AS (
  SELECT arm.variant, e.user_id, count(*) AS requests, count(*) FILTER (clicked) AS clicks,
         coalesce(sum(revenue), 0) AS revenue, coalesce(bool_or(bought), false)::INT AS bought,
         count(*) FILTER (carted) AS carts, count(*) FILTER (complained) AS complaints,
         coalesce(sum(seconds), 0) AS seconds, coalesce(sum(starts), 0) AS starts,
         coalesce(sum(completes), 0) AS completes, count(*) FILTER (e.error) AS errors,
         count(*) FILTER (len(e.items) = 0) AS empties
  FROM read_json($exposures) e JOIN arm USING (user_id) LEFT JOIN acted USING (request_id)
  GROUP BY ALL
)
SELECT variant, count(*) AS users, sum(requests) AS requests,
       {ratios}
FROM per_user JOIN (SELECT variant, {totals} FROM per_user GROUP BY variant) USING (variant)
GROUP BY variant
"""
MEASURES = {
    "ctr": ("clicks", "requests"),
    "revenue_per_request": ("revenue", "requests"),
    "conversion_rate": ("bought", "1"),
    "add_to_cart_rate": ("carts", "requests"),
    "completion_rate": ("completes", "starts"),
    "time_spent": ("seconds", "1"),
    "error_rate": ("errors", "requests"),
    "empty_rate": ("empties", "requests"),
    "negative_feedback_rate": ("complaints", "requests"),
}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A pilot of many chunks of lines: paths by log, and its truth."""
    folder = tmp_path_factory.mktemp("large")
    write_demo(folder, requests=200_000, seed=11, lift=LIFT)
    paths = {log: str(folder / f"{log}.jsonl") for log in ("exposures", "outcomes", "assignments")}
    return paths, json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def counted(large):
    """{variant: {measure: (ratio, standard error clustered by user)}} and the truth."""
    paths, truth = large
    query = COUNTS.format(
        totals=", ".join(f"sum({y}) / sum({x}) AS r_{name}" for name, (y, x) in MEASURES.items()),
        ratios=", ".join(
            f"any_value(r_{name}) AS {name}, sqrt(sum(({y} - r_{name} * {x})^2)) / sum({x}) AS se_{name}"
            for name, (y, x) in MEASURES.items()
        ),
    )
    with duckdb.connect() as connection:
        found = connection.execute(query, paths).fetchdf()
    rows = {row["variant"]: row for row in found.to_dict("records")}
    arms = {
        variant: {name: (row[name], row[f"se_{name}"]) for name in MEASURES} for variant, row in rows.items()
    }
    return arms, truth


def test_every_request_and_event_is_written_once(large):
    paths, truth = large
    with duckdb.connect() as connection:
        for log in ("exposures", "assignments"):
            found = connection.execute(
                "SELECT count(*), count(DISTINCT request_id) FROM read_json($path)", {"path": paths[log]}
            ).fetchone()
            assert found == (200_000, 200_000)
        events = connection.execute(
            "SELECT event_type, count(*) FROM read_json($path) GROUP BY event_type",
            {"path": paths["outcomes"]},
        ).fetchall()
    assert dict(events) == truth["events"]


@pytest.mark.parametrize("arm", ["control", "candidate"])
@pytest.mark.parametrize("measure", MEASURES)
def test_the_truth_is_what_a_large_pilot_shows(counted, arm, measure):
    arms, truth = counted
    expected = (truth["kpis"] | truth["guardrails"])[measure][arm]
    found, se = arms[arm][measure]
    assert 0 < se < 0.2 * expected
    assert found == pytest.approx(expected, abs=STANDARD_ERRORS * se)


def test_every_true_figure_is_counted_here(counted):
    _, truth = counted
    rates = {name for name, figures in truth["guardrails"].items() if "control" in figures}
    assert truth["kpis"].keys() | rates == MEASURES.keys()


@pytest.mark.parametrize("kpi", KPIS)
def test_the_true_lift_is_what_a_large_pilot_shows(counted, kpi):
    arms, truth = counted
    (control, control_se), (candidate, candidate_se) = arms["control"][kpi], arms["candidate"][kpi]
    lift = candidate / control - 1
    se = math.hypot(candidate_se / control, control_se * candidate / control**2)
    assert lift == pytest.approx(truth["kpis"][kpi]["relative_lift"], abs=STANDARD_ERRORS * se)
    # So large a pilot tells a lift of 50 % from none and from twice as much.
    assert STANDARD_ERRORS * se < 0.25


@pytest.mark.parametrize("lift", [-0.4, 0.0, 0.12])
def test_what_is_summed_has_exactly_the_lift_and_users_who_convert_a_smaller_one(lift):
    kpis = true_kpis(draw_pilot(requests=5000, seed=2, lift=lift))
    assert kpis["completion_rate"].relative_lift == 0
    for name in ("ctr", "revenue_per_request", "add_to_cart_rate", "time_spent"):
        assert kpis[name].relative_lift == lift
        assert kpis[name].candidate / kpis[name].control - 1 == pytest.approx(lift, abs=1e-12)
    converted = kpis["conversion_rate"].relative_lift
    assert converted == 0 if lift == 0 else 0 < converted / lift < 1


def test_the_rate_of_users_who_convert_is_the_mean_over_each_user_by_hand():
    pilot = draw_pilot(requests=1000, seed=4, lift=0.3)
    total = 0.0
    for user in range(pilot.users.count):
        missed = 1.0
        for _ in range(int((pilot.visits.user == user).sum())):
            missed *= 1 - (1 - 0.003) * pilot.users.click_rate[user] * 1.3 * 0.3 * 0.4
        total += 1 - missed
    assert true_kpis(pilot)["conversion_rate"].candidate == pytest.approx(
        total / pilot.users.count, rel=1e-12
    )
