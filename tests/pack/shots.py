"""Pictures of the pack for the docs: `python -m tests.pack.shots FOLDER`, from the sample shop."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
from PIL import Image

from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import temporary_pilot
from recsys_roi.render import pack
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario
from tests.real_logs import SHOP, logs

MADE_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
PAGE_WIDTH, SLIDE_WIDTH, EDGE = 620, 800, 12
REPORT_PAGES = (0, 1, 2, 3)
GROUND = "#C9D1DA"


def shop() -> Review:
    """The sample shop with its own settings."""
    scenario = Scenario.of(json.loads((SHOP / "scenario.json").read_text(encoding="utf-8")))
    with temporary_pilot() as pilot:
        ingest_files(pilot, logs(SHOP))
        return evaluate(evidence_of(pilot, view_of(scenario)), scenario, as_of=MADE_AT)


def side_by_side(pages: list[Image.Image], columns: int, width: int) -> Image.Image:
    """Pages in rows on a grey ground."""
    small = [page.resize((width, round(page.height * width / page.width))) for page in pages]
    high, rows = small[0].height, -(-len(small) // columns)
    size = (columns * (width + EDGE) + EDGE, rows * (high + EDGE) + EDGE)
    sheet = Image.new("RGB", size, GROUND)
    for index, page in enumerate(small):
        across, down = index % columns, index // columns
        sheet.paste(page, (EDGE + across * (width + EDGE), EDGE + down * (high + EDGE)))
    return sheet


def pages_of(pdf: bytes) -> list[Image.Image]:
    """Every page as a picture."""
    return [page.render(scale=2).to_pil() for page in pypdfium2.PdfDocument(pdf)]


def slides_of(review: Review) -> list[Image.Image]:
    """Every slide as LibreOffice shows it."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is needed: make office"
    with tempfile.TemporaryDirectory() as folder:
        deck = Path(folder) / "deck.pptx"
        deck.write_bytes(pack.write(review, ".pptx"))
        command = [program, "--headless", "--convert-to", "pdf", "--outdir", folder, str(deck)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return pages_of(deck.with_suffix(".pdf").read_bytes())


def main(folder: Path) -> None:
    """Writes every picture."""
    review = shop()
    folder.mkdir(parents=True, exist_ok=True)
    report = pages_of(pack.write(review, ".pdf"))
    shown = {
        "pack-picture.png": Image.open(io.BytesIO(pack.write(review, ".png"))),
        "pack-picture-dark.png": Image.open(io.BytesIO(pack.write(review, ".png", pack.Look(dark=True)))),
        "pack-report.png": side_by_side([report[at] for at in REPORT_PAGES], 4, PAGE_WIDTH),
        "pack-deck.png": side_by_side(slides_of(review), 2, SLIDE_WIDTH),
    }
    for name, picture in shown.items():
        few = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE)
        few.save(folder / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
