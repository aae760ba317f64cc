"""The colours read well: contrast by the WCAG 2 formula, computed here."""

import tomllib
from pathlib import Path

import pytest

from recsys_roi.render.palette import DARK, LIGHT, Palette, palette_of

AA_TEXT = 4.5
CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_21_for_black_on_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_all_text_passes_aa_on_background_and_surface(palette: Palette):
    for colour in (palette.text, palette.muted, palette.control, palette.candidate):
        assert contrast(colour, palette.background) >= AA_TEXT
        assert contrast(colour, palette.surface) >= AA_TEXT
    for tone in ("ok", "watch", "act", "cannot_tell"):
        found = palette.tone(tone)
        assert contrast(found.text, found.ground) >= AA_TEXT
        assert contrast(palette.text, found.ground) >= AA_TEXT


@pytest.mark.parametrize(
    ("colour", "ground", "ratio"),
    [
        (LIGHT.text, LIGHT.background, 18.7),
        (DARK.text, DARK.background, 15.5),
        (LIGHT.candidate, LIGHT.background, 6.1),
        (DARK.candidate, DARK.background, 7.5),
    ],
)
def test_contrast_is_as_published(colour: str, ground: str, ratio: float):
    assert contrast(colour, ground) == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_app_wears_the_same_colours(palette: Palette):
    theme = CONFIG["theme"][palette.name]
    assert theme["backgroundColor"] == palette.background
    assert theme["secondaryBackgroundColor"] == palette.surface
    assert theme["textColor"] == palette.text
    assert theme["primaryColor"] == palette.candidate
    for name, tone in (("green", "ok"), ("orange", "watch"), ("red", "act"), ("gray", "cannot_tell")):
        assert theme[f"{name}TextColor"] == palette.tone(tone).text
        assert theme[f"{name}BackgroundColor"] == palette.tone(tone).ground


def test_the_app_stays_on_this_machine_and_calls_nobody():
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert "http" not in str(CONFIG)


def test_palette_of_a_theme():
    assert palette_of("dark") is DARK
    assert palette_of("light") is palette_of(None) is LIGHT
