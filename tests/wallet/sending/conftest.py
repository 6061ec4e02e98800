"""Two citizens in different buckets, two in the same one, and what they do with their phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import httpx
import pytest

from haihe import people, wallet
from haihe.base.throttle import DOOR_RATES, Limits
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, SystemAccount
from haihe.ops.access import Access
from haihe.payments.part import part as payments_part
from haihe.people import safeguards
from haihe.people.model import Citizen
from haihe.wallet import sending
from haihe.wallet.model import WalletRules
from haihe.wallet.sending.model import SendRequest, Transfer
from haihe.wallet.sending.service import Sendings, build_sendings
from haihe.wallet.service import build_wallets
from haihe.web.assembly import assemble
from haihe.web.guards import SESSION_COOKIE
from tests.conftest import BUCKETS
from tests.grounds import BASE_URL, SectorCity, open_ground
from tests.sector_pages import Door, Visitor

PASSCODE = "271828"
MONEY = 1_000_00


@dataclass
class Senders:
    """A city in which Li and Wang live in different buckets, Zhao in Li's."""

    city: SectorCity
    sendings: Sendings
    li: Citizen
    wang: Citizen
    zhao: Citizen

    def request(self, amount: int, *, to: Citizen | str, key: str = "key", **more: Any) -> SendRequest:
        phone = to if isinstance(to, str) else to.phone
        return SendRequest(sender=self.li.id, bucket=self.li.bucket, phone=phone, amount=amount, key=key, **more)

    async def send(self, amount: int, *, to: Citizen | str, key: str = "key", **more: Any) -> Transfer:
        return await self.sendings.send(self.request(amount, to=to, key=key, **more))

    async def seen_by(self, citizen: Citizen, transfer: Transfer) -> Transfer:
        return await self.sendings.transfer(transfer.id, citizen=citizen.id, bucket=citizen.bucket)

    async def flag(self, citizen: Citizen, flag: AccountFlag) -> None:
        async with self.city.database.transaction() as connection:
            await ledger.set_flags(connection, citizen.bucket, citizen.id, add=flag)

    async def on_its_way(self) -> int:
        return sum([await self.city.available(bucket, SystemAccount.BRIDGE) for bucket in range(BUCKETS)])


async def settle(city: SectorCity) -> Senders:
    li, *others = await city.register(24, MONEY, name="李小红")
    wang = next(one for one in others if one.bucket != li.bucket)
    zhao = next(one for one in others if one.bucket == li.bucket)
    await city.ground.people.set_passcode(li.id, old="", new=PASSCODE)
    sendings = build_sendings(city.ground.base, people=city.ground.people, limits=WalletRules())
    city.payments = replace(city.payments, teller=sendings)
    return Senders(city, sendings, li, wang, zhao)


@pytest.fixture
async def senders(database: Access) -> AsyncIterator[Senders]:
    async with open_ground(database) as city:
        yield await settle(city)


@asynccontextmanager
async def phone_of(senders: Senders, citizen: Citizen) -> AsyncIterator[Visitor]:
    """Open the pages and the API as a citizen, with the rate limits of a real city."""
    city, limits = senders.city, Limits(DOOR_RATES)
    wallets = build_wallets(
        city.ground.base, people=city.ground.people, bank=cast("Any", None), limits=senders.sendings.rules
    )
    parts = [
        people.part(city.ground.people, limits=limits),
        *safeguards.parts(
            safeguards.build_safeguards(city.ground.base, city.ground.people, base_url="http://localhost")
        ),
        wallet.part(wallets),
        sending.part(senders.sendings),
        payments_part(city.payments, Door(), limits),
    ]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event())
    token = f"{citizen.id}-{citizen.bucket}"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False),
        base_url=BASE_URL,
        cookies={SESSION_COOKIE: token},
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
    ) as client:
        yield Visitor(client)
