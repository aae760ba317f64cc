"""Export: every format of the pack by the file's name; an option that a format lacks is refused."""

import io
import zipfile

import pypdf
import pytest
from PIL import Image

from recsys_roi.render import pack
from tests.real_logs import OPEN_BANDIT, logs

REVIEWED = (*logs(OPEN_BANDIT), "--control", "random", "--candidate", "bts", "--kpi", "ctr")
FIXED = ("--made-at", "2026-11-24T09:00:00Z")
STARTS = {
    ".png": b"\x89PNG",
    ".pdf": b"%PDF-",
    ".pptx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".zip": b"PK\x03\x04",
    ".html": b"<!DOCTYPE html>",
    ".md": b"# HOLD",
    ".csv": b"section,id,measure,value,lower,upper,unit,basis\n",
    ".json": b"{",
    ".decision.json": b"{",
}


def exported(run, target, *options):
    status, out, err = run("export", *REVIEWED, *FIXED, "--to", target, *options)
    assert (status, out, err) == (0, f"Wrote {target}.\n", "")
    return target.read_bytes()


@pytest.mark.parametrize("ending", pack.WRITERS)
def test_every_format_by_its_ending_the_same_bytes_again(run, tmp_path, ending):
    first = exported(run, tmp_path / f"review{ending}")
    assert first.startswith(STARTS[ending])
    assert first == exported(run, tmp_path / f"again{ending.upper()}")


def test_pictures_and_paper_have_their_options(run, tmp_path):
    picture = Image.open(
        io.BytesIO(exported(run, tmp_path / "a.png", "--theme", "dark", "--scale", "2"))
    ).convert("RGB")
    assert (picture.size, picture.getpixel((1, 1))) == ((3840, 2160), (0x10, 0x16, 0x1D))
    one = exported(run, tmp_path / "a.pdf", "--pages", "one")
    assert len(pypdf.PdfReader(io.BytesIO(one)).pages) == 1


@pytest.mark.parametrize(
    ("name", "option", "only"),
    [
        ("a.pdf", ("--theme", "dark"), ".png"),
        ("a.zip", ("--scale", "2"), ".png"),
        ("a.png", ("--pages", "one"), ".pdf"),
    ],
)
def test_an_option_that_a_format_lacks_is_refused_before_anything_is_written(
    run, tmp_path, name, option, only
):
    status, out, err = run("export", *REVIEWED, "--to", tmp_path / name, *option)
    assert (status, out) == (1, "")
    assert f"{option[0]} is for {only} files" in err
    assert not (tmp_path / name).exists()


def test_a_plan_without_logs_is_exported_too(run, tmp_path):
    target = tmp_path / "plan.zip"
    assert run("export", "--to", target, *FIXED)[0] == 0
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert b"assumed" in archive.read("review.md")


def test_a_folder_that_is_not_there_is_one_sentence(run, tmp_path):
    status, _, err = run("export", "--to", tmp_path / "none" / "a.pdf")
    assert status == 1
    assert "Traceback" not in err
    assert "a.pdf" in err
