"""What every answer carries, and what no request may do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from haihe.web.security import BODY_BYTES_MAX, has_bad_text
from tests.web.conftest import CITIZEN_TOKEN

BEARER = {"authorization": f"Bearer {CITIZEN_TOKEN}"}


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/open"),
        ("GET", "/nowhere"),
        ("GET", "/api/nowhere"),
        ("DELETE", "/open"),
        ("GET", "/mine"),
        ("GET", "/broken"),
        ("POST", "/bare"),
        ("GET", "/static/x/nothing.js"),
        ("GET", "/robots.txt"),
        ("GET", "/sw.js"),
        ("GET", "/api/openapi.json"),
        ("OPTIONS", "/open"),
    ],
)
async def test_every_answer_has_the_security_headers(client, method, address):
    headers = (await client.request(method, address)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


async def test_strict_transport_is_only_said_over_https(app):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://city.test") as client:
        assert "strict-transport-security" in (await client.get("/open")).headers


async def test_head_is_get_without_its_body(client):
    got, headed = await client.get("/nowhere"), await client.head("/nowhere")
    assert (headed.status_code, headed.content) == (404, b"")
    assert headed.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/open")).status_code == 200


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1024):
        yield b"x" * 1024


@pytest.mark.parametrize("address", ["/api/notes", "/bare", "/mine"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_body_above_the_limit_is_refused(client, address, chunked):
    size = BODY_BYTES_MAX + 1024
    content = chunks(size) if chunked else b"x" * size
    headers = {**BEARER, "content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    answer = await client.post(address, content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


async def test_body_at_the_limit_is_read(client):
    answer = await client.post("/bare", content=b"x" * BODY_BYTES_MAX)
    assert (answer.status_code, answer.text) == (200, str(BODY_BYTES_MAX))


async def test_bare_route_breaks_without_telling(client):
    answer = await client.post("/bare", content=b"break")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "4711" not in answer.text


async def test_bare_route_is_only_its_method_and_path(client):
    assert (await client.get("/bare")).status_code == 404
    assert (await client.post("/bare/more")).status_code == 404
    assert (await client.post("/bare/")).status_code == 200


@pytest.mark.parametrize(
    ("body", "is_bad"),
    [
        (rb'{"a": "plain"}', False),
        (rb'{"a": "\u0000"}', True),
        (rb'{"a": "\\u0000"}', False),
        (rb'{"a": "\\\u0000"}', True),
        (rb'{"a": "\ud83d\ude00"}', False),
        (rb'{"a": "\ud83d"}', True),
        (rb'{"a": "\ude00\ud83d"}', True),
        (rb'{"a": "\uD83D\uD83D\uDE00"}', True),
        (b'{"a": "\x00"}', True),
        (b'{"a": "\xed\xa0\x80"}', True),
        ('{"a": "海河😀"}'.encode(), False),
    ],
)
def test_text_that_cannot_be_stored_is_found_in_json(body, is_bad):
    assert has_bad_text(body, form=False) is is_bad


@pytest.mark.parametrize(
    ("body", "is_bad"), [(b"a=%E6%B5%B7+x", False), (b"a=%00", True), (b"a=%ED%A0%80", True), (b"a=\\u0000", False)]
)
def test_text_that_cannot_be_stored_is_found_in_forms(body, is_bad):
    assert has_bad_text(body, form=True) is is_bad


async def test_bad_text_is_refused_in_body_and_address(client):
    in_body = await client.post("/api/notes", content=rb'{"text": "a\u0000"}', headers=BEARER)
    in_query = await client.get("/open?x=%00", headers={"accept": "application/json"})
    assert (in_body.status_code, in_body.json()["code"]) == (400, "text_invalid")
    assert (in_query.status_code, in_query.json()["code"]) == (400, "text_invalid")
