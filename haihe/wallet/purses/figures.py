"""What sponsors see of their schemes and campaigns, live: sums over what is stored, nothing kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haihe.wallet.purses import figures_store as store
from haihe.wallet.purses.figures_store import Granted, Use
from haihe.wallet.purses.model import Campaign, Fund, Scheme, in_force
from haihe.wallet.purses.service import Purses
from haihe.wallet.purses.terms import CampaignTerms, SchemeTerms


@dataclass(frozen=True, slots=True)
class SchemeFigures:
    """A scheme: what was granted by period, what of it was used, is in purses and lapsed; what its fund still has. All in fen."""

    scheme: Scheme
    terms: SchemeTerms
    fund_left: int
    in_purses: int
    used: Use
    periods: Sequence[Granted]

    @property
    def granted(self) -> int:
        """What was granted in all."""
        return sum(one.amount for one in self.periods)

    @property
    def lapsed(self) -> int:
        """What went back to the sponsor because its time was over."""
        return sum(one.lapsed for one in self.periods)


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """A campaign: its budget as it was paid in, what of it was used and is left, in fen; for how many it is, 0 for everybody."""

    campaign: Campaign
    fund: Fund
    terms: CampaignTerms
    budget: int
    left: int
    used: Use
    members: int


async def of_sponsor(purses: Purses, organisation: int) -> tuple[list[SchemeFigures], list[CampaignFigures]]:
    """Sum up an organisation's schemes and campaigns."""
    directory = purses.directory
    schemes = purses.schemes_of(organisation)
    campaigns = [one for one in directory.campaigns.values() if directory.funds[one.id].organisation == organisation]
    numbers, funds = [one.id for one in schemes], [one.id for one in campaigns] + [one.fund for one in schemes]
    async with purses.database.connection() as connection:
        budget, left = await store.paid_in(connection, funds), await store.left(connection, funds)
        granted, in_purses = await store.granted(connection, numbers), await store.in_purses(connection, numbers)
        used = await store.used(connection, [*numbers, *(one.id for one in campaigns)])
    return [
        SchemeFigures(
            scheme=one,
            terms=purses.terms(one.id),
            fund_left=left.get(one.fund, 0),
            in_purses=in_purses.get(one.id, 0),
            used=used.get(one.id, Use()),
            periods=[period for period in granted if period.scheme == one.id],
        )
        for one in schemes
    ], [
        CampaignFigures(
            campaign=one,
            fund=directory.funds[one.id],
            terms=terms,
            budget=budget.get(one.id, 0),
            left=left.get(one.id, 0),
            used=used.get(one.id, Use()),
            members=len(directory.members.get(one.id, ())),
        )
        for one in campaigns
        if (terms := in_force(directory.campaign_terms.get(one.id, ()), purses.clock.now()))
    ]
