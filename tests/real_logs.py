"""The real experiments kept in tests/data, with the figures worked out apart from this project."""

from __future__ import annotations

import json
from pathlib import Path

DATA = Path(__file__).parent / "data"
OPEN_BANDIT = DATA / "open_bandit_all"
COOKIE_CATS = DATA / "cookie_cats"
SHOP = Path(__file__).parent.parent / "sample_data" / "shop"


def logs(folder: Path) -> list[Path]:
    """The three logs of one experiment."""
    return [folder / f"{name}.jsonl.gz" for name in ("exposures", "outcomes", "assignments")]


def facts(folder: Path) -> dict:
    """Figures of the source rows by another program."""
    return json.loads((folder / "facts.json").read_text(encoding="utf-8"))
