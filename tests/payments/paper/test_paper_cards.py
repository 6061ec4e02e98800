"""A paper card pays at tills within its daily cap as long as it lives, however many charges come at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given, strategies

from haihe.base.errors import Refusal
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.ops.access import Access
from haihe.payments.model import Channel, Status
from haihe.payments.paper.errors import DailyCapInvalid, NoPaperCard
from haihe.payments.paper.model import (
    DAILY_FEN_MAX,
    DIGITS,
    Issuer,
    check_digits,
    grouped,
    is_paper_code,
    is_whole,
    new_code,
)
from haihe.payments.paper.service import PaperCards
from haihe.people.model import Citizen
from tests.counter.tills import Shop, ShopCity, open_shops

PRICE = 12_50
DAILY = 100_00
STEPS = ["pay"] * 16 + ["many"] * 5 + ["cap"] * 5 + ["renew"] * 5 + ["day"] * 4
"""Of a random history, in random order."""


@pytest.fixture
async def shop_city(database: Access) -> AsyncIterator[ShopCity]:
    async with open_shops(database) as opened:
        yield opened


def papers_of(city: ShopCity) -> PaperCards:
    return city.city.payments.papers


async def card_of(city: ShopCity, citizen: Citizen, daily: int = DAILY) -> str:
    """Issue a card to a citizen; give the code that is printed on it."""
    papers = papers_of(city)
    card = await papers.issue(citizen.id, citizen.bucket, by=Issuer(citizen.id), daily=daily)
    return await papers.code(card)


async def deeds(city: ShopCity, subject: int) -> list[tuple[str, str]]:
    async with city.city.database.connection() as connection:
        rows = await connection.execute(
            "SELECT action, outcome FROM audit WHERE subject = %s ORDER BY number", (subject,)
        )
        return [(row[0], row[1]) for row in await rows.fetchall()]


async def paid_by_paper(city: ShopCity, citizen: Citizen) -> int:
    async with city.city.database.connection() as connection:
        row = await (
            await connection.execute(
                "SELECT coalesce(sum(amount), 0) FROM payments WHERE payer = %s AND channel = %s AND status = 0",
                (citizen.id, int(Channel.PAPER)),
            )
        ).fetchone()
        assert row
        return int(row[0])


@given(strategies.integers(0, DIGITS - 1), strategies.integers(1, 9))
def test_one_wrong_digit_is_noticed(place: int, change: int):
    code = new_code()
    assert is_paper_code(grouped(code))
    assert is_whole(grouped(code))
    wrong = code[:place] + str((int(code[place]) + change) % 10) + code[place + 1 :]
    assert not is_whole(wrong)


@given(strategies.integers(0, 10**20 - 1))
def test_check_digits_are_two_and_fit(body: int):
    digits = check_digits(f"63{body:020d}")
    assert len(digits) == 2
    assert is_whole(f"63{body:020d}{digits}")


async def test_card_pays_at_a_till_and_every_page_says_so(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 300_00)
    shop, code = await shop_city.shop(), await card_of(shop_city, payer)
    async with shop_city.till(shop.terminals[0]) as till:
        answer = await till.charge(grouped(code), PRICE, key="one sale")
        assert answer.status_code == 201, answer.text
        assert answer.json()["payer"] == payer.masked_name
        assert (await till.charge(code, PRICE, key="one sale")).json() == answer.json(), "the same charge twice is once"
        assert (await till.charge(code, PRICE + 1, key="one sale")).json()["code"] == "key_reused"
    async with shop_city.phone(payer) as phone:
        receipt = (await phone.get(f"/payments/{answer.json()['id']}")).text
        assert "Paid with" in receipt
        assert "Paper card" in receipt
        assert "· Paper card" in (await phone.get("/history")).text
    assert await paid_by_paper(shop_city, payer) == PRICE
    assert await shop_city.city.balance(payer) == 300_00 - PRICE
    assert shop_city.city.verified() == []


async def test_fifty_charges_at_once_never_pass_the_daily_cap(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 1_000_00)
    shop, code = await shop_city.shop(), await card_of(shop_city, payer)
    async with shop_city.till(shop.terminals[0]) as one, shop_city.till(shop.terminals[1]) as other:
        answers = await asyncio.gather(*((one, other)[place % 2].charge(code, PRICE) for place in range(50)))
        assert sorted({answer.status_code for answer in answers}) == [201, 403]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 403} == {"limit_reached"}
        assert sum(answer.status_code == 201 for answer in answers) == DAILY // PRICE
        assert await paid_by_paper(shop_city, payer) == DAILY
        assert (await one.charge(code, 1)).json()["code"] == "limit_reached"
        assert (await one.charge(await shop_city.code(payer), PRICE)).status_code == 201, "the phone's code pays on"
        papers = papers_of(shop_city)
        assert (await papers.holding(payer.id, payer.bucket)).left == 0
        await papers.set_daily(payer.id, payer.bucket, by=Issuer(payer.id), daily=DAILY + PRICE)
        assert (await one.charge(code, PRICE)).status_code == 201
        shop_city.city.clock.turn(timedelta(days=1))
        assert (await one.charge(code, DAILY)).status_code == 201, "a new day"
    assert shop_city.city.verified() == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_day_of_a_random_history_passes_its_cap(shop_city: ShopCity, seed: int):
    chance = random.Random(seed)
    (payer,) = await shop_city.city.register(1, 5_000_00)
    shop, papers, by = await shop_city.shop(), papers_of(shop_city), Issuer(payer.id)
    code, daily, paid = await card_of(shop_city, payer), DAILY, 0
    async with shop_city.till(shop.terminals[0]) as till:
        for what in chance.sample(STEPS, len(STEPS)):
            match what:
                case "pay":
                    amount = chance.randint(1, 60_00)
                    answer = await till.charge(code, amount)
                    assert (answer.status_code == 201) == (paid + amount <= daily), answer.text
                    paid += amount if answer.status_code == 201 else 0
                case "many":
                    answers = await asyncio.gather(*(till.charge(code, 7_00) for _ in range(5)))
                    paid += sum(answer.json().get("amount", 0) for answer in answers)
                case "cap":
                    daily = chance.randint(1_00, 200_00)
                    await papers.set_daily(payer.id, payer.bucket, by=by, daily=daily)
                case "renew":
                    daily = chance.randint(1_00, 200_00)
                    code = await card_of(shop_city, payer, daily)
                case "day":
                    shop_city.city.clock.turn(timedelta(days=1))
                    paid = 0
            holding = await papers.holding(payer.id, payer.bucket)
            assert (holding.daily, holding.left) == (daily, max(0, daily - paid))
    assert shop_city.city.verified() == []


async def test_revoked_card_pays_nothing_and_a_new_one_replaces_the_old(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 300_00)
    shop, papers = await shop_city.shop(), papers_of(shop_city)
    old = await card_of(shop_city, payer)
    fresh = await card_of(shop_city, payer, daily=200_00)
    async with shop_city.till(shop.terminals[0]) as till:
        assert (await till.charge(old, PRICE)).json()["code"] == "paper_card_revoked"
        assert (await till.charge(fresh, PRICE)).status_code == 201
        card = await papers.find(fresh)
        await papers.revoke(payer.id, payer.bucket, by=Issuer(payer.id))
        assert (await till.charge(fresh, PRICE)).json()["code"] == "paper_card_revoked"
    with pytest.raises(NoPaperCard):
        await papers.revoke(payer.id, payer.bucket, by=Issuer(payer.id))
    with pytest.raises(NoPaperCard):
        await papers.code(await papers.find(fresh))
    assert card.revoked_at is None
    assert await paid_by_paper(shop_city, payer) == PRICE
    told = [action for action, _ in await deeds(shop_city, payer.id)]
    assert told == ["paper_card_issued", "paper_card_issued", "paper_card_revoked"]
    assert shop_city.city.verified() == []


async def test_card_that_is_revoked_while_a_charge_waits_for_the_bucket_pays_nothing(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 300_00)
    shop, code, papers = await shop_city.shop(), await card_of(shop_city, payer), papers_of(shop_city)
    async with shop_city.till(shop.terminals[0]) as till:
        async with shop_city.city.database.transaction() as connection:
            await ledger.lock(connection, payer.bucket)
            revoking = asyncio.create_task(papers.revoke(payer.id, payer.bucket, by=Issuer(payer.id)))
            await asyncio.sleep(0.1)
            charging = asyncio.create_task(till.charge(code, PRICE, key="late"))
            await asyncio.sleep(0.1)
        await revoking
        assert (await charging).json()["code"] == "paper_card_revoked"
        assert (await till.charge(code, PRICE, key="late")).json()["code"] == "paper_card_revoked"
    async with shop_city.city.database.connection() as connection:
        rows = await connection.execute("SELECT status FROM payments WHERE payer = %s", (payer.id,))
        assert [row[0] for row in await rows.fetchall()] == [Status.CARD_REVOKED]
    assert await shop_city.city.balance(payer) == 300_00


async def test_what_is_refused_changes_nothing(shop_city: ShopCity):
    payer, frozen, poor = await shop_city.city.register(3, 300_00)
    shop = await shop_city.shop()
    codes = [await card_of(shop_city, one, DAILY_FEN_MAX) for one in (payer, frozen, poor)]
    async with shop_city.city.database.transaction() as connection:
        await ledger.set_flags(connection, frozen.bucket, frozen.id, add=AccountFlag.FROZEN)
    unknown = new_code()
    mistyped = codes[0][:-1] + str((int(codes[0][-1]) + 1) % 10)
    cases = [
        (unknown, PRICE, 404, "paper_card_unknown"),
        (mistyped, PRICE, 422, "paper_card_mistyped"),
        (codes[0][:-1], PRICE, 404, "payment_code_unknown"),
        ("64" + codes[0][2:], PRICE, 404, "payment_code_unknown"),
        ("６" + codes[0][1:], PRICE, 404, "payment_code_unknown"),
        (codes[0], DAILY_FEN_MAX + 1, 403, "limit_reached"),
        (codes[0], 0, 422, "amount_invalid"),
        (codes[1], PRICE, 403, "account_frozen"),
        (codes[2], 301_00, 402, "insufficient_funds"),
    ]
    async with shop_city.till(shop.terminals[0]) as till:
        for code, amount, status, refusal in cases:
            answer = await till.charge(code, amount)
            assert (answer.status_code, answer.json()["code"]) == (status, refusal), (code, amount, answer.text)
    balances = [await shop_city.city.balance(one) for one in (payer, frozen, poor)]
    assert balances == [300_00] * 3
    for daily in (0, -1, DAILY_FEN_MAX + 1):
        with pytest.raises(DailyCapInvalid):
            await papers_of(shop_city).issue(payer.id, payer.bucket, by=Issuer(payer.id), daily=daily)
    assert ("paper_card_charged", "paper_card_unknown") in await deeds(shop_city, 0)
    assert shop_city.city.verified() == []


async def test_code_stands_nowhere_in_the_clear(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 300_00)
    code = await card_of(shop_city, payer)
    async with shop_city.city.database.connection() as connection:
        row = await (await connection.execute("SELECT p::text FROM paper_cards p")).fetchone()
    assert row
    assert code not in row[0]
    assert code.encode().hex() not in row[0]


async def test_two_issued_at_once_leave_one_that_lives(shop_city: ShopCity):
    (payer,) = await shop_city.city.register(1, 300_00)
    papers = papers_of(shop_city)
    cards = await asyncio.gather(
        *(papers.issue(payer.id, payer.bucket, by=Issuer(payer.id)) for _ in range(5)), return_exceptions=True
    )
    assert not [one for one in cards if isinstance(one, BaseException) and not isinstance(one, Refusal)]
    async with shop_city.city.database.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM paper_cards WHERE revoked_at IS NULL")).fetchone()
    assert row == (1,)


async def test_check_names_a_payment_after_the_revocation(shop_city: ShopCity, database: Access):
    (payer,) = await shop_city.city.register(1, 300_00)
    shop: Shop = await shop_city.shop()
    code = await card_of(shop_city, payer)
    async with shop_city.till(shop.terminals[0]) as till:
        assert (await till.charge(code, PRICE)).status_code == 201
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("UPDATE paper_cards SET revoked_at = now(), revoked_by = 1, revoked_after = issued_after")
        connection.execute("UPDATE caps SET spent = spent - 1")
    found = shop_city.city.verified()
    assert any("there was none then" in one for one in found)
    assert any("are counted" in one for one in found)
