"""The decision policy: the book's cases (S11), its rules, and what must hold for any input."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.verdict.decision import MIN_USERS, DecisionInputs, decide
from tests.fixtures import Case, section

CASES = section("S11")
SHIPS = DecisionInputs(
    integrity_failures=(),
    guardrails={"error_rate": "pass", "p95_latency": "pass", "empty_rate": "pass"},
    lift=0.03,
    lift_low=0.008,
    lift_high=0.052,
    implausible=False,
    days=15,
    smallest_arm=5000,
    slice_harm=False,
    economics_set=True,
    expected_npv=5000.0,
    p_npv_positive=0.95,
    break_even_lift=0.012,
    net_value_of_waiting=-100.0,
)


def inputs_of(one: Case) -> DecisionInputs:
    given_inputs = one.inputs
    low, high = given_inputs["lift_ci"]
    return DecisionInputs(
        integrity_failures=tuple(given_inputs["integrity_failures"]),
        guardrails=given_inputs["guardrails"],
        lift=given_inputs["lift_hat"],
        lift_low=low,
        lift_high=high,
        implausible=given_inputs["twyman"],
        days=given_inputs["days"],
        smallest_arm=None,
        slice_harm=given_inputs["slice_harm"],
        economics_set=True,
        expected_npv=given_inputs["expected_npv"],
        p_npv_positive=given_inputs["p_npv_positive"],
        break_even_lift=given_inputs["break_even_lift"],
        net_value_of_waiting=given_inputs["net_value_of_waiting"],
        min_days=given_inputs["min_days"],
        min_effect=given_inputs["min_effect"],
        harm_threshold=given_inputs["harm_threshold"],
        p_npv_required=given_inputs["p_npv_required"],
    )


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_policy_of_the_book(one):
    verdict = decide(inputs_of(one))
    assert verdict.decision == one.expected["decision"].lower()
    assert verdict.primary_reason == one.expected["primary_reason"]
    assert one.expected.keys() == {"decision", "primary_reason"}


def test_no_case_is_forgotten():
    assert len(CASES) == 15


def test_all_matching_reasons_are_listed_in_the_order_of_the_rules():
    worst = replace(
        SHIPS,
        integrity_failures=("srm",),
        guardrails={"error_rate": "breach", "p95_latency": "not_measurable", "empty_rate": "warn"},
        lift=-0.02,
        lift_low=-0.03,
        lift_high=-0.01,
        implausible=True,
        days=3,
        smallest_arm=200,
        slice_harm=True,
        expected_npv=-100.0,
        net_value_of_waiting=1.0,
    )
    assert decide(worst).reasons == (
        *(
            "integrity",
            "guardrail_breach",
            "kpi_regression",
            "implausible_lift",
            "too_early",
            "too_few_users",
        ),
        *("guardrail_not_measurable", "guardrail_unproven", "slice_harm", "waiting_pays", "below_break_even"),
    )


def test_a_wrong_join_does_not_hide_an_outage():
    broken = replace(SHIPS, integrity_failures=("outcome_join_rate",))
    assert not decide(broken).incident
    verdict = decide(replace(broken, guardrails={"error_rate": "breach"}))
    assert (verdict.decision, verdict.primary_reason, verdict.incident) == ("hold", "integrity", True)
    assert not decide(replace(SHIPS, guardrails={"error_rate": "breach"})).incident


@pytest.mark.parametrize(
    ("users", "days", "reasons"),
    [
        (MIN_USERS, 14, ("value_proven",)),
        (MIN_USERS - 1, 14, ("too_early", "too_few_users", "value_proven")),
        (MIN_USERS, 13, ("too_early", "value_proven")),
        (0, 0, ("too_early", "too_few_users", "value_proven")),
    ],
)
def test_too_early_by_days_or_by_users(users, days, reasons):
    verdict = decide(replace(SHIPS, smallest_arm=users, days=days))
    assert verdict.reasons == reasons
    assert verdict.decision == ("ship" if reasons[0] == "value_proven" else "hold")


def test_presets_decide_nothing_about_money():
    verdict = decide(replace(SHIPS, economics_set=False))
    assert (verdict.decision, verdict.reasons) == ("hold", ("economics_not_set",))
    below = replace(SHIPS, economics_set=False, lift=0.0, lift_low=-0.004, lift_high=0.004, expected_npv=-9.0)
    assert decide(below).reasons == ("economics_not_set",)
    waiting = replace(below, net_value_of_waiting=500.0)
    assert decide(waiting).reasons == ("economics_not_set",)
    harm = replace(SHIPS, economics_set=False, lift=-0.02, lift_low=-0.03, lift_high=-0.01)
    assert decide(harm).decision == "roll_back"


@pytest.mark.parametrize("gone", ["lift", "lift_low", "lift_high"])
def test_a_kpi_that_cannot_be_measured_holds(gone):
    verdict = decide(replace(SHIPS, **{gone: None}))
    assert (verdict.decision, verdict.reasons) == ("hold", ("kpi_not_measurable",))
    breach = decide(replace(SHIPS, **{gone: None}, guardrails={"error_rate": "breach"}))
    assert (breach.decision, breach.reasons) == ("roll_back", ("guardrail_breach", "kpi_not_measurable"))


def test_figures_that_were_not_computed_match_no_rule():
    unknown = replace(
        SHIPS, lift=0.0, lift_low=-0.01, lift_high=0.01, net_value_of_waiting=None, expected_npv=-1.0
    )
    assert decide(unknown).reasons == ("below_break_even",)
    assert decide(replace(unknown, break_even_lift=None)).reasons == ("inconclusive_stop",)
    assert decide(replace(SHIPS, p_npv_positive=None)).reasons == ("economics_unproven",)


def test_a_guardrail_accepted_in_writing_counts_as_passed_but_a_breach_does_not():
    unproven = replace(SHIPS, guardrails={"error_rate": "warn", "empty_rate": "pass"})
    assert decide(unproven).primary_reason == "guardrail_unproven"
    accepted = frozenset({"error_rate"})
    assert decide(replace(unproven, accepted_guardrails=accepted)).decision == "ship"
    breach = replace(SHIPS, guardrails={"error_rate": "breach"}, accepted_guardrails=accepted)
    assert decide(breach).decision == "roll_back"
    blind = replace(SHIPS, guardrails={"error_rate": "not_measurable"}, accepted_guardrails=accepted)
    assert decide(blind).primary_reason == "guardrail_not_measurable"


def test_thresholds_include_their_own_value():
    edge = replace(SHIPS, lift=0.01, p_npv_positive=0.9)
    assert decide(edge).decision == "ship"
    assert decide(replace(edge, lift=0.00999)).primary_reason == "economics_unproven"
    assert decide(replace(edge, lift_low=0.0)).primary_reason == "inconclusive_stop"
    loss = replace(SHIPS, lift=-0.01, lift_low=-0.02, lift_high=-0.0001)
    assert decide(loss).primary_reason == "kpi_regression"
    assert decide(replace(loss, lift_high=0.0)).primary_reason != "kpi_regression"


def test_a_pilot_that_only_earns_is_no_reason_to_wait():
    earning = replace(SHIPS, lift=0.001, lift_low=-0.004, lift_high=0.006, expected_npv=-2500.0)
    earning = replace(earning, net_value_of_waiting=500.0)
    assert decide(earning).primary_reason == "waiting_pays"
    nothing_learnt = replace(earning, waiting_teaches=False)
    assert decide(nothing_learnt).reasons == ("below_break_even",)
    assert decide(replace(nothing_learnt, lift_high=0.02)).reasons == ("inconclusive_stop",)
    gain = replace(nothing_learnt, expected_npv=100.0, lift_high=0.02)
    assert decide(gain, policy="expected_value").decision == "ship"


def test_expected_value_rule_is_a_labelled_alternative():
    unsure = replace(SHIPS, lift_low=-0.01, p_npv_positive=0.6)
    assert decide(unsure).decision == "hold"
    verdict = decide(unsure, policy="expected_value")
    assert (verdict.decision, verdict.primary_reason) == ("ship", "expected_value")
    assert verdict.policy_label == "expected value rule"
    for problem in (
        {"guardrails": {"error_rate": "warn"}},
        {"net_value_of_waiting": 1.0},
        {"net_value_of_waiting": None},
        {"expected_npv": 0.0},
        {"economics_set": False},
        {"days": 1},
        {"integrity_failures": ("srm",)},
    ):
        assert decide(replace(unsure, **problem), policy="expected_value").decision != "ship"


def any_inputs() -> st.SearchStrategy[DecisionInputs]:
    maybe = st.none() | st.floats(-0.1, 0.1)
    return st.builds(
        DecisionInputs,
        integrity_failures=st.sampled_from([(), ("srm",)]),
        guardrails=st.dictionaries(
            st.sampled_from(["error_rate", "empty_rate"]),
            st.sampled_from(["pass", "warn", "breach", "not_measurable"]),
        ),
        lift=maybe,
        lift_low=maybe,
        lift_high=maybe,
        implausible=st.booleans(),
        days=st.integers(0, 30),
        smallest_arm=st.none() | st.integers(0, 3000),
        slice_harm=st.booleans(),
        economics_set=st.booleans(),
        expected_npv=st.none() | st.floats(-1e4, 1e4),
        p_npv_positive=st.none() | st.floats(0, 1),
        break_even_lift=maybe,
        net_value_of_waiting=st.none() | st.floats(-1e3, 1e3),
    )


@given(any_inputs())
def test_it_ships_only_when_everything_speaks_for_it(inputs):
    verdict = decide(inputs)
    if verdict.decision == "ship":
        assert verdict.reasons[0] == "value_proven"
        assert not inputs.integrity_failures
        assert set(inputs.guardrails.values()) <= {"pass"}
        assert inputs.economics_set
        assert inputs.lift_low is not None
        assert inputs.lift_low > 0
        assert inputs.days >= inputs.min_days
    assert len(set(verdict.reasons)) == len(verdict.reasons) >= 1


@given(any_inputs())
def test_more_trouble_never_turns_a_verdict_into_ship(inputs):
    if decide(inputs).decision != "ship":
        for trouble in (
            {"integrity_failures": ("srm",)},
            {"implausible": True},
            {"slice_harm": True},
            {"days": 0},
        ):
            assert decide(replace(inputs, **trouble)).decision != "ship"
