"""What citizens and the job do with rules for automatic top-ups.

The job writes the top-up down and marks the rule in one transaction, under the citizen's lock; the bank is then asked by the
ordinary job of top-ups. While that one is open the rule waits, and since one pull is always enough, a low balance is answered once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.clock import day_start, service_day
from haihe.base.database import Connection
from haihe.base.foundation import Foundation
from haihe.base.ids import first_id_at
from haihe.ledger import service as ledger
from haihe.people.law.model import Law, read_law
from haihe.wallet import errors as wallet_errors, store as wallet_store
from haihe.wallet.auto import errors, rules, store
from haihe.wallet.auto.model import AutoRule
from haihe.wallet.model import Card, Origin, TopUp
from haihe.wallet.service import Wallets

LOW_MAX: Final = 200
"""Low wallets that one run answers in a bucket; the next run takes more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWish:
    """What a citizen wants: from which card how much below what, at most so much in a month; fen."""

    card: int
    below: int
    amount: int
    month_max: int


@dataclass(frozen=True)
class AutoTopUps:
    """The citizens' rules for automatic top-ups."""

    base: Foundation
    wallets: Wallets
    law: Law

    def amount_max(self) -> int:
        """Say how much may be pulled at a time without the bank's own check, in fen."""
        return self.law.on(service_day(self.base.clock.now())).card_pull_unconfirmed

    async def of(self, *, citizen: int, bucket: int) -> AutoRule | None:
        """Give a citizen's rule, if there is one."""
        async with self.base.database.connection() as connection:
            return await store.of(connection, bucket, citizen)

    async def set(self, wish: RuleWish, *, citizen: int, bucket: int, passcode: str) -> AutoRule:
        """Set or change a citizen's rule, which begins anew by it.

        Raises in this order `AutoAmountInvalid`, `AutoBelowInvalid`, `AutoMonthInvalid`, `CardUnknown`, and the passcode's refusals.
        """
        deed = Deed(action="auto_top_up_set", actor=Actor.CITIZEN, actor_id=citizen, subject=citizen)
        async with self.base.audit.attempt(deed):
            rules.check_rule(
                below=wish.below,
                amount=wish.amount,
                month_max=wish.month_max,
                amount_max=self.amount_max(),
                amount_min=self.wallets.rules.top_up_fen_min,
            )
            self._insist_on(wish.card, await self.wallets.cards.of(citizen))
            await self.wallets.people.check_passcode(citizen, passcode)
        now = self.base.clock.now()
        rule = AutoRule(
            bucket=bucket,
            citizen=citizen,
            card=wish.card,
            below=wish.below,
            amount=wish.amount,
            month_max=wish.month_max,
            newest=0,
            refusals=0,
            stopped="",
            set_at=now,
            next_look_at=now,
        )
        details = {"below": wish.below, "amount": wish.amount, "month_max": wish.month_max, "card": str(wish.card)}
        async with self.base.database.transaction() as connection:
            await store.put(connection, rule)
            written = Deed(action=deed.action, actor=Actor.CITIZEN, actor_id=citizen, subject=citizen, details=details)
            await audit.write(connection, [written], at=now)
        return rule

    def _insist_on(self, card: int, cards: list[Card]) -> None:
        if card not in {one.id for one in cards}:
            raise wallet_errors.CardUnknown(field="card")

    async def remove(self, *, citizen: int, bucket: int) -> None:
        """Forget a rule; what it asked for is still settled. Raises `AutoRuleUnknown`."""
        async with self.base.database.transaction() as connection:
            if not await store.drop(connection, bucket, citizen):
                raise errors.AutoRuleUnknown
            deed = Deed(action="auto_top_up_removed", actor=Actor.CITIZEN, actor_id=citizen, subject=citizen)
            await audit.write(connection, [deed], at=self.base.clock.now())

    # --- the job

    async def look(self) -> None:
        """Write a top-up down for everyone whose wallet has too little; the job."""
        now = self.base.clock.now()
        async with self.base.database.connection() as connection:
            buckets = await ledger.bucket_count(connection)
        for bucket in range(buckets):
            async with self.base.database.connection() as connection:
                found = await store.low(connection, bucket, now=now, limit=LOW_MAX)
            for citizen in found:
                await self.base.database.repeat(partial(self._ask, bucket=bucket, citizen=citizen, now=now))

    async def _ask(self, connection: Connection, *, bucket: int, citizen: int, now: datetime) -> TopUp | None:
        """Ask for one top-up, unless one is under way or the month's is used up."""
        await wallet_store.hold_citizen(connection, citizen)
        rule = await store.of(connection, bucket, citizen, lock=True)
        if rule is None or not rule.is_active or rule.next_look_at > now:
            return None
        if await store.is_open(connection, bucket, citizen):
            return None
        balance = (await ledger.balances(connection, bucket, [citizen])).get(citizen, 0)
        if balance >= rule.below:
            return None
        if rest := await self._rest(connection, rule, now):
            await store.rest(connection, bucket, citizen, until=rest)
            return None
        key = f"automatic {rule.set_at.isoformat()} after {rule.newest}"
        new = self.wallets.new_top_up(
            citizen=citizen, bucket=bucket, amount=rule.amount, card=rule.card, key=key, origin=Origin.RULE
        )
        await store.mark_asked(connection, bucket, citizen, new.id)
        return await wallet_store.insert(connection, new)

    async def _rest(self, connection: Connection, rule: AutoRule, now: datetime) -> datetime | None:
        """Say until when a rule has to rest: until the month or the day is over where it, or the citizen, has used them up."""
        today = service_day(now)
        month = day_start(today.replace(day=1))
        pulled = await store.month_total(
            connection, rule.bucket, rule.citizen, first_id=first_id_at(month), since=month
        )
        if pulled + rule.amount > rule.month_max:
            return day_start((today.replace(day=1) + timedelta(days=32)).replace(day=1))
        left = await self.wallets.left_today(connection, citizen=rule.citizen, bucket=rule.bucket)
        return day_start(today + timedelta(days=1)) if rule.amount > left else None


def build_auto_top_ups(base: Foundation, wallets: Wallets) -> AutoTopUps:
    """Put the service together."""
    return AutoTopUps(base, wallets, read_law())
