"""What others may do with the ledger: open accounts, post, read balances."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from haihe.base.clock import service_day
from haihe.base.errors import BrokenInvariantError
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.ledger import store
from haihe.ledger.model import (
    NO_FLAGS,
    POSTING_LEGS_MAX,
    POSTINGS_MAX,
    AccountFlag,
    Batch,
    Phase,
    Posted,
    Result,
)
from haihe.ledger.store import balances, bucket_count, lock, rooms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from haihe.base.database import Connection
    from haihe.ledger.model import Leg, NewAccount, Posting, TurnoverLimits

__all__ = ["balances", "bucket_count", "classify", "lock", "open_accounts", "post", "rooms", "set_flags", "set_limits"]

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""When a hold ends that has no end."""
T = TypeVar("T")


async def open_accounts(connection: Connection, bucket: int, accounts: Sequence[NewAccount]) -> None:
    """Open accounts in a bucket; those that exist already are left as they are.

    Raises `BrokenInvariantError` when an id exists with another kind, owner or currency.
    """
    if accounts and await store.open_accounts(connection, bucket, accounts) != len(
        {account.id for account in accounts}
    ):
        message = f"an account of bucket {bucket} exists with other properties"
        raise BrokenInvariantError(message)


async def set_flags(
    connection: Connection,
    bucket: int,
    account: int,
    *,
    add: AccountFlag = NO_FLAGS,
    remove: AccountFlag = NO_FLAGS,
) -> AccountFlag:
    """Freeze, release or close an account, under the bucket's lock; answers its flags."""
    settled = await store.set_flags(connection, bucket, account, add=add, remove=remove)
    if settled is None:
        message = f"account {account} of bucket {bucket} does not exist"
        raise BrokenInvariantError(message)
    return AccountFlag(settled)


async def classify(connection: Connection, bucket: int, account: int, limit_class: int) -> None:
    """Give an account the turnover limits of another class, under the bucket's lock; what it has turned over counts on."""
    if not await store.classify(connection, bucket, account, limit_class):
        message = f"account {account} of bucket {bucket} does not exist"
        raise BrokenInvariantError(message)


async def set_limits(connection: Connection, limits: TurnoverLimits, *, since: date) -> None:
    """Set the turnover limits of a class from a booking day on, in every bucket. Raises `ValueError` for a day that is behind a bucket."""
    if not await store.set_limits(connection, limits, since=since):
        message = f"limits cannot change from {since} on: a bucket has that day behind it"
        raise ValueError(message)


async def post(
    connection: Connection, bucket: int, postings: Sequence[Posting], *, now: datetime, remember: bool = True
) -> Batch:
    """Post a list, in order, inside the caller's transaction: each posting all or none, each with its own result.

    Known ids are answered from storage. A refused id is remembered if `remember`; malformed and too old ones leave no trace.
    A subject must be one of its posting's accounts. The bucket stays locked until the caller's transaction ends.
    """
    if len(postings) > POSTINGS_MAX:
        message = f"{len(postings)} postings in one batch; at most {POSTINGS_MAX}"
        raise ValueError(message)
    fresh, repeated = _sort_out(postings)
    if not fresh:
        return Batch(0, [Posted(Result.MALFORMED, 0) for _ in postings])
    number, results, balances_after = await store.post(
        connection,
        bucket,
        _columns([postings[index] for index in fresh]),
        now=now,
        booking_day=service_day(now),
        remember=remember,
    )
    posted = [Posted(Result.MALFORMED, 0)] * len(postings)
    for index, result, balance in zip(fresh, results, balances_after, strict=True):
        posted[index] = Posted(Result(result), balance)
    if repeated:
        again = await post(connection, bucket, [postings[index] for index in repeated], now=now, remember=remember)
        for index, answer in zip(repeated, again.posted, strict=True):
            posted[index] = answer
    return Batch(number, posted)


def _sort_out(postings: Sequence[Posting]) -> tuple[list[int], list[int]]:
    """Say which well-formed postings (by index) come first with their id, and which repeat one: those are asked afterwards."""
    fresh: list[int] = []
    repeated: list[int] = []
    seen: set[int] = set()
    for index, posting in enumerate(postings):
        if _malformed(posting):
            continue
        (repeated if posting.id in seen else fresh).append(index)
        seen.add(posting.id)
    return fresh, repeated


def _malformed(posting: Posting) -> bool:
    legs = posting.legs
    if posting.id <= 0 or posting.id % POSTING_LEGS_MAX or not 1 <= len(legs) <= POSTING_LEGS_MAX:
        return True
    currency = legs[0].currency
    for leg in legs:
        if leg.debit == leg.credit or leg.currency != currency:
            return True
        if leg.phase is not Phase.POST and _misheld(leg):
            return True
        if not 1 <= leg.amount <= AMOUNT_FEN_MAX and leg.phase is not Phase.RELEASE:
            return True
    return False


def _misheld(leg: Leg) -> bool:
    """Tell whether a leg holds or ends a hold in a way that makes no sense: a release says no amount, and only a hold counts."""
    if leg.phase is Phase.HOLD:
        return False
    return leg.names <= 0 or bool(leg.risk) or (leg.phase is Phase.RELEASE and leg.amount != 0)


def _columns(postings: Sequence[Posting]) -> store.Columns:
    flat = [
        (number, posting.id + place, leg)
        for number, posting in enumerate(postings, 1)
        for place, leg in enumerate(posting.legs)
    ]
    return store.Columns(
        posting=[posting.id for posting in postings],
        subject=[posting.subject for posting in postings],
        payment=[posting.payment for posting in postings],
        effective=[posting.effective for posting in postings],
        expires=_said([posting.expires or NEVER for posting in postings], NEVER),
        number=[number for number, _, _ in flat],
        id=[identity for _, identity, _ in flat],
        debit=[leg.debit for _, _, leg in flat],
        credit=[leg.credit for _, _, leg in flat],
        amount=[leg.amount for _, _, leg in flat],
        kind=[int(leg.kind) for _, _, leg in flat],
        currency=[leg.currency for _, _, leg in flat],
        names=_said([leg.names for _, _, leg in flat], 0),
        phase=_said([int(leg.phase) for _, _, leg in flat], 0),
        risk=_said([int(leg.risk) for _, _, leg in flat], 0),
    )


def _said(values: list[T], nothing: T) -> list[T]:
    """Give nothing at all where every element says nothing."""
    return [] if values.count(nothing) == len(values) else values
