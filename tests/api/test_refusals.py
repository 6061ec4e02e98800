"""What the city refuses after the request itself is in order, and what it then remembers under the key."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from haihe.ledger.model import AccountFlag
from tests.api.conftest import Api


def owner(api: Api, statement: str, *parameters: object) -> None:
    with psycopg.connect(api.city.access().owner_dsn) as connection:
        connection.execute(statement.encode(), parameters)


@contextlib.contextmanager
def flagged(api: Api, account: int, flag: AccountFlag) -> Iterator[None]:
    """Freeze an account in every bucket for a while."""
    change = "SELECT ledger_flag(bucket, id, %s::integer, %s::integer) FROM accounts WHERE id = %s"
    owner(api, change, int(flag), 0, account)
    try:
        yield
    finally:
        owner(api, change, 0, int(AccountFlag.FROZEN), account)


def test_a_revoked_sticker_is_gone_but_a_repeat_still_gets_its_first_answer(api: Api) -> None:
    token, code = api.citizen(), api.codes()[-1]
    first = api.pay(token, {"code": code}, key="before")
    owner(api, "UPDATE stickers SET revoked = now(), reason = 'test' WHERE code = %s", code)
    owner(api, "UPDATE versions SET number = number + 1 WHERE name = 'catalogue'")
    latest = time.monotonic() + 10
    while (answer := api.pay(token, {"code": code})).json().get("code") != "code_revoked":
        assert time.monotonic() < latest
        time.sleep(0.1)
    assert answer.status_code == 410
    again = api.pay(token, {"code": code}, key="before")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = api.pay(token, {"code": code, "companion": True}, key="before")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_frozen_payer_is_refused_and_remembered_until_a_new_key(api: Api) -> None:
    token, code = api.citizen(), api.codes()[1]
    with flagged(api, int(api.me(token)["id"]), AccountFlag.FROZEN):
        refused = api.pay(token, {"code": code}, key="frozen")
        assert (refused.status_code, refused.json()["code"]) == (403, "account_frozen")
    again = api.pay(token, {"code": code}, key="frozen")
    assert (again.status_code, again.json()) == (403, refused.json())
    assert api.pay(token, {"code": code}).status_code == 201


def test_a_frozen_payee_takes_no_money(api: Api) -> None:
    token, code = api.citizen(), api.codes()[1]
    with psycopg.connect(api.city.access().owner_dsn) as connection:
        row = connection.execute("SELECT organisation FROM stickers WHERE code = %s", (code,)).fetchone()
    assert row is not None
    with flagged(api, row[0], AccountFlag.FROZEN):
        refused = api.pay(token, {"code": code})
        assert (refused.status_code, refused.json()["code"]) == (409, "payee_unavailable")


def test_too_little_money_is_402_with_the_balance_and_moves_nothing(api: Api) -> None:
    token, code, balance = api.newcomer(), api.codes()[1], 0
    refused = api.pay(token, {"code": code, "companion": True}, key="poor")
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_funds")
    assert refused.json()["balance"] == {"amount": balance, "currency": "CNY"}
    assert api.pay(token, {"code": code, "companion": True}, key="poor").json() == refused.json()
    assert api.me(token)["balance"]["amount"] == balance


@pytest.mark.parametrize("method", ["get", "post"])
def test_while_the_database_is_away_the_city_says_when_to_come_again(api: Api, method: str) -> None:
    token, code = api.citizen(), api.codes()[2]
    before = balance(api, token)
    api.city.postgres().kill()
    answers: list[httpx.Response] = []
    latest = time.monotonic() + 30
    while not answers or answers[-1].status_code == 503:
        assert time.monotonic() < latest
        if method == "post":
            answers.append(api.pay(token, {"code": code}, key=f"away-{method}"))
        else:
            answers.append(api.client.get("/api/me", headers={"Authorization": f"Bearer {token}"}))
    assert answers[-1].status_code in {200, 201}
    assert all(answer.json()["code"] == "try_again" and "retry-after" in answer.headers for answer in answers[:-1])

    paid = answers[-1].json()["amount"] if method == "post" else 0
    assert balance(api, token) == before - paid


def balance(api: Api, token: str) -> int:
    """Ask as often as the city says: when one of its connections is back, another may still be lost."""
    latest = time.monotonic() + 30
    while (answer := api.me(token)).get("code") == "try_again":
        assert time.monotonic() < latest
    return int(answer["balance"]["amount"])
