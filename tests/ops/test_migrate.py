"""Migrations run once each, in order, as the owner; everything that makes the state unknown is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from haihe.ops.access import Access, scratch_database
from haihe.ops.migrate import Migration, MigrationError, migrate, pending, read_migrations

ONE = Migration("0001_one.sql", b"SELECT 1")
TWO = Migration("0002_two.sql", b"SELECT 2")
THREE = Migration("0003_three.sql", b"SELECT 3")


def applied(*migrations: Migration) -> dict[str, str]:
    return {migration.name: migration.sha256 for migration in migrations}


@pytest.fixture
def empty(database_server: Access) -> Iterator[Access]:
    with scratch_database(database_server) as access:
        yield access


def test_only_what_has_not_run_is_pending():
    assert pending([ONE, TWO, THREE], applied(ONE)) == [TWO, THREE]
    assert pending([ONE], applied(ONE)) == []


def test_a_changed_migration_is_refused():
    with pytest.raises(MigrationError, match=r"changed after it ran: 0001_one\.sql"):
        pending([Migration(ONE.name, b"SELECT 0"), TWO], applied(ONE))


def test_a_database_from_the_future_is_refused():
    with pytest.raises(MigrationError, match=r"newer than this code: 0002_two\.sql"):
        pending([ONE], applied(ONE, TWO))


def test_a_migration_that_comes_too_late_is_refused():
    with pytest.raises(MigrationError, match=r"comes before one that already ran: 0002_two\.sql"):
        pending([ONE, TWO, THREE], applied(ONE, THREE))


def test_two_files_with_one_number_are_refused(tmp_path: Path):
    for name in ("0001_here.sql", "0001_there.sql"):
        (tmp_path / name).touch()
    with pytest.raises(MigrationError, match="share a number: 0001"):
        read_migrations(tmp_path)


def test_a_file_that_would_be_overlooked_is_refused(tmp_path: Path):
    (tmp_path / "1_short_number.sql").touch()
    with pytest.raises(MigrationError, match=r"1_short_number\.sql"):
        read_migrations(tmp_path)


def test_each_migration_runs_once(empty: Access, tmp_path: Path):
    (tmp_path / "0001_table.sql").write_text("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2 % 7);")
    assert migrate(empty.owner_dsn, folder=tmp_path) == ["jobs: schema", "0001_table.sql"]
    (tmp_path / "0002_row.sql").write_text("SET LOCAL search_path TO public; INSERT INTO t VALUES (3);")
    assert migrate(empty.owner_dsn, folder=tmp_path) == ["0002_row.sql"]
    assert migrate(empty.owner_dsn, folder=tmp_path) == []
    with psycopg.connect(empty.owner_dsn) as connection:
        assert connection.execute("SELECT array_agg(a ORDER BY a) FROM t").fetchone() == ([1, 2, 3],)


def test_a_migration_that_fails_leaves_nothing(empty: Access, tmp_path: Path):
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good (a int)")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE bad (a int); SELECT 1/0;")
    with pytest.raises(psycopg.errors.DivisionByZero) as failed:
        migrate(empty.owner_dsn, folder=tmp_path)
    assert failed.value.__notes__ == ["in migrations/0002_bad.sql"]
    with psycopg.connect(empty.owner_dsn) as connection:
        tables = connection.execute("SELECT to_regclass('good') IS NOT NULL, to_regclass('bad') IS NULL").fetchone()
    assert tables == (True, True)


def test_many_runners_at_once_run_each_migration_once(empty: Access, tmp_path: Path):
    (tmp_path / "0001_slow.sql").write_text("SELECT pg_sleep(0.2); CREATE TABLE once (a int);")
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: migrate(empty.owner_dsn, folder=tmp_path), range(6)))
    assert sorted(map(len, done)) == [0, 0, 0, 0, 0, 2]


def test_the_citys_own_migrations_are_in_order_and_changes_of_them_are_none(owner_dsn: str):
    assert migrate(owner_dsn) == []


def test_the_restricted_role_may_use_jobs_and_may_not_make_tables(app_dsn: str):
    with psycopg.connect(app_dsn, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (a int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM schema_migration")


def test_an_older_job_schema_gets_what_it_lacks(empty: Access, tmp_path: Path):
    migrate(empty.owner_dsn, folder=tmp_path)
    with psycopg.connect(empty.owner_dsn) as connection:
        row = connection.execute("SELECT max(name) FROM jobs_migration").fetchone()
        assert row is not None
        connection.execute("DELETE FROM jobs_migration WHERE name = %s", row)
        connection.execute("DROP FUNCTION IF EXISTS jobs.procrastinate_retry_job_v2")
    assert migrate(empty.owner_dsn, folder=tmp_path) == [f"jobs: {row[0]}"]
    assert migrate(empty.owner_dsn, folder=tmp_path) == []
