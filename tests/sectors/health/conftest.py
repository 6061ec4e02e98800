"""A city with two hospitals, an insurer and patients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import cast

import pytest

from haihe.base.clock import service_day
from haihe.ops.access import Access
from haihe.organisations.model import FoundingStaff, Organisation, Role
from haihe.payments.dues.model import Due
from haihe.payments.references import reference
from haihe.people.model import Citizen
from haihe.sectors import health
from haihe.sectors.health import store
from haihe.sectors.health.model import (
    FUND,
    HOSPITAL,
    INSURER,
    KIND,
    PATIENT_STANDING,
    Item,
    Level,
    NewBill,
    Policy,
    Year,
)
from haihe.sectors.health.service import Clinics
from haihe.wallet.purses.model import Grant
from haihe.wallet.purses.terms import SchemeTerms, Where
from haihe.web.guards import Staff
from tests.conftest import BUCKETS
from tests.grounds import SectorCity, open_ground

POLICY = Policy(date(2017, 1, 1), 800_00, 5_500_00, {Level.PRIMARY: 75, Level.SECONDARY: 65, Level.TERTIARY: 55})
_visits = count(1)


@dataclass
class ClinicCity:
    """A city with hospitals."""

    city: SectorCity
    clinics: Clinics
    hospital: Organisation
    other: Organisation
    clerk: Staff

    async def patient(
        self, *, used: Year | None = None, account: int = 0, money: int = 1_000_00, insured: bool = True
    ) -> Citizen:
        """Register somebody who is insured, with a year so far and a personal account."""
        (citizen,) = await self.city.register(1, money)
        now = self.city.clock.now()
        async with self.city.database.transaction() as connection:
            if insured:
                await store.put_insured(connection, [citizen.id], since=now)
            await store.put_years(connection, service_day(now).year, {citizen.id: used or Year()})
        if account:
            purses = self.city.ground.purses
            grant = Grant(self.city.ground.base.ids.next(), citizen.id, account)
            await purses.grant(purses.scheme("account"), citizen.bucket, [grant], effective=now)
        return citizen

    def written(self, patient: Citizen, amount: int = 300_00, *, visit: int = 0) -> NewBill:
        return NewBill(patient.id, patient.masked_name, visit or next(_visits), [Item("CT", amount)])

    async def bill(self, patient: Citizen, amount: int = 300_00) -> Due:
        return await self.clinics.issue(self.hospital.id, self.written(patient, amount), clerk=self.clerk.person)

    async def year(self, patient: Citizen) -> Year:
        return (await self.clinics.standing(patient.id))[1]

    async def account(self, patient: Citizen) -> int:
        purses = await self.city.ground.purses.of(citizen=patient.id, bucket=patient.bucket)
        return sum(purse.amount for purse in purses)

    async def fund(self, patient: Citizen) -> int:
        """Tell what the insurance fund has in the patient's bucket."""
        return await self.city.available(patient.bucket, self.city.ground.purses.fund(FUND).id)

    def code(self, due: Due) -> str:
        return reference(KIND, due.id)


async def make_clinics(city: SectorCity, *, paid_in: int = 10_000_00) -> ClinicCity:
    """Make hospitals, an insurer and its funds with so much in every bucket."""
    ground = city.ground
    hospital = await city.organisation("general", HOSPITAL)
    other = await city.organisation("community", HOSPITAL)
    insurer = await city.organisation("insurer", INSURER)
    async with city.database.transaction() as connection:
        await store.put_hospitals(connection, {hospital.id: Level.TERTIARY, other.id: Level.PRIMARY})
        await store.put_policies(connection, [POLICY])
    fund = await ground.purses.found_fund(organisation=insurer.id, key=FUND, names={"en": "Insurance fund"})
    accounts = await ground.purses.found_fund(organisation=insurer.id, key="accounts", names={"en": "Accounts"})
    at_hospitals = SchemeTerms(accepted=Where(kinds=(KIND,)), needs=(PATIENT_STANDING,))
    await ground.purses.found_scheme(key="account", names={"en": "Personal account"}, fund=accounts, terms=at_hospitals)
    now = city.clock.now()
    for bucket in range(BUCKETS):
        if paid_in:
            await ground.purses.pay_in(fund, bucket, posting=ground.base.ids.next(), amount=paid_in, effective=now)
        await ground.purses.pay_in(accounts, bucket, posting=ground.base.ids.next(), amount=5_000_00, effective=now)
    await ground.organisations.found_staff(
        [
            FoundingStaff(organisation=one.id, login=one.key, name="Feng", role=Role.CASHIER, password="long enough")
            for one in (hospital, other)
        ]
    )
    await city.reload()
    clinics = cast("Clinics", city.branches[0].part.dependencies["clinics"])
    return ClinicCity(city, clinics, hospital, other, await clerk_of(city, hospital))


async def clerk_of(city: SectorCity, hospital: Organisation) -> Staff:
    (member,) = await city.ground.organisations.staff_of(hospital.id)
    return Staff(member.id, hospital.id, 1, member.role.value, member.name)


@pytest.fixture
async def clinic_city(database: Access) -> AsyncIterator[ClinicCity]:
    """A city of the test's own with hospitals and an insurer whose funds are full."""
    async with open_ground(database, health.branch) as city:
        yield await make_clinics(city)
