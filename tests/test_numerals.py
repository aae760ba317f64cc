"""Figures in the marks of a locale: known outputs of CLDR, and nothing lost on the way back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi import numerals
from recsys_roi.dashboard.steps import read_number
from recsys_roi.render.words import numbers

LOCALES = [
    *("en", "de", "de_CH", "fr", "es", "it", "nl", "pl"),
    *("pt_BR", "sv", "en_IN", "hi", "ja", "tr", "en_ZA"),
]
NARROW, NO_BREAK = "\u202f", "\u00a0"


# By the marks and the standard currency pattern that CLDR publishes for each locale.
@pytest.mark.parametrize(
    ("locale", "number", "amount"),
    [
        ("en", "1,234,567.89", "EUR 1,234,568"),
        ("de", "1.234.567,89", "1.234.568 EUR"),
        ("de_CH", "1’234’567.89", "EUR 1’234’568"),
        ("fr", f"1{NARROW}234{NARROW}567,89", f"1{NARROW}234{NARROW}568 EUR"),
        ("sv", f"1{NO_BREAK}234{NO_BREAK}567,89", f"1{NO_BREAK}234{NO_BREAK}568 EUR"),
        ("pt_BR", "1.234.567,89", "EUR 1.234.568"),
        ("en_IN", "12,34,567.89", "EUR 12,34,568"),
        ("ja", "1,234,567.89", "EUR 1,234,568"),
    ],
)
def test_marks_and_places_are_those_of_cldr(locale, number, amount):
    with numerals.written_for(locale):
        assert numerals.full(1_234_567.89, 2) == number
        assert numbers.money(1_234_567.89, "EUR") == amount


@pytest.mark.parametrize(
    ("currency", "text"),
    [("JPY", "18 JPY"), ("EUR", "18,00 EUR"), ("KWD", "18,000 KWD"), ("CLF", "18,0000 CLF")],
)
def test_an_amount_has_its_currencys_decimals_in_any_locale(currency, text):
    with numerals.written_for("de"):
        assert numbers.money(18, currency) == text


@given(
    st.sampled_from(LOCALES),
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False),
    st.integers(min_value=0, max_value=4),
)
def test_what_is_written_reads_back_the_same(locale, value, decimals):
    with numerals.written_for(locale):
        text = numerals.full(value, decimals)
    assert parse_decimal(text, locale=locale, strict=decimals > 0) == Decimal(f"{value:.{decimals}f}")


@given(st.sampled_from(LOCALES), st.integers(min_value=0, max_value=10**12))
def test_a_count_that_a_field_shows_is_read_as_itself(locale, value):
    with numerals.written_for(locale):
        assert read_number(numbers.exact_number(value)) == value
        assert read_number(numbers.large_count(value)) == pytest.approx(value, rel=0.051)


@pytest.mark.parametrize(
    ("locale", "text", "value"),
    [
        ("de", "2,5 million", 2.5e6),
        ("de", "2.000.000", 2e6),
        ("de", "2,000,000", None),
        ("de", "2.5 million", None),
        ("fr", "2 000 000", 2e6),
        ("de_CH", "2'000'000", 2e6),
        ("en_IN", "20,00,000", 2e6),
        ("en_IN", "2,000,000", 2e6),
    ],
)
def test_a_field_takes_the_marks_of_its_locale_and_refuses_others(locale, text, value):
    with numerals.written_for(locale):
        assert read_number(text) == value


@given(st.sampled_from(LOCALES), st.floats(min_value=-1e99, max_value=1e99, allow_nan=False))
def test_a_tile_is_as_short_in_any_locale(locale, value):
    with numerals.written_for(locale):
        assert len(numbers.tile_money(value, "COP")) <= 9


def test_a_locale_ends_with_its_text_and_is_named_as_cldr_does():
    with numerals.written_for("de"), numerals.written_for("en_IN"):
        assert numerals.full(1e5) == "1,00,000"
    assert numerals.full(1e5) == "100,000"
    assert [numerals.locale_id(text) for text in ("de-ch", "EN", "xx", "")] == ["de_CH", "en", None, None]
    assert numbers.locale_text("de_CH") == "EUR 1’234.50, German (Switzerland)"
    assert numbers.locale_text("<b>") == "<b>"


def test_currencies_are_those_in_use():
    current = numerals.current_currencies()
    assert {"EUR", "USD", "JPY", "KWD", "COP", "INR"} <= set(current)
    assert not {"DEM", "FRF", "XTS"} & set(current)
    assert numerals.is_currency("DEM")
    assert not numerals.is_currency("ERU")


@pytest.mark.parametrize(("locale", "mark"), [("en", ","), ("de", "."), ("fr_CH", "\u202f")])
@pytest.mark.parametrize("decimals", [0, 2])
def test_figures_of_any_size_are_written(locale, mark, decimals):
    with numerals.written_for(locale):
        text = numerals.full(1e40, decimals)
    whole = mark.join(["10", *["000"] * 13])
    assert text.startswith(whole)
    assert len(text) == len(whole) + (3 if decimals else 0)
