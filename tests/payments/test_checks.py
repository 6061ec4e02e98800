"""The checks of payments, rides and top-ups name what does not agree."""

from __future__ import annotations

import psycopg
import pytest

from haihe.ops.verify import checks, verify
from tests.payments.conftest import BUCKET, LI, Street


def test_every_check_says_the_law_that_it_holds() -> None:
    assert {check.name for check in checks()} >= {
        "ledger.balances",
        "payments.postings",
        "payments.keys",
        "transit.rides",
        "wallet.top_ups",
    }
    assert all(len(check.law) > 40 and check.law.endswith(".") for check in checks())


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE payments SET amount = amount - 1", "payments.postings"),
        ("UPDATE payments SET payee = payer", "payments.postings"),
        ("UPDATE payments SET status = 4", "payments.postings"),
        ("DELETE FROM payments", "payments.keys"),
        (
            "INSERT INTO payment_keys (bucket, key, payment) SELECT bucket, key, payment + 16 FROM payment_keys",
            "payments.keys",
        ),
        (
            f"INSERT INTO rides SELECT id, point, service, amount, '2026-01-01', {BUCKET}, false FROM payments",
            "transit.rides",
        ),
        ("UPDATE payments SET kind = 1", "transit.rides"),
        ("UPDATE transfers SET kind = 2 WHERE payment <> 0", "wallet.top_ups"),
    ],
)
async def test_what_does_not_agree_is_named(street: Street, owner_dsn: str, tampering: str, check: str) -> None:
    await street.pay(street.order(LI, "a"))
    assert verify(owner_dsn).findings == ()
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(tampering.encode())
    assert check in {finding.check for finding in verify(owner_dsn).findings}
