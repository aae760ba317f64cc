"""A home in which every hostile text stands wherever text can stand: logs, file names, scenarios, risks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recsys_roi.errors import InputError
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder
from recsys_roi.record.register import RegisterStore
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore
from tests.safety.hostile import MARKDOWN, PERSONAL, SCRIPTS, TEXTS

PILOT = "Hostile"
EXPERIMENT = '<img src=x onerror=window.hacked=1> $x$ [x](javascript:window.hacked=1) =1+1 #panic("x")'
CONTROL = "=cmd|' /C calc'!A0 <script>window.hacked=1</script>"
CANDIDATE = "![x](http://evil.invalid/a.png) :red[x] $\\href{javascript:window.hacked=1}{x}$"
SURFACE = '=HYPERLINK("http://evil.invalid/") <b>x</b> @everyone'
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
REQUESTS = 3000
NAMES = dict.fromkeys(text.strip() for text in TEXTS if text.isprintable() and 0 < len(text.strip()) <= 80)
SAVED = tuple(name for name in NAMES if name not in PERSONAL)[::4]  # people may write who they are


def exposures() -> Iterator[str]:
    for number in range(REQUESTS):
        text = TEXTS[number % len(TEXTS)] or "x"
        yield json.dumps(
            {
                "request_id": f"r{number} {text}",
                "user_id": f"u{number % 1500} {text}",
                "ts": (NOON + timedelta(minutes=number)).isoformat(),
                "items": [{"item_id": text, "rank": 1}],
                "context": {
                    "surface": SURFACE,
                    "locale": text[:80],
                    text[:80]: text[:80],
                    "algo_version": text,
                },
                "latency_ms": 20 + number % 7,
            }
        )


def outcomes() -> Iterator[str]:
    for number in range(0, REQUESTS, 9):
        text = TEXTS[number % len(TEXTS)]
        yield json.dumps(
            {
                "request_id": f"r{number} {text}",
                "user_id": f"u{number % 1500} {text}",
                "item_id": text,
                "event_type": "click",
                "ts": (NOON + timedelta(minutes=number, seconds=5)).isoformat(),
            }
        )


def assignments() -> Iterator[str]:
    for number in range(REQUESTS):
        text = TEXTS[number % len(TEXTS)]
        yield json.dumps(
            {
                "experiment_id": EXPERIMENT,
                "variant": (CONTROL, CANDIDATE)[number % 1500 % 2],
                "request_id": f"r{number} {text}",
                "user_id": f"u{number % 1500} {text}",
                "ts": (NOON + timedelta(minutes=number)).isoformat(),
            }
        )


def rejected() -> Iterator[str]:
    """One line for each text that is refused and carries it."""
    for text in TEXTS:
        yield json.dumps({"request_id": "r", "user_id": "u", "ts": text, "items": []})
        yield json.dumps(
            {"request_id": "r", "user_id": "u", "ts": "2026-10-05T12:00:00Z", "items": [], text: 1}
        )


def write_logs(folder: Path) -> list[Path]:
    """The logs, under names that were made to do harm."""
    files = []
    for name, lines in (
        ("=1+1 <img src=x onerror=window.hacked=1> exposures.jsonl", [*exposures(), *rejected()]),
        ("![x](http:evil.invalid) $x$ outcomes.jsonl", list(outcomes())),
        ("'; DROP TABLE exposures; -- assignments.jsonl", list(assignments())),
    ):
        file = folder / name
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        files.append(file)
    return files


def fill(home: Path, folder: Path) -> Pilot:
    """The pilot, and everything that people may write of it."""
    pilot = Pilot.create_or_open(pilot_folder(home, PILOT))
    ingest_files(pilot, write_logs(folder))
    for text in SAVED:
        ScenarioStore(home, PILOT).save(text, {"margin": 0.4}, fingerprint="x", who=text, at=NOON)
        RegisterStore(home, PILOT).add_risk(
            text,
            family=text,
            status="act",
            evidence=text,
            mitigation=text,
            escalation=text,
            who=text,
            at=NOON,
        )
    RegisterStore(home, PILOT).name_owner("bad_publish", SCRIPTS[0], due=None, who=MARKDOWN[0], at=NOON)
    StatementStore(home, PILOT).attest(
        "rollback_practised", who=SCRIPTS[1], at=NOON, note=MARKDOWN[0], link="https://evil.invalid/<script>"
    )
    return pilot


def accepted_as_name(home: Path, text: str) -> bool:
    """Whether a scenario may be called so; it is read back as it was, or refused with a sentence."""
    store = ScenarioStore(home, "Names")
    try:
        saved = store.save(text, {}, fingerprint="x", who="Anna", at=NOON)
    except InputError:
        return False
    return store.named(saved.name) == saved
