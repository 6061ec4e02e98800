"""The job queue's own tables: procrastinate's schema `jobs`, installed and upgraded from its package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psycopg
from procrastinate.schema import SchemaManager

from haihe.ops.postgres_settings import APP

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS public.jobs_migration (
        name       text PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
GRANTS: Final = f"""
    GRANT USAGE ON SCHEMA jobs TO {APP};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO {APP};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA jobs TO {APP};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO {APP};
"""


def install_jobs(connection: psycopg.Connection) -> list[str]:
    """Install the schema, or run those of the package's migrations that it lacks; give what ran, in one transaction."""
    with connection.transaction():
        connection.execute(TABLE)
        known = {str(row[0]) for row in connection.execute("SELECT name FROM public.jobs_migration")}
        files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
        fresh = [file for file in files if file.name not in known]
        if not fresh:
            return []
        connection.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        connection.execute("SET LOCAL search_path TO jobs")
        bodies = [file.read_bytes() for file in fresh] if known else [SchemaManager.get_schema().encode()]
        for body in bodies:
            connection.execute(body)
        connection.execute(GRANTS)
        for file in fresh:
            connection.execute("INSERT INTO public.jobs_migration (name) VALUES (%s)", (file.name,))
    return [f"jobs: {file.name}" for file in fresh] if known else ["jobs: schema"]
