"""Takes citizens' money out to their own cards, exactly once.

It goes the way of a top-up (haihe/wallet/service.py), outward: the row and the posting that takes the money out of the wallet are one
transaction, then the bank is asked under the row's id, and what it says, or what its statement shows, ends it: on to the bank, or
back into the wallet by a reversal that names the transfer. So a process may die between any two lines; what is open is found by
`ask_again`, and nothing but the bank's word ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import psycopg
import structlog

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.clock import day_start, service_day
from haihe.base.confirmations import Strength, matter
from haihe.base.database import Connection, TryAgain
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.ids import time_of
from haihe.base.money import Money
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posted, Posting, Result, SystemAccount
from haihe.outside.bank import UNKNOWN, Outcome, OutcomeKind, PayoutBank
from haihe.wallet.bank_lines import store as bank_lines
from haihe.wallet.bank_lines.judging import PUSH, judged
from haihe.wallet.bank_lines.reporting import report_contradiction
from haihe.wallet.errors import CardUnknown
from haihe.wallet.rules import ASK_AGAIN, FIRST_ENQUIRY, UNKNOWN_ENQUIRY, check_key, key_hash, next_enquiry
from haihe.wallet.service import Wallets
from haihe.wallet.store import hold_citizen
from haihe.wallet.withdrawals import errors, rules, store
from haihe.wallet.withdrawals.model import Withdrawal, WithdrawalStatus, WithdrawalWish

DUE_MAX: Final = 50
"""Open withdrawals that one run takes from a bucket; the next run takes more."""
RECENT_MAX: Final = 20
POSTED: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED})
ASKED: Final = "withdrawal_asked"
SETTLED: Final = "withdrawal_settled"

log = structlog.get_logger("haihe.wallet")


@dataclass(frozen=True)
class Withdrawals:
    """The citizens' withdrawals."""

    base: Foundation
    wallets: Wallets
    bank: PayoutBank

    async def withdraw(self, wish: WithdrawalWish) -> Withdrawal:
        """Send money to one of the citizen's own cards; the answer may be open, then it becomes known by itself.

        The same key gives the same withdrawal, as it stands now. Raises in this order `TopUpKeyMissing`, `WithdrawalAmountInvalid`,
        `WithdrawalKeyReused`, `CardUnknown`, `ConfirmationInvalid` or the passcode's refusals, `WithdrawalLimitReached`,
        `WithdrawalFrozen`, `WithdrawalClosed`, `WithdrawalInsufficient`; none of these is remembered.
        """
        check_key(wish.key)
        rules.check_amount(wish.amount, self.wallets.rules)
        if known := await self._known(wish):
            return known
        deed = Deed(action=ASKED, actor=Actor.CITIZEN, actor_id=wish.citizen, subject=wish.citizen)
        async with self.base.audit.attempt(deed):
            number = await self.wallets.cards.number(wish.citizen, wish.card)
            await self._insist_on_confirmation(wish)
            try:
                asked = await self._write_down(wish)
            except psycopg.errors.UniqueViolation:  # the same request came twice at once, and the other was faster
                known = await self._known(wish)
                if known is None:
                    raise
                return known
        return await self._settle(asked, await self._push(asked, number))

    async def by_id(self, identity: int, *, citizen: int, bucket: int) -> Withdrawal:
        """Read a citizen's own withdrawal. Raises `WithdrawalUnknown`."""
        async with self.base.database.connection() as connection:
            found = await store.by_id(connection, bucket, identity)
        if found is None or found.citizen != citizen:
            raise errors.WithdrawalUnknown
        return found

    async def recent(self, *, citizen: int, bucket: int) -> list[Withdrawal]:
        """Give a citizen's newest withdrawals."""
        async with self.base.database.connection() as connection:
            return await store.recent(connection, bucket, citizen, limit=RECENT_MAX)

    async def _known(self, wish: WithdrawalWish) -> Withdrawal | None:
        async with self.base.database.connection() as connection:
            found = await store.by_key(connection, wish.bucket, citizen=wish.citizen, key_hash=key_hash(wish.key))
        if found is None:
            return None
        withdrawal, content = found
        if content != rules.content_hash(card=wish.card, amount=wish.amount):
            raise errors.WithdrawalKeyReused
        return withdrawal

    async def _insist_on_confirmation(self, wish: WithdrawalWish) -> None:
        """Money never leaves without a second factor: a confirmation of this request, else the passcode."""
        strength = self.base.confirmations.read(
            wish.citizen, wish.key, wish.confirmation, about=matter(f"withdraw-{wish.card}", wish.amount)
        )
        if strength < Strength.PASSCODE:
            await self.wallets.people.check_passcode(wish.citizen, wish.passcode)

    async def _write_down(self, wish: WithdrawalWish) -> Withdrawal:
        return await self.base.database.repeat(lambda connection: self._write_down_in(connection, wish))

    async def _write_down_in(self, connection: Connection, wish: WithdrawalWish) -> Withdrawal:
        """Take the money out of the wallet and write down what is left to do, all or none."""
        await hold_citizen(connection, wish.citizen)
        now = self.base.clock.now()
        since = day_start(service_day(now))
        today = await store.day_total(connection, wish.bucket, wish.citizen, since=since)
        left = max(0, self.wallets.rules.withdraw_day_fen_max - today)
        if wish.amount > left:
            raise errors.WithdrawalLimitReached(field="amount", left=left)
        identity, ending = self.base.ids.take(2)
        leg = rules.leaving(wallet=wish.citizen, amount=wish.amount)
        posted = await self._post(connection, wish.bucket, identity, leg, subject=wish.citizen)
        if posted.result is not Result.POSTED:
            raise _refusal(posted)
        withdrawal = Withdrawal(
            id=identity,
            bucket=wish.bucket,
            ending=ending,
            citizen=wish.citizen,
            card=wish.card,
            amount=wish.amount,
            status=WithdrawalStatus.ASKED,
            reason="",
            balance=posted.balance,
            asked_at=now,
        )
        new = store.NewWithdrawal(
            withdrawal=withdrawal,
            key_hash=key_hash(wish.key),
            content_hash=rules.content_hash(card=wish.card, amount=wish.amount),
            next_try_at=now + FIRST_ENQUIRY,
        )
        await store.insert(connection, new)
        details = {"withdrawal": str(identity), "card": str(wish.card), "amount": wish.amount}
        deed = Deed(action=ASKED, actor=Actor.CITIZEN, actor_id=wish.citizen, subject=wish.citizen, details=details)
        await audit.write(connection, [deed], at=now)
        return withdrawal

    async def _post(self, connection: Connection, bucket: int, identity: int, leg: Leg, *, subject: int) -> Posted:
        """Post one leg; a refusal is not remembered, so that money that cannot come back can still be held under the same id."""
        posting = Posting(identity, (leg,), effective=time_of(identity), subject=subject)
        batch = await ledger.post(connection, bucket, [posting], now=self.base.clock.now(), remember=False)
        return batch.posted[0]

    async def _push(self, asked: Withdrawal, number: str) -> Outcome:
        return await self.bank.push(reference=str(asked.id), account=number, amount_fen=asked.amount)

    # --- what the bank said

    async def _settle(self, withdrawal: Withdrawal, outcome: Outcome) -> Withdrawal:
        return await self.base.database.repeat(lambda connection: self._settle_in(connection, withdrawal, outcome))

    async def _settle_in(self, connection: Connection, withdrawal: Withdrawal, outcome: Outcome) -> Withdrawal:
        stored = await store.by_id(connection, withdrawal.bucket, withdrawal.id, lock=True)
        if stored is None:
            raise BrokenInvariantError(f"withdrawal {withdrawal.id} has vanished")
        if not stored.is_open:
            return stored
        now = self.base.clock.now()
        line = await bank_lines.amount_of(connection, PUSH, stored.id)
        word = judged(outcome, amount=-stored.amount, line=line)
        settled = await self._settled(connection, stored, word)
        if settled != stored:
            await store.settle(connection, settled, now=now, next_try_at=now + UNKNOWN_ENQUIRY)
        if not settled.is_open:
            await self._tell(connection, settled, now)
        elif settled.reason != stored.reason:
            await report_contradiction(connection, PUSH, settled.id, citizen=settled.citizen, line=line, at=now)
        return settled

    async def _settled(self, connection: Connection, stored: Withdrawal, word: Outcome) -> Withdrawal:
        """Post what the bank's word means, and say how the withdrawal stands by it."""
        if word.kind is OutcomeKind.UNKNOWN:
            return replace(stored, status=WithdrawalStatus.UNKNOWN, reason=word.reason or stored.reason)
        if word.kind is OutcomeKind.DONE:
            leg = rules.arriving(stored)
            await self._insist(connection, stored, leg, subject=leg.debit)
            return replace(stored, status=WithdrawalStatus.DONE, reason="")
        back = rules.returning(stored, to=stored.citizen)
        posted = await self._post(connection, stored.bucket, stored.ending, back, subject=stored.citizen)
        if posted.result in POSTED:
            return replace(stored, status=WithdrawalStatus.REFUSED, reason=word.reason, balance=posted.balance)
        reason = posted.result.name.lower()
        log.warning("a withdrawal that came back is held", withdrawal=stored.id, reason=reason)
        held = rules.returning(stored, to=SystemAccount.SUSPENSE)
        await self._insist(connection, stored, held, subject=held.credit)
        return replace(stored, status=WithdrawalStatus.HELD, reason=reason)

    async def _insist(self, connection: Connection, stored: Withdrawal, leg: Leg, *, subject: int) -> None:
        posted = await self._post(connection, stored.bucket, stored.ending, leg, subject=subject)
        if posted.result not in POSTED:
            raise BrokenInvariantError(f"withdrawal {stored.id} cannot be ended: {posted.result.name}")

    async def _tell(self, connection: Connection, settled: Withdrawal, now: datetime) -> None:
        body = {"withdrawal": str(settled.id), "status": settled.status_word, "amount": settled.amount}
        await outbox.publish(connection, settled.bucket, [News(SETTLED, settled.citizen, body)], at=now)

    # --- asking again

    async def ask_again(self) -> None:
        """Ask the bank about every open withdrawal whose time has come; the job behind "pending until known"."""
        for bucket in await self._buckets():
            taken = await self._take_due(bucket)
            ends = await asyncio.gather(*(self._find_out(one) for one in taken), return_exceptions=True)
            for one, end in zip(taken, ends, strict=True):
                if end is not None:  # one bad withdrawal never stops its neighbours; it stays open and is tried again
                    log.error("withdrawal could not be settled", withdrawal=one.id, exc_info=end)

    async def _buckets(self) -> range:
        async with self.base.database.connection() as connection:
            return range(await ledger.bucket_count(connection))

    async def _take_due(self, bucket: int) -> Sequence[Withdrawal]:
        now = self.base.clock.now()
        async with self.base.database.transaction() as connection:
            found = await store.due(connection, bucket, now=now, limit=DUE_MAX)
            if not found:
                return []
            next_tries = [now + next_enquiry(tries) for _, tries in found]
            return await store.move_on(connection, bucket, [identity for identity, _ in found], next_tries)

    async def _find_out(self, withdrawal: Withdrawal) -> None:
        outcome = await self.bank.enquire_push(str(withdrawal.id))
        if outcome.kind is OutcomeKind.UNKNOWN and not outcome.reason:
            outcome = await self._ask_or_call_off(withdrawal)
        if outcome.kind is not OutcomeKind.UNKNOWN or outcome.reason:
            await self._settle(withdrawal, outcome)

    async def _ask_or_call_off(self, withdrawal: Withdrawal) -> Outcome:
        """Ask once more while someone may be waiting, else make sure that it never happens; both are safe to repeat."""
        if self.base.clock.now() - withdrawal.asked_at > ASK_AGAIN:
            return await self.bank.call_off_push(str(withdrawal.id))
        try:
            number = await self.wallets.cards.number(withdrawal.citizen, withdrawal.card)
        except CardUnknown:  # the citizen removed the card meanwhile
            return await self.bank.call_off_push(str(withdrawal.id))
        return await self._push(withdrawal, number)

    # --- the bank's statement

    async def is_waiting(self, since: datetime) -> bool:
        """Tell whether the bank's word is awaited since a moment or longer."""
        buckets = await self._buckets()
        async with self.base.database.connection() as connection:
            for bucket in buckets:
                if await store.is_waiting(connection, bucket, since=since):
                    return True
        return False

    async def settle_by_statement(self) -> None:
        """Settle what is open and stands on the statement as far as it was read."""
        buckets = await self._buckets()
        async with self.base.database.connection() as connection:
            known = [one for bucket in buckets for one in await store.on_statement(connection, bucket, limit=DUE_MAX)]
        for one in known:
            await self._settle(one, UNKNOWN)


def _refusal(posted: Posted) -> Exception:
    """Say what the ledger refused; where the clock was put back a later id will do."""
    refusal = errors.REFUSAL_OF_RESULT.get(posted.result)
    if refusal is None:
        return TryAgain()
    if refusal is errors.WithdrawalInsufficient:
        return refusal(balance=Money(posted.balance).as_json())
    return refusal()
