"""Clinic bills as a kind of thing that is paid: the fund bears its share, then the patient's personal account, then the wallet."""

from __future__ import annotations

from dataclasses import replace

from haihe.base.i18n import N_
from haihe.payments.dues.model import Due
from haihe.payments.dues.service import Dues
from haihe.payments.dues.trade import DueTrade
from haihe.payments.model import Contribution, Offer
from haihe.sectors.health.model import ACCOUNT, FUND, KIND, NUMBER
from haihe.sectors.health.telling import ICON, read_body, tell
from haihe.wallet.purses import Purses


def clinic_trade(dues: Dues, purses: Purses) -> DueTrade:
    """Make the trade of clinic bills."""

    async def shape(due: Due, offer: Offer) -> Offer:
        """Add the fund's share, and the personal account where the patient pays: it is nobody else's."""
        fund = read_body(due).fund
        shares = (Contribution(purses.fund(FUND).id, fund),) if fund else ()
        own = (purses.scheme(ACCOUNT).id,) if offer.scan.payer == due.subject and _has_account(purses) else ()
        return replace(offer, contributions=shares, purses=own)

    return DueTrade(KIND, NUMBER, ICON, N_("Health"), dues, tell, shape)


def _has_account(purses: Purses) -> bool:
    return ACCOUNT in purses.directory.scheme_keys
