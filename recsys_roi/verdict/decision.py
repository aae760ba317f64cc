"""The decision policy: ordered rules, the first match decides, all matches are listed (numbers book 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Decision = Literal["ship", "hold", "roll_back"]
GuardrailStatus = Literal["pass", "warn", "breach", "not_measurable"]
Policy = Literal["value_proven", "expected_value"]
Reason = Literal[
    "integrity",
    "guardrail_breach",
    "kpi_regression",
    "implausible_lift",
    "too_early",
    "too_few_users",
    "guardrail_not_measurable",
    "guardrail_unproven",
    "slice_harm",
    "kpi_not_measurable",
    "economics_not_set",
    "value_proven",
    "expected_value",
    "waiting_pays",
    "economics_unproven",
    "below_break_even",
    "inconclusive_stop",
]

MIN_USERS = 1000  # an arm, before a KPI decides (numbers book 0.3)
POLICY_LABELS: dict[Policy, str] = {
    "value_proven": "value must be proven",
    "expected_value": "expected value rule",
}
_OUTCOMES: dict[Reason, Decision] = {
    "guardrail_breach": "roll_back",
    "kpi_regression": "roll_back",
    "value_proven": "ship",
    "expected_value": "ship",
    "below_break_even": "roll_back",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionInputs:
    """What the policy reads; None is not measurable or not computed, and matches no rule that needs it."""

    integrity_failures: tuple[str, ...]  # ids of failed checks
    guardrails: Mapping[str, GuardrailStatus]  # the chosen ones
    lift: float | None  # posterior mean of the relative lift
    lift_low: float | None  # always-valid Fieller interval of the relative lift
    lift_high: float | None
    implausible: bool  # Twyman flag
    days: int
    smallest_arm: int | None  # users; None is not judged
    slice_harm: bool
    economics_set: bool  # traffic, value and costs were entered or confirmed by a person (numbers book 11)
    expected_npv: float | None  # forward-looking, in the scenario's currency
    p_npv_positive: float | None
    break_even_lift: float | None
    net_value_of_waiting: float | None  # best of the waits offered
    waiting_teaches: bool = True  # some wait pays by what is learnt, not only by what the pilot earns
    min_days: int = 14
    min_users: int = MIN_USERS
    min_effect: float = 0.01  # relative lift
    harm_threshold: float = 0.01  # relative loss
    p_npv_required: float = 0.9
    accepted_guardrails: frozenset[str] = frozenset()  # unproven ones that their owner accepted in writing


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The decision with every reason that holds, in the order of the rules; the first one decided."""

    decision: Decision
    reasons: tuple[Reason, ...]
    incident: bool  # integrity failed beside an apparent breach: consider switching off now
    policy: Policy

    @property
    def primary_reason(self) -> Reason:
        """The reason that decided."""
        return self.reasons[0]

    @property
    def policy_label(self) -> str:
        """The policy's name for people."""
        return POLICY_LABELS[self.policy]


def decide(inputs: DecisionInputs, *, policy: Policy = "value_proven") -> Verdict:
    """The verdict by the ordered rules of numbers book 11.

    With the policy "expected_value" (risk-neutral) a positive expected NPV ships where waiting does not pay,
    whatever its significance; the rules on trust and safety stay before it.
    """
    matching = (*_trust_and_safety(inputs), *_unreadable(inputs), *_economics(inputs, policy))
    reasons: tuple[Reason, ...] = matching or ("inconclusive_stop",)
    return Verdict(
        decision=_OUTCOMES.get(reasons[0], "hold"),
        reasons=reasons,
        incident=bool(inputs.integrity_failures) and "guardrail_breach" in reasons,
        policy=policy,
    )


def rests_on_money(inputs: DecisionInputs) -> bool:
    """Whether no rule before those on money matches, so that a price or a cost could change the decision."""
    return not (_trust_and_safety(inputs) or _unreadable(inputs))


def _trust_and_safety(inputs: DecisionInputs) -> tuple[Reason, ...]:
    """Rules 1 to 8."""
    statuses = _statuses(inputs)
    too_few = inputs.smallest_arm is not None and inputs.smallest_arm < inputs.min_users
    rules: dict[Reason, bool] = {
        "integrity": bool(inputs.integrity_failures),
        "guardrail_breach": "breach" in statuses,
        "kpi_regression": (
            inputs.lift is not None
            and inputs.lift_high is not None
            and inputs.lift <= -inputs.harm_threshold
            and inputs.lift_high < 0
        ),
        "implausible_lift": inputs.implausible,
        "too_early": inputs.days < inputs.min_days or too_few,
        "too_few_users": too_few,
        "guardrail_not_measurable": "not_measurable" in statuses,
        "guardrail_unproven": "warn" in statuses,
        "slice_harm": inputs.slice_harm,
    }
    return _matching(rules)


def _statuses(inputs: DecisionInputs) -> set[GuardrailStatus]:
    return {
        "pass" if status == "warn" and name in inputs.accepted_guardrails else status
        for name, status in inputs.guardrails.items()
    }


def _measurable(inputs: DecisionInputs) -> bool:
    return None not in {inputs.lift, inputs.lift_low, inputs.lift_high}


def _unreadable(inputs: DecisionInputs) -> tuple[Reason, ...]:
    """Why rules 9 to 12 cannot be asked: no lift, or economics that nobody entered (numbers book 11)."""
    return _matching(
        {"kpi_not_measurable": not _measurable(inputs), "economics_not_set": not inputs.economics_set}
    )


def _economics(inputs: DecisionInputs, policy: Policy) -> tuple[Reason, ...]:
    """Rules 9 to 12."""
    lift, low, high, npv = inputs.lift, inputs.lift_low, inputs.lift_high, inputs.expected_npv
    if lift is None or low is None or high is None or npv is None or not inputs.economics_set:
        return ()
    waiting, needed = inputs.net_value_of_waiting, inputs.break_even_lift
    waits = waiting is not None and waiting > 0 and inputs.waiting_teaches
    proven = (
        low > 0
        and lift >= inputs.min_effect
        and inputs.p_npv_positive is not None
        and inputs.p_npv_positive >= inputs.p_npv_required
    )
    ships = proven if policy == "value_proven" else npv > 0 and waiting is not None and not waits
    rules: dict[Reason, bool] = {
        policy: ships,
        "waiting_pays": waits,
        "economics_unproven": low > 0 and npv > 0 and not ships,
        "below_break_even": npv <= 0 and needed is not None and high < needed,
    }
    return _matching(rules)


def _matching(rules: Mapping[Reason, bool]) -> tuple[Reason, ...]:
    return tuple(reason for reason, holds in rules.items() if holds)
