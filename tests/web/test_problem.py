"""Problems: their shape, their codes, and what they never tell."""

from __future__ import annotations

import pytest

from tests.web.conftest import CITIZEN_TOKEN, EXPIRED_TOKEN

BEARER = {"authorization": f"Bearer {CITIZEN_TOKEN}"}


@pytest.mark.parametrize(
    ("method", "address", "content", "headers", "status", "code"),
    [
        ("GET", "/api/nowhere", None, {}, 404, "not_found"),
        ("DELETE", "/api/notes", None, {}, 405, "method_not_allowed"),
        ("POST", "/api/notes", b"{", {}, 401, "token_missing"),
        ("POST", "/api/notes", b"{", {"authorization": "Bearer nobody"}, 401, "token_invalid"),
        ("POST", "/api/notes", b"{", {"authorization": f"bearer {EXPIRED_TOKEN}"}, 401, "token_expired"),
        ("POST", "/api/notes", b"{", BEARER, 400, "body_malformed"),
        ("POST", "/api/notes", b'{"amount": 1}', BEARER, 400, "body_invalid"),
        ("POST", "/api/notes", b"", BEARER, 400, "body_invalid"),
        ("GET", "/api/refused", None, {}, 409, "payee_asleep"),
        ("GET", "/api/broken", None, {}, 500, "internal_error"),
    ],
)
async def test_problem_has_the_same_shape_everywhere(client, method, address, content, headers, status, code):
    answer = await client.request(method, address, content=content, headers=headers)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["title"]
    assert problem["detail"]
    assert answer.headers["cache-control"] == "no-store"


async def test_refusal_carries_its_details_and_its_amounts_are_written(client):
    problem = (await client.get("/api/refused")).json()
    assert problem["payment"] == "7"
    assert problem["amount"] == 1234
    assert problem["detail"] == "Not now: ¥12.34"


async def test_invalid_body_names_the_fields(client):
    problem = (await client.post("/api/notes", content=b'{"text": 5}', headers=BEARER)).json()
    assert [fault["field"] for fault in problem["fields"]] == ["text"]


async def test_missing_token_says_how_to_come_in(client):
    assert (await client.post("/api/notes", content=b"{}")).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("address", ["/broken", "/api/broken"])
async def test_defect_is_not_shown(client, address):
    answer = await client.get(address)
    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert "Traceback" not in answer.text


async def test_people_get_pages_and_programs_get_json(client):
    page = await client.get("/nowhere", headers={"accept": "text/html,application/xhtml+xml"})
    problem = await client.get("/nowhere", headers={"accept": "application/json"})
    assert page.headers["content-type"].startswith("text/html")
    assert problem.headers["content-type"] == "application/problem+json"
    assert page.status_code == problem.status_code == 404


async def test_wrong_method_names_the_right_ones(client):
    assert "GET" in (await client.delete("/open")).headers["allow"]


async def test_error_page_wears_the_face_where_it_happened(client):
    citizen, console = await client.get("/nowhere"), await client.get("/console/nowhere")
    assert '<body class="citizen' in citizen.text
    assert 'href="/"' in citizen.text
    assert '<body class="door"' in console.text
    assert 'href="/console"' in console.text
