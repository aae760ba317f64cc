"""Coverage and diversity against a count by hand on the same rows (numbers book 5.4)."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from tests.evidence.rows import START, hour, read, stamp


def rows(days=3, control=9, candidate=5):
    """Uneven arms: on each day more lists of the control than of the candidate, of other items."""
    draw = np.random.default_rng(5)
    exposures, assignments = [], []
    for day in range(days):
        for arm, lists, catalogue in (("a", control, 6), ("b", candidate, 12)):
            for number in range(lists):
                row = {"request_id": f"{arm}{day}-{number}", "user_id": f"{arm}{number}"}
                row["ts"] = stamp(24 * day + draw.random() * 23)
                items = [{"item_id": f"i{draw.integers(catalogue)}", "rank": rank} for rank in (1, 2, 3)]
                exposures.append(row | {"items": items})
                assignments.append(row | {"experiment_id": "e", "variant": arm})
    outcome = {"request_id": "a0-0", "user_id": "a0", "item_id": "i1", "event_type": "click"}
    return exposures, [outcome | {"ts": exposures[0]["ts"]}], assignments


def by_hand(exposures, arm, day, lists):
    """Items shown on the lists of one arm and day with the lowest hashes."""
    own = [row for row in exposures if row["request_id"].startswith(arm) and hour(row["ts"]) // 24 == day]
    own.sort(key=lambda row: hashlib.md5(row["request_id"].encode(), usedforsecurity=False).hexdigest())
    return Counter(item["item_id"] for row in own[:lists] for item in row["items"])


def test_both_arms_are_read_on_equally_many_requests_of_each_day(tmp_path):
    given = rows()
    evidence = read(given, tmp_path)
    assert evidence.items is not None
    catalogue = {item["item_id"] for row in given[0] for item in row["items"]}
    assert evidence.items.catalogue == len(catalogue)
    for name, arm in (("control", "a"), ("candidate", "b")):
        for day in range(3):
            shown = by_hand(given[0], arm, day, 5)
            total = sum(shown.values())
            entropy = -sum(n / total * math.log(n / total) for n in shown.values())
            assert getattr(evidence.items.coverage, name)[day] == pytest.approx(len(shown) / len(catalogue))
            assert getattr(evidence.items.diversity, name)[day] == pytest.approx(
                entropy / math.log(len(catalogue))
            )


def test_only_days_wholly_inside_the_window_count(tmp_path):
    given = rows()
    assert read(given, tmp_path, start=moment(1), end=moment(47)).items is None
    evidence = read(given, tmp_path, start=moment(24), end=moment(48))
    assert evidence.items is not None
    assert len(evidence.items.days) == 1


def moment(hours):
    return START + timedelta(hours=hours)


def test_a_day_on_which_one_arm_was_not_seen_does_not_count(tmp_path):
    exposures, outcomes, assignments = rows()
    kept = [row for row in exposures if not (row["request_id"].startswith("b1"))]
    evidence = read((kept, outcomes, assignments), tmp_path)
    assert evidence.items is not None
    assert len(evidence.items.days) == 2


def test_lists_without_items_show_nothing(tmp_path):
    exposures, outcomes, assignments = rows()
    empty = [{**row, "items": []} for row in exposures]
    assert read((empty, outcomes, assignments), tmp_path).items is None
