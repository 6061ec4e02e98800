"""Databases and roles of a server: the city's own, scratch ones for benchmarks, copies for tests."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from haihe.ops.postgres_settings import APP, OWNER

SEARCH_PATH: Final = ("public", "jobs")
"""The application's own tables first, then procrastinate's functions, which name their tables without a schema."""
MAINTENANCE: Final = "postgres"
PASSWORD_PURPOSE: Final = b"haihe_app password 1"


def with_database(dsn: str, name: str) -> str:
    """Give the connection string of another database on the same server."""
    return make_conninfo(dsn, dbname=name)


def app_password(owner_url: str, *, home_key: bytes) -> str:
    """Derive the application's password from the owner's, else from a key of the home: so it is stored nowhere."""
    owner_password = str(conninfo_to_dict(owner_url).get("password") or "")
    key = owner_password.encode() if owner_password else home_key
    return hmac.new(key, PASSWORD_PURPOSE, hashlib.sha256).hexdigest()


def app_dsn_for(owner_url: str, *, password: str) -> str:
    """Give the application's connection string for a server that belongs to somebody else."""
    return make_conninfo(owner_url, user=APP, password=password)


def ensure_role(owner_dsn: str, *, password: str | None) -> None:
    """Create or correct the role `haihe_app`; with a password unless the system's user is enough (embedded server)."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP,)).fetchone()
        if not exists:
            try:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APP)))
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                exists = (1,)  # another process was faster
        if not exists:
            path = sql.SQL(", ").join(map(sql.Identifier, SEARCH_PATH))
            connection.execute(sql.SQL("ALTER ROLE {} SET search_path = {}").format(sql.Identifier(APP), path))
        if password is not None and not _can_sign_in(owner_dsn, password):
            scrambled = connection.pgconn.encrypt_password(password.encode(), APP.encode(), b"scram-sha-256").decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(APP), sql.Literal(scrambled)))


def _can_sign_in(owner_dsn: str, password: str) -> bool:
    try:
        psycopg.connect(app_dsn_for(owner_dsn, password=password)).close()
    except psycopg.OperationalError:
        return False
    return True


def database_exists(owner_dsn: str, name: str) -> bool:
    """Tell whether the server has a database of this name; `owner_dsn` may name any other one."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone())


def create_database(owner_dsn: str, name: str, *, template: str = "template0") -> None:
    """Create a database as a copy of a template; `owner_dsn` names any other database of the server."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(statement)


def drop_database(owner_dsn: str, name: str) -> None:
    """Drop a database and end the connections to it."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def ensure_city_database(maintenance_dsn: str, name: str) -> None:
    """Create the city's database on the embedded server if it is not there."""
    if not database_exists(maintenance_dsn, name):
        create_database(maintenance_dsn, name)


__all__ = [
    "APP",
    "MAINTENANCE",
    "OWNER",
    "app_dsn_for",
    "app_password",
    "create_database",
    "database_exists",
    "drop_database",
    "ensure_city_database",
    "ensure_role",
    "with_database",
]
