"""Evidence and a scenario to a review: the only orchestrator, pure and quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from recsys_roi import __version__
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.numerals import written_for
from recsys_roi.record.entries import NOTHING_WRITTEN, Record
from recsys_roi.review import document
from recsys_roi.review.agreed_plan import analysis_of, planned_kpi
from recsys_roi.review.daily_path import with_path
from recsys_roi.review.flipping import margin_flips, money_flips, threshold_flips, with_money
from recsys_roi.review.guardrails import measured_guardrails
from recsys_roi.review.measure import measured_kpis
from recsys_roi.review.measured_money import measured_money, money_parts
from recsys_roi.review.money import LiftBelief
from recsys_roi.review.part import moment_text
from recsys_roi.review.parts import planned_users
from recsys_roi.review.phasing import plan_part
from recsys_roi.review.planning import pilot_from_logs, plan_parts
from recsys_roi.review.recorded import applied_waivers, recorded
from recsys_roi.review.registering import risk_parts
from recsys_roi.review.run_time import run_time
from recsys_roi.review.side_by_side import beside_reports
from recsys_roi.review.slicing import measured_slice_keys, measured_slices
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict import decision as policy
from recsys_roi.verdict.integrity import judge_integrity


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
        return_days=scenario.return_days,
        slow_threshold_ms=scenario.slow_threshold_ms,
        revenue_cap=scenario.revenue_cap,
        covariate=scenario.covariate,
        slice_keys=scenario.slice_keys,
    )


def evaluate(
    evidence: Evidence | None,
    scenario: Scenario,
    record: Record = NOTHING_WRITTEN,
    *,
    as_of: datetime,
    flips: bool = True,
) -> document.Review:
    """The review of one evidence, scenario and record; without evidence it is a plan, marked assumed.

    `as_of` is the only clock: what people wrote expires against it. `flips` leaves out the lines that would
    change the decision, which cost more than the rest together.
    """
    first = evaluated(evidence, scenario, record, as_of=as_of)
    return first.with_flips() if flips else first.review


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """A review without the lines that would change the decision, and the way to look for them."""

    review: document.Review
    find_flips: Callable[[], tuple[document.Flip, ...]]

    def with_flips(self) -> document.Review:
        """The review with the lines that would change the decision."""
        decision = self.review.decision.model_copy(update={"flips": self.find_flips()})
        return self.review.model_copy(update={"decision": decision})


def evaluated(
    evidence: Evidence | None, scenario: Scenario, record: Record = NOTHING_WRITTEN, *, as_of: datetime
) -> Evaluated:
    """What `evaluate` gives, in two steps, for whoever shows the verdict before the lines."""
    with written_for(scenario.locale):
        if evidence is None:
            return Evaluated(review=_plan_only(scenario, record, as_of), find_flips=tuple)
        return _measured(evidence, scenario, record, as_of)


def _measured(evidence: Evidence, scenario: Scenario, record: Record, as_of: datetime) -> Evaluated:
    kpis, chosen = _kpis(evidence, scenario, planned_kpi(record, evidence))
    primary = next(kpi for kpi in kpis if kpi.primary)
    guardrails = measured_guardrails(evidence, scenario)
    slices = measured_slices(evidence, scenario, KPIS[primary.id])
    checks = tuple(
        document.Check(**asdict(check))
        for check in judge_integrity(
            evidence,
            KPIS[primary.id],
            candidate_share=scenario.candidate_share,
            alpha=scenario.alpha,
            planned_users=planned_users(scenario),
        )
    )
    measured = measured_money(evidence, scenario, primary)
    roi, waiting = money_parts(evidence, scenario, measured, kpi_id=primary.id)
    waivers = applied_waivers(record, guardrails, as_of)
    inputs = replace(
        _policy_inputs(
            evidence, scenario, primary=primary, guardrails=guardrails, slices=slices, checks=checks
        ),
        accepted_guardrails=frozenset(waiver.guardrail for waiver in waivers),
    )
    if measured.money is not None:
        inputs = with_money(inputs, measured.money)
    review = document.Review(
        made_at=moment_text(as_of),
        software=_software(),
        inputs=_inputs(evidence, scenario, primary.id),
        evaluations=beside_reports(evidence, kpis),
        experiment=_experiment(evidence, chosen),
        integrity=checks,
        kpis=kpis,
        guardrails=guardrails,
        slices=slices,
        slice_keys=measured_slice_keys(evidence),
        run_time=run_time(
            evidence,
            scenario,
            primary.id,
            measured.money.projection.break_even_lift if measured.money else None,
        ),
        roi=roi,
        waiting=waiting,
        decision=_decision(evidence, scenario, inputs),
        risks=risk_parts(
            evidence,
            scenario,
            checks=checks,
            guardrails=guardrails,
            primary=primary,
            record=record,
            as_of=as_of,
        ),
        plan=plan_part(
            evidence,
            scenario,
            checks=checks,
            primary=primary,
            record=record,
            as_of=as_of,
            pilot=pilot_from_logs(evidence, scenario, measured, primary.id),
        ),
        record=recorded(record, analysis_of(evidence, scenario, primary.id), applied=waivers, as_of=as_of),
    )
    find = partial(_flips, inputs, measured.belief, guardrails, scenario)
    return Evaluated(review=review, find_flips=find)


def _flips(
    inputs: policy.DecisionInputs,
    belief: LiftBelief | None,
    guardrails: tuple[document.Guardrail, ...],
    scenario: Scenario,
) -> tuple[document.Flip, ...]:
    with written_for(scenario.locale):
        found = margin_flips(inputs, guardrails, scenario) + threshold_flips(inputs, scenario)
        return found + (money_flips(inputs, belief, scenario) if belief is not None else ())


def _plan_only(scenario: Scenario, record: Record, as_of: datetime) -> document.Review:
    planned = plan_parts(scenario)
    return document.Review(
        made_at=moment_text(as_of),
        software=_software(),
        inputs=document.Inputs(files=(), scenario=scenario.dump(), changed=scenario.changed),
        experiment=None,
        integrity=(),
        kpis=(),
        guardrails=(),
        slices=(),
        roi=planned.roi,
        waiting=planned.waiting,
        decision=document.Decision(
            decision=None,
            primary_reason=None,
            reasons=(),
            preliminary=False,
            valid_from=None,
            incident=False,
            flips=(),
            rule=scenario.decision_rule,
            rule_label=policy.POLICY_LABELS[scenario.decision_rule],
        ),
        risks=risk_parts(None, scenario, checks=(), guardrails=(), primary=None, record=record, as_of=as_of),
        plan=plan_part(
            None, scenario, checks=(), primary=None, record=record, as_of=as_of, pilot=planned.pilot
        ),
        record=recorded(record, analysis_of(None, scenario, None), applied=(), as_of=as_of),
    )


def _kpis(
    evidence: Evidence, scenario: Scenario, planned: str | None
) -> tuple[tuple[document.Kpi, ...], tuple[str, ...]]:
    """Every KPI with the primary one marked and its path, and what was chosen for the user."""
    measured = measured_kpis(evidence, scenario)
    primary = scenario.kpi or planned
    note: tuple[str, ...] = ()
    if scenario.kpi is None and planned is not None:
        note = (f"kpi = {planned} (of the locked plan; not given)",)
    if primary is None:
        first = next((kpi for kpi in measured if kpi.status == "ok"), None)
        logged = next((kpi for kpi in measured if evidence.kpis[kpi.id].logged), measured[0])
        primary = (first or logged).id
        why = "the first that can be measured" if first else "none can be measured"
        note = (f"kpi = {primary} ({why}; not given)",)
    return tuple(
        with_path(kpi.model_copy(update={"primary": True}), evidence, scenario) if kpi.id == primary else kpi
        for kpi in measured
    ), note


def _policy_inputs(
    evidence: Evidence,
    scenario: Scenario,
    *,
    primary: document.Kpi,
    guardrails: tuple[document.Guardrail, ...],
    slices: tuple[document.Slice, ...],
    checks: tuple[document.Check, ...],
) -> policy.DecisionInputs:
    """What the policy reads, without the money."""
    lift = primary.relative_lift
    return policy.DecisionInputs(
        integrity_failures=tuple(check.id for check in checks if check.status == "fail"),
        guardrails={guardrail.id: guardrail.status for guardrail in guardrails},
        lift=primary.posterior.mean if primary.posterior else None,
        lift_low=lift.lower if lift else None,
        lift_high=lift.upper if lift else None,
        implausible=primary.implausible,
        days=evidence.days,
        smallest_arm=min(evidence.users.control, evidence.users.candidate),
        slice_harm=any(part.harm for part in slices),
        economics_set=scenario.economics_set(primary.id),
        expected_npv=None,
        p_npv_positive=None,
        break_even_lift=None,
        net_value_of_waiting=None,
        min_days=scenario.min_days,
        min_effect=scenario.min_effect,
        harm_threshold=scenario.harm_threshold,
        p_npv_required=scenario.p_npv_required,
    )


def _decision(evidence: Evidence, scenario: Scenario, inputs: policy.DecisionInputs) -> document.Decision:
    verdict = policy.decide(inputs, policy=scenario.decision_rule)
    early = evidence.days < scenario.min_days
    return document.Decision(
        decision=verdict.decision,
        primary_reason=verdict.primary_reason,
        reasons=verdict.reasons,
        preliminary=early,
        valid_from=_valid_from(evidence, scenario) if early else None,
        incident=verdict.incident,
        flips=(),
        rule=verdict.policy,
        rule_label=verdict.policy_label,
    )


def _valid_from(evidence: Evidence, scenario: Scenario) -> str | None:
    """The day on which the fewest days will lie behind the pilot's first request."""
    if evidence.start is None:
        return None
    return (evidence.start.date() + timedelta(days=scenario.min_days)).isoformat()


def _experiment(evidence: Evidence, chosen: tuple[str, ...]) -> document.Experiment:
    return document.Experiment(
        id=evidence.experiment,
        control=evidence.control,
        candidate=evidence.candidate,
        surface=evidence.surface,
        window=document.Window(
            start=None if evidence.start is None else moment_text(evidence.start),
            end=None if evidence.end is None else moment_text(evidence.end),
            days=evidence.days,
        ),
        users=document.Arms(control=evidence.users.control, candidate=evidence.users.candidate),
        requests=document.Arms(control=evidence.requests.control, candidate=evidence.requests.candidate),
        notes=(*evidence.notes, *chosen),
    )


def _inputs(evidence: Evidence, scenario: Scenario, kpi_id: str) -> document.Inputs:
    return document.Inputs(
        files=tuple(document.InputFile(**asdict(file)) for file in evidence.files),
        scenario=scenario.dump(kpi_id),
        changed=scenario.changed,
        rows_deleted=None if evidence.rows_deleted is None else moment_text(evidence.rows_deleted),
    )


def _software() -> document.Software:
    return document.Software(name="recsys-roi", version=__version__)
