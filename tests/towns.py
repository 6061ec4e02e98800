"""A city with buses, whose office makes them popular: what tests of schemes and campaigns need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

from haihe.organisations.model import Organisation
from haihe.payments.engine import Order
from haihe.payments.keys import content_hash, key_hash
from haihe.payments.model import (
    Channel,
    Payment,
    PaymentRequest,
    Scan,
)
from haihe.payments.sharing import completed
from haihe.people.model import Citizen
from haihe.wallet.purses.model import Campaign, Fund, Grant, Scheme
from haihe.wallet.purses.terms import Audience, CampaignTerms, Discount, SchemeTerms, Where
from tests.grounds import SectorCity
from tests.payments.conftest import PlainSector

HALF = CampaignTerms(
    discount=Discount(percent=50),
    first_day=date(2017, 1, 1),
    last_day=date(2099, 12, 31),
    audience=Audience.EVERYBODY,
    accepted=Where(kinds=("bus",)),
)
_keys = count(1)


@dataclass
class Town:
    """A city with buses, and an office that makes them popular."""

    city: SectorCity
    buses: PlainSector
    company: Organisation
    office: Organisation

    async def fund(self, key: str, budget: int) -> Fund:
        """A fund with so much in every bucket."""
        purses = self.city.ground.purses
        fund = await purses.found_fund(organisation=self.office.id, key=key, names={"en": key})
        await purses.pay_in_everywhere(fund, amount=budget, period="founding", effective=self.city.clock.now())
        return fund

    async def campaign(self, terms: CampaignTerms = HALF, *, budget: int = 100_00, key: str = "half price") -> Campaign:
        return await self.city.ground.purses.found_campaign(await self.fund(key, budget), terms)

    async def scheme(self, terms: SchemeTerms, *, key: str = "voucher") -> Scheme:
        fund = await self.fund(f"{key} fund", 1_000_00)
        return await self.city.ground.purses.found_scheme(key=key, names={"en": key}, fund=fund, terms=terms)

    async def grant(self, scheme: Scheme, citizen: Citizen, amount: int) -> None:
        grant = Grant(self.city.ground.base.ids.next(), citizen.id, amount)
        await self.city.ground.purses.grant(scheme, citizen.bucket, [grant], effective=self.city.clock.now())

    async def ride(self, citizen: Citizen, own_max: int | None = None, key: str = "") -> Payment:
        key = key or f"ride {next(_keys)}"
        return await self.city.payments.pay(PaymentRequest(citizen.id, citizen.bucket, "bus-5", key, own_max=own_max))

    async def order(self, citizen: Citizen, own_max: int | None, key: str) -> Order:
        """What `ride` hands to the engine."""
        request = PaymentRequest(citizen.id, citizen.bucket, "bus-5", key, own_max=own_max)
        scan = Scan("bus", 5, 0, citizen.id, citizen.bucket, self.city.clock.now(), channel=Channel.APP)
        offer = completed(await self.buses.price(scan), self.city.ground.purses, self.city.ground.organisations)
        return Order(offer, self.buses, key_hash(request), content_hash(request), own_max)

    async def left(self, citizen: Citizen) -> list[int]:
        """What may be spent of each purse."""
        held = await self.city.ground.purses.of(citizen=citizen.id, bucket=citizen.bucket)
        return [purse.amount for purse in held]

    async def neighbours(self, how_many: int, money: int = 10_00) -> list[Citizen]:
        """Citizens of one bucket."""
        found = await self.city.register(4 * how_many + 8, money)
        bucket = max({one.bucket for one in found}, key=[one.bucket for one in found].count)
        return [one for one in found if one.bucket == bucket][:how_many]


def replace_terms(terms: CampaignTerms, **changes: object) -> CampaignTerms:
    """Give terms with some of them changed."""
    values: dict[str, object] = {name: getattr(terms, name) for name in terms.__struct_fields__}
    return CampaignTerms(**{**values, **changes})  # type: ignore[arg-type]
