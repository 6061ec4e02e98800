"""The people, buses and stickers that a load needs: real rows of a real city, made by the city's own services."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence, Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, SystemAccount, TransferKind, TurnoverLimits
from haihe.ops.city import Context
from haihe.ops.offices import Nobody, Offices, open_offices
from haihe.people import rules
from haihe.people.model import Citizen, CitizenClass, FoundingCitizen, PeopleRules
from haihe.people.service import build_people
from haihe.sectors.transit.model import KIND, LineClass, Tariff
from haihe.sectors.transit.store import insert_tariffs
from haihe.sectors.transit.timetable.service import Importer, Wishes

FEED: Final = "bench"
LINE: Final = "BENCH"
OPENING_FEN: Final = 10_000_00
FARE_FEN: Final = 2_00
FOUND_AT_ONCE: Final = 5_000
REGION: Final = "120199"
"""A region code that no district has: these people are recognisably made up."""
FIRST_BIRTHDAY: Final = date(1960, 1, 1)
ADULT_DAYS: Final = 15_000
PHONE_PREFIX: Final = "199"
NUMERALS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
TOKEN_LIFETIME: Final = timedelta(days=30)
LIMIT_FEN: Final = 1_000_000_000_00
"""So much that no load meets it: what is measured is the checking."""
TIMETABLE: Final = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone,agency_lang\nb,Benchmark bus company,https://bench.example,Asia/Shanghai,en\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nb,b,BENCH,Benchmark line,3\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n1,Here,39.13,117.20\n2,There,39.14,117.21\n",
    "trips.txt": "route_id,service_id,trip_id\nb,s,t\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,08:00:00,08:00:00,1,1\nt,08:05:00,08:05:00,2,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\ns,1,1,1,1,1,1,1,20200101,20401231\n",
}


@dataclass(frozen=True, slots=True)
class Population:
    """Tokens of citizens with money, and codes of stickers."""

    tokens: Sequence[str]
    codes: Sequence[str]


@asynccontextmanager
async def offices_of(context: Context) -> AsyncIterator[Offices]:
    """Open the services that a load is made with."""
    async with open_offices(context.app_dsn, secrets=context.secrets, base_url=context.settings.base_url) as offices:
        yield offices


async def populate(offices: Offices, *, citizens: int, say: Callable[[str], None]) -> Population:
    """Make citizens with 10,000 yuan each and a fleet whose number shares no factor with theirs.

    Taking both lists in turn, each at its own length, meets every pair once before any is met again.
    """
    say(f"founding {citizens:,} citizens")
    people = build_people(offices.base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
    newcomers = list(_people(citizens))
    founded = [
        citizen
        for start in range(0, citizens, FOUND_AT_ONCE)
        for citizen in await people.found(newcomers[start : start + FOUND_AT_ONCE])
    ]
    say("opening their wallets")
    await _open_wallets(offices, founded)
    vehicles = fleet_size(citizens)
    say(f"making {vehicles} buses with stickers")
    codes = await _fleet(offices, vehicles)
    return Population([people.issue_token(citizen, TOKEN_LIFETIME) for citizen in founded], codes)


def fleet_size(citizens: int) -> int:
    """Choose a prime number of vehicles that does not divide the number of citizens."""
    return next(prime for prime in (499, 503, 509, 521, 523) if citizens % prime)


def _people(count: int) -> Iterator[FoundingCitizen]:
    def every() -> Iterator[FoundingCitizen]:
        number = 0
        while True:
            birthday = FIRST_BIRTHDAY + timedelta(days=number % ADULT_DAYS)
            stem = f"{REGION}{birthday:%Y%m%d}{number // ADULT_DAYS:03}"
            yield FoundingCitizen(
                name="压测" + str(number).translate(NUMERALS),
                id_number=stem + rules.id_check_character(stem),
                phone=f"{PHONE_PREFIX}{number:08}",
                citizen_class=CitizenClass.II,
            )
            number += 1

    return islice(every(), count)


async def _open_wallets(offices: Offices, citizens: Sequence[Citizen]) -> None:
    for bucket in sorted({citizen.bucket for citizen in citizens}):
        members = [citizen.id for citizen in citizens if citizen.bucket == bucket]
        for start in range(0, len(members), FOUND_AT_ONCE):
            async with offices.base.database.transaction() as connection:
                await _grant(offices, connection, bucket, members[start : start + FOUND_AT_ONCE])


async def _grant(offices: Offices, connection: Connection, bucket: int, members: Sequence[int]) -> None:
    """Bring every wallet up to the opening amount."""
    now = datetime.now(UTC)
    there = await ledger.balances(connection, bucket, members)
    lacking = [(member, OPENING_FEN - there[member]) for member in members if there[member] < OPENING_FEN]
    postings = [
        Posting(identity, (Leg(SystemAccount.RESERVE, member, fen, TransferKind.OPENING),), now, subject=member)
        for identity, (member, fen) in zip(offices.base.ids.take(len(lacking)), lacking, strict=True)
    ]
    if postings:
        await ledger.post(connection, bucket, postings, now=now)


async def limit_everybody(offices: Offices) -> None:
    """Set turnover limits for the load's citizens, so that every payment is checked against them."""
    most = TurnoverLimits(
        int(CitizenClass.II), LIMIT_FEN, LIMIT_FEN, LIMIT_FEN, LIMIT_FEN, year=LIMIT_FEN, total=LIMIT_FEN
    )
    async with offices.base.database.transaction() as connection:
        await ledger.set_limits(connection, most, since=service_day(offices.base.clock.now()))


async def _fleet(offices: Offices, vehicles: int) -> list[str]:
    """Import a timetable of one line with that many buses; give their stickers' codes."""
    async with offices.base.database.transaction() as connection:
        await insert_tariffs(connection, [Tariff(LineClass.AIR_CONDITIONED, date(2017, 1, 1), FARE_FEN)])
    return await _import(offices, TIMETABLE, Wishes(vehicles=vehicles, feed=FEED), {LINE})


async def spread_fleet(offices: Offices, *, companies: int, vehicles: int) -> list[str]:
    """Import companies with one line and that many buses each; give all stickers' codes."""
    numbers = range(companies)
    rows = {
        "agency.txt": [f"s{n},Benchmark company {n},https://bench.example,Asia/Shanghai,en" for n in numbers],
        "routes.txt": [f"s{n},s{n},SPREAD{n},Benchmark line {n},3" for n in numbers],
        "trips.txt": [f"s{n},s,s{n}" for n in numbers],
        "stop_times.txt": [f"s{n},08:0{stop}:00,08:0{stop}:00,{stop},{stop}" for n in numbers for stop in (1, 2)],
    }
    timetable = {
        name: TIMETABLE[name] if name not in rows else "\n".join([TIMETABLE[name].splitlines()[0], *rows[name], ""])
        for name in TIMETABLE
    }
    wishes = Wishes(vehicles=vehicles, feed=f"{FEED} spread")
    return await _import(offices, timetable, wishes, {f"SPREAD{n}" for n in numbers})


async def _import(offices: Offices, timetable: Mapping[str, str], wishes: Wishes, lines: AbstractSet[str]) -> list[str]:
    importer = Importer(offices.base.database, offices.base.ids, offices.organisations, offices.stickers)
    with tempfile.TemporaryDirectory(prefix="haihe-bench-") as folder:
        for name, text in timetable.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        await importer.run(Path(folder), wishes)
    await offices.reload()
    catalogue = offices.catalogue.now
    buses = [bus.id for bus in catalogue.vehicles.values() if catalogue.lines[bus.line].number in lines]
    async with offices.base.database.connection() as connection:
        stickers = await offices.stickers.of_points(connection, KIND, buses)
    return [sticker.code for sticker in stickers if sticker.revoked is None]
