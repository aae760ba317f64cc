"""An app behind a reverse proxy's sign-in: its people, its pilots, and what the proxy adds to a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recsys_roi.access.signing_in import SECRET_HEADER
from recsys_roi.demo import write_demo
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder

SECRET = "only-the-proxy-knows-these-letters"  # noqa: S105
NAME_HEADER = "X-Remote-User"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ALPHA, BETA = "Alpha Secret", "Beta Secret"
MEMBERS = {
    ALPHA: {"anna@example.org": "owner", "vic@example.org": "viewer", "kim@example.org": "analyst"},
    BETA: {"ben@example.org": "owner"},
}


@dataclass(frozen=True)
class Company:
    """The running app, its home, and the headers that the proxy adds for somebody."""

    base: str
    home: Path

    def headers(self, name: str) -> dict[str, str]:
        return {NAME_HEADER: name, SECRET_HEADER: SECRET}


def fill(home: Path, logs: Path, name: str, seed: int) -> Pilot:
    """A pilot with demo logs of its own."""
    write_demo(logs, requests=1500, seed=seed, lift=0.05)
    pilot = Pilot.create_or_open(pilot_folder(home, name))
    ingest_files(pilot, logs_in(logs).files)
    return pilot
