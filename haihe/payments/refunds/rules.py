"""Refund rules without any I/O: how an amount is divided over the shares, and to which account each part goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from haihe.ledger.model import AccountFlag, AccountKind, SystemAccount
from haihe.payments.refunds.model import PaidShare, Return

ACCOUNT_PLACE: Final = 8
"""A payment's refundable account has the payment's id plus this.

Ids that the city makes are multiples of 16 and the system accounts' are smaller than 16, so no other account can have it.
"""
_BARRED: Final = AccountFlag.FROZEN | AccountFlag.CLOSED


def refundable_account(payment: int) -> int:
    """Name the account that says how much of a payment may still be given back."""
    return payment + ACCOUNT_PLACE


def divide_refund(amount: int, rests: Sequence[int]) -> list[int]:
    """Divide an amount over the shares' rests, in proportion, by largest remainder; ties go to the earlier share.

    Every share first gets the whole fen of its proportion; the fen that are left go, one each, to the shares with the largest
    fractions. All in fen. The parts add up to `amount` and none is above its rest, for 0 <= amount <= the sum of the rests; so when
    all is given back, nothing is left anywhere. Raises `ValueError` for any other amount.
    """
    total = sum(rests)
    if not 0 <= amount <= total:
        message = f"{amount} cannot be divided over {total}"
        raise ValueError(message)
    if not amount:
        return [0] * len(rests)
    parts = [amount * rest // total for rest in rests]
    by_fraction = sorted(range(len(rests)), key=lambda place: -(amount * rests[place] % total))
    for place in by_fraction[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def returns(amount: int, shares: Sequence[PaidShare]) -> list[Return]:
    """Say which part of a refund goes to which account; shares that get nothing are left out."""
    parts = divide_refund(amount, [share.rest for share in shares])
    return [Return(share, part, way_back(share)) for share, part in zip(shares, parts, strict=True) if part]


def way_back(share: PaidShare) -> int:
    """Choose the account for a share: where it came from; a closed purse's money goes to the fund behind it.

    An account that takes nothing (a frozen one, a closed wallet) gets its money later: until then refunds in flight hold it.
    """
    if not share.flags & _BARRED:
        return share.account
    is_closed_purse = share.kind is AccountKind.PURSE and share.flags & AccountFlag.CLOSED
    if is_closed_purse and share.fund and not share.fund_flags & _BARRED:
        return share.fund
    return int(SystemAccount.REFUNDS_IN_FLIGHT)
