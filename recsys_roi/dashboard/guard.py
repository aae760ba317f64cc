"""What stands before every request: response headers, and with a proxy its proof, on uploads too."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys_roi.access.signing_in import SignIn, person_behind_proxy
from recsys_roi.errors import AccessError

_log = logging.getLogger("recsys_roi.access")
HEALTH = "/_stcore/health"  # says "ok" to whoever watches the machine, and nothing else
MEDIA = "/media/"

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def _own_scripts() -> tuple[str, ...]:
    """The hashes of the scripts that stand in the frame's own page, the only ones to run from a page."""
    page = Path(st.__file__).parent / "static" / "index.html"
    found = _INLINE.findall(page.read_text(encoding="utf-8"))
    return tuple(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in found)


POLICY = "; ".join(
    (
        "default-src 'self'",
        " ".join(("script-src 'self' 'wasm-unsafe-eval'", *_own_scripts())),
        "style-src 'self' 'unsafe-inline'",  # charts and widgets set their sizes so
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # links name pilots and settings
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware; health answers to everybody, all else needs the proxy's proof where one is set."""

    def __init__(self, app: ASGIApp, sign_in: SignIn) -> None:
        """`app` is everything behind the guard."""
        self._app, self._sign_in = app, sign_in
        self._is_https = sign_in.provider is not None and sign_in.provider.is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers 403."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        problem = self._problem(scope)
        if problem is None:
            await self._app(scope, receive, self._with_headers(scope, send))
            return
        _log.warning("Refused a request without sign-in.")
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = PlainTextResponse(problem, status_code=403)
        await refused(scope, receive, self._with_headers(scope, send))

    def _problem(self, scope: Scope) -> str | None:
        if self._sign_in.mode != "proxy" or _asks_for_health(scope):
            return None
        try:
            person_behind_proxy(self._sign_in, Headers(scope=scope).getlist)
        except AccessError as problem:
            return str(problem)
        return None

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if MEDIA in scope["path"]:
                    headers["Cache-Control"] = "private, no-store"
                if self._is_https:
                    message["headers"] = _by_https_only(message["headers"])
            await send(message)

        return wrapped


def _asks_for_health(scope: Scope) -> bool:
    """Whether it reads that one address, and not another one that ends like it."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    address = f"/{base}{HEALTH}" if base else HEALTH
    return scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and scope["path"] == address


def _by_https_only(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Streamlit leaves its cookies open to http."""
    return [
        (name, value + b"; Secure" if name.lower() == b"set-cookie" else value) for name, value in headers
    ]
