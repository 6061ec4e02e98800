"""What tests of people's data need: everything that the parts of a city hold about a person, and the whole database as a thief sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import sql

from haihe.base.holdings import Holding
from haihe.notices import held_store as notice_store
from haihe.payments import held_store as payment_store
from haihe.people import held_store as people_store
from haihe.people.privacy.erasing import Erasure
from haihe.people.privacy.exporting import Exports
from haihe.people.service import People
from haihe.wallet import held_store as wallet_store
from tests.grounds import SectorCity

_TABLES = """
SELECT c.oid::regclass::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'jobs') AND c.relkind = 'r'
ORDER BY 1
"""


@dataclass
class Phones:
    """A phone operator that keeps what it was given."""

    codes: dict[str, str] = field(default_factory=dict)

    async def send(self, phone: str, *, text: str, code: str) -> None:
        self.codes[phone] = code or self.codes.get(phone, "")


def holdings_of(city: SectorCity) -> list[Holding]:
    """Everything that the parts of a city hold about a person."""
    return [
        *people_store.HOLDINGS,
        *wallet_store.HOLDINGS,
        *notice_store.HOLDINGS,
        *payment_store.holdings(city.payments),
        *(holding for branch in city.branches for holding in branch.part.holdings),
    ]


@dataclass
class Rights:
    """A person's rights in a city."""

    city: SectorCity
    phones: Phones
    people: People
    exports: Exports
    erasure: Erasure


def rights_in(city: SectorCity) -> Rights:
    """Put the services together, with phones that tell the codes."""
    base, phones = city.ground.base, Phones()
    known = replace(city.ground.people, codes=replace(city.ground.people.codes, sms=phones))
    held = holdings_of(city)
    exports = Exports(base.database, base.clock, base.vault, known, held)
    return Rights(city, phones, known, exports, Erasure(base.database, base.clock, known, base.revocations, held))


def dump(owner_dsn: str) -> str:
    """Write every row of every table, bytes in hexadecimal: what `pg_dump` gives a thief."""
    return "\n".join(_rows(owner_dsn))


def _rows(owner_dsn: str) -> Iterator[str]:
    with psycopg.connect(owner_dsn) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            name = sql.SQL(table)
            yield from (
                f"{table} {row}" for (row,) in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(name))
            )


def byte_values(owner_dsn: str) -> Iterator[bytes]:
    """Give every value of every column that holds bytes."""
    with psycopg.connect(owner_dsn) as connection:
        columns = connection.execute(
            """
            SELECT table_name, column_name
            FROM information_schema.columns
            JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = 'public' AND udt_name = 'bytea' AND table_type = 'BASE TABLE'
            """
        ).fetchall()
        for table, column in columns:
            statement = sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            yield from (value for (value,) in connection.execute(statement) if value)
