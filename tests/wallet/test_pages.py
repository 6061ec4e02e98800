from datetime import timedelta

import pytest

from haihe.people.model import SignedIn
from tests.citizens import Browser, City, Service, empty_card

FARE = "/s/abcd1234"
PASSCODE = "271828"


@pytest.fixture
async def signed(city: City, browser: Browser) -> SignedIn:
    signed = await city.citizen()
    browser.client.cookies.set("haihe_session", signed.token, domain="city.example")
    return signed


async def add_card(city: City, browser: Browser, signed: SignedIn) -> str:
    number = await city.wallets.cards.made_up(signed.citizen.id)
    assert number
    await browser.open(f"/cards?next={FARE}")
    answer = await browser.send("/cards", card=number, passcode=PASSCODE)
    assert answer.headers["location"] == "/top-up?next=%2Fs%2Fabcd1234"
    await browser.open(answer.headers["location"])
    [card] = await city.wallets.cards.of(signed.citizen.id)
    return str(card.id)


async def test_too_little_money_is_topped_up_and_leads_back_to_the_fare(city: City, browser: Browser, signed: SignedIn):
    page = await browser.open(f"/top-up?next={FARE}")
    assert "No bank card yet" in page.text
    card = await add_card(city, browser, signed)
    answer = await browser.send("/top-up", amount="50", card=card)
    assert (answer.status_code, answer.headers["location"]) == (303, FARE)
    citizen = signed.citizen
    assert (await city.wallets.balance(citizen=citizen.id, bucket=citizen.bucket)).amount == 5_000
    assert (await browser.send("/top-up", amount="50", card=card)).headers["location"] == FARE
    assert (await city.wallets.balance(citizen=citizen.id, bucket=citizen.bucket)).amount == 5_000


async def test_an_open_top_up_has_a_page_that_looks_again(
    city: City, browser: Browser, signed: SignedIn, bank: Service
):
    card = await add_card(city, browser, signed)
    bank.tell("lost")
    answer = await browser.send("/top-up", amount="50", card=card)
    place = answer.headers["location"]
    waiting = await browser.open(place)
    assert "data-pending" in waiting.text
    assert "pending.js" in waiting.text
    city.clock.turn(timedelta(seconds=5))
    await city.wallets.ask_again()
    done = await browser.open(place)
    assert f'data-go-on="{FARE}"' in done.text
    assert "data-pending" not in done.text


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.234", "5000.01", "lots", "1e3x", "NaN"])
async def test_a_wrong_amount_is_marked(city: City, browser: Browser, signed: SignedIn, amount: str):
    card = await add_card(city, browser, signed)
    answer = await browser.send("/top-up", amount=amount, card=card)
    assert answer.status_code == 422
    assert 'id="amount-says"' in answer.text
    assert "¥5,000.00" in answer.text


async def test_a_large_amount_asks_for_the_passcode(city: City, browser: Browser, signed: SignedIn):
    card = await add_card(city, browser, signed)
    answer = await browser.send("/top-up", amount="300", card=card)
    assert answer.status_code == 403
    assert 'name="passcode"' in answer.text
    answer = await browser.send("/top-up", amount="300", card=card, passcode="271828")
    assert answer.headers["location"] == FARE


async def test_a_refusal_of_the_bank_is_said_and_may_be_tried_again(city: City, browser: Browser, signed: SignedIn):
    card = await add_card(city, browser, signed)
    empty = await city.wallets.cards.add(signed.citizen.id, empty_card())
    answer = await browser.send("/top-up", amount="50", card=str(empty.id))
    assert answer.status_code == 409
    assert "not enough money on the card" in answer.text
    assert (await browser.send("/top-up", amount="50", card=card)).headers["location"] == FARE


async def test_a_wrong_card_is_marked(browser: Browser, signed: SignedIn):
    await browser.open("/cards")
    answer = await browser.send("/cards", card="6222021234567890127", passcode=PASSCODE)
    assert answer.status_code == 422
    assert 'id="card-says"' in answer.text


async def test_pages_ask_strangers_to_sign_in(browser: Browser):
    for path in ("/top-up", "/cards", "/top-up/12"):
        answer = await browser.open(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


async def test_the_api_tops_up_once_for_a_key(city: City, browser: Browser, signed: SignedIn):
    bearer = {"authorization": f"Bearer {signed.token}"}
    number = await city.wallets.cards.made_up(signed.citizen.id)
    card = (
        await browser.client.post("/api/cards", json={"number": number, "passcode": PASSCODE}, headers=bearer)
    ).json()
    assert (await browser.client.get("/api/cards", headers=bearer)).json() == {"items": [card]}
    keyed = {**bearer, "idempotency-key": "k1"}
    body = {"amount": 5_000, "card": card["id"]}
    answers = [await browser.client.post("/api/top-ups", json=body, headers=keyed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    first = answers[0].json()
    assert first == answers[1].json()
    assert (first["status"], first["balance"]) == ("done", {"amount": 5_000, "currency": "CNY"})
    assert (await browser.client.get(f"/api/top-ups/{first['id']}", headers=bearer)).json() == first


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({"amount": 5_000, "card": "1"}, {}, 400, "key_missing"),
        ({"amount": 0, "card": "1"}, {"idempotency-key": "k"}, 422, "amount_invalid"),
        ({"amount": -1, "card": "1"}, {"idempotency-key": "k"}, 422, "amount_invalid"),
        ({"amount": 12.345, "card": "1"}, {"idempotency-key": "k"}, 400, "body_invalid"),
        ({"amount": 10**30, "card": "1"}, {"idempotency-key": "k"}, 422, "amount_invalid"),
        ({"amount": 10**15, "card": "1"}, {"idempotency-key": "k"}, 422, "amount_invalid"),
        ({"amount": 5_000, "card": "x"}, {"idempotency-key": "k"}, 400, "body_invalid"),
        ({"amount": 5_000, "card": "1"}, {"idempotency-key": "k"}, 404, "card_unknown"),
        ({"amount": 5_000, "card": "9" * 19}, {"idempotency-key": "k"}, 404, "card_unknown"),
    ],
)
async def test_the_api_refuses_with_stable_codes(
    browser: Browser, signed: SignedIn, body: object, headers: dict[str, str], status: int, code: str
):
    sent = {"authorization": f"Bearer {signed.token}", **headers}
    answer = await browser.client.post("/api/top-ups", json=body, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("identity", ["1", "0", "x", "9" * 19, "9" * 40])
async def test_an_unknown_top_up_is_not_found(browser: Browser, signed: SignedIn, identity: str):
    answer = await browser.client.get(f"/api/top-ups/{identity}", headers={"authorization": f"Bearer {signed.token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "top_up_unknown")
