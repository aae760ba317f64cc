"""Every example of the documents runs and gives what the page says; `...` stands for anything."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import shlex

import pytest

from recsys_roi.cli import main
from recsys_roi.logs.ingest import validate_files
from tests.docs.reading import PAGES, ROOT, Block, blocks_of, name_of

RUN = {"console", "pycon"}
SHOWN = ROOT / "README.md"  # its Python runs as it stands; elsewhere such a block is a signature


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty folder beside which the sample data lies, as in a checkout, and a home of its own."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(block.language in RUN for block in blocks_of(page))], ids=name_of
)
def test_examples(page, workplace):
    names: dict[str, object] = {}
    for block in blocks_of(page):
        if block.language == "console":
            run_commands(block)
        elif block.language == "pycon":
            run_python(block, names, name_of(page))


def test_the_python_in_the_readme_runs(workplace, capsys):
    (block,) = (block for block in blocks_of(SHOWN) if block.language == "python")
    exec(compile(block.code, str(SHOWN), "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.startswith(("SHIP: ", "HOLD: "))


def run_commands(block: Block) -> None:
    for entry in block.code.split("$ ")[1:]:
        command, _, wanted = entry.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "recsys-roi", f"line {block.line}: only recsys-roi is run, not {program}"
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main(arguments)
        checker = doctest.OutputChecker()
        if not checker.check_output(wanted, said.getvalue(), doctest.ELLIPSIS):
            pytest.fail(f"line {block.line}: $ {command}\nwanted:\n{wanted}\ngot:\n{said.getvalue()}")


def run_python(block: Block, names: dict[str, object], page: str) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, names, page, page, block.line - 1)
    said = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=said.write, clear_globs=False)
    names.update(test.globs)
    if runner.failures:
        pytest.fail(said.getvalue())


@pytest.mark.parametrize("page", ["README.md", "docs/logs.md"])
def test_log_lines_in_documents_are_accepted(page, tmp_path):
    lines = [
        line
        for block in blocks_of(ROOT / page)
        if block.language == "json"
        for line in block.code.splitlines()
    ]
    kinds = []
    for number, line in enumerate(lines):
        file = tmp_path / f"{number}.jsonl"
        file.write_text(line + "\n", encoding="utf-8")
        (found,) = validate_files([file])
        assert found.rejected == 0
        kinds.append(found.kind)
    assert kinds == ["exposure.v1", "outcome.v1", "assignment.v1"]
    assert len({json.loads(line)["request_id"] for line in lines}) == 1
