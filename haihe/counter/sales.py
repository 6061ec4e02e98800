"""Sales: what was sold at a point by amount alone, whatever the sector: a shop's till, a canteen's, a sticker on a market stall.

A sector whose things are sold so writes its rows with `record_sales` and shows them with `SalesBoard`. One row a payment, in the
payment's transaction, found by point; `checks/01_sales.sql` names the kinds of payments that all have one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from haihe.base.database import Connection
from haihe.base.ids import time_of
from haihe.counter import sales_store as store
from haihe.counter.model import Heading, Taken
from haihe.payments.model import Offer, Payment


class Sale(NamedTuple):
    """A row: ids of payment, point and payer, fen, the ledger batch, `Channel`, the bucket."""

    payment: int
    point: int
    payer: int
    amount: int
    batch: int
    channel: int
    bucket: int


class Takings(NamedTuple):
    """What a point took in a span of time: how many sales, how many fen."""

    point: int
    sales: int
    amount: int


async def record_sales(connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
    """Write the sales of a batch in one statement: a sector's `record`, or what it calls there."""
    await store.insert(connection, bucket, [_sale(payment) for _, payment in paid])


async def takings(
    connection: Connection, buckets: Sequence[int], points: Sequence[int], *, since: int, until: int
) -> dict[int, Takings]:
    """Sum up what points took in payments with ids from `since` to below `until`; points that took nothing are absent."""
    rows = await store.takings(connection, buckets, points, since=since, until=until)
    return {row[0]: Takings(*row) for row in rows}


async def newest(connection: Connection, buckets: Sequence[int], points: Sequence[int], *, limit: int) -> list[Sale]:
    """Read the newest sales of some points, newest first."""
    return [Sale(*row) for row in await store.newest(connection, buckets, points, limit=limit)]


@dataclass(frozen=True)
class SalesBoard:
    """Sales at one point, as its cashier sees them (`haihe.counter.model.Board`).

    `number` is the sector's number in payment rows; `name_point` gives the heading of a point in a language.
    """

    number: int
    name_point: Callable[[int, str], Heading]

    def heading(self, point: int, language: str) -> Heading:
        """Name the point."""
        return self.name_point(point, language)

    async def newest(self, connection: Connection, point: int, buckets: Sequence[int], *, limit: int) -> list[Taken]:
        """Read the point's newest sales, newest first."""
        return [_taken(sale) for sale in await newest(connection, buckets, [point], limit=limit)]

    async def after(
        self, connection: Connection, point: int, cursor: Mapping[int, int], *, since: int, limit: int
    ) -> list[Taken]:
        """Read the point's sales of later batches, in order."""
        rows = await store.after(connection, point, cursor, since=since, limit=limit)
        return [_taken(Sale(*row)) for row in rows]

    async def count(self, connection: Connection, point: int, buckets: Sequence[int], *, since: int) -> int:
        """Count the point's sales."""
        return await store.count_since(connection, point, buckets, since=since)


def _sale(payment: Payment) -> Sale:
    return Sale(
        payment=payment.id,
        point=payment.point,
        payer=payment.payer,
        amount=payment.amount,
        batch=payment.batch,
        channel=int(payment.channel),
        bucket=payment.bucket,
    )


def _taken(sale: Sale) -> Taken:
    return Taken(
        payment=sale.payment,
        bucket=sale.bucket,
        batch=sale.batch,
        at=time_of(sale.payment),
        amount=sale.amount,
        rider=sale.payer,
        companion=False,
    )
