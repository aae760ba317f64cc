"""A change of look is seen: the pictures of the pack against those that were kept."""

from dataclasses import replace

import golden_pictures as golden
import pytest
import sample_review as sample
from PIL import Image

from recsys_roi.render.pack.paper import sheet
from recsys_roi.render.palette import LIGHT


@pytest.mark.parametrize("name", golden.pictures())
def test_it_looks_as_it_did(name, tmp_path):
    made = golden.pictures()[name]()
    kept = Image.open(golden.KEPT / f"{name}.png")
    made.save(tmp_path / f"{name}.png")
    assert golden.alike(made, kept), (
        f"{name} looks different now: compare {tmp_path / name}.png with tests/pack/golden. "
        "If it is meant, run: python -m tests.pack.golden_pictures"
    )


def test_nothing_is_kept_that_is_not_compared():
    assert {file.stem for file in golden.KEPT.glob("*.png")} == set(golden.pictures())


@pytest.mark.parametrize("look", [{"candidate": "#8A1FBF"}, {"surface": "#FFF3C4"}, {"text": "#5B6776"}])
def test_a_changed_colour_is_seen(look, monkeypatch):
    before = golden.picture(sample.ship())
    monkeypatch.setattr(sheet, "LIGHT", replace(LIGHT, **look))
    assert not golden.alike(golden.picture(sample.ship()), before)


def test_another_verdict_is_seen():
    assert not golden.alike(golden.picture(sample.hold()), golden.picture(sample.ship()))


def test_a_shift_of_three_points_is_seen():
    before = golden.picture(sample.ship())
    moved = Image.new("RGB", before.size, "white")
    moved.paste(before.convert("RGB"), (3, 0))
    assert not golden.alike(moved, before)
