"""Shops: a sticker with an open amount, tills, the shop's own day."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from haihe.base.errors import Refusal
from haihe.codes.model import CodeUnknown
from haihe.ops.access import Access
from haihe.ops.verify import verify
from haihe.payments.errors import AmountInvalid, AmountMissing
from haihe.sectors.retail.model import KIND, SALE_FEN_MAX, SHOP
from tests.counter.tills import Shop, ShopCity, csrf, open_shops

PRICE = 12_50


@pytest.fixture
async def shop_city(database: Access) -> AsyncIterator[ShopCity]:
    async with open_shops(database) as opened:
        yield opened


async def sticker(city: ShopCity, shop: Shop, place: int = 0) -> str:
    return (await city.shops.sticker(shop.organisation.id, shop.points[place].id)).code


async def test_sticker_with_open_amount_takes_what_the_payer_says(shop_city: ShopCity):
    city = shop_city.city
    (payer,) = await city.register(1, 100_00)
    shop = await shop_city.shop()
    code = await sticker(shop_city, shop)
    quote = await city.payments.quote(city.viewer(payer), code, "en")
    assert (quote.amount, quote.description.title, quote.description.details) == (None, "Bakery", (("Till", "Till 1"),))
    wrong: list[tuple[int | None, type[Refusal]]] = [
        (None, AmountMissing),
        (0, AmountInvalid),
        (-1, AmountInvalid),
        (SALE_FEN_MAX + 1, AmountInvalid),
    ]
    for amount, refusal in wrong:
        with pytest.raises(refusal):
            await city.pay(payer, code, amount)
    assert await city.till(shop.organisation.id) == 0
    payment = await city.pay(payer, code, PRICE)
    receipt = await city.payments.receipt(city.viewer(payer), payment.id, "en")
    assert receipt.description.details == (("Till", "Till 1"),)
    assert (await city.till(shop.organisation.id), await city.balance(payer)) == (PRICE, 100_00 - PRICE)
    with pytest.raises(CodeUnknown):
        await city.pay(payer, "shop-77", PRICE)
    assert city.verified() == []


async def test_day_adds_up_by_till_and_the_shop_sees_no_other(shop_city: ShopCity):
    city = shop_city.city
    first, second = await city.neighbours()
    shop, other = await shop_city.shop(), await shop_city.shop("stall", tills=1)
    await city.pay(first, await sticker(shop_city, shop), PRICE)
    await city.pay(second, await sticker(shop_city, shop), 1)
    await city.charge(first, KIND, shop.points[1].id, shop.organisation.id, 5_00)
    await city.charge(second, KIND, other.points[0].id, other.organisation.id, 7_00)
    tills = await shop_city.shops.day(shop.organisation.id, shop_city.shops.today())
    assert [(one.sales, one.amount) for one in tills] == [(2, PRICE + 1), (1, 5_00)]
    latest = await shop_city.shops.latest(shop.organisation.id)
    assert [(sale.amount, sale.is_shown, sale.payer) for sale in latest] == [
        (5_00, True, first.masked_name),
        (1, False, second.masked_name),
        (PRICE, False, first.masked_name),
    ]
    assert city.verified() == []


async def test_staff_see_their_shop_print_its_stickers_and_pair_its_screens(shop_city: ShopCity):
    shop, other = await shop_city.shop(), await shop_city.shop("stall", tills=1)
    point = shop.points[0].id
    async with shop_city.office("manager", shop.organisation) as office:
        page = await office.get("/console/shop")
        assert "Till 1" in page.text
        code = await sticker(shop_city, shop)
        assert code in (await office.get(f"/console/shop/tills/{point}/sticker")).text
        paired = await office.post(f"/console/shop/tills/{point}/screen", data=csrf(page.text))
        assert "?pair=" in paired.text
        before = shop.terminals[0].pairing
        (now,) = (await shop_city.city.ground.terminals.at_points(KIND, [point])).values()
        assert now.pairing != before
        for path in ("sticker", "screen"):
            address = f"/console/shop/tills/{other.points[0].id}/{path}"
            answer = (
                await office.get(address) if path == "sticker" else await office.post(address, data=csrf(page.text))
            )
            assert answer.status_code == 404
    async with shop_city.office("accountant", shop.organisation) as office:
        assert "Till 1" in (await office.get("/console/shop")).text
        assert (await office.get(f"/console/shop/tills/{point}/sticker")).status_code == 403
    async with shop_city.office("cashier", shop.organisation) as office:
        assert (await office.get("/console/shop")).status_code == 403
    company = await shop_city.city.organisation("buses", "bus_company")
    async with shop_city.office("manager", company) as office:
        assert (await office.get("/console/shop")).status_code == 404


async def test_demo_has_shops_of_three_kinds_once(shop_city: ShopCity):
    city = shop_city.city
    for _ in range(2):
        await city.found([])
    shops = [one for one in city.ground.organisations.everyone() if one.kind == SHOP]
    assert len(shops) == 3
    assert all({"zh", "en", "ru"} <= set(shop.names) for shop in shops)
    async with city.database.connection() as connection:
        stickers = await (await connection.execute("SELECT count(*) FROM stickers WHERE kind = 'shop'")).fetchone()
        terminals = await (await connection.execute("SELECT count(*) FROM terminals WHERE kind = 'shop'")).fetchone()
    tills = sum(len(shop_city.shops.points.of(shop.id)) for shop in shops)
    assert stickers == terminals == (tills,)
    roles = {member.role.value for shop in shops for member in await city.ground.organisations.staff_of(shop.id)}
    assert roles == {"manager", "cashier", "accountant"}


@pytest.mark.parametrize(
    "tampering", ["UPDATE sales SET amount = amount - 1", "DELETE FROM sales", "UPDATE sales SET point = 1"]
)
async def test_sale_that_does_not_agree_with_its_payment_is_named(shop_city: ShopCity, tampering: str):
    (payer,) = await shop_city.city.register(1)
    shop = await shop_city.shop()
    await shop_city.city.pay(payer, await sticker(shop_city, shop), PRICE)
    with psycopg.connect(shop_city.city.access.owner_dsn) as connection:
        connection.execute(tampering.encode())
    assert {finding.check for finding in verify(shop_city.city.access.owner_dsn).findings} == {"counter.sales"}
