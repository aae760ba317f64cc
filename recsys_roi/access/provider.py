"""The identity provider: the file that says which it is, and whom its claims name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from recsys_roi.access.addresses import is_loopback
from recsys_roi.access.people import Person, person
from recsys_roi.errors import AccessError, SettingError

CLAIM = "RECSYS_ROI_OIDC_CLAIM"
HOURS = "RECSYS_ROI_OIDC_HOURS"
SECRETS = "RECSYS_ROI_OIDC_SECRETS"  # the name of the setting
DEFAULT_HOURS = 12
MOST_HOURS = 720  # Streamlit's cookie lives for 30 days
SECRET_LENGTH = 32  # characters at least
CALLBACK = "/oauth2callback"  # where Streamlit takes the provider's answer
KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
VERIFIED_CLAIM = "email_verified"
ISSUED_CLAIM = "iat"
_NOT_VERIFIED = (False, "false")  # some providers send words


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """How people sign in with an identity provider."""

    claim: str = "email"  # that names a person
    hours: int = DEFAULT_HOURS  # after which somebody signs in again
    file: Path | None = None  # Streamlit's secrets with [auth]; None: where Streamlit looks by itself
    is_https: bool = False  # browsers reach the app by https, so its cookies go by https only


def provider_of(environment: Mapping[str, str]) -> Provider:
    """What the settings of the machine say; SettingError where they cannot be followed. Quotes no secret."""
    hours = _hours(environment.get(HOURS, "").strip())
    claim = environment.get(CLAIM, "").strip() or "email"
    named = environment.get(SECRETS, "").strip()
    if not named:
        return Provider(claim=claim, hours=hours)
    file = Path(named).expanduser().absolute()
    address = _checked(_auth_of(file), str(file))
    return Provider(claim=claim, hours=hours, file=file, is_https=address.startswith("https://"))


def _hours(text: str) -> int:
    if not text:
        return DEFAULT_HOURS
    hours = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= hours <= MOST_HOURS:
        raise SettingError(HOURS, f"must be a whole number of hours from 1 to {MOST_HOURS}", text)
    return hours


def _auth_of(file: Path) -> Mapping[str, Any]:
    try:
        auth = tomllib.loads(file.read_text(encoding="utf-8")).get("auth")
    except (OSError, ValueError) as problem:
        raise SettingError(SECRETS, "must name a TOML file that can be read", str(file)) from problem
    return auth if isinstance(auth, dict) else {}


def _checked(auth: Mapping[str, Any], file: str) -> str:
    """The address that the provider sends people back to."""
    for key in KEYS:
        if not isinstance(auth.get(key), str) or not auth[key].strip():
            raise SettingError(SECRETS, f"must name a file with {key} in [auth]", file)
    if len(auth["cookie_secret"]) < SECRET_LENGTH:
        rule = f"must name a file whose cookie_secret has at least {SECRET_LENGTH} random characters"
        raise SettingError(SECRETS, rule, file)
    if not auth["redirect_uri"].endswith(CALLBACK):
        raise SettingError(SECRETS, f"must name a file whose redirect_uri ends in {CALLBACK}", file)
    for key in ("redirect_uri", "server_metadata_url"):
        if not _is_private(auth[key]):
            raise SettingError(SECRETS, f"must name a file whose {key} begins with https://", file)
    return str(auth["redirect_uri"])


def _is_private(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def has_lapsed(provider: Provider, claims: Mapping[str, object], now: datetime) -> bool:
    """Whether somebody signed in too long ago, or nobody can tell when."""
    issued = claims.get(ISSUED_CLAIM)
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return True
    return now.timestamp() - issued > timedelta(hours=provider.hours).total_seconds()


def person_of_claims(provider: Provider, claims: Mapping[str, object], now: datetime) -> Person:
    """Whom the claims of a sign-in name; AccessError where they name nobody, or prove nothing.

    An e-mail address that its provider says nobody has verified proves nothing.
    """
    if not claims.get("is_logged_in"):
        raise AccessError("You are not signed in. Open the app again and sign in.")
    if has_lapsed(provider, claims, now):
        raise AccessError(lapsed(provider))
    if provider.claim == "email" and claims.get(VERIFIED_CLAIM) in _NOT_VERIFIED:
        raise AccessError(
            "Your sign-in did not verify your e-mail address. Verify it there, then come again."
        )
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not name.strip():
        raise AccessError(
            f"Your sign-in did not say who you are (it gave no {provider.claim}). Ask your administrator."
        )
    return person(name)


def lapsed(provider: Provider) -> str:
    """What somebody is told whose sign-in is over."""
    hours = "1 hour" if provider.hours == 1 else f"{provider.hours} hours"
    return f"A sign-in holds for {hours}, and yours is over. Reload the page and sign in again."
