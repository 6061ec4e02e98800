"""What every shown statement needs: what its payments were for, and its lines with the balance after each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from haihe.ledger.statements.model import Line, StatementPage
from haihe.payments import store
from haihe.payments.books.asking import Asked
from haihe.payments.books.words import Reader
from haihe.payments.model import Payment
from haihe.payments.service import Payments

PAPER_LINES: Final = 1_000
"""Lines that are printed at once; more are read from the file."""


async def titles(payments: Payments, lines: Sequence[Line], lang: str) -> dict[int, str]:
    """Tell what the payments of some lines were for, by payment."""
    found: dict[int, Payment] = {}
    async with payments.database.connection() as connection:
        for bucket in sorted({line.bucket for line in lines}):
            ids = sorted({line.payment for line in lines if line.payment and line.bucket == bucket})
            found |= await store.by_ids(connection, bucket, ids) if ids else {}
        told = await payments.describe(connection, list(found.values()), lang)
    return {identity: one.title for identity, one in told.items()}


def rows(page: StatementPage) -> list[tuple[Line, int | None]]:
    """Pair the lines of a page with the balance after each, None where a filter leaves out lines between them."""
    balances: Sequence[int | None] = page.balances or [None] * len(page.lines)
    return list(zip(page.lines, balances, strict=True))


def paper(asked: Asked, page: StatementPage, reader: Reader) -> dict[str, Any]:
    """Give what every printed statement shows, oldest line first."""
    return {
        "asked": asked,
        "page": page,
        "lines": rows(page)[::-1],
        "reader": reader,
        "is_cut": page.older is not None,
    }
