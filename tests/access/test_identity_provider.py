"""The whole way of a sign-in with an identity provider, in a real browser; and the ways that lead nowhere."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from recsys_roi.record.members import MemberStore
from recsys_roi.record.scenarios import ScenarioStore
from recsys_roi.record.statements import StatementStore
from tests.access.identity import CLIENT, CLIENT_SECRET, KEY_ID, Provider, provider
from tests.browser.browsing import Reader, served
from tests.safety.company import ALPHA, BETA, MEMBERS, NOON, fill
from tests.safety.session import Session

pytestmark = pytest.mark.browser

COOKIE_SECRET = "nobody-else-knows-these-characters"  # noqa: S105
COOKIE = "_streamlit_user"
SIGN_IN = "Sign in with your company's account."
KIM, VIC, EVE = "kim@example.org", "vic@example.org", "eve@example.org"
HOUR = 3600


@pytest.fixture(scope="module")
def identity() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.fixture(autouse=True)
def honest(identity: Provider) -> None:
    identity.changed, identity.signs_with = {}, None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    for seed, pilot in enumerate((ALPHA, BETA)):
        fill(home, tmp_path_factory.mktemp("logs"), pilot, seed)
        for person, role in MEMBERS[pilot].items():
            MemberStore(home, pilot).put(person, role, who="op", at=NOON)
    return home


@pytest.fixture(scope="module")
def app(identity: Provider, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    secrets = tmp_path_factory.mktemp("etc") / "login.toml"
    secrets.write_text(
        "[auth]\n"
        'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        f'cookie_secret = "{COOKIE_SECRET}"\n'
        f'client_id = "{CLIENT}"\n'
        f'client_secret = "{CLIENT_SECRET}"\n'
        f'server_metadata_url = "{identity.base}/.well-known/openid-configuration"\n'
    )
    with served(home, RECSYS_ROI_AUTH="oidc", RECSYS_ROI_OIDC_SECRETS=str(secrets)) as base:
        yield base


@pytest.fixture
def visit(browser: Browser, app: str, identity: Provider) -> Iterator[Reader]:
    window = Reader(browser, app)
    yield window
    window.strangers = [url for url in window.strangers if not url.startswith(identity.base)]
    window.leave()


def person(identity: Provider, name: str) -> None:
    """Whoever sits at the browser has this account at the provider."""
    identity.claims = {"sub": f"id of {name}", "email": name, "email_verified": True}


def sign_in(visit: Reader, pilot: str = ALPHA) -> None:
    visit.open(f"?pilot={pilot.replace(' ', '+')}")
    expect(visit.page.get_by_text(SIGN_IN)).to_be_visible()
    visit.page.get_by_role("button", name="Sign in").click()


def is_in(visit: Reader, name: str) -> None:
    """The provider has sent the browser back, and the app has drawn its page for that name."""
    expect(visit.page.get_by_text(name).first).to_be_visible()
    visit.settled()


def is_out(visit: Reader) -> None:
    expect(visit.page.get_by_text(SIGN_IN)).to_be_visible()
    expect(visit.page.get_by_test_id("stSidebar").get_by_role("combobox")).to_have_count(0)


def test_the_whole_way_in_and_out(visit: Reader, identity: Provider, home: Path):
    person(identity, KIM)
    sign_in(visit)
    is_in(visit, KIM)
    visit.open(f"roi?pilot={ALPHA.replace(' ', '+')}")
    expect(visit.page.get_by_text(f"{KIM}, analyst")).to_be_visible()
    name = visit.page.get_by_role("textbox", name="Name of the scenario", exact=True)
    name.fill("By the provider")
    name.press("Tab")
    visit.settled()
    visit.page.get_by_role("button", name="Save as it stands").click()
    expect(visit.page.get_by_role("button", name="By the provider").first).to_be_visible()
    assert ScenarioStore(home, ALPHA).named("By the provider").who == KIM
    assert StatementStore(home, ALPHA).trail()[-1].who == KIM

    visit.page.locator(".st-key-side_out button").click()
    is_out(visit)
    assert "/end" in identity.asked
    visit.open(f"roi?pilot={ALPHA.replace(' ', '+')}")
    is_out(visit)


def test_a_viewer_is_told_who_may(visit: Reader, identity: Provider):
    person(identity, VIC)
    sign_in(visit)
    is_in(visit, VIC)
    visit.open(f"logs?pilot={ALPHA.replace(' ', '+')}")
    expect(visit.page.get_by_text("Only owners of this pilot may remove").first).to_be_visible()
    expect(visit.page.get_by_text(f"{VIC}, viewer")).to_be_visible()


def test_somebody_who_is_no_member_is_told_so(visit: Reader, identity: Provider):
    person(identity, EVE)
    sign_in(visit)
    is_in(visit, EVE)
    visit.open(f"?pilot={BETA.replace(' ', '+')}")
    expect(visit.page.get_by_text("No such pilot, or you are not a member of it").first).to_be_visible()


LIES = {
    "a nonce of another sign-in": {"nonce": "of-somebody-else"},
    "a token that is over": {"iat": int(time.time()) - 3 * HOUR, "exp": int(time.time()) - 2 * HOUR},
    "a token of another provider": {"iss": "https://login.example.org"},
    "a token for another client": {"aud": "another-client"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_meant_for_this_sign_in_lets_nobody_in(
    visit: Reader, identity: Provider, lie: str
):
    person(identity, KIM)
    identity.changed = LIES[lie]
    before = identity.asked.count("/token")
    sign_in(visit)
    visit.page.wait_for_url(f"{visit.base}/")
    is_out(visit)
    assert identity.asked.count("/token") == before + 1
    assert not [one for one in visit.context.cookies() if one["name"].startswith(COOKIE)]


def test_a_token_that_somebody_else_has_signed_lets_nobody_in(visit: Reader, identity: Provider):
    person(identity, KIM)
    identity.signs_with = RSAKey.generate_key(2048, {"kid": KEY_ID})
    sign_in(visit)
    visit.page.wait_for_url(f"{visit.base}/")
    is_out(visit)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email_verified": False}, "Your sign-in did not verify your e-mail address."),
        ({"email_verified": "false"}, "Your sign-in did not verify your e-mail address."),
        ({"email": None}, "Your sign-in did not say who you are (it gave no email)."),
        ({"iat": int(time.time()) - 13 * HOUR}, "A sign-in holds for 12 hours, and yours is over."),
    ],
)
def test_a_sign_in_that_names_nobody_is_a_sentence(
    visit: Reader, identity: Provider, changed: dict[str, object], said: str
):
    person(identity, KIM)
    identity.changed = changed
    sign_in(visit)
    expect(visit.page.get_by_text(said)).to_be_visible()
    expect(visit.page.get_by_text(ALPHA)).to_have_count(0)


def signed_in_cookie(visit: Reader, identity: Provider) -> dict[str, str]:
    person(identity, KIM)
    sign_in(visit)
    is_in(visit, KIM)
    (cookie,) = [one for one in visit.context.cookies() if one["name"] == COOKIE]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    return cookie


def cookie_of(visit: Reader, secret: str) -> str:
    """A cookie as Streamlit writes it for somebody who has signed in, signed with this secret."""
    claims = {
        "email": "anna@example.org",
        "email_verified": True,
        "iat": int(time.time()),
        "is_logged_in": True,
        "origin": visit.base,
        "provider": "default",
    }
    return create_signed_value(secret, COOKIE, json.dumps(claims)).decode()


def come_with(visit: Reader, cookie: str) -> None:
    visit.context.clear_cookies()
    visit.context.add_cookies([{"name": COOKIE, "value": cookie, "url": visit.base}])
    visit.open(f"?pilot={ALPHA.replace(' ', '+')}")


def test_a_forged_cookie_lets_nobody_in(visit: Reader, identity: Provider):
    cookie = signed_in_cookie(visit, identity)["value"]
    forged = cookie_of(visit, "a guess of the secret, as long as it is")
    claims, signature = forged.rsplit(".", 2)[0], ".".join(cookie.rsplit(".", 2)[1:])
    for value in (forged, f"{cookie[:-3]}AAA", f"{claims}.{signature}", ""):
        come_with(visit, value)
        is_out(visit)
    come_with(visit, cookie_of(visit, COOKIE_SECRET))  # so it is the secret alone that kept the others out
    is_in(visit, "anna@example.org")


def test_a_session_without_a_sign_in_is_sent_no_word_of_any_pilot(app: str):
    with Session(app) as stranger:
        for page in ("", "logs", "roi", "risks"):
            stranger.open(page, f"pilot={ALPHA.replace(' ', '+')}")
            assert SIGN_IN in stranger.texts()
        assert not any(map(stranger.was_sent, ("Sample shop", KIM, "home-ranking")))


def test_an_answer_that_nobody_asked_for_lets_nobody_in(visit: Reader, identity: Provider):
    before = identity.asked.count("/token")
    visit.open("oauth2callback?code=stolen&state=guessed")
    is_out(visit)
    assert identity.asked.count("/token") == before
