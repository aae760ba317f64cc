"""What the plan tells loggers to write: our strict validator accepts every line, and the KPI can be read."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from itertools import combinations

import pytest

from recsys_roi.cli import main
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.checking import errors_of
from recsys_roi.logs.contracts import CONTRACTS, EVENT_TYPES
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.render.plan.document import plan_markdown
from recsys_roi.render.plan.examples import Names, example_logs
from recsys_roi.render.plan.fields import field_rows
from recsys_roi.render.plan.kit import starter_kit
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.logging_needs import DOMAINS, logging_needs

AS_OF = datetime(2026, 11, 25, tzinfo=UTC)
PAIRS = [pair for count in (2, 4) for pair in combinations(GUARDRAILS, count)]
HOSTILE = '"}]\n```<b>www.example.org</b> | $x$ \u202e'
RULES = {  # by KPI: the event types of contracts.md section 5
    **dict.fromkeys(("revenue_per_request", "revenue_per_user", "revenue_per_session"), ("conversion",)),
    **dict.fromkeys(("conversion_rate", "conversions_per_request"), ("conversion",)),
    **dict.fromkeys(("ctr", "clicks_per_request"), ("click",)),
    "add_to_cart_rate": ("add_to_cart",),
    "completion_rate": ("start", "complete"),
    "completions_per_user": ("complete",),
    "time_spent": ("dwell",),
}


def plan(**settings):
    return evaluate(None, Scenario.of(settings), as_of=AS_OF)


@pytest.mark.parametrize("kpi", KPIS)
def test_every_example_line_passes_the_validator_whatever_is_measured(kpi):
    for guardrails in PAIRS:
        for kind, lines in example_logs(logging_needs(kpi, guardrails), Names()).items():
            assert lines
            for line in lines:
                assert errors_of(kind, line.encode()) == []


@pytest.mark.parametrize("kpi", KPIS)
@pytest.mark.parametrize("guardrail", GUARDRAILS)
def test_every_line_of_the_document_passes_too(kpi, guardrail):
    other = next(name for name in GUARDRAILS if name != guardrail)
    text = plan_markdown(plan(kpi=kpi, guardrails=(guardrail, other), surface="home"))
    seen = set()
    for block in text.split("```json\n")[1:]:
        for line in block.split("\n```")[0].splitlines():
            record = json.loads(line)
            kind = next(kind for kind in CONTRACTS if CONTRACTS[kind].marks & record.keys())
            assert errors_of(kind, line.encode()) == []
            seen.add(kind)
    assert seen == set(CONTRACTS)


@pytest.mark.parametrize("kpi", RULES)
def test_the_events_are_those_of_the_contract(kpi):
    needs = logging_needs(kpi, ("error_rate", "negative_feedback_rate"))
    assert {event.event_type for event in needs.events} == {*RULES[kpi], "negative_feedback"}
    assert all(event.event_type in EVENT_TYPES for event in needs.events)
    valued = {event.event_type for event in needs.events if event.value}
    assert valued == (set(RULES[kpi]) if kpi.startswith("revenue") or kpi == "time_spent" else set())


@pytest.mark.parametrize("kpi", KPIS)
def test_logs_like_the_examples_hold_what_the_kpi_and_guardrails_need(kpi, tmp_path):
    kit = zipfile.ZipFile(io.BytesIO(starter_kit(plan(kpi=kpi, guardrails=("error_rate", "coverage")))))
    kit.extractall(tmp_path)
    folder = tmp_path / "starter-kit"
    scenario = Scenario.from_json((folder / "scenario.json").read_text(encoding="utf-8"))
    with temporary_pilot() as pilot:
        ingest_files(pilot, sorted(folder.glob("*.jsonl")))
        counted = evidence_of(pilot, view_of(scenario))
    assert counted.kpis[kpi].logged
    review = evaluate(counted, scenario, as_of=AS_OF, flips=False)
    assert review.primary.id == kpi
    joins = {one.id: one.value for one in review.integrity}
    assert (joins["outcome_join_rate"], joins["assignment_join_rate"], joins["schema"]) == (1.0, 1.0, 0)
    assert counted.rates["error_rate"].sums is not None


def test_the_fields_are_those_of_the_contract_and_nothing_needed_is_left_out():
    for kpi in KPIS:
        needs = logging_needs(kpi, tuple(GUARDRAILS)[:4])
        for kind, rows in field_rows(needs).items():
            required = {field.name for field in CONTRACTS[kind].fields if field.required}
            told = {row.field.split(" ")[0] for row in rows}
            assert required <= told
            for line in example_logs(needs, Names())[kind][:1]:
                record = json.loads(line)
                keys = record.keys() - {"context"} | {f"context.{key}" for key in record.get("context", ())}
                assert keys <= told


def test_the_kit_validates_in_the_loggers_build_and_says_how(tmp_path, capsys):
    made = starter_kit(plan(kpi="ctr"))
    assert made == starter_kit(plan(kpi="ctr"))
    zipfile.ZipFile(io.BytesIO(made)).extractall(tmp_path)
    folder = tmp_path / "starter-kit"
    logs = sorted(folder.glob("*.jsonl"))
    assert [log.name for log in logs] == ["assignments.jsonl", "exposures.jsonl", "outcomes.jsonl"]
    assert main(["validate", "--format", "github", *map(str, logs)]) == 0
    settings = ("--scenario", str(folder / "scenario.json"))
    assert main(["review", *map(str, logs), *settings]) == 0  # as its README says
    with logs[2].open("a", encoding="utf-8") as file:
        file.write('{"request_id": "r"}\n')
    assert main(["validate", "--format", "github", *map(str, logs)]) == 1
    assert "::error file=" in capsys.readouterr().out
    read_me = (folder / "README.md").read_text(encoding="utf-8")
    for told in ("recsys-roi validate", "--format github", "exit status is 0", "1 when", "2 for wrong usage"):
        assert told in read_me


def test_a_plan_that_starts_on_a_day_has_examples_from_then_on(tmp_path, capsys):
    kit = starter_kit(plan(kpi="ctr", start="2027-03-01"))
    zipfile.ZipFile(io.BytesIO(kit)).extractall(tmp_path)
    folder = tmp_path / "starter-kit"
    logs, settings = sorted(folder.glob("*.jsonl")), str(folder / "scenario.json")
    assert main(["review", *map(str, logs), "--scenario", settings, "--format", "json"]) == 0
    window = json.loads(capsys.readouterr().out)["experiment"]["window"]
    assert (window["start"], window["days"]) == ("2027-03-01T00:00:00Z", 3)


def test_names_from_people_cannot_break_out_of_the_document():
    text = plan_markdown(plan(kpi="ctr", surface=HOSTILE, experiment=HOSTILE, candidate=HOSTILE))
    assert sum(line.startswith("```") for line in text.splitlines()) == 6
    assert "\u202e" not in text
    prose = "".join(part.split("\n```")[-1] for part in text.split("```json\n"))
    assert "<b>" not in prose
    assert "www.example" not in prose
    example = text.split("```json\n")[1].split("\n```")[0]
    assert json.loads(example)["context"]["surface"] == HOSTILE


def test_every_product_has_kpis_of_the_catalogue_and_every_kpi_a_product():
    assert set(DOMAINS["other"]) == set(KPIS)
    for kpis in DOMAINS.values():
        assert set(kpis) <= set(KPIS)
