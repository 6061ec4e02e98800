"""Home, history and receipts over a real database: few statements however much there is, and one history for everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import httpx
import psycopg
import pytest

from haihe import home
from haihe.base.clock import service_day
from haihe.base.throttle import Limits
from haihe.counter.branch import Branch, Ground
from haihe.ops.access import Access
from haihe.ops.offices import Nobody
from haihe.payments import pages
from haihe.payments.books.own_pages import OwnPostings
from haihe.payments.dues.model import Due, NewDue
from haihe.payments.dues.trade import DueTrade
from haihe.payments.model import Contribution, Description, Offer, Payment
from haihe.people import safeguards
from haihe.people.model import Citizen
from haihe.people.safeguards import build_safeguards
from haihe.wallet.model import WalletRules
from haihe.wallet.purses.model import Grant
from haihe.wallet.purses.terms import SchemeTerms
from haihe.wallet.service import build_wallets
from haihe.web.assembly import assemble
from haihe.web.guards import Renewal, Staff, Viewer
from haihe.web.part import Part
from tests.grounds import SectorCity, open_ground

BILL = 4
STATEMENTS_MAX = 12
"""Session, balance, purses, dues, and the history: its three, payments, shares, and one for each kind of payment."""


def sharing(ground: Ground) -> Branch:
    """A sector of bills in which a fund and a purse may bear a share."""

    def tell(due: Due, lang: str) -> Description:
        return Description(f"Bill {due.period}", "receipt-text", (("Period", due.period),))

    async def shape(due: Due, offer: Offer) -> Offer:
        fund = ground.purses.fund("sponsor")
        given = int(str(due.body.get("fund", 0)))
        standing = ("eater",) if due.body.get("purse") else ()
        return replace(offer, standing=standing, contributions=(Contribution(fund.id, given),) if given else ())

    trade = DueTrade("bill", BILL, "receipt-text", "Bills", ground.dues, tell, shape=shape)
    return Branch(Part("bills"), trades=(trade,))


@dataclass
class Visit:
    """A citizen's browser in front of a real city, where a sponsor gave 20 yuan of meal money."""

    city: SectorCity
    citizen: Citizen
    payee: int
    client: httpx.AsyncClient

    async def owe(self, period: str, amount: int, **body: object) -> str:
        today = service_day(self.city.clock.now())
        new = NewDue(
            organisation=self.payee, subject=self.citizen.id, period=period, amount=amount, due_on=today, body=body
        )
        issued = await self.city.ground.dues.issue(BILL, [new])
        return f"bill-{issued.dues[0].id}"

    async def pay(self, period: str, amount: int, **body: object) -> Payment:
        return await self.city.pay(self.citizen, await self.owe(period, amount, **body))


@dataclass(frozen=True)
class Keeper:
    """Everyone is this citizen."""

    citizen: Citizen

    async def viewer(self, token: str) -> Viewer:
        return Viewer(self.citizen.id, self.citizen.bucket, 1)

    async def renewed(self, token: str) -> Renewal | None:
        raise NotImplementedError

    async def staff(self, token: str) -> Staff:
        raise NotImplementedError


@asynccontextmanager
async def visiting_city(database: Access) -> AsyncIterator[Visit]:
    async with open_ground(database, sharing) as city:
        ground = city.ground
        payee = await city.organisation("hospital", "hospital", names={"en": "Renmin Hospital"})
        (citizen,) = await city.register(1)
        fund = await ground.purses.found_fund(organisation=payee.id, key="sponsor", names={"en": "Sponsor"})
        meal = await ground.purses.found_scheme(
            key="meal", names={"en": "Meal money"}, fund=fund, terms=SchemeTerms(needs=("eater",))
        )
        ids, now = ground.base.ids, city.clock.now()
        await ground.purses.pay_in(fund, citizen.bucket, posting=ids.next(), amount=900_00, effective=now)
        await ground.purses.grant(meal, citizen.bucket, [Grant(ids.next(), citizen.id, 20_00)], effective=now)
        await ground.dues.follow(citizen.id, BILL, [citizen.id])
        nobody = cast("Any", Nobody())
        services = {
            "payments": city.payments,
            "postings": OwnPostings(city.payments),
            "people": ground.people,
            "purses": ground.purses,
            "organisations": ground.organisations,
            "catalogue": ground.catalogue,
            "limits": Limits(spare_loopback=True),
            "wallets": build_wallets(ground.base, people=ground.people, bank=nobody, limits=WalletRules(), demo=nobody),
        }
        parts = [
            Part("payments", handlers=pages.HANDLERS, templates=pages.TEMPLATES, dependencies=services),
            *safeguards.parts(build_safeguards(ground.base, ground.people, base_url="http://city.test")),
            home.part(tiles=(), city_url="http://city.test"),
        ]
        app = assemble(parts, doorkeeper=Keeper(citizen), form_key="k" * 32, leaving=asyncio.Event())
        transport = httpx.ASGITransport(cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
            client.cookies.set("haihe_session", "any")
            yield Visit(city, citizen, payee.id, client)


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Write down every statement."""
    asked: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *more: Any, **options: Any) -> Any:
        asked.append(str(query))
        return await execute(self, query, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", noted)
        yield asked


async def test_home_asks_a_small_constant_number_of_statements(database: Access, monkeypatch: pytest.MonkeyPatch):
    async with visiting_city(database) as visit:
        await visit.owe("2026-01", 10_00)
        await visit.pay("2026-02", 3_00, purse=True)
        with counting(monkeypatch) as few:
            assert (await visit.client.get("/")).status_code == 200
        for month in range(3, 12):
            await visit.owe(f"2027-{month:02}", 10_00)
            await visit.pay(f"2028-{month:02}", 3_00, purse=True, fund=1_00)
        with counting(monkeypatch) as many:
            page = (await visit.client.get("/")).text
    assert len(few) == len(many) <= STATEMENTS_MAX, many
    assert "¥100.00" in page  # ten bills are due
    assert page.count("−¥2.00") + page.count("−¥3.00") == home.pages.RECENT_ENTRIES


async def test_one_history_has_grants_lunches_paid_by_a_purse_alone_and_shared_bills(database: Access):
    async with visiting_city(database) as visit:
        lunch = await visit.pay("lunch", 12_00, purse=True)
        shared = await visit.pay("clinic", 300_00, purse=True, fund=110_00)
        viewer = visit.city.viewer(visit.citizen)
        page = await visit.city.payments.history(viewer, "en", limit=9, cursor=None)
        listed, _ = await visit.city.payments.list_payments(viewer, limit=9, cursor=None)
        receipts = [await visit.city.payments.receipt(viewer, one.id, "en") for one in (lunch, shared)]
        receipt = (await visit.client.get(f"/payments/{shared.id}")).text
        left = (await visit.city.ground.purses.of(citizen=visit.citizen.id, bucket=visit.citizen.bucket))[0].amount
        balance = await visit.city.balance(visit.citizen)
    told = [(entry.title, entry.amount) for entry in page.items]
    assert told == [
        ("Bill clinic", -190_00),  # what the fund bears is no movement of the citizen's
        ("Bill lunch", -12_00),
        ("Subsidy received", 20_00),
        ("Opening balance", 1_000_00),
    ]
    assert sum(entry.amount for entry in page.items) == left + balance
    assert [one.id for one in listed] == [shared.id, lunch.id]
    assert [(part.name, part.amount) for part in receipts[0].parts] == [("Meal money", 12_00)]
    expected = [("Sponsor", 110_00), ("Meal money", 8_00), ("Wallet balance", 182_00)]
    assert [(part.name, part.amount) for part in receipts[1].parts] == expected
    for shown in ("Who paid what", "¥300.00", "¥110.00", "¥8.00", "¥182.00", "Renmin Hospital"):
        assert shown in receipt


async def test_pay_page_knows_what_leaves_the_wallet_and_when_it_is_too_late(database: Access):
    async with visiting_city(database) as visit:
        free = await visit.owe("lunch", 12_00, purse=True)
        shared = await visit.owe("clinic", 300_00, purse=True, fund=110_00)
        pages_before = [(await visit.client.get(f"/s/{code}")).text for code in (free, shared)]
        await visit.city.pay(visit.citizen, free)
        settled = await visit.client.get(f"/s/{free}")
        await visit.city.ground.dues.withdraw([int(shared.partition("-")[2])], organisation=visit.payee)
        withdrawn = await visit.client.get(f"/s/{shared}")
        visit.city.clock.turn(timedelta(days=3))
        home_page = (await visit.client.get("/")).text
    assert "<span>Confirm</span>" in pages_before[0]
    assert "Pay ¥170.00" in pages_before[1]
    assert settled.status_code == withdrawn.status_code == 409
    assert "Already paid" in settled.text
    assert 'href="/payments/' in settled.text
    assert "No longer due" in withdrawn.text
    assert "To pay" not in home_page
