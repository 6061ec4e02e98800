"""All SQL of rotating the vault key: every column that holds a data key wrapped under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
WRAPPED: Final = (("citizens", "id", "data_key"), ("pupils", "id", "data_key"), ("staff_factors", "staff", "key"))
"""Table, whose key it is, the wrapped key."""
ROWS_AT_ONCE: Final = 2_000

_SOME: Final = sql.SQL(
    "SELECT {owner}, {key} FROM {table} WHERE {owner} > %s AND {key} <> '' ORDER BY {owner} LIMIT %s FOR UPDATE"
)
_PUT: Final = sql.SQL(
    """
    UPDATE {table} t
    SET {key} = n.key
    FROM unnest(%s::bigint[], %s::bytea[]) AS n (owner, key)
    WHERE t.{owner} = n.owner
    """
)


def some(connection: Connection, place: tuple[str, str, str], after: int) -> list[tuple[int, bytes]]:
    """Read the next wrapped keys of a table after an owner, and hold their rows until the transaction ends."""
    return connection.execute(_named(_SOME, place), (after, ROWS_AT_ONCE)).fetchall()


def put(connection: Connection, place: tuple[str, str, str], keys: Sequence[tuple[int, bytes]]) -> None:
    """Write wrapped keys."""
    connection.execute(_named(_PUT, place), ([owner for owner, _ in keys], [key for _, key in keys]))


def _named(statement: sql.SQL, place: tuple[str, str, str]) -> sql.Composed:
    table, owner, key = map(sql.Identifier, place)
    return statement.format(table=table, owner=owner, key=key)
