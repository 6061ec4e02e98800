"""Fixtures for every test.

owner_dsn, app_dsn: connection strings of a fresh, migrated city database of the test's own, founded with four buckets and nothing
else: as its owner and as the restricted role. Both name the same database; `database_pool` is it, opened. It is a copy of a template (about 30 ms) and is dropped afterwards.

The server is an embedded PostgreSQL of the whole test run, beside any running city. It does not sync to disk: tests of
durability start a real one (tests/ops).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from haihe.base.database import Database, open_database
from haihe.ops.access import Access, scratch_server
from haihe.ops.databases import create_database, drop_database
from haihe.ops.founding import found_city
from haihe.ops.migrate import migrate
from haihe.ops.postgres_settings import Purpose
from tests.workers import turn

TEMPLATE = "haihe_template"
PROVE = "HAIHE_PROVE"
BUCKETS = 4
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long runs to `make prove`."""
    if not os.environ.get(PROVE):
        for item in items:
            if item.get_closest_marker("prove"):
                item.add_marker(pytest.mark.skip(reason="a long run: make prove"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let what measures the machine be alone on it."""
    with turn(item):
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly how many journeys were skipped, so that green never means less than it seems to."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "journey" in report.keywords]
    if skipped:
        terminalreporter.write_line(f"!!! {len(skipped)} browser journeys were SKIPPED !!!", red=True, bold=True)


@pytest.fixture(scope="session")
def database_server() -> Iterator[Access]:
    """The run's server; its own database is only the place from which others are created."""
    with scratch_server(Purpose.TESTS) as server:
        create_database(server.owner_dsn, TEMPLATE)
        migrate(server.database(TEMPLATE).owner_dsn, password=server.password)
        found_city(server.database(TEMPLATE).owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
        yield server


@pytest.fixture
def database(database_server: Access) -> Iterator[Access]:
    """A fresh city database."""
    name = f"haihe_test_{os.getpid()}_{next(_numbers)}"
    create_database(database_server.owner_dsn, name, template=TEMPLATE)
    yield database_server.database(name)
    drop_database(database_server.owner_dsn, name)


@pytest.fixture
def owner_dsn(database: Access) -> str:
    """The fresh database as its owner."""
    return database.owner_dsn


@pytest.fixture
def app_dsn(database: Access) -> str:
    """The fresh database as the restricted role."""
    return database.app_dsn


@pytest.fixture
async def database_pool(app_dsn: str) -> AsyncIterator[Database]:
    """The fresh database as services get it."""
    async with open_database(app_dsn) as opened:
        yield opened
