"""The pages, and where in them a part made from the code stands.

A part stands between the comments `<!-- made: NAME -->` and `<!-- end: NAME -->`; everything else on a page
is written by hand and never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.making import catalogue, command_line, contracts, licences, machine, python_api, scenario

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
PAGES = (*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "SECURITY.md")

PARTS: Mapping[str, Callable[[], str]] = {
    "settings": scenario.settings,
    "command line": command_line.commands,
    "faults": command_line.faults,
    "python names": python_api.names,
    "exposure.v1": lambda: contracts.fields("exposure.v1"),
    "outcome.v1": lambda: contracts.fields("outcome.v1"),
    "assignment.v1": lambda: contracts.fields("assignment.v1"),
    "reject reasons": contracts.reasons,
    "kpis": catalogue.kpis,
    "guardrails": catalogue.guardrails,
    "risks": catalogue.risks,
    "statements": catalogue.statements,
    "glossary": catalogue.glossary,
    "machine settings": machine.settings,
    "rights": machine.rights,
    "licences": licences.licences,
}
_PART = re.compile(r"<!-- made: (?P<name>[^>]+?) -->\n.*?<!-- end: (?P=name) -->", re.DOTALL)


def renewed(page: str) -> str:
    """The page with every made part as the code says it now; KeyError for a part that nothing makes."""
    return _PART.sub(lambda found: marked(found["name"]), page)


def marked(name: str) -> str:
    """A made part between its comments."""
    return f"<!-- made: {name} -->\n{PARTS[name]()}\n<!-- end: {name} -->"
