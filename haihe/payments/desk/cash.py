"""Cash at a counter: the clerk takes notes, and the counter's till gives as much to the citizen's wallet.

The counter has paid its money in before (its till cannot be overdrawn), so customers' money stays what the bank holds for them; the notes
are the counter's own. One transaction writes the row, the drawer, the posting, the news and the deed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psycopg

from haihe.base import audit, outbox
from haihe.base.clock import service_day
from haihe.base.errors import BrokenInvariantError
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Result, SystemAccount, TransferKind
from haihe.payments.desk import store
from haihe.payments.desk.deeds import deed_of
from haihe.payments.desk.errors import (
    CashAmountInvalid,
    CashInUnknown,
    CashKeyReused,
    CounterLacksMoney,
    DrawerFull,
    WalletTakesNothing,
)
from haihe.payments.desk.model import CASH_FEN_MAX, CASH_FEN_MIN, DRAWER_FEN_MAX, KEY_CHARACTERS_MAX, CashIn, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from haihe.base.database import Connection
    from haihe.base.foundation import Foundation
    from haihe.web.guards import Staff

ACTION: Final = "cash_in"
_TAKES_NOTHING: Final = frozenset({Result.PAYEE_FROZEN, Result.PAYEE_CLOSED})
_GIVES_NOTHING: Final = frozenset({Result.INSUFFICIENT_FUNDS, Result.ACCOUNT_FROZEN, Result.ACCOUNT_CLOSED})


@dataclass(frozen=True)
class CashDesk:
    """The cash of all service counters."""

    base: Foundation

    async def take(self, staff: Staff, visit: Visit, *, amount: int, key: str) -> CashIn:
        """Credit `amount` fen that were taken in cash; the same form with the same key is one cash-in.

        Raises `CashKeyReused`, `CashAmountInvalid`, `DrawerFull`, `CounterLacksMoney`, `WalletTakesNothing`.
        """
        key_hash = hashlib.sha256(key.encode()).digest()
        async with self.base.audit.attempt(deed_of(staff, ACTION, visit.citizen, amount=amount)):
            if known := await self._known(staff, visit, amount, key_hash):
                return known
            if not 0 < len(key) <= KEY_CHARACTERS_MAX:
                raise CashKeyReused
            check_amount(amount)
            try:
                async with self.base.database.transaction() as connection:
                    return await self._take(connection, staff, visit, amount, key_hash)
            except psycopg.errors.UniqueViolation:  # the same form came twice at once, and the other was faster
                known = await self._known(staff, visit, amount, key_hash)
                if known is None:
                    raise
                return known

    async def _known(self, staff: Staff, visit: Visit, amount: int, key_hash: bytes) -> CashIn | None:
        async with self.base.database.connection() as connection:
            known = await store.by_key(connection, clerk=staff.person, key_hash=key_hash)
        if known and (known.citizen, known.amount) != (visit.citizen, amount):
            raise CashKeyReused
        return known

    async def _take(self, connection: Connection, staff: Staff, visit: Visit, amount: int, key_hash: bytes) -> CashIn:
        now = self.base.clock.now()
        cash = CashIn(
            self.base.ids.next(),
            visit.bucket,
            visit.citizen,
            staff.organisation,
            staff.person,
            amount,
            now,
            service_day(now),
        )
        filled = await store.fill_drawer(connection, clerk=staff.person, day=cash.day, amount=amount)
        if filled > DRAWER_FEN_MAX:
            raise DrawerFull(field="amount", left=max(0, DRAWER_FEN_MAX - (filled - amount)))
        await store.insert(connection, cash, key_hash=key_hash)
        await _post(connection, cash, now)
        body = {"amount": amount, "organisation": str(staff.organisation)}
        await outbox.publish(connection, visit.bucket, [News(ACTION, visit.citizen, body)], at=now)
        deed = deed_of(staff, ACTION, visit.citizen, amount=amount, cash_in=str(cash.id))
        await audit.write(connection, [deed], at=now)
        return cash

    async def receipt(self, staff: Staff, identity: int) -> CashIn:
        """Read a cash-in of the clerk's organisation. Raises `CashInUnknown`."""
        async with self.base.database.connection() as connection:
            found = await store.by_id(connection, organisation=staff.organisation, identity=identity)
        if found is None:
            raise CashInUnknown
        return found

    async def day(self, organisation: int, day: date, *, clerk: int = 0) -> Sequence[CashIn]:
        """Give a day's cash-ins, newest first, of one clerk or (0) of all."""
        async with self.base.database.connection() as connection:
            return await store.of_day(connection, organisation=organisation, day=day, clerk=clerk)

    async def sums(self, organisation: int, day: date) -> Mapping[int, tuple[int, int]]:
        """Sum up a day: how many and fen, by clerk."""
        async with self.base.database.connection() as connection:
            return await store.sums(connection, organisation=organisation, day=day)

    async def found_floats(self, organisation: int, *, amount: int, effective: datetime) -> None:
        """Let a counter begin with money in every bucket, once: the demo's, which nobody paid in."""
        async with self.base.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
        for bucket in range(buckets):
            posting = self.base.ids.next()
            leg = Leg(SystemAccount.RESERVE, organisation, amount, TransferKind.OPENING)
            async with self.base.database.transaction() as connection:
                if await store.put_float(connection, bucket, organisation=organisation, posting=posting, amount=amount):
                    opening = Posting(posting, (leg,), effective, subject=organisation)
                    batch = await ledger.post(connection, bucket, [opening], now=self.base.clock.now())
                    if batch.posted[0].result is not Result.POSTED:
                        raise BrokenInvariantError(f"the counter's money of bucket {bucket} was refused")


async def _post(connection: Connection, cash: CashIn, now: datetime) -> None:
    leg = Leg(cash.organisation, cash.citizen, cash.amount, TransferKind.CASH_IN)
    posting = Posting(cash.id, (leg,), now, subject=cash.citizen)
    batch = await ledger.post(connection, cash.bucket, [posting], now=now, remember=False)
    result = batch.posted[0].result
    if result in _GIVES_NOTHING:
        raise CounterLacksMoney
    if result in _TAKES_NOTHING:
        raise WalletTakesNothing
    if result is not Result.POSTED:
        raise BrokenInvariantError(f"cash-in {cash.id} cannot be posted: {result.name}")


def check_amount(amount: int) -> None:
    """Raise `CashAmountInvalid` for what a counter does not take at once."""
    if not CASH_FEN_MIN <= amount <= CASH_FEN_MAX:
        raise amount_invalid()


def amount_invalid() -> CashAmountInvalid:
    """Say between which amounts a cash-in must be."""
    return CashAmountInvalid(field="amount", min=CASH_FEN_MIN, max=CASH_FEN_MAX)
