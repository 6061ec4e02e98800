"""Story W8, the online half, where money moves: a payment is before the freeze or refused, and after it nothing passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from haihe.counter.branch import Branch, Ground
from haihe.ops.access import Access
from haihe.payments.dues.model import NewDue
from haihe.payments.dues.trade import DueTrade
from haihe.payments.errors import AccountFrozen
from haihe.payments.model import Description, Payment
from haihe.payments.references import reference
from haihe.people.freezing.model import by_owner
from haihe.people.freezing.service import build_freezing
from haihe.people.model import Citizen
from haihe.wallet.model import WalletRules
from haihe.wallet.sending.errors import SenderFrozen
from haihe.wallet.sending.model import SendRequest
from haihe.wallet.sending.service import build_sendings
from haihe.web.part import Part
from tests.grounds import SectorCity, open_ground
from tests.payments.conftest import PlainSector

NUMBER, PRICE, HOW_MANY = 72, 10_00, 40
PASSCODE = "271828"


def bills(ground: Ground) -> Branch:
    trade = DueTrade("owed", NUMBER, "receipt", "Owed", ground.dues, lambda _due, _lang: Description("Owed", "receipt"))
    return Branch(Part("owed"), trades=(trade, PlainSector()))


@pytest.fixture
async def city(database: Access) -> AsyncIterator[SectorCity]:
    async with open_ground(database, bills) as opened:
        await opened.organisation("grid", "utility")
        yield opened


async def owe(city: SectorCity, citizen: Citizen) -> list[str]:
    grid = city.ground.organisations.by_key("grid")
    assert grid is not None
    wished = [
        NewDue(organisation=grid.id, subject=citizen.id, period=str(period), amount=PRICE, due_on=date(2030, 1, 1))
        for period in range(HOW_MANY)
    ]
    issued = await city.ground.dues.issue(NUMBER, wished)
    await city.ground.dues.follow(citizen.id, NUMBER, [citizen.id])
    return [reference("owed", due.id) for due in issued.dues]


async def test_payment_racing_the_freeze_is_before_it_or_refused_and_afterwards_none_passes(city: SectorCity):
    (li,) = await city.register(1, 1_000_00)
    freezing = build_freezing(city.ground.base, city.ground.people)
    codes = await owe(city, li)
    returned = asyncio.Event()

    async def freeze() -> None:
        await asyncio.sleep(0.02)
        await freezing.freeze(li.id, by=by_owner(li.id))
        returned.set()

    async def pay(place: int, code: str) -> tuple[bool, bool]:
        await asyncio.sleep(0.002 * place)
        was_after = returned.is_set()
        try:
            return was_after, isinstance(await city.pay(li, code), Payment)
        except AccountFrozen:
            return was_after, False

    ends = await asyncio.gather(freeze(), *(pay(place, code) for place, code in enumerate(codes)))
    paid = [end for end in ends[1:] if end is not None]
    assert not any(passed for was_after, passed in paid if was_after)
    passed = sum(passed for _, passed in paid)
    assert 0 < passed < HOW_MANY
    assert await city.balance(li) == 1_000_00 - passed * PRICE
    for code in codes[-3:]:
        with pytest.raises(AccountFrozen):
            await city.pay(li, code)
    await freezing.release(li.id, by=by_owner(li.id))
    assert (await city.pay(li, codes[-1])).amount == PRICE
    assert city.verified() == []


async def test_frozen_wallet_is_charged_by_no_till_and_sends_nothing(city: SectorCity):
    li, wang = await city.neighbours()
    people = city.ground.people
    await people.set_passcode(li.id, old="", new=PASSCODE)
    grid = city.ground.organisations.by_key("grid")
    assert grid is not None
    await build_freezing(city.ground.base, people).freeze(li.id, by=by_owner(li.id))
    with pytest.raises(AccountFrozen):
        await city.charge(li, "plain", 5, grid.id)
    sendings = build_sendings(city.ground.base, people=people, limits=WalletRules())
    request = SendRequest(sender=li.id, bucket=li.bucket, phone=wang.phone, amount=5_00, key="key", passcode=PASSCODE)
    with pytest.raises(SenderFrozen):
        await sendings.send(request)
    assert (await city.balance(li), await city.balance(wang)) == (1_000_00, 1_000_00)
