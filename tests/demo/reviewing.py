"""A demo as the product reviews it."""

from datetime import UTC, datetime

from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario


def review_of(demo, **settings):
    """The review by these settings; of the click-through rate if they do not say."""
    scenario = Scenario.of({"kpi": "ctr", **settings})
    with temporary_pilot() as pilot:
        ingest_files(pilot, demo.files)
        evidence = evidence_of(pilot, view_of(scenario))
    return evaluate(evidence, scenario, as_of=datetime(2026, 11, 1, tzinfo=UTC), flips=False)


def named(review):
    """What a review holds against a pilot."""
    return (
        {f"integrity:{check.id}" for check in review.integrity if check.status == "fail"}
        | {f"guardrail:{one.id}" for one in review.guardrails if one.status == "breach"}
        | {"kpi:implausible" for kpi in review.kpis if kpi.implausible}
    )
