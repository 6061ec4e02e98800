"""All SQL about services and their terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from psycopg.types.json import Jsonb

from haihe.base.database import Connection, one
from haihe.catalogue.model import Service, Terms
from haihe.catalogue.written import WrittenHours, read_hours, read_price, write_hours, write_price

_SERVICES: Final = """
SELECT id, organisation, key, sector, grouping, names, icon
FROM services
ORDER BY id
"""

_TERMS: Final = """
SELECT service, valid_from, until, audience, price, opens
FROM service_terms
ORDER BY service, valid_from
"""

# What is the same already stays untouched, so that a repeated founding changes nothing and the count is honest.
_PUT: Final = """
INSERT INTO services (id, organisation, key, sector, grouping, names, icon, made)
SELECT *, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[])
ON CONFLICT (organisation, key) DO UPDATE
SET grouping = excluded.grouping,
    names = excluded.names,
    icon = excluded.icon
WHERE (services.grouping, services.names, services.icon) IS DISTINCT FROM (excluded.grouping, excluded.names, excluded.icon)
"""

_INSERT_TERMS: Final = """
INSERT INTO service_terms (service, valid_from, until, audience, price, opens, made)
SELECT service, valid_from, until, audience, price, opens, %s
FROM jsonb_to_recordset(%s)
    AS t(service bigint, valid_from date, until date, audience text, price jsonb, opens jsonb)
"""

_LOCK: Final = "SELECT number FROM versions WHERE name = 'catalogue' FOR UPDATE"
_BUMP: Final = "UPDATE versions SET number = number + 1 WHERE name = 'catalogue'"


async def services(connection: Connection) -> list[Service]:
    """Read all services in the order in which they were made."""
    return [Service(*row) for row in await (await connection.execute(_SERVICES)).fetchall()]


async def terms(connection: Connection) -> list[Terms]:
    """Read all terms, past and future ones too, by service and day."""
    return [
        Terms(
            service=service,
            valid_from=valid_from,
            price=read_price(price),
            opens=read_hours(msgspec.convert(opens, tuple[WrittenHours, ...])),
            audience=audience,
            until=until,
        )
        for service, valid_from, until, audience, price, opens in await (await connection.execute(_TERMS)).fetchall()
    ]


async def put_services(connection: Connection, rows: Sequence[Service], now: datetime) -> int:
    """Add services or bring them up to date, by organisation and key; give how many changed. A key keeps its id and sector."""
    columns = (
        now,
        [row.id for row in rows],
        [row.organisation for row in rows],
        [row.key for row in rows],
        [row.sector for row in rows],
        [row.group for row in rows],
        [Jsonb(dict(row.names)) for row in rows],
        [row.icon for row in rows],
    )
    return (await connection.execute(_PUT, columns)).rowcount


async def insert_terms(connection: Connection, rows: Sequence[Terms], now: datetime) -> None:
    """Add terms that are not there yet."""
    written = [
        {
            "service": row.service,
            "valid_from": row.valid_from.isoformat(),
            "until": row.until.isoformat() if row.until else None,
            "audience": row.audience,
            "price": write_price(row.price),
            "opens": write_hours(row.opens),
        }
        for row in rows
    ]
    await connection.execute(_INSERT_TERMS, (now, Jsonb(written)))


async def lock_catalogue(connection: Connection) -> None:
    """Let nobody else change the catalogue until the transaction ends."""
    one(await (await connection.execute(_LOCK)).fetchone())


async def bump_catalogue(connection: Connection) -> None:
    """Tell every process that the catalogue changed."""
    await connection.execute(_BUMP)
