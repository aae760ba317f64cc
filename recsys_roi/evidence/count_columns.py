"""The columns of the tables of counts, and what may stand in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Meaning = Literal["text", "count", "day", "moment", "lag", "amount", "number", "flag"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CountColumn:
    """One column of one table."""

    name: str
    meaning: Meaning
    may_lack: bool = False  # NULL where it was not logged

    @property
    def sql_type(self) -> str:
        """As DuckDB names it."""
        return _SQL_TYPES[self.meaning]


_SQL_TYPES: dict[Meaning, str] = {
    "text": "VARCHAR",
    "count": "BIGINT",  # or a number from 1 of something that was numbered
    "day": "BIGINT",  # calendar days (UTC) since the epoch
    "moment": "BIGINT",  # microseconds since the epoch
    "lag": "BIGINT",  # microseconds
    "amount": "DOUBLE",  # 0 or more
    "number": "DOUBLE",
    "flag": "BOOLEAN",
}


def _columns(**meanings: Meaning | tuple[Meaning, None]) -> tuple[CountColumn, ...]:
    """By name; a meaning beside None may lack."""
    return tuple(
        CountColumn(name=name, meaning=meaning[0], may_lack=True)
        if isinstance(meaning, tuple)
        else CountColumn(name=name, meaning=meaning)
        for name, meaning in meanings.items()
    )


_REQUESTS = _columns(
    experiment_id="text",
    variant="text",
    user_no="count",
    request_no="count",
    ts_us="moment",
    session_no="count",
    surface=("text", None),
    latency_ms=("amount", None),
    error=("flag", None),
    empty="flag",
)
_EVENTS = _columns(
    experiment_id="text", request_no="count", event_type="text", lag_us="lag", value=("number", None)
)
COUNT_COLUMNS: dict[str, tuple[CountColumn, ...]] = {
    "requests": _REQUESTS,
    "prior_requests": _REQUESTS,
    "events": _EVENTS,
    "prior_events": _EVENTS,
    "context_keys": _columns(
        experiment_id="text", key="text", distinct_values="count", kept="flag", varies="flag", numeric="flag"
    ),
    "context_values": _columns(
        experiment_id="text", key="text", value="text", users="count", value_no="count"
    ),
    "user_context": _columns(experiment_id="text", key="text", user_no="count", value_no="count"),
    "user_numbers": _columns(experiment_id="text", key="text", user_no="count", number="number"),
    "request_context": _columns(experiment_id="text", key="text", request_no="count", value_no="count"),
    "items_by_day": _columns(
        experiment_id="text",
        variant="text",
        surface=("text", None),
        day="day",
        item_no="count",
        shown="count",
        shown_equal="count",
    ),
    "join_facts": _columns(
        exposure_lines="count",
        exposures="count",
        outcome_lines="count",
        outcomes="count",
        outcomes_joined="count",
        outcomes_other_user="count",
        exposures_with_outcome="count",
    ),
    "experiment_facts": _columns(
        experiment_id="text",
        assignments="count",
        assignments_joined="count",
        assignments_other_user="count",
        two_variant_requests="count",
        exposures_unassigned="count",
        exposures_before="count",
    ),
    "arm_facts": _columns(experiment_id="text", variant="text", users="count", two_arm_users="count"),
    "arm_users_by_day": _columns(experiment_id="text", variant="text", day="day", users="count"),
    "variant_names": _columns(experiment_id="text", variant="text"),
    "surfaces": _columns(experiment_id="text", variant="text", surface="text"),
    "event_types": _columns(event_type="text", events="count", with_value="count"),
    "unjoined_outcomes": _columns(
        event_type="text", events="count", requests="count", users="count", value="number"
    ),
    "silences": _columns(
        experiment_id="text",
        variant="text",
        surface=("text", None),
        first_us="moment",
        last_us="moment",
        longest_gap_us="count",
        requests="count",
    ),
    "newest": _columns(kind="text", first_us=("moment", None), last_us=("moment", None)),
    "versions": _columns(
        experiment_id="text", variant="text", key="text", value="text", version_no="count", requests="count"
    ),
    "request_versions": _columns(experiment_id="text", key="text", request_no="count", version_no="count"),
    "names_by_day": _columns(kind="text", name="text", day="day", lines="count"),
    "exposures_by_day": _columns(day="day", lines="count"),
    "reject_days": _columns(kind="text", day="day", accepted="count", rejected="count"),
    "reject_names": _columns(kind="text", name="text", lines="count"),
    "personal_data": _columns(field="text", pattern="text", found="count", example="text"),
    "personal_data_scan": _columns(looked_at="count", distinct_values="count"),
}
ONE_ROW = ("join_facts", "personal_data_scan")
"""Tables of the whole pilot, which always have one row."""
