"""The facts of one experiment read from counts, for the integrity checks to judge."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate

from recsys_roi.evidence.facts import (
    ArmFacts,
    Attribution,
    ExperimentFacts,
    Facts,
    JoinFacts,
    PersonalDataFinding,
    Silence,
    Span,
    Unjoined,
)
from recsys_roi.evidence.reading import COUNTS_KEPT, CountsReader


@lru_cache(maxsize=COUNTS_KEPT)
def read_facts(reader: CountsReader, experiment: str) -> Facts:
    """All facts of one experiment; its attribution is empty, as that is of a view."""
    chosen = {"experiment": experiment}
    (joins,) = reader.records("SELECT * FROM join_facts")
    (of_experiment,) = reader.records(
        "SELECT * EXCLUDE experiment_id FROM experiment_facts WHERE experiment_id = $experiment", chosen
    )
    (scan,) = reader.records("SELECT looked_at, distinct_values FROM personal_data_scan")
    silences = reader.records(
        "SELECT * EXCLUDE experiment_id FROM silences WHERE experiment_id = $experiment "
        "ORDER BY variant, surface",
        chosen,
    )
    personal_data = reader.records(
        "SELECT field, pattern, found AS values, example FROM personal_data ORDER BY ALL"
    )
    unjoined = reader.records("SELECT * FROM unjoined_outcomes ORDER BY event_type")
    spans = reader.records("SELECT * FROM newest ORDER BY kind")
    return Facts(
        joins=JoinFacts(**joins),
        experiment=ExperimentFacts(**of_experiment),
        arms=_arms(reader, experiment),
        unjoined=tuple(Unjoined(**row) for row in unjoined),
        silences=tuple(Silence(**row) for row in silences),
        spans=tuple(Span(**row) for row in spans),
        personal_data=tuple(PersonalDataFinding(**row) for row in personal_data),
        personal_data_values=scan["looked_at"],
        personal_data_held=scan["distinct_values"],
        attribution=Attribution(within=0, early=0, late=0),
    )


def _arms(reader: CountsReader, experiment: str) -> tuple[ArmFacts, ...]:
    chosen = {"experiment": experiment}
    arms = reader.records(
        "SELECT variant, users, two_arm_users FROM arm_facts "
        "WHERE experiment_id = $experiment ORDER BY variant",
        chosen,
    )
    new = reader.records(
        "SELECT variant, day, users FROM arm_users_by_day WHERE experiment_id = $experiment", chosen
    )
    days = [row["day"] for row in new]
    span = range(min(days), max(days) + 1) if days else range(0)
    by_arm_day = {(row["variant"], row["day"]): row["users"] for row in new}
    return tuple(
        ArmFacts(
            **arm, users_by_day=tuple(accumulate(by_arm_day.get((arm["variant"], day), 0) for day in span))
        )
        for arm in arms
    )
