"""Integrity checks: every gate at its limit, and the sentences that carry its figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recsys_roi.evidence.facts import Attribution, PersonalDataFinding, Unjoined
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.evidence.view import CovariateEvidence, Evidence, Pair
from recsys_roi.numerals import written_for
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.check import percent, percent_of
from recsys_roi.verdict.integrity import ORDER, judge_integrity
from tests.review.small_pilot import evidence, spread


@pytest.fixture(scope="module")
def counted(tmp_path_factory) -> Evidence:
    visitors = [*spread("control", 500, 100), *spread("candidate", 500, 120)]
    return evidence(tmp_path_factory.mktemp("pilot"), visitors, Scenario.of({"kpi": "ctr"}))


def judged(counted, kpi="ctr", share=0.5):
    checks = judge_integrity(counted, KPIS[kpi], candidate_share=share, alpha=0.05, planned_users=5000)
    assert tuple(check.id for check in checks) == ORDER
    return {check.id: check for check in checks}


def with_facts(counted, **changed):
    return replace(counted, facts=replace(counted.facts, **changed))


def with_joins(counted, **changed):
    return with_facts(counted, joins=replace(counted.facts.joins, **changed))


def test_a_clean_pilot_passes_what_can_be_measured(counted):
    found = judged(counted)
    assert {name for name, check in found.items() if check.status == "fail"} == set()
    assert found["covariate_balance"].status == "not_measurable"
    for check in found.values():
        assert check.fix == "" or check.status != "pass"


@pytest.mark.parametrize(("joined", "status"), [(950, "pass"), (949, "fail"), (1000, "pass"), (0, "fail")])
def test_the_join_gate_is_at_95_percent(counted, joined, status):
    found = judged(with_joins(counted, outcomes=1000, outcome_lines=1000, outcomes_joined=joined))
    assert (found["outcome_join_rate"].status, found["outcome_join_rate"].value) == (status, joined / 1000)


def test_no_outcomes_are_no_join_rate(counted):
    found = judged(with_joins(counted, outcomes=0, outcome_lines=0, outcomes_joined=0))["outcome_join_rate"]
    assert (found.status, found.value) == ("not_measurable", None)


def test_unjoined_outcomes_bound_the_lift_both_ways(counted):
    unjoined = (Unjoined(event_type="click", events=30, requests=25, users=20, value=0.0),)
    detail = judged(with_facts(counted, unjoined=unjoined))["outcome_join_rate"].detail
    sums = counted.kpis["ctr"].sums
    low = sums.candidate.ratio / ((sums.control.sy + 25) / sums.control.sx) - 1
    high = (sums.candidate.sy + 25) / sums.candidate.sx / sums.control.ratio - 1
    assert f"between {low * 100:.1f} % and {high * 100:.1f} %" in detail
    other = (Unjoined(event_type="conversion", events=30, requests=25, users=20, value=0.0),)
    assert "between" not in judged(with_facts(counted, unjoined=other))["outcome_join_rate"].detail


@pytest.mark.parametrize(("repeated", "status"), [(0, "pass"), (1, "warn"), (10, "warn"), (11, "fail")])
def test_any_repeat_warns_and_a_thousandth_fails(counted, repeated, status):
    found = judged(with_joins(counted, exposure_lines=10_000, exposures=10_000 - repeated))
    assert (found["duplicate_requests"].status, found["duplicate_requests"].value) == (status, repeated)


@pytest.mark.parametrize(("both", "status"), [(4, "pass"), (5, "warn"), (9, "warn"), (10, "fail")])
def test_two_arm_users_warn_at_half_a_percent_and_fail_at_one(counted, both, status):
    control, candidate = counted.facts.arms
    arms = (
        replace(control, users=500, two_arm_users=both),
        replace(candidate, users=500 - both, two_arm_users=0),
    )
    assert judged(with_facts(counted, arms=arms))["two_arm_users"].status == status


def with_users(counted, control_days, candidate_days):
    """The assigned users of both arms by the end of each day."""
    by_name = {"control": control_days, "candidate": candidate_days}
    arms = tuple(
        replace(arm, users=by_name[arm.variant][-1], users_by_day=tuple(by_name[arm.variant]))
        for arm in counted.facts.arms
    )
    return with_facts(counted, arms=arms)


def test_the_split_is_judged_by_chi_square_with_the_sequential_test_beside_it(counted):
    even = judged(with_users(counted, [5050], [4950]))["srm"]
    assert even.status == "pass"
    assert even.value == pytest.approx(0.31731050786291115)  # scipy.stats.chisquare
    uneven = judged(with_users(counted, [50_500], [49_500]))["srm"]
    assert uneven.value == pytest.approx(0.001565402258)  # numbers book 4
    assert "(sequential test): 0.21, not suspicious" in uneven.detail
    failed = judged(with_users(counted, [51_000], [49_000]))["srm"]
    assert failed.status == "fail"
    assert "suspicious (below 0.01 would be)" in failed.detail


def test_the_sequential_test_remembers_its_worst_day(counted):
    found = judged(with_users(counted, [600, 1000], [400, 1000]))["srm"]
    assert found.status == "pass"
    assert ", suspicious (below" in found.detail


def test_the_planned_split_is_the_plans_not_the_counts(counted):
    users = with_users(counted, [9020], [1010])
    assert judged(users, share=0.1)["srm"].value == pytest.approx(0.815773737770)  # numbers book 4
    assert judged(users, share=0.5)["srm"].status == "fail"


def test_an_arm_of_one_user_is_one_user(counted):
    assert judged(with_users(counted, [1], [200]))["srm"].detail.startswith("1 user in control and 200 in")


@pytest.mark.parametrize(("early", "late", "status"), [(1, 5, "pass"), (2, 0, "warn"), (0, 6, "warn")])
def test_outcomes_out_of_time_warn(counted, early, late, status):
    attribution = Attribution(within=100 - early - late, early=early, late=late)
    found = judged(with_facts(counted, attribution=attribution))["late_outcomes"]
    assert (found.status, found.value) == (status, early + late)


def test_personal_data_fails_and_a_name_alone_warns(counted):
    finding = PersonalDataFinding(field="user_id", pattern="e-mail", values=2, example="j***@e***")
    assert judged(with_facts(counted, personal_data=(finding,)))["personal_data"].status == "fail"
    name = replace(finding, pattern="full name")
    assert judged(with_facts(counted, personal_data=(name,)))["personal_data"].status == "warn"


def test_a_sample_that_was_looked_at_for_personal_data_says_its_size(counted):
    sampled = {"personal_data_values": 1_000_412, "personal_data_held": 4_812_345}
    said = "a sample of 1,000,412 of 4,812,345 distinct values looked at"
    assert said in judged(with_facts(counted, **sampled))["personal_data"].detail
    finding = PersonalDataFinding(field="user_id", pattern="e-mail", values=2, example="j***@e***")
    detail = judged(with_facts(counted, personal_data=(finding,), **sampled))["personal_data"].detail
    assert said in detail.replace("A sample", "a sample")
    assert "sample" not in judged(counted)["personal_data"].detail


def test_a_history_that_depends_on_the_arm_fails(counted):
    def known(control, candidate):
        covariate = CovariateEvidence(name="visits", known=Pair(control=control, candidate=candidate))
        return judged(replace(counted, covariate=covariate))["covariate_balance"]

    assert known(250, 260).status == "pass"
    assert known(250, 350).status == "fail"
    assert "covariate=none" in known(250, 350).fix


def test_a_moved_denominator_warns(counted):
    pair = counted.requests_per_user
    more = replace(pair.candidate, sy=pair.candidate.sy * 1.5, syy=pair.candidate.syy * 2.25)
    moved = replace(counted, requests_per_user=Pair(control=pair.control, candidate=more))
    assert judged(counted)["denominator_shift"].status == "pass"
    assert judged(moved)["denominator_shift"].status == "warn"


def test_a_ratio_of_starts_is_judged_by_its_own_denominator_too(counted):
    found = judged(counted, "completion_rate")["denominator_shift"].detail
    assert found.startswith("Requests a user:")
    assert "Starts a user cannot be compared" in found


def test_rejected_lines_warn_and_over_a_hundredth_fail(counted):
    def rejected(count):
        first, *others = counted.files
        lines = replace(first, lines=1000, accepted=1000 - count, rejected=count)
        clean = tuple(replace(file, lines=0, accepted=0, rejected=0) for file in others)
        return judged(replace(counted, files=(lines, *clean)))["schema"].status

    assert [rejected(count) for count in (0, 1, 10, 11)] == ["pass", "warn", "warn", "fail"]


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "none"),
        (0, 10, "0.00 %"),
        (1, 1_000_000, "under 0.01 %"),
        (999_999, 1_000_000, "over 99.99 %"),
        (10, 10, "100.00 %"),
        (1, 3, "33.33 %"),
    ],
)
def test_a_few_of_many_never_read_as_none_or_all(part, whole, said):
    assert percent_of(part, whole) == said


def test_a_few_of_many_never_read_as_none_or_all_in_another_locale():
    with written_for("de"):
        assert percent_of(1, 1_000_000) == "under 0,01 %"
        assert percent_of(999_999, 1_000_000) == "over 99,99 %"


def test_percent_digits():
    assert percent(0.05, 0) == "5 %"


def test_the_wide_gaps_of_a_sparse_arm_do_not_hide_the_silence_of_a_dense_one(counted):
    hour = 3_600_000_000
    gaps = {"control": (55, 100_000), "candidate": (60, 10)}  # hours, requests in two weeks
    silences = tuple(
        replace(
            heard,
            first_us=0,
            last_us=14 * 24 * hour,
            longest_gap_us=gaps[heard.variant][0] * hour,
            requests=gaps[heard.variant][1],
        )
        for heard in counted.facts.silences
    )
    found = judged(with_facts(counted, silences=silences))["freshness"]
    assert (found.status, found.value) == ("fail", 55)
    assert "control on its surface is silent for 55.0 hours" in found.detail


def test_without_users_nobody_can_be_in_two_arms(counted):
    arms = tuple(replace(arm, users=0, two_arm_users=0) for arm in counted.facts.arms)
    found = judged(with_facts(counted, arms=arms))["two_arm_users"]
    assert (found.status, found.value) == ("not_measurable", None)
