"""The kept pictures of the pack; `python -m tests.pack.golden_pictures` makes them anew, to be looked at."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageStat

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "render"))

import hard_reviews as hard
import sample_review as sample

from recsys_roi.render.pack.paper import sheet
from recsys_roi.review.document import Review

KEPT = Path(__file__).parent / "golden"
WIDTH = 800  # pixels that are kept; fine enough to see a label move
COLOURS = 64
FAR = 32  # of 255, by which a point is another one
POINTS_ALLOWED = 0.006  # of all points
MEAN_ALLOWED = 1.5  # of 255


def pictures() -> dict[str, Callable[[], Image.Image]]:
    """Every kept picture by its name, and how it is made."""
    return {
        "summary-ship": lambda: picture(sample.ship()),
        "summary-hold-dark": lambda: picture(sample.hold(), dark=True),
        "summary-plan": lambda: picture(sample.plan_only()),
        "summary-incident": lambda: picture(hard.incident()),
        "summary-nothing": lambda: picture(hard.nothing_measured()),
        "report-first": lambda: page(sample.roll_back(), 0),
        "report-slices": lambda: page(hard.many_slices(), 3),
        "report-money": lambda: page(sample.ship(), 4),
    }


def picture(review: Review, *, dark: bool = False) -> Image.Image:
    """The summary, as it is kept."""
    return reduced(Image.open(io.BytesIO(sheet.picture_png(review, dark=dark))))


def page(review: Review, number: int) -> Image.Image:
    """A page of the report, as it is kept."""
    document = pypdfium2.PdfDocument(sheet.report_pdf(review))
    return reduced(document[number].render(scale=2).to_pil())


def reduced(whole: Image.Image) -> Image.Image:
    """A picture in the size and the colours that are kept."""
    height = round(whole.height * WIDTH / whole.width)
    small = whole.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    return small.quantize(COLOURS, dither=Image.Dither.NONE)


def alike(made: Image.Image, kept: Image.Image) -> bool:
    """Whether two pictures look the same, but for hairs of letters."""
    if made.size != kept.size:
        return False
    apart = ImageChops.difference(made.convert("RGB"), kept.convert("RGB"))
    farthest = reduce(ImageChops.lighter, apart.split())
    points = farthest.point(lambda value: 255 if value > FAR else 0)
    share = ImageStat.Stat(points).mean[0] / 255
    return share <= POINTS_ALLOWED and max(ImageStat.Stat(apart).mean) <= MEAN_ALLOWED


def main() -> None:
    """Makes every picture anew."""
    KEPT.mkdir(exist_ok=True)
    for name, make in pictures().items():
        make().save(KEPT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
