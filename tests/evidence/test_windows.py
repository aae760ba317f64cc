"""A window of time counts the same whether all requests are held or only those of the window are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from recsys_roi.demo import write_demo
from recsys_roi.evidence import reading
from recsys_roi.evidence.totals import Totals
from recsys_roi.evidence.view import View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot


@pytest.fixture(scope="module")
def pilot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    write_demo(folder / "logs", requests=3000, seed=4, lift=0.05, pre_days=3)
    made = Pilot.create_or_open(folder / "pilot")
    ingest_files(
        made, [folder / "logs" / f"{name}.jsonl" for name in ("exposures", "outcomes", "assignments")]
    )
    return made


@pytest.mark.parametrize("ends", [(2, None), (None, 8), (3, 9), (0, 0)])
@pytest.mark.parametrize("mature_only", [True, False])
def test_reading_a_window_only_changes_no_figure(pilot, monkeypatch, ends, mature_only):
    whole = evidence_of(pilot, View())
    first, last = (None if days is None else whole.start + timedelta(days=days, hours=5) for days in ends)
    view = View(start=first, end=last, mature_only=mature_only, slice_keys=("device", "day"))
    held = evidence_of(pilot, view)
    monkeypatch.setattr(reading, "HELD_WHOLE", 0)
    read = evidence_of(pilot, replace(view, return_days=view.return_days + 1))  # else the one kept is given
    again = evidence_of(pilot, view)
    assert again == held
    assert (read.users, read.start) == (held.users, held.start)


@pytest.mark.parametrize("most", [200, 300, 70_000])
def test_counts_are_small_until_they_are_reckoned_with(most):
    column = np.array([0, most], dtype=np.min_scalar_type(most))
    totals = Totals(candidate=np.array([False, True]), columns={"clicks": column})
    clicks = totals.of("clicks")
    assert (clicks * clicks).tolist() == [0.0, float(most) ** 2]
    assert totals.of("clicks", np.array([1])).tolist() == [float(most)]
