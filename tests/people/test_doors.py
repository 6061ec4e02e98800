"""Who tries somebody's account keeps neither the owner out nor the neighbours behind one address."""

from __future__ import annotations

from haihe.base.throttle import Limits, Rate
from tests.citizens import Browser, City, open_web

PLENTY = Rate(tries=1000, seconds=1)
TRIES = 3


async def tries_of_the_number_are_used_up(browser: Browser, phone: str) -> None:
    for number in range(2 * TRIES):
        body = {"phone": f"+86 {phone}" if number % 2 else phone, "code": "000000"}
        answer = await browser.client.post("/api/sign-in", json=body)
        assert answer.json()["code"] == ("code_expired" if number < TRIES else "rate_limited"), "however it is written"


async def sign_in(browser: Browser, city: City, phone: str) -> int:
    await browser.open("/sign-in")
    await browser.send("/sign-in", phone=phone)
    return (await browser.send("/sign-in", phone=phone, code=city.mailbox.code_for(phone))).status_code


async def test_owner_comes_in_with_a_known_browser_while_strangers_try_the_account(city: City):
    rates = {"sign_in": Rate(tries=TRIES, seconds=3600, crowd=100), "code": PLENTY, "register": PLENTY}
    owner = (await city.citizen()).citizen
    async with open_web(city, limits=Limits(rates)) as known:
        assert await sign_in(known, city, owner.phone) == 303
        known.client.cookies.delete("haihe_session")
        city.clock.turn(city.people.rules.code_resend)
        await tries_of_the_number_are_used_up(Browser(known.client), other := (await city.citizen()).citizen.phone)
        for cookie in ("", "x" * 22):
            stranger = {"Cookie": f"haihe_device={cookie}"}
            answer = await known.client.post("/api/sign-in", json={"phone": other, "code": "1"}, headers=stranger)
            assert answer.json()["code"] == "rate_limited"
        city.clock.turn(city.people.rules.code_resend)
        assert await sign_in(known, city, other) == 429, "this browser was never signed in with that number"
        await use_up_rest(known, owner.phone)
        city.clock.turn(city.people.rules.code_resend)
        assert await sign_in(known, city, owner.phone) == 303


async def use_up_rest(browser: Browser, phone: str) -> None:
    """Try a number through the API, which knows no browser, until it is closed."""
    for _ in range(TRIES + 1):
        answer = await browser.client.post("/api/sign-in", json={"phone": phone, "code": "000000"})
    assert answer.json()["code"] == "rate_limited"


async def test_one_who_tries_many_numbers_is_stopped_and_the_next_address_is_not(city: City):
    rates = {"sign_in": Rate(tries=TRIES, seconds=3600, crowd=2), "code": PLENTY, "register": PLENTY}
    async with open_web(city, limits=Limits(rates)) as browser:
        codes = [
            (await browser.client.post("/api/sign-in", json={"phone": f"1380013{last:04d}", "code": "1"})).json()[
                "code"
            ]
            for last in range(2 * TRIES + 1)
        ]
    assert codes == ["code_expired"] * (2 * TRIES) + ["rate_limited"]
