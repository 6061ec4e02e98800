"""Who pays what of a payment: fixed contributions first, then the payer's purses in their order, then the wallet.

The balances are read under the bucket's lock, in which they cannot change, and reckoned on within a batch; the ledger has the last
word all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from haihe.base.errors import BrokenInvariantError
from haihe.ledger.model import AccountFlag
from haihe.payments.model import Refused, Share, Source, Status

if TYPE_CHECKING:
    from haihe.payments.model import Offer
    from haihe.wallet.purse_model import Holdings

_BARRED: Final = AccountFlag.FROZEN | AccountFlag.CLOSED
_STATUS_OF_FLAG: Final = {AccountFlag.FROZEN: Status.ACCOUNT_FROZEN, AccountFlag.CLOSED: Status.ACCOUNT_CLOSED}


def divide(offer: Offer, holdings: Holdings) -> tuple[Share, ...] | Refused:
    """Divide an offer over its sources, each above zero, all together its amount; the wallet's share may be more than it holds.

    What funds give is taken off `holdings`, so that a batch never promises it twice; a payer stands in a batch only once.
    A frozen or closed wallet refuses also what a purse alone would pay.
    """
    payer = offer.scan.payer
    barred = holdings.flags.get(payer, AccountFlag.CLOSED) & _BARRED
    if barred:
        return Refused(_STATUS_OF_FLAG[AccountFlag.FROZEN if barred & AccountFlag.FROZEN else AccountFlag.CLOSED])
    for one in offer.contributions:
        if holdings.amounts.get(one.fund, 0) < one.amount or holdings.flags[one.fund] & _BARRED:
            return Refused(Status.SPONSOR_UNAVAILABLE)
    for one in offer.contributions:
        holdings.amounts[one.fund] -= one.amount
    shares = [Share(one.fund, one.amount, Source.FUND) for one in offer.contributions if one.amount]
    rest = offer.amount - sum(one.amount for one in offer.contributions)
    if rest < 0:
        raise BrokenInvariantError("others contribute more than is owed")
    for scheme in offer.purses:
        purse = holdings.purses.get((payer, scheme))
        part = min(rest, purse.amount) if purse and not purse.flags & _BARRED else 0
        if purse and part > 0:
            shares.append(Share(purse.account, part, Source.PURSE, scheme))
            rest -= part
    if rest:
        shares.append(Share(payer, rest, Source.BALANCE))
    return tuple(shares)


def own_part(shares: tuple[Share, ...]) -> int:
    """Give what leaves the payer's wallet, in fen."""
    return sum(share.amount for share in shares if share.source is Source.BALANCE)
