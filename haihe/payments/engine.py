"""The batch: one short transaction on one bucket for a list of payments.

Lock the bucket, ask the keys, let the sectors admit, post, write payments with their keys, let the sectors record. Concurrent
scans are gathered into such lists; an auto-pay run is a longer one. There is no other way to pay.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final

import structlog
from msgspec.structs import replace

from haihe.base.clock import service_day
from haihe.base.confirmations import Strength
from haihe.base.database import LOST, TryAgain
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Result, Risk, TransferKind
from haihe.payments import store
from haihe.payments.capping import count_caps, own_amount, refuse_above
from haihe.payments.errors import KeyReused, PriceChanged
from haihe.payments.metrics import count_batch
from haihe.payments.model import STATIC, Channel, Payment, Source, Status
from haihe.payments.sharing import count_shares, divided
from haihe.payments.shown_codes import refuse_used, use_up
from haihe.people.law.model import STRONGER, Law, read_law
from haihe.wallet.caps import store as caps_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from haihe.base.clock import Clock
    from haihe.base.database import Connection, Database
    from haihe.base.ids import Ids
    from haihe.ledger.model import Posted
    from haihe.payments.model import Offer, Refused
    from haihe.payments.sector import Sector
    from haihe.people.law.model import Rules
    from haihe.wallet.caps.model import Cap

log = structlog.get_logger()

STATUS_OF_RESULT: Final[Mapping[Result, Status]] = {
    Result.POSTED: Status.PAID,
    Result.ACCOUNT_FROZEN: Status.ACCOUNT_FROZEN,
    Result.ACCOUNT_CLOSED: Status.ACCOUNT_CLOSED,
    Result.UNKNOWN_ACCOUNT: Status.ACCOUNT_CLOSED,
    Result.INSUFFICIENT_FUNDS: Status.INSUFFICIENT_FUNDS,
    Result.LIMIT_EXCEEDED: Status.LIMIT_REACHED,
    Result.PAYEE_UNKNOWN: Status.PAYEE_UNAVAILABLE,
    Result.PAYEE_FROZEN: Status.PAYEE_UNAVAILABLE,
    Result.PAYEE_CLOSED: Status.PAYEE_UNAVAILABLE,
}

UNCOUNTED: Final = frozenset({Channel.SYNTHETIC})
"""Channels whose payments count against no limit: nobody lived them."""


@dataclass(frozen=True, slots=True)
class Order:
    """An offer that someone wants to pay now, with its hashes and the sector that made it."""

    offer: Offer
    sector: Sector
    key: int
    content: int
    own_max: int | None = None
    """The most that the payer wants to pay alone; None whatever it is."""
    strength: Strength = Strength.NONE
    by_card: bool = False
    """The money came from the payer's card for this payment: no payment from the balance."""


@dataclass(frozen=True)
class Engine:
    """Pays lists of orders of one bucket."""

    database: Database
    clock: Clock
    ids: Ids
    tell: Callable[[int, Sequence[Payment]], None] = lambda *_: None
    """Told of every batch after its commit (`payments.tail.Tail.deliver`)."""
    law: Law = field(default_factory=read_law)

    async def run(self, bucket: int, orders: Sequence[Order]) -> Sequence[Payment | BaseException]:
        """Pay a list: in one batch, or in as many as one payer stands in it, so that a batch never judges a payer twice."""
        answers: dict[int, Payment | BaseException] = {}
        for indices in _rounds(orders):
            answers |= zip(indices, await self._run_round(bucket, [orders[index] for index in indices]), strict=True)
        return [answers[index] for index in range(len(orders))]

    async def _run_round(self, bucket: int, orders: Sequence[Order]) -> Sequence[Payment | BaseException]:
        """Pay a batch; if it fails for another reason than a lost database, each order alone: one never harms its neighbours."""
        try:
            return await self._attempt(bucket, orders)
        except (TryAgain, *LOST):
            return [TryAgain()] * len(orders)
        except Exception as error:
            log.exception("batch failed", bucket=bucket, orders=len(orders))
            if len(orders) == 1:
                return [error]
        return [answer for order in orders for answer in await self._run_round(bucket, [order])]

    async def _attempt(self, bucket: int, orders: Sequence[Order]) -> Sequence[Payment | BaseException]:
        async def work(connection: Connection) -> Sequence[Payment | BaseException]:
            return await self.pay(connection, bucket, orders)

        began = perf_counter()
        answers = await self.database.repeat(work, pipelined=True)
        count_batch(answers, perf_counter() - began)
        self.tell(bucket, [answer for answer in answers if isinstance(answer, Payment)])
        return answers

    async def pay(
        self, connection: Connection, bucket: int, orders: Sequence[Order]
    ) -> Sequence[Payment | BaseException]:
        """Pay a batch inside the caller's transaction: for each order the payment (paid or refused), or `KeyReused`.

        Keys are asked and sectors admit in one trip to the database: what was paid before is admitted in vain.
        """
        await ledger.lock(connection, bucket)
        asked = await store.ask_keys(connection, bucket, [order.key for order in orders])
        asked_caps = await caps_store.ask(connection, bucket, [order.offer.scan.payer for order in orders])
        verdicts = await _admit(connection, bucket, orders)
        known = await store.remembered(connection, bucket, asked)
        fresh = [(order, verdict) for order, verdict in zip(orders, verdicts, strict=True) if order.key not in known]
        caps = await caps_store.read(asked_caps)
        made = dict(await self._pay_fresh(connection, bucket, fresh, caps))
        return [made.get(order.key) or answer_known(order.content, known[order.key]) for order in orders]

    async def _pay_fresh(
        self,
        connection: Connection,
        bucket: int,
        fresh: Sequence[tuple[Order, Refused | None]],
        caps: Mapping[int, Sequence[Cap]],
    ) -> Iterable[tuple[int, Payment | PriceChanged]]:
        """Post, write and record what no key was known for; give each payment under its order's key.

        Whose price is above what was shown leaves no trace, so that its key stays free.
        """
        if not fresh:
            return ()
        orders = [order for order, _ in fresh]
        drafts = await refuse_used(connection, orders, self._draft(bucket, fresh))
        drafts, dearer = await divided(connection, bucket, orders, drafts)
        if dearer:
            orders = [order for order in orders if order.key not in dearer]
            drafts = [draft for draft in drafts if draft.status is not Status.PRICE_CHANGED]
            if not orders:
                return dearer.items()
        payments = await self._post(connection, bucket, orders, refuse_above(caps, drafts))
        keys = [order.key for order in orders]
        await store.insert(connection, bucket, payments, keys=keys, contents=[order.content for order in orders])
        await use_up(connection, orders, payments)
        await count_shares(connection, bucket, orders, payments)
        await count_caps(connection, bucket, caps, payments)
        await _record(connection, bucket, orders, payments)
        return (*dearer.items(), *zip(keys, payments, strict=True))

    def _draft(self, bucket: int, fresh: Sequence[tuple[Order, Refused | None]]) -> list[Payment]:
        """Give every order its row: refused ones with their status, the others as if paid."""
        return [
            Payment(
                id=identity,
                bucket=bucket,
                batch=0,
                payer=order.offer.scan.payer,
                payee=order.offer.scan.payee,
                amount=order.offer.amount,
                balance=0,
                status=Status.PAID if no is None else no.status,
                kind=order.sector.number,
                point=order.offer.scan.point,
                service=order.offer.service,
                channel=order.offer.scan.channel,
                names=0 if no is None else no.names,
                paid_at=order.offer.scan.at,
            )
            for identity, (order, no) in zip(self.ids.take(len(fresh)), fresh, strict=True)
        ]

    async def _post(
        self, connection: Connection, bucket: int, orders: Sequence[Order], payments: list[Payment]
    ) -> list[Payment]:
        """Post what was admitted, and write result, balance and batch number into the rows."""
        rules = self.law.on(service_day(self.clock.now()))
        admitted = [
            (payment, _risk(rules, order))
            for order, payment in zip(orders, payments, strict=True)
            if payment.status is Status.PAID
        ]
        if not admitted:
            return payments
        postings = [_posting(payment, risk) for payment, risk in admitted]
        batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=False)
        posted = dict(zip((payment.id for payment, _ in admitted), batch.posted, strict=True))
        decided = [_decided(payment, batch.number, posted.get(payment.id)) for payment in payments]
        return await self._confirmable(connection, bucket, decided, {one.id: risk for one, risk in admitted})

    async def _confirmable(
        self, connection: Connection, bucket: int, payments: list[Payment], risks: Mapping[int, Risk]
    ) -> list[Payment]:
        """Tell a limit that a stronger confirmation would lift from one that nothing lifts."""
        stopped = {one.payer for one in payments if one.status is Status.LIMIT_REACHED}
        if not stopped:
            return payments
        rooms = await ledger.rooms(connection, bucket, list(stopped), day=service_day(self.clock.now()))
        return [
            replace(one, status=Status.CONFIRMATION_NEEDED)
            if one.status is Status.LIMIT_REACHED
            and any(own_amount(one) <= rooms[one.payer].left(stronger) for stronger in STRONGER.get(risks[one.id], ()))
            else one
            for one in payments
        ]


def answer_known(content: int, known: tuple[int, Payment]) -> Payment | KeyReused:
    """Answer a repeated key: the first answer, or that the key belongs to another request."""
    first_content, payment = known
    return payment if content == first_content else KeyReused()


def _rounds(orders: Sequence[Order]) -> list[list[int]]:
    """Spread orders (by index) over rounds so that no payer stands twice in one; nearly always there is one round."""
    rounds: list[list[int]] = []
    seen: dict[int, int] = {}
    for index, order in enumerate(orders):
        payer = order.offer.scan.payer
        number = seen[payer] = seen.get(payer, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(index)
    return rounds


def _by_sector(orders: Sequence[Order]) -> dict[int, list[int]]:
    """Group orders (by index) by their sector's number."""
    groups: dict[int, list[int]] = defaultdict(list)
    for index, order in enumerate(orders):
        groups[order.sector.number].append(index)
    return groups


async def _admit(connection: Connection, bucket: int, orders: Sequence[Order]) -> Sequence[Refused | None]:
    answers: list[Refused | None] = [None] * len(orders)
    for indices in _by_sector(orders).values():
        sector = orders[indices[0]].sector
        said = await sector.admit(connection, bucket, [orders[index].offer for index in indices])
        for index, answer in zip(indices, said, strict=True):
            answers[index] = answer
    return answers


async def _record(connection: Connection, bucket: int, orders: Sequence[Order], payments: Sequence[Payment]) -> None:
    for indices in _by_sector(orders).values():
        paid = [(orders[index].offer, payments[index]) for index in indices if payments[index].status is Status.PAID]
        if paid:
            await orders[indices[0]].sector.record(connection, bucket, paid)


def _decided(payment: Payment, batch: int, posted: Posted | None) -> Payment:
    """Write the batch, the result and the wallet's balance into a row; a wallet that gave nothing keeps what it had."""
    if posted is None:
        return replace(payment, batch=batch, balance=0)
    from_wallet = not payment.shares or any(share.source is Source.BALANCE for share in payment.shares)
    balance = posted.balance if from_wallet else payment.balance
    return replace(payment, batch=batch, status=STATUS_OF_RESULT[posted.result], balance=balance)


def _risk(rules: Rules, order: Order) -> Risk:
    """Say against which limit of the day an order counts."""
    channel = order.offer.scan.channel
    if order.by_card or channel in UNCOUNTED:
        return Risk.NONE
    return rules.risk(order.strength, is_static=channel in STATIC)


def _posting(payment: Payment, risk: Risk) -> Posting:
    """Write a payment as a posting: a leg from each share's account to the payee's till, the balance of the payer asked for.

    Only what leaves the wallet counts against the payer's limits: sponsors' money does not.
    """
    if not payment.shares:
        leg = Leg(payment.payer, payment.payee, payment.amount, TransferKind.PAYMENT, risk=risk)
        return Posting(payment.id, (leg,), payment.paid_at, subject=payment.payer, payment=payment.id)
    legs = tuple(
        Leg(
            share.account,
            payment.payee,
            share.amount,
            TransferKind.PAYMENT,
            risk=risk if share.source is Source.BALANCE else Risk.NONE,
        )
        for share in payment.shares
    )
    subject = payment.payer if any(leg.debit == payment.payer for leg in legs) else legs[0].debit
    return Posting(payment.id, legs, payment.paid_at, subject=subject, payment=payment.id)
