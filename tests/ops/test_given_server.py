"""HAIHE_DATABASE: the city lives on somebody else's PostgreSQL, whose owner signs in with a password."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from haihe.base.home import Home
from haihe.base.settings import Settings
from haihe.ops.access import Access, given_server, open_city, scratch, scratch_server
from haihe.ops.migrate import migrate
from haihe.ops.postgres_settings import Purpose
from tests.cities import RunningCity

PASSWORD = "owner's password %"


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_server(Purpose.TESTS) as server:
        with psycopg.connect(server.owner_dsn, autocommit=True) as connection:
            connection.execute("CREATE ROLE boss LOGIN CREATEROLE CREATEDB PASSWORD 'owner''s password %'")
            connection.execute("CREATE DATABASE town OWNER boss")
            row = connection.execute("SHOW hba_file").fetchone()
            assert row is not None
            Path(row[0]).write_text("local all haihe_owner peer map=haihe\nlocal all all scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        where = conninfo_to_dict(server.owner_dsn)
        yield f"postgresql://boss:owner%27s%20password%20%25@/town?host={where['host']}&port={where['port']}"


def test_the_city_runs_there_as_the_restricted_role(url: str, home: Home, cities: Callable[..., RunningCity]):
    city = cities(home, HAIHE_DATABASE=url)
    city.start().ready()
    assert city.get("/whoami").text == "haihe_app 1"
    assert "postgres" not in {process.name() for process in city.family()}
    city.send(signal.SIGTERM)
    assert city.end() == 0
    city.start().ready()
    assert city.get("/rows").text == "haihe_app 2"


def test_the_password_of_the_restricted_role_follows_from_the_owners(url: str, homes: Callable[[], Home]):
    first, second = (given_server(Settings(home=homes().path, database=url)) for _ in range(2))
    assert first is not None
    assert first == second
    migrate(first.owner_dsn, password=first.password)
    with psycopg.connect(first.app_dsn) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("haihe_app",)
    wrong = Access(owner_dsn=first.owner_dsn, app_dsn=first.app_dsn).app_dsn.replace(str(first.password), "guess")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(wrong)


def test_a_benchmark_gets_a_database_of_its_own_there_and_removes_it(url: str, home: Home):
    settings = Settings(home=home.path, database=url)
    with scratch(settings, Purpose.BENCHMARK) as access:
        migrate(access.owner_dsn, password=access.password)
        name = conninfo_to_dict(access.app_dsn)["dbname"]
        with psycopg.connect(access.app_dsn) as connection:
            assert connection.info.dbname == name != "town"
    with open_city(settings) as city, psycopg.connect(city.owner_dsn) as connection:
        assert not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchall()
