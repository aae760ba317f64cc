"""Many people at once, measured: `python -m tests.safety.load` prints the figures of one run.

Sessions speak the browser's own protocol over the websocket; what a browser needs to paint comes on top.
Each has a value of an action of its own, so that none is shown what was computed for another. It moves the
horizon's slider of the sample, thinks a few seconds, and holds every tile of the Summary against what the
Python API says for the same settings, while one more uploads logs and has them read and counted.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import DoubleArray, FileUploaderState, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import recsys_roi
from recsys_roi.dashboard.samples import base_settings
from recsys_roi.demo import write_demo
from recsys_roi.logs.pilot import Pilot
from recsys_roi.render import words
from recsys_roi.value.scenario import Scenario
from tests.browser.browsing import served
from tests.safety.session import WAIT_SECONDS, Session

SAMPLE = "Sample shop"
HORIZONS = range(3, 37)
LOWEST_VALUE, VALUE_STEP = 2.0, 0.25  # of an action, in the currency; a step more for each session
MOST_SECONDS = 900
SESSION_KEPT = 125  # seconds that Streamlit keeps a session whose window was closed
BYTES_A_REQUEST = 632  # of exposures


@dataclass
class Found:
    """What one run found."""

    figures: list[float] = field(default_factory=list)  # seconds of every move until its tiles have changed
    seconds: list[float] = field(default_factory=list)  # and until nothing changes any more
    settled: list[float] = field(default_factory=list)  # of those after all have opened the page
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_mb: dict[str, float] = field(default_factory=dict)
    uploaded_mb: float = 0.0
    read_seconds: float = 0.0


def settings_of(number: int) -> dict[str, Any]:
    """The settings of one session, but for the horizon."""
    return {**base_settings(SAMPLE), "value_per_action": LOWEST_VALUE + number * VALUE_STEP}


def expected(home: Path, number: int) -> Mapping[int, list[str]]:
    """The tiles of one session's Summary for each horizon, computed beside the app."""
    own = settings_of(number)
    with recsys_roi.open_pilot(SAMPLE, home_folder=home) as logs:
        reviews = {
            months: logs.review(**{**own, "horizon_months": months}, flips=False) for months in HORIZONS
        }
    return {months: [tile.value for tile in words.tiles(review)] for months, review in reviews.items()}


def tiles(session: Session) -> list[str]:
    """The tiles that the page shows."""
    return [element.metric.body for element in session.elements if element.WhichOneof("type") == "metric"]


def move_sliders(
    base: str,
    number: int,
    until: threading.Event,
    right: Mapping[int, list[str]],
    found: Found,
    awaited: set[int],
) -> None:
    """One person at the Summary until the end."""
    chance = random.Random(number)  # noqa: S311 - when somebody moves a slider
    try:
        with Session(base) as session:
            session.open(query=urlencode(Scenario.of(settings_of(number)).to_query()))
            awaited.discard(number)
            while not until.wait(chance.uniform(2, 6)):
                months = chance.choice(HORIZONS)
                began = time.perf_counter()
                session.put("slider", "side_horizon_months", double_array_value=DoubleArray(data=[months]))
                taken = time.perf_counter() - began
                found.seconds.append(taken)
                found.figures.append(session.figures_at - began)
                if not awaited:
                    found.settled.append(taken)
                if tiles(session) != right[months]:
                    found.wrong.append(f"{months} months: {tiles(session)}, not {right[months]}")
                found.errors += session.failures
    except Exception as problem:  # noqa: BLE001 - counted, and told at the end
        found.errors.append(f"{type(problem).__name__}: {problem}")


def upload(base: str, file: Path, pilot: str = "Load") -> Session:
    """Uploads a file on Logs and has it read, as the form does; the session is still open then."""
    session = Session(base)
    session.open("logs")
    uploader: Any = session.find("file_uploader", "uploads_0")
    asked = BackMsg()
    asked.file_urls_request.request_id = "one"
    asked.file_urls_request.file_names.append(file.name)
    asked.file_urls_request.session_id = session.id
    session.socket.send(asked.SerializeToString())
    urls = _urls(session)
    with httpx.Client(base_url=base, timeout=WAIT_SECONDS) as client:
        token = client.get("/_stcore/health").cookies.get("_streamlit_xsrf", "")
        with file.open("rb") as content:
            answer = client.put(
                urls.upload_url,
                files={"file": (file.name, content)},
                headers={"X-Xsrftoken": token},
            )
        answer.raise_for_status()
    info = UploadedFileInfo(name=file.name, size=file.stat().st_size, file_id=urls.file_id, file_urls=urls)
    session.keep(uploader, file_uploader_state_value=FileUploaderState(uploaded_file_info=[info]))
    session.keep(session.find("text_input", "intake_name_0_Sample shop"), string_value=pilot)
    return session


def _urls(session: Session) -> Any:
    while True:
        message = ForwardMsg()
        message.ParseFromString(session.socket.recv(timeout=WAIT_SECONDS))
        if message.WhichOneof("type") == "file_urls_response":
            return message.file_urls_response.file_urls[0]


@contextmanager
def sessions(base: str, right: Sequence[Mapping[int, list[str]]], found: Found) -> Iterator[None]:
    """A person at the app for each of these, while the body runs."""
    until, awaited = threading.Event(), set(range(len(right)))
    people = [
        threading.Thread(target=move_sliders, args=(base, number, until, own, found, awaited))
        for number, own in enumerate(right)
    ]
    for person in people:
        person.start()
    try:
        yield
    finally:
        until.set()
        for person in people:
            person.join()


def server_memory_mb(port: str) -> float:
    """Resident memory of the process that serves the port."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words_of = status.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"recsys_roi.dashboard.serving" in words_of and port.encode() in words_of:
            lines = (status.parent / "status").read_text().splitlines()
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    return 0.0


def measure(home: Path, logs: Path, *, count: int, seconds: float, megabytes: float, rounds: int) -> Found:
    """One run; each round is at least `seconds` long, the first until the upload is read."""
    found = Found()
    write_demo(logs, requests=max(1000, int(megabytes * 1e6 / BYTES_A_REQUEST)), seed=1, lift=0.05)
    file = logs / "exposures.jsonl"
    found.uploaded_mb = file.stat().st_size / 1e6
    with served(home) as base:
        port = base.rpartition(":")[2]
        with Session(base) as first:
            first.open()
        right = [expected(home, number) for number in range(count)]
        found.memory_mb["at the start"] = server_memory_mb(port)
        began = time.monotonic()
        with sessions(base, right, found):
            session = upload(base, file)
            found.memory_mb["after the upload"] = server_memory_mb(port)
            start = time.perf_counter()
            session.press("Add")
            found.read_seconds = time.perf_counter() - start
            found.memory_mb["after the reading"] = server_memory_mb(port)
            session.leave()
            while time.monotonic() - began < seconds:
                time.sleep(1)
        _leave(base, port, 1, found)
        for number in range(2, rounds + 1):
            with sessions(base, right, found):
                time.sleep(seconds)
            _leave(base, port, number, found)
    pilot = Pilot.open(home, "Load")
    if not (pilot.files and pilot.files[0].rejected == 0):
        found.errors.append("The upload was not read whole.")
    return found


def _leave(base: str, port: str, number: int, found: Found) -> None:
    """Memory when all have left, and when their sessions are let go."""
    found.memory_mb[f"when all have left, round {number}"] = server_memory_mb(port)
    time.sleep(SESSION_KEPT)
    with Session(base) as somebody:  # Streamlit lets go of sessions that are over when another comes
        somebody.open()
    found.memory_mb[f"{SESSION_KEPT} s later, when somebody comes, round {number}"] = server_memory_mb(port)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--megabytes", type=float, default=700.0)
    parser.add_argument("--rounds", type=int, default=1, help="how often all come and leave, in one server")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, logs = Path(folder) / "home", Path(folder) / "logs"
        found = measure(
            home,
            logs,
            count=given.sessions,
            seconds=min(given.seconds, MOST_SECONDS),
            megabytes=given.megabytes,
            rounds=given.rounds,
        )
    sys.stdout.write("\n".join(told(given.sessions, found)) + "\n")


def told(count: int, found: Found) -> list[str]:
    """The figures in words."""
    moved = f"{len(found.seconds)} moves of a slider"
    return [
        f"{count} sessions, {moved}, {found.uploaded_mb:.0f} MB uploaded and read meanwhile",
        f"errors {len(found.errors)}, wrong figures {len(found.wrong)}",
        f"seconds until the figures of a move have changed: {_spread(found.figures)}",
        f"until all of the page has, lines and pictures too: {_spread(found.seconds)}",
        f"of these after all have opened the page, {len(found.settled)} moves: {_spread(found.settled)}",
        f"reading took {found.read_seconds:.0f} s",
        *(f"memory {when}: {megabytes:.0f} MB" for when, megabytes in found.memory_mb.items()),
        *(found.errors + found.wrong)[:10],
    ]


def _spread(seconds: Sequence[float]) -> str:
    return f"median {np.median(seconds):.2f}, 95th percentile {np.quantile(seconds, 0.95):.2f}"


if __name__ == "__main__":
    main()
