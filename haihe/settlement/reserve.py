"""Compares the reserve in the ledger with the bank's own statement, to the fen, and names what differs.

Since the ledger sums to zero, its reserve is what citizens, organisations and sponsors own together. The bank's statement is read line
by line and kept; every line has a reference of ours. What is on its way while one reads is told apart by name: a top-up that the bank
has done and the ledger not yet, a payout that was posted after the statement was read. What none of this explains is a difference,
and as long as there is one nothing is paid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountKind
from haihe.outside.bank import DemoDeposits, PayoutBank
from haihe.settlement import reserve_store as store, store as settlement_store
from haihe.settlement.model import ReserveCheck
from haihe.wallet.bank_lines.reader import BankLines
from haihe.wallet.bank_lines.store import newest_line

UNMATCHED_MAX: Final = 10_000
FINDINGS_MAX: Final = 20
"""Findings that a comparison keeps; the difference counts them all."""

log = structlog.get_logger("haihe.settlement")


@dataclass(frozen=True)
class Reserve:
    """The customers' money at the bank. `demo` is the bank that believes what the city opened with, in a demo only."""

    database: Database
    clock: Clock
    ids: Ids
    bank: PayoutBank
    demo: DemoDeposits | None = None

    async def check(self) -> ReserveCheck:
        """Read the bank's statement, compare, and keep what was found. Raises `Unreachable` when the bank does not answer."""
        await self.tell_openings()
        started = self.clock.now()
        findings = await BankLines(self.database, self.clock, self.bank).read()
        async with self.database.transaction() as connection:
            check = await self._compare(connection, findings, started)
        async with self.database.connection() as connection:
            await store.insert(connection, check)
        if not check.holds:
            log.error("ledger and bank differ", difference_fen=check.difference, findings=list(check.findings))
        return check

    async def newest(self, limit: int = 1) -> list[ReserveCheck]:
        """Give the newest comparisons."""
        async with self.database.connection() as connection:
            return await store.newest_checks(connection, limit=limit)

    async def by_kind(self) -> dict[AccountKind, int]:
        """Sum up the ledger by kind of account, in fen: what is owed to whom, and the reserve (negative)."""
        async with self.database.connection() as connection:
            return {AccountKind(kind): amount for kind, amount in (await store.by_kind(connection)).items()}

    async def _compare(self, connection: Connection, findings: Sequence[str], started: datetime) -> ReserveCheck:
        await store.one_view(connection)
        booked = await store.ledger_reserve(connection)
        last = await newest_line(connection)
        bank = last.balance if last else 0
        coming = going = 0
        found = list(findings)
        for item in await store.unmatched(connection, since=started, limit=UNMATCHED_MAX):
            if item.is_open:
                coming += item.line - item.posted
            elif item.line == 0 and item.is_fresh:
                going += item.posted
            else:
                found.append(f"{item.kind} {item.reference}: the ledger has {item.posted} fen, the bank {item.line}")
        difference = booked - bank - going + coming
        return ReserveCheck(
            id=self.ids.next(),
            checked_at=started,
            ledger=booked,
            bank=bank,
            coming=coming,
            going=going,
            difference=difference,
            holds=not difference and not found,
            findings=found[:FINDINGS_MAX],
        )

    # --- the demo's money

    async def tell_openings(self) -> None:
        """Tell the demo's bank what the city opened with since it was told last: nobody paid it in. Elsewhere nothing happens."""
        if self.demo is None:
            return
        await self.database.repeat(self._write_openings)
        async with self.database.connection() as connection:
            untold = await store.untold(connection)
        for identity, amount in untold:
            await self.demo.deposit(reference=str(identity), amount_fen=amount)
            async with self.database.connection() as connection:
                await store.mark_told(connection, identity)

    async def _write_openings(self, connection: Connection) -> None:
        """Write down what the bank is to be told before it is told; one process at a time, so that nothing is told twice."""
        await settlement_store.hold(connection)
        for bucket in range(await ledger.bucket_count(connection)):
            batch, amount = await store.opened(connection, bucket)
            if batch is not None:
                identity = self.ids.next()
                await store.put_opening(connection, identity=identity, bucket=bucket, last_batch=batch, amount=amount)
