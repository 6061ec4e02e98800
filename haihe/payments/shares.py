"""Who pays what of a payment: fixed contributions, a campaign's discount, the payer's purses in their order, then the wallet.

The balances are read under the bucket's lock, in which they cannot change, and reckoned on within a batch; the ledger has the last
word all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from haihe.base.errors import BrokenInvariantError
from haihe.ledger.model import AccountFlag
from haihe.payments.model import Refused, Share, Source, Status
from haihe.wallet.purses.model import UNUSED
from haihe.wallet.purses.rules import discount_of, room

if TYPE_CHECKING:
    from haihe.payments.model import Offer
    from haihe.wallet.purses.model import Accepted, Applicable, Holdings, Purse

_BARRED: Final = AccountFlag.FROZEN | AccountFlag.CLOSED
_STATUS_OF_FLAG: Final = {AccountFlag.FROZEN: Status.ACCOUNT_FROZEN, AccountFlag.CLOSED: Status.ACCOUNT_CLOSED}


def divide(offer: Offer, holdings: Holdings, own_max: int | None = None) -> tuple[Share, ...] | Refused:
    """Divide an offer over its sources, each above zero, all together its amount; the wallet's share may be more than it holds.

    Refuses when that share is above `own_max`. What funds give is taken off `holdings`, so that a batch never promises it twice; a
    payer stands in a batch only once. A frozen or closed wallet refuses also what a purse alone would pay.
    """
    refused = _refusal(offer, holdings)
    if refused is not None:
        return refused
    shares = _sponsors_shares(offer, holdings)
    rest = offer.amount - sum(share.amount for share in shares)
    for purse, left in _purses(offer, holdings):
        part = min(rest, left)
        if part > 0:
            shares.append(Share(purse.account, part, Source.PURSE, purse.scheme))
            rest -= part
    if own_max is not None and rest > own_max:
        return Refused(Status.PRICE_CHANGED)
    if rest:
        shares.append(Share(offer.scan.payer, rest, Source.BALANCE))
    if rest <= holdings.amounts.get(
        offer.scan.payer, 0
    ):  # else the ledger refuses it, and the next one may have the discount
        for share in shares:
            if share.source is Source.FUND:
                holdings.amounts[share.account] -= share.amount
    return tuple(shares)


def _refusal(offer: Offer, holdings: Holdings) -> Refused | None:
    """Say why nothing can be paid: a barred wallet, or a sponsor without the money for a fixed share."""
    barred = holdings.flags.get(offer.scan.payer, AccountFlag.CLOSED) & _BARRED
    if barred:
        return Refused(_STATUS_OF_FLAG[AccountFlag.FROZEN if barred & AccountFlag.FROZEN else AccountFlag.CLOSED])
    for one in offer.contributions:
        if holdings.amounts.get(one.fund, 0) < one.amount or holdings.flags[one.fund] & _BARRED:
            return Refused(Status.SPONSOR_UNAVAILABLE)
    if sum(one.amount for one in offer.contributions) > offer.amount:
        raise BrokenInvariantError("others contribute more than is owed")
    return None


def _sponsors_shares(offer: Offer, holdings: Holdings) -> list[Share]:
    """Give the fixed contributions, and the discount of a campaign on what is left."""
    shares = [Share(one.fund, one.amount, Source.FUND) for one in offer.contributions if one.amount]
    discount = best_discount(offer, holdings, offer.amount - sum(share.amount for share in shares))
    return shares if discount is None else [*shares, discount]


def best_discount(offer: Offer, holdings: Holdings, rest: int) -> Share | None:
    """Choose the campaign that bears most of what is left to pay; of equal ones the oldest. None where none bears anything.

    A discount is cut to what the citizen's caps leave. The budget gives it whole or not at all.
    """
    found = [
        (amount, campaign.id)
        for campaign in offer.campaigns
        if (amount := _discount(campaign, holdings, offer.scan.payer, rest))
    ]
    if not found:
        return None
    amount, campaign = max(found, key=lambda one: (one[0], -one[1]))
    return Share(campaign, amount, Source.FUND)


def _discount(campaign: Applicable, holdings: Holdings, payer: int, rest: int) -> int:
    wished = discount_of(campaign.terms.discount, rest)
    left = room(campaign.terms.caps, holdings.used.get((payer, campaign.id), UNUSED))
    amount = wished if left is None else min(wished, left)
    is_open = not holdings.flags.get(campaign.id, AccountFlag.CLOSED) & _BARRED
    return amount if is_open and amount <= holdings.amounts.get(campaign.id, 0) else 0


def _purses(offer: Offer, holdings: Holdings) -> list[tuple[Purse, int]]:
    """Give the payer's purses in the order of their use, each with what it may give: by rank, then those that lapse sooner."""
    payer = offer.scan.payer
    found = [
        (accepted, purse)
        for accepted in offer.purses
        if (purse := holdings.purses.get((payer, accepted.scheme))) and not purse.flags & _BARRED
    ]
    found.sort(key=lambda pair: _order(*pair))
    return [(purse, _left(accepted, purse, holdings)) for accepted, purse in found]


def _order(accepted: Accepted, purse: Purse) -> tuple[int, bool, float, int]:
    lapses = purse.lapses_at
    return accepted.rank, lapses is None, lapses.timestamp() if lapses else 0, accepted.scheme


def _left(accepted: Accepted, purse: Purse, holdings: Holdings) -> int:
    left = room(accepted.caps, holdings.used.get((purse.citizen, accepted.scheme), UNUSED))
    return purse.amount if left is None else min(purse.amount, left)


def own_part(shares: tuple[Share, ...]) -> int:
    """Give what leaves the payer's wallet, in fen."""
    return sum(share.amount for share in shares if share.source is Source.BALANCE)
