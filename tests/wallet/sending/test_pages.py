import re

import httpx

from demo.services import made_up
from haihe.base.throttle import DOOR_RATES, MISS_TRIES
from haihe.base.vault import mask_name
from tests.sector_pages import Visitor
from tests.wallet.sending.conftest import MONEY, PASSCODE, Senders, phone_of

RATE = DOOR_RATES["recipient"]


async def step(visitor: Visitor, path: str, **typed: str) -> httpx.Response:
    """Send the form of a step: what the page carries on, and what is typed."""
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', visitor.page))
    return await visitor.send(path, **{key: value for key, value in carried.items() if key != "_csrf_token"} | typed)


async def test_sender_confirms_the_masked_name_and_both_have_a_receipt(senders: Senders):
    masked = mask_name(senders.wang.name)
    async with phone_of(senders, senders.li) as phone:
        await phone.open("/send")
        await step(phone, "/send", phone=senders.wang.phone, amount="12.50", note="<b>lunch</b>")
        assert masked in phone.page
        assert senders.wang.name not in phone.page
        assert "&lt;b&gt;lunch&lt;/b&gt;" in phone.page
        assert 'name="passcode"' not in phone.page
        await step(phone, "/send", edit="1")
        assert f'value="{senders.wang.phone}"' in phone.page
        await step(phone, "/send", phone=senders.wang.phone, amount="12.50", note="lunch")
        confirmed = phone.page
        done = await step(phone, "/send/confirm")
        place = done.headers["location"]
        phone.page = confirmed
        assert (await step(phone, "/send/confirm")).headers["location"] == place
        receipt = (await phone.open(place)).text
        assert f"The money is with {masked}" in receipt
        assert "data-pending" not in receipt
        assert place in (await phone.open("/history")).text
    async with phone_of(senders, senders.wang) as other:
        assert "Money from 李**" in (await other.open(place)).text
        assert place in (await other.open("/history")).text
    async with phone_of(senders, senders.zhao) as stranger:
        assert (await stranger.open(place)).status_code == 404
    assert await senders.city.balance(senders.wang) == MONEY + 12_50


async def test_passcode_is_asked_on_the_second_step_and_a_refusal_is_said_where_it_can_be_mended(senders: Senders):
    async with phone_of(senders, senders.li) as phone:
        await phone.open("/send")
        for typed, field in (
            ({"phone": "12345"}, "phone"),
            ({"amount": "1.234"}, "amount"),
            ({"note": "x" * 41}, "note"),
        ):
            right = {"phone": senders.wang.phone, "amount": "300", "note": ""}
            answer = await step(phone, "/send", **(right | typed))
            assert answer.status_code == 422
            assert re.search(rf'id="{field}"[^>]*aria-invalid', phone.page)
        too_much = await step(phone, "/send", phone=senders.wang.phone, amount="5000", note="")
        assert too_much.status_code == 402
        assert "/top-up?next=/send" in phone.page
        await step(phone, "/send", phone=senders.wang.phone, amount="300", note="")
        assert 'name="passcode"' in phone.page
        wrong = await step(phone, "/send/confirm", passcode="314159")
        assert (wrong.status_code, "Tries left" in phone.page) == (403, True)
        changed = await step(phone, "/send/confirm", passcode=PASSCODE, to="王*")
        assert (changed.status_code, "somebody else" in phone.page) == (409, True)
        done = await step(phone, "/send/confirm", passcode=PASSCODE)
        assert done.status_code == 303
        assert (await step(phone, "/send/confirm", to="")).status_code == 200


async def test_program_sends_and_reads_what_became_of_it(senders: Senders):
    body = {"phone": senders.wang.phone, "amount": 12_50, "note": "lunch"}
    masked = mask_name(senders.wang.name)
    async with phone_of(senders, senders.li) as phone:
        client, key = phone.client, {"Idempotency-Key": "one"}
        sent = await client.post("/api/transfers", json=body, headers=key)
        answer = sent.json()
        assert (sent.status_code, answer["status"], answer["to"], answer["from"]) == (201, "arrived", masked, None)
        assert answer["balance"] == {"amount": MONEY - 12_50, "currency": "CNY"}
        assert (await client.post("/api/transfers", json=body, headers=key)).json() == answer
        assert (await client.get(f"/api/transfers/{answer['id']}")).json() == answer
        for changes, headers, code in (
            ({"amount": 1}, key, "key_reused"),
            ({}, {}, "key_missing"),
            ({"amount": "lots"}, key, "body_invalid"),
            ({"tip": 1}, key, "body_invalid"),
            ({"amount": 2**70}, {"Idempotency-Key": "two"}, "amount_invalid"),
            ({"phone": made_up.phone()}, {"Idempotency-Key": "two"}, "recipient_unknown"),
            ({"phone": senders.li.phone}, {"Idempotency-Key": "two"}, "recipient_self"),
            ({"amount": 500_00}, {"Idempotency-Key": "two"}, "passcode_missing"),
            ({"amount": MONEY, "passcode": PASSCODE}, {"Idempotency-Key": "two"}, "insufficient_funds"),
        ):
            refused = await client.post("/api/transfers", json={**body, **changes}, headers=headers)
            assert refused.json()["code"] == code, refused.text
        for unknown in ("1", "x", "9" * 30, f"{answer['id']}0"):
            assert (await client.get(f"/api/transfers/{unknown}")).status_code == 404
    async with phone_of(senders, senders.wang) as other:
        seen = (await other.client.get(f"/api/transfers/{answer['id']}")).json()
        assert (seen["from"], seen["to"], seen["note"], seen["status"]) == ("李**", None, "lunch", "arrived")
        assert seen["balance"]["amount"] == MONEY + 12_50


async def test_looking_for_people_by_guessing_is_slow_and_mistyping_is_not(senders: Senders):
    async with phone_of(senders, senders.li) as phone:
        await phone.open("/send")

        async def look(number: str) -> int:
            return (await step(phone, "/send", phone=number, amount="1", note="")).status_code

        misses = [await look(made_up.phone()) for _ in range(RATE.tries // MISS_TRIES + 1)]
        assert misses[:-1] == [404] * (RATE.tries // MISS_TRIES)
        assert misses[-1] == await look(senders.wang.phone) == 429
    async with phone_of(senders, senders.li) as phone:
        await phone.open("/send")
        hits = [await look(senders.wang.phone) for _ in range(RATE.tries - MISS_TRIES + 2)]
        assert hits == [200] * (RATE.tries - MISS_TRIES + 1) + [429]
