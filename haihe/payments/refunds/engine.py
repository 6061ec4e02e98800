"""The batch of refunds: one short transaction on one bucket for a list of them, in the manner of the batch of payments.

Lock the bucket, ask the keys, read what is left, post, write the rows with their keys, tell the sectors. The first refund of a payment
fills its refundable account with the payment's amount; whether that happened is what the account itself says, read under the
bucket's lock, in the transaction that also fills it. So it happens once, whoever comes first, and no id has to be agreed on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog
from msgspec.structs import replace

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.database import LOST
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.ledger import service as ledger
from haihe.ledger.model import (
    AccountFlag,
    AccountKind,
    Leg,
    NewAccount,
    Posting,
    Result,
    SystemAccount,
    TransferKind,
)
from haihe.payments import store as payments_store
from haihe.payments.errors import PaymentUnknown
from haihe.payments.model import Payment, Share, Status
from haihe.payments.refunds import store
from haihe.payments.refunds.errors import (
    NothingLeft,
    NotRefundable,
    RefundAboveRest,
    RefundKeyReused,
    SecondPersonNeeded,
    TillLacksMoney,
    TillUnavailable,
)
from haihe.payments.refunds.keys import content_hash, key_hash
from haihe.payments.refunds.model import Refundable, RefundRequest, Return
from haihe.payments.refunds.rules import refundable_account, returns
from haihe.payments.sector import HearsOfRefunds

if TYPE_CHECKING:
    from haihe.base.clock import Clock
    from haihe.base.database import Connection, Database
    from haihe.base.ids import Ids
    from haihe.ledger.model import Posted
    from haihe.payments.sector import Sector

MOVED_AT_ONCE_MAX: Final = 500
"""Held shares that go on in one batch."""
_TILL_BARRED: Final = frozenset({Result.ACCOUNT_FROZEN, Result.ACCOUNT_CLOSED, Result.UNKNOWN_ACCOUNT})
_REFUNDABLE_FLAGS: Final = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED

log = structlog.get_logger()

Answer = Payment | Refusal


@dataclass(frozen=True)
class Draft:
    """A refund that may be posted: the request, what it gives back, the row as it will be, and where each part goes."""

    request: RefundRequest
    of: Refundable
    row: Payment
    returns: Sequence[Return]


@dataclass(frozen=True)
class RefundEngine:
    """Gives back lists of payments of one bucket."""

    database: Database
    clock: Clock
    ids: Ids
    sectors: Mapping[str, Sector] = field(default_factory=dict)
    tell: Callable[[int, Sequence[Payment]], None] = lambda *_: None
    """Told of every batch after its commit."""

    async def run(self, bucket: int, requests: Sequence[RefundRequest]) -> list[Answer]:
        """Give back a list: in one batch, or in as many as one payment (or key) stands in it, so that none is judged twice at once."""
        answers: dict[int, Answer] = {}
        for indices in _rounds(requests):
            answers |= zip(indices, await self._batch(bucket, [requests[index] for index in indices]), strict=True)
        return [answers[index] for index in range(len(requests))]

    async def _batch(self, bucket: int, requests: Sequence[RefundRequest]) -> Sequence[Answer]:
        """Give back a batch; if it fails for another reason than a lost database, each alone: one never harms its neighbours."""
        try:
            answers = await self.database.repeat(lambda connection: self.give_back(connection, bucket, requests))
        except _NothingMoved as nothing:
            return nothing.answers
        except (Refusal, *LOST):
            raise
        except Exception:
            if len(requests) == 1:
                raise
            log.exception("batch of refunds failed", bucket=bucket, refunds=len(requests))
            return [answer for one in requests for answer in await self._batch(bucket, [one])]
        self.tell(bucket, [answer for answer in answers if isinstance(answer, Payment)])
        return answers

    async def give_back(
        self, connection: Connection, bucket: int, requests: Sequence[RefundRequest]
    ) -> Sequence[Answer]:
        """Give back a batch inside the caller's transaction: for each request its refund, or why not.

        When all are refused, an exception takes back the transaction, so that nothing at all is left of it.
        """
        await ledger.lock(connection, bucket)
        keys = [key_hash(one) for one in requests]
        known = await payments_store.remembered(
            connection, bucket, await payments_store.ask_keys(connection, bucket, keys)
        )
        fresh = [one for one, key in zip(requests, keys, strict=True) if key not in known]
        made = await self._fresh(connection, bucket, fresh) if fresh else {}
        if fresh and not any(isinstance(answer, Payment) for answer in made.values()):
            raise _NothingMoved([_answer(one, key, made, known) for one, key in zip(requests, keys, strict=True)])
        return [_answer(one, key, made, known) for one, key in zip(requests, keys, strict=True)]

    async def give_back_one(self, connection: Connection, request: RefundRequest) -> Payment:
        """Give one back inside the caller's transaction; `tell` is for after the commit. Raises why not."""
        try:
            [answer] = await self.give_back(connection, request.bucket, [request])
        except _NothingMoved as nothing:
            [answer] = nothing.answers
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def _fresh(self, connection: Connection, bucket: int, requests: Sequence[RefundRequest]) -> dict[int, Answer]:
        """Judge, post, write and tell what no key was known for; give each answer under its key."""
        refundable = await read_refundable(connection, bucket, [one.payment for one in requests])
        _insist_on_agreement(refundable.values())
        judged = [self._draft(one, refundable.get(one.payment)) for one in requests]
        drafts = [one for one in judged if isinstance(one, Draft)]
        posted = await self._post(connection, bucket, drafts) if drafts else {}
        rows = [one for one in posted.values() if isinstance(one, Payment)]
        if rows:
            written = [one for one in drafts if isinstance(posted[one.row.id], Payment)]
            await _write(connection, bucket, written, rows)
            await self._tell_sectors(connection, bucket, written, rows)
            deeds = [_deed(draft) for draft in written]
            await audit.write(connection, deeds, at=self.clock.now())
        return {
            key_hash(request): posted[one.row.id] if isinstance(one, Draft) else one
            for request, one in zip(requests, judged, strict=True)
        }

    def _draft(self, request: RefundRequest, found: Refundable | None) -> Draft | Refusal:
        """Judge a request by what is left; the ledger judges again when it is posted."""
        if found is None or found.payment.payee != request.organisation:
            return PaymentUnknown()
        if found.payment.status is not Status.PAID:
            return NotRefundable()
        if not found.rest:
            return NothingLeft()
        amount = found.rest if request.amount is None else request.amount
        if amount > found.rest:
            return RefundAboveRest(rest=found.rest)
        if request.alone_max is not None and found.payment.amount - found.rest + amount > request.alone_max:
            return SecondPersonNeeded(most=request.alone_max)
        parts = returns(amount, found.shares)
        row = replace(
            found.payment,
            id=self.ids.next(),
            amount=amount,
            status=Status.REFUND,
            names=found.payment.id,
            paid_at=self.clock.now(),
            shares=shares_of(found.payment, parts),
        )
        return Draft(request, found, row, parts)

    async def _post(self, connection: Connection, bucket: int, drafts: Sequence[Draft]) -> dict[int, Answer]:
        """Post, the filling of refundable accounts first; give for each draft's id its row, or why the ledger refused it."""
        first = [draft for draft in drafts if draft.of.balance is None]
        await ledger.open_accounts(connection, bucket, [_account(draft.of.payment.id) for draft in first])
        fillings = [_filling(draft, identity) for draft, identity in zip(first, self.ids.take(len(first)), strict=True)]
        postings = [*fillings, *(_posting(draft) for draft in drafts)]
        batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=False)
        if any(one.result is not Result.POSTED for one in batch.posted[: len(fillings)]):
            raise BrokenInvariantError(f"a refundable account of bucket {bucket} could not be filled")
        balances = await ledger.balances(connection, bucket, [draft.row.payer for draft in drafts])
        return {
            draft.row.id: _decided(draft, batch.number, posted, balances.get(draft.row.payer, 0))
            for draft, posted in zip(drafts, batch.posted[len(fillings) :], strict=True)
        }

    async def _tell_sectors(
        self, connection: Connection, bucket: int, drafts: Sequence[Draft], rows: Sequence[Payment]
    ) -> None:
        by_kind: dict[int, list[tuple[Payment, Payment]]] = defaultdict(list)
        for draft, row in zip(drafts, rows, strict=True):
            by_kind[row.kind].append((row, draft.of.payment))
        for sector in self.sectors.values():
            if by_kind[sector.number] and isinstance(sector, HearsOfRefunds):
                await sector.refunded(connection, bucket, by_kind[sector.number])

    async def move_on(self, bucket: int) -> int:
        """Move held shares on to accounts that take money again; give how many. Doing it twice moves nothing twice."""
        return await self.database.repeat(lambda connection: self._move_on(connection, bucket))

    async def _move_on(self, connection: Connection, bucket: int) -> int:
        await ledger.lock(connection, bucket)
        held = await store.movable(connection, bucket, limit=MOVED_AT_ONCE_MAX)
        if not held:
            return 0
        now = self.clock.now()
        postings = [
            Posting(identity, (_going_on(one),), now, subject=one.account, payment=one.refund)
            for one, identity in zip(held, self.ids.take(len(held)), strict=True)
        ]
        batch = await ledger.post(connection, bucket, postings, now=now, remember=False)
        moved = [
            (one.transfer, posting.id)
            for one, posting, posted in zip(held, postings, batch.posted, strict=True)
            if posted.result is Result.POSTED
        ]
        await store.moved_on(connection, bucket, moved)
        return len(moved)


async def read_refundable(connection: Connection, bucket: int, payments: Sequence[int]) -> dict[int, Refundable]:
    """Read payments with what is left of each share, in a constant number of statements; unknown ones are absent."""
    ids = list(dict.fromkeys(payments))
    found = await payments_store.by_ids(connection, bucket, ids)
    paid = [one.id for one in found.values() if one.status is Status.PAID]
    shares = await store.shares(connection, bucket, paid)
    opened = await store.rests(connection, bucket, paid)
    return {one.id: Refundable(one, shares.get(one.id, ()), opened.get(one.id)) for one in found.values()}


def _insist_on_agreement(found: Iterable[Refundable]) -> None:
    """Insist that what is left of the shares makes up what the ledger says is left of the payment; right under the lock only."""
    for one in found:
        if one.balance is not None and one.balance != one.rest:
            raise BrokenInvariantError(
                f"payment {one.payment.id}: {one.rest} are left of its shares, {one.balance} of it"
            )


class _NothingMoved(Exception):  # noqa: N818 - it takes a transaction back, and is no fault
    """All of a batch was refused."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__()
        self.answers = answers


def _deed(draft: Draft) -> Deed:
    """Write down who gave what back to whom."""
    request, row = draft.request, draft.row
    return Deed(
        action="refund_given",
        actor=Actor.STAFF if request.staff else Actor.CITY,
        actor_id=request.staff,
        organisation=request.organisation,
        subject=row.payer,
        details={"payment": str(request.payment), "refund": str(row.id), "amount": row.amount},
    )


def _rounds(requests: Sequence[RefundRequest]) -> list[list[int]]:
    """Spread requests (by index) over rounds so that no payment and no key stands twice in one."""
    rounds: list[list[int]] = []
    seen: dict[tuple[str, int], int] = {}
    for index, request in enumerate(requests):
        marks = (("payment", request.payment), ("key", key_hash(request)))
        number = max(seen.get(mark, -1) for mark in marks) + 1
        seen |= dict.fromkeys(marks, number)
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(index)
    return rounds


def _answer(
    request: RefundRequest, key: int, made: Mapping[int, Answer], known: Mapping[int, tuple[int, Payment]]
) -> Answer:
    if key in made:
        return made[key]
    content, row = known[key]
    return row if content == content_hash(request) else RefundKeyReused()


def shares_of(payment: Payment, parts: Sequence[Return]) -> tuple[Share, ...]:
    """Give the shares of a refund's row: as the payment's, where not the wallet alone had paid."""
    by_account = {share.account: share for share in payment.shares}
    return tuple(
        Share(part.share.account, part.amount, known.source, known.scheme)
        for part in parts
        if (known := by_account.get(part.share.account))
    )


def _account(payment: int) -> NewAccount:
    return NewAccount(refundable_account(payment), AccountKind.REFUNDABLE, 0, _REFUNDABLE_FLAGS)


def _filling(draft: Draft, identity: int) -> Posting:
    """Say in the ledger how much of a payment may ever be given back: all of it."""
    payment, account = draft.of.payment, refundable_account(draft.of.payment.id)
    leg = Leg(
        SystemAccount.REFUNDABLE_ALL,
        account,
        payment.amount,
        TransferKind.REFUNDABLE,
        names=draft.of.shares[0].transfer,
    )
    return Posting(identity, (leg,), draft.row.paid_at, subject=account)


def _posting(draft: Draft) -> Posting:
    """Write a refund as one posting: from the till to each share's account, and the same amount off what may be given back."""
    account = refundable_account(draft.of.payment.id)
    legs = [
        Leg(draft.row.payee, part.account, part.amount, TransferKind.REFUND, names=part.share.transfer)
        for part in draft.returns
    ]
    legs.append(
        Leg(
            account,
            SystemAccount.REFUNDABLE_ALL,
            draft.row.amount,
            TransferKind.REFUNDABLE,
            names=draft.of.shares[0].transfer,
        )
    )
    return Posting(draft.row.id, legs, draft.row.paid_at, subject=account, payment=draft.row.id)


def _going_on(held: store.Held) -> Leg:
    return Leg(SystemAccount.REFUNDS_IN_FLIGHT, held.account, held.amount, TransferKind.REFUND, names=held.transfer)


def _decided(draft: Draft, batch: int, posted: Posted, balance: int) -> Answer:
    """Read the ledger's answer; what it says is left of the payment tells an empty till from a payment given back."""
    if posted.result is Result.POSTED:
        return replace(draft.row, batch=batch, balance=balance)
    if posted.result is Result.INSUFFICIENT_FUNDS:
        return RefundAboveRest(rest=posted.balance) if posted.balance < draft.row.amount else TillLacksMoney()
    if posted.result in _TILL_BARRED:
        return TillUnavailable()
    raise BrokenInvariantError(f"a refund of payment {draft.of.payment.id} was refused: {posted.result.name}")


async def _write(connection: Connection, bucket: int, drafts: Sequence[Draft], rows: Sequence[Payment]) -> None:
    """Write the rows with their keys, the reasons, and what is held."""
    requests = [draft.request for draft in drafts]
    await payments_store.insert(
        connection,
        bucket,
        rows,
        keys=[key_hash(one) for one in requests],
        contents=[content_hash(one) for one in requests],
    )
    reasons = [(draft.row.id, draft.request.staff, draft.request.reason) for draft in drafts]
    await store.put_reasons(connection, bucket, reasons)
    held = [
        (draft.row.id + place, part.share.account)
        for draft in drafts
        for place, part in enumerate(draft.returns)
        if part.is_held
    ]
    if held:
        await store.put_held(connection, bucket, held)
