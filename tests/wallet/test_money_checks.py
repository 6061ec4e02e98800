"""What `haihe verify` says when rows of money in and out do not agree with the ledger."""

from __future__ import annotations

from pathlib import Path

import psycopg

from haihe.ops.access import Access
from tests.moneyed import open_money

TABLES = ("withdrawals", "card_payments", "top_ups")
"""In an order in which rows can be removed."""


async def test_what_does_not_agree_is_named(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one:
        shop = await one.shop()
        done = await one.withdraw(10_00)
        one.bank.silent = {"push", "enquire"}
        await one.withdraw(20_00)
        one.bank.silent = set()
        paid, other = await one.pay(f"stall-{shop.id}", 5_00), await one.pay(f"stall-{shop.id}", 6_00)
        assert one.wrong() == []
        for statements, expected in (
            (
                (
                    f"UPDATE withdrawals SET amount = 11 WHERE id = {done.id}",
                    "UPDATE withdrawals SET status = 1 WHERE status = 3",
                    f"UPDATE card_payments SET payment = {other.payment} WHERE id = {paid.id}",
                    f"UPDATE top_ups SET amount = 1 WHERE id = {other.id}",
                ),
                ("out of its wallet", "are in transit", "by 2 payments by card", "with its pull", "its posting"),
            ),
            (
                (
                    f"UPDATE withdrawals SET status = 2 WHERE id = {done.id}",
                    f"DELETE FROM card_payments WHERE id = {paid.id}",
                    f"UPDATE card_payments SET status = 3 WHERE id = {other.id}",
                ),
                ("that ends it", "that is not there", "does not agree with payment"),
            ),
        ):
            with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
                for table in TABLES:
                    owner.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}".encode())
                for statement in statements:
                    owner.execute(statement.encode())
                found = one.wrong()
                for table in TABLES:
                    owner.execute(f"DELETE FROM {table}".encode())
                for table in reversed(TABLES):
                    owner.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}".encode())
            for text in expected:
                assert any(text in finding for finding in found), (text, found)
