"""A saved review opens as it was, says what is wrong with it, and is held against a fresh one."""

import io
import json
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys_roi.errors import InputError
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.review.decision_v1 import to_decision_v1
from recsys_roi.review.document import to_json
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.review.saved import departures, open_saved
from recsys_roi.value.scenario import Scenario
from recsys_roi.whole_file import DOCUMENT_LIMIT
from tests.real_logs import OPEN_BANDIT, logs

sys.path.insert(0, str(Path(__file__).parent.parent / "render"))

import sample_review as sample

GIVEN = {"control": "random", "candidate": "bts", "kpi": "ctr"}
MADE_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def changed(**top):
    return json.dumps({**json.loads(to_json(sample.ship())), **top}).encode()


def zipped(name, content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_what_was_saved_opens_as_it_was(base):
    review = base()
    assert open_saved(to_json(review).encode(), "review.json") == review
    assert open_saved(to_decision_v1(review).encode(), "decision.json") == review
    assert open_saved(zipped("review.json", to_json(review)), "pack.zip") == review


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1, 2]", "it has no version"),
        (b'{"version": "exposure.v1"}', "is of version 'exposure.v1'"),
        (b'{"version": "decision.v1"}', "it has no version"),
        (changed(kpis="none"), "kpis"),
        (changed(surprise=1), "surprise: Extra inputs are not permitted"),
        (changed(made_at="yesterday"), "made_at must be a time with its offset; 'yesterday' is none"),
        (zipped("other.json", "{}"), "holds no review.json"),
        (b"PK\x03\x04 broken", "holds no review.json"),
        (b" " * (DOCUMENT_LIMIT + 1), "larger than 50 MB"),
    ],
    ids=["text", "bytes", "deep", "list", "log", "empty", "type", "key", "time", "zip", "broken", "large"],
)
def test_what_is_no_saved_review_says_why(content, said):
    with pytest.raises(InputError) as problem:
        open_saved(content, "mine.json")
    assert str(problem.value).startswith("mine.json: ")
    assert said in str(problem.value)


def test_a_fresh_computation_from_the_same_logs_and_settings_is_the_same():
    scenario = Scenario.of(GIVEN)
    with temporary_pilot() as pilot:
        ingest_files(pilot, logs(OPEN_BANDIT))
        evidence = evidence_of(pilot, view_of(scenario))
        saved = open_saved(to_json(evaluate(evidence, scenario, as_of=MADE_AT)).encode(), "review.json")
        again = Scenario.of({name: saved.inputs.scenario[name] for name in saved.inputs.changed})
        fresh = evaluate(evidence_of(pilot, view_of(again)), again, as_of=MADE_AT)
    assert departures(saved, fresh) == ()


def test_each_difference_is_named_by_what_it_is_of():
    saved = sample.ship()
    lift = saved.primary.relative_lift.model_copy(update={"upper": 0.09})
    kpi = saved.primary.model_copy(update={"relative_lift": lift})
    fresh = saved.model_copy(
        update={
            "made_at": "2027-01-01T00:00:00Z",
            "kpis": (kpi, *saved.kpis[1:]),
            "slices": saved.slices[1:],
            "roi": saved.roi.model_copy(update={"npv": saved.roi.npv * (1 + 1e-12), "payback_months": None}),
        }
    )
    found = {one.where: (one.saved, one.fresh) for one in departures(saved, fresh)}
    assert found["kpis.conversion_rate.relative_lift.upper"] == (0.0835, 0.09)
    assert found["roi.payback_months"] == (saved.roi.payback_months, None)
    assert found["slices.device mobile"][1] is None
    assert len(found) == 3


def test_a_status_that_turns_is_a_difference_and_true_is_not_one():
    saved = sample.ship(guardrails=(sample.latency(),))
    fresh = sample.ship(guardrails=(sample.latency("breach"),))
    assert [one.where for one in departures(saved, fresh)] == ["guardrails.p95_latency.status"]
    early = saved.model_copy(update={"decision": saved.decision.model_copy(update={"preliminary": True})})
    assert [one.where for one in departures(saved, early)] == ["decision.preliminary"]


def test_a_currency_is_a_code_wherever_the_review_comes_from():
    content = json.loads(changed())
    content["roi"]["currency"] = "<b>EUR</b>"
    with pytest.raises(InputError, match=r"roi\.currency: .*must be a currency's code such as EUR"):
        open_saved(json.dumps(content).encode(), "review.json")
