"""`haihe import benefits`: schemes and campaigns from a file, with their budgets and the citizens that they are for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from haihe.base.home import Home
from haihe.base.settings import Settings
from haihe.ops.access import Access, open_city
from haihe.ops.city import City
from haihe.ops.offices import Offices, open_offices
from haihe.ops.terminal import say
from haihe.wallet.purses.loading import (
    CampaignData,
    check_owners,
    found_campaigns,
    found_these_schemes,
    read_campaigns,
    read_schemes,
)
from haihe.wallet.purses.rules import TermsFaultyError


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many schemes and campaigns a file has, how many citizens it names, and how many of those the city does not know."""

    schemes: int
    campaigns: int
    citizens: int
    unknown: int


def import_benefits(
    settings: Settings, city: City, path: Path, have_city: Callable[[Settings, Access, City], None]
) -> Loaded:
    """Load a file into the city of these settings, whether it runs or not; `have_city` founds it if it never ran. Raises `TermsFaultyError`, `msgspec.DecodeError`, `OSError`."""
    written = path.read_bytes()
    home = Home(settings.home).create()

    async def load(app_dsn: str) -> Loaded:
        async with open_offices(
            app_dsn, secrets=home.secrets(), base_url=settings.base_url, sectors=city.sectors
        ) as offices:
            return await load_benefits(offices, written)

    with open_city(settings, say=say) as access:
        have_city(settings, access, city)
        return asyncio.run(load(access.app_dsn))


async def load_benefits(offices: Offices, written: bytes) -> Loaded:
    """Load what a file says; twice changes nothing. Raises `TermsFaultyError` before anything is stored."""
    schemes, campaigns = read_schemes(written), read_campaigns(written)
    sponsors = {one.key: one.id for one in offices.organisations.everyone()}
    if missing := sorted(({one.sponsor for one in schemes} | {one.sponsor for one in campaigns}) - sponsors.keys()):
        raise TermsFaultyError(f"there is no organisation {missing[0]!r}")
    purses, now = offices.ground.purses, offices.base.clock.now()
    check_owners(purses.directory, schemes, campaigns, sponsors)
    await found_these_schemes(purses, schemes, sponsors, effective=now)
    made = await found_campaigns(purses, campaigns, sponsors, effective=now)
    citizens = unknown = 0
    for data, campaign in made:
        found = await _members(offices, data)
        await purses.enrol(campaign, found)
        citizens, unknown = citizens + len(found), unknown + len(set(data.members)) - len(found)
    return Loaded(len(schemes), len(campaigns), citizens, unknown)


async def _members(offices: Offices, data: CampaignData) -> dict[int, int]:
    """Give the bucket of each citizen whom a campaign names by phone or ID number; whoever is not registered is left out."""
    found = [await offices.ground.people.find(number) for number in dict.fromkeys(data.members)]
    return {citizen.id: citizen.bucket for citizen in found if citizen is not None}
