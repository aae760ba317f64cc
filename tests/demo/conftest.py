"""Demos written once a session, and their rows read back with the standard library."""

import json
from functools import cache, lru_cache

import pytest

from recsys_roi.demo import write_demo

LOGS = ("exposures", "outcomes", "assignments")
REQUESTS = 30_000
SEED = 3


@lru_cache(maxsize=6)  # the logs of a clean demo and of one with a fault; more would fill the memory
def rows_of(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


class Demo:
    """A demo on disk."""

    def __init__(self, folder):
        self.folder = folder
        self.files = [folder / f"{name}.jsonl" for name in LOGS]
        self.truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))

    def lines(self, log):
        return (self.folder / f"{log}.jsonl").read_bytes().splitlines()

    def rows(self, log):
        return rows_of(self.folder / f"{log}.jsonl")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """demo(*faults, requests, seed, lift, pre_days): the demo with those faults, written once."""

    @cache
    def written(*faults, requests=REQUESTS, seed=SEED, lift=0.05, pre_days=0):
        folder = tmp_path_factory.mktemp("demo")
        write_demo(folder, requests=requests, seed=seed, lift=lift, faults=faults, pre_days=pre_days)
        return Demo(folder)

    return written
