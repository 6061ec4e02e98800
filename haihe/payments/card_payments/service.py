"""Pays straight from a bank card: pulls exactly what is needed into the wallet and pays with it, each once.

The pull is an ordinary top-up (haihe/wallet/service.py), written down with the payment by card in one transaction, so that unknown
answers, the bank's statement and lost processes are its matter. When it is done, the payment follows under a key that is made of the
row, which is held meanwhile: whoever comes first pays, and a repeat gets the same answer. The wallet's limits do not count it. If it
is refused then (somebody else has paid the bill, the sticker was revoked), the money stays in the wallet, where it can be spent or
withdrawn, and the person is told so: sending it back to the card would take days and could fail on its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

import psycopg
import structlog

from haihe.base import outbox
from haihe.base.clock import day_start, service_day
from haihe.base.confirmations import matter
from haihe.base.database import Connection, TryAgain
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.foundation import Foundation
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.payments.card_payments import errors, rules, store
from haihe.payments.card_payments.model import CardPayment, CardPaymentStatus, CardPaymentWish
from haihe.payments.errors import AccountFrozen, AmountInvalid, InProgress, KeyReused
from haihe.payments.model import STATIC, Offer, PaymentRequest
from haihe.payments.service import Payments
from haihe.people.law.model import Law, Rules, read_law
from haihe.wallet import store as wallet_store
from haihe.wallet.model import Origin, TopUp, TopUpStatus
from haihe.wallet.rules import check_key, key_hash
from haihe.wallet.service import Wallets
from haihe.web.guards import Viewer

KNOWN_MAX: Final = 50
"""Payments that one run finishes in a bucket; the next run takes more."""
AT_ONCE_MAX: Final = 3
"""Payments that are finished at once: each holds a connection while it is paid."""
NEWS: Final = "card_payment_settled"
TOLD_AS: Final = {
    CardPaymentStatus.PAID: "done",
    CardPaymentStatus.REFUSED: "refused",
    CardPaymentStatus.KEPT: "kept",
}
"""How the news calls it."""

log = structlog.get_logger("haihe.payments")


@dataclass(frozen=True)
class CardPayments:
    """Payments straight from citizens' bank cards. `fixed_payees` are the kinds of what is owed to one payee again and again."""

    base: Foundation
    wallets: Wallets
    payments: Payments
    law: Law
    fixed_payees: AbstractSet[str]
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX), repr=False)

    async def pay(self, wish: CardPaymentWish) -> CardPayment:
        """Pay what a code offers from a card; the answer may be open, then it becomes known by itself.

        The same key gets the same payment by card, as it stands now. Raises in this order `TopUpKeyMissing`, `KeyReused`, what the
        code refuses, `NothingToPull`, `CardUnknown`, `ConfirmationInvalid`, `CardConfirmationNeeded`, `AccountFrozen`,
        `StaticLimitReached`; none of these is remembered.
        """
        check_key(wish.key)
        if known := await self._known(wish):
            return known
        offer, own = await self.payments.priced(_viewer(wish), _request(wish))
        if own == 0:
            raise errors.NothingToPull
        if not 0 < own <= AMOUNT_FEN_MAX:
            raise AmountInvalid(field="amount")
        number = await self.wallets.cards.number(wish.citizen, wish.card)
        self._insist_on_confirmation(wish, offer, own)
        try:
            pull = await self.base.database.repeat(lambda connection: self._write_down(connection, wish, offer, own))
        except psycopg.errors.UniqueViolation:  # the same request came twice at once, and the other was faster
            known = await self._known(wish)
            if known is None:
                raise
            return known
        await self.wallets.carry_out(pull, number)
        return await self._finish(pull.bucket, pull.id)

    async def by_id(self, identity: int, *, citizen: int, bucket: int) -> CardPayment:
        """Read a citizen's own payment by card. Raises `CardPaymentUnknown`."""
        async with self.base.database.connection() as connection:
            found = await store.by_id(connection, bucket, identity)
        if found is None or found.citizen != citizen:
            raise errors.CardPaymentUnknown
        return found

    async def _known(self, wish: CardPaymentWish) -> CardPayment | None:
        async with self.base.database.connection() as connection:
            found = await store.by_key(
                connection, wish.bucket, citizen=wish.citizen, key_hash=key_hash(rules.stored_key(wish.key))
            )
        if found is None:
            return None
        card_payment, content = found
        if content != rules.content_hash(wish):
            raise KeyReused
        return card_payment

    def _rules(self) -> Rules:
        return self.law.on(service_day(self.base.clock.now()))

    def _insist_on_confirmation(self, wish: CardPaymentWish, offer: Offer, own: int) -> None:
        law = self._rules()
        strength = self.base.confirmations.read(
            wish.citizen, wish.key, wish.confirmation, about=matter(wish.code, wish.amount)
        )
        is_fixed = offer.scan.kind in self.fixed_payees
        if rules.needs_confirmation(law, amount=own, is_fixed=is_fixed, strength=strength):
            raise errors.CardConfirmationNeeded(limit=law.card_pull_unconfirmed)

    async def _write_down(self, connection: Connection, wish: CardPaymentWish, offer: Offer, own: int) -> TopUp:
        """Write down the pull and what it is for, before the bank is asked; one citizen's come one after the other."""
        await wallet_store.hold_citizen(connection, wish.citizen)
        if not await wallet_store.is_usable(connection, wish.bucket, wish.citizen):
            raise AccountFrozen
        is_static = offer.scan.channel in STATIC
        if is_static:
            await self._insist_on_static_limit(connection, wish, own)
        new = self.wallets.new_top_up(
            citizen=wish.citizen,
            bucket=wish.bucket,
            amount=own,
            card=wish.card,
            key=rules.stored_key(wish.key),
            origin=Origin.PAYMENT,
        )
        pull = await wallet_store.insert(connection, new)
        row = CardPayment(
            id=pull.id,
            bucket=wish.bucket,
            citizen=wish.citizen,
            code=wish.code,
            amount=own,
            typed=wish.amount or 0,
            companion=wish.companion,
            is_static=is_static,
            status=CardPaymentStatus.OPEN,
            reason="",
            payment=0,
            asked_at=pull.asked_at,
        )
        await store.insert(connection, row, key_hash=new.key_hash, content_hash=rules.content_hash(wish))
        return pull

    async def _insist_on_static_limit(self, connection: Connection, wish: CardPaymentWish, own: int) -> None:
        """Static codes have a day's limit of their own, for the balance and for cards each (notice 296/2017, Art. 12)."""
        limit = self._rules().day.static_code
        if limit is None:
            return
        since = day_start(service_day(self.base.clock.now()))
        left = max(0, limit - await store.static_total(connection, wish.bucket, wish.citizen, since=since))
        if own > left:
            raise errors.StaticLimitReached(left=left)

    # --- after the bank's word

    async def finish_known(self) -> None:
        """Finish what the bank's word is known of; the job behind every payment whose process died or whose bank was silent."""
        async with self.base.database.connection() as connection:
            buckets = range(await ledger.bucket_count(connection))
            found = [
                (bucket, one) for bucket in buckets for one in await store.known(connection, bucket, limit=KNOWN_MAX)
            ]
        ends = await asyncio.gather(*(self._finish(*one) for one in found), return_exceptions=True)
        for (_, identity), end in zip(found, ends, strict=True):
            if isinstance(
                end, Exception
            ):  # one bad payment never stops its neighbours; it stays open and is tried again
                log.error("payment by card could not be finished", card_payment=identity, exc_info=end)

    async def _finish(self, bucket: int, identity: int) -> CardPayment:
        """Pay, if the bank has sent the money. The row is held, so that one process at a time decides what became of it."""
        async with self.gate, self.base.database.transaction() as connection:
            stored = await store.by_id(connection, bucket, identity, lock=True)
            if stored is None:
                raise BrokenInvariantError(f"payment by card {identity} has vanished")
            status, reason = await store.pull_of(connection, bucket, identity)
            if not stored.is_open or status in {TopUpStatus.ASKED, TopUpStatus.UNKNOWN}:
                return stored
            settled = await self._settled(stored, status, reason)
            if settled.is_open:
                return stored
            now = self.base.clock.now()
            await store.settle(connection, settled, now=now)
            body = {"status": TOLD_AS[settled.status], "amount": settled.amount}
            await outbox.publish(connection, bucket, [News(NEWS, settled.citizen, body)], at=now)
            return settled

    async def _settled(self, stored: CardPayment, status: TopUpStatus, reason: str) -> CardPayment:
        """Pay with the money that came; say how the payment by card stands by it, open while that is not known."""
        if status is TopUpStatus.REFUSED:
            return replace(stored, status=CardPaymentStatus.REFUSED, reason=reason)
        if status is TopUpStatus.HELD:
            return replace(stored, status=CardPaymentStatus.KEPT, reason=reason)
        try:
            payment = await self.payments.pay(_payment_request(stored))
        except (TryAgain, InProgress):
            return stored
        except Refusal as refusal:
            return replace(stored, status=CardPaymentStatus.KEPT, reason=refusal.code)
        return replace(stored, status=CardPaymentStatus.PAID, payment=payment.id)


def _viewer(wish: CardPaymentWish) -> Viewer:
    return Viewer(wish.citizen, wish.bucket, 0)


def _request(wish: CardPaymentWish) -> PaymentRequest:
    return PaymentRequest(wish.citizen, wish.bucket, wish.code, wish.key, amount=wish.amount, companion=wish.companion)


def _payment_request(row: CardPayment) -> PaymentRequest:
    """Ask for the payment: never more from the wallet than came from the card for it."""
    return PaymentRequest(
        row.citizen,
        row.bucket,
        row.code,
        rules.payment_key(row),
        amount=row.typed or None,
        companion=row.companion,
        own_max=row.amount,
        by_card=True,
    )


def build_card_payments(
    base: Foundation, *, wallets: Wallets, payments: Payments, fixed_payees: AbstractSet[str]
) -> CardPayments:
    """Put the service together."""
    return CardPayments(base, wallets, payments, read_law(), fixed_payees)
