from __future__ import annotations

import asyncio
import itertools
from datetime import date, timedelta

import psycopg
import pytest

from haihe.catalogue.model import NotOffered
from haihe.ops.access import Access
from haihe.payments.dues.model import DueUnknown
from haihe.payments.engine import Order
from haihe.payments.errors import AmountFixed, KeyReused, NoLongerDue, Settled
from haihe.payments.model import Channel, Offer, Payment, Scan, Status
from haihe.payments.refunds.service import build_refunds
from haihe.people.model import Citizen
from haihe.sectors.transit.coach import rules
from haihe.sectors.transit.coach.errors import (
    Departed,
    NoCoach,
    NotOnSale,
    SamePlace,
    SoldOut,
    TicketUnknown,
    TooManyHeld,
    WrongWay,
)
from haihe.sectors.transit.coach.founding import TariffData
from haihe.sectors.transit.coach.model import KIND, Fare, Ticket, Verdict
from haihe.sectors.transit.coach.service import HELD_MAX
from tests.coaches import CoachCity, code_of, network, open_coach_city

STORY = Fare(25_92, 4_22)
_keys = itertools.count(1)


async def sold_and_held(here: CoachCity) -> tuple[int, int, int]:
    (first, *_) = await here.coaches.day(here.fast.id, here.tomorrow)
    return first.seats.sold, first.seats.held, first.seats.free


async def test_intercity_ticket_is_sold_with_its_surcharge_itemised(database: Access):
    """Story T13, from the choice to the driver, and what the company sees of it."""
    async with open_coach_city(database) as here:
        city, coaches = here.city, here.coaches
        rider, stranger = await city.neighbours()
        offers = await coaches.offers(from_stop=here.stop("north"), to_stop=here.stop("south"), day=here.tomorrow)
        assert [one.journey.fare for one in offers] == [STORY, Fare(21_60, 0), STORY]
        assert [one.journey.leaves_at for one in offers] == sorted(one.journey.leaves_at for one in offers)

        ticket = await here.order(rider)
        quote = await city.payments.quote(city.viewer(rider), code_of(ticket), "en")
        assert quote.amount == 30_14
        assert ("Fare for 120 km", "¥25.92") in quote.description.details
        assert ("Motorway surcharge", "¥4.22") in quote.description.details
        assert await sold_and_held(here) == (0, 1, 44)
        with pytest.raises(AmountFixed):
            await city.pay(rider, code_of(ticket), 1)
        with pytest.raises(DueUnknown):
            await city.pay(stranger, code_of(ticket))
        with pytest.raises(TicketUnknown):
            await coaches.ticket(stranger.id, ticket.id)

        paid = await city.pay(rider, code_of(ticket))
        assert (paid.status, paid.amount, paid.payee) == (Status.PAID, 30_14, here.fast.id)
        assert await city.till(here.fast.id) == 30_14
        with pytest.raises(Settled):
            await city.pay(rider, code_of(ticket))
        receipt = await city.payments.receipt(city.viewer(rider), paid.id, "en")
        assert receipt.description.link == (f"/transit/tickets/{ticket.id}", "Show my ticket")
        assert receipt.description.title == "Coach north stop — south stop"

        sold = await coaches.ticket(rider.id, ticket.id)
        assert (sold.payment, sold.seat) == (paid.id, 1)
        assert [one.id for one in await coaches.tickets_of(rider.id)] == [ticket.id]
        assert await coaches.tickets_of(stranger.id) == []
        (first, *_) = await coaches.day(here.fast.id, here.tomorrow)
        assert (first.seats.sold, first.seats.money) == (1, 30_14)
        (passenger,) = await coaches.passengers(first)
        assert passenger.who == rider.masked_name
        assert city.verified() == []


async def test_driver_is_told_what_a_shown_ticket_is(database: Access):
    async with open_coach_city(database) as here:
        rider, other = await here.city.neighbours()
        ticket, held = await here.buy(rider), await here.order(other)
        first, second = [
            await here.coaches.run(here.fast.id, one.id, here.tomorrow) for one in here.departures(here.fast)
        ]
        (foreign,) = [
            await here.coaches.run(here.slow.id, one.id, here.tomorrow) for one in here.departures(here.slow)
        ][:1]
        check = here.coaches.check
        later = await here.coaches.run(here.fast.id, first.departure.id, here.tomorrow + timedelta(days=1))

        for unknown in ("", "nonsense", "ABCD2345WXYZ", held.code):
            assert (await check(first, unknown, staff=7)).verdict is Verdict.UNKNOWN
        assert (await check(foreign, ticket.code, staff=7)).verdict is Verdict.UNKNOWN
        assert (await check(second, ticket.code, staff=7)).verdict is Verdict.OTHER
        assert (await check(later, ticket.code, staff=7)).verdict is Verdict.OTHER
        assert (await here.coaches.ticket(rider.id, ticket.id)).checked_at is None

        valid = await check(first, rules.written_code(ticket.code).lower(), staff=7)
        assert (valid.verdict, valid.who) == (Verdict.VALID, rider.masked_name)
        checked_at = here.city.clock.now()
        here.city.clock.turn(timedelta(minutes=2))
        used = await check(first, ticket.code, staff=7)
        assert used.verdict is Verdict.USED
        assert used.ticket
        assert used.ticket.checked_at == checked_at

        both = await here.buy(other)
        answers = await asyncio.gather(*(check(first, both.code, staff=staff) for staff in (7, 8)))
        assert sorted(answer.verdict for answer in answers) == [Verdict.USED, Verdict.VALID]

        changed = await here.buy(rider)
        refunds = build_refunds(
            here.city.database, here.city.clock, here.city.ground.base.ids, here.city.payments.sectors
        )
        for amount, verdict in ((1, Verdict.OTHER), (None, Verdict.REFUNDED)):
            await refunds.give_back(
                organisation=here.fast.id,
                staff=7,
                payment=changed.payment,
                amount=amount,
                reason="Ill",
                key=f"back {amount}",
            )
            assert (await check(second, changed.code, staff=7)).verdict is verdict
        assert (await check(first, changed.code, staff=7)).verdict is Verdict.REFUNDED
        assert here.city.verified() == []


async def test_last_seat_is_held_by_one_of_many_at_once(database: Access):
    async with open_coach_city(database, network(seats=2)) as here:
        riders = await here.city.register(8)
        answers = await asyncio.gather(*(here.order(rider) for rider in riders), return_exceptions=True)
        tickets = [answer for answer in answers if isinstance(answer, Ticket)]
        assert sorted(ticket.seat for ticket in tickets) == [1, 2]
        assert [type(answer) for answer in answers if not isinstance(answer, Ticket)] == [SoldOut] * 6
        assert await sold_and_held(here) == (0, 2, 0)

        lucky = {rider.id: rider for rider in riders}
        await here.city.pay(lucky[tickets[0].citizen], code_of(tickets[0]))
        here.city.clock.turn(rules.HOLD)
        assert await sold_and_held(here) == (1, 0, 1)
        again = await asyncio.gather(*(here.order(rider) for rider in riders), return_exceptions=True)
        (fresh,) = [answer for answer in again if isinstance(answer, Ticket)]
        assert fresh.seat == tickets[1].seat
        with pytest.raises(NoLongerDue):
            await here.city.pay(lucky[tickets[1].citizen], code_of(tickets[1]))
        await here.city.pay(lucky[fresh.citizen], code_of(fresh))
        assert await sold_and_held(here) == (2, 0, 0)
        assert await here.city.till(here.fast.id) == 2 * (fresh.by_distance + fresh.surcharge)
        assert here.city.verified() == []


def _scan(here: CoachCity, payer: Citizen, ticket: Ticket) -> Scan:
    return Scan(KIND, ticket.due, 0, payer.id, payer.bucket, here.city.clock.now(), channel=Channel.APP)


async def _pay_late(here: CoachCity, payer: Citizen, offer: Offer) -> Payment:
    """Pay what was scanned in time, in a batch that comes after the time's end."""
    order = Order(offer, here.city.payments.sectors[KIND], next(_keys), 0)
    (answer,) = await here.city.engine.run(payer.bucket, [order])
    assert isinstance(answer, Payment)
    return answer


async def test_payment_and_the_next_order_never_both_get_a_seat_whose_time_ends(database: Access):
    """The time is over for whoever looks now; a payment that was scanned just before it still counts."""
    async with open_coach_city(database, network(seats=1)) as here:
        riders = await here.city.register(8)
        for round_ in range(4):
            wish = here.wish(day=here.tomorrow + timedelta(days=round_))
            payer, other = riders[2 * round_ : 2 * round_ + 2]
            held = await here.order(payer, wish)
            offer = await here.city.payments.sectors["coach"].price(_scan(here, payer, held))
            here.city.clock.turn(rules.HOLD)
            paid, ordered = await asyncio.gather(
                _pay_late(here, payer, offer), here.order(other, wish), return_exceptions=True
            )
            assert not isinstance(paid, BaseException), paid
            assert (paid.status is Status.PAID) is isinstance(ordered, SoldOut)
            assert (paid.status is Status.NO_LONGER_DUE) is isinstance(ordered, Ticket)
            here.city.clock.turn(-rules.HOLD)
        assert here.city.verified() == []


async def test_same_order_holds_one_seat_and_too_many_are_refused(database: Access):
    async with open_coach_city(database) as here:
        rider, other = await here.city.neighbours()
        first, second, *_ = await asyncio.gather(*(here.order(rider, key="k") for _ in range(4)))
        assert first == second
        assert await sold_and_held(here) == (0, 1, 44)
        with pytest.raises(KeyReused):
            await here.order(rider, here.wish(here.departures(here.slow)[-1]), key="k")
        assert (await here.order(other, key="k")).seat == 2
        for _ in range(HELD_MAX - 1):
            await here.order(rider)
        with pytest.raises(TooManyHeld):
            await here.order(rider)
        here.city.clock.turn(rules.HOLD)
        assert (await here.order(rider, key="k")).id != first.id
        coaches = [*here.departures(here.fast), here.departures(here.slow)[-1]]
        wanted = [here.order(other, here.wish(coaches[number % len(coaches)])) for number in range(3 * HELD_MAX)]
        at_once = await asyncio.gather(*wanted, return_exceptions=True)
        assert sum(isinstance(one, TooManyHeld) for one in at_once) == 2 * HELD_MAX


async def test_wrong_wishes_are_refused_and_hold_nothing(database: Access):
    async with open_coach_city(database) as here:
        (rider,) = await here.city.register(1)
        today = here.coaches.today()
        wrong = [
            (SamePlace, here.wish(start="north", end="north")),
            (WrongWay, here.wish(start="south", end="middle")),
            (NoCoach, here.wish(start="north", end="elsewhere")),
            (Departed, here.wish(day=today - timedelta(days=1))),
            (NotOnSale, here.wish(day=today + timedelta(days=rules.SALES_DAYS + 1))),
        ]
        for refusal, wish in wrong:
            with pytest.raises(refusal):
                await here.order(rider, wish)
            with pytest.raises(refusal):
                await here.coaches.offers(from_stop=wish.from_stop, to_stop=wish.to_stop, day=wish.day)
        leaves_at = (await here.coaches.offer(here.wish(start="middle"))).journey.leaves_at
        here.city.clock.turn(leaves_at - timedelta(seconds=1) - here.city.clock.now())
        late = here.wish(start="middle", day=here.coaches.today())
        assert (await here.order(rider, late)).held_until == leaves_at
        with pytest.raises(Departed):
            await here.order(rider, here.wish(start="north", day=here.coaches.today()))
        here.city.clock.turn(timedelta(seconds=1))
        with pytest.raises(Departed):
            await here.order(rider, late)
        assert await here.city.till(here.fast.id) == 0
        assert here.city.verified() == []


async def test_day_without_a_tariff_sells_nothing(database: Access):
    ended = TariffData(valid_from=date(2016, 1, 1), per_km=18, load_percent=50, until=date(2020, 12, 31))
    async with open_coach_city(database, network(tariffs=[ended])) as here:
        (rider,) = await here.city.register(1)
        with pytest.raises(NotOffered):
            await here.order(rider)


async def test_checks_find_what_does_not_agree(database: Access):
    async with open_coach_city(database) as here:
        rider, other = await here.city.neighbours()
        ticket, _ = await here.buy(rider), await here.buy(other)
        assert here.city.verified() == []
        for change in (
            "UPDATE coach_tickets SET surcharge = surcharge + 1 WHERE id = %s",
            "UPDATE coach_tickets SET payment = 0, bucket = -1 WHERE id = %s",
            "UPDATE coach_tickets SET seat = 46 WHERE id = %s",
        ):
            with psycopg.connect(database.owner_dsn) as connection:
                connection.execute(change, (ticket.id,))
                connection.commit()
                assert here.city.verified(), change
                connection.execute(
                    "UPDATE coach_tickets SET surcharge = %s, payment = %s, seat = %s, bucket = %s WHERE id = %s",
                    (ticket.surcharge, ticket.payment, ticket.seat, rider.bucket, ticket.id),
                )
        assert here.city.verified() == []
        with psycopg.connect(database.app_dsn) as connection, pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("UPDATE coach_tickets SET seat = 1")
