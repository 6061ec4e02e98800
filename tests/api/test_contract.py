"""The contract that other programs rely on, asked of a running city.

With and without a slash at the end: both reach the bare route.
"""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from haihe.base.home import Home
from tests.api.conftest import Api

ROUTES = ("/api/payments", "/api/payments/")
FARE = 2_00
SECURITY_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")
routes = pytest.mark.parametrize("path", ROUTES)


def code_of(answer: object) -> str:
    return str(answer.json()["code"])  # type: ignore[attr-defined]


def test_demo_file_is_private_and_complete(api: Api) -> None:
    home: Home = api.city.home
    assert stat.S_IMODE(home.demo.stat().st_mode) == 0o600
    assert set(api.demo) >= {"base_url", "citizens", "stickers", "terminals", "staff"}
    assert api.demo["base_url"] == f"http://127.0.0.1:{api.city.port}"
    first = api.demo["citizens"][:20]
    assert {citizen["class"] for citizen in first} == {"II"}
    assert all(set(citizen) >= {"name", "phone", "passcode", "token"} for citizen in first)
    assert all(set(sticker) >= {"kind", "code", "url", "payee", "amount"} for sticker in api.demo["stickers"])
    assert all(set(terminal) >= {"id", "kind", "url"} for terminal in api.demo["terminals"])
    organisations = {member["organisation"] for member in api.demo["staff"]}
    assert organisations >= {sticker["payee"] for sticker in api.demo["stickers"]}


def test_me_tells_name_class_and_balance(api: Api) -> None:
    me = api.me(api.citizen())
    assert me["class"] == "II"
    assert me["balance"]["currency"] == "CNY"
    assert me["balance"]["amount"] >= 500_00


@routes
def test_a_fare_is_paid_and_the_balance_adds_up(api: Api, path: str) -> None:
    token, sticker = api.citizen(), api.demo["stickers"][0]
    before = api.me(token)["balance"]["amount"]
    answer = api.pay(token, {"code": sticker["code"]}, path=path)
    paid = answer.json()
    assert answer.status_code == 201
    assert (paid["status"], paid["amount"], paid["payee"]) == ("paid", sticker["amount"], sticker["payee"])
    assert paid["balance"] == {"amount": before - sticker["amount"], "currency": "CNY"}
    assert sum(part["amount"] for part in paid["paid_by"]) == paid["amount"]
    assert isinstance(paid["id"], str)
    assert api.me(token)["balance"] == paid["balance"]


@routes
def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(api: Api, path: str) -> None:
    token, code = api.citizen(), api.codes()[0]
    first = api.pay(token, {"code": code}, key="again", path=path)
    again = api.pay(token, {"code": code}, key="again", path=path)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = api.pay(token, {"code": code, "companion": True}, key="again", path=path)
    assert (other.status_code, code_of(other)) == (422, "key_reused")


@routes
def test_a_second_scan_is_already_paid_remembered_and_a_companion_passes(api: Api, path: str) -> None:
    token, code = api.citizen(), api.codes()[0]
    first = api.pay(token, {"code": code}, path=path)
    second = api.pay(token, {"code": code}, key="second", path=path)
    assert (second.status_code, code_of(second)) == (409, "already_paid")
    assert second.json()["payment"] == first.json()["id"]
    assert api.pay(token, {"code": code}, key="second", path=path).json() == second.json()
    companion = api.pay(token, {"code": code, "companion": True}, path=path)
    assert companion.status_code == 201
    assert companion.json()["balance"]["amount"] == first.json()["balance"]["amount"] - first.json()["amount"]


@routes
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "body_malformed"),
        (b"", 400, None),
        (b"[]", 400, "body_invalid"),
        ({}, 400, "body_invalid"),
        ({"code": 5}, 400, "body_invalid"),
        ({"code": "X", "amount": 1.5}, 400, "body_invalid"),
        ({"code": "X", "amount": "1"}, 400, "body_invalid"),
        ({"code": "X", "sum": 1}, 400, "body_invalid"),
        (b'{"code": "X\\u0000"}', 400, "text_invalid"),
        (b'{"code": "X\\ud800"}', 400, "text_invalid"),
        (b'{"code": "\xff"}', 400, "text_invalid"),
        ({"code": "nobody-has-this"}, 404, "code_unknown"),
        ({"code": "2222222222222222"}, 404, "code_unknown"),
    ],
)
def test_wrong_bodies_are_refused(api: Api, path: str, body: object, status: int, code: str | None) -> None:
    answer = api.pay(api.demo["citizens"][19]["token"], body, path=path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    if code:
        assert code_of(answer) == code


@pytest.mark.parametrize("amount", [b'"100"', b"100.0", b"1e2", b'"1e2"', b"true", b"1.5", b"null"])
def test_money_is_a_whole_number_and_nothing_like_it(api: Api, amount: bytes) -> None:
    token, phone = api.demo["citizens"][19]["token"], api.demo["citizens"][18]["phone"].encode()
    sent = api.pay(token, b'{"phone": "%s", "amount": %s}' % (phone, amount), path="/api/transfers")
    pulled = api.pay(token, b'{"card": "1", "amount": %s}' % amount, path="/api/top-ups")
    for answer in (sent, pulled):
        assert (answer.status_code, code_of(answer)) == (400, "body_invalid"), answer.text


@routes
@pytest.mark.parametrize("amount", [1, 0, -5, FARE, 10**30])
def test_an_amount_for_a_code_with_a_price_is_refused(api: Api, path: str, amount: int) -> None:
    answer = api.pay(api.demo["citizens"][19]["token"], {"code": api.codes()[0], "amount": amount}, path=path)
    assert (answer.status_code, code_of(answer)) == (422, "amount_fixed")


@routes
@pytest.mark.parametrize("token", ["", "nonsense", "AAAA", "a" * 500, "ä"])
def test_token_comes_before_body_and_key(api: Api, path: str, token: str) -> None:
    headers = {"Content-Type": "application/json"} | ({"Authorization": b"Bearer " + token.encode()} if token else {})
    answer = api.client.post(path, content=b"{", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, code_of(answer)) == (401, "token_invalid" if token else "token_missing")


@routes
def test_body_comes_before_the_missing_key_and_that_before_the_code(api: Api, path: str) -> None:
    token = api.demo["citizens"][19]["token"]
    assert code_of(api.pay(token, b"{", key=None, path=path)) == "body_malformed"
    missing = api.pay(token, {"code": "nobody-has-this"}, key=None, path=path)
    assert (missing.status_code, code_of(missing)) == (400, "key_missing")
    assert code_of(api.pay(token, {"code": "X"}, key="k" * 201, path=path)) == "key_missing"


@routes
def test_an_oversized_body_is_refused(api: Api, path: str) -> None:
    answer = api.pay(api.demo["citizens"][19]["token"], {"code": "X" * 70_000}, path=path)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_problems_speak_the_persons_language_with_one_code(api: Api, language: str) -> None:
    answer = api.pay(api.demo["citizens"][19]["token"], {"code": "nobody-has-this"}, **{"Accept-Language": language})
    problem = answer.json()
    assert (problem["code"], problem["status"], answer.headers["content-language"]) == ("code_unknown", 404, language)
    assert any("一" <= letter <= "鿿" for letter in problem["detail"]) == (language == "zh")
    assert any("а" <= letter <= "я" for letter in problem["detail"]) == (language == "ru")


def test_one_key_from_many_sides_at_once_pays_once(api: Api) -> None:
    token, sticker = api.citizen(), api.demo["stickers"][3]
    code, before = sticker["code"], api.me(token)["balance"]["amount"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.pay(token, {"code": code}, key="rush"), range(24)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {code_of(answer) for answer in answers if answer.status_code == 409} <= {"in_progress"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert api.me(token)["balance"]["amount"] == before - sticker["amount"]


def test_fifty_rides_at_once_never_overdraw_and_are_listed_newest_first(api: Api) -> None:
    token, codes = api.citizen(), api.codes()
    before = api.me(token)["balance"]["amount"]
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda n: api.pay(token, {"code": codes[n % len(codes)], "companion": True}), range(50))
        )
    paid = [answer.json() for answer in answers if answer.status_code == 201]
    assert api.me(token)["balance"]["amount"] == before - sum(payment["amount"] for payment in paid) >= 0
    listed, cursor = [], None
    while True:
        parameters = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = api.client.get("/api/payments", params=parameters, headers={"Authorization": f"Bearer {token}"}).json()
        listed += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(item["id"] for item in listed) == sorted(payment["id"] for payment in paid)
    balances = [item["balance"]["amount"] for item in listed]
    assert balances == sorted(balances)


@pytest.mark.parametrize("cursor", ["x", "1", "-1", "9" * 19, "912400523825561600"])
def test_a_cursor_that_is_not_the_citizens_own_is_refused(api: Api, cursor: str) -> None:
    token = api.demo["citizens"][18]["token"]
    answer = api.client.get("/api/payments", params={"cursor": cursor}, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, code_of(answer)) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/nowhere", 404),
        ("GET", "/console/nowhere", 404),
        ("GET", "/terminal/1", 404),
        ("DELETE", "/api/payments", 405),
        ("GET", "/s/nobody", 404),
        ("GET", "/static/../secrets.json", 404),
        ("GET", "/static/x/.env", 404),
    ],
)
def test_security_headers_stand_on_every_answer_and_unknown_is_404_before_sign_in(
    api: Api, method: str, path: str, status: int
) -> None:
    answer = api.client.request(method, path, headers={"Accept": "text/html"}, follow_redirects=False)
    assert answer.status_code in {status, 303} if path.startswith("/s/") else answer.status_code == status
    assert all(header in answer.headers for header in SECURITY_HEADERS)
    assert "server" not in answer.headers


def test_health_ready_metrics_and_openapi_answer(api: Api) -> None:
    assert api.client.get("/healthz").status_code == 200
    assert api.client.get("/readyz").json() == {"status": "ready"}
    assert "haihe_payments_total" in api.client.get("/metrics").text
    described = api.client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operation = described["paths"]["/api/payments"]["post"]
    assert set(operation["responses"]) >= {"201", "400", "401", "402", "403", "404", "409", "410", "422", "503"}
    assert json.dumps(operation).count("Idempotency-Key") >= 1
