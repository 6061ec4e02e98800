"""A random history of payments and refunds, many at once: every fen is accounted for, and giving back all of it undoes it."""

from __future__ import annotations

import asyncio
import random

import pytest

from haihe.payments.model import Payment
from haihe.payments.refunds.errors import NothingLeft, RefundAboveRest, RefundKeyReused
from tests.payments.refunds.conftest import Pier

EXPECTED = (Payment, NothingLeft, RefundAboveRest, RefundKeyReused)


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_refunds_at_once_keep_every_fen_and_undo_what_was_paid(pier: Pier, seed: int):
    chance = random.Random(seed)
    people = await pier.city.register(4, 60_00)
    for one in people:
        await pier.fill(one, senior=chance.randint(1, 9_00), green=chance.randint(1, 9_00))
    before = [await pier.holds(one) for one in people]
    rides = [
        await pier.ride(one, chance.randint(3, 9_00), sponsored=chance.randint(0, 2))
        for one in people
        for _ in range(4)
    ]
    wishes = [
        (chance.choice(rides), chance.choice((None, 1, 7, 99, 3_33, 20_00)), chance.randint(0, 60)) for _ in range(60)
    ]
    answers = await asyncio.gather(
        *(pier.give_back(ride.id, amount, key=f"{seed}-{key}") for ride, amount, key in wishes), return_exceptions=True
    )
    assert all(isinstance(answer, EXPECTED) for answer in answers)
    given = {answer.id: answer for answer in answers if isinstance(answer, Payment)}
    assert await pier.till() == sum(one.amount for one in rides) - sum(one.amount for one in given.values())
    for ride in rides:
        _, rest = await pier.refunds.find(pier.operator.id, ride.id)
        assert rest.left == ride.amount - sum(one.amount for one in given.values() if one.names == ride.id) >= 0
    assert pier.city.verified() == []

    for ride in rides:
        _, rest = await pier.refunds.find(pier.operator.id, ride.id)
        if rest.left:
            await pier.give_back(ride.id)
    assert [await pier.holds(one) for one in people] == before
    assert await pier.till() == 0
    assert pier.city.verified() == []
