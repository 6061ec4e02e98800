"""Partitions of the hot tables by range of id, made ahead by the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from haihe.base.ids import first_id_at

if TYPE_CHECKING:
    from collections.abc import Iterator

MONTHS_AHEAD: Final = 2
DAYS_AHEAD: Final = 7
KEYS_KEPT_DAYS: Final = 30
"""How long an idempotency key is remembered."""

MONTHLY: Final = ("transfers", "refusals", "payments", "rides", "sales")
DAILY: Final = ("payment_keys",)


@dataclass(frozen=True)
class Span:
    """One partition to be: its name's ending and the moments between which ids belong to it."""

    ending: str
    start: datetime
    end: datetime


def months(now: datetime) -> Iterator[Span]:
    """Name the current month and those ahead."""
    start = datetime(now.year, now.month, 1, tzinfo=UTC)
    for _ in range(MONTHS_AHEAD + 1):
        end = (start + timedelta(days=32)).replace(day=1)
        yield Span(f"{start:%Y%m}", start, end)
        start = end


def days(now: datetime) -> Iterator[Span]:
    """Name the current day and those ahead."""
    start = datetime(now.year, now.month, now.day, tzinfo=UTC)
    for _ in range(DAYS_AHEAD + 1):
        yield Span(f"{start:%Y%m%d}", start, start + timedelta(days=1))
        start += timedelta(days=1)


def ensure_partitions(owner_dsn: str, now: datetime) -> list[str]:
    """Make every partition that ids of now and the near future need, drop keys that are too old; name what was made."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        made = [
            name
            for tables, spans in ((MONTHLY, list(months(now))), (DAILY, list(days(now))))
            for table in tables
            if _exists(connection, table)
            for span in spans
            for name in _make(connection, table, span)
        ]
        _drop_old_keys(connection, now)
    return made


def _exists(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"public.{name}",)).fetchone()
    return bool(row and row[0])


def _make(connection: psycopg.Connection, table: str, span: Span) -> list[str]:
    name = f"{table}_{span.ending}"
    if _exists(connection, name):
        return []
    connection.execute(
        sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
            sql.Identifier(name),
            sql.Identifier(table),
            sql.Literal(first_id_at(span.start)),
            sql.Literal(first_id_at(span.end)),
        )
    )
    return [name]


def _drop_old_keys(connection: psycopg.Connection, now: datetime) -> None:
    oldest = f"payment_keys_{now - timedelta(days=KEYS_KEPT_DAYS):%Y%m%d}"
    rows = connection.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'payment_keys'::regclass"
    ).fetchall()
    for (name,) in rows:
        if name < oldest:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
