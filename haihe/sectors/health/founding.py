"""The demo city's clinics: hospitals, the insurer with its funds, who is insured, bills that wait to be paid."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from haihe.base.clock import service_day
from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import OrganisationData, StaffData, found_staffed
from haihe.organisations.model import Organisation
from haihe.people.model import Citizen
from haihe.sectors.health import store
from haihe.sectors.health.model import (
    FUND,
    HOSPITAL,
    INSURER,
    Item,
    Level,
    NewBill,
    Policy,
    Year,
)
from haihe.sectors.health.service import Clinics
from haihe.wallet.purses.loading import FOUNDING, found_schemes
from haihe.wallet.purses.model import Fund, Scheme

FILE: Final = "health.toml"


class HospitalData(msgspec.Struct, frozen=True, kw_only=True):
    """A hospital with its level."""

    key: str
    names: dict[str, str]
    category: int
    level: Level
    staff: list[StaffData]


class PolicyData(msgspec.Struct, frozen=True, kw_only=True):
    """What the insurance promises from a day on: fen a year, per cent by level."""

    valid_from: date
    deductible: int
    ceiling: int
    primary_percent: int
    secondary_percent: int
    tertiary_percent: int


class FundData(msgspec.Struct, frozen=True, kw_only=True):
    """A fund; so much was paid in for every bucket."""

    names: dict[str, str]
    paid_in: int


class StandingData(msgspec.Struct, frozen=True, kw_only=True):
    """How someone's year and personal account stand, in fen: the citizens for trying things out."""

    deductible_used: int
    fund_used: int
    account: int


class OthersData(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody else: every `insured_every`th is insured, every `bill_every`th of those has a bill; at most these amounts in fen."""

    seed: int
    insured_every: int
    bill_every: int
    deductible_used_max: int
    fund_used_max: int
    account_max: int


class ItemData(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a bill."""

    name: str
    amount: int


class BillData(msgspec.Struct, frozen=True, kw_only=True):
    """A bill of a citizen for trying things out, by place from 0."""

    citizen: int
    hospital: str
    items: list[ItemData]


class VisitData(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit of somebody else may have cost."""

    items: list[ItemData]


class HealthData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    insurer: OrganisationData
    hospital: list[HospitalData]
    policy: list[PolicyData]
    fund: FundData
    first: StandingData
    others: OthersData
    bill: list[BillData]
    visit: list[VisitData]


async def found(ground: Ground, clinics: Clinics, founding: Founding) -> None:
    """Found the demo's clinics; may be interrupted and repeated."""
    data = msgspec.toml.decode((founding.folder / FILE).read_bytes(), type=HealthData)
    (insurer,) = await found_staffed(ground.organisations, founding, [data.insurer], kind=INSURER)
    hospitals = await found_staffed(ground.organisations, founding, data.hospital, kind=HOSPITAL)
    await _book(ground, data, hospitals)
    fund, scheme = await _funds(ground, data, insurer, founding)
    await clinics.reload()
    insured = _insured(data, founding)
    year = service_day(founding.now).year
    async with ground.base.database.transaction() as connection:
        patients = [citizen.id for citizen in founding.citizens if citizen.id in insured]
        await store.put_insured(connection, patients, since=founding.now)
        await store.put_years(connection, year, {patient: insured[patient][0] for patient in sorted(patients)})
    filled = {one.id: (one.bucket, insured[one.id][1]) for one in founding.citizens if insured.get(one.id, (0, 0))[1]}
    await ground.purses.grant_once(scheme, filled, period=FOUNDING, effective=founding.now)
    bills = _bills(data, founding, insured, {one.key: one.id for one in hospitals})
    for hospital, many in bills.items():
        await clinics.issue_all(hospital, many)
    founding.say(
        f"{len(hospitals)} hospitals, {len(insured):,} insured, {sum(map(len, bills.values())):,} clinic bills, fund {fund.key}"
    )


async def _book(ground: Ground, data: HealthData, hospitals: Sequence[Organisation]) -> None:
    policies = [
        Policy(
            one.valid_from,
            one.deductible,
            one.ceiling,
            {
                Level.PRIMARY: one.primary_percent,
                Level.SECONDARY: one.secondary_percent,
                Level.TERTIARY: one.tertiary_percent,
            },
        )
        for one in data.policy
    ]
    levels = {made.id: one.level for made, one in zip(hospitals, data.hospital, strict=True)}
    async with ground.base.database.transaction() as connection:
        await store.put_hospitals(connection, levels)
        await store.put_policies(connection, policies)


async def _funds(ground: Ground, data: HealthData, insurer: Organisation, founding: Founding) -> tuple[Fund, Scheme]:
    """Have the insurer's fund paid in, once, and its scheme of personal accounts, as the city's schemes say it."""
    purses = ground.purses
    fund = await purses.found_fund(organisation=insurer.id, key=FUND, names=data.fund.names)
    await purses.pay_in_everywhere(fund, amount=data.fund.paid_in, period=FOUNDING, effective=founding.now)
    (scheme,) = await found_schemes(purses, founding.folder, {insurer.key: insurer.id}, effective=founding.now)
    return fund, scheme


def _insured(data: HealthData, founding: Founding) -> dict[int, tuple[Year, int]]:
    """Choose who is insured, with the year so far and the personal account: the same in every home."""
    chance = random.Random(data.others.seed)  # noqa: S311 - the same people in every home is the point
    first = Year(data.first.deductible_used, data.first.fund_used), data.first.account
    insured = {}
    for place, citizen in enumerate(founding.citizens):
        used = round(chance.random() * data.others.deductible_used_max, -2)
        is_used_up = used >= data.others.deductible_used_max / 2
        fund = round(chance.random() * data.others.fund_used_max, -2) if is_used_up else 0
        account = round(chance.random() * data.others.account_max, -2)
        if place < founding.reserved:
            insured[citizen.id] = first
        elif place % data.others.insured_every == 0:
            full = data.policy[0].deductible
            insured[citizen.id] = Year(full if is_used_up else int(used), int(fund)), int(account)
    return insured


def _bills(
    data: HealthData, founding: Founding, insured: Mapping[int, object], hospitals: Mapping[str, int]
) -> dict[int, list[NewBill]]:
    """Write the bills that wait to be paid, by hospital; the place of a citizen is the visit's number."""
    chance = random.Random(data.others.seed)  # noqa: S311 - as above
    bills: dict[int, list[NewBill]] = defaultdict(list)
    citizens = founding.citizens
    for one in data.bill:
        if one.citizen < min(founding.reserved, len(citizens)):
            bills[hospitals[one.hospital]].append(_bill(citizens[one.citizen], one.citizen, one.items))
    others = [place for place in range(founding.reserved, len(citizens)) if citizens[place].id in insured]
    for place in others[:: data.others.bill_every]:
        hospital = chance.choice(sorted(hospitals))
        bills[hospitals[hospital]].append(_bill(citizens[place], place, chance.choice(data.visit).items))
    return bills


def _bill(patient: Citizen, place: int, items: Sequence[ItemData]) -> NewBill:
    return NewBill(patient.id, patient.masked_name, place + 1, [Item(one.name, one.amount) for one in items])
