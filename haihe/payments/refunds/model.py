"""Refunds' words: what staff ask for, what of a payment may still be given back, where a share goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.ledger.model import AccountFlag, AccountKind

if TYPE_CHECKING:
    from haihe.payments.model import GivenBack, Payment

REASON_CHARACTERS_MAX: Final = 200
ALONE_FEN_MAX: Final = 500_00
"""So much of one payment a member of staff gives back alone, all refunds of it together; placeholder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A member of staff wants to give back `amount` fen of a payment of their organisation; None is all that is left.

    `bucket` is the payment's, `key` the idempotency key, which belongs to the organisation.
    """

    payment: int
    bucket: int
    organisation: int
    staff: int
    key: str
    reason: str
    amount: int | None = None
    alone_max: int | None = None
    """How many fen of one payment somebody may give back without a second person; None where two have decided, or the city itself."""


@dataclass(frozen=True, slots=True)
class PaidShare:
    """A share of a payment as the ledger has it: the transfer that took it, its account, fen, and what of it is left to give back.

    `fund` is the fund behind a purse, 0 none; the flags are those of account and fund now.
    """

    transfer: int
    account: int
    kind: AccountKind
    flags: AccountFlag
    amount: int
    rest: int
    fund: int
    fund_flags: AccountFlag


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment with its shares; `balance` of its refundable account in fen, None before the first refund."""

    payment: Payment
    shares: Sequence[PaidShare]
    balance: int | None

    @property
    def rest(self) -> int:
        """Tell what may still be given back, in fen."""
        return sum(share.rest for share in self.shares)


@dataclass(frozen=True, slots=True)
class Return:
    """A part of a refund: of which share, how many fen, to which account."""

    share: PaidShare
    amount: int
    account: int

    @property
    def is_held(self) -> bool:
        """Tell whether it waits, because its account takes nothing now."""
        return self.account not in {self.share.account, self.share.fund}


@dataclass(frozen=True, slots=True)
class Rest:
    """What became of a payment: its refunds, oldest first, and what may still be given back."""

    refunds: Sequence[GivenBack]
    left: int
