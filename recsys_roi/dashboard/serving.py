"""The web server around the app: response headers, the proxy's proof on every request, and its log lines.

`recsys-roi app` starts it as `python -m recsys_roi.dashboard.serving --address A --port P`.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from importlib import import_module

import streamlit as st
import uvicorn
from starlette.middleware import Middleware

from recsys_roi.access.signing_in import check_address, sign_in_of
from recsys_roi.dashboard.guard import Guard
from recsys_roi.dashboard.log_lines import log_lines, log_script_error
from recsys_roi.errors import RecsysRoiError
from recsys_roi.places import app_folder

HOSTS = "RECSYS_ROI_HOSTS"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
LOADED_AT_START = (
    "recsys_roi.evidence.viewing",
    "recsys_roi.review.evaluate",
    "recsys_roi.render.charts",
    "recsys_roi.render.pack.paper.sheet",
)


def hosts(given: str, *, is_local: bool) -> list[str]:
    """The host names that the app answers to; on this machine only its own, in case a name is rebound."""
    named = [one.strip() for one in given.split(",") if one.strip()]
    return named or (list(LOCAL_HOSTS) if is_local else [])


def serve(address: str, port: int) -> None:
    """Serves the app until it is stopped; AccessError where others could reach it without signing in."""
    sign_in = sign_in_of(os.environ)
    check_address(sign_in, address)
    as_json = log_lines(os.environ)
    if as_json:
        uvicorn.config.LOGGING_CONFIG["formatters"]["default"]["fmt"] = "%(message)s"
    script = app_folder() / "app.py"
    sys.argv = [str(script)]  # Streamlit looks for its settings beside it
    app = st.App(script, middleware=[Middleware(Guard, sign_in=sign_in)], on_script_error=_say)
    settings: dict[str, object] = {
        "logger.enableRich": False,  # it would write what an exception says, past the masks of our log lines
        "server.address": address,
        "server.port": port,
        "server.allowedHosts": hosts(os.environ.get(HOSTS, ""), is_local=not sign_in.is_on),
    }
    if sign_in.provider is not None and sign_in.provider.file is not None:
        settings["secrets.files"] = [str(sign_in.provider.file)]
    if as_json:
        settings["logger.messageFormat"] = "%(message)s"
    _load()
    app.run(config=settings)


def _load() -> None:
    """Loads what every page needs before anybody comes; it stays, so the collector need not look at it."""
    for name in LOADED_AT_START:
        import_module(name)
    gc.collect()
    gc.freeze()


def _say(problem: Exception) -> bool:
    """A fault of ours on a page: a sentence for the reader, the place in the code for the log."""
    reference = log_script_error(problem)
    st.error(
        "Something went wrong in this program; nothing was saved by this step. Reload the page. "
        f"If it comes back, give your administrator this reference: {reference}.",
        icon=":material/error:",
    )
    return True


def main() -> int:
    """The command; a setting that cannot be followed is one sentence and exit status 1."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    try:
        serve(given.address, given.port)
    except RecsysRoiError as problem:
        sys.stderr.write(f"recsys-roi: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
