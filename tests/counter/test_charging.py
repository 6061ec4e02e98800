"""A till charges whoever shows it a payment code: once, by its own rules, and says why not in its own language."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from haihe.base.i18n import translate
from haihe.codes.payment_codes import LIFETIME, PREFIX
from haihe.counter.refusals import REFUSALS
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.ops.access import Access
from haihe.payments.model import Status
from haihe.people.model import Citizen
from haihe.sectors.retail.model import SALE_FEN_MAX
from tests.counter.tills import Shop, ShopCity, open_shops

PRICE = 12_50


@pytest.fixture
async def shop_city(database: Access) -> AsyncIterator[ShopCity]:
    async with open_shops(database) as opened:
        yield opened


async def freeze(city: ShopCity, bucket: int, account: int) -> None:
    async with city.city.database.transaction() as connection:
        await ledger.set_flags(connection, bucket, account, add=AccountFlag.FROZEN)


async def taken(city: ShopCity, shop: Shop, payers: list[Citizen]) -> tuple[int, list[int]]:
    """Give what the shop has and what its customers have."""
    return await city.city.till(shop.organisation.id), [await city.city.balance(payer) for payer in payers]


async def test_till_is_paid_by_a_shown_code_and_names_the_payer_masked(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 100_00)
    shop = await shop_city.shop()
    async with shop_city.till(shop.terminals[0]) as till:
        answer = await till.charge(await shop_city.code(payer), PRICE)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["status"], told["amount"], told["payer"]) == ("paid", PRICE, payer.masked_name)
        assert [(part["source"], part["amount"]) for part in told["paid_by"]] == [("balance", PRICE)]
        page = (await till.client.get(f"/terminal/{shop.terminals[0].id}")).text
        assert f'data-payment="{told["id"]}"' in page
        assert "data-count>1<" in page
    assert await taken(shop_city, shop, [payer]) == (PRICE, [100_00 - PRICE])
    assert shop_city.city.verified() == []


async def test_a_code_at_two_tills_at_once_pays_once(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 100_00)
    shop = await shop_city.shop()
    code = await shop_city.code(payer)
    async with shop_city.till(shop.terminals[0]) as one, shop_city.till(shop.terminals[1]) as other:
        answers = await asyncio.gather(one.charge(code, PRICE), other.charge(code, PRICE))
        assert sorted(answer.status_code for answer in answers) == [201, 410]
        refused = next(answer for answer in answers if answer.status_code == 410)
        assert refused.json()["code"] == "payment_code_used"
        assert (await other.charge(code, PRICE)).json()["code"] == "payment_code_used"
    assert await taken(shop_city, shop, [payer]) == (PRICE, [100_00 - PRICE])
    assert shop_city.city.verified() == []


async def test_same_sale_asked_again_gets_the_same_answer_also_when_the_code_has_ended(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 100_00)
    shop = await shop_city.shop()
    code = await shop_city.code(payer)
    async with shop_city.till(shop.terminals[0]) as till:
        first = await till.charge(code, PRICE, key="one sale")
        together = await asyncio.gather(*(till.charge(code, PRICE, key="one sale") for _ in range(3)))
        assert {answer.json().get("id") or answer.json()["code"] for answer in together} <= {
            first.json()["id"],
            "in_progress",
        }
        shop_city.city.clock.turn(2 * LIFETIME)
        assert (await till.charge(code, PRICE, key="one sale")).json() == first.json()
        other = await till.charge(code, PRICE + 1, key="one sale")
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert await taken(shop_city, shop, [payer]) == (PRICE, [100_00 - PRICE])


async def test_what_a_till_is_refused_changes_nothing(shop_city: ShopCity):
    rich, poor, frozen = await shop_city.city.register(3, 100_00)
    shop = await shop_city.shop()
    await freeze(shop_city, frozen.bucket, frozen.id)
    expired = await shop_city.code(rich)
    shop_city.city.clock.turn(LIFETIME + timedelta(seconds=1))
    code = await shop_city.code(rich)
    cases: list[tuple[str, object, int, str]] = [
        (expired, PRICE, 410, "payment_code_expired"),
        (PREFIX + "0" * 16, PRICE, 404, "payment_code_unknown"),
        ("28" + code[2:], PRICE, 404, "payment_code_unknown"),
        (code[:-1], PRICE, 404, "payment_code_unknown"),
        ("https://example.org", PRICE, 404, "payment_code_unknown"),
        ("", PRICE, 404, "payment_code_unknown"),
        (code, 0, 422, "amount_invalid"),
        (code, -PRICE, 422, "amount_invalid"),
        (code, 12.505, 422, "amount_invalid"),
        (code, SALE_FEN_MAX + 1, 422, "amount_invalid"),
        (code, 10**30, 422, "amount_invalid"),
        (code, None, 422, "amount_missing"),
        (code, "12.50", 400, "body_invalid"),
        (await shop_city.code(poor), 200_00, 402, "insufficient_funds"),
        (await shop_city.code(frozen), PRICE, 403, "account_frozen"),
    ]
    async with shop_city.till(shop.terminals[0]) as till:
        for shown, amount, status, refusal in cases:
            answer = await till.charge(shown, amount)
            assert (answer.status_code, answer.json()["code"]) == (status, refusal), (shown, amount, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await till.charge(code, PRICE, key=None)).json()["code"] == "key_missing"
        assert await taken(shop_city, shop, [rich, poor, frozen]) == (0, [100_00] * 3)
        assert (await till.charge(code, PRICE)).status_code == 201, "a refusal leaves the code as it was"
    assert shop_city.city.verified() == []


async def test_only_the_paired_screen_charges_and_a_closed_till_takes_nothing(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 100_00)
    shop = await shop_city.shop()
    terminal, code = shop.terminals[0], await shop_city.code(payer)
    wish = {"json": {"code": code, "amount": PRICE}, "headers": {"Idempotency-Key": "k"}}
    async with shop_city.visitor() as stranger:
        answer = await stranger.post(f"/terminal/{terminal.id}/charge", **wish)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (403, "terminal_not_paired")
        assert (await stranger.post("/terminal/77/charge", **wish)).status_code == 404  # type: ignore[arg-type]
    async with shop_city.till(terminal) as till:
        await shop_city.city.ground.terminals.pair_anew(terminal)
        assert (await till.charge(code, PRICE)).json()["code"] == "terminal_not_paired"
    await freeze(shop_city, payer.bucket, shop.organisation.id)
    (anew,) = (await shop_city.city.ground.terminals.at_points("shop", [shop.points[0].id])).values()
    async with shop_city.till(anew) as till:
        assert (await till.charge(code, PRICE)).json()["code"] == Status.PAYEE_UNAVAILABLE.name.lower()
    assert await taken(shop_city, shop, [payer]) == (0, [100_00])


@pytest.mark.parametrize("language", ["zh", "ru"])
async def test_till_has_words_for_its_refusals_in_its_language(shop_city: ShopCity, language: str):
    shop = await shop_city.shop(tills=1)
    async with shop_city.till(shop.terminals[0], language) as till:
        page = (await till.client.get(f"/terminal/{shop.terminals[0].id}")).text
        for code, title, advice in REFUSALS:
            assert f'data-refusal="{code}"' in page
            assert translate(language, title) != title
            assert translate(language, advice) in page
        refused = (await till.charge("1" * 18, PRICE)).json()
        assert refused["detail"] == translate(language, "This payment code is not known. Please ask for a new one.")
