"""One app behind a reverse proxy's sign-in, with two pilots of different people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recsys_roi.record.members import MemberStore
from tests.browser.browsing import served
from tests.safety.company import MEMBERS, NAME_HEADER, NOON, SECRET, Company, fill


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    home = tmp_path_factory.mktemp("company")
    for seed, (pilot, people) in enumerate(MEMBERS.items()):
        fill(home, tmp_path_factory.mktemp("logs"), pilot, seed)
        for person, role in people.items():
            MemberStore(home, pilot).put(person, role, who="op", at=NOON)
    settings = {
        "RECSYS_ROI_AUTH": "proxy",
        "RECSYS_ROI_PROXY_HEADER": NAME_HEADER,
        "RECSYS_ROI_PROXY_SECRET": SECRET,
        "RECSYS_ROI_MAKERS": "anna@example.org",
    }
    with served(home, **settings) as base:
        yield Company(base=base, home=home)
