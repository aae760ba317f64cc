"""Evidence and a scenario to a review: the only orchestrator, pure and quick."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from recsys_roi import __version__
from recsys_roi.errors import UnknownNameError
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.review import document
from recsys_roi.review.measure import measured_guardrails, measured_kpis, planned_users
from recsys_roi.review.money import Money, measured_money, plan_money
from recsys_roi.render_words import guardrail_evidence
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict import decision as policy
from recsys_roi.verdict.integrity import IntegrityCheck, judge_integrity
from recsys_roi.verdict.plan import exit_criteria, phase
from recsys_roi.verdict.risks import GuardrailFinding, RiskFinding, find_risks

MIN_DECISION_USERS = 1000  # an arm, rulings 8


def view_of(scenario: Scenario) -> View:
    """The settings of a scenario that select or recount evidence; all others only re-evaluate."""
    return View(
        experiment=scenario.experiment,
        control=scenario.control,
        candidate=scenario.candidate,
        surface=scenario.surface,
        start=scenario.start,
        end=scenario.end,
        click_window_hours=scenario.click_window_hours,
        outcome_window_hours=scenario.outcome_window_hours,
        mature_only=scenario.mature_only,
        slice_keys=scenario.slice_keys,
    )
