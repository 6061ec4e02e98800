"""What wallets do: tell the balance, take money in from the bank exactly once.

A top-up is written down before the bank is asked, under the id that is the bank's reference and the ledger's posting id at once.
The bank carries a reference out once, the ledger posts an id once, and the row is settled in the posting's own transaction. So a
process may die between any two lines: what is open is found by `ask_again`, which nothing but a known outcome ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import psycopg
import structlog

from haihe.base.clock import Clock, day_start, service_day
from haihe.base.database import Connection, Database
from haihe.base.errors import BrokenInvariantError
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids, time_of
from haihe.base.money import Money
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posted, Posting, Result, SystemAccount, TransferKind
from haihe.outside.bank import UNKNOWN, Bank, DemoBank, Outcome, OutcomeKind
from haihe.people.freezing.guard import refuse_frozen
from haihe.people.service import People
from haihe.wallet import errors, rules, store
from haihe.wallet.bank_lines import store as bank_lines
from haihe.wallet.bank_lines.judging import PULL, judged
from haihe.wallet.bank_lines.reporting import report_contradiction
from haihe.wallet.cards import Cards
from haihe.wallet.following import follow
from haihe.wallet.model import Origin, TopUp, TopUpStatus, WalletRules

DUE_MAX: Final = 50
"""Open top-ups that one run takes from a bucket; the next run takes more."""
RECENT_MAX: Final = 20
COUNTED: Final = (Origin.CITIZEN, Origin.RULE)
"""Top-ups that count against the day's limit of top-ups."""
CREDITED: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED})

log = structlog.get_logger("haihe.wallet")


@dataclass(frozen=True)
class Wallets:
    """The citizens' wallets."""

    database: Database
    clock: Clock
    ids: Ids
    people: People
    cards: Cards
    bank: Bank
    rules: WalletRules

    async def balance(self, *, citizen: int, bucket: int) -> Money:
        """Tell what a citizen can spend."""
        async with self.database.connection() as connection:
            found = await ledger.balances(connection, bucket, [citizen])
        return Money(found.get(citizen, 0))

    # --- top-up

    async def top_up(self, *, citizen: int, bucket: int, amount: int, card: int, key: str, passcode: str = "") -> TopUp:
        """Pull `amount` fen from a card into the wallet; the answer may be open, then it becomes known by itself.

        `key` is the idempotency key: the same key gives the same top-up, as it stands now. Raises in this order `TopUpKeyMissing`,
        `TopUpAmountInvalid`, `TopUpKeyReused`, `CardUnknown`, the passcode's refusals above the limit, `WalletFrozen`, `TopUpLimitReached`.
        """
        rules.check_key(key)
        rules.check_amount(amount, self.rules)
        if known := await self._known(citizen=citizen, bucket=bucket, key=key, content=(card, amount)):
            return known
        number = await self.cards.number(citizen, card)
        if amount > self.rules.passcode_above_fen:
            await self.people.check_passcode(citizen, passcode)
        new = self.new_top_up(citizen=citizen, bucket=bucket, amount=amount, card=card, key=key)
        try:
            asked = await self._write_down(new)
        except psycopg.errors.UniqueViolation:  # the same request came twice at once, and the other was faster
            known = await self._known(citizen=citizen, bucket=bucket, key=key, content=(card, amount))
            if known is None:
                raise
            return known
        return await self.carry_out(asked, number)

    def new_top_up(
        self, *, citizen: int, bucket: int, amount: int, card: int, key: str, origin: Origin = Origin.CITIZEN
    ) -> store.NewTopUp:
        """Make a top-up that is to be written down; the bank is asked about it again by itself if nobody does."""
        now = self.clock.now()
        return store.NewTopUp(
            id=self.ids.next(),
            bucket=bucket,
            citizen=citizen,
            card=card,
            amount=amount,
            key_hash=rules.key_hash(key),
            content_hash=rules.content_hash(card=card, amount=amount),
            asked_at=now,
            next_try_at=now if origin is Origin.RULE else now + rules.FIRST_ENQUIRY,
            origin=origin,
        )

    async def carry_out(self, asked: TopUp, number: str) -> TopUp:
        """Ask the bank for a top-up that is written down and committed, and write down what it says."""
        return await self._settle(asked, await self._pull(asked, number))

    async def top_up_by_id(self, identity: int, *, citizen: int, bucket: int) -> TopUp:
        """Read a citizen's own top-up. Raises `TopUpUnknown`."""
        async with self.database.connection() as connection:
            found = await store.by_id(connection, bucket, identity)
        if found is None or found.citizen != citizen:
            raise errors.TopUpUnknown
        return found

    async def recent_top_ups(self, *, citizen: int, bucket: int) -> list[TopUp]:
        """Give a citizen's newest top-ups."""
        async with self.database.connection() as connection:
            return await store.recent(connection, bucket, citizen, limit=RECENT_MAX)

    async def _known(self, *, citizen: int, bucket: int, key: str, content: tuple[int, int]) -> TopUp | None:
        async with self.database.connection() as connection:
            found = await store.by_key(connection, bucket, citizen=citizen, key_hash=rules.key_hash(key))
        if found is None:
            return None
        top_up, content_hash = found
        if content_hash != rules.content_hash(card=content[0], amount=content[1]):
            raise errors.TopUpKeyReused
        return top_up

    async def _write_down(self, new: store.NewTopUp) -> TopUp:
        async with self.database.transaction() as connection:
            await store.hold_citizen(connection, new.citizen)
            await refuse_frozen(connection, new.citizen)
            left = await self.left_today(connection, citizen=new.citizen, bucket=new.bucket)
            if new.amount > left:
                raise errors.TopUpLimitReached(field="amount", left=left)
            return await store.insert(connection, new)

    async def left_today(self, connection: Connection, *, citizen: int, bucket: int) -> int:
        """Say how much a citizen, who is held, may still top up today."""
        since = day_start(service_day(self.clock.now()))
        today = await store.day_total(connection, bucket, citizen, since=since, origins=COUNTED)
        return max(0, self.rules.day_fen_max - today)

    async def _pull(self, top_up: TopUp, number: str) -> Outcome:
        return await self.bank.pull(reference=str(top_up.id), card=number, amount_fen=top_up.amount)

    # --- what the bank said

    async def _settle(self, top_up: TopUp, outcome: Outcome) -> TopUp:
        return await self.database.repeat(lambda connection: self._settle_in(connection, top_up, outcome))

    async def _settle_in(self, connection: Connection, top_up: TopUp, outcome: Outcome) -> TopUp:
        stored = await store.by_id(connection, top_up.bucket, top_up.id, lock=True)
        if stored is None:
            raise BrokenInvariantError(f"top-up {top_up.id} has vanished")
        if not stored.is_open:
            return stored
        now = self.clock.now()
        line = await bank_lines.amount_of(connection, PULL, stored.id)
        word = judged(outcome, amount=stored.amount, line=line)
        match word.kind:
            case OutcomeKind.DONE:
                settled = await self._credit(connection, stored, now)
            case OutcomeKind.REFUSED:
                settled = replace(stored, status=TopUpStatus.REFUSED, reason=word.reason)
            case OutcomeKind.UNKNOWN:
                settled = replace(stored, status=TopUpStatus.UNKNOWN, reason=word.reason or stored.reason)
        if settled != stored:
            await store.settle(connection, settled, now=now, next_try_at=now + rules.UNKNOWN_ENQUIRY)
        if not settled.is_open:
            await follow(connection, settled, now=now)
        elif settled.reason != stored.reason:
            await report_contradiction(connection, PULL, settled.id, citizen=settled.citizen, line=line, at=now)
        return settled

    async def _credit(self, connection: Connection, top_up: TopUp, now: datetime) -> TopUp:
        posted = await self._post(connection, top_up, credit=top_up.citizen, now=now)
        if posted.result in CREDITED:
            return replace(top_up, status=TopUpStatus.DONE, reason="", balance=posted.balance)
        reason = posted.result.name.lower()
        log.warning("top-up is held", top_up=top_up.id, reason=reason)
        held = await self._post(connection, top_up, credit=SystemAccount.SUSPENSE, now=now)
        if held.result not in CREDITED:
            raise BrokenInvariantError(f"top-up {top_up.id} cannot be posted: {held.result.name}")
        return replace(top_up, status=TopUpStatus.HELD, reason=reason)

    async def _post(self, connection: Connection, top_up: TopUp, *, credit: int, now: datetime) -> Posted:
        """Post under the top-up's own id; a refusal is not remembered, so that the money can still be held under it."""
        leg = Leg(SystemAccount.RESERVE, credit, top_up.amount, TransferKind.TOP_UP)
        posting = Posting(top_up.id, [leg], effective=time_of(top_up.id), subject=credit)
        batch = await ledger.post(connection, top_up.bucket, [posting], now=now, remember=False)
        return batch.posted[0]

    # --- asking again

    async def ask_again(self) -> None:
        """Ask the bank about every open top-up whose time has come; the job behind "pending until known"."""
        async with self.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
        for bucket in range(buckets):
            taken = await self._take_due(bucket)
            ends = await asyncio.gather(*(self._find_out(top_up) for top_up in taken), return_exceptions=True)
            for top_up, end in zip(taken, ends, strict=True):
                if end is not None:  # one bad top-up never stops its neighbours; it stays open and is tried again
                    log.error("top-up could not be settled", top_up=top_up.id, exc_info=end)

    async def _take_due(self, bucket: int) -> Sequence[TopUp]:
        now = self.clock.now()
        async with self.database.transaction() as connection:
            found = await store.due(connection, bucket, now=now, limit=DUE_MAX)
            if not found:
                return []
            next_tries = [now + rules.next_enquiry(tries) for _, tries in found]
            return await store.move_on(connection, bucket, [identity for identity, _ in found], next_tries)

    async def _find_out(self, top_up: TopUp) -> None:
        outcome = await self.bank.enquire(str(top_up.id))
        if outcome.kind is OutcomeKind.UNKNOWN and not outcome.reason:
            outcome = await self._ask_or_call_off(top_up)
        if outcome.kind is not OutcomeKind.UNKNOWN or outcome.reason:
            await self._settle(top_up, outcome)

    async def _ask_or_call_off(self, top_up: TopUp) -> Outcome:
        """Ask once more while someone may be waiting, else make sure that it never happens; both are safe to repeat."""
        if self.clock.now() - top_up.asked_at > rules.ASK_AGAIN:
            return await self.bank.call_off(str(top_up.id))
        try:
            number = await self.cards.number(top_up.citizen, top_up.card)
        except errors.CardUnknown:  # the citizen removed the card meanwhile
            return await self.bank.call_off(str(top_up.id))
        return await self._pull(top_up, number)

    # --- the bank's statement

    async def is_waiting(self, since: datetime) -> bool:
        """Tell whether the bank's word is awaited since a moment or longer."""
        async with self.database.connection() as connection:
            for bucket in range(await ledger.bucket_count(connection)):
                if await store.is_waiting(connection, bucket, since=since):
                    return True
        return False

    async def settle_by_statement(self) -> None:
        """Settle what is open and stands on the statement as far as it was read."""
        async with self.database.connection() as connection:
            buckets = range(await ledger.bucket_count(connection))
            known = [one for bucket in buckets for one in await store.on_statement(connection, bucket, limit=DUE_MAX)]
        for top_up in known:
            await self._settle(top_up, UNKNOWN)


def build_wallets(
    base: Foundation, *, people: People, bank: Bank, limits: WalletRules, demo: DemoBank | None = None
) -> Wallets:
    """Put the service together; `demo` is the bank that can make cards up, in a demo only."""
    cards = Cards(base.database, base.clock, base.ids, base.vault, people, bank, limits, base.audit, demo)
    return Wallets(base.database, base.clock, base.ids, people, cards, bank, limits)
