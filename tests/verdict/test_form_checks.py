"""Rejects by day, names that come or go, artifacts that go stale, logs that are kept too long."""

from datetime import UTC, datetime, timedelta

import pytest

from recsys_roi.evidence.drift_facts import Artifact, NameDays, NewName, RejectDay
from recsys_roi.evidence.facts import Span
from recsys_roi.verdict.form_checks import (
    artifact_findings,
    key_findings,
    retention_findings,
    schema_findings,
)
from tests.verdict.drifts import FIRST_DAY, REQUESTS, drift

HOUR = timedelta(hours=1)
NEWEST = datetime(2026, 10, 18, 22, tzinfo=UTC)


def schema(**more):
    return schema_findings(drift(**more))["drift:schema"]


def rejects(*counts):
    return tuple(
        RejectDay(kind="exposure.v1", day=FIRST_DAY + day, accepted=accepted, rejected=rejected)
        for day, (accepted, rejected) in enumerate(counts)
    )


def test_logs_that_keep_their_form_are_fine():
    assert (schema().status, schema().evidence) == ("ok", "No name is new or gone.")


def test_the_worst_day_is_told_with_its_share():
    found = schema(reject_days=rejects((1000, 0), (880, 120), (999, 1)))
    assert found.status == "act"
    assert "6 Oct 2026: 12.0 % of exposure.v1 lines" in found.evidence


def test_a_few_rejected_lines_are_watched():
    assert schema(reject_days=rejects((1000, 0), (995, 5))).status == "watch"


def test_a_tiny_day_is_no_worst_day():
    assert schema(reject_days=rejects((2, 3))).status == "ok"


def test_new_names_in_rejected_lines_are_told_with_their_counts():
    found = schema(
        new_names=(
            NewName(kind="key", name="host", lines=2324),
            NewName(kind="event type", name="x" * 99, lines=7),
        )
    )
    assert found.status == "watch"
    assert found.evidence == f"New names in rejected lines: key host (2,324), event type {'x' * 39}… (7)."


def name(lines, first, last, kind="event type"):
    return NameDays(
        kind=kind, name="click", lines=lines, first_day=FIRST_DAY + first, last_day=FIRST_DAY + last
    )


def test_an_event_that_stops_calls_for_somebody():
    found = schema(names=(name(2000, 0, 6),))
    assert found.status == "act"
    expected = 2000 * sum(REQUESTS[7:]) / sum(REQUESTS[:7])
    assert f"last seen on 11 Oct 2026; about {expected:,.0f} were expected since" in found.evidence


def test_a_name_that_comes_late_is_watched():
    found = schema(names=(name(2000, 7, 13, "context key"),))
    assert found.status == "watch"
    assert found.evidence == "The context key click comes first on 12 Oct 2026."


@pytest.mark.parametrize(
    "seen",
    [
        name(8, 4, 9),  # so rare that a silence is chance
        name(2000, 1, 12),  # a day without is no silence
        name(2000, 0, 20),  # outcomes come after the last exposure
    ],
)
def test_a_name_that_is_rare_or_nearly_always_there_neither_comes_nor_goes(seen):
    assert schema(names=(seen,)).status == "ok"


def keys(*names, declared=()):
    found = [
        NameDays(kind="context key", name=one, lines=9, first_day=FIRST_DAY, last_day=FIRST_DAY)
        for one in names
    ]
    return key_findings(found, declared)["drift:context_keys"]


def test_keys_of_the_contract_and_declared_ones_are_known():
    assert keys("tenant_id", "surface", "algo_version").status == "ok"
    assert keys("surface", "shelf", declared=("shelf",)).status == "ok"
    found = keys("surface", "shelf")
    assert found.status == "watch"
    assert found.evidence == "1 context key that nobody declared: shelf (9 lines)."


def artifacts(*hours_before, interval=None, surface="home"):
    given = [
        Artifact(tenant="shop", surface=surface, version=f"{place}", updated_at=NEWEST - before * HOUR)
        for place, before in enumerate(hours_before)
    ]
    spans = [Span(kind="exposure.v1", first_us=0, last_us=int(NEWEST.timestamp() * 1e6))]
    return artifact_findings(given, spans, interval)["drift:artifacts"]


def test_without_a_manifest_or_a_schedule_freshness_is_not_known():
    assert artifacts().status == "cannot_tell"
    found = artifacts(50, 26)
    assert found.status == "cannot_tell"
    assert "The schedule of shop home is not known" in found.evidence


@pytest.mark.parametrize(
    ("hours", "interval", "status"),
    [
        ((3,), 24, "ok"),
        ((48,), 24, "ok"),  # at most twice the interval
        ((48.5,), 24, "act"),
        ((74, 50, 26, 2), None, "ok"),  # learnt: every 24 hours
        ((130, 106, 82, 58), None, "act"),
        ((130, 106, 82, 26, 2), None, "watch"),  # once late
        ((-5,), 24, "ok"),  # newer than the newest event
    ],
)
def test_artifacts_are_stale_after_twice_their_interval(hours, interval, status):
    assert artifacts(*hours, interval=interval).status == status


def test_a_stale_artifact_is_told_with_its_age():
    assert artifacts(60, interval=24).evidence == (
        "The artifacts of shop home were last updated 60.0 hours before the newest event; "
        "due every 24.0 hours, stale after twice that."
    )


def retention(age_days, kept):
    first = NEWEST - timedelta(days=age_days)
    spans = [
        Span(kind="exposure.v1", first_us=int(first.timestamp() * 1e6), last_us=0),
        Span(kind="outcome.v1", first_us=None, last_us=None),
    ]
    return retention_findings(spans, kept, NEWEST).get("drift:retention")


@pytest.mark.parametrize(
    ("age", "kept", "status"),
    [(10, None, "cannot_tell"), (10, 90, "ok"), (85, 90, "watch"), (90, 90, "watch"), (91, 90, "act")],
)
def test_the_oldest_event_is_held_against_the_agreed_days(age, kept, status):
    found = retention(age, kept)
    assert found.status == status
    assert f"The oldest event is {age} days old" in found.evidence


def test_without_an_event_nothing_is_old():
    assert retention_findings([Span(kind="exposure.v1", first_us=None, last_us=None)], 90, NEWEST) == {}


@pytest.mark.parametrize(("kept", "told"), [(1.0, "1 day"), (1825.0, "1,825 days"), (0.5, "0.5 days")])
def test_the_agreed_days_are_told_in_full(kept, told):
    assert f"logs may be kept {told}." in retention(2000, kept).evidence


@pytest.mark.parametrize(
    ("age", "stated", "rule", "status", "told"),
    [
        (10, None, 90, "ok", "So says the rule on Logs."),
        (91, None, 90, "act", "logs may be kept 90 days. So says the rule on Logs."),
        (10, 90, 90, "ok", "of 90 days that logs may be kept."),
        (
            10,
            90,
            120,
            "watch",
            "90 days were stated on Risks, and the rule on Logs deletes rows after 120 days.",
        ),
        (100, 90, 120, "act", "logs may be kept 90 days. 90 days were stated on Risks"),
        (10, 90, 30, "ok", "of 30 days that logs may be kept. 90 days were stated on Risks"),
        (31, 90, 30, "act", "logs may be kept 30 days."),
    ],
)
def test_the_rule_that_deletes_rows_is_held_beside_what_was_stated(age, stated, rule, status, told):
    first = NEWEST - timedelta(days=age)
    spans = [Span(kind="exposure.v1", first_us=int(first.timestamp() * 1e6), last_us=0)]
    found = retention_findings(spans, stated, NEWEST, rule=rule)["drift:retention"]
    assert found.status == status
    assert told in found.evidence


def test_rows_that_are_gone_are_not_kept_too_long():
    spans = [Span(kind="exposure.v1", first_us=0, last_us=0)]
    found = retention_findings(spans, 1, NEWEST, rows_deleted=NEWEST)["drift:retention"]
    assert found.status == "ok"
    assert "their counts stay" in found.evidence
