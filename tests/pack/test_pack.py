"""Every format carries what makes it trustworthy, and none of them names a user."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import hard_reviews as hard
import pypdf
import pytest
import sample_review as sample
from pptx import Presentation

from recsys_roi.render import pack, words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.review.decision_v1 import to_decision_v1
from recsys_roi.review.document import Review, to_json
from tests.real_logs import OPEN_BANDIT

READABLE = tuple(ending for ending in pack.WRITERS if ending not in (".png", ".zip"))


def text_of(ending: str, content: bytes) -> str:
    """What a reader can find in a file, without spaces."""
    if ending == ".pdf":
        found = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    elif ending == ".pptx":
        deck = Presentation(io.BytesIO(content))
        shapes = [shape.text_frame.text for s in deck.slides for shape in s.shapes if shape.has_text_frame]
        found = "\n".join([*shapes, *(s.notes_slide.notes_text_frame.text for s in deck.slides)])
    elif ending == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            found = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    else:
        found = content.decode()
    return "".join(found.split()).replace("\u200b", "").replace("\\", "")


@pytest.mark.parametrize("ending", READABLE)
def test_every_format_carries_verdict_reasons_scenario_window_hashes_version_and_time(ending):
    review = sample.hold()
    text = text_of(ending, pack.write(review, ending))
    verdict = "HOLD" if ending not in (".json", ".decision.json") else '"hold"'
    machine = ending.endswith(".json")
    said = [
        verdict,
        "2026-11-12" if machine or ending == ".csv" else "12 Nov 2026",
        review.made_at,
        "0.1.0",
        "blake3:0f3c",
        "value_per_action",
        "18.0",
        "waiting_pays" if machine else words.reason_sentence("waiting_pays", review),
        "2026-10-29" if machine or ending == ".csv" else "29 Oct",
    ]
    for part in said:
        assert "".join(part.split()) in text, (ending, part)


@pytest.mark.parametrize("ending", [ending for ending in READABLE if not ending.endswith(".json")])
def test_every_format_carries_waivers_statements_and_the_agreed_plan(ending):
    text = text_of(ending, pack.write(hard.recorded(), ending)).replace("\u2011", "-")
    for said in (
        hard.WAIVED,
        "Error rate waived, but that does not apply now: Ada on 20 Nov 2026",
        "Rollback practised: stated by",
        "back in 4 minutes",
        "Plan locked by Ada on 20 Oct 2026, before the first request. 1 change from it.",
        "Margin: planned 30 %, now 35 %.",
    ):
        assert "".join(said.split())[1:] in text, said


@pytest.mark.parametrize("ending", [ending for ending in pack.WRITERS if ending != ".zip"])
@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_every_format_of_every_hard_review_is_made(base, ending):
    assert len(pack.write(base(), ending)) > 1000


@pytest.mark.parametrize("ending", [e for e in pack.WRITERS if e != ".png"])
def test_no_identifier_of_a_user_leaves(open_bandit, ending):
    with gzip.open(OPEN_BANDIT / "exposures.jsonl.gz", "rt", encoding="utf-8") as file:
        users = {json.loads(line)["user_id"] for line in file}
    content = pack.write(open_bandit, ending)
    contents = [content]
    if ending == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            contents = [
                archive.read(name) for name in archive.namelist() if name.endswith((".csv", ".md", ".json"))
            ]
    for one in contents:
        text = one.decode("utf-8", errors="replace")
        assert not [user for user in users if user in text]


def test_the_longest_ending_counts():
    assert pack.ending_of("a.json") == ".json"
    assert pack.ending_of("a.decision.json") == ".decision.json"
    assert pack.ending_of("A.PDF") == ".pdf"
    assert pack.ending_of("a.docx") is None


def test_the_archive_holds_every_format_and_table_and_opens_as_the_review():
    review = sample.hold()
    content = pack.write(review, ".zip")
    assert content == pack.write(sample.hold(), ".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        saved = archive.read("review.json").decode()
        months = archive.read("tables/months.csv").decode().splitlines()
    tables = (
        "lift",
        "guardrails",
        "slices",
        "money",
        "waiting",
        "risks",
        "plan",
        "integrity",
        "settings",
        "files",
    )
    assert {f"tables/{name}.csv" for name in tables} <= names
    assert {f"review{end}" for end in (".pdf", ".pptx", ".xlsx", ".html", ".md", ".csv", ".json")} <= names
    assert {"one-page.pdf", "plan.md", "decision.json", "picture.png", "picture-dark-2x.png"} <= names
    assert Review.model_validate_json(saved) == review
    assert [float(cell) for cell in months[1].split(",")[1:]] == list(
        review.roi.months[0].model_dump(exclude={"month"}).values()
    )


@pytest.mark.parametrize(
    ("base", "said", "reason"),
    [
        (sample.ship, "ship", "value_proven"),
        (sample.hold, "hold", "waiting_pays"),
        (sample.roll_back, "fail", "guardrail_breach"),
        (sample.plan_only, "hold", "no_logs"),
    ],
)
def test_decision_v1(base, said, reason):
    review = base()
    found = json.loads(to_decision_v1(review))
    assert (found["decision"], found["reason"]) == (said, reason)
    assert found["review"] == json.loads(to_json(review))
    if review.experiment is None:
        assert found["primary_metrics"] == []
        return
    assert (found["control_variant"], found["candidate_variant"]) == ("control", "candidate")
    assert found["dataset_window"] == {"start": "2026-10-29T00:00:00Z", "end": "2026-11-13T23:59:00Z"}
    (metric,) = found["primary_metrics"]
    assert metric["metric"] == "conversion_rate"
    assert metric["relative_delta"] == review.primary.relative_lift.estimate
    assert [(one["metric"], one["passed"]) for one in found["guardrails"]] == [
        (one.id, one.status == "pass") for one in review.guardrails
    ]
    assert found["srm"] == {"detected": False, "p_value": 0.99, "alpha": 0.001}


def test_the_fingerprint_is_that_of_the_saved_file(tmp_path):
    import hashlib  # noqa: PLC0415

    review = sample.ship()
    content = pack.write(review, ".json")
    assert particulars.fingerprint(review) == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("setting", "kpi"), [("from_a_later_version", "conversion_rate"), ("margin", "kpi_of_a_later_version")]
)
def test_a_review_of_another_version_is_written_without_what_would_be_counted_anew(setting, kpi):
    base = sample.ship()
    scenario = {**base.inputs.scenario, setting: 0.35}
    kpis = tuple(one.model_copy(update={"id": kpi}) if one.primary else one for one in base.kpis)
    inputs = base.inputs.model_copy(update={"scenario": scenario})
    review = base.model_copy(update={"inputs": inputs, "kpis": kpis})
    for ending, said in (
        (".pdf", "thesettingsofthisreviewareofanotherversion"),
        (".html", "thesettingsofthisreviewareofanotherversion"),
        (".xlsx", "themoneymodelasformulasisleftout"),
    ):
        text = text_of(ending, pack.write(review, ending)).lower().replace("\u00a0", "")
        assert said in text, ending
        assert "".join(words.verdict_headline(review).lower().split()) in text.replace("\u00a0", ""), ending
    assert pack.write(review, ".pptx")
