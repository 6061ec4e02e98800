"""Settlement as a whole: days close, the reserve is checked, organisations are paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import structlog

from haihe.base.clock import service_day
from haihe.base.foundation import Foundation
from haihe.base.notes import Signer
from haihe.ledger import service as ledger
from haihe.organisations.service import Organisations
from haihe.outside.bank import DemoDeposits, PayoutBank
from haihe.outside.http import Unreachable
from haihe.settlement import files, payout_store, store
from haihe.settlement.closing import Closing, Say
from haihe.settlement.errors import DayNotSettled
from haihe.settlement.model import Closed, FeeTable, Payout, ReserveCheck, Settlement
from haihe.settlement.payouts import Payouts
from haihe.settlement.reserve import Reserve

DAYS_MAX: Final = 62
"""Days that a page shows."""
DOWNLOADS_MAX: Final = 2
"""Files that are written at once: each keeps a connection for as long as its reader takes."""
CHECK_AGAIN: Final = timedelta(minutes=5)
"""So long after a comparison that did not hold the job waits with the next."""
BANK_SILENT: Final = "the bank does not answer"
DIFFERENT: Final = "ledger and bank differ"

log = structlog.get_logger("haihe.settlement")


@dataclass(frozen=True)
class Settlements:
    """Closes days, checks the reserve, pays out."""

    organisations: Organisations
    closing: Closing
    reserve: Reserve
    payouts: Payouts
    signer: Signer
    alone: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    downloads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DOWNLOADS_MAX), repr=False)

    # --- the run

    async def run(self) -> None:
        """Close what is over, pay what is owed and find out what is open; the job. Nothing to do costs a few small queries."""
        if self.alone.locked():
            return
        async with self.alone:
            if await self._anything_to_close():
                await self.organisations.reload()
                await self.closing.close()
            await self.pay_out()

    async def settle(self, until: date | None = None, *, say: Say = lambda _: None) -> Closed:
        """Close all days up to one (yesterday), check the reserve and pay out: what `haihe settle` does. Raises `DayNotOver`."""
        async with self.alone:
            await self.organisations.reload()
            closed = await self.closing.close(until, say=say)
            check, reason = await self._checked()
            say("the reserve agrees with the bank" if check and check.holds else reason)
            payouts = await self._pay(may_push=check is not None and check.holds)
            say(f"{payouts} payouts are planned")
        return Closed(sorted(closed), sum(closed.values()), payouts, check, reason)

    async def pay_out(self) -> None:
        """Plan, move, ask and end payouts as far as they are due; money goes out only while the reserve agrees with the bank."""
        may_push = await self._anything_to_pay() and await self._holds()
        await self._pay(may_push=may_push)

    async def _pay(self, *, may_push: bool) -> int:
        planned = 0
        if may_push:
            await self.closing.post_fees()
            planned = await self.payouts.plan()
            await self.payouts.move()
        await self.payouts.ask(may_push=may_push)
        await self.payouts.end()
        return planned

    async def _anything_to_close(self) -> bool:
        async with self.closing.database.connection() as connection:
            first = await store.first_open_day(connection)
        return first is not None and first <= self.closing.yesterday()

    async def _anything_to_pay(self) -> bool:
        async with self.closing.database.connection() as connection:
            is_unplanned = await payout_store.day_to_plan(connection) is not None
            return is_unplanned or await payout_store.anything_to_ask(connection, self.closing.clock.now())

    async def _holds(self) -> bool:
        """Compare with the bank, unless that was in vain a moment ago."""
        newest = await self.reserve.newest()
        if newest and not newest[0].holds and self.closing.clock.now() - newest[0].checked_at < CHECK_AGAIN:
            return False
        check, _ = await self._checked()
        return check is not None and check.holds

    async def _checked(self) -> tuple[ReserveCheck | None, str]:
        try:
            check = await self.reserve.check()
        except Unreachable:
            log.warning("nothing is paid out", reason=BANK_SILENT)
            return None, BANK_SILENT
        return check, "" if check.holds else DIFFERENT

    # --- reading

    def today(self) -> date:
        """Tell the city's day: the one that is open."""
        return service_day(self.closing.clock.now())

    async def of_organisation(self, organisation: int) -> tuple[list[Settlement], dict[date, Payout]]:
        """Give an organisation's newest days, and the payout that took each along, where there is one yet."""
        async with self.closing.database.connection() as connection:
            days = await store.of_organisation(connection, organisation, before=date.max, limit=DAYS_MAX)
            oldest = days[-1].day if days else date.max
            payouts = await payout_store.of_organisation(connection, organisation, since=oldest)
        return days, _taken_along(days, payouts)

    async def of_day(self, day: date) -> tuple[list[Settlement], Mapping[int, Payout]]:
        """Give all settlements of a day, and the day's payouts by organisation."""
        async with self.closing.database.connection() as connection:
            return await store.of_day(connection, day), await payout_store.of_day(connection, day)

    async def days(self) -> list[date]:
        """Give the newest settled days."""
        async with self.closing.database.connection() as connection:
            return await store.settled_days(connection, limit=DAYS_MAX)

    async def settlement(self, organisation: int, day: date) -> Settlement:
        """Give an organisation's settled day. Raises `DayNotSettled`."""
        async with self.closing.database.connection() as connection:
            found = await store.settlement(connection, organisation, day)
        if found is None:
            raise DayNotSettled(day=day)
        return found

    def statement(self, settlement: Settlement) -> str:
        """Write a settlement's statement, signed: the same text whenever it is asked for."""
        key = self.organisations.by_id(settlement.organisation).key
        return self.signer.sign(files.statement_text(key, settlement))

    async def file(self, settlement: Settlement) -> AsyncIterator[bytes]:
        """Write a settlement's file, in chunks."""
        async with self.downloads, self.closing.database.transaction() as connection:
            buckets = range(await ledger.bucket_count(connection))
            async for chunk in files.day_file(connection, buckets, settlement.day, settlement.organisation):
                yield chunk

    # --- where money goes

    async def set_account(self, organisation: int, account: str) -> None:
        """Write down the bank account to which an organisation's payouts go from now on: 12 to 30 digits."""
        async with self.closing.database.connection() as connection:
            await payout_store.put_account(connection, organisation, account, self.closing.clock.now())

    async def found_accounts(self, accounts: Mapping[int, str]) -> None:
        """Give organisations that have none an account."""
        async with self.closing.database.connection() as connection:
            await payout_store.put_first_accounts(connection, accounts, self.closing.clock.now())

    async def close_founding(self, *, first_day: date) -> int:
        """Close everything that the founding booked, as the day before the city's first, which is never paid out; once.

        Give how many organisations it had; 0 where days were closed before, or where that day is not over (a city that was founded
        before days were closed): it then closes as every other. May be killed anywhere and called again.
        """
        async with self.closing.database.transaction() as connection:
            await store.set_settled_from(connection, first_day)
            first_day = await store.settled_from(connection)
            if first_day > self.today() or await store.settled_days(connection, limit=1):
                return 0
        return await self.closing.close_day(first_day - timedelta(days=1), founding=True)


def _taken_along(days: Sequence[Settlement], payouts: Sequence[Payout]) -> dict[date, Payout]:
    """Say which payout took each day along: the first one at or after it."""
    found: dict[date, Payout] = {}
    for settlement in days:
        later = [payout for payout in payouts if payout.day >= settlement.day]
        if later and settlement.is_paid_out:
            found[settlement.day] = later[0]
    return found


def build_settlements(
    base: Foundation,
    *,
    organisations: Organisations,
    bank: PayoutBank,
    fees: FeeTable,
    signer: Signer,
    demo: DemoDeposits | None = None,
) -> Settlements:
    """Put settlement together; `demo` is the bank that believes what the city opened with, in a demo only."""
    return Settlements(
        organisations,
        Closing(base.database, base.clock, base.ids, organisations, fees),
        Reserve(base.database, base.clock, base.ids, bank, demo),
        Payouts(base.database, base.clock, base.ids, bank),
        signer,
    )
