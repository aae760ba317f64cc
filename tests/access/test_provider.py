"""What is asked of the file of an identity provider, and whom claims name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recsys_roi.access.provider import Provider, has_lapsed, person_of_claims
from recsys_roi.access.signing_in import sign_in_of
from recsys_roi.errors import AccessError, SettingError

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRET = "only-this-app-knows-these-letters"  # noqa: S105
GOOD = {
    "redirect_uri": "https://roi.example.org/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "roi",
    "client_secret": "what-the-provider-gave",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}
CLAIMS = {"is_logged_in": True, "email": "anna@example.org", "iat": NOON.timestamp()}


def settings(tmp_path: Path, text: str | None = None, **changed: str) -> dict[str, str]:
    file = tmp_path / "login.toml"
    lines = [f'{key} = "{value}"' for key, value in {**GOOD, **changed}.items() if value]
    file.write_text(text if text is not None else "\n".join(["[auth]", *lines]))
    return {"RECSYS_ROI_AUTH": "oidc", "RECSYS_ROI_OIDC_SECRETS": str(file)}


def test_a_file_that_says_all_that_is_needed(tmp_path: Path):
    found = sign_in_of(settings(tmp_path)).provider
    assert found == Provider(claim="email", hours=12, file=tmp_path / "login.toml", is_https=True)


def test_on_this_machine_alone_http_will_do(tmp_path: Path):
    address = "http://127.0.0.1:{port}/oauth2callback"
    found = sign_in_of(settings(tmp_path, redirect_uri=address)).provider
    assert found is not None
    assert not found.is_https


@pytest.mark.parametrize("missing", GOOD)
def test_what_is_missing_is_named(tmp_path: Path, missing: str):
    with pytest.raises(SettingError, match=rf"must name a file with {missing} in \[auth\]"):
        sign_in_of(settings(tmp_path, **{missing: ""}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cookie_secret": "short-secret"}, "cookie_secret has at least 32 random characters"),
        ({"redirect_uri": "https://roi.example.org/"}, "redirect_uri ends in /oauth2callback"),
        ({"redirect_uri": "http://roi.example.org/oauth2callback"}, "redirect_uri begins with https://"),
        ({"server_metadata_url": "http://login.example.org/x"}, "server_metadata_url begins with https://"),
        ({"server_metadata_url": "https://[x"}, "server_metadata_url begins with https://"),
    ],
)
def test_what_would_not_be_safe_is_refused(tmp_path: Path, changed: dict[str, str], said: str):
    with pytest.raises(SettingError, match=said) as told:
        sign_in_of(settings(tmp_path, **changed))
    assert not any(secret in str(told.value) for secret in (SECRET, "short-secret", "what-the-provider-gave"))


@pytest.mark.parametrize("text", ["", "auth = 1", "[auth", "[auth]\nclient_id = 3"])
def test_what_is_no_such_file_is_a_sentence(tmp_path: Path, text: str):
    with pytest.raises(SettingError, match="RECSYS_ROI_OIDC_SECRETS must name a"):
        sign_in_of(settings(tmp_path, text))


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path):
    given = {"RECSYS_ROI_AUTH": "oidc", "RECSYS_ROI_OIDC_SECRETS": str(tmp_path / "nowhere")}
    with pytest.raises(SettingError, match="that can be read"):
        sign_in_of(given)


@pytest.mark.parametrize("hours", ["0", "721", "1.5", "-3", "x", "\u0663"])
def test_hours_that_cannot_be_followed_are_refused(hours: str):
    with pytest.raises(SettingError, match="whole number of hours from 1 to 720"):
        sign_in_of({"RECSYS_ROI_AUTH": "oidc", "RECSYS_ROI_OIDC_HOURS": hours})


@pytest.mark.parametrize(
    ("age", "lapsed"), [(0, False), (2 * 3600, False), (2 * 3600 + 1, True), (-60, False)]
)
def test_a_sign_in_holds_for_its_hours(age: int, lapsed: bool):
    claims = {**CLAIMS, "iat": (NOON - timedelta(seconds=age)).timestamp()}
    assert has_lapsed(Provider(hours=2), claims, NOON) is lapsed


@pytest.mark.parametrize("issued", [None, "now", True])
def test_a_sign_in_that_does_not_say_when_is_over(issued: object):
    with pytest.raises(AccessError, match="yours is over"):
        person_of_claims(Provider(), {**CLAIMS, "iat": issued}, NOON)


@pytest.mark.parametrize("verified", [False, "false"])
def test_an_address_that_nobody_verified_names_nobody(verified: object):
    with pytest.raises(AccessError, match="did not verify"):
        person_of_claims(Provider(), {**CLAIMS, "email_verified": verified}, NOON)


def test_another_claim_names_the_person():
    claims = {**CLAIMS, "oid": "0f5c", "email_verified": False}
    assert person_of_claims(Provider(claim="oid"), claims, NOON).name == "0f5c"
