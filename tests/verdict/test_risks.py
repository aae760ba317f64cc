"""The register is whole, and a risk stands as badly as the worst of its sources says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.evidence.facts import Span
from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.record.entries import Attestation
from recsys_roi.verdict.attesting import STATEMENTS, agreed_days, attested, expiry
from recsys_roi.verdict.findings import Finding, GuardrailReading, of_guardrails, of_lift
from recsys_roi.verdict.form_checks import (
    artifact_findings,
    key_findings,
    retention_findings,
    schema_findings,
)
from recsys_roi.verdict.known_risks import KNOWN_RISKS
from recsys_roi.verdict.publish_checks import publish_findings
from recsys_roi.verdict.risk_entry import FAMILIES
from recsys_roi.verdict.risks import find_risks
from recsys_roi.verdict.traffic_checks import traffic_findings
from tests.verdict.drifts import MARGINS, drift

CHECKS = {
    *("schema", "outcome_join_rate", "assignment_join_rate", "duplicate_requests", "two_arm_users", "srm"),
    *("late_outcomes", "freshness", "personal_data", "covariate_balance", "denominator_shift"),
}
PAGES = {"Summary", "Logs", "Lift", "Guardrails", "ROI", "Risks", "Plan"}
AS_OF = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def named(prefix):
    return {
        name.removeprefix(f"{prefix}:")
        for risk in KNOWN_RISKS
        for name in risk.sources
        if name.startswith(f"{prefix}:")
    }


def test_every_check_guardrail_and_statement_belongs_to_a_risk_or_to_the_end_of_a_phase():
    assert named("integrity") == CHECKS  # exposure_join_rate is reported, never judged (numbers book 4.2)
    assert named("guardrail") == set(GUARDRAILS)
    assert named("attested") | {"runbooks_exercised", "offline_comparison"} == set(STATEMENTS)
    assert named("kpi") == {"implausible"}
    assert {f"drift:{name}" for name in named("drift")} == DRIFT_FINDINGS


DRIFT_FINDINGS = {
    *publish_findings(drift(), MARGINS),
    *traffic_findings(drift(), ()),
    *schema_findings(drift()),
    *key_findings((), ()),
    *artifact_findings((), (), None),
    *retention_findings([Span(kind="exposure.v1", first_us=1, last_us=1)], 1, AS_OF),
}


def test_every_risk_is_told_in_full():
    ids = [risk.id for risk in KNOWN_RISKS]
    assert len(ids) == len(set(ids)) >= 20
    assert {risk.family for risk in KNOWN_RISKS} == set(FAMILIES)
    for risk in KNOWN_RISKS:
        assert risk.page in PAGES
        assert risk.document.endswith(".md")
        assert risk.sources
        assert risk.role
        for text in (risk.title, risk.mitigation, risk.cue.sign, risk.cue.to, risk.cue.when):
            assert text.strip() == text != ""
        assert risk.mitigation.endswith(".")


def statuses(findings, *, logs=True):
    return {found.risk.id: (found.status, found.evidence) for found in find_risks(findings, logs=logs)}


def test_without_logs_nothing_can_be_told():
    found = statuses({}, logs=False)
    assert set(found.values()) == {("cannot_tell", "No logs yet.")}


def test_the_worst_comes_first():
    findings = {
        "integrity:personal_data": Finding(status="act", evidence="a"),
        "integrity:schema": Finding(status="watch", evidence="b"),
        "integrity:outcome_join_rate": Finding(status="ok", evidence="c"),
    }
    order = [found.risk.id for found in find_risks(findings, logs=True)]
    assert order[:2] == ["personal_data_in_logs", "log_lines_rejected"]
    assert order[-1] == "outcomes_do_not_join"


@pytest.mark.parametrize(
    ("p95", "p99", "expected"),
    [
        ("ok", "act", ("act", "P99.")),
        ("watch", "ok", ("watch", "P95.")),
        ("ok", "ok", ("ok", "P95. P99.")),
        ("cannot_tell", "ok", ("ok", "P99.")),
        ("cannot_tell", "cannot_tell", ("cannot_tell", "P95. P99.")),
    ],
)
def test_of_several_guardrails_the_worst_that_can_be_read_counts(p95, p99, expected):
    findings = {
        "guardrail:p95_latency": Finding(status=p95, evidence="P95."),
        "guardrail:p99_latency": Finding(status=p99, evidence="P99."),
    }
    assert statuses(findings)["slow_responses"] == expected


def test_a_guardrail_that_nobody_chose_is_not_watched():
    assert statuses({})["failing_requests"] == (
        "cannot_tell",
        "Not watched: none of error rate is among the chosen guardrails.",
    )


def attestation(kind, at, expires=None, who="Ana", note=""):
    return Attestation(id=1, kind=kind, who=who, at=at, note=note, link="", expires=expires)


def test_one_missing_statement_of_two_keeps_the_risk_open():
    half = attested([attestation("reversible_rollout", AS_OF - DAY)], AS_OF)
    status, evidence = statuses(half)["nobody_switches_it_off"]
    assert status == "cannot_tell"
    assert evidence == "Nobody has stated yet that it is known who is on call and who decides."
    both = attested(
        [attestation("reversible_rollout", AS_OF - DAY), attestation("on_call_path", AS_OF - DAY)], AS_OF
    )
    assert statuses(both)["nobody_switches_it_off"][0] == "ok"


def test_a_drill_counts_for_ninety_days():
    drill, done_on = STATEMENTS["rollback_practised"], date(2026, 8, 26)
    expires = expiry(drill, done_on)
    assert expires == datetime(2026, 11, 24, tzinfo=UTC)
    made = replace(
        attestation("rollback_practised", expires - 88 * DAY, expires, note="By Ben."),
        done_on=done_on,
        amount=12.0,
    )
    just_before = attested([made], expires - timedelta(seconds=1))["attested:rollback_practised"]
    assert just_before == Finding(
        status="ok",
        evidence="Ana stated on 28 Aug 2026 that a rollback was practised on the live service "
        "(done on 26 Aug 2026, 12 minutes): By Ben. It holds until 24 Nov 2026.",
    )
    assert attested([made], expires)["attested:rollback_practised"].status == "watch"
    later = attested([made], expires + 3 * DAY)["attested:rollback_practised"]
    assert later.status == "watch"
    assert later.evidence.endswith("That expired 3 days ago; it must be stated again.")
    assert statuses({"attested:rollback_practised": later})["rollback_untested"][0] == "watch"


def test_a_fresh_drill_counts_although_an_older_one_expired():
    old = attestation("rollback_practised", AS_OF - 200 * DAY, AS_OF - 110 * DAY)
    new = attestation("rollback_practised", AS_OF - DAY, AS_OF + 89 * DAY, who="Ben")
    for order in ([old, new], [new, old]):
        found = attested(order, AS_OF)["attested:rollback_practised"]
        assert found.status == "ok"
        assert found.evidence.startswith("Ben stated")


@given(
    st.lists(
        st.tuples(st.integers(-400, 400), st.one_of(st.none(), st.integers(1, 400))), min_size=0, max_size=4
    )
)
def test_a_statement_holds_exactly_when_one_of_its_makings_does(made):
    entries = [
        attestation("logging_owner", AS_OF + at * DAY, None if days is None else AS_OF + (at + days) * DAY)
        for at, days in made
    ]
    found = attested(entries, AS_OF)["attested:logging_owner"]
    holds = any(at <= 0 and (days is None or at + days > 0) for at, days in made)
    ended = any(at <= 0 for at, _ in made)
    assert found.status == ("ok" if holds else "watch" if ended else "cannot_tell")


def test_the_days_that_logs_may_be_kept_are_those_stated_last():
    def kept(number, at, days, expires=None):
        return replace(attestation("retention_policy", at, expires), id=number, amount=days)

    first, second = kept(1, AS_OF - 9 * DAY, 90.0), kept(2, AS_OF - 2 * DAY, 30.0)
    assert agreed_days([first, second], AS_OF) == agreed_days([second, first], AS_OF) == 30.0
    assert agreed_days([first, kept(3, AS_OF - DAY, 7.0, AS_OF)], AS_OF) == 90.0
    assert agreed_days([kept(4, AS_OF - DAY, None), attestation("aa_run", AS_OF - DAY)], AS_OF) is None


def test_a_guardrail_tells_its_harm_in_its_own_unit():
    slow = GuardrailReading(
        id="p95_latency", status="warn", harm=0.031, upper=0.142, margin=0.1, relative=True
    )
    failing = GuardrailReading(
        id="error_rate", status="breach", harm=0.0041, upper=None, margin=0.002, relative=False
    )
    unknown = GuardrailReading(
        id="empty_rate", status="not_measurable", harm=None, upper=None, margin=0.005, relative=False
    )
    found = of_guardrails([slow, failing, unknown])
    assert found["guardrail:p95_latency"] == Finding(
        status="watch", evidence="Harm in the p95 latency: +3.1 %, could be +14.2 %; limit +10.0 %."
    )
    assert found["guardrail:error_rate"] == Finding(
        status="act", evidence="Harm in the error rate: +0.410 points, no bound yet; limit +0.200 points."
    )
    assert found["guardrail:empty_rate"].status == "cannot_tell"


def test_a_lift_without_a_chance_cannot_be_judged():
    assert of_lift(None, implausible=False)["kpi:implausible"].status == "cannot_tell"
    alarm = of_lift(0.0004, implausible=True)["kpi:implausible"]
    assert (alarm.status, "under 0.001" in alarm.evidence) == ("act", True)
