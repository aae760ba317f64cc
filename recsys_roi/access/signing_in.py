"""How people sign in, from the settings of the machine, and who is signed in by a reverse proxy."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from recsys_roi.access.addresses import is_loopback
from recsys_roi.access.people import Person, person
from recsys_roi.access.provider import Provider, provider_of
from recsys_roi.errors import AccessError, SettingError
from recsys_roi.record.members import person_key

Mode = Literal["off", "oidc", "proxy"]
MODES: tuple[Mode, ...] = get_args(Mode)
AUTH = "RECSYS_ROI_AUTH"
PROXY_HEADER = "RECSYS_ROI_PROXY_HEADER"
PROXY_SECRET = "RECSYS_ROI_PROXY_SECRET"  # noqa: S105 - the name of the setting
PROXY_SECRET_FILE = "RECSYS_ROI_PROXY_SECRET_FILE"  # noqa: S105
MAKERS = "RECSYS_ROI_MAKERS"
SECRET_HEADER = "X-Recsys-Roi-Secret"  # noqa: S105
SECRET_LENGTH = 32  # characters at least
EVERYBODY = "*"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}")  # RFC 9110, 5.6.2: how a header may be called

GetAll = Callable[[str], Sequence[str]]
"""Every value of a header, by its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How people sign in on this machine."""

    mode: Mode
    provider: Provider | None = None  # with oidc
    header: str = ""  # that carries the name, with proxy
    secret: str = ""  # that the proxy proves itself with
    makers: tuple[str, ...] = ()  # keys of those who may make pilots; EVERYBODY for all

    @property
    def is_on(self) -> bool:
        """Whether anybody has to sign in."""
        return self.mode != "off"

    def may_make(self, person: Person) -> bool:
        """Whether somebody may make a pilot."""
        return not self.is_on or EVERYBODY in self.makers or person.key in self.makers


def sign_in_of(environment: Mapping[str, str]) -> SignIn:
    """What the settings of the machine say; SettingError where they cannot be followed."""
    mode = environment.get(AUTH, "").strip().lower() or "off"
    if mode not in MODES:
        raise SettingError(AUTH, f"must be one of {', '.join(MODES)}", mode)
    makers = tuple(person_key(one) for one in environment.get(MAKERS, "").split(",") if one.strip())
    if mode == "oidc":
        return SignIn(mode="oidc", provider=provider_of(environment), makers=makers)
    if mode == "proxy":
        header = environment.get(PROXY_HEADER, "").strip()
        if not _TOKEN.fullmatch(header):
            raise SettingError(PROXY_HEADER, "must name the header that carries who is signed in", header)
        return SignIn(mode="proxy", header=header, secret=_secret(environment), makers=makers)
    return SignIn(mode="off")


def _secret(environment: Mapping[str, str]) -> str:
    file = environment.get(PROXY_SECRET_FILE, "").strip()
    try:
        secret = Path(file).read_text(encoding="ascii") if file else environment.get(PROXY_SECRET, "")
    except (OSError, ValueError) as problem:
        raise SettingError(PROXY_SECRET_FILE, "must name a readable file of plain letters", file) from problem
    secret = secret.strip()
    if len(secret) < SECRET_LENGTH:
        rule = f"must hold at least {SECRET_LENGTH} characters that only the proxy knows"
        raise SettingError(PROXY_SECRET_FILE if file else PROXY_SECRET, rule, f"{len(secret)} characters")
    return secret


def person_behind_proxy(sign_in: SignIn, get_all: GetAll) -> Person:
    """Who the reverse proxy says is there; AccessError where the proxy did not say it, or said it twice."""
    secrets, names = get_all(SECRET_HEADER), get_all(sign_in.header)
    proved = len(secrets) == 1 and hmac.compare_digest(secrets[0].encode(), sign_in.secret.encode())
    if not proved:
        raise AccessError(
            "This request did not come through the sign-in of your company. "
            "Open the address that your company gives for RecSys ROI."
        )
    if len(names) != 1 or not names[0].strip():
        raise AccessError("You are not signed in. Sign in at your company's address for RecSys ROI.")
    return person(_utf8(names[0]))


def _utf8(header: str) -> str:
    """Servers read headers as Latin-1; proxies send names in UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except ValueError:
        return header


def check_address(sign_in: SignIn, address: str | None) -> None:
    """AccessError where others could reach the app and nobody would have to sign in."""
    if not sign_in.is_on and not is_loopback(address):
        raise AccessError(
            f"The app was told to listen at {address or 'every address of this machine'}, where others can "
            f"reach it, and nobody would have to sign in. Set {AUTH} to oidc or proxy (see SECURITY.md and "
            "docs/for-administrators.md), or listen at 127.0.0.1."
        )
