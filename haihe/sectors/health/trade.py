"""Clinic bills as a kind of thing that is paid: the fund bears its share, then the patient's personal account, then the wallet."""

from __future__ import annotations

from dataclasses import replace

from haihe.base.i18n import N_
from haihe.payments.dues.model import Due
from haihe.payments.dues.service import Dues
from haihe.payments.dues.trade import DueTrade
from haihe.payments.model import Contribution, Offer
from haihe.sectors.health.model import FUND, KIND, NUMBER, PATIENT_STANDING
from haihe.sectors.health.telling import ICON, read_body, tell
from haihe.wallet.purses.service import Purses


def clinic_trade(dues: Dues, purses: Purses) -> DueTrade:
    """Make the trade of clinic bills."""

    async def shape(due: Due, offer: Offer) -> Offer:
        """Add the fund's share, and say where the patient pays: the personal account is nobody else's."""
        fund = read_body(due).fund
        shares = (Contribution(purses.fund(FUND).id, fund),) if fund else ()
        standing = (PATIENT_STANDING,) if offer.scan.payer == due.subject else ()
        return replace(offer, contributions=shares, standing=standing)

    return DueTrade(KIND, NUMBER, ICON, N_("Health"), dues, tell, shape, is_shareable=True)
