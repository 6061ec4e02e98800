"""The class over HTTP: page and API, in the person's language, with clear refusals."""

from __future__ import annotations

import re
from typing import Any

from haihe.base.i18n import translate
from haihe.base.throttle import Limits, Rate
from haihe.people.checks.errors import SocialMismatch
from haihe.web.guards import SESSION_COOKIE
from tests.citizens import Browser, City, Service, open_web


async def browse_as(city: City, browser: Browser, **changes: Any) -> str:
    """Register someone and keep the session in the browser; gives the citizen's bearer token."""
    signed = await city.citizen(**changes)
    browser.client.cookies.set(SESSION_COOKIE, signed.token)
    return signed.token


async def test_page_shows_the_class_and_each_button_asks_one_source(city: City):
    async with open_web(city) as browser:
        await browse_as(city, browser)
        page = await browser.open("/me/class?next=/s/ABC")
        assert page.status_code == 200
        assert "¥1,000.00 since opening" in browser.page
        assert re.findall(r'name="channel" value="([a-z]+)"', browser.page) == ["social", "education", "housing"]
        asked = await browser.send("/me/class", channel="social", next="/s/ABC")
        assert (asked.status_code, asked.headers["location"]) == (303, "/me/class?checked=social&next=%2Fs%2FABC")
        await browser.open(asked.headers["location"])
        assert "Confirmed. Your account has class II." in browser.page
        assert "¥100,000.00 a year" in browser.page
        assert 'href="/s/ABC"' in browser.page


async def test_page_says_who_does_not_know_the_person_and_takes_no_nonsense(city: City, records: Service):
    async with open_web(city) as browser:
        signed = await city.citizen()
        browser.client.cookies.set(SESSION_COOKIE, signed.token)
        records.post("/social/checks", {"name": "Somebody Else", "id_number": signed.citizen.id_number})
        await browser.open("/me/class?lang=zh")
        refused = await browser.send("/me/class", channel="social")
        assert refused.status_code == 422
        assert translate("zh", SocialMismatch.text) in browser.page
        for channel, card in (("counter", ""), ("REGISTRY", ""), ("", ""), ("bank", "x"), ("bank", "9" * 30)):
            answer = await browser.send("/me/class", channel=channel, card=card)
            assert answer.status_code in {200, 404}
        assert (await city.identities.standing(signed.citizen.id)).positive == 2


async def test_api_tells_the_class_and_raises_it(city: City):
    async with open_web(city) as browser:
        token = (await city.citizen()).token
        bearer = {"authorization": f"Bearer {token}"}
        first = (await browser.client.get("/api/me/class", headers=bearer)).json()
        assert (first["class"], first["positive"], first["next_class"]) == ("I", 2, {"name": "II", "missing": 1})
        assert [one["source"] for one in first["checks"]] == ["registry", "operator"]
        for _ in range(2):
            raised = await browser.client.post("/api/me/checks", json={"channel": "housing"}, headers=bearer)
            assert (raised.status_code, raised.json()["class"], raised.json()["positive"]) == (200, "II", 3)
        wrong: list[tuple[dict[str, object], int, str]] = [
            ({"channel": "counter"}, 400, "body_invalid"),
            ({"channel": "bank"}, 404, "card_unknown"),
            ({"channel": "bank", "card": "9" * 18}, 404, "card_unknown"),
            ({"channel": "bank", "card": "-1"}, 400, "body_invalid"),
            ({}, 400, "body_invalid"),
        ]
        for body, status, code in wrong:
            answer = await browser.client.post("/api/me/checks", json=body, headers=bearer)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await browser.client.get("/api/me/class")).status_code == 401


async def test_checks_are_limited_for_each_person(city: City):
    async with open_web(city, limits=Limits({"identity_check": Rate(tries=2, seconds=600)})) as browser:
        bearer = {"authorization": f"Bearer {(await city.citizen()).token}"}
        answers = [
            (await browser.client.post("/api/me/checks", json={"channel": "social"}, headers=bearer)).status_code
            for _ in range(3)
        ]
    assert answers == [200, 200, 429]
