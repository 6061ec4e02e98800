"""What the city holds about a person: each part says how it is told, and what becomes of it when the person is erased.

    HOLDINGS = (
        Holding(
            "bank_cards",
            N_("Bank cards"),
            tables=("bank_cards",),
            read=queried("SELECT number, mandated_at FROM bank_cards WHERE citizen = %(citizen)s", sealed={"number": "card"}),
            erase=("DELETE FROM bank_cards WHERE citizen = %(citizen)s",),
        ),
    )

Statements know `%(citizen)s`, `%(bucket)s` and `%(now)s`. A part hands its holdings over in `Part.holdings`; docs/personal-data.md
lists the tables, and a test sees that none was forgotten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from psycopg.rows import dict_row

from haihe.base.database import Connection
from haihe.base.vault import PersonVault

ROWS_AT_ONCE: Final = 200
Row: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Person:
    """About whom is asked; `vault` opens what was sealed with the person's key."""

    id: int
    bucket: int
    language: str
    now: datetime
    vault: PersonVault = field(repr=False)

    @property
    def values(self) -> dict[str, object]:
        """What statements may name."""
        return {"citizen": self.id, "bucket": self.bucket, "now": self.now}


Read: TypeAlias = Callable[[Connection, Person], AsyncIterator[Row]]


@dataclass(frozen=True, slots=True)
class Pending:
    """What must have ended before a person can be erased: a statement that counts it, and how it is called (a msgid)."""

    count: str
    text: str


@dataclass(frozen=True, slots=True)
class Holding:
    """One list of what is held about a person.

    `name` is its file in the export, `title` its heading (a msgid), `tables` are those of docs/personal-data.md that are told by it.
    `erase` are the statements that destroy what need not stay for the books; they run in one transaction, those of all parts.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    read: Read
    erase: tuple[str, ...] = ()
    pending: tuple[Pending, ...] = ()


def queried(statement: str, *, sealed: Mapping[str, str] | None = None) -> Read:
    """Tell the rows of a statement, a few at a time; `sealed` names the field under which a column was sealed."""

    async def read(connection: Connection, person: Person) -> AsyncIterator[Row]:
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(statement, person.values)
            while rows := await cursor.fetchmany(ROWS_AT_ONCE):
                for row in rows:
                    yield {**row, **_opened(row, person.vault, sealed or {})}

    return read


def _opened(row: Row, vault: PersonVault, sealed: Mapping[str, str]) -> dict[str, str]:
    """Open the sealed columns; an empty one stays empty."""
    return {
        name: vault.open(field_name, value) if isinstance(value := row[name], bytes) and value else ""
        for name, field_name in sealed.items()
    }
