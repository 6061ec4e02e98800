"""Schemes and campaigns on the engine that every sector shares: discounts, budgets that end, caps, what lapses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from haihe.base.clock import service_day
from haihe.counter.branch import Branch, Ground
from haihe.ops.access import Access
from haihe.ops.partitions import ensure_partitions
from haihe.payments.errors import PriceChanged
from haihe.payments.model import Contribution, Payment, Source
from haihe.payments.refunds.service import build_refunds
from haihe.people.model import Citizen
from haihe.wallet.model import WalletRules
from haihe.wallet.purses.evening import even_out
from haihe.wallet.purses.figures import of_sponsor
from haihe.wallet.purses.figures_store import Use
from haihe.wallet.purses.lapsing import return_lapsed
from haihe.wallet.purses.loading import found_schemes
from haihe.wallet.purses.terms import Audience, Caps, Discount, Lapse, LapseRule, SchemeTerms, Where
from haihe.wallet.sending.service import build_sendings
from haihe.web.part import Part
from tests.conftest import BUCKETS
from tests.grounds import SectorCity, open_ground
from tests.payments.conftest import PlainSector
from tests.towns import HALF, Town, replace_terms

SCHEMES = """
[[scheme]]
key = "voucher"
sponsor = "office"
names = { en = "Voucher" }
fund = { key = "vouchers", names = { en = "Fund" }, paid_in = 500 }
[scheme.terms]
accepted = { kinds = ["bus"] }
lapse = { rule = "days", days = 10 }
[[scheme]]
key = "of-somebody-else"
sponsor = "nobody here"
names = { en = "Other" }
fund = { key = "other", names = { en = "Other" } }
terms = {}
"""
_keys = count(1)


@pytest.fixture
async def town(database: Access) -> AsyncIterator[Town]:
    buses = PlainSector(kind="bus")

    def branch(_: Ground) -> Branch:
        return Branch(Part("buses"), trades=(buses,))

    async with open_ground(database, branch) as city:
        company = await city.organisation("buses", "bus")
        office = await city.organisation("office", "city")
        buses.payee = company.id
        yield Town(city, buses, company, office)


def parts(payment: Payment) -> list[tuple[Source, int]]:
    return [(share.source, share.amount) for share in payment.paid_by]


async def test_budget_that_runs_out_in_the_middle_of_a_batch(town: Town):
    """Half price, and 3 yuan are left in the bucket. Five ride in one batch: their pages say 1 yuan.

    The first and the second get it. The third has 50 fen in the wallet: refused, and the budget keeps its yuan for the fourth. The
    fifth is not charged 2 yuan instead: nothing is paid, the key stays free, the page says 2 yuan. Who asks no price pays 2 yuan.
    """
    city, campaign = town.city, await town.campaign(budget=3_00)
    one, two, four, five, six = await town.neighbours(5)
    (poor,) = [one for one in await city.register(16, 50) if one.bucket == five.bucket][:1]
    riders = [one, two, poor, four, five]
    orders = [await town.order(rider, 1_00, f"page of {rider.id}") for rider in riders]
    answers = await city.engine.run(five.bucket, [*orders, await town.order(six, None, "a program")])
    paid = [parts(answer) if isinstance(answer, Payment) and not answer.status else str(answer) for answer in answers]
    discounted = [(Source.FUND, 1_00), (Source.BALANCE, 1_00)]
    assert paid[:2] + paid[3:4] == [discounted] * 3
    assert isinstance(answers[2], Payment)
    assert answers[2].status.name == "INSUFFICIENT_FUNDS"
    assert isinstance(answers[4], PriceChanged)
    assert paid[5] == [(Source.BALANCE, 2_00)]
    assert [await city.balance(rider) for rider in (*riders, six)] == [9_00, 9_00, 50, 9_00, 10_00, 8_00]
    assert await city.available(five.bucket, campaign.id) == 0
    assert await city.till(town.company.id) == 3 * 2_00 + 2_00

    with pytest.raises(PriceChanged):
        await town.ride(five, own_max=1_00, key=f"page of {five.id}")
    quote = await city.payments.quote(city.viewer(five), "bus-5", "en")
    assert (quote.amount, quote.own) == (2_00, 2_00)
    later = await town.ride(five, own_max=2_00, key=f"page of {five.id}")
    assert (later.balance, parts(later)) == (8_00, [(Source.BALANCE, 2_00)])
    assert (await town.ride(five, own_max=1_00, key=f"page of {five.id}")).id == later.id
    assert city.verified() == []


async def test_discount_is_told_before_and_after_paying_and_ends_with_its_last_day(town: Town):
    today = service_day(town.city.clock.now())
    campaign = await town.campaign(replace_terms(HALF, last_day=today))
    (rider,) = await town.city.register(1)
    viewer = town.city.viewer(rider)
    quote = await town.city.payments.quote(viewer, "bus-5", "en")
    assert (quote.amount, quote.own) == (2_00, 1_00)
    assert [(part.name, part.amount) for part in quote.parts] == [("half price", 1_00), ("Wallet balance", 1_00)]
    paid = await town.ride(rider, own_max=1_00)
    receipt = await town.city.payments.receipt(viewer, paid.id, "en")
    assert [(part.name, part.amount) for part in receipt.parts] == [("half price", 1_00), ("Wallet balance", 1_00)]
    town.city.clock.turn(timedelta(days=1))
    with pytest.raises(PriceChanged):
        await town.ride(rider, own_max=1_00)
    assert parts(await town.ride(rider)) == [(Source.BALANCE, 2_00)]
    assert await town.city.available(rider.bucket, campaign.id) == 99_00
    assert town.city.verified() == []


async def test_two_payments_of_one_payer_at_once_never_pass_a_cap_and_a_repeat_counts_once(town: Town):
    """Twice a day at half price, and of the voucher at most 50 fen a day: five at once and their repeats."""
    campaign = await town.campaign(replace_terms(HALF, caps=Caps(uses_day=2)))
    voucher = await town.scheme(SchemeTerms(caps=Caps(fen_day=50)))
    (rider,) = await town.city.register(1)
    await town.grant(voucher, rider, 10_00)
    keys = [f"key {number}" for number in range(5)]
    first = await asyncio.gather(*(town.ride(rider, key=key) for key in keys))
    again = [await town.ride(rider, key=key) for key in keys]
    assert [one.id for one in again] == [one.id for one in first]
    taken = [share.amount for one in first for share in one.paid_by if share.account == campaign.id]
    from_voucher = [share.amount for one in first for share in one.paid_by if share.source is Source.PURSE]
    assert (taken, from_voucher) == ([1_00, 1_00], [50])
    assert await town.city.available(rider.bucket, campaign.id) == 98_00
    assert town.city.verified() == []
    town.city.clock.turn(timedelta(days=1))
    assert parts(await town.ride(rider)) == [(Source.FUND, 1_00), (Source.PURSE, 50), (Source.BALANCE, 50)]
    assert town.city.verified() == []


async def test_one_payment_draws_on_a_sponsor_a_campaign_two_purses_and_the_wallet(town: Town):
    """200 fen: 40 fixed, 20 per cent of the rest (32), 30 of what lapses sooner, 50 of the other purse, 48 of one's own."""
    town.buses.fixed = (Contribution((await town.fund("sponsor", 1_00)).id, 40),)
    await town.campaign(replace_terms(HALF, discount=Discount(percent=10)), key="ten")
    await town.campaign(replace_terms(HALF, discount=Discount(percent=20)), key="twenty")
    await town.campaign(replace_terms(HALF, discount=Discount(fen=2_00), accepted=Where(kinds=("shop",))), key="shop")
    lasting = await town.scheme(SchemeTerms(), key="lasting")
    ending = await town.scheme(SchemeTerms(lapse=Lapse(LapseRule.DAYS, days=3)), key="ending")
    (rider,) = await town.city.register(1)
    await town.grant(lasting, rider, 50)
    await town.grant(ending, rider, 30)
    paid = await town.ride(rider, own_max=48)
    assert [share.amount for share in paid.paid_by] == [40, 32, 30, 50, 48]
    assert [share.scheme for share in paid.paid_by] == [0, 0, ending.id, lasting.id, 0]
    assert paid.balance == await town.city.balance(rider) == 1_000_00 - 48
    assert town.city.verified() == []


async def test_lapsed_subsidy_cannot_be_spent_and_goes_back_to_its_sponsor_once(town: Town):
    """60 yuan for ten days, 50 yuan for forty; 30 yuan are spent of the older ones.

    On the eleventh day 30 yuan of the first grant are left: 80 in the purse, minus 50 that still live. They pay nothing from then
    on, and go back once, however often the job runs and by however many processes.
    """
    city, purses = town.city, town.city.ground.purses
    town.buses.payee = town.company.id
    ten = await town.scheme(SchemeTerms(lapse=Lapse(LapseRule.DAYS, days=10)))
    (citizen,) = await city.register(1, 0)
    await town.grant(ten, citizen, 60_00)
    fund = purses.directory.schemes[ten.id].fund
    await purses.found_scheme(
        key="voucher",
        names={"en": "v"},
        fund=purses.directory.funds[fund],
        terms=SchemeTerms(lapse=Lapse(LapseRule.DAYS, days=40)),
    )
    await town.grant(ten, citizen, 50_00)
    for _ in range(15):
        await town.ride(citizen)
    assert await town.left(citizen) == [80_00]
    city.clock.turn(timedelta(days=11))
    ensure_partitions(city.access.owner_dsn, city.clock.now())
    assert await town.left(citizen) == [50_00]
    (purse,) = await purses.of(citizen=citizen.id, bucket=citizen.bucket)
    assert purse.lapsed == 30_00
    assert sum(await asyncio.gather(return_lapsed(purses), return_lapsed(purses, again=True))) == 30_00
    assert await return_lapsed(purses, again=True) == 0
    assert await city.available(citizen.bucket, fund) == 1_000_00 - 110_00 + 30_00
    history = await city.payments.history(city.viewer(citizen), "en", limit=1, cursor=None)
    assert [(one.title, one.amount) for one in history.items] == [("Lapsed, back to the sponsor", -30_00)]
    await town.ride(citizen)
    assert city.verified() == []
    city.clock.turn(timedelta(days=30))
    ensure_partitions(city.access.owner_dsn, city.clock.now())
    assert await return_lapsed(purses) == 48_00
    assert (await town.left(citizen), await city.available(citizen.bucket, fund)) == ([0], 1_000_00 - 30_00 - 2_00)
    assert city.verified() == []


async def test_refund_into_a_purse_whose_time_is_over_cannot_be_spent_and_goes_on_to_the_sponsor(town: Town):
    city, purses = town.city, town.city.ground.purses
    voucher = await town.scheme(SchemeTerms(lapse=Lapse(LapseRule.DAYS, days=1)))
    campaign = await town.campaign(replace_terms(HALF, caps=Caps(uses_day=1)))
    (citizen,) = await city.register(1, 5_00)
    await town.grant(voucher, citizen, 60)
    ride = await town.ride(citizen)
    assert [share.amount for share in ride.paid_by] == [1_00, 60, 40]
    city.clock.turn(timedelta(days=2))
    assert await return_lapsed(purses) == 0
    refunds = build_refunds(city.database, city.clock, city.ground.base.ids, city.payments.sectors)
    await refunds.give_back(
        organisation=town.company.id, staff=16, payment=ride.id, amount=None, reason="Late", key="late"
    )
    (purse,) = await purses.of(citizen=citizen.id, bucket=citizen.bucket)
    assert (purse.amount, purse.lapsed, await city.balance(citizen)) == (0, 60, 5_00)
    assert parts(await town.ride(citizen)) == [(Source.FUND, 1_00), (Source.BALANCE, 1_00)]
    assert [await return_lapsed(purses), await return_lapsed(purses, again=True)] == [0, 60]
    assert await city.available(citizen.bucket, voucher.fund) == 1_000_00
    assert await city.available(citizen.bucket, campaign.id) == 99_00
    assert city.verified() == []
    ([scheme], [half]) = await of_sponsor(purses, town.office.id)
    assert (scheme.granted, scheme.lapsed, scheme.in_purses, scheme.fund_left) == (60, 60, 0, BUCKETS * 1_000_00)
    assert (half.budget, half.left, half.used) == (BUCKETS * 100_00, BUCKETS * 100_00 - 1_00, Use(2, 1, 2_00))
    assert await of_sponsor(purses, town.company.id) == ([], [])


async def test_where_nothing_applies_nothing_more_is_asked_and_a_batch_asks_the_same_for_one_and_for_many(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    riders = await town.neighbours(12)
    statements = 0
    execute = AsyncConnection.execute

    async def counted(self: AsyncConnection[Any], *arguments: Any, **more: Any) -> Any:
        nonlocal statements
        statements += 1
        return await execute(self, *arguments, **more)

    monkeypatch.setattr(AsyncConnection, "execute", counted)

    async def ask(many: list[Citizen]) -> int:
        nonlocal statements
        orders = [await town.order(one, None, f"ride {next(_keys)}") for one in many]
        statements = 0
        await town.city.engine.run(many[0].bucket, orders)
        return statements

    plain = await ask(riders)
    await town.campaign(replace_terms(HALF, accepted=Where(kinds=("shop",))), key="shop")
    await town.campaign(replace_terms(HALF, audience=Audience.LISTED), key="listed")
    await town.scheme(SchemeTerms(needs=("card",), accepted=Where(kinds=("bus",))), key="needs a card")
    assert await ask(riders) == plain
    await town.campaign(replace_terms(HALF, caps=Caps(uses_day=9)))
    assert await ask(riders) == await ask(riders[:1]) == plain + 4


async def test_loading_twice_changes_nothing_and_a_changed_file_never_rewrites_the_past(town: Town, tmp_path: Path):
    purses, office = town.city.ground.purses, {"office": town.office.id}
    file = tmp_path / "schemes.toml"
    file.write_text(SCHEMES)

    async def load() -> int:
        (scheme,) = await found_schemes(purses, tmp_path, office, effective=town.city.clock.now())
        return len(purses.directory.scheme_terms[scheme.id])

    assert [await load(), await load()] == [1, 1]
    (citizen,) = await town.city.register(1)
    scheme = purses.scheme("voucher")
    await town.grant(scheme, citizen, 50)
    (before,) = await purses.of(citizen=citizen.id, bucket=citizen.bucket)
    file.write_text(
        SCHEMES.replace("days = 10", "days = 20").replace('["bus"]', '["shop"]').replace("Voucher", "Coupon")
    )
    town.city.clock.turn(timedelta(hours=1))
    assert [await load(), await load()] == [2, 2]
    (after,) = await purses.of(citizen=citizen.id, bucket=citizen.bucket)
    assert (before, purses.scheme("voucher").names) == (after, {"en": "Coupon"})
    assert parts(await town.ride(citizen)) == [(Source.BALANCE, 2_00)]
    old, new = purses.directory.scheme_terms[scheme.id]
    assert (old[1].lapse.days, new[1].lapse.days, new[0]) == (10, 20, town.city.clock.now())
    assert await town.city.available(0, scheme.fund) + (50 if citizen.bucket == 0 else 0) == 5_00
    assert town.city.verified() == []


async def test_budget_used_up_in_one_bucket_is_filled_from_the_others(town: Town):
    """4 yuan in each of four buckets; one used up: the other three even it out, 3 yuan each, and nobody is told as if it were a sending."""
    city, campaign = town.city, await town.campaign(budget=4_00)
    riders = await town.neighbours(4)
    for rider in riders:
        await town.ride(rider)
    bucket = riders[0].bucket
    assert await city.available(bucket, campaign.id) == 0
    await asyncio.gather(
        even_out(city.ground.purses),
        build_sendings(city.ground.base, people=city.ground.people, limits=WalletRules()).crossings.finish_open(),
    )
    assert [await city.available(one, campaign.id) for one in range(BUCKETS)] == [3_00] * BUCKETS
    assert parts(await town.ride(riders[0], own_max=1_00)) == [(Source.FUND, 1_00), (Source.BALANCE, 1_00)]
    await even_out(city.ground.purses)
    assert await city.available(bucket, campaign.id) == 2_00
    assert city.verified() == []


async def test_checks_name_uses_caps_grants_and_funds_that_do_not_agree(town: Town):
    campaign = await town.campaign(replace_terms(HALF, caps=Caps(uses_day=2)))
    voucher = await town.scheme(SchemeTerms(lapse=Lapse(LapseRule.DAYS, days=1)))
    (rider,) = await town.city.register(1)
    await town.grant(voucher, rider, 10_00)
    await town.ride(rider)
    assert town.city.verified() == []
    found = by_owner(
        town.city,
        ("UPDATE uses SET uses = uses + 2 WHERE programme = %s", campaign.id),
        ("UPDATE grants SET amount = amount + 1, returned = 5 WHERE scheme = %s", voucher.id),
        ("UPDATE accounts SET flags = 0 WHERE id = %s", campaign.id),
        ("DELETE FROM pay_ins WHERE fund = %s AND bucket = 99", campaign.id),
    )
    for told in ("uses of 100 are counted", "above its caps", "not posted so", "5 went back as lapsed", "fund"):
        assert told in found


def by_owner(city: SectorCity, *changes: tuple[str, int]) -> str:
    """Tamper as the database's owner; give what is found."""
    with psycopg.connect(city.access.owner_dsn) as connection:
        for statement, number in changes:
            connection.execute(statement.encode(), (number,))
    return "\n".join(city.verified())
