"""Fixtures of the utilities."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from haihe.ops.access import Access
from tests.sectors.utilities.town import Town, open_town


@pytest.fixture
async def town(database: Access) -> AsyncIterator[Town]:
    """A town of the test's own."""
    async with open_town(database) as opened:
        yield opened
