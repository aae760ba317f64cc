"""decision.v1: what other tools of the suite read (docs/for-engineers.md), with the whole review inside."""

from __future__ import annotations

import json
from typing import Any

from recsys_roi.estimate.ratio_mismatch import ALPHA
from recsys_roi.review.document import Review

DECISIONS = {"ship": "ship", "hold": "hold", "roll_back": "fail"}
NO_LOGS = "no_logs"


def to_decision_v1(review: Review) -> str:
    """The decision as JSON, keys sorted; ROLL BACK is written "fail", a plan without logs is on hold."""
    return json.dumps(_decision(review), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def _decision(review: Review) -> dict[str, Any]:
    decision, experiment = review.decision, review.experiment
    return {
        "version": "decision.v1",
        "decision": DECISIONS.get(decision.decision or "", "hold"),
        "reason": decision.primary_reason or NO_LOGS,
        "reasons": list(decision.reasons),
        "preliminary": decision.preliminary,
        "valid_from": decision.valid_from,
        "control_variant": "" if experiment is None else experiment.control,
        "candidate_variant": "" if experiment is None else experiment.candidate,
        "primary_metrics": _primary_metrics(review),
        "guardrails": _guardrails(review),
        "thresholds": _thresholds(review),
        "dataset_window": _window(review),
        "versions": {"review": review.version, review.software.name: review.software.version},
        "srm": _srm(review),
        "waivers": [waiver.model_dump(mode="json") for waiver in review.record.waivers if waiver.applied],
        "review": review.model_dump(mode="json"),
    }


def _primary_metrics(review: Review) -> list[dict[str, Any]]:
    kpi = review.primary
    if kpi is None:
        return []
    return [
        {
            "metric": kpi.id,
            "delta": None if kpi.difference is None else kpi.difference.estimate,
            "relative_delta": None if kpi.relative_lift is None else kpi.relative_lift.estimate,
            "threshold": review.roi.break_even_lift,
        }
    ]


def _guardrails(review: Review) -> list[dict[str, Any]]:
    waived = {waiver.guardrail for waiver in review.record.waivers if waiver.applied}
    return [
        {
            "metric": guardrail.id,
            "value": None if guardrail.harm is None else guardrail.harm.estimate,
            "upper": None if guardrail.harm is None else guardrail.harm.upper,
            "threshold": guardrail.margin,
            "passed": guardrail.status == "pass",
            "status": guardrail.status,
            "waived": guardrail.id in waived,
        }
        for guardrail in review.guardrails
    ]


def _thresholds(review: Review) -> dict[str, Any]:
    names = ("alpha", "guardrail_alpha", "p_npv_required", "min_days", "min_effect", "harm_threshold")
    held = {name: review.inputs.scenario.get(name) for name in names}
    return {**held, "break_even_lift": review.roi.break_even_lift}


def _window(review: Review) -> dict[str, Any]:
    window = None if review.experiment is None else review.experiment.window
    return {"start": None if window is None else window.start, "end": None if window is None else window.end}


def _srm(review: Review) -> dict[str, Any]:
    check = review.check("srm")
    p_value = None if check is None else check.value
    return {"detected": check is not None and check.status == "fail", "p_value": p_value, "alpha": ALPHA}
