"""A city under the law of today, with a shop whose sticker takes any amount and a till that charges shown codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

from haihe.base.confirmations import Strength
from haihe.base.errors import Refusal
from haihe.ops.access import Access
from haihe.payments.model import Payment, PaymentRequest
from haihe.people.law.force import put_in_force
from haihe.people.law.model import read_law
from haihe.people.model import Citizen
from haihe.sectors.retail.model import KIND
from tests.counter.tills import Shop, open_shops
from tests.grounds import SectorCity

PAID = "paid"
_keys = count(1)


@dataclass
class StoryCity:
    """A city with one shop."""

    city: SectorCity
    shop: Shop
    sticker: str

    async def scan(self, citizen: Citizen, yuan: int, strength: Strength = Strength.NONE) -> Payment:
        """Pay the shop's sticker, which is a static code."""
        key = f"story {next(_keys)}"
        confirmation = self.city.ground.base.confirmations.grant(citizen.id, key, strength) if strength else ""
        request = PaymentRequest(
            citizen.id, citizen.bucket, self.sticker, key, amount=yuan * 100, confirmation=confirmation
        )
        return await self.city.payments.pay(request)

    async def show(self, citizen: Citizen, yuan: int) -> Payment:
        """Have the shop's till charge a code that the citizen's phone shows, which serves once."""
        point = self.shop.points[0].id
        return await self.city.charge(citizen, KIND, point, self.shop.organisation.id, yuan * 100)


@asynccontextmanager
async def open_story(database: Access) -> AsyncIterator[StoryCity]:
    """Found the city."""
    async with open_shops(database) as opened:
        async with opened.city.database.transaction() as connection:
            await put_in_force(connection, read_law())
        shop = await opened.shop()
        sticker = await opened.shops.sticker(shop.organisation.id, shop.points[0].id)
        yield StoryCity(opened.city, shop, sticker.code)


async def outcome(payment: Awaitable[Payment]) -> str:
    """Tell what became of a payment: paid, or the code of its refusal."""
    try:
        await payment
    except Refusal as refusal:
        return refusal.code
    return PAID


def tally(outcomes: Sequence[str]) -> dict[str, int]:
    """Count outcomes."""
    return dict(Counter(outcomes))
