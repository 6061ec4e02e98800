"""Pays organisations what closed days brought them, through the bank, once.

It goes the way of a top-up (haihe/wallet/service.py), outward: a payout is written down with the ids of everything that follows, its
parts leave the tills, the bank is asked under the payout's id, and what it says is written down before the parts go on: to the bank, or
back into the tills. So a process may die between any two lines. What is open is found again by the job, and nothing but the bank's
word ends it. A payout pays what is owed by then: what was carried, refused or could not be taken before is in the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import structlog

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import Ids
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.ledger import service as ledger
from haihe.ledger.model import POSTINGS_MAX, Leg, Posting, Result, SystemAccount, TransferKind
from haihe.outside.bank import Outcome, OutcomeKind, PayoutBank
from haihe.settlement import payout_store as store, rules, store as settlement_store
from haihe.settlement.model import Payout, PayoutStatus, Portion
from haihe.wallet.rules import UNKNOWN_ENQUIRY, next_enquiry

DUE_MAX: Final = 50
"""Payouts that one run asks the bank about; the next run takes more."""
SETTLED_AS: Final = {
    OutcomeKind.DONE: PayoutStatus.DONE,
    OutcomeKind.REFUSED: PayoutStatus.REFUSED,
    OutcomeKind.UNKNOWN: PayoutStatus.UNKNOWN,
}
POSTED: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED})

log = structlog.get_logger("haihe.settlement")


@dataclass(frozen=True)
class Payouts:
    """The organisations' payouts."""

    database: Database
    clock: Clock
    ids: Ids
    bank: PayoutBank

    # --- what is owed is written down

    async def plan(self) -> int:
        """Write down what is owed after the newest settled day, where that was not done; give the number of payouts."""
        return await self.database.repeat(self._plan)

    async def _plan(self, connection: Connection) -> int:
        await settlement_store.hold(connection)
        day = await store.day_to_plan(connection)
        if day is None:
            return 0
        owed = await store.owed(connection, since=await settlement_store.settled_from(connection), day=day)
        accounts = await store.accounts(connection)
        payouts, portions = [], []
        for organisation, by_bucket in sorted(owed.items()):
            taken = rules.portions(by_bucket)
            if not taken:
                continue
            if organisation not in accounts:
                log.warning("an organisation has no bank account", organisation=organisation)
                continue
            payout = self._planned(organisation, day, account=accounts[organisation], amount=sum(taken.values()))
            payouts.append(payout)
            portions += self._portions(payout, taken)
        await store.insert(connection, payouts, portions)
        await store.mark_planned(connection, day)
        if payouts:
            await audit.write(connection, [_deed(one) for one in payouts], at=self.clock.now())
        return len(payouts)

    def _planned(self, organisation: int, day: date, *, account: str, amount: int) -> Payout:
        now = self.clock.now()
        return Payout(
            id=self.ids.next(),
            organisation=organisation,
            day=day,
            account=account,
            amount=amount,
            status=PayoutStatus.PLANNED,
            reason="",
            planned_at=now,
            changed_at=now,
        )

    def _portions(self, payout: Payout, taken: Mapping[int, int]) -> list[Portion]:
        ids = iter(self.ids.take(2 * len(taken)))
        return [
            Portion(
                bucket=bucket,
                payout=payout.id,
                organisation=payout.organisation,
                amount=amount,
                posting=next(ids),
                ending=next(ids),
            )
            for bucket, amount in taken.items()
        ]

    # --- it leaves the tills

    async def move(self) -> None:
        """Take planned payouts out of the tills, and let those that have all their parts be asked for."""
        for bucket in await self._buckets():
            await self.database.repeat(lambda connection, bucket=bucket: self._move(connection, bucket))  # type: ignore[misc]
        async with self.database.transaction() as connection:
            await store.mark_all_moved(connection, self.clock.now())

    async def _buckets(self) -> range:
        async with self.database.connection() as connection:
            return range(await ledger.bucket_count(connection))

    async def _move(self, connection: Connection, bucket: int) -> None:
        """Take a bucket's parts out of their tills, whatever refunds since the close have left there: the rest is owed on."""
        await ledger.lock(connection, bucket)
        planned = await store.to_move(connection, bucket, limit=POSTINGS_MAX)
        if not planned:
            return
        fees = await store.open_fees(connection, bucket)
        tills = await ledger.balances(connection, bucket, [portion.organisation for portion, _ in planned])
        amounts: dict[int, int] = {}
        postings: dict[int, Posting] = {}
        for portion, planned_at in planned:
            left = tills[portion.organisation] - fees.get(portion.organisation, 0)
            amounts[portion.payout] = amount = min(portion.amount, AMOUNT_FEN_MAX, max(0, left))
            tills[portion.organisation] -= amount
            if amount:
                leg = Leg(portion.organisation, SystemAccount.PAYOUTS, amount, TransferKind.PAYOUT)
                postings[portion.payout] = Posting(portion.posting, (leg,), planned_at, subject=portion.organisation)
        if postings:
            batch = await ledger.post(connection, bucket, list(postings.values()), now=self.clock.now(), remember=False)
            for payout, posted in zip(postings, batch.posted, strict=True):
                if posted.result not in POSTED:  # a frozen or closed till: nothing leaves it, and it stays owed
                    log.warning(
                        "a till gives no payout", payout=payout, bucket=bucket, reason=posted.result.name.lower()
                    )
                    amounts[payout] = 0
        await store.mark_moved(connection, bucket, amounts)

    # --- the bank is asked

    async def ask(self, *, may_push: bool) -> None:
        """Ask the bank about every open payout whose time has come; money goes out only if `may_push`."""
        taken = await self._take_due(may_push=may_push)
        ends = await asyncio.gather(
            *(self._find_out(payout, tries=tries, may_push=may_push) for tries, payout in taken), return_exceptions=True
        )
        for (_, payout), end in zip(taken, ends, strict=True):
            if end is not None:  # one bad payout never stops its neighbours; it stays open and is tried again
                log.error("payout could not be settled", payout=payout.id, exc_info=end)

    async def _take_due(self, *, may_push: bool) -> Sequence[tuple[int, Payout]]:
        now = self.clock.now()
        async with self.database.transaction() as connection:
            found = await store.due(connection, now=now, may_push=may_push, limit=DUE_MAX)
            if not found:
                return []
            next_tries = [now + next_enquiry(tries) for _, tries in found]
            return await store.move_on(connection, [identity for identity, _ in found], next_tries)

    async def _find_out(self, payout: Payout, *, tries: int, may_push: bool) -> None:
        outcome = await self._push(payout) if tries == 1 else await self.bank.enquire_push(str(payout.id))
        if outcome.kind is OutcomeKind.UNKNOWN and tries > 1:
            outcome = await self._ask_or_call_off(payout, outcome, may_push=may_push)
        await self._settle(payout, outcome)

    async def _ask_or_call_off(self, payout: Payout, unknown: Outcome, *, may_push: bool) -> Outcome:
        """Ask once more, or after a long time make sure that it never happens; both are safe to repeat."""
        if self.clock.now() - payout.planned_at > rules.CALL_OFF_AFTER:
            return await self.bank.call_off_push(str(payout.id))
        return await self._push(payout) if may_push else unknown

    async def _push(self, payout: Payout) -> Outcome:
        return await self.bank.push(reference=str(payout.id), account=payout.account, amount_fen=payout.amount)

    async def _settle(self, payout: Payout, outcome: Outcome) -> Payout:
        settled = await self.database.repeat(lambda connection: self._settle_in(connection, payout.id, outcome))
        if not settled.is_open:
            await self.end()
        return settled

    async def _settle_in(self, connection: Connection, identity: int, outcome: Outcome) -> Payout:
        """Write down what the bank said; its first clear word holds."""
        stored = await store.payout(connection, identity, lock=True)
        if stored is None:
            raise BrokenInvariantError(f"payout {identity} has vanished")
        status = SETTLED_AS[outcome.kind]
        if not stored.is_open or stored.status is status:
            return stored
        now = self.clock.now()
        settled = replace(stored, status=status, reason=outcome.reason, changed_at=now)
        await store.settle(connection, settled, next_try_at=now + UNKNOWN_ENQUIRY)
        return settled

    # --- it ends

    async def end(self) -> None:
        """Post what is known: out of the reserve what the bank has paid, back into the tills what it refused."""
        for bucket in await self._buckets():
            await self.database.repeat(lambda connection, bucket=bucket: self._end(connection, bucket))  # type: ignore[misc]

    async def _end(self, connection: Connection, bucket: int) -> None:
        await ledger.lock(connection, bucket)
        known = await store.to_end(connection, bucket, limit=POSTINGS_MAX)
        if not known:
            return
        postings = [
            Posting(portion.ending, (_ending(portion, status),), changed_at, subject=SystemAccount.PAYOUTS)
            for portion, status, changed_at in known
        ]
        batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=False)
        results = {portion.payout: one.result for (portion, _, _), one in zip(known, batch.posted, strict=True)}
        await store.mark_ended(connection, bucket, [payout for payout, result in results.items() if result in POSTED])
        for payout, result in results.items():
            if result not in POSTED:  # a till that was frozen or closed meanwhile: it waits on its way
                log.warning("a payout cannot come back", payout=payout, bucket=bucket, reason=result.name.lower())


def _deed(payout: Payout) -> Deed:
    """Write down that the city pays out, of its own accord: nobody can ask for it by hand."""
    details = {"payout": str(payout.id), "amount": payout.amount, "day": payout.day.isoformat()}
    return Deed(action="payout_planned", actor=Actor.CITY, organisation=payout.organisation, details=details)


def _ending(portion: Portion, status: PayoutStatus) -> Leg:
    """Say where a part goes in the end; it names the transfer that took it out of its till."""
    if status is PayoutStatus.DONE:
        kind, credit = TransferKind.PAYOUT, int(SystemAccount.RESERVE)
    else:
        kind, credit = TransferKind.REVERSAL, portion.organisation
    return Leg(SystemAccount.PAYOUTS, credit, portion.amount, kind, names=portion.posting)
