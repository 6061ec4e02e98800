"""What staff do with refunds: look at a payment of their organisation, give it back whole or in part; what is held goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from haihe.base.errors import Refusal
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.ledger.service import bucket_count
from haihe.payments import store as payments_store
from haihe.payments.errors import AmountInvalid, PaymentUnknown
from haihe.payments.model import MOVED
from haihe.payments.refunds import store
from haihe.payments.refunds.engine import RefundEngine, read_refundable, shares_of
from haihe.payments.refunds.errors import ReasonMissing, RefundAboveRest
from haihe.payments.refunds.model import REASON_CHARACTERS_MAX, RefundRequest
from haihe.payments.refunds.reading import read_rest
from haihe.payments.refunds.rules import returns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from haihe.base.clock import Clock
    from haihe.base.database import Database
    from haihe.base.ids import Ids
    from haihe.payments.model import Payment
    from haihe.payments.refunds.model import Rest
    from haihe.payments.sector import Sector


@dataclass(frozen=True)
class Refunds:
    """Refunds of all organisations, each seen by its own staff only."""

    database: Database
    engine: RefundEngine

    async def find(self, organisation: int, identity: int) -> tuple[Payment, Rest]:
        """Give a payment (or refund) that an organisation was paid, and what was given back of it.

        Raises `PaymentUnknown`, also for what belongs to another organisation or moved no money.
        """
        async with self.database.connection() as connection:
            bucket = await store.bucket_of(connection, identity)
            if bucket is None:
                raise PaymentUnknown
            payment = (await payments_store.by_ids(connection, bucket, [identity])).get(identity)
            if payment is None or payment.payee != organisation or payment.status not in MOVED:
                raise PaymentUnknown
            return payment, await read_rest(connection, bucket, payment)

    async def preview(self, payment: Payment, amount: int) -> Payment:
        """Say which shares would get what of `amount` fen, at most what is left, as things stand: a refund that is not stored.

        Raises `RefundAboveRest`.
        """
        async with self.database.connection() as connection:
            found = (await read_refundable(connection, payment.bucket, [payment.id]))[payment.id]
        if amount > found.rest:
            raise RefundAboveRest(rest=found.rest)
        return replace(payment, amount=amount, shares=shares_of(payment, returns(amount, found.shares)))

    async def give_back(
        self,
        *,
        organisation: int,
        staff: int,
        payment: int,
        amount: int | None,
        reason: str,
        key: str,
        alone_max: int | None = None,
    ) -> Payment:
        """Give back `amount` fen of a payment, None all that is left; the same request with the same key gets the same refund.

        `alone_max` is how much of the payment may go back without a second person. Raises `SecondPersonNeeded`, `ReasonMissing`, `AmountInvalid`, `PaymentUnknown` (also for another organisation's payment), `RefundKeyReused`,
        `NotRefundable`, `NothingLeft`, `RefundAboveRest`, `TillLacksMoney`, `TillUnavailable`; `TryAgain` as payments do.
        """
        reason = clean_reason(reason)
        if amount is not None and not 0 < amount <= AMOUNT_FEN_MAX:
            raise AmountInvalid
        request = RefundRequest(
            payment=payment,
            bucket=await self.bucket_of(payment),
            organisation=organisation,
            staff=staff,
            key=key,
            reason=reason,
            amount=amount,
            alone_max=alone_max,
        )
        [answer] = await self.engine.run(request.bucket, [request])
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def bucket_of(self, payment: int) -> int:
        """Tell in which bucket a payment is. Raises `PaymentUnknown`."""
        async with self.database.connection() as connection:
            bucket = await store.bucket_of(connection, payment)
        if bucket is None:
            raise PaymentUnknown
        return bucket

    async def move_held_on(self) -> None:
        """Move what is held on to accounts that take money again; the job behind "never lost"."""
        async with self.database.connection() as connection:
            buckets = await bucket_count(connection) if await store.waiting(connection) else 0
        for bucket in range(buckets):
            await self.engine.move_on(bucket)


def clean_reason(text: str) -> str:
    """Write a reason as it is stored. Raises `ReasonMissing`."""
    reason = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if not 0 < len(reason) <= REASON_CHARACTERS_MAX:
        raise ReasonMissing
    return reason


def build_refunds(
    database: Database,
    clock: Clock,
    ids: Ids,
    sectors: Mapping[str, Sector],
    tell: Callable[[int, Sequence[Payment]], None] = lambda *_: None,
) -> Refunds:
    """Put the service together."""
    return Refunds(database, RefundEngine(database, clock, ids, sectors, tell))
