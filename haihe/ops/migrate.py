"""Bring a database to the state that this code needs: numbered SQL files, forward only, each exactly once.

A migration is `migrations/NNNN_what_it_does.sql`. It runs in one transaction as the owner; its checksum is kept. Files that were
changed after they ran, that are missing or that come too late are refused, since then nobody knows what the database holds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from haihe.base.settings import MIGRATIONS
from haihe.ops.databases import ensure_role
from haihe.ops.jobs_schema import install_jobs
from haihe.ops.postgres_settings import APP

LOCK: Final = 0x6861696865
"""Advisory lock of whoever migrates ("haihe" in ASCII); it ends with the connection, unlike a row."""
LOCK_WAIT: Final = "10s"
NAME: Final = re.compile(r"[0-9]{4}_[a-z0-9_]+\.sql")

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS public.schema_migration (
        name       text PRIMARY KEY,
        sha256     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class MigrationError(Exception):
    """The files and the database do not fit together; the text says how."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    name: str
    body: bytes

    @property
    def sha256(self) -> str:
        """The checksum by which a later change is noticed."""
        return hashlib.sha256(self.body).hexdigest()


def read_migrations(folder: Path) -> list[Migration]:
    """Read the files in order. Raises MigrationError for a bad name or a number that is used twice."""
    paths = sorted(folder.glob("*.sql"))
    if bad := [path.name for path in paths if not NAME.fullmatch(path.name)]:
        raise MigrationError(f"not the name of a migration: {', '.join(bad)}")
    numbers = [path.name[:4] for path in paths]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise MigrationError(f"two migrations share a number: {', '.join(twice)}")
    return [Migration(path.name, path.read_bytes()) for path in paths]


def pending(migrations: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    """Decide which migrations still have to run; `applied` maps names to checksums. Raises MigrationError."""
    known = {migration.name: migration for migration in migrations}
    if gone := sorted(applied.keys() - known.keys()):
        raise MigrationError(f"the database is newer than this code: {', '.join(gone)}")
    if changed := sorted(name for name, sha256 in applied.items() if known[name].sha256 != sha256):
        raise MigrationError(f"changed after it ran: {', '.join(changed)}")
    waiting = [migration for migration in migrations if migration.name not in applied]
    if applied and (late := [migration.name for migration in waiting if migration.name < max(applied)]):
        raise MigrationError(f"comes before one that already ran: {', '.join(late)}")
    return waiting


def migrate(
    owner_dsn: str,
    *,
    password: str | None = None,
    folder: Path = MIGRATIONS,
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Create the role, procrastinate's schema and everything pending; give the names of what ran.

    owner_dsn: the database to migrate, as its owner. password: of the role haihe_app, None on the embedded server.
    Raises MigrationError; psycopg's errors mean that the SQL is wrong or the server away.
    """
    ensure_role(owner_dsn, password=password)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(TABLE)
        connection.execute(f"GRANT SELECT ON public.schema_migration TO {APP}")
        waiting = pending(read_migrations(folder), applied_migrations(connection))
        done = install_jobs(connection)
        for migration in waiting:
            say(f"migrating: {migration.name}")
            _apply(connection, migration)
    return [*done, *(migration.name for migration in waiting)]


def applied_migrations(connection: psycopg.Connection) -> dict[str, str]:
    """Read which migrations ran, with their checksums."""
    return dict(connection.execute("SELECT name, sha256 FROM public.schema_migration").fetchall())


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        try:
            connection.execute(migration.body)  # bytes without parameters: many statements, and % means itself
        except psycopg.Error as error:
            error.add_note(f"in migrations/{migration.name}")
            raise
        connection.execute(
            "INSERT INTO public.schema_migration (name, sha256) VALUES (%s, %s)", (migration.name, migration.sha256)
        )
