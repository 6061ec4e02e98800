"""Who comes in, and where everyone else is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from litestar import Response

from haihe.web.guards import SESSION_COOKIE, keep_session, own_path
from tests.web.conftest import CITIZEN_TOKEN, EXPIRED_TOKEN, STAFF_TOKEN


async def test_page_sends_a_stranger_to_sign_in_and_back(client):
    answer = await client.get("/mine?x=1&y=%2F")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fmine%3Fx%3D1%26y%3D%252F"


async def test_console_has_its_own_door(client):
    answer = await client.get("/console/desk")
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fdesk"


@pytest.mark.parametrize("token", ["nobody", EXPIRED_TOKEN])
async def test_worthless_cookie_is_a_stranger(client, token):
    assert (await client.get("/mine", headers={"cookie": f"haihe_session={token}"})).status_code == 303
    assert (await client.get("/open", headers={"cookie": f"haihe_session={token}"})).status_code == 200


async def test_cookie_opens_pages_and_not_the_api(client):
    cookie = {"cookie": f"haihe_session={CITIZEN_TOKEN}"}
    assert (await client.get("/mine", headers=cookie)).status_code == 200
    assert (await client.post("/api/notes", content=b'{"text": "a"}', headers=cookie)).status_code == 401


async def test_citizens_cookie_does_not_open_the_console(client):
    assert (await client.get("/console/desk", headers={"cookie": f"haihe_session={CITIZEN_TOKEN}"})).status_code == 303
    inside = await client.get("/console/desk", headers={"cookie": f"haihe_staff={STAFF_TOKEN}"})
    assert "Wang Fang" in inside.text


async def test_unknown_address_is_said_before_sign_in_is_asked(client):
    assert (await client.get("/nowhere")).status_code == 404
    assert (await client.get("/console/nowhere")).status_code == 404


async def test_form_without_its_token_is_refused(client):
    cookie = {"cookie": f"haihe_session={CITIZEN_TOKEN}", "accept": "application/json"}
    answer = await client.post("/mine", data={"a": "b"}, headers=cookie)
    assert (answer.status_code, answer.json()["code"]) == (403, "form_expired")


async def test_form_with_its_token_is_accepted(client):
    client.cookies.set("haihe_session", CITIZEN_TOKEN)
    page = await client.get("/mine")
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token
    answer = await client.post("/mine", data={"_csrf_token": token[1]})
    assert answer.json() == {"person": 1}


async def test_token_of_another_browser_is_refused(client, app):
    client.cookies.set("haihe_session", CITIZEN_TOKEN)
    await client.get("/mine")
    answer = await client.post("/mine", data={"_csrf_token": "0" * 128})
    assert answer.status_code == 403


async def test_form_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = (await client.get("/open")).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("wish", ["/s/ABC", "/s/ABC?x=1", "/"])
def test_own_paths_are_followed(wish):
    assert own_path(wish) == wish


@pytest.mark.parametrize(
    "wish",
    [
        None,
        "",
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "javascript:alert(1)",
        "/a\nb",
        "me",
        "/\t/evil",
    ],
)
def test_foreign_addresses_are_not_followed(wish):
    assert own_path(wish, otherwise="/me") == "/me"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_session_cookie_is_secure_over_https(scheme):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    request = SimpleNamespace(url=SimpleNamespace(scheme=scheme))
    response: Response[str] = Response("")
    keep_session(request, response, SESSION_COOKIE, token="t", expires=now + timedelta(hours=1), now=now)  # type: ignore[arg-type]
    (cookie,) = response.cookies
    assert (cookie.httponly, cookie.samesite, cookie.secure) == (True, "lax", scheme == "https")
    assert cookie.max_age == 3600
