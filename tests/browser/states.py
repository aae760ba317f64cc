"""States of the pages that no sample shows by itself: dialogs open, faults in the logs, nothing there yet."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from browsing import Reader
from playwright.sync_api import expect

from recsys_roi.demo import write_demo
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, pilot_folder

REAL = Path(__file__).parents[1] / "data" / "open_bandit_all"
REQUESTS = 20_000
EMPTY, UNJOINED, TWO, ROLLED_BACK, BROKEN = (
    *("Nothing yet", "No assignments", "Two experiments"),
    *("Slow candidate", "Broken logs"),
)
HOSTILE = "<b>www.example.org</b> :material/home: [x](https://example.org)"


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What to open, and what to do there before the picture is taken."""

    name: str
    address: str
    do: Callable[[Reader], None] = lambda visit: None


def fill(home: Path) -> None:
    """Pilots with what the states need, beside the samples."""
    Pilot.create_or_open(pilot_folder(home, EMPTY))
    real = sorted(REAL.glob("*.jsonl.gz"))
    unjoined = Pilot.create_or_open(pilot_folder(home, UNJOINED))
    ingest_files(unjoined, [file for file in real if "assignments" not in file.name])
    logs = home / "logs"
    second = logs / "second.jsonl"
    logs.mkdir()
    with gzip.open(REAL / "assignments.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line, _ in zip(file, range(500), strict=False)]
    lines = [json.dumps({**record, "experiment_id": HOSTILE}) for record in records]
    second.write_text("\n".join((*lines, "{broken", json.dumps({**records[0], "variant": None}), "")))
    ingest_files(Pilot.create_or_open(pilot_folder(home, TWO)), [*real, second])
    for name, lift, faults in (
        (ROLLED_BACK, 0.05, ("latency_regression", "error_spike")),
        (BROKEN, 0.05, ("low_join", "duplicate_requests", "two_arm_users", "personal_data", "schema_drift")),
    ):
        write_demo(logs / name, requests=REQUESTS, seed=5, lift=lift, faults=faults)
        ingest_files(Pilot.create_or_open(pilot_folder(home, name)), logs_in(logs / name).files)


def _click(text: str) -> Callable[[Reader], None]:
    def do(visit: Reader) -> None:
        visit.page.get_by_text(text, exact=True).first.click()
        visit.settled()

    return do


def _ask(key: str) -> Callable[[Reader], None]:
    return lambda visit: visit.ask(key)


def _open_row(title: str, key: str | None = None) -> Callable[[Reader], None]:
    def do(visit: Reader) -> None:
        row = visit.page.get_by_test_id("stExpander").filter(has_text=title)
        row.locator("summary").first.click()
        visit.settled()
        if key:
            visit.ask(key)

    return do


def _lock(visit: Reader) -> None:
    visit.page.get_by_role("tab", name="Lock", exact=True).click()
    visit.settled()
    visit.ask("lock_plan")


def _tab(name: str) -> Callable[[Reader], None]:
    def do(visit: Reader) -> None:
        visit.page.get_by_role("tab", name=name, exact=True).click()
        visit.settled()

    return do


def _upload(visit: Reader, *files: Path) -> None:
    if not visit.page.get_by_test_id("stForm").is_visible():
        _click("Add logs or a new pilot")(visit)
    visit.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(list(files))
    expect(visit.page.get_by_test_id("stFileChipName")).to_have_count(len(files))
    expect(visit.page.get_by_test_id("stFileChipIconSpinner")).to_have_count(0)


def _intake(visit: Reader) -> None:
    _upload(visit, *sorted(REAL.glob("*.jsonl.gz")))


def _mapping(folder: Path) -> Callable[[Reader], None]:
    def do(visit: Reader) -> None:
        file = folder / "orders.csv"
        rows = "".join(f"r{number},2026-10-05T10:00:00Z,click,,u1\n" for number in range(5))
        file.write_text(f"key,when,kind,amount,visitor\n{rows}")
        _upload(visit, file)
        visit.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
        expect(visit.page.get_by_role("dialog")).to_be_visible()
        visit.settled()

    return do


def _refused(folder: Path) -> Callable[[Reader], None]:
    def do(visit: Reader) -> None:
        file = folder / "holiday.jpg"
        file.write_bytes(bytes(range(256)) * 20)
        _upload(visit, file)
        visit.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
        expect(visit.page.get_by_test_id("stAlert").first).to_be_visible()
        visit.settled()

    return do


def _compare(visit: Reader) -> None:
    for name in ("Conservative lift", "Base lift", "Optimistic lift"):
        _click(name)(visit)


def states(folder: Path) -> tuple[State, ...]:
    """Every state, in the order of the pages; `folder` takes files to upload."""
    shop = "?pilot=Sample shop"
    bandit = "?pilot=Sample Open Bandit"
    return (
        State(name="summary-empty", address=f"?pilot={EMPTY}"),
        State(name="summary-unjoined", address=f"?pilot={UNJOINED}"),
        State(name="summary-two", address=f"?pilot={TWO}"),
        State(name="summary-rolled-back", address=f"?pilot={ROLLED_BACK}"),
        State(name="summary-broken", address=f"?pilot={BROKEN}"),
        State(name="summary-first-steps", address=shop, do=_click("First steps")),
        State(name="summary-words", address=shop, do=_ask("glossary")),
        State(name="summary-export", address=shop, do=_click("Export")),
        State(name="summary-link", address=shop, do=_click("Copy link")),
        State(name="summary-bad-link", address=f"{shop}&horizon_months=900"),
        State(name="summary-unknown-pilot", address="?pilot=Nobody"),
        State(name="summary-changed", address=f"{shop}&value_per_action=1.1&horizon_months=6"),
        State(name="summary-german", address=f"{shop}&locale=de"),
        State(name="summary-revenue", address=f"{shop}&kpi=revenue_per_request"),
        State(name="summary-more", address=shop, do=_click("15 more")),
        State(name="logs-empty", address=f"logs?pilot={EMPTY}"),
        State(name="logs-two", address=f"logs?pilot={TWO}"),
        State(name="logs-broken", address=f"logs?pilot={BROKEN}"),
        State(name="logs-intake", address=f"logs?pilot={EMPTY}", do=_intake),
        State(name="logs-mapping", address=f"logs?pilot={EMPTY}", do=_mapping(folder)),
        State(name="logs-refused", address=f"logs?pilot={EMPTY}", do=_refused(folder)),
        State(name="logs-remove", address=f"logs?pilot={BROKEN}", do=_click("Remove files")),
        State(name="logs-delete", address=f"logs?pilot={BROKEN}", do=_click("Delete the pilot")),
        State(name="logs-changed", address=f"logs{shop}", do=_click("What did the new files change?")),
        State(name="lift-counted", address=f"lift{shop}", do=_click("What is counted")),
        State(name="lift-sums", address=f"lift{shop}", do=_click("How sure: sums, design effect and method")),
        State(name="lift-formulas", address=f"lift{shop}", do=_click("Formulas and their sources")),
        State(name="lift-unknown", address=f"lift{bandit}", do=_click("21 groups that cannot be told")),
        State(name="lift-rolled-back", address=f"lift?pilot={ROLLED_BACK}"),
        State(name="lift-empty", address=f"lift?pilot={EMPTY}"),
        State(name="guardrails-rolled-back", address=f"guardrails?pilot={ROLLED_BACK}"),
        State(
            name="guardrails-waive",
            address=f"guardrails{shop}&margin_p95_latency=0.02",
            do=_ask("waive_p95_latency"),
        ),
        State(name="guardrails-empty", address=f"guardrails?pilot={EMPTY}"),
        State(name="roi-empty", address=f"roi?pilot={EMPTY}"),
        State(name="roi-compared", address=f"roi{shop}", do=_compare),
        State(name="roi-months", address=f"roi{shop}", do=_click("Month by month")),
        State(name="roi-waiting", address=f"roi{shop}", do=_click("What waiting is worth, week by week")),
        State(name="roi-ranges", address=f"roi{shop}&ranges=margin:.2,.35,.5"),
        State(
            name="risks-broken", address=f"risks?pilot={BROKEN}", do=_open_row("Personal data in the logs")
        ),
        State(
            name="risks-state",
            address=f"risks{bandit}",
            do=_open_row("A bad publish cannot be undone quickly", "state_rollback_untested"),
        ),
        State(
            name="risks-owner",
            address=f"risks{bandit}",
            do=_open_row("Nobody answers for the logs", "own_logging_unowned"),
        ),
        State(name="risks-own", address=f"risks{bandit}", do=_ask("add_risk")),
        State(name="risks-empty", address=f"risks?pilot={EMPTY}"),
        State(name="plan-empty", address=f"plan?pilot={EMPTY}"),
        State(name="plan-size", address=f"plan{shop}", do=_tab("Size")),
        State(name="plan-rule", address=f"plan{shop}", do=_tab("Rule")),
        State(name="plan-lock", address=f"plan{shop}", do=_lock),
        State(name="saved-empty", address=f"saved{shop}"),
    )
