"""docs/personal-data.md says of every column of the database what it tells of a person; a new column has to be classified."""

from __future__ import annotations

import re

import psycopg

from haihe.app import SECTORS
from haihe.base.settings import PROJECT
from tests.grounds import open_ground
from tests.held import holdings_of

DOCUMENT = PROJECT / "docs" / "personal-data.md"
PERSONAL = re.compile(r"^\| `(\w+)` \| (`[^|]+`) \| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
PLAIN = re.compile(r"^- `(\w+)`: (.+)$", re.MULTILINE)
IN_EXPORT = "yes"

# Partitions are named by their parents.
_COLUMNS = """
SELECT c.table_name, c.column_name
FROM information_schema.columns c
JOIN pg_class p ON p.relname = c.table_name AND p.relnamespace = 'public'::regnamespace
WHERE c.table_schema = 'public' AND NOT p.relispartition AND p.relkind IN ('r', 'p')
"""


def listed(words: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", words))


def personal() -> dict[tuple[str, str], str]:
    """Every column that is said to tell of a person, with whether it is in the export."""
    rows = PERSONAL.findall(DOCUMENT.read_text())
    return {(table, column): export.strip() for table, columns, export in rows for column in listed(columns)}


def plain() -> set[tuple[str, str]]:
    return {(table, column) for table, columns in PLAIN.findall(DOCUMENT.read_text()) for column in listed(columns)}


def test_every_column_of_the_database_is_classified_once(owner_dsn: str):
    with psycopg.connect(owner_dsn) as connection:
        stored = set(connection.execute(_COLUMNS).fetchall())
    assert sorted(stored - personal().keys() - plain()) == []
    assert sorted((personal().keys() | plain()) - stored) == []
    assert sorted(personal().keys() & plain()) == []


async def test_whatever_tells_of_a_citizen_is_in_the_export(database):
    said = {table for (table, _), export in personal().items() if export == IN_EXPORT}
    async with open_ground(database, *SECTORS) as city:
        told = {table for holding in holdings_of(city) for table in holding.tables}
    assert said == told
