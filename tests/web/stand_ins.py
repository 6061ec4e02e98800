"""Payments, wallets and people that answer from memory, for tests of the pages in front of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import httpx

from haihe import home
from haihe.base.clock import TurnableClock
from haihe.base.errors import Refusal
from haihe.base.money import Money
from haihe.base.throttle import Limits
from haihe.base.tokens import TokenInvalid
from haihe.catalogue.finding import entry as findable
from haihe.catalogue.model import Hours, Service, Terms
from haihe.catalogue.prices import Choice, Fixed, Open, Option, PerUnit, Price, Step, Tiers
from haihe.catalogue.service import Catalogue, Snapshot
from haihe.codes.model import CodeRevoked, CodeUnknown
from haihe.home.services import ServiceLink
from haihe.ledger.model import NO_FLAGS
from haihe.organisations.model import name_in
from haihe.payments import pages
from haihe.payments.dues.model import Due, DueStatus, Owed
from haihe.payments.errors import PaymentUnknown
from haihe.payments.model import (
    Channel,
    Description,
    Entry,
    HistoryPage,
    PaidPart,
    Payment,
    PaymentRequest,
    Quote,
    Receipt,
    Source,
    Status,
)
from haihe.people.passkeys import pages as passkey_pages
from haihe.people.passkeys.places import Places
from haihe.wallet.purses.model import Purse, Scheme
from haihe.web.assembly import assemble
from haihe.web.guards import Renewal, Staff, Viewer
from haihe.web.part import Link, Part

CITY_URL = "http://city.test"
LINKS: dict[str, ServiceLink] = {"utilities": lambda _: "/bills", "canteen": lambda service: f"/s/campus-{service.id}"}
CODE = "DR9MNEDKSPJZEH9B"
OPEN_CODE = "SHPMNEDKSPJZEH9B"
"""A code whose payer says the amount."""
REVOKED_CODE = "REVMNEDKSPJZEH9B"
CLINIC_CODE = "clinic-7301"
"""A bill of 300 yuan of which a fund bears 110 and a purse 60."""
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TOKEN = "li-wei"
BUS = Description("Line 17 · 津A·04082", "bus", (("Line", "17"), ("Bus", "津A·04082")))
SHOP = Description("Dumpling Shop · till 2", "store")
CLINIC = Description(
    "Outpatient visit · Renmin Hospital",
    "stethoscope",
    (("Patient", "李伟"), ("Consultation", "¥50.00"), ("Blood test", "¥120.00"), ("Medicine", "¥130.00")),
)
SHARES = (
    PaidPart(Source.FUND, "Medical insurance fund", 110_00),
    PaidPart(Source.PURSE, "Personal account", 60_00),
    PaidPart(Source.BALANCE, "Wallet balance", 130_00),
)
WALLET_ALONE = (PaidPart(Source.BALANCE, "Wallet balance", 2_00),)
PAID = Payment(
    id=42,
    bucket=0,
    batch=1,
    payer=1,
    payee=2,
    amount=200,
    balance=998_00,
    status=Status.PAID,
    kind=1,
    point=5,
    service=17,
    channel=Channel.STICKER,
    names=0,
    paid_at=NOW,
    payee_name="Jinhe Bus",
)


class StandInPostings:
    """Knows no posting: the pages of tests on a real ledger show them (tests/payments/books)."""

    async def read(self, viewer: Viewer, posting: int, lang: str) -> tuple[None, None]:
        return None, None


@dataclass
class StandInPayments:
    """Pays everything, or refuses with `refusal`; remembers what was asked."""

    refusal: Refusal | None = None
    unaskable: Refusal | None = None
    """What the code itself is refused with."""
    paid: Payment = PAID
    description: Description = BUS
    parts: tuple[PaidPart, ...] = WALLET_ALONE
    due: tuple[Owed, ...] = ()
    entries: tuple[Entry, ...] = ()
    next_cursor: str | None = None
    asked: list[PaymentRequest] = field(default_factory=list)
    clock: TurnableClock = field(default_factory=lambda: TurnableClock(NOW + timedelta(seconds=3)))

    async def quote(self, viewer: Viewer, code: str, lang: str) -> Quote:
        if self.unaskable:
            raise self.unaskable
        if code == REVOKED_CODE:
            raise CodeRevoked
        if code == CLINIC_CODE:
            own = sum(part.amount for part in self.parts if part.source is Source.BALANCE)
            total = sum(part.amount for part in self.parts)
            return Quote(code, "clinic", "Renmin Hospital", total, CLINIC, own, self.parts)
        if code not in {CODE, OPEN_CODE}:
            raise CodeUnknown
        if code == OPEN_CODE:
            return Quote(code, "shop", "Dumpling Shop", None, SHOP)
        return Quote(code, "bus", "Jinhe Bus", 200, BUS, own=200)

    async def pay(self, request: PaymentRequest) -> Payment:
        self.asked.append(request)
        if self.refusal:
            raise self.refusal
        return PAID

    async def receipt(self, viewer: Viewer, payment_id: int, lang: str) -> Receipt:
        if payment_id != PAID.id:
            raise PaymentUnknown
        return Receipt(self.paid, self.description, self.parts)

    async def owed(self, viewer: Viewer, lang: str) -> list[Owed]:
        return list(self.due)

    async def owed_for_others(self, viewer: Viewer, lang: str) -> list[Owed]:
        return []

    async def history(self, viewer: Viewer, lang: str, *, limit: int, cursor: str | None) -> HistoryPage:
        return HistoryPage(self.entries[:limit], self.next_cursor)


@dataclass
class StandInWallets:
    """Holds `fen` for everyone."""

    fen: int = 1000_00

    async def balance(self, *, citizen: int, bucket: int) -> Money:
        return Money(self.fen)


@dataclass
class StandInPurses:
    """Holds these purses for everyone."""

    held: tuple[Purse, ...] = ()
    directory: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(
            schemes={
                1: Scheme(1, "meal", {"zh": "餐补", "en": "Meal subsidy", "ru": "Субсидия на питание"}, 5),
                2: Scheme(
                    2, "medical", {"zh": "医保个人账户", "en": "Personal account", "ru": "Личный медицинский счёт"}, 6
                ),
            }
        )
    )

    async def of(self, *, citizen: int, bucket: int) -> list[Purse]:
        return list(self.held)


class StandInOrganisations:
    """A university and a power company."""

    NAMES: ClassVar = {
        1: {"zh": "津河大学", "en": "Jinhe University", "ru": "Университет Цзиньхэ"},
        2: {"zh": "津河电力", "en": "Jinhe Power", "ru": "Цзиньхэ Энерго"},
    }

    def by_id(self, identity: int) -> SimpleNamespace:
        return SimpleNamespace(name=lambda lang: name_in(self.NAMES[identity], lang))


class StandInPeople:
    """Everyone is Li Wei."""

    async def citizen(self, identity: int) -> SimpleNamespace:
        return SimpleNamespace(name="李伟")


class StandInPasskeys:
    """This city has no address at which passkeys work."""

    places = Places("http://city.test")


class Keeper:
    """Knows one citizen."""

    async def viewer(self, token: str) -> Viewer:
        if token != TOKEN:
            raise TokenInvalid
        return Viewer(person=1, bucket=0, session=1)

    async def renewed(self, token: str) -> Renewal | None:
        raise AssertionError(token)

    async def staff(self, token: str) -> Staff:
        raise TokenInvalid


@dataclass
class Visit:
    """A browser in front of the citizen's pages, and what stands behind them."""

    client: httpx.AsyncClient
    payments: StandInPayments
    wallets: StandInWallets
    purses: StandInPurses

    async def pay(self, code: str = CODE, **typed: str) -> httpx.Response:
        """Open a sticker's page and press its button, with the page's own hidden fields."""
        page = await self.client.get(f"/s/{code}")
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return await self.client.post(f"/s/{code}", data={**hidden, **typed})


def offered() -> Catalogue:
    """A catalogue of a lunch with hours, a locker, a card of any amount, power by use, heating by area, and one of the past."""
    clock = TurnableClock(NOW)
    catalogue = Catalogue(cast("Any", None), clock, cast("Any", None))
    lunch = (Hours(time(11), time(13)),)
    past = date(2020, 1, 1)
    described: list[tuple[int, str, dict[str, str], str, Price, tuple[Hours, ...], date | None]] = [
        (
            1,
            "canteen-lunch",
            {"zh": "食堂午餐", "en": "Canteen lunch", "ru": "Обед в столовой"},
            "utensils",
            Fixed(12_00),
            lunch,
            None,
        ),
        (
            1,
            "canteen-supper",
            {"zh": "食堂晚餐", "en": "Canteen supper", "ru": "Ужин в столовой"},
            "soup",
            Fixed(15_00),
            (Hours(time(17), time(19)),),
            None,
        ),
        (
            1,
            "card-deposit",
            {"zh": "校园卡充值", "en": "Canteen card deposit", "ru": "Пополнение карты столовой"},
            "credit-card",
            Open(),
            (),
            None,
        ),
        (
            1,
            "locker",
            {"zh": "储物柜", "en": "Locker", "ru": "Шкафчик"},
            "lock",
            Choice((Option("day", {"en": "Day"}, 2_00), Option("term", {"en": "Term"}, 60_00))),
            (),
            None,
        ),
        (
            2,
            "power",
            {"zh": "居民用电", "en": "Household power", "ru": "Электричество"},
            "zap",
            Tiers("kWh", "month", (Step(0, None, 49),)),
            (),
            None,
        ),
        (
            2,
            "heating",
            {"zh": "供暖", "en": "Heating power", "ru": "Отопление"},
            "heater",
            PerUnit("m²", 25_00),
            (),
            None,
        ),
        (
            2,
            "gas-lamp",
            {"zh": "煤气灯电", "en": "Gas lamp power", "ru": "Газовые лампы"},
            "lamp",
            Fixed(1),
            (),
            date(2020, 12, 31),
        ),
    ]
    sectors = {"canteen-supper": "canteen"}
    services = [
        Service(number, who, key, sectors.get(key, "campus" if who == 1 else "utilities"), "all", names, icon)
        for number, (who, key, names, icon, *_) in enumerate(described, 1)
    ]
    catalogue.memory.now = Snapshot(
        services={one.id: one for one in services},
        terms={
            number: [Terms(number, past, price, opens, until=until)]
            for number, (_, _, _, _, price, opens, until) in enumerate(described, 1)
        },
        entries=[findable(one) for one in services],
    )
    return catalogue


@asynccontextmanager
async def visiting(*, signed_in: bool = True, tiles: tuple[Link, ...] = ()) -> AsyncIterator[Visit]:
    """Open the citizen's pages on stand-ins."""
    payments, wallets, purses = StandInPayments(), StandInWallets(), StandInPurses()
    services = {
        "payments": payments,
        "wallets": wallets,
        "purses": purses,
        "people": StandInPeople(),
        "postings": StandInPostings(),
        "organisations": StandInOrganisations(),
        "catalogue": offered(),
        "limits": Limits(spare_loopback=True),
    }
    parts = [
        Part("payments", handlers=pages.HANDLERS, templates=pages.TEMPLATES, dependencies=services),
        Part("passkeys", templates=passkey_pages.TEMPLATES, dependencies={"passkeys": StandInPasskeys()}),
        home.part(tiles=tiles, city_url=CITY_URL, service_links=LINKS),
    ]
    app = assemble(parts, doorkeeper=Keeper(), form_key="k" * 32, leaving=asyncio.Event())
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar's and httpx' names for one protocol
    async with httpx.AsyncClient(transport=transport, base_url=CITY_URL) as client:
        if signed_in:
            client.cookies.set("haihe_session", TOKEN)
        yield Visit(client, payments, wallets, purses)


def owed(number: int, *, days: int, amount: int = 88_20, expires_at: datetime | None = None) -> Owed:
    """Something that is due in so many days, or was due before."""
    due_on = (NOW + timedelta(days=days)).date()
    due = Due(number, 4, 2, 1, 0, "2026-10", amount, DueStatus.OPEN, NOW, due_on, expires_at, 0, 0, None, {})
    return Owed(due, f"bill-{number}", "Jinhe Power", Description(f"Bill {number}", "zap"), is_late=days < 0)


def purse(scheme: int, amount: int) -> Purse:
    """A purse of a scheme with so many fen."""
    return Purse(100 + scheme, 1, scheme, amount, cast("Any", NO_FLAGS))


def entry(number: int, *, amount: int = -200, hours_ago: int = 1) -> Entry:
    """A line of history."""
    return Entry(number, f"Ride {number}", "bus", amount, NOW - timedelta(hours=hours_ago), f"/payments/{number}")


def unlinked(line: Entry) -> Entry:
    """The same line without a page of its own, like a top-up."""
    return replace(line, href="")
