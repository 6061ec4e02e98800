"""What a biller does: take readings and make bills of them, issue bills that need none, withdraw what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.ids import Ids
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.catalogue.prices import Item, total
from haihe.catalogue.service import Catalogue
from haihe.payments.dues.model import Due, DueStatus, NewDue
from haihe.payments.dues.service import Dues
from haihe.sectors.utilities import rules, store
from haihe.sectors.utilities.bodies import BillBody, write_body
from haihe.sectors.utilities.errors import (
    AccountUnknown,
    NothingToIssue,
    NotMetered,
    NotOpen,
    NotTheNewest,
    ValueWrong,
)
from haihe.sectors.utilities.model import NUMBER, Account, Fault, Measure, NewAccount, Plan, Reading, Row, Taken
from haihe.sectors.utilities.plans import Plans
from haihe.web.problem import NotFound

CHUNK_ROWS: Final = 2_000
"""So many readings are taken in one transaction, in five statements."""
CHUNK_ACCOUNTS: Final = 5_000
PENDING: Final = -1
"""Stands for a bill that is still to be issued."""


@dataclass
class Sheet:
    """One chunk of readings while it is judged: what is known of each meter, and what comes of each row."""

    accounts: dict[str, Account]
    histories: dict[int, list[Reading]]
    today: date
    readings: list[Reading] = field(default_factory=list)
    dues: list[NewDue] = field(default_factory=list)
    known: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Billing:
    """The billers' side of utilities; every method takes the company and knows no other's."""

    database: Database
    clock: Clock
    ids: Ids
    catalogue: Catalogue
    dues: Dues
    plans: Plans

    def today(self) -> date:
        """Tell the service day."""
        return service_day(self.clock.now())

    async def open_accounts(self, accounts: Sequence[NewAccount]) -> None:
        """Add points of supply; those whose customer number is there stay as they are."""
        async with self.database.transaction() as connection:
            ids = self.ids.take(len(accounts))
            await store.insert_accounts(connection, accounts, ids=ids, now=self.clock.now())

    # --- readings

    async def take(self, organisation: int, rows: Sequence[Row], *, staff: int = 0) -> Taken:
        """Take readings and issue the bills that come of them; the good ones, whatever is wrong with the others.

        Twice is as once: what is there already is counted and changes nothing. A meter's first reading makes no bill.
        """
        taken = Taken()
        for start in range(0, len(rows), CHUNK_ROWS):
            chunk = rows[start : start + CHUNK_ROWS]
            work = partial(self._take, organisation=organisation, rows=chunk, staff=staff)
            taken = taken.plus(await self.database.repeat(work))
        return taken

    async def _take(self, connection: Connection, *, organisation: int, rows: Sequence[Row], staff: int) -> Taken:
        accounts = await store.lock_by_numbers(connection, organisation, [row.number for row in rows])
        since = rules.period_start("year", min(row.read_on for row in rows))
        histories = await store.histories(connection, [account.id for account in accounts.values()], since=since)
        sheet = Sheet(accounts, histories, self.today())
        for row in sorted(rows, key=lambda one: (one.read_on, one.line)):
            try:
                self._judge(sheet, organisation, row, staff)
            except Refusal as refusal:
                sheet.faults.append(Fault(row.line, row.number, refusal))
        return await self._keep(connection, sheet)

    def _judge(self, sheet: Sheet, organisation: int, row: Row, staff: int) -> None:
        """Make a reading of a row, and a bill if there is something to pay. Raises what is wrong with the row."""
        self.plans.check_number(organisation, row.number)
        account = sheet.accounts.get(row.number)
        if account is None:
            raise AccountUnknown
        plan = self.plans.of_account(account)
        if plan.measure is not Measure.METER:
            raise NotMetered
        history = sheet.histories.setdefault(account.id, [])
        if not rules.check_row(row, history, today=sheet.today):
            sheet.known += 1
            return
        due = self._metered_due(plan, account, history, row) if history else None
        carried = 0 if history else row.carried_milli
        reading = Reading(
            id=self.ids.next(),
            account=account.id,
            read_on=row.read_on,
            value_milli=row.value_milli,
            carried_milli=carried,
            due=PENDING if due else 0,
            staff=staff,
            taken_at=self.clock.now(),
        )
        if due:
            sheet.dues.append(due)
        sheet.readings.append(reading)
        history.append(reading)

    def _metered_due(self, plan: Plan, account: Account, history: Sequence[Reading], row: Row) -> NewDue | None:
        terms = self.catalogue.terms(_priced_by(plan, account), row.read_on)
        items, last = rules.metered_items(terms.price, history, row), history[-1]
        body = BillBody(
            number=account.number,
            items=items,
            read_from=last.read_on,
            read_to=row.read_on,
            value_from=last.value_milli,
            value_to=row.value_milli,
        )
        due_on = max(row.read_on, self.today()) + timedelta(days=plan.due_days)
        return _due(plan, account, items, body=body, period=rules.month_of(row.read_on), due_on=due_on)

    async def _keep(self, connection: Connection, sheet: Sheet) -> Taken:
        """Issue the bills and store the readings with them."""
        amount = 0
        issued: list[Due] = []
        if sheet.dues:
            outcome = await self.dues.issue_within(connection, NUMBER, sheet.dues)
            if outcome.fresh != len(sheet.dues):
                raise BrokenInvariantError("a meter has a bill for a month without a reading")
            issued, amount = list(outcome.dues), sum(due.amount for due in outcome.dues)
        if sheet.readings:
            bills = iter(issued)
            readings = [replace(one, due=next(bills).id) if one.due else one for one in sheet.readings]
            await store.insert_readings(connection, readings)
        faults = sorted(sheet.faults, key=lambda fault: fault.line)
        return Taken(len(issued), amount, len(sheet.readings) - len(issued), sheet.known, faults)

    # --- bills without readings

    async def issue(self, organisation: int) -> int:
        """Issue what is billed without readings: this season by area, this month's fees. Answers how many bills are new.

        Twice is as once. Raises `NothingToIssue`, `NotOffered`.
        """
        plans = [plan for plan in self.plans.of(organisation) if plan.measure is not Measure.METER]
        if not plans:
            raise NothingToIssue
        return sum([await self._issue(plan) for plan in plans])

    async def _issue(self, plan: Plan) -> int:
        after = fresh = 0
        while True:
            async with self.database.transaction() as connection:
                accounts = await store.accounts_after(connection, plan.service, after=after, limit=CHUNK_ACCOUNTS)
                wanted = [due for account in accounts if (due := self._flat_due(plan, account)) is not None]
                fresh += (await self.dues.issue_within(connection, NUMBER, wanted)).fresh
            if len(accounts) < CHUNK_ACCOUNTS:
                return fresh
            after = accounts[-1].id

    def _flat_due(self, plan: Plan, account: Account) -> NewDue | None:
        today = self.today()
        price = self.catalogue.terms(_priced_by(plan, account), today).price
        if plan.measure is Measure.AREA:
            items = rules.area_items(price, account.area_milli)
            period, due_on = rules.season_of(plan, today)
        else:
            items = rules.flat_items(price)
            period, due_on = rules.month_of(today), today + timedelta(days=plan.due_days)
        return _due(
            plan, account, items, body=BillBody(number=account.number, items=items), period=period, due_on=due_on
        )

    # --- what was wrong

    async def withdraw(self, organisation: int, bill: int, *, staff: int, reason: str) -> None:
        """Withdraw an open bill, and the reading that it came of. Raises `NotFound`, `NotOpen`, `NotTheNewest`."""
        async with self.database.transaction() as connection:
            due = (await self.dues.by_ids(connection, [bill])).get(bill)
            if due is None or due.kind != NUMBER or due.organisation != organisation:
                raise NotFound
            account = await self._locked(connection, organisation, due.subject)
            newest = await store.newest_readings(connection, account.id, limit=1)
            if due.status is not DueStatus.OPEN:
                raise NotOpen
            reading = 0
            if self.plans.of_account(account).measure is Measure.METER:
                if not newest or newest[0].due != bill:
                    raise NotTheNewest
                reading = newest[0].id
            if not await self.dues.withdraw_within(connection, [bill], organisation=organisation):
                raise NotOpen
            await self._withdrawn(connection, account, reading=reading, due=bill, staff=staff, reason=reason)

    async def withdraw_reading(self, organisation: int, account: int, *, staff: int, reason: str) -> None:
        """Withdraw a meter's newest reading of which no bill came. Raises `NotFound`, `NotTheNewest`."""
        async with self.database.transaction() as connection:
            found = await self._locked(connection, organisation, account)
            newest = await store.newest_readings(connection, account, limit=1)
            if not newest or newest[0].due:
                raise NotTheNewest
            await self._withdrawn(connection, found, reading=newest[0].id, due=0, staff=staff, reason=reason)

    async def _locked(self, connection: Connection, organisation: int, account: int) -> Account:
        found = await store.lock_account(connection, organisation, account)
        if found is None:
            raise NotFound
        return found

    async def _withdrawn(
        self, connection: Connection, account: Account, *, reading: int, due: int, staff: int, reason: str
    ) -> None:
        await store.insert_withdrawal(
            connection,
            self.ids.next(),
            account=account.id,
            reading=reading,
            due=due,
            staff=staff,
            reason=reason,
            now=self.clock.now(),
        )


def _priced_by(plan: Plan, account: Account) -> int:
    """Choose the service whose price holds for a household."""
    return plan.low_income_service if account.low_income and plan.low_income_service else plan.service


def _due(
    plan: Plan, account: Account, items: Sequence[Item], *, body: BillBody, period: str, due_on: date
) -> NewDue | None:
    """Make a bill of its lines; None where nothing is to pay. Raises `ValueWrong` for more than any bill can be."""
    amount = total(items)
    if amount > AMOUNT_FEN_MAX:
        raise ValueWrong
    if not amount:
        return None
    return NewDue(
        organisation=account.organisation,
        subject=account.id,
        period=period,
        amount=amount,
        due_on=due_on,
        body=write_body(body),
        service=plan.service,
    )
