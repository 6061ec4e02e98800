"""Defence in depth, asked of a running city at every address that its parts name: forms, headers, ways out, what is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from demo.services import made_up
from haihe.web.assembly import CSRF_FREE
from haihe.web.guards import SESSION_COOKIE
from haihe.web.security import BODY_BYTES_MAX, HEADERS
from tests.api.conftest import PASSCODE, Api
from tests.api.routes import Route, every_route

EVIL = "evil.example"
INLINE = re.compile(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+=\"|javascript:", re.IGNORECASE)
NO_FORM = {"/terminal/{terminal:str}/charge"}
"""Addresses beside the API to which no form posts: what comes there carries a header that no foreign page may send."""


@dataclass
class Browser:
    """Someone's browser in front of the city: keeps cookies, follows nothing by itself."""

    client: httpx.Client

    def token(self, page: str) -> str:
        """Open a page and take its form's token."""
        found = re.search(r'name="_csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert found, page
        return found[1]

    def post(self, page: str, **fields: str) -> httpx.Response:
        return self.client.post(page, data={"_csrf_token": self.token(page), **fields})


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Route]:
    return every_route(tmp_path_factory.mktemp("routes"))


@pytest.fixture
def browser(api: Api) -> Iterator[Browser]:
    with httpx.Client(base_url=api.client.base_url, timeout=20, trust_env=False) as client:
        yield Browser(client)


@pytest.fixture(scope="module")
def faces(api: Api) -> Iterator[dict[str, httpx.Client]]:
    """A stranger's browser, a citizen's, and a manager's of the bus company."""
    base: dict[str, Any] = {"base_url": api.client.base_url, "timeout": 20, "trust_env": False}
    manager = next(one for one in api.demo["staff"] if one["role"] == "manager")
    citizen = {SESSION_COOKIE: api.newcomer()}
    with (
        httpx.Client(**base) as stranger,
        httpx.Client(**base, cookies=citizen) as known,
        httpx.Client(**base) as staff,
    ):
        signed_in = Browser(staff).post("/console/sign-in", login=manager["login"], password=manager["password"])
        assert signed_in.status_code == 303
        yield {"stranger": stranger, "citizen": known, "staff": staff}


def look(client: httpx.Client, address: str, **more: Any) -> httpx.Response:
    """Open an address; of a stream that does not end the head alone."""
    with client.stream("GET", address, **more) as answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            answer.read()
        return answer


def test_no_form_of_the_city_is_taken_without_its_token(routes: list[Route], faces: dict[str, httpx.Client]) -> None:
    posts = [route for route in routes if route.method not in {"GET", "HEAD"} and not route.path.startswith("/api/")]
    assert len(posts) > 40
    free = {route.path for route in posts if any(re.search(one, route.address) for one in CSRF_FREE)}
    assert free == NO_FORM
    for name, client in faces.items():
        for route in posts:
            if route.path not in NO_FORM:
                answer = client.request(route.method, route.address, data={"a": "b"}, headers={"Accept": "text/json"})
                assert (answer.status_code, answer.json()["code"]) == (403, "form_expired"), (name, route)


def test_what_takes_no_form_takes_no_cookie_alone(routes: list[Route], faces: dict[str, httpx.Client]) -> None:
    for route in routes:
        if route.path.startswith("/api/") and route.method != "GET" and route.asks_token:
            answer = faces["citizen"].request(route.method, route.address, json={})
            assert answer.status_code == 401, route
    for path in NO_FORM:
        answer = faces["staff"].post(re.sub(r"\{[^}]+\}", "1", path), data={"code": "1", "amount": "1"})
        assert answer.status_code in {400, 401, 403, 404}, answer.text


def test_every_page_for_everybody_has_the_headers_nothing_inline_and_cookies_that_scripts_cannot_read(
    routes: list[Route], faces: dict[str, httpx.Client]
) -> None:
    for name, client in faces.items():
        for route in routes:
            if route.method != "GET" or "sign-out" in route.path:
                continue
            answer = look(client, route.address)
            assert answer.status_code < 500, (name, route)
            assert {key: answer.headers.get(key) for key in HEADERS} == dict(HEADERS), (name, route)
            if "html" in answer.headers.get("content-type", ""):
                assert not INLINE.search(answer.text), (name, route)
            for cookie in answer.headers.get_list("set-cookie"):
                assert "samesite=lax" in cookie.lower(), (name, route)
                assert "httponly" in cookie.lower() or cookie.startswith("lang="), (name, route)


@pytest.mark.parametrize(
    "wish", [f"//{EVIL}", f"https://{EVIL}/", f"/\\{EVIL}", f"/\r\nLocation: https://{EVIL}", f"/%0d%0aX-{EVIL}: 1"]
)
def test_no_address_leads_out_of_the_city_and_none_writes_a_header(
    routes: list[Route], faces: dict[str, httpx.Client], wish: str
) -> None:
    asked = {"next": wish, "back": wish, "return": wish, "to": wish}
    for name, client in faces.items():
        for route in routes:
            if route.method == "GET" and "sign-out" not in route.path and "{" not in route.path:
                answer = look(client, route.address, params=asked, headers={"Referer": f"https://{EVIL}/s/x"})
                assert answer.status_code < 500, (name, route)
                assert not [key for key, value in answer.headers.items() if f"x-{EVIL}" in key], (name, route)
                assert not re.match(rf"(https?:)?[/\\]{{2}}{EVIL}", answer.headers.get("location", "")), (name, route)
                if "html" in answer.headers.get("content-type", ""):
                    assert f'href="https://{EVIL}' not in answer.text, (name, route)
                    assert f'href="//{EVIL}' not in answer.text, (name, route)


def test_sign_in_leads_nowhere_else_and_keeps_its_session_from_scripts(api: Api, browser: Browser) -> None:
    person = api.demo["citizens"][17]
    asked = browser.post("/sign-in", phone=person["phone"], next=f"//{EVIL}")
    code = re.search(r"\b\d{6}\b", re.sub(r"<[^>]+>", " ", asked.text))
    assert code
    done = browser.post("/sign-in", phone=person["phone"], code=code[0], is_code_step="1", next=f"//{EVIL}")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    kept = [one.lower() for one in done.headers.get_list("set-cookie") if one.startswith(SESSION_COOKIE)]
    assert kept
    assert all("httponly" in one and "samesite=lax" in one and "secure" not in one for one in kept)


@pytest.mark.parametrize("page", ["/", "/sign-in", "/register", "/console/sign-in", "/city", "/pay"])
def test_a_host_that_is_not_the_citys_appears_nowhere(faces: dict[str, httpx.Client], page: str) -> None:
    for client in faces.values():
        answer = client.get(page, headers={"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"})
        assert EVIL not in answer.text
        assert EVIL not in answer.headers.get("location", "")


@pytest.mark.parametrize(
    "path",
    [
        "../secrets.json",
        "..%2f..%2fhaihe/app.py",
        "%2e%2e/%2e%2e/pyproject.toml",
        "....//....//pyproject.toml",
        "..%5c..%5cpyproject.toml",
        "%252e%252e/pyproject.toml",
        "js/../../app.py",
        "/etc/passwd",
        "%00/app.js",
        "js/app.js%00.png",
    ],
)
def test_no_file_beside_the_listed_ones_is_served(api: Api, path: str) -> None:
    address = f"http://127.0.0.1:{api.city.port}/static/x/{path}"
    with httpx.Client(trust_env=False) as client:
        answer = client.send(client.build_request("GET", httpx.URL(address)))
    assert answer.status_code in {400, 404}, answer.text


@pytest.mark.parametrize("path", ["/api/payments", "/api/sign-in", "/sign-in", "/console/sign-in"])
def test_more_than_is_ever_needed_is_refused_before_it_is_read(api: Api, path: str) -> None:
    answer = api.client.post(path, content=b"x" * (BODY_BYTES_MAX + 1), headers={"Content-Type": "application/json"})
    assert answer.status_code in {401, 403, 413}


def test_nothing_secret_and_nothing_personal_is_logged_or_audited(api: Api, browser: Browser) -> None:
    """Do what can be done with a name, a phone, an ID number, a passcode, a code, a card and a token, rightly and wrongly."""
    card = made_up.card()
    who = {"name": made_up.name(), "id_number": made_up.id_number(), "phone": made_up.phone(), "passcode": "830294"}
    code = api.client.post("/api/sign-in/codes", json={"phone": who["phone"], "purpose": "register"}).json()[
        "demo_code"
    ]
    wrong = api.client.post("/api/citizens", json={**who, "code": "000000"})
    done = api.client.post("/api/citizens", json={**who, "code": code})
    assert (wrong.status_code, done.status_code) == (422, 201)
    token = done.json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    again = api.client.post("/api/citizens", json={**who, "code": code})
    assert again.status_code >= 400
    api.client.post("/api/cards", json={"number": card}, headers=bearer)
    for passcode in ("914073", who["passcode"]):
        api.client.post("/api/confirmations", json={"key": "k", "passcode": passcode}, headers=bearer)
        api.client.post(
            "/api/transfers",
            json={
                "phone": api.demo["citizens"][16]["phone"],
                "amount": 300_00,
                "passcode": passcode,
                "note": "secret note",
            },
            headers={**bearer, "Idempotency-Key": passcode},
        )
    api.client.get(f"/api/payments?cursor={token}", headers=bearer)
    api.client.post("/api/payments", content=f'{{"code": "{token}", "x": "{who["name"]}"'.encode(), headers=bearer)
    browser.client.get("/sign-in", params={"next": f"/?phone={who['phone']}"})
    browser.post("/sign-in", phone=who["phone"], code="000000", is_code_step="1")
    browser.post("/console/sign-in", login=who["phone"], password="914073-password")
    api.client.request("BREW", f"/{token}")

    told = [*who.values(), code, card, token, PASSCODE, "914073", "secret note", api.demo["staff"][0]["password"]]
    for path, text in written(api):
        assert not [one for one in told if one in text], path


def written(api: Api) -> Iterator[tuple[str, str]]:
    """Everything that was written down of it: what the city said, every log in its home, every row of the audit log."""
    yield "output", api.city.said.read_text()
    home: Path = api.city.home.path
    logs = [path for path in home.rglob("*") if path.is_file() and (path.suffix == ".log" or "log" in path.parent.name)]
    yield from ((str(path), path.read_text(errors="replace")) for path in logs)
    with psycopg.connect(api.city.access().owner_dsn) as connection:
        for row in connection.execute("SELECT audit::text FROM audit"):
            yield "audit", row[0]
