"""Fifty payments at once at a limit: exactly as many pass as fit, whichever limit it is, and the books agree (story W11)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from haihe.ledger import service as ledger
from haihe.people.model import Citizen, CitizenClass
from haihe.wallet.caps import store as caps_store
from haihe.wallet.caps.model import Cap, Period, Scope
from tests.conftest import BUCKETS
from tests.stories.shop import PAID, StoryCity, outcome, tally

AT_ONCE = 50
YUAN = 30


@dataclass(frozen=True)
class Limit:
    """What ends how many of the payments, and with which refusal."""

    fit: int
    refusal: str
    money: int = 10_000_00
    citizen_class: CitizenClass = CitizenClass.II
    by_sticker: bool = False
    cap: int = 0


LIMITS = {
    "the balance": Limit(fit=33, refusal="insufficient_funds", money=999_99),
    "a static code's day": Limit(fit=500 // YUAN, refusal="limit_reached", by_sticker=True),
    "one factor's day": Limit(fit=1000 // YUAN, refusal="confirmation_needed"),
    "class I since its opening": Limit(fit=1000 // YUAN, refusal="limit_reached", citizen_class=CitizenClass.I),
    "the citizen's own cap": Limit(fit=3, refusal="limit_reached", cap=100_00),
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
async def test_of_fifty_payments_at_once_exactly_as_many_pass_as_fit(story: StoryCity, limit: Limit) -> None:
    city = story.city
    (payer,) = await city.register(1, limit.money, citizen_class=limit.citizen_class)
    if limit.cap:
        async with city.database.transaction() as connection:
            cap = Cap(
                citizen=payer.id,
                bucket=payer.bucket,
                scope=Scope.ALL,
                period=Period.DAY,
                amount=limit.cap,
                set_by=payer.id,
            )
            await caps_store.put(connection, cap)
    pay: Callable[[Citizen, int], Awaitable[object]] = story.scan if limit.by_sticker else story.show
    outcomes = tally(await asyncio.gather(*(outcome(pay(payer, YUAN)) for _ in range(AT_ONCE))))  # type: ignore[arg-type]
    assert outcomes == {PAID: limit.fit, limit.refusal: AT_ONCE - limit.fit}
    assert await city.balance(payer) == limit.money - limit.fit * YUAN * 100 >= 0
    assert await city.till(story.shop.organisation.id) == limit.fit * YUAN * 100
    assert [await sum_of(story, bucket) for bucket in range(BUCKETS)] == [0] * BUCKETS
    assert city.verified() == []


async def sum_of(story: StoryCity, bucket: int) -> int:
    """Add up everything that accounts of a bucket hold."""
    async with story.city.database.connection() as connection:
        rows = await (await connection.execute("SELECT id FROM accounts WHERE bucket = %s", (bucket,))).fetchall()
        held = await ledger.balances(connection, bucket, [row[0] for row in rows])
    return sum(held.values())
