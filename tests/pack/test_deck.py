"""The deck: native charts with the review's figures, real text inside its slide, notes, and it opens."""

from __future__ import annotations

import io

import hard_reviews as hard
import pypdf
import pytest
import sample_review as sample
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from recsys_roi.render import words
from recsys_roi.render.pack import write
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.deck.slides import deck_pptx


def opened(review):
    return Presentation(io.BytesIO(deck_pptx(review)))


def charts(slide):
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def slide_titled(deck, part):
    return next(slide for slide in deck.slides if part in slide.shapes.title.text)


def texts(slide):
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    found += [cell.text for table in tables for row in table.rows for cell in row.cells]
    return [text.replace("\u00a0", " ").replace("\u2011", "-") for text in found]


def points(series):
    return list(
        zip(series.iter_values(), [float(v.text) for v in series._element.iterfind(X_VALUES)], strict=True)
    )


X_VALUES = ".//{*}xVal//{*}pt/{*}v"


def test_it_has_six_to_eight_slides_with_native_charts():
    for base in sample.ALL.values():
        deck = opened(base())
        assert 4 <= len(deck.slides) <= 8
        assert not [
            s for slide in deck.slides for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE
        ]
    ship = opened(sample.ship())
    assert 6 <= len(ship.slides) <= 8
    assert sum(len(charts(slide)) for slide in ship.slides) == 5


def test_the_lift_chart_holds_the_reviews_figures():
    review = sample.hold()
    (chart,) = charts(slide_titled(opened(review), "pay for itself"))
    found = {series.name: points(series) for series in chart.plots[0].series}
    lift = review.primary.relative_lift
    assert [x for _, x in found["always-valid range"]] == pytest.approx([lift.lower, lift.upper])
    assert [x for _, x in found["measured"]] == pytest.approx([lift.estimate])
    assert [x for _, x in found["counted"]] == pytest.approx([review.roi.lift])
    assert [x for _, x in found["break-even"]] == pytest.approx([review.roi.break_even_lift] * 2)


def test_the_cash_chart_is_bars_and_a_line_over_the_reviews_months():
    review = sample.ship()
    (chart,) = charts(slide_titled(opened(review), "pay back"))
    bars, line = chart.plots
    assert list(bars.series[0].values) == pytest.approx([flow.net for flow in review.roi.months])
    assert list(line.series[0].values) == pytest.approx([flow.cumulative for flow in review.roi.months])
    assert list(bars.categories) == [str(month) for month in range(1, 13)]


def test_the_tornado_is_the_change_from_the_value_now():
    review = sample.ship(roi=sample.roi(npv=-26188.57))
    (chart,) = charts(slide_titled(opened(review), "moves the value"))
    low, high = (list(series.values) for series in chart.plots[0].series)
    assert list(chart.plots[0].categories)[-1] == "Lift"
    assert (low[-1], high[-1]) == (pytest.approx(-42875.54 + 26188.57), pytest.approx(-9501.6 + 26188.57))


@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_slides_and_notes_say_what_the_review_says(base):
    review = base()
    deck = opened(review)
    first = deck.slides[0]
    assert texts(first)[0] == words.verdict_headline(review)
    assert any(words.verdict_sentence(review) in text for text in texts(first))
    for tile in words.tiles(review):
        assert {tile.label, tile.value, tile.note} <= set(texts(first))
    notes = "\n".join(slide.notes_slide.notes_text_frame.text for slide in deck.slides)
    said = [
        *(words.reason_sentence(code, review) for code in review.decision.reasons),
        *words.money_sentences(review),
        *(words.guardrail_sentence(one)[1:] for one in review.guardrails if one.harm is not None),
        *(file.hash for file in review.inputs.files),
        *(value for _, _, value, _ in particulars.setting_rows(review)),
        particulars.fingerprint(review),
    ]
    for sentence in said:
        assert sentence in notes
    for slide in deck.slides:
        assert slide.notes_slide.notes_text_frame.text
        assert any(review.made_at in text for text in texts(slide))


def test_a_preliminary_verdict_says_so_on_every_slide():
    for slide in opened(sample.hold()).slides:
        assert "PRELIMINARY: it becomes valid on 12 Nov 2026" in texts(slide)
    for slide in opened(sample.ship()).slides:
        assert not any("PRELIMINARY" in text for text in texts(slide))


@pytest.mark.parametrize("base", hard.ALL.values(), ids=hard.ALL)
def test_every_shape_stays_on_its_slide(base):
    deck = opened(base())
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height, shape.name


@pytest.mark.parametrize("base", [sample.hold, hard.many_slices], ids=["hold", "many_slices"])
def test_it_opens_in_libreoffice_with_all_its_text(office, tmp_path, base):
    review = base()
    file = tmp_path / "deck.pptx"
    file.write_bytes(deck_pptx(review))
    pages = pypdf.PdfReader(office(file, "pdf")).pages
    assert len(pages) == len(opened(review).slides)
    assert words.verdict_headline(review).split(":")[0] in pages[0].extract_text()


def test_the_same_review_gives_the_same_bytes():
    assert deck_pptx(sample.hold()) == deck_pptx(sample.hold())


@pytest.mark.parametrize("locale", ["en", "de", "fr_CH"])
def test_the_axis_of_a_lift_keeps_its_decimals_in_every_locale(locale):
    """A native axis writes its own ticks: with the decimals of ours, whatever their mark."""
    review = sample.ship(kpis=(sample.kpi(-0.03, 0.05, 0.09, 0.05),))
    inputs = review.inputs.model_copy(update={"scenario": {**review.inputs.scenario, "locale": locale}})
    data = write(review.model_copy(update={"inputs": inputs}), ".pptx")
    (chart,) = charts(slide_titled(Presentation(io.BytesIO(data)), "pay for itself"))
    assert chart.category_axis.major_unit == pytest.approx(0.025)
    assert chart.category_axis.tick_labels.number_format == '+0.0" "%;-0.0" "%;0" "%'
