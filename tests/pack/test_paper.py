"""PDF and PNG: the figures of the review, one page to hand round, the same bytes again, text never markup."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import hard_reviews as hard
import pypdf
import pytest
import sample_review as sample
from PIL import Image

from recsys_roi.render import words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.paper import sheet
from recsys_roi.render.pack.paper.scene import Label, Run, Scene
from recsys_roi.render.palette import LIGHT


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return squeezed("".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    """Without spaces, line breaks and break opportunities, which the setting of lines adds and takes."""
    return re.sub(r"[\s\u200b]+", "", text)


@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_the_report_reads_as_the_review(base):
    review = base()
    text = text_of(sheet.report_pdf(review))
    said = [
        words.verdict_headline(review),
        words.verdict_sentence(review),
        *(words.reason_sentence(code, review) for code in review.decision.reasons),
        *words.money_sentences(review),
        *(words.kpi_sentence(kpi) for kpi in review.kpis),
        *(words.guardrail_sentence(guardrail) for guardrail in review.guardrails),
        *(words.slice_sentence(part) for part in review.slices),
        *(f"{words.money(flow.cumulative, review.roi.currency)}" for flow in review.roi.months),
        *(file.hash for file in review.inputs.files),
        *(value for _, _, value, _ in particulars.setting_rows(review)),
        particulars.fingerprint(review),
        review.made_at,
    ]
    for sentence in said:
        assert squeezed(sentence) in text, sentence


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_the_first_page_is_one_page_and_opens_the_report(base):
    review = base()
    one, whole = (sheet.report_pdf(review, first_page_only=only) for only in (True, False))
    assert len(pypdf.PdfReader(io.BytesIO(one)).pages) == 1
    first = pypdf.PdfReader(io.BytesIO(whole)).pages[0].extract_text()
    assert squeezed(words.verdict_headline(review)) in squeezed(first)
    for part in ("sha256:", review.made_at, "Scenario"):
        assert squeezed(part) in text_of(one)


def test_a_preliminary_verdict_says_so_on_every_page():
    pages = pypdf.PdfReader(io.BytesIO(sheet.report_pdf(sample.hold()))).pages
    assert len(pages) > 4
    for page in pages:
        assert "PRELIMINARY: it becomes valid on 12 Nov 2026" in page.extract_text()
    final = pypdf.PdfReader(io.BytesIO(sheet.report_pdf(sample.ship()))).pages
    assert not any("PRELIMINARY" in page.extract_text() for page in final)


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_the_same_review_gives_the_same_bytes(base):
    first, again = base(), base()
    assert sheet.report_pdf(first) == sheet.report_pdf(again)
    assert sheet.picture_png(first) == sheet.picture_png(again)


def test_the_pdf_is_dated_by_the_review_and_tagged():
    reader = pypdf.PdfReader(io.BytesIO(sheet.report_pdf(sample.ship())))
    assert reader.metadata.creation_date.isoformat() == "2026-11-24T09:00:00+00:00"
    assert reader.metadata.title == words.verdict_headline(sample.ship())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


@pytest.mark.parametrize(("scale", "size"), [(1, (1920, 1080)), (2, (3840, 2160))])
def test_pictures_have_their_size(scale, size):
    light, dark = (
        Image.open(io.BytesIO(sheet.picture_png(sample.hold(), dark=dark, scale=scale))).convert("RGB")
        for dark in (False, True)
    )
    assert light.size == dark.size == size
    assert light.getpixel((2, 2)) == (255, 255, 255)
    assert dark.getpixel((2, 2)) == (0x10, 0x16, 0x1D)


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_nothing_runs_over_the_edge_of_the_picture(base):
    picture = Image.open(io.BytesIO(sheet.picture_png(base()))).convert("RGB")
    wide, high = picture.size
    edge = 30
    for box in (
        (0, 0, wide, edge),
        (0, high - edge, wide, high),
        (0, 0, edge, high),
        (wide - edge, 0, wide, high),
    ):
        assert picture.crop(box).getcolors() is not None
        assert {colour for _, colour in picture.crop(box).getcolors()} == {(255, 255, 255)}


@pytest.mark.parametrize("hostile", hard.INJECTIONS)
def test_text_from_logs_is_set_as_text(hostile):
    review = sample.ship()
    experiment = review.experiment.model_copy(update={"id": hostile, "control": hostile})
    part = sample.slice_of(hostile, -0.01, 0.02, 0.05)
    text = text_of(sheet.report_pdf(review.model_copy(update={"experiment": experiment, "slices": (part,)})))
    assert squeezed(hostile.strip()) in text


@pytest.mark.parametrize("name", (*hard.NAMES, hard.HINDI))
def test_every_script_of_the_shipped_fonts_is_set(name):
    """What no font has is set as an empty box, from which no letter can be read back."""
    part = sample.slice_of(name, -0.01, 0.02, 0.05)
    letters = {letter for letter in name if not letter.isspace()}
    assert letters <= set(text_of(sheet.report_pdf(sample.ship(slices=(part,)))))


def test_sheets_that_several_people_ask_for_at_once_are_all_set():
    charts = [
        asdict(Scene(title="", subtitle="", width=200.0, height=40.0, shapes=(label(f"chart {number}"),)))
        for number in range(24)
    ]
    with ThreadPoolExecutor(8) as people:
        made = list(people.map(sheet.svg_of, charts))
    assert made == [sheet.svg_of(chart) for chart in charts]
    assert len(set(made)) == len(charts)


def label(text: str) -> Label:
    runs = (Run(text=text, bold=False),)
    return Label(lines=(runs,), x=100.0, y=20.0, across="middle", down="middle", size=14.0, colour=LIGHT.text)
