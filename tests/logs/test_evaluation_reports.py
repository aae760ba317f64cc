"""Reports of recsys-eval among the logs: kept as they are, or refused with a sentence."""

from __future__ import annotations

import copy
import gzip
import json

import pytest

from recsys_roi.errors import LogError
from recsys_roi.logs.earlier import without
from recsys_roi.logs.evaluation_reports import BYTES
from recsys_roi.logs.ingest import ingest_files, validate_files
from recsys_roi.logs.manifest import read_manifest
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.logs.preview import preview

REPORT = {
    "run_id": "experiment-20260101",
    "mode": "experiment",
    "created_at": "2026-01-01T02:00:00+02:00",
    "version": "0.1.0",
    "effective_config": {"any": ["thing"]},
    "summary": {"cases_evaluated": 300},
    "experiment": {
        "experiment_id": "e",
        "variants": [
            {"variant": "a", "exposures": 200, "clicks": 40, "conversions": 8, "ctr": 0.2, "revenue": 90.5},
            {"variant": "b", "exposures": 100, "clicks": 22, "conversions": 5, "ctr": 0.22, "revenue": 50},
        ],
        "significance": [
            {"metric": "ctr", "variant": "b", "p_value": 0.4, "significant": False},
            {"metric": "ctr", "variant": "b", "segment": "tenant=t", "p_value": 0.01},
        ],
    },
}
OFFLINE = {
    **{key: REPORT[key] for key in ("run_id", "created_at", "version", "summary")},
    "mode": "offline",
    "offline": {
        "metrics": [
            {"name": "ndcg@10", "value": 0.31, "ci": {"lower": 0.3, "upper": 0.32, "level": 0.95}},
            {"name": "coverage@10", "value": 0.5},
        ]
    },
}


@pytest.fixture
def give(tmp_path):
    def given_file(data: bytes, name: str = "report.json"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return given_file


def changed(*path, to):
    """The report with one thing changed."""
    report = copy.deepcopy(REPORT)
    place = report
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(report, indent=1)


def refused(path) -> str:
    with temporary_pilot() as pilot:
        with pytest.raises(LogError) as problem:
            ingest_files(pilot, [path])
        assert pilot.documents == ()
    return str(problem.value)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_report_is_kept_and_can_be_removed(give, indent, pack):
    path = give(pack(json.dumps(REPORT, indent=indent).encode()))
    with temporary_pilot() as pilot:
        before = pilot.fingerprint
        first, again = ingest_files(pilot, [path, path])
        kept = first.file
        assert (first.added, again.added, again.file) == (True, False, kept)
        assert (kept.kind, kept.mode, kept.experiment, kept.software) == (
            "report.v1",
            "experiment",
            "e",
            "0.1.0",
        )
        assert kept.made_at.isoformat() == "2026-01-01T00:00:00+00:00"
        assert [(arm.variant, arm.exposures, arm.clicks, arm.revenue) for arm in kept.variants] == [
            ("a", 200, 40, 90.5),
            ("b", 100, 22, 50.0),
        ]
        assert [test.p_value for test in kept.significance] == [0.4]
        assert pilot.documents == read_manifest(pilot.folder).evaluations == (kept,)
        assert (pilot.files, pilot.fingerprint) == ((), before)
        with without(pilot, ()) as other:
            assert other.documents == (kept,)
        with without(pilot, [kept.hash]) as other:
            assert other.documents == ()
        assert pilot.remove_file(kept.hash) == kept
        assert pilot.documents == ()


def test_figures_of_an_offline_run_keep_their_intervals(give):
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [give(json.dumps(OFFLINE).encode())])
    first, second = result.file.metrics
    assert (first.name, first.value, first.ci.lower, first.ci.upper, first.ci.level) == (
        "ndcg@10",
        0.31,
        0.3,
        0.32,
        0.95,
    )
    assert second.ci is None


def test_a_long_report_is_recognised(give):
    config = {f"key {number}": "x" * 100 for number in range(10_000)}
    with temporary_pilot() as pilot:
        (result,) = ingest_files(pilot, [give(changed("effective_config", to=config).encode())])
    assert result.file.kind == "report.v1"


VARIANTS = REPORT["experiment"]["variants"]
TESTS = REPORT["experiment"]["significance"]
REFUSED = {
    "another version": (changed("version", to="report.v2"), "is report.v2 of recsys-eval. Only report.v1"),
    "another schema": (changed("schema_version", to="report.v9"), "is report.v9 of recsys-eval"),
    "a mode that is none": (changed("mode", to="guess"), "mode is wrong"),
    "no moment": (changed("created_at", to="yesterday"), "created_at is wrong"),
    "a moment without offset": (changed("created_at", to="2026-01-01T00:00:00"), "created_at is wrong"),
    "no experiment": (changed("experiment", to=None), "experiment is missing"),
    "no variant": (changed("experiment", "variants", to=[]), "experiment.variants is wrong"),
    "a variant twice": (changed("experiment", "variants", to=VARIANTS + VARIANTS[:1]), "names one twice"),
    "a test twice": (changed("experiment", "significance", to=TESTS[:1] * 2), "significance names one twice"),
    "text for a count": (
        changed("experiment", "variants", 0, "clicks", to="40"),
        "experiment.variants.0.clicks is wrong",
    ),
    "a negative count": (
        changed("experiment", "variants", 0, "exposures", to=-1),
        "experiment.variants.0.exposures is wrong",
    ),
    "a huge count": (changed("experiment", "variants", 0, "clicks", to=10**30), "clicks is wrong"),
    "NaN": (changed("experiment", "variants", 0, "revenue", to=float("nan")), "holds NaN or Infinity"),
    "too large for a number": (
        changed("experiment", "variants", 0, "revenue", to=1).replace('"revenue": 1\n', '"revenue": 1e999\n'),
        "experiment.variants.0.revenue is wrong",
    ),
    "a p above 1": (changed("experiment", "significance", 0, "p_value", to=1.5), "p_value is wrong"),
    "a long name": (changed("experiment", "experiment_id", to="x" * 201), "experiment_id is wrong"),
    "a key twice": (
        changed("run_id", to="r").replace('"mode"', '"run_id": "s", "mode"'),
        "gives a key of one object twice",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_with_a_report_is_said(give, text, sentence):
    assert sentence in refused(give(text.encode()))


def test_a_report_that_is_too_large_is_refused(give):
    report = {**REPORT, "effective_config": "x" * BYTES}
    assert "is larger than 16 MB" in refused(give(json.dumps(report).encode()))


def test_a_deep_report_is_refused(give):
    nested = "[" * 100_000 + "]" * 100_000
    text = json.dumps(REPORT).replace('["thing"]', nested)
    assert refused(give(text.encode()))


def test_a_report_has_no_lines_and_nothing_to_map(give):
    path = give(json.dumps(REPORT).encode())
    with pytest.raises(LogError, match=r"is a report of recsys-eval \(report\.v1\), which has no lines"):
        validate_files([path])
    with pytest.raises(LogError, match=r"\(report\.v1\), which has nothing to map"):
        preview(path)
