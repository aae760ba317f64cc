"""What the code itself may not hold: unsafe HTML, SQL made of anybody's text, files or requests elsewhere."""

from __future__ import annotations

import ast
import re
from importlib import metadata
from pathlib import Path

import pytest

import recsys_roi
from docs.making.licences import licence_of, needed
from recsys_roi.machine import MACHINE_SETTINGS

PACKAGE = Path(recsys_roi.__file__).parent
ROOT = PACKAGE.parent
FILES = (*sorted(PACKAGE.rglob("*.py")), ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")))
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
RUNS_SQL = {"execute", "executemany", "executescript", "sql", "query"}
ASKS_OUTSIDE = {"requests", "httpx", "urllib.request", "aiohttp", "ftplib", "smtplib", "telnetlib"}
# Statements whose text is put together, each from names of ours alone (each looked at by a person).
PUT_TOGETHER = {
    "recsys_roi/logs/tables.py",
    "recsys_roi/logs/shapes/table_lines.py",
    "recsys_roi/logs/shapes/lists.py",
    "recsys_roi/record/file.py",
    "recsys_roi/evidence/spark/counting.py",
}


def calls() -> list[tuple[str, ast.Call]]:
    return [
        (str(file.relative_to(ROOT)), node)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def test_no_unsafe_html_and_no_component_of_others():
    for file, call in calls():
        assert not [
            key for key in call.keywords if key.arg in {"unsafe_allow_html", "unsafe_allow_javascript"}
        ], file
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        assert name not in {"html", "iframe", "declare_component", "eval", "exec"}, file


def test_choices_that_are_drawn_as_markdown_are_made_plain():
    for file, call in calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name not in {"pills", "segmented_control"}:
            continue
        is_ours = isinstance(call.args[1], ast.Name) and call.args[1].id.isupper()
        assert is_ours or "format_func" in [key.arg for key in call.keywords], f"{file}:{call.lineno}"


def test_every_statement_of_sql_is_a_text_of_ours():
    for file, call in calls():
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in RUNS_SQL and call.args):
            continue
        statement = call.args[0]
        is_text = isinstance(statement, ast.Constant)
        put_together = isinstance(statement, ast.JoinedStr | ast.BinOp)
        assert is_text or not put_together or file in PUT_TOGETHER, f"{file}:{call.lineno}"


def test_nothing_is_asked_outside():
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not ASKS_OUTSIDE & set(names), file


def test_every_variable_that_is_read_is_in_the_table():
    named = {
        name for file in FILES for name in re.findall(r"RECSYS_ROI_[A-Z_]+", file.read_text(encoding="utf-8"))
    }
    assert named == {setting.name for setting in MACHINE_SETTINGS}


# Copyleft that would bind a program that uses the package; the weak kinds bind only changes of the package.
FORBIDDEN = re.compile(
    r"\b(A?GPL|SSPL|BUSL|Commons.Clause|Affero|Proprietary|Elastic.License)", re.IGNORECASE
)
WEAK = re.compile(r"\bLGPL|Lesser|MPL|Mozilla", re.IGNORECASE)


@pytest.mark.parametrize("name", needed())
def test_no_package_has_a_licence_that_forbids_its_use(name):
    about = metadata.metadata(name)
    said = [about.get("License-Expression") or about.get("License", "")[:200]]
    said += [line for line in about.get_all("Classifier", []) if line.startswith("License")]
    text = " ".join(said)
    assert not FORBIDDEN.search(WEAK.sub("", text)), f"{name}: {text}"


def test_every_package_says_its_licence_and_is_pinned():
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for name in needed():
        assert licence_of(name) != "not said", name
        assert f"\n{name}==" in f"\n{pinned}", name
