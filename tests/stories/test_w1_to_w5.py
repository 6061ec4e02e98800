"""Stories W1 to W5 of the wallet, and the law replayed: a shop with a printed code and a till, on a clock that is turned to its years."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.confirmations import Strength
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, SystemAccount, TransferKind
from haihe.ops.access import Access
from haihe.payments.errors import ConfirmationNeeded, LimitReached
from haihe.payments.model import Charge, PaymentRequest
from haihe.people.checks.model import Channel
from haihe.people.errors import IdNumberCheckDigit, IdNumberDate
from haihe.people.law.force import put_in_force
from haihe.people.law.model import read_law
from haihe.people.model import Citizen, CitizenClass
from haihe.sectors.retail.model import KIND
from haihe.wallet.limits.model import LIMITS_PATH, WayKind
from haihe.wallet.limits.service import build_allowances
from tests.citizens import City, Service, open_city, person
from tests.counter.tills import Shop, ShopCity, open_shops

YUAN = 100
PAID = "paid"
NEXT, CLASS_II, CLASS_I = itertools.count(1), CitizenClass.II, CitizenClass.I


@dataclass
class Law:
    """A city in which the law is in force, with one shop: its printed code, and a till that reads what a phone shows."""

    shops: ShopCity
    shop: Shop
    printed: str

    @property
    def clock(self) -> TurnableClock:
        return self.shops.city.clock

    def on(self, year: int, month: int, day: int) -> None:
        """Turn the clock to noon in the city on a day."""
        self.clock.moment = datetime(year, month, day, 4, tzinfo=UTC)

    async def citizen(self, citizen_class: CitizenClass, yuan: int = 200_000) -> Citizen:
        (one,) = await self.shops.city.register(1, yuan * YUAN, citizen_class=citizen_class)
        return one

    async def static(self, payer: Citizen, yuan: int, strength: Strength = Strength.NONE) -> str:
        """Pay by the printed code; "paid", or the code of the refusal."""
        city, key = self.shops.city, f"printed {next(NEXT)}"
        proof = city.ground.base.confirmations.grant(payer.id, key, strength)
        request = PaymentRequest(payer.id, payer.bucket, self.printed, key, yuan * YUAN, confirmation=proof)
        return await told(city.payments.pay(request))

    async def dynamic(self, payer: Citizen, yuan: int) -> str:
        """Pay at the till with a code that a phone shows now."""
        shown, key = await self.shops.code(payer), f"till {next(NEXT)}"
        till, shop = self.shop.points[0].id, self.shop.organisation.id
        return await told(self.shops.city.payments.charge(Charge(KIND, till, shop, shown, key, yuan * YUAN)))

    async def give(self, citizen: Citizen, yuan: int) -> None:
        """Have money come into a wallet."""
        leg = Leg(SystemAccount.RESERVE, citizen.id, yuan * YUAN, TransferKind.OPENING)
        posting = Posting(self.shops.city.ground.base.ids.next(), (leg,), self.clock.now(), subject=citizen.id)
        async with self.shops.city.database.transaction() as connection:
            await ledger.post(connection, citizen.bucket, [posting], now=self.clock.now())


async def told(paying: Awaitable[object]) -> str:
    try:
        await paying
    except (LimitReached, ConfirmationNeeded) as refusal:
        return refusal.code if refusal.details["way"] == LIMITS_PATH else "no way up"
    return PAID


@pytest.fixture
async def law(database: Access) -> AsyncIterator[Law]:
    """The city on the first day of the rules of 2016; ids are of today, whatever the clock says."""
    async with open_shops(database) as shops:
        shops.city.ground.base.ids.next()
        shops.city.clock.moment = datetime(2016, 7, 1, 4, tzinfo=UTC)
        async with shops.city.database.transaction() as connection:
            await put_in_force(connection, read_law())
        shop = await shops.shop()
        printed = await shops.shops.sticker(shop.organisation.id, shop.points[0].id)
        yield Law(shops, shop, printed.code)
        assert shops.city.verified() == []


@pytest.fixture
async def office(law: Law, database: Access, registry: Service, bank: Service, records: Service) -> AsyncIterator[City]:
    """Where people of the same city register, at the end of 2017: the population registry is asked, and no phone operator."""
    async with open_city(
        app_dsn=database.app_dsn,
        clock=law.clock,
        node=2,
        registry=registry.url,
        bank=bank.url,
        records=records.url,
    ) as city:
        law.clock.moment = datetime.now(UTC)
        city.base.ids.next()
        law.on(2017, 12, 31)
        yield city


async def test_w1_newcomer_has_class_one_and_is_shown_the_way_up_at_1000_yuan(law: Law, office: City):
    citizen = (await office.citizen()).citizen
    assert citizen.citizen_class is CLASS_I
    assert [one.said.source for one in (await office.identities.standing(citizen.id)).checks] == ["registry"]
    await law.give(citizen, 2_000)
    assert [await law.dynamic(citizen, yuan) for yuan in (600, 399, 2, 1)] == [PAID, PAID, "limit_reached", PAID]
    law.on(2018, 1, 1)
    assert await law.dynamic(citizen, 1) == "limit_reached"  # since opening: no new year helps
    allowances = build_allowances(office.base, identities=office.identities)
    found = await allowances.of(citizen=citizen.id, bucket=citizen.bucket)
    (way,) = [one for one in found.ways if one.kind is WayKind.IDENTITY_CHECK]
    assert (way.goal, way.missing, way.href) == ("II", 2, "/me/class")
    for channel in (Channel.SOCIAL, Channel.EDUCATION):
        await office.identities.check(citizen.id, channel)
    assert await law.dynamic(citizen, 1) == PAID


async def test_w2_wrong_check_digit_and_impossible_date_are_refused_by_their_field(office: City):
    for number, refusal in (
        ("120101199001010018", IdNumberCheckDigit),
        ("120101199002300010", IdNumberDate),
        ("120101209001010010", IdNumberDate),
    ):
        with pytest.raises(refusal) as refused:
            await office.people.register(person(id_number=number))
        assert refused.value.details["field"] == "id_number"


async def test_w3_year_of_class_two_ends_at_100000_and_begins_anew_on_1_january(law: Law):
    citizen = await law.citizen(CLASS_II)
    for day, yuan in ((29, 50_000), (30, 49_990)):
        law.on(2017, 12, day)
        assert await law.static(citizen, yuan, Strength.PASSKEY) == PAID
    law.on(2017, 12, 31)
    assert await law.dynamic(citizen, 20) == "limit_reached"
    assert await law.dynamic(citizen, 10) == PAID
    law.on(2018, 1, 1)
    assert await law.dynamic(citizen, 20) == PAID


async def test_w4_second_factor_is_asked_for_at_1000_yuan_of_a_day_and_not_refused(law: Law):
    law.on(2017, 6, 29)
    citizen = await law.citizen(CLASS_II)
    assert await law.static(citizen, 990) == PAID
    assert await law.static(citizen, 20) == "confirmation_needed"
    assert await law.static(citizen, 20, Strength.PASSCODE) == PAID
    assert await law.static(citizen, 4_980, Strength.PASSCODE) == PAID
    assert await law.static(citizen, 1, Strength.PASSCODE) == "confirmation_needed"
    assert await law.static(citizen, 1, Strength.PASSKEY) == PAID
    law.on(2017, 6, 30)
    assert await law.static(citizen, 1_000) == PAID


async def test_w5_printed_code_ends_at_500_yuan_a_day_and_a_shown_one_goes_on(law: Law):
    law.on(2018, 4, 1)
    citizen = await law.citizen(CLASS_II)
    assert await law.static(citizen, 495) == PAID
    for strength in Strength:
        assert await law.static(citizen, 10, strength) == "limit_reached"
    assert await law.dynamic(citizen, 10) == PAID
    assert await law.static(citizen, 5) == PAID


async def test_law_of_2016_2017_and_2018_decides_the_days_of_its_time(law: Law):
    """A printed code counted as one factor until 31 March 2018, and has 500 yuan a day of its own since."""
    citizen = await law.citizen(CLASS_II)
    for year, month, day in ((2016, 7, 1), (2017, 6, 29), (2018, 3, 31)):
        law.on(year, month, day)
        assert [await law.static(citizen, yuan) for yuan in (995, 10, 5)] == [PAID, "confirmation_needed", PAID]
        assert await law.dynamic(citizen, 1) == "confirmation_needed"  # the same 1,000 yuan
    law.on(2018, 4, 1)
    assert [await law.static(citizen, yuan) for yuan in (495, 10, 5)] == [PAID, "limit_reached", PAID]
    assert await law.dynamic(citizen, 1_000) == PAID  # now a limit of its own


async def test_one_person_has_one_set_of_limits_however_many_devices(law: Law, office: City):
    signed = await office.citizen()
    phones = [signed.token, office.people.issue_token(signed.citizen, office.people.rules.session_lifetime)]
    viewers = [await office.people.sessions.viewer(token) for token in phones]
    assert len({viewer.session for viewer in viewers}) == 2
    await law.give(signed.citizen, 5_000)
    at_once = [
        law.shops.city.payments.pay(
            PaymentRequest(viewer.person, viewer.bucket, law.printed, f"{viewer.session} {turn}", 100 * YUAN)
        )
        for turn in range(8)
        for viewer in viewers
    ]
    answers = Counter(await asyncio.gather(*map(told, at_once)))
    assert answers == {PAID: 10, "limit_reached": 6}
