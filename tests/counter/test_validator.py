"""The validator of a bus takes the fare of whoever holds a payment code before it; the driver sees the ride."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from haihe import counter
from haihe.base.batching import Gatherer
from haihe.base.throttle import Limits
from haihe.codes.payment_codes import PaymentCodes
from haihe.counter.model import DRIVER, VALIDATOR, Counter, Face, NewTerminal, Terminal
from haihe.counter.screen import Screens
from haihe.counter.surnames import Surnames
from haihe.payments.engine import Order
from haihe.payments.model import Channel, Payment
from haihe.payments.paper.model import Issuer
from haihe.payments.paper.service import build_paper_cards
from haihe.payments.service import Payments
from haihe.people.model import Citizen
from haihe.sectors.transit.board import BusBoard
from haihe.sectors.transit.model import KIND, Vehicle
from haihe.web.assembly import assemble
from haihe.web.part import Part
from tests.bus_pages import Door
from tests.buses import BASE_URL, BusCity

FARE = 2_00


@pytest.fixture
async def bus(bus_city: BusCity) -> Vehicle:
    _, (vehicle, _) = await bus_city.line(await bus_city.company(), "17")
    return vehicle


@pytest.fixture
async def validator(bus_city: BusCity, bus: Vehicle) -> AsyncIterator[Validator]:
    line = bus_city.transit.catalogue.now.lines[bus.line]
    (terminal,) = await bus_city.offices.terminals.found([NewTerminal(line.organisation, VALIDATOR, bus.id)])
    async with browser(bus_city) as client:
        link = bus_city.offices.terminals.pairing_url(terminal).removeprefix(BASE_URL)
        page = await client.get(link, follow_redirects=True)
        assert page.status_code == 200
        yield Validator(bus_city, client, terminal)


class Validator:
    """A paired validator."""

    def __init__(self, city: BusCity, client: httpx.AsyncClient, terminal: Terminal) -> None:
        self.city, self.client, self.terminal = city, client, terminal
        self.codes = PaymentCodes(city.database, city.clock)
        self.keys = 0

    async def reads(self, rider: Citizen, **more: object) -> httpx.Response:
        """Read the code that a rider shows."""
        code = (await self.codes.issue(citizen=rider.id, bucket=rider.bucket)).code
        return await self.sees(str(code), **more)

    async def sees(self, code: str, **more: object) -> httpx.Response:
        """Read a code."""
        self.keys += 1
        return await self.client.post(
            f"/terminal/{self.terminal.id}/charge",
            json={"code": code, **more},
            headers={"Idempotency-Key": f"key {self.keys}"},
        )


@asynccontextmanager
async def browser(city: BusCity) -> AsyncIterator[httpx.AsyncClient]:
    board, ground = BusBoard(city.transit.catalogue), city.offices.ground
    counters = {DRIVER: Counter(Face.SCREEN, board, KIND), VALIDATOR: Counter(Face.VALIDATOR, board, KIND)}
    gatherer: Gatherer[Order, Payment] = Gatherer(city.engine.run, flights_max=2)
    payments = Payments(
        database=city.database,
        clock=city.clock,
        stickers=ground.stickers,
        codes=PaymentCodes(city.database, city.clock),
        papers=build_paper_cards(ground.base),
        organisations=ground.organisations,
        purses=ground.purses,
        dues=ground.dues,
        sectors={KIND: city.transit},
        gatherer=gatherer,
        confirmations=ground.base.confirmations,
    )
    screens = Screens(city.database, city.clock, city.tail, counters, Surnames(city.people))
    parts = [counter.part(ground, screens), Part("payments", dependencies={"payments": payments, "limits": Limits()})]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE_URL) as client:  # type: ignore[arg-type]
        yield client


async def test_validator_takes_the_fare_and_the_driver_sees_the_ride(
    bus_city: BusCity, bus: Vehicle, validator: Validator
):
    (rider,) = await bus_city.riders(1)
    answer = await validator.reads(rider)
    assert (answer.status_code, answer.json()["amount"]) == (201, FARE)
    picture = await bus_city.screens.picture(await bus_city.terminal(bus), "en")
    (ride,) = picture.latest
    assert (str(ride.taken.payment), ride.taken.amount, ride.who) == (answer.json()["id"], FARE, rider.masked_name)
    async with bus_city.database.connection() as connection:
        row = await (
            await connection.execute("SELECT p.channel FROM rides r JOIN payments p ON p.id = r.payment")
        ).fetchone()
    assert row == (Channel.PAYMENT_CODE,)


async def test_who_paid_at_the_validator_or_by_the_sticker_has_already_paid(
    bus_city: BusCity, bus: Vehicle, validator: Validator
):
    first, second = await bus_city.riders(2)
    assert (await validator.reads(first)).status_code == 201
    again = await validator.reads(first)
    assert (again.status_code, again.json()["code"]) == (409, "already_paid")
    await bus_city.ride(second, bus)
    assert (await validator.reads(second)).json()["code"] == "already_paid"
    bus_city.clock.turn(timedelta(minutes=4))
    assert (await validator.reads(second)).status_code == 201


async def test_paper_card_pays_the_fare_once_within_three_minutes(
    bus_city: BusCity, bus: Vehicle, validator: Validator
):
    (rider,) = await bus_city.riders(1)
    papers = build_paper_cards(bus_city.offices.ground.base)
    code = await papers.code(await papers.issue(rider.id, rider.bucket, by=Issuer(rider.id)))
    paid = await validator.sees(code)
    assert (paid.status_code, paid.json()["payer"]) == (201, rider.masked_name)
    again = await validator.sees(code)
    assert (again.status_code, again.json()["code"]) == (409, "already_paid")
    assert (await validator.reads(rider)).json()["code"] == "already_paid", "the phone has paid by paper, too"
    bus_city.clock.turn(timedelta(minutes=4))
    assert (await validator.sees(code)).status_code == 201
    picture = await bus_city.screens.picture(await bus_city.terminal(bus), "en")
    assert [ride.who for ride in picture.latest] == [rider.masked_name] * 2


async def test_validator_takes_no_amount_and_the_drivers_screen_no_code(
    bus_city: BusCity, bus: Vehicle, validator: Validator
):
    (rider,) = await bus_city.riders(1)
    refused = await validator.reads(rider, amount=FARE)
    assert (refused.status_code, refused.json()["code"]) == (422, "amount_fixed")
    page = (await validator.client.get(f"/terminal/{validator.terminal.id}")).text
    assert re.search(r"data-camera", page)
    assert "data-amount-field" not in page
    driver = await bus_city.terminal(bus)
    link = bus_city.offices.terminals.pairing_url(driver).removeprefix(BASE_URL)
    await validator.client.get(link, follow_redirects=True)
    validator.terminal = driver
    assert (await validator.reads(rider)).status_code == 404
