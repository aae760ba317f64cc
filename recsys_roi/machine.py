"""The settings of a machine: every environment variable that is read, and a file that may hold them."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from recsys_roi.errors import RIGHTS, InputError, lacks_rights


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineSetting:
    """One environment variable."""

    name: str
    what: str
    default: str  # in words


MACHINE_SETTINGS = (
    MachineSetting(
        name="RECSYS_ROI_HOME",
        what="the folder of pilots and record",
        default=".recsys-roi in the user's folder",
    ),
    MachineSetting(
        name="RECSYS_ROI_LOGS_DIR",
        what="the one folder that the app may read logs from by their path; whoever may add logs to any "
        "pilot may read logs there",
        default="none: uploads only",
    ),
    MachineSetting(
        name="RECSYS_ROI_DOCS_URL",
        what="the address that risks' documents are linked under",
        default="none: they are named, not linked",
    ),
    MachineSetting(
        name="RECSYS_ROI_AUTH",
        what="how people sign in: off, oidc (your identity provider) or proxy (a reverse proxy does it)",
        default="off: only this machine can reach the app",
    ),
    MachineSetting(
        name="RECSYS_ROI_OIDC_SECRETS",
        what="with oidc: the TOML file whose [auth] names your provider, readable by the app's account only; "
        "read by recsys-roi app alone, a bare streamlit run looks in .streamlit/secrets.toml",
        default=".streamlit/secrets.toml in the home folder of the app's account",
    ),
    MachineSetting(
        name="RECSYS_ROI_OIDC_HOURS",
        what="with oidc: after how many hours somebody signs in again, 1 to 720",
        default="12",
    ),
    MachineSetting(
        name="RECSYS_ROI_OIDC_CLAIM",
        what="with oidc: the claim that names a person; an e-mail address that is not verified is refused",
        default="email",
    ),
    MachineSetting(
        name="RECSYS_ROI_PROXY_HEADER",
        what="with proxy: the header in which the proxy says who is signed in",
        default="none: must be given",
    ),
    MachineSetting(
        name="RECSYS_ROI_PROXY_SECRET_FILE",
        what="with proxy: a file with at least 32 characters that the proxy sends in X-Recsys-Roi-Secret",
        default="none: this or the next must be given",
    ),
    MachineSetting(
        name="RECSYS_ROI_PROXY_SECRET",
        what="the same characters in the environment, where a file cannot be had",
        default="none",
    ),
    MachineSetting(
        name="RECSYS_ROI_MAKERS",
        what="with sign-in: who may make pilots, names with commas between, or * for everybody",
        default="nobody: an administrator names the first owner with recsys-roi members",
    ),
    MachineSetting(
        name="RECSYS_ROI_HOSTS",
        what="the host names that the app answers to, with commas between",
        default="without sign-in localhost, 127.0.0.1 and ::1; with sign-in every name",
    ),
    MachineSetting(
        name="RECSYS_ROI_LOG",
        what="how the app writes its log: text or json (one object a line)",
        default="text",
    ),
)


def settings_from(file: Path) -> dict[str, str]:
    """NAME=value lines of a file; lines that begin with # and empty ones are passed over.

    Raises InputError where the file cannot be read or a line is none of the settings above.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = f" (permission denied). {RIGHTS}" if lacks_rights(problem) else ""
        raise InputError(f"{file}: cannot be read as settings of the machine{why}.") from problem
    known = {setting.name for setting in MACHINE_SETTINGS}
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or name not in known:
            raise InputError(
                f"{file}, line {number}: is no setting of the machine, such as RECSYS_ROI_AUTH=proxy."
            )
        found[name] = value
    return found


def take_over(settings: Mapping[str, str], environment: MutableMapping[str, str]) -> None:
    """Settings of a file into the environment; what is there already goes before them."""
    for name, value in settings.items():
        environment.setdefault(name, value)
