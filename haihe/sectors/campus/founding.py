"""The demo's campuses: universities, points, services, stickers, tills, cards and this month's meal money, all by set.

May be interrupted and repeated: everything is found by its key, money by its month.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date

from haihe.base.clock import service_day
from haihe.codes.model import NewSticker
from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import found_staffed
from haihe.counter.model import NewTerminal
from haihe.organisations.model import Organisation
from haihe.people.model import Citizen
from haihe.sectors.campus import store
from haihe.sectors.campus.data import (
    CampusData,
    ServicesData,
    read_campus,
    read_campus_services,
    services_of,
    stickers_of,
)
from haihe.sectors.campus.meal_money import MealMoney
from haihe.sectors.campus.model import CANTEEN_TILL, KIND, UNIVERSITY, Card, CardRole, Point
from haihe.sectors.campus.points import Points
from haihe.wallet.purses.loading import found_schemes

STUDY_YEARS = 4
WORK_YEARS = 10


async def found_campus(ground: Ground, points: Points, founding: Founding) -> None:
    """Found every university of the demo."""
    data, offered = read_campus(founding.folder), read_campus_services(founding.folder)
    made = await found_staffed(ground.organisations, founding, data.university, kind=UNIVERSITY)
    universities = {one.key: one for one in made}
    cards = _roster(data, universities, founding)
    async with ground.base.database.transaction() as connection:
        await store.put_cards(connection, cards)
    sponsors = {key: university.id for key, university in universities.items()}
    await found_schemes(ground.purses, founding.folder, sponsors, effective=founding.now)
    await MealMoney(ground).grant_month()
    for one in data.university:
        university = universities[one.key]
        await _points(ground, points, offered, university)
        await ground.catalogue.found(university.id, services_of(offered, one.key))
        await _stickers(ground, points, offered, university)
        await _tills(ground, points, offered, university)
    founding.say(f"{len(universities)} universities with {len(cards):,} cards")


# --- cards


def _roster(data: CampusData, universities: Mapping[str, Organisation], founding: Founding) -> list[Card]:
    """Choose who has which card: the named ones, then others of the right age, from the seed."""
    chance = random.Random(data.seed)  # noqa: S311 - the same people in every home is the point
    today = service_day(founding.now)
    others = list(founding.citizens[founding.reserved :])
    chance.shuffle(others)
    students = [one for one in others if _is_aged(one, data.ages.student, today)]
    staff = [one for one in others if _is_aged(one, data.ages.staff, today)]
    cards: list[Card] = []
    for one in data.university:
        named = [founding.citizens[place] for place in one.roster.first if place < len(founding.citizens)]
        found = [*named, *_take(students, one.roster.students)]
        employed = _take(staff, one.roster.staff)
        roles = [CardRole.STUDENT] * len(found) + [CardRole.STAFF] * len(employed)
        cards += [
            _card(citizen, universities[one.key], role, place, one.roster.number_prefix, today)
            for place, (citizen, role) in enumerate(zip((*found, *employed), roles, strict=True), start=1)
        ]
    return cards


def _is_aged(citizen: Citizen, ages: tuple[int, int], today: date) -> bool:
    return ages[0] <= today.year - citizen.birth_date.year <= ages[1]


def _take(people: list[Citizen], count: int) -> list[Citizen]:
    taken, people[:] = people[:count], people[count:]
    return taken


def _card(citizen: Citizen, university: Organisation, role: CardRole, place: int, prefix: str, today: date) -> Card:
    years = STUDY_YEARS if role is CardRole.STUDENT else WORK_YEARS
    return Card(
        citizen=citizen.id,
        bucket=citizen.bucket,
        organisation=university.id,
        number=f"{prefix}{place:06d}",
        role=role,
        valid_until=date(today.year + years, 6, 30),
    )


# --- points, stickers, tills


async def _points(ground: Ground, points: Points, offered: ServicesData, university: Organisation) -> None:
    wanted = [(block.kind, point) for block in offered.blocks_of(university.key) for point in block.points]
    fresh = [
        Point(identity, university.id, point.key, kind, point.names)
        for identity, (kind, point) in zip(ground.base.ids.take(len(wanted)), wanted, strict=True)
    ]
    async with ground.base.database.transaction() as connection:
        await store.put_points(connection, fresh)
    await points.reload()


async def _stickers(ground: Ground, points: Points, offered: ServicesData, university: Organisation) -> None:
    wanted = _ids(ground, points, university, stickers_of(offered, university.key))
    async with ground.base.database.transaction() as connection:
        there = {one.point for one in await ground.stickers.of_points(connection, KIND, wanted)}
        new = [NewSticker(KIND, identity, university.id) for identity in wanted if identity not in there]
        await ground.stickers.make(connection, new)


def _ids(ground: Ground, points: Points, university: Organisation, keys: Iterable[str]) -> list[int]:
    """Give the id of each key: a point's, else a service's."""
    found = ((points.by_key(university.id, key) or ground.catalogue.by_key(university.id, key)) for key in keys)
    return [one.id for one in found if one is not None]


async def _tills(ground: Ground, points: Points, offered: ServicesData, university: Organisation) -> None:
    keys = [point.key for block in offered.blocks_of(university.key) if block.till for point in block.points]
    found = [points.by_key(university.id, key) for key in keys]
    await ground.terminals.found([NewTerminal(university.id, CANTEEN_TILL, one.id) for one in found if one])
