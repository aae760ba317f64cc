"""How figures are written."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.render.words import numbers

FINITE = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.022, "+2.2 %"),
        (-0.025, "-2.5 %"),
        (0.0087, "+0.87 %"),
        (0.001, "+0.1 %"),
        (0.57, "+57 %"),
        (0.0, "0 %"),
        (0.09994, "+10 %"),
        (-0.00000012, "0 %"),
        (0.000031, "+0.0031 %"),
    ],
)
def test_percent(value, text):
    assert numbers.percent(value) == text


@given(st.floats(min_value=1e-6, max_value=100) | st.floats(min_value=-100, max_value=-1e-6))
def test_percent_keeps_the_sign_and_is_within_its_last_digit(value):
    text = numbers.percent(value)
    shown = float(text.removesuffix(" %").replace(",", ""))
    assert text.startswith("+" if value > 0 else "-")
    assert math.copysign(1, shown) == math.copysign(1, value)
    assert shown == pytest.approx(value * 100, rel=0.051, abs=0.00501)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.012, "1.20 %"), (0.1002537721, "10.0 %"), (0.004, "0.400 %"), (1.0, "100 %"), (0, "0 %")],
)
def test_share(value, text):
    assert numbers.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.000216, "+0.02 points"), (-0.01, "-1.00 points"), (0.00004, "+0.004 points"), (0, "0.00 points")],
)
def test_points(value, text):
    assert numbers.points(value) == text


@pytest.mark.parametrize(
    ("probability", "against", "text"),
    [
        (0.75, None, "75 %"),
        (0.9750806822912899, 0.9, "98 %"),
        (0.9999, None, "over 99 %"),
        (1.0, None, "over 99 %"),
        (0.0, None, "under 1 %"),
        (0.897, 0.9, "89.7 %"),
        (0.8999, 0.9, "89.99 %"),
        (0.5499, 0.55, "54.99 %"),  # 0.55 * 100 is not 55 in floating point
        (0.0699, 0.07, "6.99 %"),
        (0.9, 0.9, "90 %"),
    ],
)
def test_chance(probability, against, text):
    assert numbers.chance(probability, against) == text


@given(st.floats(min_value=0, max_value=1))
def test_chance_is_never_certain(probability):
    assert numbers.chance(probability) not in {"0 %", "100 %"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_280_000, "EUR 1.28M"),
        (-1_280_000, "EUR -1.3M"),
        (999_999, "EUR 1.00M"),
        (127_692.6, "EUR 128k"),
        (-127_692.6, "EUR -128k"),
        (612.73, "EUR 613"),
        (0.87, "EUR 0.87"),
        (0, "EUR 0.00"),
    ],
)
def test_tile_money(value, text):
    assert numbers.tile_money(value, "EUR") == text


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e99, max_value=1e99),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF", "XXX"]),
)
def test_tile_money_fits_its_tile_in_any_currency(value, currency):
    assert len(numbers.tile_money(value, currency)) <= 9


@pytest.mark.parametrize(
    ("value", "currency", "full", "tile"),
    [
        (18.0, "JPY", "JPY 18", "JPY 18"),
        (1_234_567.8, "JPY", "JPY 1,234,568", "JPY 1.23M"),
        (0.4, "JPY", "JPY 0.40", "JPY <1"),
        (-0.4, "JPY", "JPY -0.40", "JPY >-1"),
        (0.0, "JPY", "JPY 0", "JPY 0"),
        (18.0, "KWD", "KWD 18.000", "KWD 18.00"),
        (1.2345, "KWD", "KWD 1.234", "KWD 1.234"),
        (0.0004, "KWD", "KWD 0.00040", "KWD <.001"),
        (250.5, "KWD", "KWD 250", "KWD 250"),
        (3.5, "CLF", "CLF 3.5000", "CLF 3.500"),
        (-9.991875e26, "EUR", "EUR -999,187,500,000,000,000,000,000,000", "EUR -1e27"),
        (4e21, "EUR", "EUR 4,000,000,000,000,000,000,000", "EUR 4e21"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(value, currency, full, tile):
    assert numbers.money(value, currency) == full
    assert numbers.tile_money(value, currency) == tile


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (18, "EUR", "EUR 18.00"),
        (0.035, "EUR", "EUR 0.035"),
        (1500, "JPY", "JPY 1,500"),
        (1.5, "JPY", "JPY 1.5"),
        (0.25, "KWD", "KWD 0.250"),
    ],
)
def test_an_amount_as_it_was_given(value, currency, text):
    assert numbers.exact_money(value, currency) == text


@given(FINITE.filter(lambda value: abs(value) >= 1000))
def test_tile_money_is_right_to_its_digits(value):
    text = numbers.tile_money(value, "EUR").removeprefix("EUR ")
    scale = {"k": 1e3, "M": 1e6, "B": 1e9}[text[-1]]
    assert float(text[:-1]) * scale == pytest.approx(value, rel=0.06)


@pytest.mark.parametrize(
    ("value", "text"),
    [(127_692.61, "EUR 127,700"), (4961.18, "EUR 4,961"), (0.5, "EUR 0.50"), (-612.73, "EUR -613")],
)
def test_about_money(value, text):
    assert numbers.about_money(value, "EUR") == text


@pytest.mark.parametrize(("value", "text"), [(127_692.61, "EUR 127,693"), (18, "EUR 18.00"), (0, "EUR 0")])
def test_money(value, text):
    assert numbers.money(value, "EUR") == text


@pytest.mark.parametrize(
    ("value", "text"), [(50_000, "50k"), (-32_700, "-32.7k"), (0, "0"), (999_999, "1M"), (2_500_000, "2.5M")]
)
def test_compact(value, text):
    assert numbers.compact(value) == text


@given(FINITE)
def test_number_keeps_three_digits(value):
    text = numbers.number(value)
    assert re.fullmatch(r"-?[\d,]+(\.\d+)?(e-\d+)?", text)
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.0051)


@pytest.mark.parametrize(
    ("when", "beside", "text"),
    [
        ("2026-11-12", "2026-11-01T00:00:00Z", "12 Nov"),
        ("2027-01-02", "2026-12-30", "2 Jan 2027"),
        ("2026-11-12T09:00:00Z", None, "12 Nov 2026"),
        ("soon", None, "soon"),
    ],
)
def test_day(when, beside, text):
    assert numbers.day(when, beside) == text


def test_lists_counts_and_sentences():
    assert numbers.listed([]) == ""
    assert numbers.listed(["a"]) == "a"
    assert numbers.listed(["a", "b", "c"]) == "a, b and c"
    assert numbers.counted(1, "change") == "1 change"
    assert numbers.counted(1200, "user") == "1,200 users"
    assert numbers.in_words(3) == "three"
    assert numbers.in_words(20) == "20"
    assert numbers.sentence("it broke") == "It broke."
    assert numbers.sentence("Why?") == "Why?"
    assert numbers.large_count(2_000_000) == "2.0 million"
    assert numbers.whole_percent(0.35) == "35 %"
    assert numbers.whole_percent(0.008) == "0.8 %"


def test_less_than_a_cent_is_not_written_as_none():
    assert numbers.money(0.0012769, "EUR") == "EUR 0.0013"
    assert numbers.money(-0.0012769, "EUR") == "EUR -0.0013"
    assert numbers.money(0.0, "EUR") == "EUR 0"
    assert numbers.tile_money(0.0012769, "EUR") == "EUR <0.01"
    assert numbers.money(0.01, "EUR") == "EUR 0.01"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.9e-210, "less than EUR 0.01"),
        (0.0099, "less than EUR 0.01"),
        (0.01, "about EUR 0.01"),
        (306.4, "about EUR 306"),
        (0.0, "less than EUR 0.01"),
    ],
)
def test_hardly_any_money_is_not_a_row_of_zeros(value, text):
    assert numbers.at_most_money(value, "EUR") == text
    assert len(numbers.money(value, "EUR")) < 16
