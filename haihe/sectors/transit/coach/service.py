"""What is done with coaches: look for a ride, hold a seat, sell it with its payment, show the ticket, check it, count the day."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.foundation import Foundation
from haihe.codes.model import CODE_ALPHABET
from haihe.payments.dues.model import Due, NewDue
from haihe.payments.dues.service import Dues
from haihe.payments.errors import KeyReused
from haihe.payments.model import Payment
from haihe.payments.refunds.reading import is_given_back
from haihe.people.service import People
from haihe.sectors.transit.coach import rules, store
from haihe.sectors.transit.coach.errors import Departed, NoCoach, NotOnSale, SoldOut, TicketUnknown, TooManyHeld
from haihe.sectors.transit.coach.model import (
    NUMBER,
    Checked,
    Departure,
    Fare,
    Journey,
    Route,
    Run,
    Seats,
    Ticket,
    Verdict,
)
from haihe.sectors.transit.coach.network import Network

HELD_MAX: Final = 4
"""Seats that one citizen may hold at once without having paid."""
TICKETS_LISTED_MAX: Final = 20
ON_THE_ROAD: Final = timedelta(hours=3)
"""A coach that left less long ago may still be on its way."""
SOON: Final = timedelta(hours=6)
"""Coaches that leave within it are those whose drivers look for their passengers."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A ride that someone wants: a departure on a day, from a stop to another."""

    departure: int
    day: date
    from_stop: int
    to_stop: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A ride with what is left of its seats."""

    journey: Journey
    seats: Seats


@dataclass(frozen=True, slots=True)
class RunDay:
    """A departure of a day as its company sees it."""

    departure: Departure
    route: Route
    day: date
    seats: Seats

    @property
    def leaves_at(self) -> datetime:
        """Say when it leaves its first stop, in UTC."""
        return rules.moment_at(self.departure, self.day)


@dataclass(frozen=True, slots=True)
class Passenger:
    """A sold ticket with the masked name of its holder."""

    ticket: Ticket
    who: str


@dataclass(frozen=True)
class Coaches:
    """Coaches of all companies; what a company asks names it, and nothing of another's is ever given."""

    base: Foundation
    network: Network
    dues: Dues
    people: People

    def today(self) -> date:
        """Tell the day in the city."""
        return service_day(self.base.clock.now())

    def last_day(self) -> date:
        """Tell the last day for which tickets are sold."""
        return self.today() + timedelta(days=rules.SALES_DAYS)

    # --- the passenger's side

    async def offers(self, *, from_stop: int, to_stop: int, day: date) -> list[Offered]:
        """List the rides of a day that have not left. Raises `Departed`, `NotOnSale`, and as `Network.journeys` does."""
        self._check_day(day)
        journeys = self.network.journeys(from_stop=from_stop, to_stop=to_stop, day=day)
        coming = [one for one in journeys if one.leaves_at > self.base.clock.now()]
        if not coming:
            raise Departed
        return await self._with_seats(coming, day)

    async def offer(self, wish: Wish) -> Offered:
        """Give one ride. Raises as `offers` does."""
        (offered,) = await self._with_seats([self._journey(wish)], wish.day)
        return offered

    async def order(self, citizen: int, wish: Wish, *, key: str) -> Ticket:
        """Hold a seat for a citizen and let the ticket be owed; the same order with the same key holds one seat.

        Raises `SoldOut`, `TooManyHeld`, `KeyReused`, and as `offer` does.
        """
        journey = self._journey(wish)
        return await self.base.database.repeat(lambda connection: self._hold(connection, citizen, journey, key))

    async def _hold(self, connection: Connection, citizen: int, journey: Journey, key: str) -> Ticket:
        now = self.base.clock.now()
        await store.order_alone(connection, citizen)
        run = await store.lock_run(connection, journey.departure, journey.day, fresh=self.base.ids.next())
        await self._release_lapsed(connection, run, journey.route.organisation)
        if known := await store.ordered(connection, citizen, key):
            if known.run != run.id:
                raise KeyReused
            return known
        if await store.count_held(connection, citizen, now=now) >= HELD_MAX:
            raise TooManyHeld
        seat = rules.first_free(await store.taken_seats(connection, run.id), run.seats)
        if seat is None:
            raise SoldOut
        ticket = self._new_ticket(run, journey, citizen=citizen, seat=seat)
        issued = await self.dues.issue_within(connection, NUMBER, [self._due(ticket, journey)])
        await self.dues.follow_within(connection, NUMBER, [(citizen, ticket.id)])
        ticket = replace(ticket, due=issued.dues[0].id)
        await store.insert_ticket(connection, ticket, order_key=key, now=now)
        return ticket

    async def _release_lapsed(self, connection: Connection, run: Run, organisation: int) -> None:
        """Give back the seats of a run that were not paid in time; a payment of one that is under way comes first or not at all."""
        if lapsed := await store.lapsed_dues(connection, run.id, now=self.base.clock.now()):
            await self.dues.withdraw_within(connection, lapsed, organisation=organisation)
            await store.release(connection, lapsed)

    def _new_ticket(self, run: Run, journey: Journey, *, citizen: int, seat: int) -> Ticket:
        return Ticket(
            id=self.base.ids.next(),
            run=run.id,
            citizen=citizen,
            due=0,
            payment=0,
            by_distance=journey.fare.by_distance,
            surcharge=journey.fare.surcharge,
            checked_at=None,
            held_until=min(self.base.clock.now() + rules.HOLD, journey.leaves_at),
            seat=seat,
            from_place=journey.from_place,
            to_place=journey.to_place,
            released=False,
            code="".join(secrets.choice(CODE_ALPHABET) for _ in range(rules.CODE_CHARACTERS)),
            departure=run.departure,
            day=run.day,
        )

    def _due(self, ticket: Ticket, journey: Journey) -> NewDue:
        """Owe a ticket; its body tells all that a receipt says, whatever becomes of the timetable."""
        stops, calls = self.network.now.stops, journey.route.calls
        return NewDue(
            organisation=journey.route.organisation,
            subject=ticket.id,
            period=journey.day.isoformat(),
            amount=journey.fare.total,
            due_on=journey.day,
            expires_at=ticket.held_until,
            body={
                "from": dict(stops[calls[journey.from_place].stop].names),
                "to": dict(stops[calls[journey.to_place].stop].names),
                "leaves_at": journey.leaves_at.isoformat(),
                "seat": ticket.seat,
                "distance_m": journey.distance_m,
                "by_distance": ticket.by_distance,
                "surcharge": ticket.surcharge,
            },
        )

    async def sell(self, connection: Connection, bucket: int, paid: Sequence[tuple[Due, Payment]]) -> None:
        """Write into the tickets which payments bought them, in the payments' transaction."""
        await store.sell(connection, bucket, [(due.subject, payment.id) for due, payment in paid])

    async def ticket(self, citizen: int, identity: int) -> Ticket:
        """Give a citizen's own ticket, sold or held. Raises `TicketUnknown`, also for someone else's."""
        async with self.base.database.connection() as connection:
            found = await store.own_ticket(connection, citizen, identity)
        if found is None:
            raise TicketUnknown
        return found

    async def tickets_of(self, citizen: int) -> list[Ticket]:
        """List what a citizen has bought or holds, from yesterday's night coaches on."""
        since = self.today() - timedelta(days=1)
        async with self.base.database.connection() as connection:
            return await store.tickets_of(
                connection, citizen, since=since, now=self.base.clock.now(), limit=TICKETS_LISTED_MAX
            )

    def journey_of(self, ticket: Ticket) -> Journey:
        """Tell the ride of a ticket, at what it was sold for."""
        departure = self.network.now.departures[ticket.departure]
        fare = Fare(ticket.by_distance, ticket.surcharge)
        return self.network.ride(departure, ticket.day, (ticket.from_place, ticket.to_place), fare)

    def _journey(self, wish: Wish) -> Journey:
        self._check_day(wish.day)
        journey = self.network.journey(wish.departure, from_stop=wish.from_stop, to_stop=wish.to_stop, day=wish.day)
        if journey.leaves_at <= self.base.clock.now():
            raise Departed
        return journey

    def _check_day(self, day: date) -> None:
        if day < self.today():
            raise Departed
        if day > self.last_day():
            raise NotOnSale

    async def _with_seats(self, journeys: Sequence[Journey], day: date) -> list[Offered]:
        seats = await self._seats([one.departure for one in journeys], day)
        return [Offered(one, seats[one.departure.id]) for one in journeys]

    async def _seats(self, departures: Sequence[Departure], day: date) -> dict[int, Seats]:
        async with self.base.database.connection() as connection:
            known = await store.seats_of(connection, [one.id for one in departures], day, now=self.base.clock.now())
        return {one.id: known.get(one.id, Seats(one.seats)) for one in departures}

    # --- the company's side

    async def day(self, organisation: int, day: date) -> list[RunDay]:
        """List a company's departures of a day with their seats."""
        departures = self.network.of_company(organisation, day)
        seats = await self._seats(departures, day)
        return [RunDay(one, self.network.now.routes[one.route], day, seats[one.id]) for one in departures]

    async def near(self, organisation: int) -> list[RunDay]:
        """List the departures of a company that are on the road or leave soon, around midnight too."""
        now, today = self.base.clock.now(), self.today()
        days = (today - timedelta(days=1), today, today + timedelta(days=1))
        runs = [run for day in days for run in await self.day(organisation, day)]
        return [run for run in runs if now - ON_THE_ROAD <= run.leaves_at <= now + SOON]

    async def run(self, organisation: int, departure: int, day: date) -> RunDay:
        """Give one departure of a company. Raises `NoCoach`, also for another company's."""
        known = self.network.now.departures.get(departure)
        if known is None or self.network.now.routes[known.route].organisation != organisation:
            raise NoCoach
        seats = await self._seats([known], day)
        return RunDay(known, self.network.now.routes[known.route], day, seats[departure])

    async def passengers(self, run: RunDay) -> list[Passenger]:
        """List who has a ticket, by seat."""
        async with self.base.database.connection() as connection:
            tickets = await store.passengers(connection, run.departure.id, run.day)
        return [Passenger(one, await self._masked(one.citizen)) for one in tickets]

    async def check(self, run: RunDay, text: str, *, staff: int) -> Checked:
        """Look at a ticket that is shown for a departure; a valid one is used up by it. Never raises for what was shown."""
        code = rules.read_code(text)
        async with self.base.database.transaction() as connection:
            ticket = await store.by_code(connection, code) if code else None
            if ticket is None or not self._is_of(ticket, run.route.organisation):
                return Checked(Verdict.UNKNOWN)
            verdict = Verdict.OTHER
            if await is_given_back(connection, ticket.payment):
                verdict = Verdict.REFUNDED
            elif (ticket.departure, ticket.day) == (run.departure.id, run.day):
                now = self.base.clock.now()
                fresh = await store.mark_checked(connection, ticket.id, staff=staff, now=now)
                verdict = Verdict.VALID if fresh else Verdict.USED
                ticket = await store.by_code(connection, ticket.code)
        return Checked(verdict, ticket, await self._masked(ticket.citizen) if ticket else "")

    def _is_of(self, ticket: Ticket, organisation: int) -> bool:
        departure = self.network.now.departures.get(ticket.departure)
        return departure is not None and self.network.now.routes[departure.route].organisation == organisation

    async def _masked(self, citizen: int) -> str:
        return (await self.people.citizen(citizen)).masked_name
