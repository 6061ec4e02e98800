"""What may still be paid: used and left by the law and by agreement, and the ways up."""

from __future__ import annotations

from dataclasses import replace

from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Risk, SystemAccount, TransferKind
from haihe.people.checks.model import Channel
from haihe.people.law.force import put_in_force
from haihe.people.law.model import read_law
from haihe.people.model import Citizen
from haihe.wallet.caps import store as caps_store
from haihe.wallet.caps.model import Cap, Period, Scope
from haihe.web.guards import SESSION_COOKIE
from tests.citizens import City, open_web


async def spend(city: City, citizen: Citizen, *spent: tuple[Risk, int]) -> None:
    """Have money come into a wallet and leave it again, counted against the limits of some risks."""
    ids, now = city.base.ids, city.clock.now()
    legs: list[tuple[int, int, int, Risk]] = [(SystemAccount.RESERVE, citizen.id, 100_000_00, Risk.NONE)]
    legs += [(citizen.id, SystemAccount.SUSPENSE, amount, risk) for risk, amount in spent]
    postings = [
        Posting(ids.next(), (Leg(debit, credit, amount, TransferKind.PAYMENT, risk=risk),), now, subject=citizen.id)
        for debit, credit, amount, risk in legs
    ]
    async with city.database.transaction() as connection:
        await put_in_force(connection, read_law())
        batch = await ledger.post(connection, citizen.bucket, postings, now=now)
    assert {one.result.name for one in batch.posted} == {"POSTED"}


async def test_api_gives_every_limit_with_what_is_left_and_the_ways_up(city: City):
    signed = await city.citizen()
    await spend(city, signed.citizen, (Risk.C, 300_00), (Risk.D, 100_00))
    cap = Cap(
        citizen=signed.citizen.id,
        bucket=signed.citizen.bucket,
        scope=Scope.ALL,
        period=Period.MONTH,
        amount=50_00,
        set_by=1,
    )
    async with city.database.transaction() as connection:
        await caps_store.put(connection, cap)
        await caps_store.put(connection, replace(cap, scope=Scope.PAPER, period=Period.DAY, amount=20_00))
    async with open_web(city) as browser:
        bearer = {"authorization": f"Bearer {signed.token}"}
        found = (await browser.client.get("/api/me/limits", headers=bearer)).json()
        assert (found["class"], found["currency"]) == ("I", "CNY")
        assert "296/2017" in found["source"]
        assert {one["name"]: (one["used"], one["left"], one["limit"]) for one in found["limits"]} == {
            "since_opening": (400_00, 600_00, 1_000_00),
            "day_one_factor": (300_00, 600_00, 1_000_00),  # its own 700 are cut by what is left in all
            "day_two_factors": (0, 600_00, 5_000_00),
            "day_signature": (0, 600_00, 50_000_00),
            "day_static_code": (100_00, 400_00, 500_00),
        }
        assert {(one["scope"], one["period"]): one["left"] for one in found["caps"]} == {
            ("all", "month"): 50_00,
            ("paper", "day"): 20_00,
        }
        way = {"kind": "identity_check", "href": "/me/class", "left": 99_600_00, "class": "II", "missing": 1}
        assert found["ways"] == [way]

        await city.identities.check(signed.citizen.id, Channel.SOCIAL)
        found = (await browser.client.get("/api/me/limits", headers=bearer)).json()
        assert found["limits"][0]["name"] == "year"
        assert [(one["kind"], one["left"]) for one in found["ways"]] == [
            ("passcode", 5_000_00),
            ("passkey", 50_000_00),
            ("identity_check", 199_600_00),
        ]


async def test_page_shows_what_is_left_and_leads_up_and_back(city: City):
    signed = await city.citizen()
    await spend(city, signed.citizen, (Risk.C, 300_00))
    async with open_web(city) as browser:
        browser.client.cookies.set(SESSION_COOKIE, signed.token)
        page = await browser.open("/me/limits?next=/s/ABC")
        assert page.status_code == 200
        assert "¥300.00 of ¥1,000.00 used" in browser.page
        assert 'href="/me/class?next=%2Fs%2FABC"' in browser.page
        assert 'href="/s/ABC"' in browser.page
        assert "1 more check of my identity: class II" in browser.page
        assert 'href="//evil' not in (await browser.open("/me/limits?next=//evil.example")).text
