"""Payments, wallets and people that answer from memory, for tests of the pages in front of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx

from haihe import home
from haihe.base.clock import TurnableClock
from haihe.base.errors import Refusal
from haihe.base.money import Money
from haihe.base.throttle import Limits
from haihe.base.tokens import TokenInvalid
from haihe.codes.model import CodeRevoked, CodeUnknown
from haihe.payments import pages
from haihe.payments.errors import PaymentUnknown
from haihe.payments.model import (
    Channel,
    Description,
    Entry,
    HistoryPage,
    Payment,
    PaymentRequest,
    Quote,
    Receipt,
    Status,
)
from haihe.web.assembly import assemble
from haihe.web.guards import Staff, Viewer
from haihe.web.part import Link, Part

CITY_URL = "http://city.test"
CODE = "DR9MNEDKSPJZEH9B"
OPEN_CODE = "SHPMNEDKSPJZEH9B"
"""A code whose payer says the amount."""
REVOKED_CODE = "REVMNEDKSPJZEH9B"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TOKEN = "li-wei"
BUS = Description("Line 17 · 津A·04082", "bus", (("Line", "17"), ("Bus", "津A·04082")))
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


@dataclass
class StandInPayments:
    """Pays everything, or refuses with `refusal`; remembers what was asked."""

    refusal: Refusal | None = None
    entries: tuple[Entry, ...] = ()
    next_cursor: str | None = None
    asked: list[PaymentRequest] = field(default_factory=list)
    clock: TurnableClock = field(default_factory=lambda: TurnableClock(NOW + timedelta(seconds=3)))

    async def quote(self, viewer: Viewer, code: str, lang: str) -> Quote:
        if code == REVOKED_CODE:
            raise CodeRevoked
        if code not in {CODE, OPEN_CODE}:
            raise CodeUnknown
        return Quote(code, "bus", "Jinhe Bus", None if code == OPEN_CODE else 200, BUS)

    async def pay(self, request: PaymentRequest) -> Payment:
        self.asked.append(request)
        if self.refusal:
            raise self.refusal
        return PAID

    async def receipt(self, viewer: Viewer, payment_id: int, lang: str) -> Receipt:
        if payment_id != PAID.id:
            raise PaymentUnknown
        return Receipt(PAID, BUS)

    async def history(self, viewer: Viewer, lang: str, *, limit: int, cursor: str | None) -> HistoryPage:
        return HistoryPage(self.entries[:limit], self.next_cursor)


@dataclass
class StandInWallets:
    """Holds `fen` for everyone."""

    fen: int = 1000_00

    async def balance(self, *, citizen: int, bucket: int) -> Money:
        return Money(self.fen)


class StandInPeople:
    """Everyone is Li Wei."""

    async def citizen(self, identity: int) -> SimpleNamespace:
        return SimpleNamespace(name="李伟")


class Keeper:
    """Knows one citizen."""

    async def viewer(self, token: str) -> Viewer:
        if token != TOKEN:
            raise TokenInvalid
        return Viewer(person=1, bucket=0, session=1)

    async def staff(self, token: str) -> Staff:
        raise TokenInvalid


@dataclass
class Visit:
    """A browser in front of the citizen's pages, and what stands behind them."""

    client: httpx.AsyncClient
    payments: StandInPayments
    wallets: StandInWallets

    async def pay(self, code: str = CODE, **typed: str) -> httpx.Response:
        """Open a sticker's page and press its button, with the page's own hidden fields."""
        page = await self.client.get(f"/s/{code}")
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return await self.client.post(f"/s/{code}", data={**hidden, **typed})


@asynccontextmanager
async def visiting(*, signed_in: bool = True, tiles: tuple[Link, ...] = ()) -> AsyncIterator[Visit]:
    """Open the citizen's pages on stand-ins."""
    payments, wallets = StandInPayments(), StandInWallets()
    services = {
        "payments": payments,
        "wallets": wallets,
        "people": StandInPeople(),
        "limits": Limits(spare_loopback=True),
    }
    parts = [
        Part("payments", handlers=pages.HANDLERS, templates=pages.TEMPLATES, dependencies=services),
        home.part(tiles=tiles, city_url=CITY_URL),
    ]
    app = assemble(parts, doorkeeper=Keeper(), form_key="k" * 32, leaving=asyncio.Event())
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar's and httpx' names for one protocol
    async with httpx.AsyncClient(transport=transport, base_url=CITY_URL) as client:
        if signed_in:
            client.cookies.set("haihe_session", TOKEN)
        yield Visit(client, payments, wallets)


def entry(number: int, *, amount: int = -200, hours_ago: int = 1) -> Entry:
    """A line of history."""
    return Entry(number, f"Ride {number}", "bus", amount, NOW - timedelta(hours=hours_ago), f"/payments/{number}")


def unlinked(line: Entry) -> Entry:
    """The same line without a page of its own, like a top-up."""
    return replace(line, href="")
