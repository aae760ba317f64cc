"""Evidence against a second way: plain Python over the same rows."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings

from recsys_roi.evidence.columns import epoch_us
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.evidence.sums import CovariateSums, Sums
from recsys_roi.evidence.view import View
from tests.evidence.recount import (
    TOTALS,
    arms_of_requests,
    first_exposures,
    recount,
    recount_before,
    returned,
    sums,
)
from tests.evidence.rows import EVENTS, START, hour, pilots, read_views

ARMS = (("control", "a"), ("candidate", "b"))
SMALL = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_same(found: Sums, expected: Sums) -> None:
    assert found.n == expected.n
    for name in ("sy", "sx", "syy", "sxx", "sxy"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-12, abs=1e-12), name


def comparable(rows) -> bool:
    """Both arms have a compared request, so that there is evidence."""
    first = first_exposures(rows[0])
    arms = arms_of_requests(first, rows[2])
    return {row["variant"] for row in rows[2]} == {"a", "b"} and len(arms) > 0


def logged(rows, kpi) -> bool:
    events = {row["event_type"] for row in rows[1]}
    valued = {row["event_type"] for row in rows[1] if "value" in row}
    needed = KPIS[kpi].events
    has_values = not KPIS[kpi].needs_value or needed[0] in valued
    return has_values and all(event in events for event in needed)


def test_every_kpi_of_the_catalogue_is_recounted() -> None:
    assert set(TOTALS) | {"return_rate"} == set(KPIS)


@SMALL
@given(pilots())
def test_totals_are_what_plain_python_counts(tmp_path, rows) -> None:
    assume(comparable(rows))
    (evidence,) = read_views(rows, tmp_path, View())
    users = recount(rows)
    mature = {event: recount(rows, mature_for=event) for event in EVENTS}
    for arm, name in ARMS:
        mine = [user for user in users.values() if user.arm == name]
        assert getattr(evidence.users, arm) == len(mine)
        assert getattr(evidence.requests, arm) == sum(len(user.hours) for user in mine)
        assert_same(getattr(evidence.requests_per_user, arm), sums(users, name, "requests", "users"))
        for kpi, (numerator, denominator) in TOTALS.items():
            counted = evidence.kpis[kpi]
            assert counted.logged == logged(rows, kpi)
            if counted.logged:
                assert_same(getattr(counted.sums, arm), sums(users, name, numerator, denominator))
                old = mature[KPIS[kpi].events[0]]
                assert_same(getattr(counted.mature, arm), sums(old, name, numerator, denominator))
        for rate, numerator, denominator in (
            ("error_rate", "errors", "errors logged"),
            ("slow_share", "slow", "timed"),
            ("empty_rate", "empty", "requests"),
            ("negative_feedback_rate", "requests with negative_feedback", "requests"),
        ):
            found = evidence.rates[rate].sums
            if found is not None:
                expected = sums(
                    users, name, numerator, denominator, lambda user, x=denominator: user.total(x) > 0
                )
                assert_same(getattr(found, arm), expected)
    assert evidence.facts.joins.exposures == len({row["request_id"] for row in rows[0]})
    assert evidence.facts.joins.exposure_lines == len(rows[0])
    assert evidence.facts.joins.outcome_lines == len(rows[1])


@SMALL
@given(pilots())
def test_users_who_come_back_within_k_days(tmp_path, rows) -> None:
    assume(comparable(rows))
    (evidence,) = read_views(rows, tmp_path, View(return_days=3))
    users = recount(rows)
    end = max(hour(row["ts"]) for row in rows[0])
    back = returned(users, end, days=3)
    for arm, name in ARMS:
        mine = [came for user, came in back.items() if users[user].arm == name]
        assert_same(getattr(evidence.kpis["return_rate"].sums, arm), Sums.of_users([float(c) for c in mine]))


@SMALL
@given(pilots())
def test_covariates_are_what_came_before_the_first_compared_request(tmp_path, rows) -> None:
    assume(comparable(rows))
    (evidence,) = read_views(rows, tmp_path, View())
    users = recount(rows)
    before = recount_before(rows, users)
    known = {name for name, user in before.items() if user.hours}
    if not known:
        assert evidence.covariate is None
        return
    assert evidence.covariate is not None
    for arm, name in ARMS:
        mine = [user for user, found in users.items() if found.arm == name]
        assert getattr(evidence.covariate.known, arm) == len(known & set(mine))
        for kpi, totals in TOTALS.items():
            pair = evidence.kpis[kpi].covariate
            if evidence.kpis[kpi].logged:
                assert pair is not None
                y, x = ([users[user].total(total) for user in mine] for total in totals)
                u, w = ([before[user].total(total) for user in mine] for total in totals)
                expected = CovariateSums.of_users(y, x, u, w)
                assert_same(getattr(pair, arm).sums, expected.sums)
                assert_same(getattr(pair, arm).covariate, expected.covariate)
                for product in ("syu", "syw", "sxu", "sxw"):
                    assert getattr(getattr(pair, arm), product) == pytest.approx(
                        getattr(expected, product), rel=1e-12, abs=1e-12
                    )


@SMALL
@given(pilots())
def test_each_day_of_the_path_is_what_was_known_on_it(tmp_path, rows) -> None:
    assume(comparable(rows))
    (evidence,) = read_views(rows, tmp_path, View())
    whole = recount(rows)
    first_day = (epoch_us(evidence.start) - epoch_us(START)) // (24 * 3_600_000_000)
    end = max(hour(row["ts"]) for row in rows[0])
    for number in range(evidence.days):
        last = number == evidence.days - 1
        midnight = 24 * (first_day + number + 1)
        users = recount(
            rows,
            shown=lambda exposure, until=midnight: hour(exposure["ts"]) < until,
            known=lambda happened, until=midnight, last=last: last or happened < until,
        )
        back = returned(whole, end if last else min(end, midnight - 1e-9))
        for arm, name in ARMS:
            for kpi, (numerator, denominator) in TOTALS.items():
                if evidence.kpis[kpi].logged:
                    assert_same(
                        getattr(evidence.kpis[kpi].by_day[number], arm),
                        sums(users, name, numerator, denominator),
                    )
            mine = [float(came) for user, came in back.items() if whole[user].arm == name]
            assert_same(getattr(evidence.kpis["return_rate"].by_day[number], arm), Sums.of_users(mine))


def positions_vary(first, arms) -> bool:
    """Whether the compared requests of some user do not all carry one position."""
    seen: dict[str, set[str | None]] = {}
    for request in arms:
        seen.setdefault(first[request]["user_id"], set()).add(first[request]["context"].get("position"))
    return any(len(values) > 1 for values in seen.values())


@SMALL
@given(pilots())
def test_a_user_seen_in_two_slices_is_one_unit_in_each(tmp_path, rows) -> None:
    assume(comparable(rows))
    first = first_exposures(rows[0])
    arms = arms_of_requests(first, rows[2])
    present = {first[request]["context"].get("position") for request in arms}
    assume(present - {None})
    by_day, by_position = read_views(
        rows, tmp_path, View(slice_keys=("day",)), View(slice_keys=("position",))
    )
    days = {math.floor(hour(first[request]["ts"]) / 24) for request in arms}
    if not positions_vary(first, arms):
        present = set()  # the users' own values then, at or before their first exposure
    for evidence, kept in (
        (by_day, {day: (lambda exposure, day=day: hour(exposure["ts"]) // 24 == day) for day in days}),
        (
            by_position,
            {
                value: (lambda exposure, value=value: exposure["context"].get("position") == value)
                for value in present
            },
        ),
    ):
        assert len(evidence.slices) == len(kept) or not kept
        wanted = {value: recount(rows, shown=shown) for value, shown in kept.items()}
        found = {part.value: part for part in evidence.slices}
        for value, users in wanted.items():
            label = "(not set)" if value is None else value if isinstance(value, str) else _date(value)
            for arm, name in ARMS:
                assert getattr(found[label].users, arm) == sum(user.arm == name for user in users.values())
                for kpi, part in found[label].kpis.items():
                    if kpi in TOTALS:
                        assert_same(getattr(part, arm), sums(users, name, *TOTALS[kpi]))
                assert set(found[label].kpis) == {name for name, kpi in evidence.kpis.items() if kpi.logged}


def _date(day: int) -> str:
    return f"2026-03-{2 + day:02d}"
