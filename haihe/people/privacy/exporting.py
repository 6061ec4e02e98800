"""Everything that is held about a person, as one file to take along: a ZIP that is written while it is sent.

Every part tells its own lists (`base.holdings`). Each becomes a JSON file for programs and a CSV file for tables, and all of them stand in
one page for people. Only one list is in memory at a time.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.clock import CITY_ZONE, Clock
from haihe.base.database import Database
from haihe.base.holdings import Holding, Person, Row
from haihe.base.outbox import News
from haihe.base.vault import Vault
from haihe.people.model import Citizen
from haihe.people.privacy import store
from haihe.people.privacy.errors import ExportedEnough
from haihe.people.privacy.papers import index_page, readme
from haihe.people.service import People

EXPORTED: Final = "data_exported"
A_DAY: Final = timedelta(days=1)
EXPORTS_A_DAY_MAX: Final = 5
ROWS_SHOWN: Final = 200
"""So many rows of a list stand in the page for people; all of them in its files."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Told:
    """One list as the page for people shows it."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    count: int


@dataclass(frozen=True)
class Exports:
    """Gives out what is held."""

    database: Database
    clock: Clock
    vault: Vault
    people: People
    holdings: Sequence[Holding]

    async def begin(self, citizen: int, passcode: str, lang: str) -> AsyncIterator[bytes]:
        """Check who asks, write down that everything was given out, and give it. Raises `ExportedEnough`, then the passcode's refusals."""
        asked = Deed(action=EXPORTED, actor=Actor.CITIZEN, actor_id=citizen, subject=citizen)
        async with audit.Audit(self.database, self.clock).attempt(asked):
            await self._count(citizen)
            await self.people.check_passcode(citizen, passcode)
        who = await self.people.citizen(citizen)
        now = self.clock.now()
        async with self.database.transaction() as connection:
            key = await store.data_key(connection, citizen)
            await outbox.publish(connection, who.bucket, [News(EXPORTED, citizen, {})], at=now)
            await audit.write(connection, [asked], at=now)
        return self._written(who, Person(citizen, who.bucket, lang, now, self.vault.unlock(key, citizen)))

    async def _count(self, citizen: int) -> None:
        async with self.database.connection() as connection:
            times = await store.deeds_since(connection, citizen, EXPORTED, self.clock.now() - A_DAY)
        if times >= EXPORTS_A_DAY_MAX:
            raise ExportedEnough(times=times)

    async def _written(self, who: Citizen, person: Person) -> AsyncIterator[bytes]:
        sink = _Sink()
        told: list[Told] = []
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("README.txt", readme(who, person))
            for holding in self.holdings:
                rows = await self._rows(holding, person)
                told.append(_told(holding, rows))
                packed.writestr(f"json/{holding.name}.json", json.dumps(rows, ensure_ascii=False, indent=1))
                packed.writestr(f"csv/{holding.name}.csv", table(told[-1].columns, rows))
                yield sink.taken()
            packed.writestr("index.html", index_page(who, person, told))
        yield sink.taken()

    async def _rows(self, holding: Holding, person: Person) -> list[dict[str, object]]:
        async with self.database.connection() as connection, connection.transaction():
            return [
                {name: plain(value) for name, value in row.items()} async for row in holding.read(connection, person)
            ]


def plain(value: object) -> object:
    """Make a stored value one that JSON can hold: times with the city's offset, long numbers as texts."""
    match value:
        case datetime():
            return value.astimezone(CITY_ZONE).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case bool() | None | str() | float() | dict() | list():
            return value
        case int():
            return value if abs(value) < 1 << 53 else str(value)
        case _:
            return str(value)


def table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Write rows as CSV by RFC 4180; what a table program would take for a formula begins with an apostrophe."""
    lines = [",".join(map(_quoted, columns))]
    lines += [",".join(_quoted(_cell(row.get(name))) for name in columns) for row in rows]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def _told(holding: Holding, rows: Sequence[Row]) -> Told:
    columns = list(rows[0]) if rows else []
    shown = [[_cell(row[name]) for name in columns] for row in rows[:ROWS_SHOWN]]
    return Told(holding.name, holding.title, columns, shown, len(rows))


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _quoted(text: str) -> str:
    if text.startswith(_FORMULA) and not text.removeprefix("-").isdecimal():
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


class _Sink(io.RawIOBase):
    """Where the ZIP is written to: gives what was written since it was last asked."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(data)
        return len(data)

    def taken(self) -> bytes:
        """Give and forget what was written."""
        data, self._pieces = b"".join(self._pieces), []
        return data
