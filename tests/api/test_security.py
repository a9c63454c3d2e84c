"""Who is let in: this machine's programs and the server's own page; on other addresses, whoever shows the token."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.security import HEADERS, MOST_JSON
from api.server import check_exposure
from core.errors import BadSettings
from core.settings import Settings, load
from tests.api.live import Live

TOKEN = "a-secret+of/some=length&#;%"


def raw(live: Live, method: str, target: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of a request that no client mends: its address and headers go out as they stand."""
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=10)
    try:
        connection.putrequest(method, target, skip_host="Host" in (headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


# -- other sites ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "192.168.1.7:8000",
        "[::ffff:8.8.8.8]",
        "[::1",
        "",
        "0.0.0.0",
    ],
)
def test_a_name_that_was_pointed_at_this_machine_is_refused(live: Live, host: str) -> None:
    for target in ("/", "/ui/", "/database/files"):
        assert raw(live, "GET", target, {"Host": host})[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.8.8.8", "[::1]"])
def test_this_machines_own_names_are_let_in(live: Live, host: str) -> None:
    for port in ("", f":{live.port}"):
        assert raw(live, "GET", "/status", {"Host": host + port})[0] == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "http://localhost:PORT",
        "http://[",
        "file://",
        "http://127.0.0.1:PORT.evil.example",
        "http://127.0.0.1:PORT@evil.example",
    ],
)
def test_another_sites_origin_is_refused(live: Live, origin: str) -> None:
    said = {"Origin": origin.replace("PORT", str(live.port))}
    path = live.sound("origin.wav")
    live.told(live.client.post("/analyze", json={"file_path": str(path)}, headers=said), 403)
    live.told(live.client.get("/database/files", headers=said), 403)
    live.told(live.client.post("/api/system/cleanup", headers=said), 403)
    live.told(live.client.options("/analyze", headers=said), 403)


def test_the_pages_own_origin_is_let_in(live: Live) -> None:
    said = {"Origin": f"http://127.0.0.1:{live.port}", "Sec-Fetch-Site": "same-origin"}
    live.told(live.client.post("/api/system/cleanup", headers=said), 200)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "cross-origin", "", "unheard-of"])
def test_a_request_that_another_site_made_is_refused_but_for_opening_the_page(live: Live, site: str) -> None:
    said = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    opened = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    for address in ("/", "/ui/", "/ui/app.js", "/database/files", "/events", "/docs", "/openapi.json"):
        live.told(live.client.get(address, headers=said), 403)
    assert live.client.get("/ui/", headers=opened).status_code == 200
    assert live.client.get("/", headers=opened).status_code == 303
    live.told(live.client.get("/database/files", headers=opened), 403)
    live.told(live.client.post("/api/system/cleanup", headers=opened), 403)
    live.told(live.client.post("/ui/", headers=opened), 403)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_the_user_does_is_let_in(live: Live, site: str) -> None:
    live.get("/database/files", headers={"Sec-Fetch-Site": site})


def test_no_answer_may_be_read_by_another_site(live: Live) -> None:
    for answer in (live.client.get("/status"), live.client.options("/status")):
        assert not [name for name in answer.headers if name.startswith("access-control")]


# -- what is sent along ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/ui/", 200),
        ("GET", "/ui/app.js", 200),
        ("GET", "/ui", 307),
        ("GET", "/ui/none.js", 404),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/nowhere", 404),
        ("POST", "/status", 405),
        ("DELETE", "/ui/app.js", 405),
        ("GET", "/jobs/0", 422),
        ("GET", "/jobs/999999", 404),
        ("GET", "/health", 200),
    ],
)
def test_every_answer_carries_the_headers(live: Live, method: str, address: str, status: int) -> None:
    response = live.client.request(method, address)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store" or address.startswith("/ui")
    assert "server" not in response.headers or response.headers["server"] != "uvicorn"
    if status >= 400:
        live.told(response, status)


def test_a_refusal_carries_the_headers(live: Live) -> None:
    response = live.client.get("/", headers={"Origin": "null"})
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "target",
    [
        "/ui/../api/app.py",
        "/ui/..%2fapi/app.py",
        "/ui/%2e%2e/pyproject.toml",
        "/ui/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
        "/ui//etc/passwd",
        "/ui/..\\pyproject.toml",
        "/ui/style/../../pyproject.toml",
        "/ui/....//pyproject.toml",
        "/ui/%00",
        "/../../etc/passwd",
        "//etc/passwd",
    ],
)
def test_no_address_leads_out_of_the_pages_folder(live: Live, target: str) -> None:
    status, body = raw(live, "GET", target)
    assert status == 404 and b"[tool." not in body and b"root:" not in body


@pytest.mark.parametrize("tag", ["../../x", "..", "%2e%2e%2fx", "/etc/passwd", "%2F", "a/../../b"])
def test_a_tag_is_a_word_and_no_path(live: Live, tag: str) -> None:
    live.put(f"/api/files/{'0' * 64}/tags/x", 404)
    status, body = raw(live, "PUT", f"/api/files/{'0' * 64}/tags/{tag}")
    assert status == 404 and b"there is no file" in body


# -- too much --------------------------------------------------------------------------------------


def test_a_body_that_is_too_long_is_413(live: Live) -> None:
    whole = b'{"file_path": "' + b"x" * MOST_JSON + b'"}'
    told = {"Content-Type": "application/json"}
    live.told(live.client.post("/analyze", content=whole, headers=told), 413)
    live.told(live.client.put("/plugins/mood.patient/config", content=whole, headers=told), 413)


def test_a_body_without_a_length_is_held_to_the_same(live: Live) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"file_path": "'
        for _ in range(20):
            yield b"x" * (MOST_JSON // 10)

    response = live.client.post("/analyze", content=pieces(), headers={"Content-Type": "application/json"})
    live.told(response, 413)


# -- the token -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Live]:
    """A server that asks for a token."""
    with Live(tmp_path_factory.mktemp("guarded"), token=TOKEN) as running:
        yield running


def test_nothing_is_answered_without_the_token(guarded: Live) -> None:
    for address in ("/", "/ui/", "/ui/app.js", "/status", "/events", "/docs", "/openapi.json", "/nowhere"):
        response = guarded.client.get(address)
        guarded.told(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    guarded.post("/analyze", 401, json={"file_path": "/etc/passwd"})


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_is_a_bearer(guarded: Live, scheme: str) -> None:
    assert guarded.get("/status", headers={"Authorization": f"{scheme} {TOKEN}"})["queue"]


@pytest.mark.parametrize(
    "shown",
    ["Bearer wrong", "Bearer", "Basic abc", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"],
)
def test_a_wrong_token_is_401(guarded: Live, shown: str) -> None:
    guarded.get("/status", 401, headers={"Authorization": shown.encode("latin-1")})
    guarded.get("/status", 401, headers={"Cookie": f"hemiola_token={shown[:5]}"})
    guarded.get("/ui/", 401, params={"token": f"{shown}."})
    guarded.get("/status", 401, headers={"Cookie": "hemiola_token=\xff; ;;=".encode("latin-1")})


def test_the_printed_address_puts_the_token_into_a_cookie_that_scripts_cannot_read(guarded: Live) -> None:
    with httpx.Client(base_url=guarded.client.base_url) as browser:
        response = browser.get("/ui/", params={"token": TOKEN})
        assert response.status_code == 303 and response.headers["location"] == "/ui/"
        cookie = response.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
        assert browser.get("/ui/").status_code == browser.get("/status").status_code == 200
        assert browser.get("/status", headers={"Origin": "https://evil.example"}).status_code == 403


def test_the_token_in_an_address_opens_pages_alone(guarded: Live) -> None:
    guarded.get("/status", 401, params={"token": TOKEN})
    guarded.post("/api/system/cleanup", 401, params={"token": TOKEN})


def test_with_a_token_any_name_may_be_used(guarded: Live) -> None:
    told = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/status", headers={**told, "Host": "studio.local:8000"})
    guarded.post("/api/system/cleanup", 413, headers=told, content=b"x" * (MOST_JSON + 1))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "studio.local", ""])
def test_others_are_not_let_in_without_a_token(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadSettings, match="HEMIOLA_TOKEN"):
        check_exposure(Settings(data=tmp_path, host=host))
    check_exposure(Settings(data=tmp_path, host=host, token=TOKEN))


@pytest.mark.parametrize(
    "token", ["short", "with spaces in between", "pässwörter-ünd-mehr", "line\nbreak" * 3]
)
def test_a_token_that_no_header_takes_is_refused(token: str) -> None:
    with pytest.raises(BadSettings, match="token"):
        load(token=token)


def test_the_page_s_files_are_kept_and_asked_for_again(live: Live) -> None:
    first = live.client.get("/ui/app.js")
    assert first.headers["cache-control"] == "no-cache"
    again = live.client.get("/ui/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
