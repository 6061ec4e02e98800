"""What is done about clinic bills: a clerk finds the patient, sees the split, issues, withdraws; the patient sees the year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import Ids
from haihe.organisations.seeing import Seen, note_seen
from haihe.payments.dues.model import Due, DueUnknown, NewDue
from haihe.payments.dues.service import Dues
from haihe.people.model import Citizen
from haihe.people.service import People
from haihe.sectors.health import store
from haihe.sectors.health.errors import BillEmpty, BillNotOpen, PatientUnknown, RecordClosed, SplitChanged
from haihe.sectors.health.model import (
    NUMBER,
    BillRow,
    Level,
    Look,
    NewBill,
    Policy,
    Reckoning,
    Record,
    Split,
    Year,
)
from haihe.sectors.health.rules import after, reckon
from haihe.sectors.health.telling import write_body
from haihe.web.guards import Staff

ITEMS_MAX: Final = 20
BILLS_LISTED: Final = 50
LOOKS_LISTED: Final = 100
RECORD_OPEN: Final = timedelta(hours=12)
"""So long a record is open to the clerk who found the patient: a shift."""
PAYABLE_DAYS: Final = 30
"""Until then a bill is not late; placeholder."""


NO_POLICY: Final = Policy(date.min, 0, 0, dict.fromkeys(Level, 0))
"""For a city whose insurer has promised nothing: every bill is the patient's."""


@dataclass(slots=True)
class Book:
    """What is kept in memory: hospitals' levels, and policies, the newest first."""

    levels: Mapping[int, Level] = field(default_factory=dict)
    policies: Sequence[Policy] = ()

    def policy(self, day: date) -> Policy:
        """Give the policy of a day; where none holds yet, one that promises nothing."""
        return next((policy for policy in self.policies if policy.valid_from <= day), NO_POLICY)

    def level(self, hospital: int) -> Level:
        """Give a hospital's level; one that the insurance has not classed yet counts as tertiary, the smallest share."""
        return self.levels.get(hospital, Level.TERTIARY)


@dataclass(frozen=True)
class Clinics:
    """The city's clinic bills. `reload` fills the book, at start and when the catalogue changed."""

    database: Database
    clock: Clock
    ids: Ids
    people: People
    dues: Dues
    book: Book = field(default_factory=Book)

    async def reload(self) -> None:
        """Read levels and policies anew."""
        async with self.database.connection() as connection:
            self.book.levels = await store.levels(connection)
            self.book.policies = await store.policies(connection)

    # --- the patient's record

    async def open_record(self, staff: Staff, number: str) -> Look:
        """Find a patient by a whole ID number or phone number and write down who looked. Raises `PatientUnknown`."""
        patient = await self.people.find(number)
        if patient is None:
            raise PatientUnknown(field="number")
        return await self.look_at(staff, patient.id)

    async def look_at(self, staff: Staff, patient: int) -> Look:
        """Write down that a clerk opened a patient's record, and tell the patient."""
        look = Look(self.ids.next(), staff.person, staff.organisation, patient, self.clock.now())
        seen = [Seen(patient, (await self.people.citizen(patient)).bucket)]
        async with self.database.transaction() as connection:
            await store.insert_look(connection, look)
            await note_seen(connection, staff, seen, what="clinic_record", at=look.at)
        return look

    async def record(self, staff: Staff, look: int) -> Record:
        """Give the record that this clerk opened. Raises `RecordClosed` for another's look, or an old one."""
        now = self.clock.now()
        day = service_day(now)
        async with self.database.connection() as connection:
            found = await store.look(connection, look, staff=staff.person, since=now - RECORD_OPEN)
            if found is None or found.hospital != staff.organisation:
                raise RecordClosed
            insured, year = await self._standing(connection, found.patient, day)
        citizen = await self.people.citizen(found.patient)
        bills = [
            due
            for due in await self.dues.of_subjects(NUMBER, [found.patient], limit=BILLS_LISTED)
            if due.organisation == staff.organisation
        ]
        return Record(found.id, citizen, insured, year, self.book.policy(day), bills)

    async def _standing(self, connection: Connection, patient: int, day: date) -> tuple[bool, Year]:
        insured = patient in await store.insured_of(connection, [patient])
        return insured, await store.year_of(connection, patient, day.year)

    async def looks(self, hospital: int, *, name_of: Callable[[Citizen], str]) -> Sequence[tuple[Look, str]]:
        """Give a hospital's newest looks with the patient's name."""
        async with self.database.connection() as connection:
            found = await store.looks_of(connection, hospital, limit=LOOKS_LISTED)
        names = {one: name_of(await self.people.citizen(one)) for one in {look.patient for look in found}}
        return [(look, names[look.patient]) for look in found]

    # --- bills

    def preview(self, hospital: int, record: Record, amount: int) -> Reckoning:
        """Show how a bill of so many fen would be split now. Raises `BillEmpty`."""
        if amount <= 0:
            raise BillEmpty
        level = self.book.level(hospital)
        return reckon(amount, insured=record.insured, year=record.year, level=level, policy=record.policy)

    async def issue(self, hospital: int, bill: NewBill, *, clerk: int = 0, expected: Split | None = None) -> Due:
        """Issue a bill; the same visit of the patient gets the bill that it has.

        Deductible and ceiling are taken up in the same transaction, under the lock of the patient's year. Raises `BillEmpty`, and
        `SplitChanged` where the split is not the expected one any more.
        """
        (due,) = await self.issue_all(hospital, [bill], clerk=clerk, expected=expected)
        return due

    async def issue_all(
        self, hospital: int, bills: Sequence[NewBill], *, clerk: int = 0, expected: Split | None = None
    ) -> list[Due]:
        """Issue bills of a hospital, one for a patient, all or none, in a constant number of statements."""
        if not all(0 < len(bill.items) <= ITEMS_MAX and all(item.amount > 0 for item in bill.items) for bill in bills):
            raise BillEmpty
        if len({bill.patient for bill in bills}) < len(bills):
            raise BrokenInvariantError("two bills of one patient would share what is left of the year")
        day = service_day(self.clock.now())
        async with self.database.transaction() as connection:
            years = await store.lock_years(connection, [bill.patient for bill in bills], day.year)
            visits = [(bill.patient, bill.visit) for bill in bills]
            known = await store.bills_of_visits(connection, hospital, visits)
            fresh = [bill for bill in bills if (bill.patient, bill.visit) not in known]
            insured = await store.insured_of(connection, [bill.patient for bill in fresh])
            reckoned = [
                (bill, self._reckon(hospital, bill, years[bill.patient], day, insured=bill.patient in insured))
                for bill in fresh
            ]
            if expected is not None and any(one.split != expected for _, one in reckoned):
                raise SplitChanged
            await self._store(connection, hospital, reckoned, clerk=clerk, day=day)
            ids = await store.bills_of_visits(connection, hospital, visits)
            dues = await self.dues.by_ids(connection, list(ids.values()))
        return [dues[ids[visit]] for visit in visits]

    def _reckon(self, hospital: int, bill: NewBill, year: Year, day: date, *, insured: bool) -> Reckoning:
        level = self.book.level(hospital)
        return reckon(bill.amount, insured=insured, year=year, level=level, policy=self.book.policy(day))

    async def _store(
        self,
        connection: Connection,
        hospital: int,
        reckoned: Sequence[tuple[NewBill, Reckoning]],
        *,
        clerk: int,
        day: date,
    ) -> None:
        """Write dues, bills and what they use of the years, and let every patient see the own bills."""
        if not reckoned:
            return
        wished = [
            NewDue(
                organisation=hospital,
                subject=bill.patient,
                period=f"{hospital}-{bill.visit}",
                amount=bill.amount,
                due_on=day + timedelta(days=PAYABLE_DAYS),
                body=write_body(one, items=bill.items, patient=bill.shown, visit=bill.visit),
            )
            for bill, one in reckoned
        ]
        issued = await self.dues.issue_within(connection, NUMBER, wished)
        rows = [
            BillRow(due.id, bill.patient, hospital, bill.visit, clerk, one.split.deductible, one.split.fund, day.year)
            for due, (bill, one) in zip(issued.dues, reckoned, strict=True)
        ]
        await store.insert_bills(connection, rows)
        await store.use_years(
            connection, day.year, {bill.patient: after(one.year, one.split) for bill, one in reckoned}
        )
        await self.dues.follow_within(connection, NUMBER, [(bill.patient, bill.patient) for bill, _ in reckoned])

    async def bill(self, hospital: int, due: int) -> Due:
        """Give a bill of this hospital. Raises `DueUnknown`."""
        async with self.database.connection() as connection:
            row = await store.bill(connection, due, hospital)
            found = await self.dues.by_ids(connection, [due]) if row else {}
        if due not in found:
            raise DueUnknown
        return found[due]

    async def bills(self, hospital: int) -> list[Due]:
        """Give a hospital's newest bills."""
        return await self.dues.of_organisation(hospital, kinds=[NUMBER], limit=BILLS_LISTED)

    async def withdraw(self, hospital: int, due: int) -> None:
        """Withdraw an open bill and give back what it had used of the year. Raises `DueUnknown`, `BillNotOpen`."""
        async with self.database.transaction() as connection:
            row = await store.bill(connection, due, hospital)
            if row is None:
                raise DueUnknown
            await store.lock_years(connection, [row.patient], row.year)
            if not await self.dues.withdraw_within(connection, [due], organisation=hospital):
                raise BillNotOpen
            await store.give_back(connection, row)

    # --- the patient

    async def standing(self, patient: int) -> tuple[bool, Year, Policy]:
        """Tell whether a patient is insured, what the year has used, and what the insurance promises today."""
        day = service_day(self.clock.now())
        async with self.database.connection() as connection:
            insured, year = await self._standing(connection, patient, day)
        return insured, year, self.book.policy(day)

    async def visits(self, patient: int) -> list[Due]:
        """Give a patient's newest bills, whatever became of them."""
        return await self.dues.of_subjects(NUMBER, [patient], limit=BILLS_LISTED)
