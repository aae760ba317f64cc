"""Two members of different pilots cannot see each other's by page, link, export or guess."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from recsys_roi.access.signing_in import SECRET_HEADER
from recsys_roi.record.members import MemberStore
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore
from tests.browser.browsing import served
from tests.safety.company import ALPHA, BETA, NAME_HEADER, NOON, Company
from tests.safety.session import Session, status_of

PAGES = ("", "logs", "lift", "guardrails", "roi", "risks", "plan", "saved")


def link(pilot: str) -> str:
    return f"pilot={quote(pilot)}"


def test_the_owner_of_one_is_never_sent_a_word_of_the_other(company: Company):
    with Session(company.base, company.headers("anna@example.org")) as anna:
        anna.open(query=link(ALPHA))
        for page in PAGES:
            anna.open(page)
            assert anna.failures == []
        assert anna.was_sent(ALPHA)
        assert not anna.was_sent("Beta")
        assert not anna.was_sent("ben@example.org")


def test_the_picker_holds_ones_own_pilots_and_the_samples(company: Company):
    with Session(company.base, company.headers("ben@example.org")) as ben:
        picker = ben.open().find("selectbox", "side_pilot")
        assert list(picker.options) == ["Sample shop", "Sample Open Bandit", BETA]


def test_a_link_to_anothers_pilot_is_answered_as_one_to_no_pilot(company: Company):
    said = []
    for name in (BETA, "Gamma Secret"):
        with Session(company.base, company.headers("anna@example.org")) as anna:
            anna.open(query=link(name))
            text = anna.texts()
            assert "No such pilot, or you are not a member of it" in text
            said.append(text.replace(name, "X"))
    assert said[0].partition(":small[Made")[0] == said[1].partition(":small[Made")[0]


@pytest.mark.parametrize("page", PAGES)
def test_a_link_to_any_page_of_it_shows_none_of_it(company: Company, page):
    with Session(company.base, company.headers("anna@example.org")) as anna:
        anna.open(page, link(BETA))
        assert "not a member" in anna.texts()
        assert not anna.was_sent("ben@example.org")
        assert anna.find("selectbox", "side_pilot").raw_value in ("", "Sample shop")


def test_a_forged_choice_in_the_picker_is_refused(company: Company):
    with Session(company.base, company.headers("anna@example.org")) as anna:
        anna.open(query=link(ALPHA))
        anna.put("selectbox", "side_pilot", string_value=BETA)
        assert f"pilot={BETA.replace(' ', '+')}" not in anna.query
        for page in PAGES:
            anna.open(page)
        assert not anna.was_sent("ben@example.org")


def test_a_member_who_is_taken_out_sees_it_no_more(company: Company):
    store = MemberStore(company.home, ALPHA)
    store.put("gone@example.org", "viewer", who="op", at=NOON)
    with Session(company.base, company.headers("gone@example.org")) as gone:
        assert link(ALPHA).replace("%20", "+") in gone.open(query=link(ALPHA)).query
        store.remove("gone@example.org", who="op", at=NOON)
        gone.run()
        assert "pilot=Sample+shop" in gone.query


ADDRESSES = (
    "/",
    f"/?{link(BETA)}",
    "/media/0123456789abcdef.pdf",
    "/_stcore/host-config",
    "/app/static/icon.png",
)
FORGED = (
    {},
    {NAME_HEADER: "ben@example.org"},
    {NAME_HEADER: "ben@example.org", SECRET_HEADER: "x" * 40},
)


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    "path",
    ["/", "/?" + link(BETA), "/media/0123456789abcdef.pdf", "/_stcore/host-config", "/app/static/icon.png"],
)
def test_no_page_and_no_file_without_the_proxys_proof(company: Company, path, forged):
    assert status_of(company.base + path, forged) == 403


@pytest.mark.parametrize("forged", FORGED)
def test_no_session_without_the_proxys_proof(company: Company, forged):
    with pytest.raises(InvalidStatus):
        Session(company.base, forged)


def test_what_is_written_carries_the_name_that_was_signed_in_with(company: Company):
    with Session(company.base, company.headers("kim@example.org")) as kim:
        kim.open(query=link(ALPHA)).open("roi")
        kim.put("text_input", "scenario_name", string_value="By Kim")
        kim.put("button", "scenario_save", trigger_value=True)
        assert kim.failures == []
    assert ScenarioStore(company.home, ALPHA).named("By Kim").who == "kim@example.org"
    assert StatementStore(company.home, ALPHA).trail()[-1].who == "kim@example.org"


def test_a_viewer_changes_nothing(company: Company):
    before = StatementStore(company.home, ALPHA).trail()
    with Session(company.base, company.headers("vic@example.org")) as vic:
        vic.open(query=link(ALPHA)).open("roi")
        vic.put("text_input", "scenario_name", string_value="By Vic")
        vic.put("button", "scenario_save", trigger_value=True)
        assert "Only analysts and owners of this pilot may save" in vic.texts()
        vic.open("logs")
        assert "Only owners of this pilot may remove" in vic.texts()
        assert not vic.has("file_uploader", "uploads_0")
    assert StatementStore(company.home, ALPHA).trail() == before


def test_with_an_identity_provider_nobody_sees_anything_before_signing_in(company: Company):
    with served(company.home, RECSYS_ROI_AUTH="oidc") as base, Session(base) as stranger:
        for page in PAGES:
            stranger.open(page, link(ALPHA))
            assert "Sign-in is not set up yet" in stranger.texts()
        assert stranger.failures == []
        assert not any(map(stranger.was_sent, ("Sample shop", "anna@example.org", "home-ranking")))


def test_without_sign_in_others_cannot_reach_it(company: Company):
    command = [sys.executable, "-m", "recsys_roi.dashboard.serving", "--address", "0.0.0.0", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "nobody would have to sign in" in done.stderr
    assert "Traceback" not in done.stderr


def test_response_headers_keep_strangers_pages_out(company: Company):
    found = httpx.get(company.base, headers=company.headers("anna@example.org")).headers
    policy = dict(part.split(" ", 1) for part in found["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in policy["script-src"].replace("'wasm-unsafe-eval'", "")
    assert policy["frame-ancestors"] == "'none'"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "before"),
    [("GET", "/component/x"), ("GET", "/media"), ("PUT", "/_stcore/upload_file"), ("DELETE", "")],
)
def test_what_only_ends_like_the_address_of_health_needs_the_proof_too(company: Company, method, before):
    assert httpx.request(method, f"{company.base}{before}/_stcore/health").status_code == 403


def test_health_says_nothing_but_ok(company: Company):
    assert httpx.get(f"{company.base}/_stcore/health").text == "ok"
