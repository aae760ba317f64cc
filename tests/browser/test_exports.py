"""Every entry of the export menu arrives as a file and opens as what it says it is."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdf
import pytest
from PIL import Image
from pptx import Presentation

RATES = (0.0038, 0.0042)  # clicks a request of random and bts, facts.json of the sample
SAID = ("0.380 %", "0.420 %")


def report(content: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = "".join(page.extract_text() for page in pages).replace("\u00a0", " ")
    assert len(pages) > 5
    assert all(rate in text for rate in SAID)


def one_page(content: bytes) -> None:
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == 1


def light(content: bytes) -> None:
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    assert (picture.size, picture.getpixel((1, 1))) == ((3840, 2160), (255, 255, 255))


def dark(content: bytes) -> None:
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    assert (picture.size, picture.getpixel((1, 1))) == ((3840, 2160), (0x10, 0x16, 0x1D))


def deck(content: bytes) -> None:
    slides = Presentation(io.BytesIO(content)).slides
    assert any(shape.has_chart for slide in slides for shape in slide.shapes)


def workbook(content: bytes) -> None:
    rows = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Lift"].iter_rows(values_only=True)
    (found,) = [row for row in rows if row[1] == "yes"]
    assert found[3:5] == RATES


def page(content: bytes) -> None:
    assert all(rate.replace(" ", "\u00a0") in content.decode() for rate in SAID)


def note(content: bytes) -> None:
    assert all(rate in content.decode() for rate in SAID)


def table(content: bytes) -> None:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    found = {row["measure"]: row["value"] for row in rows if (row["section"], row["id"]) == ("kpi", "ctr")}
    assert (float(found["control"]), float(found["candidate"])) == RATES


def review(content: bytes) -> None:
    found = next(kpi for kpi in json.loads(content)["kpis"] if kpi["id"] == "ctr")
    assert (found["control"], found["candidate"]) == RATES


def decision(content: bytes) -> None:
    found = json.loads(content)
    assert (found["decision"], found["control_variant"], found["candidate_variant"]) == (
        "hold",
        "random",
        "bts",
    )


def archive(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert files.testzip() is None
        review(files.read("review.json"))


FILES: dict[str, Callable[[bytes], None]] = {
    "review.pdf": report,
    "one page.pdf": one_page,
    "review.png": light,
    "review dark.png": dark,
    "review.pptx": deck,
    "review.xlsx": workbook,
    "review.html": page,
    "review.md": note,
    "review.csv": table,
    "review.json": review,
    "review.decision.json": decision,
    "review.zip": archive,
}


@pytest.mark.browser
def test_every_entry_of_the_export_menu_arrives_and_opens(reader):
    visit = reader()
    visit.open("?pilot=Sample+Open+Bandit&control=random&candidate=bts&kpi=ctr")
    visit.page.get_by_role("button", name="Export").click()
    entries = visit.page.locator("[class*=st-key-export_]")
    entries.first.wait_for()
    assert entries.count() == len(FILES)
    for name, opens in FILES.items():
        key = name.replace(".", "-").replace(" ", "-")
        with visit.page.expect_download() as download:
            visit.page.locator(f".st-key-export_{key}").get_by_role("button").click()
        assert download.value.suggested_filename == f"Sample Open Bandit {name}"
        opens(Path(download.value.path()).read_bytes())
