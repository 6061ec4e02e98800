"""The bureau of the demo city, from demo/tianjin/social.toml. May be repeated: everything is found by its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from haihe.base.clock import service_day
from haihe.base.database import Database
from haihe.catalogue.loading import read_services
from haihe.catalogue.service import Catalogue
from haihe.counter.branch import Founding
from haihe.counter.founding import OrganisationData, found_staffed
from haihe.organisations.service import Organisations
from haihe.payments.dues.service import Dues
from haihe.people.model import Citizen
from haihe.people.rules import age
from haihe.sectors.social import rules, store
from haihe.sectors.social.model import BUREAU, NUMBER, Group, Programme, WindowRule

FILE: Final = "social.toml"
GENERATION_YEARS: Final = 18


class ProgrammeData(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a programme from a day on."""

    valid_from: date
    window: tuple[WindowRule, ...]
    group: tuple[Group, ...]


class DemoData(msgspec.Struct, frozen=True, kw_only=True):
    """Who has what, by the place among the demo's citizens from 0."""

    parents_of: list[int]
    parent_age_from: int
    parent_age_to: int
    low_income: list[int]
    students: list[int]


class SocialData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file but its services."""

    bureau: OrganisationData
    programme: ProgrammeData
    demo: DemoData


@dataclass(frozen=True)
class Founder:
    """Founds the bureau with its programme, and says who in the demo is whose relative."""

    database: Database
    organisations: Organisations
    catalogue: Catalogue
    dues: Dues

    async def found(self, founding: Founding) -> None:
        """Found everything. Raises ValueError, `PriceFaultyError` or msgspec's errors for data that cannot be."""
        path = founding.folder / FILE
        data = msgspec.toml.decode(path.read_bytes(), type=SocialData)
        rules.check_programme(data.programme.window, data.programme.group)
        (office,) = await found_staffed(self.organisations, founding, [data.bureau], kind=BUREAU)
        services = {service.key for service in await self.catalogue.found(office.id, read_services(path))}
        if missing := {group.service for group in data.programme.group if group.service} - services:
            raise ValueError(f"{FILE}: groups name services that do not exist: {missing}")
        programme = Programme(office.id, data.programme.valid_from, data.programme.window, data.programme.group)
        pairs = list(_parents(data.demo, founding))
        async with self.database.transaction() as connection:
            await store.insert_programme(connection, programme)
            standings = list(_standings(data.demo, founding.citizens))
            await store.insert_standings(connection, standings, valid_from=programme.valid_from)
            await store.insert_relatives(connection, pairs, founding.now)
        for citizen, person in pairs:
            await self.dues.follow(citizen, NUMBER, [person])
        founding.say(f"contributions can be paid to {data.bureau.names['en']}")


def _parents(data: DemoData, founding: Founding) -> Iterator[tuple[int, int]]:
    """Give each a parent: of those who are left and of that age, the first who is old enough for it, else the first."""
    today = service_day(founding.now)
    left = [
        one
        for one in founding.citizens[founding.reserved :]
        if data.parent_age_from <= age(one.birth_date, today) <= data.parent_age_to
    ]
    for child in _at(founding.citizens, data.parents_of):
        others = [one for one in left if one.id != child.id]
        fitting = (one for one in others if child.birth_date.year - one.birth_date.year >= GENERATION_YEARS)
        parent = next(fitting, others[0] if others else None)
        if parent is not None:
            left.remove(parent)
            yield child.id, parent.id


def _standings(data: DemoData, citizens: Sequence[Citizen]) -> Iterator[tuple[int, str]]:
    for standing, places in (("low-income", data.low_income), ("student", data.students)):
        yield from ((one.id, standing) for one in _at(citizens, places))


def _at(citizens: Sequence[Citizen], places: Sequence[int]) -> list[Citizen]:
    """Give the citizens at some places; a small test city may have fewer."""
    return [citizens[place] for place in places if place < len(citizens)]
