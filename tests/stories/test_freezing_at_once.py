"""A lost phone: once its owner has frozen the wallet nothing more is paid, whatever was on its way (story W8, online)."""

from __future__ import annotations

import asyncio

from haihe.ledger.model import AccountFlag
from haihe.people.freezing.model import by_owner
from haihe.people.freezing.service import build_freezing
from haihe.people.model import Citizen
from tests.stories.shop import PAID, StoryCity, outcome

FROZEN = "account_frozen"
AT_ONCE = 30


async def is_flagged(story: StoryCity, citizen: Citizen) -> bool:
    async with story.city.database.connection() as connection:
        query = "SELECT flags FROM accounts WHERE bucket = %s AND id = %s"
        (flags,) = await (await connection.execute(query, (citizen.bucket, citizen.id))).fetchall()
    return bool(flags[0] & AccountFlag.FROZEN)


async def test_once_frozen_nothing_more_is_paid_however_many_are_on_their_way(story: StoryCity) -> None:
    (payer,) = await story.city.register(1, 1_000_00)
    freezing = build_freezing(story.city.ground.base, story.city.ground.people)
    on_their_way = [asyncio.create_task(outcome(story.show(payer, 1))) for _ in range(AT_ONCE)]
    assert await outcome(story.scan(payer, 1)) == PAID
    await freezing.freeze(payer.id, by=by_owner(payer.id))
    left = await story.city.balance(payer)
    late = await asyncio.gather(*(outcome(story.scan(payer, 1)) for _ in range(AT_ONCE)))
    assert set(late) == {FROZEN}
    assert set(await asyncio.gather(*on_their_way)) <= {PAID, FROZEN}
    assert await story.city.balance(payer) == left
    await freezing.release(payer.id, by=by_owner(payer.id))
    assert await outcome(story.show(payer, 1)) == PAID
    assert story.city.verified() == []


async def test_freezing_and_releasing_at_once_leave_the_wallet_as_the_page_says(story: StoryCity) -> None:
    (owner,) = await story.city.register(1, 100_00)
    freezing = build_freezing(story.city.ground.base, story.city.ground.people)
    for _ in range(5):
        hands = [freezing.freeze(owner.id, by=by_owner(owner.id)) for _ in range(4)]
        lets = [freezing.release(owner.id, by=by_owner(owner.id)) for _ in range(4)]
        await asyncio.gather(*hands, *lets)
        is_frozen = await freezing.frozen(owner.id) is not None
        assert await is_flagged(story, owner) == is_frozen
        assert await outcome(story.show(owner, 1)) == (FROZEN if is_frozen else PAID)
