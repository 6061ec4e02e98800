"""One way to the database: a pool, a transaction, a retry for what PostgreSQL asks to be tried again."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import psycopg
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from haihe.base.arrays import ListsDumper
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.i18n import N_
from haihe.base.ids import NODES_MAX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

Connection = psycopg.AsyncConnection[TupleRow]
T = TypeVar("T")

POOL_CONNECTIONS_MAX: Final = 12
POOL_WAIT_S: Final = 3.0
OPEN_WAIT_S: Final = 15.0
CLOSE_WAIT_S: Final = 2.0
RECONNECT_S: Final = 1.0
STATEMENT_MS_MAX: Final = 30_000
RETRIES_MAX: Final = 5
NODE_LOCK: Final = 0x6E6F6465
"""Advisory lock class of the nodes ("node" in ASCII)."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
"""What psycopg raises when the database is away or went away."""
REPEATABLE = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class TryAgain(Refusal):
    """The database is away, or it is not known whether the commit was heard: repeat with the same key."""

    code = "try_again"
    status = 503
    text = N_("The city's computer is catching its breath. Please try again in a moment.")


@dataclass(frozen=True)
class Database:
    """The city's database as the restricted role sees it."""

    pool: AsyncConnectionPool[Connection]

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit mode, for reading. Raises `TryAgain` when the database is away."""
        try:
            async with self.pool.connection(POOL_WAIT_S) as connection:
                yield connection
        except REPEATABLE:
            raise
        except LOST as error:
            raise TryAgain from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside one transaction: all of it happens or nothing."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def pipelined(self) -> AsyncIterator[Connection]:
        """Lend a connection inside one transaction whose statements travel together until an answer is asked for, begin and commit too."""
        async with self.connection() as connection, connection.pipeline(), connection.transaction():
            yield connection

    async def repeat(self, work: Callable[[Connection], Awaitable[T]], *, pipelined: bool = False) -> T:
        """Run work in a transaction, again after a deadlock or serialization failure."""
        for attempt in range(RETRIES_MAX):
            try:
                async with self.pipelined() if pipelined else self.transaction() as connection:
                    return await work(connection)
            except REPEATABLE:
                await asyncio.sleep(random.uniform(0, 0.01 * (attempt + 1)))  # noqa: S311 - spreads retries, no secret
        raise TryAgain


async def _prepare(connection: Connection) -> None:
    """Whole numbers always travel as binary bigint: one prepared statement, whatever their size, and no text for arrays."""
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(int, Int8BinaryDumper)  # the one registered last is taken
    connection.adapters.register_dumper(list, ListsDumper)
    await connection.set_autocommit(True)
    await connection.execute(f"SET statement_timeout = {STATEMENT_MS_MAX}")


def make_database(dsn: str, *, connections_max: int = POOL_CONNECTIONS_MAX) -> Database:
    """Make the pool for a database without opening it yet; `opened` does that."""
    return Database(
        AsyncConnectionPool(
            dsn,
            min_size=min(2, connections_max),
            max_size=connections_max,
            configure=_prepare,
            reconnect_timeout=RECONNECT_S,
            open=False,
        )
    )


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Database]:
    """Open a database's pool and close it at the end."""
    await database.pool.open(wait=True, timeout=OPEN_WAIT_S)
    try:
        yield database
    finally:
        await database.pool.close(timeout=CLOSE_WAIT_S)


@asynccontextmanager
async def open_database(dsn: str, *, connections_max: int = POOL_CONNECTIONS_MAX) -> AsyncIterator[Database]:
    """Open a pool on the database named by `dsn` and close it at the end."""
    async with opened(make_database(dsn, connections_max=connections_max)) as database:
        yield database


@contextmanager
def claimed_node(dsn: str) -> Iterator[int]:
    """Take a node number for `Ids` that no other living process has, as long as the block runs."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(NODES_MAX):
            node = int(one(connection.execute("SELECT nextval('nodes')").fetchone())[0])
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (NODE_LOCK, node)).fetchone()
            if one(row)[0]:
                yield node
                return
    raise BrokenInvariantError(f"all {NODES_MAX} nodes are taken")


def one(row: TupleRow | None) -> TupleRow:
    """Insist that a statement answered with a row."""
    if row is None:
        message = "a row was expected"
        raise BrokenInvariantError(message)
    return row


def expect_rows(count: int, *, expected: int, what: str) -> None:
    """Insist that a statement touched as many rows as it had to."""
    if count != expected:
        message = f"{what}: {count} rows instead of {expected}"
        raise BrokenInvariantError(message)
