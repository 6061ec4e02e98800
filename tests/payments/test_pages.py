"""The page behind a sticker, the paid page, the receipt and the history."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from haihe.base.database import TryAgain
from haihe.base.ids import ID_MAX
from haihe.catalogue.model import ClosedNow
from haihe.payments.errors import (
    AccountFrozen,
    AlreadyPaid,
    AmountMissing,
    InProgress,
    InsufficientFunds,
    LimitReached,
    NoLongerDue,
    PayeeUnavailable,
    PriceChanged,
    Settled,
    SponsorUnavailable,
)
from haihe.payments.model import Channel, PaidPart, Source
from tests.web.stand_ins import (
    CITY_URL,
    CLINIC,
    CLINIC_CODE,
    CODE,
    OPEN_CODE,
    PAID,
    REVOKED_CODE,
    SHARES,
    entry,
    visiting,
)


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_sticker_shows_what_it_costs_and_one_button():
    async with visiting() as visit:
        page = (await visit.client.get(f"/s/{CODE}")).text
    assert "Pay ¥2.00" in page
    assert "Line 17 · 津A·04082" in page
    assert "Jinhe Bus" in page
    assert "¥1,000.00" in page
    assert page.count('class="button solid big"') == 1


async def test_stranger_signs_in_and_comes_back_to_the_fare():
    async with visiting(signed_in=False) as visit:
        answer = await visit.client.get(f"/s/{CODE}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next=%2Fs%2F{CODE}")


async def test_paying_leads_to_the_moving_page():
    async with visiting() as visit:
        answer = await visit.pay()
        paid = visit.payments.asked[0]
    assert (answer.status_code, answer.headers["location"]) == (303, "/payments/42?fresh=1")
    assert (paid.payer, paid.code, paid.amount, paid.companion) == (1, CODE, None, False)


async def test_page_pressed_twice_asks_with_one_key_and_two_pages_with_two():
    async with visiting() as visit:
        page = (await visit.client.get(f"/s/{CODE}")).text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        for _ in range(2):
            await visit.client.post(f"/s/{CODE}", data=hidden)
        await visit.pay()
        keys = [request.key for request in visit.payments.asked]
    assert keys[0] == keys[1] == key_of(page)
    assert keys[2] != keys[0]


async def test_page_posts_what_it_showed_and_says_that_the_price_has_changed_with_a_new_key():
    async with visiting() as visit:
        visit.payments.parts = SHARES
        page = (await visit.client.get(f"/s/{CLINIC_CODE}")).text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        visit.payments.refusal = PriceChanged()
        changed = await visit.client.post(f"/s/{CLINIC_CODE}", data=hidden)
        await visit.client.post(f"/s/{CLINIC_CODE}", data=hidden | {"own_max": "-1"})
        open_page = (await visit.client.get(f"/s/{OPEN_CODE}")).text
    assert [one.own_max for one in visit.payments.asked] == [130_00, None]
    assert changed.status_code == 409
    assert "The price has changed since this page was opened" in changed.text
    assert "Pay ¥130.00" in changed.text
    assert key_of(changed.text) != key_of(page)
    assert "own_max" not in open_page


async def test_form_without_its_key_pays_nothing_and_is_shown_again():
    async with visiting() as visit:
        page = await visit.pay(key="")
    assert (page.status_code, visit.payments.asked) == (422, [])
    assert re.search(r'name="key" value="[^"]{10,}"', page.text)


async def test_too_little_money_offers_a_top_up_that_returns_to_the_fare():
    async with visiting() as visit:
        visit.wallets.fen = 150
        page = (await visit.client.get(f"/s/{CODE}")).text
        visit.wallets.fen = 1000_00
        visit.payments.refusal = InsufficientFunds(balance=150)
        refused = await visit.pay()
    for shown in (page, refused.text):
        assert f'href="/top-up?next=/s/{CODE}"' in shown
        assert "Pay ¥2.00" not in shown
    assert refused.status_code == 402


async def test_bill_that_others_share_says_who_pays_what_and_the_button_only_what_leaves_the_wallet():
    async with visiting() as visit:
        visit.payments.parts = SHARES
        visit.wallets.fen = 130_00
        page = (await visit.client.get(f"/s/{CLINIC_CODE}")).text
    for shown in (
        "¥300.00",
        "Medical insurance fund",
        "¥110.00",
        "Personal account",
        "¥60.00",
        "Blood test",
        "Pay ¥130.00",
    ):
        assert shown in page
    assert "There is not enough money" not in page


async def test_too_little_for_the_own_share_offers_a_top_up():
    async with visiting() as visit:
        visit.payments.parts = SHARES
        visit.wallets.fen = 129_99
        page = (await visit.client.get(f"/s/{CLINIC_CODE}")).text
    assert f'href="/top-up?next=/s/{CLINIC_CODE}"' in page
    assert "Pay ¥130.00" not in page


async def test_what_others_pay_in_full_is_only_confirmed_also_with_an_empty_wallet():
    async with visiting() as visit:
        visit.payments.parts = (PaidPart(Source.PURSE, "Meal subsidy", 12_00),)
        visit.wallets.fen = 0
        page = (await visit.client.get(f"/s/{CLINIC_CODE}")).text
    assert "<span>Confirm</span>" in page
    assert "There is not enough money" not in page


@pytest.mark.parametrize(
    ("refusal", "title"),
    [
        (Settled(payment="42"), "Already paid"),
        (Settled(), "Already paid"),
        (NoLongerDue(), "No longer due"),
        (SponsorUnavailable(), "Not possible now"),
        (ClosedNow(), "Closed now"),
    ],
)
async def test_code_that_cannot_be_paid_now_says_why_under_a_fitting_heading_and_leads_back(refusal, title):
    async with visiting() as visit:
        visit.payments.unaskable = refusal
        answer = await visit.client.get("/s/bill-7", headers={"referer": f"{CITY_URL}/bills"})
    assert answer.status_code == 409
    assert f"<h2>{title}</h2>" in answer.text
    assert refusal.text in answer.text
    assert 'href="/bills"' in answer.text
    assert ('href="/payments/42"' in answer.text) == bool(refusal.details)


async def test_bill_that_was_paid_while_its_page_was_open_leads_to_the_receipt():
    async with visiting() as visit:
        page = await visit.client.get(f"/s/{CODE}")
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        visit.payments.refusal, visit.payments.unaskable = Settled(), Settled(payment="42")
        answer = await visit.client.post(f"/s/{CODE}", data=hidden)
    assert answer.status_code == 409
    assert 'href="/payments/42"' in answer.text


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (f"{CITY_URL}/bills?all=1", "/bills?all=1"),
        (f"{CITY_URL}/", "/"),
        ("", "/"),
        ("https://elsewhere.example/bills", "/"),
        (f"{CITY_URL}//elsewhere.example", "/"),
        (f"{CITY_URL}/top-up?next=/s/{CODE}", "/"),
        (f"{CITY_URL}/s/{OPEN_CODE}", "/"),
        ("http://[", "/"),
        (f"{CITY_URL}/{'x' * 400}", "/"),
    ],
)
async def test_way_back_leads_to_where_the_payer_came_from_and_never_out_of_the_city(referer, back):
    async with visiting() as visit:
        page = (await visit.client.get(f"/s/{CODE}", headers={"referer": referer})).text
    assert f'<a href="{back}" class="round" aria-label="Back">' in page


async def test_way_back_outlives_a_refusal_and_what_was_made_up_does_not():
    async with visiting() as visit:
        visit.payments.refusal = LimitReached()
        kept = await visit.pay(back="/bills")
        made_up = await visit.pay(back="//elsewhere.example")
    assert '<a href="/bills" class="round"' in kept.text
    assert "elsewhere" not in made_up.text


@pytest.mark.parametrize("refusal", [AccountFrozen, LimitReached, PayeeUnavailable])
async def test_refusal_is_said_on_the_page_with_a_new_key(refusal):
    async with visiting() as visit:
        visit.payments.refusal = refusal()
        answer = await visit.pay()
        used = visit.payments.asked[0].key
    assert answer.status_code == refusal.status
    assert refusal.text in answer.text
    assert key_of(answer.text) != used


@pytest.mark.parametrize("refusal", [TryAgain, InProgress])
async def test_unknown_outcome_is_asked_again_with_the_same_key(refusal):
    async with visiting() as visit:
        visit.payments.refusal = refusal()
        answer = await visit.pay()
        used = visit.payments.asked[0].key
    assert answer.status_code == refusal.status
    assert key_of(answer.text) == used
    assert "Try again" in answer.text


async def test_second_scan_shows_the_first_payment_and_offers_to_pay_for_a_companion():
    async with visiting() as visit:
        visit.payments.refusal = AlreadyPaid(payment="42")
        answer = await visit.pay()
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
        visit.payments.refusal = None
        paid = await visit.client.post(f"/s/{CODE}", data=hidden)
        first, second = visit.payments.asked
    assert answer.status_code == 409
    assert "Nov 23, 2026, 12:00:00" in answer.text
    assert 'href="/payments/42?fresh=1"' in answer.text
    assert paid.status_code == 303
    assert second.companion
    assert second.key != first.key


@pytest.mark.parametrize(("typed", "fen"), [("12.50", 1250), ("12,5", 1250), ("¥3", 300)])
async def test_payer_says_the_amount_where_the_code_has_none(typed, fen):
    async with visiting() as visit:
        answer = await visit.pay(OPEN_CODE, amount=typed)
        assert answer.status_code == 303
        assert visit.payments.asked[0].amount == fen


@pytest.mark.parametrize("typed", ["abc", "1.234", "-5", "0", "1e9999999999", "٣"])
async def test_amount_that_is_none_is_said_at_its_field(typed):
    async with visiting() as visit:
        answer = await visit.pay(OPEN_CODE, amount=typed)
        if visit.payments.asked:
            assert visit.payments.asked[0].amount
            return
    assert answer.status_code == 422
    assert "Please enter an amount like 12.50" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{typed}"' in answer.text


async def test_missing_amount_is_said_on_the_page():
    async with visiting() as visit:
        visit.payments.refusal = AmountMissing()
        answer = await visit.pay(OPEN_CODE, amount="")
    assert answer.status_code == 422
    assert "Please enter the amount." in answer.text


@pytest.mark.parametrize(("code", "status"), [("UNKNOWN", 404), (REVOKED_CODE, 410)])
async def test_sticker_that_is_no_good_has_a_clear_page(code, status):
    async with visiting() as visit:
        answer = await visit.client.get(f"/s/{code}")
    assert answer.status_code == status
    assert 'href="/"' in answer.text


async def test_paid_page_moves_and_counts_from_the_payment():
    async with visiting() as visit:
        page = (await visit.client.get("/payments/42?fresh=1")).text
    assert 'data-age="3"' in page
    assert "00:03" in page
    assert "¥998.00" in page
    assert "js/paid.js" in page


async def test_paid_page_becomes_a_receipt_after_a_while():
    async with visiting() as visit:
        visit.payments.clock.turn(timedelta(hours=1))
        page = (await visit.client.get("/payments/42?fresh=1")).text
    assert "data-age" not in page
    assert "Payment number" in page


async def test_receipt_has_every_field():
    async with visiting() as visit:
        page = (await visit.client.get("/payments/42")).text
    for value in ("¥2.00", "¥998.00", "Jinhe Bus", "津A·04082", "李伟", "Nov 23, 2026, 12:00:00", ">42<"):
        assert value in page


async def test_shared_payment_shows_who_paid_what_on_both_of_its_pages():
    async with visiting() as visit:
        visit.payments.paid, visit.payments.description, visit.payments.parts = (
            replace(PAID, amount=300_00),
            CLINIC,
            SHARES,
        )
        pages = [(await visit.client.get(f"/payments/42{more}")).text for more in ("", "?fresh=1")]
    for page in pages:
        assert "Who paid what" in page
        for part in (
            "¥300.00",
            "Medical insurance fund",
            "¥110.00",
            "Personal account",
            "¥60.00",
            "¥130.00",
            "Blood test",
        ):
            assert part in page
    assert "Paid from" not in pages[0]


async def test_receipt_of_the_demos_past_says_that_nobody_paid():
    async with visiting() as visit:
        real = (await visit.client.get("/payments/42")).text
        visit.payments.paid = replace(PAID, channel=Channel.SYNTHETIC)
        made_up = (await visit.client.get("/payments/42")).text
    assert "Not a real payment" in made_up
    assert "Not a real payment" not in real


@pytest.mark.parametrize("number", ["43", "0", "-1", "x", str(ID_MAX + 1), "9" * 40])
async def test_payment_that_is_not_mine_is_not_there(number):
    async with visiting() as visit:
        assert (await visit.client.get(f"/payments/{number}")).status_code == 404


async def test_history_is_grouped_by_the_citys_days():
    async with visiting() as visit:
        visit.payments.entries = (entry(1), entry(2, hours_ago=13), entry(3, hours_ago=60))
        page = (await visit.client.get("/history")).text
    places = [
        page.index(text) for text in ("Today", "Ride 1", "Yesterday", "Ride 2", "Saturday, November 21, 2026", "Ride 3")
    ]
    assert places == sorted(places)


async def test_history_goes_on_where_it_ended():
    async with visiting() as visit:
        visit.payments.entries, visit.payments.next_cursor = (entry(1),), "77"
        page = (await visit.client.get("/history")).text
    assert 'href="/history?cursor=77"' in page


async def test_empty_history_says_so():
    async with visiting() as visit:
        assert "Nothing here yet" in (await visit.client.get("/history")).text
