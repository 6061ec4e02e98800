"""A city with families."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from haihe.ops.access import Access
from tests.families import FamilyCity, open_families


@pytest.fixture
async def home(database: Access) -> AsyncIterator[FamilyCity]:
    """The city."""
    async with open_families(database) as city:
        yield city
