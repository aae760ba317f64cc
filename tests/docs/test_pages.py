"""Links lead somewhere, commands and settings exist, words keep the house's style, nothing is missing."""

from __future__ import annotations

import re
import shlex
import typing

import pytest

from recsys_roi.cli.arguments import parser
from recsys_roi.estimate.figures import Reason as Unmeasurable
from recsys_roi.render.pack import WRITERS
from recsys_roi.value.scenario import Scenario
from recsys_roi.verdict.decision import Reason
from recsys_roi.verdict.integrity import ORDER
from recsys_roi.verdict.known_risks import KNOWN_RISKS
from tests.docs.reading import (
    PAGES,
    ROOT,
    anchors_of,
    blocks_of,
    commands_of,
    links_of,
    name_of,
    prose_of,
    text_of,
)

FIGURES = ROOT / "docs" / "figures.md"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_merge_was_left_half_done(page):
    assert not re.search(r"^(<{7}|={7}|>{7})( |$)", page.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in links_of(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors_of(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_can_be_run(page, capsys):
    for command in commands_of(page):
        arguments = shlex.split(command)[1:]
        if "..." in command or arguments[0].isupper() or len(arguments) < 2:
            assert arguments[0] == "COMMAND" or arguments[0] in _command_names()
            continue
        try:
            given = parser().parse_args(arguments)
        except SystemExit:
            pytest.fail(f"{command}: {capsys.readouterr().err}")
        Scenario.from_pairs(getattr(given, "pairs", []))


def _command_names() -> set[str]:
    return {
        name
        for action in parser()._actions
        for name in (action.choices if isinstance(action.choices, dict) else {})
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"`make ([a-z]+)`", prose_of(page))
    for block in blocks_of(page):
        named += re.findall(r"^make ([a-z]+)", block.code, re.MULTILINE)
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_given_in_text_are_allowed(page):
    for pair in re.findall(r"`--set \"?([^`\"]+)\"?`", prose_of(page)):
        if pair != "key=value":
            Scenario.from_pairs([pair])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_words_keep_the_houses_style(page):
    text = text_of(page)
    machine_paths = (f"/{top}/" for top in ("root", "work"))
    for wrong in ("\u2014", "\u2013", "\u2018", "\u2019", "\u201c", "\u201d", *machine_paths):
        assert wrong not in text
    prose = re.sub(r"\]\([^)\s]+\)", "]", prose_of(page))
    longest = max(len(line) for line in prose.splitlines() if not line.startswith("|"))
    assert longest <= 120


def test_every_page_is_in_the_index():
    linked = set(links_of(ROOT / "docs" / "README.md"))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= linked


def test_every_code_block_is_run_or_said_to_be_no_example():
    languages = {block.language for page in PAGES for block in blocks_of(page)}
    assert languages <= {"console", "pycon", "python", "json", "sh", "toml", "nginx", "ini", ""}


def test_the_numbers_book_has_every_check_rule_and_reason():
    text = text_of(FIGURES)
    rules = re.findall(r"^\|\s*\d*\s*\| `([a-z_]+)` \|", text, re.MULTILINE)
    assert rules == [name for name in typing.get_args(Reason) if name != "expected_value"]
    assert "`expected_value`" in text
    checks = re.findall(r"^\| `([a-z_]+)` \|[^|]+\|[^|]*\|[^|]*\|$", text, re.MULTILINE)
    assert set(ORDER) <= set(checks)
    reasons = re.findall(r"^\| `([a-z_]+)` \|[^|]+\|$", text, re.MULTILINE)
    assert {str(reason) for reason in Unmeasurable} <= set(reasons)


def test_the_numbers_book_has_every_finding_of_drift():
    named = set(re.findall(r"^\| `(drift:[a-z_]+)` \|", text_of(FIGURES), re.MULTILINE))
    read = {source for risk in KNOWN_RISKS for source in risk.sources if source.startswith("drift:")}
    assert named == read


def test_sections_that_the_code_names_are_in_the_book():
    sections = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?) ", text_of(FIGURES), re.MULTILINE))
    named = set()
    for file in (*(ROOT / "recsys_roi").rglob("*.py"), *(ROOT / "recsys_roi").rglob("*.sql")):
        code = file.read_text(encoding="utf-8")
        named |= set(re.findall(r"numbers book (\d+(?:\.\d+)?)", code))
        assert not re.search(r"\b(rulings|contracts(\.md)?) \d", code), f"{file.name} names no page of ours"
    assert len(named) > 20
    assert named <= sections


def test_every_export_is_described():
    described = re.findall(r"^\| `(\.[a-z.]+)` \|", text_of(ROOT / "docs" / "command-line.md"), re.MULTILINE)
    assert sorted(described) == sorted(WRITERS)
