"""The pages and the API of money in and out, as a browser and a program meet them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx

from haihe import people, wallet
from haihe.base.throttle import DOOR_RATES, Limits
from haihe.ledger.statements.bookkeeper import Bookkeeper
from haihe.ledger.statements.service import Statements
from haihe.ops.access import Access
from haihe.payments.books.part import part as books_part
from haihe.payments.part import part as payments_part
from haihe.people import safeguards
from haihe.web.assembly import assemble
from haihe.web.guards import SESSION_COOKIE
from tests.grounds import BASE_URL
from tests.moneyed import PASSCODE, MoneyCity, open_money
from tests.sector_pages import Door, Visitor


@asynccontextmanager
async def phone_of(one: MoneyCity) -> AsyncIterator[Visitor]:
    """Open Li's pages and API."""
    base, citizens, limits = one.city.ground.base, one.city.ground.people, Limits(DOOR_RATES)
    parts = [
        people.part(citizens, limits=limits),
        *safeguards.parts(safeguards.build_safeguards(base, citizens, base_url="http://localhost")),
        wallet.part(one.wallets),
        payments_part(one.city.payments, Door(), limits),
        books_part(Statements(base.database, base.clock, Bookkeeper(base.database))),
        *one.ways.parts(),
    ]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event())
    token = f"{one.li.id}-{one.li.bucket}"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False),
        base_url=BASE_URL,
        cookies={SESSION_COOKIE: token},
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
    ) as client:
        yield Visitor(client)


async def test_withdrawing_takes_one_page_and_a_passcode(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one, phone_of(one) as phone:
        card = str(one.card.id)
        await phone.open("/withdraw")
        assert one.card.last_digits in phone.page
        key = phone.hidden("key")
        for typed, status in (({"amount": "1.234"}, 422), ({"passcode": "314159"}, 403), ({"card": "1"}, 404)):
            right = {"amount": "300", "card": card, "passcode": PASSCODE, "key": key}
            answer = await phone.send("/withdraw", **(right | typed))
            assert answer.status_code == status
            assert 'aria-invalid="true"' in phone.page
            assert PASSCODE not in phone.page
            key = phone.hidden("key")
        one.bank.lost, one.bank.silent = {"push"}, {"enquire"}
        done = await phone.send("/withdraw", amount="300", card=card, passcode=PASSCODE, key=key)
        place = done.headers["location"]
        assert "data-pending" in (await phone.open(place)).text
        one.bank.silent = set()
        await one.later(minutes=1)
        assert 'data-state="done"' in (await phone.open(place)).text
        assert place in (await phone.open("/history")).text
        assert "300.00" in (await phone.open("/withdraw")).text
        month = f"{one.city.clock.now():%Y-%m}"
        statement = (await phone.open(f"/history/statement?month={month}")).text
        assert f"month={month}" in statement
        assert "Withdrawal" in statement
        file = (await phone.client.get(f"/history/statement.csv?month={month}")).text
        assert f",{place.rsplit('/', 1)[1]}," in file
        assert (await phone.client.get("/history/statement?month=2026-13")).status_code == 400


async def test_a_sticker_is_paid_from_a_card_on_its_own_page(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path, money=0) as one, phone_of(one) as phone:
        shop = await one.shop()
        here, card = f"/s/stall-{shop.id}", str(one.card.id)
        assert f'href="{here}/card"' in (await phone.open(here)).text
        await phone.open(f"{here}/card")
        key = phone.hidden("key")
        needed = await phone.send(f"{here}/card", card=card, amount="300", key=key)
        assert (needed.status_code, 'name="passcode"' in phone.page) == (403, True)
        key = phone.hidden("key")
        paid = await phone.send(f"{here}/card", card=card, amount="300", passcode=PASSCODE, key=key)
        assert paid.headers["location"].startswith("/payments/")
        assert (await phone.open(paid.headers["location"])).status_code == 200
        one.bank.silent = {"pull", "enquire"}
        await phone.open(f"{here}/card")
        waiting = await phone.send(f"{here}/card", card=card, amount="20", key=phone.hidden("key"))
        place = waiting.headers["location"]
        assert "data-pending" in (await phone.open(place)).text
        one.bank.silent = set()
        await one.later(minutes=1)
        assert "data-go-on" in (await phone.open(place)).text
        await phone.open(f"{here}/card")
        wrong = await phone.send(f"{here}/card", card=card, amount="-1", key=phone.hidden("key"))
        assert wrong.status_code == 422
        assert (await phone.open("/card-payments/7")).status_code == 404
        empty = await one.add_card("0000")
        await phone.open(f"{here}/card")
        refused = await phone.send(f"{here}/card", card=str(empty.id), amount="20", key=phone.hidden("key"))
        assert "not enough money on the card" in (await phone.open(refused.headers["location"])).text


async def test_the_automatic_top_up_is_agreed_and_ended_on_its_page(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one, phone_of(one) as phone:
        card, page = str(one.card.id), "/top-up/automatic"
        await phone.open(page)
        typed = {"card": card, "below": "20", "amount": "50", "month_max": "500"}
        assert (await phone.send(page, **typed)).status_code == 403
        for wrong in ({"amount": "x"}, {"below": "51"}, {"month_max": "1"}):
            answer = await phone.send(page, **(typed | wrong), passcode=PASSCODE)
            assert (answer.status_code, f'id="{next(iter(wrong))}-says"' in phone.page) == (422, True)
        assert (await phone.send(page, **typed, passcode=PASSCODE)).status_code == 303
        assert "¥500.00" in (await phone.open(page)).text
        assert (await phone.send(f"{page}/remove")).status_code == 303
        assert (await phone.send(f"{page}/remove")).status_code == 404
        await phone.open("/cards")
        other = await one.bank.made_up_card(one.li.name)
        assert (await phone.send("/cards", card=other, passcode="")).status_code == 403
        assert (await phone.send("/cards", card=other, passcode=PASSCODE, next=page)).headers["location"] == page


async def test_programs_withdraw_pay_by_card_and_agree_with_stable_refusals(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one, phone_of(one) as phone:
        client, card, shop = phone.client, str(one.card.id), await one.shop()
        body: dict[str, Any] = {"amount": 100_00, "card": card, "passcode": PASSCODE}
        first = await client.post("/api/withdrawals", json=body, headers={"Idempotency-Key": "a"})
        answer = first.json()
        assert (first.status_code, answer["status"], answer["balance"]["amount"]) == (201, "done", 900_00)
        assert (await client.get(f"/api/withdrawals/{answer['id']}")).json() == answer
        pay: dict[str, Any] = {"code": f"stall-{shop.id}", "amount": 12_50, "card": card}
        paid = await client.post("/api/card-payments", json=pay, headers={"Idempotency-Key": "a"})
        assert (paid.status_code, paid.json()["status"]) == (201, "paid")
        assert (await client.get(f"/api/card-payments/{paid.json()['id']}")).json() == paid.json()
        rule = {"card": card, "below": 20_00, "amount": 50_00, "month_max": 500_00}
        assert (await client.put("/api/top-ups/automatic", json={**rule, "passcode": PASSCODE})).status_code == 200
        assert (await client.get("/api/top-ups/automatic")).json() == {**rule, "stopped": ""}
        assert (await client.delete("/api/top-ups/automatic")).status_code == 204
        key = {"Idempotency-Key": "b"}
        for path, sent, headers, status, code in (
            ("withdrawals", body, {}, 400, "key_missing"),
            ("withdrawals", {**body, "amount": "lots"}, key, 400, "body_invalid"),
            ("withdrawals", {**body, "amount": 2**70}, key, 422, "amount_invalid"),
            ("withdrawals", {**body, "amount": -1}, key, 422, "amount_invalid"),
            ("withdrawals", {**body, "passcode": ""}, key, 403, "passcode_missing"),
            ("withdrawals", {**body, "card": "1"}, key, 404, "card_unknown"),
            ("withdrawals", {**body, "amount": 900_01}, key, 402, "insufficient_funds"),
            ("withdrawals", {**body, "amount": 1}, {"Idempotency-Key": "a"}, 422, "key_reused"),
            ("card-payments", pay, {}, 400, "key_missing"),
            ("card-payments", {**pay, "amount": 200_01}, key, 403, "confirmation_needed"),
            ("card-payments", {**pay, "confirmation": "1.2.3"}, key, 422, "confirmation_invalid"),
            ("card-payments", {**pay, "card": "9" * 19}, key, 404, "card_unknown"),
            ("card-payments", {**pay, "amount": 2**70}, key, 422, "amount_invalid"),
            ("card-payments", {**pay, "amount": -5}, key, 422, "amount_invalid"),
            ("card-payments", {**pay, "code": "nobody"}, key, 404, "code_unknown"),
            ("card-payments", {**pay, "amount": 1}, {"Idempotency-Key": "a"}, 422, "key_reused"),
        ):
            refused = await client.post(f"/api/{path}", json=sent, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        for unknown in ("withdrawals/1", "withdrawals/x", "card-payments/9999999999999999999", "top-ups/automatic"):
            assert (await client.get(f"/api/{unknown}")).status_code == 404
        assert one.wrong() == []


async def test_strangers_are_asked_to_sign_in(database: Access, tmp_path: Path):
    async with open_money(database, tmp_path) as one, phone_of(one) as phone:
        phone.client.cookies.clear()
        del phone.client.headers["Authorization"]
        for path in ("/withdraw", "/top-up/automatic", "/s/stall-1/card", "/card-payments/1"):
            answer = await phone.open(path)
            assert answer.headers["location"].startswith("/sign-in?next=")
