"""The names that notebooks rely on: which there are, what they take, and what importing them loads."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
import typing

import pytest

import recsys_roi
from recsys_roi import api

SIGNATURES = {
    "charts": ["review", "theme"],
    "compare": ["reviews"],
    "export": ["review", "path", "theme", "scale", "pages"],
    "frames": ["review"],
    "ingest": ["pilot", "paths", "home_folder"],
    "open_logs": ["paths"],
    "open_pilot": ["name", "home_folder"],
    "open_review": ["path"],
    "pilots": ["home_folder"],
    "plan": ["scenario", "as_of", "settings"],
    "text": ["review"],
    "validate": ["paths", "contract"],
}
METHODS = {
    "close": ["self"],
    "evidence": ["self", "scenario", "settings"],
    "rejects": ["self"],
    "review": ["self", "scenario", "as_of", "flips", "settings"],
}
CLASSES = {"InputError", "Logs", "RecsysRoiError", "Review", "Scenario"}


def test_the_stable_names():
    assert set(recsys_roi.__all__) == SIGNATURES.keys() | CLASSES | {"__version__"}
    assert set(api.__all__) == set(recsys_roi.__all__) - {"__version__"}


@pytest.mark.parametrize("name", SIGNATURES)
def test_what_a_function_takes(name):
    assert list(inspect.signature(getattr(recsys_roi, name)).parameters) == SIGNATURES[name]


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_of_logs_takes(name):
    assert list(inspect.signature(getattr(recsys_roi.Logs, name)).parameters) == METHODS[name]


@pytest.mark.parametrize("name", [*SIGNATURES, *sorted(CLASSES)])
def test_every_name_is_described_and_typed(name):
    found = getattr(recsys_roi, name)
    assert inspect.getdoc(found)
    if name in SIGNATURES:
        assert set(typing.get_type_hints(found)) == {*SIGNATURES[name], "return"}


def test_no_name_is_hidden_by_a_room():
    """Importing recsys_roi.review sets that attribute, so no function may have a room's name."""
    rooms = {module.name for module in pkgutil.iter_modules(recsys_roi.__path__)}
    assert not rooms & set(recsys_roi.__all__)


def test_names_can_be_listed_and_a_wrong_one_is_an_error():
    assert set(recsys_roi.__all__) <= set(dir(recsys_roi))
    with pytest.raises(AttributeError, match="no attribute 'revew'"):
        recsys_roi.revew  # noqa: B018


def test_the_import_alone_loads_nothing_heavy():
    code = (
        "import sys, recsys_roi\n"
        "heavy = {'numpy', 'pandas', 'duckdb', 'plotly', 'pydantic', 'scipy', 'importlib.metadata'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "recsys_roi.open_logs\n"
        "print('streamlit' in sys.modules, 'pptx' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split("\n")[:2] == ["[]", "False False"]


def test_the_package_says_that_it_is_typed():
    assert (pkgutil.get_data("recsys_roi", "py.typed")) == b""
