"""Payment codes: random, short-lived, one payer's; the phone shows them and notices what became of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from haihe.codes.payment_codes import (
    DIGITS,
    KEPT,
    LIFETIME,
    PREFIX,
    PaymentCodeExpired,
    PaymentCodeUnknown,
    read_payment_code,
)
from haihe.counter import jobs
from haihe.ops.access import Access
from tests.codes.drawing import read_drawn
from tests.counter.tills import csrf, open_shops

PRICE = 3_00


@pytest.mark.parametrize("text", ["621234567890123456", "6212 3456 7890 1234 56", " 621234567890123456 "])
def test_code_is_read_with_and_without_spaces(text: str):
    assert read_payment_code(text) == 621234567890123456


@pytest.mark.parametrize(
    "text", ["", "62", "6212345678901234567", "281234567890123456", "62１234567890123456", "62123456789012345x"]
)
def test_what_is_no_code_of_this_city_is_not_read(text: str):
    assert read_payment_code(text) is None


async def test_codes_are_random_expire_and_are_forgotten_a_day_later(database: Access):
    async with open_shops(database) as shops:
        city = shops.city
        (payer,) = await city.register(1)
        made = [await city.codes.issue(citizen=payer.id, bucket=payer.bucket) for _ in range(20)]
        assert len({one.code for one in made}) == 20
        assert all(str(one.code).startswith(PREFIX) and len(str(one.code)) == DIGITS for one in made)
        city.clock.turn(LIFETIME)
        city.codes.check_fresh(made[0])
        city.clock.turn(timedelta(seconds=1))
        with pytest.raises(PaymentCodeExpired):
            city.codes.check_fresh(made[0])
        (job,) = jobs(city.codes)
        await job.work()
        assert (await city.codes.find(str(made[0].code))).citizen == payer.id
        city.clock.turn(KEPT)
        await job.work()
        with pytest.raises(PaymentCodeUnknown):
            await city.codes.find(str(made[0].code))


async def test_phone_shows_a_code_renews_it_and_notices_that_it_has_paid(database: Access):
    async with open_shops(database) as shops:
        payer, stranger = await shops.city.register(2)
        shop = await shops.shop()
        async with shops.phone(payer) as phone, shops.till(shop.terminals[0]) as till:
            page = (await phone.get("/pay")).text
            first = code_on(page)
            assert " ".join(re.findall(".{1,4}", first)) in page
            assert read_drawn(page[page.index('<svg class="qr"') :]) == first
            fresh = await phone.post("/pay/codes", data=csrf(page))
            second = code_on(fresh.text)
            assert first != second
            assert (await phone.get(f"/pay/codes/{second}")).json() == {"status": "open", "payment": None}
            paid = (await till.charge(first, PRICE)).json()
            assert (await phone.get(f"/pay/codes/{first}")).json() == {"status": "paid", "payment": paid["id"]}
            moving = (await phone.get(f"/payments/{paid['id']}?fresh=1")).text
            assert "Bakery" in moving
            assert "Till 1" in moving
            shops.city.clock.turn(LIFETIME + timedelta(seconds=1))
            assert (await phone.get(f"/pay/codes/{second}")).json()["status"] == "expired"
            assert (await phone.post("/pay/codes")).status_code == 403, "no foreign page makes codes"
        async with shops.phone(stranger) as other:
            assert (await other.get(f"/pay/codes/{first}")).status_code == 404
        async with shops.visitor() as guest:
            assert (await guest.get("/pay")).headers["location"] == "/sign-in?next=%2Fpay"


async def test_programs_get_codes_with_a_token(database: Access):
    async with open_shops(database) as shops:
        (payer,) = await shops.city.register(1)
        shop = await shops.shop()
        async with shops.visitor() as client, shops.till(shop.terminals[0]) as till:
            assert (await client.post("/api/payment-codes")).status_code == 401
            client.headers["Authorization"] = f"Bearer {payer.id}.{payer.bucket}"
            made = await client.post("/api/payment-codes")
            assert made.status_code == 201
            shown = made.json()
            assert shown["expires_in_s"] == LIFETIME.total_seconds()
            assert (await client.get(f"/api/payment-codes/{shown['code']}")).json()["status"] == "open"
            paid = (await till.charge(shown["code"], PRICE)).json()
            state = (await client.get(f"/api/payment-codes/{shown['code']}")).json()
            assert state == {"status": "paid", "payment": paid["id"]}
            for wrong in ("x", PREFIX + "0" * 16, "9" * 500):
                answer = await client.get(f"/api/payment-codes/{wrong}")
                assert answer.status_code in {400, 404}


def code_on(page: str) -> str:
    found = re.search(r'data-code="(\d{18})"', page)
    assert found
    return found[1]
