"""A small OpenID provider on this machine: discovery, sign-in, token, keys, sign-out; it can be told to lie.

The code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636); tokens are signed with RS256 by joserfc.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "recsys-roi-test", "what-only-the-client-knows"
KEY_ID = "first"
LIFE = 3600  # seconds that a token holds


@dataclass
class Provider:
    """Who is signed in there, and in which way its next token is wrong."""

    base: str = ""
    claims: dict[str, object] = field(default_factory=dict)  # of whoever is at the browser
    changed: dict[str, object] = field(default_factory=dict)  # claims that a token tells otherwise
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": KEY_ID}))
    signs_with: RSAKey | None = None  # another key than the published one
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths, in their order

    def documents(self) -> dict[str, object]:
        """What is published."""
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/jwks",
                "end_session_endpoint": f"{self.base}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            },
            "/jwks": {"keys": [self.key.as_dict(private=False)]},
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where a browser goes on to, signed in."""
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, object]:
        """The tokens for a code, which is good once and for its client only."""
        expected = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        assert authorization == f"Basic {expected}"
        asked = self.codes.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        assert challenge.decode().rstrip("=") == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": LIFE,
            "id_token": self._id_token(asked["nonce"]),
        }

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        usual = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": now + LIFE, "nonce": nonce}
        told = {**usual, **self.claims, **self.changed}
        return jwt.encode({"alg": "RS256", "kid": KEY_ID}, told, self.signs_with or self.key)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers at 127.0.0.1 until the end of the `with`."""
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, _flat(urlsplit(self.path).query)
            found.asked.append(path)
            if path in found.documents():
                self._json(found.documents()[path])
            elif path == "/authorize":
                self._send_on(found.authorize(query))
            elif path == "/end":
                self._send_on(query["post_logout_redirect_uri"])
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            found.asked.append(self.path)
            form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._json(found.token(form, self.headers.get("Authorization", "")))

        def _json(self, content: object) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def _send_on(self, address: str) -> None:
            self.send_response(302)
            self.send_header("Location", address)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
