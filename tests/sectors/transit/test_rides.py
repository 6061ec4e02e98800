from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta

import pytest

from haihe.base.clock import service_day
from haihe.codes.model import CodeUnknown
from haihe.ledger.service import bucket_count
from haihe.ops.access import Access
from haihe.payments.errors import AmountFixed
from haihe.payments.model import Status
from haihe.sectors.transit.model import LineClass, Tariff
from haihe.sectors.transit.store import newest_rides
from tests.buses import BusCity, open_bus_city


async def rides_of(city: BusCity, vehicle: int) -> list[tuple[int, int, bool]]:
    async with city.database.connection() as connection:
        buckets = range(await bucket_count(connection))
        rides = await newest_rides(connection, vehicle, buckets, limit=100)
    return [(ride.payment, ride.fare, ride.companion) for ride in reversed(rides)]


@pytest.mark.parametrize(
    ("line_class", "fare"),
    [(LineClass.AIR_CONDITIONED, 200), (LineClass.ORDINARY_LONG, 150), (LineClass.ORDINARY_SHORT, 100)],
)
async def test_ride_costs_what_its_class_of_line_says(bus_city: BusCity, line_class: LineClass, fare: int):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17", line_class)
    (rider,) = await bus_city.riders(1, money=1000)
    paid = await bus_city.ride(rider, bus)
    assert (paid.status, paid.amount, paid.balance) == (Status.PAID, fare, 1000 - fare)


@pytest.fixture
async def city_before_a_new_tariff(database: Access) -> AsyncIterator[BusCity]:
    async with open_bus_city(database, tariffs=()) as city:
        tomorrow = service_day(city.clock.now()) + timedelta(days=1)
        tariffs = [
            Tariff(LineClass.AIR_CONDITIONED, date(2016, 1, 1), 200),
            Tariff(LineClass.AIR_CONDITIONED, tomorrow, 300),
        ]
        city.transit.catalogue.now = replace(city.transit.catalogue.now, tariffs=tuple(tariffs), fares={})
        yield city


async def test_new_tariff_holds_from_its_day_in_the_city(city_before_a_new_tariff: BusCity):
    city = city_before_a_new_tariff
    tariffs = city.transit.catalogue.now.tariffs
    _, (bus, _) = await city.line(await city.company(), "17")
    city.transit.catalogue.now = replace(city.transit.catalogue.now, tariffs=tariffs, fares={})
    (rider,) = await city.riders(1)
    assert (await city.transit.price(city.scan(rider, bus))).amount == 200
    city.clock.turn(timedelta(days=1))
    assert (await city.transit.price(city.scan(rider, bus))).amount == 300


async def test_amount_is_refused_where_the_fare_is_fixed(bus_city: BusCity):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    with pytest.raises(AmountFixed):
        await bus_city.transit.price(replace(bus_city.scan(rider, bus), amount=200))


async def test_vehicle_that_nobody_knows_is_an_unknown_code(bus_city: BusCity):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    with pytest.raises(CodeUnknown):
        await bus_city.transit.price(replace(bus_city.scan(rider, bus), point=5))


@pytest.mark.parametrize(("after_ms", "status"), [(179_999, Status.ALREADY_PAID), (180_000, Status.PAID)])
async def test_second_scan_is_already_paid_until_three_minutes(bus_city: BusCity, after_ms: int, status: Status):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    first = await bus_city.ride(rider, bus)
    bus_city.clock.turn(timedelta(milliseconds=after_ms))
    second = await bus_city.ride(rider, bus)
    assert second.status is status
    assert second.names == (first.id if status is Status.ALREADY_PAID else 0)
    assert len(await rides_of(bus_city, bus.id)) == (1 if status is Status.ALREADY_PAID else 2)


async def test_other_bus_and_other_rider_are_no_second_scan(bus_city: BusCity):
    _, (bus, other_bus) = await bus_city.line(await bus_city.company(), "17")
    rider, other = await bus_city.riders(2)
    answers = [await bus_city.ride(rider, bus), await bus_city.ride(rider, other_bus), await bus_city.ride(other, bus)]
    assert [answer.status for answer in answers] == [Status.PAID] * 3


async def test_companion_is_paid_for_and_marked(bus_city: BusCity):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    first = await bus_city.ride(rider, bus)
    companion = await bus_city.ride(rider, bus, companion=True)
    again = await bus_city.ride(rider, bus)
    assert companion.status is Status.PAID
    assert (again.status, again.names) == (Status.ALREADY_PAID, first.id)
    assert await rides_of(bus_city, bus.id) == [(first.id, 200, False), (companion.id, 200, True)]


async def test_two_scans_of_one_rider_in_one_list_pay_once(bus_city: BusCity):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    first, second = await bus_city.pay(bus_city.scan(rider, bus), bus_city.scan(rider, bus))
    assert first.status is Status.PAID
    assert (second.status, second.names) == (Status.ALREADY_PAID, first.id)


async def test_rides_of_a_batch_are_written_with_line_day_and_batch(bus_city: BusCity):
    line, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    everyone = await bus_city.riders(12)
    bucket = everyone[0].bucket
    riders = [rider for rider in everyone if rider.bucket == bucket]
    payments = await bus_city.pay(*(bus_city.scan(rider, bus) for rider in riders))
    async with bus_city.database.connection() as connection:
        rides = await newest_rides(connection, bus.id, [bucket], limit=100)
    assert {(ride.payment, ride.rider, ride.batch) for ride in rides} == {
        (payment.id, payment.payer, payment.batch) for payment in payments
    }
    assert {(ride.line, ride.service_day, ride.channel) for ride in rides} == {
        (line.id, service_day(bus_city.clock.now()), 1)
    }


async def test_refused_payment_is_no_ride(bus_city: BusCity):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1, money=199)
    refused = await bus_city.ride(rider, bus)
    assert refused.status is Status.INSUFFICIENT_FUNDS
    assert await rides_of(bus_city, bus.id) == []


async def test_ride_is_told_in_the_persons_language(bus_city: BusCity):
    line, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    payment = await bus_city.ride(rider, bus)
    async with bus_city.database.connection() as connection:
        (told,) = await bus_city.transit.describe(connection, [payment], "en")
    assert told.title == f"Line 17 · Bus {bus.plate}"
    assert ("Line", "17 · There — Back") in told.details
    assert line.name("ru") == "There — Back"
    asking = await bus_city.transit.ask(bus_city.scan(rider, bus), "en")
    assert asking.description.title == told.title
    assert asking.offer is not None


async def test_sums_of_the_day_add_up_by_line_and_bus(bus_city: BusCity):
    company = await bus_city.company()
    _, (bus, other_bus) = await bus_city.line(company, "17")
    _, (small, _) = await bus_city.line(company, "2", LineClass.ORDINARY_SHORT)
    riders = await bus_city.riders(5)
    for rider in riders:
        await bus_city.ride(rider, bus)
    await bus_city.ride(riders[0], other_bus)
    await bus_city.ride(riders[0], small)
    two, seventeen = await bus_city.fleet.day(company.id, bus_city.fleet.today())
    assert (two.line.number, two.rides, two.amount) == ("2", 1, 100)
    assert (seventeen.rides, seventeen.amount) == (6, 1200)
    assert [(one.rides, one.amount) for one in seventeen.vehicles] == [(5, 1000), (1, 200)]
    yesterday = await bus_city.fleet.day(company.id, bus_city.fleet.today() - timedelta(days=1))
    assert sum(line.rides for line in yesterday) == 0


async def test_a_second_scan_is_known_whoever_paid_the_first(bus_city: BusCity):
    """A process with an empty memory, and one that missed batches of another, still refuse the second scan."""
    _, (bus, other_bus) = await bus_city.line(await bus_city.company(), "17")
    rider, other = await bus_city.riders(2)
    first = await bus_city.ride(rider, bus)
    bus_city.transit.recent.clear()
    assert (await bus_city.ride(rider, bus)).names == first.id
    remembered = {bucket: deepcopy(recent) for bucket, recent in bus_city.transit.recent.items()}
    elsewhere = await bus_city.ride(rider, other_bus)
    await bus_city.ride(other, other_bus)
    bus_city.transit.recent.clear()
    bus_city.transit.recent.update(remembered)
    assert (await bus_city.ride(rider, other_bus)).names == elsewhere.id


async def test_memory_of_rides_forgets_what_no_scan_can_ask_for(bus_city: BusCity):
    _, (bus, _) = await bus_city.line(await bus_city.company(), "17")
    (rider,) = await bus_city.riders(1)
    for _ in range(3):
        await bus_city.ride(rider, bus, companion=True)
        bus_city.clock.turn(timedelta(minutes=3))
        await bus_city.ride(rider, bus)
    assert len(bus_city.transit.recent[rider.bucket]._order) <= 2
