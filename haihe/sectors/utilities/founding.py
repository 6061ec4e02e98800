"""The demo's utilities: companies and plans from data, accounts of some citizens, and what their meters said.

Everything follows from the seed and the citizen's place, so that a founding that was killed and goes on makes the same again.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from haihe.base.clock import service_day
from haihe.base.vault import mask_name
from haihe.catalogue.loading import read_services
from haihe.catalogue.model import NewService
from haihe.catalogue.prices import PriceFaultyError
from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import OrganisationData, found_staffed
from haihe.organisations.model import Organisation
from haihe.people.model import Citizen
from haihe.sectors.utilities import store
from haihe.sectors.utilities.billing import Billing
from haihe.sectors.utilities.model import NUMBER, UTILITY, Measure, NewAccount, Plan, Row

FILE: Final = "utilities.toml"
TARIFFS: Final = "utilities_tariffs.toml"
MILLI: Final = 1000
SERVICES: Final = ("electricity", "water", "cable-tv", "gas", "heating")
"""What homes have, the commonest first."""
OWN_SERVICES: Final[Sequence[Sequence[str]]] = (
    ("electricity", "water", "heating", "gas", "cable-tv"),
    ("electricity", "water", "gas"),
    ("electricity", "cable-tv"),
    ("electricity", "water", "gas", "cable-tv"),
)
"""Of the first citizens, in turn: two to five accounts each."""


class PlanData(msgspec.Struct, frozen=True, kw_only=True):
    """How a company bills a service of the catalogue."""

    company: str
    service: str
    measure: Measure
    pattern: str
    example: str
    due_days: int
    low_income_service: str = ""
    season_starts: str = ""
    season_ends: str = ""


class AccountsData(msgspec.Struct, frozen=True, kw_only=True):
    """Which citizens beyond the first ones have accounts: every so many one, so many at most."""

    every: int
    most: int


class UtilitiesData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    seed: int
    accounts: AccountsData
    company: list[OrganisationData]
    plan: list[PlanData]


@dataclass(frozen=True, slots=True)
class Home:
    """A citizen's account with what its meter shall say: before, last month, and used earlier in the year."""

    citizen: Citizen
    account: NewAccount
    before_milli: int = 0
    used_milli: int = 0
    carried_milli: int = 0


async def found_utilities(ground: Ground, billing: Billing, founding: Founding) -> None:
    """Found companies, prices, plans, staff, accounts, readings and bills. May be repeated."""
    data = msgspec.toml.decode((founding.folder / FILE).read_bytes(), type=UtilitiesData)
    made = await found_staffed(ground.organisations, founding, data.company, kind=UTILITY)
    companies = {one.key: one for one in made}
    await _found_plans(ground, billing, data, companies, read_services(founding.folder / TARIFFS))
    homes = _homes(ground, data, companies, founding)
    await billing.open_accounts([home.account for home in homes])
    await _follow(ground, billing, homes)
    today = service_day(founding.now)
    for company in companies.values():
        plans = billing.plans.of(company.id)
        rows = _rows([home for home in homes if home.account.organisation == company.id], today)
        if any(plan.measure is Measure.METER for plan in plans):
            await billing.take(company.id, rows)
        if any(plan.measure is not Measure.METER for plan in plans):
            await billing.issue(company.id)
    founding.say(f"{len(homes):,} accounts of {len(companies)} utilities have their bills")


async def _found_plans(
    ground: Ground,
    billing: Billing,
    data: UtilitiesData,
    companies: Mapping[str, Organisation],
    services: Sequence[NewService],
) -> None:
    offered: dict[str, list[NewService]] = defaultdict(list)
    company_of = {key: plan.company for plan in data.plan for key in (plan.service, plan.low_income_service) if key}
    for service in services:
        if service.key not in company_of:
            raise PriceFaultyError(f"{TARIFFS}: nobody offers {service.key}")
        offered[company_of[service.key]].append(service)
    ids = {
        one.key: one.id
        for key, company in companies.items()
        for one in await ground.catalogue.found(company.id, offered[key])
    }
    await billing.plans.found(
        [
            Plan(
                service=ids[plan.service],
                organisation=companies[plan.company].id,
                measure=plan.measure,
                pattern=plan.pattern,
                example=plan.example,
                due_days=plan.due_days,
                low_income_service=ids[plan.low_income_service] if plan.low_income_service else 0,
                season_starts=plan.season_starts,
                season_ends=plan.season_ends,
            )
            for plan in data.plan
        ]
    )


def _homes(
    ground: Ground, data: UtilitiesData, companies: Mapping[str, Organisation], founding: Founding
) -> list[Home]:
    homes = []
    for place, citizen in enumerate(founding.citizens):
        chance = random.Random(data.seed * 1_000_003 + place)  # noqa: S311 - invents people, keeps no secret
        for key in _services_of(place, founding.reserved, data.accounts, chance):
            company = companies[next(plan.company for plan in data.plan if plan.service == key)]
            service = ground.catalogue.by_key(company.id, key)
            if service is not None:
                homes.append(_home(key, company.id, service.id, place, citizen, chance))
    return homes


def _services_of(place: int, reserved: int, accounts: AccountsData, chance: random.Random) -> Sequence[str]:
    if place < reserved:
        return OWN_SERVICES[place % len(OWN_SERVICES)]
    return SERVICES[: chance.randint(1, accounts.most)] if place % accounts.every == 0 else ()


def _home(key: str, company: int, service: int, place: int, citizen: Citizen, chance: random.Random) -> Home:
    """Invent an account; the first citizen's say what the stories of the tariffs say."""
    is_first = place == 0
    account: dict[str, Any] = {"organisation": company, "service": service, "holder": mask_name(citizen.name)}
    low_income = chance.random() < 0.05
    match key:
        case "electricity":
            wish = NewAccount(number=f"12{place:08d}", low_income=low_income and not is_first, **account)
            used = 230 if is_first else chance.randint(60, 480)
            return Home(citizen, wish, chance.randint(900, 9_000) * MILLI, used * MILLI)
        case "water":
            wish = NewAccount(number=f"S{place:08d}", **account)
            used, carried = (10, 178) if is_first else (chance.randint(4, 20), chance.randint(40, 250))
            return Home(citizen, wish, chance.randint(100, 900) * MILLI, used * MILLI, carried * MILLI)
        case "gas":
            wish = NewAccount(number=f"8{place:09d}", **account)
            used, carried = chance.randint(5, 40), chance.randint(50, 480)
            return Home(citizen, wish, chance.randint(100, 900) * MILLI, used * MILLI, carried * MILLI)
        case "heating":
            area = 85_500 if is_first else chance.randint(90, 260) * 500
            number = f"{place // 1000:03d}-{place % 1000:04d}-01"
            return Home(citizen, NewAccount(number=number, area_milli=area, **account))
        case _:
            return Home(citizen, NewAccount(number=f"1200{place:08d}", **account))


async def _follow(ground: Ground, billing: Billing, homes: Sequence[Home]) -> None:
    """Let everybody see their own accounts: one statement for each company, one for all who follow."""
    numbers: dict[int, list[str]] = defaultdict(list)
    for home in homes:
        numbers[home.account.organisation].append(home.account.number)
    ids: dict[tuple[int, str], int] = {}
    async with billing.database.connection() as connection:
        for company, own in numbers.items():
            found = await store.by_numbers(connection, company, own)
            ids |= {(company, number): account.id for number, account in found.items()}
        pairs = [(home.citizen.id, ids[home.account.organisation, home.account.number]) for home in homes]
        await store.follow_many(connection, NUMBER, pairs, now=ground.base.clock.now())


def _rows(homes: Sequence[Home], today: date) -> list[Row]:
    """Have every meter read at the end of the last two months: the first reading opens it, the second makes a bill."""
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    metered = [home for home in homes if home.used_milli]
    opening = [
        Row(place, home.account.number, before, home.before_milli, home.carried_milli)
        for place, home in enumerate(metered)
    ]
    return opening + [
        Row(place, home.account.number, last, home.before_milli + home.used_milli) for place, home in enumerate(metered)
    ]
