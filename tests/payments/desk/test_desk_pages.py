"""The service counter shows nobody's data before it is proved who it is, and every look is written down."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from haihe.base import outbox
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments.desk.model import PRINTED, SERVICE_HALL, VISIT
from haihe.people.model import Citizen, CitizenClass
from tests.citizens import Mailbox
from tests.grounds import SectorCity, open_ground
from tests.sector_pages import Visitor, visiting

START = "/console/service"


@pytest.fixture
async def city(database: Access) -> AsyncIterator[SectorCity]:
    async with open_ground(database) as opened:
        mailbox = Mailbox()
        codes = dataclasses.replace(opened.ground.people.codes, sms=mailbox)
        people = dataclasses.replace(opened.ground.people, codes=codes)
        yield dataclasses.replace(opened, ground=dataclasses.replace(opened.ground, people=people))


@pytest.fixture
async def hall(city: SectorCity) -> Organisation:
    return await city.organisation("hall", SERVICE_HALL)


async def news_of(city: SectorCity, citizen: Citizen) -> list[str]:
    async with city.database.connection() as connection:
        told = await outbox.read(connection, citizen.bucket, after=0)
    return [one.news.kind for one in told if one.news.subject == citizen.id]


async def found(visitor: Visitor, number: str) -> str:
    """Find a person at the counter; give the address of the visit."""
    await visitor.open(START)
    answer = await visitor.send(f"{START}/visits", number=number)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    await visitor.open(address)
    return str(address)


async def test_person_is_masked_until_the_card_was_compared(city: SectorCity, hall: Organisation):
    citizen, other = await city.register(2)
    async with visiting(city, staff=("clerk", hall.id)) as clerk:
        visit = await found(clerk, citizen.phone)
        assert citizen.masked_name in clerk.page
        for hidden in (citizen.name, citizen.id_number, citizen.phone, "Issue a card"):
            assert hidden not in clerk.page
        assert await news_of(city, citizen) == ["person_seen"]
        for do in ("issue", "daily", "revoke"):
            refused = await clerk.send(visit, do=do, daily="50")
            assert refused.status_code == 403, do
        assert (await clerk.send(visit, do="card", id_number=other.id_number, compared="true")).status_code == 422
        assert (await clerk.send(visit, do="card", id_number=citizen.id_number)).status_code == 422
        assert citizen.name not in clerk.page
        assert (await clerk.send(visit, do="card", id_number=citizen.id_number, compared="true")).status_code == 303
        await clerk.open(visit)
        assert citizen.name in clerk.page
        assert citizen.masked_id_number in clerk.page
        assert citizen.id_number not in clerk.page
        printing = await clerk.send(visit, do="issue", daily="50")
        assert printing.headers["location"] == f"{visit}/paper-card"
        sheet = await clerk.open(f"{visit}/paper-card")
        assert "data-paper-code" in sheet.text
        city.clock.turn(PRINTED + timedelta(seconds=1))
        assert (await clerk.open(f"{visit}/paper-card")).status_code == 410, "only right after it was issued"
        city.clock.turn(VISIT / 2)
        assert (await clerk.open(visit)).status_code == 410, "a visit ends"
    assert await news_of(city, citizen) == ["person_seen", "paper_card_issued"]
    assert city.verified() == []


async def test_passcode_needs_card_and_code(city: SectorCity, hall: Organisation):
    (citizen,) = await city.register(1)
    mailbox = city.ground.people.codes.sms
    assert isinstance(mailbox, Mailbox)
    async with visiting(city, staff=("clerk", hall.id)) as clerk:
        visit = await found(clerk, citizen.id_number)
        new = {"passcode": "314159", "passcode_again": "314159"}
        assert (await clerk.send(visit, do="passcode", **new)).status_code == 403
        assert (await clerk.send(visit, do="card", compared="true")).status_code == 303
        assert (await clerk.send(visit, do="passcode", **new)).status_code == 403
        await clerk.send(visit, do="send")
        code = mailbox.code_for(citizen.phone)
        wrong = f"{(int(code) + 1) % 10**6:06}"
        assert (await clerk.send(visit, do="code", code=wrong)).status_code == 422
        assert (await clerk.send(visit, do="code", code=code)).status_code == 303
        assert (await clerk.send(visit, do="code", code=code)).status_code == 422, "a code serves once"
        assert (await clerk.send(visit, do="passcode", passcode="314159", passcode_again="314158")).status_code == 422
        assert (await clerk.send(visit, do="passcode", passcode="111111", passcode_again="111111")).status_code == 422
        assert (await clerk.send(visit, do="passcode", **new)).status_code == 303
    await city.ground.people.check_passcode(citizen.id, "314159")
    assert "passcode_changed" in await news_of(city, citizen)


async def test_wallet_is_frozen_by_proof_and_released_by_the_card_alone(city: SectorCity, hall: Organisation):
    (citizen,) = await city.register(1, citizen_class=CitizenClass.I)
    mailbox = city.ground.people.codes.sms
    assert isinstance(mailbox, Mailbox)
    async with visiting(city, staff=("clerk", hall.id)) as clerk:
        visit = await found(clerk, citizen.phone)
        assert (await clerk.send(visit, do="freeze")).status_code == 403
        await clerk.send(visit, do="send")
        assert (await clerk.send(visit, do="code", code=mailbox.code_for(citizen.phone))).status_code == 303
        await clerk.open(visit)
        assert (await clerk.send(visit, do="freeze")).status_code == 303
        await clerk.open(visit)
        assert "Frozen since" in clerk.page
        for do in ("release", "identity"):
            assert (await clerk.send(visit, do=do)).status_code == 403, do
        assert (await clerk.send(visit, do="take", amount="50", key="k")).status_code == 409, "no cash into it"
        await clerk.send(visit, do="card", id_number=citizen.id_number, compared="true")
        await clerk.open(visit)
        for do in ("release", "identity"):
            assert (await clerk.send(visit, do=do)).status_code == 303, do
    assert (await city.ground.people.citizen(citizen.id)).citizen_class is CitizenClass.II
    told = await news_of(city, citizen)
    assert {"wallet_frozen", "wallet_released", "class_changed"} <= set(told)


async def test_counter_is_for_its_clerks_alone(city: SectorCity, hall: Organisation):
    (citizen,) = await city.register(1)
    shop = await city.organisation("shop", "shop")
    async with visiting(city, staff=("clerk", hall.id)) as clerk:
        visit = await found(clerk, citizen.phone)
        missed = await clerk.send(f"{START}/visits", number="13900000000")
        assert missed.status_code == 404
        assert (await clerk.send(f"{START}/visits", number="")).status_code == 422
        for address in (f"{START}/visits/1", f"{START}/visits/{2**63}", f"{START}/cash/5", f"{START}/cash/{2**64}"):
            assert (await clerk.open(address)).status_code in {404, 410}, address
        for amount in ("0", "-5", "1.005", "5000.01", "1e99", "nan", "五十"):
            await clerk.open(visit)
            assert (await clerk.send(visit, do="cash", amount=amount)).status_code == 422, amount
    for role, organisation, status in (("clerk", shop.id, 404), ("manager", hall.id, 403), ("cashier", hall.id, 403)):
        async with visiting(city, staff=(role, organisation)) as stranger:
            assert (await stranger.open(START)).status_code == status
    async with visiting(city, staff=("clerk", shop.id)) as stranger:
        assert (await stranger.open(visit)).status_code == 410


async def test_look_ups_are_limited_and_misses_count_more(city: SectorCity, hall: Organisation):
    async with visiting(city, staff=("clerk", hall.id)) as clerk:
        await clerk.open(START)
        answers = [(await clerk.send(f"{START}/visits", number=f"139{place:08}")).status_code for place in range(14)]
    assert answers[:10] == [404] * 10
    assert answers[-1] == 429
