from collections.abc import AsyncIterator

import pytest

from haihe.ops.access import Access
from tests.citizens import (
    bank,
    bank_process,
    phones,
    phones_process,
    records,
    records_process,
    registry,
    registry_process,
)
from tests.stories.shop import StoryCity, open_story

__all__ = [
    "bank",
    "bank_process",
    "phones",
    "phones_process",
    "records",
    "records_process",
    "registry",
    "registry_process",
]


@pytest.fixture
async def story(database: Access) -> AsyncIterator[StoryCity]:
    """A city with one shop, under the law of today."""
    async with open_story(database) as opened:
        yield opened
