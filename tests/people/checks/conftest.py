from collections.abc import AsyncIterator

import pytest

from tests.citizens import City, Service, open_city, phones, phones_process, records, records_process

__all__ = ["phones", "phones_process", "records", "records_process"]
"""Beside what all tests of people have: bank and registry."""


@pytest.fixture
async def city(
    app_dsn: str, registry: Service, bank: Service, phones: Service, records: Service
) -> AsyncIterator[City]:
    """A city that has a way to every source."""
    async with open_city(
        app_dsn=app_dsn, registry=registry.url, bank=bank.url, phones=phones.url, records=records.url
    ) as opened:
        yield opened
