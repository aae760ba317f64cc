"""A phase ends when the data and what people stated say so, and what is missing is told."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from recsys_roi.record.entries import Attestation
from recsys_roi.verdict.attesting import attested
from recsys_roi.verdict.phases import JOIN_CHECKS, Progress, credible, phase_by_calendar, pilot_phases

AS_OF = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass
class Check:
    id: str
    status: str
    detail: str


PASSED = tuple(Check(name, "pass", f"{name} is fine.") for name in ("schema", *JOIN_CHECKS))
DONE = Progress(checks=PASSED, kpi_measured=True, days=14, smallest_arm=1000, min_days=14)
KINDS = ("runbooks_exercised", "offline_comparison", "rollback_practised", "freshness_alert", "on_call_path")


def said(*kinds, expires=None):
    return attested(
        [
            Attestation(
                id=1, kind=kind, who="Ana", at=AS_OF - timedelta(days=9), note="", link="", expires=expires
            )
            for kind in kinds
        ],
        AS_OF,
    )


def met(phases):
    return {criterion.id: criterion.met for phase in phases for criterion in phase.criteria}


def test_before_the_logs_nothing_is_met():
    phases = pilot_phases(None, said())
    assert set(met(phases).values()) == {None}
    assert [phase.done for phase in phases] == [False] * 3
    assert [phase.weeks for phase in phases] == ["Week 1", "Weeks 2-3", "Weeks 4-6"]


def test_a_pilot_that_did_everything_is_done():
    phases = pilot_phases(DONE, said(*KINDS))
    assert [phase.done for phase in phases] == [True] * 3
    assert set(met(phases).values()) == {True}


@pytest.mark.parametrize("kind", KINDS)
def test_one_missing_statement_keeps_its_phase_open(kind):
    phases = pilot_phases(DONE, said(*(one for one in KINDS if one != kind)))
    assert [phase.done for phase in phases].count(False) == 1
    assert list(met(phases).values()).count(None) == 1


def test_an_expired_drill_is_not_met():
    stated = said(*KINDS) | {
        name: finding
        for name, finding in said("rollback_practised", expires=AS_OF - timedelta(days=1)).items()
        if name == "attested:rollback_practised"
    }
    phases = pilot_phases(DONE, stated)
    assert met(phases)["rollback_practised"] is False
    assert not phases[1].done


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        ({"days": 13}, "13 days of 14"),
        ({"smallest_arm": 999}, "999 users in the smaller arm of 1,000"),
        ({"kpi_measured": False}, "14 days of 14"),
        ({"checks": (*PASSED, Check("personal_data", "fail", "x"))}, "1 integrity check failed"),
    ],
)
def test_an_experiment_has_run_when_time_users_and_checks_say_so(change, evidence):
    phases = pilot_phases(replace(DONE, **change), said(*KINDS))
    assert met(phases)["experiment_run"] is False
    assert evidence in phases[2].criteria[-1].evidence


@pytest.mark.parametrize(("status", "expected"), [("fail", False), ("not_measurable", None), ("warn", True)])
def test_joins_are_sane_unless_a_check_fails_or_cannot_tell(status, expected):
    checks = tuple(replace(check, status=status) if check.id == "srm" else check for check in PASSED)
    found = {one.id: one for one in credible(pilot_phases(replace(DONE, checks=checks), said()))}
    assert found["joins_sane"].met is expected
    assert ("srm is fine." in found["joins_sane"].evidence) == (status != "warn")


def test_the_four_that_make_a_pilot_credible():
    found = credible(pilot_phases(DONE, said("rollback_practised")))
    assert [(one.id, one.met) for one in found] == [
        ("logs_validate", True),
        ("joins_sane", True),
        ("report_exists", True),
        ("rollback_practised", True),
    ]


def test_the_calendar_says_where_a_pilot_should_be():
    assert [phase_by_calendar(days).split(":")[0] for days in (0, 1, 7, 8, 21, 22)] == [
        *("Before the logs", "Week 1", "Week 1", "Weeks 2-3", "Weeks 2-3", "Weeks 4-6")
    ]
