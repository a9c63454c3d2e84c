"""Who may use the server: its own page and programs of this machine, or whoever shows the token.

A page of another site reaches 127.0.0.1 as easily as the user does. Its requests carry another Origin or
a Sec-Fetch-Site that says so; a name that was pointed at this machine (DNS rebinding) shows in Host.
"""

from __future__ import annotations

import hmac
import ipaddress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import DETAILS, problem

COOKIE = "hemiola_token"
LOCAL = "hemiola_local"
"""Set in the scope of requests that came through the data folder's socket."""
PAGES = ("/", "/ui/", "/ui/index.html", "/docs")
"""What a link on another site may open."""
MOST_JSON = 1 << 20
UPLOAD = "/api/analyze/upload"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Gate:
    """Refuses what does not come from the user, and says in headers that others may not embed what is answered.

    Parameters
    ----------
    app
        What lies behind it.
    token
        What clients must show; None when the server listens on this machine alone.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope)
        if refusal is None:
            receive = _limited(scope, receive)
        target = refusal if refusal is not None else self._app
        await target(scope, receive, _with_headers(send, scope["path"].startswith("/ui/")))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._token is None and not is_loopback(_name(headers.get("host", ""))):
            return problem(403, f"this server does not answer to the name {headers.get('host', '')!r}")
        if not _same_site(scope, headers):
            return problem(403, DETAILS[403])
        if self._token is not None:
            return self._without_token(scope, headers)
        return _too_long(scope, headers)

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        assert self._token is not None
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] in PAGES and _equal(asked, self._token):
            there = RedirectResponse(scope["path"], 303)
            there.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", path="/")
            return there
        if _equal(_bearer(headers), self._token) or _equal(_cookie(headers), self._token):
            return _too_long(scope, headers)
        return problem(401, DETAILS[401], {"WWW-Authenticate": "Bearer"})


def _name(host: str) -> str:
    """A Host header without its port."""
    return host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]


def _same_site(scope: Scope, headers: Headers) -> bool:
    opened = scope["method"] in ("GET", "HEAD") and scope["path"] in PAGES
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return opened and headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    return origin is None or _site(origin) == headers.get("host")


def _site(origin: str) -> str | None:
    """Name and port of an Origin header; None for what is none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def _too_long(scope: Scope, headers: Headers) -> Response | None:
    length = headers.get("content-length", "0")
    if scope["path"] != UPLOAD and length.isdigit() and int(length) > MOST_JSON:
        return problem(413, f"a request of {length} bytes; the most is {MOST_JSON}")
    return None


def _limited(scope: Scope, receive: Receive) -> Receive:
    """A body without a length is refused where the limit is."""
    if scope["path"] == UPLOAD:
        return receive
    heard = 0

    async def next_message() -> Message:
        nonlocal heard
        message = await receive()
        heard += len(message.get("body", b""))
        if heard > MOST_JSON:
            raise HTTPException(413, f"a request of more than {MOST_JSON} bytes")
        return message

    return next_message


def _bearer(headers: Headers) -> str:
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else ""


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _equal(shown: str, token: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())


def _with_headers(send: Send, kept: bool) -> Send:
    """Send with the headers above; what may be kept, the page's own files, is asked for again by its ETag."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-cache" if kept else "no-store")
        await send(message)

    return sending
